"""Freshness and ages are judged at the present moment, not at the last build."""

from __future__ import annotations

import json
from datetime import timedelta

import duckdb
import pytest
from enrich_fixtures import GAP, JQ, NEWEST, Workspace

# The limit of the sample is 14 days, and its newest scan ended at noon.
NIGHTS = {
    "the same day": 0,
    "at the limit": 14,
    "that evening": 14.49,
    "next day": 14.5,
    "later": 40,
}


def at(monkeypatch: pytest.MonkeyPatch, days: float) -> None:
    monkeypatch.setenv("META_NOW", f"{NEWEST + timedelta(days=days):%Y-%m-%dT%H:%M:%S}")


def rows(workspace: Workspace, *words: str) -> list[dict]:
    return json.loads(workspace.ask(*words, "--format", "json").stdout)


@pytest.mark.parametrize("night", NIGHTS)
def test_a_scan_is_stale_once_it_is_older_than_the_limit(workspace, monkeypatch, night) -> None:
    at(monkeypatch, NIGHTS[night])
    # Ages are counted from date to date.
    days = int(NIGHTS[night] + 0.5)
    expected = "stale" if days > 14 else "fresh"

    assert {row["index_state"] for row in rows(workspace, "projects")} == {expected}
    [page] = rows(workspace, "show", "jq")
    assert (page["index_state"], page["scan_age_days"]) == (expected, days)
    assert [row["is_fresh"] for row in page["coverage"]] == [days <= 14]
    assert f"4 {expected}" in workspace.ask("status").stdout
    for command in ("projects", "next-actions"):
        is_noted = "last scanned more than 14 days ago" in workspace.ask(command).stdout
        assert is_noted == (days > 14), command


def test_a_threshold_of_the_build_is_the_limit(workspace, monkeypatch) -> None:
    with duckdb.connect(str(workspace.published)) as db:
        db.execute("update v_rules set thresholds = replace(thresholds, '14.0', '30.0')")

    at(monkeypatch, 20)
    assert {row["index_state"] for row in rows(workspace, "projects")} == {"fresh"}
    at(monkeypatch, 31)
    assert {row["index_state"] for row in rows(workspace, "projects")} == {"stale"}


@pytest.mark.parametrize("state", ["gone", "never", "stale"])
def test_no_other_state_becomes_fresh_or_stale_by_time(workspace, monkeypatch, state) -> None:
    with duckdb.connect(str(workspace.published)) as db:
        db.execute(
            "update v_project_health set index_state = $1 where project_name = 'jq'", [state]
        )

    for days in (0, 40):
        at(monkeypatch, days)
        assert rows(workspace, "show", "jq")[0]["index_state"] == state


def test_a_file_without_the_limit_keeps_its_own_judgement(workspace, monkeypatch) -> None:
    with duckdb.connect(str(workspace.published)) as db:
        db.execute("drop table v_rules")

    at(monkeypatch, 400)
    assert {row["index_state"] for row in rows(workspace, "projects")} == {"fresh"}


def test_the_age_of_a_finding_grows_between_builds(workspace, monkeypatch) -> None:
    with duckdb.connect(str(workspace.published)) as db:
        for table in ("v_gap_backlog", "gap_findings"):
            db.execute(f"update {table} set first_seen = $1 where finding_id = $2", [NEWEST, GAP])

    at(monkeypatch, 40)
    assert [row["age_days"] for row in rows(workspace, "gaps", "--project", JQ)] == [40]
    assert [row["age_days"] for row in rows(workspace, "gaps", "show", GAP)] == [40]
    assert "40 days" in workspace.ask("gaps", "show", GAP).stdout
