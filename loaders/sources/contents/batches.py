"""The questions of the loader to a worker, and the answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from loaders.sources.contents.extractor import Extracted, Packed
from loaders.sources.contents.parsed import Parsed


class Request(NamedTuple):
    """One content to be read, and its path at the time of the crawl."""

    sha256: str
    path: bytes
    language: str
    size_bytes: int
    # For each extractor the version to extract; None: it has the content, or does not look at it.
    versions: tuple[str | None, ...]


class Batch(NamedTuple):
    """Contents to be read, and the functions of each extractor."""

    requests: Sequence[Request]
    extract: Sequence[Callable[[Parsed], Any]]
    pack: Sequence[Callable[[Sequence[Extracted]], Packed]]


class Answer(NamedTuple):
    """The outcome of a batch."""

    # For each request True where it was read, the reason if it is unreadable, None if it changed.
    outcomes: list[bool | str | None]
    packed: list[Packed]  # of each extractor
