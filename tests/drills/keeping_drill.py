"""A drill of commands that keep, land and publish.

They run in random pairs, are killed at random, and work among files of others.

By hand; prints its tally as one line of JSON and exits 1 if anything broke:

    python tests/drills/keeping_drill.py --count 500
    python tests/drills/keeping_drill.py --count 15 --real-every 0 --seed 3

Backup, restore, crawl, build, publish, compact and rollback run two at a time, each as its command
does, in a process of its own, and most are killed. Afterwards no run that was ever committed may be
lost to both the zone and the backups, no file of others may have changed, and a command that ended
by itself must have given its reason in one line. Most builds are played: a played build reads
everything that landed and makes the relations that publishing requires. One in --real-every is a
real `dbt build`.

Processes are forks of one that has imported everything and done nothing: so a pair takes a second.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import itertools
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from on_path import PROJECT

# isort: split
import duckdb
import pyarrow as pa
from arena import lean_project
from keeping_world import VIEWS, tree_of

from enrich.cli import main as enrich_main
from loaders.base.locks import Busy, FileLock
from loaders.base.paths import locations
from loaders.keeping.verify import verify
from loaders.land import main as land_main
from loaders.publishing.observe import _MODELS
from loaders.publishing.publish import PublishError, publish
from loaders.publishing.published_versions import current_version, faults_of
from loaders.sources import registry
from loaders.zone.landing import LandingError, LandingZone
from loaders.zone.reporting import fail_in_one_line

COMMANDS = ("backup", "restore", "crawl", "build", "publish", "compact", "rollback")
_KILLED_SHARE = 0.65
_DAMAGED_SHARE = 0.15
_HEALED_EVERY = 10
_MOST_SECONDS = 120
_SURROUNDINGS = {
    "": ["mine.txt", "meta.duckdb.txt", "deep/er/mine.bin", "meta.duckdb.bak"],
    "landing": [
        "mine.txt",
        "log/app.log",
        "runs/notes.txt",
        "runs/mine/a.parquet",
        "locks/mine",
        "drafts/x.draft",
    ],
    "backup_a": [
        "mine.txt",
        "log/app.log",
        "runs/mine/a.parquet",
        "published/book.pdf",
        "published/99.duckdb",
    ],
    "backup_b": [
        "mine.txt",
        "published/00000099.duckdb",
        "published/00000099.txt",
        "drafts/letter.draft",
    ],
    "meta.duckdb.d": [
        "mine.txt",
        "next.duckdb.mine",
        "generations/mine.txt",
        "generations/00000099.duckdb.bak",
    ],
}


@dataclass
class Tally:
    """The result of the drill."""

    part: str = "keeping"
    pairs: int = 0
    commands: Counter = field(default_factory=Counter)
    killed: Counter = field(default_factory=Counter)
    codes: Counter = field(default_factory=Counter)
    damaged: int = 0
    half_restored: int = 0
    heals: int = 0
    real_builds: int = 0
    broken: list[str] = field(default_factory=list)
    seconds: float = 0

    def note(self, label: str, broken: list[str]) -> None:
        for what in broken:
            self.broken.append(f"{label}: {what}")
            print(f"{label}: {what}", file=sys.stderr, flush=True)

    def show(self) -> int:
        print(
            json.dumps(vars(self) | {"broken": len(self.broken), "what_broke": self.broken[:40]}),
            flush=True,
        )
        return 1 if self.broken else 0


# -- the commands ----------------------------------------------------------------------------------


def _manifest() -> dict:
    """Return what publishing reads of dbt's manifest, for the relations of a played build."""
    names = [("main", view) for view in VIEWS] + [
        ("internal", name) for name in ("as_of", *_MODELS.values())
    ]
    nodes = {
        f"model.{name}": {
            "schema": schema,
            "alias": name,
            "resource_type": "model",
            "fqn": [name],
            "config": {"materialized": "table"},
            "contract": {"enforced": name == "as_of"},
            "columns": {"as_of": {"name": "as_of", "data_type": "timestamp"}},
        }
        for schema, name in names
    }
    return {"nodes": nodes}


@fail_in_one_line
def play_build() -> None:
    """Read all that is landed and make the build database, as a build does, under its lock."""
    where = locations()
    with FileLock(where.build_lock, "dbt on the build database"):
        zone = LandingZone(where.landing)
        with zone.reading() as entries:
            rows = 0
            for entry in entries:
                for file in entry.files:
                    if not file.is_healthy():
                        print(f"{file.path}: damaged", file=sys.stderr)
                        sys.exit(1)
                    rows += file.rows
            _make_build(
                where.build_database,
                rows,
                *((entries[-1].seq, entries[-1].run_id) if entries else (0, None)),
            )
    print(f"built: {rows} rows")


def _make_build(path: Path, rows: int, up_to: int, last: str | None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    for leftover in (path, path.with_name("meta.duckdb.wal")):
        leftover.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as db:
        db.execute(
            "create schema internal; create schema landed; create view landed.runs as select 1 as x"
        )
        db.execute("create table internal.as_of as select now()::timestamp as as_of")
        db.execute(
            "create table internal.landed_state as"
            " select $1 as landed_rows, $2 as up_to, $3 as last",
            [rows, up_to, last],
        )
        for view in VIEWS:
            db.execute(f"create table {view} as select * from internal.landed_state")
        for table, model in _MODELS.items():
            empty = registry.TABLES[table].empty_table()
            if table == "metric_observations":
                empty = pa.Table.from_pylist(
                    [{"metric": "drill", "value": float(rows)}], registry.TABLES[table]
                )
            db.register("observed", empty)
            db.execute(f"create table internal.{model} as select * from observed")
            db.unregister("observed")


@fail_in_one_line
def play_publish() -> None:
    """Publish the played build as `loaders.publishing.publish` does."""
    where = locations()
    with FileLock(where.build_lock, "dbt on the build database"):
        if not where.build_database.exists():
            print(f"{where.build_database}: nothing was built yet", file=sys.stderr)
            sys.exit(1)
        try:
            with duckdb.connect(str(where.build_database), read_only=True) as db:
                up_to, last = db.execute("select up_to, last from internal.landed_state").fetchone()
            request = {
                "command": "dbt build",
                "invocation_id": "drill",
                "landed_up_to": up_to,
                "landed_last": last,
            }
            print(publish(request, _manifest(), where))
        except (PublishError, LandingError, Busy, OSError, duckdb.Error) as error:
            print(f"not published: {str(error).partition(chr(10))[0]}", file=sys.stderr)
            sys.exit(1)


def _command(name: str, drill: Drill) -> Callable[[], None]:
    backup = drill.home / drill.rng.choice(["backup_a", "backup_b"])
    return {
        "backup": lambda: enrich_main(["backup", str(backup)]),
        "restore": lambda: enrich_main(["restore", str(backup)]),
        "rollback": lambda: enrich_main(["rollback"]),
        "crawl": lambda: land_main(["crawl", "--json", str(drill.home / "world")]),
        "compact": lambda: land_main(["compact"]),
        "build": play_build,
        "publish": play_publish,
    }[name]


_numbers = itertools.cycle(range(8))


# -- one process -----------------------------------------------------------------------------------


class Process:
    """A fork that runs *action* with its output in files."""

    def __init__(self, name: str, action: Callable[[], None], scratch: Path) -> None:
        self.name, self.began = name, time.monotonic()
        self._output = [scratch / f"{name}.{next(_numbers)}" for _ in "12"]
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            self._run(action)
        self.code: int | None = None
        self.was_killed = False
        self.cost = 0.0

    def _run(self, action: Callable[[], None]) -> None:
        code = 1
        try:
            os.setsid()
            for number, path in enumerate(self._output, 1):
                os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
            sys.argv = ["drill", self.name]
            warnings.simplefilter("ignore")
            try:
                action()
                code = 0
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
            except BaseException:
                import traceback

                traceback.print_exc()
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code)

    def kill(self, whole: bool) -> None:
        if self.poll() is None:
            self.was_killed = True
            if whole:
                # A process that has just begun has no group of its own yet.
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self.pid, signal.SIGKILL)
            os.kill(self.pid, signal.SIGKILL)

    def poll(self) -> int | None:
        if self.code is None:
            pid, status, usage = os.wait4(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
                self.cost = usage.ru_utime + usage.ru_stime
        return self.code

    def wait(self) -> int:
        until = time.monotonic() + _MOST_SECONDS
        while self.poll() is None:
            if time.monotonic() > until:
                self.kill(True)
                self.code = -99
                return -99
            time.sleep(0.005)
        # A child of a killed process may live a moment longer and keep its locks.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        return self.code

    def output(self) -> tuple[str, str]:
        out, err = (
            path.read_text(errors="replace") if path.exists() else "" for path in self._output
        )
        return out, err

    def unclean(self) -> list[str]:
        """Return what a person should not have to see of a process that ended by itself."""
        out, err = self.output()
        if self.code == -99:
            return ["did not end"]
        if self.was_killed and self.code < 0:
            return []
        found = ["a traceback"] if "Traceback" in out + err else []
        found += [] if self.code in (0, 1, 2, 3, 4) else [f"exit code {self.code}"]
        lines = [line for line in err.splitlines() if not line.startswith("warning: ")]
        if self.code == 0:
            found += [] if len(out.splitlines()) == 1 and not lines else ["not one line"]
        elif self.code in (2, 3) or (self.code in (1, 4) and not out):
            found += [] if len(lines) == 1 and not out else ["not one line on standard error"]
        return [f"{what}, code {self.code}: {out[-300:]!r} {err[-500:]!r}" for what in found]


# -- the drill -------------------------------------------------------------------------------------


class Drill:
    """A home with world, zone, two backups and published file, and files of others everywhere."""

    def __init__(self, home: Path, rng: random.Random, real_every: int = 0) -> None:
        self.home, self.rng, self.real_every = home, rng, real_every
        self.tally = Tally()
        self.scratch = home.with_name(home.name + ".scratch")
        self.scratch.mkdir(parents=True)
        self.project = self.scratch / "project"
        self.entries: dict[str, bytes] = {}
        self.seconds = dict.fromkeys(COMMANDS, 0.3)
        self.builds = 0
        os.environ |= {
            "META_DB_PATH": str(home / "meta.duckdb"),
            "META_LANDING_DIR": str(home / "landing"),
            "META_HOST_LABEL": "drill",
            "META_UNIT_TESTS": "off",
        }
        for name in ("a/one.txt", "a/two.py", "b/three.md"):
            self._write(home / "world" / name, name)
        for name in ("crawl", "build", "publish", "crawl", "publish"):
            self.change_world()
            self.peacefully(name)
        for backup in ("backup_a", "backup_b"):
            self.peacefully("backup", lambda to=backup: enrich_main(["backup", str(home / to)]))
        self.others = [
            self._write(home / folder / name, f"{folder} {name}")
            for folder, names in _SURROUNDINGS.items()
            for name in names
        ]
        self.before = self.look_at_others()

    def _write(self, path: Path, text: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def change_world(self) -> None:
        self._write(
            self.home / "world" / "b" / f"{self.rng.randrange(6)}.txt", str(self.rng.random())
        )

    def look_at_others(self) -> dict[str, tuple]:
        return {
            str(path): tree_of(path)[str(path)] if os.path.lexists(path) else ()
            for path in self.others
        }

    def start(self, name: str, action: Callable[[], None] | None = None) -> Process:
        return Process(name, action or _command(name, self), self.scratch)

    def peacefully(self, name: str, action: Callable[[], None] | None = None) -> None:
        process = self.start(name, action)
        if process.wait() != 0:
            self.tally.note("in peace", [f"{name} ended with {process.code}: {process.output()}"])
        self.tally.note(f"in peace, {name}", process.unclean())

    # -- a pair ------------------------------------------------------------------------------------

    def pair(self, number: int) -> None:
        """Run two commands together, kill them or not, and check the result."""
        rng = self.rng
        if rng.random() < 0.5:
            self.change_world()
        if rng.random() < _DAMAGED_SHARE:
            self.damage()
        names = [rng.choice(COMMANDS), rng.choice(COMMANDS)]
        label = f"pair {number}, {' and '.join(names)}"
        if "build" in names and self.real_every:
            self.builds += 1
            if self.builds % self.real_every == 0:
                self.really_build(label)
        processes = [self.start(names[0])]
        time.sleep(rng.uniform(0, self.seconds[names[0]]))
        processes.append(self.start(names[1]))
        plans = [
            (one.began + rng.uniform(0, 1.1 * self.seconds[one.name]), one)
            for one in processes
            if rng.random() < _KILLED_SHARE
        ]
        for moment, one in sorted(plans, key=lambda plan: plan[0]):
            time.sleep(max(0.0, moment - time.monotonic()))
            one.kill(whole=rng.random() < 0.5)
        for one in processes:
            one.wait()
            self.tally.commands[one.name] += 1
            if one.was_killed and one.code < 0:
                self.tally.killed[one.name] += 1
            else:
                self.tally.codes[f"{one.name} {one.code}"] += 1
                took = time.monotonic() - one.began
                self.seconds[one.name] = 0.8 * self.seconds[one.name] + 0.2 * min(took, 5)
            self.tally.note(label, one.unclean())
        self.tally.pairs += 1
        self.check(label)
        if number % _HEALED_EVERY == 0:
            self.heal(label)

    def damage(self) -> None:
        """Spoil a file or an entry of the zone that a backup has: a restore brings it back."""
        files = [
            path
            for pattern in ("runs/*-*/*.parquet", "log/0*.json")
            for path in (self.home / "landing").glob(pattern)
            if self._is_in_backups(path)
        ]
        if files and not (self.home / "landing" / "restoring.json").exists():
            path = self.rng.choice(files)
            if self.rng.random() < 0.5:
                path.unlink()
            else:
                path.write_bytes(path.read_bytes()[:-3] + b"xyz")
            self.tally.damaged += 1

    def _is_in_backups(self, path: Path) -> bool:
        """Return whether both backups have the bytes of *path*, so that damage can be undone."""
        name = path.relative_to(self.home / "landing")
        copies = [self.home / backup / name for backup in ("backup_a", "backup_b")]
        return all(copy.exists() and copy.read_bytes() == path.read_bytes() for copy in copies)

    def really_build(self, label: str) -> None:
        """Build with dbt, in peace: its end depends on what the pairs before it left."""
        self.tally.real_builds += 1
        if not self.project.exists():
            lean_project(self.project)
        dbt = [str(Path(sys.executable).parent / "dbt"), "build", "--no-use-colors"]
        folders = ["--project-dir", self.project, "--target-path", self.scratch / "target"]
        answer = subprocess.run(
            [*dbt, *map(str, folders), "--log-path", str(self.scratch)],
            cwd=PROJECT,
            capture_output=True,
            text=True,
        )
        is_half_restored = (self.home / "landing" / "restoring.json").exists()
        said = answer.stdout + answer.stderr
        self.tally.codes[f"dbt {answer.returncode}"] += 1
        if "Traceback" in said or not (
            "published: version" in said
            or "not published: " in said
            or is_half_restored
            or "restore it from a backup" in said  # what the drill damaged
        ):
            self.tally.note(label, [f"dbt build ended with {answer.returncode}: {said[-700:]}"])

    # -- what must hold ----------------------------------------------------------------------------

    def check(self, label: str) -> None:
        """Note lost runs of the product and changed files of others."""
        after = self.look_at_others()
        self.tally.note(
            label, [f"touched: {path}" for path, look in self.before.items() if after[path] != look]
        )
        self.before = after
        places = [self.home / name for name in ("landing", "backup_a", "backup_b")]
        for path in (self.home / "landing" / "log").glob("0*.json"):
            raw = path.read_bytes()
            if path.name not in self.entries and _is_sealed(raw):
                self.entries[path.name] = raw
        replaced = {path for raw in self.entries.values() for path in json.loads(raw)["replaces"]}
        for name, raw in self.entries.items():
            if not any(_bytes_of(place / "log" / name) == raw for place in places):
                self.tally.note(label, [f"entry {name} is lost"])
            for item in json.loads(raw)["files"]:
                if item["path"] in replaced:
                    continue
                if not any(_digest_of(place / item["path"]) == item["sha256"] for place in places):
                    self.tally.note(label, [f"{item['path']} is lost"])
        self.tally.half_restored += (self.home / "landing" / "restoring.json").exists()

    def heal(self, label: str) -> None:
        """Bring all in order, as a person would, by the commands; then everything must be whole."""
        self.tally.heals += 1
        label = f"{label}, healed"
        for backup in ("backup_a", "backup_b"):
            self.peacefully(
                "restore", lambda of=backup: enrich_main(["restore", str(self.home / of)])
            )
        for name in ("crawl", "build", "publish"):
            self.peacefully(name)
        for backup in ("backup_a", "backup_b"):
            self.peacefully(
                "backup", lambda to=backup: enrich_main(["backup", str(self.home / to)])
            )
        elsewhere = self.home / "elsewhere"
        shutil.rmtree(elsewhere, ignore_errors=True)
        self.peacefully("restore", lambda: _restore_elsewhere(self.home / "backup_b", elsewhere))
        self.peacefully("verify", lambda: _verify_all(self.home))
        self.check(label)


def _restore_elsewhere(backup: Path, elsewhere: Path) -> None:
    os.environ |= {
        "META_LANDING_DIR": str(elsewhere / "zone"),
        "META_DB_PATH": str(elsewhere / "meta.duckdb"),
    }
    enrich_main(["restore", str(backup)])


def _verify_all(home: Path) -> None:
    """Verify zone, backups, the copy elsewhere and both published files; say every fault."""
    where = locations()
    faults = [
        f"{fault}"
        for name in ("landing", "backup_a", "backup_b", "elsewhere/zone")
        for fault in verify(home / name).faults
    ]
    zones = [home / "landing", home / "elsewhere" / "zone"]
    runs = [[entry.run_id for entry in LandingZone(zone).entries()] for zone in zones]
    faults += [] if runs[0] == runs[1] else ["the zone elsewhere has other runs"]
    current = current_version(where)
    faults += list(faults_of(current)) if current else [f"{where.published}: no published version"]
    faults += (
        [] if (home / "elsewhere" / "meta.duckdb").exists() else ["nothing is published elsewhere"]
    )
    left = [
        path
        for name in ("landing", "backup_a", "backup_b")
        for path in (home / name).rglob("*.draft")
        # The next run of its kind clears what a killed run left in its own folder.
        if name != "landing" or "runs" not in path.parts
    ]
    faults += [
        f"{path}: left over" for path in left if path.name not in ("x.draft", "letter.draft")
    ]
    if faults:
        print("; ".join(faults)[:2000], file=sys.stderr)
        sys.exit(4)
    print("verified")


def _is_sealed(raw: bytes) -> bool:
    from loaders.base.sealed import unseal

    try:
        unseal(raw, exactly=True)
    except ValueError:
        return False
    return True


def _bytes_of(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


_digests: dict[tuple, str] = {}


def _digest_of(path: Path) -> str | None:
    try:
        status = path.stat()
    except OSError:
        return None
    key = (str(path), status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    if key not in _digests:
        _digests[key] = hashlib.sha256(path.read_bytes()).hexdigest()
    return _digests[key]


def drill(home: Path, count: int, seed: int = 1, real_every: int = 0) -> Tally:
    """Do *count* pairs below *home*, a new folder, and return the tally."""
    began = time.monotonic()
    environment = dict(os.environ)
    try:
        made = Drill(home, random.Random(seed), real_every)
        try:
            for number in range(1, count + 1):
                made.pair(number)
            made.heal("the end")
        except KeyboardInterrupt:
            print("interrupted: the tally is of what was done", file=sys.stderr)
        made.tally.seconds = round(time.monotonic() - began)
        return made.tally
    finally:
        os.environ.clear()
        os.environ |= environment


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=500, help="how many pairs")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--real-every", type=int, default=20, help="one in this many builds is a real one; 0: none"
    )
    parser.add_argument(
        "--home",
        type=Path,
        help="a folder to work in, new; default: a new one that goes at the end",
    )
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if options.home:
        return drill(options.home / "home", options.count, options.seed, options.real_every).show()
    with tempfile.TemporaryDirectory(prefix="keeping-") as folder:
        return drill(Path(folder) / "home", options.count, options.seed, options.real_every).show()


if __name__ == "__main__":
    sys.exit(main())
