"""`enrich runs`: the runs that landed facts."""

from __future__ import annotations

from dataclasses import replace

import click

from enrich import options
from enrich.db import Published, published_path
from enrich.render import write_rows
from enrich.screen import Column
from loaders.base.paths import locations
from loaders.publishing.builds import last_death

RUN_COLUMNS = (
    Column("run", "run_seq"),
    Column("action", "action"),
    Column("status", "status"),
    Column("ended (UTC)", "ended_at"),
    Column(
        "took",
        lambda row: (
            None if row["duration_seconds"] is None else f"{row['duration_seconds']:,.1f} s"
        ),
        justify="right",
    ),
    Column("landed", "landed"),
    Column("unchanged", "unchanged"),
    Column("problems", "error_count"),
    Column("first problem", lambda row: row["error_message"] or "", "wrap", at_least=12),
)


@click.command()
@options.limit_option
@options.format_option
@options.db_option
def runs(limit: int | None, form: str, db: str | None) -> None:
    """List the runs that landed facts, newest first.

    Shows the runs of the published build; `land runs` also shows those in progress, and `enrich run
    show` the runs of your own programs.
    """
    with Published(db) as published:
        found = published.query(
            "select * from ingest_runs where run_seq is not null order by run_seq desc"
        )
    has_problems = any(run["error_message"] for run in found.dicts())
    left_out = "unchanged" if has_problems else "first problem"
    columns = [column for column in RUN_COLUMNS if column.header != left_out]
    write_rows(found, form, columns, limit, nothing="no runs yet")
    if died := last_death(replace(locations(), published=published_path(db))):
        click.echo(options.clean_lines(f"the last build: {died['outcome']}"), err=True)
