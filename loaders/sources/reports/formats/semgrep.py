"""The JSON of semgrep (and opengrep), and of njsscan and mobsfscan, which use it.

Sources: https://semgrep.dev/docs/semgrep-appsec-platform/json-and-sarif,
https://github.com/ajinabraham/njsscan.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.reports.reading.found_secrets import is_about_secrets
from loaders.sources.reports.reading.json_fields import (
    as_object,
    list_in,
    object_in,
    objects_in,
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
    starts_with,
    text_at,
    value_at,
)
from loaders.sources.reports.reading.report_facts import ToolRun
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows

_KEYS = Keys(
    rule="check_id",
    help_uri="extra.metadata.source",
    message="extra.message",
    level="extra.severity",
    path="path",
    line="start.line",
    column="start.col",
    end_line="end.line",
    end_column="end.col",
)
_ERROR_KEYS = Keys(
    message="message|long_msg|short_msg",
    level="level",
    path="path",
    line="start.line",
    column="start.col",
)
# Users who are not logged in get this text as fingerprint and as lines.
_WITHHELD = "requires login"


def _is_semgrep(head: Head) -> bool:
    document = head.document
    if not isinstance(document, dict):
        return False
    if starts_with(document.get("results"), "check_id", "path", "start", "end", "extra"):
        return True
    paths = document.get("paths")
    return "errors" in document and (has(paths, "scanned") or has(paths, "_comment"))


def _read(file: ArtifactFile, rows: Rows) -> None:
    findings, errors = Findings(rows, _KEYS), Findings(rows, _ERROR_KEYS)
    for place, value in values_at(file.text_stream(), "results[]", "errors[]"):
        if place == "results[]":
            item = as_object(value, "a result")
            findings.add(item, **_of_result(item))
        elif place:
            item = as_object(value, "an error")
            errors.add(item, kind="error", rule_id=_type_of(item))
        else:
            rows.add(_run_of(value))


def _of_result(item: Object) -> dict[str, Any]:
    extra = object_in(item, "extra")
    metadata = object_in(extra, "metadata")
    category = text_at(metadata, "category")
    tags = [*cwe(metadata.get("cwe")), *filter(None, [category])]
    lines, fingerprint = text_at(extra, "lines"), text_at(extra, "fingerprint")
    is_secret = is_about_secrets(text_at(item, "check_id"), *tags)
    return {
        "tags": tags,
        "values": _interpolated(extra) if is_secret else (),
        "is_suppressed": truth_in(extra, "is_ignored"),
        "source_line": lines.splitlines()[0] if lines and lines != _WITHHELD else None,
        "fingerprints": {"matchBasedId": None if fingerprint == _WITHHELD else fingerprint},
    }


def _interpolated(extra: Object) -> list[str]:
    """Return what the variables of the rule matched: its message may repeat it."""
    found = [
        text_at(as_object(value, name), "abstract_content")
        for name, value in object_in(extra, "metavars").items()
    ]
    return [one.strip("\"'`") for one in found if one]


def _type_of(error: Object) -> str | None:
    kind = error.get("type")
    kind = kind[0] if isinstance(kind, list) and kind else kind
    return kind if isinstance(kind, str) else None


def _run_of(rest: Any) -> ToolRun:
    paths = object_in(rest, "paths")
    is_measured = bool(list_in(paths, "scanned")) if "scanned" in paths else None
    return ToolRun(
        "semgrep",
        text_at(rest, "version"),
        is_measured=is_measured,
        unmeasured_reason="no file was scanned" if is_measured is False else None,
    )


# -- njsscan and mobsfscan -------------------------------------------------------------------------

_SCANS = {"njsscan_version": ("nodejs", "templates"), "mobsfscan_version": ("results",)}
_SCAN_KEYS = Keys(rule="rule", message="metadata.description", level="metadata.severity")


def _is_njsscan(head: Head) -> bool:
    return bool(head.keys & _SCANS.keys()) and "errors" in head.keys


def _read_njsscan(file: ArtifactFile, rows: Rows) -> None:
    findings = Findings(rows, _SCAN_KEYS)
    for _, document in values_at(file.text_stream()):
        version = next(key for key in _SCANS if key in document)
        for part in _SCANS[version]:
            for rule, item in object_in(document, part).items():
                # The columns of templates count from the beginning of the file.
                for more in _of_rule(as_object(item, rule), has_columns=part != "templates"):
                    findings.add(item, rule_id=rule, **more)
        errors = list_in(document, "errors")
        for error in errors:
            item = error if isinstance(error, dict) else {"message": str(error)}
            Findings(rows, _ERROR_KEYS).add(item, kind="error", rule_id=_type_of(item))
        rows.add(
            ToolRun(
                version.removesuffix("_version"),
                text_at(document, version),
                is_successful=not errors,
            )
        )


def _of_rule(item: Object, *, has_columns: bool) -> Iterator[dict[str, Any]]:
    """Yield the columns of each place of a rule; a control that is missing has none."""
    tags = cwe(value_at(item, "metadata.cwe"))
    files = objects_in(item, "files")
    if not files:
        yield {"tags": tags}
    for file in files:
        begin, end = _pair(file, "match_lines")
        first, last = _pair(file, "match_position") if has_columns else (None, None)
        yield {
            "tags": tags,
            "path": text_at(file, "file_path"),
            "start_line": begin,
            "end_line": end,
            "start_column": first,
            "end_column": last,
            "values": [text_at(file, "match_string")],
        }


def _pair(owner: Object, key: str) -> tuple[int | None, int | None]:
    numbers = [counted_from_one(one) if type(one) is int else None for one in list_in(owner, key)]
    begin, end, *_ = [*numbers, None, None]
    return begin, end


SEMGREP = (
    Form("njsscan", _is_njsscan, _read_njsscan),
    Form("semgrep", _is_semgrep, _read),
)
