"""Reading in two processes once there is enough to read: Python's hashing of small files holds the interpreter."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Any, Self

from loaders.crawl.reading import Content, Wanted, read_batch

# Below this many files, starting a process costs more than it saves.
_WORTH_A_PROCESS = 3000
_BATCH_FILES = 256
_BATCHES_IN_FLIGHT = 16

Result = Content | str | None


class ReadPool:
    """Takes what to read per directory and gives it back, read, in order of submission."""

    def __init__(self) -> None:
        self._executor: ProcessPoolExecutor | None = None
        self._submitted = 0
        self._open: list[tuple[Any, list]] = []
        self._open_files = 0
        self._in_flight: deque[tuple[list[tuple[Any, list]], Future[list[Result]] | list[Result]]] = deque()

    def submit(self, look: Any, wanted: list, now_ns: int) -> Iterator[tuple[Any, list, list[Result]]]:
        """Take the files of one directory; yield the directories that are done."""
        self._now_ns = now_ns
        self._open.append((look, wanted))
        self._open_files += len(wanted)
        if self._open_files >= _BATCH_FILES:
            self._dispatch()
        while len(self._in_flight) > _BATCHES_IN_FLIGHT:
            yield from self._next()

    def drain(self) -> Iterator[tuple[Any, list, list[Result]]]:
        """Yield every directory that is not done yet."""
        self._dispatch()
        while self._in_flight:
            yield from self._next()

    def _dispatch(self) -> None:
        if not self._open:
            return
        batch, self._open, self._open_files = self._open, [], 0
        files: list[Wanted] = [
            (look.path.rstrip(b"/") + b"/" + name, (status.st_dev, status.st_ino))
            for look, wanted in batch
            for name, status in wanted
        ]
        self._submitted += len(files)
        if self._executor is None and self._submitted > _WORTH_A_PROCESS:
            # Spawned, never forked: a forked child would keep the crawl's locks after its parent's death.
            self._executor = ProcessPoolExecutor(
                max_workers=max(2, min(4, os.cpu_count() or 1)), mp_context=multiprocessing.get_context("spawn")
            )
        answer = (
            self._executor.submit(read_batch, files, self._now_ns)
            if self._executor
            else read_batch(files, self._now_ns)
        )
        self._in_flight.append((batch, answer))

    def _next(self) -> Iterator[tuple[Any, list, list[Result]]]:
        batch, answer = self._in_flight.popleft()
        results = answer if isinstance(answer, list) else answer.result()
        position = 0
        for look, wanted in batch:
            yield look, wanted, results[position : position + len(wanted)]
            position += len(wanted)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)
