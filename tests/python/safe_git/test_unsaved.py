"""Unsaved work is read without git's own status: equal to git, and nothing of a repository runs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Container
from pathlib import Path

import pytest
from git_fixtures import commit, git, make_repository, plant_traps

from loaders.safe_git import RepositoryReader
from loaders.safe_git.index_file import read_index
from loaders.safe_git.safe_files import RepositoryError
from loaders.safe_git.unsaved import Unsaved

Prepare = Callable[[Path], object]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone with nothing unsaved."""
    place = tmp_path_factory.mktemp("unsaved")
    make_repository(place / "origin")
    git(place, "clone", "-q", "origin", "clone")
    return place / "clone"


def unsaved(path: Path, tree: str | None = None, filtered: Container[bytes] = ()) -> Unsaved:
    with RepositoryReader([os.fsencode(path.parent)]) as reader:
        return reader.read_unsaved(reader.read_refs(os.fsencode(path)), tree, filtered)


def tree_of(path: Path) -> str:
    return git(path, "rev-parse", "HEAD^{tree}").decode()


def stage(path: Path, name: str = "new", text: str = "new\n") -> None:
    (path / name).write_text(text)
    git(path, "add", "-f", name)


def conflict(path: Path) -> None:
    git(path, "checkout", "-q", "-b", "side")
    stage(path, "src/file 0.txt", "side\n")
    git(path, "commit", "-q", "-m", "side")
    git(path, "checkout", "-q", "main")
    stage(path, "src/file 0.txt", "main\n")
    git(path, "commit", "-q", "-m", "main")
    git(path, "merge", "-q", "side", check=False)


# name → what to do to a plain clone, the changes that are found, and an operation
CASES: dict[str, tuple[Prepare, set[tuple[str | None, str]], str | None]] = {
    "nothing": (lambda path: None, set(), None),
    "a work tree file is not read": (lambda path: (path / "src/file 0.txt").unlink(), set(), None),
    "added": (stage, {("A", "new")}, None),
    "changed": (
        lambda path: stage(path, "src/file 1.txt", "other\n"),
        {("M", "src/file 1.txt")},
        None,
    ),
    "deleted": (
        lambda path: git(path, "rm", "-q", "src/file 1.txt"),
        {("D", "src/file 1.txt")},
        None,
    ),
    "version 4": (
        lambda path: (stage(path), git(path, "update-index", "--index-version", "4")),
        {("A", "new")},
        None,
    ),
    "split": (
        lambda path: (git(path, "update-index", "--split-index"), stage(path)),
        {("A", "new")},
        None,
    ),
    "split, with a flag": (
        lambda path: (
            git(path, "update-index", "--split-index"),
            git(path, "update-index", "--skip-worktree", "src/file 2.txt"),
        ),
        {(None, "src/file 2.txt")},
        None,
    ),
    "skip-worktree": (
        lambda path: git(path, "update-index", "--skip-worktree", "src/file 2.txt"),
        {(None, "src/file 2.txt")},
        None,
    ),
    "assume-unchanged": (
        lambda path: git(path, "update-index", "--assume-unchanged", "src/file 2.txt"),
        {(None, "src/file 2.txt")},
        None,
    ),
    "intent to add": (
        lambda path: ((path / "new").write_text("x"), git(path, "add", "-N", "new")),
        {(None, "new")},
        None,
    ),
    "conflict": (conflict, {("U", "src/file 0.txt")}, "merge"),
    "a name as odd as can be": (
        lambda path: stage(path, "a\tb\n--output=x"),
        {("A", "a\tb\n--output=x")},
        None,
    ),
    "sparse checkout": (
        lambda path: git(path, "sparse-checkout", "set", "--no-cone", "/src/file 0.txt"),
        set(),
        None,
    ),
    "sparse index": (
        lambda path: git(path, "sparse-checkout", "set", "--cone", "--sparse-index", "docs"),
        set(),
        None,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_index_is_compared_with_head(case: str, plain: Path, tmp_path: Path) -> None:
    prepare, expected, operation = CASES[case]
    path = tmp_path / "clone"
    shutil.copytree(plain, path, symlinks=True)
    # The default branch may have moved in `prepare`: only this index, and this HEAD, count.
    prepare(path)
    before = (path / ".git/index").read_bytes()
    for tree in (None, tree_of(path)):
        found = unsaved(path, tree)
        assert (found.state, found.reason, found.operation) == ("read", None, operation)
        assert {(one.change, os.fsdecode(one.entry.path)) for one in found.paths} == expected
    assert (path / ".git/index").read_bytes() == before


def test_a_plain_index_needs_no_process(plain: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loaders.safe_git.sandbox.GitSession._run", None)
    assert unsaved(plain, tree_of(plain)).state == "read"


def test_entries_of_filtered_paths_have_the_size_and_time_of_the_file(plain: Path) -> None:
    (one,) = unsaved(plain, tree_of(plain), {b"src/file 1.txt"}).paths
    status = (plain / "src/file 1.txt").stat()
    assert (one.entry.size, one.entry.mtime_ns) == (status.st_size, status.st_mtime_ns)


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_a_first_commit_that_was_not_made_is_all_unsaved(
    object_format: str, tmp_path: Path
) -> None:
    path = make_repository(tmp_path / "new", f"--object-format={object_format}", commits=0)
    assert unsaved(path).paths == []
    stage(path)
    found = unsaved(path)
    assert [(one.change, one.entry.path) for one in found.paths] == [("A", b"new")]
    commit(path, "done", 1)
    # The content of such a repository cannot be compared with the crawl: every entry lands.
    expected = [] if object_format == "sha1" else [(None, b"new"), (None, b"src/done")]
    assert [(one.change, one.entry.path) for one in unsaved(path).paths] == expected


def test_a_clone_that_was_not_checked_out_has_nothing_to_lose(plain: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "-n", str(plain), "bare")
    assert unsaved(tmp_path / "bare").state == "unchecked"


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda data: data[:-30], "index_invalid"),
        (lambda data: data[:40], "index_invalid"),
        (lambda data: b"DIRC" + b"\0\0\0\x09" + data[8:], "index_unknown"),
        (lambda data: data[:8] + b"\xff\xff\xff\xff" + data[12:], "index_invalid"),
        (lambda data: b"", "index_invalid"),
    ],
)
def test_a_damaged_index_is_unknown(
    damage: Callable[[bytes], bytes], reason: str, plain: Path
) -> None:
    data = damage((plain / ".git/index").read_bytes())
    with pytest.raises(RepositoryError, match=reason):
        read_index(data, 20, None)


def test_an_index_cannot_grow_in_memory() -> None:
    """In version 4, each entry may add to the path of the one before."""
    entry = bytes(40 + 20) + b"\x00\x01" + b"\0" + b"x" * 100 + b"\0"
    with pytest.raises(RepositoryError, match="index_invalid"):
        read_index(b"DIRC\0\0\0\x04\0\0\x10\0" + entry * 4096, 20)


def test_stashes_are_listed_with_their_times(plain: Path, tmp_path: Path) -> None:
    path = tmp_path / "clone"
    shutil.copytree(plain, path)
    for number in range(2):
        (path / "src/file 0.txt").write_text(f"{number}\n")
        when = f"{1_700_000_000 + number} +0000"
        git(path, "stash", "push", "-q", "-m", f"way {number}", GIT_COMMITTER_DATE=when)
    with RepositoryReader([os.fsencode(tmp_path)]) as reader:
        found = reader.read_stashes(reader.read_refs(os.fsencode(path)))
    assert [(one.number, one.at_s, one.message) for one in found] == [
        (0, 1_700_000_001, b"On main: way 1"),
        (1, 1_700_000_000, b"On main: way 0"),
    ]


def test_nothing_of_the_repository_runs(tmp_path: Path) -> None:
    path, markers = make_repository(tmp_path / "trapped"), tmp_path / "ran"
    stage(path, "src/file 0.txt", "stashed\n")
    git(path, "stash", "-q")
    plant_traps(path, markers)
    with RepositoryReader([os.fsencode(tmp_path)]) as reader:
        snapshot = reader.read_refs(os.fsencode(path))
        found = reader.read_unsaved(snapshot, None, {b"src/file 0.txt"})
        assert [one.message for one in reader.read_stashes(snapshot)]
    assert (found.state, len(found.paths)) == ("read", 1)
    assert list(markers.iterdir()) == []
    git(path, "-c", "core.worktree=", "status", check=False)
    assert list(markers.iterdir()), "the traps work"
