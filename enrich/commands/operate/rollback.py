"""`enrich rollback`: another version of the published file, in both directions."""

from __future__ import annotations

from dataclasses import replace

import click

from enrich import options
from enrich.db import Rows, published_path
from enrich.render import write_rows
from enrich.screen import Column
from loaders.base.locks import FileLock
from loaders.base.paths import clean_text, locations
from loaders.publishing.published_file import refuse_foreign_published

_FIELDS = ("version", "published_at", "as_of", "bytes", "is_current")
_COLUMNS = (
    Column("version", "version"),
    Column("", lambda row: "current" if row["is_current"] else ""),
    Column("published (UTC)", lambda row: (row["published_at"] or "")[:19].replace("T", " ")),
    Column("as of (UTC)", lambda row: (row["as_of"] or "")[:19].replace("T", " ")),
    Column("bytes", "bytes"),
)


@click.command()
@click.option("--forward", is_flag=True, help="Publish the next version after the current one.")
@click.option("--to", type=click.IntRange(min=1), metavar="N", help="Publish version N.")
@click.option("--list", "is_list", is_flag=True, help="List the versions that are kept.")
@options.format_option
@options.db_option
def rollback(forward: bool, to: int | None, is_list: bool, form: str, db: str | None) -> None:
    """Publish the previous version again, or another one.

    A version after the current one is kept as well, so that a rollback can be undone. The next
    refresh publishes a new version.
    """
    from loaders.publishing.published_versions import NoOlderVersion, list_versions
    from loaders.publishing.published_versions import rollback as roll_back
    from loaders.zone.commit_log import CommitLog

    if forward + (to is not None) + is_list > 1:
        raise click.UsageError("--forward, --to and --list cannot be combined")
    where = replace(locations(), published=published_path(db))
    CommitLog(where.landing).refuse_newer()
    refuse_foreign_published(where)
    if not where.versions.exists():
        raise options.Refusal(f"{where.published}: nothing is published there yet")
    if is_list:
        rows = [tuple(row[name] for name in _FIELDS) for row in list_versions(where)]
        write_rows(Rows(_FIELDS, rows), form, _COLUMNS, 0, nothing="no version is kept")
        return
    try:
        with FileLock(where.build_lock, "rollback"):
            number = roll_back(where, to=to, forward=forward)
    except NoOlderVersion as error:
        raise options.Refusal(str(error)) from None
    click.echo(clean_text(f"published again: version {number}, {where.published}"))
