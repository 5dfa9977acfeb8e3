"""Two checkouts of this project side by side: each has its programs, and a home of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from bench.building import build_command
from bench.comparing import Side
from bench.measuring import Measurement, measure
from bench.trees import Home, Missing, Unequal, program
from loaders.base import programs
from loaders.base.paths import PROJECT_ROOT

# They are the same in every version of the tables, and differ if a side did not do the work.
_FACTS = """
    select (select (count(*), sum(size_bytes), bit_xor(hash(file_path, size_bytes))) from files),
        (select (count(*), count(distinct commit_sha)) from git_commits)
"""


@dataclass(frozen=True)
class Checkout:
    """The code in *project*, run by its own interpreter, and its *home*."""

    name: str
    project: Path
    bin: Path
    home: Home

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment of its commands, without unit tests: these depend on code alone."""
        inherited = {**self.home.environment, "META_UNIT_TESTS": "off"}
        return {name: value for name, value in inherited.items() if name != "PYTHONPATH"}

    def refresh(self, *words: str | Path, now: datetime | None = None) -> list[str]:
        """Return the command of a refresh, at another moment if *now* is given."""
        pinned = [program("env"), f"META_NOW={now.isoformat()}"] if now else []
        return [*pinned, str(self.bin / "enrich"), "refresh-meta", *map(str, words)]

    def build(self) -> list[str]:
        """Return the command of a whole build, as a person types it."""
        return build_command(str(self.bin / "dbt"), self.project, self.home)

    def run(self, command: Sequence[str]) -> Measurement:
        return measure(command, self.environment)

    def side(self, command: Callable[[], Sequence[str | bytes]]) -> Side:
        return Side(self.name, command, self.environment)

    def facts(self) -> tuple[object, ...]:
        """Return what the published file says about the files and commits that it has."""
        with duckdb.connect(str(self.home.where.published), read_only=True) as db:
            return db.execute(_FACTS).fetchall()[0]


@dataclass(frozen=True)
class Pair:
    """This checkout, and the other one that it is measured against."""

    ours: Checkout
    other: Checkout

    @property
    def both(self) -> tuple[Checkout, Checkout]:
        return self.ours, self.other

    def compare(self) -> None:
        """Raise Unequal if the published files are not about the same files and commits."""
        ours, others = self.ours.facts(), self.other.facts()
        if ours != others:
            raise Unequal(f"the two checkouts published other facts: {ours} and {others}")


def pair(against: Path, folder: Path) -> Pair:
    """Return both checkouts with new homes below *folder*. Raises Missing."""
    project = against.resolve()
    bin_folder = project / ".venv" / "bin"
    for name in ("enrich", "dbt"):
        if not os.access(bin_folder / name, os.X_OK):
            raise Missing(f"{bin_folder / name} does not exist; run make setup in {project}")
    own = Path(programs.own("enrich")).parent
    return Pair(
        Checkout("this checkout", PROJECT_ROOT, own, Home(folder / "ours")),
        Checkout(f"the other: {project.name}", project, bin_folder, Home(folder / "other")),
    )
