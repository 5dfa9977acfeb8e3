"""`enrich backup`, `enrich restore`, `enrich verify`: the data itself, kept safe and checked."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from enrich import options
from enrich.db import NothingPublished, published_path
from loaders.base.paths import Locations, clean_text, locations
from loaders.publishing.published_versions import current_generation, faults_of, generations

if TYPE_CHECKING:
    from loaders.keeping.backups import Copied

_folder = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))


@click.command()
@_folder
@options.db_option
def backup(folder: Path, db: str | None) -> None:
    """Copy the landing zone, and the published file, to DIR.

    Into the same DIR again: copies what is new, mends what is damaged there. The copy is checked by
    `python loaders/land.py verify DIR`. Exit code 4: something was damaged here and was not copied.
    """
    from loaders.keeping.backups import back_up

    _copy(back_up, folder, db, "backed up")


@click.command()
@_folder
@options.db_option
def restore(folder: Path, db: str | None) -> None:
    """Bring back from the backup in DIR what the landing zone lacks or has damaged.

    Nothing that is there is taken away. Works into an empty place (META_LANDING_DIR) too. The
    published file comes back where there is none; the next refresh builds it anew.
    """
    from loaders.keeping.backups import restore as bring_back

    _copy(lambda where, path: bring_back(path, where), folder, db, "restored")


def _copy(
    action: Callable[[Locations, Path], Copied], folder: Path, db: str | None, done: str
) -> None:
    from loaders.keeping.backups import NotThere

    where = replace(locations(), published=published_path(db))
    path = Path(os.path.abspath(os.path.expanduser(folder)))
    try:
        copied = action(where, path)
    except NotThere as error:
        raise options.Refusal(clean_text(str(error))) from None
    database = "with" if copied.has_database else "without"
    click.echo(
        clean_text(
            f"{done}: {copied.runs:,} runs, {copied.files:,} files ({copied.bytes:,} bytes); "
            f"{copied.unchanged:,} files were there; {database} the published file: {path}"
        )
    )
    _end_with(copied.faults)


@click.command()
@options.db_option
def verify(db: str | None) -> None:
    """Check the published file, and the generations that are kept, against what was noted of them.

    Their bytes, and every relation and column of the contract. `python loaders/land.py verify` does
    the same for the landing zone. Exit code 4: a file is damaged; `enrich rollback` or
    `enrich refresh-meta` publishes another.
    """
    where = replace(locations(), published=published_path(db))
    if not where.published.exists():
        raise NothingPublished(f"{where.published}: nothing is published there yet")
    current = current_generation(where)
    faults = [] if current else [f"{where.published}: is no generation that was published here"]
    kept = generations(where).values()
    for path in kept:
        # The published file is known by its own name, of which the kept one is only another.
        shown = where.published if path == current else path
        faults += [fault.replace(f"{path}: ", f"{shown}: ", 1) for fault in faults_of(path)]
    if not faults:
        click.echo(
            clean_text(
                f"verify: {where.published} and {len(kept) - 1} older generations: all as published"
            )
        )
    _end_with(faults)


def _end_with(faults: Sequence[str]) -> None:
    for fault in faults:
        click.echo(clean_text(fault), err=True)
    if faults:
        sys.exit(options.EXIT_DAMAGED)
