"""Read a file once and compute everything that is needed from its content."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import re
import stat
import time
from functools import lru_cache
from typing import NamedTuple

from identify import identify

from loaders.sources.crawl.walk import Status, mtime_of, open_path

FILE_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
_BLOCK = 1 << 20
# For git, a file is binary if its first 8000 bytes contain a NUL.
_BINARY_PROBE = 8000
SPARSE_LIMIT = 1 << 30
_ATTEMPTS = 3
_REPLACED = "replaced while it was being crawled"
# Errors of open() for a symbolic link, a path through a file, and a socket.
_NOT_THAT_FILE = {errno.ELOOP, errno.ENOTDIR, errno.ENXIO}
# Two clock ticks of a kernel with nanosecond times; file systems with whole seconds need longer.
_FINE_SETTLING_NS = 50_000_000
_COARSE_SETTLING_NS = 2_000_000_000
_GENERATED = re.compile(
    rb"@generated"
    rb"|(?i:code generated .{0,80}do not edit|auto-?generated.{0,80}do not (?:edit|modify))"
)


class Content(NamedTuple):
    """The result of reading a file. Sizes are in bytes, times in nanoseconds since 1970."""

    size_bytes: int
    mtime_ns: int  # NO_TIME if it does not fit into 64 bits
    ctime_ns: int
    inode: int
    device: int
    is_settled: bool
    sha256: str
    line_count: int | None
    is_binary: bool
    tags: list[str]


class Unreadable(Exception):
    """The file exists but could not be read; the message is the reason."""


class Vanished(Exception):
    """The file no longer exists."""


def read_content(path: bytes, identity: tuple[int, int], now_ns: int) -> Content:
    """Read the regular file *path*, which had the (device, inode) *identity* in the listing.

    `line_count` counts newline bytes, as `wc -l` does, and is None for binary files. A file that
    changes while it is read is read again. *now_ns* is a time before the read. Raises Unreadable or
    Vanished.
    """
    try:
        fd = open_path(path, FILE_FLAGS)
    except FileNotFoundError:
        raise Vanished from None
    except OSError as error:
        raise Unreadable(
            _REPLACED if error.errno in _NOT_THAT_FILE else error.strerror or str(error)
        ) from None
    try:
        before = os.fstat(fd)
        if not stat.S_ISREG(before.st_mode) or (before.st_dev, before.st_ino) != identity:
            # It is another file, of unchecked kind and perhaps outside the root.
            raise Unreadable(_REPLACED)
        if before.st_size > SPARSE_LIMIT and before.st_blocks * 512 < before.st_size // 64:
            raise Unreadable(
                f"sparse: {before.st_size} bytes of which {before.st_blocks * 512} are stored"
            )
        for _ in range(_ATTEMPTS):
            digest, lines, head = _read_through(fd, before.st_size)
            after = os.fstat(fd)
            if version_of(after) == version_of(before):
                return _content(after, digest, lines, head, path.rpartition(b"/")[2], now_ns)
            before = after
            os.lseek(fd, 0, os.SEEK_SET)
        raise Unreadable("kept changing while it was being read")
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from None
    finally:
        os.close(fd)


def read_again(path: bytes, sha256: str | None, most: int) -> bytes | None:
    """Return the content of *path*, at most *most* bytes; None unless its hash is *sha256*.

    The path may have been replaced since the crawl: a link at its end is not followed, only a
    regular file is read, and never more than *most* + 1 bytes. Raises OSError.
    """
    fd = open_path(path, FILE_FLAGS)
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            return None
        with open(fd, "rb", closefd=False) as file:
            content = file.read(most + 1)
    finally:
        os.close(fd)
    return content if hashlib.sha256(content).hexdigest() == sha256 else None


def version_of(status: os.stat_result) -> tuple[int, int, int]:
    """Return a value that changes when the file is written."""
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _read_through(fd: int, size: int) -> tuple[str, int | None, bytes]:
    """Return SHA-256, newline count (None if binary) and head of the first *size* bytes of *fd*.

    If the size of the file changes meanwhile, its version changes too, and the caller reads again.
    """
    digest = hashlib.sha256()
    lines: int | None = 0
    total = 0
    head = b""
    while total < size:
        block = os.read(fd, min(_BLOCK, size - total))
        if not block:
            break
        if not head:
            head = block[:_BINARY_PROBE]
            lines = None if b"\0" in head else 0
        digest.update(block)
        if lines is not None:
            lines += block.count(b"\n")
        total += len(block)
    return digest.hexdigest(), lines, head


def _content(
    status: os.stat_result, digest: str, lines: int | None, head: bytes, name: bytes, now_ns: int
) -> Content:
    tags = list(_name_tags(os.fsdecode(name)))
    if not tags and head.startswith(b"#!"):
        tags = sorted(_interpreter_tags(head))
    if lines is not None and _is_generated(head[:2000]):
        tags.append("generated")
    return Content(
        status.st_size,
        mtime_of(status),
        status.st_ctime_ns,
        status.st_ino,
        status.st_dev,
        is_settled(status, now_ns),
        digest,
        lines,
        lines is None,
        tags,
    )


def is_settled(status: os.stat_result | Status, now_ns: int) -> bool:
    """Return whether any write after *now_ns*, a time before the read, must change the times."""
    whole_seconds = status.st_ctime_ns % 1_000_000_000 == 0
    return status.st_ctime_ns < now_ns - (
        _COARSE_SETTLING_NS if whole_seconds else _FINE_SETTLING_NS
    )


def _is_generated(head: bytes) -> bool:
    # The substring search excludes nearly every file, ten times as fast as the regex.
    return b"generated" in head.lower() and _GENERATED.search(head) is not None


@lru_cache(maxsize=1 << 16)
def _name_tags(name: str) -> tuple[str, ...]:
    return tuple(sorted(identify.tags_from_filename(name)))


def _interpreter_tags(head: bytes) -> set[str]:
    command = identify.parse_shebang(io.BytesIO(head))
    return identify.tags_from_interpreter(command[0]) if command else set()


Wanted = tuple[bytes, tuple[int, int]]


def read_batch(wanted: list[Wanted]) -> list[Content | str | None]:
    """Read files in order; return for each the content, the reason if unreadable, or None if gone.

    Arguments and results can be pickled, so that another process can run it.
    """
    results: list[Content | str | None] = []
    for path, identity in wanted:
        try:
            results.append(read_content(path, identity, time.time_ns()))
        except Unreadable as error:
            results.append(str(error))
        except Vanished:
            results.append(None)
    return results
