"""Copies of old states are recognised by the landed history, and nothing else is taken for one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from golden import commit_all, git, source, write
from product import Product
from replayed_build import build

NOTHING = "and nothing in it is yours"


def _export(repository: Path, state: str, target: Path) -> Path:
    """Write the files of a state without its history, as an unpacked release has them."""
    git(repository.parent, "clone", "-q", str(repository), str(target))
    git(target, "checkout", "-q", state)
    shutil.rmtree(target / ".git")
    return target


def _clone(repository: Path, state: str, target: Path) -> Path:
    git(repository.parent, "clone", "-q", str(repository), str(target))
    git(target, "reset", "-q", "--hard", state)
    git(target, "remote", "set-url", "origin", "https://example.org/elm.git")
    return target


def _version(repository: Path, number: int) -> None:
    """Commit a state in which every file differs from the states before."""
    write(repository / "pyproject.toml", f"[project]\nname = 'elm'\nversion = '{number}'\n")
    for part in range(12):
        write(repository / f"src/elm/part_{part}.py", source(30, f"{number} {part}"))
    commit_all(repository)
    git(repository, "tag", f"v{number}")


def _plant(root: Path) -> None:
    elm = root / "elm"
    for number in (1, 2, 3):
        _version(elm, number)
    _export(elm, "v1", root / "releases/elm-1")
    changed = _export(elm, "v2", root / "archive/elm-2")
    write(changed / "src/elm/part_3.py", source(30, "mine"))
    write(changed / "notes.txt", "remember the milk, and the other things\n")
    windows = _export(elm, "v2", root / "windows/elm")
    for path in windows.rglob("*.*"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    _clone(elm, "v2", root / "z/behind")
    # The others are not copies of an old state.
    fork = _clone(elm, "v1", root / "z/fork")
    write(fork / "own.py", source(30, "own"))
    commit_all(fork)
    for part in range(12):
        write(root / f"namesake/src/elm/part_{part}.py", source(30, f"other {part}"))
    write(root / "namesake/pyproject.toml", "[project]\nname = 'namesake'\n")
    _version(root / "ash", 7)
    git(root, "clone", "-q", "--bare", str(root / "ash"), str(root / "ash.git"))
    git(root / "ash", "remote", "add", "origin", str(root / "ash.git"))
    # A work tree of a hub is not the original of a clone.
    git(root / "ash.git", "worktree", "add", "-q", str(root / "trees/ash"))
    for site in ("one", "two"):
        for number in range(7):
            write(root / f"{site}/assets/icon_{number}.svg", f"<svg>{'x' * 50 * number}</svg>\n")
            write(root / f"{site}/{site}_{number}.js", source(30, f"{site} {number}"))
        commit_all(root / site)


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> dict[str, tuple[str, dict]]:
    """Path of each copy → the reason, and the evidence."""
    base = tmp_path_factory.mktemp("states")
    _plant(base / "code")
    product = Product(base / "home")
    product.crawl(base / "code")
    product.land("git")
    build(product)
    rows = product.query(
        "select subject, reason, evidence from v_verdicts"
        " where gap_type = 'DUPLICATE_MIRROR_CONTENT' and verdict = 'fail'"
    )
    return {
        Path(subject).relative_to(base / "code").as_posix(): (reason, json.loads(evidence))
        for subject, reason, evidence in rows
    }


def test_old_states_are_found_and_nothing_else(found):
    assert set(found) == {"releases/elm-1", "archive/elm-2", "windows/elm", "z/behind"}
    assert {evidence["mirrors"].rpartition("/")[2] for _, evidence in found.values()} == {"elm"}


@pytest.mark.parametrize(
    ("copy", "tag"), [("releases/elm-1", "v1"), ("windows/elm", "v2"), ("z/behind", "v2")]
)
def test_a_state_without_anything_of_its_own_is_named(found, copy: str, tag: str):
    reason, evidence = found[copy]
    assert f"({tag}), {NOTHING}" in reason
    assert (evidence["state_tag"], evidence["own_files"]) == (tag, 0)


def test_files_in_no_version_are_named(found):
    reason, evidence = found["archive/elm-2"]
    assert "2 of its files are in no version of elm" in reason and NOTHING not in reason
    assert evidence["own_places"] == ["notes.txt", "src/elm/part_3.py"]
    assert (evidence["state_tag"], evidence["known_files"]) == ("v2", 12)
