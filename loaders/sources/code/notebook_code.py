"""The code of a notebook as one source text, and where its lines are in the file.

Cells and lines that only IPython understands are left out:
https://ipython.readthedocs.io/en/stable/interactive/magics.html
"""

from __future__ import annotations

import json
import re
from typing import NamedTuple

from loaders.sources.code.facts import Code
from loaders.sources.contents.parsed import Parsed
from loaders.sources.crawl.notebooks import code_cells

# Magics of a whole cell that is Python all the same.
_PYTHON_CELLS = re.compile(r"%%(?:time|timeit|capture|prun|debug|python3?)\b")
_MAGIC = re.compile(r"(\s*)(?:[%!?]|[\w.]+\?{1,2}\s*$)")


class NotebookCode(NamedTuple):
    """The code of a notebook."""

    parsed: Parsed
    lines: list[int]  # of the file, for each line of the code
    error_lines: int  # of cells that do not parse


def code_of_notebook(parsed: Parsed) -> NotebookCode:
    """Return the code of a notebook, with what does not parse left out."""
    is_python = parsed.language == "Python"
    rows: list[str] = []
    errors = 0
    places = _Places(parsed.text)
    lines: list[int] = []
    for cell in code_cells(parsed.source):
        written = cell.splitlines()
        lines += [places.of(row) for row in written]
        plain = _plain(written) if is_python else written
        if is_python and Parsed(_joined(plain), "Python").python is None:
            errors += len(plain)
            plain = [""] * len(plain)
        rows += plain
    return NotebookCode(Parsed(_joined(rows), parsed.language), lines, errors)


def _joined(rows: list[str]) -> bytes:
    return "".join(f"{row}\n" for row in rows).encode("utf-8", "replace")


def _plain(rows: list[str]) -> list[str]:
    """Return the lines of a cell, with a statement that does nothing in place of each magic."""
    first = rows[0] if rows else ""
    if first.startswith("%%") and not _PYTHON_CELLS.match(first):
        return [""] * len(rows)
    return [f"{match[1]}pass" if (match := _MAGIC.match(row)) else row for row in rows]


class _Places:
    """Finds the lines of cells in the text of the file, in the order of both."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1

    def of(self, row: str) -> int:
        """Return the line of the file with the text *row*, or the line of the row before."""
        for is_ascii in (False, True):
            place = self._text.find(json.dumps(row, ensure_ascii=is_ascii)[:-1], self._at)
            if place >= 0:
                self._line += self._text.count("\n", self._at, place)
                self._at = place + 1
                break
        return self._line


def placed_in_file(code: Code, lines: list[int], error_lines: int) -> Code:
    """Return *code* with the lines of the file in place of those of the code."""
    if not lines:
        return code

    def line(number: int) -> int:
        return lines[min(number, len(lines)) - 1]

    return code._replace(
        parse_state="partial" if error_lines and code.parse_state == "tree" else code.parse_state,
        error_lines=None if code.error_lines is None else code.error_lines + error_lines,
        symbols=[
            one._replace(start_line=line(one.start_line), end_line=line(one.end_line))
            for one in code.symbols
        ],
        imports=[one._replace(line=line(one.line)) for one in code.imports],
        calls=[one._replace(line=line(one.line)) for one in code.calls],
        bases=[one._replace(line=line(one.line)) for one in code.bases],
    )
