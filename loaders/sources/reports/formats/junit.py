"""JUnit's XML, in the dialects of test runners. A row per execution of a test case, as written.

Source: https://github.com/testmoapp/junitxml, and what the tools write.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.reports.formats.junit_linters import linter_of, read_linter
from loaders.sources.reports.formats.junit_tools import Dialect, dialect_of
from loaders.sources.reports.reading.report_facts import TestCase
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head, head_of
from loaders.sources.reports.reading.report_rows import Rows
from loaders.sources.reports.reading.test_facts import (
    count_in,
    end_of_tests,
    first_lines,
    moment_in,
    seconds_in,
)
from loaders.sources.reports.reading.xml_values import Element, elements_of

_COUNTS = ("tests", "failures", "errors", "skipped", "disabled", "skips", "skip", "ignored")
_USUAL_COUNT = 3  # attributes of a usual test case: name, classname, time
# Test cases that are added at a time.
_HELD = 1_000
_TEXTS = ("failure", "error", "skipped")
# Children of a test case → the outcome of the execution that they stand for.
_OUTCOMES = {"failure": "failed", "error": "error", "skipped": "skipped"}
# Maven and nextest write the executions of a test that ran again as these.
_RERUNS = {
    "rerunFailure": "failed",
    "flakyFailure": "failed",
    "rerunError": "error",
    "flakyError": "error",
}
_RANK = {tag: rank for rank, tag in enumerate(_OUTCOMES)}
_FLAKY = ("flakyFailure", "flakyError")
_STATUSES = {
    **dict.fromkeys(("notrun", "disabled", "skipped", "ignored", "pending", "untested"), "skipped"),
    **dict.fromkeys(("suppressed", "inactive", "todo", "not_run", "notexecuted"), "skipped"),
    **dict.fromkeys(("fail", "failed", "failure", "undefined", "timeout", "timedout"), "failed"),
    **dict.fromkeys(("error", "errored", "broken", "aborted"), "error"),
}


def _is_junit(head: Head) -> bool:
    """Whether it is JUnit's XML, of a test runner or of any other tool."""
    root, elements = head.xml.root, head.xml.elements
    if root not in ("testsuite", "testsuites"):
        return False
    if root == "testsuites" and len(elements) == 1:
        return True
    return any(_is_evidence(tag, attributes) for tag, attributes in elements)


def _is_evidence(tag: str, attributes: dict[str, str]) -> bool:
    if tag in ("testsuite", "testsuites"):
        return bool(attributes.keys() & {"tests", "failures", "errors"})
    if tag == "testcase":
        return bool(attributes.keys() & {"classname", "time", "assertions"})
    return tag in ("failure", "skipped")


def _is_tests(head: Head) -> bool:
    return _is_junit(head) and linter_of(head) is None


def _is_findings(head: Head) -> bool:
    return _is_junit(head) and linter_of(head) is not None


def _read(file: ArtifactFile, rows: Rows) -> None:
    _Reader(dialect_of(head_of(file).xml.elements), rows).read(file)


class _Reader:
    def __init__(self, dialect: Dialect, rows: Rows) -> None:
        self._dialect = dialect
        self._rows = rows
        self._starts: list[str] = []
        self._totals: dict[str, int] = {}
        self._cases: list[Any] = []  # test cases, or their fields
        # The suite of the last test case, with its names, path and start.
        self._suite: Element | None = None
        self._names: str | None = None
        self._suite_path: int | None = None

    def read(self, file: ArtifactFile) -> None:
        found = elements_of(
            file.text_stream(),
            ("testcase", "testsuite"),
            bare=("testsuites",),
            texts=(*_TEXTS, *_RERUNS),
        )
        cases = self._cases
        for element in found:
            if element.tag == "testcase":
                if element.parent is not self._suite:
                    self._enter(element.parent)
                fields = self._usual_fields(element.attributes) if not element.children else None
                if fields is None:
                    self._take_case(element)
                else:
                    cases.append(fields)
                if len(cases) >= _HELD:
                    self._pass_on()
            elif element.tag == "testsuite":
                self._take_suite(element)
            else:
                self._take_root(element)
        self._pass_on()
        # The suites of node:test count suites as tests.
        has_totals = self._dialect.tool_name != "node:test"
        end_of_tests(
            self._rows,
            self._dialect.tool_name,
            self._dialect.tool_version,
            totals=self._totals if has_totals else None,
            started_at=min(filter(None, map(moment_in, self._starts)), default=None),
        )

    def _pass_on(self) -> None:
        self._rows.add_all(TestCase, self._cases)
        self._cases.clear()

    def _take_root(self, root: Element) -> None:
        # The root's totals are those of the whole, and the sums of its suites are not always.
        self._totals = _counts_in(root) or self._totals
        self._starts.append(root.get("timestamp") or "")

    def _take_suite(self, suite: Element) -> None:
        if suite.parent is None or suite.parent.tag == "testsuites":
            for name, count in _counts_in(suite).items():
                self._totals[name] = self._totals.get(name, 0) + count
            if len(self._starts) < 10_000:
                self._starts.append(suite.get("timestamp") or "")
        for child in suite.children or ():
            # A suite that failed as a whole: a program that ended early, a hook that raised.
            if child.tag in ("error", "failure"):
                self._enter(suite)
                self._cases.append(
                    TestCase(
                        None,
                        _OUTCOMES[child.tag],
                        suite=self._names,
                        path_index=self._suite_path,
                        outcome_given=child.tag,
                        message=_message_of(child),
                    )
                )

    def _enter(self, suite: Element | None) -> None:
        self._suite = suite
        around = list(_suites_from(suite))
        name_of = self._dialect.name_of_suite
        names = [name for one in reversed(around) if (name := name_of(one))]
        self._names = " > ".join(names) or None
        given = next((path for one in around if (path := self._dialect.file_of_suite(one))), None)
        form = self._dialect.suite_path_form
        self._suite_path = None if given is None else self._rows.path(given, form=form)

    def _usual_fields(self, attributes: dict[str, str]) -> tuple[Any, ...] | None:
        """Return the fields of a test case with the usual attributes, and None of any other.

        Most are usual, and the call of TestCase itself would take three times as long.
        """
        if len(attributes) != _USUAL_COUNT:
            return None
        try:
            name, owner, time = attributes["name"], attributes["classname"], attributes["time"]
        except KeyError:
            return None
        seconds = seconds_in(time)
        names, path = self._names, self._suite_path
        return name, "passed", owner, names, path, None, None, None, seconds, None

    def _take_case(self, case: Element) -> None:
        get = case.attributes.get
        file, line = get("file"), get("line")
        test = TestCase(
            get("name"),
            "passed",
            get("classname"),
            self._names,
            self._rows.path(file) if file else self._suite_path,
            None if line is None else self._line_of(line),
            duration_seconds=seconds_in(get("time")),
            started_at=moment_in(get("timestamp")),
        )
        if case.children or get("status") or get("result"):
            self._cases += self._executions_of(test, case)
        else:
            self._cases.append(test)

    def _line_of(self, text: str) -> int | None:
        line = count_in(text)
        return None if line is None else line + self._dialect.first_line

    def _executions_of(self, test: TestCase, case: Element) -> list[TestCase]:
        """Return the executions of a test in their order."""
        main: Element | None = None
        before: list[TestCase] = []
        after: list[TestCase] = []
        for child in case.children or ():
            if child.tag in _OUTCOMES:
                if main is None or _RANK[child.tag] < _RANK[main.tag]:
                    main = child
            elif child.tag in _RERUNS:
                execution = test._replace(
                    outcome=_RERUNS[child.tag],
                    outcome_given=child.tag,
                    message=_message_of(child),
                    duration_seconds=seconds_in(child.get("time")),
                    started_at=moment_in(child.get("timestamp")),
                )
                # A flaky test failed before it passed; else it failed again.
                (before if child.tag in _FLAKY else after).append(execution)
        return [*before, self._with_outcome(test, case, main), *after]

    def _with_outcome(self, test: TestCase, case: Element, main: Element | None) -> TestCase:
        word = case.get("result") or case.get("status")
        if main is None:
            if word is None:
                return test
            outcome = _STATUSES.get((word or "").casefold(), "passed")
            return test._replace(outcome=outcome, outcome_given=word)
        outcome = _OUTCOMES[main.tag]
        if outcome == "skipped":
            outcome = self._dialect.outcome_of_skipped(main)
        given = word or (main.get("type") if main.tag == "skipped" else None) or main.tag
        return test._replace(outcome=outcome, outcome_given=given, message=_message_of(main))


def _suites_from(element: Element | None) -> Iterator[Element]:
    while element is not None:
        if element.tag == "testsuite":
            yield element
        element = element.parent


def _message_of(child: Element) -> str | None:
    message = child.get("message")
    return first_lines(message if message and message != "true" else None) or first_lines(
        child.text
    )


def _counts_in(element: Element) -> dict[str, int]:
    return {name: count for name in _COUNTS if (count := count_in(element.get(name))) is not None}


JUNIT = (
    Form("junit", _is_tests, _read),
    Form("junit-findings", _is_findings, read_linter),
)
