"""Builds an installation to disturb and an equal one that is left in peace, for the torture drill.

Every step changes the crawled world and refreshes the undisturbed installation, the *twin*. A
*victim* is a copy of the installation from before the step. After any disturbance and one more
refresh it must equal the twin.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import select
import shutil
import subprocess
import sys
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import replayed_build
from equal_tables import RUN_COLUMNS, differences
from failpoints import BUILD, LAND
from golden import commit_all, source, write
from product import PROJECT, Product
from reader_storm import read_once
from worlds import fold

from loaders.zone.landing import LandingError, LandingZone, LogEntry

_LEAN = (
    "\ndata_tests: {meta_collector: {+enabled: false}}\n"
    "unit_tests: {meta_collector: {+enabled: false}}\n"
)
# A row per crawl, so their number depends on how often a folder was crawled.
_PER_LOOK = {"crawl_roots"}
_PER_RUN = RUN_COLUMNS | {"run_id", "subject_run_id", "is_settled"}
_PATIENCE_SECONDS = 60


class Arena:
    """The world, the installation before the step, and the twin after it, all below *home*."""

    def __init__(
        self,
        home: Path,
        rng: random.Random,
        bulk: int = 40,
        whole_builds: bool = False,
        *,
        by_dbt: bool = True,
    ) -> None:
        """Build by dbt, or as a refresh does by its plan, which takes a fifth of the time."""
        self.home, self.rng, self.bulk, self.by_dbt = home, rng, bulk, by_dbt
        self.root = home / "world"
        self.steps = 0
        self.moment = datetime(2026, 3, 1, 12)
        is_whole = whole_builds or not by_dbt
        self.project = PROJECT if is_whole else lean_project(home / "project")
        write(self.root / "untested/core.py", source(3000, "core"))
        for number in range(8):
            write(self.root / f"lib/lib/module_{number}.py", source(5, f"m{number}"))
        commit_all(self.root / "untested")
        commit_all(self.root / "lib")
        self.seconds: dict[str, float] = {}
        self.twin, self.base = self._new("twin"), self._new("base")
        self.twin.home.mkdir()
        if not by_dbt:
            replayed_build.plan()
            self.twin.remember_a_plan()
        self.change_world()
        self.refresh(self.twin)
        self.step()

    def _new(self, name: str) -> Product:
        return Product(self.home / name, now=self.moment.isoformat())

    def change_world(self) -> None:
        """Edit, add and remove files; a finding and a repository's head change; an hour passes."""
        self.steps += 1
        self.moment += timedelta(hours=1)
        shutil.rmtree(self.root / f"bulk_{self.steps - 1}", ignore_errors=True)
        for number in range(self.bulk):
            write(
                self.root / f"bulk_{self.steps}/d{number % 20}/f{number}.txt",
                f"{self.steps} {self.rng.random()}\n",
            )
        write(self.root / "lib/lib/module_0.py", source(5, f"s{self.steps}"))
        write(self.root / f"project_{self.steps}/core.py", source(3000, f"p{self.steps}"))
        shutil.rmtree(self.root / f"project_{self.steps - 2}", ignore_errors=True)
        for name in ("lib", f"project_{self.steps}"):
            commit_all(self.root / name)
        # Older than a crawl needs to trust them.
        time.sleep(0.1)

    def step(self, survivor: Product | None = None) -> None:
        """Let victims be copies of the *survivor*, else of the twin.

        Change the world, refresh the twin in peace.
        """
        shutil.rmtree(self.base.home, ignore_errors=True)
        if survivor:
            survivor.home.rename(self.base.home)
        else:
            self.copy(self.twin, "base")
        self.change_world()
        self.twin.now = self.moment.isoformat()
        self.refresh(self.twin)

    def copy(self, product: Product, name: str) -> Product:
        """Return a copy of it; the published file stays a link to its published version."""
        copy = self._new(name)
        shutil.rmtree(copy.home, ignore_errors=True)
        subprocess.run(["cp", "-a", product.home, copy.home], check=True)
        return copy

    def victim(self, of: Product | None = None) -> Product:
        return self.copy(of or self.base, "victim")

    # -- the commands ----------------------------------------------------------------------------

    def crawl_command(self) -> list[str]:
        return [
            sys.executable,
            str(PROJECT / "loaders" / "land.py"),
            "crawl",
            "--json",
            str(self.root),
        ]

    def build_command(self, product: Product) -> list[str]:
        if not self.by_dbt:
            order = self.home / "order.json"
            order.write_text(json.dumps({"full": False, "command": "enrich refresh-meta"}) + "\n")
            build = 'exec "$0" -m loaders.building < "$1"'
            return ["/bin/sh", "-c", build, sys.executable, str(order)]
        dbt = str(Path(sys.executable).parent / "dbt")
        return [
            dbt,
            "build",
            "--no-use-colors",
            "--project-dir",
            str(self.project),
            "--target-path",
            str(product.target),
        ]

    def refresh(self, product: Product) -> None:
        """Crawl and build, in peace; what still runs of an earlier command is waited for."""
        product.environment = {}
        for role, command in ((LAND, self.crawl_command()), (BUILD, self.build_command(product))):
            began = time.monotonic()
            answer = patiently(product, command)
            self.seconds[role] = time.monotonic() - began
            assert answer.returncode == 0, (
                f"{command} ended with {answer.returncode}:\n{answer.stdout}{answer.stderr}"
            )
        assert "published: version" in answer.stdout, answer.stdout


def patiently(product: Product, command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run *command*; repeat it while a child of a killed one holds a lock."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        answer = product.run(*command, check=False)
        if "already under way" not in answer.stdout + answer.stderr or time.monotonic() > until:
            return answer
        time.sleep(0.2)


def lean_project(folder: Path) -> Path:
    """The product's dbt project without its tests.

    Tests judge a build and change nothing, but take most of its time.
    """
    folder.mkdir(parents=True)
    for name in (".dbtignore", "models", "loaders", "macros", "seeds", "tests"):
        (folder / name).symlink_to(PROJECT / name)
    (folder / "dbt_project.yml").write_text((PROJECT / "dbt_project.yml").read_text() + _LEAN)
    return folder


# -- what must hold --------------------------------------------------------------------------------


class Witness:
    """Records an installation before it is disturbed, and finds what is broken afterwards."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.log = _log(product)
        self.published = _identity(product.published)

    def has_landed_since(self) -> bool:
        return _log(self.product) != self.log

    @staticmethod
    def entries(product: Product) -> list[LogEntry]:
        return LandingZone(product.landing).entries()

    def broken(self, output: str = "") -> list[str]:
        """Return what is broken now; *output* is what the command printed before its end."""
        now = _log(self.product)
        found = [f"log entry {name} lost" for name in self.log.keys() - now.keys()]
        found += [
            f"log entry {name} changed"
            for name, raw in self.log.items()
            if now.get(name, raw) != raw
        ]
        try:
            landed = [entry.run_id for entry in LandingZone(self.product.landing).entries()]
        except LandingError as error:
            return [*found, str(error)]
        found += [
            f"run {run_id} landed twice" for run_id, times in Counter(landed).items() if times > 1
        ]
        found += [
            f"run {run_id} was printed as landed"
            for run_id in _runs_printed(output)
            if run_id not in landed
        ]
        if _identity(self.product.published) != self.published:
            try:
                read_once(self.product.published)
            except duckdb.Error as error:
                found.append(f"the published file does not answer: {error}")
        elif "published: version" in output:
            found.append("it printed that it published")
        return found


def landed_rows(product: Product) -> Counter:
    """Every landed row with how often it was landed, less what differs from run to run."""
    rows: Counter = Counter()
    for entry in LandingZone(product.landing).entries():
        for file in entry.files:
            if file.table not in _PER_LOOK:
                table = pq.read_table(file.path)
                kept = [name for name in table.column_names if name not in _PER_RUN]
                rows.update(
                    (file.table, repr(sorted(row.items())))
                    for row in table.select(kept).to_pylist()
                )
    return rows


def unlike_twin(product: Product, twin: Product, *, tables: bool = True) -> list[str]:
    """Return how a refreshed victim differs from the twin.

    Without *tables*, in what it landed only.
    """
    theirs, ours = landed_rows(twin), landed_rows(product)
    if not tables:
        theirs, ours = (
            {row: n for row, n in rows.items() if row[0].startswith("crawl")}
            for rows in (theirs, ours)
        )
    found = [f"{name}: {dict(more)}"[:300] for name, more in _more(theirs, ours) if more]
    return found + (
        differences(product.published, twin.published, same_runs=False) if tables else []
    )


def unlike_fold(product: Product, twin: Product, root: Path) -> list[str]:
    """Return where the latest landed state below *root* differs from the twin's."""
    ours, theirs = (fold(LandingZone(one.landing), root) for one in (product, twin))
    found = []
    for name in ("files", "directories", "repositories"):
        here, there = getattr(ours, name), getattr(theirs, name)
        paths = sorted(
            path for path in here.keys() | there.keys() if here.get(path) != there.get(path)
        )
        found += [
            f"{name}: {path!r} is {here.get(path)}, the twin's {there.get(path)}"
            for path in paths[:2]
        ]
    return found


def _more(theirs: Counter, ours: Counter) -> list[tuple[str, Counter]]:
    return [("landed less than the twin", Counter(theirs) - Counter(ours)),
            ("landed more than the twin", Counter(ours) - Counter(theirs))]  # fmt: skip


def leftovers(product: Product) -> list[str]:
    """Return the kinds of leftovers that no command clears away: drafts, nameless and dead runs."""
    zone, work_folder = product.landing, product.published.with_name("meta.duckdb.d")
    kinds = {
        "nameless run": [path for path in (zone / "runs").iterdir() if path.name.startswith(".")],
        "draft": [*zone.rglob("*.draft"), *work_folder.rglob("*.draft")],
        "empty table's draft": [
            path for path in (zone / "empty").iterdir() if path.suffix != ".parquet"
        ],
        "next or swap": [*work_folder.glob("next.*"), *work_folder.glob("swap.*")],
        "published version without note": [
            path
            for path in work_folder.glob("generations/*.duckdb")
            if not path.with_suffix(".json").exists()
        ],
        "dead run": LandingZone(zone).under_way(),
    }
    return [kind for kind, found in kinds.items() if found]


def _log(product: Product) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes()
        for path in (product.landing / "log").iterdir()
        if path.suffix == ".json"
    }


def _identity(path: Path) -> tuple[int, str]:
    if not path.exists():
        return 0, ""
    return path.stat().st_ino, hashlib.sha256(path.read_bytes()).hexdigest()


def _runs_printed(output: str) -> list[str]:
    for line in output.splitlines():
        try:
            return [json.loads(line)["run_id"]]
        except (ValueError, KeyError, TypeError):
            continue
    return []


# -- a reader in a process of its own --------------------------------------------------------------


class Reader:
    """Opens and queries a file without pause until it is asked for its results."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def read(self, path: Path) -> None:
        print(path, file=self._process.stdin, flush=True)

    def stop(self) -> dict:
        """Return {"reads", "failed", "mixed", "error"} since `read`."""
        print(file=self._process.stdin, flush=True)
        return json.loads(self._process.stdout.readline())

    def end(self) -> None:
        self._process.stdin.close()
        self._process.wait()


def _serve() -> None:
    os.nice(10)
    path, tally = "", {}
    commands = open(0, "rb", buffering=0)
    while True:
        if select.select([commands], [], [], 0.02 if path else None)[0]:
            line = commands.readline().decode()
            if not line:
                return
            if path:
                print(json.dumps(tally), flush=True)
            path, tally = line.strip(), {"reads": 0, "failed": 0, "mixed": 0, "error": None}
        if path:
            tally["reads"] += 1
            try:
                tally["mixed"] += not read_once(Path(path))[1]
            except duckdb.Error as error:
                tally["failed"] += 1
                tally["error"] = str(error)[:200]


if __name__ == "__main__":
    sys.path.insert(0, str(PROJECT))
    _serve()
