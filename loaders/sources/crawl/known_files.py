"""Load the landed state of a root: the latest state of every path, computed from the log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from loaders.base.paths import bytes_of, is_beneath, text_of
from loaders.sources.crawl.content_tags import reader_version
from loaders.sources.crawl.walk import NO_TIME, STAMP
from loaders.zone.asking import asking, table_paths
from loaders.zone.landing import LandingZone, LogEntry

# Other imports are where they are used, so that they run while the walk process is already working.
if TYPE_CHECKING:
    import duckdb

# The columns of walk.STAMP, after the length of the name.
_STAMP_COLUMNS = ["size_bytes", "mtime_ns", "ctime_ns", "inode"]
_STAMP_BYTES = 8 * len(STAMP)


class KnownFile(NamedTuple):
    """The latest landed state of one file that existed at the last crawl."""

    state: str
    reason: str | None
    kind: str
    size_bytes: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    device: int
    is_settled: bool
    sha256: str | None
    link_target: str | None
    reader_version: str | None

    @property
    def is_current(self) -> bool:
        """Return whether the present reader would find nothing else in the same content."""
        return self.kind != "file" or self.reader_version == reader_version()


class KnownDirectory(NamedTuple):
    """The latest landed state of one directory."""

    state: str
    reason: str | None
    own_digest: str | None
    tree_digest: str | None
    tree_file_count: int
    tree_nonempty_count: int
    tree_size_bytes: int


class KnownRepository(NamedTuple):
    """The latest landed state of one repository."""

    state: str
    reason: str | None
    fingerprint: str | None


class KnownRules(NamedTuple):
    """The latest landed state of the rules for paths of one place."""

    state: str
    reason: str | None
    fingerprint: str
    exclude_digest: str | None
    reader_version: int


# A range of rows: the first, and the one after the last.
Place = tuple[int, int]


@dataclass
class Known:
    """The landed state below one root, by path bytes."""

    directories: dict[bytes, KnownDirectory]
    repositories: dict[bytes, KnownRepository]
    rules: dict[bytes, KnownRules]
    _files: pa.Table
    _places: dict[bytes, list[Place]]  # directory → its rows
    _unsteady: set[bytes]  # directories with a file that is not present and settled
    _stamps: Stamps

    def files_in(self, directory: bytes) -> dict[bytes, KnownFile]:
        """Return name → latest landed state of the files in *directory*."""
        return {
            name: KnownFile(*rest)
            for name, *rest in rows_in(self._files, self._places.get(directory, ()))
        }

    def names_in(self, directory: bytes) -> list[bytes]:
        """Return the names of the files in *directory*."""
        return [
            _name(name)
            for start, end in self._places.get(directory, ())
            for name in self._files["name"].slice(start, end - start).to_pylist()
        ]

    def holds_exactly(self, directory: bytes, names: bytes, stamps: bytes) -> bool:
        """Return whether the landed files of *directory* are all present, settled and as listed.

        Names that had to be escaped never match here, so for them the answer is False; use
        `files_in` then.
        """
        if directory in self._unsteady:
            return False
        places = self._places.get(directory, ())
        if len(places) == 1 and self._stamps.at(*places[0]) == (names, stamps):
            return True
        return self._stamps.sorted_at(places) == (names, stamps)

    def device_below(self, directory: bytes) -> int | None:
        """Return the device of the landed files in and below *directory*; None without files."""
        for path in self._places:
            if is_beneath(path, directory) and (files := self.files_in(path)):
                return next(iter(files.values())).device
        return None

    @property
    def directories_with_files(self) -> set[bytes]:
        return set(self._places)

    @property
    def file_count(self) -> int:
        return int(self._files.num_rows)


class Stamps:
    """Names and stamps of all known files, packed as in a listing for fast comparison."""

    def __init__(self, files: pa.Table) -> None:
        names = files["name"].combine_chunks()
        _, offsets, text = names.buffers()
        ends = np.frombuffer(offsets or bytes(4), np.int32)[
            names.offset : names.offset + len(names) + 1
        ]
        self._offsets = ends.data
        self._names = text.to_pybytes() if text else b""
        numbers = np.empty((len(names), len(STAMP)), np.uint64)
        numbers[:, 0] = np.diff(ends)
        for place, column in enumerate(_STAMP_COLUMNS, 1):
            numbers[:, place] = files[column].fill_null(0).to_numpy().view(np.uint64)
        self._numbers = numbers.tobytes()

    def at(self, first: int, end: int) -> tuple[bytes, bytes]:
        """Return names and stamps of the rows from *first* until before *end*, in their order."""
        names = self._names[self._offsets[first] : self._offsets[end]]
        return names, self._numbers[first * _STAMP_BYTES : end * _STAMP_BYTES]

    def sorted_at(self, places: Iterable[tuple[int, int]]) -> tuple[bytes, bytes]:
        """Return names and stamps of the rows in all *places*, sorted by name."""
        rows = sorted(self.at(row, row + 1) for first, end in places for row in range(first, end))
        return b"".join(name for name, _ in rows), b"".join(stamp for _, stamp in rows)


def _name(raw: bytes) -> bytes:
    return bytes_of(raw.decode()) if b"\\" in raw else raw


def rows_in(files: pa.Table, places: Iterable[Place]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of *files* at *places*; the first column is the name as bytes."""
    for start, end in places:
        for name, *rest in _rows(files.slice(start, end - start)):
            yield _name(name), *rest


def load_known(zone: LandingZone, root: bytes) -> Known:
    """Return the landed state below *root*, also from crawls of other roots.

    The latest state of a path is that of the highest run number. A missing or truncated landed file
    is ignored, so its facts count as new and land again. Raises LandingError.
    """
    with asking(zone) as (db, entries):
        return _load(_Source(db, zone, entries, text_of(root)))


def _load(source: _Source) -> Known:
    import pyarrow.compute as pc

    files = source.newest("crawl_files", ["directory_path", "name"], KnownFile._fields)
    directories = source.newest("crawl_directories", ["path"], KnownDirectory._fields)
    repositories = source.newest("crawl_repositories", ["path"], KnownRepository._fields)
    rules = source.newest("crawl_path_rules", ["path"], KnownRules._fields, of_kind="top")
    # Older code, or another seed, may have read other facts from the same content.
    is_current = pc.or_(
        pc.fill_null(pc.equal(files["reader_version"], reader_version()), False),
        pc.not_equal(files["kind"], "file"),
    )
    is_steady = pc.fill_null(
        pc.and_(pc.and_(pc.equal(files["state"], "present"), files["is_settled"]), is_current),
        False,
    )
    unsteady = files["directory_path"].filter(pc.invert(is_steady)).unique()
    files, places = by_directory(_with_any_time(files))
    return Known(
        {bytes_of(path): KnownDirectory(*rest) for path, *rest in _rows(directories)},
        {bytes_of(path): KnownRepository(*rest) for path, *rest in _rows(repositories)},
        {bytes_of(path): KnownRules(*rest) for path, *rest in _rows(rules)},
        files,
        places,
        {bytes_of(path) for path in unsteady.to_pylist()},
        Stamps(files),
    )


def _with_any_time(files: pa.Table) -> pa.Table:
    """Return *files* with NO_TIME, as in a walk, for modification times that are NULL."""
    place = files.schema.get_field_index("mtime_ns")
    return files.set_column(place, "mtime_ns", files["mtime_ns"].fill_null(NO_TIME))


def by_directory(files: pa.Table) -> tuple[pa.Table, dict[bytes, list[Place]]]:
    """Return *files* without the first column, the directory, and directory → ranges of its rows.

    The second column, the name, becomes bytes.
    """
    import pyarrow.compute as pc

    places: dict[bytes, list[Place]] = {}
    encoded = pc.run_end_encode(files["directory_path"].combine_chunks())
    start = 0
    for directory, end in zip(
        encoded.values.to_pylist(), encoded.run_ends.to_pylist(), strict=True
    ):
        places.setdefault(bytes_of(directory), []).append((start, end))
        start = end
    return files.drop_columns(["directory_path"]).set_column(
        0, "name", files["name"].cast(pa.binary())
    ), places


def _rows(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    return zip(*(column.to_pylist() for column in table.columns), strict=True)


@dataclass
class _Source:
    db: duckdb.DuckDBPyConnection
    zone: LandingZone
    entries: list[LogEntry]
    root: str

    def __post_init__(self) -> None:
        # Crawls of unrelated roots are irrelevant; a compaction may contain rows of any root.
        self.entries = [
            entry for entry in self.entries if entry.action == "compact" or self._concerns(entry)
        ]

    def _concerns(self, entry: LogEntry) -> bool:
        return any(
            is_beneath(root, self.root) or is_beneath(self.root, root)
            for root in entry.manifest["scope"]
        )

    def newest(
        self, table: str, key: Sequence[str], columns: Sequence[str], of_kind: str | None = None
    ) -> pa.Table:
        """Return the newest row of each key below the root, without gone ones.

        *of_kind* leaves only rows of that kind.

        Most rows are from the first crawl and are the newest unless a later run has the same key.
        An anti join with the few later rows needs a fraction of the memory of grouping all rows.
        The order is mostly that of landing.
        """
        entries = self.entries
        if table == "crawl_repositories":
            # A row is valid only together with the commits and tracked files of the same run.
            entries = [entry for entry in entries if entry.is_whole()]
        if table == "crawl_path_rules" and not all(entry.is_whole() for entry in entries):
            # They follow from the names of files, and the newest state may be what is damaged.
            entries = []
        kind_is = "true" if of_kind is None else f"kind = '{of_kind}'"
        first = min(
            (entry.seq for entry in entries if entry.action == "crawl" and entry.manifest["files"]),
            default=0,
        )
        same_key = " and ".join(f"later.{name} = landed.{name}" for name in key)
        has_key = " and ".join(f"landed.{name} is not null" for name in key)
        query = f"""
            with landed as not materialized (
                select * from landed($paths) inner join log using (run_id)
            ),
            later as (
                select {", ".join(key)}, seq from landed($later_paths) inner join log using (run_id)
                where seq > $first and {kind_is}
            )
            select {", ".join(f"landed.{name}" for name in [*key, *columns])}
            from landed anti join later on {same_key} and later.seq > landed.seq
            where landed.state != 'gone' and {has_key} and {kind_is.replace("kind", "landed.kind")}
                and (
                    landed.{key[0]} = $root
                    or starts_with(landed.{key[0]}, rtrim($root, '/') || '/')
                )
        """
        later = [entry for entry in entries if entry.seq != first]
        parameters = {
            "paths": table_paths(self.zone, table, entries),
            "later_paths": table_paths(self.zone, table, later),
            "first": first,
            "root": self.root,
        }
        return self.db.sql(query, params=parameters).to_arrow_table()
