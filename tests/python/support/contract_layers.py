"""The contract in its three layers: the committed list, dbt's manifest, the published file."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb

from loaders.publishing.contract import contract_columns

# Relation → its columns in their order, each a name and a type.
Layer = Mapping[str, list[tuple[str, str]]]

LIST = Path(__file__).parents[1] / "data" / "contract_columns.csv"


def committed() -> Layer:
    """Return the contract that is committed, in contract_columns.csv."""
    found: dict[str, list[tuple[str, str]]] = {}
    with open(LIST, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["relation"], []).append((row["column"], row["type"].upper()))
    return found


def declared(manifest: Mapping[str, Any]) -> Layer:
    """Return the contract that the YAML of the models declares, as dbt's *manifest* has it."""
    columns = contract_columns(manifest)
    return {name.removeprefix("main."): [*pairs] for name, pairs in columns.items()}


def declared_in(target: Path) -> Layer:
    return declared(json.loads((target / "manifest.json").read_bytes()))


def contained(database: Path) -> Layer:
    """Return every relation that the schema `main` of a *database* contains."""
    found: dict[str, list[tuple[str, str]]] = {}
    with duckdb.connect(str(database), read_only=True) as db:
        rows = db.execute(
            """
            select table_name, column_name, data_type
            from duckdb_columns()
            where schema_name = 'main' and not internal
            order by table_name, column_index
            """
        ).fetchall()
    for relation, column, kind in rows:
        found.setdefault(relation, []).append((column, kind.upper()))
    return found


def disagreements(one: Layer, other: Layer) -> list[str]:
    """Return a line for each relation and column in which two layers differ; each line names it."""
    return [line for name in sorted({*one, *other}) for line in _of_relation(name, one, other)]


def _of_relation(name: str, one: Layer, other: Layer) -> Iterator[str]:
    if name not in one or name not in other:
        yield f"{name}: only in {'the second' if name not in one else 'the first'}"
        return
    here, there = dict(one[name]), dict(other[name])
    for column in sorted({*here, *there}):
        if column not in here or column not in there:
            where = "the second" if column not in here else "the first"
            yield f"{name}.{column}: only in {where}"
        elif here[column] != there[column]:
            yield f"{name}.{column}: {here[column]} in the first, {there[column]} in the second"
    orders = [[column for column, _ in layer[name] if column in here and column in there]
              for layer in (one, other)]  # fmt: skip
    for first, second in zip(*orders, strict=True):
        if first != second:
            yield f"{name}.{first}: in the place of {second}"
