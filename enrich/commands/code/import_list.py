"""`enrich imports`: what a file imports, and which files import it."""

from __future__ import annotations

from dataclasses import replace

import click

from enrich import options
from enrich.answers.code import the_file
from enrich.answers.code_queries import (
    CERTAINTY,
    IMPORTED,
    IMPORTING,
    imported_name,
    leads_to,
    line_of,
)
from enrich.answers.findings import project_name
from enrich.answers.projects import names_apart, names_of
from enrich.db import Published, Rows
from enrich.project_choice import Choice
from enrich.render import write_rows
from enrich.screen import Column

IMPORT_COLUMNS = (
    Column("", "direction"),
    line_of("line"),
    Column("as written", imported_name, "right", at_least=14),
    Column("file", leads_to, "left", at_least=14, below=(Column("", project_name, "right"),)),
    CERTAINTY,
)


@click.command()
@click.argument("file")
@options.project_option
@options.limit_option
@options.format_option
@options.db_option
def imports(file: str, project: str | None, limit: int | None, form: str, db: str | None) -> None:
    """List what a file imports, and which files import it.

    FILE is a path, or the end of one. Each import has the file that it leads to, the way in which
    that was found, and a confidence from 0 to 1. An import without a file leads out of the
    workspace, or was not resolved.
    """
    with Published(db) as published:
        condition = Choice(project).condition(published, "codebase_id")
        found = the_file(published, file, condition)
        here, there = (published.query(sql, [found["id"]]) for sql in (IMPORTED, IMPORTING))
        columns = names_apart(IMPORT_COLUMNS, names_of(published))
    if {row["project_path"] for row in there.dicts() + here.dicts()} <= {
        found["codebase_path"],
        None,
    }:
        columns = tuple(replace(column, below=()) for column in columns)
    write_rows(
        Rows(here.columns, here.rows + there.rows),
        form,
        columns,
        limit,
        nothing="it imports nothing, and no file here imports it",
    )
