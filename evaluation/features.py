"""The features of labelled files: the files are crawled, analysed and built like all others.

Features are therefore the rows of the models, not a second computation of them.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evaluation.labels import Label
from loaders.base import programs
from loaders.base.engine_paths import plain_path
from loaders.base.paths import PROJECT_ROOT, Locations

ROLES = ("collector", "transformer", "analyzer", "reporter", "fixer", "orchestrator", "none")
PARTS = ("content", "path")
_QUERIES = {
    "content": """
        select sha256, signal, ln(1 + count) as value
        from (select sha256, unnest(signals, recursive := true) from internal.int_roles__contents)
    """,
    "path": """
        select files.sha256, signals.signal, 1.0 as value
        from internal.int_roles__predictions as files
        inner join internal.int_roles__path_signals as signals
            on (signals.place = 'name' and signals.text = files.name)
            or (signals.place = 'folder' and signals.text = files.folder)
            or (signals.place = 'kind' and signals.text = files.file_kind)
    """,
}


class NotBuilt(Exception):
    """The labelled files could not be crawled or built; the message has the end of the output."""


@dataclass(frozen=True)
class Features:
    """A row of values per file, a column per signal."""

    signals: list[str]
    values: np.ndarray


@dataclass(frozen=True)
class Bench:
    """A landing zone and a build of their own, over a tree of labelled files."""

    folder: Path

    @property
    def where(self) -> Locations:
        return Locations(published=self.folder / "meta.duckdb", landing=self.folder / "landing")

    def plant(self, labels: Sequence[Label], files: Path) -> None:
        """Copy the labelled files into a tree in which each package is a project."""
        tree = self.folder / "tree"
        shutil.rmtree(tree, ignore_errors=True)
        for label in labels:
            target = tree / label.place
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(files / label.place, target)
            # A manifest makes the folder a project. It is not a labelled file.
            (tree / label.project / "pyproject.toml").touch()

    def build(self, *models: str) -> None:
        """Crawl the tree, land its signals, build *models* and all they need. Raises NotBuilt."""
        land = [sys.executable, str(PROJECT_ROOT / "loaders" / "land.py")]
        self._run([*land, "crawl", "--profile", "everything", str(self.folder / "tree")])
        self._run([*land, "signals"])
        dbt = [programs.own("dbt"), "build", "--quiet", "--exclude-resource-type", "test"]
        where = ["--target-path", str(self.folder / "target"), "--log-path", str(self.folder)]
        self._run([*dbt, *where, "--select", *(f"+{model}" for model in models)])

    def _run(self, command: list[str]) -> None:
        environment = programs.environment(self.where)
        done = subprocess.run(
            command, cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True
        )
        if done.returncode:
            raise NotBuilt(
                f"{' '.join(command[1:4])}: {(done.stderr or done.stdout).strip()[-800:]}"
            )

    def query(self, sql: str) -> list[tuple]:
        """Return the rows of a query over the build."""
        import duckdb

        with duckdb.connect(plain_path(self.where.build_database), read_only=True) as db:
            return db.execute(sql).fetchall()

    def features(self, labels: Sequence[Label]) -> Mapping[str, Features]:
        """Return the features of each part, a row per label."""
        return {part: _matrix(self.query(_QUERIES[part]), labels) for part in PARTS}

    def probabilities(self, labels: Sequence[Label], column: str = "probabilities") -> np.ndarray:
        """Return the probabilities of the models, a row per label and a column per role."""
        rows = self.query(f"select sha256, {column} from internal.int_roles__predictions")
        found = {sha256: np.array(values) for sha256, values in rows if values is not None}
        return np.array([found[label.sha256] for label in labels])


def _matrix(rows: Sequence[tuple[str, str, float]], labels: Sequence[Label]) -> Features:
    places = {label.sha256: place for place, label in enumerate(labels)}
    signals = sorted({signal for sha256, signal, _ in rows if sha256 in places})
    columns = {signal: column for column, signal in enumerate(signals)}
    values = np.zeros((len(labels), len(signals)))
    for sha256, signal, value in rows:
        if sha256 in places:
            values[places[sha256], columns[signal]] = value
    return Features(signals, values)
