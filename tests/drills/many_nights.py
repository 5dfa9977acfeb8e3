"""Refreshes a small workspace on 300 nights, each with a change, and compares the last with the
first ones.

    python tests/drills/many_nights.py [--nights N] [--home FOLDER]

Prints the medians of the refreshes 6 to 15 and of the last ten, in seconds of the clock and of the
processors, and the sizes of what was kept. The exit code is 1 if the last ones take more than 1.3
times as long as the first ones.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import on_path  # noqa: F401

# isort: split
from product import BIN
from real_work import lines, write
from scripted_life import Life, begin

_MOST = 1.3
_FIRST, _LAST = slice(5, 15), slice(-10, None)


class Night(NamedTuple):
    """A refresh: seconds of the clock, and seconds of the processors, with all its children."""

    wall: float
    cpu: float


def change(life: Life, number: int, dice: random.Random) -> None:
    """Edit, add, delete or commit files of one of the repositories."""
    folder = life.code / dice.choice(("api", "lib", "web"))
    kind = dice.choice(("edit", "add", "delete", "commit"))
    added = sorted(folder.glob("added_*.py"))
    if kind == "delete" and added:
        dice.choice(added).unlink()
    elif kind in ("add", "delete"):
        write(folder / f"added_{number}.py", lines(dice.randrange(5, 40), f"added_{number}"))
    else:
        write(folder / "edited.py", lines(20 + number % 7, f"edited_{number}"))
    if kind == "commit":
        life.commit(folder.name, f"Night {number}")


def refresh(life: Life) -> Night:
    """Refresh as a timetable does. Raises SystemExit if nothing was published."""
    before, began = os.times(), time.monotonic()
    process = life.product.start(BIN / "enrich", "refresh-meta", "--quiet", str(life.code))
    out, err = process.communicate()
    if process.returncode:
        raise SystemExit(f"a refresh ended with {process.returncode}: {out}{err}")
    after = os.times()
    cpu = sum(getattr(after, name) - getattr(before, name) for name in _CHILDREN)
    return Night(time.monotonic() - began, cpu)


_CHILDREN = ("children_user", "children_system")


def sizes(life: Life) -> str:
    """Say how large the databases are, and how many files are landed."""
    landed = life.product.landed_files()
    parts = {
        "build database": life.build_database.stat().st_size,
        "published file": life.product.published.stat().st_size,
        "landing zone": sum(landed.values()),
    }
    shown = (f"{name} {size / 1e6:.1f} MB" for name, size in parts.items())
    return ", ".join((*shown, f"{len(landed):,} landed files"))


def ratio(nights: Sequence[Night], what: str) -> float:
    """Print the medians of *what*, and return that of the last ones over that of the first ones."""
    first, last = (
        statistics.median(getattr(night, what) for night in nights[part])
        for part in (_FIRST, _LAST)
    )
    print(f"{what}: refreshes 6 to 15 {first:.2f} s, the last ten {last:.2f} s: {last / first:.2f}")
    return last / first


def main() -> int:
    """Spend the nights; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nights", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--home", type=Path, help="keep everything in this folder")
    options = parser.parse_args()
    home = options.home or Path(tempfile.mkdtemp(prefix="many-nights-"))
    life, dice = Life(home / "life"), random.Random(options.seed)
    begin(life)
    life.product.remember_a_plan()
    nights = []
    for number in range(1, options.nights + 1):
        life.pass_days(1)
        change(life, number, dice)
        nights.append(refresh(life))
        if number % 10 == 0:
            wall, cpu = (statistics.median(part) for part in zip(*nights[-10:], strict=True))
            print(f"{number:3}  {wall:.2f} s, processors {cpu:.2f} s; {sizes(life)}", flush=True)
    ratios = [ratio(nights, what) for what in ("wall", "cpu")]
    if not options.home:
        shutil.rmtree(home, ignore_errors=True)
    return 1 if ratios[0] > _MOST else 0


if __name__ == "__main__":
    sys.exit(main())
