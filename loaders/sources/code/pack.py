"""Whole columns of the landed tables of code, from what was found in contents."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from typing import Any

from loaders.sources.code.facts import Base, Call, Code, Import, Symbol
from loaders.sources.contents.extractor import Extracted, Packed

_NO_HALSTEAD = (None,) * 4
_OF_ROW = ("sha256", "extractor_version", "index")
# Tables with rows for each content → their columns.
_PARTS = {
    "content_symbols": _OF_ROW + Symbol._fields,
    "content_imports": _OF_ROW + Import._fields,
    "content_calls": _OF_ROW + Call._fields,
    "content_bases": _OF_ROW + Base._fields,
}


def pack(extracted: Sequence[Extracted]) -> Packed:
    """Return the columns of the rows to be landed."""
    contents = [_content(found) for found in extracted]
    packed: Packed = {
        "content_code": list(zip(*contents, strict=True)),
        **{table: [[] for _ in columns] for table, columns in _PARTS.items()},
    }
    for found in extracted:
        code: Code = found.facts
        parts: Sequence[Sequence[tuple[Any, ...]]] = (
            code.symbols,
            code.imports,
            code.calls,
            code.bases,
        )
        for table, rows in zip(_PARTS, parts, strict=True):
            if rows:
                _add(packed[table], found, rows)
    return {table: columns for table, columns in packed.items() if columns and columns[0]}


def _content(found: Extracted) -> tuple[Any, ...]:
    code: Code = found.facts
    return (
        found.sha256,
        found.version,
        found.language,
        *code[:10],
        *(code.halstead or _NO_HALSTEAD),
        code.maintainability_index,
    )


def _add(columns: Any, found: Extracted, rows: Sequence[tuple[Any, ...]]) -> None:
    count = len(rows)
    columns[0] += repeat(found.sha256, count)
    columns[1] += repeat(found.version, count)
    columns[2] += range(count)
    for column, values in zip(columns[3:], zip(*rows, strict=True), strict=True):
        column += values
