"""Read the work trees of a repository: their HEAD and last action (gitrepository-layout(5))."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

from loaders.safe_git.preflight import Located
from loaders.safe_git.refs import Refs
from loaders.safe_git.safe_files import DIRECTORY, MISSING, RepositoryError, Roots

_POINTER_BYTES = 64 * 1024
REFLOG_BYTES = 16 * 1024 * 1024
_MAX_WORKTREES = 1_000
# `<old> <new> <name> <address> <seconds> <zone>\t<what>`
_ACTION = re.compile(rb"[0-9a-f]+ [0-9a-f]+ (.*?) ?<([^>\n]*)> (\d{1,15}) [+-]\d{4}(?:\t(.*))?")


@dataclass(frozen=True)
class Action:
    """The last action that moved a HEAD, from its reflog."""

    name: bytes
    email: bytes
    at_s: int
    what: bytes


@dataclass(frozen=True)
class Worktree:
    """One work tree. `path` is the one that the repository names, not followed."""

    path: bytes
    is_main: bool
    is_locked: bool
    head_ref: bytes | None  # None: detached
    head: str | None
    last: Action | None


def read_worktrees(roots: Roots, located: Located, refs: Refs) -> list[Worktree]:
    """Return the readable work trees, the main one first; a linked work tree has none itself.

    A bare repository has no main work tree.
    """
    if located.kind == "worktree":
        return []
    main = (
        []
        if located.kind == "bare" or located.work_tree is None
        else [(located.git_dir, located.work_tree, True)]
    )
    found = []
    for git_dir, path, is_main in [*main, *_linked(roots, located.common_dir + b"/worktrees")]:
        try:
            head_ref, head = refs.head(git_dir)
        except RepositoryError:
            continue
        is_locked = roots.kind(git_dir + b"/locked") != MISSING
        last = _last_action(roots, git_dir)
        found.append(Worktree(path, is_main, is_locked, head_ref, head, last))
    return found


def _linked(roots: Roots, parent: bytes) -> Iterator[tuple[bytes, bytes, bool]]:
    """Yield (git directory, path, False) of each linked work tree, sorted."""
    if roots.kind(parent) != DIRECTORY:
        return
    names = sorted(name for name, kind in roots.entries(parent) if kind == DIRECTORY)
    for name in names[:_MAX_WORKTREES]:
        git_dir = parent + b"/" + name
        try:
            pointer = roots.read(git_dir + b"/gitdir", "worktree_gitdir", _POINTER_BYTES)
        except RepositoryError:
            continue
        text = (pointer or b"").strip()
        if text and not re.search(rb"[\x00-\x1f\x7f]", text):
            yield git_dir, os.path.dirname(os.path.normpath(os.path.join(git_dir, text))), False


def _last_action(roots: Roots, git_dir: bytes) -> Action | None:
    try:
        log = roots.read(git_dir + b"/logs/HEAD", "reflog", REFLOG_BYTES) or b""
    except RepositoryError:
        return None
    match = _ACTION.fullmatch(log.rstrip(b"\n").rpartition(b"\n")[2])
    return (
        Action(match[1], match[2], int(match[3]), without_url(match[4] or b"")) if match else None
    )


def without_url(what: bytes) -> bytes:
    """Keep only the verb of messages such as `clone: from <URL>`: the URL may hold a password."""
    return what.partition(b":")[0] if b"@" in what or b"://" in what else what
