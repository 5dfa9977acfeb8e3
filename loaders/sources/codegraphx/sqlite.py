"""Read an untrusted SQLite database from a private copy, with all active schema features disabled.

The database is copied with its write-ahead log, never with its shared memory, and merged into one
file by the backup API. The copy is therefore consistent, and the original is not touched. A
database that needs its rollback journal is refused: a journal can name another file, which SQLite
would then delete.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile, opened
from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.crawl.read import Unreadable, Vanished

MAGIC = b"SQLite format 3\0"
_HOT_JOURNAL = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"
_LONGEST_CELL = 16 << 20
# The timeout of a statement or a batch of rows. Both take fractions of a second, but in a crafted
# file they may never end.
_SECONDS = 60
_STEPS_BETWEEN_CHECKS = 10_000
_BLOCK = 1 << 20
_BATCH = 20_000
_PLAIN_TABLE = re.compile(r"create\s+table\b", re.IGNORECASE)


class DatabaseFile:
    """An open database file, and its write-ahead log if there is one."""

    def __init__(self, main: ArtifactFile, log: ArtifactFile | None) -> None:
        self.has_log = log is not None
        self._main = main
        self._files = [main, log] if log else [main]

    def digest(self) -> str:
        """Return the SHA-256 of the file; if it has a log, that of both digests."""
        digests = [file.digest() for file in self._files]
        return (
            digests[0]
            if len(digests) == 1
            else hashlib.sha256("".join(digests).encode()).hexdigest()
        )

    def check(self) -> None:
        """Raise Changed if one of the files has changed since they were opened."""
        for file in self._files:
            file.check()

    def mentions(self, words: Sequence[bytes]) -> bool:
        """Return whether the bytes contain one of *words*; names of tables are stored as text."""
        overlap = max(map(len, words)) - 1
        for file in self._files:
            end = b""
            stream = file.stream()
            while block := stream.read(_BLOCK):
                if any(word in end + block for word in words):
                    return True
                end = block[-overlap:]
        return False

    @contextmanager
    def copied(self, folder: Path) -> Iterator[Database]:
        """Yield the database from a private copy in *folder*. Raises Invalid, Changed."""
        with _companion(self._main, b"-journal") as journal:
            if journal and journal.head(len(_HOT_JOURNAL)) == _HOT_JOURNAL:
                raise Invalid(
                    "its rollback journal is needed: a transaction is open or was interrupted;"
                    " open it with its tool"
                )
        copy, merged = folder / "copy.draft", folder / "merged.draft"
        log = copy.with_name("copy.draft-wal")
        try:
            for file, target in zip(self._files, (copy, log), strict=False):
                with open(target, "xb") as writing:
                    shutil.copyfileobj(file.stream(), writing, _BLOCK)
            self.check()
            with (
                _sqlite_errors(),
                closing(_connect(copy)) as source,
                closing(_connect(merged)) as whole,
            ):
                source.backup(whole)
            with closing(_connect(merged)) as connection:
                database = Database(connection)
                database.prepare()
                yield database
        finally:
            for leftover in folder.glob("*.draft*"):
                leftover.unlink()


@contextmanager
def database_file(main: ArtifactFile) -> Iterator[DatabaseFile | None]:
    """Yield the database in the file *main*, or None if it is not one. Raises Unreadable."""
    if main.head(len(MAGIC)) != MAGIC:
        yield None
        return
    with _companion(main, b"-wal") as log:
        yield DatabaseFile(main, log if log and log.size else None)


@contextmanager
def _companion(main: ArtifactFile, suffix: bytes) -> Iterator[ArtifactFile | None]:
    with ExitStack() as stack:
        try:
            found = stack.enter_context(opened(main.path + suffix))
        except Vanished:
            found = None
        except Unreadable as error:
            raise Unreadable(f"{os.fsdecode(suffix)} beside it: {error}") from None
        yield found


@contextmanager
def _sqlite_errors() -> Iterator[None]:
    """Convert errors of SQLite to Invalid."""
    try:
        yield
    except sqlite3.Error as error:
        words = str(error)
        raise Invalid(
            "it takes too long to read" if words == "interrupted" else f"SQLite: {words}"
        ) from None


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    # Invalid UTF-8 becomes lone surrogates, which valid text never contains.
    connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_CELL)
    if sys.version_info >= (3, 12):
        connection.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, True)
        connection.setconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_TRIGGER, False)
        connection.setconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_VIEW, False)
    for pragma in ("trusted_schema = off", "cell_size_check = on", "mmap_size = 0"):
        connection.execute(f"pragma {pragma}")
    return connection


@dataclass(frozen=True)
class Relation:
    """A table, a virtual table or a view."""

    name: str
    type: str  # table, view
    sql: str
    columns: tuple[str, ...]  # without generated columns

    @property
    def is_plain(self) -> bool:
        """Return whether it is an ordinary table, not a view and not a virtual table."""
        return self.type == "table" and _PLAIN_TABLE.match(self.sql) is not None


class Database:
    """A private copy, open for reading."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._deadline = 0.0
        connection.set_progress_handler(
            lambda: time.monotonic() > self._deadline, _STEPS_BETWEEN_CHECKS
        )

    def prepare(self) -> None:
        """Check the integrity of the file. Raises Invalid."""
        self._rows("pragma query_only = on")
        verdict = self._rows("pragma quick_check(1)")
        if verdict != [("ok",)]:
            raise Invalid(f"damaged: {verdict[0][0] if verdict else 'no answer'}")

    def relations(self) -> dict[str, Relation]:
        """Return every table and view by its name in lower case, as in SQLite. Raises Invalid."""
        found = self._rows(
            "select name, type, sql from sqlite_master where type in ('table', 'view')"
        )
        relations = (
            Relation(name, kind, sql if isinstance(sql, str) else "", ())
            for name, kind, sql in found
            if isinstance(name, str) and not name.lower().startswith("sqlite_")
        )
        return {
            one.name.lower(): replace(one, columns=self._columns(one.name)) if one.is_plain else one
            for one in relations
        }

    def _columns(self, table: str) -> tuple[str, ...]:
        # Generated columns are left out: they are expressions from the untrusted schema.
        return tuple(
            row[1] for row in self._rows(f"pragma table_xinfo({quoted(table)})") if row[6] == 0
        )

    def batches(self, table: Relation, columns: Sequence[str]) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the rows of *table* in storage order. Raises Invalid."""
        wanted = ", ".join(map(quoted, columns))
        with _sqlite_errors():
            self._set_deadline()
            cursor = self._connection.execute(
                f"select {wanted} from main.{quoted(table.name)} not indexed"
            )
            while rows := cursor.fetchmany(_BATCH):
                yield rows
                self._set_deadline()

    def _rows(self, statement: str) -> list[tuple[Any, ...]]:
        with _sqlite_errors():
            self._set_deadline()
            return self._connection.execute(statement).fetchall()

    def _set_deadline(self) -> None:
        self._deadline = time.monotonic() + _SECONDS


def quoted(name: str) -> str:
    """Return *name* as a quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


def is_text(cell: Any) -> bool:
    """Return whether *cell* is text and was valid UTF-8."""
    return type(cell) is str and (
        cell.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in cell)
    )
