"""Standard output for people: pages and tables that fit the terminal, in colour on a terminal only.

Every text passes through `clean_text` here, and no text is read as rich's markup.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from enrich.values import is_number, shown
from loaders.base.paths import clean_text

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

PIPED_WIDTH = 120
_BETWEEN = 2  # Spaces between two columns.
STYLES = {
    "critical": "bold red", "high": "red", "medium": "yellow", "low": "dim",
    "F": "red", "D": "red", "C": "yellow", "B": "green", "A": "green",
    "failed": "red", "completed_with_errors": "yellow",
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """One column of a table for people.

    `shorten`: the end to cut if it does not fit, `none` for neither, `wrap` for further lines. It
    is never cut to fewer than `at_least` characters. Numbers are on the right, and texts on the
    left unless `justify` is `right`. `below`: further lines of each cell, those that are not empty.
    """

    header: str
    value: str | Callable[[Mapping[str, Any]], Any]
    shorten: str = "none"
    justify: Literal["left", "right"] = "left"
    at_least: int = 0
    below: tuple[Column, ...] = ()

    def of(self, row: Mapping[str, Any]) -> Any:
        return row[self.value] if isinstance(self.value, str) else self.value(row)


class Screen:
    """Headings, facts, wrapped text, tables, commands to copy."""

    def __init__(self) -> None:
        self._console = _console()
        self.width = self._console.width

    def heading(self, text: str) -> None:
        self._print([(text, "bold")], 0)

    def text(self, text: str, indent: int = 0, style: str = "") -> None:
        """Write *text* wrapped, every line after *indent* spaces."""
        self._print([(text, style)], indent)

    def entry(self, marker: str, text: str, indent: int) -> None:
        """Write *text* in bold, wrapped, with *marker* in the *indent* before its first line."""
        self._print([(text, "bold")], indent, marker)

    def facts(self, pairs: Iterable[tuple[str, str]], style: str = "") -> None:
        """Write `label  text` lines, the texts wrapped below one another."""
        pairs = list(pairs)
        indent = max((len(clean_text(label)) for label, _ in pairs), default=0) + 2
        for label, text in pairs:
            self._print([(text, style)], indent, label)

    def command(self, text: str, indent: int = 0) -> None:
        """Write a command on one line, however long, so that it can be copied."""
        self._put(" " * indent + clean_text(text), "cyan")

    def gap(self) -> None:
        self._console.print()

    def table(self, columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> None:
        with self._console.capture() as capture:
            self._console.print(_table(columns, list(rows), self.width))
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


def _table(columns: Sequence[Column], rows: list[Mapping[str, Any]], width: int) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    least = _least_widths(columns, rows, width)
    table = Table(
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        header_style="bold",
    )
    for column, least_width in zip(columns, least, strict=True):
        values = [column.of(row) for row in rows]
        justify = "right" if any(map(is_number, values)) else column.justify
        table.add_column(
            Text(clean_text(column.header), no_wrap=True, overflow="ellipsis"),
            justify=justify,
            no_wrap=column.shorten == "none",
            min_width=least_width,
        )
    for row in rows:
        table.add_row(*(_cell(column, row) for column in columns))
    return table


def _least_widths(
    columns: Sequence[Column], rows: Sequence[Mapping[str, Any]], width: int
) -> list[int | None]:
    """Return the least width of each column; `at_least` only counts if everything then fits."""
    from rich.cells import cell_len

    widest = [
        max(cell_len(text) for text in (column.header, *(shown(column.of(row)) for row in rows)))
        for column in columns
    ]
    wanted = [
        most if column.shorten == "none" else min(most, column.at_least)
        for column, most in zip(columns, widest, strict=True)
    ]
    fits = sum(wanted) + _BETWEEN * (len(columns) - 1) <= width
    return [
        least if least and (fits or column.shorten == "none") else None
        for column, least in zip(columns, wanted, strict=True)
    ]


def _cell(column: Column, row: Mapping[str, Any]) -> Any:
    from rich.console import Group

    below = [(part, part.of(row)) for part in column.below]
    lines = [_line(column, shown(column.of(row)))]
    lines += [_line(part, shown(value), "dim") for part, value in below if value]
    return lines[0] if len(lines) == 1 else Group(*lines)


def _line(column: Column, text: str, style: str = "") -> Any:
    from rich.text import Text

    style = style or STYLES.get(text, "")
    if column.shorten == "left":
        return _FromLeft(text, style)
    if column.shorten == "wrap":
        return Text(text, style)
    return Text(text, style, no_wrap=True, overflow="ellipsis")


class _FromLeft:
    """A text that is cut at its beginning, because the end of a path matters more."""

    def __init__(self, text: str, style: str = "") -> None:
        self.text, self.style = text, style

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
        yield Text(kept, self.style, no_wrap=True)
