"""Asks the models of reports what follows from reports: their SQL, over rows made in memory."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import duckdb
import jinja2
import pyarrow as pa
from product import PROJECT

from loaders.publishing.graph_cycles import register
from loaders.sources.reports.reading.report_facts import Component, Fact, ToolRun
from loaders.sources.reports.reading.version_order import order_key
from loaders.sources.reports.tables import TABLE_OF
from loaders.zone.schemas import TABLES

NOW = datetime(2026, 3, 1)
MODELS = """
    int_reports__test_cases int_reports__test_classes test_results coverage_files sbom_components
    int_reports__named_advisories int_reports__advisory_ids int_reports__advised
    int_reports__placed_advisories vulnerabilities int_reports__merged_lines
    int_reports__file_coverage int_reports__project_coverage int_reports__never_run
    int_reports__test_health int_reports__project_tests int_reports__chains int_reports__audits
    int_dependencies__uses int_dependencies__drift int_dependencies__drifting
""".split()
_SEEDS = "audit_tools report_severities code_settings rule_thresholds".split()
_MACROS = """
    engine/using_key engine/hash_id engine/json_object engine/json_text engine/as_json_text
    engine/parent_path cvss_band code_settings settings_of threshold from_reports joined_severities
""".split()
# Table → its columns; those without a type are texts.
_STUBS = {
    "quality_runs": "quality_run_id report_path sha256 run_index:bigint format tool project_id"
    " is_measured:boolean is_newest:boolean started_at:timestamp reported_at:timestamp"
    " source_run_id",
    "int_reports__current": "report_path sha256 reading_seq:bigint",
    "int_reports__places": "report_path sha256 run_index:bigint path_index:bigint file_id"
    " project_id file_path match_state matched_by confidence:double",
    "int_reports__findings": "sha256 reading_seq:bigint run_index:bigint path_index:bigint rule_id"
    " message kind severity rule_description rule_help_uri is_suppressed:boolean suppression",
    "int_files__current": "file_id project_id file_path file_kind is_own:boolean",
    "int_git__hotspots": "file_id recent_revisions:bigint hotspot_score:double"
    " last_changed_at:timestamp",
    "int_dependencies__matched": "project_id ecosystem dependency_name specifier scope"
    " accepted_versions is_copy:boolean provider_project_id run_id run_seq:bigint",
    "int_structure__projects": "project_id project_path last_commit_at:timestamp",
    "code_symbols": "symbol_id project_id file_id file_path parent_name name kind"
    " start_line:bigint source_run_id",
}


@dataclass
class Reports:
    """Reports of the project `p`, and the files and tables beside them, as rows."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(
        self,
        tool: str,
        facts: Iterable[Fact],
        *,
        run: ToolRun | None = None,
        project: str = "p",
        form: str = "form",
        is_measured: bool = True,
        is_newest: bool = True,
        age: int = 0,
        files: Mapping[int, str] | None = None,
    ) -> str:
        """Add a report with one run of *tool*; return its id. *files* are its paths by index."""
        key = f"report {len(self.rows.get('quality_runs', []))}"
        of_content = {"sha256": key, "reader_version": 1, "run_seq": 1, "run_index": 0}
        numbers: dict[str, int] = {}
        for fact in (*facts, run or ToolRun(tool)):
            table = TABLE_OF[type(fact)]
            row = of_content | {"position": numbers.get(table, 0)} | fact._asdict()
            numbers[table] = row["position"] + 1
            if isinstance(fact, Component):
                row["version_key"] = order_key(fact.ecosystem, fact.version)
            self.put(table, row)
        of_report = {"report_path": f"/{key}", "sha256": key}
        self.put("int_reports__current", of_report | {"reading_seq": 1})
        self.put(
            "quality_runs",
            of_report
            | {"quality_run_id": key, "run_index": 0, "format": form, "tool": tool}
            | {"project_id": project, "is_measured": is_measured, "is_newest": is_newest}
            | {"reported_at": NOW - timedelta(days=age), "source_run_id": "run"},
        )
        for index, path in (files or {}).items():
            of_place = {"run_index": 0, "path_index": index, "file_id": path, "file_path": path}
            place = {"project_id": project, "match_state": "matched", "confidence": 1.0}
            self.put("int_reports__places", of_report | of_place | place)
        return key

    def put(self, table: str, *rows: Mapping[str, Any]) -> None:
        self.rows.setdefault(table, []).extend(map(dict, rows))

    def files(self, *paths: str, kind: str = "source", project: str = "p") -> None:
        """Add own files; the id of a file is its path."""
        of_file = {"project_id": project, "file_kind": kind, "is_own": kind != "vendored"}
        self.put(
            "int_files__current", *({"file_id": one, "file_path": one} | of_file for one in paths)
        )

    def build(self, *models: str) -> duckdb.DuckDBPyConnection:
        """Return a connection with *models* and those that they read, as tables."""
        db = duckdb.connect()
        register(db)
        for name in TABLE_OF.values():
            schema = TABLES[name].append(pa.field("run_seq", pa.int64()))
            staging = f"stg_{name.replace('report_', 'reports__', 1)}"
            db.register(staging, pa.Table.from_pylist(self.rows.get(name, []), schema))
        for name, columns in _STUBS.items():
            _make_stub(db, name, columns, self.rows.get(name, []))
        for seed in _SEEDS:
            db.register(seed, _seed(seed))
        db.register("int_rules__thresholds", _seed("rule_thresholds"))
        needed = _needed(models)
        for model in MODELS:
            if model in needed:
                db.execute(f"create table {model} as {_sql(model)}")
        return db


@cache
def _seed(name: str) -> pa.Table:
    with duckdb.connect() as db:
        return db.sql(f"from read_csv('{PROJECT}/seeds/{name}.csv')").to_arrow_table()


def _needed(models: Iterable[str]) -> set[str]:
    found: set[str] = set()
    waiting = [*models]
    while waiting:
        model = waiting.pop()
        if model in MODELS and model not in found:
            found.add(model)
            waiting += re.findall(r"\b(?:from|join) (\w+)", _sql(model))
    return found


def _make_stub(
    db: duckdb.DuckDBPyConnection, name: str, columns: str, rows: list[dict[str, Any]]
) -> None:
    pairs = [(*one.split(":"), "varchar")[:2] for one in columns.split()]
    db.execute(f"create table {name} ({', '.join(f'{n} {t}' for n, t in pairs)})")
    for row in rows:
        db.execute(
            f"insert into {name} values ({', '.join('?' * len(pairs))})",
            [row.get(column) for column, _ in pairs],
        )


@cache
def _sql(model: str) -> str:
    [path] = (PROJECT / "models").rglob(f"{model}.sql")
    environment = jinja2.Environment()
    environment.globals |= {"ref": lambda name: name, "config": lambda **_: ""}
    macros = "".join((PROJECT / f"macros/{name}.sql").read_text("utf-8") for name in _MACROS)
    return environment.from_string(macros + path.read_text("utf-8")).render(target={"name": "test"})


def rows_of(db: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    """Return the rows of *query*, each as column → value."""
    found = db.execute(query)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
