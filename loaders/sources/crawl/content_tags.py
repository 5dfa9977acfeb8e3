"""Tell from name and content whether a file is text, and which tags it has.

The names and interpreters are those of the library `identify`. Where a name has several meanings,
or none, the rules of `seeds/file_marks.csv` decide by the content.
"""

from __future__ import annotations

import hashlib
from functools import cache, lru_cache
from typing import NamedTuple

from identify import extensions, identify
from identify.interpreters import INTERPRETERS

from loaders.sources.crawl.file_marks import (
    ADDED,
    SEED,
    Mark,
    Sight,
    groups_of,
    marks,
)

# Increase it if this code gives other columns than before for the same name and content.
_CODE_VERSION = "2"
# For git, a file is binary if its first 8000 bytes contain a NUL.
PROBE = 8000
# Bytes that git calls printable, and the ends of lines. Compressed data has a tenth of others, and
# a text a few.
_PRINTABLE = bytes([8, 9, 10, 12, 13, 27, *range(0x20, 0x7F), *range(0x80, 0x100)])
_MOST_OTHERS = 1 / 32
_FEW_OTHERS = 8
_SAMPLE = 1024
# Endings of models for another file: it has the name without them.
_OF_TEMPLATES = ("dist", "example", "sample", "default")
# Parts of the words that the rules about comments look for.
_OF_COMMENTS = (b"enerated", b"ENERATED", b"opyright", b"OPYRIGHT", b"(c) ", b"(C) ")
_UNICODE = {
    b"\xff\xfe\0\0": "utf-32",
    b"\0\0\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}


@cache
def reader_version() -> str:
    """Return the version of everything that decides what a content shows.

    Known contents that another version has read are read again.
    """
    # The version of the library is slow to find, its tables are not.
    library = [
        (name, *sorted(tags))
        for table in (extensions.EXTENSIONS, extensions.NAMES, INTERPRETERS)
        for name, tags in sorted(table.items())
    ]
    parts = (_CODE_VERSION.encode(), repr(library).encode(), SEED.read_bytes())
    return hashlib.sha256(b"\n".join(parts)).hexdigest()[:12]


class _Name(NamedTuple):
    """The tags that a file name shows, and the rules about it."""

    tags: tuple[str, ...]  # of the library
    deciding: tuple[Mark, ...]  # of the language
    adding: tuple[Mark, ...]
    is_certain: bool  # whether no text can show anything else


@lru_cache(maxsize=1 << 16)
def _name(name: str) -> _Name:
    found = marks().of_name(name.lower())
    tags = _tags_of_name(name)
    stem, _, ending = name.rpartition(".")
    if stem and not found and not tags and ending in _OF_TEMPLATES:
        return _name(stem)
    return _Name(
        tags,
        tuple(mark for mark in found if mark.tag not in ADDED),
        tuple(mark for mark in found if mark.tag in ADDED),
        bool(tags) and not found,
    )


def _tags_of_name(name: str) -> tuple[str, ...]:
    """Return the tags of the library; for it, a BUILD.md is also a BUILD file."""
    ending = name.rpartition(".")[2].lower()
    if name not in extensions.NAMES and ending in extensions.EXTENSIONS and "." in name:
        name = "x." + ending
    return tuple(sorted(identify.tags_from_filename(name)))


def text_in(head: bytes, name: str) -> bytes | None:
    """Return *head* as UTF-8 if it is the beginning of a text, None if it is binary.

    Text has no NUL, as git sees it, few other control characters, or is UTF-16 or UTF-32 with its
    mark. A name of a binary format, such as that of a PDF, needs valid UTF-8 to be text.
    """
    if b"\0" in head:
        return _wide_text(head)
    sample = head[:_SAMPLE]
    others = len(sample.translate(None, _PRINTABLE))
    if others > _FEW_OTHERS + len(sample) * _MOST_OTHERS:
        return None
    if "binary" in _name(name).tags and not _is_utf8(head):
        return None
    return head.removeprefix(b"\xef\xbb\xbf")


def _wide_text(head: bytes) -> bytes | None:
    """Return *head* as UTF-8 if it is marked as UTF-16 or UTF-32 and is that, else None."""
    for mark, encoding in _UNICODE.items():
        if head.startswith(mark):
            # The last character may be cut in two.
            text = head[: len(head) & ~3].decode(encoding, "replace")[:-1]
            return None if "\0" in text or "\ufffd" in text else text.encode()
    return None


def _is_utf8(head: bytes) -> bool:
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return len(head) == PROBE and error.start >= PROBE - 4
    return True


def tags_of(
    name: str, head: bytes, tail: bytes, size_bytes: int, line_count: int | None
) -> list[str]:
    """Return the tags of a content: of its language, then those of `ADDED`.

    *head* and *tail* are its beginning, as text in UTF-8, and its end; *line_count* is None if it
    is binary.
    """
    shown = _name(name)
    # This search excludes most files, ten times as fast as the rules.
    speaks = any(word in head for word in _OF_COMMENTS)
    if shown.is_certain and not speaks and line_count is not None:
        return list(shown.tags)
    sight = Sight(head, tail, size_bytes, line_count)
    tags = _language_tags(shown, sight)
    if line_count is None or not (shown.adding or speaks):
        return tags
    groups = sorted({group for tag in tags for group in groups_of(tag)})
    adding = [*shown.adding, *(marks().of_groups(groups) if speaks else ())]
    added = {mark.tag for mark in adding if mark.fits(sight, groups)}
    return tags + sorted(added)


def _language_tags(shown: _Name, sight: Sight) -> list[str]:
    for mark in shown.deciding:
        if mark.fits(sight):
            return [mark.tag]
    if sight.line_count is None:
        # Text of that name would have been readable.
        return ["binary"] if "text" in shown.tags else list(shown.tags)
    if shown.tags:
        return list(shown.tags)
    known = identify.tags_from_interpreter(sight.interpreter)
    if known:
        return sorted(known)
    return next(([mark.tag] for mark in marks().by_name["*"] if mark.fits(sight)), [])
