"""`enrich doctor`: a healthy installation, and each thing that keeps one from working."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result
from enrich_fixtures import make_file

from enrich.answers import checkup
from enrich.answers.checkup import OK, PROBLEM, WARNING
from enrich.cli import main as enrich
from loaders.base.locks import FileLock
from loaders.base.paths import locations
from loaders.land import main as land

Patch = pytest.MonkeyPatch


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder that was crawled, and a published file."""
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "a.py").write_text("x = 1\n")
    assert CliRunner().invoke(land, ["crawl", str(tmp_path / "code")]).exit_code == 0
    locations().published.parent.mkdir(exist_ok=True)
    make_file(locations().published)
    return tmp_path


def _doctor(*words: str) -> Result:
    return CliRunner().invoke(enrich, ["doctor", *words])


def _states(result: Result) -> Mapping[str, tuple[str, str]]:
    checks = json.loads(result.stdout)["checks"]
    assert all(check["remedy"] or check["state"] != WARNING for check in checks)
    return {check["name"]: (check["state"], check["found"]) for check in checks}


def test_a_healthy_installation_has_no_problem(home: Path) -> None:
    result = _doctor("--json")
    states = _states(result)
    assert {name: state for name, (state, _) in states.items() if state != OK} == {}
    assert result.exit_code == 0 and json.loads(result.stdout)["state"] == OK
    assert {"python", "dbt-core", "duckdb", "git", "landing zone", "clock"} < states.keys()
    page = _doctor()
    assert page.exit_code == 0 and "0 problems, 0 warnings" in page.stdout
    assert re.search(rf"^ok +git +{re.escape(states['git'][1])}$", page.stdout, re.MULTILINE)


def test_a_fresh_installation_has_warnings_that_name_the_first_command(tmp_path: Path) -> None:
    result = _doctor()
    assert result.exit_code == 0
    assert "warning  landed" in result.stdout and "warning  published" in result.stdout
    assert "do: make refresh ROOT=~/code" in result.stdout
    assert not locations().landing.exists()


def _disk(free: int) -> Callable[[Patch, Path], None]:
    return lambda patch, home: patch.setattr(
        checkup.os, "statvfs", lambda path: SimpleNamespace(f_bavail=free, f_frsize=1)
    )


def _mounted(kind: bytes) -> Callable[[Patch, Path], None]:
    return lambda patch, home: patch.setattr(
        "loaders.sources.crawl.mounts.kind_of", lambda path: kind
    )


def _lose_root(patch: Patch, home: Path) -> None:
    (home / "code").rename(home / "gone")


def _damage_log(patch: Patch, home: Path) -> None:
    entry = min((locations().landing / "log").iterdir())
    entry.chmod(0o600)
    entry.write_text("{}")


def _spoil_published(patch: Patch, home: Path) -> None:
    locations().published.unlink()
    locations().published.write_text("not a database")


def _age_published(patch: Patch, home: Path) -> None:
    os.utime(locations().published, (0, 0))


def _fail_last_build(patch: Patch, home: Path) -> None:
    locations().work_folder.mkdir(exist_ok=True)
    locations().build_state.write_text(
        json.dumps({"outcome": "not published: 1 of 9 nodes failed", "is_published": False})
    )


def _spoil_row(patch: Patch, home: Path) -> None:
    (home / "config").mkdir()
    (home / "config" / "rule_thresholds.csv").write_text("gap_type,threshold,value\nX,y,z\n")
    patch.setenv("META_CONFIG_DIR", str(home / "config"))


def _found(version: str) -> Callable[[Patch, Path], None]:
    return lambda patch, home: patch.setattr(checkup, "git_version", lambda path: version)


def _engine(version: str) -> Callable[[Patch, Path], None]:
    def plant(patch: Patch, home: Path) -> None:
        original = metadata.version
        patch.setattr(
            checkup.metadata,
            "version",
            lambda name: version if name == "dbt-core" else original(name),
        )

    return plant


def _no_engine(patch: Patch, home: Path) -> None:
    def version(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    patch.setattr(checkup.metadata, "version", version)


FAULTS: Mapping[str, tuple[Callable[[Patch, Path], None], str, str, str]] = {
    # Fault → how it is planted, and the check with its state and its words.
    "old python": (
        lambda patch, home: patch.setattr(sys, "version_info", (3, 10, 4, "final", 0)),
        "python", PROBLEM, "3.10.4",
    ),
    "no git": (
        lambda patch, home: patch.setattr(checkup.programs, "find", lambda *a, **k: None),
        "git", PROBLEM, "not found",
    ),
    "old git": (_found("2.20.1"), "git", WARNING, "older than 2.32"),
    "git without a version": (_found(""), "git", WARNING, "unknown version"),
    "untested dbt": (_engine("1.99.0"), "dbt-core", PROBLEM, "1.99.0; the tests run with"),
    "no dbt": (_no_engine, "dbt-core", WARNING, "can only read"),
    "no duckdb": (_no_engine, "duckdb", PROBLEM, "not installed"),
    "a full disk": (_disk(1000), "landing zone", PROBLEM, "0.0 GB free"),
    "little space": (_disk(10**9), "published in", WARNING, "1.0 GB free"),
    "a disk in memory": (_mounted(b"tmpfs"), "landing zone", WARNING, "empty after a restart"),
    "a network disk": (_mounted(b"nfs4"), "published in", WARNING, "network file system"),
    "a folder of others": (
        lambda patch, home: patch.setattr(checkup.os, "access", lambda *a: False),
        "landing zone", PROBLEM, "not a folder that you can write to",
    ),
    "a missing root": (_lose_root, "roots", WARNING, "/code is missing"),
    "a damaged log": (_damage_log, "landed", PROBLEM, "00000001.json"),
    "a spoilt file": (_spoil_published, "published", PROBLEM, "not a valid DuckDB"),
    "an old file": (_age_published, "published", WARNING, "days ago"),
    "a failed build": (_fail_last_build, "last build", WARNING, "1 of 9 nodes failed"),
    "a bad row": (_spoil_row, "configuration", WARNING, "rule_thresholds.csv:2"),
    "a pinned time": (
        lambda patch, home: patch.setenv("META_NOW", "2027-01-01"),
        "settings", WARNING, "META_NOW=2027-01-01",
    ),
    "a clock that is behind": (
        lambda patch, home: patch.setenv("META_NOW", "2026-01-01"),
        "clock", PROBLEM, "before what has landed",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_has_its_line(home: Path, monkeypatch: Patch, fault: str) -> None:
    plant, name, state, words = FAULTS[fault]
    with monkeypatch.context() as patch:
        plant(patch, home)
        result = _doctor("--json")
    found = _states(result)[name]
    assert found[0] == state and words in found[1]
    assert result.exit_code == (1 if state == PROBLEM else 0) or PROBLEM in {
        other for other, _ in _states(result).values()
    }


def test_a_lock_names_its_holder(home: Path) -> None:
    with FileLock(locations().build_lock, "a build"):
        state, found = _states(_doctor("--json"))["locks"]
    assert state == OK and found.startswith(f"build.lock is held by process {os.getpid()} since")


def test_a_check_that_fails_leaves_the_others(home: Path, monkeypatch: Patch) -> None:
    def look(name: str, where: object) -> None:
        raise ValueError("odd")

    monkeypatch.setitem(checkup._CHECKS, "roots", look)
    states = _states(_doctor("--json"))
    assert states["roots"] == (PROBLEM, "odd") and states["clock"][0] == OK
