"""Recognise the format of a file by its content; by its name only if the content is not enough."""

from __future__ import annotations

from dataclasses import dataclass

from loaders.sources.artifacts.artifact_files import BOM, ArtifactFile
from loaders.sources.artifacts.strict_json import Invalid, parse
from loaders.sources.codegraphx import artifact_formats
from loaders.sources.codegraphx.artifact_formats import DOCUMENTS, LINES, Document, Lines
from loaders.sources.codegraphx.documents import outline_of

_HEAD = 64 << 10
_LINES_TRIED = 20
_KNOWN_KEYS = frozenset().union(
    *(one.keys for one in LINES), *(one.keys | one.element_keys for one in DOCUMENTS)
)


@dataclass(frozen=True)
class Recognised:
    """The format of a file that is not a database; a file without a format is not an artifact."""

    form: Lines | Document | None = None
    fault: str | None = None  # why it is not a valid artifact of this format
    is_list: bool = False
    is_empty: bool = False


def recognise(file: ArtifactFile) -> Recognised:
    """Return the format of *file*. Reads a whole document, or the beginning of any other file."""
    raw = file.head(_HEAD)
    head = raw.removeprefix(BOM).lstrip()
    if not head and file.size <= _HEAD:
        return _by_name_of_empty(file.name)
    if head[:1] not in (b"{", b"["):
        # Only the name can identify a file that is invalid from its first byte.
        form = artifact_formats.named(file.name)
        fault = None if isinstance(form, Lines) else "neither an object nor a list"
        return Recognised(form, fault=fault)
    return _by_lines(head) or _by_outline(file)


def _by_name_of_empty(name: str) -> Recognised:
    """Recognise an empty file: an empty JSONL file is valid, an empty document is not."""
    form = artifact_formats.named(name)
    return Recognised(form, fault="empty" if isinstance(form, Document) else None, is_empty=True)


def _by_lines(head: bytes) -> Recognised | None:
    for line in head.split(b"\n")[:_LINES_TRIED]:
        try:
            row = parse(line)
        except Invalid:
            continue
        if isinstance(row, dict) and (form := artifact_formats.lines_with(row.keys())):
            return Recognised(form)
    return None


def _by_outline(file: ArtifactFile) -> Recognised:
    outline = outline_of(file.text_stream(), _KNOWN_KEYS)
    if lines := artifact_formats.lines_with(outline.keys):
        return Recognised(lines)
    named = artifact_formats.named(file.name)
    if outline.fault:
        # The first keys may be those of several formats; the name then decides.
        is_named = isinstance(named, Document) and named.may_have(outline.keys)
        form = (None if is_named else artifact_formats.document_begun_with(outline.keys)) or named
    elif outline.is_list and not outline.element_keys:
        form = named if isinstance(named, Document) and named.element_keys else None
    else:
        form = artifact_formats.document_with(outline.keys, outline.element_keys)
    fault = None if isinstance(form, Lines) else outline.fault
    return Recognised(form, fault=fault, is_list=outline.is_list)
