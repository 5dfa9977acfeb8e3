"""`enrich sql`: one select over the published file."""

from __future__ import annotations

import click

from enrich import options
from enrich.db import Published
from enrich.render import write_rows


@click.command()
@click.argument("query")
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=100,
    show_default=True,
    metavar="N",
    help="At most N rows; 0: all.",
)
@options.format_option
@options.db_option
def sql(query: str, limit: int, form: str, db: str | None) -> None:
    """Run one select on the published file.

    QUERY is one select over the v_* views and the core tables. The file is read-only, and the query
    cannot reach anything outside it.
    """
    import duckdb

    try:
        statements = duckdb.extract_statements(query)
        if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
            raise options.Refusal("give exactly one select; no other statement is run")
        with Published(db) as published:
            found = published.query(query, at_most=limit or None)
    except (duckdb.ProgrammingError, duckdb.DataError, duckdb.PermissionException) as error:
        raise options.Refusal(str(error)) from None
    write_rows(found, form, limit=0)
