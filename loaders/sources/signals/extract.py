"""Extract the signals of one source file, which may be malformed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from loaders.sources.contents.extractor import Extracted, Packed
from loaders.sources.contents.languages import README
from loaders.sources.contents.parsed import Parsed
from loaders.sources.contents.tree_depth import is_too_deep
from loaders.sources.signals import lexical, python_code, script_code, words
from loaders.sources.signals.inline_tests import count_inline_tests, count_python_tests
from loaders.sources.signals.licences import licence_signals
from loaders.sources.signals.lifecycle import lifecycle_of
from loaders.sources.signals.tally import Signal

# Increase it if the code gives other signals for the same source file, or reads more from a readme.
VERSION = 3
README_VERSION = 5

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


def extract(parsed: Parsed) -> Extract:
    """Return the signals of a content; never raises."""
    language = parsed.language
    if language == README:
        return Extract("words", licence_signals(parsed.text), None, lifecycle_of(parsed.text))
    state, signals, tests = "words", None, None
    if parsed.has_tree:
        if language == "Python":
            signals, tests = _of_python(parsed)
        elif language in _SCRIPTS:
            signals = _script_signals(parsed, _SCRIPTS[language])
        if signals is not None:
            state = "tree"
    text = parsed.text.replace("\0", " ")
    if signals is None:
        signals = lexical.signals_of(text)
    if language != "Python":
        tests = count_inline_tests(text, language)
    return Extract(state, sorted([*signals, ("shape: lines", parsed.line_count, 1)]), tests)


def _of_python(parsed: Parsed) -> tuple[list[Signal] | None, int | None]:
    """Return the signals and the lines of tests; both None if it does not parse."""
    if parsed.python is None:
        return None, None
    return python_code.signals_of(parsed.python), count_python_tests(parsed.python)


def _script_signals(parsed: Parsed, kind: str) -> list[Signal] | None:
    kind = "tsx" if parsed.ending == "tsx" else kind
    tree = parsed.tree(kind)
    if (tree.root_node.has_error and not tree.root_node.child_count) or is_too_deep(tree.root_node):
        return None
    return script_code.signals_of(tree, parsed.source, kind)


def pack(extracted: Sequence[Extracted]) -> Packed:
    """Return the columns of the rows to be landed."""
    rows = [(found.sha256, found.version, found.language, *found.facts) for found in extracted]
    # A content is a row: its signals stay a list.
    return {"file_signals": list(zip(*rows, strict=True))} if rows else {}
