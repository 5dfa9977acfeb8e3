"""Read a file once and compute everything that is needed from its content."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import time
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from loaders.sources.crawl.content_tags import PROBE, reader_version, tags_of, text_in
from loaders.sources.crawl.notebooks import LARGEST_BYTES, code_of
from loaders.sources.crawl.walk import Status, mtime_of, open_path

FILE_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
_BLOCK = 1 << 20
_TAIL = 600
SPARSE_LIMIT = 1 << 30
_ATTEMPTS = 3
_REPLACED = "replaced while it was being crawled"
# Errors of open() for a symbolic link, a path through a file, and a socket.
_NOT_THAT_FILE = {errno.ELOOP, errno.ENOTDIR, errno.ENXIO}
# Two clock ticks of a kernel with nanosecond times; file systems with whole seconds need longer.
_FINE_SETTLING_NS = 50_000_000
_COARSE_SETTLING_NS = 2_000_000_000


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
    reader_version: str
    code_language: str | None
    code_lines: int | None
    code_bytes: int | None
    blob_id: str
    text_blob_id: str | None


class Unreadable(Exception):
    """The file exists but could not be read; the message is the reason."""


class Vanished(Exception):
    """The file no longer exists."""


def read_content(path: bytes, identity: tuple[int, int], now_ns: int) -> Content:
    """Read the regular file *path*, which had the (device, inode) *identity* in the listing.

    `line_count` also counts a last line without an ending, as git does, and is None for binary
    files. `blob_id` is the id that git, with SHA-1, gives to the content; `text_blob_id` the id
    with line feeds for the line ends of Windows, None without such ends and for large files. A file
    that changes while it is read is read again. *now_ns* is a time before the read. Raises
    Unreadable or Vanished.
    """
    try:
        fd = open_path(path, FILE_FLAGS)
    except FileNotFoundError:
        raise Vanished from None
    except OSError as error:
        raise Unreadable(
            _REPLACED if error.errno in _NOT_THAT_FILE else error.strerror or str(error)
        ) from None
    name = os.fsdecode(path.rpartition(b"/")[2])
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
            found = _read_through(fd, before.st_size, name)
            after = os.fstat(fd)
            if version_of(after) == version_of(before):
                return _content(after, found, now_ns)
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


@dataclass
class _Found:
    """The result of reading through a file."""

    sha256: str = ""
    blob_id: str = ""
    text_blob_id: str | None = None
    line_count: int | None = 0
    tags: list[str] = field(default_factory=list)
    code: tuple[Any, ...] = (None, None, None)  # language, lines and bytes of a notebook's code


def _read_through(fd: int, size: int, name: str) -> _Found:
    """Read the first *size* bytes of *fd*, the content of a file that has this *name*.

    If the size of the file changes meanwhile, its version changes too, and the caller reads again.
    """
    digest = hashlib.sha256()
    blob = _new_blob(size)
    lines: int | None = 0
    total = 0
    block = tail = head = b""
    notebook: list[bytes] | None = [] if name.endswith(".ipynb") and size < LARGEST_BYTES else None
    while total < size:
        more = os.read(fd, min(_BLOCK, size - total))
        if not more:
            break
        block = more
        if not total:
            text = text_in(block[:PROBE], name)
            lines = None if text is None else 0
            head = block[:PROBE] if text is None else text
        digest.update(block)
        blob.update(block)
        if lines is not None:
            lines += block.count(b"\n")
        if notebook is not None:
            notebook.append(block)
        tail = (block if len(block) > _TAIL else tail + block)[-_TAIL:]
        total += len(block)
    if lines is not None:
        # The last line counts without an ending, as in git. In UTF-16, a NUL may follow the ending.
        lines += bool(tail) and not tail.rstrip(b"\0").endswith(b"\n")
    found = _Found(
        digest.hexdigest(),
        blob.hexdigest(),
        _text_blob_id(block) if lines and total <= _BLOCK else None,
        lines,
        tags_of(name, head, tail, total, lines),
    )
    if notebook and lines is not None:
        found.code = code_of(b"".join(notebook)) or found.code
    return found


def _new_blob(size: int) -> hashlib._Hash:
    return hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)


def blob_id_of(content: bytes) -> str:
    """Return the id that git, with SHA-1, gives to a content, also to the target of a link."""
    blob = _new_blob(len(content))
    blob.update(content)
    return blob.hexdigest()


def _text_blob_id(content: bytes) -> str | None:
    if b"\r\n" not in content:
        return None
    text = content.replace(b"\r\n", b"\n")
    return blob_id_of(text)


def _content(status: os.stat_result, found: _Found, now_ns: int) -> Content:
    code_language, code_lines, code_bytes = found.code
    return Content(
        status.st_size,
        mtime_of(status),
        status.st_ctime_ns,
        status.st_ino,
        status.st_dev,
        is_settled(status, now_ns),
        found.sha256,
        found.line_count,
        found.line_count is None,
        found.tags,
        reader_version(),
        code_language,
        code_lines,
        code_bytes,
        found.blob_id,
        found.text_blob_id,
    )


def is_settled(status: os.stat_result | Status, now_ns: int) -> bool:
    """Return whether any write after *now_ns*, a time before the read, must change the times."""
    whole_seconds = status.st_ctime_ns % 1_000_000_000 == 0
    return status.st_ctime_ns < now_ns - (
        _COARSE_SETTLING_NS if whole_seconds else _FINE_SETTLING_NS
    )


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
