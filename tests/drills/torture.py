"""Torture: kill, starve and corrupt the product, and check that it keeps its promises.

By hand, each part prints its tally as one line of JSON and exits 1 if anything broke:

    python tests/drills/torture.py kills --count 300
    python tests/drills/torture.py failpoints --roles land build publish
    python tests/drills/torture.py faults --every
    python tests/drills/torture.py storm --readers 8 --builds 20
    python tests/drills/torture.py writers · flips --count 300 · all
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import itertools
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import on_path  # noqa: F401

# isort: split

import failpoints
import reader_storm
from arena import (
    Arena,
    Reader,
    Witness,
    landed_rows,
    leftovers,
    patiently,
    unlike_fold,
    unlike_twin,
)
from equal_tables import differences
from failpoints import BUILD, LAND, PUBLISH, Point, hit, strace_orders, traced_points
from product import Product

_ROLES = {"land": LAND, "build": BUILD, "publish": PUBLISH}
_OPEN = "EACCES EMFILE ENOSPC EROFS EIO ENOMEM EDQUOT"
_WRITE = "ENOSPC EIO EDQUOT"
_NAME = "ENOSPC EACCES EROFS EIO"
_LOOK = "EIO EACCES ENOMEM"
ERRORS = {
    **dict.fromkeys(("open", "openat"), _OPEN),
    **dict.fromkeys(("write", "writev", "pwrite64", "pwritev", "fsync", "fdatasync"), _WRITE),
    **dict.fromkeys(
        ("link", "linkat", "rename", "renameat", "renameat2", "mkdir", "mkdirat"), _NAME
    ),
    **dict.fromkeys(("unlink", "unlinkat", "rmdir", "ftruncate", "truncate"), "EACCES EROFS EIO"),
    **dict.fromkeys(("fstat", "newfstatat", "lstat", "stat", "statx", "readlink"), _LOOK),
    **dict.fromkeys(("read", "pread64", "getdents64"), "EIO"),
    "flock": "ENOLCK EIO",
}
_FOREIGN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_PATH = re.compile(r"(?:^|[\s'\"(])/\w", re.MULTILINE)
_LINES = 15
_LANDINGS_A_BUILD, _BUILDS_A_REFRESH = 25, 5


@dataclass
class Tally:
    """The result of one part.

    `missed`: the injected call was another one this time, so it was not a case.
    """

    part: str
    cases: int = 0
    missed: int = 0
    refreshes: int = 0
    reads: int = 0
    codes: Counter = field(default_factory=Counter)
    left: Counter = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    seconds: float = 0
    is_whole: bool = False

    def show(self) -> int:
        print(
            json.dumps(vars(self) | {"broken": len(self.broken), "what_broke": self.broken[:40]}),
            flush=True,
        )
        return 1 if self.broken else 0


@dataclass(frozen=True)
class Ending:
    """How a command ended: its code (negative: killed), what it printed, and on standard error."""

    code: int
    output: str
    errors: str = ""

    def unclean(self, cause: str | None = None) -> list[str]:
        """Return what a person should not have to see.

        A failure must name the *cause* and a path.
        """
        text = self.output + self.errors
        is_dbt = "Running with dbt" in self.output
        found = ["a traceback"] if "Traceback" in text else []
        found += ["control characters"] if _FOREIGN.search(text) else []
        found += ["an undocumented exit code"] if self.code not in (0, 1, 2, 3, 4) else []
        found += ["many lines"] if not is_dbt and len(self.errors.splitlines()) > _LINES else []
        if self.code and cause and not found:
            found += [] if cause.lower() in text.lower() else [f"no word of {cause!r}"]
            found += [] if _PATH.search(text) else ["no path"]
        return [f"ended with {self.code} and {what}: {text.strip()[-300:]!r}" for what in found]


class Torture:
    """One part under way: the arena, a reader of the victim's published file, the tally."""

    def __init__(self, arena: Arena, part: str) -> None:
        self.arena, self.tally, self.reader = arena, Tally(part), Reader()


class Case:
    """A victim that is hurt, examined each time, then refreshed and compared with the twin."""

    def __init__(self, torture: Torture, victim: Product) -> None:
        self.torture, self.tally, self.victim = torture, torture.tally, victim
        self.witness = Witness(victim)
        self.torture.reader.read(victim.published)
        self.hurts = 0

    def hurt(
        self, label: str, ending: Ending, cause: str | None = None, *, struck: bool = True
    ) -> None:
        """Look at what the victim keeps after *ending*.

        If another call was *struck* than meant, it is not a case.
        """
        self.label = label
        self.hurts += 1
        self.tally.cases += struck
        self.tally.missed += not struck
        self.tally.codes[ending.code] += struck
        self.note(self.witness.broken(ending.output))
        if struck and ending.code >= 0:
            self.note(ending.unclean(cause))

    def end(
        self, *, tables: bool = True, again: Stage | None = None, looks: Path | None = None
    ) -> None:
        """Let the victim recover.

        By a refresh, by a stage done *again*, or without *tables* by a crawl.

        It must then have landed what the twin has, or where it may have seen worse in between, come
        to the same state of all below *looks*.
        """
        self.victim.environment = {}
        try:
            if again:
                ending = again.run(self.victim, None)
                assert ending.code == 0, ending
            elif tables:
                self.tally.refreshes += 1
                self.torture.arena.refresh(self.victim)
            else:
                answer = patiently(self.victim, self.torture.arena.crawl_command())
                assert answer.returncode == 0, answer.stderr
            twin = self.torture.arena.twin
            if looks:
                self.note(unlike_fold(self.victim, twin, looks))
            elif any(entry.manifest["replaces"] for entry in Witness.entries(self.victim)):
                # A file that seemed damaged was landed again, with what belongs to it: only tables
                # can tell.
                self.torture.arena.refresh(self.victim)
                self.note(differences(self.victim.published, twin.published, same_runs=False))
            else:
                self.note(unlike_twin(self.victim, twin, tables=tables))
        except AssertionError as error:
            self.note([f"the next refresh: {str(error)[-600:]}"])
        met = self.torture.reader.stop()
        self.tally.reads += met["reads"]
        if met["failed"] or met["mixed"]:
            self.note([f"readers: {met}"])
        self.tally.left.update(leftovers(self.victim))

    def note(self, broken: list[str]) -> None:
        self.tally.broken += [f"{self.label}: {what}" for what in broken]
        for what in broken:
            print(f"{self.label}: {what}", file=sys.stderr, flush=True)


# -- random kills ----------------------------------------------------------------------------------


def kills(torture: Torture, count: int) -> None:
    """Kill landing, building and publishing at random moments: eight kills, then a refresh.

    Two rounds a world.
    """
    arena = torture.arena
    for number in itertools.count(1):
        case = Case(torture, arena.victim())
        for phase in _ROUND[: count - torture.tally.cases]:
            case.hurt(f"round {number}, {phase}", _kill_sometime(arena, case.victim, phase))
        case.end()
        if torture.tally.cases >= count:
            return
        if number % 2 == 0:
            arena.step(case.victim)


_ROUND = [LAND] * 5 + [BUILD, BUILD, PUBLISH]


def _kill_sometime(arena: Arena, product: Product, phase: str) -> Ending:
    """Run the command of a phase, and kill its tree or one process of it at a random moment."""
    rng = arena.rng
    command = arena.crawl_command() if phase == LAND else arena.build_command(product)
    process = product.start(*command)
    while (
        phase == PUBLISH
        and process.poll() is None
        and PUBLISH not in "".join(_tree(process.pid).values())
    ):
        time.sleep(0.05)
    time.sleep(
        rng.uniform(0.1, 1)
        * (arena.seconds[phase] if phase != PUBLISH else arena.seconds[BUILD] / 6)
    )
    tree = list(_tree(process.pid))
    for pid in tree if rng.random() < 0.5 else rng.sample(tree, min(1, len(tree))):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    output, errors = process.communicate()
    return Ending(process.returncode, output, errors)


def _tree(top: int) -> dict[int, str]:
    """Return the living processes of *top* and all it started, with their command lines."""
    answer = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,stat=,args="], capture_output=True, text=True
    )
    found: dict[int, str] = {}
    for pid, parent, state, *args in (line.split(None, 3) for line in answer.stdout.splitlines()):
        # Python's own helper processes say tracebacks of their own when they are killed.
        is_ours = not state.startswith("Z") and "resource_tracker" not in "".join(args)
        if (int(pid) == top or int(parent) in found) and is_ours:
            found[int(pid)] = "".join(args)
    return found


# -- failpoints and faults -------------------------------------------------------------------------


@dataclass
class Stage:
    """One process of the product, how to run it, and the installation just before it starts."""

    torture: Torture
    role: str
    start: Product
    request: str | None = None

    def victim(self) -> Product:
        return self.torture.arena.victim(self.start)

    def run(self, product: Product, orders: dict | None) -> Ending:
        product.environment = failpoints.environment(orders)
        if self.request is None:
            command = (
                self.torture.arena.crawl_command()
                if self.role == LAND
                else self.torture.arena.build_command(product)
            )
            process = product.start(*command)
            output, errors = process.communicate()
        else:
            process = product.start(sys.executable, *PUBLISH.split(), stdin=subprocess.PIPE)
            request = json.loads(self.request) | {"target_path": str(product.target)}
            output, errors = process.communicate(json.dumps(request))
        return Ending(process.returncode, output, errors)

    def folders(self, product: Product) -> list[Path]:
        return [product.landing, product.published]

    @property
    def log(self) -> Path:
        return self.torture.arena.home / "strace.log"

    def points(
        self, calls: Sequence[str], *, looks: bool = False, folders: list[Path] | None = None
    ) -> list[Point]:
        """Run the process undisturbed and return what it did in our folders, or in others."""
        product = self.victim()
        self.run(product, strace_orders(self.role, self.log, calls))
        return traced_points(self.log, folders or self.folders(product), looks=looks)


def stages(torture: Torture, roles: Iterable[str]) -> Iterable[Stage]:
    """Yield the stages of one refresh: nothing done yet, landed, built."""
    arena = torture.arena
    if "land" in roles:
        yield Stage(torture, LAND, arena.base)
    if not {"build", "publish"} & set(roles):
        return
    landed = arena.copy(arena.base, "landed")
    patiently(landed, arena.crawl_command())
    if "build" in roles:
        yield Stage(torture, BUILD, landed)
    if "publish" in roles:
        built, request = arena.copy(landed, "built"), arena.home / "request.json"
        built.environment = failpoints.environment({"role": PUBLISH, "keep": str(request)})
        built.run(*arena.build_command(built), check=False)
        yield Stage(torture, PUBLISH, built, request.read_text())


def kill_at_calls(stage: Stage, at_most: int | None) -> None:
    """Kill the process at each of its changing system calls."""
    points = failpoints.sample(stage.points(failpoints.CHANGES), at_most)
    trials = [
        Trial(
            f"{stage.role}, killed at {point.call} {point.nth}, {point.what}",
            strace_orders(
                stage.role,
                stage.log,
                failpoints.CHANGES,
                f"{point.call}:signal=SIGKILL:when={point.nth}",
            ),
            call=point.call,
        )
        for point in points
    ]
    _try_all(stage, trials)


def kill_at_events(stage: Stage, at_most: int | None) -> None:
    """Kill the process at each change that Python's audit events tell: works without strace."""
    product = stage.victim()
    log, folders = stage.torture.arena.home / "audit.log", stage.folders(product)
    stage.run(product, failpoints.audit_orders(stage.role, folders, log))
    events = log.read_text().splitlines()
    trials = [
        Trial(
            f"{stage.role}, killed at event {number}, {what}",
            failpoints.audit_orders(stage.role, folders, log, number),
        )
        for number, what in list(enumerate(events, 1))[
            :: max(1, -(-len(events) // (at_most or len(events))))
        ]
    ]
    _try_all(stage, trials)


def fail_calls(stage: Stage, at_most: int | None, *, every: bool) -> None:
    """Let each system call in our folders fail, with each errno in turn, or with every one."""
    turns = {call: itertools.cycle(errors.split()) for call, errors in ERRORS.items()}
    calls = [*failpoints.CHANGES, *failpoints.LOOKS]
    points = _evenly(
        [point for point in stage.points(calls, looks=True) if point.call in ERRORS], at_most
    )
    trials = [
        Trial(
            f"{stage.role}, {name} at {point.call} {point.nth}, {point.what}",
            strace_orders(
                stage.role, stage.log, calls, f"{point.call}:error={name}:when={point.nth}"
            ),
            call=point.call,
            cause=os.strerror(getattr(errno, name)),
        )
        for point in points
        for name in (ERRORS[point.call].split() if every else [next(turns[point.call])])
    ]
    _try_all(stage, trials)


def fail_reads(torture: Torture, at_most: int | None) -> None:
    """Let system calls on the crawled tree fail.

    That file is quarantined, the others land, and the next crawl heals it.
    """
    arena = torture.arena
    stage = Stage(torture, LAND, arena.base)
    calls = ["open", "openat", *failpoints.LOOKS]
    turns = {call: itertools.cycle(errors.split()) for call, errors in ERRORS.items()}
    for point in _evenly(stage.points(calls, looks=True, folders=[arena.root]), at_most):
        name = next(turns[point.call]) if point.call not in ("open", "openat") else "EACCES"
        case = Case(torture, stage.victim())
        orders = strace_orders(
            LAND, stage.log, calls, f"{point.call}:error={name}:when={point.nth}"
        )
        ending = stage.run(case.victim, orders)
        struck = hit(stage.log, [arena.root], point.call)
        case.hurt(f"world, {name} at {point.call} {point.nth}, {point.what}", ending, struck=struck)
        case.note(_unhealthy(ending) if struck else [])
        case.end(tables=False, looks=arena.root)


def _unhealthy(ending: Ending) -> list[str]:
    """Return what is wrong with a crawl during which one read of a folder failed."""
    totals = json.loads(ending.output or "{}")
    if not totals:
        return [f"ended with {ending.code} and no totals: {ending.errors}"]
    parts = sum(totals[name] for name in ("landed", "unchanged", "skipped", "quarantined"))
    found = [] if totals["discovered"] == parts else [f"discovered is not the sum: {totals}"]
    if totals["quarantined"] + totals["errors"] == 0:
        found.append(f"the failure is not reported: {totals}")
    return found


@dataclass(frozen=True)
class Trial:
    """One way to hurt a stage.

    *call* is the system call that fails; *cause* must be named by a failure.
    """

    label: str
    orders: dict
    call: str | None = None
    cause: str | None = None


def _try_all(stage: Stage, trials: Sequence[Trial]) -> None:
    """Hurt a victim a trial.

    Builds, which take long, several times before the refresh that is to heal them.
    """
    at_once = _BUILDS_A_REFRESH if stage.role == BUILD else 1
    for start in range(0, len(trials), at_once):
        case = Case(stage.torture, stage.victim())
        for trial in trials[start : start + at_once]:
            ending = stage.run(case.victim, trial.orders)
            struck = not trial.call or hit(stage.log, stage.folders(case.victim), trial.call)
            case.hurt(trial.label, ending, trial.cause, struck=struck)
        if stage.role == LAND:
            # Tables are a function of what is landed: what only lands is built of now and then.
            case.end(tables=(start + 1) % _LANDINGS_A_BUILD == 0)
        elif stage.role == PUBLISH and not case.witness.has_landed_since():
            # The same build remains: publishing it again gives what a refresh would give.
            case.end(again=stage)
        else:
            case.end()


def _evenly(points: list[Point], at_most: int | None) -> list[Point]:
    """Return at most this many of each kind, evenly."""
    if not at_most:
        return points
    kept = []
    for _, group in itertools.groupby(
        sorted(points, key=lambda point: point.call), lambda point: point.call
    ):
        some = list(group)
        kept += some[:: max(1, -(-len(some) // at_most))]
    return kept


# -- writers, readers ------------------------------------------------------------------------------


def writers(torture: Torture, count: int) -> None:
    """Let crawls, decisions and builds run at the same time: all of them land, each once."""
    arena, product = torture.arena, torture.arena.victim()
    before = len(landed_rows(product))
    roots = [arena.home / f"elsewhere_{number}" for number in range(count)]
    for root in roots:
        shutil.copytree(arena.root / "lib", root / "lib")
    enrich = str(Path(sys.executable).parent / "enrich")
    commands = [
        arena.build_command(product),
        *([*arena.crawl_command()[:-1], str(root)] for root in [*roots, arena.root]),
        *([enrich, "ignore", str(root), "--reason", "planned"] for root in roots),
    ]
    case = Case(torture, product)
    running = [product.start(*command) for command in commands]
    for command, process in zip(commands, running, strict=True):
        output, errors = process.communicate()
        case.hurt(" ".join(command), Ending(process.returncode, output, errors))
        if process.returncode:
            torture.tally.broken.append(
                f"{command} ended with {process.returncode}: {output[-300:]}{errors}"
            )
    arena.refresh(product)
    entries = Counter(entry.manifest["action"] for entry in Witness.entries(product))
    runs = product.query("select count(*) from ingest_runs where action = 'decisions'")
    wanted = product.query(
        "select count(distinct project_path) from projects where contains(project_path,"
        " 'elsewhere')"
    )
    if (runs, wanted, entries["decisions"]) != ([(count,)], [(count,)], count) or len(
        landed_rows(product)
    ) <= before:
        torture.tally.broken.append(f"not all landed: {entries} {runs} {wanted}")
    torture.tally.reads += torture.reader.stop()["reads"]


def storm(torture: Torture, readers: int, builds: int) -> None:
    """Many readers of the published file while builds run: see reader_storm.py."""
    met = reader_storm.storm(
        torture.arena.victim(), torture.arena.home / "victim/meta.duckdb", readers, builds
    )
    torture.tally.cases, torture.tally.reads = met.builds, met.reads
    if met.failed or met.mixed or met.failed_builds:
        torture.tally.broken.append(f"readers: {asdict(met)}")


# -- flips -----------------------------------------------------------------------------------------


def flips(torture: Torture, count: int) -> None:
    """Flip one bit in one file of each kind in turn: verify must name this file, and no other."""
    product, rng = torture.arena.victim(), torture.arena.rng
    backup = torture.arena.home / "backup"
    product.enrich("backup", backup)
    kinds = {
        "landed file": (product.landing, "runs/*/*.parquet"),
        "log manifest": (product.landing, "log/*.json"),
        "zone.json": (product.landing, "zone.json"),
        "landed file in a backup": (backup, "runs/*/*.parquet"),
        "log manifest in a backup": (backup, "log/*.json"),
        "published file in a backup": (backup, "published/*"),
        "published file": (product.published.parent, product.published.name),
        "its note": (product.published.parent, f"{product.published.name}.d/generations/*.json"),
    }
    for where in {where for where, _ in kinds.values()}:
        if named := _named(product, where):
            torture.tally.broken.append(f"control: nothing is flipped and verify names {named}")
    for kind in itertools.islice(itertools.cycle(kinds), count):
        where, pattern = kinds[kind]
        path = rng.choice(sorted(where.glob(pattern)))
        with _flipped(path, rng) as what:
            named = _named(product, where)
        torture.tally.cases += 1
        if named != {str(path)}:
            torture.tally.broken.append(f"{kind}, {what}: verify names {named or 'nothing'}")


@contextlib.contextmanager
def _flipped(path: Path, rng: random.Random) -> Iterator[str]:
    raw = path.read_bytes()
    at, bit = rng.randrange(len(raw)), rng.randrange(8)
    status = path.stat()
    try:
        path.write_bytes(raw[:at] + bytes([raw[at] ^ 1 << bit]) + raw[at + 1 :])
        yield f"bit {bit} of byte {at} of {path}"
    finally:
        path.write_bytes(raw)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _named(product: Product, where: Path) -> set[str]:
    """Return the files with which the lines of verify begin."""
    if where == product.published.parent:
        answer = product.enrich("verify", check=False)
    else:
        answer = product.land("verify", where, check=False)
    found = {
        word
        for line in (answer.stdout + answer.stderr).splitlines()
        if (word := line.partition(": ")[0]).startswith("/") and os.path.isfile(word)
    }
    assert (answer.returncode == 4) == bool(found), answer
    return found


# -- the command -----------------------------------------------------------------------------------

PARTS = ("kills", "failpoints", "faults", "writers", "storm", "flips")


def torment(part: str, arena: Arena, options: argparse.Namespace) -> Tally:
    """Do one part and return its tally."""
    torture = Torture(arena, part)
    began = time.monotonic()
    try:
        _do(part, torture, options)
        torture.tally.is_whole = True
    except KeyboardInterrupt:
        print("interrupted: the tally is of what was done", file=sys.stderr)
    finally:
        torture.reader.end()
    torture.tally.seconds = round(time.monotonic() - began)
    return torture.tally


def _do(part: str, torture: Torture, options: argparse.Namespace) -> None:
    if part == "kills":
        kills(torture, options.count)
    elif part == "flips":
        flips(torture, options.count)
    elif part == "writers":
        writers(torture, options.writers)
    elif part == "storm":
        storm(torture, options.readers, options.builds)
    else:
        if part == "faults" and "world" in options.roles:
            fail_reads(torture, options.at_most)
        for stage in stages(torture, options.roles):
            if part == "faults":
                fail_calls(stage, options.at_most, every=options.every)
            elif options.by == "strace":
                kill_at_calls(stage, options.at_most)
            else:
                kill_at_events(stage, options.at_most)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("part", choices=[*PARTS, "all"])
    made.add_argument("--seed", type=int, default=1)
    made.add_argument("--count", type=int, default=300, help="how many kills, flips")
    made.add_argument("--roles", nargs="+", choices=[*_ROLES, "world"], default=[*_ROLES, "world"])
    made.add_argument(
        "--by", choices=["strace", "events"], default="strace", help="how failpoints are found"
    )
    made.add_argument(
        "--at-most", type=int, help="of each kind of call that is made very often; default: all"
    )
    made.add_argument(
        "--every", action="store_true", help="every errno at every call, not each in turn"
    )
    made.add_argument("--readers", type=int, default=8)
    made.add_argument("--builds", type=int, default=20)
    made.add_argument("--writers", type=int, default=4)
    made.add_argument(
        "--files",
        type=int,
        default=3500,
        help="changed files a world; at 3000 or more, workers read them",
    )
    made.add_argument(
        "--whole-builds",
        action="store_true",
        help="with the tests of the build, which change nothing",
    )
    made.add_argument("--home", type=Path, help="an empty folder to work in; default: a new one")
    return made


def main() -> int:
    options = parser().parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    home = options.home or Path(tempfile.mkdtemp(prefix="torture-"))
    code = 0
    for part in PARTS if options.part == "all" else [options.part]:
        # Only random kills need the many files that make workers read.
        bulk = options.files if part == "kills" else 40
        arena = Arena(home / part, random.Random(options.seed), bulk, options.whole_builds)
        code |= torment(part, arena, options).show()
    return code


if __name__ == "__main__":
    sys.exit(main())
