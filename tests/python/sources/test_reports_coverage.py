"""Coverage reports of each tool: counts per file, paths, reports without a measurement."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable
from itertools import product
from typing import Any

import pytest

from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.reports.formats import lcov
from loaders.sources.reports.reading.coverage_facts import ranges_of
from loaders.sources.reports.reading.lcov_lines import missed_lines
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
    "go-test/1.19.8/cover.out": ("go-cover", 1, 6, 5, None, None),
    "jacoco/0.8.6/jacoco.xml": ("jacoco", 2, 12, 8, 4, 2),
    "jest/30.5.2/clover.xml": ("clover", 2, 9, 8, 5, 4),
    "jest/30.5.2/coverage-final.json": ("istanbul", 2, 9, 8, 5, 4),
    "jest/30.5.2/coverage-summary.json": ("istanbul-summary", 2, 9, 8, 5, 4),
    "jest/30.5.2/cobertura.xml": ("cobertura", 2, 9, 8, 5, 4),
    "jest/30.5.2/lcov.info": ("lcov", 2, 9, 8, 5, 4),
    "lcov/1.16/lcov.info": ("lcov", 1, 11, 8, 6, 3),
    "node-test/20.20.2/lcov.info": ("lcov", 3, 65, 57, 22, 18),
    "node-test/22.23.3/lcov.info": ("lcov", 3, 65, 57, 22, 18),
    "node-test/24.21.0/lcov.info": ("lcov", 2, 43, 35, 13, 9),
    "nyc/18.0.0/web.clover.xml": ("clover", 4, 23, 0, 18, 0),
    "nyc/18.0.0/web.coverage-final.json": ("istanbul", 4, 23, 0, 18, 0),
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
    has_lines = facts.format not in ("go-cover", "istanbul-summary")
    for one in facts.coverage if has_lines else ():
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


@pytest.mark.parametrize("block", [1 << 20, 7, 64])
def test_records_of_one_file_are_merged(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lcov, "_BLOCK", block)
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


def test_missed_lines_of_a_block_are_those_of_its_records() -> None:
    chance = random.Random(20)
    records = []
    for _ in range(60):
        count = chance.choice((0, 1, 3, 40))
        numbers = [chance.randrange(1, 60) for _ in range(count)]
        lines = [f"DA:{line},{chance.choice((0, 0, 1, 10, 100))}\n" for line in numbers]
        others = ["FNDA:0,0\n", "BRDA:3,0,0,0\n", "LH:0\n", "XDA:7,0\n", "DA:,0\n"]
        records.append("".join(["\nSF:a\n", *lines, *others]))
    text = "".join(f"{record}end_of_record" for record in records).encode()
    starts = [0]
    for record in records[:-1]:
        starts.append(starts[-1] + len(record) + len("end_of_record"))
    expected = []
    for record in records:
        missed = [int(line) for line in re.findall(r"\nDA:(\d+),0(?=\n)", record)]
        expected.append((len(missed), ranges_of(sorted(set(missed)))))
    assert missed_lines(text, starts) == expected


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


# -- the other forms ------------------------------------------------------------------------------


def test_a_block_of_go_that_several_packages_test_counts_once() -> None:
    facts = read_report(
        "mode: atomic\nexample.org/m/a.go:1.2,3.4 2 0\nexample.org/m/a.go:5.2,6.4 1 0\n"
        "mode: atomic\nexample.org/m/a.go:1.2,3.4 2 7\nexample.org/m/b.go:1.1,2.2 1 0\n"
    )
    assert [(facts.path(one), one.lines_found, one.lines_hit) for one in facts.coverage] == [
        ("example.org/m/a.go", 3, 2),
        ("example.org/m/b.go", 1, 0),
    ]
    assert {one.line_basis for one in facts.coverage} == {"statements"}
    assert [one.missing_lines for one in facts.coverage] == ["5-6", "1-2"]
    assert {one.place_kind for one in facts.paths} == {"package"}


def test_a_torn_profile_of_go() -> None:
    assert reason_of("mode: set\na.go:1.2,3.4 2 1\na.go:1.") == (
        "line 3: not a block of statements"
    )


def _jacoco(content: str) -> Facts:
    facts = read_report(
        '<!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd">'
        f'<report name="r"><sessioninfo id="x" start="1795775210784" dump="1795775214842"/>'
        f"{content}</report>"
    )
    assert facts.format == "jacoco"
    return facts


def _jacoco_file(lines: str) -> str:
    return (
        '<package name="com/x"><class name="com/x/A"><counter type="LINE" missed="9" covered="9"/>'
        f'</class><sourcefile name="A.java">{lines}<counter type="LINE" missed="1" covered="2"/>'
        '<counter type="METHOD" missed="1" covered="1"/></sourcefile></package>'
    )


def test_lines_of_jacoco_without_instructions_are_not_known() -> None:
    (one,) = _jacoco(_jacoco_file('<line nr="3"/><line nr="4"/>')).coverage
    assert (one.lines_found, one.lines_hit, one.missing_lines) == (3, 2, None)
    lines = '<line nr="3" mi="0" ci="2"/><line nr="4" mi="1" ci="0"/><line nr="5" mi="1" ci="1"/>'
    facts = _jacoco(_jacoco_file(lines))
    (one,) = facts.coverage
    assert (one.lines_found, one.lines_hit, one.missing_lines) == (3, 2, "4")
    assert (one.functions_found, one.functions_hit) == (2, 1)
    (place,) = facts.paths
    assert (place.place, place.place_kind) == ("com/x/A.java", "package")


def test_modules_of_jacoco_have_files_of_their_own() -> None:
    line = _jacoco_file('<line nr="3" mi="0" ci="2"/>')
    facts = _jacoco(f'<group name="a">{line}</group><group name="b">{line}</group>')
    assert [(one.path_given, one.bases) for one in facts.paths] == [
        ("com/x/A.java", '["a"]'),
        ("com/x/A.java", '["b"]'),
    ]


def test_clover_of_phpunit_has_lines_of_methods_that_are_no_lines() -> None:
    facts = read_report(
        '<coverage generated="1795774570"><project timestamp="1795774570"><file name="/w/A.php">'
        '<class name="A" namespace="x"><metrics methods="7" statements="7"/></class>'
        '<line num="3" type="method" name="f" count="1"/><line num="4" type="stmt" count="2"/>'
        '<line num="5" type="stmt" count="0"/><metrics loc="9" statements="2" '
        'coveredstatements="1" conditionals="0" coveredconditionals="0" methods="1" '
        'coveredmethods="1"/></file><metrics statements="2" coveredstatements="1"/>'
        "</project></coverage>"
    )
    (one,) = facts.coverage
    assert (facts.format, facts.path(one)) == ("clover", "/w/A.php")
    assert (one.lines_found, one.lines_hit, one.missing_lines) == (2, 1, "5")
    assert (one.functions_found, one.functions_hit) == (1, 1)
    assert facts.runs[0].stated_totals == '{"statements": 2, "coveredstatements": 1}'


def test_a_percentage_that_is_a_word() -> None:
    count = {"total": 2, "covered": 1, "skipped": 0, "pct": 50}
    one = dict.fromkeys(("lines", "statements", "functions", "branches"), count)
    unknown = {"total": 0, "covered": 0, "skipped": 0, "pct": "Unknown"}
    facts = read_report(json.dumps({"total": one | {"branchesTrue": unknown}, "/w/a.js": one}))
    assert (facts.format, [facts.path(one) for one in facts.coverage]) == (
        "istanbul-summary",
        ["/w/a.js"],
    )


def test_statements_of_one_line_are_one_line() -> None:
    place = {"start": {"line": 3, "column": 0}, "end": {"line": 3, "column": 9}}
    one = {
        "path": "/w/a.js",
        "statementMap": {"0": place, "1": place, "2": {"start": {"line": 9}, "end": {}}},
        "fnMap": {},
        "branchMap": {},
        "s": {"0": 0, "1": 2, "2": 0},
        "f": {},
        "b": {"0": [0, 4]},
    }
    facts = read_report(json.dumps({"/w/a.js": one}))
    (found,) = facts.coverage
    assert (found.lines_found, found.lines_hit, found.missing_lines) == (2, 1, "9")
    assert (found.branches_found, found.branches_hit) == (2, 1)
    assert (found.functions_found, found.functions_hit) == (0, 0)
    genuine = json.dumps({"/w/a.js": one})
    news = ("null", "[]", "{}", '"x"', "-1", "1e400", "true", "9e15")
    _check_mutations(genuine, "istanbul", ("3", "[0, 4]", "{}", '{"0": [', "9"), news)


def _llvm(**one: Any) -> dict[str, Any]:
    summary = {name: {"count": 4, "covered": 2, "percent": 50} for name in ("lines", "functions")}
    files = [{"filename": "/w/src/lib.rs", "summary": summary} | one]
    data = [{"files": files, "functions": [], "totals": summary}]
    return {"data": data, "type": "llvm.coverage.json.export", "version": "2.0.1"}


def test_lines_of_llvm_that_were_not_executed() -> None:
    segments = [
        [1, 10, 3, True, True, False],  # fn main() {
        [3, 8, 0, True, True, False],  #   if x {  (not executed)
        [5, 6, 3, True, False, False],  #   }  (its beginning belongs to the block)
        [7, 2, 0, False, False, False],  # }
        [9, 1, 0, True, True, False],  # fn never() {
        [10, 2, 0, False, False, False],
    ]
    facts = read_report(json.dumps(_llvm(segments=segments)))
    (one,) = facts.coverage
    assert (facts.format, facts.path(one), one.missing_lines) == (
        "llvm-cov",
        "/w/src/lib.rs",
        "4-5 9-10",
    )
    assert (one.lines_found, one.lines_hit, one.branches_found, one.functions_hit) == (
        4,
        2,
        None,
        2,
    )
    (one,) = read_report(json.dumps(_llvm())).coverage
    assert one.missing_lines is None, "a summary has no lines"
    genuine = json.dumps(_llvm(segments=segments))
    olds = ("[3, 8", "[7, 2, 0, false", "4", '"/w/src/lib.rs"', "[[1")
    news = ("null", "[]", '"x"', "-1", "[[9e9", "true", "[3", "1e400")
    _check_mutations(genuine, "llvm-cov", olds, news)


def test_gcovr_json_of_lines_and_of_a_summary() -> None:
    line = {"line_number": 3, "count": 0, "branches": [{"count": 1}, {"count": 0}]}
    more = [
        {"line_number": 4, "count": 2, "branches": []},
        {"line_number": 5, "gcovr/noncode": True},
    ]
    functions = [{"name": "f", "lineno": 3, "execution_count": 0}]
    one = {"file": "src/a.c", "lines": [line, *more], "functions": functions}
    (found,) = read_report(json.dumps({"files": [one], "gcovr/format_version": "0.11"})).coverage
    assert (found.lines_found, found.lines_hit, found.missing_lines) == (2, 1, "3")
    assert (found.branches_found, found.branches_hit, found.functions_found) == (2, 1, 1)
    summary = {"filename": "src/a.c", "line_total": 4, "line_covered": 1, "branch_total": 2}
    facts = read_report(
        json.dumps({"gcovr/summary_format_version": "0.6", "files": [summary], "line_total": 4})
    )
    (found,) = facts.coverage
    assert (found.lines_found, found.lines_hit, found.functions_found) == (4, 1, None)
    assert facts.runs[0].stated_totals == '{"line_total": 4}'


def test_simplecov_of_two_commands() -> None:
    branches = {"[:if, 0, 1, 2, 3, 4]": {"[:then, 1]": 2, "[:else, 2]": 0}}
    sets = {
        "RSpec": {
            "coverage": {"/w/lib/a.rb": {"lines": [1, None, 0, 3], "branches": branches}},
            "timestamp": 1795774513,
        },
        "Cucumber": {"coverage": {"/w/lib/a.rb": [0, None, 1]}, "timestamp": 1795774513},
    }
    facts = read_report(json.dumps(sets))
    assert [(run.category, str(run.ended_at)) for run in facts.runs] == [
        ("RSpec", "2026-11-27 10:15:13"),
        ("Cucumber", "2026-11-27 10:15:13"),
    ]
    first, second = facts.coverage
    assert (first.lines_found, first.lines_hit, first.missing_lines) == (3, 2, "3")
    assert (first.branches_found, first.branches_hit) == (2, 1)
    assert (second.lines_found, second.branches_found) == (2, None)


def test_the_last_run_of_simplecov_is_known_by_its_name() -> None:
    content = json.dumps({"result": {"line": 95.5, "branch": 80.0}})
    (run,) = read_report(content, ".last_run.json").runs
    assert run.stated_totals == '{"branch": 80.0, "line": 95.5}'
    assert read_report(content, "result.json").format is None


def test_opencover_with_several_files_in_a_method() -> None:
    points = (
        '<SequencePoint vc="2" sl="10" el="12" fileid="1"/><SequencePoint vc="0" sl="20" el="20" '
        'fileid="1"/><SequencePoint vc="0" sl="5" fileid="2"/>'
    )
    facts = read_report(
        "<CoverageSession><Summary numSequencePoints='9'/><Modules><Module><Files>"
        "<File uid='1' fullPath='C:\\w\\A.cs'/><File uid='2' fullPath='C:\\w\\A.g.cs'/></Files>"
        f"<Classes><Class><Methods><Method><FileRef uid='1'/><SequencePoints>{points}"
        "</SequencePoints><BranchPoints><BranchPoint vc='1'/><BranchPoint vc='0'/></BranchPoints>"
        "</Method></Methods></Class></Classes></Module></Modules></CoverageSession>"
    )
    first, second = facts.coverage
    assert (facts.format, facts.paths[0].place) == ("opencover", "c:/w/a.cs")
    assert (first.lines_found, first.lines_hit, first.missing_lines) == (4, 3, "20")
    assert (first.branches_found, first.branches_hit, first.functions_hit) == (2, 1, 1)
    assert (second.lines_found, second.functions_found) == (1, None)


def test_dotcover_and_the_generic_form_of_sonarqube() -> None:
    dot = read_report(
        '<Root CoveredStatements="1" TotalStatements="2" DotCoverVersion="2024.1"><FileIndices>'
        '<File Index="1" Name="/w/A.cs"/></FileIndices><Assembly><Statement FileIndex="1" Line="3" '
        'EndLine="4" Covered="True"/><Statement FileIndex="1" Line="9" Covered="False"/></Assembly>'
        "</Root>"
    )
    sonar = read_report(
        '<coverage version="1"><file path="/w/A.cs"><lineToCover lineNumber="3" covered="true"/>'
        '<lineToCover lineNumber="4" covered="true"/><lineToCover lineNumber="9" covered="false" '
        'branchesToCover="2" coveredBranches="1"/></file></coverage>'
    )
    for facts in (dot, sonar):
        (one,) = facts.coverage
        assert (one.lines_found, one.lines_hit, one.missing_lines) == (3, 2, "9")
    assert (dot.runs[0].tool_version, sonar.coverage[0].branches_hit) == ("2024.1", 1)


_GENUINE_XML = {
    "cobertura": (
        '<coverage line-rate="0.5" branches-valid="2" timestamp="1795774513"><sources><source>/w'
        '</source></sources><packages><package name="p"><classes><class name="c" filename="a.c">'
        '<methods><method name="m" hits="1"/></methods><lines><line number="4" hits="1" '
        'branch="true" condition-coverage="50% (1/2)"/></lines></class></classes></package>'
        "</packages></coverage>"
    ),
    "clover": (
        '<coverage generated="1795774513"><project><file path="/w/a.js"><line num="4" count="1" '
        'type="stmt"/><metrics statements="4" coveredstatements="1" conditionals="1" '
        'coveredconditionals="1" methods="1" coveredmethods="1"/></file></project></coverage>'
    ),
    "jacoco": (
        '<report name="r"><sessioninfo start="1795774513000" dump="1795774513000"/><package '
        'name="p"><sourcefile name="A.java"><line nr="4" mi="1" ci="1"/><counter type="LINE" '
        'missed="1" covered="1"/></sourcefile></package></report>'
    ),
    "opencover": (
        '<CoverageSession><Modules><Module><Files><File uid="1" fullPath="/w/A.cs"/></Files>'
        '<Classes><Class><Methods><Method><FileRef uid="1"/><SequencePoints><SequencePoint vc="1" '
        'sl="4" el="4"/></SequencePoints></Method></Methods></Class></Classes></Module></Modules>'
        "</CoverageSession>"
    ),
    "dotcover": (
        '<Root CoveredStatements="1"><File Index="1" Name="/w/A.cs"/><Statement FileIndex="1" '
        'Line="4" EndLine="4" Covered="True"/></Root>'
    ),
    "sonarqube-coverage": (
        '<coverage version="1"><file path="/w/a.c"><lineToCover lineNumber="4" covered="true" '
        'branchesToCover="1" coveredBranches="1"/></file></coverage>'
    ),
}


@pytest.mark.parametrize("form", _GENUINE_XML)
def test_mutations_of_xml_raise_nothing_but_invalid(form: str) -> None:
    genuine = _GENUINE_XML[form]
    assert read_report(genuine).format == form
    for cut in range(20):
        assert "at line" in reason_of(genuine[: cut * len(genuine) // 20], form=form)
    news = ('""', '"-1"', '"NaN"', '"1e999"', f'"{"9" * 30}"', '"x"', '"\u202e"')
    _check_mutations(genuine, form, ('"1"', '"4"'), news)
    bomb = f'<!DOCTYPE x [<!ENTITY a "b">]>{genuine}'
    assert "declarations of its own" in reason_of(bomb, form=form)
