"""Manifests as a source: the command, and how a refresh reads new ones."""

from __future__ import annotations

import sys

import click

from loaders.base.exits import EXIT_NO
from loaders.base.loader_options import strict_option, totals_as_json_option
from loaders.sources.manifests.tables import TABLES
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
@strict_option
@totals_as_json_option
@fail_in_one_line
def manifests(strict: bool, as_json: bool) -> None:
    """Read the manifests of all that was crawled: which package each is, and what it needs.

    A manifest is read once for each content; `enrich refresh-meta` does it after the crawl.
    """
    from loaders.sources.manifests.land import land_manifests

    progress = progress_line()
    run = land_manifests(open_zone(), sys.argv, progress)
    progress("")
    show_landed("manifests", run, as_json=as_json)
    healthy = run.counts.landed or run.counts.unchanged or not run.counts.discovered
    if not healthy or (strict and run.problem_count):
        sys.exit(EXIT_NO)


def land_again(zone: LandingZone, refresh: Refresh) -> None:
    """Read the crawled manifests that are new or changed."""
    from loaders.sources.manifests.land import land_manifests

    run = unless_busy(lambda progress: land_manifests(zone, refresh.argv, progress), refresh.report)
    if run is not None:
        refresh.report.warnings(run, [])


MANIFESTS = Source("manifests", TABLES, [manifests], land_again)
