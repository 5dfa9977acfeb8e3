"""`enrich rollback`: the version that was published before."""

from __future__ import annotations

from dataclasses import replace

import click

from enrich import options
from enrich.db import published_path
from loaders.base.locks import FileLock
from loaders.base.paths import clean_text, locations
from loaders.publishing.published_file import refuse_foreign_published


@click.command()
@options.db_option
def rollback(db: str | None) -> None:
    """Publish the previous version again.

    The next refresh publishes a new version.
    """
    from loaders.publishing.published_versions import NoOlderVersion
    from loaders.publishing.published_versions import rollback as roll_back
    from loaders.zone.commit_log import CommitLog

    where = replace(locations(), published=published_path(db))
    CommitLog(where.landing).refuse_newer()
    refuse_foreign_published(where)
    if not where.versions.exists():
        raise options.Refusal(f"{where.published}: nothing is published there yet")
    try:
        with FileLock(where.build_lock, "rollback"):
            number = roll_back(where)
    except NoOlderVersion as error:
        raise options.Refusal(str(error)) from None
    click.echo(clean_text(f"published again: version {number}, {where.published}"))
