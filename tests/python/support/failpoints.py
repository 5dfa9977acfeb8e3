"""Finds the failpoints of a process: the moments at which it changes something.

Two mechanisms find and hit them. Python's audit events need nothing and see what Python does;
strace sees every system call, also DuckDB's and Arrow's, and can make one fail instead of killing.
Neither needs anything of the product: torture_site/sitecustomize.py puts the process meant under
it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

SITE = Path(__file__).parent / "torture_site"
# Words of the command lines of the processes that change something.
LAND, BUILD, PUBLISH = "land.py crawl", "dbt build", "-m loaders.publishing.publish"

CHANGES = (
    "open openat creat write writev pwrite64 pwritev fsync fdatasync link linkat symlink rename"
    " renameat renameat2 mkdir mkdirat unlink unlinkat rmdir truncate ftruncate fallocate"
).split()
LOOKS = "read pread64 fstat newfstatat lstat stat statx getdents64 readlink flock".split()
_OPENS = ("open", "openat", "creat")
_WRITES = ("write", "writev", "pwrite64", "pwritev", "fdatasync")
_FOR_WRITING = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC")
_CALL = re.compile(r"^(\d+) +(\w+)\((.*)")


@dataclass(frozen=True)
class Point:
    """The *nth* call of one kind in a process, as a first run made it on *what*."""

    call: str
    nth: int
    what: str

    @property
    def is_write(self) -> bool:
        """Return whether there are too many of the kind to try them all."""
        return self.call in _WRITES


def environment(orders: dict | None) -> dict[str, str]:
    """The variables that bring the orders to the process meant; None: no process has any."""
    return {"PYTHONPATH": str(SITE), "TORTURE": json.dumps(orders)} if orders else {}


def audit_orders(role: str, folders: Sequence[Path], log: Path, kill_at: int = 0) -> dict:
    log.unlink(missing_ok=True)
    return {
        "role": role,
        "folders": [str(folder) for folder in folders],
        "log": str(log),
        "kill_at": kill_at,
    }


def strace_orders(role: str, log: Path, calls: Sequence[str], inject: str | None = None) -> dict:
    """Return the arguments that trace *calls* into *log*.

    *inject* is an injection for some of them (see strace -e inject).
    """
    names = ",".join(f"?{name}" for name in calls)
    # Filtering in the kernel is fast, and lets no injected signal through.
    fast = [] if inject and "signal" in inject else ["--seccomp-bpf"]
    trace = [
        "strace",
        "-f",
        *fast,
        "-qq",
        "-y",
        "-s",
        "512",
        "-o",
        str(log),
        "-e",
        f"trace={names}",
    ]
    return {
        "role": role,
        "under": [*trace, "-e", "signal=none", *(["-e", f"inject={inject}"] if inject else [])],
    }


def traced_points(log: Path, folders: Sequence[Path], *, looks: bool = False) -> list[Point]:
    """Return the points of a strace log in *folders*, in order.

    Strace counts per thread and kind.
    """
    counts: Counter[tuple[str, str]] = Counter()
    found: dict[tuple[str, int], Point] = {}
    for thread, call, arguments in _calls(log):
        counts[thread, call] += 1
        nth = counts[thread, call]
        # A call that failed anyway, such as making a folder that exists, changed nothing.
        if " = -1 " in arguments:
            continue
        changes = call in CHANGES and (call not in _OPENS or _FOR_WRITING.search(arguments))
        if (changes or looks) and _is_in(arguments, folders):
            found.setdefault((call, nth), Point(call, nth, arguments[:160]))
    return list(found.values())


def hit(log: Path, folders: Sequence[Path], call: str) -> bool:
    """Return whether the call that failed, or else the last of its kind, was on our *folders*."""
    begun: dict[str, str] = {}
    last = ""
    for line in log.read_text(errors="replace").splitlines():
        thread = line.partition(" ")[0]
        if (match := _CALL.match(line)) and match[2] == call:
            begun[thread] = last = match[3]
        if "(INJECTED)" in line and thread in begun:
            last = begun[thread]
            break
    return _is_in(last, folders)


def _calls(log: Path) -> Iterator[tuple[str, str, str]]:
    for line in log.read_text(errors="replace").splitlines():
        if match := _CALL.match(line):
            yield match[1], match[2], match[3]


def _is_in(arguments: str, folders: Sequence[Path]) -> bool:
    return any(str(folder) in arguments for folder in folders)


def sample(points: Sequence[Point], at_most: int | None) -> list[Point]:
    """Return all points of the rare kinds, and of those that are many *at_most*, evenly."""
    many = [point for point in points if point.is_write]
    step = max(1, len(many) / at_most) if at_most else 1
    kept = {many[int(index * step)] for index in range(int(len(many) / step))}
    return [point for point in points if not point.is_write or point in kept]
