"""`enrich coupling`: files that change together."""

from __future__ import annotations

import click

from enrich import options, project_choice
from enrich.answers.findings import project_name
from enrich.answers.projects import names_apart, names_of
from enrich.db import Published
from enrich.project_choice import Choice
from enrich.render import write_rows
from enrich.screen import Column
from loaders.base.figures import percent

COUPLING_COLUMNS = (
    Column("together", "shared_revisions"),
    Column("share", lambda row: percent(row["coupling_ratio"]), justify="right"),
    Column("project", project_name, "right"),
    Column("file", "file_path_a", "left"),
    Column("changes with", "file_path_b", "left"),
)


@click.command()
@project_choice.argument
@options.limit_option
@options.format_option
@options.db_option
def coupling(choice: Choice, limit: int | None, form: str, db: str | None) -> None:
    """List pairs of files that change together.

    PROJECT is a name, a path in it, or the start of its id; without it, the whole workspace.
    `together` counts the commits of the last year that changed both files; the share is of the mean
    of the commits of each.
    """
    with Published(db) as published:
        found = published.query(
            f"select * from v_change_coupling where {choice.without_repeats(published)}"
            " order by shared_revisions desc, coupling_ratio desc, project_path, file_path_a,"
            " file_path_b"
        )
        names = names_of(published)
    write_rows(
        found,
        form,
        names_apart(COUPLING_COLUMNS, names),
        limit,
        nothing="no two files change together",
    )
