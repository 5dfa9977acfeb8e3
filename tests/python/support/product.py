"""Runs the commands of the product, each in a process, with a home folder of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import duckdb
from exec_trace import Trace, traced

from loaders.base.project_parts import files_below

PROJECT = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent


@dataclass
class Product:
    """One installation: landing zone, published file and dbt's target folder below *home*.

    Dbt reads *project*.
    """

    home: Path
    now: str | None = None
    environment: dict[str, str] = field(default_factory=dict)
    project: Path = PROJECT

    @property
    def published(self) -> Path:
        return self.home / "meta.duckdb"

    @property
    def landing(self) -> Path:
        return self.home / "landing"

    @property
    def config(self) -> Path:
        return self.home / "config"

    @property
    def target(self) -> Path:
        return self.home / "target"

    def _environment(self) -> dict[str, str]:
        pinned = {"META_NOW": self.now} if self.now else {}
        return {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("META_", "DBT_"))
            },
            "META_DB_PATH": str(self.published),
            "META_LANDING_DIR": str(self.landing),
            "META_CONFIG_DIR": str(self.config),
            "META_HOST_LABEL": "testhost",
            "DBT_LOG_PATH": str(self.home / "logs"),
            "NO_COLOR": "1",
            # They do not concern the data of a test; test_golden runs them.
            "META_UNIT_TESTS": "off",
            **pinned,
            **self.environment,
        }

    def start(
        self, *command: str | Path, stdin: int | IO = subprocess.DEVNULL
    ) -> subprocess.Popen[str]:
        # A first refresh may be one that must not leave anything behind.
        if "refresh-meta" in command and self.home.exists():
            self.remember_a_plan()
        return subprocess.Popen(
            [os.fspath(word) for word in command],
            cwd=self.project,
            env=self._environment(),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *command: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
        process = self.start(*command)
        answer = subprocess.CompletedProcess(process.args, -1, *process.communicate())
        answer.returncode = process.returncode
        if check and answer.returncode:
            raise AssertionError(
                f"{command} ended with {answer.returncode}\n{answer.stdout}\n{answer.stderr}"
            )
        return answer

    def trace(self, *command: str | Path) -> Trace:
        """Run a command under strace."""
        return traced(command, self._environment(), PROJECT)

    def land(self, *arguments: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self.run(sys.executable, PROJECT / "loaders" / "land.py", *arguments, check=check)

    def crawl(self, *roots: str | Path, check: bool = True) -> dict:
        return json.loads(self.land("crawl", "--json", *roots, check=check).stdout)

    def dbt(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        if self.project == PROJECT and not self.target.exists():
            self.remember_a_parse(self.target)
        return self.run(BIN / "dbt", *arguments, "--target-path", str(self.target), check=check)

    @staticmethod
    def remember_a_parse(target: Path) -> None:
        """Give dbt the parse of an earlier build of this code, which saves five seconds."""
        from replayed_build import parsed

        target.mkdir(parents=True)
        if path := parsed():
            shutil.copy(path, target)

    def enrich(
        self, *arguments: str | Path, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        if "refresh-meta" in arguments:
            self.remember_a_plan()
        return self.run(BIN / "enrich", *arguments, check=check)

    def remember_a_plan(self) -> None:
        """Give a refresh the plan of this code, if dbt has made it: dbt takes 15 seconds."""
        from replayed_build import give_plan

        if self.project == PROJECT:
            give_plan(self.published.with_name("meta.duckdb.d"))

    def query(self, sql: str, *parameters: object) -> list[tuple]:
        with duckdb.connect(str(self.published), read_only=True) as db:
            return db.execute(sql, parameters).fetchall()

    def landed_files(self) -> dict[str, int]:
        """Every file of the landing zone that the log or a run owns, with its size."""
        return {
            str(path.relative_to(self.landing)): path.stat().st_size
            for folder in ("log", "runs")
            for path in sorted((self.landing / folder).rglob("*"))
            if path.is_file()
        }

    def forget_database(self) -> None:
        """Delete what a build made.

        The landing zone is left, and what dbt remembers of its last parse.
        """
        shutil.rmtree(self.published.with_name("meta.duckdb.d"))
        self.published.unlink()

    def twin(self, home: Path, *, with_database: bool = True) -> Product:
        """Return a copy of this installation in *home*; without its databases if so asked."""
        home.mkdir(parents=True)
        shutil.copytree(self.landing, home / "landing")
        if self.target.exists():
            shutil.copytree(self.target, home / "target")
        copy = Product(home, self.now, dict(self.environment), self.project)
        if with_database:
            shutil.copy2(self.published, copy.published)
            shutil.copytree(
                self.published.with_name("meta.duckdb.d"), copy.published.with_name("meta.duckdb.d")
            )
        return copy


def copy_of_project(folder: Path) -> Path:
    """Copy the files of the clone that dbt reads to *folder*, for tests that change them."""
    for path in files_below(PROJECT):
        target = folder / path.relative_to(PROJECT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    return folder
