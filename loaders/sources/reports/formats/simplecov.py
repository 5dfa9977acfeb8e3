"""SimpleCov's JSON of Ruby: its sets of results, its report, and the result of its last run.

Source: https://github.com/simplecov-ruby/simplecov#default-json-formatter
"""

from __future__ import annotations

import json
from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.reports.reading.coverage_facts import CoveredFiles, Tally
from loaders.sources.reports.reading.json_fields import (
    as_object,
    list_in,
    number_in,
    object_in,
    text_in,
)
from loaders.sources.reports.reading.json_values import values_at
from loaders.sources.reports.reading.report_facts import ToolRun
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows
from loaders.sources.reports.reading.test_facts import moment_after
from loaders.sources.reports.reading.whole_documents import json_object

_TOTALS = {"line", "branch", "covered_percent"}


def _is_lines(value: Any) -> bool:
    """Whether *value* is the lines of a file: counts, and null for what cannot be executed."""
    if isinstance(value, dict):
        return "lines" in value or "branches" in value
    return isinstance(value, list) and all(
        one is None or one == "ignored" or type(one) is int for one in value
    )


def _first_of(value: Any) -> Any:
    return next(iter(value.values()), None) if isinstance(value, dict) else None


def _is_sets(head: Head) -> bool:
    first = _first_of(head.document)
    if not isinstance(first, dict) or not isinstance(first.get("coverage"), dict):
        return False
    path = next(iter(first["coverage"]), "")
    return path.endswith((".rb", ".rake", ".erb")) and _is_lines(_first_of(first["coverage"]))


def _is_report(head: Head) -> bool:
    document = head.document
    if not isinstance(document, dict) or not isinstance(document.get("coverage"), dict):
        return False
    meta = document.get("meta")
    return isinstance(meta, dict) and "simplecov_version" in meta


def _is_last_run(head: Head) -> bool:
    # Only its name distinguishes it.
    document = head.document
    result = document.get("result") if isinstance(document, dict) else None
    return (
        head.name == ".last_run.json"
        and isinstance(result, dict)
        and len(document) == 1
        and bool(result)
        and result.keys() <= _TOTALS
    )


def _read_sets(file: ArtifactFile, rows: Rows) -> None:
    files = CoveredFiles(rows)
    for place, value in values_at(file.text_stream(), "{}.coverage{}", "{}"):
        if place == "{}.coverage{}":
            _take_file(value[0], value[1], files)
        elif place:
            # One command that measured, such as RSpec.
            stamp = number_in(as_object(value[1], "a set of results"), "timestamp")
            files.finish(tool_name="simplecov", category=value[0], ended_at=moment_after(stamp))


def _read_report(file: ArtifactFile, rows: Rows) -> None:
    files = CoveredFiles(rows)
    document: dict[str, Any] = {}
    for place, value in values_at(file.text_stream(), "coverage{}"):
        if place:
            _take_file(value[0], value[1], files)
        else:
            document = as_object(value, "the report")
    version = text_in(object_in(document, "meta"), "simplecov_version")
    files.finish(tool_name="simplecov", tool_version=version)


def _take_file(path: str, value: Any, files: CoveredFiles) -> None:
    tally = files.tally(path)
    lines = value
    if isinstance(value, dict):
        lines = list_in(value, "lines")
        _take_branches(value.get("branches"), tally)
    if not isinstance(lines, list):
        raise Invalid("the lines of a file are not a list")
    for number, count in enumerate(lines, 1):
        if type(count) is int:
            tally.add_line(number, is_hit=count > 0)


def _take_branches(branches: Any, tally: Tally) -> None:
    """Take branches by their condition, or those of the report: a list."""
    if isinstance(branches, dict):
        for arms in branches.values():
            counts = list(as_object(arms, "the branches of a condition").values())
            hit = sum(type(count) is int and count > 0 for count in counts)
            tally.add_branches(len(counts), hit)
        tally.add_branches(0, 0)
    elif isinstance(branches, list):
        counts = [as_object(one, "a branch").get("coverage") for one in branches]
        counts = [count for count in counts if type(count) is int]
        tally.add_branches(len(counts), sum(count > 0 for count in counts))


def _read_last_run(file: ArtifactFile, rows: Rows) -> None:
    result = object_in(json_object(file), "result")
    totals = {name: number_in(result, name) for name in sorted(result.keys() & _TOTALS)}
    # It has no files: its totals are all that it measured.
    rows.add(ToolRun("simplecov", is_measured=True, stated_totals=json.dumps(totals)))


SIMPLECOV = (
    Form("simplecov", _is_sets, _read_sets),
    Form("simplecov-json", _is_report, _read_report),
    Form("simplecov-last-run", _is_last_run, _read_last_run),
)
