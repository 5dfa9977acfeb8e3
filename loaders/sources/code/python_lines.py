"""The lines of Python code, and the maintainability index that is computed from them.

Lines are counted by the rules of radon 6 (https://radon.readthedocs.io/en/latest/intro.html) for
the index, and otherwise as every language is: a line with code, with nothing but comments or
documentation, or blank.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from itertools import accumulate

_PIECES = re.compile(
    r"""
    \#[^\n]*
    | (?:\b[rRbBuUfFtT]{1,2})? (?:
        \"{3} (?: [^"\\] | \\. | "{1,2}(?!") )*+ (?:"{3})?
        | '{3} (?: [^'\\] | \\. | '{1,2}(?!') )*+ (?:'{3})?
        | " (?: [^"\\\n] | \\. )*+ "?
        | ' (?: [^'\\\n] | \\. )*+ '?
    )
    | \\\n
    """,
    re.VERBOSE | re.DOTALL,
)
# Marks in place of a text, of its line ends (before a line, and before a blank one), of a line end
# inside a statement, and of a comment.
_TEXT, _END, _BLANK, _ON, _COMMENT = "'", "\x01", "\x03", "\x02", "#"
_ONLY_TEXT = re.compile(rf"{_TEXT}[{_END}{_BLANK}]*")
_ONE_WORD = re.compile(rf"\s*(?:\w+|{_TEXT})\s*")
_BRACKETS = str.maketrans("([{)]}", "((()))")
_IS_BLANK, _IS_CODE, _IS_COMMENT = 0, 1, 2


@dataclass
class Lines:
    """The lines of a module."""

    kinds: bytearray = field(default_factory=bytearray)  # of each line, by the constants above
    # By the rules of radon.
    source: int = 0
    logical: int = 0
    comments: int = 0
    texts: int = 0  # lines of texts that are statements of their own

    def __post_init__(self) -> None:
        self._code_before: list[int] = []

    @property
    def total(self) -> int:
        return len(self.kinds)

    @property
    def code(self) -> int:
        return self.kinds.count(_IS_CODE)

    @property
    def comment(self) -> int:
        return self.kinds.count(_IS_COMMENT)

    @property
    def blank(self) -> int:
        return self.kinds.count(_IS_BLANK)

    def code_between(self, first: int, last: int) -> int:
        """Return the lines with code from line *first* to *last*."""
        if not self._code_before:
            are_code = (kind == _IS_CODE for kind in self.kinds)
            self._code_before = list(accumulate(are_code, initial=0))
        end = min(last, self.total)
        return self._code_before[end] - self._code_before[min(first - 1, end)]

    def maintainability(self, volume: float, cyclomatic: int) -> float:
        """Return the maintainability index of radon, where texts of several lines are comments."""
        if volume <= 0 or self.logical <= 0:
            return 100.0
        share = (self.comments + self.texts) / self.source * 100 if self.source else 0.0
        index = (
            171
            - 5.2 * math.log(volume)
            - 0.23 * cyclomatic
            - 16.2 * math.log(self.logical)
            + 50 * math.sin(math.sqrt(2.46 * math.radians(share)))
        )
        return min(max(0.0, index * 100 / 171), 100.0)


def count_python_lines(text: str) -> Lines:
    """Return the lines of a module that parses."""
    lines = Lines()
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    rows = _PIECES.sub(_mark_of, plain).split("\n")
    if not rows[-1]:
        rows.pop()
    statement: list[str] = []
    depth = 0
    for row in rows:
        statement.append(row.strip())
        brackets = row.translate(_BRACKETS)
        depth += brackets.count("(") - brackets.count(")")
        if depth <= 0:
            _add(lines, statement)
            statement, depth = [], 0
    if statement:
        _add(lines, statement)
    return lines


def _mark_of(piece: re.Match[str]) -> str:
    found = piece[0]
    if found[0] == "#":
        return _COMMENT
    if found == "\\\n":
        return _ON
    if "\n" not in found:
        return _TEXT
    following = found.split("\n")[1:]
    return _TEXT + "".join(_END if line.strip() else _BLANK for line in following)


def _add(lines: Lines, statement: list[str]) -> None:
    """Count a statement, given as its rows of marks."""
    if len(statement) == 1:
        row = statement[0]
        if not row:
            lines.kinds.append(_IS_BLANK)
            return
        if row == _COMMENT:
            lines.kinds.append(_IS_COMMENT)
            lines.comments += 1
            return
        is_text = row[0] == _TEXT and _ONLY_TEXT.fullmatch(row) is not None
    else:
        row, is_text = " ".join(statement), False
    lines.comments += row.count(_COMMENT)
    lines.logical += _logical(row)
    is_documentation = is_text or (
        row[0] == _TEXT and _ONLY_TEXT.fullmatch(row.rstrip(f"{_COMMENT} ")) is not None
    )
    kind = _IS_COMMENT if is_documentation else _IS_CODE
    before = len(lines.kinds)
    for part in statement:
        if part in ("", _COMMENT):
            lines.kinds.append(_IS_COMMENT if part else _IS_BLANK)
        else:
            lines.kinds.append(kind)
            for mark in re.findall(f"[{_END}{_BLANK}{_ON}]", part) if _has_ends(part) else ():
                lines.kinds.append(_IS_BLANK if mark == _BLANK else kind)
    filled = len(lines.kinds) - before - lines.kinds.count(_IS_BLANK, before)
    if not is_text:
        lines.source += filled
    elif _END in row or _BLANK in row:
        lines.texts += filled


def _has_ends(part: str) -> bool:
    return _END in part or _BLANK in part or _ON in part


def _logical(row: str) -> int:
    """Return the logical lines of a statement: one more for a colon before its end."""
    if ":" not in row and ";" not in row:
        return 1
    *first, last = row.replace(":=", "=").replace(_COMMENT, " ").split(";")
    found = 0
    for part in first:
        _, colon, rest = part.rpartition(":")
        if colon:
            found += 1 if _ONE_WORD.fullmatch(rest) else 2
        else:
            found += bool(part.strip())
    _, colon, rest = last.rpartition(":")
    return found + (1 + bool(rest.strip(f" {_ON}")) if colon else bool(last.strip()))
