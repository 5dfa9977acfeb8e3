"""Reports of linters and scanners in formats of their own land as the tools print them for people.

The expectations are counted in the tools' other outputs: text, CSV, the summaries of the reports.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.python.support.read_reports import (
    SHARED_REPORTS,
    Facts,
    needs_shared_reports,
    read_report,
)


@dataclass(frozen=True)
class Right:
    """The right counts of a report: findings by level; errors, suppressed and passed ones."""

    report: str
    format: str
    levels: dict[str | None, int]
    files: int  # with at least one finding
    errors: int = 0
    suppressed: int = 0
    passed: int = 0
    tool: str | None = None
    version: str | None = None


_RIGHT = (
    # 13 lines of shop.csv, by issue_severity.
    Right("bandit/1.9.4/shop.json", "bandit", {"HIGH": 2, "MEDIUM": 5, "LOW": 6}, 3, tool="bandit"),
    Right(
        "bandit/1.9.4/shop.csv", "bandit-csv", {"HIGH": 2, "MEDIUM": 5, "LOW": 6}, 3, tool="bandit"
    ),
    # errorCount 4 and warningCount 4 in all; one is fatal, one more is suppressed.
    Right(
        "eslint/9.39.5/shop-web.json",
        "eslint",
        {"error": 5, "warning": 4},
        4,
        errors=1,
        suppressed=1,
        tool="eslint",
    ),
    # "Found 16 errors in 3 files" in shop.txt; a note is a hint of the error before it.
    Right("mypy/2.4.1/shop.jsonl", "mypy", {"error": 16}, 3, tool="mypy"),
    Right("mypy/2.4.1/typed.jsonl", "mypy", {"error": 3}, 1, tool="mypy"),
    # Lines of proj.github; messageTypeCount of json2.
    Right(
        "pylint/4.1.4/proj.json",
        "pylint",
        {"error": 1, "warning": 10, "convention": 11},
        1,
        tool="pylint",
    ),
    Right(
        "pylint/4.1.4/proj.json2.json",
        "pylint-json2",
        {"error": 1, "warning": 10, "convention": 11},
        1,
        tool="pylint",
    ),
    # errorCount of its summary.
    Right(
        "pyright/1.1.414/typed.json", "pyright", {"error": 3}, 1, tool="pyright", version="1.1.414"
    ),
    # "Found 30 errors." in shop.grouped, below 5 files.
    Right("ruff/0.17.6/shop.json", "ruff", {"error": 30}, 5, tool="ruff"),
    Right("ruff/0.17.6/shop.json-lines", "ruff-lines", {"error": 30}, 5, tool="ruff"),
    Right("ruff/0.17.6/shop.rdjson", "rdjson", {"WARNING": 30}, 5, tool="ruff"),
    Right("ruff/0.17.6/shop.gitlab", "gitlab-code-quality", {"major": 30}, 5),
    # The same 30 as text; "grouped" and "pylint" have no level.
    Right("ruff/0.17.6/shop.grouped", "ruff-grouped", {None: 30}, 5, tool="ruff"),
    Right("ruff/0.17.6/shop.github", "github-annotations", {"error": 30}, 5, tool="ruff"),
    Right("ruff/0.17.6/shop.azure", "azure-annotations", {"error": 30}, 5),
    Right("ruff/0.17.6/shop.pylint", "pylint-lines", {None: 30}, 5),
    Right("mypy/2.4.1/shop.txt", "compiler-lines", {"error": 16}, 3, tool="mypy"),
    Right(
        "pylint/4.1.4/proj.github",
        "github-annotations",
        {"error": 1, "warning": 10, "notice": 11},
        1,
        tool="pylint",
    ),
    Right(
        "shellcheck/0.9.0/run.gcc.txt",
        "compiler-lines",
        {"error": 3, "warning": 3, "note": 4},
        2,
        errors=2,
        tool="shellcheck",
    ),
    # Checkstyle has no level style.
    *(
        Right(
            f"shellcheck/{version}/run.checkstyle.xml",
            "checkstyle",
            {"error": 3, "warning": 3, "info": 4},
            2,
            errors=2,
            tool="shellcheck",
        )
        for version in ("0.9.0", "0.11.0")
    ),
    # "failed" of its summaries, 4 and 20; it ran quietly: no other check is listed.
    Right(
        "checkov/3.3.30/infra.json",
        "checkov",
        {None: 24},
        3,
        tool="checkov",
        version="3.3.30",
    ),
    # Two licences without a text, and one file without either information.
    Right("reuse/6.2.0/lint.json", "reuse", {None: 4}, 1, tool="reuse", version="6.2.0"),
    # 3 failures of the rule invalid-syntax in syntax-error.junit.
    Right("ruff/0.17.6/syntax-error.json", "ruff", {"error": 9}, 2, errors=3, tool="ruff"),
    # One secret of shop by two detectors; the note on the file that is not added in
    # untracked-in-git.json.
    Right(
        "credsweeper/1.19.5/shop.json", "credsweeper", {"low": 1, "high": 1}, 1, tool="credsweeper"
    ),
    Right(
        "detect-secrets/1.5.0/shop.baseline.json",
        "detect-secrets",
        {None: 2},
        2,
        tool="detect-secrets",
        version="1.5.0",
    ),
    Right(
        "detect-secrets/1.5.0/untracked-in-git.json",
        "detect-secrets",
        {},
        0,
        tool="detect-secrets",
        version="1.5.0",
    ),
    # 15 rules, one of which is for a file, and "semgrep not found".
    Right(
        "njsscan/1.0.2/njsscan.json",
        "njsscan",
        {"INFO": 14, "ERROR": 1, None: 1},
        1,
        errors=1,
        tool="njsscan",
        version="1.0.2",
    ),
    # 5 test cases of proj.junit.xml by the type of their failure.
    Right(
        "semgrep/1.185.0/proj.json",
        "semgrep",
        {"INFO": 1, "WARNING": 1, "CRITICAL": 2, "ERROR": 1},
        1,
        tool="semgrep",
        version="1.185.0",
    ),
    Right(
        "semgrep/1.185.0/proj.gitlab-sast.json",
        "gitlab-security",
        {"Info": 1, "Medium": 1, "Critical": 2, "High": 1},
        1,
        tool="Semgrep",
        version="1.185.0",
    ),
    # Lines of run.gcc.txt, which has info and style as notes; two say that a script is broken.
    *(
        Right(
            report,
            form,
            {"error": 3, "warning": 3, "info": 2, "style": 2},
            2,
            errors=2,
            tool="shellcheck",
        )
        for report, form in (
            ("shellcheck/0.9.0/run.json", "shellcheck"),
            ("shellcheck/0.9.0/run.json1", "shellcheck-json1"),
            ("shellcheck/0.11.0/run.json1", "shellcheck-json1"),
        )
    ),
)


def facts_of(report: str) -> Facts:
    return read_report(SHARED_REPORTS / report)


@needs_shared_reports
@pytest.mark.parametrize("right", _RIGHT, ids=lambda right: right.report)
def test_reports_land_as_the_tool_counts(right: Right) -> None:
    facts = facts_of(right.report)
    kinds = facts.count("findings", "kind")
    run = facts.runs[-1]
    assert (
        Right(
            right.report,
            facts.format or "",
            facts.count("findings", "level"),
            len({facts.path(one) for one in facts.findings} - {None}),
            kinds.get("error", 0),
            facts.count("findings", "is_suppressed").get(True, 0),
            kinds.get("pass", 0),
            run.tool_name,
            run.tool_version,
        )
        == right
    )
    assert not facts.faults()


# -- place by place, as the tool's text has them ---------------------------------------------------

Spot = tuple[str | None, int | None, int | None, str | None]


def _spots(report: str) -> list[Spot]:
    facts = facts_of(report)
    return sorted(
        ((facts.path(one) or "").rpartition("/")[2], one.start_line, one.start_column, one.rule_id)
        for one in facts.findings
    )


def _matches(report: str, pattern: str) -> Iterator[re.Match[str]]:
    text = (SHARED_REPORTS / report).read_text(encoding="utf-8")
    return re.finditer(pattern, text, re.MULTILINE)


def _name(path: str) -> str:
    return path.rpartition("/")[2]


@needs_shared_reports
@pytest.mark.parametrize("report", ["shop.json", "shop.json-lines", "shop.azure", "shop.grouped"])
def test_ruff_places_are_those_of_its_annotations(report: str) -> None:
    pattern = r"sourcepath=(.*?);linenumber=(\d+);columnnumber=(\d+);code=(\w+);"
    right = sorted(
        (_name(one[1]), int(one[2]), int(one[3]), one[4])
        for one in _matches("ruff/0.17.6/shop.azure", pattern)
    )
    assert _spots(f"ruff/0.17.6/{report}") == right


@needs_shared_reports
@pytest.mark.parametrize("report", ["proj.json", "proj.json2.json", "proj.github"])
def test_pylint_places_are_those_of_its_annotations(report: str) -> None:
    pattern = r"^::\w+ file=(.*?),line=(\d+),endline=\d+,col=(\d+),title=(\w+)::"
    right = sorted(
        # Its first column is 0.
        (_name(one[1]), int(one[2]), int(one[3]) + 1, one[4])
        for one in _matches("pylint/4.1.4/proj.github", pattern)
    )
    assert _spots(f"pylint/4.1.4/{report}") == right


@needs_shared_reports
@pytest.mark.parametrize("report", ["shop.json", "shop.csv"])
def test_bandit_places_are_those_of_its_csv(report: str) -> None:
    with open(SHARED_REPORTS / "bandit/1.9.4/shop.csv", encoding="utf-8", newline="") as file:
        right = sorted(
            # Its first column is 0.
            (
                _name(row["filename"]),
                int(row["line_number"]),
                int(row["col_offset"]) + 1,
                row["test_id"],
            )
            for row in csv.DictReader(file)
        )
    assert _spots(f"bandit/1.9.4/{report}") == right


@needs_shared_reports
@pytest.mark.parametrize("report", ["0.9.0/run.json1", "0.11.0/run.json1"])
def test_shellcheck_places_are_those_of_its_text(report: str) -> None:
    pattern = r"^(.*?):(\d+):(\d+): \w+: .*\[(SC\d+)\]$"
    right = sorted(
        (_name(one[1]), int(one[2]), int(one[3]), one[4])
        for one in _matches("shellcheck/0.9.0/run.gcc.txt", pattern)
    )
    assert _spots(f"shellcheck/{report}") == right


@needs_shared_reports
@pytest.mark.parametrize("report", ["proj.json", "proj.gitlab-sast.json"])
def test_semgrep_places_are_those_of_its_junit(report: str) -> None:
    pattern = r'<testcase name="(.*?)" classname=".*?" file="(.*?)" line="(\d+)">'
    right = sorted(
        (_name(one[2]), int(one[3]), one[1])
        for one in _matches("semgrep/1.185.0/proj.junit.xml", pattern)
    )
    spots = _spots(f"semgrep/1.185.0/{report}")
    assert [(path, line, rule) for path, line, _, rule in spots] == right


@needs_shared_reports
def test_mypy_places_are_those_of_its_text() -> None:
    pattern = r"^(.*?):(\d+): error: .*\[([\w-]+)\]$"
    right = Counter(
        (_name(one[1]), int(one[2]), one[3]) for one in _matches("mypy/2.4.1/shop.txt", pattern)
    )
    spots = _spots("mypy/2.4.1/shop.jsonl")
    assert Counter((path, line, rule) for path, line, _, rule in spots) == right


@needs_shared_reports
def test_columns_from_0_become_columns_from_1() -> None:
    """Both mypy and pyright give 11 to 12 for the value in `return 1`."""
    for report in ("mypy/2.4.1/typed.jsonl", "pyright/1.1.414/typed.json"):
        first = facts_of(report).findings[0]
        place = first.start_line, first.start_column, first.end_line, first.end_column
        assert place == (2, 12, 2, 13)


@needs_shared_reports
def test_columns_keep_the_unit_of_the_tool() -> None:
    """A tab is 8 columns in shellcheck's json and one in its json1: neither is converted."""
    columns = {
        name: [one.start_column for one in facts_of(f"shellcheck/0.9.0/{name}").findings]
        for name in ("run.json", "run.json1")
    }
    assert (columns["run.json"][3], columns["run.json1"][3]) == (14, 7)


# -- small reports ---------------------------------------------------------------------------------


def read(document: Any) -> Facts:
    """Read a document, or JSON lines if it is a tuple."""
    lines = document if isinstance(document, tuple) else (document,)
    return read_report("\n".join(json.dumps(line) for line in lines))


def _ruff(**more: object) -> dict[str, object]:
    return {
        "code": "F401",
        "message": "`os` imported but unused",
        "filename": "/home/dev/work/a.py",
        "location": {"row": 1, "column": 8},
        "end_location": {"row": 1, "column": 10},
        "fix": None,
    } | more


def test_a_broken_file_is_an_error_in_old_and_new_versions_of_ruff() -> None:
    codes = (None, "invalid-syntax", "E999", "E902", "F401")
    facts = read([_ruff(code=code) for code in codes])
    assert [one.kind for one in facts.findings] == ["error"] * 4 + ["finding"]


def _eslint(*messages: object, **more: object) -> dict[str, object]:
    return {
        "filePath": "/home/dev/work/a.js",
        "messages": list(messages),
        "errorCount": len(messages),
        "warningCount": 0,
    } | more


def test_a_file_that_eslint_ignored_was_not_examined() -> None:
    ignored = {"ruleId": None, "severity": 1, "message": "File ignored by default. Use …"}
    unused = {"ruleId": None, "severity": 1, "message": "Unused eslint-disable directive"}
    facts = read([_eslint(ignored | {"fatal": False}, unused)])
    assert [one.kind for one in facts.findings] == ["error", "finding"]


def test_eslint_with_metadata() -> None:
    item = {"ruleId": "no-var", "severity": 2, "message": "no", "line": 1, "column": 5}
    facts = read({"results": [_eslint(item)], "metadata": {"cwd": "/home/dev/work"}})
    assert facts.runs[0].working_directory == "/home/dev/work"
    assert facts.findings[0].level == "error"


def test_a_clean_file_was_examined() -> None:
    facts = read([_eslint()])
    assert [path.path_given for path in facts.paths] == ["/home/dev/work/a.js"]
    assert not facts.findings


def test_a_file_that_bandit_cannot_parse_is_an_error() -> None:
    error = {"filename": "src/a.py", "reason": "syntax error while parsing AST from file"}
    facts = read(
        {"errors": [error], "generated_at": "2026-11-27T09:57:26Z", "metrics": {}, "results": []}
    )
    assert [(one.kind, facts.path(one)) for one in facts.findings] == [("error", "src/a.py")]


def test_a_run_that_examined_nothing_was_not_a_measurement() -> None:
    nothing = (
        {"errors": [], "generated_at": "", "metrics": {"_totals": {"loc": 0}}, "results": []},
        {"messages": [], "statistics": {"messageTypeCount": {}, "modulesLinted": 0}},
        {
            "version": "1.1.414",
            "time": "0",
            "generalDiagnostics": [],
            "summary": {"filesAnalyzed": 0},
        },
    )
    for document in nothing:
        run = read(document).runs[0]
        assert run.is_measured is False and run.unmeasured_reason


def test_requires_login_is_not_a_fingerprint() -> None:
    place = {"line": 1, "col": 1}
    item = {
        "check_id": "rules.no-eval",
        "path": "a.py",
        "start": place,
        "end": place,
        "extra": {
            "message": "eval is dangerous",
            "severity": "ERROR",
            "fingerprint": "requires login",
            "lines": "requires login",
            "metadata": {"cwe": ["CWE-95: Improper neutralization"]},
            "is_ignored": True,
        },
    }
    error = {"code": 3, "level": "warn", "type": ["PartialParsing", []], "path": "b.py"}
    facts = read({"results": [item], "errors": [error | {"message": "Syntax error"}], "paths": {}})
    found, broken = facts.findings
    assert (found.fingerprints, found.line_hash, found.is_suppressed) == (None, None, True)
    assert found.finding_tags == '["CWE-95"]'
    assert (broken.kind, broken.level, facts.path(broken)) == ("error", "warn", "b.py")


def test_findings_for_code_climate_as_lines() -> None:
    issue = {
        "type": "issue",
        "check_name": "complexity",
        "description": "too complex",
        "categories": ["Complexity"],
        "engine_name": "structure",
        "location": {"path": "a.rb", "lines": {"begin": 3, "end": 9}},
    }
    for document in (issue, (issue, issue), [issue]):
        facts = read(document)
        assert (facts.runs[0].tool_name, facts.findings[0].start_line) == ("structure", 3)


def test_a_dependency_report_of_gitlab_has_advisories() -> None:
    item = {
        "id": "1",
        "severity": "High",
        "name": "Prototype pollution",
        "scanner": {"id": "gemnasium", "name": "Gemnasium"},
        "location": {
            "file": "package-lock.json",
            "dependency": {"package": {"name": "lodash"}, "version": "4.17.10", "direct": True},
        },
        "identifiers": [
            {"type": "cve", "name": "CVE-2019-10744", "value": "CVE-2019-10744"},
            {"type": "cwe", "name": "CWE-400", "value": "400"},
            {"type": "ghsa", "name": "GHSA-jf85-cpcp-j695", "value": "GHSA-jf85-cpcp-j695"},
        ],
    }
    scan = {
        "type": "dependency_scanning",
        "status": "failure",
        "scanner": {"name": "Gemnasium", "version": "6"},
        "start_time": "2026-11-27T09:54:02",
        "messages": [{"level": "fatal", "value": "no lock file"}],
    }
    facts = read({"version": "15.0.4", "vulnerabilities": [item], "scan": scan})
    advisory = facts.advisories[0]
    assert (advisory.advisory_id, advisory.name, advisory.is_direct) == (
        "CVE-2019-10744",
        "lodash",
        True,
    )
    assert advisory.aliases == '["GHSA-jf85-cpcp-j695"]'
    assert facts.runs[0].is_successful is False
    assert [one.kind for one in facts.findings] == ["error"]


def test_the_summary_after_the_json_of_golangci_is_left_out() -> None:
    report = {"Issues": [], "Report": {"Linters": [{"Name": "errcheck"}]}}
    facts = read_report(f"{json.dumps(report)}\n0 issues.\n")
    assert (facts.format, facts.runs[0].is_successful) == ("golangci-lint", True)


def test_a_control_that_mobsfscan_misses_has_no_place() -> None:
    rule = {"metadata": {"cwe": "CWE-919", "description": "no pinning", "severity": "INFO"}}
    place = {"file_path": "A.java", "match_lines": [3, 4], "match_position": [5, 9]}
    results = {"no_pinning": rule | {"files": None}, "log": rule | {"files": [place]}}
    facts = read({"errors": [], "mobsfscan_version": "0.4.5", "results": results})
    assert (facts.format, facts.runs[0].tool_name) == ("njsscan", "mobsfscan")
    assert [(facts.path(one), one.start_line, one.start_column) for one in facts.findings] == [
        (None, None, None),
        ("A.java", 3, 5),
    ]


def test_a_clean_report_is_a_run_without_findings() -> None:
    clean: tuple[tuple[str, Any], ...] = (
        ("deno-lint", {"version": 1, "diagnostics": [], "errors": []}),
        ("gosec", {"Golang errors": {}, "Issues": [], "Stats": {"files": 3}}),
        ("grype", {"matches": [], "source": {"type": "image"}, "descriptor": {"name": "grype"}}),
        ("oxlint", {"diagnostics": [], "number_of_files": 2, "number_of_rules": 9}),
        ("phpstan", {"totals": {"errors": 0, "file_errors": 0}, "files": [], "errors": []}),
        ("semgrep", {"results": [], "errors": [], "paths": {"scanned": ["a.py"]}}),
        ("shellcheck-json1", {"comments": []}),
        ("sqlfluff", [{"filepath": "a.sql", "violations": [], "statistics": {}}]),
        ("tflint", {"issues": [], "errors": []}),
        ("trivy", {"SchemaVersion": 2, "ArtifactName": ".", "ArtifactType": "filesystem"}),
    )
    for form, document in clean:
        facts = read(document)
        assert (facts.format, len(facts.runs), facts.findings) == (form, 1, []), form


def test_the_name_of_a_file_may_have_a_typo() -> None:
    item = {"type": "typo", "path": "teh.md", "byte_offset": 0, "typo": "teh"}
    (found,) = read(item | {"corrections": ["the"]}).findings
    assert (found.start_line, found.start_column) == (None, None)


def test_absurd_places_cost_themselves_only() -> None:
    places = ({"row": 0, "column": -3}, {"row": 1 << 60, "column": 2.0}, {"row": 1.5, "column": 1})
    facts = read([_ruff(location=place) for place in places])
    assert [(one.start_line, one.start_column) for one in facts.findings] == [
        (None, None),
        (None, 2),
        (None, 1),
    ]
    assert not facts.faults()
