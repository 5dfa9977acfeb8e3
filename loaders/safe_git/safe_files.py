"""Open and list untrusted files without following links and without blocking on pipes.

A path is opened from its allowed root one name at a time (`openat` with O_NOFOLLOW), because
O_NOFOLLOW alone protects only the last name. Paths are bytes throughout.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

_FILE_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
_DIRECTORY_FLAGS = _FILE_FLAGS | os.O_DIRECTORY

MISSING = "missing"
UNREADABLE = "unreadable"
FILE = "file"
DIRECTORY = "directory"
SYMLINK = "symlink"

# Errors of this process or machine, not of the files.
_EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS}


class RepositoryError(Exception):
    """A repository cannot be read further: a state of RepositoryFacts, and a reason."""

    def __init__(self, state: str, reason: str) -> None:
        super().__init__(f"{state}: {reason}")
        self.state = state
        self.reason = reason


class Roots:
    """The directories that may be read, and the only way to read below them."""

    def __init__(self, roots: Sequence[bytes]) -> None:
        self._canonical: dict[bytes, bytes] = {}
        for root in roots:
            real = os.path.realpath(root)
            self._canonical[os.path.abspath(root)] = real
            self._canonical[real] = real

    def canonical(self, path: bytes) -> bytes | None:
        """Return the canonical form of an absolute path inside a root; None if it is outside.

        `..` is resolved in the text, as git does for alternates; links are detected on opening.
        """
        clean = os.path.normpath(path)
        if b"\0" in path or not clean.startswith(b"/"):
            return None
        clean = b"/" + clean.lstrip(b"/")
        for given, real in self._canonical.items():
            if clean == given or clean.startswith(given.rstrip(b"/") + b"/"):
                return os.path.join(real, clean[len(given) :].lstrip(b"/")).rstrip(b"/") or b"/"
        return None

    def kind(self, path: bytes) -> str:
        """Return the kind: file, directory, symlink, fifo, socket, device, missing or unreadable.

        It is symlink if any component of the path is one. Raises OSError if this process has no
        memory or file descriptors left.
        """
        try:
            with self._parent(path) as (parent, name):
                return _kind(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode)
        except OSError as error:
            return _kind_of_error(error)

    def stamp(self, path: bytes) -> tuple[int, int, int, int] | None:
        """Return numbers that change if a file is written or replaced; None if there is none.

        Raises OSError if this process has no memory or file descriptors left.
        """
        try:
            with self._parent(path) as (parent, name):
                status = os.stat(name, dir_fd=parent, follow_symlinks=False)
        except OSError as error:
            _kind_of_error(error)
            return None
        return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino

    def read(self, path: bytes, label: str, limit: int) -> bytes | None:
        """Return the content of a regular file of at most `limit` bytes; None if it is missing.

        Raises RepositoryError with a reason that begins with `label`, e.g. `head_is_fifo`.
        """
        handle = None
        try:
            with self._parent(path) as (parent, name):
                # Opening a device may have an effect.
                kind = _kind(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode)
                if kind == FILE:
                    handle = os.open(name, _FILE_FLAGS, dir_fd=parent)
        except OSError as error:
            kind = _kind_of_error(error)
        if kind == MISSING:
            return None
        if kind == UNREADABLE:
            raise RepositoryError("broken", f"{label}_unreadable")
        if handle is None:
            raise RepositoryError("refused", f"{label}_is_{kind}")
        try:
            with os.fdopen(handle, "rb") as file:
                status = os.fstat(handle)
                if not stat.S_ISREG(status.st_mode):
                    raise RepositoryError("refused", f"{label}_changed")
                data = file.read(limit + 1) if status.st_size <= limit else None
        except OSError as error:
            raise unreadable(label, error) from error
        if data is None or len(data) > limit:
            raise RepositoryError("refused", f"{label}_too_large")
        return data

    def link_target(self, path: bytes) -> bytes:
        """Return the text of a symbolic link. Raises OSError, also if its folder is behind one."""
        with self._parent(path) as (parent, name):
            return os.readlink(name, dir_fd=parent)

    def entries(self, path: bytes) -> Iterator[tuple[bytes, str]]:
        """Yield (name, kind) of each entry of a directory, unsorted. Raises OSError.

        The kind comes with the name (d_type), which saves a stat per entry.
        """
        with self._parent(path) as (parent, name):
            handle = os.open(name, _DIRECTORY_FLAGS, dir_fd=parent)
        try:
            with os.scandir(handle) as listing:
                for entry in listing:
                    yield os.fsencode(entry.name), _kind_of_entry(entry)
        finally:
            os.close(handle)

    @contextmanager
    def _parent(self, path: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield an open descriptor of the parent of a canonical path, and the path's last name."""
        inside = (
            r
            for r in self._canonical.values()
            if path == r or path.startswith(r.rstrip(b"/") + b"/")
        )
        root = max(inside, key=len)
        *parents, name = path[len(root) :].strip(b"/").split(b"/")
        handle = os.open(root, _DIRECTORY_FLAGS)
        try:
            for part in parents:
                inner = _open_directory(part, handle)
                os.close(handle)
                handle = inner
            yield handle, name or b"."
        finally:
            os.close(handle)


def unreadable(label: str, error: OSError) -> RepositoryError:
    """Return the error of a repository. Raises *error* if the cause is this process."""
    return RepositoryError("broken", f"{label}_{_kind_of_error(error)}")


def _open_directory(name: bytes, parent: int) -> int:
    """Open a real directory. Raises ELOOP for a link, also on Linux, which reports ENOTDIR."""
    try:
        return os.open(name, _DIRECTORY_FLAGS, dir_fd=parent)
    except NotADirectoryError:
        if stat.S_ISLNK(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode):
            raise OSError(errno.ELOOP, "symbolic link in path") from None
        raise


def _kind(mode: int) -> str:
    if stat.S_ISREG(mode):
        return FILE
    if stat.S_ISDIR(mode):
        return DIRECTORY
    if stat.S_ISLNK(mode):
        return SYMLINK
    if stat.S_ISFIFO(mode):
        return "fifo"
    return "socket" if stat.S_ISSOCK(mode) else "device"


def _kind_of_entry(entry: os.DirEntry[str]) -> str:
    if entry.is_file(follow_symlinks=False):
        return FILE
    if entry.is_dir(follow_symlinks=False):
        return DIRECTORY
    return _kind(entry.stat(follow_symlinks=False).st_mode)


def _kind_of_error(error: OSError) -> str:
    if error.errno in _EXHAUSTED:
        raise error
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return MISSING
    return SYMLINK if error.errno == errno.ELOOP else UNREADABLE
