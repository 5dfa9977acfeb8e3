"""Writes an answer to a file in one step."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from enrich.options import Refusal
from loaders.base.paths import clean_text
from loaders.base.sealed import flush_directory, naming


def target(given: str, force: bool) -> Path:
    """Return the absolute path of a file to write.

    Raises Refusal if it cannot be written or must not be replaced.
    """
    path = Path(os.path.abspath(os.path.expanduser(given)))
    _check(path, force)
    return path


def put(parts: Iterable[str], path: Path, force: bool) -> None:
    """Write *parts* to *path*. Raises Refusal as `target` does, OSError."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}.draft")
    try:
        with naming(draft), open(draft, "x", encoding="utf-8", newline="\n") as file:
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        _check(path, force)
        os.replace(draft, path)
        flush_directory(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def _check(path: Path, force: bool) -> None:
    if not path.parent.is_dir():
        raise Refusal(f"{clean_text(str(path.parent))}: no such folder")
    if path.is_dir() or (os.path.lexists(path) and not force):
        reason = "is a folder" if path.is_dir() else "exists already; --force replaces it"
        raise Refusal(f"{clean_text(str(path))}: {reason}")
