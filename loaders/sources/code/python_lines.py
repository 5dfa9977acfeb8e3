"""The lines of Python code, and the maintainability index that is computed from them.

Lines are counted by the rules of radon 6 (https://radon.readthedocs.io/en/latest/intro.html) for
the index, and otherwise as every language is: a line with code, with nothing but comments or
documentation, or blank. A line inside a text of several lines counts as documentation, as in cloc.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate

# It begins with a set of characters: nothing else is found as fast.
_PIECES = re.compile(
    r"""(
    [\#"'\\] (?:
        (?<=\#) [^\n]*
        | (?<=") (?:
            "" (?: [^"\\]++ | \\. | "{1,2}(?!") )*+ (?:"{3})?
            | (?: [^"\\\n]++ | \\. )*+ "?
        )
        | (?<=') (?:
            '' (?: [^'\\]++ | \\. | '{1,2}(?!') )*+ (?:'{3})?
            | (?: [^'\\\n]++ | \\. )*+ '?
        )
        | (?<=\\) \n
    )
    )""",
    re.VERBOSE | re.DOTALL,
)
# Marks in place of a text, of its line ends (before a line, and before a blank one), of a line end
# inside a statement, and of a comment.
_TEXT, _END, _BLANK, _ON, _COMMENT = "'", "\x01", "\x03", "\x02", "#"
_ONLY_TEXT = re.compile(rf"[rRbBuUfFtT]{{0,2}}{_TEXT}[{_END}{_BLANK}]*")
_ENDS = re.compile(f"[{_END}{_BLANK}{_ON}]")
_ONE_WORD = re.compile(rf"\s*(?:\w+|{_TEXT})\s*")
_BRACKETS = str.maketrans("[{]}", "(())")
_IS_BLANK, _IS_CODE, _IS_COMMENT = 0, 1, 2


@dataclass
class Lines:
    """The lines of a module."""

    kinds: bytes = b""  # of each line, by the constants above
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

    @property
    def comment_percent(self) -> float:
        """The percentage of comments by radon, where texts of several lines are comments."""
        return (self.comments + self.texts) / self.source * 100 if self.source else 0.0


def count_python_lines(text: str) -> Lines:
    """Return the lines of a module that parses."""
    lines = Lines()
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    pieces = _PIECES.split(plain)
    pieces[1::2] = [
        _COMMENT if piece[0] == "#" else _TEXT if "\n" not in piece else _mark_of(piece)
        for piece in pieces[1::2]
    ]
    rows = "".join(pieces).translate(_BRACKETS).split("\n")
    if not rows[-1]:
        rows.pop()
    kinds: list[int] = []
    statement: list[str] = []
    depth = 0
    for row in map(str.strip, rows):
        change = row.count("(") - row.count(")")
        # Most statements are a row without a mark that is not printable.
        if not statement and not change and row.isprintable():
            kinds.append(_add_row(lines, row))
            continue
        statement.append(row)
        depth += change
        if depth <= 0:
            kinds += _add(lines, statement)
            statement, depth = [], 0
    if statement:
        kinds += _add(lines, statement)
    if plain.startswith("#!"):
        # It starts the interpreter, and counts as code in cloc.
        kinds[0] = _IS_CODE
    lines.kinds = bytes(kinds)
    return lines


def _mark_of(piece: str) -> str:
    """Return the marks in place of a piece of several lines."""
    if piece == "\\\n":
        return _ON
    following = piece.split("\n")[1:]
    return _TEXT + "".join(_END if line.strip() else _BLANK for line in following)


def _add_row(lines: Lines, row: str) -> int:
    """Count a statement in one row, and return the kind of its line."""
    if not row:
        return _IS_BLANK
    if row == _COMMENT:
        lines.comments += 1
        return _IS_COMMENT
    if _COMMENT in row:
        lines.comments += 1
    lines.logical += 1 if ":" not in row and ";" not in row else _logical(row)
    if _TEXT not in row[:3]:
        lines.source += 1
        return _IS_CODE
    if _ONLY_TEXT.fullmatch(row):
        return _IS_COMMENT
    lines.source += 1
    return _IS_COMMENT if _ONLY_TEXT.fullmatch(row.rstrip(f"{_COMMENT} ")) else _IS_CODE


def _add(lines: Lines, statement: list[str]) -> list[int]:
    """Count a statement, given as its rows of marks, and return the kinds of its lines."""
    row = statement[0] if len(statement) == 1 else " ".join(statement)
    is_text = len(statement) == 1 and _ONLY_TEXT.fullmatch(row) is not None
    lines.comments += row.count(_COMMENT)
    lines.logical += _logical(row)
    # A comment may follow a documentation.
    is_documentation = _ONLY_TEXT.fullmatch(row.rstrip(f"{_COMMENT} ")) is not None
    kind = _IS_COMMENT if is_documentation else _IS_CODE
    kinds: list[int] = []
    for part in statement:
        if part in ("", _COMMENT):
            kinds.append(_IS_COMMENT if part else _IS_BLANK)
        else:
            kinds += [kind] if part.isprintable() else _kinds_of(part, kind)
    filled = len(kinds) - kinds.count(_IS_BLANK)
    if is_text:
        lines.texts += filled
    else:
        lines.source += filled
    return kinds


def _kinds_of(part: str, kind: int) -> list[int]:
    """Return the kinds of the lines of a part of a statement, most of which are of *kind*.

    Lines that texts join have one line of code at most, as in cloc.
    """
    kinds: list[int] = []
    is_joined_to_code = False
    marks = [_ON, *_ENDS.findall(part), _ON]
    for before, line, after in zip(marks, _ENDS.split(part), marks[1:], strict=False):
        is_joined_to_code &= before != _ON
        has_code = bool(line) and not (after != _ON and _ONLY_TEXT.fullmatch(line))
        if before == _BLANK:
            kinds.append(_IS_BLANK)
        elif before != _ON and (is_joined_to_code or not has_code):
            kinds.append(_IS_COMMENT)
        else:
            kinds.append(kind if before == after == _ON or has_code else _IS_COMMENT)
        is_joined_to_code |= has_code
    return kinds


def _logical(row: str) -> int:
    """Return the logical lines of a statement: one more for a colon before its end."""
    if ":" not in row and ";" not in row:
        return 1
    if row[-1] == ":" and ";" not in row:
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
