"""The JSON report of coverage.py, of all its formats.

Source: https://coverage.readthedocs.io/en/latest/commands/cmd_json.html
"""

from __future__ import annotations

from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.reports.reading.coverage_facts import CoveredFiles, ranges_of
from loaders.sources.reports.reading.json_fields import (
    as_object,
    count_in,
    list_in,
    object_in,
    text_in,
)
from loaders.sources.reports.reading.json_values import values_at
from loaders.sources.reports.reading.report_facts import FileCoverage
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows
from loaders.sources.reports.reading.test_facts import moment_in

_TOTALS = (
    "covered_lines",
    "num_statements",
    "missing_lines",
    "excluded_lines",
    "num_branches",
    "covered_branches",
)


def _is_report(head: Head) -> bool:
    document = head.document
    if not isinstance(document, dict):
        return False
    meta, files = document.get("meta"), document.get("files")
    if not isinstance(meta, dict) or not isinstance(files, dict):
        return False
    first = next(iter(files.values()), None)
    has_form = {"version", "branch_coverage"} <= meta.keys()
    return has_form and (first is None or (isinstance(first, dict) and "executed_lines" in first))


def _read(file: ArtifactFile, rows: Rows) -> None:
    files = CoveredFiles(rows)
    document: dict[str, Any] = {}
    for place, value in values_at(file.text_stream(), "files{}"):
        if place:
            _take_file(value[0], as_object(value[1], "a file"), files)
        else:
            document = as_object(value, "the report")
    meta, totals = object_in(document, "meta"), object_in(document, "totals")
    files.finish(
        tool_name="coverage.py",
        tool_version=text_in(meta, "version"),
        ended_at=moment_in(text_in(meta, "timestamp")),
        totals={name: count for name in _TOTALS if (count := count_in(totals, name)) is not None},
    )


def _take_file(path: str, one: dict[str, Any], files: CoveredFiles) -> None:
    summary = object_in(one, "summary")
    functions = [
        as_object(function, "a function")
        for name, function in object_in(one, "functions").items()
        if name
    ]
    has_functions = "functions" in one
    hit = sum(
        bool(count_in(object_in(function, "summary"), "covered_lines")) for function in functions
    )
    files.add(
        FileCoverage(
            files.path(path),
            count_in(summary, "num_statements"),
            count_in(summary, "covered_lines"),
            count_in(summary, "num_branches"),
            count_in(summary, "covered_branches"),
            len(functions) if has_functions else None,
            hit if has_functions else None,
            "lines",
            ranges_of(sorted({line for line in list_in(one, "missing_lines") if _is_line(line)})),
        )
    )


def _is_line(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


COVERAGE_PY = (Form("coverage-py-json", _is_report, _read),)
