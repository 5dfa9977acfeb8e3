"""The types of fields in artifacts, as Arrow types, and checks of values against them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

TEXT, INTEGER, NUMBER, BOOLEAN = pa.string(), pa.int64(), pa.float64(), pa.bool_()
FLAG = pa.int8()  # 0, 1, or a boolean
OBJECT = pa.struct([])  # with any keys
TEXTS = pa.list_(TEXT)

Fields = Mapping[str, pa.DataType]


def fits(value: Any, kind: pa.DataType) -> bool:
    """Return whether *value*, which is not None, has the type *kind*.

    Values of struct types may have additional fields.
    """
    if pa.types.is_struct(kind):
        return (
            type(value) is dict
            and wrong_field(value, {item.name: item.type for item in kind}) is None
        )
    if pa.types.is_list(kind):
        return type(value) is list and all(fits(element, kind.value_type) for element in value)
    if kind == FLAG:
        return type(value) is bool or (type(value) is int and value in (0, 1))
    return type(value) in _PYTHON_TYPES[kind]


_PYTHON_TYPES = {TEXT: (str,), INTEGER: (int,), NUMBER: (int, float), BOOLEAN: (bool,)}


def wrong_field(row: Mapping[str, Any], fields: Fields) -> str | None:
    """Return the first field of *row* with a value of another type, or None."""
    return next(
        (
            name
            for name, kind in fields.items()
            if row.get(name) is not None and not fits(row[name], kind)
        ),
        None,
    )


_BY_WORD = {
    "text": TEXT,
    "integer": INTEGER,
    "number": NUMBER,
    "boolean": BOOLEAN,
    "flag": FLAG,
    "object": OBJECT,
    "texts": TEXTS,
}


def fields(**names: str) -> dict[str, pa.DataType]:
    """Return name → type from type="name name …" pairs."""
    return {name: _BY_WORD[kind] for kind, many in names.items() for name in many.split()}
