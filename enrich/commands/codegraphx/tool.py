"""Runs CodeGraphX as a program, with a time limit.

Only a program that the user installed (on PATH) or named (a checkout) is started, without a shell.
No file of a scanned repository is started.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from enrich.options import Refusal
from loaders.base import programs
from loaders.base.paths import canonical_root, text_of
from loaders.base.permissions import callers_umask

_TAIL_BYTES = 1 << 16
_TAIL_LINES = 20
_NOT_SEARCHED = "folders of PATH that are relative or in a crawled folder are not searched"


@dataclass(frozen=True)
class Tool:
    """The first words of a chunk scan, its checkout, and what prevents it from running here."""

    words: tuple[str, ...]
    checkout: Path | None = None
    obstacle: str | None = None


def find_tool(checkout: str | None) -> Tool:
    """Return the CodeGraphX in *checkout*, else the one on PATH. Raises Refusal."""
    if checkout is None:
        program = programs.find("codegraphx")
        obstacle = (
            None
            if program
            else f"CodeGraphX is neither on PATH nor named by --codegraphx-root; {_NOT_SEARCHED}"
        )
        return Tool((program or "codegraphx", "enrich", "chunk-scan"), None, obstacle)
    root = Path(os.fsdecode(canonical_root(checkout)))
    script = root / "scripts" / "chunked_scan_enrich.py"
    if not script.is_file() or not (root / "config").is_dir():
        raise Refusal(
            f"{text_of(os.fsencode(root))}: is not a CodeGraphX checkout: "
            f"config/ or scripts/{script.name} is missing"
        )
    uv = programs.find("uv")
    obstacle = (
        None if uv else f"uv, which runs a checkout of CodeGraphX, is not on PATH; {_NOT_SEARCHED}"
    )
    return Tool((uv or "uv", "run", "python", str(script)), root, obstacle)


@dataclass(frozen=True)
class Ended:
    """The end of a run: its exit code (negative: a signal), and the last lines that it wrote."""

    code: int
    stdout: str
    stderr: str


def run(words: Sequence[str], checkout: Path | None, seconds: float) -> Ended:
    """Run a program for at most *seconds*, then kill it and every process that it started.

    An interrupt of this process kills it as well. Raises OSError if it cannot be started.
    """
    with (
        _signals_as_interrupt(),
        tempfile.TemporaryFile() as stdout,
        tempfile.TemporaryFile() as stderr,
    ):
        process = subprocess.Popen(
            words,
            # Not the caller's folder, from which a program may read settings.
            cwd=checkout or "/",
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
            # Its files in the caller's folders get the caller's modes.
            umask=callers_umask(),
        )
        late = ""
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            late = f"stopped: it ran for more than {seconds:g} seconds"
        finally:
            # The whole group: the program may have left processes in the background.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        return Ended(
            process.returncode, _tail(stdout), "\n".join(filter(None, (_tail(stderr), late)))
        )


@contextlib.contextmanager
def _signals_as_interrupt() -> Iterator[None]:
    """Let SIGTERM and SIGHUP interrupt the block, if they would end this process.

    The program that it runs has a session of its own, and would otherwise outlive this process.
    """
    signals = [
        number
        for number in (signal.SIGTERM, signal.SIGHUP)
        if signal.getsignal(number) is signal.SIG_DFL
    ]
    is_main = threading.current_thread() is threading.main_thread()
    before = {
        number: signal.signal(number, signal.default_int_handler) for number in signals if is_main
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _tail(file: IO[bytes]) -> str:
    """Return the last non-blank lines of *file*, as CodeGraphX's campaigns keep them."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _TAIL_BYTES))
    lines = file.read().decode("utf-8", "replace").splitlines()
    return "\n".join([line for line in lines if line.strip()][-_TAIL_LINES:])


def artifacts_of(stdout: str) -> list[str]:
    """Return the files that a chunk scan reports, if they exist: its summary and merged scan."""
    # The report of the scan is the last output; other programs may have written before it.
    start = f"\n{stdout}".rfind("\n{\n")
    try:
        report = json.loads(stdout[start:]) if start >= 0 else {}
    except (ValueError, RecursionError):
        return []
    if not isinstance(report, dict):
        return []
    named = [report.get(name) for name in ("summary", "merged")]
    return [
        path
        for path in named
        if isinstance(path, str) and os.path.isabs(path) and os.path.isfile(path)
    ]
