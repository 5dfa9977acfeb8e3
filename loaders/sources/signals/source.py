"""Signals as a source: the command, and how a refresh reads new source files."""

from __future__ import annotations

import sys

import click

from loaders.base.figures import counted
from loaders.base.loader_options import totals_as_json_option
from loaders.sources.signals.tables import TABLES
from loaders.zone.landing import LandingZone
from loaders.zone.reporting import (
    fail_in_one_line,
    open_zone,
    progress_line,
    show_landed,
    unless_busy,
)
from loaders.zone.source_form import Refresh, Source


@click.command()
@totals_as_json_option
@fail_in_one_line
def signals(as_json: bool) -> None:
    """Read the source files and readmes that were crawled for what shows their roles.

    Also the tests inside source files, and what a readme says about the life of the project.

    A content that has signals already costs nothing. A file that is no longer what was crawled is
    left to the next crawl.
    """
    from loaders.sources.signals.land import land_signals

    progress = progress_line()
    run = land_signals(open_zone(), sys.argv, progress)
    progress("")
    show_landed("signals", run, as_json=as_json)


def land_again(zone: LandingZone, refresh: Refresh) -> None:
    """Read the crawled source files and readmes with new content, once for signals and code."""
    from loaders.sources.code.land import CODE
    from loaders.sources.contents.land import land_contents
    from loaders.sources.signals.land import SIGNALS as EXTRACTOR

    found = unless_busy(
        lambda progress: land_contents(zone, refresh.argv, (EXTRACTOR, CODE), progress),
        refresh.report,
    )
    of_signals, of_code = found or (None, None)
    if of_signals is not None:
        landed = of_signals.counts.landed
        looked_at = counted(landed, "source file or readme", "source files and readmes")
        refresh.report.line(f"signals: {looked_at} looked at")
        refresh.report.warnings(of_signals, [])
    if of_code is not None:
        looked_at = counted(of_code.counts.landed, "source file")
        refresh.report.line(f"code: {looked_at} looked at")
        refresh.report.warnings(of_code, [])


SIGNALS = Source("signals", TABLES, [signals], land_again)
