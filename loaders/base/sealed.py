"""JSON records that hold their own SHA-256, so that a changed byte in them shows."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Any


class NotAFile(OSError, ValueError):
    """A link, folder, FIFO, socket or device has the name of a file, or the file is absurdly large.

    It is a ValueError too, because such a thing is damage to a record, as an edited byte is.
    """

    def __init__(self, path: Path, reason: str = "not a regular file") -> None:
        super().__init__(errno.EINVAL, reason, os.fspath(path))

    def __str__(self) -> str:
        return str(self.strerror)


def require_file(fd: int, path: Path) -> None:
    """Raise NotAFile unless the open *fd* is a regular file."""
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        raise NotAFile(path)


def open_file(path: Path) -> BufferedReader:
    """Open the regular file *path* for reading; anything else by that name cannot make us wait.

    Raises OSError, as NotAFile for anything but a regular file.
    """
    with naming(path):
        try:
            fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError as error:
            if error.errno in (errno.ENXIO, errno.ELOOP):  # a socket, a link
                raise NotAFile(path) from None
            raise
        try:
            require_file(fd, path)
            return os.fdopen(fd, "rb")
        except BaseException:
            os.close(fd)
            raise


def read_file(path: Path, *, at_most: int | None = None) -> bytes:
    """Return the bytes of the regular file *path*.

    Raises OSError, as NotAFile for more than *at_most* bytes.
    """
    with naming(path), open_file(path) as file:
        raw = file.read() if at_most is None else file.read(at_most + 1)
    if at_most is not None and len(raw) > at_most:
        raise NotAFile(path, f"more than {at_most:,} bytes")
    return raw


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Let an OSError of the block name *path*: the kernel says none with what fails on an open
    file.
    """
    try:
        yield
    except OSError as error:
        if error.filename is not None or error.errno is None:
            raise
        raise OSError(error.errno, os.strerror(error.errno), os.fspath(path)) from None


def flush_directory(path: Path) -> None:
    """Make the names in *path* outlast a power cut."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with naming(path):
            os.fsync(fd)
    finally:
        os.close(fd)


def seal(content: Mapping[str, Any]) -> bytes:
    """Return the bytes of *content* with its digest as last member, `sha256`."""
    return _written({**content, "sha256": _digest(content)})


def unseal(raw: bytes, *, exactly: bool = False) -> dict[str, Any]:
    """Return the content of a record that `seal` made. Raises ValueError if a value in it has
    changed.

    Some bits of the layout can change without changing a value. An *exactly* equal layout takes
    twice as long to check.
    """
    sealed = json.loads(raw)
    if not isinstance(sealed, dict):
        raise ValueError("not a record of this product")
    content = dict(sealed)
    if content.pop("sha256", None) != _digest(content) or (exactly and raw != _written(sealed)):
        raise ValueError("edited or damaged after it was written")
    return content


def _written(record: Mapping[str, Any]) -> bytes:
    return json.dumps(record, indent=1, ensure_ascii=True).encode()


def _digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def file_digest(path: Path) -> str:
    """Return the SHA-256 of the whole file *path*. Raises OSError."""
    with naming(path), open_file(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_durably(path: Path, raw: bytes) -> None:
    """Write *raw* to *path*, on disk before this returns."""
    with naming(path), open(path, "wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())


def put_if_absent(target: Path, raw: bytes, scratch: Path) -> None:
    """Write *raw* at *target* in one step, by way of *scratch*; raises FileExistsError where it is
    taken.
    """
    draft = scratch / f"{target.name}.{secrets.token_hex(4)}.draft"
    try:
        write_durably(draft, raw)
        os.link(draft, target)
    finally:
        draft.unlink(missing_ok=True)
    flush_directory(target.parent)


def replace_durably(target: Path, raw: bytes, scratch: Path | None = None) -> None:
    """Put *raw* in the place of *target* in one step, by way of *scratch* or else of its own
    folder.
    """
    draft = (scratch or target.parent) / f"{target.name}.{secrets.token_hex(4)}.draft"
    try:
        write_durably(draft, raw)
        os.replace(draft, target)
    finally:
        draft.unlink(missing_ok=True)
    flush_directory(target.parent)
