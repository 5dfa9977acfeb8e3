"""Runs one model as dbt compiled it, over rows of a test in place of the tables that it reads."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa
from product import PROJECT, Product


def run_model(
    product: Product, path: str, tables: Mapping[str, Sequence[Mapping[str, Any]]]
) -> list[dict[str, Any]]:
    """Return the rows of the model at *path* below models/.

    *tables* are the tables that it reads: name → rows, whose first has every column. Seeds are read
    from their files unless they are given. A number, date or boolean keeps its type.
    """
    compiled = product.target / "compiled/meta_collector/models" / f"{path}.sql"
    query = compiled.read_text(encoding="utf-8")
    with duckdb.connect() as db:
        db.execute("attach ':memory:' as meta")
        for schema, name in sorted(set(re.findall(r'"meta"\."(\w+)"\."(\w+)"', query))):
            db.execute(f'create schema if not exists meta."{schema}"')
            if name in tables:
                db.register("rows", pa.Table.from_pylist(list(tables[name])))
                db.execute(f'create table meta."{schema}"."{name}" as from rows')
            else:
                seed = PROJECT / "seeds" / f"{name}.csv"
                db.execute(
                    f'create table meta."{schema}"."{name}" as'
                    " from read_csv($1, header = true, delim = ',', quote = '\"')",
                    [str(seed)],
                )
        found = db.execute(query)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
