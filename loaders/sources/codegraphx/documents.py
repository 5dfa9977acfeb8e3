"""Read a JSON document in two passes: the first for its format and errors, the second to load it.

Both passes stream: only one element of a list, or one identity of a snapshot, is in memory at a
time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, BinaryIO

from ijson.common import ObjectBuilder

from loaders.sources.artifacts.strict_json import Event, Invalid, events_of
from loaders.sources.codegraphx.artifact_formats import Document
from loaders.sources.codegraphx.field_types import Fields, wrong_field
from loaders.sources.codegraphx.lines import Reject, excerpt

# A document without any key of a format among its first events is not an artifact.
_PROBED_EVENTS = 10_000
# The limit for a value outside long lists, or one element of them, in bytes.
_LARGEST_VALUE = 16 << 20
# Keys under which a load state, or a snapshot that contains one, repeats its identities.
_REPEATED = ("hashes", "records")
_BATCH = 20_000


@dataclass
class Outline:
    """The result of the first pass: the keys of a document or of its first element, and a fault."""

    is_list: bool = False
    keys: set[str] = field(default_factory=set)
    element_keys: set[str] = field(default_factory=set)
    fault: str | None = None


def outline_of(stream: BinaryIO, known_keys: Set[str]) -> Outline:
    """Parse a whole document, or only its beginning if that has none of the *known_keys*."""
    outline = Outline()
    depth = elements = 0
    try:
        for number, (event, value) in enumerate(events_of(stream)):
            if event == "map_key":
                if depth == 1:
                    outline.keys.add(value)
                elif depth == 2 and outline.is_list and elements == 1:
                    outline.element_keys.add(value)
            elif event in ("start_map", "start_array"):
                outline.is_list = outline.is_list or (depth == 0 and event == "start_array")
                depth += 1
                elements += depth == 2
            elif event in ("end_map", "end_array"):
                depth -= 1
            if number == _PROBED_EVENTS and known_keys.isdisjoint(
                outline.keys | outline.element_keys
            ):
                break
    except Invalid as error:
        outline.fault = str(error)
    return outline


@dataclass
class Part:
    """A part of a document: elements of a list, or entries, or finally the remaining fields."""

    list_name: str | None = None
    items: list[tuple[int, dict[str, Any]]] = field(default_factory=list)  # position, element
    entries: list[tuple[int, str, str]] = field(default_factory=list)  # position, identity, hash
    rejects: list[Reject] = field(default_factory=list)
    document: dict[str, Any] | None = None

    def __len__(self) -> int:
        return len(self.items) + len(self.entries) + len(self.rejects)


def parts_of(stream: BinaryIO, form: Document) -> Iterator[Part]:
    """Yield the content of a document of the format *form*. Raises Invalid."""
    events = events_of(stream)
    document: dict[str, Any] = {}
    event, _ = next(events)
    if event == "start_array":
        yield from _items("items", form.lists["items"], events)
    else:
        for event, key in events:
            if event == "end_map":
                break
            if key in form.lists:
                _expect(events, "start_array", f"{key} is not a list")
                yield from _items(key, form.lists[key], events)
            elif key == "hashes" and form.has_hashes:
                _expect(events, "start_map", f"{key} is not an object")
                yield from _entries(events)
            elif key == "meta" and form.has_hashes:
                document[key] = _without_repeated(events)
            elif key in _REPEATED and form.has_hashes:
                _skip(events)
            else:
                document[key] = _value(events)
    if name := wrong_field(document, form.fields):
        raise Invalid(f"{name} is of another type")
    yield Part(document=document)


def _expect(events: Iterator[Event], wanted: str, message: str) -> None:
    event, _ = next(events)
    if event != wanted:
        raise Invalid(message)


def _items(name: str, fields: Fields, events: Iterator[Event]) -> Iterator[Part]:
    part = Part(list_name=name)
    for position, first in enumerate(events, 1):
        if first[0] == "end_array":
            break
        value = _value(chain([first], events))
        if type(value) is not dict:
            part.rejects.append(
                Reject(position, f"{name}: not an object", excerpt(as_json(value).encode()))
            )
        elif wrong := wrong_field(value, fields):
            reason = f"{name}: {wrong} is of another type"
            part.rejects.append(Reject(position, reason, excerpt(as_json(value).encode())))
        else:
            part.items.append((position, value))
        if len(part) >= _BATCH:
            yield part
            part = Part(list_name=name)
    yield part


def _entries(events: Iterator[Event]) -> Iterator[Part]:
    part = Part()
    for position, (event, identity) in enumerate(events, 1):
        if event == "end_map":
            break
        digest = _value(events)
        if type(digest) is str:
            part.entries.append((position, identity, digest))
        else:
            reason = "the hash is not text"
            part.rejects.append(Reject(position, reason, excerpt(identity.encode())))
        if len(part) >= _BATCH:
            yield part
            part = Part()
    yield part


def _without_repeated(events: Iterator[Event]) -> Any:
    """Return the next value; if it is an object, without the repeated identities."""
    first = next(events)
    if first[0] != "start_map":
        return _value(chain([first], events))
    found: dict[str, Any] = {}
    for event, key in events:
        if event == "end_map":
            break
        if key in _REPEATED:
            _skip(events)
        else:
            found[key] = _value(events)
    return found


def _value(events: Iterator[Event]) -> Any:
    """Return the value that begins with the next event. Raises Invalid if it is too large."""
    builder = ObjectBuilder()
    size = depth = 0
    for event, value in events:
        builder.event(event, value)
        size += 16 + (len(value) if type(value) is str else 0)
        if size > _LARGEST_VALUE:
            raise Invalid(f"a value of more than {_LARGEST_VALUE} bytes")
        depth += _STEPS.get(event, 0)
        if not depth and event != "map_key":
            break
    return builder.value


def _skip(events: Iterator[Event]) -> None:
    depth = 0
    for event, _ in events:
        depth += _STEPS.get(event, 0)
        if not depth:
            break


_STEPS = {"start_map": 1, "start_array": 1, "end_map": -1, "end_array": -1}


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
