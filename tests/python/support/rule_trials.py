"""Builds the models of a trial of thresholds, or of a dry build, in a copy of a build database.

Both run the SQL that dbt compiled, in the order of dbt's graph: a dry build of dbt itself for each
threshold would take half an hour.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path

import duckdb
from product import Product

from loaders.publishing import graph_functions

_THRESHOLDS = "int_rules__thresholds"
Findings = frozenset[tuple]


def _statement(node: dict, compiled: Path) -> str:
    """Return what builds a model."""
    sql = (compiled / node["original_file_path"]).read_text(encoding="utf-8")
    kind = node["config"]["materialized"]
    return f"create or replace {kind} {node['schema']}.{node['name']} as {sql}"


class TrialBench:
    """A copy of a build database in which thresholds are changed and models are built again."""

    def __init__(self, product: Product, folder: Path) -> None:
        build = product.published.with_name("meta.duckdb.d") / "build" / "meta.duckdb"
        folder.mkdir()
        self._db = duckdb.connect(shutil.copy(build, folder / "meta.duckdb"))
        manifest = json.loads((product.target / "manifest.json").read_bytes())
        models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
        names = {node["unique_id"]: node["name"] for node in models}
        self._parents = {
            node["name"]: [
                names[parent]
                for parent in manifest["parent_map"][node["unique_id"]]
                if parent in names
            ]
            for node in models
        }
        compiled = product.target / "compiled" / "meta_collector"
        self._statements = {
            node["name"]: _statement(node, compiled)
            for node in models
            if node["config"]["materialized"] in ("table", "view") and node["name"] != _THRESHOLDS
        }
        # A workspace without rules of its user's own.
        self._db.create_function("judge_by_own_rules", lambda: "[]", [], "VARCHAR")
        graph_functions.register(self._db)
        self._order: list[str] = []
        self._above: dict[str, set[str]] = {}
        for name in self._parents:
            self._place(name)

    def _place(self, name: str) -> None:
        """Put a model in the order of building, after all that it builds on."""
        if name not in self._above:
            self._above[name] = {name}
            for parent in self._parents[name]:
                self._place(parent)
                self._above[name] |= self._above[parent]
            self._order.append(name)

    def selected(self, selection: str) -> set[str]:
        """Return what dbt selects by `x+` (x and all after it), `+x` and their intersection."""
        parts = []
        for part in selection.split(","):
            name = part.strip("+")
            parts.append(
                self._above[name]
                if part.startswith("+")
                else {other for other in self._order if name in self._above[other]}
            )
        return set.intersection(*parts)

    def findings(
        self,
        rules: Collection[str],
        thresholds: Mapping[tuple[str, str], float],
        models: Collection[str],
    ) -> dict[str, Findings]:
        """Return rule → findings after *models* were built with *thresholds*; all is undone."""
        self._db.execute("begin")
        try:
            for key, value in thresholds.items():
                self._db.execute(
                    f"update internal.{_THRESHOLDS} set value = $1"
                    " where (gap_type, threshold) = ($2, $3)",
                    [value, *key],
                )
            for name in self._order:
                if name in models and name in self._statements:
                    self._db.execute(self._statements[name])
            return {rule: self._findings_of(rule) for rule in rules}
        finally:
            self._db.execute("rollback")

    def _findings_of(self, rule: str) -> Findings:
        rows = self._db.execute(
            "select project_path, subject, stake, confidence_ratio from ("
            f" select * from internal.gap_{rule.lower()} union all by name"
            " select null::double as stake, null::double as confidence_ratio where false"
            ") where verdict = 'fail'"
        )
        return frozenset(rows.fetchall())
