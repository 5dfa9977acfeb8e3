"""Writes all answers. Every value passes through `clean_text`, in all formats.

The formats are `table` for people (see `enrich.screen`), `csv` for spreadsheets (no cell starts a
formula) and `json` (one array) for programs.
"""

from __future__ import annotations

import csv
import dataclasses
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from enrich.screen import Column, Screen
from enrich.values import digits, is_number, plain
from loaders.base.paths import clean_text

if TYPE_CHECKING:
    from enrich.db import Rows

TABLE_ROWS = 50
# East Asian spreadsheets treat the last four like the first four.
_STARTS_FORMULA = re.compile(r"\s*[=+\-@\t\r\n\0＝＋－＠]")


def write_rows(
    rows: Rows,
    form: str,
    columns: Sequence[Column] | None = None,
    limit: int | None = None,
    nothing: str = "no rows",
) -> None:
    """Write an answer in the format *form*; report on standard error if *limit* cut it."""
    kept = rows.rows[: _most(limit, form)]
    if form == "csv":
        _write_csv(rows.columns, kept)
    elif form == "json":
        write_json(dict(zip(_distinct(rows.columns), row, strict=True)) for row in kept)
    elif not kept:
        Screen().text(nothing)
    elif columns:
        Screen().table(columns, dataclasses.replace(rows, rows=kept).dicts())
    else:
        _write_any(rows.columns, kept)
    if len(kept) < len(rows.rows):
        click.echo(f"{len(kept)} of {len(rows.rows)} rows; --limit 0 shows all", err=True)
    elif rows.has_more:
        click.echo(f"the first {len(kept)} rows; --limit 0 shows all", err=True)


def _most(limit: int | None, form: str) -> int | None:
    if limit is None:
        return TABLE_ROWS if form == "table" else None
    return limit or None


def _distinct(names: Sequence[str]) -> list[str]:
    """Return *names* with repeated ones numbered, because a JSON object has each key once."""
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
    """Write one JSON array."""
    click.echo(json_text(list(objects), indent=1))


def json_text(value: Any, indent: int) -> str:
    """Return *value* as JSON in ASCII, so that no control byte is left."""
    return json.dumps(plain(value), indent=indent, allow_nan=False).replace("\x7f", "\\u007f")


def _write_any(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Write an answer as a table, or in a block per row if the columns do not fit.

    The meaning of a number is not known here (a year, an id), so its thousands are not separated.
    """
    screen = Screen()
    keys = _distinct(names)
    if len(names) * 10 <= screen.width:
        texts = [[digits(value) for value in row] for row in rows]
        screen.table(
            [
                Column(
                    key,
                    key,
                    "right",
                    "right" if any(is_number(row[place]) for row in rows) else "left",
                )
                for place, key in enumerate(keys)
            ],
            (dict(zip(keys, row, strict=True)) for row in texts),
        )
        return
    for number, row in enumerate(rows, 1):
        screen.heading(f"row {number}")
        screen.facts((key, digits(value)) for key, value in zip(keys, row, strict=True))
