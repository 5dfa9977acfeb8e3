"""`enrich sources` and `enrich rollback`: what a refresh lands, and which generation is published."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from enrich import options
from enrich.db import Rows, published_path
from enrich.render import write_rows
from enrich.screen import Column
from loaders.base.locks import FileLock
from loaders.base.paths import canonical_root, clean_text, locations, text_of
from loaders.publishing.published_file import refuse_foreign_published

if TYPE_CHECKING:
    from loaders.zone.landing import LandingZone
    from loaders.zone.registered import Registered


def _zone() -> LandingZone:
    from loaders.zone.landing import LandingZone

    return LandingZone(locations().landing)


@click.group()
def sources() -> None:
    """What a refresh lands: folders that it crawls, artifacts of CodeGraphX."""


@sources.command("list")
@options.limit_option
@options.format_option
def list_sources(limit: int | None, form: str) -> None:
    """List the sources.

    A root is a folder that is crawled, by the exclude profile beside it. codegraphx and catalog are
    artifacts. A map_prefix is a folder as artifacts know it; beside it, where that lies here.
    """
    from loaders.zone.registered import registered_sources

    # Looking makes no landing zone.
    found = registered_sources(_zone()) if locations().landing.exists() else []
    rows = Rows(
        ("kind", "path", "profile"),
        [(source.kind, source.path, source.profile) for source in found],
    )
    columns = [Column("kind", "kind"), Column("profile", "profile"), Column("path", "path", "left")]
    write_rows(rows, form, columns, limit, nothing="none yet; add one: enrich sources add ~/code")


@sources.command()
@click.argument("roots", nargs=-1, required=True, metavar="ROOT...")
@click.option(
    "--profile",
    default="default",
    show_default=True,
    help="Exclude profile, from seeds/exclude_profiles.csv.",
)
def add(roots: tuple[str, ...], profile: str) -> None:
    """Add folders. They are crawled at the next refresh."""
    from loaders.sources.crawl.excludes import load_excludes
    from loaders.sources.crawl.mounts import refuse_as_root
    from loaders.zone.registering import register

    load_excludes(profile)
    paths = [canonical_root(root) for root in roots]
    for path in paths:
        if not os.path.isdir(path):
            raise options.Refusal(f"{text_of(path)}: there is no such folder")
    refuse_as_root(paths)
    new = register(_zone(), paths, profile, sys.argv)
    for path in paths:
        click.echo(f"{'added' if path in new else 'is there already'}: {text_of(path)}")


@sources.command()
@click.argument("names", nargs=-1, required=True, metavar="SOURCE...")
def forget(names: tuple[str, ...]) -> None:
    """Forget sources: they are landed no more. What was landed of them stays."""
    from loaders.zone.registered import registered_sources
    from loaders.zone.registering import forget as forget_paths

    zone = _zone()
    registered = registered_sources(zone)
    paths = [_registered_path(name, registered) for name in names]
    known = forget_paths(zone, paths, sys.argv)
    for path in known:
        click.echo(f"forgotten: {text_of(path)}")
    unknown = [text_of(path) for path in paths if path not in known]
    if unknown:
        raise options.Refusal(
            "\n".join(f"{path}: is no source; `enrich sources list` shows them" for path in unknown)
        )


def _registered_path(name: str, registered: Sequence[Registered]) -> bytes:
    """Return the path that *name* is registered at. Some sources do not name folders of this machine."""
    from loaders.sources.registry import SOURCES

    readers = [source.registered_path for source in SOURCES if source.registered_path]
    found = filter(None, (read(name, registered) for read in readers))
    return next(found, None) or canonical_root(name)


@click.command()
@options.db_option
def rollback(db: str | None) -> None:
    """Publish the generation before this one again.

    The next refresh publishes anew.
    """
    from loaders.publishing.published_versions import NoOlderGeneration
    from loaders.publishing.published_versions import rollback as roll_back
    from loaders.zone.commit_log import CommitLog

    where = replace(locations(), published=published_path(db))
    CommitLog(where.landing).refuse_newer()
    refuse_foreign_published(where)
    if not where.generations.exists():
        raise options.Refusal(f"{where.published}: nothing is published there yet")
    try:
        with FileLock(where.build_lock, "rollback"):
            number = roll_back(where)
    except NoOlderGeneration as error:
        raise options.Refusal(str(error)) from None
    click.echo(clean_text(f"published again: generation {number}, {where.published}"))
