"""Reviewdog's Diagnostic Format, as one document or as lines, which many linters can write.

Source: https://github.com/reviewdog/reviewdog/tree/master/proto/rdf
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.reports.reading.json_fields import as_object, object_in
from loaders.sources.reports.reading.json_values import values_at
from loaders.sources.reports.reading.listed_findings import (
    Findings,
    Keys,
    Object,
    has,
    is_empty_or_starts_with,
    objects_of_lines,
    text_at,
)
from loaders.sources.reports.reading.report_facts import ToolRun
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows

# Columns count bytes of UTF-8.
_KEYS = Keys(
    rule="code.value",
    help_uri="code.url",
    message="message",
    level="severity",
    path="location.path",
    line="location.range.start.line",
    column="location.range.start.column",
    end_line="location.range.end.line",
    end_column="location.range.end.column",
    levels={"0": "UNKNOWN_SEVERITY", "1": "ERROR", "2": "WARNING", "3": "INFO"},
)
# Rules of files that could not be parsed.
_ERRORS = ("invalid-syntax", "E999", "E902")


def _is_diagnostic(item: object) -> bool:
    # Biome's own format has a category.
    if not has(item, "message", "location") or has(item, "category"):
        return False
    place = item["location"]  # type: ignore[index]
    return has(place, "path") and isinstance(place["path"], str)


def _is_rdjson(head: Head) -> bool:
    document = head.document
    if not has(document, "diagnostics"):
        return False
    found = document["diagnostics"]
    if isinstance(found, list) and found:
        return _is_diagnostic(found[0])
    return is_empty_or_starts_with(found) and has(document.get("source"), "name")


def _is_rdjsonl(head: Head) -> bool:
    document = head.document
    return _is_diagnostic(document) and bool(
        document.keys() & {"severity", "source", "code", "suggestions", "original_output"}
    )


def _read(file: ArtifactFile, rows: Rows) -> None:
    # The parts that all findings have in common may come last.
    rest: Object = {}
    for place, value in values_at(file.text_stream(), "diagnostics[]"):
        if not place:
            rest = as_object(value, "the report")
    items = (
        as_object(value, "a diagnostic")
        for place, value in values_at(file.text_stream(), "diagnostics[]")
        if place
    )
    _add(items, rows, rest)


def _read_lines(file: ArtifactFile, rows: Rows) -> None:
    _add((item for _, item in objects_of_lines(file)), rows, {})


def _add(items: Iterator[dict[str, Any]], rows: Rows, rest: Object) -> None:
    findings = Findings(rows, _KEYS)
    tool = text_at(object_in(rest, "source"), "name")
    level = text_at(rest, "severity")
    for item in items:
        tool = tool or text_at(item, "source.name")
        code = text_at(item, "code.value")
        findings.add(
            item,
            level=_KEYS.levels.get(level, level) if level and not item.get("severity") else None,
            kind="error" if code in _ERRORS else "finding",
        )
    rows.add(ToolRun(tool))


REVIEWDOG = (
    Form("rdjson", _is_rdjson, _read),
    Form("rdjsonl", _is_rdjsonl, _read_lines),
)
