"""Locks that a killed holder does not keep, and whose refusal names the holder.

The lock is flock(2) on a file that is never unlinked (unlinking would let two owners in). The JSON
inside is for messages only; the kernel alone decides who holds it.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import math
import os
import re
import socket
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from loaders.base import clock
from loaders.base.sealed import naming, require_file

_NOTES_BYTES = 1 << 16
_NOTES_SHOWN = 8
_POLL_SECONDS = 0.1
# `holder_of` holds a lock for a moment to check it, and does not sign.
_GLANCE_SECONDS = 0.3
# After these seconds of waiting for children of a killed process, a line reports it.
_SILENT_SECONDS = 1.0

# The errors of the kernel for a caller who may read but not write.
READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)


class Busy(Exception):
    """Another program holds the lock; the message names it and the time."""


class Patience:
    """How long this process waits for locks that others hold: not at all, by default."""

    def __init__(self) -> None:
        self.until = -math.inf  # by the monotonic clock
        self.announce: Callable[[str], None] = lambda line: None

    @contextlib.contextmanager
    def lasting(self, seconds: float, announce: Callable[[str], None]) -> Iterator[None]:
        """Wait in this block for locks of others, *seconds* in all; *announce* gets a line for each
        lock that is waited for.
        """
        before = self.until, self.announce
        self.until, self.announce = time.monotonic() + seconds, announce
        try:
            yield
        finally:
            self.until, self.announce = before


patience = Patience()


class FileLock:
    """An exclusive (default) or shared lock on *path*, held from `acquire` to `release` or
    death.
    """

    def __init__(self, path: Path, purpose: str, *, shared: bool = False) -> None:
        self.path = path
        self.purpose = purpose
        self.shared = shared
        self._fd: int | None = None
        self._note: dict[str, Any] | None = None

    def acquire(self, *, wait: bool | float = False, orphans: float = _GLANCE_SECONDS) -> Self:
        """Take the lock immediately or raise Busy; or *wait* for it: that many seconds, or without
        an end if True.

        *orphans* is the number of seconds to wait for a holder that no living process has signed:
        a child of a process that was killed. Makes the file and its folder.
        """
        clock.now()
        self._fd = self._locked(wait, orphans)
        self._sign(clock.now())
        return self

    def refuse_if_held(
        self, *, wait: bool | float = False, orphans: float = _GLANCE_SECONDS
    ) -> None:
        """Do as `acquire` does, and give the lock back immediately; notes in it stay."""
        os.close(self._locked(wait, orphans))

    def _locked(self, wait: bool | float, orphans: float) -> int:
        fd = self._open()
        try:
            require_file(fd, self.path)
            self._lock(fd, wait, orphans)
        except BaseException:
            os.close(fd)
            raise
        return fd

    def _lock(self, fd: int, wait: bool | float, orphans: float) -> None:
        kind = fcntl.LOCK_SH if self.shared else fcntl.LOCK_EX
        if wait is True:
            with naming(self.path):
                fcntl.flock(fd, kind)
            return
        began, is_announced = time.monotonic(), False
        while not _is_free(fd, kind, self.path):
            living = _living_holders(fd)
            until = max(patience.until, began + (wait if living else max(wait, orphans)))
            now, names = time.monotonic(), self._names(living or _notes(fd), bool(living))
            if now >= until:
                raise Busy(
                    f"{self.purpose}: already under way ({names}); wait for it to end, or stop it"
                )
            is_long = not living and now - began > _SILENT_SECONDS
            if not is_announced and (patience.until > began or is_long):
                patience.announce(f"waiting: {names}")
                is_announced = True
            time.sleep(_POLL_SECONDS)

    @staticmethod
    def _names(holders: list[dict[str, Any]], is_alive: bool) -> str:
        if not holders:
            return "by a holder that left no note"
        names = "; ".join(map(_describe, holders))
        return names if is_alive else f"by a process that outlived its parent: {names}"

    def _open(self) -> int:
        flags = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            return os.open(self.path, os.O_RDWR | os.O_CREAT | flags, 0o600)
        except OSError as error:
            if not self.shared or error.errno not in READ_ONLY:
                raise
            # A reader of what it may not write leaves no note, and holds the lock all the same.
            return os.open(self.path, os.O_RDONLY | flags)

    def _sign(self, since: datetime) -> None:
        self._note = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "purpose": self.purpose,
            "since": since.isoformat(timespec="microseconds"),
        }
        self._write_notes([*self._notes_of_others(), self._note])

    def _notes_of_others(self) -> list[dict[str, Any]]:
        """Several programs may hold a shared lock; an exclusive lock has one holder."""
        return (
            [note for note in _living_holders(self.fileno()) if note != self._note]
            if self.shared
            else []
        )

    def _write_notes(self, notes: list[dict[str, Any]]) -> None:
        # On a full disk, the lock is held all the same; only the note about its holder is missing.
        with contextlib.suppress(OSError):
            os.ftruncate(self.fileno(), 0)
            os.pwrite(self.fileno(), "\n".join(map(json.dumps, notes)).encode(), 0)

    def release(self, *, keep_note: bool = False) -> None:
        """Give the lock back; to *keep_note* leaves the note as a holder that was killed would."""
        if self._fd is not None:
            if not keep_note:
                self._write_notes(self._notes_of_others())
            os.close(self._fd)
            self._fd = None

    def fileno(self) -> int:
        """Return the descriptor of the held lock: a process that inherits it holds the lock as long
        as it lives.
        """
        assert self._fd is not None, "not held"
        return self._fd

    def __enter__(self) -> Self:
        return self.acquire() if self._fd is None else self

    def __exit__(self, *_: object) -> None:
        self.release()


def _living_holders(fd: int) -> list[dict[str, Any]]:
    """Return the notes in a lock's file, less those of processes that are known to have ended."""
    return [note for note in _notes(fd) if _may_live(note["pid"], note["host"])]


def _notes(fd: int) -> list[dict[str, Any]]:
    """Return the notes in a lock's file that can be read."""
    notes = []
    for line in os.pread(fd, _NOTES_BYTES, 0).splitlines()[-_NOTES_SHOWN:]:
        try:
            note = json.loads(line)
            if 0 < note["pid"] < 1 << 31 and isinstance(note["host"], str):
                notes.append(note)
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
    return notes


def _may_live(pid: int, host: str) -> bool:
    if host != socket.gethostname():
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _describe(note: dict[str, Any]) -> str:
    since = re.sub(r"\.\d+", "", str(note.get("since")))
    return f"{note.get('purpose')}, pid {note.get('pid')} on {note.get('host')}, since {since}"


def keeps_out(path: str | os.PathLike[str], *, writing: bool) -> bool:
    """Say whether another process has the database at *path* open, so that DuckDB cannot open it
    now.

    DuckDB locks what it opens by fcntl(2): shared for reading, alone for *writing*. To be asked
    after opening failed, or before: a process that has the file open itself would lose its lock.
    """
    fd = os.open(path, (os.O_RDWR if writing else os.O_RDONLY) | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        fcntl.lockf(fd, (fcntl.LOCK_EX if writing else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        return False
    except (BlockingIOError, PermissionError):
        return True
    finally:
        os.close(fd)


def is_held(path: Path) -> bool:
    """Say whether an exclusive lock on *path* is held now. Raises OSError."""
    return holder_of(path) is not None


def holder_of(path: Path) -> dict[str, Any] | None:
    """Return the note of the one that holds the exclusive lock on *path*, empty if it left none;
    None if free.

    The note is of the process that took the lock. A child that inherited the lock may have outlived
    it. Raises OSError.
    """
    with _opened_to_read(path) as fd:
        if fd is None or _is_free(fd, fcntl.LOCK_SH, path):
            return None
        return next(reversed(_notes(fd)), {})


def dead_holders(path: Path) -> list[dict[str, Any]]:
    """Return the notes of those that held the lock on *path*, shared or not, and died before they
    released it.

    Raises OSError.
    """
    with _opened_to_read(path) as fd:
        if fd is None:
            return []
        notes = _notes(fd)
        if _is_free(fd, fcntl.LOCK_EX, path):
            return notes
        living = _living_holders(fd)
        return [note for note in notes if note not in living]


@contextlib.contextmanager
def _opened_to_read(path: Path) -> Iterator[int | None]:
    """Open the file of a lock to check it; None if it does not exist.

    The check releases what it locked.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        yield None
        return
    try:
        require_file(fd, path)
        yield fd
    finally:
        os.close(fd)


def _is_free(fd: int, kind: int, path: Path) -> bool:
    """Lock *fd* if that is possible now; say whether it was."""
    try:
        with naming(path):
            fcntl.flock(fd, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def lock_in(folder: Path, name: str, purpose: str, *, shared: bool = False) -> FileLock:
    """Return the lock *name* (any text) of the landing zone in *folder*, not yet acquired."""
    digest = hashlib.sha256(os.fsencode(name)).hexdigest()[:32]
    return FileLock(folder / "locks" / f"{digest}.lock", purpose, shared=shared)
