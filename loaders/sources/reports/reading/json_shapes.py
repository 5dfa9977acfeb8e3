"""JSON values as objects with typed fields, all of which may be missing or null.

This is quicker than to ask a dictionary for each field, and says where a value has the wrong type.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from loaders.base.integrity import MOST
from loaders.sources.artifacts.strict_json import Invalid


class Shape(msgspec.Struct, gc=False):
    """An object of a document, which is a tree: it needs no garbage collection."""


# A count, line or column as it may be written; see `counted`.
Count = int | float | None

Kind = TypeVar("Kind")


def shaped(value: Any, kind: type[Kind], where: str = "") -> Kind:
    """Return *value* as *kind*. Raises Invalid, whose message says *where* it is."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `$")
        reason = f"{where}{place.removesuffix('`')}: {message}"
        raise Invalid(reason.replace("`", "").removeprefix(":").strip()) from None


def counted(value: Count) -> int | None:
    """Return a line, column or number from 1; None for another value."""
    if type(value) is int:
        return value if 0 < value <= MOST else None
    if type(value) is float and value.is_integer():
        return counted(int(value))
    return None


def indexed(value: Count) -> int | None:
    """Return a number in a list, from 0; None for another value."""
    return 0 if value == 0 else counted(value)
