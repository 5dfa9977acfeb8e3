"""The JSON of RuboCop and its relatives, Brakeman, Reek, Credo and Sobelow.

Sources: https://docs.rubocop.org/rubocop/formatters.html#json-formatter, https://brakemanscanner.org,
https://github.com/troessner/reek, https://github.com/rrrene/credo, https://github.com/nccgroup/sobelow.
"""

from __future__ import annotations

import json
from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.reports.reading.json_fields import (
    as_object,
    list_in,
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
    cwe,
    has,
    listing,
    starts_with,
    text_at,
)
from loaders.sources.reports.reading.report_facts import FurtherPlace, ToolRun
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows

# -- RuboCop, erb_lint, haml-lint, slim-lint -------------------------------------------------------

_OFFENSE_KEYS = Keys(
    rule="cop_name|linter_name|linter",
    message="message",
    level="severity",
    line="location.start_line|location.line",
    column="location.start_column|location.column",
    end_line="location.last_line",
    end_column="location.last_column",
)
_VERSIONS = {
    "rubocop_version": "rubocop",
    "erb_lint_version": "erb_lint",
    "haml_lint_version": "haml-lint",
    "slim_lint_version": "slim-lint",
    "scss_lint_version": "scss-lint",
}
_SYNTAX = ("Lint/Syntax", "Syntax")


def _is_rubocop(head: Head) -> bool:
    document = head.document
    return has(document, "metadata", "files") and bool(
        isinstance(document["metadata"], dict) and document["metadata"].keys() & _VERSIONS.keys()
    )


def _of_offense(item: Object) -> dict[str, Any]:
    is_corrected = bool(truth_in(item, "corrected"))
    is_syntax = item.get("cop_name") in _SYNTAX or item.get("severity") == "fatal"
    return {
        "kind": "error" if is_syntax else "finding",
        "is_suppressed": is_corrected,
        "suppression": "corrected" if is_corrected else None,
    }


def _run_of_rubocop(rest: Any) -> ToolRun:
    metadata, summary = object_in(rest, "metadata"), object_in(rest, "summary")
    key = next((one for one in _VERSIONS if one in metadata), "rubocop_version")
    is_measured = summary.get("inspected_file_count") != 0 if summary else None
    return ToolRun(
        _VERSIONS[key],
        text_in(metadata, key),
        is_measured=is_measured,
        unmeasured_reason="no file was inspected" if is_measured is False else None,
        stated_totals=json.dumps(summary) if summary else None,
    )


# -- Brakeman --------------------------------------------------------------------------------------

_BRAKEMAN_KEYS = Keys(
    rule="check_name",
    rule_name="warning_type",
    help_uri="link",
    message="message",
    level="confidence",
    path="file",
    line="line",
    source_line="",
)
_BRAKEMAN_ERROR_KEYS = Keys(message="error")
_BRAKEMAN_PLACES = ("warnings[]", "ignored_warnings[]", "errors[]")


def _is_brakeman(head: Head) -> bool:
    document = head.document
    return has(document, "scan_info") and has(document["scan_info"], "brakeman_version")


def _read_brakeman(file: ArtifactFile, rows: Rows) -> None:
    findings, errors = Findings(rows, _BRAKEMAN_KEYS), Findings(rows, _BRAKEMAN_ERROR_KEYS)
    for place, value in values_at(file.text_stream(), *_BRAKEMAN_PLACES):
        item = as_object(value, place or "the report")
        if place == "errors[]":
            errors.add(item, kind="error")
        elif place:
            where = object_in(item, "location")
            findings.add(
                item,
                tags=cwe(list_in(item, "cwe_id")),
                fingerprints={"brakeman": text_in(item, "fingerprint")},
                logical_name=text_at(where, "method|class|template"),
                is_suppressed=place == "ignored_warnings[]",
                suppression=text_in(item, "note") or None,
            )
        else:
            info = object_in(item, "scan_info")
            rows.add(ToolRun("brakeman", text_in(info, "brakeman_version")))


# -- Reek ------------------------------------------------------------------------------------------

_REEK_KEYS = Keys(
    rule="smell_type",
    help_uri="documentation_link",
    message="message",
    path="source",
    logical_name="context",
)


def _is_reek(head: Head) -> bool:
    return starts_with(head.document, "context", "lines", "message", "smell_type", "source")


def _read_reek(file: ArtifactFile, rows: Rows) -> None:
    findings = Findings(rows, _REEK_KEYS)
    for place, value in values_at(file.text_stream(), "[]"):
        if place:
            item = as_object(value, "a smell")
            lines = [counted_from_one(one) for one in list_in(item, "lines") if type(one) is int]
            position = findings.add(item, start_line=lines[0] if lines else None)
            path = text_at(item, "source")
            for line in lines[1:]:
                index = rows.path(path) if path else None
                rows.add(FurtherPlace(position, "related", index, line))
    rows.add(ToolRun("reek"))


# -- Credo, Sobelow --------------------------------------------------------------------------------

_CREDO_KEYS = Keys(
    rule="check",
    message="message",
    level="category",
    path="filename",
    line="line_no",
    column="column",
    end_column="column_end",
    logical_name="scope",
)


def _is_credo(head: Head) -> bool:
    document = head.document
    return has(document, "issues") and starts_with(
        document["issues"], "check", "category", "filename", "line_no", "message"
    )


_SOBELOW_KEYS = Keys(rule="type", message="type", path="file", line="line", logical_name="fun")


def _is_sobelow(head: Head) -> bool:
    document = head.document
    return has(document, "sobelow_version") or (
        has(document, "findings", "total_findings") and has(document["findings"], "high_confidence")
    )


def _read_sobelow(file: ArtifactFile, rows: Rows) -> None:
    findings = Findings(rows, _SOBELOW_KEYS)
    for _, document in values_at(file.text_stream()):
        groups = object_in(document, "findings")
        for group in groups:
            for item in objects_in(groups, group):
                findings.add(item, level=group.removesuffix("_confidence"))
        rows.add(ToolRun("sobelow", text_in(document, "sobelow_version")))


RUBY_AND_ELIXIR: tuple[Form, ...] = (
    Form("brakeman", _is_brakeman, _read_brakeman),
    listing("credo", _is_credo, "issues[]", _CREDO_KEYS, tool="credo"),
    Form("reek", _is_reek, _read_reek),
    listing(
        "rubocop",
        _is_rubocop,
        "files[]",
        _OFFENSE_KEYS,
        within="offenses",
        file="path",
        refine=_of_offense,
        run=_run_of_rubocop,
    ),
    Form("sobelow", _is_sobelow, _read_sobelow),
)
