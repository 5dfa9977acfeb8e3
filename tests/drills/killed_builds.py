"""Kills refreshes at random moments, and compares what the next one makes with a whole build.

    python tests/drills/killed_builds.py [--kills N] [--seed N]

Each round changes a small workspace, and kills the refresh after it with all its processes, or only
one of these. The next refresh must publish, and then no table of its build database may differ from
that of a twin which was never killed: a whole build over the same landing zone. Prints a line for
each round, and what the killed refreshes were doing. The exit code is 1 if a table differs.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import on_path  # noqa: F401

# isort: split
from equal_tables import differences_of_builds
from many_nights import change
from product import BIN
from scripted_life import Life, begin, whole_build

_SHOWN = 5


def processes_of(life: Life) -> dict[int, str]:
    """Return the processes that work on the installation: id → what each is."""
    mark, found = f"META_DB_PATH={life.product.published}".encode(), {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
                found[int(folder.name)] = _name_of(words)
    found.pop(os.getpid(), None)
    return found


def _name_of(words: list[str]) -> str:
    if "-m" in words[:-1]:
        return words[words.index("-m") + 1].rpartition(".")[2]
    return next((Path(word).name for word in words[1:] if word), "?")


def start(life: Life) -> subprocess.Popen[str]:
    return life.product.start(BIN / "enrich", "refresh-meta", "--quiet", str(life.code))


def kill(life: Life, moment: float, *, is_whole: bool, dice: random.Random) -> str:
    """Start a refresh and kill it after *moment* seconds; return what was killed."""
    process = start(life)
    try:
        process.wait(moment)
        return "ended before"
    except subprocess.TimeoutExpired:
        pass
    found = processes_of(life)
    victims = list(found) if is_whole or not found else [dice.choice(sorted(found))]
    for pid in victims:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.communicate()
    names = sorted({found[pid] for pid in victims} - {"enrich"}) or ["enrich"]
    return "+".join(names) if is_whole else f"only {names[0]}"


def faults(life: Life, scratch: Path) -> Iterator[str]:
    """Refresh again; yield what is wrong then."""
    process = start(life)
    out, err = process.communicate()
    if process.returncode:
        yield f"the next refresh ended with {process.returncode}: {out}{err}"
        return
    yield from differences_of_builds(life.build_database, whole_build(life, scratch))
    shutil.rmtree(scratch)


def main() -> int:
    """Play the rounds; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    dice, tally, kills, number = random.Random(options.seed), Counter[str](), 0, 0
    with tempfile.TemporaryDirectory(prefix="killed-builds-") as folder:
        life = Life(Path(folder) / "life")
        begin(life)
        life.product.remember_a_plan()
        seconds = 0.0
        for _ in range(3):
            began = time.monotonic()
            start(life).communicate()
            seconds = time.monotonic() - began
            life.pass_minutes()
        while kills < options.kills:
            number += 1
            life.pass_minutes()
            change(life, number, dice)
            moment = dice.uniform(0, 1.2 * seconds)
            what = kill(life, moment, is_whole=number % 2 == 0, dice=dice)
            kills += what != "ended before"
            life.pass_minutes()
            wrong = list(faults(life, Path(folder) / "whole"))
            tally.update([what, "rounds with a fault"] if wrong else [what])
            shown = [line[:500] for line in wrong[:_SHOWN]]
            print(f"{number:3}  {moment:5.2f} s  {what}", *shown, sep="\n     ", flush=True)
    print(
        f"{kills} kills: " + ", ".join(f"{count} {what}" for what, count in sorted(tally.items()))
    )
    return 1 if tally["rounds with a fault"] else 0


if __name__ == "__main__":
    sys.exit(main())
