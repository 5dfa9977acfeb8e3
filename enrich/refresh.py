"""`enrich refresh-meta`: crawl, land what else there is, build, publish, say what to do next."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import click

from enrich import options
from enrich.ask import write_actions
from enrich.build import Build
from enrich.db import published_path
from enrich.facts import gather
from enrich.screen import Screen
from enrich.status import write_page
from loaders.base import clock
from loaders.base.locks import Busy, FileLock
from loaders.base.paths import Locations, canonical_root, locations, text_of
from loaders.base.permissions import prepare
from loaders.publishing import builds
from loaders.publishing.published_file import refuse_foreign_published
from loaders.zone.zone_folder import refuse_foreign_folder

if TYPE_CHECKING:
    from loaders.zone.landing import LandingZone

Landed = TypeVar("Landed")

_ACTIONS_SHOWN = 10
# Of a repository whose lines nobody counted yet, more are left to `land.py git`: they take long.
_MOST_COMMITS_COUNTED = 200


@click.command("refresh-meta")
@click.argument("roots", nargs=-1, metavar="[ROOT]...")
@click.option("--profile", metavar="NAME", help="Exclude profile, from seeds/exclude_profiles.csv.")
@click.option(
    "--from-make", is_flag=True, hidden=True, help="Take the root from META_REFRESH_ROOT."
)
@options.db_option
def refresh_meta(
    roots: tuple[str, ...], profile: str | None, from_make: bool, db: str | None
) -> None:
    """Crawl, build, publish, and say what to do next.

    Crawls the folders named, which are remembered, or without any, every folder that was named
    before (`enrich sources list`), lands the history of every repository in them, and every artifact
    of CodeGraphX again that was landed before. Only what changed is landed. Exit code 1: it did not
    publish; the published file is then what it was.
    """
    if from_make:
        given = os.environ.get("META_REFRESH_ROOT", "")
        roots = (given,) if given.strip() else ()
    where = replace(locations(), published=published_path(db))
    _refuse_newer(where)
    # Before the crawl, which may take long: a build that cannot begin, or not publish, is known now.
    refuse_foreign_published(where)
    refuse_foreign_folder(where.landing)
    where.check()
    clock.now()
    prepare(where)
    FileLock(where.build_lock, "refresh").acquire().release()
    with builds.refreshing(where):
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
    """Land everything, build and publish; return the line of what was published. Ends the program with 1 if not."""
    zone = _zone(where)
    groups = _to_crawl(zone, roots, profile)
    with Build(where) as build:
        _crawl_all(zone, groups, is_named=bool(roots))
        land_artifacts_again(zone)
        _land_signals(zone)
        _land_manifests(zone)
        _land_history(zone)
        _compact_if_due(zone)
        return build.run()


# -- crawling --------------------------------------------------------------------------------------


def _refuse_newer(where: Locations) -> None:
    from loaders.zone.commit_log import CommitLog

    CommitLog(where.landing).refuse_newer()


def _zone(where: Locations) -> LandingZone:
    from loaders.zone.landing import LandingZone

    return LandingZone(where.landing)


def _to_crawl(
    zone: LandingZone, given: tuple[str, ...], profile: str | None
) -> dict[str, list[bytes]]:
    """Return exclude profile → roots: the *given* ones, or all registered ones.

    Raises Refusal where there is no such folder, and where nothing at all is to be landed.
    """
    from loaders.sources.crawl.mounts import refuse_as_root
    from loaders.sources.registered import ROOT, keep_roots_out, registered_sources

    sources = registered_sources(zone)
    registered = {source.path_bytes: source.profile for source in sources if source.kind == ROOT}
    groups: dict[str, list[bytes]] = {}
    named = [canonical_root(root) for root in given]
    refuse_as_root(named)
    for root in named or registered:
        if root not in registered and not os.path.isdir(root):
            raise options.Refusal(f"{text_of(root)}: there is no such folder")
        groups.setdefault(profile or registered.get(root, "default"), []).append(root)
    if not groups and not sources:
        raise options.Refusal("no folder was named yet; run: make refresh ROOT=~/code")
    # Before anything is started: what is started inherits it.
    keep_roots_out(zone, [root for roots in groups.values() for root in roots])
    return groups


def _crawl_all(zone: LandingZone, groups: dict[str, list[bytes]], *, is_named: bool) -> None:
    """Crawl profile by profile; ends the program with 1 where the roots were named and none could be crawled."""
    healthy = [_crawl_group(zone, roots, name) for name, roots in sorted(groups.items())]
    if is_named and not any(healthy):
        click.echo("not published: nothing of this could be crawled", err=True)
        sys.exit(options.EXIT_NO)


def _crawl_group(zone: LandingZone, roots: list[bytes], profile: str) -> bool:
    """Crawl and register *roots* under one exclude profile; say whether any of them is healthy."""
    from loaders.land import progress_line, show_warnings
    from loaders.sources.registered import land_roots

    progress = progress_line()
    run, summaries, remarks = land_roots(zone, roots, profile, sys.argv, progress)
    progress("")
    complete = [summary for summary in summaries if summary.state == "complete"]
    files, repositories = (
        sum(getattr(one, name) for one in complete) for name in ("files", "repositories")
    )
    click.echo(
        f"crawled: {files:,} files in {repositories:,} repositories, {run.counts.landed:,} changes landed"
    )
    show_warnings(run, remarks)
    return bool(complete)


# -- what else there is ----------------------------------------------------------------------------


def land_artifacts_again(zone: LandingZone) -> None:
    """Land every registered source of CodeGraphX artifacts again, and look again at what they point at."""
    from loaders.sources.registered import CATALOG, CODEGRAPHX, land_codegraphx, registered_sources

    registered = registered_sources(zone, CODEGRAPHX, CATALOG)
    if not registered:
        return
    from loaders.land import progress_line, show_warnings

    progress = progress_line()
    for action in (CODEGRAPHX, CATALOG):
        paths = [source.path_bytes for source in registered if source.kind == action]
        if paths:
            run, summary = land_codegraphx(zone, paths, sys.argv, progress, action=action)
            progress("")
            click.echo(
                f"landed: {len(summary.artifacts):,} artifacts, {run.counts.landed:,} rows new or changed"
            )
            show_warnings(run, summary.remarks)


def _unless_busy(land: Callable[[Callable[[str], None]], Landed]) -> Landed | None:
    """Call *land* with a progress line; None where another run lands the same, which is this one's work done."""
    from loaders.land import progress_line

    progress = progress_line()
    try:
        return land(progress)
    except Busy:
        return None
    finally:
        progress("")


def _land_signals(zone: LandingZone) -> None:
    """Look at the source files whose content nobody has looked at yet."""
    from loaders.land import show_warnings
    from loaders.sources.signals.land import land_signals

    run = _unless_busy(lambda progress: land_signals(zone, sys.argv, progress))
    if run is not None:
        click.echo(f"signals: {run.counts.landed:,} source files looked at for their roles")
        show_warnings(run, [])


def _land_manifests(zone: LandingZone) -> None:
    """Read the manifests that are new or changed, in all that was crawled."""
    from loaders.land import show_warnings
    from loaders.sources.manifests.land import land_manifests

    run = _unless_busy(lambda progress: land_manifests(zone, sys.argv, progress))
    if run is not None:
        show_warnings(run, [])


def _land_history(zone: LandingZone) -> None:
    """Land the commits that are not landed yet, and count the lines of those where that is quickly done."""
    from loaders.land import show_warnings
    from loaders.sources.git_history.land import land_history

    summary = _unless_busy(
        lambda progress: land_history(
            zone, (), sys.argv, progress, most_lines=_MOST_COMMITS_COUNTED
        )
    )
    if summary is None:
        return
    if summary.run is not None:
        click.echo(f"history: {summary.commits:,} commits with {summary.changes:,} changes landed")
    for run in summary.runs:
        show_warnings(run, [])


def _compact_if_due(zone: LandingZone) -> None:
    from loaders.zone.compact import compact, is_due

    if is_due(zone):
        _unless_busy(lambda progress: compact(zone, sys.argv))
