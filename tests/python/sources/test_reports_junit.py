"""JUnit's XML of each tool: outcomes, names, paths, durations, and findings of linters."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from loaders.sources.reports.reading.test_facts import moment_in, seconds_in
from tests.python.support.read_reports import (
    SHARED_REPORTS,
    Facts,
    needs_shared_reports,
    read_report,
    reason_of,
)

# Report → tool and outcomes (passed, failed, error, skipped), as the tool prints them for a reader.
# For those of pytest, a test whose teardown fails too counts twice, as it prints it.
_PRINTED: dict[str, tuple[str | None, tuple[int, int, int, int]]] = {
    "cargo/1.95.0/junit.xml": ("cargo test", (1, 1, 0, 0)),
    "ctest/3.25.1/junit.xml": ("ctest", (2, 2, 1, 2)),
    "ctest/4.4.5/junit.xml": ("ctest", (2, 2, 1, 2)),
    "cucumber-js/12.9.0/junit.xml": ("cucumber", (3, 2, 0, 0)),
    "jest/30.5.2/jest-junit.xml": ("jest", (5, 1, 0, 1)),
    "junit-platform-console/1.9.1/reports/TEST-junit-jupiter.xml": (
        "junit-platform",
        (4, 1, 1, 1),
    ),
    "mocha/12.0.3/xunit.xml": ("mocha", (3, 1, 0, 2)),
    "node-test/20.20.2/junit.xml": ("node:test", (3, 2, 0, 2)),
    "node-test/22.23.3/junit.xml": ("node:test", (3, 2, 0, 2)),
    "node-test/24.21.0/junit.xml": ("node:test", (3, 2, 0, 2)),
    "playwright/1.65.1/junit.xml": ("playwright", (6, 2, 0, 4)),
    "prove/3.44/junit.xml": ("prove", (3, 1, 1, 0)),
    "pytest-rerunfailures/16.7/flaky.junit.xml": ("pytest", (3, 0, 0, 0)),
    "pytest-xdist/3.8.0/shop.junit.xml": ("pytest", (10, 2, 2, 2)),
    "pytest/7.4.4/call-and-teardown.junit.xml": ("pytest", (0, 1, 1, 0)),
    "pytest/8.3.5/call-and-teardown.junit.xml": ("pytest", (0, 1, 1, 0)),
    "pytest/9.2.0/call-and-teardown.junit.xml": ("pytest", (0, 1, 1, 0)),
    "pytest/9.2.0/collection-error.junit.xml": ("pytest", (0, 0, 1, 0)),
    "pytest/9.2.0/no-tests.junit.xml": ("pytest", (0, 0, 0, 0)),
    "pytest/9.2.0/shop.junit.xml": ("pytest", (10, 2, 2, 2)),
    "pytest/9.2.0/teardown-and-subtests-output-all.junit.xml": ("pytest", (1, 1, 1, 0)),
    "pytest/9.2.0/teardown-and-subtests.junit.xml": ("pytest", (1, 1, 1, 0)),
    "robotframework/7.5/xunit.xml": ("robotframework", (1, 1, 0, 1)),
    "unittest-xml-reporting/4.0.0/reports/TEST-tests.test_a.TestA-20261127101937.xml": (
        "unittest-xml-reporting",
        (1, 2, 2, 2),
    ),
    "unittest-xml-reporting/4.0.0/reports/TEST-tests.test_c.TestA-20261127101937.xml": (
        "unittest-xml-reporting",
        (1, 2, 2, 2),
    ),
    "unittest-xml-reporting/4.0.0/reports/TEST-unittest.suite._ErrorHolder-20261127101937.xml": (
        "unittest-xml-reporting",
        (0, 0, 2, 0),
    ),
}
# Report → tool, findings, and the first one: rule, level, path, line, column.
_FINDINGS: dict[str, tuple[str, int, tuple[Any, ...]]] = {
    "bandit/1.9.4/shop.junit.xml": (
        "bandit",
        13,
        ("B306", "MEDIUM", "scripts/größe.py", 2, None),
    ),
    "cfn-lint/1.58.0/cfn.junit.xml": ("cfn-lint", 2, ("E6101", "E", "cfn.yaml", 8, 7)),
    "checkov/3.3.30/infra.junit.xml": (
        "checkov",
        24,
        ("CKV_DOCKER_7", None, "Dockerfile", 1, None),
    ),
    "eslint/9.39.5/shop-web.junit.xml": (
        "eslint",
        8,
        (None, "error", "/home/dev/work/shop-web/src/broken.js", 1, 20),
    ),
    "markdownlint-cli2/0.24.1/readme.junit.xml": (
        "markdownlint",
        9,
        ("MD018/no-missing-space-atx", None, "readme.md", 1, 1),
    ),
    "mypy/2.4.1/shop.junit.xml": (
        "mypy",
        16,
        ("no-untyped-def", "error", "src/shop/stock.py", 4, None),
    ),
    "oxlint/1.94.0/shop-web.junit.xml": ("oxlint", 3, (None, None, "src/broken.js", 1, 20)),
    "ruff/0.17.6/shop.junit": (
        "ruff",
        30,
        ("E401", "error", "/home/dev/work/shop/scripts/größe.py", 1, 1),
    ),
    "ruff/0.17.6/syntax-error.junit": (
        "ruff",
        9,
        ("F401", "error", "/home/dev/work/proj-broken/src/app.py", 3, 8),
    ),
    "semgrep/1.185.0/proj.junit.xml": (
        "semgrep",
        5,
        ("rules.no-assert", "INFO", "src/app.py", 17, None),
    ),
}


def _outcomes(facts: Facts) -> tuple[int, ...]:
    counts = facts.count("tests", "outcome")
    return tuple(counts.get(name, 0) for name in ("passed", "failed", "error", "skipped"))


@needs_shared_reports
@pytest.mark.parametrize("report", _PRINTED)
def test_outcomes_are_those_that_the_tool_prints(report: str) -> None:
    facts = read_report(SHARED_REPORTS / report)
    assert (facts.format, facts.faults()) == ("junit", [])
    assert (facts.runs[0].tool_name, _outcomes(facts)) == _PRINTED[report]
    assert not facts.findings


@needs_shared_reports
@pytest.mark.parametrize("report", _FINDINGS)
def test_junit_of_a_linter_is_findings_and_no_tests(report: str) -> None:
    facts = read_report(SHARED_REPORTS / report)
    tool, count, first = _FINDINGS[report]
    assert (facts.format, facts.faults(), facts.tests) == ("junit-findings", [], [])
    assert (facts.runs[0].tool_name, len(facts.findings)) == (tool, count)
    finding = facts.findings[0]
    place = (facts.path(finding), finding.start_line, finding.start_column)
    assert (finding.rule_id, finding.level, *place) == first


@needs_shared_reports
def test_a_secret_in_the_message_of_a_finding_does_not_land() -> None:
    facts = read_report(SHARED_REPORTS / "bandit/1.9.4/shop.junit.xml")
    assert "hunter2" not in repr(facts)
    assert any("hardcoded password" in (one.message or "") for one in facts.findings)


# -- what a reasonable reader would misread -------------------------------------------------------


def _junit(cases: str, suite: str = 'name="s"', root: str = "") -> Facts:
    facts = read_report(
        f'<testsuites {root}><testsuite tests="1" {suite}>{cases}</testsuite></testsuites>'
    )
    assert facts.format == "junit"
    return facts


def _cases(facts: Facts) -> list[tuple[str | None, str, str | None]]:
    return [(one.test_name, one.outcome, one.outcome_given) for one in facts.tests]


def test_pytest_writes_a_test_twice_if_its_teardown_fails_too_whatever_it_counts() -> None:
    for tests in (1, 2):
        facts = _junit(
            '<testcase classname="t" name="a"><failure message="assert 0">x</failure></testcase>'
            '<testcase classname="t" name="a"><error message="failed on teardown"/></testcase>',
            f'name="pytest" tests="{tests}"'.replace('tests="', 'x="'),
            f'tests="{tests}"',
        )
        assert _cases(facts) == [("a", "failed", "failure"), ("a", "error", "error")]
        assert facts.runs[0].stated_totals == f'{{"tests": {tests}}}'


def test_a_collection_error_of_pytest_has_an_empty_class() -> None:
    (test,) = _junit(
        '<testcase classname="" name="test_x"><error message="collection failure"/></testcase>'
    ).tests
    assert (test.class_name, test.outcome, test.message) == ("", "error", "collection failure")


def test_a_test_that_fails_in_two_subtests_is_one_execution() -> None:
    facts = _junit('<testcase name="a"><failure message="one"/><failure message="two"/></testcase>')
    assert [one.message for one in facts.tests] == ["one"]


def test_a_flaky_test_of_pytest_is_three_equal_rows() -> None:
    facts = _junit('<testcase classname="t" name="a" time="0.1"/>' * 3)
    assert _cases(facts) == [("a", "passed", None)] * 3


def test_reruns_of_maven_are_executions_of_their_own() -> None:
    facts = _junit(
        '<testcase name="flaky" time="1.5"><flakyFailure message="no" type="E">'
        "<stackTrace>at x</stackTrace></flakyFailure><flakyError message='late'/></testcase>"
        '<testcase name="broken"><failure message="1"/><rerunFailure message="2"/>'
        '<rerunError message="3"/></testcase>'
    )
    assert _cases(facts) == [
        ("flaky", "failed", "flakyFailure"),
        ("flaky", "error", "flakyError"),
        ("flaky", "passed", None),
        ("broken", "failed", "failure"),
        ("broken", "failed", "rerunFailure"),
        ("broken", "error", "rerunError"),
    ]
    assert [one.message for one in facts.tests[3:]] == ["1", "2", "3"]


def test_a_program_that_ctest_could_not_start_has_not_passed() -> None:
    head = '<testsuite name="x" tests="2" failures="0" disabled="0" skipped="2">'
    facts = read_report(
        f"{head}<testcase name='a' classname='a' status='notrun'>"
        "<skipped message='Unable to find executable'/></testcase>"
        "<testcase name='b' classname='b' status='notrun'>"
        "<skipped message='SKIP_RETURN_CODE=77'/></testcase>"
        "<testcase name='c' classname='c' status='disabled'/></testsuite>"
    )
    assert _cases(facts) == [
        ("a", "error", "notrun"),
        ("b", "skipped", "notrun"),
        ("c", "skipped", "disabled"),
    ]


def test_a_disabled_test_of_googletest_is_skipped_and_its_time_of_1970_is_no_time() -> None:
    facts = read_report(
        '<testsuites tests="1" name="AllTests" timestamp="1970-01-01T00:00:00Z"><testsuite '
        'name="S"><testcase name="DISABLED_a" status="notrun" result="suppressed" time="0" '
        'timestamp="1970-01-01T00:00:00" classname="S"/></testsuite></testsuites>'
    )
    assert _cases(facts) == [("DISABLED_a", "skipped", "suppressed")]
    assert (facts.tests[0].started_at, facts.runs[0].started_at) == (None, None)


def test_mocha_counts_failed_assertions_as_errors_and_its_date_is_that_of_mail() -> None:
    facts = read_report(
        '<testsuite name="Mocha Tests" tests="1" failures="0" errors="1" '
        'timestamp="Fri, 27 Nov 2026 10:17:35 GMT"><testcase classname="cart" name="fails" '
        'file="/w/cart.test.js"><failure>1 == 2\n\n at x</failure></testcase></testsuite>'
    )
    assert _cases(facts) == [("fails", "failed", "failure")]
    assert facts.runs[0].started_at == datetime(2026, 11, 27, 10, 17, 35)
    assert (facts.path(facts.tests[0]), facts.tests[0].message) == (
        "/w/cart.test.js",
        "1 == 2\n at x",
    )


def test_tests_that_mocha_junit_reporter_leaves_out_are_in_its_totals() -> None:
    facts = _junit(
        '<testcase name="a" classname="a"/>', 'name="x"', 'name="Mocha Tests" tests="3" skipped="2"'
    )
    assert facts.runs[0].stated_totals == '{"tests": 3, "skipped": 2}'
    assert len(facts.tests) == 1


def test_nested_suites_are_named_from_the_outermost_and_each_case_counts_once() -> None:
    facts = read_report(
        '<testsuites><testsuite name="cart" tests="3" disabled="0" hostname="h">'
        '<testsuite name="total" tests="1" disabled="0"><testcase name="a" classname="test"/>'
        '</testsuite><testcase name="b" classname="test"/></testsuite>'
        '<testcase name="broken.test.js" classname="test"/></testsuites>'
    )
    assert [(one.test_name, one.suite) for one in facts.tests] == [
        ("a", "cart > total"),
        ("b", "cart"),
        ("broken.test.js", None),
    ]
    assert facts.runs[0].tool_name == "node:test"
    assert facts.runs[0].stated_totals is None, "its counts are those of children"


def test_the_outer_suite_of_phpunit_includes_the_inner_ones() -> None:
    facts = read_report(
        '<testsuites><testsuite name="all" tests="2" failures="1"><testsuite name="in" tests="2" '
        'failures="1"><testcase name="a" class="T" file="/w/T.php" line="7" assertions="1"/>'
        '<testcase name="b"><failure type="E">T::b\nno</failure></testcase></testsuite>'
        "</testsuite></testsuites>"
    )
    assert (facts.runs[0].tool_name, _outcomes(facts)) == ("phpunit", (1, 1, 0, 0))
    assert facts.runs[0].stated_totals == '{"tests": 2, "failures": 1}'
    assert (facts.path(facts.tests[0]), facts.tests[0].start_line) == ("/w/T.php", 7)


def test_a_project_of_playwright_is_no_host_and_its_files_are_below_a_folder_not_named() -> None:
    facts = read_report(
        '<testsuites id="" name="" tests="2"><testsuite name="a.spec.js" hostname="one">'
        '<testcase name="x" classname="a.spec.js"/></testsuite><testsuite name="a.spec.js" '
        'hostname="two"><testcase name="x" classname="a.spec.js"/></testsuite></testsuites>'
    )
    assert _cases(facts) == [("x", "passed", None)] * 2
    assert [one.suite for one in facts.tests] == ["one > a.spec.js", "two > a.spec.js"]
    assert [(one.place, one.place_kind) for one in facts.paths] == [("a.spec.js", "package")]


def test_the_time_of_a_run_is_not_a_part_of_the_name_of_a_suite() -> None:
    (test,) = read_report(
        '<testsuite name="t.A-20261127101937" tests="1" timestamp="2026-11-27T10:19:37">'
        '<testcase classname="t.A" name="x"/></testsuite>'
    ).tests
    assert test.suite == "t.A"


def test_an_error_of_a_whole_suite_is_no_pass() -> None:
    facts = _junit('<testcase name="1 - a"/><error message="Dubious, test returned 1"/>')
    assert _cases(facts)[1] == (None, "error", "error")
    assert facts.tests[1].message == "Dubious, test returned 1"


def test_an_unexpected_success_of_nose2_is_a_failure() -> None:
    facts = _junit(
        '<testcase name="a"><skipped message="test passes unexpectedly"/></testcase>',
        'name="nose2-junit"',
    )
    assert _cases(facts) == [("a", "failed", "skipped")]


def test_words_for_a_status_without_a_child() -> None:
    words = {"run": "passed", "Untested": "skipped", "undefined": "failed", "broken": "error"}
    facts = _junit("".join(f'<testcase name="{word}" status="{word}"/>' for word in words))
    assert {one.test_name: one.outcome for one in facts.tests} == words
    assert [one.outcome_given for one in facts.tests] == list(words)


def test_a_run_without_tests_measured_nothing() -> None:
    for content in (
        '<testsuites name="pytest tests"><testsuite name="pytest" tests="0"/></testsuites>',
        "<testsuites></testsuites>",
    ):
        (run,) = read_report(content).runs
        assert (run.is_measured, run.unmeasured_reason) == (False, "no test was run")


def test_lines_of_the_older_form_of_pytest_count_from_0() -> None:
    facts = _junit(
        '<testcase classname="t" name="a" file="t.py" line="7" time="0.1"/>', 'name="pytest"'
    )
    assert (facts.tests[0].start_line, facts.path(facts.tests[0])) == (8, "t.py")


def test_properties_do_not_land() -> None:
    facts = _junit(
        '<properties><property name="API_KEY" value="s3cret-value"/></properties>'
        '<testcase name="a"><properties><property name="x" value="s3cret-value"/></properties>'
        "<system-out>s3cret-value</system-out></testcase>"
    )
    assert "s3cret" not in repr(facts) + repr(facts.tables)


def test_the_version_of_go_is_in_the_properties() -> None:
    facts = _junit(
        '<properties><property name="go.version" value="go1.22.1 linux/amd64"/></properties>'
        '<testcase classname="example.org/shop" name="TestA"/>',
        'name="example.org/shop"',
    )
    assert (facts.runs[0].tool_name, facts.runs[0].tool_version) == ("go test", "1.22.1")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7.2e-05", 7.2e-05),
        ("1,234.5", 1234.5),
        ("1,234", 1234.0),
        ("0,012", 0.012),
        ("0.01s", 0.01),
        ("12ms", 0.012),
        ("00:01:02.5", 62.5),
        ("", None),
        ("-1", None),
        ("NaN", None),
        ("1e400", None),
        ("1.2.3", None),
        ("9" * 400, None),
        ("soon", None),
    ],
)
def test_durations(text: str, seconds: float | None) -> None:
    assert seconds_in(text) == seconds


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-27T10:19:21.777069+00:00", datetime(2026, 11, 27, 10, 19, 21, 777069)),
        ("2026-11-27T12:19:21+02:00", datetime(2026, 11, 27, 10, 19, 21)),
        ("2026-11-27T10:24:36.47629256Z", datetime(2026, 11, 27, 10, 24, 36, 476292)),
        ("Fri, 27 Nov 2026 10:17:35 GMT", datetime(2026, 11, 27, 10, 17, 35)),
        ("2026-11-27T10:19:21", None),  # it does not name its zone
        ("0001-01-01T00:00:00Z", None),
        ("1970-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59-12:00", None),
        ("99999999-01-01T00:00:00Z", None),
        ("Fri, 99 Nov 99999999 10:17:35 GMT", None),
        ("", None),
        ("now", None),
    ],
)
def test_moments_need_their_zone(text: str, moment: datetime | None) -> None:
    assert moment_in(text) == moment


# -- what is refused -------------------------------------------------------------------------------

_GENUINE = (
    '<?xml version="1.0"?><testsuites name="pytest tests" tests="2"><testsuite name="pytest" '
    'tests="2" timestamp="2026-11-27T10:19:21+00:00"><properties><property name="a" value="b"/>'
    '</properties><testcase classname="t" name="a" file="t.py" line="7" time="0.1"><failure '
    'message="no" type="E">x</failure></testcase><testcase name="b" status="run"><skipped/>'
    "<rerunFailure/></testcase></testsuite></testsuites>"
)


def test_mutations_of_a_report_raise_nothing_but_invalid() -> None:
    for cut in range(20):
        assert "at line" in reason_of(_GENUINE[: cut * len(_GENUINE) // 20], form="junit")
    for old in ("7", "0.1", "2", "2026-11-27T10:19:21+00:00", "t.py", "run", "a"):
        assert f'"{old}"' in _GENUINE
        for new in ("", "-1", "NaN", "1e999", "9" * 30, "99999999-01-01", "\u202e", "x" * 300):
            for form in ("junit", "junit-findings")[: 2 if old == "7" else 1]:
                facts = read_report(_GENUINE.replace(f'"{old}"', f'"{new}"'), form=form)
                lines = [one.start_line or 0 for one in facts.tests]
                lines += [one.start_line or 0 for one in facts.findings]
                times = [one.duration_seconds or 0.0 for one in facts.tests]
                assert all(0 <= line < 1 << 53 for line in lines)
                assert all(0 <= time < 1e10 for time in times)


_NEGATIVE = (
    "<testsuites xmlns='http://other'><testsuite tests='1'/></testsuites>",
    "<testsuite id='1' name='plan'><node_order/><testcase internalid='2' name='x'/></testsuite>",
    "<suite name='all'><test name='x'><classes><class name='T'/></classes></test></suite>",
    "<phpunit><testsuites><testsuite name='unit'><file>t</file></testsuite></testsuites></phpunit>",
    "<project><testcase classname='x' time='1'/></project>",
    "<testsuites><testsuite name='unit'><directory>tests</directory></testsuite></testsuites>",
)


@pytest.mark.parametrize("content", _NEGATIVE)
def test_other_xml_with_test_suites_is_no_report(content: str) -> None:
    assert read_report(content).format is None


@pytest.mark.parametrize(
    "content",
    [
        # Suites of tests whose names resemble those of linters.
        '<testsuite name="typing tests" tests="1"><testcase classname="x" name="y"/></testsuite>',
        '<testsuite name="ruffian" tests="1"><testcase classname="x" name="y"/></testsuite>',
        '<testsuite name="x" package="org.eslint" tests="1"><testcase name="works"/></testsuite>',
        '<testsuite name="E2E" tests="1"><testcase name="E2E works" classname="a"/></testsuite>',
    ],
)
def test_tests_of_a_linter_are_tests(content: str) -> None:
    assert read_report(content).format == "junit"


def test_the_facts_of_a_test() -> None:
    facts = _junit('<testcase classname="c" name="n" time="0.5" timestamp="2026-01-02T03:04:05Z"/>')
    (test,) = facts.tests
    assert (test.class_name, test.test_name, test.suite) == ("c", "n", "s")
    assert (test.duration_seconds, test.started_at) == (0.5, datetime(2026, 1, 2, 3, 4, 5))
