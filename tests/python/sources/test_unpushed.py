"""Commits that no remote has: counted for each branch, unless the remote has their changes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from git_fixtures import commit, git, make_repository

from loaders.safe_git import recent_history
from loaders.safe_git.reader import RepositoryReader
from loaders.sources.git_history.read import _resolve_refs
from loaders.sources.git_history.unpushed import Unpushed, count_unpushed


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`origin`, and `clone` with a branch of two commits that only it has."""
    place = tmp_path_factory.mktemp("unpushed")
    make_repository(place / "origin")
    git(place, "clone", "-q", "origin", "clone")
    clone = place / "clone"
    git(clone, "checkout", "-q", "-b", "mine")
    for number in (1, 2):
        commit(clone, f"mine {number}", 10 + number)
    return place


def copied(world: Path, place: Path) -> tuple[Path, Path]:
    shutil.copytree(world, place / "w")
    origin, clone = place / "w/origin", place / "w/clone"
    git(clone, "remote", "set-url", "origin", str(origin))
    git(origin, "fetch", "-q", str(clone), "mine:theirs")
    return origin, clone


def counted(path: Path) -> tuple[Unpushed, dict[str, str]]:
    with RepositoryReader([os.fsencode(path.parent)]) as reader:
        is_bare = not (path / ".git").exists()
        snapshot = reader.read_refs(os.fsencode(path), bare=is_bare)
        with reader.objects(snapshot) as session:
            cuts = set(recent_history.apply_true_boundaries(session, snapshot.located.shallow))
            refs, _, commits, _ = _resolve_refs(session, snapshot)
            graph, gaps, _ = recent_history.reachable(session, sorted(set(commits.values())))
            found = count_unpushed(session, graph, cuts | set(gaps), snapshot, refs, commits)
    return found, {ref.name.decode(): ref.oid for ref in refs}


def merge(origin: Path, *how: str) -> None:
    commit(origin, "meanwhile", 20)
    git(origin, "merge", "-q", *how, "theirs")
    git(origin, "commit", "-q", "--allow-empty", "-m", "Merge theirs")


def rebase(origin: Path) -> None:
    commit(origin, "meanwhile", 20)
    git(origin, "cherry-pick", "main~1..theirs", check=False)


# name → what happens upstream, the commits that only the clone has, is the content upstream
CASES: dict[str, tuple[Callable[[Path], object] | None, int, bool | None]] = {
    "not pushed": (None, 2, False),
    "pushed under another name": (lambda origin: None, 0, None),
    "merged": (lambda origin: (merge(origin, "--no-edit"), git(origin, "branch", "-D", "theirs")),
               0, None),
    "merged by a squash": (
        lambda origin: (merge(origin, "--squash"), git(origin, "branch", "-D", "theirs")),
        2,
        True,
    ),
    "merged by a rebase": (
        lambda origin: (rebase(origin), git(origin, "branch", "-D", "theirs")),
        2,
        True,
    ),
    "merged in part": (
        lambda origin: (
            commit(origin, "meanwhile", 20),
            git(origin, "cherry-pick", "theirs~1"),
            git(origin, "branch", "-D", "theirs"),
        ),
        2,
        False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_branch_is_compared_with_the_remote(case: str, world: Path, tmp_path: Path) -> None:
    upstream, count, has_content = CASES[case]
    origin, clone = copied(world, tmp_path)
    if upstream:
        upstream(origin)
        git(clone, "fetch", "-q", "--prune")
    found, refs = counted(clone)
    mine = refs["refs/heads/mine"]
    assert (found.branches[mine], found.has_content.get(mine)) == (count, has_content)
    assert found.branches[refs["refs/heads/main"]] == 0


@pytest.mark.parametrize("is_merged", [True, False])
def test_a_fork_that_is_behind_hides_no_merge(world: Path, tmp_path: Path, is_merged: bool) -> None:
    fork, clone = copied(world, tmp_path)
    shutil.copytree(fork, tmp_path / "upstream")
    git(fork, "branch", "-D", "theirs")
    if is_merged:
        merge(tmp_path / "upstream", "--squash")
    else:
        commit(tmp_path / "upstream", "meanwhile", 20)
    git(tmp_path / "upstream", "branch", "-D", "theirs")
    git(clone, "remote", "add", "-f", "upstream", str(tmp_path / "upstream"))
    found, refs = counted(clone)
    mine = refs["refs/heads/mine"]
    assert (found.branches[mine], found.has_content[mine]) == (2, is_merged)


def test_clones_without_remote_tracking_refs(world: Path, tmp_path: Path) -> None:
    _, clone = copied(world, tmp_path)
    git(tmp_path, "clone", "-q", "--mirror", str(clone), "mirror.git")
    git(tmp_path, "clone", "-q", "--bare", str(clone), "bare.git")
    mirror, _ = counted(tmp_path / "mirror.git")
    assert set(mirror.branches.values()) == {0}
    assert counted(tmp_path / "bare.git")[0].branches == {}, "unknown"
    git(clone, "remote", "remove", "origin")
    assert counted(clone)[0].branches == {}, "there is no remote at all"


def test_below_the_end_of_a_shallow_history_nothing_is_known(world: Path, tmp_path: Path) -> None:
    origin, _ = copied(world, tmp_path)
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{origin}", "shallow")
    found, refs = counted(tmp_path / "shallow")
    assert found.branches == {refs["refs/heads/main"]: 0}
    for number in (1, 2):
        commit(origin, f"more {number}", 30 + number)
    git(tmp_path / "shallow", "fetch", "-q", "--depth", "1")
    found, refs = counted(tmp_path / "shallow")
    assert found.branches == {refs["refs/heads/main"]: None}
    commit(tmp_path / "shallow", "own", 33)
    assert list(counted(tmp_path / "shallow")[0].branches.values()) == [None]


def test_a_detached_head_has_commits_of_its_own(world: Path, tmp_path: Path) -> None:
    _, clone = copied(world, tmp_path)
    git(clone, "checkout", "-q", "--detach")
    assert set(counted(clone)[0].heads.values()) == {0}
    own = commit(clone, "own", 40)
    assert counted(clone)[0].heads == {own: 1}
