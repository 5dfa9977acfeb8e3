"""The commands about reports of other tools."""

from __future__ import annotations

import json

import pytest
from enrich_fixtures import Workspace

from enrich.answers.reports import percent


def _rows(workspace: Workspace, *words: str) -> list[dict]:
    answer = workspace.ask(*words, "--format", "json")
    assert answer.exit_code == 0, answer.stderr
    return json.loads(answer.stdout)


@pytest.mark.parametrize(
    ("ratio", "shown"), [(None, None), (0, "0 %"), (0.001, "1 %"), (0.995, "99 %"), (1, "100 %")]
)
def test_only_all_is_100_percent_and_only_nothing_is_0(ratio, shown) -> None:
    assert percent(ratio) == shown


def test_coverage_lists_projects_or_the_files_of_one_without_its_tests(workspace) -> None:
    rows = _rows(workspace, "coverage")
    assert [(row["project_path"][:5], row["coverage_ratio"]) for row in rows] == [
        ("/w/jq", 0.995),
        (rows[1]["project_path"][:5], None),
    ]
    files = _rows(workspace, "coverage", "jq")
    assert [row["coverage_ratio"] for row in files] == [0.001, 1.0]
    shown = workspace.ask("coverage", "--project", "jq").stdout
    assert "100 %" in shown and "  1 %" in shown


def test_tests_lists_all_that_do_not_simply_pass_the_worst_first(workspace) -> None:
    assert [row["health"] for row in _rows(workspace, "tests", "jq")] == ["failing", "never run"]
    passing = _rows(workspace, "tests", "jq", "--health", "passing")
    assert [row["test_id"] for row in passing] == ["t1"]
    shown = workspace.ask("tests", "jq").stdout
    assert "Parser adds" in shown and "no\n" in shown and "more" not in shown


def test_vulnerabilities_show_the_way_and_suppressed_ones_if_asked(workspace) -> None:
    assert len(_rows(workspace, "vulnerabilities", "jq")) == 1
    shown = " ".join(workspace.ask("vulnerabilities", "jq", "--all").stdout.split())
    assert "left-pad 1.0.0" in shown and "1.0.1" in shown
    assert "through a@1" in shown and "only for development" in shown
    assert "suppressed: not reachable" in shown
