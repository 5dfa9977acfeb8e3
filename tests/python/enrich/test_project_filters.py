"""The options --group, --tag and --mine of the commands that list what belongs to projects."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from enrich_fixtures import FZF, GAP, JQ, TWIN, Workspace, make_file

QUOTED = 'it\'s ["odd"]'


@pytest.fixture
def workspace(workspace: Workspace) -> Workspace:
    labels = {JQ: (["core", QUOTED], ["json"]), FZF: (["core"], []), TWIN: ([], [])}
    with duckdb.connect(str(workspace.published)) as db:
        for project, (groups, tags) in labels.items():
            db.execute(
                "update projects set project_groups = ?, project_tags = ? where project_id = ?",
                [json.dumps(groups), json.dumps(tags), project],
            )
        db.execute("update v_project_health set is_mine = project_id = ?", [JQ])
    return workspace


def _ids(workspace: Workspace, *words: str) -> set[str]:
    result = workspace.ask(*words, "--format", "json")
    assert (result.exit_code, result.stderr) == (0, "")
    return {row["project_id"] for row in json.loads(result.stdout)}


def test_all_options_must_fit(workspace: Workspace) -> None:
    assert _ids(workspace, "projects", "--group", "core") == {JQ, FZF}
    assert _ids(workspace, "projects", "--group", QUOTED) == {JQ}
    assert _ids(workspace, "projects", "--tag", "json") == {JQ}
    assert _ids(workspace, "projects", "--mine") == {JQ}
    assert _ids(workspace, "projects", "--group", "core", "--tag", "json", "--mine") == {JQ}
    assert len(_ids(workspace, "projects")) == 4


@pytest.mark.parametrize("command", ["projects", "gaps", "gap-history", "next-actions"])
def test_every_list_takes_them(workspace: Workspace, command: str) -> None:
    assert _ids(workspace, command) > _ids(workspace, command, "--group", QUOTED) == {JQ}


def test_the_page_and_the_object_of_the_status_are_about_the_chosen_projects(
    workspace: Workspace,
) -> None:
    whole, part = (
        json.loads(workspace.ask("status", "--json", *words).stdout)
        for words in ([], ["--group", QUOTED])
    )
    assert (whole["projects"]["total"], part["projects"]["total"]) == (4, 1)
    assert (whole["findings"]["open"], part["findings"]["open"]) == (2, 1)
    assert part["rejects"] is None
    page = workspace.ask("status", "--project", JQ).stdout
    assert "1 repository" in page
    assert "trend" not in page
    assert workspace.ask("status", "--fail-on", "gaps", "--project", FZF).exit_code == 0
    assert workspace.ask("status", "--fail-on", "gaps", "--project", JQ).exit_code == 1


def test_waivers_are_those_with_a_pattern_for_a_chosen_project(workspace: Workspace) -> None:
    patterns = {"all": ["*"], "in": ["/w/jq/src/*"], "of": [GAP], "other": ["/w/jq2"]}
    with duckdb.connect(str(workspace.published)) as db:
        db.execute("delete from v_waivers")
        for name, globs in patterns.items():
            db.execute(
                "insert into v_waivers (waiver_id, subject_patterns) values (?, ?)",
                [name, json.dumps(globs)],
            )
        db.execute("insert into gap_findings (finding_id, project_id) values (?, ?)", [GAP, JQ])

    def listed(*words: str) -> set[str]:
        answer = workspace.ask("waivers", "--format", "json", *words)
        return {row["waiver_id"] for row in json.loads(answer.stdout)}

    assert listed() == {*patterns}
    assert listed("--project", JQ) == {"all", "in", "of"}
    assert listed("--project", FZF) == {"all"}


def test_the_backlog_and_the_queue_take_one_project(workspace: Workspace) -> None:
    paths = {
        row["path"]
        for row in json.loads(
            workspace.ask("backlog", "--json", "--min-lines", "0", "--project", JQ).stdout
        )
    }
    assert paths == {"/w/jq"}
    assert _ids(workspace, "next-actions", "--project", JQ) == {JQ}


def test_mine_says_what_to_do_if_no_project_is_known_to_be_the_users(workspace: Workspace) -> None:
    with duckdb.connect(str(workspace.published)) as db:
        db.execute("update v_project_health set is_mine = null")
    result = workspace.ask("projects", "--mine")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "enrich config edit my_identities" in result.stderr


def test_roles_are_those_of_the_chosen_projects(workspace: Workspace) -> None:
    with duckdb.connect(str(workspace.published)) as db:
        for project, file in ((JQ, "a.c"), (FZF, "b.go")):
            db.execute(
                "insert into v_file_roles (project_id, file_path) values (?, ?)", [project, file]
            )
    assert len(_ids(workspace, "roles")) == 2
    assert _ids(workspace, "roles", "--group", QUOTED) == {JQ}


def test_an_unknown_name_is_refused_with_those_that_are_known(workspace: Workspace) -> None:
    result = workspace.ask("gaps", "--group", "cor")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "no project has the group cor; did you mean core?\n"
    assert workspace.ask("gaps", "--tag", "c").stderr == (
        "no project has the tag c; did you mean json?\n"
    )


def test_without_labels_the_file_that_gives_them_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = Workspace(tmp_path, monkeypatch)
    make_file(bare.published)
    assert bare.ask("projects", "--tag", "x").stderr == (
        "no project has a tag; `enrich config edit project_labels` gives one\n"
    )
