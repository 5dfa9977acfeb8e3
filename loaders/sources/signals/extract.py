"""Extract the signals of one source file from its bytes, which may be malformed."""

from __future__ import annotations

import ast
import warnings
from typing import NamedTuple

from loaders.sources.signals import lexical, python_code, script_code, words
from loaders.sources.signals.inline_tests import count_inline_tests, count_python_tests
from loaders.sources.signals.languages import README
from loaders.sources.signals.licences import licence_signals
from loaders.sources.signals.lifecycle import lifecycle_of
from loaders.sources.signals.tally import Signal

# Increase it if the code gives other signals for the same source file, or reads more from a readme.
VERSION = 2
README_VERSION = 5

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
    inline_test_lines: int | None = None  # None: they could not be counted
    lifecycle: str | None = None  # of a readme: what it says about the life of the project


def extractor_version(language: str | None = None) -> str:
    """Return a version that changes with the code and the seeds on which the facts depend."""
    return f"readme-{README_VERSION}" if language == README else f"{VERSION}-{words.digest()}"


def extract(source: bytes, language: str | None, ending: str = "") -> Extract:
    """Return the signals of *source*; never raises. *ending* distinguishes tsx from ts."""
    if language == README:
        text = source.decode("utf-8", "replace")
        return Extract("words", licence_signals(text), None, lifecycle_of(text))
    lines = source.count(b"\n") + 1
    state, signals, tests = "words", None, None
    if len(source) <= _MAX_PARSED and not _is_minified(source, lines):
        if language == "Python":
            signals, tests = _of_python(source)
        elif language in _SCRIPTS:
            signals = _script_signals(source, "tsx" if ending == "tsx" else _SCRIPTS[language])
        if signals is not None:
            state = "tree"
    text = source.decode("utf-8", "replace").replace("\0", " ")
    if signals is None:
        signals = lexical.signals_of(text)
    if language != "Python":
        tests = count_inline_tests(text, language)
    return Extract(state, sorted([*signals, ("shape: lines", lines, 1)]), tests)


def _is_minified(source: bytes, lines: int) -> bool:
    return len(source) > _MINIFIED and len(source) / lines > 500


def _of_python(source: bytes) -> tuple[list[Signal] | None, int | None]:
    """Return the signals and the lines of tests; both None if it does not parse."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
        return python_code.signals_of(tree), count_python_tests(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return None, None


def _script_signals(source: bytes, kind: str) -> list[Signal] | None:
    tree = script_code.parse(source, kind)
    if tree.root_node.has_error and not tree.root_node.child_count:
        return None
    return script_code.signals_of(tree, source, kind)
