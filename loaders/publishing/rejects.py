"""Rejected rows: landed rows that break a rule of their table, found once for each landed file.

A landed file never changes, so each is checked once: the rejected rows and the list of checked
files are kept beside the build database. A run lands its rows of a table in files of its own, so
that a new run is checked by itself. A compaction mixes runs; after it, all files are checked again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from loaders.base.engine_paths import path_list, plain_path, read_parquet
from loaders.base.integrity import Rules, fault_of, place_of
from loaders.base.paths import clean_text
from loaders.sources.registry import RULES, TABLES
from loaders.zone.commit_log import LandedFile, LogEntry
from loaders.zone.landing import LandingZone

REJECTS = pa.schema(
    [
        ("table_name", pa.string()),
        ("source", pa.string()),
        ("run_id", pa.string()),
        ("reason", pa.string()),
        ("place", pa.string()),
        ("file", pa.string()),
        ("row_number", pa.int64()),  # in the file, from 0
    ]
)
_CHECKED = b"checked"
# The tables of millions of rows are checked within this, on disk where it is not enough.
_MEMORY = "1GB"

# Errors of the SQL of this module, not of a file.
_OURS = (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException)


class Rejects:
    """The rejected rows of what the build covers, and which files have any."""

    def __init__(self, path: Path, rows: pa.Table) -> None:
        self.path = path
        self._dirty: dict[str, list[int]] = {}
        places = zip(rows["file"].to_pylist(), rows["row_number"].to_pylist(), strict=True)
        for file, number in sorted(places):
            self._dirty.setdefault(file, []).append(number)

    def has(self, file: LandedFile) -> bool:
        """Say whether rows of the *file* are rejected."""
        return name_of(file.path) in self._dirty

    def rows_of(self, file: LandedFile) -> list[int]:
        """Return the numbers of the rejected rows of the *file*, in order."""
        return self._dirty.get(name_of(file.path), [])


def name_of(path: Path) -> str:
    """Return the name of a landed file in its zone, wherever that is: its run, and its own."""
    return f"{path.parent.name}/{path.name}"


def find_rejects(
    zone: LandingZone,
    path: Path,
    entries: Iterable[LogEntry],
    readable: Mapping[str, Sequence[LandedFile]],
) -> Rejects:
    """Find the rejected rows in the *readable* files (by table) of the committed *entries*.

    *path* is the file that keeps what was found, and that a build reads. A file that the engine
    cannot read has no rejected rows: the build itself says what is wrong with it.
    """
    entries = list(entries)
    # A compaction puts several runs into one file, and each may also be in an older file.
    mixed = {file.path for entry in entries if entry.action == "compact" for file in entry.files}
    kept, checked = _kept(path)
    found = [REJECTS.empty_table()]
    seen: dict[str, list[str]] = {}
    with _Check(zone, entries, path.parent) as check:
        for table, files in readable.items():
            marks = {f"{name_of(file.path)} {file.sha256}": file for file in files}
            before = set(checked.get(table, []))
            new = [file for mark, file in marks.items() if mark not in before]
            of_table = [kept.filter(pc.equal(kept["table_name"], table))]
            if not before or before - marks.keys() or any(file.path in mixed for file in new):
                new, of_table = list(files), []
            try:
                of_table += [check.rejects(table, *part) for part in _alike(new)]
                seen[table] = sorted(marks)
            except _OURS:
                raise
            except (duckdb.Error, OSError, pa.ArrowException):
                of_table, seen[table] = [], []
            found += of_table
    rows = pa.concat_tables(found)
    if seen != checked or not path.exists():
        _keep(path, rows, seen)
    return Rejects(path, rows)


def _alike(files: Iterable[LandedFile]) -> Iterator[tuple[list[Path], frozenset[str]]]:
    """Yield the paths of *files* that have the same columns, with these: older code landed
    fewer.
    """
    by_columns: dict[frozenset[str], list[Path]] = {}
    for file in files:
        names = pq.read_schema(plain_path(file.path)).names
        by_columns.setdefault(frozenset(names), []).append(file.path)
    yield from ((paths, columns) for columns, paths in by_columns.items())


def _kept(path: Path) -> tuple[pa.Table, dict[str, list[str]]]:
    """Return what was found by these rules before, and table → marks of the files checked then."""
    try:
        kept = pq.read_table(plain_path(path))
        note = json.loads(kept.schema.metadata[_CHECKED])
        if note["rules"] == _rules_digest():
            return kept.cast(REJECTS), note["files"]
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException):
        pass
    return REJECTS.empty_table(), {}


def _keep(path: Path, rows: pa.Table, files: Mapping[str, list[str]]) -> None:
    note = json.dumps({"rules": _rules_digest(), "files": files})
    draft = path.with_suffix(".draft")
    pq.write_table(rows.replace_schema_metadata({_CHECKED: note.encode()}), plain_path(draft))
    os.replace(draft, path)


def _rules_digest() -> str:
    checks = [
        (table, fault_of(RULES[table], TABLES[table]), repr(RULES[table])) for table in TABLES
    ]
    return hashlib.sha256(repr(checks).encode()).hexdigest()


class _Check:
    """Asks landed files for rejected rows, in a database of its own, made when it is needed."""

    def __init__(self, zone: LandingZone, entries: Iterable[LogEntry], scratch: Path) -> None:
        self._zone, self._entries, self._scratch = zone, entries, scratch
        self._db: duckdb.DuckDBPyConnection | None = None

    def __enter__(self) -> _Check:
        return self

    def __exit__(self, *_: object) -> None:
        if self._db is not None:
            self._db.close()

    def _connected(self) -> duckdb.DuckDBPyConnection:
        if self._db is None:
            spill = plain_path(self._scratch / "rejects.tmp")
            self._db = duckdb.connect(config={"memory_limit": _MEMORY, "temp_directory": spill})
            runs = pa.array(sorted({entry.run_id for entry in self._entries}), pa.string())
            self._db.register("log", pa.table({"run_id": runs}))
        return self._db

    def rejects(self, table: str, files: Sequence[Path], columns: Collection[str]) -> pa.Table:
        """Return the rejected rows of *files*, which have these *columns*. Raises duckdb.Error."""
        rules, schema, db = RULES[table], TABLES[table], self._connected()
        # The typed file of no rows has every column that older code did not know.
        paths = path_list([self._zone.empty_table(table), *files])
        rows = read_parquet(paths, filename=True, file_row_number=True, union_by_name=True)
        fault = fault_of(rules, schema, columns)
        db.execute(
            "create or replace temp table faults as"
            f" select filename, file_row_number, {fault} as fault from {rows}"
            f" where {fault} is not null"
        )
        if not rules.repeats:
            self._add_copies(rules, schema, rows)
        for reason, condition in rules.clashes.items():
            db.execute(
                f"""
                insert into faults
                select distinct one.filename, one.file_row_number, '{reason}'
                from {rows} as one
                inner join {rows} as other on other.run_id = one.run_id and {condition}
                anti join faults
                    on faults.filename = one.filename
                    and faults.file_row_number = one.file_row_number
                """
            )
        if not db.execute("select exists (from faults)").fetchall()[0][0]:
            return REJECTS.empty_table()
        found = db.sql(
            f"""
            select
                landed.run_id,
                faults.fault,
                {place_of(rules, schema)} as place,
                landed.filename,
                landed.file_row_number,
            from {rows} as landed
            inner join faults
                on faults.filename = landed.filename
                and faults.file_row_number = landed.file_row_number
            order by landed.filename, landed.file_row_number
            """
        ).to_arrow_table()
        names = {plain_path(path): name_of(path) for path in files}
        return _as_rejects(table, rules, found, names)

    def _add_copies(self, rules: Rules, schema: pa.Schema, rows: str) -> None:
        """Add the rows that repeat the key of another row of their run, all but one of each key.

        The one is the first by its values, so that it stays the same wherever the rows are.
        """
        db, names = self._connected(), rules.key.split()
        key = ", ".join(f'"{name}"' for name in ("run_id", *names))
        # Few keys occur twice, if any: hashes of the keys find them fastest.
        db.execute(
            "create or replace temp table repeated as"
            f" select hash({key}) as number from {rows} group by all having count(*) > 1"
        )
        if not db.execute("select exists (from repeated)").fetchall()[0][0]:
            return
        values = ", ".join(f'"{item.name}"' for item in schema)
        db.execute(
            f"""
            insert into faults
            select filename, file_row_number, '{", ".join(names)}: there twice in its run'
            from (select * from {rows} where hash({key}) in (from repeated))
            anti join faults using (filename, file_row_number)
            qualify row_number() over (
                partition by {key} order by {values}, filename, file_row_number
            ) > 1
            """
        )


def _as_rejects(table: str, rules: Rules, answer: pa.Table, names: Mapping[str, str]) -> pa.Table:
    """Return the *answer* of the engine as rows of REJECTS; the place of a row is clean text."""
    clean = {
        name: [None if text is None else clean_text(text) for text in answer[name].to_pylist()]
        for name in ("run_id", "place")
    }
    columns = {
        "table_name": [table] * answer.num_rows,
        "source": [rules.source] * answer.num_rows,
        "run_id": clean["run_id"],
        "reason": answer["fault"],
        "place": clean["place"],
        "file": [names[path] for path in answer["filename"].to_pylist()],
        "row_number": answer["file_row_number"],
    }
    return pa.table(columns, schema=REJECTS)
