"""The fields of a JSON object: None if one is missing or null, Invalid if it has another type."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from loaders.base.integrity import MOST
from loaders.sources.artifacts.strict_json import Invalid


def as_object(value: Any, what: str) -> dict[str, Any]:
    """Return *value* if it is an object. *what* names it in the message of Invalid."""
    if not isinstance(value, dict):
        raise Invalid(f"{what} is not an object")
    return value


def first_in(value: Any) -> Any:
    """Return the first element of *value*; None if it is not a list, or is empty."""
    return value[0] if isinstance(value, list) and value else None


def object_in(owner: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return the object at *key*, empty if there is none."""
    value = owner.get(key)
    return {} if value is None else as_object(value, key)


def list_in(owner: Mapping[str, Any], key: str) -> list[Any]:
    """Return the list at *key*, empty if there is none."""
    value = owner.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise Invalid(f"{key} is not a list")
    return value


def objects_in(owner: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """Return the list of objects at *key*, empty if there is none."""
    return [as_object(item, f"an element of {key}") for item in list_in(owner, key)]


def text_in(owner: Mapping[str, Any], key: str) -> str | None:
    value = owner.get(key)
    if value is not None and not isinstance(value, str):
        raise Invalid(f"{key} is not a text")
    return value


def needed_text_in(owner: Mapping[str, Any], key: str) -> str:
    value = text_in(owner, key)
    if value is None:
        raise Invalid(f"{key} is missing")
    return value


def whole_in(owner: Mapping[str, Any], key: str) -> int | None:
    """Return the whole number at *key*."""
    value = owner.get(key)
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Invalid(f"{key} is not a whole number")
    return value


def count_in(owner: Mapping[str, Any], key: str) -> int | None:
    """Return the whole number at *key*; None for one that no count or line can be."""
    value = whole_in(owner, key)
    return value if value is not None and 0 <= value <= MOST else None


def severity_in(owner: Mapping[str, Any], key: str) -> float | None:
    """Return the score from 0 to 10 at *key*, a number or a text; None for another value."""
    value = owner.get(key)
    try:
        score = float(value) if isinstance(value, str | int | float) else -1.0
    except (ValueError, OverflowError):
        return None
    return score if 0 <= score <= 10 else None


def number_in(owner: Mapping[str, Any], key: str) -> float | None:
    value = owner.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Invalid(f"{key} is not a number")
    return float(value)


def truth_in(owner: Mapping[str, Any], key: str) -> bool | None:
    value = owner.get(key)
    if value is not None and not isinstance(value, bool):
        raise Invalid(f"{key} is neither true nor false")
    return value
