"""The JSON of ruff, pylint, mypy, pyright, flake8 and others that check Python.

Sources: https://docs.astral.sh/ruff/settings/#output-format,
https://pylint.readthedocs.io/en/stable/user_guide/usage/output.html,
https://mypy.readthedocs.io/en/stable/command_line.html#cmdoption-mypy-output,
https://github.com/microsoft/pyright/blob/main/docs/command-line.md#json-output.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from loaders.sources.reports.reading.json_fields import object_in, text_in
from loaders.sources.reports.reading.listed_findings import (
    Keys,
    Object,
    has,
    has_by_path,
    is_empty_or_starts_with,
    line_listing,
    listing,
    path_listing,
    starts_with,
    text_at,
)
from loaders.sources.reports.reading.report_facts import ToolRun
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head

# -- ruff ------------------------------------------------------------------------------------------

_RUFF_KEYS = Keys(
    rule="code",
    rule_name="name",
    help_uri="url",
    message="message",
    level="severity",
    path="filename",
    line="location.row",
    column="location.column",
    end_line="end_location.row",
    end_column="end_location.column",
)
# A file that it could not parse or read. Older versions have no code for the former.
_RUFF_ERRORS = (None, "invalid-syntax", "E999", "E902", "io-error")


def _is_ruff(item: object) -> bool:
    return has(item, "code", "message", "filename", "location", "end_location") and has(
        item["location"],  # type: ignore[index]
        "row",
        "column",
    )


def _is_ruff_list(head: Head) -> bool:
    return isinstance(head.document, list) and _is_ruff(head.first)


def _is_ruff_lines(head: Head) -> bool:
    return _is_ruff(head.document)


def _of_ruff(item: Object) -> dict[str, Any]:
    return {"kind": "error" if item.get("code") in _RUFF_ERRORS else "finding"}


# -- pylint ----------------------------------------------------------------------------------------

_PYLINT_KEYS = Keys(
    rule="message-id|messageId",
    rule_name="symbol",
    message="message",
    level="type",
    path="path",
    line="line",
    column="column",
    end_line="endLine",
    end_column="endColumn",
    logical_name="obj",
    first_column=0,
)
_PYLINT = ("type", "module", "line", "column", "path", "symbol", "message")
# A syntax error is an error; "fatal" is whatever else kept a file from being examined.
_PYLINT_ERRORS = ("E0001", "syntax-error")


def _is_pylint(head: Head) -> bool:
    return starts_with(head.document, *_PYLINT)


def _is_pylint_2(head: Head) -> bool:
    document = head.document
    return has(document, "messages") and (
        starts_with(document["messages"], "messageId", *_PYLINT)
        or (
            is_empty_or_starts_with(document["messages"])
            and has(document.get("statistics"), "messageTypeCount")
        )
    )


def _of_pylint(item: Object) -> dict[str, Any]:
    is_error = item.get("type") == "fatal" or text_at(item, "messageId|symbol") in _PYLINT_ERRORS
    path, absolute = text_in(item, "path"), text_in(item, "absolutePath")
    folder = absolute.removesuffix(path) if absolute and path else ""
    bases = [folder] if folder and folder != absolute else []
    return {
        "kind": "error" if is_error else "finding",
        "bases": bases,
        # It has the place of the comment, and names the message that the comment suppressed.
        "is_suppressed": item.get("symbol") == "suppressed-message",
    }


def _run_of_pylint(rest: Any) -> ToolRun:
    statistics = object_in(rest, "statistics")
    is_measured = statistics.get("modulesLinted") != 0 if statistics else None
    return ToolRun(
        "pylint",
        is_measured=is_measured,
        unmeasured_reason="no module was checked" if is_measured is False else None,
        stated_totals=json.dumps(statistics) if statistics else None,
    )


# -- mypy ------------------------------------------------------------------------------------------

_MYPY_KEYS = Keys(
    rule="code",
    message="message",
    level="severity",
    path="file",
    line="line",
    column="column",
    end_line="end_line",
    end_column="end_column",
    first_column=0,
)


def _is_mypy(head: Head) -> bool:
    return has(head.document, "file", "line", "column", "message", "hint", "code", "severity")


def _of_mypy(item: Object) -> dict[str, Any]:
    return {"kind": "error" if item.get("code") == "syntax" else "finding"}


# -- pyright ---------------------------------------------------------------------------------------

_PYRIGHT_KEYS = Keys(
    rule="rule",
    message="message",
    level="severity",
    path="file|uri._filePath|uri",
    line="range.start.line",
    column="range.start.character",
    end_line="range.end.line",
    end_column="range.end.character",
    first_line=0,
    first_column=0,
)


def _is_pyright(head: Head) -> bool:
    return has(head.document, "version", "time", "generalDiagnostics")


def _of_pyright(item: Object) -> dict[str, Any]:
    # Every check has a rule; what the parser reports has none.
    is_error = item.get("severity") == "error" and not item.get("rule")
    return {"kind": "error" if is_error else "finding"}


def _run_of_pyright(rest: Any) -> ToolRun:
    summary = object_in(rest, "summary")
    is_measured = summary.get("filesAnalyzed") != 0 if summary else None
    return ToolRun(
        "pyright",
        text_at(rest, "version"),
        is_measured=is_measured,
        unmeasured_reason="no file was checked" if is_measured is False else None,
        ended_at=_moment(text_at(rest, "time")),
        stated_totals=json.dumps(summary) if summary else None,
    )


def _moment(milliseconds: str | None) -> datetime | None:
    """Return a moment that is given in milliseconds since 1970; None of what is absurd."""
    if not milliseconds or not milliseconds.isascii() or not milliseconds.isdigit():
        return None
    try:
        return datetime.fromtimestamp(int(milliseconds) / 1000, UTC).replace(tzinfo=None)
    except (ValueError, OverflowError, OSError):
        return None


# -- flake8, with the plugin flake8-json -----------------------------------------------------------

_FLAKE8_KEYS = Keys(
    rule="code",
    message="text",
    path="filename",
    line="line_number",
    column="column_number",
    source_line="physical_line",
)
_FLAKE8 = ("code", "filename", "line_number", "column_number", "text")
_FLAKE8_ERRORS = ("E999", "E902")


def _is_flake8(head: Head) -> bool:
    return has_by_path(head.document, *_FLAKE8)


def _of_flake8(item: Object) -> dict[str, Any]:
    return {"kind": "error" if item.get("code") in _FLAKE8_ERRORS else "finding"}


# -- pyre, prospector ------------------------------------------------------------------------------

_PYRE_KEYS = Keys(
    rule="code",
    rule_name="name",
    message="description",
    path="path",
    line="line",
    column="column",
    end_line="stop_line",
    end_column="stop_column",
    logical_name="define",
    first_column=0,
)


def _is_pyre(head: Head) -> bool:
    return starts_with(head.document, "line", "column", "path", "code", "name", "description")


# Pyrefly, its successor, counts columns from 1.
_PYREFLY_KEYS = replace(_PYRE_KEYS, rule="name|code", level="severity", first_column=1)
_PYREFLY_SYNTAX = ("parse-error", "invalid-syntax")


def _is_pyrefly(head: Head) -> bool:
    document = head.document
    return has(document, "errors") and starts_with(
        document["errors"], "line", "column", "stop_line", "path", "name", "description"
    )


def _of_pyrefly(item: Object) -> dict[str, Any]:
    return {"kind": "error" if item.get("name") in _PYREFLY_SYNTAX else "finding"}


_PROSPECTOR_KEYS = Keys(
    rule="code",
    message="message",
    path="location.path",
    line="location.line",
    column="location.character",
    logical_name="location.function",
    first_column=0,
)


def _is_prospector(head: Head) -> bool:
    document = head.document
    return has(document, "messages") and (
        starts_with(document["messages"], "source", "code", "location", "message")
        or has(document.get("summary"), "libraries", "strictness", "message_count")
    )


def _of_prospector(item: Object) -> dict[str, Any]:
    return {"tags": [item["source"]] if isinstance(item.get("source"), str) else []}


PYTHON_LINTERS: tuple[Form, ...] = (
    path_listing("flake8", _is_flake8, _FLAKE8_KEYS, tool="flake8", refine=_of_flake8),
    line_listing("mypy", _is_mypy, _MYPY_KEYS, tool="mypy", refine=_of_mypy),
    listing(
        "prospector",
        _is_prospector,
        "messages[]",
        _PROSPECTOR_KEYS,
        tool="prospector",
        refine=_of_prospector,
    ),
    listing("pylint", _is_pylint, "[]", _PYLINT_KEYS, tool="pylint", refine=_of_pylint),
    listing(
        "pylint-json2",
        _is_pylint_2,
        "messages[]",
        _PYLINT_KEYS,
        refine=_of_pylint,
        run=_run_of_pylint,
    ),
    listing("pyrefly", _is_pyrefly, "errors[]", _PYREFLY_KEYS, tool="pyrefly", refine=_of_pyrefly),
    listing("pyre", _is_pyre, "[]", _PYRE_KEYS, tool="pyre"),
    listing(
        "pyright",
        _is_pyright,
        "generalDiagnostics[]",
        _PYRIGHT_KEYS,
        refine=_of_pyright,
        run=_run_of_pyright,
    ),
    listing("ruff", _is_ruff_list, "[]", _RUFF_KEYS, tool="ruff", refine=_of_ruff),
    line_listing("ruff-lines", _is_ruff_lines, _RUFF_KEYS, tool="ruff", refine=_of_ruff),
)
