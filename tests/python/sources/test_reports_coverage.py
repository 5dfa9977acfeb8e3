"""Coverage reports of each tool: counts per file, paths, and what is not a measurement."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import product
from typing import Any

import pytest

from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.reports.reading.coverage_facts import ranges_of
from loaders.sources.reports.reading.report_facts import FileCoverage
from tests.python.support.read_reports import (
    SHARED_REPORTS,
    Facts,
    needs_shared_reports,
    read_report,
    reason_of,
)

# Report → files, lines, lines hit, branches, branches hit: counted in the text of the reports, and
# equal to the totals that the tools print where they print any. None: not measured.
_COUNTED: dict[str, tuple[str, int, int, int, int | None, int | None]] = {
    "coverage.py/7.10.7/proj-branch.json": ("coverage-py-json", 6, 45, 25, 10, 4),
    "coverage.py/7.10.7/proj-branch.lcov": ("lcov", 6, 45, 25, 10, 4),
    "coverage.py/7.10.7/proj-branch.xml": ("cobertura", 6, 45, 25, 10, 4),
    "coverage.py/7.17.5/from-subfolder.json": ("coverage-py-json", 6, 45, 0, None, None),
    "coverage.py/7.17.5/from-subfolder.lcov": ("lcov", 6, 45, 0, None, None),
    "coverage.py/7.17.5/from-subfolder.xml": ("cobertura", 6, 45, 0, None, None),
    "coverage.py/7.17.5/proj-branch.json": ("coverage-py-json", 6, 45, 25, 10, 4),
    "coverage.py/7.17.5/proj-branch.lcov": ("lcov", 6, 45, 25, 10, 4),
    "coverage.py/7.17.5/proj-branch.xml": ("cobertura", 6, 45, 25, 10, 4),
    "coverage.py/7.17.5/proj-line.json": ("coverage-py-json", 6, 45, 25, None, None),
    "coverage.py/7.17.5/proj-line.lcov": ("lcov", 6, 45, 25, None, None),
    "coverage.py/7.17.5/proj-line.xml": ("cobertura", 6, 45, 25, None, None),
    "coverage.py/7.17.5/proj-relative-files.xml": ("cobertura", 6, 45, 25, None, None),
    "coverage.py/7.17.5/proj-source-in-config.lcov": ("lcov", 6, 45, 25, 10, 4),
    "coverage.py/7.17.5/proj-source-in-config.xml": ("cobertura", 6, 45, 25, 10, 4),
    "coverage.py/7.17.5/shop-two-sources-in-config.xml": ("cobertura", 7, 116, 89, 20, 15),
    "coverage.py/7.17.5/shop-two-sources.xml": ("cobertura", 7, 116, 89, 20, 15),
    "coverage.py/7.5.4/proj-branch.json": ("coverage-py-json", 6, 45, 25, 12, 4),
    "coverage.py/7.5.4/proj-branch.lcov": ("lcov", 6, 45, 25, 12, 4),
    "coverage.py/7.5.4/proj-branch.xml": ("cobertura", 6, 45, 25, 12, 4),
    "jest/30.5.2/cobertura.xml": ("cobertura", 2, 9, 8, 5, 4),
    "jest/30.5.2/lcov.info": ("lcov", 2, 9, 8, 5, 4),
    "lcov/1.16/lcov.info": ("lcov", 1, 11, 8, 6, 3),
    "node-test/20.20.2/lcov.info": ("lcov", 3, 65, 57, 22, 18),
    "node-test/22.23.3/lcov.info": ("lcov", 3, 65, 57, 22, 18),
    "node-test/24.21.0/lcov.info": ("lcov", 2, 43, 35, 13, 9),
    "nyc/18.0.0/web.cobertura.xml": ("cobertura", 4, 23, 0, 17, 0),
    "nyc/18.0.0/web.lcov": ("lcov", 4, 23, 0, 18, 0),
    "pytest-cov/7.1.0/proj-cov-src.xml": ("cobertura", 6, 45, 25, None, None),
    "pytest-cov/7.1.0/shop-cov-nosource.xml": ("cobertura", 6, 102, 89, 16, 15),
    "pytest-cov/7.1.0/shop-cov-shop.xml": ("cobertura", 5, 66, 41, 18, 13),
    "pytest-cov/7.1.0/shop.json": ("coverage-py-json", 5, 66, 41, 18, 13),
    "pytest-cov/7.1.0/shop.lcov": ("lcov", 5, 66, 41, 18, 13),
}


def _sum(facts: Facts, column: str) -> int | None:
    values = [getattr(one, column) for one in facts.coverage]
    return None if all(value is None for value in values) else sum(filter(None, values))


@needs_shared_reports
@pytest.mark.parametrize("report", _COUNTED)
def test_counts_are_those_of_the_report(report: str) -> None:
    facts = read_report(SHARED_REPORTS / report)
    assert not facts.faults()
    assert (
        facts.format,
        len(facts.coverage),
        _sum(facts, "lines_found"),
        _sum(facts, "lines_hit"),
        _sum(facts, "branches_found"),
        _sum(facts, "branches_hit"),
    ) == _COUNTED[report]
    for one in facts.coverage:
        assert one.missing_lines is not None
        missing = sum(len(_lines_of(part)) for part in one.missing_lines.split())
        assert missing == (one.lines_found or 0) - (one.lines_hit or 0)
    has_hits = bool(_sum(facts, "lines_hit"))
    assert facts.runs[0].is_measured is has_hits


def _lines_of(part: str) -> range:
    first, _, last = part.partition("-")
    return range(int(first), int(last or first) + 1)


@needs_shared_reports
@pytest.mark.parametrize(
    ("report", "path", "bases"),
    [
        # coverage run --source=src: the flag is not kept for the report.
        ("proj-branch.xml", "src/app.py", ["/home/dev/work/proj"]),
        ("proj-source-in-config.xml", "app.py", ["/home/dev/work/proj/src"]),
        ("proj-relative-files.xml", "app.py", ["src"]),
        ("from-subfolder.xml", "/home/dev/work/proj/src/app.py", None),
        (
            "shop-two-sources-in-config.xml",
            "shop/cart.py",
            ["/home/dev/work/shop/src", "/home/dev/work/shop/tests"],
        ),
    ],
)
def test_sources_of_cobertura_are_bases_of_its_paths(
    report: str, path: str, bases: list[str] | None
) -> None:
    facts = read_report(SHARED_REPORTS / "coverage.py/7.17.5" / report)
    (place,) = [one for one in facts.paths if one.path_given == path]
    assert (json.loads(place.bases) if place.bases else None) == bases


def test_ranges_of_lines() -> None:
    assert ranges_of([]) == ""
    assert ranges_of([3, 4, 5, 9, 11, 12]) == "3-5 9 11-12"


# -- LCOV -----------------------------------------------------------------------------------------


def _lcov(text: str) -> list[tuple[str | None, FileCoverage]]:
    facts = read_report(text)
    assert facts.format == "lcov"
    return [(facts.path(one), one) for one in facts.coverage]


def test_an_empty_file_in_lcov_has_no_lines_and_the_others_are_read() -> None:
    ((path, empty), (_, other)) = _lcov("SF:a.py\nend_of_record\nSF:b.py\nDA:1,0\nend_of_record\n")
    assert (path, empty.lines_found, empty.lines_hit, empty.missing_lines) == ("a.py", 0, 0, "")
    assert (other.lines_found, other.missing_lines) == (1, "1")


def test_lines_are_counted_if_lcov_does_not_state_them_or_states_nonsense() -> None:
    for stated in ("", "LF:1\nLH:5\n", "LF:x\nLH:2\n", "LF:3\n"):
        ((_, one),) = _lcov(f"TN:\nSF:/w/a.c\nDA:3,1\nDA:4,0\nDA:5,2\n{stated}end_of_record\n")
        assert (one.lines_found, one.lines_hit, one.missing_lines) == (3, 2, "4")


def test_branches_between_lines_and_checksums_of_lines() -> None:
    ((_, one),) = _lcov(
        "SF:a.c\nDA:4,1,abc\nBRDA:4,0,0,-\nBRDA:4,0,jump to line 9,1\nDA:5,0,x,0\nBRDA:5,0,0,0\n"
        "DA:6,10,0\nend_of_record\n"
    )
    assert (one.lines_found, one.lines_hit, one.missing_lines) == (3, 2, "5")
    assert (one.branches_found, one.branches_hit) == (3, 1)


def test_functions_of_old_and_new_lcov() -> None:
    old = "FN:1,3,a\nFN:4,b\nFNDA:10,a\nFNDA:0,b\n"
    new = "FNL:0,1,3\nFNA:0,0,a\nFNA:0,2,alias\nFNL:1,4\nFNA:1,0,b\n"
    for functions in (old, new):
        ((_, one),) = _lcov(f"SF:a.c\n{functions}DA:1,1\nend_of_record\n")
        assert (one.functions_found, one.functions_hit) == (2, 1)


def test_records_of_one_file_are_merged() -> None:
    ((path, one), (_, other)) = sorted(
        _lcov(
            "TN:one\nSF:a.c\nFNF:2\nFNH:1\nDA:1,1\nDA:2,0\nDA:3,0\nLF:3\nLH:1\nend_of_record\n"
            "TN:two\nSF:b.c\nDA:1,1\nend_of_record\n"
            "TN:two\nSF:a.c\nFNF:2\nFNH:2\nDA:1,0\nDA:2,7\nDA:9,0\nLF:3\nLH:1\nend_of_record\n"
        ),
        key=lambda pair: str(pair[0]),
    )
    assert (path, one.lines_found, one.lines_hit, one.missing_lines) == ("a.c", 4, 2, "3 9")
    assert (one.functions_found, one.functions_hit, other.lines_found) == (2, 2, 1)


def test_lcov_of_windows() -> None:
    ((path, one),) = _lcov(
        "TN:\r\nSF:src\\a.js\r\nDA:1,0\r\nDA:2,1\r\nLF:2\r\nLH:1\r\nend_of_record\r\n"
    )
    assert (path, one.lines_found, one.lines_hit, one.missing_lines) == ("src\\a.js", 2, 1, "1")


def test_lines_in_any_order() -> None:
    ((_, one),) = _lcov("SF:a.py\nDA:9,0\nDA:1,1\nDA:3,0\nDA:2,0\nDA:3,0\nend_of_record\n")
    assert one.missing_lines == "2-3 9"


def test_every_physical_line_is_a_line_for_v8() -> None:
    lines = "".join(f"DA:{line},1\n" for line in range(1, 36))
    whole, short = (
        f"SF:a.js\n{lines}LF:35\nLH:35\nend_of_record\n",
        "SF:b.js\nDA:1,1\nDA:2,1\nend_of_record\n",
    )
    assert [one.line_basis for _, one in _lcov(whole + short)] == ["physical", "physical"]
    assert [one.line_basis for _, one in _lcov(short)] == ["lines"], "it says nothing"
    gap = whole.replace("DA:7,1\n", "").replace("F:35", "F:34").replace("H:35", "H:34")
    assert [one.line_basis for _, one in _lcov(gap + short)] == ["lines", "lines"]


_LCOV = (
    "TN:x\nSF:a.c\nFN:1,2,f\nFNDA:1,f\nFNF:1\nFNH:1\nDA:1,1\nDA:2,0\nLF:2\nLH:1\nBRDA:1,0,0,1\n"
    "BRDA:1,0,1,-\nBRF:2\nBRH:1\nend_of_record\nSF:b.c\nDA:1,0\nend_of_record\n"
)


def _check_mutations(content: str, form: str, olds: Iterable[str], news: Iterable[str]) -> None:
    """Check that mutations of a report land rows that keep the rules, or are Invalid."""
    for old, new in product(olds, news):
        assert old in content
        try:
            facts = read_report(content.replace(old, new, 1), form=form)
        except Invalid:
            continue
        counts = [value for one in facts.coverage for value in one if isinstance(value, int)]
        assert all(0 <= count < 1 << 53 for count in counts)


def test_mutations_of_lcov_raise_nothing_but_invalid() -> None:
    for cut in range(0, len(_LCOV), 7):
        reason = reason_of(_LCOV[:cut], form="lcov")
        assert reason in ("", "it ends in the middle of a record", "a record of 0 files")
    olds = ("1,1", "2,0", "LF:2", "LH:1", "a.c", "BRF:2", "FNF:1", "end_of_record", "SF:")
    news = ("", "-1", "9" * 400, "x,0", ",0", "\0", "ä", "NaN", "SF:", "\nDA:", "1e9")
    _check_mutations(_LCOV, "lcov", olds, news)
    assert reason_of("SF:a\nSF:b\nend_of_record\n", form="lcov") == "a record of 2 files"
    assert not reason_of(_LCOV.encode().replace(b"a.c", b"gr\xf6\xdfe.c"), form="lcov")


# -- coverage.py and Cobertura --------------------------------------------------------------------


def _cobertura(classes: str, root: str = "", sources: str = "") -> Facts:
    facts = read_report(
        '<?xml version="1.0"?><!DOCTYPE coverage SYSTEM '
        '"http://cobertura.sourceforge.net/xml/coverage-04.dtd">'
        f'<coverage line-rate="0.5" {root}><sources>{sources}</sources><packages><package name="p">'
        f"<classes>{classes}</classes></package></packages></coverage>"
    )
    assert facts.format == "cobertura"
    return facts


def _class(filename: str, lines: str, methods: str = "", name: str = "c") -> str:
    return (
        f'<class name="{name}" filename="{filename}"><methods>{methods}</methods>'
        f"<lines>{lines}</lines></class>"
    )


def test_classes_of_one_file_are_one_file() -> None:
    method = '<method name="m"><lines><line number="{0}" hits="{1}"/></lines></method>'
    facts = _cobertura(
        _class("A.java", '<line number="3" hits="1"/>', method.format(3, 1))
        + _class("B.java", '<line number="1" hits="0"/>')
        + _class("A.java", '<line number="9" hits="0"/>', method.format(9, 0), "A$Inner")
    )
    assert [(facts.path(one), one.lines_found, one.lines_hit) for one in facts.coverage] == [
        ("A.java", 2, 1),
        ("B.java", 1, 0),
    ]
    assert (facts.coverage[0].functions_found, facts.coverage[0].functions_hit) == (2, 1)


def test_lines_of_methods_are_not_counted_twice() -> None:
    method = '<method name="m" hits="0"><lines><line number="4" hits="2"/></lines></method>'
    facts = _cobertura(_class("a.js", '<line number="5" hits="1"/>', method))
    one = facts.coverage[0]
    assert (one.lines_found, one.functions_found, one.functions_hit) == (1, 1, 0)


def test_conditions_are_branches_unless_the_report_measures_none() -> None:
    line = '<line number="5" hits="1" branch="true" condition-coverage="50% (1/2)"/>'
    for root, branches in (('branches-valid="2"', 2), ("", 2), ('branches-valid="0"', None)):
        (one,) = _cobertura(_class("a.py", line), root).coverage
        assert one.branches_found == branches


def test_absurd_values_of_cobertura_cost_the_value() -> None:
    lines = "".join(
        f'<line number="{number}" hits="{hits}"/>'
        for number, hits in (
            (1, "1e3"),
            (2, "x"),
            (-3, 1),
            (0, 1),
            ("", 1),
            ("9" * 30, 1),
            (7, "nan"),
            (8, "1" * 400),
        )
    )
    (one,) = _cobertura(_class("a.c", lines), 'timestamp="99999999999999999999"').coverage
    assert (one.lines_found, one.lines_hit, one.missing_lines) == (4, 2, "2 7")


def test_times_of_cobertura_are_seconds_or_milliseconds() -> None:
    line = _class("a.c", '<line number="1" hits="1"/>')
    moments = {
        str(_cobertura(line, f'timestamp="{stamp}"').runs[0].ended_at)
        for stamp in ("1795774513", "1795774513000")
    }
    assert moments == {"2026-11-27 10:15:13"}


def test_tools_that_cobertura_shows() -> None:
    line = '<line number="1" hits="1"/>'
    for filename, version, tool in (
        ("a.py", "7.10.7", ("coverage.py", "7.10.7")),
        ("a.c", "gcovr 8.8", ("gcovr", "8.8")),
        ("a.js", "0.1", ("istanbul", None)),
        ("A.cs", "1.9", (None, "1.9")),
    ):
        (run,) = _cobertura(_class(filename, line), f'version="{version}"').runs
        assert (run.tool_name, run.tool_version) == tool


def test_a_report_in_which_nothing_ran_is_not_a_measurement() -> None:
    (run,) = _cobertura(_class("a.js", '<line number="1" hits="0"/>')).runs
    assert (run.is_measured, run.unmeasured_reason) == (False, "no line of any file was executed")
    (run,) = _cobertura("").runs
    assert (run.is_measured, run.unmeasured_reason) == (False, "no file was measured")
    (run,) = _cobertura(_class("a.py", "") + _class("b.py", '<line number="1" hits="1"/>')).runs
    assert run.is_measured
    # Files without lines are not evidence: nothing in them could run.
    (run,) = _cobertura(_class("__init__.py", "")).runs
    assert run.is_measured


def _coverage_py(**one: Any) -> dict[str, Any]:
    summary = {"covered_lines": 1, "num_statements": 3}
    return {
        "meta": {"version": "7.5.4", "timestamp": "2026-11-27T10:15:06", "branch_coverage": False},
        "files": {
            "a.py": {"executed_lines": [1], "summary": summary, "missing_lines": [2, 3]} | one
        },
        "totals": summary,
    }


def test_the_older_form_of_coverage_py_has_no_functions() -> None:
    facts = read_report(json.dumps(_coverage_py()))
    (one,) = facts.coverage
    assert facts.format == "coverage-py-json"
    assert (one.lines_found, one.lines_hit, one.missing_lines) == (3, 1, "2-3")
    assert (one.branches_found, one.functions_found) == (None, None)
    assert facts.runs[0].ended_at is None, "its time has no zone"
    functions = {"": {"summary": {"covered_lines": 1}}, "f": {"summary": {"covered_lines": 0}}}
    (one,) = read_report(json.dumps(_coverage_py(functions=functions))).coverage
    assert (one.functions_found, one.functions_hit) == (1, 0)


def test_mutations_of_coverage_py_raise_nothing_but_invalid() -> None:
    genuine = json.dumps(_coverage_py(functions={"f": {"summary": {"covered_lines": 0}}}))
    for cut in range(20):
        assert reason_of(genuine[: cut * len(genuine) // 20], form="coverage-py-json")
    olds = ("[2, 3]", "3", '"7.5.4"', "false", '"2026-11-27T10:15:06"', '{"covered_lines": 0}')
    news = ("null", "[]", "{}", '"x"', "-1", "1e400", "NaN", "9e15", "[[]]", "true")
    _check_mutations(genuine, "coverage-py-json", olds, news)
