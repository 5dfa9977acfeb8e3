"""Whether an installation can land and publish at its places. Asked before anything is written."""

from __future__ import annotations

from loaders.base.paths import Locations
from loaders.publishing.published_file import refuse_foreign_published
from loaders.zone.commit_log import CommitLog
from loaders.zone.zone_folder import refuse_foreign_folder


def refuse_unfit_places(where: Locations) -> None:
    """Raise if landing or publishing at *where* would fail or would change something of others.

    Raises NewerFormat for a landing zone of a newer format, NotOurs for a file or a folder of
    others, LandingError for a landing zone whose folders are links, OSError for impossible paths.
    """
    CommitLog(where.landing).refuse_newer()
    refuse_foreign_published(where)
    refuse_foreign_folder(where.landing)
    where.check()
