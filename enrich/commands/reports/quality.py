"""`enrich quality`: what other tools found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from enrich import options, project_choice
from enrich.answers.findings import project_name
from enrich.answers.projects import names_apart, names_of
from enrich.db import Published
from enrich.project_choice import Choice
from enrich.render import write_rows
from enrich.screen import Column

_TOOLS = """
    select * from v_quality where {condition}
    order by project_path nulls last, open_count desc, tool
"""
_FINDINGS = """
    select findings.*, projects.project_path, projects.project_name
    from quality_findings as findings
    left join projects using (project_id)
    where {condition} and (status <> 'suppressed' or $1)
    order by
        status <> 'open', list_position({severities}, severity) desc nulls last,
        projects.project_path, file_path, start_line, rule_id, finding_id
"""


def _tool(row: Mapping[str, Any]) -> str:
    return row["tool"] or "(not named)"


def _paths(row: Mapping[str, Any]) -> str:
    """Return the share of paths that are files here; nothing if there are none."""
    total = row["matched_paths"] + row["ambiguous_paths"] + row["unmatched_paths"]
    return f"{row['matched_paths']} of {total}" if total else ""


def _age(row: Mapping[str, Any]) -> str | None:
    return None if row["age_days"] is None else f"{row['age_days']} d"


def _result(row: Mapping[str, Any]) -> str:
    return str(row["status"]) if row["is_measured"] else "not measured"


def _place(row: Mapping[str, Any]) -> str:
    line = "" if row["start_line"] is None else f":{row['start_line']}"
    return f"{row['file_path'] or '(no file)'}{line}"


def _state(row: Mapping[str, Any]) -> str:
    """Return what a reader has to know first: suppressed or gone, else new or unchanged."""
    return str(row["status"] if row["status"] != "open" else row["state"] or "open")


TOOL_COLUMNS = (
    Column("project", project_name, "right"),
    Column("tool", _tool, "right", at_least=10),
    Column("result", _result),
    Column("open", "open_count"),
    Column("crit", "critical_count"),
    Column("high", "high_count"),
    Column("new", "new_count"),
    Column("gone", "gone_count"),
    Column("supp", "suppressed_count"),
    Column("files here", _paths),
    Column("age", _age, justify="right"),
)
FINDING_COLUMNS = (
    Column("severity", lambda row: row["severity"] or "(none)"),
    Column("state", _state),
    Column("tool", _tool, "right", at_least=8),
    Column("rule", "rule_id", "right", at_least=8),
    Column(
        "place",
        _place,
        "left",
        at_least=16,
        below=(Column("", "message", "right"), Column("", project_name, "right")),
    ),
)


@click.command()
@project_choice.argument
@click.option("--findings", is_flag=True, help="List the findings instead of the tools.")
@click.option("--suppressed", is_flag=True, help="With --findings: list suppressed ones too.")
@options.limit_option
@options.format_option
@options.db_option
def quality(
    choice: Choice, findings: bool, suppressed: bool, limit: int | None, form: str, db: str | None
) -> None:
    """List what other tools found, by tool.

    PROJECT is a name, a path in it, or the start of its id; without it, the whole workspace. The
    newest report of each tool counts. Findings are new or gone against the report before it. Files
    here are the paths of a report that mean one file of the workspace for certain. Land reports
    with land.py reports PATH.
    """
    if suppressed and not findings:
        raise click.UsageError("--suppressed lists findings: give --findings too")
    with Published(db) as published:
        condition = "true" if choice.is_everything else choice.condition(published)
        sql = (_FINDINGS if findings else _TOOLS).format(
            condition=condition, severities=list(options.SEVERITIES)
        )
        rows = published.query(sql, [suppressed] if findings else [])
        names = names_of(published)
    columns = FINDING_COLUMNS if findings else TOOL_COLUMNS
    nothing = "no finding of another tool is here" if findings else "no report has landed"
    write_rows(rows, form, names_apart(columns, names), limit, nothing=nothing)
