"""`enrich sources` and `enrich rollback`: what a refresh crawls, and which generation is published."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from enrich import options
from enrich.db import Rows, published_path
from enrich.render import write_rows
from enrich.screen import Column
from loaders.locks import FileLock
from loaders.paths import canonical_root, clean_text, locations, text_of

if TYPE_CHECKING:
    from loaders.landing import LandingZone


def _zone() -> LandingZone:
    from loaders.landing import LandingZone

    return LandingZone(locations().landing)


@click.group()
def sources() -> None:
    """The folders that a refresh crawls."""


@sources.command("list")
@options.limit_option
@options.format_option
def list_sources(limit: int | None, form: str) -> None:
    """List the folders."""
    from loaders.sources import registered_sources

    # Looking makes no landing zone.
    found = registered_sources(_zone()) if locations().landing.exists() else []
    rows = Rows(("kind", "path", "profile"), [(source.kind, source.path, source.profile) for source in found])
    columns = [Column("kind", "kind"), Column("profile", "profile"), Column("path", "path", "left")]
    write_rows(rows, form, columns, limit, nothing="none yet; add one: enrich sources add ~/code")


@sources.command()
@click.argument("roots", nargs=-1, required=True, metavar="ROOT...")
@click.option(
    "--profile", default="default", show_default=True, help="Exclude profile, from seeds/exclude_profiles.csv."
)
def add(roots: tuple[str, ...], profile: str) -> None:
    """Add folders. They are crawled at the next refresh."""
    from loaders.crawl.excludes import load_excludes
    from loaders.sources import register

    load_excludes(profile)
    paths = [canonical_root(root) for root in roots]
    for path in paths:
        if not os.path.isdir(path):
            raise options.Refusal(f"{text_of(path)}: there is no such folder")
    new = register(_zone(), paths, profile, sys.argv)
    for path in paths:
        click.echo(f"{'added' if path in new else 'is there already'}: {text_of(path)}")


@sources.command()
@click.argument("roots", nargs=-1, required=True, metavar="ROOT...")
def forget(roots: tuple[str, ...]) -> None:
    """Forget folders: they are crawled no more. What was landed of them stays."""
    from loaders.sources import forget as forget_roots

    paths = [canonical_root(root) for root in roots]
    known = forget_roots(_zone(), paths, sys.argv)
    for path in known:
        click.echo(f"forgotten: {text_of(path)}")
    unknown = [text_of(path) for path in paths if path not in known]
    if unknown:
        raise options.Refusal("\n".join(f"{path}: is no source; `enrich sources list` shows them" for path in unknown))


@click.command()
@options.db_option
def rollback(db: str | None) -> None:
    """Publish the generation before this one again.

    The next refresh publishes anew.
    """
    from loaders.generations import NoOlderGeneration
    from loaders.generations import rollback as roll_back

    where = replace(locations(), published=published_path(db))
    if not where.generations.exists():
        raise options.Refusal(f"{where.published}: nothing is published there yet")
    try:
        with FileLock(where.build_lock, "rollback"):
            number = roll_back(where)
    except NoOlderGeneration as error:
        raise options.Refusal(str(error)) from None
    click.echo(clean_text(f"published again: generation {number}, {where.published}"))
