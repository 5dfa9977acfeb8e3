"""The figures of the status page, from the published file and the state of the last build."""

from __future__ import annotations

import contextlib
import json
import shlex
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from enrich.answers.freshness import judge_now, stale_projects
from enrich.answers.projects import names_of
from enrich.db import NothingPublished, Published, Rows
from enrich.project_choice import Choice
from loaders.base.paths import Locations
from loaders.base.sealed import read_file
from loaders.configuration.configured import read_configuration
from loaders.publishing.builds import last_build
from loaders.publishing.own_verdicts import faults_of_rules
from loaders.publishing.published_versions import current_version, kept_versions, note_of
from loaders.sources.crawl.excludes import CHECKS

# Several questions need this view, which takes long; `health` keeps its answer.
_PREPARE = "create temp table health as select * from health_now where {chosen}"
_QUESTIONS = {
    "kinds": (
        "select kind, count(*) from health where index_state <> 'gone' "
        "group by kind order by 2 desc, 1"
    ),
    # The same projects as in the metrics: rules do not judge loose files.
    "index": (
        "select index_state, count(*) from health where kind <> 'loose_files' "
        "group by index_state order by 2 desc, 1"
    ),
    "sizes": (
        "select sum(file_count), sum(line_count), sum(size_bytes), max(last_crawled_at) "
        "from health where index_state <> 'gone'"
    ),
    "roots": "select distinct root_path from health where root_path is not null order by 1",
    "grades": (
        "select coalesce(health_grade, '?'), count(*) from health "
        "where index_state <> 'gone' group by 1"
    ),
    "worst": (
        "select project_path, health_grade, health_score, open_gap_count, worst_gap_type, title "
        "from health left join (select gap_type as worst_gap_type, title from v_rules) as rules "
        "using (worst_gap_type) where health_grade not in ('A', 'B') "
        "order by health_score, project_path limit 5"
    ),
    "coverage": (
        "select scan_source, sum(files_scanned), sum(files_eligible) "
        "from coverage_now semi join (select project_id from health "
        "where kind <> 'loose_files' and index_state <> 'gone') using (project_id) "
        "group by 1 order by 1"
    ),
    "classified": "select count(*) from v_collector_projects where {chosen}",
    "collectors": (
        "select count(*), sum(collector_files) from v_collector_projects "
        "where collector_files > 0 and {chosen}"
    ),
    "gaps": (
        "select severity, count(*) from v_gap_backlog where status = 'open' and {chosen} "
        "group by 1 "
        "order by list_position(['critical', 'high', 'medium', 'low'], severity)"
    ),
    "waived": "select count(*) from v_gap_backlog where status = 'waived' and {chosen}",
    "rejected": "select table_name, sum(row_count) from v_rejects group by 1 order by 2 desc, 1",
    "warnings": (
        "select cast(coalesce(sum(error_count), 0) as bigint) from (select error_count"
        " from ingest_runs"
        " qualify row_number() over (partition by action order by run_seq desc) = 1)"
    ),
    "actions": "select * from v_next_actions where {chosen} order by rank",
    "metrics": (
        "select metric, value, change, numerator, denominator from v_success_metrics "
        "qualify row_number() over (partition by metric order by week_start desc) = 1 "
        "order by metric"
    ),
    "months": (
        "select strftime(month_start, '%Y-%m'), sum(numerator), sum(denominator) from ("
        "select * from v_success_metrics where starts_with(metric, 'coverage_ratio') "
        "qualify row_number() over (partition by metric, month_start order by week_start desc) = 1"
        ") group by 1 order by 1 desc limit 3"
    ),
}


# They are only known of the whole workspace.
_OF_ALL = ("rejected", "metrics", "months")
_EVERYTHING = Choice()


@dataclass
class Facts:
    """Everything on the status page. `answers` omits what the file cannot answer."""

    where: Locations
    is_published: bool = False
    stale_after_days: int | None = None
    stale_projects: int | None = None
    # Whether it is about some of the projects.
    is_part: bool = False
    answers: dict[str, Rows] = field(default_factory=dict)
    # Path → name of each project.
    names: dict[str, str] = field(default_factory=dict)
    version: dict[str, Any] = field(default_factory=dict)
    build: dict[str, Any] | None = None
    repairs: list[tuple[str, str]] = field(default_factory=list)
    # A line for each row or file of the configuration that does not count.
    faults: list[str] = field(default_factory=list)

    @property
    def is_stale(self) -> bool | None:
        """Whether a project is stale now; None if that is not known."""
        return None if self.stale_projects is None else self.stale_projects > 0

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        return self.answers[question].rows if question in self.answers else []


def gather(where: Locations, choice: Choice = _EVERYTHING) -> Facts:
    """Read everything about the projects of *choice* once.

    Raises duckdb.Error if the published file is not a DuckDB file, Refusal if no project is meant.
    """
    import duckdb

    facts = Facts(where, is_part=not choice.is_everything)
    facts.build = last_build(where)
    facts.faults = faults_of_configuration(where)
    facts.repairs = _repairs(where, (facts.build or {}).get("left_out", []))
    with contextlib.suppress(NothingPublished), Published(where.published) as published:
        published.query("select 1")
        facts.is_published = True
        facts.version = _version(where)
        facts.stale_after_days = judge_now(published)
        with contextlib.suppress(duckdb.CatalogException, duckdb.BinderException):
            facts.names = names_of(published)
        chosen = choice.condition(published)
        with contextlib.suppress(duckdb.CatalogException, duckdb.BinderException):
            facts.stale_projects = stale_projects(published, chosen)
        for question, sql in {"": _PREPARE, **_QUESTIONS}.items():
            if facts.is_part and question in _OF_ALL:
                continue
            # An older file may not have a view; the page reports that and continues.
            with contextlib.suppress(duckdb.CatalogException, duckdb.BinderException):
                facts.answers[question] = published.query(sql.format(chosen=chosen))
    return facts


def faults_of_configuration(where: Locations) -> list[str]:
    """Return a line for each row, file and own rule of the configuration that does not count."""
    faults = [str(problem) for problem in read_configuration(CHECKS).problems]
    return faults + faults_of_rules(where.build_database.parent)


def _version(where: Locations) -> dict[str, Any]:
    """Return the note of the published version: number, time; only the time if it is not kept."""
    published = where.published.stat()
    note: dict[str, Any] = {
        "published_at": datetime.fromtimestamp(published.st_mtime, UTC).isoformat(
            timespec="seconds"
        )
    }
    if kept := current_version(where):
        with contextlib.suppress(OSError, ValueError):
            note |= json.loads(read_file(note_of(kept)))
        note["is_newest"] = int(kept.stem) == max(kept_versions(where))
    return note


def _repairs(where: Locations, damaged: list[str]) -> list[tuple[str, str]]:
    """Return damaged landed files, each with the command that lands it again.

    The command is empty if only a backup can restore the file.
    """
    found = []
    for path in damaged:
        note: dict[str, Any] = {}
        with contextlib.suppress(OSError, ValueError):
            note = json.loads(read_file(Path(path).parent / "started.json"))
        action, is_crawled = note.get("action"), Path(path).name.startswith("crawl_")
        if is_crawled and action in ("crawl", "compact"):
            command = shlex.join(["enrich", "refresh-meta", *note["scope"]])
        else:
            # An observation of a build cannot be repeated later.
            command = "" if action in ("observe", "compact") else shlex.join(note.get("argv", []))
        found.append((path, command))
    return found


def failure_names(build: dict[str, Any]) -> list[str]:
    """Return the short names of failed nodes: `test.meta_collector.unique_x.1f2e` is unique_x."""
    return [
        name.split(".")[2] if name.count(".") >= 2 else name for name in build.get("failures", [])
    ]
