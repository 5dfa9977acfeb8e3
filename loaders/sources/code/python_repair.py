"""Python that does not parse: read as Python 2, then without the lines that still do not parse."""

from __future__ import annotations

import ast
import re
import warnings
from typing import NamedTuple

# Each attempt parses the whole text again.
_MOST_ATTEMPTS = 60
_MOST_CHARACTERS = 6_000_000
# Statements and literals of Python 2, and the same in Python 3, each on one line:
# https://docs.python.org/3/whatsnew/3.0.html
_START = r"^(\s*(?:[^#'\"\n]*:\s+)?)"
_PYTHON_2 = (
    (re.compile(_START + r"print[ \t]*>>[ \t]*([^,\n]+),?(.*)$", re.MULTILINE), r"\1print(\2, \3)"),
    (re.compile(_START + r"print[ \t]+(?![=(.,)])(.*?),?[ \t]*$", re.MULTILINE), r"\1print(\2)"),
    (re.compile(_START + r"print[ \t]+(\([^\n]*[^\n):,])$", re.MULTILINE), r"\1print(\2)"),
    (re.compile(_START + r"print[ \t]*$", re.MULTILINE), r"\1print()"),
    (re.compile(_START + r"exec[ \t]+(?![=(])(.*)$", re.MULTILINE), r"\1exec(\2)"),
    (re.compile(r"^(\s*except[ \t]+[^,:\n]+?|\s*except[ \t]*\([^)\n]*\))[ \t]*,[ \t]*(\w+)[ \t]*:",
                re.MULTILINE), r"\1 as \2:"),
    (re.compile(_START + r"raise[ \t]+([\w.]+)[ \t]*,[ \t]*(.*)$", re.MULTILINE),
     r"\1raise \2(\3)"),
    (re.compile(r"<>"), "!="),
    (re.compile(r"`([^`\n]+)`"), r"repr(\1)"),
    (re.compile(r"(?<![\w.])0([0-7]+)(?![\w.])"), r"0o\1"),
    (re.compile(r"(?<![\w.])(0[xX][0-9a-fA-F]+|\d+)[lL]\b"), r"\1"),
    (re.compile(r"\b[uU]([rR]['\"])"), r"\1"),
)  # fmt: skip
_OTHER_LINE = re.compile(r"on line (\d+)")


class Repaired(NamedTuple):
    """A text that parses."""

    tree: ast.Module
    text: str
    error_lines: int  # that were left out


def repaired(text: str) -> Repaired | None:
    """Return *text* as it parses, with as many lines; None if most of it would be left out."""
    plain = text.removeprefix("\ufeff").replace("\0", " ").replace("\r\n", "\n").replace("\r", "\n")
    lines = plain.split("\n")
    found = _parsed(plain)
    if isinstance(found, SyntaxError):
        plain = _of_python_2(plain)
        if plain.count("\n") == len(lines) - 1:
            lines = plain.split("\n")
    left_out: set[int] = set()
    attempts = min(_MOST_ATTEMPTS, _MOST_CHARACTERS // max(len(plain), 1))
    for _ in range(attempts):
        found = _parsed("\n".join(lines))
        if isinstance(found, ast.Module):
            return Repaired(found, "\n".join(lines), len(left_out))
        number = _faulty_line(found, lines, left_out) if found else None
        if number is None:
            return None
        left_out.add(number)
        line = lines[number]
        # A statement in its place keeps the block that it may be alone in.
        is_indented = isinstance(found, IndentationError) and "expected an" not in found.msg
        indent = line[: len(line) - len(line.lstrip())]
        lines[number] = "" if is_indented else f"{indent}pass"
    return None


def _of_python_2(text: str) -> str:
    for pattern, instead in _PYTHON_2:
        text = pattern.sub(instead, text)
    return text


def _parsed(text: str) -> ast.Module | SyntaxError | None:
    """Return the tree or why there is none; None for what is too deep."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        return error
    except (ValueError, RecursionError, MemoryError, OverflowError):
        return None


def _faulty_line(error: SyntaxError, lines: list[str], left_out: set[int]) -> int | None:
    """Return the index of the line to leave out; the one before if that is left out already."""
    named = _OTHER_LINE.search(error.msg or "")
    number = int(named[1]) if named else error.lineno or 1
    index = min(number, len(lines)) - 1
    if index in left_out:
        index = min(error.lineno or 1, len(lines)) - 1
    while index >= 0 and (index in left_out or not lines[index].strip()):
        index -= 1
    return index if index >= 0 else None
