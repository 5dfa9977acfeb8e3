"""Read JSONL in blocks of lines; a line that is not a row of its format is reported by its number.

Arrow's reader makes a table of a block if all its lines are rows of the format. It is as strict as
`strict_json` except in two points, which are checked first: it accepts several objects on a line or
an object on several lines, and bytes that are not text. Any other block is halved until Arrow
accepts it or it is small. Each line of a small block is parsed by `strict_json`, which decides.
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
from loaders.sources.codegraphx.artifact_formats import Lines
from loaders.sources.codegraphx.field_types import wrong_field
from loaders.sources.codegraphx.strict_json import LONGEST_LINE, Refused, parse

_BLOCK = 4 << 20
_FEW_LINES = 100
_EXCERPT = 120
# The end of an excerpt: where it is cut off, it may be half of a secret, which nothing could tell
# any more.
_LAST_WORD = re.compile(r"[^\s\"'`]+$")
_CUT = "the last line is cut off"

Row = Mapping[str, Any]


class Reject(NamedTuple):
    """A line that is not a row, by its number."""

    position: int
    reason: str
    excerpt: str

    @property
    def is_cut(self) -> bool:
        return self.reason.startswith(_CUT)


@dataclass(frozen=True)
class Block:
    """Whole lines that follow one another, and the number of the first."""

    first: int
    raw: bytes
    has_no_end: bool = False  # the last line

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
    """The result of reading lines: rows, as a table of their format, and rejected lines."""

    table: pa.Table
    positions: Sequence[int]  # the number of the line of each row
    rejects: list[Reject] = field(default_factory=list)


@dataclass(frozen=True)
class Judge:
    """Requirements for the rows of a format, besides its schema."""

    are_sound: Callable[[pa.Table], bool]
    fault_of: Callable[[Row], str | None]


def blocks_of(stream: BinaryIO) -> Iterator[Block | Reject]:
    """Yield the lines of *stream* in blocks, and the lines that are too long to be held."""
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
    """Skip to the end of the line under way and return what was read of the next ones."""
    while chunk := stream.read(_BLOCK):
        _, end, rest = chunk.partition(b"\n")
        if end:
            return rest
    return b""


def excerpt(line: bytes) -> str:
    """Return the beginning of *line* as text that can be shown."""
    shown = clean_text(line[:_EXCERPT].decode("utf-8", "backslashreplace"))
    return shown if len(line) <= _EXCERPT else _LAST_WORD.sub("…", shown)


def rows_of(block: Block, form: Lines, judge: Judge) -> Iterator[Rows]:
    """Yield the rows of *block* that are of the format *form* and pass its *judge*, in order."""
    table = _at_once(block, form)
    if table is not None and judge.are_sound(table):
        yield Rows(table, np.arange(block.first, block.first + table.num_rows))
    elif block.line_count < _FEW_LINES:
        yield _one_by_one(block, form, judge)
    else:
        for half in block.halves():
            yield from rows_of(half, form, judge)


def _at_once(block: Block, form: Lines) -> pa.Table | None:
    """Return the rows of *block*, or None where it has a line that is not plainly one of them."""
    raw = block.raw
    # An object on several lines breaks between other characters than two braces. Two objects on one
    # line make more rows than lines.
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


def _one_by_one(block: Block, form: Lines, judge: Judge) -> Rows:
    rows: list[Row] = []
    positions: list[int] = []
    rejects: list[Reject] = []
    lines = block.lines
    for position, line in enumerate(lines, block.first):
        if not line.strip():
            continue
        try:
            rows.append(_row(line, form, judge))
            positions.append(position)
        except Refused as refusal:
            is_cut = block.has_no_end and position == block.first + len(lines) - 1
            reason = f"{_CUT}: {refusal}" if is_cut else str(refusal)
            rejects.append(Reject(position, reason, excerpt(line)))
    return Rows(pa.Table.from_pylist(rows, form.schema), positions, rejects)


def _row(line: bytes, form: Lines, judge: Judge) -> Row:
    """Return the row that *line* is. Raises Refused."""
    row = parse(line)
    if type(row) is not dict:
        raise Refused("not an object")
    if name := wrong_field(row, form.fields):
        raise Refused(f"{name} is of another type")
    if fault := judge.fault_of(row):
        raise Refused(fault)
    return row


def judge_of_keys(form: Lines) -> Judge:
    """Return the judge of a format whose rows have all of its keys, and not NULL."""

    def are_sound(table: pa.Table) -> bool:
        return not any(table[name].null_count for name in form.keys)

    def fault_of(row: Row) -> str | None:
        return next((f"no {name}" for name in sorted(form.keys) if row.get(name) is None), None)

    return Judge(are_sound, fault_of)
