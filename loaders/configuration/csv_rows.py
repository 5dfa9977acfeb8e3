"""Reads a CSV file that a person wrote: every record with its line, and every fault with its line.

A record is one line, so that a quote which is not closed costs that line and no other.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from loaders.base.paths import clean_text

MOST_BYTES = 4 << 20
_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"\xef\xbb\xbf": ""}
# All but the tab and the ends of lines.
_CONTROL = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f]")
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


class Unusable(Exception):
    """The file as a whole cannot be used: the line and the reason."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line, self.reason = line, reason


@dataclass(frozen=True)
class Record:
    """A record by column, or why it cannot be read (`fault`)."""

    line: int
    cells: dict[str, str]
    fault: str | None = None


def text_of_file(raw: bytes) -> str:
    """Return the text of a file; bytes that are not UTF-8 become surrogates. Raises Unusable."""
    for mark, encoding in _MARKS.items():
        if raw.startswith(mark):
            if encoding:
                raise Unusable(1, f"the file is {encoding}; save it as UTF-8")
            raw = raw[len(mark) :]
    return raw.decode("utf-8", "surrogateescape")


def read_records(text: str) -> tuple[list[str], list[Record]]:
    """Return the names in the header, in lower case, and the records below it.

    Raises Unusable if there is no header, or it is not one of a CSV file.
    """
    records = _records(text)
    header = next(records, None)
    if header is None:
        raise Unusable(1, "has no header")
    line, cells, fault = header
    if fault:
        raise Unusable(line, f"the header {fault}" if fault.startswith("is ") else fault)
    names = [cell.strip().lower() for cell in cells]
    if len(names) == 1:
        for sign, name in _SEPARATORS.items():
            if sign in names[0]:
                raise Unusable(line, f"the columns are separated by {name}; separate by commas")
    if twice := [name for place, name in enumerate(names) if name and name in names[:place]]:
        raise Unusable(line, f"the header names {clean_text(twice[0])} twice")
    return names, [_record(names, *one) for one in records]


def _record(names: list[str], line: int, cells: list[str], fault: str | None) -> Record:
    # A spreadsheet leaves out, or adds, empty cells at the end.
    if fault is None and any(cell.strip() for cell in cells[len(names) :]):
        fault = f"has {len(cells)} cells, and the header {len(names)}"
    return Record(line, dict(zip(names, map(str.strip, cells), strict=False)), fault)


def _records(text: str) -> Iterator[tuple[int, list[str], str | None]]:
    """Yield line, cells and fault of each record that is neither blank nor a comment."""
    csv.field_size_limit(MOST_BYTES)
    for number, line in enumerate(io.StringIO(text, newline=""), 1):
        if line.strip(" \t\r\n,") and not line.lstrip().startswith("#"):
            yield number, *_cells(line)


def _cells(line: str) -> tuple[list[str], str | None]:
    """Return the cells of a line, and why it cannot be read."""
    try:
        cells = next(csv.reader([line], strict=True))
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            return [], "a quote is not closed in this line"
        return [], "a quote is in the middle of a cell; write it twice, and quote the cell"
    if any("\ud800" <= sign <= "\udfff" for sign in line):
        return cells, "is not UTF-8; save the file as UTF-8"
    if found := _CONTROL.search(line):
        return cells, f"has the control character {clean_text(found[0])}"
    return cells, None
