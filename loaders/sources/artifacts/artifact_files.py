"""Find files that may be artifacts, and read each consistently, without following links."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from loaders.sources.artifacts.utf16 import MARKS as UTF16_MARKS
from loaders.sources.artifacts.utf16 import as_utf8
from loaders.sources.crawl.excludes import Excludes
from loaders.sources.crawl.git_places import Around
from loaders.sources.crawl.read import FILE_FLAGS, SPARSE_LIMIT, Unreadable, Vanished, version_of
from loaders.sources.crawl.walk import Status, Waiting, list_next, mtime_of, open_path

# Files up to this size are kept in memory.
_IN_MEMORY = 8 << 20
_BLOCK = 1 << 20
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Candidate:
    """A file that may be an artifact, or the reason why a path is skipped or cannot be read."""

    path: bytes
    is_named: bool = False  # the user named the path itself, not only a folder above it
    status: Status | None = None
    skipped: str | None = None
    problem: str | None = None

    @property
    def identity(self) -> tuple[int, int] | None:
        """Device and inode, if it is from a listing."""
        status = None if self.is_named else self.status
        return status and (status.st_dev, status.st_ino)


def find(given: bytes, excludes: Excludes) -> Iterator[Candidate]:
    """Yield the file *given*, or all candidates below the folder *given*."""
    try:
        named = os.stat(given)
    except OSError as error:
        yield Candidate(
            given, True, problem=f"{error.strerror or error}; mount it, or forget it as a source"
        )
        return
    if not stat.S_ISDIR(named.st_mode):
        yield Candidate(given, True, status_of(named))
        return
    waiting: list[Waiting] = [(given, None, Around())]
    while waiting:
        for listing in list_next(given, waiting, excludes):
            if listing.state == "unreadable":
                yield Candidate(listing.path, problem=f"cannot be listed: {listing.reason}")
            elif listing.state != "listed":
                yield Candidate(listing.path, skipped=listing.reason)
            for name, status in listing.files if listing.state == "listed" else []:
                path = listing.path.rstrip(b"/") + b"/" + name
                skipped = None if stat.S_ISREG(status.st_mode) else "not a regular file"
                yield Candidate(path, status=status, skipped=skipped)
            for name, _, reason in listing.excluded_files:
                yield Candidate(listing.path + b"/" + name, skipped=reason)


def status_of(found: os.stat_result) -> Status:
    """Return the fields of *found* that a listing has."""
    return Status(
        found.st_mode,
        found.st_dev,
        found.st_size,
        mtime_of(found),
        found.st_ctime_ns,
        found.st_ino,
    )


class Changed(Exception):
    """The file has changed since it was opened."""


class ArtifactFile:
    """An open regular file.

    If `check` does not raise, all reads since opening saw the same content. Reads raise Unreadable.
    If it *reads_utf16*, its text is UTF-8 where the byte order mark says UTF-16.
    """

    reads_utf16 = False

    def __init__(self, path: bytes, descriptor: int, status: os.stat_result) -> None:
        self.path = path
        self.size = status.st_size
        self.mtime_ns = mtime_of(status)
        self.status = status_of(status)
        self._descriptor = descriptor
        self._version = version_of(status)
        self._content: bytes | None = None
        self._hasher = ThreadPoolExecutor(1)
        self._hashing: Future[str] | None = None

    @property
    def name(self) -> str:
        return os.fsdecode(os.path.basename(self.path))

    def stream(self) -> io.BytesIO | io.BufferedReader:
        """Return the content from its beginning, up to the size at opening."""
        if self.size <= _IN_MEMORY:
            if self._content is None:
                self._content = self._from_disk().read()
            return io.BytesIO(self._content)
        return self._from_disk()

    def _from_disk(self) -> io.BufferedReader:
        return io.BufferedReader(_FromStart(self._descriptor, self.size), _BLOCK)

    def text_stream(self) -> BinaryIO:
        """Return the content without a byte order mark."""
        stream = self.stream()
        start = stream.read(len(BOM))
        if start != BOM:
            stream.seek(0)
        is_utf16 = self.reads_utf16 and start.startswith(UTF16_MARKS)
        return as_utf8(stream) if is_utf16 else stream

    def head(self, size: int) -> bytes:
        return self.stream().read(size)

    def digest(self) -> str:
        """Return the SHA-256 of the content."""
        return self._hashing.result() if self._hashing else self._hash()

    def begin_digest(self) -> None:
        """Start to hash a large file in another thread, while it is read."""
        if self.size > _IN_MEMORY and self._hashing is None:
            self._hashing = self._hasher.submit(self._hash)

    def _hash(self) -> str:
        return hashlib.file_digest(self.stream(), "sha256").hexdigest()

    def close(self) -> None:
        self._hasher.shutdown()
        os.close(self._descriptor)

    def check(self) -> None:
        """Raise Changed if the file has changed since it was opened."""
        if version_of(os.fstat(self._descriptor)) != self._version:
            raise Changed


class _FromStart(io.RawIOBase):
    """The first *size* bytes of an open file, with a position of its own."""

    def __init__(self, descriptor: int, size: int) -> None:
        self._descriptor = descriptor
        self._size = size
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._position = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[
            whence
        ] + offset
        return self._position

    # A BufferedReader gives memoryviews; Python 3.11 has no name for all buffers.
    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        wanted = min(len(buffer), self._size - self._position)
        try:
            block = os.pread(self._descriptor, wanted, self._position) if wanted > 0 else b""
        except OSError as error:
            raise Unreadable(error.strerror) from None
        buffer[: len(block)] = block
        self._position += len(block)
        return len(block)


@contextmanager
def opened(path: bytes, identity: tuple[int, int] | None = None) -> Iterator[ArtifactFile]:
    """Open the regular file *path*. Raises Vanished, Unreadable."""
    try:
        descriptor = open_path(path, FILE_FLAGS)
    except FileNotFoundError:
        raise Vanished from None
    except OSError as error:
        raise Unreadable(error.strerror) from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable("not a regular file")
        if identity not in (None, (status.st_dev, status.st_ino)):
            raise Unreadable("replaced since it was listed")
        if status.st_size > SPARSE_LIMIT and status.st_blocks * 512 < status.st_size // 64:
            raise Unreadable(
                f"sparse: {status.st_size} bytes of which {status.st_blocks * 512} are stored"
            )
    except BaseException:
        os.close(descriptor)
        raise
    with closing(ArtifactFile(path, descriptor, status)) as file:
        yield file
