"""GitLab's Code Quality report: a list of issues in the form of Code Climate.

Source: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.reports.reading.json_values import items_of
from loaders.sources.reports.reading.report_facts import Finding, ToolRun
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows

_KEYS = {"description", "fingerprint", "location"}


def _is_code_quality(head: Head) -> bool:
    return isinstance(head.document, list) and head.keys >= _KEYS


def _read_code_quality(file: ArtifactFile, rows: Rows) -> None:
    for issue in items_of(file.text_stream(), "[]"):
        if not isinstance(issue, dict) or not issue.keys() >= _KEYS:
            raise Invalid("an issue without description, fingerprint and location")
        rows.add(_finding(issue, rows))
    rows.add(ToolRun())


def _finding(issue: dict[str, Any], rows: Rows) -> Finding:
    place = issue["location"]
    lines = place.get("lines") or {}
    positions = place.get("positions") or {}
    begin, end = positions.get("begin") or {}, positions.get("end") or {}
    return Finding(
        rule_id=issue.get("check_name"),
        message=issue["description"],
        level=issue.get("severity"),
        path_index=rows.path(place["path"]),
        start_line=begin.get("line") or lines.get("begin"),
        start_column=begin.get("column"),
        end_line=end.get("line") or lines.get("end"),
        end_column=end.get("column"),
    )


GITLAB = (Form("gitlab-code-quality", _is_code_quality, _read_code_quality),)
