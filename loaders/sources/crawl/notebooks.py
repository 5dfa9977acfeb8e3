"""Count the code in a Jupyter notebook (nbformat 3 and 4), whatever else is in it.

https://nbformat.readthedocs.io/en/latest/format_description.html
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

# A notebook whose parts are more, or larger, is not counted; people's have a hundredth of both.
LARGEST_BYTES = 64 << 20
_MOST_EVENTS = 2_000_000
# Where the facts are in the document; array items are called `item`.
_DEEPEST = 6
_USED = ("start_map", "end_map", "start_array")
_SCALARS = ("string", "number", "boolean", "null")
_CELLS = {("cells", "item"), ("worksheets", "item", "cells", "item")}
_TEXTS = ("source", "input")
_LANGUAGES = {
    ("metadata", "kernelspec", "language"),
    ("metadata", "language_info", "name"),
    ("metadata", "kernelspec", "name"),
}
_LANGUAGE = re.compile(r"[a-z][\w+#. -]{0,39}")
_KERNELS = {"ir": "r", "ijavascript": "javascript", "cling": "c++", "itypescript": "typescript"}


class Code(NamedTuple):
    """The code cells of a notebook: language in lower case, lines, bytes in UTF-8."""

    language: str | None
    lines: int
    size_bytes: int


class _Cell:
    def __init__(self) -> None:
        self.kind = ""
        self.lines = 0
        self.size_bytes = 0
        self.is_open = False  # whether the last line has no ending

    def add(self, text: str) -> None:
        if text:
            self.lines += text.count("\n")
            self.size_bytes += len(text.encode("utf-8", "replace"))
            self.is_open = not text.endswith("\n")


def code_of(content: bytes) -> Code | None:
    """Return the code in the notebook *content*; None if it is not a notebook."""
    from ijson.backends import yajl2_c
    from ijson.common import JSONError

    try:
        events = yajl2_c.basic_parse(io.BytesIO(content), use_float=True, buf_size=1 << 20)
        return _counted(_placed(events))
    except (JSONError, UnicodeDecodeError, _TooMuch):
        return None


class _TooMuch(Exception):
    """The document has more parts than are counted."""


def _placed(events: Iterator[tuple[str, Any]]) -> Iterator[tuple[tuple[str, ...], str, Any]]:
    """Yield the events that are not too deep, each with its place in the document."""
    path: list[str] = []
    depth = 0
    for count, (event, value) in enumerate(events):
        if count >= _MOST_EVENTS:
            raise _TooMuch
        if event in _SCALARS:
            if event == "string" and depth <= _DEEPEST:
                yield tuple(path), event, value
            continue
        if event in ("end_map", "end_array"):
            depth -= 1
            del path[depth:]
        elif event == "map_key" and depth <= _DEEPEST:
            path[depth - 1 :] = [value]
        if depth <= _DEEPEST and event in _USED:
            yield tuple(path), event, value
        if event in ("start_map", "start_array"):
            depth += 1
            if depth <= _DEEPEST:
                path[depth - 1 :] = ["item"]


def _counted(events: Iterator[tuple[tuple[str, ...], str, Any]]) -> Code | None:
    languages: dict[tuple[str, ...], str] = {}
    cell = _Cell()
    lines = size_bytes = 0
    is_notebook = False
    for path, event, value in events:
        if path in (("cells",), ("worksheets",)):
            is_notebook = True
        if path in _CELLS:
            if event == "start_map":
                cell = _Cell()
            elif event == "end_map" and cell.kind == "code":
                lines += cell.lines + cell.is_open
                size_bytes += cell.size_bytes
        elif event == "string" and path in _LANGUAGES:
            languages[path] = value
        elif event == "string" and path[:-1] in _CELLS:
            if path[-1] == "cell_type":
                cell.kind = value
            elif path[-1] in _TEXTS:
                cell.add(value)
            elif path[-1] == "language":
                languages[path] = value
        elif (
            event == "string"
            and path[-1:] == ("item",)
            and path[-2:-1]
            and (path[:-2] in _CELLS and path[-2] in _TEXTS)
        ):
            cell.add(value)
    return Code(_language(languages), lines, size_bytes) if is_notebook else None


def _language(found: dict[tuple[str, ...], str]) -> str | None:
    for path in (
        ("metadata", "kernelspec", "language"),
        ("metadata", "language_info", "name"),
        ("metadata", "kernelspec", "name"),
        ("worksheets", "item", "cells", "item", "language"),
    ):
        name = found.get(path, "").strip().lower()
        if path[-1:] == ("name",):
            name = re.sub(r"[-\d. ]+$", "", name)
            name = _KERNELS.get(name, name)
        if _LANGUAGE.fullmatch(name):
            return name
    return None
