"""`enrich sources`: the sources that a refresh lands."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from enrich import options
from enrich.db import Rows
from enrich.render import write_rows
from enrich.screen import Column
from loaders.base.paths import canonical_root, locations, text_of

if TYPE_CHECKING:
    from loaders.zone.registered import Registered


@click.group()
def sources() -> None:
    """List, add or forget what a refresh lands."""


@sources.command("list")
@options.limit_option
@options.format_option
def list_sources(limit: int | None, form: str) -> None:
    """List the sources.

    The kind `root` is a folder that is crawled, with its exclude profile. `codegraphx` and
    `catalog` are artifacts. `map_prefix` is a folder as artifacts name it, with its path on this
    machine.
    """
    from loaders.zone.registered import registered_sources
    from loaders.zone.reporting import open_zone

    # Listing must not create a landing zone.
    found = registered_sources(open_zone()) if locations().landing.exists() else []
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
    """Add folders; the next refresh crawls them."""
    from loaders.sources.crawl.excludes import load_excludes
    from loaders.sources.crawl.mounts import refuse_as_root
    from loaders.zone.registering import register
    from loaders.zone.reporting import open_zone

    load_excludes(profile)
    paths = [canonical_root(root) for root in roots]
    for path in paths:
        if not os.path.isdir(path):
            raise options.Refusal(f"{text_of(path)}: no such folder")
    refuse_as_root(paths)
    new = register(open_zone(), paths, profile, sys.argv)
    for path in paths:
        click.echo(f"{'added' if path in new else 'already registered'}: {text_of(path)}")


@sources.command()
@click.argument("names", nargs=-1, required=True, metavar="SOURCE...")
def forget(names: tuple[str, ...]) -> None:
    """Forget sources: they are no longer refreshed. Facts that they landed stay."""
    from loaders.zone.registered import registered_sources
    from loaders.zone.registering import forget as forget_paths
    from loaders.zone.reporting import open_zone

    zone = open_zone()
    registered = registered_sources(zone)
    paths = [_registered_path(name, registered) for name in names]
    known = forget_paths(zone, paths, sys.argv)
    for path in known:
        click.echo(f"forgotten: {text_of(path)}")
    unknown = [text_of(path) for path in paths if path not in known]
    if unknown:
        raise options.Refusal(
            "\n".join(
                f"{path}: is not a source; `enrich sources list` shows them" for path in unknown
            )
        )


def _registered_path(name: str, registered: Sequence[Registered]) -> bytes:
    """Return the path that *name* is registered by, which may not be a folder here."""
    from loaders.sources.registry import SOURCES

    readers = [source.registered_path for source in SOURCES if source.registered_path]
    found = filter(None, (read(name, registered) for read in readers))
    # The path as it is listed, even if a link has replaced a folder in it since.
    listed = (source.path_bytes for source in registered if source.path == name)
    return next(found, None) or next(listed, None) or canonical_root(name)
