"""Stream a JSON document: only the values at given places, one at a time, and the rest of it."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.reports.reading.json_pieces import Pieces, decoded

_BLOCK = 1 << 20

Found = tuple[str, Any]


def values_at(
    stream: BinaryIO, *wanted: str, after: re.Pattern[bytes] | None = None
) -> Iterator[Found]:
    """Yield (place, value) for each value at one of the *wanted* places, in the order in which they
    end; the last is the document itself, as the place "".

    A place is written as `runs[].results[]`: the keys from the root, with `[]` for the elements of
    a list, and `{}` for the members of an object, whose value is (key, value). A value is without
    those that were yielded inside of it: a list whose elements are yielded is empty. Text of the
    form *after* may follow the document. Raises Invalid for invalid JSON, and for a value of more
    than 32 MB.
    """
    reader = _Reader(Pieces(stream))
    document = yield from reader.value(_tree(wanted))
    reader.pieces.finish(after)
    yield "", document


def items_of(stream: BinaryIO, *wanted: str) -> Iterator[Any]:
    """Yield the values at the *wanted* places only."""
    return (value for place, value in values_at(stream, *wanted) if place)


def holds(stream: BinaryIO, word: bytes) -> bool:
    """Return whether *word* occurs anywhere in the document, which is not parsed."""
    end = b""
    while block := stream.read(_BLOCK):
        if word in end + block:
            return True
        end = block[-len(word) :]
    return False


@dataclass
class _Place:
    """A place on the way to those that are wanted."""

    name: str = ""
    is_wanted: bool = False
    steps: dict[str, _Place] = field(default_factory=dict)  # `.key`, `[]` or `{}`

    @property
    def elements(self) -> _Place | None:
        return self.steps.get("[]")

    def member(self, key: str) -> _Place | None:
        return self.steps.get(f".{key}") or self.steps.get("{}")


def _tree(wanted: tuple[str, ...]) -> _Place:
    root = _Place()
    for name in wanted:
        place = root
        for step in _steps(name):
            place = place.steps.setdefault(step, _Place())
        place.name, place.is_wanted = name, True
    return root


def _steps(name: str) -> Iterator[str]:
    for key in name.split("."):
        bare = key.rstrip("[]{}")
        if bare:
            yield f".{bare}"
        yield from (key[start : start + 2] for start in range(len(bare), len(key), 2))


class _Reader:
    def __init__(self, pieces: Pieces) -> None:
        self.pieces = pieces
        self._kept = 0  # bytes of the values that are held until the ones around them end

    def value(self, place: _Place) -> Generator[Found, None, Any]:
        """Yield what is wanted in the value that comes next; return the rest of it."""
        kept = self._kept
        opening = self.pieces.peek()
        if opening == b"{" and place.steps.keys() - {"[]"}:
            value: Any = yield from self._object(place)
        elif opening == b"[" and place.elements:
            value = yield from self._list(place.elements)
        else:
            raw = self.pieces.cut()
            value = decoded(raw)
            self._kept += len(raw)
        if place.is_wanted:
            self._kept = kept
        elif self._kept > self.pieces.LARGEST:
            raise Invalid(f"more than {self.pieces.LARGEST} bytes beside its lists")
        return value

    def _object(self, place: _Place) -> Generator[Found, None, dict[str, Any]]:
        found: dict[str, Any] = {}
        with self.pieces.inside(b"{"):
            while self.pieces.has_next(b"}", is_first=not found):
                key = self.pieces.key()
                if key in found:
                    raise Invalid("duplicate key in an object")
                self._kept += len(key)
                inner = place.member(key)
                value = yield from self.value(inner or _NOTHING)
                if inner and inner.is_wanted:
                    is_member = f".{key}" not in place.steps
                    yield inner.name, (key, value) if is_member else value
                    value = None
                found[key] = value
        return found

    def _list(self, place: _Place) -> Generator[Found, None, list[Any]]:
        found: list[Any] = []
        is_first = True
        with self.pieces.inside(b"["):
            while self.pieces.has_next(b"]", is_first=is_first):
                is_first = False
                if place.steps:
                    value = yield from self.value(place)
                    if place.is_wanted:
                        yield place.name, value
                    else:
                        found.append(value)
                else:
                    for value in self.pieces.elements():
                        yield place.name, value
        return found


_NOTHING = _Place()
