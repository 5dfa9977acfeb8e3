"""Read files, in further processes if there are many: hashing small files is bound by the GIL."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any, Self

from loaders.base.workers import Workers, serve
from loaders.sources.crawl.read import Content, Wanted, read_batch

# Below this many files, starting a process costs more than it saves.
_WORTH_A_PROCESS = 3000
_BATCH_FILES = 256
_BATCHES_IN_FLIGHT = 16

Result = Content | str | None
# A directory, some of its files to read, and whether these are its last ones.
Part = tuple[Any, list[Any], bool]


class ReadPool:
    """Reads the files of directories and returns the results in order of submission."""

    def __init__(self) -> None:
        self._workers: Workers | None = None
        self._submitted = 0
        self._open: list[Part] = []
        self._open_files = 0
        self._in_flight: deque[tuple[list[Part], Future[list[Result]] | list[Result]]] = deque()

    def submit(self, directory: Any, wanted: list[Any]) -> Iterator[tuple[Part, list[Result]]]:
        """Submit the files of one directory; yield finished parts, possibly of earlier ones."""
        for start in range(0, len(wanted), _BATCH_FILES):
            some = wanted[start : start + _BATCH_FILES]
            self._open.append((directory, some, start + len(some) == len(wanted)))
            self._open_files += len(some)
            if self._open_files >= _BATCH_FILES:
                self._dispatch()
            while len(self._in_flight) > _BATCHES_IN_FLIGHT:
                yield from self._next()

    def drain(self) -> Iterator[tuple[Part, list[Result]]]:
        """Yield all remaining results."""
        self._dispatch()
        while self._in_flight:
            yield from self._next()

    def _dispatch(self) -> None:
        if not self._open:
            return
        batch, self._open, self._open_files = self._open, [], 0
        files: list[Wanted] = [
            (directory.path.rstrip(b"/") + b"/" + name, (status.st_dev, status.st_ino))
            for directory, some, _ in batch
            for name, status, _ in some
        ]
        self._submitted += len(files)
        if self._workers is None and self._submitted > _WORTH_A_PROCESS:
            self._workers = Workers(
                "loaders.sources.crawl.pool", max(2, min(4, os.cpu_count() or 1))
            )
        self._in_flight.append(
            (batch, self._workers.give(files) if self._workers else read_batch(files))
        )

    def _next(self) -> Iterator[tuple[Part, list[Result]]]:
        batch, answer = self._in_flight.popleft()
        results = answer if isinstance(answer, list) else answer.result()
        position = 0
        for part in batch:
            yield part, results[position : position + len(part[1])]
            position += len(part[1])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._workers is not None:
            self._workers.end()


if __name__ == "__main__":
    serve(read_batch)
