"""`enrich backlog`: which projects CodeGraphX should scan next.

Candidates, scores and order are those of its enrichment_backlog.py, with four differences:

- A scan counts for a project under any spelling of its path (`c:\\x`, `C:/x`). The script compares
  the text.
- A root prefix is a folder. For the script it is a pattern, in which `_` matches any one
  character, `/W` matches `/w`, and `/w/a` matches `/w/ab`.
- Projects that no catalogue lists are candidates as well.
- It also answers if no scan was ever registered. The script then fails.
"""

from __future__ import annotations

import click

from enrich import options, project_filters
from enrich.commands.codegraphx.catalogue import PROJECT_COLUMNS, candidates
from enrich.commands.codegraphx.shared import (
    TheirCommand,
    also_written_to,
    json_option,
    output_option,
    write_report,
)
from enrich.db import Published, Rows
from enrich.project_choice import Choice
from enrich.project_filters import Filters
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
    help="Only projects below this folder.",
)
include_enriched_option = click.option(
    "--include-enriched", is_flag=True, help="Also projects that it has scanned already."
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
    help="Only projects with at least N lines.",
)
@root_prefix_option
@include_enriched_option
@options.project_option
@project_filters.options
@json_option
@output_option
@options.format_option
@options.db_option
def backlog(
    limit: int,
    min_lines: int,
    root_prefix: str,
    include_enriched: bool,
    project: str | None,
    filters: Filters,
    as_json: bool,
    output: str | None,
    form: str,
    db: str | None,
) -> None:
    """List the projects that CodeGraphX should scan next.

    Lists projects without a registered scan of CodeGraphX, best first, up to --limit. The score is
    CodeGraphX's own: size, then tests, CI, README, documentation, licence and git.
    """
    with Published(db) as published:
        condition = Choice(project, filters).condition(published, "every_project.project_id")
        found = candidates(published, limit, min_lines, root_prefix, include_enriched, condition)
    with also_written_to(output):
        if as_json:
            write_report([{name: row[name] for name in REPORT} for row in found])
        else:
            names = (*REPORT, "is_catalogued", "local_path")
            rows = Rows(names, [tuple(row[name] for name in names) for row in found])
            write_rows(rows, form, _COLUMNS, limit=0, nothing="nothing is left to scan")
