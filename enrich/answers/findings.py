"""Findings: the columns of a table of them, and the query for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from enrich.db import Published, Rows
from enrich.screen import Column
from enrich.values import rounded
from loaders.base.figures import number
from loaders.base.paths import is_beneath

_WORST_FIRST = (
    "list_position(['critical', 'high', 'medium', 'low'], severity), impact_score desc, finding_id"
)


def subject_within(row: Mapping[str, Any]) -> str:
    """Return the subject of a finding, as a path within its project if it is one."""
    subject, project = row["subject"] or "", row["project_path"]
    if project and subject != project and is_beneath(subject, project):
        return subject[len(project.rstrip("/")) + 1 :]
    return subject


def project_name(row: Mapping[str, Any]) -> str | None:
    return (row["project_path"] or "").rpartition("/")[2] or row["project_path"]


def further_subject(row: Mapping[str, Any]) -> str | None:
    """Return the subject of a finding, None if it is the project itself."""
    if row["subject"] == row["project_path"]:
        return None
    is_source = row["scope"] == "project"
    return f"scan source: {row['subject']}" if is_source else subject_within(row)


def _title(row: Mapping[str, Any]) -> str:
    title: str = row.get("title") or row["gap_type"]
    return title


def title_in_project(row: Mapping[str, Any], shown_name: str | None = None) -> str:
    name = shown_name or project_name(row)
    return f"{name}: {_title(row)}" if name else _title(row)


def _age(row: Mapping[str, Any]) -> str | None:
    return None if row["age_days"] is None else f"{number(row['age_days'])} d"


_BELOW = (Column("", further_subject, "left"), Column("", "remedy", "wrap"))
# The findings of one project.
OWN_FINDING_COLUMNS = (
    Column("severity", "severity"),
    Column("finding, and what to do", _title, "wrap", at_least=30, below=_BELOW),
    Column("impact", lambda row: rounded(row["impact_score"])),
    Column("age", _age, justify="right"),
    Column("id", lambda row: row["finding_id"][:8]),
)
FINDING_COLUMNS = tuple(
    replace(column, value=title_in_project) if column.value is _title else column
    for column in OWN_FINDING_COLUMNS
)

THRESHOLD_COLUMNS = (
    Column("threshold", "threshold"),
    Column("value", "value"),
    Column("unit", "unit"),
    Column("meaning", lambda row: row["note"] or "", "wrap"),
)


def findings(published: Published, filters: dict[str, Any], condition: str = "true") -> Rows:
    """Return the rows of v_gap_backlog that match *filters* and *condition*, worst first.

    *filters* maps a column to a value; None matches any value. *condition* is SQL. After
    `judge_now`.
    """
    given = {name: value for name, value in filters.items() if value is not None}
    return published.query(findings_query(given, condition, "backlog_now"), given)


def findings_query(
    filters: Iterable[str], condition: str = "true", relation: str = "v_gap_backlog"
) -> str:
    """Return the query for findings; each column of *filters* is compared with its parameter."""
    conditions = " and ".join([condition, *(f"{name} = ${name}" for name in filters)])
    return (
        f"select found.*, rules.title, rules.remedy from {relation} as found"
        " left join (select gap_type, title, remedy from v_rules) as rules using (gap_type)"
        f" where {conditions} order by {_WORST_FIRST}"
    )
