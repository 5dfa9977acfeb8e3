"""Read all tables of project_catalog.db, and check the types of values, which SQLite does not."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from loaders.sources.artifacts.path_keys import PathKeys
from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.codegraphx.catalogue_columns import (
    CATALOG_COLUMNS,
    CATALOG_PATHS,
    CATALOG_TABLES,
)
from loaders.sources.codegraphx.documents import as_json
from loaders.sources.codegraphx.lines import Reject, excerpt
from loaders.sources.codegraphx.sqlite import Database, Relation, is_text

# A file with one of the tables of a catalogue contains one of these words.
WORDS = (b"codegraphx_", b"projects")
# A table `projects` without any of these columns is not that of a catalogue.
_PROJECT_COLUMNS = {
    "file_count",
    "line_count",
    "has_readme",
    "has_tests",
    "has_git",
    "has_ci_cd",
    "has_docs",
}
_NOT_STORABLE = "text that is not UTF-8, or a number that is not finite"
_PYTHON_TYPES = {pa.string(): (str,), pa.int64(): (int,), pa.float64(): (float, int)}


@dataclass
class TableRows:
    """Some rows of one table, as landed columns, and the rejected rows."""

    table: str  # name of the landed table
    columns: dict[str, Sequence[Any]]
    rejects: list[Reject] = field(default_factory=list)


def is_catalog(relations: Mapping[str, Relation]) -> bool:
    """Return whether a database with these tables is a catalogue."""
    projects = (
        {column.lower() for column in relations["projects"].columns}
        if "projects" in relations
        else set()
    )
    if "path" in projects and not _PROJECT_COLUMNS.isdisjoint(projects):
        return True
    return any(name in relations for name in CATALOG_TABLES if name != "projects")


def read_catalog(
    database: Database, relations: Mapping[str, Relation], keys: PathKeys
) -> Iterator[TableRows]:
    """Yield the rows of every table. Raises Invalid, also if a known name is not a plain table."""
    for name in CATALOG_TABLES:
        if name in relations and not relations[name].is_plain:
            raise Invalid(f"{name} is not a table but a {_type_of(relations[name])}")
    for name, relation in relations.items():
        if name in CATALOG_TABLES:
            yield from _known_rows(database, name, relation, keys)
        elif relation.is_plain and not _is_shadow(name, relations):
            yield from _other_rows(database, relation)


def _type_of(relation: Relation) -> str:
    return relation.type if relation.type == "view" else "virtual table"


def _is_shadow(name: str, relations: Mapping[str, Relation]) -> bool:
    """Return whether a table stores the content of a virtual table."""
    return any(
        name.startswith(f"{other}_") and not relation.is_plain and relation.type == "table"
        for other, relation in relations.items()
    )


def _known_rows(
    database: Database, name: str, relation: Relation, keys: PathKeys
) -> Iterator[TableRows]:
    types = dict(CATALOG_COLUMNS[name])
    stored = {column.lower(): column for column in relation.columns}
    known = {column: place for place, column in enumerate(stored) if column in types}
    more = {column: place for place, column in enumerate(stored) if column not in types}
    position = 1
    for rows in database.batches(relation, list(stored.values())):
        positions = list(range(position, position + len(rows)))
        position += len(rows)
        cells = list(zip(*rows, strict=True))
        if (
            all(_are_valid(cells[place], types[column]) for column, place in known.items())
            and not more
        ):
            rejects: list[Reject] = []
        else:
            positions, rows, rejects = _valid_rows(name, positions, rows, known, types, more)
            cells = list(zip(*rows, strict=True)) or [()] * len(stored)
        columns: dict[str, Sequence[Any]] = {
            column: cells[place] for column, place in known.items()
        }
        columns |= {
            key: list(map(keys.of, columns[path]))
            for path, key in CATALOG_PATHS.items()
            if path in columns
        }
        if more:
            columns["more"] = [
                as_json({column: _plain(row[place]) for column, place in more.items()})
                for row in rows
            ]
        yield TableRows(CATALOG_TABLES[name], columns | {"position": positions}, rejects)


def _are_valid(cells: Sequence[Any], kind: pa.DataType) -> bool:
    """Return whether all values of a column are NULL or of its type."""
    found = set(map(type, cells)) - {type(None)}
    if not found.issubset(_PYTHON_TYPES[kind]):
        return False
    return found.isdisjoint((str, float)) or all(map(_is_storable, cells))


def _is_storable(cell: Any) -> bool:
    """Return False for text that is not UTF-8 and for numbers that are not finite."""
    if type(cell) is str:
        return is_text(cell)
    return type(cell) is not float or math.isfinite(cell)


def _valid_rows(
    table: str,
    positions: list[int],
    rows: list[tuple[Any, ...]],
    known: Mapping[str, int],
    types: Mapping[str, pa.DataType],
    more: Mapping[str, int],
) -> tuple[list[int], list[tuple[Any, ...]], list[Reject]]:
    """Return the positions and values of the valid rows, and the other rows as rejects."""
    valid: list[tuple[int, tuple[Any, ...]]] = []
    rejects: list[Reject] = []
    for position, row in zip(positions, rows, strict=True):
        wrong = next(
            (
                column
                for column, place in known.items()
                if not _are_valid((row[place],), types[column])
            ),
            None,
        )
        wrong = wrong or next(
            (column for column, place in more.items() if not _is_storable(row[place])), None
        )
        if wrong is None:
            valid.append((position, row))
        else:
            cell = row[known[wrong] if wrong in known else more[wrong]]
            reason = "a value of another type" if _is_storable(cell) else _NOT_STORABLE
            rejects.append(Reject(position, f"{table}.{wrong}: {reason}", _shown(cell)))
    return [position for position, _ in valid], [row for _, row in valid], rejects


def _other_rows(database: Database, relation: Relation) -> Iterator[TableRows]:
    position = 1
    for rows in database.batches(relation, relation.columns):
        columns: dict[str, list[Any]] = {"position": [], "row": []}
        rejects: list[Reject] = []
        for number, row in enumerate(rows, position):
            if all(map(_is_storable, row)) and _is_storable(relation.name):
                columns["position"].append(number)
                columns["row"].append(
                    as_json(dict(zip(relation.columns, map(_plain, row), strict=True)))
                )
            else:
                rejects.append(Reject(number, f"{relation.name}: {_NOT_STORABLE}", ""))
        position += len(rows)
        yield TableRows(
            "catalog_other_rows",
            {**columns, "table_name": [relation.name] * len(columns["row"])},
            rejects,
        )


def _plain(cell: Any) -> Any:
    """Return *cell* as a JSON value; bytes become hexadecimal digits."""
    return cell.hex() if isinstance(cell, bytes) else cell


def _shown(cell: Any) -> str:
    return excerpt(repr(cell)[:200].encode("utf-8", "backslashreplace"))
