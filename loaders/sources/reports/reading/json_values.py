"""Stream a JSON document: only the values at given places, one at a time, and the rest of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from ijson.common import ObjectBuilder

from loaders.sources.artifacts.strict_json import Invalid, events_of

# The limit for one value and for the rest of the document, in bytes.
_LARGEST_VALUE = 32 << 20


def values_at(stream: BinaryIO, *wanted: str) -> Iterator[tuple[str, Any]]:
    """Yield (place, value) for each value at one of the *wanted* places, in the order in which they
    end; the last is the document itself, as the place "".

    A place is written as `runs[].results[]`: the keys from the root, with `[]` for the elements of
    a list. A value is without those that were yielded inside of it: a list whose elements are
    yielded is empty. Raises Invalid for invalid JSON, and for a value of more than 32 MB.
    """
    places = {"", *wanted}
    builders: list[tuple[str, int, ObjectBuilder]] = []
    path: list[str] = []  # the place of the value that comes next, in steps
    size = 0
    for event, value in events_of(stream):
        opens, closes = event in ("start_map", "start_array"), event in ("end_map", "end_array")
        if event == "map_key":
            path[-1] = f".{value}"
        if closes:
            path.pop()
        elif event != "map_key":
            place = "".join(path).removeprefix(".")
            if place in places:
                builders.append((place, len(path), ObjectBuilder()))
        size += 16 + (len(value) if type(value) is str else 0)
        if size > _LARGEST_VALUE:
            raise Invalid(f"a value of more than {_LARGEST_VALUE} bytes")
        builders[-1][2].event(event, value)
        if opens:
            path.append("[]" if event == "start_array" else "")
        elif event != "map_key" and builders[-1][1] == len(path):
            place, _, builder = builders.pop()
            if builders:
                _leave_out(builders[-1][2], place)
                size = 0
            yield place, builder.value


def _leave_out(builder: ObjectBuilder, place: str) -> None:
    """Give the value around *place* nothing there."""
    if not place.endswith("[]"):
        # Its key was given: a value is due.
        builder.event("null", None)


def items_of(stream: BinaryIO, *wanted: str) -> Iterator[Any]:
    """Yield the values at the *wanted* places only."""
    return (value for place, value in values_at(stream, *wanted) if place)
