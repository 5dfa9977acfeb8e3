"""The form of what extracts facts from contents: signals, code.

A worker extracts and packs whole columns; the loader writes them as they come. Both know an
extractor by the functions of its module, so this package knows none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from loaders.sources.contents.parsed import Parsed

# A worker does without what the loader writes with.
if TYPE_CHECKING:
    from loaders.zone.schemas import Table

# States of contents that no extractor saw.
TOO_LARGE, REFUSED = "too_large", "refused"

# Landed table → its columns but for the run, in the order of its schema.
Packed = dict[str, Sequence[Sequence[Any]]]


class Extracted(NamedTuple):
    """The facts that an extractor found in one content."""

    sha256: str
    version: str
    language: str
    facts: Any


@dataclass(frozen=True)
class Extractor:
    """Everything that reading and landing use of one extractor."""

    name: str  # of the run that lands, and of its lock
    tables: Mapping[str, Table]  # the first has one row per content
    # Language, or README → a version that changes with all that the facts depend on.
    version: Callable[[str], str]
    # Both are run by a worker, and are functions of a module. *extract* never raises.
    extract: Callable[[Parsed], Any]
    pack: Callable[[Sequence[Extracted]], Packed]
    # The facts of a content that is in one of the states above.
    unread: Callable[[str], Any]
    unknown: str  # what stays unknown of a content that ended a worker
    readmes: bool = False  # whether readmes are looked at
    notebooks: bool = False  # whether the code of notebooks is

    @property
    def content_table(self) -> str:
        return next(iter(self.tables))
