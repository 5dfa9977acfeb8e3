"""Compaction: merge the many small files that years of runs leave into few, so that reading stays
fast.

Nothing is judged and nothing is dropped: every row keeps the run that landed it, older states and
events stay, and so do the records of the runs. One log entry names the files that it replaces; they
go once a published build has read their replacement.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import groupby

import pyarrow as pa
import pyarrow.parquet as pq

from loaders.base.engine_paths import plain_path
from loaders.sources.registry import TABLES
from loaders.zone import schemas
from loaders.zone.commit_log import LandedFile, LogEntry
from loaders.zone.landing import LandingZone
from loaders.zone.runs import Run

# A refresh compacts by itself if a table has more files than this.
MOST_FILES_OF_A_TABLE = 100
PART_ROWS = 1_000_000
# Merging a file that is large already would only write it again.
_LARGE_ROWS = PART_ROWS // 2
_ROWS_OF_A_GROUP = 100_000


def is_due(zone: LandingZone) -> bool:
    """Say whether reading suffers from the number of files."""
    return any(len(files) > MOST_FILES_OF_A_TABLE for files in _mergeable(zone.entries()).values())


def compact(zone: LandingZone, argv: Sequence[str]) -> Run | None:
    """Merge the small landed files of each table; return the run, or None if there is nothing to
    merge.

    Rows count as unchanged. A damaged file is left where it is and counts as one quarantined row.
    Raises Busy where another compaction is under way.
    """
    with zone.lock("compact", "compaction"), zone.reading() as entries:
        known = {table: [*filter(_is_known, files)] for table, files in _mergeable(entries).items()}
        mergeable = {table: files for table, files in known.items() if len(files) > 1}
        if not mergeable:
            return None
        with zone.run("compact", argv, crawled_roots(entries), part_rows=PART_ROWS) as run:
            for table, files in sorted(mergeable.items()):
                _merge(run, zone, table, files)
            return run


def _mergeable(entries: list[LogEntry]) -> dict[str, list[LandedFile]]:
    """Return table → its files that are small, in the order of the log.

    Of a run with a damaged file nothing is touched: it may be landed again as a whole.
    """
    small = [
        file
        for entry in entries
        if entry.is_whole()
        for file in entry.files
        if file.rows < _LARGE_ROWS and file.table in TABLES
    ]
    by_table = sorted(small, key=lambda file: file.table)
    return {table: list(files) for table, files in groupby(by_table, key=lambda file: file.table)}


def _is_known(file: LandedFile) -> bool:
    """Say whether this version knows every column of *file*: merging would drop the others."""
    return set(pq.read_schema(plain_path(file.path)).names) <= set(TABLES[file.table].names)


def crawled_roots(entries: list[LogEntry]) -> list[str]:
    """Return every root of the crawls among *entries*: the scope of a run that rewrites what these
    landed.
    """
    return sorted(
        {root for entry in entries if entry.action == "crawl" for root in entry.manifest["scope"]}
    )


def _merge(run: Run, zone: LandingZone, table: str, files: list[LandedFile]) -> None:
    sound = []
    for file in files:
        if fault := file.fault():
            run.counts.quarantined += 1
            run.problem(f"{file.path}: {fault}; not merged; restore it from a backup")
        else:
            sound.append(file)
    writer = run.table(table)
    for group in row_groups(sound):
        writer.append_table(group)
    run.counts.unchanged += sum(file.rows for file in sound)
    run.replaces += [os.fspath(file.path.relative_to(zone.path)) for file in sound]


def row_groups(files: list[LandedFile]) -> Iterator[pa.Table]:
    """Yield the rows of *files*, in order, in tables of a size that reads well."""
    waiting: list[pa.Table] = []
    for file in files:
        source = pq.ParquetFile(plain_path(file.path), page_checksum_verification=True)
        for batch in source.iter_batches(_ROWS_OF_A_GROUP):
            waiting.append(schemas.as_declared(file.table, pa.Table.from_batches([batch])))
            if sum(map(len, waiting)) >= _ROWS_OF_A_GROUP:
                yield pa.concat_tables(waiting)
                waiting.clear()
    if waiting:
        yield pa.concat_tables(waiting)
