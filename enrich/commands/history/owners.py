"""`enrich owners`: who wrote a project or its files, and how many people know it."""

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
from enrich.values import shown
from loaders.base.figures import percent


def _share(row: Mapping[str, Any]) -> str | None:
    share: float | None = row["main_author_share"]
    return None if share is None else percent(share)


_OWNER = (
    Column("main author", lambda row: row["main_author_name"] or row["main_author_email"], "right"),
    Column("share", _share, justify="right"),
    Column("bus factor", "bus_factor"),
    Column("authors", "author_count"),
    Column("changed", lambda row: shown(row["last_changed_at"])[:10]),
)
PROJECT_COLUMNS = (Column("project", project_name, "right"), *_OWNER)
FILE_COLUMNS = (Column("file", lambda row: row["subject"] or "(all)", "left"), *_OWNER)


@click.command()
@project_choice.argument
@options.limit_option
@options.format_option
@options.db_option
def owners(choice: Choice, limit: int | None, form: str, db: str | None) -> None:
    """List who wrote each project, or each file of one.

    PROJECT is a name, a path in it, or the start of its id; without it, the whole workspace. The
    share is of the lines that still exist, or of the commits if lines were not counted (`basis` in
    csv and json). The bus factor is the smallest number of people who wrote more than half.
    Projects and files that depend on few people come first.
    """
    with Published(db) as published:
        scope = "true" if choice.project is not None else "scope = 'project'"
        found = published.query(
            f"select * from v_ownership where {scope} and {choice.without_repeats(published)}"
            " order by scope = 'file', bus_factor, main_author_share desc, project_path, subject"
        )
        names = names_of(published)
    columns = PROJECT_COLUMNS if choice.project is None else FILE_COLUMNS
    write_rows(found, form, names_apart(columns, names), limit, nothing="no author is known")
