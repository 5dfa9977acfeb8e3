"""Locks that a killed holder does not keep, and whose refusal names the holder.

The lock is flock(2) on a file that is never unlinked (unlinking would let two owners in). The JSON
inside is for messages only; the kernel alone decides who holds it.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
from pathlib import Path
from typing import Self

from loaders import clock


class Busy(Exception):
    """Somebody else holds the lock; the message says who and since when."""


class FileLock:
    """An exclusive (default) or shared lock on *path*, held from `acquire` to `release` or death."""

    def __init__(self, path: Path, purpose: str, *, shared: bool = False) -> None:
        self.path = path
        self.purpose = purpose
        self.shared = shared
        self._fd: int | None = None

    def acquire(self) -> Self:
        """Take the lock at once or raise Busy. Creates the file and its folder."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(fd, (fcntl.LOCK_SH if self.shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _describe(os.read(fd, 4096))
            os.close(fd)
            raise Busy(f"{self.purpose}: already under way ({holder}); wait for it to end, or stop it") from None
        self._fd = fd
        if not self.shared:
            self._sign()
        return self

    def _sign(self) -> None:
        note = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "purpose": self.purpose,
            "since": clock.now().isoformat(timespec="seconds"),
        }
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, json.dumps(note).encode(), 0)

    def release(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def __enter__(self) -> Self:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


def _describe(note: bytes) -> str:
    try:
        holder = json.loads(note)
        return f"{holder['purpose']}, pid {holder['pid']} on {holder['host']}, since {holder['since']}"
    except (ValueError, KeyError, TypeError):
        return "by a holder that left no note"


def is_held(path: Path) -> bool:
    """Say whether anybody holds an exclusive lock on *path* now."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return False
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
