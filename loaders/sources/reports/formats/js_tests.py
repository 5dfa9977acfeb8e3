"""The own JSON of test runners of JavaScript: jest and vitest, mocha, playwright.

Sources: https://jestjs.io/docs/configuration#testresultsprocessor-string,
https://playwright.dev/docs/test-reporters#json-reporter
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.reports.reading.json_fields import (
    as_object,
    count_in,
    list_in,
    number_in,
    object_in,
    objects_in,
    text_in,
)
from loaders.sources.reports.reading.json_values import values_at
from loaders.sources.reports.reading.report_facts import TestCase
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows
from loaders.sources.reports.reading.test_facts import (
    end_of_tests,
    first_lines,
    moment_after,
    moment_in,
    sane_seconds,
)

_SKIPPED = ("pending", "skipped", "todo", "disabled", "focused")
_MOCHA = {"passes": "passed", "pending": "skipped", "failures": "failed"}


def _is_jest(head: Head) -> bool:
    return head.keys >= {"numTotalTests", "numFailedTests", "numPassedTests"}


def _read_jest(file: ArtifactFile, rows: Rows) -> None:
    document: dict[str, Any] = {}
    for place, value in values_at(file.text_stream(), "testResults[]"):
        one = as_object(value, "a file" if place else "the report")
        if place:
            for case in _jest_cases(one, rows):
                rows.add(case)
        else:
            document = one
    end_of_tests(
        rows,
        # vitest has none of the handles that jest looks for.
        "jest" if "openHandles" in document else None,
        totals={
            name: count
            for name in ("numTotalTests", "numPassedTests", "numFailedTests", "numPendingTests")
            if (count := count_in(document, name)) is not None
        },
        started_at=_moment_in_milliseconds(document, "startTime"),
    )


def _jest_cases(one: dict[str, Any], rows: Rows) -> Iterator[TestCase]:
    path = text_in(one, "name") or text_in(one, "testFilePath")
    index = None if path is None else rows.path(path)
    results = objects_in(one, "assertionResults") or objects_in(one, "testResults")
    for result in results:
        word = text_in(result, "status")
        messages = [text for text in list_in(result, "failureMessages") if isinstance(text, str)]
        outcome = "skipped" if word in _SKIPPED else "passed" if word == "passed" else "failed"
        milliseconds = number_in(result, "duration")
        case = TestCase(
            text_in(result, "title"),
            outcome,
            suite=" > ".join(str(title) for title in list_in(result, "ancestorTitles")) or None,
            path_index=index,
            start_line=count_in(object_in(result, "location"), "line") or None,
            outcome_given=word,
            message=first_lines(messages[0]) if messages else None,
            duration_seconds=None if milliseconds is None else sane_seconds(milliseconds / 1000),
            started_at=_moment_in_milliseconds(result, "startAt"),
        )
        # An execution that failed and was tried again.
        for reason in list_in(result, "retryReasons"):
            message = first_lines(reason if isinstance(reason, str) else None)
            yield case._replace(
                outcome="failed", outcome_given="retry", message=message, duration_seconds=None
            )
        yield case
    if not results and text_in(one, "status") == "failed":
        # The file could not be loaded.
        yield TestCase(
            None,
            "error",
            path_index=index,
            outcome_given="failed",
            message=first_lines(text_in(one, "message")),
        )


def _moment_in_milliseconds(owner: dict[str, Any], key: str) -> Any:
    milliseconds = number_in(owner, key)
    return None if milliseconds is None else moment_after(milliseconds / 1000)


def _is_mocha(head: Head) -> bool:
    document = head.document
    if not isinstance(document, dict) or not isinstance(document.get("stats"), dict):
        return False
    return document["stats"].keys() >= {"suites", "tests", "passes", "pending", "failures"} and (
        "tests" in document
    )


def _read_mocha(file: ArtifactFile, rows: Rows) -> None:
    document: dict[str, Any] = {}
    # All tests are listed a second time by their outcome.
    wanted = [f"{name}[]" for name in (*_MOCHA, "tests")]
    for place, value in values_at(file.text_stream(), *wanted):
        one = as_object(value, "a test" if place else "the report")
        if not place:
            document = one
        elif outcome := _MOCHA.get(place.removesuffix("[]")):
            rows.add(_mocha_case(one, place.removesuffix("[]"), outcome, rows))
    stats = object_in(document, "stats")
    end_of_tests(
        rows,
        "mocha",
        totals={
            name: count
            for name in ("tests", "passes", "pending", "failures")
            if (count := count_in(stats, name)) is not None
        },
        started_at=moment_in(text_in(stats, "start")),
        ended_at=moment_in(text_in(stats, "end")),
    )


def _mocha_case(one: dict[str, Any], word: str, outcome: str, rows: Rows) -> TestCase:
    title, full = text_in(one, "title"), text_in(one, "fullTitle") or ""
    path, milliseconds = text_in(one, "file"), number_in(one, "duration")
    return TestCase(
        title,
        outcome,
        suite=full.removesuffix(title or "").strip() or None,
        path_index=rows.path(path) if path else None,
        outcome_given=word,
        message=first_lines(text_in(object_in(one, "err"), "message")),
        duration_seconds=None if milliseconds is None else sane_seconds(milliseconds / 1000),
    )


def _is_playwright(head: Head) -> bool:
    document = head.document
    if not isinstance(document, dict) or not isinstance(document.get("config"), dict):
        return False
    return document["config"].keys() >= {"rootDir", "projects"} or (
        "suites" in document and "rootDir" in document["config"]
    )


def _read_playwright(file: ArtifactFile, rows: Rows) -> None:
    document: dict[str, Any] = {}
    base: tuple[str, ...] = ()
    for place, value in values_at(file.text_stream(), "config", "suites[]"):
        one = as_object(value, place or "the report")
        if place == "config":
            root = text_in(one, "rootDir")
            base = (root,) if root else ()
            document["version"] = text_in(one, "version")
        elif place:
            for case in _suite_cases(one, (), base, rows):
                rows.add(case)
        else:
            document |= one
    stats = object_in(document, "stats")
    end_of_tests(
        rows,
        "playwright",
        totals={
            name: count
            for name in ("expected", "skipped", "unexpected", "flaky")
            if (count := count_in(stats, name)) is not None
        },
        version=text_in(document, "version"),
        started_at=moment_in(text_in(stats, "startTime")),
    )


def _suite_cases(
    suite: dict[str, Any], around: tuple[str, ...], base: tuple[str, ...], rows: Rows
) -> Iterator[TestCase]:
    names = (*around, text_in(suite, "title") or "")
    for inner in objects_in(suite, "suites"):
        yield from _suite_cases(inner, names, base, rows)
    for spec in objects_in(suite, "specs"):
        path = text_in(spec, "file")
        for test in objects_in(spec, "tests"):
            project = text_in(test, "projectName")
            case = TestCase(
                text_in(spec, "title"),
                "passed",
                suite=" > ".join(filter(None, (project, *names))) or None,
                path_index=rows.path(path, base) if path else None,
                start_line=count_in(spec, "line") or None,
            )
            yield from _executions(case, test)


def _executions(case: TestCase, test: dict[str, Any]) -> Iterator[TestCase]:
    expected = text_in(test, "expectedStatus") or "passed"
    results = objects_in(test, "results")
    for result in results:
        word = text_in(result, "status")
        milliseconds = number_in(result, "duration")
        error = object_in(result, "error")
        yield case._replace(
            outcome="skipped" if word == "skipped" else "passed" if word == expected else "failed",
            outcome_given=word,
            message=first_lines(text_in(error, "message")) if word != expected else None,
            duration_seconds=None if milliseconds is None else sane_seconds(milliseconds / 1000),
            started_at=moment_in(text_in(result, "startTime")),
        )
    if not results:
        yield case._replace(outcome="skipped", outcome_given=text_in(test, "status"))


JS_TESTS = (
    Form("jest-json", _is_jest, _read_jest),
    Form("mocha-json", _is_mocha, _read_mocha),
    Form("playwright-json", _is_playwright, _read_playwright),
)
