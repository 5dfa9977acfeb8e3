"""SARIF 2.1, the format of many linters and scanners.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html

The members of a run may come in any order, but results refer to rules, files and base ids by
their numbers. Where these come after the results, they are read in a pass of their own before.
"""

from __future__ import annotations

import re
from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.reports.formats.sarif_invocations import Invocations
from loaders.sources.reports.formats.sarif_parts import BASE_IDS, PLACES, RULES, Parts
from loaders.sources.reports.formats.sarif_results import Results
from loaders.sources.reports.formats.sarif_rules import rule_of
from loaders.sources.reports.formats.sarif_run import RunParts
from loaders.sources.reports.formats.sarif_shapes import (
    Descriptor,
    Invocation,
    Log,
    Notification,
    Run,
)
from loaders.sources.reports.reading.json_fields import first_in
from loaders.sources.reports.reading.json_shapes import shaped
from loaders.sources.reports.reading.json_values import holds, values_at
from loaders.sources.reports.reading.report_facts import ToolRun
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head, head_of
from loaders.sources.reports.reading.report_rows import Rows

_READ = "2.1"
_NO_RESULTS = "the run has no list of results"
# Clang writes the document, and then these lines, where others write their messages.
_COUNTS_OF_CLANG = re.compile(rb"(?:\d+ (?:warning|error)s?(?: and \d+ errors?)? generated\.\s*)+")
_INVOCATION = "runs[].invocations[]"
_NOTIFICATIONS = (
    f"{_INVOCATION}.toolExecutionNotifications[]",
    f"{_INVOCATION}.toolConfigurationNotifications[]",
)
_RESULT = "runs[].results[]"
_WANTED = (*PLACES, *_NOTIFICATIONS, _INVOCATION, _RESULT, "runs[]")


def _is_sarif(head: Head) -> bool:
    document = head.document
    if not isinstance(document, dict):
        return False
    schema, runs = document.get("$schema"), document.get("runs", [])
    if isinstance(schema, str) and "sarif" in schema.lower():
        return "runs" in document or isinstance(document.get("version"), str)
    first = first_in(runs)
    return isinstance(first, dict) and (_is_tool(first.get("tool")) or _has_results(first))


def _is_tool(tool: Any) -> bool:
    return isinstance(tool, dict) and (
        "driver" in tool or tool.keys() >= {"name", "semanticVersion"}
    )


def _has_results(run: dict[str, Any]) -> bool:
    """Return whether it is a run whose results come before its tool."""
    results = run.get("results")
    first = first_in(results)
    return (
        isinstance(first, dict)
        and isinstance(first.get("message"), dict)
        and ("ruleId" in first or "locations" in first)
    )


def _read_sarif(file: ArtifactFile, rows: Rows) -> None:
    try:
        _read_log(file, rows)
    except Invalid:
        beginning = head_of(file).document
        if isinstance(beginning, dict) and isinstance(version := beginning.get("version"), str):
            # Otherwise the reason could be a type that this version does not have.
            _check_version(version)
        raise


def _read_log(file: ArtifactFile, rows: Rows) -> None:
    run_index = 0
    reading = _Reading(file, rows, run_index)
    for place, value in values_at(file.text_stream(), *_WANTED, after=_COUNTS_OF_CLANG):
        if place == _RESULT:
            reading.results.add(value)
        elif place == "runs[]":
            reading.end(shaped(value, Run, f"runs[{run_index}]"))
            run_index += 1
            reading = _Reading(file, rows, run_index)
        elif place:
            reading.take(place, value)
        else:
            _check_log(shaped(value, Log))


def _check_version(version: str) -> None:
    if not version.startswith(_READ):
        raise Invalid(f"SARIF {version[:20]}, of which only {_READ} is read")


def _check_log(log: Log) -> None:
    if log.version is not None:
        _check_version(log.version)
    if log.runs is None:
        raise Invalid("no runs: a part of another report, which is not read by itself")


class _Reading:
    """One run that is being read."""

    def __init__(self, file: ArtifactFile, rows: Rows, index: int) -> None:
        self._rows = rows
        self._run = RunParts(
            rows,
            lambda: _parts_of(file, index),
            lambda: holds(file.text_stream(), BASE_IDS.encode()),
        )
        self._invocations = Invocations(self._run, rows)
        self.results = Results(self._run, rows, index)

    def take(self, place: str, value: Any) -> None:
        if place == _INVOCATION:
            self._invocations.add(shaped(value, Invocation, place))
        elif place in _NOTIFICATIONS:
            self._invocations.notify(shaped(value, Notification, place))
        else:
            if place in RULES:
                self._rows.add(rule_of(shaped(value, Descriptor, place)))
            self._run.take(place, value)

    def end(self, run: Run) -> None:
        """Add the run of the tool. *run* is without what was taken."""
        if (run.external_property_file_references or {}).get("results"):
            raise Invalid("the results are in files of their own, which are not read")
        driver = self._run.parts.driver
        is_successful = self._invocations.is_successful
        has_results = run.results is not None
        self._rows.add(
            ToolRun(
                tool_name=driver.name,
                tool_version=driver.version
                or driver.semantic_version
                or driver.dotted_quad_file_version,
                category=run.automation_details.id if run.automation_details else None,
                is_successful=is_successful,
                is_measured=(None if is_successful is False else True) if has_results else False,
                unmeasured_reason=None if has_results else _NO_RESULTS,
                **self._invocations.columns(),
            )
        )


def _parts_of(file: ArtifactFile, index: int) -> Parts:
    """Return the parts of the run at *index*, read to its end."""
    parts = Parts()
    seen = 0
    for place, value in values_at(file.text_stream(), *PLACES, _RESULT, "runs[]"):
        if place == "runs[]":
            if seen == index:
                break
            seen += 1
        elif place in PLACES and seen == index:
            parts.take(place, value)
    return parts


SARIF = (Form("sarif", _is_sarif, _read_sarif),)
