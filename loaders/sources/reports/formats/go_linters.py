"""The JSON of golangci-lint, gosec, staticcheck and revive.

Sources: https://golangci-lint.run/docs/configuration/file/#output-configuration,
https://github.com/securego/gosec, https://staticcheck.dev/docs/running-staticcheck/cli/formatters/,
https://github.com/mgechev/revive.
"""

from __future__ import annotations

import io
import json
import re
from typing import Any, BinaryIO

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.artifacts.strict_json import LONGEST_LINE
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
    is_empty_or_starts_with,
    line_listing,
    listing,
    starts_with,
    text_at,
    value_at,
)
from loaders.sources.reports.reading.report_facts import ToolRun
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows

# -- golangci-lint ---------------------------------------------------------------------------------

_GOLANGCI_KEYS = Keys(
    rule="FromLinter",
    message="Text",
    level="Severity",
    path="Pos.Filename",
    line="Pos.Line",
    column="Pos.Column",
    end_line="LineRange.To",
)
# Packages that do not compile were not examined.
_TYPE_CHECK = "typecheck"


def _is_golangci(head: Head) -> bool:
    document = head.document
    if not has(document, "Issues"):
        return False
    if starts_with(document["Issues"], "FromLinter", "Text", "Pos"):
        return True
    report = document.get("Report")
    return has(report, "Linters") and not document["Issues"]


def _read_golangci(file: ArtifactFile, rows: Rows) -> None:
    findings = Findings(rows, _GOLANGCI_KEYS)
    stream: BinaryIO = file.text_stream()
    # Version 2 writes a summary for people after it.
    first = stream.readline(LONGEST_LINE)
    stream = io.BytesIO(first) if first.rstrip().endswith(b"}") else file.text_stream()
    for place, value in values_at(stream, "Issues[]"):
        if place:
            item = as_object(value, "an issue")
            findings.add(item, **_of_golangci(item))
        else:
            rows.add(_run_of_golangci(value))


def _of_golangci(item: Object) -> dict[str, Any]:
    lines = [line for line in list_in(item, "SourceLines") if isinstance(line, str)]
    return {
        "kind": "error" if item.get("FromLinter") == _TYPE_CHECK else "finding",
        "level": text_in(item, "Severity") or None,
        "source_line": lines[0] if lines else None,
    }


def _run_of_golangci(rest: Any) -> ToolRun:
    error = text_in(object_in(rest, "Report"), "Error")
    return ToolRun("golangci-lint", is_successful=not error)


# -- gosec -----------------------------------------------------------------------------------------

_GOSEC_KEYS = Keys(
    rule="rule_id", help_uri="cwe.url", message="details", level="severity", path="file"
)
_GOSEC_ERROR_KEYS = Keys(message="error", line="line", column="column")
_LINES = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?")


def _is_gosec(head: Head) -> bool:
    document = head.document
    return has(document, "Golang errors") or (
        has(document, "Issues") and starts_with(document["Issues"], "rule_id", "details", "file")
    )


def _read_gosec(file: ArtifactFile, rows: Rows) -> None:
    findings, errors = Findings(rows, _GOSEC_KEYS), Findings(rows, _GOSEC_ERROR_KEYS)
    for place, value in values_at(file.text_stream(), "Issues[]"):
        if place:
            item = as_object(value, "an issue")
            findings.add(item, **_of_gosec(item))
            continue
        broken = object_in(value, "Golang errors")
        for path in broken:
            for item in objects_in(broken, path):
                errors.add(item, path=path, kind="error")
        stats = object_in(value, "Stats")
        is_measured = stats.get("files") != 0 if "files" in stats else None
        rows.add(
            ToolRun(
                "gosec",
                text_in(value, "GosecVersion") or None,
                is_measured=is_measured,
                unmeasured_reason="no file was examined" if is_measured is False else None,
                stated_totals=json.dumps(stats) if stats else None,
            )
        )


def _of_gosec(item: Object) -> dict[str, Any]:
    lines = _LINES.fullmatch(text_at(item, "line") or "")
    column = _LINES.fullmatch(text_at(item, "column") or "")
    suppressions = objects_in(item, "suppressions")
    reasons = [text_in(one, "justification") for one in suppressions]
    return {
        "start_line": _whole(lines[1]) if lines else None,
        "end_line": _whole(lines[2]) if lines else None,
        "start_column": _whole(column[1]) if column else None,
        "tags": cwe(value_at(item, "cwe.id|cwe.ID")),
        "is_suppressed": bool(suppressions) or bool(truth_in(item, "nosec")),
        "suppression": " · ".join(filter(None, reasons)) or None,
    }


def _whole(digits: str | None) -> int | None:
    return counted_from_one(int(digits)) if digits else None


# -- staticcheck, revive ---------------------------------------------------------------------------

_STATICCHECK_KEYS = Keys(
    rule="code",
    message="message",
    level="severity",
    path="location.file",
    line="location.line",
    column="location.column",
    end_line="end.line",
    end_column="end.column",
)


def _is_staticcheck(head: Head) -> bool:
    return has(head.document, "code", "severity", "location", "end", "message")


def _of_staticcheck(item: Object) -> dict[str, Any]:
    return {
        "kind": "error" if item.get("code") == "compile" else "finding",
        "is_suppressed": item.get("severity") == "ignored",
    }


_REVIVE_KEYS = Keys(
    rule="RuleName",
    message="Failure",
    level="Severity",
    path="Position.Start.Filename",
    line="Position.Start.Line",
    column="Position.Start.Column",
    end_line="Position.End.Line",
    end_column="Position.End.Column",
)


def _is_revive(head: Head) -> bool:
    document = head.document
    return is_empty_or_starts_with(document, "RuleName", "Failure", "Position") and bool(document)


GO_LINTERS: tuple[Form, ...] = (
    Form("golangci-lint", _is_golangci, _read_golangci),
    Form("gosec", _is_gosec, _read_gosec),
    listing("revive", _is_revive, "[]", _REVIVE_KEYS, tool="revive"),
    line_listing(
        "staticcheck",
        _is_staticcheck,
        _STATICCHECK_KEYS,
        tool="staticcheck",
        refine=_of_staticcheck,
    ),
)
