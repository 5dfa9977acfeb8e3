"""The one writer of human output. What comes from data passes `clean_text`, whatever the format.

Three formats: `table` for people (fits the terminal; colour only on one), `csv` for spreadsheets
(no cell starts a formula) and `json` (one array) for programs.
"""

from __future__ import annotations

import csv
import json
import math
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from loaders.paths import clean_text

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from enrich.db import Rows

PIPED_WIDTH = 120
TABLE_ROWS = 50
STYLES = {
    "critical": "bold red", "high": "red", "medium": "yellow", "low": "dim",
    "F": "red", "D": "red", "C": "yellow", "B": "green", "A": "green",
    "failed": "red", "completed_with_errors": "yellow",
}  # fmt: skip
# The last four are what East Asian spreadsheets take for the first four.
_STARTS_FORMULA = re.compile(r"\s*[=+\-@\t\r\n\0＝＋－＠]")  # noqa: RUF001


@dataclass(frozen=True)
class Column:
    """One column of a table for people. `shorten` says which end gives way: right, left or none."""

    header: str
    value: str | Callable[[Mapping[str, Any]], Any]
    shorten: str = "none"

    def of(self, row: Mapping[str, Any]) -> Any:
        return row[self.value] if isinstance(self.value, str) else self.value(row)


# -- answers in the three formats ------------------------------------------------------------------


def write_rows(
    rows: Rows,
    form: str,
    columns: Sequence[Column] | None = None,
    limit: int | None = None,
    nothing: str = "no rows",
) -> None:
    """Write an answer in the format *form*; says on standard error when *limit* cut it."""
    kept = rows.rows[: _most(limit, form)]
    if form == "csv":
        _write_csv(rows.columns, kept)
    elif form == "json":
        write_json(dict(zip(_distinct(rows.columns), row, strict=True)) for row in kept)
    elif not kept:
        Screen().text(nothing)
    elif columns:
        Screen().table(columns, (dict(zip(rows.columns, row, strict=True)) for row in kept))
    else:
        _write_as_it_is(rows.columns, kept)
    if len(kept) < len(rows.rows):
        click.echo(f"{len(kept)} of {len(rows.rows)} rows; --limit 0 shows all", err=True)
    elif rows.has_more:
        click.echo(f"the first {len(kept)} rows; --limit 0 shows all", err=True)


def _most(limit: int | None, form: str) -> int | None:
    if limit is None:
        return TABLE_ROWS if form == "table" else None
    return limit or None


def _distinct(names: Sequence[str]) -> list[str]:
    """Return *names* with a number on those that came before: a JSON object has each key once."""
    seen: dict[str, int] = {}
    for name in names:
        seen[name] = seen.get(name, 0) + 1
    numbers = dict.fromkeys(seen, 0)
    found = []
    for name in names:
        numbers[name] += 1
        found.append(name if seen[name] == 1 else f"{name}_{numbers[name]}")
    return found


def _write_csv(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([_csv_cell(name) for name in names])
    writer.writerows([_csv_cell(value) for value in row] for row in rows)


def _csv_cell(value: Any) -> Any:
    value = plain(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, dict)):
        value = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, str):
        return value
    return ("'" if _STARTS_FORMULA.match(value) else "") + clean_text(value)


def write_json(objects: Iterable[Mapping[str, Any]]) -> None:
    """Write one JSON array; everything that is not ASCII is escaped, so no control byte is left."""
    text = json.dumps([plain(item) for item in objects], indent=1, allow_nan=False)
    click.echo(text.replace("\x7f", "\\u007f"))


def plain(value: Any) -> Any:
    """Return *value* as JSON knows it: numbers, text, lists, objects; naive times are UTC."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (Decimal, float)):
        number = float(value)
        return number if math.isfinite(number) else None
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    if isinstance(value, datetime):
        return value.isoformat() + ("" if value.tzinfo else "Z")
    if isinstance(value, (date, time)):
        return value.isoformat()
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)


def shown(value: Any) -> str:
    """Return *value* as a person reads it in a table: clean, short, `-` where nothing is known."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, (float, Decimal)):
        return f"{value:.3f}".rstrip("0").rstrip(".") if math.isfinite(value) else "-"
    value = plain(value)
    return clean_text(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _write_as_it_is(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Write any answer: as a table, or a block a row where its columns would not fit side by side."""
    screen = Screen()
    keys = _distinct(names)
    if len(names) * 10 <= screen.width:
        screen.table([Column(key, key, "right") for key in keys], (dict(zip(keys, row, strict=True)) for row in rows))
        return
    for number, row in enumerate(rows, 1):
        screen.heading(f"row {number}")
        screen.facts((key, shown(value)) for key, value in zip(keys, row, strict=True))


# -- pages for people ------------------------------------------------------------------------------


class Screen:
    """Standard output for people: headings, facts, wrapped text, tables, commands to copy."""

    def __init__(self) -> None:
        self._console = _console()
        self.width = self._console.width

    def heading(self, text: str) -> None:
        self._print([(text, "bold")], 0)

    def text(self, text: str, indent: int = 0, style: str = "") -> None:
        """Write *text* wrapped, every line after *indent* spaces."""
        self._print([(text, style)], indent)

    def entry(self, marker: str, text: str, indent: int) -> None:
        """Write *text* in bold, wrapped, with *marker* hanging in the *indent* before its first line."""
        self._print([(text, "bold")], indent, marker)

    def facts(self, pairs: Iterable[tuple[str, str]], style: str = "") -> None:
        """Write `label  text` lines, the texts wrapped below one another."""
        pairs = list(pairs)
        indent = max((len(clean_text(label)) for label, _ in pairs), default=0) + 2
        for label, text in pairs:
            self._print([(text, style)], indent, label)

    def command(self, text: str, indent: int = 0) -> None:
        """Write a command on one line, however long: folded, it could not be copied."""
        self._put(" " * indent + clean_text(text), "cyan")

    def gap(self) -> None:
        self._console.print()

    def table(self, columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> None:
        with self._console.capture() as capture:
            self._console.print(_table(columns, rows))
        sys.stdout.write("\n".join(line.rstrip(" ") for line in capture.get().split("\n")))

    def _print(self, pieces: Sequence[tuple[str, str]], indent: int, marker: str = "") -> None:
        from rich.text import Text

        text = Text.assemble(*((clean_text(piece), style) for piece, style in pieces))
        lines = text.wrap(self._console, max(self.width - indent, 20)) or [Text("")]
        for number, line in enumerate(lines):
            line.rstrip()
            margin = clean_text(marker) if number == 0 else ""
            self._console.print(Text(margin.ljust(indent)) + line, soft_wrap=True)

    def _put(self, text: str, style: str) -> None:
        from rich.text import Text

        self._console.print(Text(text, style), soft_wrap=True)


def _console() -> Console:
    from rich.console import Console

    is_terminal = sys.stdout.isatty()
    return Console(
        file=sys.stdout,
        width=_width(is_terminal),
        force_terminal=is_terminal,
        force_jupyter=False,
        no_color="NO_COLOR" in os.environ or None,
        markup=False,
        emoji=False,
        highlight=False,
    )


def _width(is_terminal: bool) -> int:
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and int(given) > 0:
        return int(given)
    return shutil.get_terminal_size().columns if is_terminal else PIPED_WIDTH


def _table(columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    rows = list(rows)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for column in columns:
        values = [column.of(row) for row in rows]
        is_number = any(_is_number(value) for value in values)
        table.add_column(
            Text(clean_text(column.header)),
            justify="right" if is_number else "left",
            no_wrap=column.shorten == "none",
            min_width=_widest(column.header, values) if column.shorten == "none" else None,
        )
    for row in rows:
        table.add_row(*(_cell(column, column.of(row)) for column in columns))
    return table


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def _widest(header: str, values: Sequence[Any]) -> int:
    from rich.cells import cell_len

    return max(cell_len(text) for text in (header, *map(shown, values)))


def _cell(column: Column, value: Any) -> Any:
    from rich.text import Text

    text = shown(value)
    if column.shorten == "left":
        return _FromLeft(text)
    return Text(text, STYLES.get(text, ""), no_wrap=True, overflow="ellipsis")


class _FromLeft:
    """A text that loses its beginning where it does not fit: the end of a path says more."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __rich_measure__(self, console: Any, options: Any) -> Any:
        from rich.cells import cell_len
        from rich.measure import Measurement

        length = cell_len(self.text)
        return Measurement(min(length, 8), length)

    def __rich_console__(self, console: Any, options: Any) -> Iterator[Text]:
        from rich.cells import cell_len
        from rich.text import Text

        kept = self.text
        if cell_len(kept) > options.max_width:
            while kept and cell_len(kept) >= options.max_width:
                kept = kept[1:]
            kept = "…" + kept
        yield Text(kept, no_wrap=True)
