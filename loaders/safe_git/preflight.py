"""Find the directories of a repository and check that git can safely read its objects.

Layout: gitrepository-layout(5). A pointer (gitfile, a `.git` that is a symbolic link, commondir,
alternates) is followed only if its target is inside an allowed root, has no symbolic link in any
component, and passes the same checks. Links inside the git directory are not followed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

from loaders.safe_git.safe_files import (
    DIRECTORY,
    FILE,
    MISSING,
    SYMLINK,
    UNREADABLE,
    RepositoryError,
    Roots,
    unreadable,
)

OID = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?")

_POINTER_BYTES = 64 * 1024
_SHALLOW_BYTES = 16 * 1024 * 1024
_MAX_OBJECT_FILES = 2_000_000
_MAX_OBJECT_DEPTH = 4
_MAX_STORES = 32  # object directories reached through alternates
_MAX_WORKTREES = 1_000
_LONGEST_PATH = 4096  # PATH_MAX


@dataclass(frozen=True)
class Located:
    """A checked repository. In a linked work tree `common_dir` is that of the main repository."""

    kind: str
    work_tree: bytes | None  # None for a folder that is itself the git directory
    git_dir: bytes
    common_dir: bytes
    shallow: tuple[str, ...]  # commits listed in `shallow`, whose parents should be absent
    alternates: tuple[bytes, ...]
    alternates_problem: str | None  # if set, git must not be run, because it would follow them

    @property
    def objects(self) -> bytes:
        return self.common_dir + b"/objects"


def locate(roots: Roots, work_tree: bytes, *, bare: bool) -> Located:
    """Find and check the repository of `work_tree`.

    With `bare`, that folder is itself the git directory, unless it has a `.git`.
    Raises RepositoryError: refused (unsafe), truncated (points outside), broken (not a repository).
    """
    place = roots.canonical(os.path.abspath(work_tree))
    if place is None:
        raise RepositoryError("refused", "outside_roots")
    is_git_dir = bare and roots.kind(place + b"/.git") == MISSING
    git_dir, kind = (place, "bare") if is_git_dir else _git_dir(roots, place)
    common_dir = _common_dir(roots, git_dir)
    if kind == "gitfile" and common_dir != git_dir:
        kind = "worktree"
    for path, label in ((git_dir, "git"), (common_dir, "common"), (common_dir + b"/refs", "refs")):
        _require_directory(roots, path, label)
    _check_objects(roots, common_dir + b"/objects")
    alternates, problem = _alternates(roots, common_dir + b"/objects")
    return Located(
        kind=kind,
        work_tree=None if is_git_dir else place,
        git_dir=git_dir,
        common_dir=common_dir,
        shallow=_shallow(roots, common_dir),
        alternates=alternates,
        alternates_problem=problem,
    )


def worktree_pointers(roots: Roots, located: Located) -> list[bytes]:
    """Return the linked work trees that a main repository lists: absolute, sorted, not followed."""
    if located.kind == "worktree":
        return []
    parent = located.common_dir + b"/worktrees"
    if roots.kind(parent) != DIRECTORY:
        return []
    pointers = set()
    for count, (name, kind) in enumerate(roots.entries(parent)):
        if count == _MAX_WORKTREES:
            break
        if kind == DIRECTORY:
            admin_dir = parent + b"/" + name
            pointer = roots.read(admin_dir + b"/gitdir", "worktree_gitdir", _POINTER_BYTES)
            text = (pointer or b"").strip()
            if 0 < len(text) < _LONGEST_PATH and not re.search(rb"[\x00-\x1f\x7f]", text):
                pointers.add(os.path.dirname(os.path.normpath(os.path.join(admin_dir, text))))
    return sorted(pointers)


def _git_dir(roots: Roots, work_tree: bytes) -> tuple[bytes, str]:
    dot_git = work_tree + b"/.git"
    kind = roots.kind(dot_git)
    if kind == DIRECTORY:
        return dot_git, "directory"
    if kind == SYMLINK:
        return _linked_git_dir(roots, dot_git), "gitfile"
    if kind != FILE:
        raise RepositoryError(
            "broken" if kind in (MISSING, UNREADABLE) else "refused", f"git_is_{kind}"
        )
    text = roots.read(dot_git, "gitfile", _POINTER_BYTES) or b""
    if not text.startswith(b"gitdir: "):
        raise RepositoryError("broken", "gitfile_invalid")
    return _follow(roots, work_tree, text[len(b"gitdir: ") :].rstrip(b"\r\n"), "gitfile"), "gitfile"


def _linked_git_dir(roots: Roots, dot_git: bytes) -> bytes:
    """Return the directory that a `.git` link names: one link, to a place in a root."""
    try:
        return _follow(roots, os.path.dirname(dot_git), roots.link_target(dot_git), "git_link")
    except (OSError, RepositoryError) as error:
        raise RepositoryError("refused", "git_is_symlink") from error


def _common_dir(roots: Roots, git_dir: bytes) -> bytes:
    text = roots.read(git_dir + b"/commondir", "commondir", _POINTER_BYTES)
    if text is None:
        return git_dir
    return _follow(roots, git_dir, text.rstrip(b"\r\n"), "commondir")


def _follow(roots: Roots, base: bytes, target: bytes, label: str) -> bytes:
    """Return the directory that a pointer in `base` names. Raises RepositoryError."""
    if not target:
        raise RepositoryError("broken", f"{label}_invalid")
    place = roots.canonical(os.path.join(base, target))
    if place is None:
        raise RepositoryError("truncated", f"{label}_outside_roots")
    kind = roots.kind(place)
    if kind == SYMLINK:
        raise RepositoryError("truncated", f"{label}_crosses_symlink")
    if kind != DIRECTORY:
        raise RepositoryError("broken", f"{label}_target_is_{kind}")
    return place


def _require_directory(roots: Roots, path: bytes, label: str) -> None:
    kind = roots.kind(path)
    if kind != DIRECTORY:
        raise RepositoryError(
            "broken" if kind in (MISSING, UNREADABLE) else "refused", f"{label}_is_{kind}"
        )


def _check_objects(roots: Roots, objects: bytes) -> None:
    """Require that there are only plain directories and files. Raises RepositoryError.

    A single link could make git read elsewhere, and a single FIFO could block it forever.
    """
    _require_directory(roots, objects, "objects")
    pending, count = [(objects, 0)], 0
    try:
        while pending:
            directory, depth = pending.pop()
            for name, kind in roots.entries(directory):
                count += 1
                if kind not in (FILE, DIRECTORY):
                    raise RepositoryError("refused", f"objects_hold_{kind}")
                if count > _MAX_OBJECT_FILES or depth > _MAX_OBJECT_DEPTH:
                    raise RepositoryError("refused", "objects_too_many")
                if kind == DIRECTORY:
                    pending.append((directory + b"/" + name, depth + 1))
    except OSError as error:
        raise unreadable("objects", error) from error


def _alternates(roots: Roots, objects: bytes) -> tuple[tuple[bytes, ...], str | None]:
    """Return every object directory that git would reach from `objects`, or why it must not."""
    stores = [objects]
    try:
        for store in stores:  # grows during the loop
            for target in _alternate_lines(roots, store):
                place = _follow(roots, store, target, "alternates")
                if place not in stores:
                    _check_objects(roots, place)
                    stores.append(place)
                if len(stores) > _MAX_STORES:
                    raise RepositoryError("truncated", "alternates_too_many")
    except RepositoryError as error:
        # A special file in place of the list itself is an attack; other problems are damage.
        if error.reason.startswith("alternates_is_"):
            raise
        reason = error.reason
        return (), reason if "alternates" in reason else f"alternates_unsafe: {reason}"
    return tuple(stores[1:]), None


def _alternate_lines(roots: Roots, objects: bytes) -> Iterator[bytes]:
    if roots.kind(objects + b"/info/http-alternates") != MISSING:
        raise RepositoryError("truncated", "http_alternates")
    text = roots.read(objects + b"/info/alternates", "alternates", _POINTER_BYTES) or b""
    for line in text.split(b"\n"):
        if line.startswith(b'"'):  # git would unquote it; common tools never write this form
            raise RepositoryError("truncated", "alternates_quoted")
        if line and not line.startswith(b"#"):
            yield line


def _shallow(roots: Roots, common_dir: bytes) -> tuple[str, ...]:
    text = roots.read(common_dir + b"/shallow", "shallow", _SHALLOW_BYTES) or b""
    return tuple(sorted({line.decode() for line in text.split() if OID.fullmatch(line)}))
