"""loaders.safe_git: equal to git on good repositories, unharmed by bad ones."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import signal
import subprocess
import time
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from git_fixtures import (
    DAY_S,
    ENVIRONMENT,
    FIRST_COMMIT_AT_S,
    commit,
    git,
    lose_a_tree,
    make_repository,
    object_path,
    plant_traps,
    write_commit,
    write_object,
    write_tree,
)
from unprivileged import as_nobody

from loaders.safe_git import (
    RepositoryFacts,
    RepositoryReader,
    clean_remote_url,
    recent_history,
    safe_files,
    sandbox,
)
from loaders.safe_git.config import parse, read_config
from loaders.safe_git.safe_files import RepositoryError

SINCE_S = FIRST_COMMIT_AT_S + DAY_S  # the second of three daily commits, and later
AUTHOR = hashlib.sha256(b"ada@example.org").hexdigest()

Read = Callable[..., RepositoryFacts]


@pytest.fixture(autouse=True)
def _no_hanging() -> Iterator[None]:
    """A reader that waits for a FIFO fails its test instead of stopping the run."""

    def give_up(*_: object) -> None:
        raise TimeoutError("the reader hangs")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(30)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def read(tmp_path: Path) -> Iterator[Read]:
    """Reads a repository below `tmp_path/roots`."""
    roots = tmp_path / "roots"
    roots.mkdir()
    with RepositoryReader([os.fsencode(roots)]) as reader:

        def run(path: Path, since_s: int = SINCE_S, bare: bool = False) -> RepositoryFacts:
            facts = reader.read(os.fsencode(path), since_s=since_s, bare=bare)
            assert facts.reason is None or not re.search(r"[\x00-\x1f\x7f-\x9f]", facts.reason)
            assert facts.fingerprint == reader.peek(os.fsencode(path), bare=bare).fingerprint
            return facts

        yield run


@pytest.fixture
def repository(tmp_path: Path, read: Read) -> Path:
    return make_repository(tmp_path / "roots/repository")


def assert_equals_git(facts: RepositoryFacts, where: Path, since_s: int = SINCE_S) -> None:
    """Head, tree and recent commits equal the output of plain git for a harmless repository."""
    assert (facts.state, facts.reason) == ("read", None)
    assert facts.head_commit == git(where, "rev-parse", "HEAD").decode()
    assert facts.last_commit_at_s == int(git(where, "log", "-1", "--format=%ct"))
    kinds = {0o160000: "commit"}
    tree = [
        f"{file.mode:06o} {kinds.get(file.mode, 'blob')} {file.oid}\t".encode() + file.path
        for file in facts.tracked_files or []
    ]
    assert tree == git(where, "ls-tree", "-rz", "--full-tree", "HEAD").split(b"\0")[:-1]
    log = git(where, "log", f"--since={since_s}", "--format=%H %ct %ae").decode().splitlines()
    fields = map(str.split, log)
    expected = [
        (sha, int(at), hashlib.sha256(mail.lower().encode()).hexdigest())
        for sha, at, mail in fields
    ]
    assert [
        (c.sha, c.committed_at_s, c.author_email_hash) for c in facts.recent_commits or []
    ] == expected


# --- equal to plain git ---------------------------------------------------------------------


def test_a_normal_repository_reads_as_git_reads_it(read: Read, repository: Path) -> None:
    git(repository, "remote", "add", "other", "https://example.org/other")
    git(repository, "remote", "add", "origin", "https://ada:CANARY@example.org/x.git")
    facts = read(repository)
    assert_equals_git(facts, repository)
    assert (facts.kind, facts.git_dir) == ("directory", os.fsencode(repository / ".git"))
    assert (facts.head_ref, facts.default_branch, facts.object_format) == (
        "refs/heads/main",
        "main",
        "sha1",
    )
    assert facts.remote_url == "https://example.org/x.git"
    assert [c.author_email_hash for c in facts.recent_commits or []] == [AUTHOR, AUTHOR]
    assert "CANARY" not in repr(facts)


def test_a_detached_head_has_no_ref(read: Read, repository: Path) -> None:
    git(repository, "checkout", "-q", "--detach", "HEAD~1")
    facts = read(repository)
    assert_equals_git(facts, repository)
    assert (facts.head_ref, facts.default_branch) == (None, "main")


def test_a_repository_without_commits_is_empty(read: Read, tmp_path: Path) -> None:
    facts = read(make_repository(tmp_path / "roots/new", commits=0))
    assert (facts.state, facts.head_ref, facts.head_commit) == ("empty", "refs/heads/main", None)
    assert (facts.recent_commits, facts.tracked_files, facts.default_branch) == ([], [], "main")


def test_packed_refs_and_packs(read: Read, repository: Path) -> None:
    git(repository, "tag", "-a", "-m", "x", "v1")
    git(repository, "gc", "-q")
    assert not (repository / ".git/refs/heads/main").exists()
    assert_equals_git(read(repository), repository)


def test_sha256_objects(read: Read, tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "roots/r", "--object-format=sha256")
    facts = read(repository)
    assert_equals_git(facts, repository)
    assert facts.object_format == "sha256" and len(facts.head_commit or "") == 64


def test_the_default_branch_is_that_of_origin(read: Read, repository: Path) -> None:
    git(repository, "checkout", "-q", "-b", "topic")
    git(repository, "branch", "-q", "-m", "main", "develop")
    assert read(repository).default_branch is None
    clone = repository.with_name("clone")
    git(repository, "clone", "-q", "-b", "develop", ".", str(clone))
    facts = read(clone)
    assert (facts.head_ref, facts.default_branch) == ("refs/heads/develop", "topic")


def _with_remote(repository: Path, *branches: str, head: str = "", config: str = "") -> None:
    """Give *repository* remote branches, a remote HEAD that may dangle, and settings."""
    for branch in branches:
        git(repository, "update-ref", f"refs/remotes/origin/{branch}", "HEAD")
    if head:
        git(repository, "symbolic-ref", "refs/remotes/origin/HEAD", f"refs/remotes/origin/{head}")
    with (repository / ".git/config").open("a") as file:
        file.write('[remote "origin"]\nurl = https://example.org/x\n' + config)


_FOLLOWS_MAIN = '[branch "main"]\nremote = origin\nmerge = refs/heads/main\n'
_ONE_BRANCH = '[remote "origin"]\nfetch = +refs/heads/next:refs/remotes/origin/next\n'


@pytest.mark.parametrize(
    ("remote", "head", "config", "local", "expected"),
    [
        (["main", "x"], "master", "", ["feature"], "main"),  # renamed at the host, then pruned
        (["dev", "x"], "master", "", ["feature"], None),
        (["dev"], "master", "", ["feature"], "dev"),  # the only one that is left
        (["dev", "master"], "dev", "", ["master"], "dev"),  # it does not dangle
        (["main", "master"], "", "", ["main"], None),
        (["main", "master"], "", _FOLLOWS_MAIN, ["feature"], "main"),
        (["next"], "", _ONE_BRANCH, ["next"], None),  # cloned with --single-branch
        (["trunk", "x"], "", "", ["x"], "trunk"),
        ([], "", "", ["feature"], "feature"),  # the only branch of all
        ([], "", "", ["feature", "other"], None),
        ([], "", "", ["feature", "master"], "master"),
        ([], "", "", ["main", "master"], None),
    ],
)
def test_the_default_branch_is_the_only_sensible_one(
    read: Read,
    repository: Path,
    remote: list[str],
    head: str,
    config: str,
    local: list[str],
    expected: str | None,
) -> None:
    git(repository, "checkout", "-q", "--detach")
    git(repository, "branch", "-q", "-D", "main")
    for name in local:
        git(repository, "branch", "-q", name)
    git(repository, "checkout", "-q", local[0])
    _with_remote(repository, *remote, head=head, config=config)
    assert read(repository).default_branch == expected


def test_the_head_of_a_bare_repository_is_its_default_branch(read: Read, repository: Path) -> None:
    git(repository, "branch", "-q", "develop")
    bare = repository.with_name("bare.git")
    git(repository, "clone", "-q", "--bare", ".", str(bare))
    git(bare, "symbolic-ref", "HEAD", "refs/heads/develop")
    tree = repository.with_name("tree")
    git(bare, "worktree", "add", "-q", str(tree), "main")
    assert read(bare, bare=True).default_branch == "develop"
    assert (read(tree).kind, read(tree).default_branch) == ("worktree", "develop")


@pytest.mark.parametrize("name", [".bare", ".git"])
def test_a_hub_without_a_work_tree_is_bare(read: Read, repository: Path, name: str) -> None:
    hub = repository.with_name("hub")
    git(repository, "clone", "-q", "--bare", ".", str(hub / name))
    if name != ".git":
        (hub / ".git").write_text(f"gitdir: ./{name}\n")
    git(hub, "worktree", "add", "-q", "-b", "feature", "feature")
    for is_bare in (False, True):
        facts = read(hub, bare=is_bare)
        assert (facts.kind, facts.git_dir) == ("bare", os.fsencode(hub / name))
    facts = read(hub / "feature")
    assert (facts.kind, facts.default_branch, facts.state) == ("worktree", "main", "read")


def test_a_bare_repository(read: Read, repository: Path) -> None:
    bare = repository.with_name("bare.git")
    git(repository, "clone", "-q", "--bare", ".", str(bare))
    facts = read(bare, bare=True)
    assert_equals_git(facts, bare)
    assert (facts.kind, facts.git_dir) == ("bare", os.fsencode(bare))


def test_a_linked_worktree_and_its_pointer(read: Read, repository: Path) -> None:
    linked = repository.with_name("linked")
    git(repository, "worktree", "add", "-q", "-b", "topic", str(linked), "HEAD~1")
    facts = read(linked)
    assert_equals_git(facts, linked)
    assert (facts.kind, facts.head_ref, facts.worktree_pointers) == (
        "worktree",
        "refs/heads/topic",
        [],
    )
    assert read(repository).worktree_pointers == [os.fsencode(linked)]


def test_a_submodule(read: Read, repository: Path) -> None:
    parent = make_repository(repository.with_name("parent"))
    git(parent, "submodule", "--quiet", "add", str(repository), "sub")
    commit(parent, "with submodule", 5)
    facts = read(parent / "sub")
    assert_equals_git(facts, parent / "sub")
    assert (facts.kind, facts.git_dir) == ("gitfile", os.fsencode(parent / ".git/modules/sub"))
    links = [file.path for file in read(parent).tracked_files or [] if file.mode == 0o160000]
    assert links == [b"sub"]


def test_names_that_are_not_text(read: Read, repository: Path) -> None:
    blob = write_object(repository, "blob", b"x")
    names = (
        b"tab\there",
        b"line\nbreak",
        b"\xff\xfe",
        "größe".encode(),
        b'"quoted"',
        b"--output=pwned",
    )
    tree = write_tree(repository, dict.fromkeys(names, ("100644", blob)))
    write_commit(repository, tree, b"Ada <ada@example.org> 1700000000 +0000")
    assert_equals_git(read(repository), repository)


def test_many_threads_share_a_reader(read: Read, repository: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(read, [repository] * 24))
    assert all(answer == answers[0] for answer in answers)


def test_a_peek_runs_nothing_and_can_be_completed(
    tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with RepositoryReader([os.fsencode(tmp_path)]) as reader:
        path = os.fsencode(repository)
        with monkeypatch.context() as patch:
            patch.setattr(subprocess, "Popen", None)
            peeked = reader.peek(path)
        assert (peeked.recent_commits, peeked.tracked_files) == (None, None)
        commit(repository, "later", 9)
        facts = reader.read(path, since_s=SINCE_S, peeked=peeked)
        assert facts.head_commit == peeked.head_commit and len(facts.tracked_files or []) == 3
        assert reader.peek(path).fingerprint != peeked.fingerprint


def test_the_callers_environment_has_no_influence(
    read: Read, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lies = (
        "GIT_DIR",
        "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_EXEC_PATH",
        "GIT_TEMPLATE_DIR",
    )
    others = {
        "GIT_CONFIG_PARAMETERS": "'",
        "GIT_CONFIG_COUNT": "x",
        "SUDO_UID": "65534",
        "LD_PRELOAD": "/x",
    }
    for name, value in {**dict.fromkeys(lies, "/x"), **others}.items():
        monkeypatch.setenv(name, value)
    assert_equals_git(read(repository), repository)


def test_without_unshare_the_other_controls_still_read(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "_network_isolation", lambda: ())
    with RepositoryReader([os.fsencode(repository)]) as reader:
        assert not reader.network_isolated
        assert_equals_git(reader.read(os.fsencode(repository), since_s=SINCE_S), repository)


# --- read in part ---------------------------------------------------------------------------


def test_a_shallow_clone_is_read_as_far_as_it_goes(read: Read, repository: Path) -> None:
    clone = repository.with_name("clone")
    git(repository, "clone", "-q", "--depth=2", f"file://{repository}", str(clone))
    with (clone / ".git/shallow").open("a") as shallow:  # and it is wrong about HEAD
        shallow.write(git(clone, "rev-parse", "HEAD").decode() + "\n")
    facts = read(clone, since_s=0)
    assert (facts.state, facts.reason) == ("truncated", "shallow")
    assert len(facts.recent_commits or []) == 2 and len(facts.tracked_files or []) == 3


def test_grafts_and_replaced_commits_are_ignored(read: Read, repository: Path) -> None:
    head, old = (git(repository, "rev-parse", name).decode() for name in ("HEAD", "HEAD~2"))
    (repository / ".git/shallow").write_text(head + "\n")
    (repository / ".git/info/grafts").write_text(head + "\n")
    git(repository, "update-ref", f"refs/replace/{head}", old)
    assert git(repository, "rev-list", "--count", "HEAD") == b"1"
    facts = read(repository, since_s=0)
    assert len(facts.recent_commits or []) == 3 and len(facts.tracked_files or []) == 3


def test_a_shared_clone_inside_the_roots_is_read(read: Read, repository: Path) -> None:
    clone = repository.with_name("clone")
    git(repository, "clone", "-q", "--shared", ".", str(clone))
    assert_equals_git(read(clone), clone)


def test_alternates_outside_the_roots_are_not_followed(
    read: Read, repository: Path, tmp_path: Path
) -> None:
    outside = make_repository(tmp_path / "outside")
    alternates = repository / ".git/objects/info/alternates"
    alternates.write_text(f"# x\n{outside}/.git/objects\n")
    facts = read(repository)
    assert (facts.state, facts.reason) == ("truncated", "alternates_outside_roots")
    assert facts.head_commit and facts.tracked_files is None and facts.recent_commits is None

    nested = make_repository(repository.with_name("nested"))
    (nested / ".git/objects/info/alternates").write_text("../../../repository/.git/objects\n")
    assert read(nested).reason == "alternates_outside_roots"

    repository.with_name("link").symlink_to(outside)
    alternates.write_text("../../../link/.git/objects\n")
    assert read(repository).reason == "alternates_crosses_symlink"


def test_a_gitfile_out_of_the_roots_is_not_followed(
    read: Read, repository: Path, tmp_path: Path
) -> None:
    outside = make_repository(tmp_path / "outside")
    linked = repository.with_name("linked")
    git(outside, "worktree", "add", "-q", str(linked))
    facts = read(linked)
    assert (facts.state, facts.reason, facts.kind) == (
        "truncated",
        "gitfile_outside_roots",
        "gitfile",
    )
    assert facts.git_dir is None

    repository.with_name("link").symlink_to(outside)
    (linked / ".git").write_text("gitdir: ../link/.git\n")
    assert read(linked).reason == "gitfile_crosses_symlink"
    (repository / ".git/commondir").write_text(f"{outside}/.git\n")
    assert read(repository).reason == "commondir_outside_roots"


@pytest.mark.parametrize(
    ("name", "reason"), [("HEAD:src/file 0.txt", None), ("HEAD:src", "objects_missing: tree")]
)
def test_missing_blobs_do_not_matter_and_trees_do(
    read: Read, repository: Path, name: str, reason: str | None
) -> None:
    object_path(repository, git(repository, "rev-parse", name)).unlink()
    facts = read(repository)
    assert facts.reason == reason and len(facts.recent_commits or []) == 2
    assert (facts.tracked_files is None) == (reason is not None)


def test_missing_commits_leave_the_existing_ones(read: Read, repository: Path) -> None:
    object_path(repository, git(repository, "rev-parse", "HEAD~1")).unlink()
    facts = read(repository, since_s=0)
    assert (facts.state, facts.reason) == ("truncated", "objects_missing: history")
    assert len(facts.recent_commits or []) == 1 and len(facts.tracked_files or []) == 3

    object_path(repository, facts.head_commit or "").unlink()
    facts = read(repository)
    assert (facts.state, facts.reason, facts.tracked_files) == (
        "broken",
        "objects_missing: head",
        None,
    )


def test_a_damaged_commit_is_distinguished_from_a_missing_one(read: Read, repository: Path) -> None:
    path = object_path(repository, git(repository, "rev-parse", "HEAD"))
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:60])
    facts = read(repository)
    assert (facts.state, facts.reason) == ("broken", "objects_corrupt: head")


def test_reftable_is_named(read: Read, repository: Path) -> None:
    git(repository, "config", "extensions.refStorage", "reftable")
    facts = read(repository)
    assert (facts.state, facts.reason, facts.head_commit) == ("truncated", "reftable", None)


def test_without_git_the_small_files_are_still_read(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "_program", lambda name: None)
    with RepositoryReader([os.fsencode(repository)]) as reader:
        facts = reader.read(os.fsencode(repository), since_s=SINCE_S)
    assert (facts.state, facts.reason) == ("truncated", "git_not_installed: head")
    assert facts.head_commit and facts.tracked_files is None


def _bomb(repository: Path) -> None:
    """10^10 paths in a dozen objects."""
    level = ("100644", write_object(repository, "blob", b"x"))
    for _ in range(10):
        level = ("40000", write_tree(repository, {b"%d" % digit: level for digit in range(10)}))
    write_commit(repository, level[1], b"Ada <ada@example.org> 1700000000 +0000")


def test_a_tree_bomb_is_stopped_by_size(
    read: Read, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _bomb(repository)
    monkeypatch.setattr(recent_history, "_LIST_BYTES", 1_000_000)
    facts = read(repository)
    assert (facts.state, facts.reason, facts.tracked_files) == (
        "truncated",
        "output_limit: tree",
        None,
    )


def test_a_tree_bomb_is_stopped_by_time(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "r")
    _bomb(repository)
    started = time.monotonic()
    with RepositoryReader([os.fsencode(tmp_path)], timeout_s=0.3) as reader:
        facts = reader.read(os.fsencode(repository), since_s=0)
    assert (facts.state, facts.reason) == ("truncated", "timeout: tree")
    assert time.monotonic() - started < 5


def test_a_tree_of_endless_depth_ends_only_git(read: Read, repository: Path) -> None:
    level = ("100644", write_object(repository, "blob", b"x"))
    for _ in range(3_000):
        level = ("40000", write_tree(repository, {b"d": level}))
    write_commit(repository, level[1], b"Ada <ada@example.org> 1700000000 +0000")
    facts = read(repository)
    assert facts.state == "truncated" or len((facts.tracked_files or [])[0].path) == 2 * 3_000 - 1


# --- commits as strange as git allows -------------------------------------------------------


@pytest.mark.parametrize(
    ("identity", "seconds", "address"),
    [
        (b"Ada <Ada@X> 99999999999999999999 +0000", None, b"ada@x"),
        (b"Ada <ada@x> 253402300800 +0000", None, b"ada@x"),
        (b"Ada <ada@x> -5 +0000", None, b"ada@x"),
        (b"Ada <ada@x>", None, b"ada@x"),
        (b"Ada <a<b@x>> 1700000000 +9999", 1_700_000_000, b"a<b@x"),
        (b"\xff\xfe <\xe9@x> 1700000000 +0000", 1_700_000_000, b"\xe9@x"),
        (b"nobody", None, b""),
    ],
)
def test_strange_identities(
    read: Read, repository: Path, identity: bytes, seconds: int | None, address: bytes
) -> None:
    tree = git(repository, "rev-parse", "HEAD^{tree}").decode()
    message = b"\0 nul\ncommitter Eve <eve@x> 1 +0000\n" + b"x" * 300_000
    oid = write_commit(repository, tree, identity, more=b"encoding nonsense\n", message=message)
    facts = read(repository, since_s=0)
    assert (facts.state, facts.head_commit, facts.last_commit_at_s) == ("read", oid, seconds)
    assert len(facts.tracked_files or []) == 3
    (found,) = facts.recent_commits or []
    assert (found.committed_at_s, found.author_email_hash) == (
        seconds,
        hashlib.sha256(address).hexdigest(),
    )


def test_commits_with_huge_headers_are_not_kept(read: Read, repository: Path) -> None:
    """Each of them is a few hundred bytes on disk."""
    parent, tree = (git(repository, "rev-parse", name).decode() for name in ("HEAD", "HEAD^{tree}"))
    for number in range(300):
        who = f"Ada <ada@example.org> {FIRST_COMMIT_AT_S + 9 * DAY_S + number} +0000"
        lines = (
            f"tree {tree}",
            f"parent {parent}",
            f"author {who}",
            f"committer {who}",
            "x-header " + "x" * 100_000,
        )
        parent = write_object(repository, "commit", "\n".join((*lines, "", "message")).encode())
    (repository / ".git/refs/heads/main").write_text(parent + "\n")
    tracemalloc.start()
    try:
        facts = read(repository)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(facts.recent_commits or []) == 302
    assert peak < 5_000_000, "300 commits of 64 KiB each that matter"


# --- refused --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (".git", "git_is_fifo"),
        (".git/HEAD", "head_is_fifo"),
        (".git/config", "config_is_fifo"),
        (".git/packed-refs", "packed_refs_is_fifo"),
        (".git/shallow", "shallow_is_fifo"),
        (".git/commondir", "commondir_is_fifo"),
        (".git/refs/heads/main", "ref_is_fifo: refs/heads/main"),
        (".git/refs/remotes/origin/HEAD", "ref_is_fifo: refs/remotes/origin/HEAD"),
        (".git/objects/info/alternates", "objects_hold_fifo"),
        (".git/objects/pack/pack-1.idx", "objects_hold_fifo"),
    ],
)
def test_a_fifo_is_refused_and_not_waited_for(
    read: Read, repository: Path, name: str, reason: str
) -> None:
    if name == ".git/packed-refs":
        git(repository, "checkout", "-q", "-b", "topic")
        git(repository, "branch", "-q", "-D", "main")  # so that main is looked for among them
    path = repository / name
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    os.mkfifo(path)
    facts = read(repository)
    assert (facts.state, facts.reason, facts.git_dir) == ("refused", reason, None)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (".git/HEAD", "head_is_symlink"),
        (".git/config", "config_is_symlink"),
        (".git/refs", "refs_is_symlink"),
        (".git/refs/heads", "ref_is_symlink: refs/heads/main"),
        (".git/objects", "objects_is_symlink"),
        (".git/objects/pack", "objects_hold_symlink"),
    ],
)
def test_a_symlink_is_refused(read: Read, repository: Path, name: str, reason: str) -> None:
    path = repository / name
    moved = repository.with_name("moved")
    path.rename(moved)
    path.symlink_to(moved)
    facts = read(repository)
    assert (facts.state, facts.reason) == ("refused", reason)


def test_a_git_directory_behind_a_link_is_read_inside_a_root_only(
    read: Read, repository: Path, tmp_path: Path
) -> None:
    moved = repository.with_name("moved")
    (repository / ".git").rename(moved)
    (repository / ".git").symlink_to("../moved")
    facts = read(repository)
    assert_equals_git(facts, repository)
    assert (facts.kind, facts.git_dir) == ("gitfile", os.fsencode(moved))
    outside = tmp_path / "outside.git"
    moved.rename(outside)
    for target in (outside, moved, Path("chain")):
        (repository / ".git").unlink()
        (repository / ".git").symlink_to(target)
        moved.unlink(missing_ok=True)
        moved.symlink_to(outside)
        facts = read(repository)
        assert (facts.state, facts.reason) == ("refused", "git_is_symlink")


def test_the_work_tree_of_a_submodule_is_where_its_files_are(
    repository: Path, tmp_path: Path
) -> None:
    make_repository(tmp_path / "roots/part", commits=1)
    git(repository, "submodule", "add", "-q", str(tmp_path / "roots/part"), "libs/part")
    place = os.fsencode(repository / "libs/part")
    with RepositoryReader([os.fsencode(tmp_path / "roots")]) as reader:
        snapshot = reader.read_refs(place)
    assert [(tree.path, tree.is_main) for tree in snapshot.worktrees] == [(place, True)]


def test_a_path_outside_the_roots_is_refused(read: Read, repository: Path, tmp_path: Path) -> None:
    outside = make_repository(tmp_path / "outside", commits=1)
    for path in (outside, repository / "../../outside", Path(f"{tmp_path}/roots-not")):
        assert read(path).reason == "outside_roots"


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("HEAD", b"ref: refs/../../../outside\n", "symref_invalid"),
        ("HEAD", b"ref: HEAD\n", "symref_invalid"),
        ("HEAD", b"\0\xff\n", "head_invalid"),
        ("HEAD", b"a" * 64, "head_of_other_object_format"),
        ("HEAD", b"x" * 5_000, "head_too_large"),
        ("refs/heads/main", b"ref: refs/heads/main\n", "symrefs_too_deep"),
        ("refs/heads/main", b"--output=pwned\n", "ref_invalid: refs/heads/main"),
        ("config", b"[core\n", "config_invalid: line 1"),
        ("config", b"[extensions]\nobjectformat = md5\n", "object_format_unknown"),
        ("config", b"[extensions]\nrefstorage = 1\n", "ref_storage_unknown"),
    ],
)
def test_broken_files_are_named(
    read: Read, repository: Path, name: str, text: bytes, reason: str
) -> None:
    (repository / ".git" / name).write_bytes(text)
    facts = read(repository)
    assert facts.state in ("broken", "refused") and facts.reason == reason


def test_a_folder_that_is_not_a_repository_is_broken(read: Read, repository: Path) -> None:
    plain = repository.with_name("plain")
    plain.mkdir()
    assert (read(plain).state, read(plain).reason) == ("broken", "git_is_missing")
    (plain / ".git").write_text("hello\n")
    assert read(plain).reason == "gitfile_invalid"
    (plain / ".git").write_text("gitdir: nowhere\n")
    assert read(plain).reason == "gitfile_target_is_missing"
    (plain / ".git").unlink()
    assert read(plain, bare=True).reason == "refs_is_missing"


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        (None, ("read", None)),  # the repository belongs to another user, and is read nevertheless
        (".git", ("broken", "commondir_unreadable")),
        (".git/HEAD", ("broken", "head_unreadable")),
        (".git/config", ("broken", "config_unreadable")),
        (".git/refs/heads", ("broken", "ref_unreadable: refs/heads/main")),
        (".git/objects", ("broken", "objects_unreadable")),
        (".git/objects/pack", ("broken", "objects_unreadable")),
    ],
)
def test_a_repository_without_read_permission_is_broken(
    open_folder: Path, name: str | None, answer: tuple[str, str | None]
) -> None:
    repository = make_repository(open_folder / "repository")
    if name:
        (repository / name).chmod(0)

    def read_it() -> tuple[str, str | None]:
        with RepositoryReader([os.fsencode(open_folder)]) as reader:
            facts = reader.read(os.fsencode(repository), since_s=SINCE_S)
        return facts.state, facts.reason

    assert as_nobody(read_it) == answer


@pytest.mark.parametrize("code", [errno.EMFILE, errno.ENFILE, errno.ENOMEM])
def test_running_out_of_open_files_is_not_a_fault_of_the_repository(
    tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def none_left(*_: object, **__: object) -> int:
        raise OSError(code, "none left")

    with RepositoryReader([os.fsencode(tmp_path)]) as reader, monkeypatch.context() as patch:
        patch.setattr(safe_files.os, "open", none_left)
        facts = reader.read(os.fsencode(repository), since_s=SINCE_S)
    assert (facts.state, facts.reason) == ("truncated", f"system_error: {errno.errorcode[code]}")


def test_an_unexpected_error_ends_one_repository_and_not_the_crawl(
    tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recent_history, "committed_at_s", lambda data: 1 // 0)
    with RepositoryReader([os.fsencode(tmp_path)]) as reader:
        facts = reader.read(os.fsencode(repository), since_s=SINCE_S)
    assert (facts.state, facts.reason) == (
        "truncated",
        "reader_error: ZeroDivisionError",
    ) and facts.head_commit


# --- nothing of theirs runs -----------------------------------------------------------------


def test_no_planted_program_runs(read: Read, repository: Path, tmp_path: Path) -> None:
    markers = tmp_path / "markers"
    plant_traps(repository, markers)
    commits = git(repository, "rev-list", "--count", "HEAD", check=False)
    assert not list(markers.iterdir())
    facts = read(repository, since_s=0)
    assert (facts.state, facts.reason, facts.remote_url) == ("truncated", "partial", "ext::")
    assert (
        len(facts.recent_commits or []) == int(commits) and len(facts.tracked_files or []) == 4 + 4
    )
    lose_a_tree(repository)
    assert read(repository, since_s=0).reason == "partial; objects_missing: tree"
    assert not list(markers.iterdir())


def test_the_traps_fire_under_plain_git(repository: Path, tmp_path: Path) -> None:
    """The test above could fail: plain git falls into the very same traps."""
    markers = tmp_path / "markers"
    plant_traps(repository, markers)
    for command in (["status"], ["log"], ["log", "-p"], ["diff"]):
        git(repository, *command, check=False, GIT_WORK_TREE=str(repository))
    lose_a_tree(repository)
    git(repository, "ls-tree", "-r", "HEAD", check=False)
    fired = {marker.name for marker in markers.iterdir()}
    assert {"fsmonitor", "clean", "textconv", "diff", "external", "gpg", "hook", "ext"} <= fired


def test_a_ref_named_like_an_option_is_only_a_name(read: Read, repository: Path) -> None:
    head = git(repository, "rev-parse", "HEAD").decode()
    (repository / ".git/refs/heads/--output=pwned").write_text(head + "\n")
    (repository / ".git/HEAD").write_text("ref: refs/heads/--output=pwned\n")
    assert read(repository).head_ref == "refs/heads/--output=pwned"
    assert not list(repository.parent.rglob("pwned"))


def test_reading_does_not_change_the_repository(read: Read, repository: Path) -> None:
    def state() -> list[tuple[str, int]]:
        return sorted((str(path), path.lstat().st_mtime_ns) for path in repository.rglob("*"))

    before = state()
    read(repository)
    assert state() == before


# --- config and URLs ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xef\xbb\xbf[a]\r\nb=c\r\n",
        b'[A "Sub.Sec\\"t"] Key-1 = v ; comment\n\tflag \n other\n',
        b"[a]\nflag # not allowed here\n",
        b"[a.B.c]\nk = x  y\t\n[a]k=v\n",
        b'[a]\nk = one \\\n  two " three " # four\nq = "a#b;c" tail\n',
        b'[a]\nk = \\t\\n\\b\\"\\\\\nempty =\nquoted = ""\n',
        b'[remote "x"]\n\turl = a\n\turl = b\n',
        b'[a]\nk = unfinished "\n',
        b"[a]\nk = bad \\q\n",
        b"[a]\n1k = v\n",
        b"k = v\n",
        b"[a]\nk v\n",
        b"[a b]\nk = v\n",
        b'[a "x\ny"]\nk = v\n',
    ],
)
def test_config_is_parsed_as_git_parses_it(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "config"
    path.write_bytes(text)
    command = ["git", "config", "--no-includes", "-z", "--list", "--file", str(path)]
    git_says = subprocess.run(command, env=ENVIRONMENT, capture_output=True)
    if git_says.returncode:
        with pytest.raises(RepositoryError, match="config_invalid: line"):
            parse(text)
        return
    entries = []
    for entry in parse(text):
        name = b".".join(
            filter(None, (entry.section.encode(), entry.subsection, entry.key.encode()))
        )
        entries.append(name if entry.value is None else name + b"\n" + entry.value)
    assert entries == git_says.stdout.split(b"\0")[:-1]


def test_includes_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "more").write_text('[remote "origin"]\nurl = https://example.org/x\n')
    assert read_config(f"[include]\npath = {tmp_path}/more\n".encode()).remote_url is None


@pytest.mark.parametrize(
    ("url", "cleaned"),
    [
        ("https://example.org/x.git", "https://example.org/x.git"),
        ("https://user:CANARY@example.org/x.git", "https://example.org/x.git"),
        ("https://CANARY@example.org:8443/x", "https://example.org:8443/x"),
        ("HTTPS://user:CAN@ARY@example.org/x", "https://example.org/x"),
        ("https://user%3ACANARY%40@example.org/x", "https://example.org/x"),
        ("https://user%3ACANARY%40example.org/x", None),
        ("https://user:CAN/CANARY@example.org/x", None),
        ("https://user:CAN?CANARY@example.org/x", None),
        ("https://CANARY/x%40example.org/y", None),
        ("https://example.org/x?token=CANARY#CANARY", "https://example.org/x"),
        ("https://example.org?token=CANARY", "https://example.org"),
        ("https://example.org:CANARY/x", None),
        ("git+https://user:CANARY@example.org/x", "git+https://example.org/x"),
        ("ssh://git:CANARY@example.org:22/x", "ssh://example.org:22/x"),
        ("ssh://git@[2001:db8::1]:22/x", "ssh://[2001:db8::1]:22/x"),
        ("file:///srv/git/x", "file:///srv/git/x"),
        ("file://user:CANARY@host/x", "file://host/x"),
        ("file:///user:CANARY@host/x", None),
        ("git@example.org:team/x.git", "git@example.org:team/x.git"),
        ("user:CANARY@example.org:x", "example.org:x"),
        ("user:CAN@ARY@example.org:x", "example.org:x"),
        ("CANARYghp0123456789abcdefghij@example.org:x", "example.org:x"),
        ("user:CANARY/@example.org:x", None),
        ("canary7@example.org:x", "example.org:x"),
        ("git@example.org:x?CANARY", "git@example.org:x"),
        ("https://example.org/" + "x" * 5_000, None),
        ("git@[::1]:x", "git@[::1]:x"),
        ("ext::sh -c 'echo CANARY'", "ext::"),
        ("codecommit::eu-west-1://CANARY@x", "codecommit::"),
        ("https:\\\\user:CANARY@example.org\\x", None),
        ("CANARY::@example.org/x", None),
        ("CANARY@example.org/x", None),
        ("/CANARY@example.org/x", None),
        ("//user:CANARY@example.org/x", None),
        ("https://user:CANARY\n@example.org/x", None),
        ("https://user:CANARY\x9b@example.org/x", None),
        (b"https://user:CANARY\xff@example.org/x", None),
        ("/srv/git/me@work/x", "/srv/git/me@work/x"),
        ("../x", "../x"),
        ("C:/git/x", "C:/git/x"),
        ("", None),
    ],
)
def test_remote_urls_contain_no_secret(url: str | bytes, cleaned: str | None) -> None:
    assert clean_remote_url(url) == cleaned
    assert "CANARY" not in (cleaned or "")
    if cleaned:
        assert clean_remote_url(cleaned) == cleaned
