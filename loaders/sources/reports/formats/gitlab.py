"""GitLab's reports: Code Quality (issues in the form of Code Climate), and security reports.

Sources: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format,
https://github.com/codeclimate/platform/blob/master/spec/analyzers/SPEC.md,
https://gitlab.com/gitlab-org/security-products/security-report-schemas.
"""

from __future__ import annotations

from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.reports.reading.found_secrets import without_secrets
from loaders.sources.reports.reading.json_fields import as_object, object_in, objects_in, text_in
from loaders.sources.reports.reading.json_values import values_at
from loaders.sources.reports.reading.listed_findings import (
    Findings,
    Keys,
    Object,
    cwe,
    has,
    objects_of_lines,
    starts_with,
    text_at,
    value_at,
)
from loaders.sources.reports.reading.report_facts import Advisory, Finding, ToolRun
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows, json_list
from loaders.sources.reports.reading.report_times import moment_of

# -- Code Quality ----------------------------------------------------------------------------------

_QUALITY_KEYS = Keys(
    rule="check_name",
    message="description",
    level="severity",
    path="location.path",
    line="location.positions.begin.line|location.lines.begin",
    column="location.positions.begin.column",
    end_line="location.positions.end.line|location.lines.end",
    end_column="location.positions.end.column",
)


def _is_issue(item: object) -> bool:
    if not has(item, "description", "location"):
        return False
    issue: dict[str, Any] = item  # type: ignore[assignment]
    place = issue["location"]
    return has(place, "path") and (
        "fingerprint" in issue
        or (has(issue, "check_name", "type") and (has(place, "lines") or has(place, "positions")))
    )


def _is_code_quality(head: Head) -> bool:
    return isinstance(head.document, list) and _is_issue(head.first)


def _read_code_quality(file: ArtifactFile, rows: Rows) -> None:
    findings = Findings(rows, _QUALITY_KEYS)
    engines: set[str | None] = set()
    for place, value in values_at(file.text_stream(), "[]"):
        if place:
            _add_issue(as_object(value, "an issue"), findings, engines)
    rows.add(ToolRun(next(iter(engines)) if len(engines) == 1 else None))


def _is_code_climate(head: Head) -> bool:
    return _is_issue(head.document)


def _read_code_climate(file: ArtifactFile, rows: Rows) -> None:
    findings = Findings(rows, _QUALITY_KEYS)
    engines: set[str | None] = set()
    for _, item in objects_of_lines(file):
        _add_issue(item, findings, engines)
    rows.add(ToolRun(next(iter(engines)) if len(engines) == 1 else None))


def _add_issue(item: Object, findings: Findings, engines: set[str | None]) -> None:
    if item.get("type") == "measurement":
        return
    begin = value_at(item, "location.lines.begin")
    # Some tools write the position of the line where its number is due.
    place = {"start_line": begin.get("line")} if isinstance(begin, dict) else {}
    if place:
        end = value_at(item, "location.lines.end")
        lines = {"begin": place["start_line"], "end": end.get("line") if has(end, "line") else None}
        item = dict(item) | {"location": object_in(item, "location") | {"lines": lines}}
    findings.add(item, fingerprints={"code-quality": text_in(item, "fingerprint")})
    engines.add(text_at(item, "engine_name"))


# -- security reports ------------------------------------------------------------------------------

_SECURITY_KEYS = Keys(
    message="message|name|description",
    level="severity",
    path="location.file",
    line="location.start_line",
    end_line="location.end_line",
    logical_name="location.method|location.class",
)
_OF_PACKAGES = ("dependency_scanning", "container_scanning", "cluster_image_scanning")


def _is_security(head: Head) -> bool:
    document = head.document
    if not has(document, "version") or not isinstance(document, dict):
        return False
    scan = document.get("scan")
    return (has(scan, "type") and (has(scan, "scanner") or has(scan, "analyzer"))) or starts_with(
        document.get("vulnerabilities"), "id", "scanner", "location", "identifiers"
    )


def _read_security(file: ArtifactFile, rows: Rows) -> None:
    findings = Findings(rows, _SECURITY_KEYS)
    scanner: str | None = None
    for place, value in values_at(file.text_stream(), "vulnerabilities[]"):
        if place:
            item = as_object(value, "a vulnerability")
            scanner = scanner or text_at(item, "scanner.name")
            if value_at(item, "location.dependency.package.name"):
                rows.add(_advisory(item, rows))
            else:
                findings.add(item, **_of_vulnerability(item))
        else:
            rows.add(_run_of(as_object(value, "the report"), rows, scanner))


def _of_vulnerability(item: Object) -> dict[str, Any]:
    identifiers = objects_in(item, "identifiers")
    rule = text_at(identifiers[0], "value|name") if identifiers else None
    category = text_at(item, "category")
    # A secret that was found; what other scanners extract is a line of code.
    extract = text_in(item, "raw_source_code_extract")
    is_secret = category == "secret_detection" or bool(
        identifiers and "gitleaks" in (text_at(identifiers[0], "type") or "")
    )
    return {
        "rule_id": rule,
        "tags": [*_tags(item), *(["secret"] if is_secret else [])],
        "secret": extract if is_secret else None,
        "values": [extract],
        "fingerprints": {"gitlab": text_in(item, "id")},
    }


def _tags(item: Object) -> list[str]:
    return [
        tag
        for one in objects_in(item, "identifiers")
        if (text_at(one, "type") or "").lower() == "cwe"
        for tag in cwe(text_at(one, "value"))
    ]


def _advisory(item: Object, rows: Rows) -> Advisory:
    names = [text_at(one, "value|name") for one in objects_in(item, "identifiers")]
    ids = [name for name in dict.fromkeys(names) if name and not cwe_only(name)]
    path = text_at(item, "location.file")
    links = [text_at(one, "url") for one in objects_in(item, "links")]
    return Advisory(
        ids[0] if ids else text_in(item, "id") or text_at(item, "name|message") or "unknown",
        text_at(item, "location.dependency.package.name") or "",
        text_at(item, "location.dependency.version"),
        aliases=json_list(ids[1:]),
        level=text_in(item, "severity"),
        title=text_at(item, "name|message"),
        url=next((url for url in links if url), None),
        is_direct=_truth(value_at(item, "location.dependency.direct")),
        path_index=rows.path(path) if path else None,
    )


def cwe_only(name: str) -> bool:
    return name.upper().startswith("CWE") or name.isdigit()


def _truth(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _run_of(document: Object, rows: Rows, scanner: str | None) -> ToolRun:
    scan = object_in(document, "scan")
    for message in objects_in(scan, "messages"):
        text = text_in(message, "value")
        level = text_in(message, "level")
        if level in ("fatal", "error"):
            rows.add(Finding(None, without_secrets(text), level, kind="error"))
    status = text_in(scan, "status")
    return ToolRun(
        text_at(scan, "scanner.name|scanner.id|analyzer.name") or scanner,
        text_at(scan, "scanner.version"),
        category=text_in(scan, "type"),
        is_successful=None if status is None else status == "success",
        # The format says that they are in UTC.
        started_at=moment_of(text_in(scan, "start_time"), is_utc=True),
        ended_at=moment_of(text_in(scan, "end_time"), is_utc=True),
    )


GITLAB = (
    Form("code-climate", _is_code_climate, _read_code_climate),
    Form("gitlab-code-quality", _is_code_quality, _read_code_quality, version=2),
    Form("gitlab-security", _is_security, _read_security),
)
