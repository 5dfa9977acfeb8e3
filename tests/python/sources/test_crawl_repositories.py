"""A crawl lands what plain git reports about repositories, and executes nothing in them."""

from __future__ import annotations

import errno
import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from git_fixtures import (
    DAY_S,
    FIRST_COMMIT_AT_S,
    commit,
    git,
    lose_a_tree,
    make_repository,
    object_path,
    plant_traps,
)
from worlds import fold, landed, on_disk, plant, tables_of

from loaders.safe_git import recent_history, sandbox

TODAY = (int(time.time()) - FIRST_COMMIT_AT_S) // DAY_S


def repositories(zone, run_id: str | None = None) -> dict[str, dict]:
    """Name of the last part of the path → the last landed row."""
    return {
        os.path.basename(row["path"]): row for row in landed(zone, "crawl_repositories", run_id)
    }


def test_landed_facts_equal_those_of_plain_git(zone, world, crawl_once) -> None:
    repository = make_repository(world / "repo")
    for day in (TODAY - 100, TODAY - 30, TODAY - 1):
        commit(repository, f"recent {day}.txt", day)
    git(repository, "remote", "add", "origin", "https://ada:secret@example.org/repo.git?token=1")
    plant(repository, {"untracked.txt": b"1"})
    run, summary = crawl_once()
    row = repositories(zone)["repo"]
    assert summary.repositories == 1 and run.problem_count == 0
    assert (row["state"], row["kind"], row["vcs"], row["reason"]) == (
        "read",
        "directory",
        "git",
        None,
    )
    assert row["head_commit"] == git(repository, "rev-parse", "HEAD").decode()
    assert row["head_ref"] == git(repository, "symbolic-ref", "HEAD").decode()
    assert row["remote_url"] == "https://example.org/repo.git"
    seconds = int(git(repository, "log", "-1", "--format=%ct"))
    assert row["last_commit_at"] == datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
    assert row["has_history"] and row["has_tracked_files"] and row["worktree_pointers"] == []

    recent = git(repository, "log", "--since=90.days", "--format=%H").decode().split()
    assert (
        len(recent) == 2 and [row["commit_sha"] for row in landed(zone, "crawl_commits")] == recent
    )
    tracked = git(
        repository, "ls-tree", "-r", "-z", "--format=%(objectmode) %(objectname) %(path)", "HEAD"
    )
    expected = {tuple(line.split(" ", 2)) for line in tracked.decode().split("\0") if line}
    assert {
        (f"{row['mode']:06o}", row["object_id"], os.path.relpath(row["path"], repository))
        for row in landed(zone, "crawl_tracked_files")
    } == expected


def test_only_a_repository_that_moved_is_landed_again(zone, world, crawl_once) -> None:
    for name in ("still", "moves", "moves remote"):
        make_repository(world / name)
    crawl_once()
    run, _ = crawl_once()
    assert tables_of(zone, run.run_id) == {"crawl_roots"}
    (world / "still" / "edited.txt").write_text("not committed\n")
    head = commit(world / "moves", "new.txt", 10)
    git(world / "moves remote", "remote", "add", "origin", "https://example.org/x.git")
    run, summary = crawl_once()
    rows = repositories(zone, run.run_id)
    assert rows.keys() == {"moves", "moves remote"} and rows["moves"]["head_commit"] == head
    assert len(landed(zone, "crawl_repositories", run.run_id)) == 2 and summary.repositories == 3
    assert {row["repository_path"] for row in landed(zone, "crawl_tracked_files", run.run_id)} == {
        str(world / "moves"),
        str(world / "moves remote"),
    }


def test_a_repository_that_ends_is_landed_as_gone(zone, world, crawl_once) -> None:
    for name in ("loses git", "removed", "excluded", "stays"):
        make_repository(world / "d" / name)
    crawl_once()
    os.rename(world / "d" / "loses git" / ".git", world.parent / "elsewhere")
    os.rename(world / "d" / "removed", world.parent / "aside")
    plant(world / "d" / "excluded", {"CACHEDIR.TAG": b""})
    run, _ = crawl_once()
    assert {
        name: (row["state"], row["reason"]) for name, row in repositories(zone, run.run_id).items()
    } == {
        "loses git": ("gone", "gone"),
        "removed": ("gone", "gone"),
        "excluded": ("gone", "excluded"),
    }
    assert {os.path.basename(path) for path in fold(zone, world).repositories} == {b"stays"}
    os.rename(world.parent / "elsewhere", world / "d" / "loses git" / ".git")
    run, _ = crawl_once()
    assert repositories(zone, run.run_id)["loses git"]["state"] == "read"
    # A folder above that is suddenly missing as a root removes none.
    os.rename(world, world.parent / "unmounted")
    crawl_once()
    assert {os.path.basename(path) for path in fold(zone, world).repositories} == {
        b"stays",
        b"loses git",
    }


def test_a_bare_repository_counts_only_outside_of_others(zone, world, crawl_once) -> None:
    make_repository(world / "outer")
    for place in (world / "bare.git", world / "outer" / "fixtures" / "bare.git"):
        place.parent.mkdir(exist_ok=True)
        git(world, "clone", "-q", "--bare", str(world / "outer"), str(place))
    plant(world / "not bare", {"HEAD": b"x", "objects": {"a": b"1"}})
    crawl_once()
    rows = repositories(zone)
    assert rows.keys() == {"outer", "bare.git"} and len(landed(zone, "crawl_repositories")) == 2
    assert (rows["bare.git"]["kind"], rows["bare.git"]["state"]) == ("bare", "read")
    assert rows["bare.git"]["path"] == str(world / "bare.git")
    files = fold(zone, world).files
    assert not [path for path in files if path.startswith(os.fsencode(world / "bare.git"))]
    inner = on_disk(world / "outer" / "fixtures")
    assert (
        inner and inner.keys() <= files.keys() and os.fsencode(world / "not bare" / "HEAD") in files
    )
    assert fold(zone, world).directories[os.fsencode(world / "bare.git")].state == "excluded"
    run, _ = crawl_once()
    assert tables_of(zone, run.run_id) == {"crawl_roots"}


def _files_below(zone, world, folder) -> set[str]:
    """The crawled files below *folder*, relative, without the pointers of git."""
    paths = (os.path.relpath(os.fsdecode(path), folder) for path in fold(zone, world).files)
    return {path for path in paths if path[:2] != ".." and os.path.basename(path) != ".git"}


@pytest.mark.parametrize("gitfile", ["gitdir: ./.bare\n", "gitdir: {hub}/.bare", "link", None])
def test_the_git_data_of_a_hub_are_no_files(zone, world, crawl_once, gitfile) -> None:
    make_repository(world / "outer")
    hub = world / "hub"
    data = hub / (".bare" if gitfile else ".git")
    git(world, "clone", "-q", "--bare", str(world / "outer"), str(data))
    if gitfile == "link":
        (hub / ".git").symlink_to(".bare")
    elif gitfile:
        (hub / ".git").write_text(gitfile.format(hub=hub))
    git(hub, "worktree", "add", "-q", "deep/feature")
    plant(hub, {"notes": {"todo": b"x"}})
    crawl_once()
    kinds = {name: (row["kind"], row["state"]) for name, row in repositories(zone).items()}
    assert kinds == {
        "outer": ("directory", "read"),
        "hub": ("bare", "read"),
        "feature": ("worktree", "read"),
    }
    hub_files = _files_below(zone, world, hub)
    assert len([name for name in hub_files if name.startswith("deep/feature/src/")]) == 3
    assert len(hub_files) == 4 and "notes/todo" in hub_files
    run, _ = crawl_once()
    assert tables_of(zone, run.run_id) == {"crawl_roots"}


def test_work_trees_in_the_folder_of_a_bare_repository_are_crawled(zone, world, crawl_once) -> None:
    make_repository(world / "outer")
    bare = world / "tree.git"
    git(world, "clone", "-q", "--bare", str(world / "outer"), str(bare))
    git(bare, "worktree", "add", "-q", "main")
    git(bare, "worktree", "add", "-q", "-b", "deep/one", "deep/one")
    plant(bare, {"custom_hooks": {"pre-receive": b"#!/bin/sh\n"}})
    crawl_once()
    kinds = {name: row["kind"] for name, row in repositories(zone).items()}
    assert kinds == {
        "outer": "directory",
        "tree.git": "bare",
        "main": "worktree",
        "one": "worktree",
    }
    inside = _files_below(zone, world, bare)
    assert len(inside) == 6
    assert all(name.startswith(("main/src/", "deep/one/src/")) for name in inside)
    run, _ = crawl_once()
    assert tables_of(zone, run.run_id) == {"crawl_roots"}


def test_separate_git_data_are_no_repository_of_their_own(zone, world, crawl_once) -> None:
    world.mkdir(exist_ok=True)
    git(world, "init", "-q", "--separate-git-dir", str(world / "a data"), str(world / "tree"))
    git(world, "init", "-q", "--bare", str(world / "bare.git"))
    crawl_once()
    assert {name: row["kind"] for name, row in repositories(zone).items()} == {
        "tree": "gitfile",
        "bare.git": "bare",
    }


def test_a_bare_repository_may_be_the_root(zone, world, crawl_once) -> None:
    make_repository(world / "outer")
    git(world, "clone", "-q", "--bare", str(world / "outer"), str(world / "bare.git"))
    _, summary = crawl_once(world / "bare.git")
    assert (summary.state, summary.files, summary.repositories) == ("complete", 0, 1)
    assert repositories(zone)["bare.git"]["state"] == "read"


def test_broken_and_empty_repositories_are_landed_as_such(zone, world, crawl_once) -> None:
    make_repository(world / "empty", commits=0)
    make_repository(world / "no objects")
    for path in (world / "no objects" / ".git" / "objects").rglob("*"):
        if path.is_file():
            path.unlink()
    plant(world / "nothing in it", {".git": {}})
    plant(world / "a text", {".git": b"gitdir: ../../../../etc\n"})
    plant(world / "fifo", {".git": {"objects": {}, "refs": {}, "config": b""}})
    os.mkfifo(world / "fifo" / ".git" / "HEAD")
    make_repository(world / "fine")
    run, summary = crawl_once()
    found = {name: row["state"] for name, row in repositories(zone).items()}
    assert found.keys() == {"empty", "no objects", "nothing in it", "a text", "fifo", "fine"}
    assert (found["empty"], found["fine"]) == ("empty", "read")
    bad = {"no objects", "nothing in it", "a text", "fifo"}
    assert {found[name] for name in bad} <= {"broken", "refused", "truncated"}
    assert run.problem_count == len(bad) and summary.state == "complete"
    for name in bad:
        assert str(world / name) in zone.entries()[-1].manifest["error_message"]
    again, _ = crawl_once()
    assert tables_of(zone, again.run_id) == {"crawl_roots"} and again.problem_count == len(bad)


def test_a_linked_work_tree_is_a_repository_of_its_own(zone, world, crawl_once) -> None:
    repository = make_repository(world / "repo")
    git(repository, "worktree", "add", "-q", str(world / "linked"), "-b", "side")
    crawl_once()
    rows = repositories(zone)
    assert (rows["linked"]["kind"], rows["linked"]["state"]) == ("worktree", "read")
    assert rows["linked"]["head_ref"] == "refs/heads/side"
    assert rows["repo"]["worktree_pointers"] == [str(world / "linked")]
    assert (
        next(row for row in landed(zone, "crawl_files") if row["name"] == ".git")["state"]
        == "skipped"
    )


def test_nothing_in_a_hostile_repository_runs(zone, world, crawl_once, tmp_path: Path) -> None:
    repository = make_repository(world / "hostile")
    markers = tmp_path / "markers"
    plant_traps(repository, markers)
    lose_a_tree(repository)
    # The traps are real: plain git falls into one.
    git(repository, "status", check=False)
    assert os.listdir(markers)
    for marker in markers.iterdir():
        marker.unlink()
    run, _ = crawl_once()
    assert os.listdir(markers) == []
    assert repositories(zone)["hostile"]["head_commit"] and run.counts.landed
    assert not [row for row in landed(zone, "crawl_files") if "/etc" in row["directory_path"]]


def test_a_fault_of_the_machine_does_not_change_facts_of_a_repository(
    zone, world, crawl_once, monkeypatch
) -> None:
    """A full disk or a limit of open files is a problem of the run.

    The facts about the repository stay unchanged.
    """
    repository = make_repository(world / "one")
    crawl_once()
    before = fold(zone, world).repositories
    commit(repository, "new.txt", 10)
    make_repository(world / "two")

    def full(**_: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(sandbox.tempfile, "mkdtemp", full)
        run, _ = crawl_once()
    rows = repositories(zone, run.run_id)
    assert rows.keys() == {"two"} and rows["two"]["head_commit"] and not rows["two"]["has_history"]
    assert (rows["two"]["state"], rows["two"]["reason"]) == ("truncated", "system_error: ENOSPC")
    assert run.problem_count == 2 and before.items() <= fold(zone, world).repositories.items()
    run, _ = crawl_once()
    assert run.problem_count == 0
    assert {row["state"] for row in repositories(zone, run.run_id).values()} == {"read"}


@pytest.mark.parametrize("lost", [None, "HEAD:src", "HEAD"])
def test_a_partial_clone_may_miss_objects_and_nothing_else(
    zone, world, crawl_once, lost: str | None
) -> None:
    repository = make_repository(world / "partial")
    git(repository, "config", "remote.origin.promisor", "true")
    if lost:
        object_path(repository, git(repository, "rev-parse", lost)).unlink()
    run, _ = crawl_once()
    assert run.problem_count == (1 if lost == "HEAD" else 0)
    assert repositories(zone)["partial"]["reason"].startswith("partial")


def test_a_partial_clone_that_runs_into_a_limit_is_a_problem(
    zone, world, crawl_once, monkeypatch
) -> None:
    git(make_repository(world / "partial"), "config", "remote.origin.promisor", "true")
    monkeypatch.setattr(recent_history, "_LIST_BYTES", 10)
    run, _ = crawl_once()
    assert (
        repositories(zone)["partial"]["reason"] == "partial; output_limit: tree"
        and run.problem_count == 1
    )
