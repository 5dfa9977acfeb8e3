"""`enrich projects`: every project, one per line."""

from __future__ import annotations

import click

from enrich import options, project_filters
from enrich.answers.freshness import judge_now, stale_note, write_note
from enrich.answers.projects import left_out, sum_of_others
from enrich.db import Published
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
    Column("project", "project_name", "right"),
    Column("language", "primary_language", "right"),
    Column("files", "own_file_count"),
    Column("lines", "own_line_count"),
    Column("commit", lambda row: shown(row["last_commit_at"])[:10]),
    Column("findings", "open_gap_count"),
    Column("index", "index_state"),
    Column("id", lambda row: row["project_id"][:8]),
)


@click.command()
@project_filters.options
@options.limit_option
@options.format_option
@options.db_option
def projects(chosen: Chosen, limit: int | None, form: str, db: str | None) -> None:
    """List all projects, least healthy first. Files and lines are the own ones."""
    with Published(db) as published:
        limit_in_days = judge_now(published)
        found = published.query(
            f"select * from health_now where {chosen.condition(published)}"
            " order by health_score nulls first, project_path"
        )
        note = stale_note(published, limit_in_days)
    write_rows(found, form, PROJECT_COLUMNS, limit, nothing="no projects yet")
    if form == "table" and (others := left_out(sum_of_others(found.dicts()))):
        screen = Screen()
        screen.gap()
        screen.text(f"Rules, grades, roles and languages leave out {others}.")
    if form == "table":
        write_note(note)
