"""The JSON of linters and scanners of infrastructure: cfn-lint, KICS, kube-linter, terraform,
terrascan, tflint, tfsec.

Sources: https://github.com/aws-cloudformation/cfn-lint, https://docs.kics.io/latest/results/,
https://docs.kubelinter.io, https://developer.hashicorp.com/terraform/cli/commands/validate,
https://runterrascan.io/docs/usage/, https://github.com/terraform-linters/tflint,
https://aquasecurity.github.io/tfsec.
"""

from __future__ import annotations

import json
from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.reports.reading.json_fields import (
    as_object,
    object_in,
    objects_in,
    text_in,
    whole_in,
)
from loaders.sources.reports.reading.json_values import values_at
from loaders.sources.reports.reading.listed_findings import (
    Findings,
    Keys,
    Object,
    cwe,
    has,
    is_empty_or_starts_with,
    listing,
    number_at,
    starts_with,
    text_at,
)
from loaders.sources.reports.reading.report_facts import ToolRun
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows

# -- cfn-lint --------------------------------------------------------------------------------------

_CFN_KEYS = Keys(
    rule="Rule.Id",
    rule_name="Rule.ShortDescription",
    help_uri="Rule.Source",
    message="Message",
    level="Level",
    path="Filename",
    line="Location.Start.LineNumber",
    column="Location.Start.ColumnNumber",
    end_line="Location.End.LineNumber",
    end_column="Location.End.ColumnNumber",
)


def _is_cfn(head: Head) -> bool:
    return starts_with(head.document, "Filename", "Level", "Location", "Message", "Rule")


def _of_cfn(item: Object) -> dict[str, Any]:
    # E0000: it could not parse the template; E0001, E0002: it failed on it.
    rule = text_at(item, "Rule.Id") or ""
    return {"kind": "error" if rule.startswith("E000") else "finding"}


# -- KICS ------------------------------------------------------------------------------------------

_KICS_KEYS = Keys(
    rule="query_id",
    rule_name="query_name",
    help_uri="query_url",
    message="description",
    level="severity",
)


def _is_kics(head: Head) -> bool:
    return has(head.document, "kics_version", "files_scanned")


def _read_kics(file: ArtifactFile, rows: Rows) -> None:
    findings = Findings(rows, _KICS_KEYS)
    rest: Any = None
    for place, value in values_at(file.text_stream(), "queries[]"):
        if not place:
            rest = value
            continue
        query = as_object(value, "a query")
        for item in objects_in(query, "files"):
            findings.add(
                query,
                path=text_in(item, "file_name"),
                start_line=number_at(item, "line"),
                logical_name=text_in(item, "resource_name"),
                fingerprints={"similarity_id": text_in(item, "similarity_id")},
                tags=cwe(query.get("cwe")),
            )
    scanned = whole_in(rest, "files_scanned")
    totals = {name: rest[name] for name in ("severity_counters", "total_counter") if name in rest}
    rows.add(
        ToolRun(
            "kics",
            text_in(rest, "kics_version"),
            is_measured=None if scanned is None else scanned > 0,
            unmeasured_reason="no file was scanned" if scanned == 0 else None,
            stated_totals=json.dumps(totals) if totals else None,
        )
    )


# -- kube-linter -----------------------------------------------------------------------------------

_KUBE_KEYS = Keys(
    rule="Check",
    message="Diagnostic.Message",
    path="Object.Metadata.FilePath",
    logical_name="Object.K8sObject.Name",
)


def _is_kube_linter(head: Head) -> bool:
    document = head.document
    return has(document, "Checks", "Reports") or (
        has(document, "Reports", "Summary") and has(document["Summary"], "ChecksStatus")
    )


def _run_of_kube_linter(rest: Any) -> ToolRun:
    return ToolRun("kube-linter", text_at(rest, "Summary.KubeLinterVersion"))


# -- terraform, tflint, tfsec, terrascan -----------------------------------------------------------

_TERRAFORM_KEYS = Keys(
    message="summary",
    level="severity",
    path="range.filename",
    line="range.start.line",
    column="range.start.column",
    end_line="range.end.line",
    end_column="range.end.column",
)


def _is_terraform(head: Head) -> bool:
    return has(head.document, "valid", "error_count", "warning_count")


def _of_terraform(item: Object) -> dict[str, Any]:
    return {"kind": "error" if item.get("severity") == "error" else "finding"}


_TFLINT_KEYS = Keys(
    rule="rule.name",
    help_uri="rule.link",
    message="message",
    level="rule.severity|severity",
    path="range.filename",
    line="range.start.line",
    column="range.start.column",
    end_line="range.end.line",
    end_column="range.end.column",
)


def _is_tflint(head: Head) -> bool:
    document = head.document
    if not has(document, "issues"):
        return False
    if starts_with(document["issues"], "rule", "message", "range"):
        return True
    return (
        has(document, "errors")
        and document["issues"] == []
        and is_empty_or_starts_with(document["errors"], "message", "severity")
        and set(document) == {"issues", "errors"}
    )


def _read_tflint(file: ArtifactFile, rows: Rows) -> None:
    findings = Findings(rows, _TFLINT_KEYS)
    for place, value in values_at(file.text_stream(), "issues[]", "errors[]"):
        if place:
            item = as_object(value, f"an element of {place}")
            findings.add(item, kind="error" if place == "errors[]" else "finding")
    rows.add(ToolRun("tflint"))


_TFSEC_KEYS = Keys(
    rule="long_id|rule_id",
    rule_name="rule_description",
    message="description",
    level="severity",
    path="location.filename",
    line="location.start_line",
    end_line="location.end_line",
    logical_name="resource",
)
_TFSEC_STATUS = {0: "finding", 1: "pass", 2: "finding"}
_TFSEC_IGNORED = 2


def _is_tfsec(head: Head) -> bool:
    document = head.document
    return has(document, "results") and starts_with(
        document["results"], "rule_id", "rule_provider", "location", "severity"
    )


def _of_tfsec(item: Object) -> dict[str, Any]:
    status = whole_in(item, "status") or 0
    return {
        "kind": _TFSEC_STATUS.get(status, "finding"),
        "is_suppressed": status == _TFSEC_IGNORED,
    }


_TERRASCAN_KEYS = Keys(
    rule="rule_id",
    rule_name="rule_name",
    message="description",
    level="severity",
    path="file",
    line="line",
    logical_name="resource_name",
)
_TERRASCAN_ERROR_KEYS = Keys(message="errMsg", path="file|directory")
_TERRASCAN_PLACES: dict[str, dict[str, Any]] = {
    "results.violations[]": {"kind": "finding"},
    "results.skipped_violations[]": {"is_suppressed": True},
    "results.passed_rules[]": {"kind": "pass"},
}


def _is_terrascan(head: Head) -> bool:
    document = head.document
    if not has(document, "results"):
        return False
    results = document["results"]
    return has(results, "scan_summary") or (
        has(results, "violations") and starts_with(results["violations"], "rule_id", "rule_name")
    )


def _read_terrascan(file: ArtifactFile, rows: Rows) -> None:
    findings = Findings(rows, _TERRASCAN_KEYS)
    errors = Findings(rows, _TERRASCAN_ERROR_KEYS)
    at_errors = "results.scan_errors[]"
    summary: dict[str, Any] = {}
    for place, value in values_at(file.text_stream(), at_errors, *_TERRASCAN_PLACES):
        item = as_object(value, place or "the report")
        if place == at_errors:
            errors.add(item, kind="error")
        elif place:
            comment = text_at(item, "skip_comment")
            findings.add(item, suppression=comment, **_TERRASCAN_PLACES[place])
        else:
            summary = object_in(object_in(item, "results"), "scan_summary")
    rows.add(ToolRun("terrascan", stated_totals=json.dumps(summary) if summary else None))


INFRASTRUCTURE: tuple[Form, ...] = (
    listing("cfn-lint", _is_cfn, "[]", _CFN_KEYS, tool="cfn-lint", refine=_of_cfn),
    Form("kics", _is_kics, _read_kics),
    listing("kube-linter", _is_kube_linter, "Reports[]", _KUBE_KEYS, run=_run_of_kube_linter),
    listing(
        "terraform-validate",
        _is_terraform,
        "diagnostics[]",
        _TERRAFORM_KEYS,
        tool="terraform validate",
        refine=_of_terraform,
    ),
    Form("terrascan", _is_terrascan, _read_terrascan),
    Form("tflint", _is_tflint, _read_tflint),
    listing("tfsec", _is_tfsec, "results[]", _TFSEC_KEYS, tool="tfsec", refine=_of_tfsec),
)
