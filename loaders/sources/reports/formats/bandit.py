"""Bandit's JSON and CSV.

Source: https://bandit.readthedocs.io/en/latest/formatters/json.html
"""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.reports.reading.json_fields import as_object, list_in, object_in
from loaders.sources.reports.reading.json_values import values_at
from loaders.sources.reports.reading.listed_findings import (
    Findings,
    Keys,
    Object,
    counted_from_one,
    cwe,
    has,
    is_empty_or_starts_with,
    text_at,
    value_at,
)
from loaders.sources.reports.reading.report_facts import Finding, ToolRun
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows
from loaders.sources.reports.reading.report_times import moment_of

_KEYS = Keys(
    rule="test_id",
    rule_name="test_name",
    help_uri="more_info",
    message="issue_text",
    level="issue_severity",
    path="filename",
    line="line_number",
    column="col_offset",
    end_column="end_col_offset",
    first_column=0,
)


_OF_PASSWORDS = ("B105", "B106", "B107")
_QUOTED = re.compile(r"Possible hardcoded password: '(.+)'", re.DOTALL)


def _is_bandit(head: Head) -> bool:
    document = head.document
    if not has(document, "errors"):
        return False
    if set(document) == {"errors"}:
        # The errors fill the head.
        errors = document["errors"]
        return bool(errors) and is_empty_or_starts_with(errors, "filename", "reason")
    return "generated_at" in document and (
        has(document.get("metrics"), "_totals") or "results" in document
    )


def _read(file: ArtifactFile, rows: Rows) -> None:
    findings = Findings(rows, _KEYS)
    for place, value in values_at(file.text_stream(), "results[]", "errors[]"):
        if place == "results[]":
            item = as_object(value, "a result")
            findings.add(item, **_of_result(item))
        elif place:
            error = as_object(value, "an error")
            path = text_at(error, "filename")
            rows.add(
                Finding(
                    None,
                    text_at(error, "reason"),
                    path_index=rows.path(path) if path else None,
                    kind="error",
                )
            )
        else:
            rows.add(_run_of(value, rows))


def _of_result(item: Object) -> dict[str, Any]:
    numbers = [number for number in list_in(item, "line_range") if isinstance(number, int)]
    return {
        "end_line": counted_from_one(max(numbers)) if numbers else None,
        "tags": cwe(value_at(item, "issue_cwe.id")),
        "secret": _secret(item),
        "source_line": _source_line(item),
    }


def _secret(item: Object) -> str | None:
    """Return the password that a message quotes."""
    quoted = _QUOTED.fullmatch(text_at(item, "issue_text") or "")
    return quoted[1] if quoted and text_at(item, "test_id") in _OF_PASSWORDS else None


def _source_line(item: Object) -> str | None:
    """Return the line itself: `code` has it and those around it, each after its number."""
    code, number = text_at(item, "code"), text_at(item, "line_number")
    for line in (code or "").splitlines():
        begin, _, text = line.partition(" ")
        if begin == number:
            return text
    return None


def _run_of(rest: Any, rows: Rows) -> ToolRun:
    metrics = object_in(rest, "metrics")
    files = [path for path in metrics if path != "_totals"]
    for path in files:
        rows.path(path)
    totals = object_in(metrics, "_totals")
    return ToolRun(
        "bandit",
        is_measured=bool(files) if metrics else None,
        unmeasured_reason=None if files or not metrics else "no file was examined",
        ended_at=moment_of(text_at(rest, "generated_at")),
        stated_totals=json.dumps(totals) if totals else None,
    )


# -- CSV -------------------------------------------------------------------------------------------

_HEADER = "filename,test_name,test_id,issue_severity,issue_confidence,"


def _is_bandit_csv(head: Head) -> bool:
    return bool(head.lines) and head.lines[0].startswith(_HEADER)


def _read_csv(file: ArtifactFile, rows: Rows) -> None:
    findings = Findings(rows, _KEYS)
    lines = io.TextIOWrapper(file.text_stream(), "utf-8", newline="")
    try:
        for row in csv.DictReader(lines, strict=True):
            if None in row or None in row.values():
                raise Invalid("a row with another number of columns than the header")
            item = _typed(row)
            findings.add(item, tags=_weakness(row.get("issue_cwe")), secret=_secret(item))
    except (csv.Error, UnicodeDecodeError) as error:
        raise Invalid(f"not CSV: {error}") from None
    rows.add(ToolRun("bandit"))


def _typed(row: dict[str, str]) -> Object:
    numbers = ("line_number", "col_offset", "end_col_offset")
    return row | {name: _number(row.get(name, "")) for name in numbers}


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < _MOST_DIGITS else None


_MOST_DIGITS = 16


def _weakness(link: str | None) -> list[str]:
    return cwe((link or "").rpartition("/")[2].partition(".")[0])


BANDIT = (
    Form("bandit", _is_bandit, _read),
    Form("bandit-csv", _is_bandit_csv, _read_csv),
)
