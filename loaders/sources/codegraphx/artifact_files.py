"""Find the files that may be artifacts, and read each as one moment of it: no link followed, no
peer waited for.
"""

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

from loaders.sources.crawl.excludes import Excludes
from loaders.sources.crawl.read import FILE_FLAGS, SPARSE_LIMIT, Unreadable, Vanished, version_of
from loaders.sources.crawl.walk import list_next, mtime_of, open_path

# Smaller files are held in memory.
_HELD = 8 << 20
_BLOCK = 1 << 20
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Met:
    """One entry of a search: a file to read, or one that is skipped, with the reason."""

    path: bytes
    is_named: bool = False  # by the user, and not only by the folder that holds it
    identity: tuple[int, int] | None = None  # (device, inode), where a listing showed them
    skipped: str | None = None
    trouble: str | None = None


def find(given: bytes, excludes: Excludes) -> Iterator[Met]:
    """Yield the file at *given*, or the entries below it if it is a folder."""
    try:
        mode = os.stat(given).st_mode
    except OSError as error:
        yield Met(
            given, True, trouble=f"{error.strerror or error}; mount it, or forget it as a source"
        )
        return
    if not stat.S_ISDIR(mode):
        yield Met(given, True)
        return
    waiting = [(given, None, False)]
    while waiting:
        for listing in list_next(given, waiting, excludes):
            if listing.state == "unreadable":
                yield Met(listing.path, trouble=f"cannot be listed: {listing.reason}")
            elif listing.state != "listed":
                yield Met(listing.path, skipped=listing.reason)
            for name, status in listing.files if listing.state == "listed" else []:
                path = listing.path.rstrip(b"/") + b"/" + name
                skipped = None if stat.S_ISREG(status.st_mode) else "no regular file"
                yield Met(path, identity=(status.st_dev, status.st_ino), skipped=skipped)
            for name, _, reason in listing.excluded_files:
                yield Met(listing.path + b"/" + name, skipped=reason)


class Changed(Exception):
    """The file is not what it was when it was opened."""


class ArtifactFile:
    """A regular file, open. All reads between opening and a `check` that does not raise are of one
    moment.

    They raise Unreadable.
    """

    def __init__(self, path: bytes, descriptor: int, status: os.stat_result) -> None:
        self.path = path
        self.size = status.st_size
        self.mtime_ns = mtime_of(status)
        self._descriptor = descriptor
        self._version = version_of(status)
        self._held: bytes | None = None
        self._aside = ThreadPoolExecutor(1)
        self._hashing: Future[str] | None = None

    @property
    def name(self) -> str:
        return os.fsdecode(os.path.basename(self.path))

    def stream(self) -> BinaryIO:
        """Return the content from its beginning, as far as it reached when it was opened."""
        if self.size <= _HELD:
            if self._held is None:
                self._held = self._from_disk().read()
            return io.BytesIO(self._held)
        return self._from_disk()

    def _from_disk(self) -> BinaryIO:
        return io.BufferedReader(_FromStart(self._descriptor, self.size), _BLOCK)

    def text_stream(self) -> BinaryIO:
        """Return the content less a byte order mark."""
        stream = self.stream()
        if stream.read(len(BOM)) != BOM:
            stream.seek(0)
        return stream

    def head(self, size: int) -> bytes:
        return self.stream().read(size)

    def digest(self) -> str:
        """Return the SHA-256 of the content."""
        return self._hashing.result() if self._hashing else self._hash()

    def begin_digest(self) -> None:
        """Let the digest of a large file be made while it is read."""
        if self.size > _HELD and self._hashing is None:
            self._hashing = self._aside.submit(self._hash)

    def _hash(self) -> str:
        return hashlib.file_digest(self.stream(), "sha256").hexdigest()

    def close(self) -> None:
        self._aside.shutdown()
        os.close(self._descriptor)

    def check(self) -> None:
        """Raise Changed where the file has changed since it was opened."""
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

    def readinto(self, buffer: memoryview) -> int:
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
            raise Unreadable("no regular file")
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
