"""One moment of the landing zone and of the configuration: what a build sees.

The log is read once. For each table, `landed.<table>` is a view of its healthy rows, with the
number and the time of the run that landed each: the rows of the committed files, and a typed file
of no rows after them, so that a table without landed files can be read. Which runs belong to the
build is decided here, and nowhere else.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from loaders.base import clock
from loaders.base.digests import digest_of
from loaders.base.engine_paths import path_list, plain_path, read_parquet, sql_text
from loaders.base.masking import Masker
from loaders.base.paths import Locations
from loaders.configuration.settings import Configuration, OwnRule
from loaders.publishing import configured_seeds
from loaders.publishing.rejects import Rejects, find_rejects, name_of
from loaders.sources.registry import TABLES
from loaders.zone.landing import LandedFile, LandingZone, LogEntry
from loaders.zone.registered import keep_roots_out
from loaders.zone.schemas import RUNS

# The relations of texts.
SEEDS = pa.schema([("seed_name", pa.string()), ("digest", pa.string())])
OWN_RULES = pa.schema([("name", pa.string()), ("digest", pa.string())])


@dataclass(frozen=True)
class Relation:
    """A relation of the schema `landed`: what follows `from`, and a digest of what it contains.

    *marks* identify the landed files and runs that its rows are from.
    """

    sql: str
    digest: str
    marks: tuple[str, ...] = ()
    rows_without: Callable[[Collection[str]], str | None] = lambda marks: None

    def rows_since(self, marks: Collection[str]) -> str | None:
        """Return what follows `from` for the rows that came after those of an earlier moment, which
        had these *marks*. None: some of those are gone, or there are more new rows than old ones.
        """
        return self.rows_without(marks) if set(marks) <= set(self.marks) else None

    @classmethod
    def of_texts(cls, schema: pa.Schema, rows: Iterable[Sequence[str]]) -> Relation:
        """Return a relation whose rows are written in its SQL."""
        texts = [f"({', '.join(map(sql_text, row))})" for row in rows]
        none = f"({', '.join('cast(null as varchar)' for _ in schema)})"
        values, names = ", ".join([*texts, none]), ", ".join(schema.names)
        sql = f"(select * from (values {values}) as given({names}) where {schema[0].name} <> '')"
        return cls(sql, digest_of(sql))


class Moment:
    """The landing zone as it is now, or as it was at *as_of* (naive UTC), as a context manager.

    Files that a compaction replaces meanwhile are kept until the context ends.
    Raises LandingError, OSError.
    """

    def __init__(self, where: Locations, as_of: datetime | None = None) -> None:
        self._where, self._as_of = where, as_of
        self._reading = ExitStack()
        self.left_out: list[str] = []
        self.own_rules: dict[str, OwnRule] = {}
        self.relations: dict[str, Relation] = {}

    def __enter__(self) -> Moment:
        zone = LandingZone(self._where.landing)
        self.entries = self._reading.enter_context(zone.reading())
        try:
            self._read(zone, self.entries)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the landed files: nothing of them is read any more."""
        self._reading.close()

    @property
    def facts(self) -> dict[str, Any]:
        """This moment, as the record of the build describes it."""
        return {
            "left_out": self.left_out,
            "landed_up_to": self.landed_up_to,
            "landed_last": self.landed_last,
            "started_at": self.started_at.isoformat(),
        }

    @property
    def views(self) -> str:
        """The statements that make one view per relation, all of them or none."""
        return make_views({name: relation.sql for name, relation in self.relations.items()})

    @property
    def variables(self) -> dict[str, str]:
        """The variables of the engine that the SQL of models reads, each as a literal."""
        return {
            "build_started_at": f"timestamp {sql_text(self.started_at.isoformat(sep=' '))}",
            "host_label": sql_text(self.host_label),
            # A drill: a data test that then fails (tests/dbt/singular/can_be_broken.sql).
            "is_to_fail": "true" if os.environ.get("META_TEST_BREAKS") == "yes" else "false",
        }

    @property
    def settings(self) -> str:
        """The statements that set the variables."""
        return ";".join(f"set variable {name} = {text}" for name, text in self.variables.items())

    def _read(self, zone: LandingZone, entries: list[LogEntry]) -> None:
        keep_roots_out(zone)
        self.host_label = zone.host_label
        self.landed_up_to = entries[-1].seq if entries else 0
        self.landed_last = entries[-1].run_id if entries else None
        self.started_at = clock.as_naive_utc(clock.now())
        by_name: set[str] = set()
        landed: dict[str, list[LandedFile]] = {}
        for table in TABLES:
            files = [file for entry in entries for file in entry.files if file.table == table]
            footers = {file: _footer(file) for file in files}
            landed[table] = [file for file, footer in footers.items() if footer]
            if _has_other_columns(table, filter(None, footers.values())):
                by_name.add(table)
            self.left_out += sorted(
                {str(file.path) for file in files} - {str(file.path) for file in landed[table]}
            )
        work_folder = self._where.build_database.parent
        rejects = find_rejects(zone, work_folder / "rejects.parquet", entries, landed)
        runs = [*_covered(entries, self.started_at, self._as_of)]
        self._read_configuration(configured_seeds.read_aloud(), work_folder)
        self.relations |= {
            "runs": _of_runs(runs, work_folder / "runs.parquet"),
            "rejects": _of_rejects(rejects, landed),
        }
        for table, files in landed.items():
            rows_of = partial(_rows_of, table, rejects, zone, table in by_name)
            marks = {
                str(mark): file for file, mark in zip(files, _marks(files, rejects), strict=True)
            }
            others = (str(TABLES[table]), *map(str, _runs_of(table, runs)))
            self.relations[table] = Relation(
                rows_of(files),
                digest_of(*marks, *others),
                (*marks, *others),
                partial(_rows_without, marks, rows_of),
            )

    def _read_configuration(self, configuration: Configuration, work_folder: Path) -> None:
        self.own_rules = dict(configuration.own_rules)
        self.relations |= {
            f"configured_{name}": Relation(sql, digest)
            for name, (sql, digest) in configured_seeds.views_of(configuration, work_folder).items()
        }
        self.relations["seeds"] = Relation.of_texts(SEEDS, configured_seeds.digests(configuration))
        self.relations["own_rules"] = Relation.of_texts(
            OWN_RULES, ((name, rule.digest) for name, rule in self.own_rules.items())
        )


def make_views(landed: dict[str, str]) -> str:
    """Return the statements that make one view per relation of *landed* (name → SQL), all of them
    or none.
    """
    views = [
        f"create or replace view landed.{name} as from {relation}"
        for name, relation in landed.items()
    ]
    return ";".join(["begin", "create schema if not exists landed", *views, "commit"])


# -- runs ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Run:
    """A run that belongs to the build, and the time at which it is believed to have ended."""

    entry: LogEntry
    believed_at: datetime


def _covered(
    entries: Sequence[LogEntry], started_at: datetime, as_of: datetime | None
) -> Iterator[_Run]:
    """Yield the runs that had ended by *as_of*; all, if the build is not of an earlier moment.

    Only numbers order runs. If a clock ran ahead, the time of a later run also bounds this one.
    """
    moment = believed_at = as_of or started_at
    covered = []
    for entry in reversed(entries):
        ended_at = entry.ended_at
        believed_at = ended_at if ended_at <= moment else believed_at
        if as_of is None or ended_at <= as_of:
            covered.append(_Run(entry, believed_at))
    yield from reversed(covered)


def _runs_of(table: str, runs: Iterable[_Run]) -> list[tuple[str, int, str]]:
    """Return id, number and time of those *runs* that ever landed rows of *table*."""
    return [
        (run.entry.run_id, run.entry.seq, str(run.believed_at))
        for run in runs
        if any(file["table"] == table for file in run.entry.manifest["files"])
    ]


def _of_runs(runs: Iterable[_Run], target: Path) -> Relation:
    """Write the log's records as a Parquet file for the build."""
    rows = []
    for run in runs:
        manifest = run.entry.manifest
        row = {item.name: manifest.get(item.name) for item in RUNS}
        row["run_seq"] = run.entry.seq
        row["argv"] = json.dumps(manifest["argv"])
        masked = manifest.get("masked")
        row["masked_count"] = None if masked is None else sum(masked.values())
        for name in ("started_at", "ended_at"):
            row[name] = clock.parse_naive_utc(manifest[name])
        row["believed_at"] = run.believed_at
        rows.append(row)
    draft = target.with_suffix(".draft")
    # Records of older versions were written as they came, and are never changed.
    pq.write_table(Masker().table("runs", pa.Table.from_pylist(rows, RUNS)), plain_path(draft))
    os.replace(draft, target)
    digest = digest_of(rows)
    return Relation(read_parquet(path_list([str(target)])), digest)


# -- rows ------------------------------------------------------------------------------------------


def _footer(file: LandedFile) -> pq.FileMetaData | None:
    try:
        return file.footer()
    except OSError:
        return None


def _has_other_columns(table: str, footers: Iterable[pq.FileMetaData]) -> bool:
    """Say whether any of these files of *table* has other columns than those declared."""
    # Most have the same, and converting a schema takes much longer than comparing names.
    layouts = {tuple(footer.schema.names): footer for footer in footers}
    declared = TABLES[table].names
    return any(one.schema.to_arrow_schema().names != declared for one in layouts.values())


def _rows_without(
    marks: Mapping[str, LandedFile],
    rows_of: Callable[[list[LandedFile]], str],
    earlier: Collection[str],
) -> str | None:
    """Return the SQL of the rows in files whose *marks* are not among the *earlier* ones; None if
    they are more than the others.
    """
    new = [file for mark, file in marks.items() if mark not in earlier]
    is_most = 2 * sum(file.rows for file in new) > sum(file.rows for file in marks.values())
    return None if is_most else rows_of(new)


def _rows_of(
    table: str, rejects: Rejects, zone: LandingZone, is_by_name: bool, files: list[LandedFile]
) -> str:
    """Return the SQL of the healthy rows of *files*, with what the build knows about their run."""
    rows = _healthy_rows(table, files, rejects, zone, is_by_name)
    return (
        "(select rows.*, runs.run_seq, runs.believed_at as landed_at"
        f" from {rows} as rows inner join landed.runs as runs using (run_id))"
    )


def _healthy_rows(
    table: str, files: list[LandedFile], rejects: Rejects, zone: LandingZone, is_by_name: bool
) -> str:
    """Return the SQL of the landed rows of *table* that keep its rules.

    Files with other columns than those declared, which other code has landed, are read *by name*.
    All others are not, since looking at the columns of every file costs every node that reads the
    view.
    """
    dirty = [file.path for file in files if rejects.has(file)]
    clean = [file.path for file in files if not rejects.has(file)]
    # DuckDB guesses the rows of all from those of the first.
    options = {"union_by_name": True} if is_by_name else {}
    parts = [
        f"select * from {read_parquet(path_list([*clean, zone.empty_table(table)]), **options)}"
    ]
    parts += [
        "select * exclude (file_row_number) from "
        f"{read_parquet(path_list([path]), file_row_number=True)}"
        f" where file_row_number not in"
        f" (select row_number from landed.rejects where file = {sql_text(name_of(path))})"
        for path in dirty
    ]
    rows = " union all by name ".join(parts)
    if is_by_name:
        columns = ", ".join(f'"{name}"' for name in TABLES[table].names)
        rows = f"select {columns} from ({rows})"
    return f"({rows})"


def _marks(files: Iterable[LandedFile], rejects: Rejects) -> list[tuple[str, str, list[int]]]:
    """Return what identifies the healthy rows of *files*, wherever the landing zone is."""
    return [(name_of(file.path), file.sha256, rejects.rows_of(file)) for file in files]


def _of_rejects(rejects: Rejects, landed: dict[str, list[LandedFile]]) -> Relation:
    dirty = [file for files in landed.values() for file in files if rejects.has(file)]
    return Relation(read_parquet(path_list([rejects.path])), digest_of(_marks(dirty, rejects)))
