"""Run a program as a recorded run: its exit code, resources, and the digest of what it printed."""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import IO, Any

from enrich import runs

_BLOCK = 64 << 10
# A child that the program left behind may hold its output open: it is not waited for longer.
_SECONDS_FOR_THE_REST = 1.0
_FORWARDED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)
# The codes of a shell for a program that it cannot find, or not start.
NOT_FOUND, NOT_STARTED = 127, 126


@dataclass
class Copied:
    """One stream of the program, on its way to the same stream of this process."""

    source: IO[bytes]
    target: IO[bytes]
    size: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    def copy(self) -> None:
        """Pass on everything; a reader that has gone does not stop the program."""
        is_read = True
        while block := os.read(self.source.fileno(), _BLOCK):
            self.size += len(block)
            self.digest.update(block)
            if is_read:
                try:
                    self.target.write(block)
                    self.target.flush()
                except (OSError, ValueError):
                    is_read = False


def run_command(
    argv: Sequence[str], stage: str, *, is_captured: bool = True, **fields: Any
) -> tuple[str, int]:
    """Run *argv* without a shell, with the streams and variables of this process, as a run of
    *stage*; return the run's id and the exit code: 128 and the signal if one ended it.

    With *is_captured*, its standard output and error pass through this process and are digested.
    Otherwise they stay those of this process, as a program for a terminal needs. *fields* are those
    of `start_run`.
    """
    run_id = runs.start_run(stage, argv=argv, **fields)
    pipe = subprocess.PIPE if is_captured else None
    try:
        process = subprocess.Popen(  # the command that the person asks for
            argv, stdout=pipe, stderr=pipe, env=runs.environment(run_id)
        )
    except OSError as error:
        code = NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_STARTED
        runs.fail_run(run_id, f"{argv[0]}: {error.strerror}", exit_code=code)
        return run_id, code
    copied: list[Copied] = []
    if process.stdout and process.stderr:
        copied = [
            Copied(process.stdout, sys.stdout.buffer),
            Copied(process.stderr, sys.stderr.buffer),
        ]
    with _forwarding(process.pid):
        threads = [threading.Thread(target=one.copy, daemon=True) for one in copied]
        for thread in threads:
            thread.start()
        _, status, usage = os.wait4(process.pid, 0)
        for thread in threads:
            thread.join(_SECONDS_FOR_THE_REST)
    process.returncode = os.waitstatus_to_exitcode(status)
    _record(run_id, process.returncode, usage, copied)
    return run_id, _exit_code(process.returncode)


def _exit_code(returned: int) -> int:
    return 128 - returned if returned < 0 else returned


def _record(run_id: str, returned: int, usage: Any, copied: Sequence[Copied]) -> None:
    # Linux gives kilobytes, macOS bytes: getrusage(2) of each.
    unit = 1 if sys.platform == "darwin" else 1024
    found: dict[str, Any] = {
        "exit_code": _exit_code(returned),
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 6),
        "max_rss_bytes": usage.ru_maxrss * unit,
    }
    if copied:
        found |= {"output_sha256": copied[0].digest.hexdigest(), "output_bytes": copied[0].size}
    if returned == 0:
        runs.end_run(run_id, **found)
    elif returned < 0:
        runs.fail_run(run_id, f"ended by signal {-returned} ({_name(-returned)})", **found)
    else:
        runs.fail_run(run_id, f"exit code {returned}", **found)


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unknown"


@contextlib.contextmanager
def _forwarding(pid: int) -> Iterator[None]:
    """Pass the signals that would end this process to the program, which decides what they mean."""

    def forward(number: int, frame: FrameType | None) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)

    before = {number: signal.signal(number, forward) for number in _FORWARDED}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
