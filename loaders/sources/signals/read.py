"""The worker process: read crawled files again and extract their signals."""

from __future__ import annotations

import gc
import os
from typing import NamedTuple

from loaders.base.workers import serve
from loaders.sources.crawl.read import read_again
from loaders.sources.signals.extract import MAX_READ, Extract, extract


class ReadRequest(NamedTuple):
    """One content to be read, and its path at the time of the crawl."""

    sha256: str
    path: bytes
    language: str


def extract_batch(requests: list[ReadRequest]) -> list[Extract | str | None]:
    """Return for each request the signals, the reason if it is unreadable, or None if it
    changed.
    """
    results: list[Extract | str | None] = []
    for sha256, path, language in requests:
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
    # Syntax trees have thousands of objects and no cycles, so frequent collections are wasted.
    gc.set_threshold(200_000, 20, 100)
    serve(extract_batch)
