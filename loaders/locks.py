"""Locks that a killed holder does not keep, and whose refusal names the holder.

The lock is flock(2) on a file that is never unlinked (unlinking would let two owners in). The JSON
inside is for messages only; the kernel alone decides who holds it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
from pathlib import Path
from typing import Self

from loaders import clock
from loaders.sealed import naming

_NOTES_BYTES = 1 << 16
_NOTES_SHOWN = 8


class Busy(Exception):
    """Somebody else holds the lock; the message says who and since when."""


class FileLock:
    """An exclusive (default) or shared lock on *path*, held from `acquire` to `release` or death."""

    def __init__(self, path: Path, purpose: str, *, shared: bool = False) -> None:
        self.path = path
        self.purpose = purpose
        self.shared = shared
        self._fd: int | None = None
        self._note: dict | None = None

    def acquire(self, *, wait: bool = False) -> Self:
        """Take the lock at once or raise Busy, or *wait* for it. Creates the file and its folder."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            kind = fcntl.LOCK_SH if self.shared else fcntl.LOCK_EX
            with naming(self.path):
                fcntl.flock(fd, kind if wait else kind | fcntl.LOCK_NB)
        except OSError as error:
            holders = _living_holders(fd)
            os.close(fd)
            if not isinstance(error, BlockingIOError):
                raise
            names = "; ".join(map(_describe, holders)) or "by a holder that left no note"
            raise Busy(f"{self.purpose}: already under way ({names}); wait for it to end, or stop it") from None
        self._fd = fd
        self._sign()
        return self

    def _sign(self) -> None:
        self._note = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "purpose": self.purpose,
            "since": clock.now().isoformat(timespec="microseconds"),
        }
        self._write_notes([*self._notes_of_others(), self._note])

    def _notes_of_others(self) -> list[dict]:
        """Several may hold a shared lock; whoever holds it alone has no others."""
        return [note for note in _living_holders(self._fd) if note != self._note] if self.shared else []

    def _write_notes(self, notes: list[dict]) -> None:
        # A full disk is no reason to refuse a lock that is held.
        with contextlib.suppress(OSError):
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, "\n".join(map(json.dumps, notes)).encode(), 0)

    def release(self) -> None:
        if self._fd is not None:
            self._write_notes(self._notes_of_others())
            os.close(self._fd)
            self._fd = None

    def fileno(self) -> int:
        """Return the descriptor of the held lock: a process that inherits it holds the lock as long as it lives."""
        assert self._fd is not None, "not held"
        return self._fd

    def __enter__(self) -> Self:
        return self.acquire() if self._fd is None else self

    def __exit__(self, *_: object) -> None:
        self.release()


def _living_holders(fd: int) -> list[dict]:
    """Return the notes in a lock's file, less those of processes that are known to have ended."""
    holders = []
    for line in os.pread(fd, _NOTES_BYTES, 0).splitlines()[-_NOTES_SHOWN:]:
        try:
            note = json.loads(line)
            if _may_live(note["pid"], note["host"]):
                holders.append(note)
        except (ValueError, KeyError, TypeError, OverflowError):
            continue
    return holders


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


def _describe(note: dict) -> str:
    return f"{note.get('purpose')}, pid {note.get('pid')} on {note.get('host')}, since {note.get('since')}"


def is_held(path: Path) -> bool:
    """Say whether anybody holds an exclusive lock on *path* now."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        with naming(path):
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return False
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
