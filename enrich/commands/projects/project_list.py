"""`enrich projects`: every project, one per line."""

from __future__ import annotations

import click

from enrich import options, project_filters
from enrich.answers.findings import project_name
from enrich.answers.freshness import judge_now, stale_note, write_note
from enrich.answers.grades import legend
from enrich.answers.projects import left_out, names_apart, names_of, sum_of_others
from enrich.db import Published, Rows
from enrich.project_filters import Filters
from enrich.render import write_rows
from enrich.screen import Column, Screen
from enrich.values import shown, whole

PROJECT_COLUMNS = (
    Column(
        "health",
        lambda row: (
            f"{row['health_grade']} {whole(row['health_score']):>3}"
            if row["health_grade"]
            else None
        ),
    ),
    Column("project", project_name, "left", at_least=25),
    Column("language", "primary_language", "right"),
    Column("lines", "own_line_count"),
    Column("commit", lambda row: shown(row["last_commit_at"])[:7]),
    Column("findings", "open_gap_count"),
    Column("index", "index_state"),
)


@click.command()
@project_filters.options
@options.limit_option
@options.format_option
@options.db_option
def projects(filters: Filters, limit: int | None, form: str, db: str | None) -> None:
    """List all projects, least healthy first. Lines are those of own files.

    Projects of the same name have a part of their path. `index` is how fresh their scans are.
    """
    with Published(db) as published:
        limit_in_days = judge_now(published)
        found = published.query(
            f"select * from health_now where {filters.condition(published)}"
            " order by health_score nulls first, project_path"
        )
        names = names_of(published)
        note = stale_note(published, limit_in_days)
    if form == "table":
        _write_table(found, names_apart(PROJECT_COLUMNS, names), limit)
        write_note(note)
    else:
        write_rows(found, form, limit=limit)


def _write_table(found: Rows, columns: tuple[Column, ...], limit: int | None) -> None:
    write_rows(found, "table", columns, limit, nothing="no projects yet")
    if not found.rows:
        return
    screen = Screen()
    screen.gap()
    screen.text(legend())
    if others := left_out(sum_of_others(found.dicts())):
        screen.text(f"Rules, grades, roles and languages leave out {others}.")
