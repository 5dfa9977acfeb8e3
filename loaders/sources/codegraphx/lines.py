"""Read JSONL in blocks of lines; invalid lines are rejected by line number.

Arrow parses a block as a whole if all its lines are valid rows. Arrow is as strict as `strict_json`
with two exceptions, which are checked first: it accepts several objects on one line, or one object
on several lines; and it accepts bytes that are not UTF-8. Any other block is halved until Arrow can
parse it or it is small; `strict_json` then parses it line by line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import pyarrow as pa
from pyarrow import json as arrow_json

from loaders.base.paths import clean_text
from loaders.sources.artifacts.strict_json import LONGEST_LINE, Invalid, parse
from loaders.sources.codegraphx.artifact_formats import Lines
from loaders.sources.codegraphx.field_types import wrong_field

_BLOCK = 4 << 20
_FEW_LINES = 100
_EXCERPT = 120
# The end of a truncated excerpt is removed, because a part of a secret could not be recognised.
_LAST_WORD = re.compile(r"[^\s\"'`]+$")
_CUT = "the last line is cut off"

Row = Mapping[str, Any]


class Reject(NamedTuple):
    """A line, by its number, that is not a valid row."""

    position: int
    reason: str
    excerpt: str

    @property
    def is_cut(self) -> bool:
        return self.reason.startswith(_CUT)


@dataclass(frozen=True)
class Block:
    """Consecutive whole lines, and the number of the first."""

    first: int
    raw: bytes
    has_no_end: bool = False  # the last line has no newline

    @cached_property
    def line_count(self) -> int:
        return self.raw.count(b"\n") + 1

    @property
    def lines(self) -> list[bytes]:
        return self.raw.split(b"\n")

    def halves(self) -> tuple[Block, Block]:
        lines = self.lines
        middle = len(lines) // 2
        return (
            Block(self.first, b"\n".join(lines[:middle])),
            Block(self.first + middle, b"\n".join(lines[middle:]), self.has_no_end),
        )


@dataclass
class Rows:
    """The valid rows of some lines, as a table of their format, and the rejected lines."""

    table: pa.Table
    positions: Sequence[int]  # the number of the line of each row
    rejects: list[Reject] = field(default_factory=list)


@dataclass(frozen=True)
class RowCheck:
    """The conditions for rows of a format in addition to its schema."""

    are_valid: Callable[[pa.Table], bool]
    fault_of: Callable[[Row], str | None]


def blocks_of(stream: BinaryIO) -> Iterator[Block | Reject]:
    """Yield the lines of *stream* in blocks; lines over LONGEST_LINE are yielded as rejects."""
    number, rest = 1, b""
    while chunk := stream.read(_BLOCK):
        end = chunk.rfind(b"\n")
        if end < 0:
            rest += chunk
        else:
            block = Block(number, b"".join((rest, memoryview(chunk)[:end])))
            yield block
            number += block.line_count
            rest = chunk[end + 1 :]
        if len(rest) > LONGEST_LINE:
            yield Reject(number, f"a line of more than {LONGEST_LINE} bytes", excerpt(rest))
            number += 1
            rest = _after_line(stream)
    if rest:
        yield Block(number, rest, has_no_end=True)


def _after_line(stream: BinaryIO) -> bytes:
    """Skip the rest of the current line and return the bytes already read after it."""
    while chunk := stream.read(_BLOCK):
        _, end, rest = chunk.partition(b"\n")
        if end:
            return rest
    return b""


def excerpt(line: bytes) -> str:
    """Return the beginning of *line* as text that is safe to show."""
    shown = clean_text(line[:_EXCERPT].decode("utf-8", "backslashreplace"))
    return shown if len(line) <= _EXCERPT else _LAST_WORD.sub("…", shown)


def rows_of(block: Block, form: Lines, check: RowCheck) -> Iterator[Rows]:
    """Yield the rows of *block* with the format *form* that pass *check*, and rejects, in order."""
    table = _by_arrow(block, form)
    if table is not None and check.are_valid(table):
        numbers = np.arange(block.first, block.first + table.num_rows)
        # Arrow takes an array as it takes a sequence, but much faster.
        yield Rows(table, numbers)  # type: ignore[arg-type]
    elif block.line_count < _FEW_LINES:
        yield _line_by_line(block, form, check)
    else:
        for half in block.halves():
            yield from rows_of(half, form, check)


def _by_arrow(block: Block, form: Lines) -> pa.Table | None:
    """Return the rows of *block*, or None unless all its lines are clearly valid."""
    raw = block.raw
    # An object that continues on the next line does not break between `}` and `{`. If a line has
    # two objects, the numbers of lines and rows differ.
    if (
        not raw.startswith(b"{")
        or raw.count(b"}\n{") + raw.count(b"}\r\n{") != block.line_count - 1
    ):
        return None
    try:
        raw.decode("utf-8")
        table = arrow_json.read_json(
            pa.BufferReader(raw),
            arrow_json.ReadOptions(use_threads=False, block_size=len(raw) + 1),
            arrow_json.ParseOptions(explicit_schema=form.schema, unexpected_field_behavior="error"),
        )
    except (pa.ArrowInvalid, UnicodeDecodeError):
        return None
    return table if table.num_rows == block.line_count else None


def _line_by_line(block: Block, form: Lines, check: RowCheck) -> Rows:
    rows: list[Row] = []
    positions: list[int] = []
    rejects: list[Reject] = []
    lines = block.lines
    for position, line in enumerate(lines, block.first):
        if not line.strip():
            continue
        try:
            rows.append(_row(line, form, check))
            positions.append(position)
        except Invalid as error:
            is_cut = block.has_no_end and position == block.first + len(lines) - 1
            reason = f"{_CUT}: {error}" if is_cut else str(error)
            rejects.append(Reject(position, reason, excerpt(line)))
    return Rows(pa.Table.from_pylist(rows, form.schema), positions, rejects)


def _row(line: bytes, form: Lines, check: RowCheck) -> Row:
    """Parse *line* as a row. Raises Invalid."""
    row = parse(line)
    if type(row) is not dict:
        raise Invalid("not an object")
    if name := wrong_field(row, form.fields):
        raise Invalid(f"{name} is of another type")
    if fault := check.fault_of(row):
        raise Invalid(fault)
    return row


def check_of_keys(form: Lines) -> RowCheck:
    """Return the check that rows have all keys of *form* with values that are not NULL."""

    def are_valid(table: pa.Table) -> bool:
        return not any(table[name].null_count for name in form.keys)

    def fault_of(row: Row) -> str | None:
        return next((f"no {name}" for name in sorted(form.keys) if row.get(name) is None), None)

    return RowCheck(are_valid, fault_of)
