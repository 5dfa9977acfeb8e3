"""Reads the published file, for scripts and for the commands.

from enrich.db import connect
connect().sql("select title, command from v_next_actions order by rank").show()
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from loaders.base.engine_paths import plain_path, readable
from loaders.base.locks import Busy, keeps_out
from loaders.base.paths import locations, published_at
from loaders.base.remedies import FIRST_REFRESH
from loaders.base.sealed import NotAFile
from loaders.publishing.published_versions import current_version

if TYPE_CHECKING:
    import duckdb


_STREAMED = 10_000


class NothingPublished(Exception):
    """No published file exists. The message names the expected path and the command to run."""


class MissingColumn(KeyError):
    """A column that the published file does not have, because older code published it."""


class Row(dict[str, Any]):
    """A row by column name. Raises MissingColumn for a column that it does not have."""

    def __missing__(self, name: str) -> Any:
        raise MissingColumn(name)


@dataclasses.dataclass(frozen=True)
class Rows:
    """An answer: its column names, its rows, and whether rows were cut off."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    has_more: bool = False

    def dicts(self) -> list[dict[str, Any]]:
        return [Row(zip(self.columns, row, strict=True)) for row in self.rows]


def connect(path: str | os.PathLike[str] | None = None) -> duckdb.DuckDBPyConnection:
    """Open the published file (*path*, else META_DB_PATH) read-only.

    The connection cannot reach anything outside that file, and its settings are locked. Times are
    UTC. It keeps the version that it opened: connect again, or use `Published`, to see a newer one.
    Raises NothingPublished if no file exists, Busy while another program writes to it, duckdb.Error
    if it is not a published file.
    """
    import duckdb

    published = published_path(path)
    settings: dict[str, str | bool | int | float | list[str]] = {
        "enable_external_access": False,
        "autoload_known_extensions": False,
        "autoinstall_known_extensions": False,
        "allow_community_extensions": False,
        "python_enable_replacements": False,
        "temp_directory": plain_path(_spill_folder(published)),
    }
    with readable(_own_name(published)) as name:
        try:
            connection = duckdb.connect(name, read_only=True, config=settings)
        except duckdb.IOException:
            if keeps_out(name, writing=False):
                raise Busy(
                    f"{published}: another program has it open for writing; "
                    "wait, or end that program"
                ) from None
            raise
    # The connections of a process to one file share settings, which the first one has locked.
    [(is_locked,)] = connection.execute("select current_setting('lock_configuration')").fetchall()
    if not is_locked:
        connection.execute("set global TimeZone = 'UTC'")
        connection.execute("set global lock_configuration = true")
    return connection


def _spill_folder(published: Path) -> Path:
    """Return the folder that a large sort may spill to: private, and apart from the versions."""
    work_folder = dataclasses.replace(locations(), published=published).work_folder
    if os.access(work_folder, os.W_OK | os.X_OK):
        return work_folder / "spill"
    return published.with_name(published.name + ".tmp")


def published_path(path: str | os.PathLike[str] | None = None) -> Path:
    """Return the absolute path of the published file that *path*, or else META_DB_PATH, names."""
    return published_at(path) if path else locations().published


def _own_name(published: Path) -> Path:
    """Return the name that only this version has, if it is kept, else *published*.

    Within a process, DuckDB returns the database that it has open under the same name, even if
    another file has replaced it on disk.
    """
    _identity(published)
    return current_version(dataclasses.replace(locations(), published=published)) or published


def _identity(path: Path) -> tuple[int, int]:
    try:
        status = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        raise NothingPublished(
            f"{path}: nothing is published there yet (META_DB_PATH or --db sets the path); "
            f"run: {FIRST_REFRESH}"
        ) from None
    if not stat.S_ISREG(status.st_mode):
        raise NotAFile(path)  # opening a FIFO would wait for its writer
    return status.st_dev, status.st_ino


class Published:
    """A reader that opens the file at the first query.

    Each query sees the newest published version; all queries of one `with` block see the same one.
    For one thread at a time. Raises what `connect` raises, and duckdb.Error for a bad query.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self.path = published_path(path)
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._opened: tuple[int, int] | None = None
        self._is_pinned = False

    def query(
        self,
        sql: str,
        parameters: Sequence[Any] | Mapping[str, Any] | None = None,
        at_most: int | None = None,
    ) -> Rows:
        """Return the answer to *sql*, or its first *at_most* rows."""
        cursor = self._current().execute(sql, parameters)
        columns = tuple(column[0] for column in cursor.description)
        if at_most is None:
            return Rows(columns, cursor.fetchall())
        rows = cursor.fetchmany(at_most + 1)
        return Rows(columns, rows[:at_most], has_more=len(rows) > at_most)

    def stream(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of the answer to *sql* as they come; for use in a `with` block."""
        with contextlib.closing(self._current().cursor()) as cursor:
            cursor.execute(sql)
            while rows := cursor.fetchmany(_STREAMED):
                yield from rows

    def _current(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None or not self._is_pinned:
            now = _identity(self.path)
            if self._connection is None or now != self._opened:
                self.close()
                self._connection, self._opened = connect(self.path), now
        return self._connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> Self:
        self._is_pinned = True
        return self

    def __exit__(self, *_: object) -> None:
        self._is_pinned = False
        self.close()
