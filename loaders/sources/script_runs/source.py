"""Runs of outside programs as a source: a refresh lands the events that wait."""

from __future__ import annotations

import sys

import click

from loaders.base.figures import counted
from loaders.base.loader_options import totals_as_json_option
from loaders.sources.script_runs.tables import TABLES
from loaders.zone.landing import LandingZone
from loaders.zone.reporting import fail_in_one_line, open_zone, show_landed, unless_busy
from loaders.zone.source_form import Refresh, Source


@click.command()
@totals_as_json_option
@fail_in_one_line
def events(as_json: bool) -> None:
    """Land the starts and ends of outside runs that wait (`enrich run`, `enrich.runs`).

    `enrich refresh-meta` does it as well.
    """
    from loaders.sources.script_runs.land import land_events

    show_landed("events", land_events(open_zone(), sys.argv), as_json=as_json)


def land_again(zone: LandingZone, refresh: Refresh) -> None:
    """Land the events that wait in the landing zone."""
    from loaders.sources.script_runs.land import land_events
    from loaders.zone.event_spool import spooled_events

    if refresh.is_dry_run:
        if waiting := sum(1 for _ in spooled_events(zone.path)):
            refresh.report.line(f"landed: {counted(waiting, 'event')} of outside runs would be new")
        return
    run = unless_busy(lambda progress: land_events(zone, refresh.argv), refresh.report)
    if run is not None:
        refresh.report.line(f"landed: {counted(run.counts.landed, 'event')} of outside runs")
        refresh.report.warnings(run, [])


SCRIPT_RUNS = Source("runs", TABLES, [events], land_again, has_dry_run=True)
