"""CodeGraphX as a program: where it is installed, and one run of it, with an end.

Only what the person installed (on PATH) or named (a checkout) is started, without a shell; nothing of
a scanned repository is.
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
    """The words that begin a chunk scan, the checkout they run in, and why it cannot run here, where it cannot."""

    words: tuple[str, ...]
    checkout: Path | None = None
    lack: str | None = None


def find_tool(checkout: str | None) -> Tool:
    """Return the CodeGraphX of *checkout*, else the one on PATH. Raises Refusal where *checkout* is none."""
    if checkout is None:
        program = programs.find("codegraphx")
        lack = (
            None
            if program
            else f"CodeGraphX is neither on PATH nor named by --codegraphx-root; {_NOT_SEARCHED}"
        )
        return Tool((program or "codegraphx", "enrich", "chunk-scan"), None, lack)
    root = Path(os.fsdecode(canonical_root(checkout)))
    script = root / "scripts" / "chunked_scan_enrich.py"
    if not script.is_file() or not (root / "config").is_dir():
        raise Refusal(
            f"{text_of(os.fsencode(root))}: is no CodeGraphX checkout: it has no config, or no {script.name}"
        )
    uv = programs.find("uv")
    lack = (
        None if uv else f"uv, which runs a checkout of CodeGraphX, is not on PATH; {_NOT_SEARCHED}"
    )
    return Tool((uv or "uv", "run", "python", str(script)), root, lack)


@dataclass(frozen=True)
class Ended:
    """How a run ended: its code (negative: the signal that ended it), and the last lines that it wrote."""

    code: int
    stdout: str
    stderr: str


def run(words: Sequence[str], checkout: Path | None, seconds: float) -> Ended:
    """Run a program to its end, or for *seconds*; then it and all that it started are killed.

    Raises OSError where it cannot be started. What interrupts or ends this kills it, too.
    """
    with (
        _ending_as_interrupt(),
        tempfile.TemporaryFile() as stdout,
        tempfile.TemporaryFile() as stderr,
    ):
        process = subprocess.Popen(
            words,
            # Not where this was called: a program may read settings from the folder that it runs in.
            cwd=checkout or "/",
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
            # What it makes in a folder of the caller has the modes that the caller is used to.
            umask=callers_umask(),
        )
        late = ""
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            late = f"stopped: it ran for more than {seconds:g} seconds"
        finally:
            # Also what it left behind in the background.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        return Ended(
            process.returncode, _tail(stdout), "\n".join(filter(None, (_tail(stderr), late)))
        )


@contextlib.contextmanager
def _ending_as_interrupt() -> Iterator[None]:
    """Let a signal that would end this process at once interrupt the block: its program is a session of its own."""
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
    """Return the last lines of *file* that are not blank, as CodeGraphX's campaigns keep them."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _TAIL_BYTES))
    lines = file.read().decode("utf-8", "replace").splitlines()
    return "\n".join([line for line in lines if line.strip()][-_TAIL_LINES:])


def artifacts_of(stdout: str) -> list[str]:
    """Return the files that a chunk scan says it made: its summary and the merged scan, where they are there."""
    # Its report is the last thing that it writes; other programs may have written before.
    start = f"\n{stdout}".rfind("\n{\n")
    try:
        said = json.loads(stdout[start:]) if start >= 0 else {}
    except (ValueError, RecursionError):
        return []
    if not isinstance(said, dict):
        return []
    named = [said.get(name) for name in ("summary", "merged")]
    return [
        path
        for path in named
        if isinstance(path, str) and os.path.isabs(path) and os.path.isfile(path)
    ]
