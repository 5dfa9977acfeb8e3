"""Reports as a source: the command, and how a refresh lands reports again."""

from __future__ import annotations

import sys

import click

from loaders.base.exits import EXIT_NO
from loaders.base.figures import counted
from loaders.base.loader_options import dry_run_option, strict_option
from loaders.base.paths import canonical_root, text_of
from loaders.sources.artifacts.path_keys import MAP_PREFIX, map_prefix_option, parse_prefix
from loaders.sources.reports.tables import TABLES
from loaders.zone.landing import LandingZone
from loaders.zone.registered import Registered, registered_sources
from loaders.zone.reporting import (
    fail_in_one_line,
    progress_line,
    show_files_landed,
    zone_for,
)
from loaders.zone.source_form import Refresh, Source

KIND = "reports"


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@map_prefix_option
@dry_run_option
@strict_option
@click.option("--json", "as_json", is_flag=True, help="Print the totals and each report as JSON.")
@fail_in_one_line
def reports(
    paths: tuple[str, ...],
    map_prefixes: tuple[str, ...],
    dry_run: bool,
    strict: bool,
    as_json: bool,
) -> None:
    """Land what other tools found: SARIF, linters, tests, coverage, SBOMs, lock files, audits.

    Files are recognised by content; anything else is skipped and counted. Only changes land. The
    paths and the mapped prefixes are registered, so that `enrich refresh-meta` lands them again.
    """
    from loaders.sources.reports.land import land_reports

    prefixes = [parse_prefix(given) for given in map_prefixes]
    progress = progress_line()
    with zone_for(dry_run) as zone:
        run, summary = land_reports(
            zone,
            map(canonical_root, paths),
            sys.argv,
            progress,
            prefixes=[Registered(MAP_PREFIX, one.key, text_of(one.new)) for one in prefixes],
            is_rehearsal=dry_run,
        )
    progress("")
    show_files_landed(KIND, run, summary, is_dry_run=dry_run, as_json=as_json)
    if not summary.healthy_given or (strict and run.counts.quarantined):
        sys.exit(EXIT_NO)


def land_again(zone: LandingZone, refresh: Refresh) -> None:
    """Land the registered reports that are new or changed."""
    registered = registered_sources(zone, KIND)
    if not registered:
        return
    from loaders.sources.reports.land import land_reports

    progress = refresh.report.progress()
    run, summary = land_reports(
        zone,
        [source.path_bytes for source in registered],
        refresh.argv,
        progress,
        is_rehearsal=refresh.is_dry_run,
    )
    progress("")
    outcome = "would be new or changed" if refresh.is_dry_run else "new or changed"
    refresh.report.line(f"landed: {counted(run.counts.landed, 'report')} {outcome}")
    refresh.report.warnings(run, summary.remarks)


REPORTS = Source(
    "reports",
    TABLES,
    [reports],
    land_again,
    has_dry_run=True,
    kinds={KIND: "reports of other tools"},
    remedy="land its reports again, which loses their older states",
)
