"""`enrich refresh-meta`: crawl, land all other sources, build, publish, show what to do next."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from enrich import options
from enrich.answers.actions import write_actions
from enrich.answers.change_page import write_first_lines
from enrich.answers.status_facts import faults_of_configuration, gather
from enrich.answers.status_page import write_page
from enrich.commands.operate.build_process import Build
from enrich.commands.operate.waiting import WaitingCommand, wait_option, waiting
from enrich.db import Published, published_path
from enrich.screen import Screen
from loaders.base import clock
from loaders.base.paths import Locations, canonical_root, locations, text_of
from loaders.base.permissions import prepare_folders
from loaders.base.remedies import FIRST_REFRESH
from loaders.publishing import builds

if TYPE_CHECKING:
    from enrich.commands.operate.refresh_report import RefreshReport
    from loaders.zone.landing import LandingZone
    from loaders.zone.source_form import Refresh

_ACTIONS_SHOWN = 10


@click.command("refresh-meta", cls=WaitingCommand)
@click.argument("roots", nargs=-1, metavar="[ROOT]...")
@click.option("--profile", metavar="NAME", help="Exclude profile, from seeds/exclude_profiles.csv.")
@click.option(
    "--from-make", is_flag=True, hidden=True, help="Take the root from META_REFRESH_ROOT."
)
@wait_option
@click.option("--quiet", is_flag=True, help="Print only problems; nothing if there are none.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document at the end.")
@click.option("--dry-run", is_flag=True, help="Show what would land, and land and build nothing.")
@click.option("--full", is_flag=True, help="Make every table again, also what has not changed.")
@click.option("--resume", is_flag=True, help="Continue with the steps that the last refresh left.")
@options.db_option
def refresh_meta(
    roots: tuple[str, ...],
    profile: str | None,
    from_make: bool,
    seconds: float | None,
    quiet: bool,
    as_json: bool,
    dry_run: bool,
    full: bool,
    resume: bool,
    db: str | None,
) -> None:
    """Crawl, build, publish, and show what to do next.

    Crawls the named folders and registers them. Without names, it crawls every registered folder
    (`enrich sources list`). Then it lands the history of the repositories in them, and again every
    artifact of CodeGraphX that was landed before. Only changes are landed.

    Exit code 1: nothing was published, and the published file is unchanged. Exit code 3: another
    refresh or build of this published file, or a crawl of the same folder, is under way.
    """
    if resume and (dry_run or profile):
        raise click.UsageError("--resume cannot be combined with --dry-run or --profile")
    if from_make:
        given = os.environ.get("META_REFRESH_ROOT", "")
        roots = (given,) if given.strip() else ()
    from enrich.commands.operate.refresh_report import RefreshReport

    where = replace(locations(), published=published_path(db))
    report = RefreshReport(where, is_quiet=quiet, as_json=as_json)
    with report.ending():
        _refuse_unfit(where)
        if dry_run:
            show_dry_run(where, roots, profile, report)
            return
        prepare_folders(where)
        with (
            waiting(seconds, is_quiet=report.is_quiet),
            builds.refreshing(where),
            report.recorded(),
        ):
            refresh = _refresh_to_do(where, roots, profile, report, resume)
            if refresh is None:
                return
            outcome = _land_and_build(where, refresh, report, full)
        report.count_known()
        if not report.is_quiet:
            _show(where, outcome)


def _refuse_unfit(where: Locations) -> None:
    """Check before the crawl, which may take long, whether a build could start and publish."""
    from loaders.publishing.places import refuse_unfit_places

    refuse_unfit_places(where)
    clock.now()


def _show(where: Locations, outcome: str) -> None:
    """Print the line about the published version, the status page, and what to do next."""
    click.echo(options.clean_lines(outcome))
    click.echo()
    facts = gather(where)
    write_page(facts, actions_shown=0)
    if "actions" in facts.answers:
        screen = Screen()
        screen.gap()
        screen.heading("What to do next")
        write_actions(screen, facts.answers["actions"].dicts()[:_ACTIONS_SHOWN])
    write_first_lines(Published(where.published))


def _refresh_to_do(
    where: Locations,
    roots: tuple[str, ...],
    profile: str | None,
    report: RefreshReport,
    resume: bool,
) -> Refresh | None:
    """Return what to land, with the record of the refresh in *report*; None: nothing is left."""
    zone = _zone(where)
    report.begin(zone)
    refresh = replace(_to_land(zone, roots, profile), report=report)
    if not resume:
        from loaders.publishing.refresh_record import new_record

        zone_id = zone.identity["zone_id"]
        report.record = new_record(zone_id, refresh.roots, is_named=refresh.is_named)
        return refresh
    return resumed(where, zone, refresh, report)


def _land_and_build(where: Locations, refresh: Refresh, report: RefreshReport, full: bool) -> str:
    """Land everything, build and publish; return the line about it. Exit with 1 if it failed."""
    from loaders.publishing.refresh_record import BUILD

    zone, record = _zone(where), report.record
    assert record is not None  # since the refresh began
    report.document["roots"] = [text_of(root) for group in refresh.roots.values() for root in group]
    with Build(where, report, full=full) as build:
        land_again(zone, refresh, where, report)
        _compact_if_due(zone, report)
        with record.step(where, BUILD), report.step(BUILD):
            outcome = build.run()
    report.configuration(faults_of_configuration(where))
    return outcome


# -- crawling --------------------------------------------------------------------------------------


def _zone(where: Locations) -> LandingZone:
    from loaders.zone.landing import LandingZone

    return LandingZone(where.landing)


def _to_land(zone: LandingZone, given: tuple[str, ...], profile: str | None) -> Refresh:
    """Return what to land: the *given* roots, or all registered ones, by exclude profile.

    Raises Refusal if a folder does not exist, or if there is nothing to land.
    """
    from loaders.sources.crawl.mounts import refuse_as_root
    from loaders.zone.registered import ROOT, keep_roots_out, registered_sources
    from loaders.zone.source_form import Refresh

    sources = registered_sources(zone)
    registered = {source.path_bytes: source.profile for source in sources if source.kind == ROOT}
    groups: dict[str, list[bytes]] = {}
    named = [canonical_root(root) for root in given]
    refuse_as_root(named)
    for root in named or registered:
        if root not in registered and not os.path.isdir(root):
            raise options.Refusal(f"{text_of(root)}: no such folder")
        groups.setdefault(profile or registered.get(root, "default"), []).append(root)
    if not groups and not sources:
        raise options.Refusal(f"no folder is registered yet; run: {FIRST_REFRESH}")
    # Before any program is started, because programs inherit this setting.
    keep_roots_out(zone, [root for roots in groups.values() for root in roots])
    return Refresh(sys.argv, groups, is_named=bool(given))


def land_again(
    zone: LandingZone, refresh: Refresh, where: Locations, report: RefreshReport
) -> None:
    """Land every source again, in the order of the registry, but not what *report* has as done."""
    from loaders.sources.registry import SOURCES

    record = report.record
    assert record is not None  # since the refresh began
    broken_off = record.under_way
    for source in SOURCES:
        if source.land_again is not None and source.name not in record.done:
            part = replace(refresh, is_resumed=source.name == broken_off)
            with record.step(where, source.name), report.step(source.name):
                source.land_again(zone, part)


def _compact_if_due(zone: LandingZone, report: RefreshReport) -> None:
    from loaders.keeping.compact import compact, is_due
    from loaders.zone.reporting import unless_busy

    if is_due(zone):
        with report.step("compact"):
            unless_busy(lambda progress: compact(zone, sys.argv), report)


# -- a dry run, and a refresh that was broken off --------------------------------------------------


def show_dry_run(
    where: Locations, roots: tuple[str, ...], profile: str | None, report: RefreshReport
) -> None:
    """Report what a refresh would land and build."""
    from loaders.publishing.publish import expected_nodes
    from loaders.sources.registry import SOURCES
    from loaders.zone.reporting import zone_for

    report.document["is_dry_run"] = True
    later = []
    with zone_for(True, [*map(canonical_root, roots)]) as zone:
        report.begin(zone)
        refresh = replace(_to_land(zone, roots, profile), is_dry_run=True, report=report)
        for source in SOURCES:
            if source.land_again is None:
                continue
            if source.has_dry_run:
                with report.step(source.name):
                    source.land_again(zone, refresh)
            else:
                later.append(source.name)
    report.line(f"not known before the crawl has landed: changes of {', '.join(later)}")
    try:
        nodes = len(expected_nodes(json.loads(builds.manifest_of(where).read_bytes())))
    except (OSError, ValueError, KeyError):
        report.line("a build of everything would follow")
    else:
        report.document["build"] = {"nodes": nodes}
        report.line(f"a build of {nodes} nodes would follow, which keeps what has not changed")
    report.line("dry run: nothing was landed, built or published")


def resumed(
    where: Locations, zone: LandingZone, refresh: Refresh, report: RefreshReport
) -> Refresh | None:
    """Return *refresh* with the folders of the refresh that was broken off, whose record *report*
    gets; None, with a line, if nothing is left of it.

    Raises Refusal if there is none, or if it was of another landing zone or of other folders.
    """
    from loaders.publishing.refresh_record import last_refresh

    record = last_refresh(where)
    if record is None:
        raise options.Refusal(
            "no refresh is recorded that could be resumed; run: enrich refresh-meta"
        )
    if record.has_published(where):
        report.document["is_published"], report.document["outcome"] = True, record.outcome
        report.line(f"nothing is left of the last refresh: {record.outcome or 'it has published'}")
        return None
    if record.zone_id != zone.identity["zone_id"]:
        raise options.Refusal(
            "the last refresh was of another landing zone; run it without --resume"
        )
    roots = record.root_bytes()
    if refresh.is_named and _all(refresh.roots) != _all(roots):
        raise options.Refusal(
            "the last refresh was of other folders; leave the names out, or run it without --resume"
        )
    record.exit_code = record.ended_at = record.outcome = None
    report.record = record
    report.document["is_resumed"] = True
    report.skipped(record.done)
    done = f"done before: {', '.join(record.done)}; " if record.done else ""
    report.line(f"resumed: the refresh of {record.began_at}; {done}the other steps follow")
    return replace(refresh, roots=roots, is_named=record.is_named)


def _all(roots: Mapping[str, Sequence[bytes]]) -> set[bytes]:
    return {root for group in roots.values() for root in group}
