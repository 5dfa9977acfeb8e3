"""Reads an index of SCIP, the format in which Sourcegraph's indexers write what names mean.

https://github.com/sourcegraph/scip/blob/main/scip.proto: only the fields that are read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_DEFINITION = 1
# The last descriptor of a symbol: its name, and the suffix that says what it is.
_LAST = re.compile(r"(?:`((?:[^`]|``)+)`|([\w+$-]+))(\(\+?\d*\)\.|[#/.:!]|)$")
_PARAMETER = re.compile(r"[(\[][^()\[\]]*[)\]]$")


@dataclass(frozen=True)
class Place:
    """A name in a file: its line from 1, its columns from 0."""

    path: str
    line: int
    start: int
    end: int


@dataclass
class Index:
    """The symbol that each name refers to, and the places where it is defined."""

    # (path, line) → the names there, with their symbols
    references: dict[tuple[str, int], list[tuple[Place, str]]] = field(default_factory=dict)
    # symbol, with its file if it is local → its definitions
    definitions: dict[str, list[Place]] = field(default_factory=dict)
    # the lines of the files, by path
    lines: dict[str, list[str]] = field(default_factory=dict)

    def text_of(self, place: Place) -> str:
        """Return the text of a name, without the marks of a private member or a string."""
        return self._line(place)[place.start : place.end].strip("\"'`")

    def text_after(self, place: Place) -> str:
        """Return the rest of the line of a name."""
        return self._line(place)[place.end :]

    def _line(self, place: Place) -> str:
        lines = self.lines.get(place.path, [])
        return lines[place.line - 1] if place.line <= len(lines) else ""


def read_index(path: Path, repository: Path) -> Index:
    """Return the index in the file *path*, of the files of *repository*."""
    index = Index()
    for number, document in _fields(path.read_bytes()):
        if number == 2:
            name = _read_document(document, index)
            text = (repository / name).read_text(encoding="utf-8", errors="replace")
            index.lines[name] = text.split("\n")
    return index


def kind_of(symbol: str) -> str:
    """Return `callable`, `type` or `value`: what the last descriptor of *symbol* names."""
    if symbol.startswith("local ") or _PARAMETER.search(symbol.removesuffix(".")):
        return "callable" if symbol.endswith(").") else "value"
    found = _LAST.search(symbol)
    suffix = found[3] if found else ""
    return "type" if suffix == "#" else "callable" if suffix.startswith("(") else "value"


def name_of(symbol: str) -> str:
    """Return the name in the last descriptor of *symbol*."""
    found = _LAST.search(symbol)
    return (found[1] or found[2]) if found else ""


def owner_of(symbol: str) -> str:
    """Return the symbol around *symbol*: the class of a method."""
    found = _LAST.search(symbol)
    return symbol[: found.start()] if found else ""


def _read_document(data: bytes, index: Index) -> str:
    """Add the names of a document to *index*; return its path."""
    path, occurrences = "", []
    for number, value in _fields(data):
        if number == 1:
            path = value.decode()
        elif number == 2:
            occurrences.append(value)
    for occurrence in occurrences:
        where: list[int] = []
        symbol, roles = "", 0
        for number, value in _fields(occurrence):
            if number == 1:
                where = [*_numbers(value)] if isinstance(value, bytes) else [*where, value]
            elif number == 2:
                symbol = value.decode()
            elif number == 3:
                roles = value
        if symbol.startswith("local "):
            symbol = f"{symbol} {path}"
        place = Place(path, where[0] + 1, where[1], where[-1])
        if roles & _DEFINITION:
            index.definitions.setdefault(symbol, []).append(place)
        else:
            index.references.setdefault((path, place.line), []).append((place, symbol))
    return path


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """Yield the number and the value of each field of a message: a number, or bytes."""
    at = 0
    while at < len(data):
        key, at = _number(data, at)
        kind = key & 7
        if kind == 0:
            value, at = _number(data, at)
            yield key >> 3, value
        elif kind == 2:
            length, at = _number(data, at)
            yield key >> 3, data[at : at + length]
            at += length
        else:
            at += {1: 8, 5: 4}[kind]


def _numbers(data: bytes) -> Iterator[int]:
    at = 0
    while at < len(data):
        number, at = _number(data, at)
        yield number


def _number(data: bytes, at: int) -> tuple[int, int]:
    number, shift = 0, 0
    while True:
        byte = data[at]
        number |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return number, at
