"""SARIF of any tool: what lands of each member that a log may have."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from tests.python.support.read_reports import (
    SHARED_REPORTS,
    Facts,
    needs_shared_reports,
    read_report,
    reason_of,
)

# Counted in the files by other means: report, findings by level, suppressed, errors of the tool,
# rules, files.
_EXPECTED = """
ast-grep/0.51.1/shop-web.sarif              | warning=1                | 0 | 0 | 0  | 1
bandit/1.9.4/proj.sarif                     | None=4 error=2 note=4    | 0 | 0 | 9  | 1
bandit/1.9.4/shop-absolute-target.sarif     | None=3 error=2 note=4    | 0 | 0 | 9  | 1
bandit/1.9.4/shop.sarif                     | None=5 error=2 note=15   | 0 | 0 | 12 | 5
bandit/1.9.4/syntax-error.sarif             | None=3 error=2 note=4    | 0 | 1 | 9  | 2
cfn-lint/1.58.0/cfn.sarif                   | error=2                  | 0 | 0 | 2  | 1
checkov/3.3.30/infra-from-parent.sarif      | error=24 warning=1       | 1 | 0 | 25 | 3
checkov/3.3.30/infra.sarif                  | error=47 warning=1       | 1 | 0 | 48 | 5
clang-analyzer/14.0.6/main.sarif            | None=3                   | 0 | 0 | 3  | 1
eslint/9.39.5/shop-web-ignored-supp.sarif   | error=3 warning=4        | 0 | 1 | 5  | 4
eslint/9.39.5/shop-web.sarif                | error=4 warning=4        | 1 | 1 | 6  | 4
hadolint/2.15.1/Dockerfile.sarif            | error=1 note=2 warning=5 | 0 | 0 | 0  | 1
markdownlint-cli2/0.24.1/readme.sarif       | error=9                  | 0 | 0 | 7  | 1
njsscan/1.0.2/njsscan-semgrep-missing.sarif | error=1                  | 0 | 0 | 1  | 1
njsscan/1.0.2/njsscan.sarif                 | None=1 error=5           | 0 | 0 | 5  | 2
oxlint/1.94.0/shop-web.sarif                | error=1 warning=2        | 0 | 0 | 3  | 3
ruff/0.14.14/shop.sarif                     | error=4                  | 0 | 0 | 4  | 1
ruff/0.14.14/syntax-error.sarif             | error=7                  | 0 | 0 | 4  | 2
ruff/0.17.6/proj.sarif                      | error=54                 | 0 | 0 | 25 | 1
ruff/0.17.6/shop.sarif                      | error=30                 | 0 | 0 | 16 | 5
ruff/0.17.6/syntax-error.sarif              | error=9                  | 0 | 0 | 6  | 2
ruff/0.9.10/syntax-error.sarif              | error=7                  | 0 | 0 | 4  | 2
sarif-tools/3.0.5/merged-bandit-ruff.sarif  | None=5 error=32 note=15  | 0 | 0 | 28 | 10
semgrep/1.185.0/proj-abs-target.sarif       | None=6                   | 1 | 0 | 4  | 1
semgrep/1.185.0/proj.sarif                  | None=6                   | 1 | 0 | 4  | 1
sqlfluff/4.5.0/sql.sarif                    | error=7                  | 0 | 0 | 7  | 1
typos/1.52.0/shop-dot.sarif                 | error=3                  | 0 | 0 | 0  | 1
typos/1.52.0/shop.sarif                     | error=3                  | 0 | 0 | 0  | 1
"""


@needs_shared_reports
@pytest.mark.parametrize("line", _EXPECTED.strip().splitlines(), ids=lambda one: one.split()[0])
def test_genuine_reports(line: str) -> None:
    path, levels, *counts = (cell.strip() for cell in line.split("|"))
    facts = read_report(SHARED_REPORTS / path)
    found = [one for one in facts.findings if one.kind == "finding"]
    given = [one.level for one in found]
    assert facts.format == "sarif" and not facts.faults()
    assert levels == " ".join(f"{one}={given.count(one)}" for one in sorted(set(given), key=str))
    assert [int(count) for count in counts] == [
        sum(one.is_suppressed for one in found),
        sum(one.kind == "error" for one in facts.findings),
        len(facts.rules),
        len(facts.paths),
    ]
    assert all(one.message for one in facts.findings)


def test_every_genuine_report_is_in_the_table() -> None:
    found = {str(one.relative_to(SHARED_REPORTS)) for one in SHARED_REPORTS.rglob("*.sarif")}
    assert found <= {line.split()[0] for line in _EXPECTED.strip().splitlines()}


def _log(*results: Any, tool: Any = None, **run: Any) -> str:
    """Return a log of one run."""
    driver = {"name": "Lint", "version": "1.2", **(tool or {})}
    first = {"tool": {"driver": driver}} | {key: run.pop(key) for key in ("results",) if key in run}
    return json.dumps({"version": "2.1.0", "runs": [first | run | {"results": list(results)}]})


def _at(uri: str | None = "src/app.py", line: int | None = 3, **location: Any) -> dict[str, Any]:
    file = {"uri": uri} if uri else {}
    return {
        "physicalLocation": {"artifactLocation": file | location, "region": {"startLine": line}}
    }


def _result(*locations: Any, **more: Any) -> dict[str, Any]:
    return {"message": {"text": "wrong"}, "locations": list(locations or [_at()]), **more}


def _read(*results: Any, **run: Any) -> Facts:
    facts = read_report(_log(*results, **run))
    assert not facts.faults()
    return facts


def test_a_plain_result() -> None:
    facts = _read(_result(ruleId="X1", level="note", baselineState="new"))
    finding = facts.findings[0]
    assert (finding.rule_id, finding.level, finding.message) == ("X1", "note", "wrong")
    assert (finding.start_line, finding.kind, finding.baseline_state) == (3, "finding", "new")
    assert facts.path(finding) == "src/app.py" and not finding.is_suppressed
    assert facts.runs[0][:2] == ("Lint", "1.2") and facts.runs[0].is_measured is True


@pytest.mark.parametrize(
    ("driver", "version"),
    [
        ({"version": "1", "semanticVersion": "1.0.0"}, "1"),
        ({"version": None, "semanticVersion": "1.0.0"}, "1.0.0"),
        ({"version": None}, None),
    ],
)
def test_the_version_of_the_tool(driver: dict[str, Any], version: str | None) -> None:
    assert _read(tool=driver).runs[0].tool_version == version


# -- members of a result ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("suppressions", "is_suppressed"),
    [
        (None, False),
        ([], False),
        ([{"kind": "inSource"}], True),
        ([{"kind": "external", "status": "accepted"}], True),
        ([{"kind": "external", "status": "rejected"}], False),
        ([{"kind": "external", "status": "underReview"}], False),
        ([{"kind": "inSource"}, {"kind": "external", "status": "rejected"}], False),
    ],
)
def test_suppressions(suppressions: Any, is_suppressed: bool) -> None:
    finding = _read(_result(suppressions=suppressions)).findings[0]
    assert finding.is_suppressed is is_suppressed


def test_the_justification_of_a_suppression() -> None:
    given = [{"kind": "inSource"}, {"kind": "inSource", "justification": "an old test"}]
    assert _read(_result(suppressions=given)).findings[0].suppression == "an old test"


@pytest.mark.parametrize(
    ("given", "kind", "level"),
    [
        ({}, "finding", None),
        ({"kind": "fail"}, "finding", None),
        ({"kind": "pass"}, "pass", "none"),
        ({"kind": "notApplicable"}, "not_applicable", "none"),
        ({"kind": "open"}, "finding", "none"),
        ({"kind": "review", "level": "warning"}, "finding", "warning"),
    ],
)
def test_kinds_and_levels(given: dict[str, Any], kind: str, level: str | None) -> None:
    finding = _read(_result(**given)).findings[0]
    assert (finding.kind, finding.level) == (kind, level)


def test_a_result_without_a_rule() -> None:
    assert [one.rule_id for one in _read(_result(), _result(ruleId=None)).findings] == [None, None]


_RULES = [
    {"id": "A1", "defaultConfiguration": {"level": "error"}, "name": "first"},
    {"id": "CA1000", "properties": {"security-severity": "9.1", "tags": ["external/cwe/cwe-079"]}},
]
_MORE_RULES = {"name": "pack", "guid": "g-1", "rules": [{"id": "P1"}, {"id": "P2"}]}


@pytest.mark.parametrize(
    ("given", "rule_id", "described"),
    [
        ({"ruleId": "A1"}, "A1", "A1"),
        ({"ruleIndex": 1}, "CA1000", "CA1000"),
        ({"ruleId": "A1", "ruleIndex": 0}, "A1", "A1"),
        ({"ruleId": "A1", "ruleIndex": -1}, "A1", "A1"),
        ({"ruleId": "CA1000/1", "ruleIndex": 1}, "CA1000/1", "CA1000"),
        ({"ruleId": "CA1000/1"}, "CA1000/1", "CA1000"),
        ({"rule": {"id": "A1"}}, "A1", "A1"),
        ({"rule": {"index": 1}}, "CA1000", "CA1000"),
        ({"rule": {"index": 1, "toolComponent": {"index": 0}}}, "P2", "P2"),
        ({"rule": {"id": "P2", "toolComponent": {"name": "pack"}}}, "P2", "P2"),
        ({"rule": {"index": 0, "toolComponent": {"guid": "g-1"}}}, "P1", "P1"),
        ({"ruleId": "P1"}, "P1", "P1"),
        ({"ruleId": "unknown", "ruleIndex": 99}, "unknown", None),
    ],
)
def test_the_rule_of_a_result(given: dict[str, Any], rule_id: str, described: str | None) -> None:
    run = {
        "tool": {"driver": {"name": "Lint", "rules": _RULES}, "extensions": [_MORE_RULES]},
        "results": [_result(**given)],
    }
    # The tool may also come after the results.
    for members in (run, dict(reversed(run.items()))):
        facts = read_report(json.dumps({"version": "2.1.0", "runs": [members]}))
        finding = facts.findings[0]
        position = finding.rule_position
        assert finding.rule_id == rule_id
        assert (None if position is None else facts.rules[position].rule_id) == described
        assert not facts.faults()


def test_what_a_rule_says() -> None:
    first, second = _read(tool={"rules": _RULES}).rules
    assert (first.level, first.rule_name, first.security_severity) == ("error", "first", None)
    assert (second.level, second.security_severity) == (None, 9.1)
    assert json.loads(second.rule_tags or "") == ["external/cwe/cwe-079", "CWE-79"]


def test_weaknesses_of_a_result_and_of_a_rule_by_a_taxonomy() -> None:
    target = {"id": "79", "toolComponent": {"name": "CWE"}}
    run = {
        "tool": {"driver": {"rules": [{"id": "A1", "relationships": [{"target": target}]}]}},
        "results": [
            _result(taxa=[target]),
            _result(taxa=[{"index": 1, "toolComponent": {"index": 0}}]),
            _result(properties={"cwe": "CWE-89: SQL injection"}),
        ],
        # Writers put it after the results.
        "taxonomies": [{"name": "CWE", "taxa": [{"id": "20"}, {"id": "22"}]}],
    }
    facts = read_report(json.dumps({"runs": [run]}))
    assert facts.rules[0].rule_tags == '["CWE-79"]'
    assert [json.loads(one.finding_tags or "")[-1] for one in facts.findings] == [
        "CWE-79",
        "CWE-22",
        "CWE-89",
    ]


_STRINGS = {"m": {"text": "'{0}' calls '{1}' {{here}}"}}


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"text": "plain {0}"}, "plain {0}"),
        ({"text": "{0} and {9}", "arguments": ["x"]}, "x and {9}"),
        ({"markdown": "**bold**"}, "**bold**"),
        ({"id": "m", "arguments": ["f", "g"]}, "'f' calls 'g' {here}"),
        ({"id": "shared"}, "of all rules"),
        ({"id": "unknown"}, None),
        ({}, None),
    ],
)
def test_messages(message: dict[str, Any], text: str | None) -> None:
    tool = {
        "rules": [{"id": "A1", "messageStrings": _STRINGS}],
        "globalMessageStrings": {"shared": {"text": "of all rules"}},
    }
    assert _read(_result(ruleId="A1", message=message), tool=tool).findings[0].message == text


def test_fingerprints_are_kept_as_written() -> None:
    given = _result(fingerprints={"id/v1": "requires login"}, partialFingerprints={"line": "a:1"})
    finding = _read(given).findings[0]
    assert json.loads(finding.fingerprints or "") == {"line": "a:1", "id/v1": "requires login"}


# -- places ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("location", "place", "bases"),
    [
        ({"uri": "src/app.py"}, "src/app.py", None),
        ({"uri": "./src/a%20b.py"}, "src/a b.py", None),
        # Biome and oxlint do not encode spaces, and a number sign is one of C#.
        ({"uri": "src/a b.py"}, "src/a b.py", None),
        ({"uri": "C#/100%/a.cs"}, "C#/100%/a.cs", None),
        ({"uri": "file:///srv/a%20b.py"}, "/srv/a b.py", None),
        ({"uri": "/srv/app.py"}, "/srv/app.py", None),
        ({"uri": "file:///C:/src/App.cs"}, "c:/src/app.cs", None),
        ({"uri": "a.py", "uriBaseId": "ROOT"}, "a.py", ["/srv/my app"]),
        ({"uri": "a.py", "uriBaseId": "SRC"}, "a.py", ["/srv/my app/src"]),
        ({"uri": "a.py", "uriBaseId": "LOOSE"}, "a.py", ["my lib"]),
        ({"uri": "a.py", "uriBaseId": "CIRCLE"}, "a.py", None),
        ({"uri": "a.py", "uriBaseId": "%SRCROOT%"}, "a.py", None),
        ({"index": 0}, "listed.py", ["/srv/my app"]),
        # A file in an archive: the archive is the file of the workspace.
        ({"index": 1}, "lib/app.zip", None),
        ({"index": 9}, None, None),
        ({"uri": "https://example.org/a.py"}, None, None),
    ],
)
def test_paths(location: dict[str, Any], place: str | None, bases: list[str] | None) -> None:
    after = {
        "originalUriBaseIds": {
            "ROOT": {"uri": "file:///srv/my%20app/"},
            "SRC": {"uri": "src/", "uriBaseId": "ROOT"},
            "LOOSE": {"uri": "my%20lib/"},
            "CIRCLE": {"uriBaseId": "CIRCLE"},
        },
        "artifacts": [
            {"location": {"uri": "listed.py", "uriBaseId": "ROOT"}},
            {"location": {"uri": "/inner.py"}, "parentIndex": 2},
            {"location": {"uri": "lib/app.zip"}},
        ],
    }
    results = {"results": [_result({"physicalLocation": {"artifactLocation": location}})]}
    for run in (after | results, results | after):
        facts = read_report(json.dumps({"runs": [{"tool": {"driver": {}}} | run]}))
        index = facts.findings[0].path_index
        found = None if index is None else facts.paths[index]
        assert (found and found.place) == place and not facts.faults()
        assert (json.loads(found.bases) if found and found.bases else None) == bases


@pytest.mark.parametrize(
    ("region", "lines"),
    [
        ({"startLine": 3, "startColumn": 5, "endLine": 4, "endColumn": 2}, (3, 5, 4, 2)),
        ({"startLine": 0, "startColumn": -1}, (None, None, None, None)),
        ({"startLine": 10**30, "endLine": 2.0, "endColumn": 1e300}, (None, None, 2, None)),
        ({"byteOffset": 10, "byteLength": 3}, (None, None, None, None)),
        (None, (None, None, None, None)),
    ],
)
def test_regions(region: Any, lines: tuple[int | None, ...]) -> None:
    place = {"physicalLocation": {"artifactLocation": {"uri": "a.py"}, "region": region}}
    finding = _read(_result(place)).findings[0]
    found = (finding.start_line, finding.start_column, finding.end_line, finding.end_column)
    assert found == lines


def test_logical_locations() -> None:
    by_index = {"logicalLocations": [{"index": 0}]}
    results = [
        _result({"logicalLocations": [{"name": "f", "fullyQualifiedName": "m.C.f"}]}),
        _result(by_index),
    ]
    facts = _read(*results, logicalLocations=[{"fullyQualifiedName": "m.g"}])
    assert [one.logical_name for one in facts.findings] == ["m.C.f", "m.g"]


def test_further_places_of_a_result() -> None:
    flow = {"threadFlows": [{"locations": [{"location": _at("a.py", 1)}, {"index": 0}]}]}
    facts = _read(
        _result(),
        _result(
            _at("a.py", 5),
            _at("b.py", 6),
            relatedLocations=[_at("c.py", 7) | {"message": {"text": "declared here"}}],
            codeFlows=[flow],
        ),
        threadFlowLocations=[{"location": _at("d.py", 2)}],
    )
    assert facts.path(facts.findings[1]) == "a.py"
    places = [
        (one.finding_position, one.place_role, facts.path(one), one.start_line, one.message)
        for one in facts.places
    ]
    assert places == [
        (1, "location", "b.py", 6, None),
        (1, "related", "c.py", 7, "declared here"),
        (1, "flow", "a.py", 1, None),
        (1, "flow", "d.py", 2, None),
    ]


def test_of_the_places_that_cppcheck_writes_the_last_is_the_fault() -> None:
    result = _result(_at("a.c", 1), _at("a.c", 2), _at("a.c", 9))
    facts = _read(result, tool={"name": "Cppcheck"})
    assert facts.findings[0].start_line == 9 and [one.start_line for one in facts.places] == [1, 2]
    assert _read(result).findings[0].start_line == 1


def test_source_text_lands_as_a_hash_only() -> None:
    here = _at()
    here["physicalLocation"]["region"]["snippet"] = {"text": "  total = 40 +  2\n"}
    again = _at()
    again["physicalLocation"]["region"]["snippet"] = {"text": "\ttotal = 40 + 2"}
    facts = _read(_result(here), _result(again), _result())
    first, second, third = (one.line_hash for one in facts.findings)
    assert first and first == second and third is None
    assert "40 +" not in str(facts)


# -- the run ---------------------------------------------------------------------------------------


def test_runs_keep_their_findings_apart() -> None:
    runs = [
        {
            "tool": {"driver": {"name": name, "rules": [{"id": name}]}},
            "results": [_result(ruleIndex=0)],
        }
        for name in ("one", "two")
    ]
    facts = read_report(json.dumps({"version": "2.1.0", "runs": runs}))
    assert facts.tables["report_findings"]["run_index"].to_pylist() == [0, 1]
    assert [(one.rule_id, one.rule_position) for one in facts.findings] == [("one", 0), ("two", 1)]


def test_what_the_tool_says_about_its_run() -> None:
    invocations = [
        {
            "executionSuccessful": True,
            "startTimeUtc": "2026-03-01T10:00:00.1234567Z",
            "endTimeUtc": "2026-03-01T10:00:05",
            "commandLine": "lint src",
            "workingDirectory": {"uri": "file:///srv/app/"},
        },
        {"executionSuccessful": False, "startTimeUtc": "9999999-01-01"},
    ]
    run = _read(invocations=invocations, automationDetails={"id": "nightly/1"}).runs[0]
    assert (run.is_successful, run.category, run.command_line) == (False, "nightly/1", "lint src")
    assert run.started_at == datetime(2026, 3, 1, 10, 0, 0, 123456)
    assert run.ended_at == datetime(2026, 3, 1, 10, 0, 5)
    assert run.working_directory == "file:///srv/app/"


def test_a_file_that_could_not_be_examined_does_not_look_clean() -> None:
    def noted(level: str | None, key: str = "toolExecutionNotifications") -> dict[str, Any]:
        note = {
            "message": {"text": "cannot parse"},
            "level": level,
            "locations": [_at("bad.py", 7)],
        }
        return {"executionSuccessful": True, key: [note | {"descriptor": {"id": "E9"}}]}

    notes = [noted("error"), noted("note"), noted("error", "toolConfigurationNotifications")]
    facts = _read(_result(), invocations=notes)
    errors = [one for one in facts.findings if one.kind == "error"]
    assert [(one.rule_id, facts.path(one), one.start_line) for one in errors] == [
        ("E9", "bad.py", 7)
    ] * 2


def test_no_list_of_results_is_not_the_same_as_none_found() -> None:
    driver = {"tool": {"driver": {"name": "Lint"}}}
    runs = [driver, driver | {"results": None}, driver | {"results": []}]
    facts = read_report(json.dumps({"version": "2.1.0", "runs": runs}))
    assert [one.is_measured for one in facts.runs] == [False, False, True]
    failed = _read(invocations=[{"executionSuccessful": False}]).runs[0]
    assert failed.is_measured is None


# -- secrets ---------------------------------------------------------------------------------------


def test_a_secret_does_not_land() -> None:
    secret = "hunter2-Zebra"
    here = _at()
    here["physicalLocation"]["region"]["snippet"] = {"text": secret}
    quoting = {"message": {"text": f"Possible hardcoded password: '{secret}'"}}
    rules = [{"id": "X9", "properties": {"tags": ["external/cwe/cwe-798"]}}]
    facts = _read(
        _result(here, ruleId="X9", **quoting),
        _result(ruleId="B105", **quoting),
        tool={"rules": rules},
    )
    scanned = _read(
        _result(here, ruleId="generic", message={"text": f"found {secret}"}),
        tool={"name": "gitleaks"},
    )
    assert secret not in str(facts) + str(scanned)
    assert facts.findings[0].secret_hash == scanned.findings[0].secret_hash is not None
    assert facts.findings[1].secret_hash is None


# -- what is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        (
            {"version": "2.0.0", "runs": [{"tool": {"driver": {}}}]},
            "SARIF 2.0.0, of which only 2.1",
        ),
        (
            {
                "version": "1.0.0",
                "runs": [
                    {
                        "tool": {"name": "x", "semanticVersion": "1"},
                        "results": [{"message": "text"}],
                    }
                ],
            },
            "SARIF 1.0.0, of which only 2.1",
        ),
        (
            {"$schema": "https://x/sarif-external-property-file-2.1.0.json", "version": "2.1.0"},
            "no runs: a part of another report",
        ),
        (
            {
                "runs": [
                    {"tool": {"driver": {}}, "externalPropertyFileReferences": {"results": [1]}}
                ]
            },
            "the results are in files of their own",
        ),
        ({"runs": [{"tool": {"driver": {}}, "results": {}}]}, "runs[0].results: Expected array"),
        ({"runs": [{"tool": {"driver": {}}, "results": [3]}]}, "runs[0].results[0]: Expected"),
        (
            {"runs": [{"tool": {"driver": {}}, "results": [_result(), _result(level=3)]}]},
            "runs[0].results[1].level: Expected str",
        ),
        ({"runs": [{"tool": {"driver": {"name": 3}}}]}, "runs[].tool.driver.name: Expected str"),
    ],
)
def test_one_line_says_what_is_wrong(log: Any, reason: str) -> None:
    assert reason_of(json.dumps(log)).startswith(reason)
