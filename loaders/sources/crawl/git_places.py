"""Recognise the folders of git while a tree is listed: repositories, and folders of git data.

The data of a repository are in its `.git`, in the folder that its `.git` file names (a hub: `.bare`
beside its work trees), or, for a bare repository, in the folder itself, where work trees may be
too. Layout: gitrepository-layout(5).
"""

from __future__ import annotations

import os
import stat
from typing import NamedTuple

GIT_DATA = "version-control internals (bare repository)"

WORK_TREE = "worktree"
BARE = "bare"

_FILE_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
_POINTER_BYTES = 4096
# Folders of git and its common extensions inside git data; a work tree can be in any other.
_INTERNAL = frozenset(
    b"annex branches common hooks info lfs logs modules objects rebase-apply rebase-merge refs"
    b" reftable remotes rr-cache sequencer svn worktrees".split()
)


class Around(NamedTuple):
    """The knowledge about a directory from the directories above it."""

    is_in_repository: bool = False
    git_data: bytes | None = None  # the folder below the repository that has its data
    is_in_git_data: bool = False


class Place(NamedTuple):
    """The kind of one directory, and the knowledge for its subdirectories."""

    repository: str | None  # WORK_TREE, BARE
    is_git_data: bool
    around_below: Around


def place_of(path: bytes, names: set[bytes], folders: set[bytes], around: Around) -> Place:
    """Return what the directory *path* is, from its entries; *folders* are those of its *names*.

    A bare repository inside of another one is part of it, like any other folder, unless it has the
    data of that one.
    """
    if b".git" in names:
        git_data = None if b".git" in folders else _named_below(path)
        return Place(WORK_TREE, False, Around(True, git_data))
    is_layout = b"HEAD" in names - folders and {b"objects", b"refs"} <= folders
    if is_layout and not around.is_in_repository:
        return Place(BARE, True, Around(is_in_git_data=True))
    if path == around.git_data or around.is_in_git_data:
        return Place(None, True, around._replace(git_data=None, is_in_git_data=True))
    return Place(None, False, around)


def may_hold_work_trees(name: bytes) -> bool:
    """Return whether a folder with this name, directly in git data, is not one of git's own."""
    return name not in _INTERNAL


def _named_below(path: bytes) -> bytes | None:
    """Return the folder below *path* that its `.git`, a file or a link, names."""
    target = _target_of_link(path + b"/.git") or _target_of_file(path + b"/.git")
    if not target or b"\0" in target:
        return None
    named = os.path.normpath(os.path.join(path, target))
    return named if named.startswith(path.rstrip(b"/") + b"/") else None


def _target_of_link(path: bytes) -> bytes | None:
    try:
        return os.readlink(path)
    except OSError:
        return None


def _target_of_file(path: bytes) -> bytes | None:
    try:
        fd = os.open(path, _FILE_FLAGS)
    except OSError:
        return None
    with os.fdopen(fd, "rb") as file:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            return None
        try:
            text = file.read(_POINTER_BYTES)
        except OSError:
            return None
    label, _, target = text.rstrip(b"\r\n").partition(b"gitdir: ")
    return None if label else target
