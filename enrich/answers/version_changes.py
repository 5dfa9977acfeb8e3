"""The changes since an earlier published version, or since a time."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from enrich.answers.projects import names_of
from enrich.db import Published
from enrich.options import Refusal
from loaders.base import clock
from loaders.base.paths import locations
from loaders.publishing.previous import MACRO, previous_of
from loaders.publishing.published_versions import kept_versions, note_facts

# Kind of change → one of them and several of them in words; the most important first.
KINDS = {
    "history_rewritten": ("branch rewritten", "branches rewritten"),
    "project_gone": ("project gone", "projects gone"),
    "project_new": ("new project", "new projects"),
    "project_back": ("project back", "projects back"),
    "project_moved": ("project moved", "projects moved"),
    "project_renamed": ("project renamed", "projects renamed"),
    "finding_opened": ("finding opened", "findings opened"),
    "finding_reopened": ("finding reopened", "findings reopened"),
    "finding_grown": ("finding grew", "findings grew"),
    "finding_closed": ("finding closed", "findings closed"),
    "grade_down": ("grade down", "grades down"),
    "grade_up": ("grade up", "grades up"),
    "tag_moved": ("tag moved", "tags moved"),
    "tag_created": ("tag made", "tags made"),
    "tag_deleted": ("tag deleted", "tags deleted"),
    "branch_created": ("branch created", "branches created"),
    "branch_deleted": ("branch deleted", "branches deleted"),
    "commits_added": (
        "default branch with new commits",
        "default branches with new commits",
    ),
}
# A night may bring many of these, and each says only its name.
_LISTED = ("tag_created", "tag_deleted", "branch_created")
_NAMES_SHOWN = 5
_RANK = {kind: place for place, kind in enumerate(KINDS)}
_SEVERITY_RANK = {"critical": 0, "high": 1, "medium": 2, "low": 3}
_SPAN = re.compile(r"(\d{1,5})\s*(h|hours?|d|days?|w|weeks?)", re.IGNORECASE)
_HOURS = {"h": 1, "d": 24, "w": 168}
_VERSION = re.compile(r"\d{1,7}")


@dataclasses.dataclass(frozen=True)
class Since:
    """Where a comparison begins: at a published *version*, or only at a time, *at*.

    *landed_up_to* and *recorded_run_id* say which changes that version had.
    """

    at: datetime
    version: int | None = None
    landed_up_to: int | None = None
    recorded_run_id: str | None = None

    def __str__(self) -> str:
        when = f"{self.at:%Y-%m-%d %H:%M} UTC"
        return f"version {self.version} ({when})" if self.version else when


@dataclasses.dataclass(frozen=True)
class Project:
    """The changes of one project. Without an id, they belong to a path, or to no project."""

    project_id: str | None
    path: str | None
    name: str | None
    changes: list[dict[str, Any]]
    # Its name with a part of its path if another project has that name.
    shown_name: str | None = None

    @property
    def title(self) -> str:
        return self.shown_name or self.name or self.path or "workspace"


def since(published: Published, given: str | None) -> Since | None:
    """Return where *given* begins: a version, a span such as `7 days`, or a date or time in UTC.

    If *given* is None, that is the version before the published one; None if there is none.
    Raises Refusal.
    """
    if given is None:
        return _previous(published)
    text = given.strip()
    if match := _SPAN.fullmatch(text):
        hours = int(match[1]) * _HOURS[match[2][0].lower()]
        return Since(clock.as_naive_utc(clock.now()) - timedelta(hours=hours))
    if _VERSION.fullmatch(text):
        return _of_version(published, int(text))
    try:
        return Since(clock.parse_naive_utc(text))
    except ValueError:
        raise Refusal(
            f"{given}: neither a date (2026-05-01), nor a span (7 days), nor a version (12)"
        ) from None


def _previous(published: Published) -> Since | None:
    from duckdb import CatalogException

    try:
        rows = published.query(
            f"select as_of, version, landed_up_to, recorded_run_id from {MACRO}()"
        ).rows
    except CatalogException:
        return None
    return Since(*rows[0]) if rows else None


def _of_version(published: Published, number: int) -> Since:
    where = dataclasses.replace(locations(), published=published.path)
    kept = kept_versions(where)
    if number not in kept:
        numbers = ", ".join(map(str, sorted(kept))) or "none"
        raise Refusal(f"version {number} is not kept any more; kept versions: {numbers}")
    runs = published.query("select run_id, action from ingest_runs order by run_seq").rows
    previous = previous_of(note_facts(kept[number]) or {}, runs)
    if previous is None:
        raise Refusal(
            f"{kept[number]}: it was not built from the same landing zone; give a date instead"
        )
    return Since(previous.as_of, number, previous.landed_up_to, previous.recorded_run_id)


def changes_since(published: Published, start: Since, chosen: str = "true") -> list[Project]:
    """Return the changes after *start* by project: the most important ones come first.

    *chosen* is the condition of SQL on their `project_id`.
    """
    condition = (
        "(runs.run_seq is null or (runs.run_seq > $landed_up_to"
        " and changes.recorded_run_id is distinct from $recorded_run_id))"
        if start.landed_up_to is not None
        else "changed_at >= $at"
    )
    parameters = {
        "landed_up_to": start.landed_up_to,
        "recorded_run_id": start.recorded_run_id,
        "at": start.at,
    }
    rows = published.query(
        "select changes.* from v_changes as changes"
        " left join ingest_runs as runs on runs.run_id = changes.recorded_run_id"
        f" where {condition} and {chosen}"
        " order by changed_at desc, subject, change_id",
        {name: value for name, value in parameters.items() if f"${name}" in condition},
    ).dicts()
    return _by_project(rows, names_of(published))


def _by_project(rows: Iterable[dict[str, Any]], names: Mapping[str, str]) -> list[Project]:
    projects: dict[Any, Project] = {}
    for row in rows:
        key = row["project_id"] or row["project_path"]
        path, name = row["project_path"], row["project_name"]
        new = Project(row["project_id"], path, name, [], names.get(path))
        project = projects.setdefault(key, new)
        project.changes.append(row)
    for project in projects.values():
        project.changes.sort(key=_importance)
    return sorted(projects.values(), key=lambda one: (_importance(one.changes[0]), one.path or ""))


def _importance(change: dict[str, Any]) -> tuple[int, int]:
    rank = _RANK.get(change["change_kind"], len(_RANK))
    return rank, _SEVERITY_RANK.get(change["severity"], len(_SEVERITY_RANK))


def counts(projects: Iterable[Project]) -> dict[str, int]:
    """Return kind → number of changes, the most important kind first."""
    found = Counter(change["change_kind"] for one in projects for change in one.changes)
    return {kind: found[kind] for kind in sorted(found, key=lambda kind: _RANK.get(kind, 99))}


def in_words(numbers: dict[str, int]) -> str:
    """Return the numbers of changes as a phrase, such as `1 new project, 2 findings opened`."""
    return ", ".join(
        f"{count:,} {KINDS.get(kind, (kind, kind))[count != 1]}" for kind, count in numbers.items()
    )


def lines_of(project: Project) -> Iterator[str]:
    """Yield one line per change of a project, but one for all changes of a kind in `_LISTED`."""
    listed: dict[str, list[str]] = {}
    for change in project.changes:
        if change["change_kind"] in _LISTED:
            listed.setdefault(change["change_kind"], []).append(change["subject"] or "")
    for change in project.changes:
        if change["change_kind"] not in listed:
            yield change["sentence"] or change["change_kind"]
        elif subjects := listed.pop(change["change_kind"]):
            listed[change["change_kind"]] = []
            yield _list_line(change["change_kind"], subjects)


def _list_line(kind: str, subjects: list[str]) -> str:
    more = f" and {len(subjects) - _NAMES_SHOWN:,} more" if len(subjects) > _NAMES_SHOWN else ""
    names = ", ".join(subjects[:_NAMES_SHOWN])
    return f"{len(subjects):,} {KINDS[kind][len(subjects) != 1]}: {names}{more}"
