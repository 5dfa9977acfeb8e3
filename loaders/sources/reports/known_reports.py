"""Load the landed state of reports: the newest state of each file, and the contents."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from loaders.sources.crawl.walk import NO_TIME, Status
from loaders.sources.reports.known_formats import BY_NAME, RECOGNISER_VERSION
from loaders.sources.reports.tables import TABLES
from loaders.zone.asking import asking, damaged_paths, table_paths
from loaders.zone.landing import LandingZone

_NEWEST = """
    select
        report_path, state, reason, format, sha256, recogniser_version,
        (size_bytes, mtime_ns, ctime_ns, inode)
    from landed($reports) join log using (run_id)
    qualify row_number() over (partition by report_path order by seq desc) = 1
"""
# A content counts only if all files of its run are whole: else a part of its rows is lost.
_READ = """
    select distinct sha256, format, reader_version
    from landed($contents) where run_id not in (select unnest($broken))
"""


class KnownReport(NamedTuple):
    """The newest landed state of one file."""

    state: str
    reason: str | None
    format: str | None
    sha256: str | None
    recogniser_version: str | None
    marks: tuple[int | None, ...]  # size, times and inode

    def is_current(self) -> bool:
        """Whether looking at the same bytes again would give the same outcome."""
        form = BY_NAME.get(self.format or "")
        return (
            form is not None
            if self.state == "landed"
            else (self.recogniser_version == RECOGNISER_VERSION)
        )


def marks_of(status: Status) -> tuple[int | None, ...]:
    """Return the marks of a file: they change when it is written."""
    mtime = None if status.st_mtime_ns == NO_TIME else status.st_mtime_ns
    return status.st_size, mtime, status.st_ctime_ns, status.st_ino


@dataclass
class KnownReports:
    """The landed state of reports, and the damaged files that it leaves out."""

    reports: dict[str, KnownReport] = field(default_factory=dict)
    contents: set[tuple[str, str, int]] = field(default_factory=set)  # sha256, format, version
    damaged: list[str] = field(default_factory=list)


def load_known(zone: LandingZone) -> KnownReports:
    """Return what is known. Raises LandingError.

    Where a landed file is damaged, the reports in it land again.
    """
    known = KnownReports()
    with asking(zone) as (db, entries):
        concerned = [one for one in entries if any(file.table in TABLES for file in one.files)]
        known.damaged = damaged_paths(zone, concerned, TABLES)
        broken = [entry.run_id for entry in concerned if not entry.is_whole()]
        if any(entry.action == "compact" and entry.run_id in broken for entry in concerned):
            broken = [entry.run_id for entry in concerned]
        paths = {name: table_paths(zone, name, entries) for name in ("reports", "report_contents")}
        newest = db.execute(_NEWEST, {"reports": paths["reports"]}).fetchall()
        known.reports = {path: KnownReport._make((*row, marks)) for path, *row, marks in newest}
        known.contents = set(
            db.execute(_READ, {"contents": paths["report_contents"], "broken": broken}).fetchall()
        )
    return known
