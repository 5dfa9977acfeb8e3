"""`enrich hotspots`: files that change often and are hard to change."""

from __future__ import annotations

import click

from enrich import options, project_choice
from enrich.answers.findings import project_name
from enrich.answers.projects import names_apart, names_of
from enrich.db import Published
from enrich.project_choice import Choice
from enrich.render import write_rows
from enrich.screen import Column

HOTSPOT_COLUMNS = (
    Column("score", lambda row: f"{row['hotspot_score']:.2f}", justify="right"),
    Column("project", project_name, "right"),
    Column("file", "file_path", "left"),
    Column("changes", "recent_revisions"),
    Column("authors", "recent_authors"),
    Column("complexity", "complexity"),
    Column("lines", "line_count"),
)


@click.command()
@project_choice.argument
@options.limit_option
@options.format_option
@options.db_option
def hotspots(choice: Choice, limit: int | None, form: str, db: str | None) -> None:
    """List the files that change often and are hard to change.

    PROJECT is a name, a path in it, or the start of its id; without it, the whole workspace. The
    score is 1 for the file that changes most often and is the most complex one, or the largest one
    if no complexity is known. Changes and authors are those of the last year (the variable
    `history_window_days`).
    """
    with Published(db) as published:
        found = published.query(
            f"select * from v_hotspots where {choice.without_repeats(published)}"
            " order by hotspot_score desc, project_path, file_path"
        )
        names = names_of(published)
    write_rows(
        found,
        form,
        names_apart(HOTSPOT_COLUMNS, names),
        limit,
        nothing="no own source file changed recently",
    )
