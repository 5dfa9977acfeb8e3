"""`enrich projects`: every project, one per line."""

from __future__ import annotations

import click

from enrich import options, project_filters
from enrich.answers.freshness import judge_now, stale_note, write_note
from enrich.answers.grades import legend
from enrich.answers.projects import left_out, short_names, sum_of_others
from enrich.db import Published, Rows
from enrich.project_filters import Chosen
from enrich.render import write_rows
from enrich.screen import Column, Screen
from enrich.values import rounded, shown

PROJECT_COLUMNS = (
    Column(
        "health",
        lambda row: (
            f"{row['health_grade']} {rounded(row['health_score']):>3}"
            if row["health_grade"]
            else None
        ),
    ),
    Column("project", "shown_name", "left", at_least=25),
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
def projects(chosen: Chosen, limit: int | None, form: str, db: str | None) -> None:
    """List all projects, least healthy first. Lines are those of own files.

    Projects of the same name have a part of their path. `index` is how fresh their scans are.
    """
    with Published(db) as published:
        limit_in_days = judge_now(published)
        found = published.query(
            f"select * from health_now where {chosen.condition(published)}"
            " order by health_score nulls first, project_path"
        )
        note = stale_note(published, limit_in_days)
    if form == "table":
        _write_table(found, limit)
        write_note(note)
    else:
        write_rows(found, form, limit=limit)


def _write_table(found: Rows, limit: int | None) -> None:
    names = short_names([row["project_path"] for row in found.dicts()])
    named = Rows(
        (*found.columns, "shown_name"),
        [(*row, name) for row, name in zip(found.rows, names, strict=True)],
    )
    write_rows(named, "table", PROJECT_COLUMNS, limit, nothing="no projects yet")
    if not found.rows:
        return
    screen = Screen()
    screen.gap()
    screen.text(legend())
    if others := left_out(sum_of_others(found.dicts())):
        screen.text(f"Rules, grades, roles and languages leave out {others}.")
