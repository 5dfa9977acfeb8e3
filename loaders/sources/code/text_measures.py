"""Measures of a text: lines of code, of comments and blank ones, Halstead's counts."""

from __future__ import annotations

from collections import Counter
from itertools import accumulate

from loaders.sources.code.facts import Halstead
from loaders.sources.code.grammar import Grammar

_BLANKS = b" \t\r\f\v"
_WORD = frozenset(
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_$" + bytes(range(128, 256))
)
# Tables that leave only words, or only the marks between them.
_WORDS = bytes(byte if byte in _WORD else 32 for byte in range(256))
_MARKS = bytes(32 if byte in _WORD else byte for byte in range(256))


class Lines:
    """The lines of a text, and which of them have code."""

    def __init__(self, source: bytes, comments: list[tuple[int, int]]) -> None:
        """*comments*: where they begin and end, sorted."""
        written = _with_text(source)
        if not source.endswith(b"\n") and source:
            self.total = len(written)
        else:
            self.total = len(written) - 1
        self.code = _with_text(without(source, comments))
        self.code_lines = sum(self.code) - _joined_lines(source, comments)
        self.blank_lines = self.total - sum(written)
        self.comment_lines = self.total - self.blank_lines - self.code_lines
        self._before: list[int] | None = None

    @property
    def comment_percent(self) -> float:
        """The share of comments in the lines that are not blank, in percent."""
        return 100 * self.comment_lines / max(self.code_lines + self.comment_lines, 1)

    def code_between(self, first: int, last: int) -> int:
        """Return how many lines from *first* to *last* have code."""
        if self._before is None:
            self._before = list(accumulate(self.code, initial=0))
        before = self._before
        return before[min(last, len(before) - 1)] - before[first - 1]


def _joined_lines(source: bytes, comments: list[tuple[int, int]]) -> int:
    """Count the comments of several lines that have code before and after them.

    As in cloc, they and the code on both sides count as one line of code.
    """
    joined = 0
    for start, end in comments:
        if source.find(b"\n", start, end - 1) < 0:
            continue
        before = source[source.rfind(b"\n", 0, start) + 1 : start].strip()
        after = source[end : max(source.find(b"\n", end), end)].strip()
        if before and after and not after.startswith((b"//", b"/*", b"#")):
            joined += 1
    return joined


def _with_text(source: bytes) -> list[bool]:
    """Return for each line whether it has anything but blanks."""
    return list(map(bool, source.translate(None, _BLANKS).split(b"\n")))


def without(source: bytes, places: list[tuple[int, int]]) -> bytes:
    """Return *source* without what is at *places*, but with its line ends."""
    if not places:
        return source
    kept: list[bytes] = []
    done = 0
    for start, end in places:
        if start < done:
            continue
        kept.append(source[done:start])
        if lines := source.count(b"\n", start, end):
            kept.append(b"\n" * lines)
        done = end
    kept.append(source[done:])
    return b"".join(kept)


def halstead(
    source: bytes,
    comments: list[tuple[int, int]],
    literals: list[tuple[int, int]],
    grammar: Grammar,
) -> Halstead:
    """Count operators and operands: words and literals, and all else, as the grammar says."""
    texts = set(literals)
    operands = Counter(source[start:end] for start, end in texts)
    places = sorted([*comments, *texts]) if texts else comments
    parts = grammar.literals.split(without(source, places))
    operands.update(parts[1::2])
    rest = b" ".join(parts[::2])
    operators: Counter[bytes] = Counter()
    words = Counter(rest.translate(_WORDS).split())
    for word in words.keys() & grammar.operator_words:
        operators[word] = words.pop(word)
    for run, count in Counter(rest.translate(_MARKS).split()).items():
        for operator in grammar.operators.findall(run):
            operators[operator] += count
    operands.update(words)
    return Halstead(len(operators), len(operands), operators.total(), operands.total())
