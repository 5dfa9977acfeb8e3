"""From the bytes of one source file to its signals, whatever the bytes are."""

from __future__ import annotations

import ast
import warnings
from typing import NamedTuple

from loaders.sources.signals import lexical, python_code, script_code, words
from loaders.sources.signals.tally import Signal

# Raised whenever other code gives other signals of the same file.
VERSION = 1

# A larger file is generated, or data in the clothes of code: its words are taken, not its tree.
_MAX_PARSED = 1 << 20
# A still larger one is not read at all.
MAX_READ = 4 << 20
# A line that long is minified.
_MINIFIED = 5000
_SCRIPTS = {"JavaScript": "javascript", "TypeScript": "typescript"}


class Extract(NamedTuple):
    """The signals of one content, and how they were come by."""

    parse_state: str  # tree; words: does not parse, or nothing here parses it
    signals: list[Signal]


def extractor_version() -> str:
    """Return what the signals of a content depend on besides it."""
    return f"{VERSION}-{words.digest()}"


def extract(source: bytes, language: str | None, ending: str = "") -> Extract:
    """Return the signals of *source*, never an error; *ending* tells tsx from ts."""
    lines = source.count(b"\n") + 1
    state, signals = "words", None
    if len(source) <= _MAX_PARSED and not _is_minified(source, lines):
        if language == "Python":
            signals = _of_python(source)
        elif language in _SCRIPTS:
            signals = _of_script(source, "tsx" if ending == "tsx" else _SCRIPTS[language])
        if signals is not None:
            state = "tree"
    if signals is None:
        signals = lexical.signals_of(source.decode("utf-8", "replace").replace("\0", " "))
    return Extract(state, sorted([*signals, ("shape: lines", lines, 1)]))


def _is_minified(source: bytes, lines: int) -> bool:
    return len(source) > _MINIFIED and len(source) / lines > 500


def _of_python(source: bytes) -> list[Signal] | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
        return python_code.signals_of(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return None


def _of_script(source: bytes, kind: str) -> list[Signal] | None:
    tree = script_code.parse(source, kind)
    if tree.root_node.has_error and not tree.root_node.child_count:
        return None
    return script_code.signals_of(tree, source, kind)
