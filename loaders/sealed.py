"""JSON records that hold their own SHA-256, so that a changed byte in them shows."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Let an OSError of the block name *path*: the kernel says none with what fails on an open file."""
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
    """Return the content of what `seal` made. Raises ValueError where any value in it has changed.

    Some bits of the layout can change and leave the values as they are; to look *exactly* takes twice as long.
    """
    sealed = json.loads(raw)
    if not isinstance(sealed, dict):
        raise ValueError("no record of ours")
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
    with naming(path), open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_durably(path: Path, raw: bytes) -> None:
    """Write *raw* to *path*, on disk before this returns."""
    with naming(path), open(path, "wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())


def put_if_absent(target: Path, raw: bytes, scratch: Path) -> None:
    """Write *raw* at *target* in one step, by way of *scratch*; raises FileExistsError where it is taken."""
    draft = scratch / f"{target.name}.{secrets.token_hex(4)}.draft"
    try:
        write_durably(draft, raw)
        os.link(draft, target)
    finally:
        draft.unlink(missing_ok=True)
    flush_directory(target.parent)


def replace_durably(target: Path, raw: bytes) -> None:
    """Put *raw* in the place of *target* in one step."""
    draft = target.with_name(f"{target.name}.{secrets.token_hex(4)}.draft")
    try:
        write_durably(draft, raw)
        os.replace(draft, target)
    finally:
        draft.unlink(missing_ok=True)
    flush_directory(target.parent)
