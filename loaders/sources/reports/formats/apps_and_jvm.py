"""The JSON of linters of Java, Kotlin, Swift, Dart and .NET, and Sonar's generic issues.

Sources: https://docs.pmd-code.org/latest/pmd_userdocs_report_formats.html,
https://pinterest.github.io/ktlint, https://realm.github.io/SwiftLint,
https://dart.dev/tools/dart-analyze, https://learn.microsoft.com/dotnet/core/tools/dotnet-format,
https://docs.sonarsource.com/sonarqube-server/latest/analyzing-source-code/importing-external-issues.
"""

from __future__ import annotations

from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.reports.reading.json_fields import as_object, objects_in, text_in
from loaders.sources.reports.reading.json_values import values_at
from loaders.sources.reports.reading.listed_findings import (
    Findings,
    Keys,
    Object,
    has,
    is_empty_or_starts_with,
    listing,
    starts_with,
    text_at,
)
from loaders.sources.reports.reading.report_facts import ToolRun
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows
from loaders.sources.reports.reading.report_times import moment_of

# -- PMD -------------------------------------------------------------------------------------------

_PMD_KEYS = Keys(
    rule="rule",
    rule_name="ruleset",
    help_uri="externalInfoUrl",
    message="description",
    level="priority",
    line="beginline",
    column="begincolumn",
    end_line="endline",
    end_column="endcolumn",
)
_PMD_SUPPRESSED_KEYS = Keys(message="suppressionType", path="filename")
_PMD_ERROR_KEYS = Keys(message="message", path="filename")
_PMD_PLACES = ("files[]", "suppressedViolations[]", "processingErrors[]", "configurationErrors[]")


def _is_pmd(head: Head) -> bool:
    return has(head.document, "formatVersion", "pmdVersion")


def _read_pmd(file: ArtifactFile, rows: Rows) -> None:
    findings, errors = Findings(rows, _PMD_KEYS), Findings(rows, _PMD_ERROR_KEYS)
    suppressed = Findings(rows, _PMD_SUPPRESSED_KEYS)
    for place, value in values_at(file.text_stream(), *_PMD_PLACES):
        item = as_object(value, place or "the report")
        if place == "files[]":
            path = text_in(item, "filename")
            for one in objects_in(item, "violations"):
                findings.add(one, path=path)
        elif place == "suppressedViolations[]":
            suppressed.add(item, is_suppressed=True, suppression=text_in(item, "userMsg") or None)
        elif place:
            errors.add(item, kind="error")
        else:
            moment = moment_of(text_in(item, "timestamp"))
            rows.add(ToolRun("pmd", text_in(item, "pmdVersion"), ended_at=moment))


# -- ktlint, SwiftLint, dart analyze, dotnet format ------------------------------------------------

_KTLINT_KEYS = Keys(rule="rule", message="message", line="line", column="column")


def _is_ktlint(head: Head) -> bool:
    return starts_with(head.document, "file", "errors") and is_empty_or_starts_with(
        head.first["errors"], "line", "column", "rule"
    )


def _of_ktlint(item: Object) -> dict[str, Any]:
    # It names no rule for a file that it could not parse.
    return {"kind": "finding" if item.get("rule") else "error"}


_SWIFTLINT_KEYS = Keys(
    rule="rule_id",
    rule_name="type",
    message="reason",
    level="severity",
    path="file",
    line="line",
    column="character",
)


def _is_swiftlint(head: Head) -> bool:
    return starts_with(head.document, "character", "file", "line", "reason", "rule_id", "severity")


_DART_KEYS = Keys(
    rule="code",
    help_uri="documentation",
    message="problemMessage",
    level="severity",
    path="location.file",
    line="location.range.start.line",
    column="location.range.start.column",
    end_line="location.range.end.line",
    end_column="location.range.end.column",
)


def _is_dart(head: Head) -> bool:
    document = head.document
    return has(document, "version", "diagnostics") and starts_with(
        document["diagnostics"], "code", "severity", "type", "location", "problemMessage"
    )


def _of_dart(item: Object) -> dict[str, Any]:
    return {"kind": "error" if item.get("type") == "SYNTACTIC_ERROR" else "finding"}


_DOTNET_KEYS = Keys(
    rule="DiagnosticId", message="FormatDescription", line="LineNumber", column="CharNumber"
)


def _is_dotnet(head: Head) -> bool:
    return starts_with(head.document, "DocumentId", "FileName", "FilePath", "FileChanges")


# -- Sonar's generic issues ------------------------------------------------------------------------

_SONAR_KEYS = Keys(
    rule="ruleId",
    message="primaryLocation.message",
    level="severity",
    path="primaryLocation.filePath",
    line="primaryLocation.textRange.startLine",
    column="primaryLocation.textRange.startColumn",
    end_line="primaryLocation.textRange.endLine",
    end_column="primaryLocation.textRange.endColumn",
)


def _is_sonar(head: Head) -> bool:
    document = head.document
    return has(document, "issues") and starts_with(document["issues"], "ruleId", "primaryLocation")


def _read_sonar(file: ArtifactFile, rows: Rows) -> None:
    findings = Findings(rows, _SONAR_KEYS)
    engines: set[str | None] = set()
    for place, value in values_at(file.text_stream(), "issues[]"):
        if place:
            item = as_object(value, "an issue")
            engines.add(text_at(item, "engineId"))
            findings.add(item)
        else:
            engines |= {text_at(rule, "engineId") for rule in objects_in(value, "rules")}
    engines.discard(None)
    rows.add(ToolRun(next(iter(engines)) if len(engines) == 1 else None))


APPS_AND_JVM: tuple[Form, ...] = (
    listing("dart-analyze", _is_dart, "diagnostics[]", _DART_KEYS, tool="dart", refine=_of_dart),
    listing(
        "dotnet-format",
        _is_dotnet,
        "[]",
        _DOTNET_KEYS,
        tool="dotnet format",
        within="FileChanges",
        file="FilePath",
    ),
    listing(
        "ktlint",
        _is_ktlint,
        "[]",
        _KTLINT_KEYS,
        tool="ktlint",
        within="errors",
        file="file",
        refine=_of_ktlint,
    ),
    Form("pmd", _is_pmd, _read_pmd),
    Form("sonar-issues", _is_sonar, _read_sonar),
    listing("swiftlint", _is_swiftlint, "[]", _SWIFTLINT_KEYS, tool="swiftlint"),
)
