"""Reading in further processes once there is enough to read: Python's hashing of small files holds the interpreter.

A worker is this module run as a program. It is not forked (a forked child would keep the crawl's
locks after its parent's death), does not import the program that crawls, and ends when its input
ends: also when its parent is killed.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any, Self

from loaders.crawl.reading import Content, Wanted, read_batch
from loaders.paths import PROJECT_ROOT

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
        self._workers: _Workers | None = None
        self._submitted = 0
        self._open: list[Part] = []
        self._open_files = 0
        self._in_flight: deque[tuple[list[Part], Future[list[Result]] | list[Result]]] = deque()

    def submit(self, look: Any, wanted: list) -> Iterator[tuple[Part, list[Result]]]:
        """Take the files of one directory; yield what is done, a large directory in several parts."""
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
            self._workers = _Workers(max(2, min(4, os.cpu_count() or 1)))
        self._in_flight.append((batch, self._workers.read(files) if self._workers else read_batch(files)))

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


class _Workers:
    """Processes that read batches, and a thread for each that talks to one that is free."""

    def __init__(self, count: int) -> None:
        self._processes = [_start() for _ in range(count)]
        self._free: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
        for process in self._processes:
            self._free.put(process)
        self._threads = ThreadPoolExecutor(count)

    def read(self, files: list[Wanted]) -> Future[list[Result]]:
        return self._threads.submit(self._ask, files)

    def _ask(self, files: list[Wanted]) -> list[Result]:
        process = self._free.get()
        try:
            pickle.dump(files, process.stdin)
            process.stdin.flush()
            return pickle.load(process.stdout)
        except (EOFError, BrokenPipeError, pickle.UnpicklingError):
            raise ChildProcessError(f"a process that reads files ended: code {process.wait()}") from None
        finally:
            self._free.put(process)

    def end(self) -> None:
        """End the processes, whatever they are at."""
        for process in self._processes:
            process.kill()
        self._threads.shutdown(cancel_futures=True)
        for process in self._processes:
            process.communicate()


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "loaders.crawl.pool"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=PROJECT_ROOT,
        # An interrupt from the keyboard is the crawl's to handle.
        start_new_session=True,
    )


def _serve() -> None:
    """Read batches from standard input and write their results, until the input ends."""
    while True:
        try:
            files = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        pickle.dump(read_batch(files), sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    _serve()
