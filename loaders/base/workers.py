"""Processes that do one kind of work, batch by batch, for a loader.

A worker is a module of this product run as a program, whose last line calls `serve`. It is not
forked (a forked child would keep its parent's locks after that one's death), does not import the
program that wants the work done, and ends when its input ends: also when its parent is killed.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from threading import Timer
from typing import Any

from loaders.base.paths import PROJECT_ROOT


class Workers:
    """Processes that run *module*, and a thread for each that talks to one that is free."""

    def __init__(self, module: str, count: int) -> None:
        self._module = module
        self._processes = [_start(module) for _ in range(count)]
        # None stands for one that died: another is started when there is work for it.
        self._free: SimpleQueue[subprocess.Popen[bytes] | None] = SimpleQueue()
        for process in self._processes:
            self._free.put(process)
        self._threads = ThreadPoolExecutor(count)

    def give(self, batch: Any, seconds: float | None = None) -> Future[Any]:
        """Have a batch done and return what will be its result.

        The result raises ChildProcessError if the worker died over it, or was killed after
        *seconds*.
        """
        return self._threads.submit(self._ask, batch, seconds)

    def _ask(self, batch: Any, seconds: float | None) -> Any:
        process = self._free.get() or self._replacement()
        is_alive = True
        late = Timer(seconds, process.kill) if seconds else None
        try:
            if late:
                late.start()
            assert process.stdin and process.stdout, "both are pipes"
            pickle.dump(batch, process.stdin)
            process.stdin.flush()
            return pickle.load(process.stdout)
        except (EOFError, BrokenPipeError, pickle.UnpicklingError):
            code = process.wait()
            is_alive = False
            raise ChildProcessError(
                f"a process that works for us ({self._module}) ended: code {code}"
            ) from None
        finally:
            if late:
                late.cancel()
            self._free.put(process if is_alive else None)

    def _replacement(self) -> subprocess.Popen[bytes]:
        process = _start(self._module)
        self._processes.append(process)
        return process

    def end(self) -> None:
        """End the processes, whatever they are at."""
        for process in self._processes:
            process.kill()
        self._threads.shutdown(cancel_futures=True)
        for process in self._processes:
            process.communicate()


def _start(module: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=PROJECT_ROOT,
        # An interrupt from the keyboard is the loader's to handle.
        start_new_session=True,
    )


def serve(work: Callable[[Any], Any]) -> None:
    """Read batches from standard input and write what *work* makes of them, until the input
    ends.
    """
    while True:
        try:
            batch = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        pickle.dump(work(batch), sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)
        sys.stdout.buffer.flush()
