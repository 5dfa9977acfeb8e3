"""A small published file with the columns of the contract, made without dbt."""

from __future__ import annotations

import atexit
import json
import re
import shutil
import tempfile
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result
from code_fixtures import code_rows
from contract_layers import committed
from report_fixtures import report_rows

from enrich.cli import main
from enrich.commands.operate import build_process
from loaders.base.paths import locations

# Everything in a name that a terminal, a spreadsheet or our markup might interpret.
HOSTILE = "=cmd()\x1b[31m[red]\x07\n\u202e\x9b\x7f"
# The characters of it that must not be printed.
OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")
FORMULA = re.compile(r"\s*[=+@]|\s*-(?!\d+(\.\d+)?$)")
JQ, FZF, TWIN, EVIL = ("a" * 31 + digit for digit in "1234")
GAP, WAIVED, EVIL_GAP = ("c" * 31 + digit for digit in "567")
RESOLVED = "d" * 32
NEWEST = datetime(2026, 3, 1, 12)
EVIDENCE = {
    "identical_files": 1200,
    "min_identical_files": 3,
    "copies": [HOSTILE, *"abcdef"],
    "largest": [{"file": "x.c", "line_count": 7}],
    "is_drifted": False,
    "note": None,
}
PROJECTS = (
    {
        "project_id": JQ,
        "project_path": "/w/jq",
        "project_name": "jq",
        "health_score": 91.2,
        "health_grade": "A",
    },
    {
        "project_id": FZF,
        "project_path": "/w/deep/fzf",
        "project_name": "fzf",
        "health_score": 41.0,
        "health_grade": "D",
    },
    {"project_id": TWIN, "project_path": "/w/old/fzf", "project_name": "fzf"},
    {
        "project_id": EVIL,
        "project_path": f"/w/{HOSTILE}",
        "project_name": HOSTILE,
        "remote_url": HOSTILE,
    },
)


def make_file(path: Path, rows: dict[str, list[dict[str, Any]]] | None = None) -> Path:
    """Make a published file at *path* with *rows* (default: the sample)."""
    if rows is None:
        return Path(shutil.copy(sample_file(), path))
    with duckdb.connect(str(path)) as db:
        # A published file is recognised by this table and the views.
        db.execute(
            "create schema internal;"
            "create table internal.as_of as select timestamp '2026-03-01' as as_of"
        )
        for name, columns in committed().items():
            db.execute(
                f"create table {name} ({', '.join(f'{column} {kind}' for column, kind in columns)})"
            )
        for name, table in rows.items():
            for row in table:
                db.execute(
                    f"insert into {name} ({', '.join(row)}) values ({', '.join('?' for _ in row)})",
                    list(row.values()),
                )
    return path


@cache
def sample_file() -> Path:
    folder = tempfile.TemporaryDirectory(prefix="enrich")
    atexit.register(folder.cleanup)
    return make_file(Path(folder.name) / "sample.duckdb", sample())


def sample() -> dict[str, list[dict[str, Any]]]:
    """Return a workspace of four projects, one of them hostile, with findings and actions."""
    health = [
        {
            "kind": "repository",
            "index_state": "fresh",
            "last_scanned_at": NEWEST,
            "root_path": "/w",
            "file_count": 12,
            "size_bytes": -5,
        }
        | project
        for project in PROJECTS
    ]
    found = [
        {"status": "open", "age_days": 3} | gap
        for gap in (
            _gap(GAP, JQ, "/w/jq", "/w/jq/vendor/copy", "high")
            | {"evidence": json.dumps(EVIDENCE), "source_run_id": "r1"},
            _gap(WAIVED, FZF, "/w/deep/fzf", "crawl", "low")
            | {"status": "waived", "waiver_reason": "planned"},
            _gap(EVIL_GAP, EVIL, f"/w/{HOSTILE}", f"/w/{HOSTILE}/x" + "é" * 90, "critical"),
        )
    ]
    return {
        "technology_patterns": [{"technology_name": "pytest"}],
        "v_project_health": health,
        "projects": [
            {
                "is_gone": False,
                **{name: project[name] for name in ("project_id", "project_path", "project_name")},
            }
            for project in PROJECTS
        ],
        "project_aliases": [
            {
                "project_id": JQ,
                "project_path": "/w/jq",
                "alias_path": alias,
                "moved_at": NEWEST,
            }
            for alias in ("/w/before/jqlang", "/w/deep/fzf")
        ],
        "v_index_coverage": [
            {
                "project_id": JQ,
                "scan_source": "crawl",
                "files_scanned": 12,
                "files_eligible": 12,
                "is_fresh": True,
                "last_scanned_at": NEWEST,
            }
        ],
        "v_gap_backlog": found,
        "gap_findings": [*found, _resolved()],
        "v_verdicts": [
            {"finding_id": GAP, "verdict": "fail", "reason": HOSTILE, "facts_at": NEWEST},
            {"finding_id": EVIL_GAP, "verdict": "unknown"},
        ],
        "v_gap_history": [
            _gap(EVIL_GAP, EVIL, f"/w/{HOSTILE}", f"/w/{HOSTILE}/x", "critical")
            | {"kind": HOSTILE, "cause": "world", "event_number": 1},
            *(
                _gap(GAP, JQ, "/w/jq", "/w/jq/vendor/copy", "high")
                | {"kind": kind, "cause": cause, "event_number": number}
                for number, (kind, cause) in enumerate(
                    (("opened", "world"), ("closed", "rule_changed"), ("reopened", "world")), 1
                )
            ),
        ],
        "v_changes": [
            _change("1", "finding_opened", EVIL, f"/w/{HOSTILE}", HOSTILE, HOSTILE)
            | {"severity": "critical", "recorded_run_id": "r1"},
            _change("2", "project_renamed", JQ, "/w/jq", "jq", "Renamed from jqlang to jq"),
            *(
                _change(f"3{name}", "tag_created", JQ, "/w/jq", "jq", f"Tag {name} made")
                | {"subject": name}
                for name in ("v1", "v2", "v3", "v4", "v5", "v6", "v7")
            ),
        ],
        "v_rules": [_rule(), _stale_rule()],
        "v_waivers": [
            {
                "waiver_id": "w1",
                "gap_type": "*",
                "subject_pattern": HOSTILE,
                "owner": HOSTILE,
                "covered_findings": 1,
            }
        ],
        "v_next_actions": [
            _action(1, "Test the largest file of jq", JQ),
            _action(2, HOSTILE, EVIL),
        ],
        "action_queue": [
            _action(1, "Test the largest file of jq", JQ) | {"finding_ids": json.dumps([GAP])}
        ],
        "project_dependencies": [
            _need(EVIL, f"/w/{HOSTILE}", JQ, "/w/jq") | {"match_reason": "name"},
            _need(EVIL, f"/w/{HOSTILE}", None, None)
            | {"specifier": HOSTILE, "dependency_name": HOSTILE},
        ],
        **_history(),
        **code_rows(
            {"project_id": JQ, "project_path": "/w/jq"},
            {"project_id": EVIL, "project_path": f"/w/{HOSTILE}"},
            HOSTILE,
        ),
        **report_rows(
            {"project_id": JQ, "project_path": "/w/jq"},
            {"project_id": EVIL, "project_path": f"/w/{HOSTILE}"},
            HOSTILE,
        ),
        "project_dependants": [
            _dependant(JQ, EVIL, f"/w/{HOSTILE}", True),
            _dependant(EVIL, JQ, "/w/jq", False),
        ],
        "ingest_runs": [
            {
                "run_id": "r1",
                "run_seq": 1,
                "action": "crawl",
                "error_message": HOSTILE,
                "landed": -1,
            }
        ],
    }


def _history() -> dict[str, list[dict[str, Any]]]:
    """Return what the commands about history and packages read: of jq, its twin, and a hostile."""
    jq, evil = ({"project_id": JQ, "project_path": "/w/jq"},
                {"project_id": EVIL, "project_path": f"/w/{HOSTILE}"})  # fmt: skip
    deep = "src/" + "deep/" * 20 + "file.c"
    return {
        "v_hotspots": [
            {**jq, "file_path": deep, "hotspot_score": 1.0, "recent_revisions": 1234,
             "recent_authors": 3, "complexity": None, "line_count": 12345, "is_repeat": False},
            {**evil, "file_path": HOSTILE, "hotspot_score": 0.5, "is_repeat": False},
            {**jq, "file_path": "again.c", "hotspot_score": 0.4, "is_repeat": True},
        ],
        "v_ownership": [
            {**jq, "scope": "project", "subject": "", "main_author_name": HOSTILE,
             "main_author_share": 0.999, "bus_factor": 1, "author_count": 2,
             "last_changed_at": NEWEST, "basis": "lines", "is_repeat": False},
            {**jq, "scope": "file", "subject": deep, "is_repeat": False},
        ],
        "v_change_coupling": [
            {**jq, "file_path_a": deep, "file_path_b": HOSTILE, "shared_revisions": 12,
             "coupling_ratio": 1.0, "is_repeat": False},
        ],
        "v_project_lineage": [
            {"project_a_id": FZF, "project_a_path": "/w/deep/fzf", "project_b_id": TWIN,
             "project_b_path": "/w/old/fzf", "shared_commits": 1200, "commits_only_a": 3,
             "commits_only_b": 0, "relation": "a_ahead"},
        ],
        "git_refs": [
            {**jq, "ref_name": f"refs/heads/{name}", "ref_kind": "branch", "is_default": is_default,
             "ahead_count": ahead, "behind_count": 5, "commit_sha": "e" * 40, "is_remote": False}
            for name, is_default, ahead in (("main", True, 0), (HOSTILE, False, 2))
        ],
        "packages": [
            {**jq, "package_name": "libjq", "version": "1.7", "ecosystem": "python",
             "manifest_path": "pyproject.toml"},
        ],
    }  # fmt: skip


def _change(
    key: str, kind: str, project: str, path: str, name: str, sentence: str
) -> dict[str, Any]:
    return {
        "change_id": key,
        "changed_at": NEWEST,
        "change_kind": kind,
        "project_id": project,
        "project_path": path,
        "project_name": name,
        "sentence": sentence,
    }


def _resolved() -> dict[str, Any]:
    return _gap(RESOLVED, JQ, "/w/jq", "/w/jq/gone", "low") | {
        "status": "resolved",
        "resolved_at": NEWEST,
    }


def _rule() -> dict[str, Any]:
    threshold = {"threshold": "min_identical_files", "value": 3.0, "unit": "files", "note": None}
    return {
        "gap_type": "DUPLICATE_MIRROR_CONTENT",
        "title": "Directory mirrors another",
        "severity": "medium",
        "weight": 0.8,
        "rule_version": "2",
        "rationale": "Two copies drift apart.",
        "remedy": HOSTILE,
        "thresholds": json.dumps([threshold]),
        "fail_count": 3,
    }


def _stale_rule() -> dict[str, Any]:
    threshold = {"threshold": "max_age_days", "value": 14.0, "unit": "days", "note": None}
    return {
        "gap_type": "PROJECT_STALE_SCAN",
        "title": "Project not scanned recently",
        "severity": "medium",
        "thresholds": json.dumps([threshold]),
    }


def _gap(key: str, project: str, path: str, subject: str, severity: str) -> dict[str, Any]:
    return {
        "finding_id": key,
        "gap_type": "DUPLICATE_MIRROR_CONTENT",
        "severity": severity,
        "project_id": project,
        "project_path": path,
        "subject": subject,
        "impact_score": 38.7,
    }


def _need(
    project: str, path: str, provider: str | None, provider_path: str | None
) -> dict[str, Any]:
    return {
        "project_id": project,
        "project_path": path,
        "dependency_name": "libjq",
        "ecosystem": "python",
        "scope": "runtime",
        "provider_project_id": provider,
        "provider_project_path": provider_path,
        "manifest_path": HOSTILE,
        "is_copy": False,
    }


def _dependant(
    project: str, dependant: str, dependant_path: str, is_direct: bool
) -> dict[str, Any]:
    return {
        "project_id": project,
        "dependant_project_id": dependant,
        "dependant_project_path": dependant_path,
        "is_direct": is_direct,
    }


def _action(rank: int, title: str, project: str) -> dict[str, Any]:
    return {
        "rank": rank,
        "action_id": f"act{rank}",
        "title": title,
        "project_id": project,
        "priority": 57.5,
        "rationale": "Because of "
        + "many reasons that need more than one line to be seen in full, " * 3
        + title,
        "command": f"/usr/bin/wc -l -- '/w/{title}/{'long/' * 30}'",
        "status": "queued",
    }


class Workspace:
    """A published file and an empty landing zone in one folder, and the command line."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.published = folder / "meta.duckdb"
        self.landing = folder / "landing"
        monkeypatch.setenv("META_DB_PATH", str(self.published))
        monkeypatch.setenv("META_LANDING_DIR", str(self.landing))
        monkeypatch.setenv("COLUMNS", "80")
        monkeypatch.delenv("META_NOW", raising=False)

    def ask(self, *words: str) -> Result:
        """Run `enrich` with *words*; a traceback fails the test."""
        result = CliRunner().invoke(main, list(words))
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result


class PlayedDbt:
    """Replaces dbt: prints `output`, and records a build that ended with `outcome`, if any.

    `calls` has the command and environment of every build, but not of processes that never built.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.outcome = "published: version 7"
        self.output = ""
        self.calls: list[tuple[list[str], dict[str, str]]] = []
        monkeypatch.setattr(build_process, "_start", lambda *call: PlayedProcess(self, call))


class PlayedProcess:
    def __init__(self, dbt: PlayedDbt, call: tuple[list[str], dict[str, str]]) -> None:
        self.dbt, self.call = dbt, call
        self.returncode: int | None = None
        self.pid = 0

    def poll(self) -> int | None:
        return self.returncode

    def communicate(self, given: str | None = None) -> tuple[str, str]:
        self.returncode = 0
        if given is None:
            return "", ""
        self.dbt.calls.append(self.call)
        is_published = self.dbt.outcome.startswith("published")
        if self.dbt.outcome:
            state = {"outcome": self.dbt.outcome, "is_published": is_published, "failures": []}
            locations().build_state.write_text(json.dumps(state))
        self.returncode = 0 if is_published else 1
        return self.dbt.output, ""
