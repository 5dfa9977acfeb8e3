"""Tests, coverage, components and vulnerabilities follow from reports as their tools mean them."""

from __future__ import annotations

import json

import pytest
from report_models import NOW, Reports, rows_of

from loaders.sources.reports.reading.report_facts import (
    Advisory,
    Component,
    ComponentLink,
    FileCoverage,
    Place,
    ToolRun,
)
from loaders.sources.reports.reading.report_facts import (
    TestCase as Case,
)

TEARDOWN = 'failed on teardown with "RuntimeError: teardown"'


def _tests(reports: Reports, columns: str = "test_name, outcome, attempts, is_flaky") -> list:
    db = reports.build("test_results")
    return db.execute(f"select {columns} from test_results order by all").fetchall()


def _run(tests: int) -> ToolRun:
    return ToolRun("pytest", stated_totals=json.dumps({"tests": tests}))


# -- tests -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("stated", [1, 2])
def test_a_failure_and_an_error_of_its_fixture_are_one_failing_test(stated) -> None:
    # pytest before and from 9.1 on states another number for the same elements.
    reports = Reports()
    cases = [
        Case("test_low", "failed", "test_one", message="assert 0"),
        Case("test_low", "error", "test_one", message=TEARDOWN),
    ]
    reports.add("pytest", cases, run=_run(stated))
    assert _tests(reports) == [("test_low", "error", 1, False)]


def test_a_test_whose_fixture_fails_afterwards_is_not_flaky() -> None:
    reports = Reports()
    cases = [
        Case("test_a", "passed", "test_one"),
        Case("test_a", "error", "test_one", message=TEARDOWN),
    ]
    reports.add("pytest", cases, run=_run(1))
    assert _tests(reports) == [("test_a", "error", 1, False)]


def test_a_test_that_was_run_again_is_flaky_although_each_execution_is_written_as_a_pass() -> None:
    reports = Reports()
    cases = [Case("test_flaky", "passed", "test_flaky", duration_seconds=0.5)] * 3
    reports.add("pytest", [*cases, Case("test_b", "passed", "test_flaky")], run=_run(2))
    assert _tests(reports, "test_name, outcome, attempts, is_flaky, duration_seconds") == [
        ("test_b", "passed", 1, False, None),
        ("test_flaky", "passed", 3, True, 1.5),
    ]


def test_two_tests_of_one_name_that_the_tool_counts_twice_are_not_flaky() -> None:
    reports = Reports()
    reports.add("jest", [Case("adds", "passed", "cart")] * 2, run=_run(2))
    assert _tests(reports) == [("adds", "passed", 2, False)]


@pytest.mark.parametrize("last", ["passed", "failed"])
def test_a_test_that_passed_and_failed_is_flaky_and_its_worst_outcome_counts(last) -> None:
    reports = Reports()
    first = "failed" if last == "passed" else "passed"
    reports.add("surefire", [Case("t", first, "C", message="no"), Case("t", last, "C")])
    assert _tests(reports) == [("t", "failed", 2, True)]


def test_equal_names_in_two_suites_and_two_runs_are_different_tests() -> None:
    reports = Reports()
    cases = [Case("t", "passed", "C", suite="one"), Case("t", "failed", "C", suite="two")]
    reports.add("a", cases)
    reports.add("a", cases)
    assert _tests(reports, "suite, outcome, is_flaky") == [
        ("one", "passed", False),
        ("one", "passed", False),
        ("two", "failed", False),
        ("two", "failed", False),
    ]


def test_pending_tests_are_skipped_and_count_as_tests_that_did_not_run() -> None:
    reports = Reports()
    cases = [Case("adds", "passed", "cart"), Case("pays", "skipped", "cart")]
    reports.add("mocha", cases)
    db = reports.build("int_reports__test_health")
    query = "select test_name, health from int_reports__test_health order by all"
    assert db.execute(query).fetchall() == [("adds", "passing"), ("pays", "skipped")]


def test_a_class_leads_to_the_only_file_that_it_can_be() -> None:
    reports = Reports()
    reports.files("tests/test_cart.py", "a/test_two.py", "b/test_two.py", kind="test")
    reports.files("src/test/java/com/shop/CartTest.java", kind="test")
    cases = [
        Case("test_a", "passed", "tests.test_cart"),
        Case("test_b", "passed", "tests.test_cart.TestCart"),
        Case("test_c", "passed", "test_two"),
        Case("test_d", "passed", "a.test_two"),
        Case("test_e", "passed", "com.shop.CartTest"),
        Case("test_f", "passed", "cart adds"),
    ]
    reports.add("pytest", cases)
    assert _tests(reports, "test_name, file_path, matched_by") == [
        ("test_a", "tests/test_cart.py", "class name"),
        ("test_b", "tests/test_cart.py", "class name"),
        ("test_c", None, None),
        ("test_d", "a/test_two.py", "class name"),
        ("test_e", "src/test/java/com/shop/CartTest.java", "class name"),
        ("test_f", None, None),
    ]


def test_a_test_never_ran_if_a_report_has_others_of_its_folder_only() -> None:
    reports = Reports()
    paths = ["tests/test_a.py", "tests/test_b.py", "other/test_c.py"]
    reports.files(*paths, kind="test")
    of_code = {"project_id": "p", "kind": "function", "start_line": 3}
    for path in paths:
        for name, parent in (
            ("test_x", None),
            ("test_y", "TestIt"),
            ("test_in", "helper"),
            ("f", None),
        ):
            symbol = {"symbol_id": path + name, "file_id": path, "file_path": path, "name": name}
            reports.put("code_symbols", of_code | symbol | {"parent_name": parent})
    cases = [Case("test_x[1-2]", "passed", "tests.test_a", path_index=0)]
    reports.add("pytest", cases, files={0: "tests/test_a.py"})
    db = reports.build("int_reports__test_health")
    query = "select file_path, test_name from int_reports__test_health where health = 'never run'"
    assert sorted(db.execute(query).fetchall()) == [
        ("tests/test_a.py", "test_y"),
        ("tests/test_b.py", "test_x"),
        ("tests/test_b.py", "test_y"),
    ]


def test_the_health_of_a_test_is_the_worst_that_holds() -> None:
    reports = Reports()
    cases = [
        Case("a", "failed", duration_seconds=9.0),
        Case("b", "passed", duration_seconds=5.0),
        Case("c", "passed", duration_seconds=4.9),
        Case("d", "failed"),
        Case("d", "passed"),
        Case("e", "error"),
    ]
    reports.add("x", cases)
    reports.add("old", [Case("z", "failed")], is_newest=False)
    db = reports.build("int_reports__project_coverage", "int_reports__test_health")
    query = "select test_name, health, is_slow from int_reports__test_health order by all"
    assert db.execute(query).fetchall() == [
        ("a", "failing", True),
        ("b", "slow", True),
        ("c", "passing", False),
        ("d", "failing", False),
        ("e", "failing", False),
    ]


def test_a_test_in_two_reports_of_a_project_counts_once_and_a_commit_since_is_seen() -> None:
    reports = Reports()
    cases = [Case("t", "failed", "C"), Case("u", "passed", "C"), Case("v", "skipped", "C")]
    reports.add("pytest", cases, age=2)
    reports.add("tox", cases, age=1)
    reports.put("int_structure__projects", {"project_id": "p", "last_commit_at": NOW})
    db = reports.build("int_reports__project_tests")
    columns = "run_tests, failing, skipped, examples, is_changed_since, tools"
    assert db.execute(f"select {columns} from int_reports__project_tests").fetchall() == [
        (2, 1, 1, ["C t"], True, ["pytest", "tox"])
    ]


# -- coverage --------------------------------------------------------------------------------------


COVERAGE = "int_reports__project_coverage"


def _covered(*files: FileCoverage) -> list:
    return [Place(f"f{one.path_index}") for one in files] + list(files)


def _projects(db) -> list:
    columns = "line_basis, measured_files, lines_found, lines_hit, coverage_ratio"
    return db.execute(
        f"select {columns} from int_reports__project_coverage order by all"
    ).fetchall()


def test_a_report_in_which_nothing_ran_is_not_a_measurement() -> None:
    reports = Reports()
    reports.files("a.js", "b.js")
    facts = _covered(FileCoverage(0, 10, 0, 4, 0, 2, 0), FileCoverage(1, 6, 0))
    reports.add("nyc", facts, files={0: "a.js", 1: "b.js"})
    db = reports.build(COVERAGE)
    assert db.execute("select count(*) from coverage_files").fetchone() == (0,)
    assert _projects(db) == []


def test_a_file_that_no_test_reaches_is_measured_if_another_is_reached() -> None:
    reports = Reports()
    reports.files("a.js", "b.js")
    facts = _covered(FileCoverage(0, 10, 0), FileCoverage(1, 10, 5))
    reports.add("nyc", facts, files={0: "a.js", 1: "b.js"})
    assert _projects(reports.build(COVERAGE)) == [("lines", 2, 20, 5, 0.25)]


def test_tests_and_files_of_others_are_apart_from_the_coverage_of_a_project() -> None:
    reports = Reports()
    reports.files("cart.js")
    reports.files("cart.test.js", kind="test")
    reports.files("lib.js", kind="vendored")
    facts = _covered(FileCoverage(0, 10, 5), FileCoverage(1, 90, 90), FileCoverage(2, 90, 90))
    reports.add("node", facts, files={0: "cart.js", 1: "cart.test.js", 2: "lib.js"})
    db = reports.build(COVERAGE)
    assert _projects(db) == [("lines", 1, 10, 5, 0.5)]
    kinds = "select file_path, file_kind, lines_ratio from coverage_files order by all"
    assert db.execute(kinds).fetchall() == [
        ("cart.js", "source", 0.5),
        ("cart.test.js", "test", 1.0),
        ("lib.js", "vendored", 1.0),
    ]


def test_physical_lines_are_not_added_to_lines_of_other_tools() -> None:
    reports = Reports()
    reports.files("a.js", "b.js")
    reports.add("c8", _covered(FileCoverage(0, 35, 30, line_basis="physical")), files={0: "a.js"})
    reports.add("nyc", _covered(FileCoverage(0, 16, 8)), files={0: "b.js"})
    assert _projects(reports.build(COVERAGE)) == [
        ("lines", 1, 16, 8, 0.5),
        ("physical", 1, 35, 30, 30 / 35),
    ]


@pytest.mark.parametrize(
    ("second", "merged"),
    [
        # Both have the lines that they missed: only lines that both missed are missed.
        (FileCoverage(0, 10, 7, missing_lines="2-3 9"), (8, 2)),
        (FileCoverage(0, 10, 10), (10, 2)),
        (FileCoverage(0, 10, 7, missing_lines="1-3"), (8, 2)),
        # Other lines, another way to count, no lines, or ranges that do not add up: the newest.
        (FileCoverage(0, 12, 12), (6, 1)),
        (FileCoverage(0, 10, 7, missing_lines="2-4", line_basis="statements"), (6, 1)),
        (FileCoverage(0, 10, 7), (6, 1)),
        (FileCoverage(0, 10, 7, missing_lines="1-9000000000"), (6, 1)),
        (FileCoverage(0, 10, 7, missing_lines="x-y 3"), (6, 1)),
    ],
)
def test_measurements_of_the_same_lines_are_merged_and_others_are_not(second, merged) -> None:
    reports = Reports()
    reports.files("a.py")
    newest = FileCoverage(0, 10, 6, missing_lines="2-3 5-6")
    reports.add("unit", _covered(newest), files={0: "a.py"})
    reports.add("integration", _covered(second), files={0: "a.py"}, age=1)
    db = reports.build("int_reports__file_coverage")
    query = "select lines_hit, measurements from int_reports__file_coverage"
    assert db.execute(query).fetchall() == [merged]


def test_the_newest_measurement_counts_and_unmatched_paths_stay_visible() -> None:
    reports = Reports()
    reports.files("a.py")
    facts = _covered(FileCoverage(0, 10, 2), FileCoverage(1, 10, 9))
    reports.add("coverage.py", facts, files={0: "a.py"}, form="lcov")
    reports.add("coverage.py", _covered(FileCoverage(0, 10, 9)), files={0: "a.py"}, age=5)
    reports.add("x", _covered(FileCoverage(0, 10, 10)), files={0: "a.py"}, is_measured=False)
    db = reports.build("int_reports__project_coverage")
    query = "select coverage_ratio, unmatched_files from int_reports__project_coverage"
    assert db.execute(query).fetchall() == [(0.2, 1)]


def test_a_file_that_changes_often_and_is_not_covered_is_an_uncovered_hotspot() -> None:
    reports = Reports()
    names = ["hot.py", "cool.py", "covered.py", "small.py"]
    reports.files(*names)
    reports.files("test_hot.py", kind="test")
    changes = {"hot.py": 10, "cool.py": 9, "covered.py": 99, "small.py": 99, "test_hot.py": 99}
    for name, count in changes.items():
        reports.put("int_git__hotspots", {"file_id": name, "recent_revisions": count})
    facts = _covered(
        FileCoverage(0, 100, 49),
        FileCoverage(1, 100, 49),
        FileCoverage(2, 100, 50),
        FileCoverage(3, 19, 1),
        FileCoverage(4, 100, 1),
    )
    reports.add("x", facts, files=dict(enumerate([*names, "test_hot.py"])))
    db = reports.build("int_reports__project_coverage", "sbom_components")
    query = "select uncovered_hotspots, hottest[1].file from int_reports__project_coverage"
    assert db.execute(query).fetchall() == [(1, "hot.py")]


# -- components ------------------------------------------------------------------------------------


def _package(name: str, version: str | None = "1.0.0", **more) -> Component:
    kept = {"reference": f"{name}@{version}", "ecosystem": "npm", "canonical_name": name}
    return Component(name, version, **kept | more)


def _components(reports: Reports, columns: str) -> list:
    db = reports.build("sbom_components")
    return db.execute(f"select {columns} from sbom_components order by all").fetchall()


def test_one_package_under_two_spellings_is_one() -> None:
    reports = Reports()
    zope = {"ecosystem": "python", "canonical_name": "zope-interface"}
    reports.add("cyclonedx-py", [_package("zope.interface", "8.6", **zope)], form="cyclonedx-json")
    reports.add("uv", [_package("zope-interface", "8.6", is_dev=False, **zope)], form="uv-lock")
    columns = "package_name, version, is_dev, report_kinds"
    assert _components(reports, columns) == [("zope-interface", "8.6", False, '["lock","sbom"]')]


def test_an_alias_of_npm_has_the_name_of_the_package() -> None:
    reports = Reports()
    alias = _package("lodash-alias", "4.18.1", canonical_name="lodash")
    reports.add("npm", [alias, _package("lodash", "4.18.1")], form="npm-lock")
    assert _components(reports, "package_name, version") == [("lodash", "4.18.1")]


def test_a_package_is_for_development_only_if_every_report_that_knows_has_it_so() -> None:
    reports = Reports()
    dev, shipped, unknown = (_package("a", is_dev=one) for one in (True, False, None))
    reports.add("one", [dev, dev._replace(name="b", canonical_name="b", reference="b")])
    reports.add("two", [shipped, unknown._replace(name="b", canonical_name="b", reference="b")])
    reports.add("two", [unknown._replace(name="c", canonical_name="c", reference="c")])
    columns = "package_name, is_dev"
    assert _components(reports, columns) == [("a", False), ("b", True), ("c", None)]


def test_a_package_without_a_version_and_files_do_not_count_beside_those_with_one() -> None:
    reports = Reports()
    file = _package("setup.py", component_type="file")
    reports.add("sbom", [_package("pytest", None), file, _package("flask", None)])
    reports.add("lock", [_package("pytest", "9.2.0")])
    assert _components(reports, "package_name, version") == [("flask", None), ("pytest", "9.2.0")]


def test_versions_have_the_order_of_their_ecosystem_and_the_scopes_of_their_reports() -> None:
    reports = Reports()
    packages = [
        _package("a", one, scope_given="dev", groups='["x"]') for one in ("1.9.0", "1.10.0")
    ]
    reports.add("npm", packages)
    db = reports.build("sbom_components")
    query = "select version, scopes from sbom_components order by version_key"
    assert db.execute(query).fetchall() == [("1.9.0", '["dev","x"]'), ("1.10.0", '["dev","x"]')]


# -- vulnerabilities -------------------------------------------------------------------------------


def _vulnerabilities(reports: Reports, columns: str) -> list:
    return (
        reports.build("sbom_components", "vulnerabilities")
        .execute(f"select {columns} from vulnerabilities order by all")
        .fetchall()
    )


def _advisory(key: str, name: str = "lodash", version: str | None = "4.17.4", **more) -> Advisory:
    if "aliases" in more:
        more["aliases"] = json.dumps(more["aliases"])
    return Advisory(key, name, version, canonical_name=name, **more)


def test_one_advisory_under_its_aliases_is_one_also_across_tools() -> None:
    reports = Reports()
    reports.add("npm audit", [_advisory("GHSA-aaaa-bbbb-cccc", level="high", ecosystem="npm")])
    reports.add("trivy", [_advisory("CVE-2019-1", cvss_score=9.1, fixed_versions='["4.17.12"]')])
    # Only this report connects the two, and it is about another project.
    joining = _advisory("OSV-2019-7", aliases=["CVE-2019-1", "ghsa-aaaa-bbbb-cccc"])
    reports.add("osv", [joining], project="q")
    reports.add("npm audit", [_advisory("GHSA-zzzz-zzzz-zzzz", level="low")])
    columns = "project_id, vulnerability, aliases, ecosystem, severity, fixed_versions, tools"
    aliases = '["GHSA-aaaa-bbbb-cccc","OSV-2019-7"]'
    assert _vulnerabilities(reports, columns) == [
        ("p", "CVE-2019-1", aliases, "npm", "critical", '["4.17.12"]', '["npm audit","trivy"]'),
        ("p", "GHSA-zzzz-zzzz-zzzz", "[]", None, "low", "[]", '["npm audit"]'),
        ("q", "CVE-2019-1", aliases, None, None, "[]", '["osv"]'),
    ]


def test_an_advisory_in_two_packages_and_two_versions_is_several() -> None:
    reports = Reports()
    found = [("a", "1.0"), ("a", "2.0"), ("b", "1.0"), ("a", "1.0")]
    reports.add("x", [_advisory("CVE-1", *one) for one in found])
    assert _vulnerabilities(reports, "package_name, version") == sorted(set(found))


@pytest.mark.parametrize(
    ("installed", "others", "expected"),
    [
        (["4.17.4"], [], ["4.17.4"]),
        (["4.17.4", "3.0.0"], [], [None]),
        ([], [], [None]),
        (["4.17.4", "3.0.0"], ["3.0.0"], ["3.0.0"]),
    ],
)
def test_a_range_is_about_the_version_in_use_if_there_is_one(installed, others, expected) -> None:
    reports = Reports()
    reports.add("npm audit", [_advisory("GHSA-1", version=">=3.0.0 <4.17.12")])
    reports.add("npm", [_package("lodash", one) for one in installed], form="npm-lock")
    reports.add("trivy", [_advisory("GHSA-1", version=one) for one in others])
    assert _vulnerabilities(reports, "version, affected_range") == [
        (version, ">=3.0.0 <4.17.12") for version in expected
    ]


def test_what_one_tool_ruled_out_is_open_if_another_reports_it() -> None:
    reports = Reports()
    ruled_out = {"is_suppressed": True, "suppression": "not reachable"}
    reports.add("trivy", [_advisory("CVE-1", **ruled_out), _advisory("CVE-2", **ruled_out)])
    reports.add("grype", [_advisory("CVE-1")])
    assert _vulnerabilities(reports, "vulnerability, is_suppressed, suppression") == [
        ("CVE-1", False, None),
        ("CVE-2", True, "not reachable"),
    ]


TRIVY = (
    "Package: lodash\nInstalled Version: 4.17.4\nVulnerability CVE-2019-10744\n"
    "Severity: CRITICAL\nFixed Version: 4.17.12, 5.0.0\nLink: [CVE-2019-10744](https://e.org)"
)
GRYPE = "A critical vulnerability in npm package: lodash, version 4.17.4 was found at: /lock.json"
OSV = "Package 'lodash@4.17.4' is vulnerable to 'CVE-2019-10744'."


@pytest.mark.parametrize(
    ("rule", "message", "fixed"),
    [
        ("CVE-2019-10744", TRIVY, '["4.17.12","5.0.0"]'),
        ("CVE-2019-10744", " ".join(TRIVY.split("\n")), '["4.17.12","5.0.0"]'),
        ("CVE-2019-10744-lodash", GRYPE, "[]"),
        ("CVE-2019-10744", OSV, "[]"),
    ],
)
def test_sarif_of_scanners_names_a_package_in_its_message(rule, message, fixed) -> None:
    reports = Reports()
    key = reports.add("scanner", [], form="sarif")
    finding = {"sha256": key, "reading_seq": 1, "run_index": 0, "kind": "finding"}
    finding |= {"severity": "critical", "is_suppressed": False}
    reports.put(
        "int_reports__findings",
        finding | {"rule_id": rule, "message": message},
        # No package, or no advisory.
        finding | {"rule_id": rule, "message": "a vulnerability"},
        finding | {"rule_id": "no-eval", "message": message},
        finding | {"rule_id": None, "message": None},
    )
    columns = "vulnerability, package_name, version, severity, fixed_versions"
    assert _vulnerabilities(reports, columns) == [
        ("CVE-2019-10744", "lodash", "4.17.4", "critical", fixed)
    ]


def test_ids_in_sarif_are_aliases_too_in_any_case() -> None:
    reports = Reports()
    key = reports.add("OSV-Scanner", [], form="sarif")
    message = OSV.replace("'.", "' (also known as 'GHSA-aaaa-bbbb-cccc', 'PYSEC-2019-1').")
    finding = {"sha256": key, "reading_seq": 1, "run_index": 0, "kind": "finding"}
    finding |= {"rule_id": "CVE-2019-10744", "message": message, "is_suppressed": False}
    reports.put("int_reports__findings", finding)
    reports.add("npm audit", [_advisory("ghsa-AAAA-bbbb-cccc")])
    columns = "vulnerability, aliases, tools"
    tools = '["OSV-Scanner","npm audit"]'
    aliases = '["GHSA-aaaa-bbbb-cccc","PYSEC-2019-1"]'
    assert _vulnerabilities(reports, columns) == [("CVE-2019-10744", aliases, tools)]


def test_a_vulnerable_package_has_the_shortest_way_from_one_that_the_project_needs() -> None:
    reports = Reports()
    packages = [
        _package("shop", is_root=True, is_direct=True),
        _package("web", is_direct=True),
        _package("dev", is_direct=True, is_dev=True),
        _package("mid", is_dev=False),
        _package("deep", is_dev=False),
        _package("alone"),
    ]
    pairs = [("shop", "web"), ("web", "mid"), ("mid", "deep"), ("deep", "mid"), ("dev", "deep")]
    links = [ComponentLink(f"{one}@1.0.0", f"{other}@1.0.0") for one, other in pairs]
    reports.add("npm", [*packages, *links], form="npm-lock")
    found = [_advisory("CVE-1", name, "1.0.0") for name in ("web", "mid", "deep", "alone")]
    reports.add("npm audit", found)
    db = reports.build("int_reports__audits", "int_reports__chains", "vulnerabilities")
    rows = rows_of(
        db,
        "select package_name, is_direct, is_dev, array_to_string(chain, ' ') as chain"
        " from vulnerabilities left join int_reports__chains using (vulnerability_id) order by 1",
    )
    assert [tuple(row.values()) for row in rows] == [
        ("alone", None, None, None),
        ("deep", None, False, "dev@1.0.0 deep@1.0.0"),
        ("mid", None, False, "web@1.0.0 mid@1.0.0"),
        ("web", True, None, "web@1.0.0"),
    ]


def _audits(reports: Reports) -> list:
    columns = "project_id, is_measured, coalesce(counted, 0), tools"
    return (
        reports.build("int_reports__audits", "int_reports__chains", "vulnerabilities")
        .execute(f"select {columns} from int_reports__audits")
        .fetchall()
    )


def test_an_audit_that_skipped_everything_does_not_find_that_there_are_none() -> None:
    reports = Reports()
    reports.add("pip-audit", [], form="pip-audit", is_measured=False)
    assert _audits(reports) == [("p", False, 0, ["pip-audit"])]


def test_an_audit_without_a_vulnerability_is_one_and_an_sbom_is_not() -> None:
    reports = Reports()
    reports.add("npm audit", [], form="npm-audit")
    reports.add("npm", [_package("a")], form="cyclonedx-json", project="q")
    reports.add("Trivy", [], form="sarif", project="r")
    assert _audits(reports) == [("p", True, 0, ["npm audit"])]


@pytest.mark.parametrize(
    ("level", "is_dev", "is_suppressed", "counted"),
    [
        ("low", False, False, 0),
        ("moderate", False, False, 1),
        ("unheard-of", False, False, 1),
        ("critical", False, True, 0),
        ("high", True, False, 0),
        ("critical", True, False, 1),
    ],
)
def test_a_vulnerability_counts_by_its_severity_and_by_what_ships(
    level, is_dev, is_suppressed, counted
) -> None:
    reports = Reports()
    reports.add("npm", [_package("lodash", "4.17.4", is_dev=is_dev)], form="npm-lock")
    found = _advisory("CVE-1", level=level, is_suppressed=is_suppressed)
    reports.add("Trivy", [found], form="trivy")
    [(project, is_measured, count, _)] = _audits(reports)
    assert (project, is_measured, count) == ("p", True, counted)


# -- drift -----------------------------------------------------------------------------------------


def _drift(reports: Reports, columns: str) -> list:
    db = reports.build("int_dependencies__drift")
    return db.execute(f"select {columns} from int_dependencies__drift order by all").fetchall()


def test_projects_that_use_different_versions_of_a_package_drift() -> None:
    reports = Reports()
    direct = {"is_direct": True, "is_dev": False}
    reports.add("npm", [_package("react", "17.0.2", **direct), _package("same")], project="p")
    reports.add("npm", [_package("react", "9.9.9", **direct), _package("same")], project="q")
    reports.add("npm", [_package("react", "17.9.0", **direct)], project="r")
    columns = "project_id, package_name, version, newest_version, is_behind, is_incompatible"
    assert _drift(reports, columns) == [
        ("p", "react", "17.0.2", "17.9.0", True, False),
        ("q", "react", "9.9.9", "17.9.0", True, True),
        ("r", "react", "17.9.0", "17.9.0", False, False),
    ]


def test_a_project_drifts_by_what_it_ships_and_needs_itself() -> None:
    reports = Reports()
    needed = {"is_direct": True, "is_dev": False}
    for project, version, marks in (
        ("behind", "1.0.0", needed),
        ("compatible", "2.0.0", needed),
        ("dev", "1.0.0", needed | {"is_dev": True}),
        ("unknown", "1.0.0", needed | {"is_dev": None}),
        ("indirect", "1.0.0", needed | {"is_direct": False}),
        ("newest", "2.1.0", needed),
    ):
        reports.add("npm", [_package("react", version, **marks)], project=project)
        reports.put("int_structure__projects", {"project_id": project})
    db = reports.build("int_dependencies__drifting")
    columns = "project_id, packages, drifting[1].newest_here"
    assert db.execute(f"select {columns} from int_dependencies__drifting").fetchall() == [
        ("behind", 1, "2.1.0")
    ]


def test_two_versions_in_one_project_or_in_all_are_not_drift() -> None:
    reports = Reports()
    for project in ("p", "q"):
        both = [_package("kind", one) for one in ("3.0.0", "6.0.0")]
        reports.add("npm", [*both, _package(f"own-{project}"), both[0]], project=project)
    assert _drift(reports, "project_id") == []


@pytest.mark.parametrize(
    ("versions", "is_incompatible"),
    [
        (("0.4.1", "0.5.0"), True),
        (("0.4.1", "0.4.9"), False),
        (("1.9.0", "1.10.0"), False),
        (("2024.7.4", "2026.1.1"), None),
    ],
)
def test_versions_are_incompatible_by_the_first_number_that_is_not_0(
    versions, is_incompatible
) -> None:
    reports = Reports()
    for project, version in zip("pq", versions, strict=True):
        package = _package("x", version, ecosystem="python", is_direct=True)
        reports.add("pip", [package], project=project)
    assert _drift(reports, "project_id, is_incompatible")[0] == ("p", is_incompatible)


def test_manifests_take_part_with_exact_pins_and_show_ranges() -> None:
    reports = Reports()
    needs = {"ecosystem": "npm", "dependency_name": "react", "scope": "runtime", "is_copy": False}
    low = {"run_id": "run", "run_seq": 1}
    reports.put(
        "int_dependencies__matched",
        needs | low | {"project_id": "pinned", "specifier": "16.0.0", "accepted_versions": "b16 c"},
        needs | low | {"project_id": "range", "specifier": "^17.0.0", "accepted_versions": "b17 c"},
        needs | low | {"project_id": "p", "specifier": "^18.0.0", "accepted_versions": "b18 c"},
    )
    reports.add("npm", [_package("react", "18.2.0")], project="p")
    columns = "project_id, version, specifier, is_installed, is_behind"
    assert _drift(reports, columns) == [
        ("p", "18.2.0", "^18.0.0", True, False),
        ("pinned", "16.0.0", "16.0.0", False, True),
        ("range", None, "^17.0.0", False, None),
    ]


EMPTY = """
    test_results coverage_files sbom_components vulnerabilities int_reports__audits
    int_reports__chains int_dependencies__drift
""".split()


def test_of_several_versions_in_a_project_the_declared_one_is_not_guessed() -> None:
    reports = Reports()
    declared = {"project_id": "p", "ecosystem": "npm", "dependency_name": "kind", "is_copy": False}
    need = declared | {"specifier": "^7.0.0", "scope": "runtime", "run_id": "run", "run_seq": 1}
    reports.put("int_dependencies__matched", need, need | {"project_id": "q"})
    both = [_package("kind", "7.0.0", is_direct=True), _package("kind", "6.0.0", is_direct=False)]
    reports.add("npm", both, project="p")
    reports.add("yarn", [_package("kind", "7.0.1")], project="q")
    assert _drift(reports, "project_id, version, is_direct, newest_version") == [
        ("p", "6.0.0", False, "7.0.1"),
        ("p", "7.0.0", True, "7.0.1"),
        ("q", "7.0.1", True, "7.0.1"),
    ]


def test_a_workspace_without_reports_has_no_rows() -> None:
    db = Reports().build(*EMPTY)
    assert [db.table(name).fetchall() for name in EMPTY] == [[]] * len(EMPTY)
