"""Istanbul's JSON of JavaScript: the whole coverage of each file, or a summary of it.

Source: https://github.com/gotwarlost/istanbul/blob/master/coverage.json.md
"""

from __future__ import annotations

from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.reports.reading.coverage_facts import CoveredFiles, Tally
from loaders.sources.reports.reading.json_fields import as_object, count_in, object_in, text_in
from loaders.sources.reports.reading.json_values import items_of
from loaders.sources.reports.reading.report_facts import FileCoverage
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows

_FINAL = {"path", "statementMap", "fnMap"}
_SUMMARY = {"lines", "statements", "functions", "branches"}
_COUNTS = {"total", "covered", "pct"}


def _is_final(head: Head) -> bool:
    document = head.document
    if not isinstance(document, dict) or not document:
        return False
    path, first = next(iter(document.items()))
    # The head may end in the statements of the first file.
    return (
        isinstance(first, dict)
        and first.get("path") == path
        and "statementMap" in first
        and isinstance(first["statementMap"], dict)
    )


def _is_summary(head: Head) -> bool:
    document = head.document
    if not isinstance(document, dict) or not document:
        return False
    first = next(iter(document.values()))
    if not isinstance(first, dict) or not first.keys() >= {"lines", "statements"}:
        return False
    lines = first["lines"]
    return isinstance(lines, dict) and lines.keys() >= _COUNTS and "branches" in first


def _read_final(file: ArtifactFile, rows: Rows) -> None:
    files = CoveredFiles(rows)
    for path, value in items_of(file.text_stream(), "{}"):
        one = as_object(value, "a file")
        if not one.keys() >= _FINAL:
            raise Invalid("a file without path, statementMap and fnMap")
        _take_file(one, files.tally(text_in(one, "path") or path))
    files.finish(tool_name="istanbul")


def _take_file(one: dict[str, Any], tally: Tally) -> None:
    counts = object_in(one, "s")
    for key, place in object_in(one, "statementMap").items():
        # A line is that on which a statement begins.
        start = object_in(as_object(place, "a statement"), "start")
        tally.add_line(count_in(start, "line"), is_hit=_is_hit(counts.get(key)))
    for branches in object_in(one, "b").values():
        if not isinstance(branches, list):
            raise Invalid("the counts of a branch are not a list")
        tally.add_branches(len(branches), sum(map(_is_hit, branches)))
    tally.add_branches(0, 0)
    called = object_in(one, "f")
    tally.add_functions(len(called), sum(map(_is_hit, called.values())))


def _is_hit(count: Any) -> bool:
    return isinstance(count, int | float) and count > 0


def _read_summary(file: ArtifactFile, rows: Rows) -> None:
    files = CoveredFiles(rows)
    totals: dict[str, Any] = {}
    for path, value in items_of(file.text_stream(), "{}"):
        one = as_object(value, "a file")
        counts = {name: object_in(one, name) for name in _SUMMARY}
        if path == "total":
            totals = {
                f"{name}_{key}": count
                for name in sorted(counts)
                for key in ("total", "covered")
                if (count := count_in(counts[name], key)) is not None
            }
            continue
        files.add(
            FileCoverage(
                files.path(path),
                count_in(counts["lines"], "total"),
                count_in(counts["lines"], "covered"),
                count_in(counts["branches"], "total"),
                count_in(counts["branches"], "covered"),
                count_in(counts["functions"], "total"),
                count_in(counts["functions"], "covered"),
            )
        )
    files.finish(tool_name="istanbul", totals=totals)


ISTANBUL = (
    Form("istanbul", _is_final, _read_final),
    Form("istanbul-summary", _is_summary, _read_summary),
)
