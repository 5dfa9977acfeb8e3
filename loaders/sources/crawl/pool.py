"""Reading in further processes once there is enough to read: Python's hashing of small files holds
the interpreter.
"""

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
# What to read of one directory: the look at it, the files, and whether these are the last of it.
Part = tuple[Any, list, bool]


class ReadPool:
    """Takes what to read per directory and gives it back, read, in order of submission."""

    def __init__(self) -> None:
        self._workers: Workers | None = None
        self._submitted = 0
        self._open: list[Part] = []
        self._open_files = 0
        self._in_flight: deque[tuple[list[Part], Future[list[Result]] | list[Result]]] = deque()

    def submit(self, look: Any, wanted: list) -> Iterator[tuple[Part, list[Result]]]:
        """Take the files of one directory; yield what is done, a large directory in several
        parts.
        """
        for start in range(0, len(wanted), _BATCH_FILES):
            some = wanted[start : start + _BATCH_FILES]
            self._open.append((look, some, start + len(some) == len(wanted)))
            self._open_files += len(some)
            if self._open_files >= _BATCH_FILES:
                self._dispatch()
            while len(self._in_flight) > _BATCHES_IN_FLIGHT:
                yield from self._next()

    def drain(self) -> Iterator[tuple[Part, list[Result]]]:
        """Yield everything that is not done yet."""
        self._dispatch()
        while self._in_flight:
            yield from self._next()

    def _dispatch(self) -> None:
        if not self._open:
            return
        batch, self._open, self._open_files = self._open, [], 0
        files: list[Wanted] = [
            (look.path.rstrip(b"/") + b"/" + name, (status.st_dev, status.st_ino))
            for look, some, _ in batch
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
