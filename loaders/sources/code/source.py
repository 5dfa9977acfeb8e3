"""Code as a source: the command. A refresh lands code with the signals of the same contents."""

from __future__ import annotations

import sys

import click

from loaders.base.loader_options import totals_as_json_option
from loaders.sources.code.tables import TABLES
from loaders.zone.reporting import (
    fail_in_one_line,
    open_zone,
    progress_line,
    show_landed,
)
from loaders.zone.source_form import Source


@click.command()
@totals_as_json_option
@fail_in_one_line
def code(as_json: bool) -> None:
    """Read the source files and notebooks that were crawled for what their code is made of.

    Symbols, imports, calls, base types, and measures such as lines and complexity.

    A content whose code is known already costs nothing. A file that is no longer what was crawled
    is left to the next crawl.
    """
    from loaders.sources.code.land import land_code

    progress = progress_line()
    run = land_code(open_zone(), sys.argv, progress)
    progress("")
    show_landed("code", run, as_json=as_json)


CODE = Source("code", TABLES, [code])
