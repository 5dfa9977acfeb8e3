"""Run one command and measure it: wall and processor time, and the memory of all its processes."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from loaders.base.paths import PROJECT_ROOT

_SAMPLED_EVERY_S = 0.02
_HAS_PROC = os.path.exists(f"/proc/self/task/{os.getpid()}/children")
# getrusage(2) counts in kilobytes on Linux, in bytes on macOS.
_RUSAGE_UNIT = 1 if sys.platform == "darwin" else 1024


class Failed(Exception):
    """A measured command failed; the message has the end of its output."""


@dataclass(frozen=True)
class Measurement:
    """The cost of one command with all processes that it waited for, in seconds and bytes."""

    wall_s: float
    user_s: float
    system_s: float
    # The largest process: VmHWM, sampled (None if it ended too soon); without /proc, ru_maxrss.
    peak_process_bytes: int | None
    # All processes together: the sum of resident sets, sampled. Shared pages count in each process.
    # None without /proc.
    peak_tree_bytes: int | None

    @property
    def cpu_s(self) -> float:
        return self.user_s + self.system_s


def measure(
    command: Sequence[str | bytes],
    environment: Mapping[str, str],
    *,
    input_file: Path | None = None,
    fine: Sequence[int] = (0,),
) -> Measurement:
    """Run *command* and drop its output. Raises Failed if its exit code is not in *fine*."""
    with open(input_file or os.devnull, "rb") as given, tempfile.TemporaryFile() as said:
        began = time.monotonic()
        process = subprocess.Popen(
            command,
            stdin=given,
            stdout=subprocess.DEVNULL,
            stderr=said,
            env=environment,
            cwd=PROJECT_ROOT,
        )
        memory = _Memory(process.pid)
        with memory:
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in fine:
            said.seek(0)
            words = said.read()[-2000:].decode("utf-8", "replace")
            raise Failed(f"{_shown(command)} ended with {process.returncode}: {words}")
    # ru_maxrss may be the size of this process: until exec(2), a child counts its parent's pages.
    largest = memory.largest if _HAS_PROC else usage.ru_maxrss * _RUSAGE_UNIT
    return Measurement(
        wall, usage.ru_utime, usage.ru_stime, largest or None, memory.together or None
    )


def _shown(command: Sequence[str | bytes]) -> str:
    return " ".join(os.fsdecode(word) for word in command)[:200]


class _Memory:
    """Samples the resident memory of a process and its descendants from /proc, within a context."""

    def __init__(self, pid: int) -> None:
        self.largest = 0
        self.together = 0
        self._pid = pid
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._sample_until_over, daemon=True)

    def __enter__(self) -> None:
        if _HAS_PROC:
            self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        if _HAS_PROC:
            self._thread.join()

    def _sample_until_over(self) -> None:
        while not self._is_over.wait(_SAMPLED_EVERY_S):
            sizes = [size for pid in _with_descendants(self._pid) if (size := _resident(pid))]
            self.together = max(self.together, sum(now for now, _ in sizes))
            self.largest = max([self.largest, *(peak for _, peak in sizes)])


def _with_descendants(pid: int) -> Iterator[int]:
    yield pid
    try:
        threads = os.listdir(f"/proc/{pid}/task")
        children = [
            Path(f"/proc/{pid}/task/{thread}/children").read_text().split() for thread in threads
        ]
    except OSError:
        return
    for child in map(int, itertools.chain.from_iterable(children)):
        # Until it calls exec(2), a child is its parent's memory under another number.
        if _command_line(child) != _command_line(pid):
            yield from _with_descendants(child)


def _command_line(pid: int) -> bytes | None:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return None


def _resident(pid: int) -> tuple[int, int] | None:
    """Return the resident bytes of a process now and at their highest, None where it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return None
    sizes = {
        line.split()[0]: int(line.split()[1]) * 1024
        for line in lines
        if line.startswith(("VmRSS:", "VmHWM:"))
    }
    return (sizes["VmRSS:"], sizes["VmHWM:"]) if len(sizes) == 2 else None
