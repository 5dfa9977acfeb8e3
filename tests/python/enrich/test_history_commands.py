"""The commands about history and packages: filters, repeats, and names that do not exist."""

from __future__ import annotations

import json
from typing import Any

import duckdb
from enrich_fixtures import EVIL, JQ, Workspace

from enrich.answers.findings import project_name
from enrich.answers.projects import names_apart, names_of
from enrich.commands.history.branches import _distance
from enrich.db import Published, Rows
from enrich.screen import Column


def rows(workspace: Workspace, *words: str) -> list[dict]:
    return json.loads(workspace.ask(*words, "--format", "json").stdout)


def test_a_project_is_named_in_two_ways(workspace: Workspace) -> None:
    for words in (["jq"], ["--project", "jq"], [JQ[:32]]):
        assert {row["project_id"] for row in rows(workspace, "hotspots", *words)} == {JQ}
    assert {row["project_id"] for row in rows(workspace, "hotspots")} == {JQ, EVIL}
    assert workspace.ask("hotspots", "jq", "--project", "jq").exit_code == 2
    assert workspace.ask("hotspots", "jqq").stderr == "no project is called jqq; did you mean jq?\n"


def test_repeats_count_once_over_the_workspace_and_always_in_their_project(
    workspace: Workspace,
) -> None:
    assert [row["is_repeat"] for row in rows(workspace, "hotspots")] == [False, False]
    assert [row["is_repeat"] for row in rows(workspace, "hotspots", "jq")] == [False, True]


def test_owners_are_those_of_projects_or_of_the_files_of_one(workspace: Workspace) -> None:
    assert [row["scope"] for row in rows(workspace, "owners")] == ["project"]
    assert [row["scope"] for row in rows(workspace, "owners", "jq")] == ["project", "file"]


def test_a_lineage_is_found_from_both_sides(workspace: Workspace) -> None:
    for given in ("/w/deep/fzf", "/w/old/fzf"):
        assert [row["relation"] for row in rows(workspace, "lineage", given)] == ["a_ahead"]
    assert rows(workspace, "lineage", "jq") == []
    assert "is ahead of" in workspace.ask("lineage").stdout


def test_branches_that_are_not_merged_come_first(workspace: Workspace) -> None:
    states = [row["state"] for row in rows(workspace, "branches", "jq")]
    assert states == ["waits", "default"]
    assert [row["state"] for row in rows(workspace, "branches", "--pending")] == ["waits"]


def test_who_makes_and_uses_a_package(workspace: Workspace) -> None:
    uses = [(row["use"], row["version"]) for row in rows(workspace, "packages", "libjq")]
    assert uses[0] == ("made", "1.7") and {use for use, _ in uses[1:]} == {"runtime"}
    assert len(rows(workspace, "packages", "LIBJQ")) == len(uses)
    assert rows(workspace, "packages", "libjq", "--project", "/w/deep/fzf") == []
    assert workspace.ask("packages", "libjp").stderr == (
        "no project here makes or needs libjp; did you mean libjq?\n"
    )
    assert workspace.ask("packages", "libjp").exit_code == 2


def test_names_of_python_packages_are_compared_as_python_does(workspace: Workspace) -> None:
    with duckdb.connect(str(workspace.published)) as db:
        db.execute(
            "insert into packages (package_name, ecosystem) values"
            " ('zope.interface', 'python'), ('lodash.get', 'npm')"
        )

    assert [row["package_name"] for row in rows(workspace, "packages", "Zope_Interface")] == [
        "zope.interface"
    ]
    assert workspace.ask("packages", "lodash-get").exit_code == 2


class _Projects(Published):
    """Answers with paths, and whether their projects are gone."""

    def query(self, *_: Any, **__: Any) -> Rows:
        paths = {
            "/w/code/click": False,
            "/w/backup/click": False,
            "/w/jq": False,
            "/w/old/jq": True,
        }
        return Rows(("project_path", "is_gone"), [*paths.items()])


def test_projects_of_the_same_name_are_named_by_more_of_their_paths() -> None:
    plain = (Column("project", project_name), Column("x", "x", below=(Column("", project_name),)))
    columns = names_apart(plain, names_of(_Projects()))
    # A project that is gone makes no name longer; one that is not known keeps its own.
    names = {
        "/w/code/click": "code/click",
        "/w/backup/click": "backup/click",
        "/w/jq": "jq",
        "/w/old/jq": "old/jq",
        "/w/fd": "fd",
        None: None,
    }
    for path, name in names.items():
        assert columns[0].of({"project_path": path}) == name
        assert columns[1].below[0].of({"project_path": path}) == name


def test_branches_show_only_numbers_that_are_not_0() -> None:
    cases = {
        ("default", 0, 0): "",
        ("waits", 2, 13): "+2 -13",
        ("waits", 1_000, 0): "+1,000",
        ("merged", 0, 5): "-5",
        ("merged", 0, 0): "none",
        (None, None, None): None,
    }
    for (state, ahead, behind), text in cases.items():
        row = {"state": state, "ahead_count": ahead, "behind_count": behind}
        assert _distance(row) == text
