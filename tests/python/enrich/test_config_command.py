"""`enrich config`, and the configuration on the status page and in backups."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from enrich_fixtures import Workspace

from loaders.base.paths import locations
from loaders.configuration.folder import config_folder
from loaders.keeping.backups import back_up, restore
from loaders.zone.landing import LandingZone

STALE = "PROJECT_STALE_SCAN"
GOOD = f"gap_type,threshold,value\n{STALE},max_age_days,7\n"
BAD = GOOD.replace(",7", ",few")
FAULT = "rule_thresholds.csv:2: value: few: is not a number, such as 0.5"


@pytest.fixture
def folder() -> Path:
    path = config_folder()
    assert path is not None
    return path


def _write(folder: Path, text: str, name: str = "rule_thresholds.csv") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    return folder / name


def test_the_path_and_what_counts(workspace: Workspace, folder: Path) -> None:
    answer = workspace.ask("config", "path").stdout.splitlines()
    assert answer[0] == str(folder)
    assert answer[1].startswith("  nothing is configured; the files are: audit_tools.csv, ")
    _write(folder, GOOD)
    assert workspace.ask("config", "path").stdout.splitlines() == [
        str(folder),
        "  rule_thresholds.csv       1 row",
    ]


def test_the_folder_is_that_of_the_user(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("META_CONFIG_DIR")
    monkeypatch.setenv("HOME", "/h")
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    assert config_folder() == Path("/h/.config/meta-collector")
    monkeypatch.setenv("XDG_CONFIG_HOME", "/x")
    assert config_folder() == Path("/x/meta-collector")
    monkeypatch.setenv("META_CONFIG_DIR", "~/c")
    assert config_folder() == Path("/h/c")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("META_CONFIG_DIR", "c")
    assert config_folder() == tmp_path / "c"
    assert locations().environment()["META_CONFIG_DIR"] == str(tmp_path / "c")


def test_check_names_every_fault(workspace: Workspace, folder: Path) -> None:
    assert workspace.ask("config", "check").exit_code == 0
    _write(folder, BAD)
    answer = workspace.ask("config", "check")
    assert (answer.exit_code, answer.stdout.splitlines()[0]) == (1, FAULT)
    assert json.loads(workspace.ask("config", "check", "--format", "json").stdout) == [
        {
            "file": "rule_thresholds.csv",
            "line": 2,
            "column": "value",
            "value": "few",
            "fault": "is not a number, such as 0.5",
        }
    ]


def test_the_status_page_names_every_fault(workspace: Workspace, folder: Path) -> None:
    assert "configuration" not in workspace.ask("status").stdout
    _write(folder, BAD)
    page = workspace.ask("status").stdout
    assert "Left out of the configuration\n" in page
    assert FAULT in " ".join(page.split())
    assert ["configuration", "fault 1", FAULT] in [
        [*row.values()] for row in json.loads(workspace.ask("status", "--format", "json").stdout)
    ]


def _editor(tmp_path: Path, script: str) -> str:
    program = tmp_path / "my editor"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o700)
    return f"'{program}' --wait"


def test_edit_makes_a_file_that_is_right(
    workspace: Workspace, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", "no-such-program")
    monkeypatch.setenv("VISUAL", _editor(tmp_path, f'echo "$1" > {tmp_path}/seen'))
    for name in ("waivers", "gap_rules.csv"):
        answer = workspace.ask("config", "edit", name)
        assert (answer.exit_code, answer.stderr) == (0, "")
    assert (tmp_path / "seen").read_text() == "--wait\n"
    lines = (folder / "waivers.csv").read_text().splitlines()
    assert lines[-1] == "gap_type,subject_pattern,reason,note,owner,expires_on"
    assert all(line.startswith("# ") for line in lines[:-1])


def test_edit_says_what_is_wrong_afterwards(
    workspace: Workspace, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", _editor(tmp_path, f"echo '{STALE},max_age_days,few,,' >> $2"))
    answer = workspace.ask("config", "edit", "rule_thresholds")
    assert answer.exit_code == 1
    assert "value: few: is not a number" in answer.stdout


@pytest.mark.parametrize("editor", ["no-such-program", "./here; touch there", "'", "$(touch x)"])
def test_no_shell_reads_the_editor(
    workspace: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch, editor: str, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VISUAL", editor)
    answer = workspace.ask("config", "edit", "waivers")
    assert (answer.exit_code, len(answer.stderr.splitlines())) == (2, 1)
    assert not folder.exists()
    assert not {"x", "there"} & set(os.listdir(tmp_path))


def test_import_copies_what_is_right(workspace: Workspace, folder: Path, tmp_path: Path) -> None:
    team = tmp_path / "team"
    _write(team, BAD)
    _write(team, "ours", "README.md")
    answer = workspace.ask("config", "import", str(team))
    assert (answer.exit_code, answer.stderr) == (2, "nothing was imported\n")
    assert (answer.stdout, folder.exists()) == (f"{FAULT}\n", False)

    file = _write(team, GOOD)
    assert workspace.ask("config", "import", str(team)).exit_code == 0
    assert os.listdir(folder) == ["rule_thresholds.csv"]
    assert workspace.ask("config", "import", str(file)).exit_code == 0

    _write(team, GOOD.replace(",7", ",8"))
    answer = workspace.ask("config", "import", str(file))
    assert answer.exit_code == 2 and "--replace replaces it" in answer.stderr
    assert (folder / file.name).read_text() == GOOD
    assert workspace.ask("config", "import", "--replace", str(file)).exit_code == 0
    assert (folder / file.name).read_text() == file.read_text()
    assert workspace.ask("config", "import", str(team / "README.md")).exit_code == 2


def test_a_backup_has_the_configuration(
    workspace: Workspace, folder: Path, zone: LandingZone, tmp_path: Path
) -> None:
    with zone.run("test", []):
        pass
    where = locations()
    shutil.copytree(zone.path, where.landing)
    backup = tmp_path / "backup"
    _write(folder, GOOD)
    _write(folder, "pattern,kind,value\n*/a/*,tag,x\n", "project_labels.csv")
    assert back_up(where, backup).configured == 2

    (folder / "project_labels.csv").unlink()
    _write(folder, BAD)
    copied = restore(backup, where)
    assert (copied.configured, copied.faults) == (1, [])
    assert copied.notes == [f"{folder}/rule_thresholds.csv: has another content; left unchanged"]
    assert (folder / "rule_thresholds.csv").read_text() == BAD

    (folder / "project_labels.csv").unlink()
    assert back_up(where, backup).configured == 1
    assert os.listdir(backup / "config") == ["rule_thresholds.csv"]
    shutil.rmtree(folder)
    restore(backup, where)
    assert (folder / "rule_thresholds.csv").read_text() == BAD
