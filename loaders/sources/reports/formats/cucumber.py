"""Cucumber's JSON, also that of behave: a list of features, with the steps of each scenario.

Source: https://github.com/cucumber/cucumber-json-schema
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.reports.reading.json_fields import (
    as_object,
    count_in,
    number_in,
    object_in,
    objects_in,
    text_in,
)
from loaders.sources.reports.reading.json_values import items_of
from loaders.sources.reports.reading.report_facts import TestCase
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows
from loaders.sources.reports.reading.test_facts import (
    end_of_tests,
    first_lines,
    moment_in,
    sane_seconds,
)

# The outcome of a scenario is that of its worst step.
_OUTCOMES = {
    "failed": "failed",
    "error": "error",
    "ambiguous": "failed",
    "undefined": "failed",
    "pending": "skipped",
    "untested": "skipped",
    "skipped": "skipped",
    "passed": "passed",
}
_RANK = {word: rank for rank, word in enumerate(_OUTCOMES)}


def _is_cucumber(head: Head) -> bool:
    first = head.first
    if not isinstance(head.document, list) or not isinstance(first, dict):
        return False
    elements = first.get("elements")
    if not isinstance(first.get("keyword"), str) or not isinstance(elements, list):
        return False
    return all(isinstance(one, dict) for one in elements) and (
        bool(first.keys() & {"uri", "location"}) or any("steps" in one for one in elements)
    )


def _read(file: ArtifactFile, rows: Rows) -> None:
    for value in items_of(file.text_stream(), "[]"):
        for case in _scenarios(as_object(value, "a feature"), rows):
            rows.add(case)
    end_of_tests(rows, "cucumber")


def _scenarios(feature: dict[str, Any], rows: Rows) -> Iterator[TestCase]:
    given = text_in(feature, "uri") or (text_in(feature, "location") or "").partition(":")[0]
    index = rows.path(given.removeprefix("file:")) if given else None
    background: list[dict[str, Any]] = []
    for element in objects_in(feature, "elements"):
        steps = _steps_of(element)
        if text_in(element, "type") == "background":
            background = steps
            continue
        steps = [*background, *steps]
        background = []
        results = [object_in(step, "result") for step in steps]
        words = [text_in(result, "status") or "passed" for result in results]
        word = min(words, key=lambda one: _RANK.get(one.lower(), -1), default="passed").lower()
        message = next(filter(None, map(_message_of, results)), None)
        yield TestCase(
            text_in(element, "name"),
            _OUTCOMES.get(word, "failed"),
            suite=text_in(feature, "name"),
            path_index=index,
            start_line=count_in(element, "line") or _line_of(text_in(element, "location")),
            outcome_given=word,
            message=first_lines(message),
            duration_seconds=sane_seconds(sum(map(_seconds_of, results))),
            started_at=moment_in(text_in(element, "start_timestamp")),
        )


def _steps_of(element: dict[str, Any]) -> list[dict[str, Any]]:
    hooks = (objects_in(element, name) for name in ("before", "after"))
    return [*objects_in(element, "steps"), *(one for found in hooks for one in found)]


def _message_of(result: dict[str, Any]) -> str | None:
    message = result.get("error_message")
    lines = message if isinstance(message, list) else [message]
    return "\n".join(line for line in lines if isinstance(line, str)) or None


def _seconds_of(result: dict[str, Any]) -> float:
    """Return the duration of a step: whole nanoseconds, or the seconds of behave."""
    duration = number_in(result, "duration") or 0.0
    return duration / 1e9 if isinstance(result.get("duration"), int) else duration


def _line_of(location: str | None) -> int | None:
    digits = (location or "").rpartition(":")[2]
    return int(digits) if digits.isdigit() and len(digits) < 10 and int(digits) else None


CUCUMBER = (Form("cucumber-json", _is_cucumber, _read),)
