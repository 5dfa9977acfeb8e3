"""`enrich coverage`: the lines that tests execute, by project or by file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from enrich import options, project_choice
from enrich.answers.findings import project_name
from enrich.answers.projects import names_apart, names_of
from enrich.answers.reports import names_in, percent
from enrich.db import Published
from enrich.project_choice import Choice
from enrich.render import write_rows
from enrich.screen import Column


def _covered(row: Mapping[str, Any]) -> str | None:
    return percent(row["coverage_ratio"])


def _hotspot(row: Mapping[str, Any]) -> str:
    return "yes" if row["is_uncovered_hotspot"] else ""


COVERAGE_COLUMNS = (
    Column("covered", _covered, justify="right"),
    Column("of lines", "lines_found"),
    Column("branches", lambda row: percent(row["branches_ratio"]), justify="right"),
)
PROJECT_COLUMNS = (
    Column("project", project_name, "right"),
    *COVERAGE_COLUMNS,
    Column("files", "measured_files"),
    Column("uncovered hotspots", "uncovered_hotspots"),
    Column("counted", "line_basis"),
    Column("measured by", names_in("tools"), "right"),
    Column("at", "reported_at"),
)
FILE_COLUMNS = (
    Column("file", "file_path", "left", at_least=20),
    *COVERAGE_COLUMNS,
    Column("changes", "recent_revisions"),
    Column("uncovered hotspot", _hotspot),
    Column("lines not executed", "missing_lines", "right"),
)


@click.command()
@project_choice.argument
@options.limit_option
@options.format_option
@options.db_option
def coverage(choice: Choice, limit: int | None, form: str, db: str | None) -> None:
    """Show the lines that tests execute, from coverage reports.

    PROJECT is a name, a path in it, or the start of its id: then its files are listed, those first
    that change often and are not covered, then the least covered ones. Without it, projects are.
    The newest measurement counts. `-` means that nothing was measured. Tests themselves do not
    count. Tools count different things as lines: percentages compare only if `counted` is the same.
    """
    scope = "project" if choice.project is None else "file"
    order = (
        "coverage_ratio is null, coverage_ratio, project_path, line_basis"
        if choice.project is None
        else "is_uncovered_hotspot desc, coverage_ratio, lines_found desc, file_path"
    )
    with Published(db) as published:
        found = published.query(
            f"select * from v_coverage where scope = '{scope}' and {choice.condition(published)}"
            " and file_kind = 'source' and exists (from v_coverage where lines_found is not null)"
            f" order by {order}"
        )
        names = names_of(published)
    columns = FILE_COLUMNS if choice.project else names_apart(PROJECT_COLUMNS, names)
    write_rows(found, form, columns, limit, nothing="no coverage was measured here")
