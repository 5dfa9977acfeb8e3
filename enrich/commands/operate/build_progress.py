"""Progress of a build: the nodes that are done, and the time left by the durations of the last one.

The process of the build appends a line to a file for each node that ends (`loaders.building`). A
thread of the refresh reads the file: it shows one changing line on a terminal, and elsewhere a
plain line once a minute.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Event, Thread

import click

from loaders.base.paths import Locations

_CHECK_SECONDS = 0.5
_PLAIN_SECONDS = 60.0
# Below this share of the work, the last build predicts better than the pace of this one.
_LEAST_SHARE = 0.1


@dataclass(frozen=True)
class LastBuild:
    """A build: how each node ended, the nodes that were made, and the seconds of each node that it
    or an earlier build made; since when nothing had changed, if there was nothing to build.
    """

    statuses: Mapping[str, str] = field(default_factory=dict)
    made: Sequence[str] = ()
    nodes: Mapping[str, float] = field(default_factory=dict)
    unchanged_since: datetime | None = None

    @classmethod
    def read(cls, text: str) -> LastBuild:
        """Return what the last line of *text* says; nothing if it is not such a line."""
        try:
            found = json.loads(text.strip().rpartition("\n")[2])
            since = found["unchanged_since"]
            return cls(
                {str(name): str(status) for name, status in found["statuses"].items()},
                [str(name) for name in found["made"]],
                {str(name): float(seconds) for name, seconds in found["seconds"].items()},
                datetime.fromisoformat(since) if since else None,
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            return cls()

    @property
    def seconds(self) -> float:
        """The seconds that all nodes take."""
        return sum(self.nodes.values())

    @property
    def line(self) -> str:
        """How many nodes were made and kept."""
        made, total = len(self.made), len(self.statuses)
        return f"made {made:,} of {total:,} nodes, kept {total - made:,}"

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


def last_results(where: Locations) -> LastBuild:
    """Return the durations of earlier builds; none if they are not known."""
    try:
        found = json.loads(_durations(where).read_bytes())
        return LastBuild(nodes={str(name): float(seconds) for name, seconds in found.items()})
    except (OSError, ValueError, TypeError, AttributeError):
        return LastBuild()


def keep_results(where: Locations, results: LastBuild, last: LastBuild) -> None:
    """Keep the durations of *results*, and those of the *last* builds for what it has kept."""
    kept = {name: last.nodes[name] for name in results.statuses if name in last.nodes}
    # On a full disk, only the time that is left is not known next time.
    with contextlib.suppress(OSError):
        durations = json.dumps(kept | dict(results.nodes))
        _durations(where).write_text(durations, encoding="utf-8")


def _durations(where: Locations) -> Path:
    return where.work_folder / "durations.json"


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
