"""The commands that change something: waive, ignore, sources, rollback, refresh-meta."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
import worlds
import yaml
from enrich_fixtures import GAP, PlayedDbt, Workspace, make_file

from enrich.commands.decisions.waiver_targets import literal_glob
from enrich.commands.operate import build_process
from loaders.base.locks import FileLock
from loaders.base.paths import locations
from loaders.building.plan import key_now
from loaders.publishing.build_database import code_fingerprint
from loaders.sources.crawl import source as crawl_source
from loaders.zone.landing import LandingZone


def landed(workspace: Workspace, table: str) -> list[dict[str, Any]]:
    return worlds.landed(LandingZone(workspace.landing), table)


# -- ignore ----------------------------------------------------------------------------------------


def test_ignoring_a_rule_lands_one_row(workspace: Workspace) -> None:
    words = ["--reason", "planned", "--note", "later\x1b", "--until", "2999-01-02", "--owner", "me"]

    result = workspace.ask("ignore", "duplicate-mirror-content", *words)

    assert "covers now: 2" in result.stdout
    [row] = landed(workspace, "waiver_events")
    assert (row["gap_type"], row["subject_pattern"]) == ("DUPLICATE_MIRROR_CONTENT", "*")
    assert (row["reason"], row["note"], row["owner"]) == ("planned", "later\\x1b", "me")
    assert row["expires_on"] == date(2999, 1, 2)
    [entry] = LandingZone(workspace.landing).entries()
    assert (entry.manifest["action"], entry.manifest["landed"]) == ("decisions", 1)


def test_ignoring_a_path_lands_the_path_and_everything_below(
    workspace: Workspace, tmp_path, monkeypatch
) -> None:
    (tmp_path / "a[b]*").mkdir()
    monkeypatch.chdir(tmp_path)

    result = workspace.ask("ignore", "./a[b]*", "--reason", "accepted_risk")

    assert "covers now: 0" in result.stdout
    rows = landed(workspace, "waiver_events")
    pattern = f"{tmp_path.resolve()}/a[[]b][*]"
    assert [(row["gap_type"], row["subject_pattern"]) for row in rows] == [
        ("*", pattern),
        ("*", pattern + "/*"),
    ]


def test_ignoring_a_finding_lands_its_whole_id(workspace: Workspace) -> None:
    result = workspace.ask("ignore", GAP, "--reason", "false_positive")

    assert "covers now: 1" in result.stdout
    assert [row["subject_pattern"] for row in landed(workspace, "waiver_events")] == [GAP]
    assert "several ids" in workspace.ask("ignore", GAP[:8], "--reason", "planned").stderr


def test_a_path_of_a_finding_may_be_gone_from_disk(workspace: Workspace) -> None:
    assert "covers now: 1" in workspace.ask("ignore", "/w/jq", "--reason", "planned").stdout


# -- waive -----------------------------------------------------------------------------------------

ANSWERED = ["--reason", "planned", "--until", "2999-01-02", "--owner", "me"]


@pytest.mark.parametrize(
    ("target", "rule", "patterns", "covered"),
    [
        (GAP[:32], "*", [GAP], 1),
        ("duplicate-mirror-content", "DUPLICATE_MIRROR_CONTENT", ["*"], 2),
        ("DUPLICATE_*", "DUPLICATE_*", ["*"], 2),
        ("HIGH_*:crawl", "HIGH_*", ["crawl"], 0),
        ("*:/w/jq", "*", ["/w/jq", "/w/jq/*"], 1),
        ("duplicate*:/w/j?", "DUPLICATE*", ["/w/j?"], 1),
        ("/w/*/vendor/*", "*", ["/w/*/vendor/*"], 1),
    ],
)
def test_a_waiver_covers_by_rule_and_subject(workspace, target, rule, patterns, covered) -> None:
    result = workspace.ask("waive", target, *ANSWERED)

    assert (result.exit_code, f"covers now: {covered}" in result.stdout) == (0, True), result.output
    rows = landed(workspace, "waiver_events")
    assert [(row["gap_type"], row["subject_pattern"]) for row in rows] == [
        (rule, pattern) for pattern in patterns
    ]
    assert {(row["reason"], row["owner"], row["expires_on"]) for row in rows} == {
        ("planned", "me", date(2999, 1, 2))
    }


def test_never_means_a_waiver_without_an_end(workspace: Workspace) -> None:
    assert (
        workspace.ask(
            "waive", GAP, "--reason", "planned", "--until", "never", "--owner", "me"
        ).exit_code
        == 0
    )
    assert [row["expires_on"] for row in landed(workspace, "waiver_events")] == [None]


def test_a_waiver_is_withdrawn_with_all_of_its_patterns(workspace: Workspace) -> None:
    workspace.ask("waive", "/w/jq", *ANSWERED)
    workspace.ask("waive", "HIGH_*:/w/jq", *ANSWERED)

    assert workspace.ask("waive", "/w/fzf", "--withdraw").exit_code == 2
    # In the form of `enrich waivers`: its rule and its shortest pattern.
    assert workspace.ask("waive", "*:/w/jq", "--withdraw").exit_code == 0
    assert workspace.ask("waive", "/w/jq", "--withdraw").exit_code == 2, "it is withdrawn already"

    rows = [row for row in landed(workspace, "waiver_events") if row["reason"] == "withdrawn"]
    assert [(row["gap_type"], row["subject_pattern"]) for row in rows] == [
        ("*", "/w/jq"),
        ("*", "/w/jq/*"),
    ]


@pytest.mark.parametrize(
    "words",
    [
        [GAP, "--reason", "planned", "--until", "never"],
        [GAP, "--reason", "planned", "--owner", "me"],
        [GAP, "--until", "never", "--owner", "me"],
        [GAP, "--reason", "withdrawn", "--until", "never", "--owner", "me"],
        [GAP, "--reason", "planned", "--until", "2001-01-01", "--owner", "me"],
        [GAP, "--reason", "planned", "--until", "soon", "--owner", "me"],
        ["NO_SUCH_*:/w/jq", *ANSWERED],
        ["/w/no/such/*", *ANSWERED],
        [GAP, "--withdraw"],
        [GAP, "--withdraw", "--reason", "planned"],
    ],
)
def test_an_incomplete_waiver_lands_nothing(workspace: Workspace, words: list[str]) -> None:
    assert workspace.ask("waive", *words).exit_code == 2
    assert not workspace.landing.exists() or landed(workspace, "waiver_events") == []


@pytest.mark.parametrize(
    "words",
    [
        ["/no/such/path", "--reason", "planned"],
        ["/w/jq", "--reason", "because"],
        ["/w/jq", "--reason", "planned", "--until", "2001-01-01"],
        ["/w/jq", "--reason", "planned", "--until", "soon"],
        ["/w/jq"],
    ],
)
def test_a_mistake_lands_nothing(workspace: Workspace, words: list[str]) -> None:
    assert workspace.ask("ignore", *words).exit_code == 2
    assert not workspace.landing.exists()


@pytest.mark.parametrize("text", ["/a/[x]*?", r"/a/\x0a\\b", "/a]b", "/é", "/a-b[!c]"])
def test_a_literal_pattern_matches_only_its_text(text: str) -> None:
    with duckdb.connect() as db:
        assert db.execute("select $1 glob $2", [text, literal_glob(text)]).fetchone() == (True,)
        assert db.execute("select $1 glob $2", [text + "x", literal_glob(text)]).fetchone() == (
            False,
        )
        assert db.execute(
            "select $1 glob $2", [text + "/x", literal_glob(text) + "/*"]
        ).fetchone() == (True,)
        assert db.execute("select $1 glob $2", ["/a/xzz", literal_glob(text)]).fetchone() == (
            False,
        )


# -- sources, rollback -----------------------------------------------------------------------------


def test_sources_are_added_listed_and_forgotten(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "my code").mkdir()
    root = str((tmp_path / "my code").resolve())

    assert workspace.ask("sources", "add", root).stdout == f"added: {root}\n"
    assert workspace.ask("sources", "add", root).stdout == f"already registered: {root}\n"
    listed = json.loads(workspace.ask("sources", "list", "--format", "json").stdout)
    assert listed == [{"kind": "root", "path": root, "profile": "default"}]
    assert workspace.ask("sources", "forget", root).exit_code == 0
    assert workspace.ask("sources", "forget", root).exit_code == 2
    assert json.loads(workspace.ask("sources", "list", "--format", "json").stdout) == []
    assert workspace.ask("sources", "add", str(tmp_path / "typo")).exit_code == 2


def test_listing_sources_does_not_create_a_landing_zone(workspace: Workspace) -> None:
    assert workspace.ask("sources", "list").stdout.startswith("none yet")
    assert not workspace.landing.exists()


def test_a_damaged_landing_zone_is_exit_4(workspace: Workspace) -> None:
    (workspace.landing / "log").mkdir(parents=True)
    (workspace.landing / "log" / "00000000000000000001.json").write_text("{")

    assert workspace.ask("sources", "list").exit_code == 4


def test_rollback_publishes_the_previous_version(workspace: Workspace) -> None:
    from loaders.publishing.publish import swap_in

    where = locations()
    for number in (1, 2):
        draft = workspace.published.with_name(f"draft{number}")
        make_file(draft, {"v_project_health": [{"project_id": str(number)}]})
        assert swap_in(draft, where, {}) == number

    assert (
        workspace.ask("rollback").stdout == f"published again: version 1, {workspace.published}\n"
    )
    ids = json.loads(
        workspace.ask("sql", "select project_id from v_project_health", "--format", "json").stdout
    )
    assert ids == [{"project_id": "1"}]
    assert "version 1, " in workspace.ask("status").stdout
    assert workspace.ask("rollback").exit_code == 2
    with FileLock(where.build_lock, "a build"):
        assert workspace.ask("rollback").exit_code == 3

    listed = workspace.ask("rollback", "--list", "--format", "json")
    assert [(row["version"], row["is_current"]) for row in json.loads(listed.stdout)] == [
        (2, False), (1, True)
    ]  # fmt: skip
    assert "1  current" in workspace.ask("rollback", "--list").stdout
    again = f", {workspace.published}\n"
    assert workspace.ask("rollback", "--forward").stdout == f"published again: version 2{again}"
    newer = workspace.ask("rollback", "--forward")
    assert newer.exit_code == 2 and "no newer version is kept" in newer.stderr
    assert workspace.ask("rollback", "--to", "1").stdout == f"published again: version 1{again}"
    none = workspace.ask("rollback", "--to", "3")
    assert none.exit_code == 2 and "version 3 is not kept" in none.stderr
    assert none.stderr.endswith("kept: 1, 2\n")
    assert workspace.ask("rollback", "--to", "1", "--forward").exit_code == 2


# -- refresh-meta ----------------------------------------------------------------------------------


@pytest.fixture
def code(tmp_path: Path) -> Path:
    folder = tmp_path / "my 'code'"
    folder.mkdir()
    (folder / "a.py").write_text("print()\n")
    return folder.resolve()


def test_refresh_crawls_builds_and_shows_the_next_actions(
    workspace: Workspace, dbt: PlayedDbt, code: Path
) -> None:
    result = workspace.ask("refresh-meta", str(code))

    assert (result.exit_code, result.stderr) == (0, "")
    assert "published: version 7" in result.stdout
    assert result.stdout.index("projects ") < result.stdout.index("What to do next")
    assert result.stdout.count("What to do next") == 1
    [(command, environment)] = dbt.calls
    assert command[1:] == ["-m", "loaders.building"]
    assert environment["META_DB_PATH"] == str(workspace.published)
    assert [row["path"] for row in landed(workspace, "source_events")] == [str(code)]

    assert workspace.ask("refresh-meta").exit_code == 0
    assert [row["root_path"] for row in landed(workspace, "crawl_roots")] == [str(code)] * 2


def test_make_passes_the_root_through_the_environment(workspace, dbt, code, monkeypatch) -> None:
    monkeypatch.setenv("HOME", str(code.parent))
    monkeypatch.setenv("META_REFRESH_ROOT", f"~/{code.name}")
    assert workspace.ask("refresh-meta", "--from-make").exit_code == 0
    monkeypatch.setenv("META_REFRESH_ROOT", "")
    assert workspace.ask("refresh-meta", "--from-make").exit_code == 0
    assert [row["root_path"] for row in landed(workspace, "crawl_roots")] == [str(code)] * 2


def test_a_root_keeps_the_profile_that_it_was_added_with(workspace, dbt, code, monkeypatch) -> None:
    used = []
    monkeypatch.setattr(
        crawl_source,
        "_crawl_group",
        lambda zone, roots, profile, argv: used.append((roots, profile)) or True,
    )
    from loaders.zone.registering import register

    register(LandingZone(workspace.landing), [bytes(code)], "other", [])

    for words in ([], [str(code)], [str(code), "--profile", "third"]):
        workspace.ask("refresh-meta", *words)
    assert used == [([bytes(code)], "other"), ([bytes(code)], "other"), ([bytes(code)], "third")]


def test_without_sources_one_line_shows_the_command_to_run(
    workspace: Workspace, dbt: PlayedDbt
) -> None:
    result = workspace.ask("refresh-meta")

    assert (result.exit_code, result.stdout, dbt.calls) == (2, "", [])
    assert result.stderr == "no folder is registered yet; run: make refresh ROOT=~/code\n"


def test_a_typing_mistake_lands_nothing(
    workspace: Workspace, dbt: PlayedDbt, tmp_path: Path
) -> None:
    assert workspace.ask("refresh-meta", str(tmp_path / "typo")).exit_code == 2
    assert (LandingZone(workspace.landing).entries(), dbt.calls) == ([], [])


def test_a_failed_build_reports_the_failures_and_the_log(workspace, dbt, code) -> None:
    dbt.outcome = "not published: 3 of 4 nodes"
    dbt.output = (
        "10:00:00  3 of 4 FAIL\n10:00:01  [ERROR]: in test x\n10:00:01    Got 26 results\x1b[31m\n"
    )

    result = workspace.ask("refresh-meta", str(code))

    assert result.exit_code == 1
    log = locations().work_folder / "build.log"
    assert result.stderr == (
        "not published: 3 of 4 nodes\n"
        f"  [ERROR]: in test x\n  Got 26 results\\x1b[31m\n  log: {log}\n"
    )


def test_the_state_of_an_earlier_build_is_not_used(workspace, dbt, code) -> None:
    assert workspace.ask("refresh-meta", str(code)).exit_code == 0
    dbt.outcome, dbt.output = "", "Runtime Error: no such profile"

    result = workspace.ask("refresh-meta")

    assert result.exit_code == 1
    assert "the build ended early" in result.stderr and "no such profile" in result.stderr


def test_a_plan_is_made_once_per_version_of_the_code(tmp_path: Path) -> None:
    assert key_now({"META_UNIT_TESTS": "off"}) != key_now({}) == key_now({"META_UNIT_TESTS": "on"})
    project = tmp_path / "project"
    shutil.copytree(build_process.PROJECT_ROOT / "models", project / "models")
    shutil.copytree(build_process.PROJECT_ROOT / "macros", project / "macros")
    shutil.copy(build_process.PROJECT_ROOT / "dbt_project.yml", project)
    before = code_fingerprint(project)
    assert before == code_fingerprint(project)
    (project / "models" / "gaps" / "gap_project_unindexed.sql").write_text("select 1")
    assert before != (after := code_fingerprint(project))
    staging = project / "loaders" / "sources" / "owners" / "staging"
    staging.mkdir(parents=True)
    (staging.parent / "land.py").write_text("")
    assert after == code_fingerprint(project)
    (staging / "stg_owners__owners.sql").write_text("select 1")
    assert after != code_fingerprint(project)


def test_every_unit_test_can_be_left_out() -> None:
    switch = "{{ env_var('META_UNIT_TESTS', 'on') == 'on' }}"
    found = [
        test
        for folder in ("models", "loaders")
        for path in (build_process.PROJECT_ROOT / folder).rglob("*.yml")
        for test in (yaml.safe_load(path.read_text()) or {}).get("unit_tests", [])
    ]
    assert (
        found
        and [test["name"] for test in found if test.get("config") != {"enabled": switch}] == []
    )


def test_a_crawl_that_fails_leaves_no_dbt_behind(workspace, code, monkeypatch) -> None:
    started = []
    start = build_process._start
    monkeypatch.setattr(
        build_process, "_start", lambda *call: started.append(start(*call)) or started[-1]
    )

    assert workspace.ask("refresh-meta", str(code / "typo")).exit_code == 2
    assert started == []

    monkeypatch.setattr(crawl_source, "_crawl_group", lambda *_: False)
    assert workspace.ask("refresh-meta", str(code)).exit_code == 1
    assert [process.poll() for process in started] == [0]


def test_a_build_under_way_is_exit_3_before_anything_is_crawled(workspace, dbt, code) -> None:
    with FileLock(locations().build_lock, "a build"):
        result = workspace.ask("refresh-meta", str(code))

    assert (result.exit_code, workspace.landing.exists()) == (3, False)
