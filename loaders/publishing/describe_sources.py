"""Write the landed tables as dbt sources, as the loaders declare them: a `landed.yml` per source,
beside its staging models, and one for the tables of the landing zone itself.

python -m loaders.publishing.describe_sources
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib import import_module
from itertools import chain
from pathlib import Path

import pyarrow as pa

from loaders.base.integrity import Rules
from loaders.base.paths import PROJECT_ROOT
from loaders.publishing.moment import OWN_RULES, SEEDS
from loaders.publishing.rejects import REJECTS
from loaders.sources.registry import DECLARED
from loaders.zone.column_texts import SHARED_TEXTS
from loaders.zone.schemas import OF_THE_RUN, RUNS
from loaders.zone.tables import TABLES as ZONE_TABLES

_SOURCES = Path("loaders", "sources")
_OF_THE_ZONE = Path("models", "staging", "landed.yml")
_HEAD = """\
# Written by: python -m loaders.publishing.describe_sources
# The texts are those of {origin}.
sources:
  - name: landed
    schema: landed
    description: >-
      The landed tables, as of this build: for each, the healthy rows of all committed runs that the
      build covers (loaders/publishing/moment.py).
    tables:
"""
_TYPES = {
    "string": "varchar",
    "binary": "blob",
    "bool": "boolean",
    "int16": "smallint",
    "int32": "integer",
    "int64": "bigint",
    "uint64": "ubigint",
    "double": "double",
    "date32[day]": "date",
    "timestamp[us]": "timestamp",
}
# A text in double quotes is the same in JSON and YAML.
_quoted = json.dumps


def described() -> dict[Path, str]:
    """Return each file, by its path below the project."""
    files = {_OF_THE_ZONE: _HEAD.format(origin="loaders/zone/tables.py") + "".join(_zone_tables())}
    for module in sorted((PROJECT_ROOT / _SOURCES).glob("*/tables.py")):
        folder = _SOURCES / module.parent.name
        tables = import_module(".".join((*folder.parts, "tables"))).TABLES
        files[folder / "staging" / "landed.yml"] = _HEAD.format(origin="tables.py") + "".join(
            chain.from_iterable(map(_declared, tables))
        )
    return files


def write(project: Path) -> None:
    """Write all files that differ below *project*, and name them."""
    for path, text in described().items():
        file = project / path
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
            print(path)


def _zone_tables() -> Iterator[str]:
    yield from _table("runs", "One row per committed run of the landing zone.", RUNS, SHARED_TEXTS)
    yield from _table(
        "rejects", "One row per landed row that breaks a rule of its table.", REJECTS, SHARED_TEXTS
    )
    yield from _table(
        "seeds", "One row per seed, with a digest of its rows and of those configured.", SEEDS, {}
    )
    yield from _table(
        "own_rules",
        "One row per rule of the user's own, with a digest of its query.",
        OWN_RULES,
        {},
    )
    for name in ZONE_TABLES:
        yield from _declared(name)


def _declared(name: str) -> Iterator[str]:
    table = DECLARED[name]
    texts = table.texts | {
        column: f"{table.texts.get(column, '')} One of: {words}.".strip()
        for column, words in _closed(table.rules).items()
    }
    added = {column: SHARED_TEXTS[column] for column in OF_THE_RUN.names}
    schema = pa.schema([*table.schema, *OF_THE_RUN])
    yield from _table(name, table.about, schema, texts | added)


def _closed(rules: Rules) -> dict[str, str]:
    """Return the columns that have a closed list of words, with that list."""
    return {
        column: ", ".join(f"`{word}`" for word in words.split())
        for column, words in rules.words.items()
    }


def _table(name: str, about: str, schema: pa.Schema, texts: Mapping[str, str]) -> Iterator[str]:
    yield f"      - name: {name}\n        description: {_quoted(about)}\n        columns:\n"
    for column in schema:
        yield (
            f"          - name: {column.name}\n            data_type: "
            f"{_plain(_type(column.type))}\n"
        )
        if column.name in texts:
            yield f"            description: {_quoted(texts[column.name], ensure_ascii=False)}\n"


def _plain(text: str) -> str:
    return text if text.isidentifier() else _quoted(text)


def _type(kind: pa.DataType) -> str:
    """Return the name that DuckDB gives the type of a column of a Parquet file."""
    if pa.types.is_list(kind):
        return f"{_type(kind.value_type)}[]"
    if pa.types.is_struct(kind):
        return f"struct({', '.join(f'{_quoted(item.name)} {_type(item.type)}' for item in kind)})"
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    return _TYPES[str(kind)]


if __name__ == "__main__":
    write(PROJECT_ROOT)
