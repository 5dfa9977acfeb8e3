"""Tests of .NET: TRX of Visual Studio, NUnit 2 and 3, xUnit.net.

Sources: https://docs.nunit.org/articles/nunit/technical-notes/usage/Test-Result-XML-Format.html,
https://xunit.net/docs/format-xml-v2
"""

from __future__ import annotations

from collections.abc import Callable

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.reports.reading.report_facts import TestCase
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows
from loaders.sources.reports.reading.test_facts import (
    count_in,
    end_of_tests,
    first_lines,
    moment_in,
    seconds_in,
)
from loaders.sources.reports.reading.xml_values import Element, elements_of

_TRX = (
    "http://microsoft.com/schemas/VisualStudio/TeamTest/2010",
    "http://microsoft.com/schemas/VisualStudio/TeamTest/2006",
)
_OUTCOMES = {
    **dict.fromkeys(("passed", "pass", "success", "passedbutrunaborted", "warning"), "passed"),
    **dict.fromkeys(("failed", "fail", "failure", "timeout"), "failed"),
    **dict.fromkeys(("error", "aborted", "notrunnable", "invalid", "disconnected"), "error"),
    **dict.fromkeys(("cancelled",), "error"),
    **dict.fromkeys(("skipped", "skip", "ignored", "notexecuted", "inconclusive"), "skipped"),
    **dict.fromkeys(("pending", "explicit", "notrun", "completed"), "skipped"),
}


def _outcome_of(word: str | None) -> str:
    return _OUTCOMES.get((word or "passed").casefold(), "failed")


def _counts_in(element: Element, names: str) -> dict[str, int]:
    return {
        name: count for name in names.split() if (count := count_in(element.get(name))) is not None
    }


def _method_of(full: str) -> tuple[str | None, str]:
    """Return the class and the method of `Shop.Tests.Cart.Adds(1, "a.b")`."""
    name, bracket, arguments = full.partition("(")
    owner, _, method = name.rpartition(".")
    return owner or None, method + bracket + arguments


# -- TRX ------------------------------------------------------------------------------------------


def _is_trx(head: Head) -> bool:
    return head.xml.root in {f"{namespace} TestRun" for namespace in _TRX}


def _read_trx(file: ArtifactFile, rows: Rows) -> None:
    totals: dict[str, int] = {}
    start = end = None
    for element in elements_of(
        file.text_stream(),
        ("UnitTestResult",),
        bare=("Counters", "Times"),
        texts=("Message",),
        namespaces=_TRX,
    ):
        if element.tag == "Counters":
            totals = _counts_in(element, "total executed passed failed error notExecuted")
        elif element.tag == "Times":
            start, end = moment_in(element.get("start")), moment_in(element.get("finish"))
        else:
            owner, name = _method_of(element.get("testName") or "")
            word = element.get("outcome")
            error = _within(element, "Output", "ErrorInfo", "Message")
            rows.add(
                TestCase(
                    name,
                    _outcome_of(word),
                    owner,
                    outcome_given=word,
                    message=first_lines(error.text if error else None),
                    duration_seconds=seconds_in(element.get("duration")),
                    started_at=moment_in(element.get("startTime")),
                )
            )
    end_of_tests(rows, "vstest", totals=totals, started_at=start, ended_at=end)


def _within(element: Element, *tags: str) -> Element | None:
    found: Element | None = element
    for tag in tags:
        found = found.child(tag) if found is not None else None
    return found


# -- NUnit ----------------------------------------------------------------------------------------


def _is_nunit(head: Head) -> bool:
    root, tags = head.xml.root, head.xml.tags
    if root == "test-run":
        return "testcasecount" in head.xml.elements[0][1] or "test-suite" in tags
    return root == "test-results" and bool(tags & {"test-suite", "culture-info"})


def _read_nunit(file: ArtifactFile, rows: Rows) -> None:
    totals: dict[str, int] = {}
    start = end = version = None
    for element in elements_of(
        file.text_stream(),
        ("test-case",),
        bare=("test-run", "test-results", "environment"),
        texts=("message",),
    ):
        if element.tag == "environment":
            version = version or element.get("nunit-version") or element.get("framework-version")
        elif element.tag == "test-case":
            rows.add(_nunit_case(element, rows))
        else:
            totals = _counts_in(
                element,
                "total testcasecount passed failed errors failures inconclusive skipped ignored",
            )
            start, end = moment_in(element.get("start-time")), moment_in(element.get("end-time"))
            version = element.get("engine-version") or version
    end_of_tests(rows, "nunit", version, totals=totals, started_at=start, ended_at=end)


def _nunit_case(case: Element, rows: Rows) -> TestCase:
    full, owner = case.get("fullname") or case.get("name") or "", case.get("classname")
    split_owner, method = _method_of(full)
    # An error or an ignored test is a kind of failed or skipped one.
    word = case.get("label") or case.get("result")
    names, suite = [], case.parent
    while suite is not None:
        if suite.tag == "test-suite" and suite.get("name"):
            names.append(suite.attributes["name"])
        suite = suite.parent
    message = next(
        (one for tag in ("failure", "reason") if (one := _within(case, tag, "message"))), None
    )
    return TestCase(
        case.get("name") if owner else method,
        _outcome_of(word if word and word.casefold() in _OUTCOMES else case.get("result")),
        owner or split_owner,
        " > ".join(reversed(names)) or None,
        outcome_given=word,
        message=first_lines(message.text if message else None),
        duration_seconds=seconds_in(case.get("duration") or case.get("time")),
        started_at=moment_in(case.get("start-time")),
    )


# -- xUnit.net ------------------------------------------------------------------------------------


def _is_xunit(head: Head) -> bool:
    root, tags = head.xml.root, head.xml.tags
    return (root == "assemblies" and ("assembly" in tags or len(head.xml.elements) == 1)) or (
        root == "assembly" and "collection" in tags
    )


def _read_xunit(file: ArtifactFile, rows: Rows) -> None:
    totals: dict[str, int] = {}
    version: str | None = None
    for element in elements_of(
        file.text_stream(), ("test",), bare=("assembly",), texts=("message", "reason")
    ):
        if element.tag == "assembly":
            for name, count in _counts_in(element, "total passed failed skipped errors").items():
                totals[name] = totals.get(name, 0) + count
            version = version or element.get("test-framework")
        else:
            rows.add(_xunit_case(element, rows))
    version = (version or "").removeprefix("xUnit.net ") or None
    end_of_tests(rows, "xunit.net", version, totals=totals)


def _xunit_case(test: Element, rows: Rows) -> TestCase:
    owner, name = test.get("type"), test.get("name") or ""
    failure, reason = _within(test, "failure", "message"), test.child("reason")
    suite = test.parent.get("name") if test.parent is not None else None
    path = test.get("source-file")
    shown = failure if failure is not None else reason
    return TestCase(
        name.removeprefix(f"{owner}.") if owner else name,
        _outcome_of(test.get("result")),
        owner,
        suite,
        rows.path(path) if path else None,
        count_in(test.get("source-line")) or None,
        test.get("result"),
        first_lines(shown.text if shown is not None else None),
        seconds_in(test.get("time")),
    )


_FORMS: dict[str, tuple[Callable[[Head], bool], Callable[[ArtifactFile, Rows], None]]] = {
    "trx": (_is_trx, _read_trx),
    "nunit": (_is_nunit, _read_nunit),
    "xunit-net": (_is_xunit, _read_xunit),
}
DOTNET_TESTS = tuple(Form(name, *functions) for name, functions in _FORMS.items())
