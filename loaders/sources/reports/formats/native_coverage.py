"""Coverage of C, C++, Rust and Swift as JSON: llvm-cov export, and gcovr.

Sources: https://llvm.org/docs/CommandGuide/llvm-cov.html,
https://gcovr.com/en/stable/output/json.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.reports.reading.coverage_facts import CoveredFiles, ranges_of
from loaders.sources.reports.reading.json_fields import (
    as_object,
    count_in,
    first_in,
    list_in,
    needed_text_in,
    object_in,
    objects_in,
)
from loaders.sources.reports.reading.json_values import values_at
from loaders.sources.reports.reading.report_facts import FileCoverage
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows

_LLVM = "llvm.coverage.json.export"
_LAST_LINE = 1_000_000
_SUMMARY = {
    "lines_found": "line_total",
    "lines_hit": "line_covered",
    "branches_found": "branch_total",
    "branches_hit": "branch_covered",
    "functions_found": "function_total",
    "functions_hit": "function_covered",
}


def _first_file(document: Any) -> dict[str, Any]:
    files = document.get("files") if isinstance(document, dict) else None
    first = first_in(files)
    return first if isinstance(first, dict) else {}


def _is_llvm(head: Head) -> bool:
    document = head.document
    if not isinstance(document, dict):
        return False
    if "type" in document:
        return bool(document["type"] == _LLVM)
    data = document.get("data")
    first = _first_file(data[0]) if isinstance(data, list) and data else {}
    return "filename" in first and bool(first.keys() & {"segments", "summary", "branches"})


def _read_llvm(file: ArtifactFile, rows: Rows) -> None:
    files = CoveredFiles(rows)
    totals: dict[str, int] = {}
    # The functions have all regions of the files again.
    wanted = ("data[].files[]", "data[].functions[]", "data[]")
    for place, value in values_at(file.text_stream(), *wanted):
        if place == "data[].files[]":
            files.add(_llvm_file(as_object(value, "a file"), files))
        elif place == "data[]":
            found = object_in(as_object(value, "an element of data"), "totals")
            for name in ("lines", "branches", "functions", "regions"):
                for key in ("count", "covered"):
                    if (count := count_in(object_in(found, name), key)) is not None:
                        totals[f"{name}_{key}"] = count
    files.finish(tool_name="llvm-cov", totals=totals)


def _llvm_file(one: dict[str, Any], files: CoveredFiles) -> FileCoverage:
    summary = object_in(one, "summary")
    counts = {name: object_in(summary, name) for name in ("lines", "branches", "functions")}
    missing = _lines_without_count(one["segments"]) if "segments" in one else None
    return FileCoverage(
        files.path(needed_text_in(one, "filename")),
        count_in(counts["lines"], "count"),
        count_in(counts["lines"], "covered"),
        count_in(counts["branches"], "count"),
        count_in(counts["branches"], "covered"),
        count_in(counts["functions"], "count"),
        count_in(counts["functions"], "covered"),
        "lines",
        None if missing is None else ranges_of(missing),
    )


def _lines_without_count(segments: Any) -> list[int]:
    """Return the lines that were not executed.

    As LLVM does it: the count of a line is the highest of the regions that begin on it, and of the
    region that it begins in.
    """
    missing: list[int] = []
    wrapped: list[Any] | None = None  # the last region that began before
    for line, beginning in _by_line(segments):
        around = wrapped[2] if wrapped is not None and wrapped[3] else None
        if wrapped is not None and around == 0:
            missing.extend(range(wrapped[0] + 1, line))
        counts = [one[2] for one in beginning if one[3] and one[4] and not any(one[5:6])]
        is_skipped = bool(beginning[0][4]) and not beginning[0][3]
        is_mapped = any(one[3] and one[4] for one in beginning) or (
            around is not None and not is_skipped
        )
        if is_mapped and not any(counts) and not around:
            missing.append(line)
        wrapped = beginning[-1]
    return missing


def _by_line(segments: Any) -> Iterator[tuple[int, list[list[Any]]]]:
    """Yield each line on which segments begin, with them."""
    if not isinstance(segments, list):
        raise Invalid("segments is not a list")
    held: list[list[Any]] = []
    for one in segments:
        # Line, column, count, whether it has a count, whether a region begins.
        if not isinstance(one, list) or len(one) < 5:
            raise Invalid("a segment of less than five values")
        if type(one[0]) is not int or not 0 < one[0] < _LAST_LINE:
            raise Invalid("a segment without a line")
        if held and one[0] < held[-1][0]:
            raise Invalid("segments are not in order")
        if held and one[0] != held[-1][0]:
            yield held[0][0], held
            held = []
        held.append(one)
    if held:
        yield held[0][0], held


def _is_gcovr(head: Head) -> bool:
    document = head.document
    first = _first_file(document)
    if head.keys & {"gcovr/format_version", "gcovr/summary_format_version"}:
        return "files" in document or "gcovr/format_version" in document
    lines = first.get("lines")
    return (
        "file" in first
        and isinstance(lines, list)
        and bool(lines)
        and isinstance(lines[0], dict)
        and "gcovr/noncode" in lines[0]
    )


def _read_gcovr(file: ArtifactFile, rows: Rows) -> None:
    files = CoveredFiles(rows)
    document: dict[str, Any] = {}
    for place, value in values_at(file.text_stream(), "files[]"):
        one = as_object(value, "a file" if place else "the report")
        if not place:
            document = one
        elif "filename" in one:
            counts = {name: count_in(one, key) for name, key in _SUMMARY.items()}
            path = files.path(needed_text_in(one, "filename"))
            files.add(FileCoverage(path, **counts))  # type: ignore[arg-type]
        else:
            _take_gcovr_file(one, files)
    files.finish(
        tool_name="gcovr",
        totals={
            key: count
            for key in _SUMMARY.values()
            if (count := count_in(document, key)) is not None
        },
    )


def _take_gcovr_file(one: dict[str, Any], files: CoveredFiles) -> None:
    tally = files.tally(needed_text_in(one, "file"))
    tally.add_branches(0, 0)
    tally.add_functions(0, 0)
    for line in objects_in(one, "lines"):
        if line.get("gcovr/noncode"):
            continue
        tally.add_line(count_in(line, "line_number"), is_hit=bool(count_in(line, "count")))
        branches = objects_in(line, "branches")
        tally.add_branches(len(branches), sum(bool(count_in(one, "count")) for one in branches))
    functions = [as_object(one, "a function") for one in list_in(one, "functions")]
    called = sum(bool(count_in(function, "execution_count")) for function in functions)
    tally.add_functions(len(functions), called)


NATIVE_COVERAGE = (
    Form("llvm-cov", _is_llvm, _read_llvm),
    Form("gcovr-json", _is_gcovr, _read_gcovr),
)
