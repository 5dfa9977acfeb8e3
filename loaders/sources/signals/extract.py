"""Extract the signals of one source file from its bytes, which may be malformed."""

from __future__ import annotations

import ast
import warnings
from typing import NamedTuple

from loaders.sources.signals import lexical, python_code, script_code, words
from loaders.sources.signals.tally import Signal

# Increase it if the code gives other signals for the same file.
VERSION = 1

# A larger file is probably generated or data, so only its words are used, not its syntax tree.
_MAX_PARSED = 1 << 20
# A file larger than this is not read at all.
MAX_READ = 4 << 20
# Only files larger than this can count as minified.
_MINIFIED = 5000
_SCRIPTS = {"JavaScript": "javascript", "TypeScript": "typescript"}


class Extract(NamedTuple):
    """The signals of one content, and how they were extracted."""

    parse_state: str  # tree; words: it does not parse, or there is no parser for its language
    signals: list[Signal]


def extractor_version() -> str:
    """Return a version that changes with the code and the seeds on which signals depend."""
    return f"{VERSION}-{words.digest()}"


def extract(source: bytes, language: str | None, ending: str = "") -> Extract:
    """Return the signals of *source*; never raises. *ending* distinguishes tsx from ts."""
    lines = source.count(b"\n") + 1
    state, signals = "words", None
    if len(source) <= _MAX_PARSED and not _is_minified(source, lines):
        if language == "Python":
            signals = _python_signals(source)
        elif language in _SCRIPTS:
            signals = _script_signals(source, "tsx" if ending == "tsx" else _SCRIPTS[language])
        if signals is not None:
            state = "tree"
    if signals is None:
        signals = lexical.signals_of(source.decode("utf-8", "replace").replace("\0", " "))
    return Extract(state, sorted([*signals, ("shape: lines", lines, 1)]))


def _is_minified(source: bytes, lines: int) -> bool:
    return len(source) > _MINIFIED and len(source) / lines > 500


def _python_signals(source: bytes) -> list[Signal] | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
        return python_code.signals_of(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return None


def _script_signals(source: bytes, kind: str) -> list[Signal] | None:
    tree = script_code.parse(source, kind)
    if tree.root_node.has_error and not tree.root_node.child_count:
        return None
    return script_code.signals_of(tree, source, kind)
