"""`enrich backup`, `restore` and `verify`: copies of the data, and checks of it."""

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
from loaders.base.exits import EXIT_DAMAGED
from loaders.base.figures import counted, size
from loaders.base.paths import Locations, clean_text, locations
from loaders.publishing.published_versions import current_version, faults_of, kept_versions

if TYPE_CHECKING:
    from loaders.keeping.backups import Copied

_folder = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))


@click.command()
@_folder
@options.db_option
def backup(folder: Path, db: str | None) -> None:
    """Copy the data and the configuration to DIR.

    The data are the landing zone and the published file.

    If DIR is a backup already, only new files are copied, and damaged ones there are repaired.
    `land verify DIR` checks the copy. Exit code 4: a file here is damaged and was not copied.
    """
    from loaders.keeping.backups import back_up

    _copy(back_up, folder, db, "backed up")


@click.command()
@_folder
@options.db_option
def restore(folder: Path, db: str | None) -> None:
    """Repair the landing zone from the backup in DIR.

    Copies missing and damaged files, and removes nothing; META_LANDING_DIR may be empty or missing.
    The published file is restored if there is none; the next refresh builds it again. So are the
    files of the configuration folder that are missing.
    """
    from loaders.keeping.backups import restore as bring_back

    _copy(lambda where, path: bring_back(path, where), folder, db, "restored")


def _copy(
    action: Callable[[Locations, Path], Copied], folder: Path, db: str | None, done: str
) -> None:
    from loaders.keeping.backups import BackupRefused

    where = replace(locations(), published=published_path(db))
    path = Path(os.path.abspath(os.path.expanduser(folder)))
    try:
        copied = action(where, path)
    except BackupRefused as error:
        raise options.Refusal(clean_text(str(error))) from None
    database = "with" if copied.has_database else "without"
    click.echo(
        clean_text(
            f"{done}: {counted(copied.runs, 'run')}, {counted(copied.files, 'file')} "
            f"({size(copied.bytes)}); {_copied_before(copied.unchanged)}; "
            f"{database} the published file{_configured(copied.configured)}: {path}"
        )
    )
    for note in copied.notes:
        click.echo(clean_text(note), err=True)
    _end_with(copied.faults)


def _configured(count: int) -> str:
    if not count:
        return ""
    return f" and {count} {'file' if count == 1 else 'files'} of the configuration"


@click.command()
@options.db_option
def verify(db: str | None) -> None:
    """Check that the published file is undamaged.

    Compares it, and the earlier versions that are kept, with what was recorded when they were
    published: their bytes, and every relation and column of the contract. `land verify` does the
    same for the landing zone. Exit code 4: a file is damaged; `enrich rollback` or `enrich
    refresh-meta` replaces it.
    """
    where = replace(locations(), published=published_path(db))
    if not where.published.exists():
        raise NothingPublished(f"{where.published}: nothing is published there yet")
    current = current_version(where)
    faults = [] if current else [f"{where.published}: was not published by this installation"]
    kept = kept_versions(where).values()
    for path in kept:
        # The published file is reported by its own name, not by that of the kept version.
        shown = where.published if path == current else path
        faults += [fault.replace(f"{path}: ", f"{shown}: ", 1) for fault in faults_of(path)]
    if not faults:
        click.echo(
            clean_text(
                f"verify: {where.published} and {counted(len(kept) - 1, 'earlier version')}: "
                "all as published"
            )
        )
    _end_with(faults)


def _copied_before(count: int) -> str:
    return f"{counted(count, 'file')} {'was' if count == 1 else 'were'} copied before"


def _end_with(faults: Sequence[str]) -> None:
    for fault in faults:
        click.echo(clean_text(fault), err=True)
    if faults:
        sys.exit(EXIT_DAMAGED)
