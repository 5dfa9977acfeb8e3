"""Reports of test runners in forms of their own: JSON, JSON lines, XML that is not JUnit's."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from loaders.sources.artifacts.strict_json import Invalid
from tests.python.support.read_reports import (
    SHARED_REPORTS,
    Facts,
    needs_shared_reports,
    read_report,
    reason_of,
)

# Report → format, tool, outcomes (passed, failed, error, skipped) as the tool prints them.
_PRINTED: dict[str, tuple[str, str, tuple[int, int, int, int]]] = {
    "cargo/1.95.0/test.jsonl": ("libtest", "cargo test", (1, 1, 0, 1)),
    "cucumber-js/12.9.0/cucumber.json": ("cucumber-json", "cucumber", (3, 2, 0, 0)),
    # A package that could not be built is an error.
    "go-test/1.19.8/test2json.jsonl": ("go-test", "go test", (2, 2, 1, 1)),
    # A file that could not be loaded is an error.
    "jest/30.5.2/jest-results.json": ("jest-json", "jest", (4, 1, 1, 2)),
    "mocha/12.0.3/results.json": ("mocha-json", "mocha", (3, 1, 0, 2)),
    # Each of 4 failed or flaky tests was tried twice.
    "playwright/1.65.1/results.json": ("playwright-json", "playwright", (6, 6, 0, 4)),
    "robotframework/7.5/output.xml": ("robot", "robotframework", (1, 1, 0, 1)),
}


def _outcomes(facts: Facts) -> tuple[int, ...]:
    counts = facts.count("tests", "outcome")
    return tuple(counts.get(name, 0) for name in ("passed", "failed", "error", "skipped"))


def _cases(facts: Facts) -> list[tuple[Any, ...]]:
    return [(one.class_name, one.test_name, one.outcome) for one in facts.tests]


@needs_shared_reports
@pytest.mark.parametrize("report", _PRINTED)
def test_outcomes_are_those_that_the_tool_prints(report: str) -> None:
    facts = read_report(SHARED_REPORTS / report)
    assert not facts.faults()
    assert (facts.format, facts.runs[0].tool_name, _outcomes(facts)) == _PRINTED[report]


def _lines(*events: object) -> str:
    return "".join(json.dumps(event) + "\n" for event in events)


def _go(action: str, test: str | None = None, **more: object) -> dict[str, object]:
    event = {"Time": "2026-11-27T10:24:36.47629256Z", "Action": action, "Package": "m/a"}
    return event | ({"Test": test} if test else {}) | more


def test_go_tests_and_what_never_ended() -> None:
    facts = read_report(
        "# m/b\n"
        + _lines(
            _go("start"),
            _go("run", "TestA"),
            _go("output", "TestA", Output="=== RUN   TestA\n"),
            _go("output", "TestA", Output="    a_test.go:14: no\n"),
            _go("fail", "TestA", Elapsed=0.25),
            _go("run", "TestB"),
            _go("output", "TestB", Output="panic: boom\n"),
            _go("fail"),
        )
        + "FAIL\tm/b [build failed]\n"
    )
    assert _cases(facts) == [
        ("m/a", "TestA", "failed"),
        ("m/b", None, "error"),
        ("m/a", "TestB", "error"),
    ]
    first, _, last = facts.tests
    assert (first.message, first.duration_seconds) == ("    a_test.go:14: no", 0.25)
    assert first.started_at == datetime(2026, 11, 27, 10, 24, 36, 476292)
    assert last.message == "panic: boom"


def test_a_package_of_go_that_fails_without_a_failed_test_is_an_error() -> None:
    facts = read_report(_lines(_go("run", "T"), _go("pass", "T"), _go("fail", FailedBuild="m/a")))
    assert _cases(facts) == [("m/a", "T", "passed"), ("m/a", None, "error")]


def test_no_test_of_go_was_run() -> None:
    (run,) = read_report(_lines(_go("start"), _go("skip"))).runs
    assert (run.is_measured, run.unmeasured_reason) == (False, "no test was run")


def test_a_torn_line_names_its_number() -> None:
    content = _lines(_go("run", "T"), _go("pass", "T"))
    assert reason_of(content[:-20]).startswith("line 2: ")


def test_a_module_of_rust_is_the_class() -> None:
    facts = read_report(
        _lines(
            {"type": "suite", "event": "started", "test_count": 1},
            {"type": "test", "event": "started", "name": "a::b::c"},
            {"type": "test", "event": "timeout", "name": "a::b::c"},
            {"type": "test", "event": "ok", "name": "a::b::c", "exec_time": 0.5},
            {"type": "suite", "event": "ok", "passed": 1, "failed": 0, "ignored": 0},
        )
    )
    assert _cases(facts) == [("a::b", "c", "passed")]


def _jest(*results: dict[str, Any], **one: Any) -> dict[str, Any]:
    return {
        "numTotalTests": 1,
        "numPassedTests": 0,
        "numFailedTests": 0,
        "testResults": [{"name": "/w/a.test.js", "assertionResults": list(results)} | one],
    }


def test_jest_tells_what_its_junit_does_not() -> None:
    todo = {"ancestorTitles": ["a", "b"], "title": "later", "status": "todo", "duration": None}
    again = {"title": "flaky", "status": "passed", "retryReasons": ["\x1b[31mno\x1b[39m"]}
    facts = read_report(json.dumps(_jest(todo, again)))
    assert [(one.suite, one.test_name, one.outcome, one.message) for one in facts.tests] == [
        ("a > b", "later", "skipped", None),
        (None, "flaky", "failed", "no"),
        (None, "flaky", "passed", None),
    ]
    (test,) = read_report(json.dumps(_jest(status="failed", message="no such module"))).tests
    assert (test.test_name, test.outcome, test.message) == (None, "error", "no such module")


def test_a_hook_of_mocha_that_fails_is_in_its_failures_only() -> None:
    stats = dict.fromkeys(("suites", "tests", "passes", "pending", "failures"), 1)
    hook = {"title": '"before each" hook', "fullTitle": 'cart "before each" hook', "err": {}}
    facts = read_report(
        json.dumps({"stats": stats, "tests": [], "passes": [], "pending": [], "failures": [hook]})
    )
    assert [(one.suite, one.outcome) for one in facts.tests] == [("cart", "failed")]


def test_a_flaky_test_of_playwright_is_two_executions_and_an_expected_failure_is_none() -> None:
    failed, passed = {"status": "failed", "error": {"message": "no"}}, {"status": "passed"}
    tests = [
        {"expectedStatus": "passed", "projectName": "one", "results": [failed, passed]},
        {"expectedStatus": "failed", "projectName": "two", "results": [failed]},
        {"expectedStatus": "skipped", "projectName": "two", "results": []},
    ]
    spec = {"title": "x", "file": "a.spec.js", "line": 3, "tests": tests}
    suite = {"title": "a.spec.js", "specs": [], "suites": [{"title": "cart", "specs": [spec]}]}
    config = {"rootDir": "/w/pw", "projects": [], "version": "1.65.1", "argv": ["--token=s3cret"]}
    facts = read_report(json.dumps({"config": config, "suites": [suite]}))
    assert [(one.suite, one.outcome) for one in facts.tests] == [
        ("one > a.spec.js > cart", "failed"),
        ("one > a.spec.js > cart", "passed"),
        ("two > a.spec.js > cart", "passed"),
        ("two > a.spec.js > cart", "skipped"),
    ]
    assert [(one.place, one.bases) for one in facts.paths] == [("a.spec.js", '["/w/pw"]')]
    assert "s3cret" not in repr(facts)


def test_the_outcome_of_a_scenario_is_that_of_its_worst_step() -> None:
    def scenario(*words: str, kind: str = "scenario") -> dict[str, Any]:
        steps = [{"result": {"status": word, "duration": 500_000_000}} for word in words]
        return {"type": kind, "name": " ".join(words), "line": 3, "steps": steps}

    feature = {
        "keyword": "Feature",
        "name": "Shop",
        "uri": "features/shop.feature",
        "elements": [
            scenario("passed", "passed"),
            scenario("passed", "undefined", "skipped"),
            scenario("pending", "skipped"),
            scenario("failed", kind="background"),
            scenario("skipped"),
        ],
    }
    facts = read_report(json.dumps([feature]))
    assert [(one.outcome, one.outcome_given) for one in facts.tests] == [
        ("passed", "passed"),
        ("failed", "undefined"),
        ("skipped", "pending"),
        ("failed", "failed"),
    ]
    assert (facts.tests[0].duration_seconds, facts.path(facts.tests[0])) == (
        1.0,
        "features/shop.feature",
    )


def test_the_status_of_a_keyword_is_not_that_of_its_test() -> None:
    facts = read_report(
        '<robot generator="Robot 3.2.2 (Python 3.8)"><suite name="All"><suite name="Shop" '
        'source="/w/shop.robot"><test name="a"><kw><kw><status status="FAIL">no</status></kw>'
        '<status status="FAIL"/></kw><status status="PASS" starttime="20260102 23:59:59.500" '
        'endtime="20260103 00:00:01.000"/></test><status status="PASS"/></suite></suite></robot>'
    )
    (test,) = facts.tests
    assert (test.suite, test.outcome, test.duration_seconds) == ("All > Shop", "passed", 1.5)
    assert (facts.runs[0].tool_version, facts.path(test)) == ("3.2.2", "/w/shop.robot")


def test_trx_of_visual_studio() -> None:
    facts = read_report(
        '\ufeff<TestRun id="1" runUser="dev" xmlns="http://microsoft.com/schemas/VisualStudio/'
        'TeamTest/2010"><Times start="2026-11-27T12:00:00.1234567+02:00" finish="now"/><Results>'
        '<UnitTestResult testName="N.CartTests.Adds(x: &quot;a.b&quot;)" outcome="Passed" '
        'duration="00:00:01.5"/><UnitTestResult testName="N.CartTests.Fails" outcome="Failed">'
        "<Output><StdOut>s3cret</StdOut><ErrorInfo><Message>no</Message></ErrorInfo></Output>"
        '</UnitTestResult><UnitTestResult testName="N.CartTests.Later" outcome="NotExecuted"/>'
        '</Results><ResultSummary><Counters total="3" failed="1"/></ResultSummary></TestRun>'
    )
    assert facts.format == "trx"
    assert _cases(facts) == [
        ("N.CartTests", 'Adds(x: "a.b")', "passed"),
        ("N.CartTests", "Fails", "failed"),
        ("N.CartTests", "Later", "skipped"),
    ]
    assert [one.message for one in facts.tests] == [None, "no", None]
    assert facts.tests[0].duration_seconds == 1.5
    assert facts.runs[0].started_at == datetime(2026, 11, 27, 10, 0, 0, 123456)
    assert facts.runs[0].stated_totals == '{"total": 3, "failed": 1}'


def test_nunit_of_version_2_and_3() -> None:
    three = read_report(
        '<test-run testcasecount="3" total="3" start-time="2026-11-27 10:00:00Z"><test-suite '
        'name="Shop.dll"><test-suite name="CartTests"><test-case name="Adds(1)" '
        'fullname="N.CartTests.Adds(1)" classname="N.CartTests" result="Passed" duration="0.5"/>'
        '<test-case name="B" fullname="N.CartTests.B" classname="N.CartTests" result="Failed" '
        'label="Error"><failure><message>no</message></failure></test-case><test-case name="C" '
        'fullname="N.CartTests.C" result="Skipped" label="Ignored"><reason><message>later'
        "</message></reason></test-case></test-suite></test-suite></test-run>"
    )
    assert _cases(three) == [
        ("N.CartTests", "Adds(1)", "passed"),
        ("N.CartTests", "B", "error"),
        ("N.CartTests", "C", "skipped"),
    ]
    assert [one.message for one in three.tests] == [None, "no", "later"]
    assert three.tests[0].suite == "Shop.dll > CartTests"
    two = read_report(
        '<test-results name="x" total="1"><environment nunit-version="2.6"/><test-suite name="A">'
        '<results><test-case name="N.A.B" result="Success" time="0,012"/></results></test-suite>'
        "</test-results>"
    )
    assert (_cases(two), two.tests[0].duration_seconds) == ([("N.A", "B", "passed")], 0.012)
    assert two.runs[0].tool_version == "2.6"


def test_xunit_net() -> None:
    facts = read_report(
        '<assemblies><assembly name="a.dll" test-framework="xUnit.net 2.4.1" total="2" failed="1">'
        '<collection name="c"><test name="N.A.B(x: 1)" type="N.A" method="B" time="0.25" '
        'result="Pass"/><test name="N.A.C" type="N.A" result="Skip"><reason>later</reason></test>'
        "</collection></assembly></assemblies>"
    )
    assert _cases(facts) == [("N.A", "B(x: 1)", "passed"), ("N.A", "C", "skipped")]
    assert (facts.tests[1].message, facts.runs[0].tool_version) == ("later", "2.4.1")


_GENUINE = {
    "go-test": _lines(_go("run", "T"), _go("output", "T", Output="x"), _go("pass", "T", Elapsed=1)),
    "libtest": _lines({"type": "test", "event": "failed", "name": "a::b", "exec_time": 1}),
    "jest-json": json.dumps(
        _jest({"title": "a", "status": "passed", "ancestorTitles": [], "duration": 1})
    ),
    "mocha-json": json.dumps({"stats": {"start": "x", "tests": 1}, "passes": [{"title": "a"}]}),
    "playwright-json": json.dumps(
        {
            "config": {"rootDir": "/"},
            "suites": [{"specs": [{"tests": [{"results": [{"duration": 1}]}]}]}],
        }
    ),
    "cucumber-json": json.dumps(
        [{"keyword": "F", "uri": "f", "elements": [{"steps": [{"result": {"duration": 1}}]}]}]
    ),
}


@pytest.mark.parametrize("form", _GENUINE)
def test_mutations_of_json_raise_nothing_but_invalid(form: str) -> None:
    genuine = _GENUINE[form]
    assert not reason_of(genuine, form=form)
    for old in ("1", '"a"', "[", "{", '"x"'):
        for new in ("null", "[]", "{}", '"x"', "-1", "1e400", "[[]]", "9" * 30):
            try:
                facts = read_report(genuine.replace(old, new, 2), form=form)
            except Invalid:
                continue
            times = [one.duration_seconds or 0.0 for one in facts.tests]
            assert all(0 <= time < 1e10 for time in times)
