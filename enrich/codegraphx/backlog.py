"""`enrich backlog`: which projects CodeGraphX should scan next.

The candidates, scores and order of its own enrichment_backlog.py, but for this. A scan counts for a
project under any spelling of its path (`c:\\x`, `C:/x`), where the script compares the text. A root
prefix is a folder, where the script takes it for a pattern: there `_` meets any letter, `/W` also `/w`,
and `/w/a` also `/w/ab`. Projects that no catalogue lists are candidates, too. And it answers where no
scan was ever registered, where the script fails.
"""

from __future__ import annotations

import click

from enrich import options
from enrich.codegraphx.catalogue import PROJECT_COLUMNS, candidates
from enrich.codegraphx.shared import (
    TheirCommand,
    also_written_to,
    json_option,
    output_option,
    write_report,
)
from enrich.db import Published, Rows
from enrich.render import write_rows
from enrich.screen import Column

REPORT = (*PROJECT_COLUMNS, "already_enriched", "enrich_score")
_COLUMNS = (
    Column("score", "enrich_score"),
    Column("project", "name", "right"),
    Column("lines", "line_count"),
    Column("files", "file_count"),
    Column("enriched", lambda row: bool(row["already_enriched"])),
    Column("path", "path", "left"),
)

root_prefix_option = click.option(
    "--root-prefix",
    default="",
    metavar="PATH",
    help="Only what lies in this folder, by whole parts of the path.",
)
include_enriched_option = click.option(
    "--include-enriched", is_flag=True, help="Also what it has scanned already."
)


@click.command(cls=TheirCommand)
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=20,
    show_default=True,
    metavar="N",
    help="0: all.",
)
@click.option(
    "--min-lines",
    type=int,
    default=1,
    show_default=True,
    metavar="N",
    help="Only with so many lines.",
)
@root_prefix_option
@include_enriched_option
@json_option
@output_option
@options.format_option
@options.db_option
def backlog(
    limit: int,
    min_lines: int,
    root_prefix: str,
    include_enriched: bool,
    as_json: bool,
    output: str | None,
    form: str,
    db: str | None,
) -> None:
    """Which projects CodeGraphX should scan next, best first.

    Every project that no scan of CodeGraphX is registered for, ranked by its own score: size, then
    tests, CI, README, documentation, licence and git.
    """
    with Published(db) as published:
        found = candidates(published, limit, min_lines, root_prefix, include_enriched)
    with also_written_to(output):
        if as_json:
            write_report([{name: row[name] for name in REPORT} for row in found])
        else:
            names = (*REPORT, "is_catalogued", "local_path")
            rows = Rows(names, [tuple(row[name] for name in names) for row in found])
            write_rows(rows, form, _COLUMNS, 0, nothing="nothing is left to scan")
