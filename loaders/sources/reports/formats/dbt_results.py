"""The results of dbt: run_results.json, and sources.json of `dbt source freshness`.

A test, a unit test or a check of freshness is a test case. A warning passes: the word of dbt stays.
A model, seed or snapshot that failed is a finding of kind error.
Source: https://docs.getdbt.com/reference/artifacts/run-results-json
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.reports.reading.json_fields import (
    as_object,
    needed_text_in,
    object_in,
    objects_in,
    text_in,
)
from loaders.sources.reports.reading.json_values import values_at
from loaders.sources.reports.reading.report_facts import Finding, TestCase, ToolRun
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows
from loaders.sources.reports.reading.report_times import moment_of

_OUTCOMES = {
    "pass": "passed",
    "success": "passed",
    "warn": "passed",
    "fail": "failed",
    "skipped": "skipped",
    "no-op": "skipped",
}
_FAILED = ("error", "fail", "runtime error", "partial success")
# Name, and the hash of its arguments that dbt adds to that of a generic test.
_GENERIC = re.compile(r"(.+)\.[0-9a-f]{10}")
_LONGEST_DURATION = 10**9
_MOST_LINES, _LONGEST_MESSAGE = 3, 500


def _is_results(head: Head, artifact: str) -> bool:
    document = head.document
    metadata = document.get("metadata") if isinstance(document, dict) else None
    schema = metadata.get("dbt_schema_version") if isinstance(metadata, dict) else None
    return isinstance(schema, str) and f"/{artifact}/" in schema


def _read(file: ArtifactFile, rows: Rows) -> None:
    is_successful, document = True, {}
    for place, value in values_at(file.text_stream(), "results[]"):
        if place:
            is_successful &= _add(as_object(value, "a result"), rows)
        else:
            document = as_object(value, "the document")
    if "results" not in document:
        raise Invalid("results are missing")
    metadata, arguments = object_in(document, "metadata"), object_in(document, "args")
    command = arguments.get("which") or arguments.get("rpc_method")
    invocation, folder = arguments.get("invocation_command"), arguments.get("project_dir")
    rows.add(
        ToolRun(
            tool_name="dbt",
            tool_version=text_in(metadata, "dbt_version"),
            category=command if isinstance(command, str) else None,
            is_successful=is_successful,
            is_measured=True,
            started_at=moment_of(text_in(metadata, "invocation_started_at")),
            ended_at=moment_of(text_in(metadata, "generated_at")),
            command_line=invocation if isinstance(invocation, str) else None,
            working_directory=folder if isinstance(folder, str) else None,
        )
    )


def _add(result: dict[str, Any], rows: Rows) -> bool:
    """Add a result; return whether it is not a failure."""
    node, status = needed_text_in(result, "unique_id"), needed_text_in(result, "status").lower()
    kind, _, rest = node.partition(".")
    package, _, name = rest.partition(".")
    if kind in ("test", "unit_test", "source"):
        rows.add(_test(result, kind, package, name or node, status))
    elif status in _FAILED:
        rows.add(
            Finding(
                rule_id=None,
                message=_message(result),
                level=status,
                kind="error",
                logical_name=node,
            )
        )
    return status not in _FAILED


def _test(result: dict[str, Any], kind: str, package: str, name: str, status: str) -> TestCase:
    class_name = None
    if kind == "unit_test":
        class_name, _, name = name.partition(".")
    elif kind == "source":
        class_name, name = name, "freshness"
    elif generic := _GENERIC.fullmatch(name):
        name = generic[1]
    return TestCase(
        test_name=name or class_name,
        outcome=_OUTCOMES.get(status, "error"),
        class_name=class_name,
        suite=package,
        outcome_given=status,
        message=_message(result),
        duration_seconds=_duration(result),
        started_at=_started(result),
    )


def _message(result: dict[str, Any]) -> str | None:
    text = text_in(result, "message") or text_in(result, "error")
    return "\n".join(text.strip().splitlines()[:_MOST_LINES])[:_LONGEST_MESSAGE] if text else None


def _duration(result: dict[str, Any]) -> float | None:
    value = result.get("execution_time")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= _LONGEST_DURATION else None


def _started(result: dict[str, Any]) -> datetime | None:
    """Return when the test began to run, or to compile if it does not run."""
    moments = {
        str(step.get("name")): moment_of(text_in(step, "started_at"))
        for step in objects_in(result, "timing")
    }
    return moments.get("execute") or moments.get("compile")


DBT_RESULTS = (
    Form("dbt-run-results", lambda head: _is_results(head, "run-results"), _read),
    Form("dbt-sources", lambda head: _is_results(head, "sources"), _read),
)
