"""Replays the SQL of a finished dbt build over another landing zone, as dbt would run it.

A build takes ten seconds and more, its SQL one or two. `target/run` holds each statement as it was
executed, `run_results.json` their order; the views over landed files are the plugin's own.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
import pyarrow as pa
from product import Product

from loaders.base.paths import locations
from loaders.publishing import graph_functions
from loaders.publishing.contract import _type, contract_columns
from loaders.publishing.moment import Moment
from loaders.publishing.observe import _MODELS
from loaders.sources import registry

Tables = dict[str, list[tuple]]
_ON_REJECTS = (
    "as_of",
    "stg_landing__runs",
    "stg_landing__rejects",
    "int_landing__rejects",
    "v_rejects",
    "stg_script_runs__events",
    "int_landing__script_runs",
    "ingest_runs",
)


@dataclass
class Replayed:
    """The input of a build: rejected rows, and the healthy ones of the newest run by table."""

    rejects: list[tuple]
    run_id: str
    healthy: dict[str, Counter]
    wrong: list[str]


@dataclass(frozen=True)
class Node:
    """A model or a data test, and the SQL that a build executed for it."""

    name: str
    is_test: bool
    relation: str
    sql: str


class Replay:
    """The SQL of the last build of *product*."""

    def __init__(self, product: Product) -> None:
        target = product.target
        manifest = json.loads((target / "manifest.json").read_bytes())
        results = json.loads((target / "run_results.json").read_bytes())["results"]
        self.contract = contract_columns(manifest)
        self.nodes: dict[str, Node] = {}
        for result in results:
            name = result["unique_id"]
            node = manifest["nodes"].get(name, {})
            if node.get("resource_type") in ("model", "test"):
                relation = f"{node['schema']}.{node['alias']}"
                sql = _executed(target, node)
                is_test = node["resource_type"] == "test"
                self.nodes[name] = Node(node["name"], is_test, relation, sql)
        self._parents = manifest["parent_map"]
        self._build_database = product.published.with_name("meta.duckdb.d") / "build/meta.duckdb"
        self._environment = product._environment()

    def downstream(self, table: str) -> set[str]:
        """Return the nodes that read the landed *table*, or one that does, and all on rejects."""
        found: set[str] = set()
        for name, node in self.nodes.items():
            reads = (
                re.search(rf"\blanded\.({table}|rejects)\b", node.sql)
                or node.name in _ON_REJECTS[2:]
            )
            if reads or found & self._ancestors(name):
                found.add(name)
        return found

    def _ancestors(self, name: str) -> set[str]:
        """Return what *name* reads: its parents, or what an ephemeral one of them reads."""
        found: set[str] = set()
        for parent in self._parents.get(name, []):
            found |= {parent} if parent in self.nodes else self._ancestors(parent)
        return found

    def replay(self, landing: Path, scratch: Path, now: str) -> Replayed:
        """Return what a build from *landing* would read of its newest run, and what it rejects."""
        with self.opened(landing, scratch, now) as db:
            run_id = _one(db, "select max_by(run_id, run_seq) from landed.runs")
            rejects = db.execute(
                "select table_name, run_id, reason, place from landed.rejects"
            ).fetchall()
            healthy = {}
            for table, schema in registry.TABLES.items():
                columns = ", ".join(f'"{item.name}"' for item in schema)
                rows = db.execute(f"select {columns} from landed.{table} where run_id = '{run_id}'")
                healthy[table] = Counter(map(repr, rows.fetchall()))
            for node in self.nodes.values():
                if node.name in _ON_REJECTS:
                    db.execute(node.sql)
            of_run = f"= '{run_id}'"
            counted = _one(db, f"select rejected_count from ingest_runs where run_id {of_run}")
            shown = _one(db, f"select sum(row_count) from v_rejects where source_run_id {of_run}")
            is_reported = counted == (shown or 0) == len(rejects)
            wrong = f"{len(rejects)} rejected, {counted} in ingest_runs, {shown} in v_rejects"
            return Replayed(rejects, run_id, healthy, [] if is_reported else [wrong])

    def run(self, landing: Path, scratch: Path, now: str) -> tuple[Tables, list[str]]:
        """Build from *landing*; return the rows of the contract's relations, and what is wrong."""
        with self.opened(landing, scratch, now) as db:
            return self.build(db, self.nodes)

    @contextmanager
    def opened(self, landing: Path, scratch: Path, now: str) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a database with the seeds of the build and the views over *landing*."""
        with duckdb.connect() as db, self.moment(landing, scratch, now) as moment:
            db.execute(
                f"attach ':memory:' as meta; attach '{self._build_database}' as base (read_only)"
            )
            db.execute("use meta")
            for (schema,) in db.execute(
                "select schema_name from duckdb_schemas() where database_name = 'base' and not"
                " internal"
            ).fetchall():
                db.execute(f"create schema if not exists meta.{schema}")
            for (seed,) in db.execute(
                "select table_name from duckdb_tables()"
                " where database_name = 'base' and schema_name = 'seeds'"
            ).fetchall():
                db.execute(f"create table meta.seeds.{seed} as from base.seeds.{seed}")
            db.create_function("judge_by_own_rules", lambda: "[]", [], "VARCHAR")
            graph_functions.register(db)
            db.execute(moment.views)
            db.execute(moment.settings)
            yield db

    @contextmanager
    def moment(self, landing: Path, scratch: Path, now: str) -> Iterator[Moment]:
        """Give what a build reads of a landing zone."""
        (scratch / "meta.duckdb.d/build").mkdir(parents=True, exist_ok=True)
        places = {
            "META_LANDING_DIR": str(landing),
            "META_DB_PATH": str(scratch / "meta.duckdb"),
            "META_NOW": now,
        }
        with (
            mock.patch.dict(os.environ, self._environment | places),
            Moment(locations()) as moment,
        ):
            yield moment

    def build(
        self, db: duckdb.DuckDBPyConnection, names: Collection[str]
    ) -> tuple[Tables, list[str]]:
        """Build the nodes *names* in *db*; return the rows of what they make, and what is wrong."""
        wrong = []
        for name, node in self.nodes.items():
            if name not in names:
                continue
            try:
                if not node.is_test:
                    db.execute(node.sql)
                elif (found := db.execute(node.sql).fetchall()[0])[2]:
                    wrong.append(f"test {node.name}: {found[0]} rows")
            except duckdb.Error as error:
                return {}, [*wrong, f"{node.name}: {str(error)[:300]}"]
        return self._tables(db, wrong, {self.nodes[name].relation for name in names}), wrong

    def _tables(
        self, db: duckdb.DuckDBPyConnection, wrong: list[str], relations: Collection[str]
    ) -> Tables:
        """Ask every relation as publishing does and a reader may.

        Land in thought what it observed.
        """
        tables = {}
        for relation, columns in self.contract.items():
            if relation not in relations:
                continue
            try:
                described = db.execute(f"describe {relation}").fetchall()
                tables[relation] = db.execute(f"from {relation}").fetchall()
                if [(row[0], _type(row[1])) for row in described] != [
                    tuple(one) for one in columns
                ]:
                    wrong.append(f"{relation}: other columns")
            except (duckdb.Error, ValueError, OverflowError) as error:
                wrong.append(f"{relation}: does not answer: {str(error)[:300]}")
        for table, model in _MODELS.items():
            items = [item for item in registry.TABLES[table] if item.name != "run_id"]
            if f"internal.{model}" not in relations:
                continue
            query = f"select {', '.join(item.name for item in items)} from internal.{model}"
            try:
                pa.Table.from_pylist(db.sql(query).to_arrow_table().to_pylist(), pa.schema(items))
            except (duckdb.Error, pa.ArrowException, ValueError, OverflowError) as error:
                wrong.append(f"observing {table}: {str(error)[:300]}")
        return tables


class Standing:
    """A built twin, over which victims are built one after the other.

    Only the relations that read other rows are built again.
    """

    def __init__(self, replay: Replay, landing: Path, scratch: Path, now: str) -> None:
        self._replay, self._scratch, self._now = replay, scratch, now
        self._stack = ExitStack()
        # The database stays open, and not the variables with which it was opened.
        with mock.patch.dict(os.environ):
            self._db = self._stack.enter_context(replay.opened(landing, scratch, now))
        self.tables, wrong = replay.build(self._db, replay.nodes)
        assert not wrong, f"the twin is broken: {wrong}"

    def victim(self, landing: Path, table: str) -> tuple[Tables, list[str]]:
        """Rebuild the models that read the landed *table*, from a zone that differs in it alone."""
        names = self._replay.downstream(table)
        with self._replay.moment(landing, self._scratch, self._now) as moment:
            views = moment.views.split(";")[1:-1]
            self._db.execute("begin")
            try:
                for statement in views:
                    self._db.execute(statement)
                tables, wrong = self._replay.build(self._db, names)
            finally:
                self._db.execute("rollback")
        return self.tables | tables, wrong

    def close(self) -> None:
        """Close the database. The variables of this process stay as they are now."""
        with mock.patch.dict(os.environ):
            self._stack.close()


def _one(db: duckdb.DuckDBPyConnection, query: str) -> Any:
    return db.execute(query).fetchall()[0][0]


def _executed(target: Path, node: dict[str, Any]) -> str:
    """Return the SQL that dbt executed, made to replace the relation of an earlier replay."""
    folder = target / "run" / node["package_name"] / _folder(node)
    sql = (folder / Path(node["path"]).name).read_text()
    create = r"\bcreate(?: or replace)?\s+(?=(?:view|table)\b)"
    return re.sub(create, "create or replace ", sql, count=1)


def _folder(node: dict[str, Any]) -> Path:
    """Return where dbt writes the SQL of a node: generic tests below the file that names them."""
    original = Path(node["original_file_path"])
    return original if original.suffix == ".yml" else original.parent
