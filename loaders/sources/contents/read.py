"""The worker process: read crawled files again and extract from each all that is wanted."""

from __future__ import annotations

import gc
import os

from loaders.base.workers import serve
from loaders.sources.contents.batches import Answer, Batch, Request
from loaders.sources.contents.extractor import Extracted
from loaders.sources.contents.parsed import MAX_READ, Parsed
from loaders.sources.crawl.read import read_again


def extract_batch(batch: Batch) -> Answer:
    """Read each content once, and give it to every extractor that wants it."""
    outcomes: list[bool | str | None] = []
    found: list[list[Extracted]] = [[] for _ in batch.extract]
    for request in batch.requests:
        outcome, content = _read(request)
        outcomes.append(outcome)
        if content is None:
            continue
        parsed = Parsed(content, request.language, _ending(request.path))
        for extract, version, results in zip(batch.extract, request.versions, found, strict=True):
            if version is not None:
                facts = extract(parsed)
                results.append(Extracted(request.sha256, version, request.language, facts))
    packed = [pack(results) for pack, results in zip(batch.pack, found, strict=True)]
    return Answer(outcomes, packed)


def _read(request: Request) -> tuple[bool | str | None, bytes | None]:
    try:
        content = read_again(request.path, request.sha256, MAX_READ)
    except FileNotFoundError:
        return None, None
    except OSError as error:
        return error.strerror or str(error), None
    return (None if content is None else True), content


def _ending(path: bytes) -> str:
    return os.fsdecode(path.rpartition(b".")[2][:8]).lower()


if __name__ == "__main__":
    # Syntax trees have thousands of objects and no cycles, so frequent collections are wasted.
    gc.set_threshold(200_000, 20, 100)
    serve(extract_batch)
