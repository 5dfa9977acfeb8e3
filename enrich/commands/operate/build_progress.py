"""Progress of a build: the nodes that are done, and the time left by the durations of the last one.

The process that runs dbt appends a line to a file for each node that ends (`waiting_dbt`). A thread
of the refresh reads the file: it shows one changing line on a terminal, and elsewhere a plain line
once a minute.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import click

_CHECK_SECONDS = 0.5
_PLAIN_SECONDS = 60.0
# Below this share of the work, the last build predicts better than the pace of this one.
_LEAST_SHARE = 0.1


@dataclass(frozen=True)
class LastBuild:
    """The last build: its seconds, those of each node by unique id, and how many ended how."""

    seconds: float = 0.0
    nodes: dict[str, float] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)

    def seconds_left(self, done: Iterable[str], total: int, elapsed: float) -> float | None:
        """Return the seconds left if *done* of *total* nodes are, *elapsed* seconds after the
        start; None: unknown.

        A node that the last build did not have counts as an average one.
        """
        names = [*done]
        average = sum(self.nodes.values()) / len(self.nodes) if self.nodes else 1.0
        known = sum(self.nodes.values())
        unknown = max(0, total - len(self.nodes)) * average
        work = sum(self.nodes.get(name, average) for name in names)
        share = min(1.0, work / (known + unknown)) if known + unknown else 0.0
        if share >= _LEAST_SHARE:
            return elapsed * (1.0 - share) / share
        return max(0.0, self.seconds - elapsed) if self.seconds else None


def last_results(target: Path) -> LastBuild:
    """Return the durations in the `run_results.json` of dbt in *target*; none if it has none."""
    try:
        found = json.loads((target / "run_results.json").read_bytes())
        return LastBuild(
            float(found["elapsed_time"]),
            {row["unique_id"]: float(row["execution_time"]) for row in found["results"]},
            dict(Counter(str(row["status"]) for row in found["results"])),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return LastBuild()


def progress_text(done: int, total: int, left: float | None) -> str:
    """Return the line for people; *left* is in seconds."""
    if not total:
        return "building and testing …"
    text = f"building and testing: {done} of {total} nodes"
    if left is None:
        return text
    about = f"{left:.0f} s" if left < 100 else f"{left / 60:.0f} min"
    return f"{text}, about {about} left"


class BuildProgress:
    """Shows the progress of a build that writes to *file*, as a context manager."""

    def __init__(self, file: Path, last: LastBuild, show: Callable[[str], None]) -> None:
        self._file, self._last, self._show = file, last, show
        self._is_over = Event()
        self._thread = Thread(target=self._watch, daemon=True)

    def __enter__(self) -> None:
        self._began = time.monotonic()
        self._show(progress_text(0, 0, None))
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()
        self._show("")

    def _watch(self) -> None:
        plain_at = self._began + _PLAIN_SECONDS
        while not self._is_over.wait(_CHECK_SECONDS):
            now = time.monotonic()
            is_plain = not sys.stderr.isatty()
            if is_plain and now < plain_at:
                continue
            done, total = read_progress(self._file)
            text = progress_text(
                len(done), total, self._last.seconds_left(done, total, now - self._began)
            )
            if not is_plain:
                self._show(text)
            elif total:
                plain_at = now + _PLAIN_SECONDS
                click.echo(text, err=True)


def read_progress(file: Path) -> tuple[set[str], int]:
    """Return the nodes that ended, and the number of all; a line that is being written is left
    out.
    """
    done, total = set(), 0
    try:
        lines = file.read_text(encoding="utf-8").split("\n")[:-1]
    except OSError:
        return set(), 0
    for line in lines:
        name, _, count = line.rpartition(" ")
        done.add(name)
        total = int(count) if count.isdecimal() else total
    return done, total
