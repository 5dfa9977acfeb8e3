"""`enrich status --json` and `--fail-on`: what monitors read."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import duckdb
import pytest
from enrich_fixtures import NEWEST, Workspace
from pages import PROJECT

STALE = f"{NEWEST + timedelta(days=40):%Y-%m-%dT%H:%M:%S}"
FRESH = f"{NEWEST + timedelta(days=1):%Y-%m-%dT%H:%M:%S}"
BUILD = {
    "started_at": "2026-03-01T01:00:00.5",
    "ended_at": "2026-03-01T02:00:00+00:00",
    "is_published": True,
    "outcome": "published: version 7",
}


@pytest.fixture
def workspace(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("META_NOW", FRESH)
    return workspace


def build_ended(workspace: Workspace, **state: Any) -> None:
    folder = workspace.published.with_name("meta.duckdb.d")
    folder.mkdir(exist_ok=True)
    (folder / "state.json").write_text(json.dumps(BUILD | state))


def object_of(workspace: Workspace) -> dict[str, Any]:
    return json.loads(workspace.ask("status", "--json").stdout)


def test_the_object_has_the_figures_of_the_page(workspace: Workspace) -> None:
    build_ended(workspace)
    with duckdb.connect(str(workspace.published)) as db:
        db.execute("update ingest_runs set error_count = 3")
        db.execute("insert into v_rejects (table_name, row_count) values ('files', 5)")

    found = object_of(workspace)

    assert found["is_published"] is True and found["is_stale"] is False
    assert found["stale_after_days"] == 14
    assert found["projects"] == {"total": 4, "fresh": 4, "stale": 0, "never": 0, "gone": 0}
    severities = {"critical": 1, "high": 1, "medium": 0, "low": 0}
    assert found["findings"] == {"open": 2, **severities, "waived": 1}
    assert (found["rejects"], found["warnings"], found["failed_on"]) == (5, 3, [])
    assert found["last_refresh"] == {
        "started_at": "2026-03-01T01:00:00.500000Z",
        "ended_at": "2026-03-01T02:00:00Z",
        "is_published": True,
        "outcome": "published: version 7",
        "exit_code": 0,
    }


def test_the_age_of_the_published_version_is_counted_to_now(workspace, monkeypatch) -> None:
    monkeypatch.setenv("META_NOW", "2040-01-01")
    first = object_of(workspace)["age_seconds"]
    monkeypatch.setenv("META_NOW", "2040-01-01T00:01:00")

    assert object_of(workspace)["age_seconds"] == first + 60


def test_every_key_is_documented(workspace: Workspace) -> None:
    page = (PROJECT / "docs" / "operate.md").read_text(encoding="utf-8")

    build_ended(workspace)
    assert [key for key in object_of(workspace) if f"`{key}`" not in page] == []


CASES = {
    "nothing is wrong": (FRESH, {}, "delete from v_gap_backlog", []),
    "stale": (STALE, {}, "delete from v_gap_backlog", ["stale"]),
    "not published": (
        FRESH, {"is_published": False}, "delete from v_gap_backlog", ["not-published"],
    ),
    "a finding": (FRESH, {}, "select 1", ["gaps"]),
    "waived findings": (FRESH, {}, "update v_gap_backlog set status = 'waived'", []),
    "all": (STALE, {"is_published": False}, "select 1", ["stale", "not-published", "gaps"]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_monitor_fails_on_the_conditions_that_it_names(workspace, monkeypatch, name) -> None:
    now, state, change, expected = CASES[name]
    monkeypatch.setenv("META_NOW", now)
    build_ended(workspace, **state)
    with duckdb.connect(str(workspace.published)) as db:
        db.execute(change)

    for condition in ("stale", "not-published", "gaps"):
        result = workspace.ask("status", "--fail-on", condition)
        assert result.exit_code == (1 if condition in expected else 0), condition
        assert result.stderr.startswith(f"{condition}: ") == (condition in expected)
    every = [word for one in ("stale", "not-published", "gaps") for word in ("--fail-on", one)]
    result = workspace.ask("status", "--json", *every)
    assert json.loads(result.stdout)["failed_on"] == expected
    assert result.exit_code == (1 if expected else 0)
    assert workspace.ask("status").exit_code == 0


def test_a_stale_project_that_is_waived_does_not_count(workspace, monkeypatch) -> None:
    monkeypatch.setenv("META_NOW", STALE)
    with duckdb.connect(str(workspace.published)) as db:
        db.execute(
            "insert into v_gap_backlog (finding_id, gap_type, status, project_id)"
            " select 'w' || project_id, 'PROJECT_STALE_SCAN', 'waived', project_id"
            " from v_project_health"
        )

    found = object_of(workspace)

    assert (found["is_stale"], found["projects"]["stale"]) == (False, 4)


def test_a_build_that_was_killed_has_no_exit_code(workspace: Workspace) -> None:
    build_ended(workspace, is_published=False, is_dead=True)

    assert object_of(workspace)["last_refresh"]["exit_code"] is None


@pytest.mark.parametrize("words", [["--json"], ["--fail-on", "gaps"], ["--format", "csv"], []])
def test_the_exit_code_is_2_if_nothing_is_published(tmp_path, monkeypatch, words) -> None:
    result = Workspace(tmp_path, monkeypatch).ask("status", *words)

    assert result.exit_code == 2
    if words == ["--json"]:
        found = json.loads(result.stdout)
        assert found.pop("published_path") and found.pop("is_published") is False
        assert found.pop("failed_on") == [] and set(found.values()) == {None}
