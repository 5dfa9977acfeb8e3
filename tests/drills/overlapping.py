"""Two refreshes of the same folder that overlap, with kills: `python tests/drills/overlapping.py`.

Each round changes a tiny workspace, starts two refreshes 0 to 20 s apart and may kill one of them,
or only the process of its dbt (with -9, at any moment). Afterwards it must hold that

* every refresh that was not killed has published, or was refused with one line and exit code 3;
* with `--wait`, none was refused, and one has published, whatever was killed;
* without it, one has published, unless the only one that was let in was killed: the other one has
  ended by then, with exit code 3;
* no build was published twice, and every refresh that reported a version has published it;
* the published file has the newest change if a refresh that began after it has published;
* nothing is left: no process of the killed one, no held lock.

Prints a line for each round and the tally. Exit code 1: something did not hold.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import on_path  # noqa: F401

# isort: split
from product import BIN, Product

_SECONDS_APART = 20.0
_SECONDS_TO_A_KILL = 45.0
_SECONDS_FOR_ORPHANS = 60.0
_VERSION = re.compile(r"published: version (\d+),")


@dataclass
class Refresh:
    """One refresh of a round: what it printed, and whether it was killed."""

    process: subprocess.Popen[str]
    kill_at: float | None
    is_killed: bool = False
    out: str = ""
    err: str = ""

    @property
    def version(self) -> int | None:
        found = _VERSION.search(self.out)
        return int(found[1]) if found else None

    @property
    def ending(self) -> str:
        if self.is_killed:
            return "killed"
        # One that waited may find nothing new to build.
        done = "up to date" if self.version is None else "published"
        return {0: done, 3: "refused"}.get(self.process.returncode, "failed")


@dataclass
class Round:
    """The plan of a round, and what came of it."""

    apart: float
    is_waiting: bool
    # Seconds after its start at which each of the two is killed, or None.
    kills: tuple[float | None, float | None]
    # Whether only the process of its dbt is killed.
    is_dbt: bool = False
    refreshes: list[Refresh] = field(default_factory=list)

    def __str__(self) -> str:
        words = [f"{self.apart:4.1f} s apart", "--wait" if self.is_waiting else "      "]
        for refresh in self.refreshes:
            at = f" at {refresh.kill_at:.1f} s" if refresh.is_killed else ""
            at += " (dbt)" if refresh.is_killed and self.is_dbt else ""
            words.append(f"{refresh.ending}{at} {refresh.version or ''}".rstrip())
        return " | ".join(words)


def plans(count: int, dice: random.Random) -> Iterator[Round]:
    """Yield the plans of *count* rounds: all kinds in turn, at moments that *dice* choose."""
    for number in range(count):
        victim = (None, 0, 1)[number % 3]
        moment = dice.uniform(0.0, _SECONDS_TO_A_KILL)
        kills = tuple(moment if victim == which else None for which in (0, 1))
        yield Round(
            dice.uniform(0.0, _SECONDS_APART),
            number % 2 == 0,
            (kills[0], kills[1]),
            is_dbt=number % 12 in (4, 5, 7, 8),
        )


def play(product: Product, root: Path, plan: Round) -> None:
    """Start the two refreshes of *plan*, kill whichever it names, and wait for both."""
    words = [BIN / "enrich", "refresh-meta", *(["--wait"] if plan.is_waiting else []), root]
    for which, kill_at in enumerate(plan.kills):
        if which:
            time.sleep(plan.apart)
        refresh = Refresh(product.start(*words), kill_at)
        plan.refreshes.append(refresh)
    began = [time.monotonic() - plan.apart, time.monotonic()]
    for refresh, start in sorted(
        zip(plan.refreshes, began, strict=True), key=lambda pair: pair[0].kill_at is None
    ):
        if refresh.kill_at is not None:
            _kill(refresh, start + refresh.kill_at, is_dbt=plan.is_dbt)
        refresh.out, refresh.err = refresh.process.communicate()


def _kill(refresh: Refresh, moment: float, *, is_dbt: bool) -> None:
    try:
        refresh.process.wait(max(0.0, moment - time.monotonic()))
    except subprocess.TimeoutExpired:
        victim = _dbt_of(refresh.process.pid) if is_dbt else refresh.process.pid
        if victim is not None:
            os.kill(victim, signal.SIGKILL)
            refresh.is_killed = True


def _dbt_of(parent: int) -> int | None:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            is_child = f"PPid:\t{parent}\n" in (folder / "status").read_text()
            if is_child and b"waiting_dbt" in (folder / "cmdline").read_bytes():
                return int(folder.name)
        except OSError:
            continue
    return None


def faults(product: Product, plan: Round, marker: str, before: set[int]) -> Iterator[str]:
    """Yield what did not hold after the round, in a line each."""
    for refresh in plan.refreshes:
        if refresh.ending == "failed":
            yield f"exit code {refresh.process.returncode}: {refresh.out}{refresh.err}"
        if refresh.ending == "refused" and (plan.is_waiting or refresh.err.count("\n") != 1):
            yield f"refused: {refresh.err}"
    if (left := _left_processes(product)) and not _ends(lambda: not _left_processes(product)):
        yield f"left processes: {left}"
    notes = _notes(product)
    ids = [note["invocation_id"] for note in notes.values()]
    if len(ids) != len(set(ids)):
        yield f"a build was published twice: {ids}"
    for refresh in plan.refreshes:
        if refresh.ending == "published" and refresh.version not in notes:
            yield f"version {refresh.version} was reported and is lost; there are {sorted(notes)}"
    # One that was killed may have published before, or its publication ended by itself.
    published = [refresh for refresh in plan.refreshes if refresh.ending == "published"]
    added, killed = len(set(notes) - before), sum(one.is_killed for one in plan.refreshes)
    if not len(published) <= added <= len(published) + killed:
        yield f"{added} versions were added by {len(published)} refreshes that published"
    if published and not product.query("select 1 from files where file_path = ?", marker):
        yield f"{marker} is not in the published file"
    if not published and (plan.is_waiting or not killed):
        yield "neither published"


def _notes(product: Product) -> dict[int, dict]:
    folder = product.published.with_name("meta.duckdb.d") / "generations"
    paths = [*folder.glob("*.json"), *folder.glob("*.pending")]
    return {int(path.stem): json.loads(path.read_bytes()) for path in paths}


def _left_processes(product: Product) -> list[str]:
    """Return the command lines of processes that work on the published file of *product*."""
    mark, found = f"META_DB_PATH={product.published}".encode(), []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                line = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
                if line and int(folder.name) != os.getpid():
                    found.append(line.decode(errors="replace"))
        except OSError:
            continue
    return found


def _ends(is_over: Callable[[], bool]) -> bool:
    until = time.monotonic() + _SECONDS_FOR_ORPHANS
    while time.monotonic() < until:
        if is_over():
            return True
        time.sleep(0.2)
    return False


def _change(root: Path, number: int) -> str:
    name = f"file_{number}.py"
    (root / name).write_text(f"print({number})\n")
    return name


def main() -> int:
    """Play the rounds, print what came of each, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    tally: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        product, root = Product(Path(folder) / "home"), Path(folder) / "ws"
        product.home.mkdir()
        (root / "project" / ".git").mkdir(parents=True)
        for number, plan in enumerate(plans(options.rounds, random.Random(options.seed)), 1):
            marker, before = _change(root, number), set(_notes(product))
            play(product, root, plan)
            wrong = list(faults(product, plan, marker, before))
            tally.update(refresh.ending for refresh in plan.refreshes)
            tally["rounds"] += 1
            tally["rounds with a fault"] += bool(wrong)
            print(f"{number:>3}  {plan}", *wrong, sep="\n     ", flush=True)
    print(", ".join(f"{count} {what}" for what, count in sorted(tally.items())))
    return 1 if tally["rounds with a fault"] else 0


if __name__ == "__main__":
    sys.exit(main())
