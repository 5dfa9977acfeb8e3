"""Whether a process that was noted down still runs, also after its number was given to another."""

from __future__ import annotations

import os
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_UNKNOWN = "-"


def mark_of(pid: int) -> str:
    """Return the mark of a process: its number, its start, and the start of the machine.

    A part that this system does not show is `-`.
    """
    return f"{pid} {_start_of(pid)} {_boot()}"


def is_running(mark: str) -> bool:
    """Say whether the process with this *mark* runs on this machine now.

    Raises ValueError for any other text.
    """
    number, start, boot = mark.split()
    pid = int(number)
    if boot != _boot() or pid <= 0:
        return False
    now = _start_of(pid)
    if now != _UNKNOWN:
        return now == start
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not Path("/proc/self/stat").exists()


def _start_of(pid: int) -> str:
    """Return the start of a process in clock ticks since the machine started (proc(5), field 22);
    `-` of one that has ended and only waits to be collected.
    """
    try:
        # The second field, the name, is in brackets and may hold anything.
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        return _UNKNOWN if fields[0] in "ZX" else fields[19]
    except (OSError, IndexError):
        return _UNKNOWN


def _boot() -> str:
    try:
        return _BOOT_ID.read_text("ascii").strip() or _UNKNOWN
    except (OSError, ValueError):
        return _UNKNOWN
