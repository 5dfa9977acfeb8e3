"""SARIF of any tool: what lands of each member that a log may have."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.python.support.read_reports import (
    SHARED_REPORTS,
    Facts,
    needs_shared_reports,
    read_report,
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
