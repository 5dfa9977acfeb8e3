"""Asking what was landed: a connection over the committed runs, and which landed files can be
read.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyarrow as pa

from loaders.base.engine_paths import plain_path, read_parquet
from loaders.zone.landing import LandingError, LandingZone, LogEntry

# Imported where it is used: a crawl asks while its walk is under way in a process of its own.
if TYPE_CHECKING:
    import duckdb

# Errors that mean a limit of this machine, and nothing about the files.
_PASSING = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EIO, errno.EACCES)
_LANDED = (
    f"create temp macro landed(paths) as table from {read_parquet('paths', union_by_name=True)}"
)


@contextmanager
def asking(zone: LandingZone) -> Iterator[tuple[duckdb.DuckDBPyConnection, list[LogEntry]]]:
    """Give a connection to ask what was landed, and the committed runs; its table `log` numbers
    these.

    `from landed($paths)`, of paths that `table_paths` gives, reads landed files by the names of
    their columns: other code may have landed more or fewer. Raises LandingError for a file that the
    engine cannot read, OSError for a limit of this machine.
    """
    import duckdb

    try:
        with zone.reading() as entries, duckdb.connect() as db:
            runs = {
                "run_id": pa.array([entry.run_id for entry in entries], pa.string()),
                "seq": pa.array([entry.seq for entry in entries], pa.int64()),
            }
            db.register("log", pa.table(runs))
            db.execute(_LANDED)
            yield db, entries
    except duckdb.Error as error:
        if (number := _passing(error)) is not None:
            raise OSError(number, os.strerror(number), os.fspath(zone.path)) from None
        reason = str(error).partition("\n")[0]
        raise LandingError(f"{zone.path}: what was landed cannot be read: {reason}") from None


def _passing(error: duckdb.Error) -> int | None:
    """Return the number of the system's error behind *error* if it means nothing about the
    files.
    """
    import duckdb

    if isinstance(error, duckdb.OutOfMemoryException):
        return errno.ENOMEM
    if not isinstance(error, duckdb.IOException):
        return None
    # The system's words follow the path in quotes; a path that reached DuckDB holds none: see
    # plain_path.
    words = str(error).partition("\n")[0].rpartition('": ')[2]
    return next((number for number in _PASSING if words == os.strerror(number)), None)


def healthy_paths(table: str, entries: Iterable[LogEntry]) -> list[str]:
    """Return the files of *table* in *entries*, less those that are lost or cut short, for
    `read_parquet`.
    """
    files = (file for entry in entries for file in entry.files if file.table == table)
    return [plain_path(file.path) for file in files if file.is_healthy()]


def table_paths(zone: LandingZone, table: str, entries: Iterable[LogEntry]) -> list[str]:
    """Return `healthy_paths`, and that of a typed file of no rows, which has every declared
    column.
    """
    return [*healthy_paths(table, entries), plain_path(zone.empty_table(table))]


def damaged_paths(
    zone: LandingZone, entries: Iterable[LogEntry], tables: Collection[str]
) -> list[str]:
    """Return the files of *tables* in *entries* that are lost or cut short, as a run names what it
    replaces.
    """
    files = (file for entry in entries for file in entry.files if file.table in tables)
    return [os.fspath(file.path.relative_to(zone.path)) for file in files if not file.is_healthy()]
