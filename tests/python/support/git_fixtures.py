"""Builds repositories for the tests of loaders.safe_git with git itself, in a clean environment."""

from __future__ import annotations

import hashlib
import os
import subprocess
import zlib
from pathlib import Path

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "LC_ALL": "C",
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_COUNT": "2",
    "GIT_CONFIG_KEY_0": "init.defaultBranch",
    "GIT_CONFIG_VALUE_0": "main",
    "GIT_CONFIG_KEY_1": "protocol.file.allow",
    "GIT_CONFIG_VALUE_1": "always",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "Ada@Example.org",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
}
FIRST_COMMIT_AT_S = 1_700_000_000
DAY_S = 86_400


def git(
    where: Path, *arguments: str, text: bytes = b"", check: bool = True, **environment: str
) -> bytes:
    """Output of plain git in a directory of the test, without its last newline."""
    done = subprocess.run(
        ["git", "-C", str(where), *arguments],
        input=text,
        capture_output=True,
        env={**ENVIRONMENT, **environment},
        check=check,
        timeout=30,
    )
    return done.stdout.removesuffix(b"\n")


def make_repository(path: Path, *options: str, commits: int = 3) -> Path:
    """A repository with one commit a day, the first at FIRST_COMMIT_AT_S, each adding a file."""
    path.mkdir(parents=True)
    git(path, "init", "-q", *options)
    for number in range(commits):
        commit(path, f"file {number}.txt", number)
    return path


def commit(repository: Path, name: str, day: int) -> str:
    """Add one file below `src/` and commit it on the given day; the commit's id."""
    (repository / "src").mkdir(exist_ok=True)
    (repository / "src" / name).write_text(f"{name}\n")
    when = f"{FIRST_COMMIT_AT_S + day * DAY_S} +0000"
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", name, GIT_AUTHOR_DATE=when, GIT_COMMITTER_DATE=when)
    return git(repository, "rev-parse", "HEAD").decode()


def write_object(repository: Path, kind: str, body: bytes) -> str:
    """A loose object with any content at all, also such as git would not write; its id."""
    data = f"{kind} {len(body)}\0".encode() + body
    oid = hashlib.sha1(data).hexdigest()
    path = repository / ".git/objects" / oid[:2] / oid[2:]
    path.parent.mkdir(exist_ok=True)
    if not path.exists():
        path.write_bytes(zlib.compress(data))
    return oid


def write_tree(repository: Path, entries: dict[bytes, tuple[str, str]]) -> str:
    """A tree of {name: (mode, oid)}; its id."""
    body = b"".join(
        f"{mode} ".encode() + name + b"\0" + bytes.fromhex(oid)
        for name, (mode, oid) in sorted(entries.items())
    )
    return write_object(repository, "tree", body)


def write_commit(
    repository: Path, tree: str, committer: bytes, *, more: bytes = b"", message: bytes = b"x\n"
) -> str:
    """Make HEAD's branch point to a commit of our own wording; its id."""
    body = b"tree " + tree.encode() + b"\nauthor " + committer + b"\ncommitter " + committer + b"\n"
    oid = write_object(repository, "commit", body + more + b"\n" + message)
    (repository / ".git/refs/heads/main").write_text(oid + "\n")
    return oid


def object_path(repository: Path, oid: str | bytes) -> Path:
    """The path of a loose object."""
    text = oid.decode() if isinstance(oid, bytes) else oid
    return repository / ".git/objects" / text[:2] / text[2:]


def plant_traps(repository: Path, markers: Path) -> None:
    """Let every known way of having git run a program of the repository's leave a marker.

    The ways are those measured for git 2.39: fsmonitor, filters, diff drivers, signature
    checks, hooks, pagers, transports and lazy fetches of a promisor remote.
    """
    markers.mkdir(exist_ok=True)
    hooks = repository / "hooks-of-theirs"
    hooks.mkdir()
    traps = {name: _trap(repository, markers, name) for name in _TRAPS}
    for name in ("post-index-change", "post-checkout", "pre-commit", "reference-transaction"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch '{markers}/hook'\n")
        (hooks / name).chmod(0o755)
    (repository / ".gitattributes").write_text("*.txt filter=theirs diff=theirs\n")
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "attributes")
    _sign(repository)
    with (repository / ".git/config").open("a") as config:
        config.write(_PLANTED.format(hooks=hooks, **traps))
    # A changed file for each driver, of the same size, so that only a filter finds the change.
    (repository / "src/file 0.txt").write_text("FILE 0.txt\n")
    (repository / "hooks-of-theirs/pre-commit").write_text("changed, and no text by its name\n")


def lose_a_tree(repository: Path) -> None:
    """Delete the tree of `src`, which a promisor remote would be asked for."""
    object_path(repository, git(repository, "rev-parse", "HEAD:src")).unlink()


_TRAPS = (
    *("fsmonitor", "clean", "smudge", "textconv", "diff", "external"),
    *("gpg", "pager", "ssh", "uploadpack", "ext", "other"),
)
_PLANTED = """
[core]
    repositoryformatversion = 1
    fsmonitor = {fsmonitor}
    hooksPath = {hooks}
    pager = {pager}
    sshCommand = {ssh}
    worktree = /etc
    askPass = {other}
    editor = {other}
    gitProxy = {other}
    alternateRefsCommand = {other}
[filter "theirs"]
    clean = {clean}
    smudge = {smudge}
    required = true
[diff]
    external = {external}
[diff "theirs"]
    textconv = {textconv}
    command = {diff}
[gpg]
    program = {gpg}
[log]
    showSignature = true
[pager]
    log = {pager}
[protocol]
    allow = always
[protocol "ext"]
    allow = always
[remote "origin"]
    url = ext::{ext}
    uploadpack = {uploadpack}
    promisor = true
[extensions]
    partialClone = origin
[fetch]
    recurseSubmodules = true
[submodule "x"]
    update = !{other}
[url "ext::{ext} "]
    insteadOf = https://
[credential]
    helper = !{other}
[alias]
    cat-file = !{other}
    rev-list = !{other}
    ls-tree = !{other}
[merge "theirs"]
    driver = {other}
[difftool "theirs"]
    cmd = {other}
[trailer "theirs"]
    command = {other}
[uploadpack]
    packObjectsHook = {other}
[gc]
    auto = 1
[color]
    ui = always
[format]
    pretty = oneline
[i18n]
    logOutputEncoding = UTF-16
"""


def _trap(repository: Path, markers: Path, name: str) -> Path:
    program = repository.parent / f"trap-{name}"
    program.write_text(f"#!/bin/sh\ntouch '{markers}/{name}'\n")
    program.chmod(0o755)
    return program


def _sign(repository: Path) -> None:
    """Give HEAD a signature, so that showing it would start gpg.program."""
    headers, _, message = git(repository, "cat-file", "commit", "HEAD").partition(b"\n\n")
    signature = (
        b"\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n aaaa\n -----END PGP SIGNATURE-----\n\n"
    )
    oid = write_object(repository, "commit", headers + signature + message + b"\n")
    (repository / ".git/refs/heads/main").write_text(oid + "\n")
