"""Checks of a whole repository: OpenSSF Scorecard, REUSE.

Sources: https://github.com/ossf/scorecard, https://github.com/fsfe/reuse-tool.
"""

from __future__ import annotations

import json
from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.reports.reading.json_fields import (
    as_object,
    number_in,
    object_in,
    objects_in,
    text_in,
    whole_in,
)
from loaders.sources.reports.reading.json_values import values_at
from loaders.sources.reports.reading.listed_findings import (
    Findings,
    Keys,
    has,
    is_empty_or_starts_with,
    starts_with,
    text_at,
)
from loaders.sources.reports.reading.report_facts import Finding, ToolRun
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows
from loaders.sources.reports.reading.report_times import moment_of

# -- OpenSSF Scorecard -----------------------------------------------------------------------------

_CHECK_KEYS = Keys(
    rule="name", rule_name="documentation.short", help_uri="documentation.url", message="reason"
)
# It scores from 0 to 10; a check that could not decide has -1.
_BEST, _INCONCLUSIVE = 10, -1


def _is_scorecard(head: Head) -> bool:
    document = head.document
    if not has(document, "scorecard", "repo"):
        return False
    return has(document["repo"], "name") and (
        "checks" not in document or is_empty_or_starts_with(document["checks"], "name", "score")
    )


def _read_scorecard(file: ArtifactFile, rows: Rows) -> None:
    for _, document in values_at(file.text_stream()):
        report = as_object(document, "the report")
        findings = Findings(rows, _CHECK_KEYS)
        scores: dict[str, Any] = {"score": number_in(report, "score")}
        for item in objects_in(report, "checks"):
            score = whole_in(item, "score")
            findings.add(item, kind=_kind_of(score))
            scores[text_in(item, "name") or ""] = score
        tool = object_in(report, "scorecard")
        rows.add(
            ToolRun(
                "scorecard",
                text_in(tool, "version"),
                category=text_at(report, "repo.name"),
                ended_at=moment_of(text_in(report, "date")),
                stated_totals=json.dumps(scores),
            )
        )


def _kind_of(score: int | None) -> str:
    if score is None or score <= _INCONCLUSIVE:
        return "not_applicable"
    return "pass" if score >= _BEST else "finding"


# -- REUSE -----------------------------------------------------------------------------------------

_OF_FILES = ("missing_copyright_info", "missing_licensing_info", "read_errors")


def _is_reuse(head: Head) -> bool:
    document = head.document
    return has(document, "lint_version", "reuse_spec_version") and (
        "files" not in document or starts_with(document["files"], "path") or not document["files"]
    )


def _read_reuse(file: ArtifactFile, rows: Rows) -> None:
    rest: dict[str, Any] = {}
    for place, value in values_at(file.text_stream(), "files[]"):
        if place:
            path = text_in(as_object(value, "a file"), "path")
            if path:
                rows.path(path)
        else:
            rest = as_object(value, "the report")
    for rule, found in object_in(rest, "non_compliant").items():
        # Licences that are missing may be given with the files that name them.
        for name, paths in _named(found):
            for path in paths or ([name] if rule in _OF_FILES else [None]):
                rows.add(
                    Finding(
                        rule,
                        None if rule in _OF_FILES else name,
                        path_index=rows.path(path) if path else None,
                        kind="error" if rule == "read_errors" else "finding",
                    )
                )
    summary = object_in(rest, "summary")
    total = whole_in(summary, "files_total")
    rows.add(
        ToolRun(
            "reuse",
            text_in(rest, "reuse_tool_version"),
            is_measured=None if total is None else total > 0,
            unmeasured_reason="no file was examined" if total == 0 else None,
            stated_totals=json.dumps(summary) if summary else None,
        )
    )


def _named(found: object) -> list[tuple[str, list[Any]]]:
    if isinstance(found, dict):
        return [
            (name, [path for path in paths if isinstance(path, str)])
            for name, paths in found.items()
            if isinstance(paths, list)
        ]
    return (
        [(name, []) for name in found if isinstance(name, str)] if isinstance(found, list) else []
    )


REPOSITORY_CHECKS = (
    Form("reuse", _is_reuse, _read_reuse),
    Form("scorecard", _is_scorecard, _read_scorecard),
)
