"""`enrich refresh-meta`: crawl, land all other sources, build, publish, show what to do next."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from enrich import options
from enrich.answers.actions import write_actions
from enrich.answers.status_facts import gather
from enrich.answers.status_page import write_page
from enrich.commands.operate.dbt_build import Build
from enrich.commands.operate.waiting import WaitingCommand, wait_option, waiting
from enrich.db import published_path
from enrich.screen import Screen
from loaders.base import clock
from loaders.base.paths import Locations, canonical_root, locations, text_of
from loaders.base.permissions import prepare_folders
from loaders.base.remedies import FIRST_REFRESH
from loaders.publishing import builds

if TYPE_CHECKING:
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
@options.db_option
def refresh_meta(
    roots: tuple[str, ...],
    profile: str | None,
    from_make: bool,
    seconds: float | None,
    db: str | None,
) -> None:
    """Crawl, build, publish, and show what to do next.

    Crawls the named folders and registers them. Without names, it crawls every registered folder
    (`enrich sources list`). Then it lands the history of the repositories in them, and again every
    artifact of CodeGraphX that was landed before. Only changes are landed.

    Exit code 1: nothing was published, and the published file is unchanged. Exit code 3: another
    refresh or build of this published file, or a crawl of the same folder, is under way.
    """
    from loaders.publishing.places import refuse_unfit_places

    if from_make:
        given = os.environ.get("META_REFRESH_ROOT", "")
        roots = (given,) if given.strip() else ()
    where = replace(locations(), published=published_path(db))
    # Check before the crawl, which may take long, whether a build could start and publish.
    refuse_unfit_places(where)
    clock.now()
    prepare_folders(where)
    with waiting(seconds), builds.refreshing(where):
        outcome = _crawl_and_build(where, roots, profile)
    click.echo(options.clean_lines(outcome))
    click.echo()
    facts = gather(where)
    write_page(facts, actions_shown=0)
    if "actions" in facts.answers:
        screen = Screen()
        screen.gap()
        screen.heading("What to do next")
        write_actions(screen, facts.answers["actions"].dicts()[:_ACTIONS_SHOWN])


def _crawl_and_build(where: Locations, roots: tuple[str, ...], profile: str | None) -> str:
    """Land everything, build and publish; return the line about it. Exit with 1 if it failed."""
    zone = _zone(where)
    refresh = _to_land(zone, roots, profile)
    with Build(where) as build:
        land_again(zone, refresh)
        _compact_if_due(zone)
        return build.run()


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


def land_again(zone: LandingZone, refresh: Refresh) -> None:
    """Land every source again, in the order of the registry."""
    from loaders.sources.registry import SOURCES

    for source in SOURCES:
        if source.land_again is not None:
            source.land_again(zone, refresh)


def _compact_if_due(zone: LandingZone) -> None:
    from loaders.keeping.compact import compact, is_due
    from loaders.zone.reporting import unless_busy

    if is_due(zone):
        unless_busy(lambda progress: compact(zone, sys.argv))
