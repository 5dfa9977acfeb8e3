"""The beginning of a file, by which its format is recognised."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from xml.parsers import expat

import ijson
from ijson.backends import yajl2_c
from ijson.common import ObjectBuilder

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.artifacts.strict_json import Invalid

_SIZE = 64 << 10
_MOST_ELEMENTS = 200
_MOST_LINES = 200
# The last two begin as UTF-16 does.
_XML = re.compile(rb"\s*<[?!A-Za-z_]|\xff\xfe<\0|\xfe\xff\0<")
# A document is recognised without its entities, so that its reader can refuse them.
_DOCUMENT_TYPE = re.compile(rb"<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL)
_STEPS = {"start_map": 1, "start_array": 1, "end_map": -1, "end_array": -1}


@dataclass
class XmlHead:
    """The first elements of an XML document, each as (tag, attributes), the root first.

    A tag in a namespace is `namespace tag`.
    """

    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @property
    def root(self) -> str:
        return self.elements[0][0] if self.elements else ""

    @property
    def tags(self) -> set[str]:
        """The tags without their namespaces."""
        return {tag.rpartition(" ")[2] for tag, _ in self.elements}


@dataclass(frozen=True)
class Head:
    """The beginning of a file, without a byte order mark.

    The name is only for formats that nothing else tells apart.
    """

    name: str
    raw: bytes

    @cached_property
    def document(self) -> Any:
        """The JSON document as far as the head goes, None if it is not JSON.

        Of JSON lines, this is the first. It may break off anywhere.
        """
        start = self.raw.lstrip()
        if start[:1] not in (b"{", b"["):
            return None
        builder = ObjectBuilder()
        depth = 0
        with contextlib.suppress(ijson.JSONError, UnicodeDecodeError):
            for event, value in yajl2_c.basic_parse(_Bytes(start), use_float=True):
                builder.event(event, value)
                depth += _STEPS.get(event, 0)
                if not depth:
                    break
        return getattr(builder, "value", None)

    @property
    def first(self) -> Any:
        """The document, or its first element if it is a list."""
        document = self.document
        return (document[0] if document else None) if isinstance(document, list) else document

    @property
    def keys(self) -> set[str]:
        """The keys of the document, or of its first element if it is a list."""
        first = self.first
        return set(first) if isinstance(first, dict) else set()

    @cached_property
    def xml(self) -> XmlHead:
        """The first elements of an XML document; none if it is not XML."""
        found = XmlHead()
        if not _XML.match(self.raw):
            return found

        def start(tag: str, attributes: dict[str, str]) -> None:
            if len(found.elements) < _MOST_ELEMENTS:
                found.elements.append((tag, attributes))

        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = start
        # No entity is expanded: a document that declares one is refused by its reader.
        parser.EntityDeclHandler = _refuse
        with contextlib.suppress(expat.ExpatError, ValueError, LookupError):
            parser.Parse(_DOCUMENT_TYPE.sub(b"", self.raw.lstrip(), count=1), False)
        return found

    @cached_property
    def lines(self) -> list[str]:
        """The first lines of a text; none of what holds NUL bytes."""
        if b"\0" in self.raw:
            return []
        return self.raw.decode("utf-8", "replace").splitlines()[:_MOST_LINES]


class _Bytes:
    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def read(self, size: int) -> bytes:
        part, self._raw = self._raw[:size], self._raw[size:]
        return part


def _refuse(*_: object) -> None:
    raise ValueError("entity")


def head_of(file: ArtifactFile) -> Head:
    """Return the head of *file*. Raises Unreadable."""
    try:
        return Head(file.name, file.text_stream().read(_SIZE))
    except Invalid:
        # Its reader says what is wrong with it.
        return Head(file.name, file.head(_SIZE).decode("utf-16", "ignore").encode())
