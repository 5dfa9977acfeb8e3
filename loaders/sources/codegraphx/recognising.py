"""Recognise a file by its content, and by its name only if the content is not enough."""

from __future__ import annotations

from dataclasses import dataclass

from loaders.sources.codegraphx import artifact_formats
from loaders.sources.codegraphx.artifact_files import BOM, ArtifactFile
from loaders.sources.codegraphx.artifact_formats import DOCUMENTS, LINES, Document, Lines
from loaders.sources.codegraphx.documents import outline_of
from loaders.sources.codegraphx.strict_json import Refused, parse

_HEAD = 64 << 10
_LINES_TRIED = 20
_OF_INTEREST = frozenset().union(
    *(one.keys for one in LINES), *(one.keys | one.element_keys for one in DOCUMENTS)
)


@dataclass(frozen=True)
class Guess:
    """The format of a file that is not a database; without a format it is not an artifact."""

    form: Lines | Document | None = None
    fault: str | None = None  # why it is not what it seems to be
    is_list: bool = False
    is_empty: bool = False


def guess(file: ArtifactFile) -> Guess:
    """Say what *file* is. Reads a document through, of anything else the beginning."""
    raw = file.head(_HEAD)
    head = raw.removeprefix(BOM).lstrip()
    if not head and file.size <= _HEAD:
        return _guess_empty(file.name)
    if head[:1] not in (b"{", b"["):
        # A file that is broken at its first byte is recognised by its name alone.
        form = artifact_formats.named(file.name)
        return Guess(
            form, fault=None if isinstance(form, Lines) else "neither an object nor a list"
        )
    return _guess_by_lines(head) or _guess_by_outline(file)


def _guess_empty(name: str) -> Guess:
    """An empty file of lines has no rows; an empty document is not a document."""
    form = artifact_formats.named(name)
    return Guess(form, fault="empty" if isinstance(form, Document) else None, is_empty=True)


def _guess_by_lines(head: bytes) -> Guess | None:
    for line in head.split(b"\n")[:_LINES_TRIED]:
        try:
            row = parse(line)
        except Refused:
            continue
        if isinstance(row, dict) and (form := artifact_formats.lines_with(row.keys())):
            return Guess(form)
    return None


def _guess_by_outline(file: ArtifactFile) -> Guess:
    outline = outline_of(file.text_stream(), _OF_INTEREST)
    if lines := artifact_formats.lines_with(outline.keys):
        return Guess(lines)
    named = artifact_formats.named(file.name)
    if outline.fault:
        # The beginning may fit several formats.
        is_named = isinstance(named, Document) and named.may_have(outline.keys)
        form = (None if is_named else artifact_formats.document_begun_with(outline.keys)) or named
    elif outline.is_list and not outline.element_keys:
        form = named if isinstance(named, Document) and named.element_keys else None
    else:
        form = artifact_formats.document_with(outline.keys, outline.element_keys)
    return Guess(
        form, fault=None if isinstance(form, Lines) else outline.fault, is_list=outline.is_list
    )
