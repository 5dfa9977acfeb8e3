"""Checkov's JSON: one object for each kind of file that it checked, or a list of them.

Source: https://www.checkov.io/8.Outputs/JSON.html
"""

from __future__ import annotations

import json
from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.reports.reading.json_fields import (
    as_object,
    list_in,
    object_in,
    text_in,
    whole_in,
)
from loaders.sources.reports.reading.json_values import values_at
from loaders.sources.reports.reading.listed_findings import (
    Findings,
    Keys,
    Object,
    counted_from_one,
    has,
    text_at,
)
from loaders.sources.reports.reading.report_facts import Finding, ToolRun
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows

_KEYS = Keys(
    rule="check_id",
    rule_name="check_name",
    help_uri="guideline",
    message="check_name",
    level="severity",
    logical_name="resource",
)
_KINDS = {"failed_checks": "finding", "passed_checks": "pass", "skipped_checks": "finding"}
_PLACES = tuple(f"{at}results.{checks}[]" for at in ("", "[].") for checks in _KINDS)
_NOTHING = {"passed", "failed", "skipped", "parsing_errors", "resource_count", "checkov_version"}


def _is_checkov(head: Head) -> bool:
    first = head.first
    if has(first, "check_type", "results"):
        return has(first["results"], "failed_checks") or has(first["results"], "passed_checks")
    # Nothing was checked.
    return isinstance(first, dict) and first.keys() >= _NOTHING


def _read(file: ArtifactFile, rows: Rows) -> None:
    findings = Findings(rows, _KEYS)
    has_runs = False
    for place, value in values_at(file.text_stream(), "[]", *_PLACES):
        if place in _PLACES:
            checks = place.removesuffix("[]").rpartition(".")[2]
            item = as_object(value, "a check")
            findings.add(item, **_of_check(item, checks))
        elif place or isinstance(value, dict):
            _end_run(as_object(value, "a report"), rows)
            findings = Findings(rows, _KEYS)
            has_runs = True
    if not has_runs:
        rows.add(ToolRun("checkov"))


def _of_check(item: Object, checks: str) -> dict[str, Any]:
    result = object_in(item, "check_result")
    is_skipped = checks == "skipped_checks"
    lines = list_in(item, "file_line_range")
    begin, end, *_ = [*(one if type(one) is int else None for one in lines), None, None]
    path, folder = _place(item)
    return {
        "kind": _KINDS[checks],
        "path": path,
        "bases": [folder] if folder else [],
        "start_line": counted_from_one(begin),
        "end_line": counted_from_one(end),
        "is_suppressed": is_skipped,
        "suppression": text_in(result, "suppress_comment") if is_skipped else None,
    }


def _place(item: Object) -> tuple[str | None, str | None]:
    """Return the path below the folder that was checked, and that folder.

    `file_path` begins with a slash, which is that folder.
    """
    given, absolute = text_at(item, "file_path"), text_at(item, "file_abs_path")
    if not given:
        return absolute, None
    if absolute and absolute != given and absolute.endswith(given):
        return given.lstrip("/"), absolute.removesuffix(given) or "/"
    return given.lstrip("/"), None


def _end_run(report: Object, rows: Rows) -> None:
    summary = object_in(report, "summary") or report
    for path in list_in(object_in(report, "results"), "parsing_errors"):
        if isinstance(path, str):
            rows.add(Finding(None, "cannot be parsed", path_index=rows.path(path), kind="error"))
    totals = {name: summary[name] for name in sorted(_NOTHING & summary.keys())}
    counts = [whole_in(summary, name) for name in ("passed", "failed", "skipped")]
    is_measured = any(counts) if None not in counts else None
    rows.add(
        ToolRun(
            "checkov",
            text_in(summary, "checkov_version"),
            category=text_in(report, "check_type"),
            is_measured=is_measured,
            unmeasured_reason="no resource was checked" if is_measured is False else None,
            stated_totals=json.dumps(totals) if totals else None,
        )
    )


CHECKOV = (Form("checkov", _is_checkov, _read),)
