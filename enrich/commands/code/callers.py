"""`enrich callers`: which code calls a symbol."""

from __future__ import annotations

import click

from enrich import options
from enrich.answers.code import the_symbol
from enrich.answers.code_queries import CALLERS, CERTAINTY, line_of
from enrich.answers.findings import project_name
from enrich.answers.projects import names_apart, names_of
from enrich.db import Published
from enrich.project_choice import Choice
from enrich.render import write_rows
from enrich.screen import Column

CALLER_COLUMNS = (
    Column("project", project_name, "right"),
    Column("file", "file_path", "left", at_least=16),
    line_of("line"),
    Column("in", lambda row: row["caller_name"] or "(top level)", "right", at_least=12),
    CERTAINTY,
)


@click.command()
@click.argument("symbol")
@options.project_option
@options.limit_option
@options.format_option
@options.db_option
def callers(symbol: str, project: str | None, limit: int | None, form: str, db: str | None) -> None:
    """List the calls of a symbol, the surest first.

    SYMBOL is a name, a qualified name such as Class.method, or one of these after the end of a
    path: core.py:Class.method. Each call has the way in which it was resolved, and a confidence
    from 0 to 1. A call that was not resolved is in `code_calls` only.
    """
    with Published(db) as published:
        found = the_symbol(published, symbol, Choice(project).condition(published))
        calls = published.query(CALLERS, [found["symbol_ids"]])
        names = names_of(published)
    write_rows(
        calls,
        form,
        names_apart(CALLER_COLUMNS, names),
        limit,
        nothing=f"no call of {found['qualified_name']} was found",
    )
