"""Where the readers of several repositories, at work at the same time, put their rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from threading import Lock

import pyarrow as pa

from loaders.sources.git_history.known_history import Known
from loaders.zone.runs import Run


class CannotLand(Exception):
    """The landing zone cannot be written; `__cause__` is the OSError. It ends the whole run."""


class Sink:
    """Writes the rows of several repositories to one run. Thread-safe."""

    def __init__(self, run: Run, known: Known) -> None:
        self.run = run
        self.known = known
        self.changes = 0
        self.lines = 0
        self._one_writer = Lock()
        self._claimed: set[str] = set()
        self._finished: set[str] = set()

    def put(self, name: str, table: pa.Table) -> None:
        """Append rows. Raises CannotLand."""
        try:
            with self._one_writer:
                self.run.table(name).append_table(table)
        except OSError as error:
            raise CannotLand from error

    def put_columns(self, name: str, columns: dict[str, Sequence[object]]) -> None:
        """Append rows, given as equally long columns without `run_id`. Raises CannotLand."""
        try:
            with self._one_writer:
                self.run.table(name).append(columns)
        except OSError as error:
            raise CannotLand from error

    def claim(self, commits: Iterable[str]) -> tuple[list[str], set[str]]:
        """Return the *commits* that the caller must land, and those claimed by another caller."""
        with self._one_writer:
            mine: list[str] = []
            others: set[str] = set()
            for commit in commits:
                (others.add if commit in self._claimed else mine.append)(commit)
            self._claimed.update(mine)
        return mine, others

    def finish(self, commits: Iterable[str]) -> None:
        with self._one_writer:
            self._finished.update(commits)

    def has_unfinished(self, commits: set[str]) -> bool:
        """Return whether any of *commits* was claimed but not landed."""
        return not commits <= self._finished
