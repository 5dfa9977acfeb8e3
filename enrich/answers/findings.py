"""Findings: the columns of a table of them, and the query for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from enrich.db import Published, Rows
from enrich.screen import Column
from enrich.values import rounded
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


FINDING_COLUMNS = (
    Column("severity", "severity"),
    Column("rule", "gap_type", "right"),
    Column("project", project_name, "right"),
    Column("subject", subject_within, "left"),
    Column("impact", lambda row: rounded(row["impact_score"])),
    Column("age", lambda row: f"{row['age_days']} d" if row["age_days"] is not None else None),
    Column("id", lambda row: row["finding_id"][:8]),
)

THRESHOLD_COLUMNS = (
    Column("threshold", "threshold"),
    Column("value", "value"),
    Column("unit", "unit"),
    Column("meaning", lambda row: row["note"] or "", "right"),
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
    return f"select * from {relation} where {conditions} order by {_WORST_FIRST}"
