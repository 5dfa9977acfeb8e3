"""What a worker does: read files again as they were crawled, and extract their signals."""

from __future__ import annotations

import gc
import hashlib
import os
import stat
from typing import NamedTuple

from loaders.crawl.reading import FILE_FLAGS
from loaders.crawl.walk import open_path
from loaders.signals.extract import MAX_READ, Extract, extract
from loaders.workers import serve


class Wish(NamedTuple):
    """One content to be looked at, and where it lay when it was crawled."""

    sha256: str
    path: bytes
    language: str


def read_again(path: bytes, sha256: str) -> bytes | None:
    """Return the content of *path*, None where it is no longer the one with that SHA-256.

    Whatever lies there by now, no link is followed at the end of the path, nothing but a regular file
    is read, and no more of it than is looked at. Raises OSError.
    """
    fd = open_path(path, FILE_FLAGS)
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            return None
        with open(fd, "rb", closefd=False) as file:
            content = file.read(MAX_READ + 1)
    finally:
        os.close(fd)
    return content if hashlib.sha256(content).hexdigest() == sha256 else None


def extract_batch(wishes: list[Wish]) -> list[Extract | str | None]:
    """Return, for each wish, its signals, the reason why it cannot be read, or None where it has changed."""
    results: list[Extract | str | None] = []
    for sha256, path, language in wishes:
        try:
            content = read_again(path, sha256)
        except FileNotFoundError:
            content = None
        except OSError as error:
            results.append(error.strerror or str(error))
            continue
        results.append(None if content is None else extract(content, language, _ending(path)))
    return results


def _ending(path: bytes) -> str:
    return os.fsdecode(path.rpartition(b".")[2][:8]).lower()


if __name__ == "__main__":
    # Syntax trees are objects by the thousand and no cycles.
    gc.set_threshold(200_000, 20, 100)
    serve(extract_batch)
