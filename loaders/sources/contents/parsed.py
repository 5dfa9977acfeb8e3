"""One content, and what is made of its bytes on demand: once, for all that is extracted from it."""

from __future__ import annotations

import ast
import warnings
from functools import cached_property
from typing import TYPE_CHECKING

from loaders.sources.contents.grammars import parser

if TYPE_CHECKING:
    from tree_sitter import Tree

# A larger file is probably generated or data, so it has no syntax tree.
MAX_PARSED = 1 << 20
# A file larger than this is not read at all.
MAX_READ = 4 << 20
# Only files larger than this can count as minified.
_MINIFIED = 5000


class Parsed:
    """The bytes of one content, which may be malformed. Nothing here raises."""

    def __init__(self, source: bytes, language: str | None, ending: str = "") -> None:
        self.source = source
        self.language = language
        self.ending = ending  # of a name of the file, in lower case: distinguishes tsx from ts
        self._trees: dict[str, Tree] = {}

    @cached_property
    def line_count(self) -> int:
        return self.source.count(b"\n") + 1

    @cached_property
    def text(self) -> str:
        return self.source.decode("utf-8", "replace")

    @cached_property
    def has_tree(self) -> bool:
        """Whether it is worth a syntax tree: not too large, and not minified."""
        size = len(self.source)
        return size <= MAX_PARSED and not (size > _MINIFIED and size / self.line_count > 500)

    @cached_property
    def python(self) -> ast.Module | None:
        """The tree of Python's own parser; None where it does not parse."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return ast.parse(self.source)
        except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
            return None

    def tree(self, grammar: str) -> Tree:
        """Return the tree by a grammar of `grammars`; it may contain errors."""
        found = self._trees.get(grammar)
        if found is None:
            found = self._trees[grammar] = parser(grammar).parse(self.source)
        return found
