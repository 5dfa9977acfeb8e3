"""The configuration as it was read: the rows that count, and the problems of the others."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

from loaders.base.paths import clean_text
from loaders.configuration.forms import Form

Row = dict[str, str | None]


@dataclass(frozen=True)
class Problem:
    """A row, or a whole file (line 0), that does not count, and why."""

    file: str
    line: int
    reason: str
    column: str | None = None
    value: str | None = None

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        column = f" {self.column}:" if self.column else ""
        value = f" {self.value}:" if self.value else ""
        return clean_text(f"{place}:{column}{value} {self.reason}")


@dataclass(frozen=True)
class OwnRule:
    """A rule of the user's own: the query of its file, and a digest of that."""

    name: str
    file: str
    sql: str
    digest: str


@dataclass
class Configured:
    """The rows of one seed that are configured, complete, by key; in the order of the file."""

    form: Form
    rows: dict[tuple[str, ...], Row] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """A digest of the rows, in whatever order and layout they were written."""
        rows = sorted(json.dumps(row, sort_keys=True) for row in self.rows.values())
        return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


@dataclass
class Configuration:
    """Everything in the folder: the rows that count by seed, and the problems."""

    folder: Path | None
    seeds: dict[str, Configured] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    own_rules: dict[str, OwnRule] = field(default_factory=dict)

    @property
    def row_counts(self) -> dict[str, int]:
        """The number of rows that count, by file."""
        return {one.form.file: len(one.rows) for one in self.seeds.values()}

    @property
    def summary(self) -> str:
        """One line: the rows that count, and the faults."""
        count = sum(self.row_counts.values())
        faults = len(self.problems)
        rows = f"{count} configured {'row' if count == 1 else 'rows'}"
        return f"{rows}, {faults} {'fault' if faults == 1 else 'faults'} in {self.folder}"
