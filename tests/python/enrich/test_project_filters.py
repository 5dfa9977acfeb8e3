"""The options --group, --tag and --mine of the commands that list what belongs to projects."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from enrich_fixtures import FZF, JQ, TWIN, Workspace, make_file

QUOTED = 'it\'s ["odd"]'


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    made = Workspace(tmp_path, monkeypatch)
    make_file(made.published)
    labels = {JQ: (["core", QUOTED], ["json"]), FZF: (["core"], []), TWIN: ([], [])}
    with duckdb.connect(str(made.published)) as db:
        for project, (groups, tags) in labels.items():
            db.execute(
                "update projects set project_groups = ?, project_tags = ? where project_id = ?",
                [json.dumps(groups), json.dumps(tags), project],
            )
        db.execute("update v_project_health set is_mine = project_id = ?", [JQ])
    return made


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
