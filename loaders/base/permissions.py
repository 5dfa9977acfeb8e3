"""Permissions of the files that this product writes.

Files are 0600 and folders 0700, whatever the umask of the caller. META_SHARE opens the published
file, and the folder that holds it, to others: `group` (0640, 0750) or `all` (0644, 0755).
Everything else stays private. Every program of this product calls `keep_private` before it writes
anything; a script that imports this package keeps its own umask.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from loaders.base.exits import EXIT_USAGE
from loaders.base.paths import Locations, clean_text, data_home

_VARIABLE = "META_SHARE"
_UMASK = 0o077
_OF_OTHERS = 0o077
# The umask of the process before `keep_private`.
_callers_umask: int | None = None


@dataclass(frozen=True)
class Sharing:
    """The modes of the published file and of the folder that holds it."""

    file: int
    folder: int


_PRIVATE = Sharing(0o600, 0o700)
_SHARINGS = {"": _PRIVATE, "group": Sharing(0o640, 0o750), "all": Sharing(0o644, 0o755)}


class UnknownSharing(click.ClickException):
    """META_SHARE has a value without a meaning: one line, exit code 2."""

    exit_code = EXIT_USAGE

    def show(self, file: Any = None) -> None:
        click.echo(self.message, err=True)


def sharing() -> Sharing:
    """Return what META_SHARE allows. Raises UnknownSharing."""
    given = os.environ.get(_VARIABLE, "").strip()
    if given not in _SHARINGS:
        known = ", ".join(name for name in _SHARINGS if name)
        raise UnknownSharing(clean_text(f"{_VARIABLE}={given}: must be {known} or unset (private)"))
    return _SHARINGS[given]


def keep_private() -> None:
    """Let this process, and every process that it starts, create private files.

    Raises UnknownSharing.
    """
    global _callers_umask
    before = os.umask(_UMASK)
    if _callers_umask is None:
        _callers_umask = before
    sharing()


def callers_umask() -> int:
    """Return the umask of the caller, for a program that is started for the caller; -1:
    unchanged.
    """
    return -1 if _callers_umask is None else _callers_umask


def prepare_folders(where: Locations) -> None:
    """Make the folders of a published file, and take from others what an older version let them
    read.

    A folder that is made here is private, or shared as META_SHARE asks. A folder that already
    existed is left unchanged, except the work folder and the default place of all data. Raises
    OSError, UnknownSharing.
    """
    _make_folders(where.published.parent, sharing().folder)
    where.work_folder.mkdir(mode=_PRIVATE.folder, exist_ok=True)
    if os.path.isdir(data_home()):  # False also if a home of another user may not be looked into
        _set_mode(
            data_home(),
            sharing().folder if where.published.parent == data_home() else _PRIVATE.folder,
        )
    shared = _inode(where.published)
    tighten(*{where.work_folder, where.engine_folder}, but=shared)
    if shared and any(_inode(path) == shared for path in where.versions.glob("*.duckdb")):
        share(where.published)


def _make_folders(folder: Path, mode: int) -> None:
    if folder.is_dir():
        return
    _make_folders(folder.parent, mode)
    with contextlib.suppress(FileExistsError):
        folder.mkdir()
        folder.chmod(mode)


def share(published: Path) -> None:
    """Give a file that is, or is to be, the published one the mode that META_SHARE asks for."""
    _set_mode(published, sharing().file)


def tighten(*places: Path, but: tuple[int, int] | None = None) -> None:
    """Make *places*, and everything below them but one (device, inode), private to this user.

    No link is followed. Entries of another user or on a read-only disk stay unchanged.
    """
    waiting = [os.fspath(place) for place in places]
    while waiting:
        path = waiting.pop()
        with contextlib.suppress(OSError):
            status = os.lstat(path)
            if stat.S_ISDIR(status.st_mode):
                # The folder before its files: then no other user can replace them.
                _make_private(path, status)
                waiting += [entry.path for entry in _make_files_private(path, but)]
            elif stat.S_ISREG(status.st_mode) and (status.st_dev, status.st_ino) != but:
                _make_private(path, status)


def close_to_others(paths: Iterable[Path]) -> None:
    """Take exactly these *paths* from everybody else, in the manner of `tighten`."""
    for path in paths:
        with contextlib.suppress(OSError):
            status = os.lstat(path)
            if stat.S_ISDIR(status.st_mode) or stat.S_ISREG(status.st_mode):
                _make_private(os.fspath(path), status)


def _make_files_private(folder: str, but: tuple[int, int] | None) -> Iterator[os.DirEntry[str]]:
    """Make the files in *folder* private, and yield its folders."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield entry
            elif entry.is_file(follow_symlinks=False):
                with contextlib.suppress(OSError):
                    status = entry.stat(follow_symlinks=False)
                    if (status.st_dev, status.st_ino) != but:
                        _make_private(entry.path, status)


def _make_private(path: str, status: os.stat_result) -> None:
    mode = stat.S_IMODE(status.st_mode)
    if mode & _OF_OTHERS:
        with contextlib.suppress(OSError):
            os.chmod(path, mode & ~_OF_OTHERS)


def _set_mode(path: Path, mode: int) -> None:
    with contextlib.suppress(OSError):
        if stat.S_IMODE(path.stat().st_mode) != mode:
            path.chmod(mode)


def _inode(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
