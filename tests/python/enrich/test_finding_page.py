"""`enrich gaps show`: one finding, and commands that work as they are printed."""

from __future__ import annotations

import csv
import json
import shlex

import duckdb
import pytest
from enrich_fixtures import EVIL_GAP, GAP, RESOLVED, WAIVED, Workspace

from enrich.commands.findings import rule_trials
from enrich.commands.findings.finding_page import Page, _another, _evidence
from loaders.base.paths import PROJECT_ROOT


def commands_in(page: str) -> list[list[str]]:
    """Return the words of each command of `enrich` that a page shows, without its first word."""
    lines = [line.strip() for line in page.splitlines()]
    return [shlex.split(line)[2:] for line in lines if line.startswith("$ enrich ")]


def test_the_page_explains_the_finding(workspace: Workspace) -> None:
    page = workspace.ask("gaps", "show", GAP).stdout

    assert page.startswith("DUPLICATE_MIRROR_CONTENT: Directory mirrors another\n")
    for expected in (
        "identical files  1,200",
        "and 2 more",
        "file x.c, line count 7",
        "is drifted       no",
        "note             unknown",
        "the rule changed",
        "from run 1: crawl",
        "2026-03-01 12:00",
        "Test the largest file of jq",
    ):
        assert expected in page, expected
    assert "min identical files" not in page, "it is one of the thresholds"


def test_json_has_everything_of_the_page(workspace: Workspace) -> None:
    [answer] = json.loads(workspace.ask("gaps", "show", GAP, "--format", "json").stdout)

    assert (answer["finding_id"], answer["verdict"]) == (GAP, "fail")
    assert [row["kind"] for row in answer["history"]] == ["opened", "closed", "reopened"]
    assert answer["thresholds"][0]["value"] == 3.0
    assert (answer["run"]["run_seq"], answer["action"]["rank"]) == (1, 1)
    assert answer["try_command"].startswith("enrich rules try DUPLICATE_MIRROR_CONTENT --set ")
    assert answer["waive_command"].startswith(f"enrich waive {GAP} ")


def test_the_beginning_of_an_id_is_enough_if_it_is_the_only_one(workspace: Workspace) -> None:
    assert workspace.ask("gaps", "show", "DD").stdout.count(RESOLVED) == 1
    several = workspace.ask("gaps", "show", "ccc")
    assert (several.exit_code, several.stdout) == (2, "")
    assert "ccc is the beginning of several ids" in several.stderr
    assert GAP in several.stderr and EVIL_GAP in several.stderr
    none = workspace.ask("gaps", "show", "e")
    assert (none.exit_code, none.stderr.count("\n")) == (2, 1)


def test_the_status_decides_what_can_be_done(workspace: Workspace) -> None:
    resolved = workspace.ask("gaps", "show", RESOLVED).stdout
    assert "resolved at 2026-03-01 12:00 UTC" in resolved and "enrich waive" not in resolved
    waived = workspace.ask("gaps", "show", WAIVED).stdout
    assert "waived, without an end (planned)" in waived
    assert ["waivers"] in commands_in(waived)
    unknown = workspace.ask("gaps", "show", EVIL_GAP).stdout
    assert "unknown: the rule cannot judge it now, so it stays open" in unknown
    assert "It is not in the queue." in unknown


def test_the_printed_commands_work(workspace: Workspace, monkeypatch) -> None:
    asked = []
    answer = {
        "moment": None,
        "found_before": 1,
        "found_after": 1,
        "added": [],
        "removed": [],
        "changed": [],
    }
    monkeypatch.setattr(rule_trials, "_judge", lambda request: asked.append(request) or [answer])
    commands = commands_in(workspace.ask("gaps", "show", GAP).stdout)

    assert [words[0] for words in commands] == ["rules", "waive"]
    for words in commands:
        assert workspace.ask(*words).exit_code == 0, words
    assert asked[0]["thresholds"] == {"min_identical_files": 6.0}


def test_every_rule_has_a_threshold_that_can_be_tried(workspace: Workspace, monkeypatch) -> None:
    answer = {
        "moment": None,
        "found_before": 0,
        "found_after": 0,
        "added": [],
        "removed": [],
        "changed": [],
    }
    monkeypatch.setattr(rule_trials, "_judge", lambda request: [answer])
    with open(PROJECT_ROOT / "seeds" / "rule_thresholds.csv", newline="") as file:
        seeded = list(csv.DictReader(file))
    for rule in sorted({row["gap_type"] for row in seeded}):
        thresholds = [
            {"threshold": row["threshold"], "value": float(row["value"])}
            for row in seeded
            if row["gap_type"] == rule
        ]
        with duckdb.connect(str(workspace.published)) as engine:
            engine.execute(
                "update v_rules set gap_type = $1, thresholds = $2", [rule, json.dumps(thresholds)]
            )
            engine.execute("update gap_findings set gap_type = $1", [rule])
        page = workspace.ask("gaps", "show", GAP, "--format", "json").stdout
        words = shlex.split(json.loads(page)[0]["try_command"])
        assert workspace.ask(*words[1:]).exit_code == 0, words


def test_options_of_the_list_are_not_ignored(workspace: Workspace) -> None:
    result = workspace.ask("gaps", "--severity", "low", "show", GAP)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "put --severity after show, or leave it out" in result.stderr


def test_zeros_are_one_line_and_the_tried_threshold_is_about_what_was_found() -> None:
    thresholds = [
        {"threshold": name, "value": value, "unit": unit}
        for name, value, unit in (
            ("max_fact_age_days", 30.0, "days"),
            ("min_commits", 1.0, "commits"),
            ("min_paths", 1.0, "paths"),
        )
    ]
    evidence = {
        "path_count": 3,
        "commit_count": 0,
        "stash_count": 0,
        "things": [{"n": 1}, {"n": 2}],
    }
    page = Page(
        {"gap_type": "UNSAVED_WORK", "evidence": json.dumps(evidence)},
        {"thresholds": json.dumps(thresholds)},
        *(None, [], None, None),
    )
    assert page.try_command == "enrich rules try UNSAVED_WORK --set min_paths=2"
    assert [*_evidence(page)] == [
        ("path count", "3"),
        ("things", "n 1"),
        ("", "n 2"),
        ("zero", "commit count, stash count"),
    ]


@pytest.mark.parametrize(
    ("value", "unit", "other"), [(0.5, "ratio", "0.25"), (1.0, "ratio", "0.5"), (1.0, "x", "2")]
)
def test_another_value_is_half_of_a_share_and_twice_a_number(
    value: float, unit: str, other: str
) -> None:
    assert _another({"value": value, "unit": unit}) == other
