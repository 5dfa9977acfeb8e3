"""The work trees of a repository: what each has checked out, who did what there last (gitrepository-layout(5))."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

from loaders.safe_git.preflight import Located
from loaders.safe_git.refs import Refs
from loaders.safe_git.safe_files import DIRECTORY, MISSING, Roots, Trouble

_POINTER_BYTES = 64 * 1024
_REFLOG_BYTES = 16 * 1024 * 1024
_MAX_WORKTREES = 1_000
# `<old> <new> <name> <address> <seconds> <zone>\t<what>`
_ACTION = re.compile(rb"[0-9a-f]+ [0-9a-f]+ (.*?) ?<([^>\n]*)> (\d{1,15}) [+-]\d{4}(?:\t(.*))?")


@dataclass(frozen=True)
class Action:
    """The last thing that moved a HEAD, as its log tells it."""

    name: bytes
    email: bytes
    at_s: int
    what: bytes


@dataclass(frozen=True)
class Worktree:
    """One work tree. `path` is as the repository names it, not followed."""

    path: bytes
    is_main: bool
    is_locked: bool
    head_ref: bytes | None  # None: detached
    head: str | None
    last: Action | None


def read_worktrees(roots: Roots, located: Located, refs: Refs) -> list[Worktree]:
    """The main work tree and the linked ones; none of a bare repository or of a linked work tree itself.

    One that cannot be read is left out.
    """
    if located.kind == "worktree":
        return []
    homes = (
        []
        if located.kind == "bare"
        else [(located.git_dir, os.path.dirname(located.git_dir), True)]
    )
    found = []
    for home, path, is_main in [*homes, *_linked(roots, located.common_dir + b"/worktrees")]:
        try:
            head_ref, head = refs.head(home)
        except Trouble:
            continue
        is_locked = roots.kind(home + b"/locked") != MISSING
        found.append(Worktree(path, is_main, is_locked, head_ref, head, _last_action(roots, home)))
    return found


def _linked(roots: Roots, parent: bytes) -> Iterator[tuple[bytes, bytes, bool]]:
    """(home of its HEAD, path, False) of each linked work tree, sorted."""
    if roots.kind(parent) != DIRECTORY:
        return
    names = sorted(name for name, kind in roots.entries(parent) if kind == DIRECTORY)
    for name in names[:_MAX_WORKTREES]:
        home = parent + b"/" + name
        try:
            text = (roots.read(home + b"/gitdir", "worktree_gitdir", _POINTER_BYTES) or b"").strip()
        except Trouble:
            continue
        if text and not re.search(rb"[\x00-\x1f\x7f]", text):
            yield home, os.path.dirname(os.path.normpath(os.path.join(home, text))), False


def _last_action(roots: Roots, home: bytes) -> Action | None:
    try:
        log = roots.read(home + b"/logs/HEAD", "reflog", _REFLOG_BYTES) or b""
    except Trouble:
        return None
    match = _ACTION.fullmatch(log.rstrip(b"\n").rpartition(b"\n")[2])
    return (
        Action(match[1], match[2], int(match[3]), _without_url(match[4] or b"")) if match else None
    )


def _without_url(what: bytes) -> bytes:
    """`clone: from <URL>` names a URL that may hold a password: only what was done stays."""
    return what.partition(b":")[0] if b"@" in what or b"://" in what else what
