"""The JSON of linters for the web beside ESLint: Biome, Deno, HTMLHint, oxlint, Stylelint,
textlint, TSLint.

Sources: https://biomejs.dev/reference/reporters/, https://docs.deno.com/runtime/reference/cli/lint/,
https://htmlhint.com, https://oxc.rs/docs/guide/usage/linter/output-formats.html,
https://stylelint.io/user-guide/options/#formatter, https://textlint.org/docs/formatter/.
"""

from __future__ import annotations

import json
from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.reports.reading.json_fields import (
    as_object,
    object_in,
    objects_in,
    text_in,
    truth_in,
)
from loaders.sources.reports.reading.json_values import values_at
from loaders.sources.reports.reading.listed_findings import (
    Findings,
    Keys,
    Object,
    counted_from_one,
    has,
    listing,
    number_at,
    starts_with,
    text_at,
    value_at,
)
from loaders.sources.reports.reading.report_facts import FurtherPlace, ToolRun
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows

# -- Biome -----------------------------------------------------------------------------------------

_BIOME_KEYS = Keys(rule="category", message="description", level="severity")
_BIOME_ERRORS = ("parse", "internalError")


def _is_biome(head: Head) -> bool:
    document = head.document
    if not has(document, "diagnostics"):
        return False
    return starts_with(document["diagnostics"], "category", "severity", "location") or (
        has(document.get("summary"), "diagnosticsNotPrinted")
    )


def _read_biome(file: ArtifactFile, rows: Rows) -> None:
    findings = Findings(rows, _BIOME_KEYS)
    for place, value in values_at(file.text_stream(), "diagnostics[]"):
        item = as_object(value, place or "the report")
        if place:
            findings.add(item, **_of_biome(item))
        else:
            summary = object_in(item, "summary")
            rows.add(ToolRun("biome", stated_totals=json.dumps(summary) if summary else None))


def _of_biome(item: Object) -> dict[str, Any]:
    category = text_in(item, "category") or ""
    place = object_in(item, "location")
    path = place.get("path")
    path = path.get("file") if isinstance(path, dict) else path
    if path is not None and not isinstance(path, str):
        raise Invalid("the path of a diagnostic is not a text")
    found = {
        "kind": "error" if category.startswith(_BIOME_ERRORS) else "finding",
        "path": path,
        "message": _biome_message(item),
        "start_line": number_at(place, "start.line"),
        "start_column": number_at(place, "start.column"),
        "end_line": number_at(place, "end.line"),
        "end_column": number_at(place, "end.column"),
    }
    source, span = text_in(place, "sourceCode"), place.get("span")
    if source and isinstance(span, list) and span and type(span[0]) is int:
        before = source.encode()[: max(span[0], 0)].decode("utf-8", "ignore")
        found["start_line"] = before.count("\n") + 1
        found["start_column"] = len(before) - before.rfind("\n")
    return found


def _biome_message(item: Object) -> str | None:
    message = item.get("message")
    if isinstance(message, list):
        return text_in(item, "description") or "".join(
            text_in(as_object(part, "a part"), "content") or "" for part in message
        )
    return text_in(item, "description") or text_in(item, "message")


# -- oxlint ----------------------------------------------------------------------------------------

_OXLINT_KEYS = Keys(
    rule="code", help_uri="url", message="message", level="severity", path="filename"
)
_LABEL = Keys(message="label", line="span.line", column="span.column")


def _is_oxlint(head: Head) -> bool:
    document = head.document
    found = document.get("diagnostics") if isinstance(document, dict) else document
    if starts_with(found, "message", "severity", "labels", "filename", "related"):
        return True
    return has(document, "diagnostics", "number_of_files", "number_of_rules")


def _read_oxlint(file: ArtifactFile, rows: Rows) -> None:
    findings = Findings(rows, _OXLINT_KEYS)
    rest: Any = None
    for place, value in values_at(file.text_stream(), "[]", "diagnostics[]"):
        if not place:
            rest = value
            continue
        item = as_object(value, "a diagnostic")
        labels = objects_in(item, "labels")
        first: Object = labels[0] if labels else {}
        position = findings.add(
            item,
            # Only the parser has no rule.
            kind="finding" if item.get("code") else "error",
            start_line=number_at(first, _LABEL.line),
            start_column=number_at(first, _LABEL.column),
        )
        path = text_at(item, "filename")
        for label in labels[1:]:
            rows.add(
                FurtherPlace(
                    position,
                    "related",
                    rows.path(path) if path else None,
                    number_at(label, _LABEL.line),
                    text_at(label, _LABEL.message),
                )
            )
    files = rest.get("number_of_files") if isinstance(rest, dict) else None
    rows.add(
        ToolRun(
            "oxlint",
            is_measured=files > 0 if type(files) is int else None,
            unmeasured_reason="no file was checked" if files == 0 else None,
        )
    )


# -- Deno ------------------------------------------------------------------------------------------

_DENO_KEYS = Keys(
    rule="code",
    message="message",
    path="filename",
    line="range.start.line",
    column="range.start.col",
    end_line="range.end.line",
    end_column="range.end.col",
)
_DENO_ERROR_KEYS = Keys(message="message", path="file_path")


_DENO_CLEAN = {"version", "diagnostics", "errors"}
_DENO_MORE = {"checkedFiles"}


def _is_deno(head: Head) -> bool:
    document = head.document
    if not has(document, "diagnostics"):
        return False
    return starts_with(document["diagnostics"], "range", "filename", "code", "hint") or (
        has(document, "errors")
        and document["diagnostics"] == []
        and (
            starts_with(document["errors"], "file_path", "message")
            or (document["errors"] == [] and document.keys() - _DENO_MORE == _DENO_CLEAN)
        )
    )


def _read_deno(file: ArtifactFile, rows: Rows) -> None:
    findings, errors = Findings(rows, _DENO_KEYS), Findings(rows, _DENO_ERROR_KEYS)
    for place, value in values_at(file.text_stream(), "diagnostics[]", "errors[]"):
        item = as_object(value, place or "the report")
        if place == "errors[]":
            errors.add(item, kind="error")
        elif place:
            # Its first column is 0, its first line 1.
            start, last = (
                counted_from_one(column, 0) if type(column) is int else None
                for column in (value_at(item, "range.start.col"), value_at(item, "range.end.col"))
            )
            findings.add(item, start_column=start, end_column=last)
    rows.add(ToolRun("deno lint"))


# -- Stylelint -------------------------------------------------------------------------------------

_STYLELINT_KEYS = Keys(
    rule="rule",
    message="text",
    level="severity",
    line="line",
    column="column",
    end_line="endLine",
    end_column="endColumn",
)
_STYLELINT_SYNTAX = "CssSyntaxError"


def _is_stylelint(head: Head) -> bool:
    return starts_with(head.document, "source", "warnings") and bool(
        head.keys & {"invalidOptionWarnings", "parseErrors", "errored"}
    )


def _read_stylelint(content: ArtifactFile, rows: Rows) -> None:
    findings = Findings(rows, _STYLELINT_KEYS)
    for place, value in values_at(content.text_stream(), "[]"):
        if not place:
            continue
        file = as_object(value, "a file")
        path = text_in(file, "source")
        if path:
            rows.path(path)
        for item in objects_in(file, "warnings"):
            is_syntax = item.get("rule") == _STYLELINT_SYNTAX
            findings.add(item, path=path, kind="error" if is_syntax else "finding")
        for key in ("parseErrors", "invalidOptionWarnings"):
            for item in objects_in(file, key):
                findings.add(item, path=path, kind="error", level=text_in(item, "severity"))
        if truth_in(file, "ignored"):
            findings.add({"text": "the file was ignored"}, path=path, kind="error")
    rows.add(ToolRun("stylelint"))


# -- TSLint, textlint, HTMLHint --------------------------------------------------------------------

_TSLINT_KEYS = Keys(
    rule="ruleName",
    message="failure",
    level="ruleSeverity",
    path="name",
    line="startPosition.line",
    column="startPosition.character",
    end_line="endPosition.line",
    end_column="endPosition.character",
    first_line=0,
    first_column=0,
)


def _is_tslint(head: Head) -> bool:
    return starts_with(head.document, "name", "ruleName", "failure", "startPosition")


_TEXTLINT_KEYS = Keys(
    rule="ruleId",
    message="message",
    level="severity",
    line="line",
    column="column",
    levels={"0": "info", "1": "warning", "2": "error", "3": "info"},
)


def _is_textlint(head: Head) -> bool:
    document = head.document
    return starts_with(document, "filePath", "messages") and any(
        starts_with(one["messages"], "type", "ruleId", "message", "index")
        for one in document
        if has(one, "messages")
    )


_HTMLHINT_KEYS = Keys(
    rule="rule.id",
    help_uri="rule.link",
    message="message",
    level="type",
    line="line",
    column="col",
)


def _is_htmlhint(head: Head) -> bool:
    return starts_with(head.document, "file", "messages") and starts_with(
        head.first["messages"], "type", "message", "evidence", "rule"
    )


WEB_LINTERS: tuple[Form, ...] = (
    Form("biome", _is_biome, _read_biome),
    Form("deno-lint", _is_deno, _read_deno),
    listing(
        "htmlhint",
        _is_htmlhint,
        "[]",
        _HTMLHINT_KEYS,
        tool="htmlhint",
        within="messages",
        file="file",
    ),
    Form("oxlint", _is_oxlint, _read_oxlint),
    Form("stylelint", _is_stylelint, _read_stylelint),
    listing(
        "textlint",
        _is_textlint,
        "[]",
        _TEXTLINT_KEYS,
        tool="textlint",
        within="messages",
        file="filePath",
    ),
    listing("tslint", _is_tslint, "[]", _TSLINT_KEYS, tool="tslint"),
)
