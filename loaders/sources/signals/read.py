"""What a worker does: read files again as they were crawled, and extract their signals."""

from __future__ import annotations

import gc
import os
from typing import NamedTuple

from loaders.base.workers import serve
from loaders.sources.crawl.read import read_again
from loaders.sources.signals.extract import MAX_READ, Extract, extract


class Wish(NamedTuple):
    """One content to be looked at, and where it lay when it was crawled."""

    sha256: str
    path: bytes
    language: str


def extract_batch(wishes: list[Wish]) -> list[Extract | str | None]:
    """Return, for each wish, its signals, the reason why it cannot be read, or None where it has changed."""
    results: list[Extract | str | None] = []
    for sha256, path, language in wishes:
        try:
            content = read_again(path, sha256, MAX_READ)
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
