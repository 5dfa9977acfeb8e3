"""Find the code in a Jupyter notebook (nbformat 3 and 4), whatever else is in it.

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
        self.texts: list[str] = []


class _Notebook:
    """A document, of which the code is known once all cells have been taken."""

    def __init__(self, content: bytes) -> None:
        from ijson.backends import yajl2_c

        self._events = yajl2_c.basic_parse(io.BytesIO(content), use_float=True, buf_size=1 << 20)
        self.languages: dict[tuple[str, ...], str] = {}
        self.is_notebook = False

    def code(self) -> Iterator[str]:
        """Yield the text of each cell with code. Raises one of `_faults`."""
        cell = _Cell()
        for path, event, value in _placed(self._events):
            if path in (("cells",), ("worksheets",)):
                self.is_notebook = True
            if path in _CELLS:
                if event == "start_map":
                    cell = _Cell()
                elif event == "end_map" and cell.kind == "code":
                    yield "".join(cell.texts)
            elif event == "string":
                self._take(path, value, cell)

    def _take(self, path: tuple[str, ...], value: str, cell: _Cell) -> None:
        if path in _LANGUAGES:
            self.languages[path] = value
        elif path[:-1] in _CELLS:
            if path[-1] == "cell_type":
                cell.kind = value
            elif path[-1] in _TEXTS:
                cell.texts.append(value)
            elif path[-1] == "language":
                self.languages[path] = value
        elif path[-1:] == ("item",) and path[-2:-1] and path[:-2] in _CELLS and path[-2] in _TEXTS:
            cell.texts.append(value)


def code_of(content: bytes) -> Code | None:
    """Return the code in the notebook *content*; None if it is not a notebook."""
    notebook = _Notebook(content)
    lines = size_bytes = 0
    try:
        for text in notebook.code():
            lines += text.count("\n") + (bool(text) and not text.endswith("\n"))
            size_bytes += len(text.encode("utf-8", "replace"))
    except _faults():
        return None
    return Code(_language(notebook.languages), lines, size_bytes) if notebook.is_notebook else None


def code_cells(content: bytes) -> list[str]:
    """Return the text of each cell with code; none if it is not a notebook."""
    try:
        return list(_Notebook(content).code())
    except _faults():
        return []


def _faults() -> tuple[type[Exception], ...]:
    from ijson.common import JSONError

    return (JSONError, UnicodeDecodeError, _TooMuch)


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
