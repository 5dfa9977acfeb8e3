"""Each name that a command prints is accepted by the commands that take such a name."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from enrich_fixtures import GAP, JQ, RESOLVED, Workspace, make_file, sample

from enrich.commands.decisions.waiver_targets import pattern_for, waiver_for
from enrich.commands.history.file_history import _path_in_history
from enrich.commands.operate.source_list import _registered_path
from enrich.db import Published
from enrich.lookup import find_project, the_rule
from enrich.options import Refusal
from loaders.zone.registered import Registered


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a project, links to it, and a folder that is a project no longer."""
    root = tmp_path_factory.mktemp("names").resolve()
    for name in ("here/jq/src", "here/was", "here/.github", "data"):
        (root / name).mkdir(parents=True)
    (root / "link").symlink_to("here")
    for name in ("landed", "new"):
        (root / "here/jq" / name).symlink_to("src")
    (root / "data/moved").mkdir()
    (root / "here/moved").symlink_to("../data/moved")
    return root


@pytest.fixture(scope="module")
def published(disk: Path) -> Published:
    places = {
        "jq": "here/jq", "around": "here", "was": "here/was", "dotted": "here/.github",
        "odd": "here/tab\\x09end", "fzf": "a/fzf", "fzf_two": "b/fzf", "fzf_gone": "c/fzf",
        "only_gone": "c/gone", "deep": "backup/deep/jqq", "moved": "here/moved",
    }  # fmt: skip
    gone = ("was", "fzf_gone", "only_gone")
    rows = [
        {
            "project_id": f"{number:04x}" + name.encode().hex().ljust(28, "0")[:28],
            "project_path": f"{disk}/{place}",
            "project_name": place.rpartition("/")[2],
            "index_state": "gone" if name in gone else "fresh",
        }
        for number, (name, place) in enumerate(places.items(), 0xAB00)
    ]
    # A live project and one that is gone with the same name, and with ids that begin equally.
    rows += [
        {
            "project_id": f"feed{number}" + "0" * 27,
            "project_path": f"{disk}/{place}/twin",
            "project_name": "twin",
            "index_state": state,
        }
        for number, (place, state) in enumerate([("old", "gone"), ("new", "fresh")])
    ]
    versions = [{"project_path": f"{disk}/here/jq", "file_path": "landed"}]
    tables = {"v_project_health": rows, "file_versions": versions}
    return Published(make_file(disk / "names.duckdb", tables))


NAMED = [
    ("jq", "here/jq"), ("JQ", "here/jq"), ("{root}/here/jq", "here/jq"),
    ("{root}/here/jq/src/x.c", "here/jq"), ("{root}/link/jq/src", "here/jq"),
    ("AB00", "here/jq"), ("ab006a71", "here/jq"),
    # names with the form of a path, and paths as titles print them
    (".github", "here/.github"), ("tab\\x09end", "here/tab\\x09end"),
    ("tab\tend", "here/tab\\x09end"), ("deep/jqq", "backup/deep/jqq"),
    ("backup/deep/jqq/", "backup/deep/jqq"), ("a/fzf", "a/fzf"),
    # gone
    ("twin", "new/twin"), ("feed", "new/twin"), ("feed0", "old/twin"),
    ("{root}/old/twin", "old/twin"), ("gone", "c/gone"), ("{root}/c/gone", "c/gone"),
    ("{root}/c/fzf/x", "c/fzf"),
    # Its files are part of the live project around it now.
    ("{root}/here/was/x", "here/was"), ("{root}/here/was", "here"),
    # A link has replaced the folder that was crawled.
    ("{root}/here/moved", "here/moved"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "project"), NAMED)
def test_a_project_is_found_by_what_is_printed_of_it(
    published: Published, disk: Path, given: str, project: str
) -> None:
    found = find_project(published, given.format(root=disk))
    assert found["project_path"] == f"{disk}/{project}"


def test_only_live_projects_of_the_same_name_are_a_question(
    published: Published, disk: Path
) -> None:
    with pytest.raises(Refusal) as raised:
        find_project(published, "fzf")
    assert f"{disk}/a/fzf" in raised.value.message and f"{disk}/b/fzf" in raised.value.message
    assert f"{disk}/c/fzf" not in raised.value.message
    for given in ("", "nothing", "deep/nothing", "/nowhere/at/all"):
        with pytest.raises(Refusal, match="no project is called"):
            find_project(published, given)


def test_a_project_of_the_same_name_never_stands_for_a_path_that_exists(
    published: Published, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Below here there is a folder jq/src; elsewhere it could only be the end of a path.
    monkeypatch.chdir(disk / "here")
    assert find_project(published, "jq/src")["project_path"] == f"{disk}/here/jq"
    assert find_project(published, ".")["project_path"] == f"{disk}/here"


def test_a_link_with_a_history_is_asked_about_itself(published: Published, disk: Path) -> None:
    for given, path in {"landed": "landed", "new": "src", "src": "src", "none": "none"}.items():
        for folder in (disk / "here/jq", disk / "link/jq"):
            assert _path_in_history(published, f"{folder}/{given}") == f"{disk}/here/jq/{path}"


def test_a_waiver_takes_a_project_and_any_printed_id(published: Published, disk: Path) -> None:
    assert waiver_for("twin", published).patterns[0] == f"{disk}/new/twin"
    assert pattern_for("deep/nothing", published).patterns[0].endswith("/deep/nothing")
    with pytest.raises(Refusal, match="matches 2 projects"):
        waiver_for("fzf", published)


def test_finding_ids_are_accepted_in_any_case_and_after_they_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace(tmp_path, monkeypatch)
    rows = sample()
    make_file(workspace.published, rows)
    with Published(workspace.published) as published:
        assert waiver_for(GAP.upper(), published).patterns == (GAP,)
        closed = [row["finding_id"] for row in rows["gap_findings"] if row["status"] == "resolved"]
        assert waiver_for(closed[0][:12], published).patterns == (closed[0],)
    assert closed == [RESOLVED]
    shown = workspace.ask("gaps", "show", GAP.upper(), "--format", "json")
    assert json.loads(shown.stdout)[0]["finding_id"] == GAP


def test_a_removed_rule_in_the_history_is_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace(tmp_path, monkeypatch)
    rows = sample()
    rows["v_gap_history"] = [
        {"finding_id": GAP, "gap_type": "NO_LONGER_A_RULE", "project_id": JQ, "event_number": 1}
    ]
    make_file(workspace.published, rows)
    listed = workspace.ask("gap-history", "--type", "no-longer", "--format", "csv").stdout
    assert [row["finding_id"] for row in csv.DictReader(io.StringIO(listed))] == [GAP]
    with pytest.raises(Refusal):
        the_rule("no-longer")


def test_a_role_that_is_printed_is_a_choice(workspace: Workspace) -> None:
    assert workspace.ask("roles", "--role", "unknown").exit_code == 0


def test_a_source_is_forgotten_by_its_listed_path_or_through_a_link(disk: Path) -> None:
    listed = [Registered("root", f"{disk}/here/moved", "default")]
    assert _registered_path(f"{disk}/here/moved", listed) == f"{disk}/here/moved".encode()
    # Not listed: as it is on disk.
    assert _registered_path(f"{disk}/link/jq", listed) == f"{disk}/here/jq".encode()
