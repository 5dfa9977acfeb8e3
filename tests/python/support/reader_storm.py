"""Reads the published file from many processes while builds run.

No read may fail, and none may see rows of two builds.

By hand: python tests/python/support/reader_storm.py --readers 8 --builds 20
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import duckdb
from golden import commit_all, source, write
from product import Product

from loaders.base.locks import Busy

VIEWS = (
    "v_project_health",
    "v_index_coverage",
    "v_collector_projects",
    "v_gap_backlog",
    "v_next_actions",
)


@dataclass
class Tally:
    """The results of the readers of one file, and the builds that ran meanwhile."""

    builds: int = 0
    failed_builds: int = 0
    reads: int = 0
    versions: int = 0
    failed: int = 0
    mixed: int = 0
    errors: list[str] = field(default_factory=list)


def read_once(path: Path) -> tuple[str, bool]:
    """Open, query all five views, close.

    Return the build's moment, and whether every view is of that build.
    """
    with duckdb.connect(str(path), read_only=True) as db:
        moment = db.execute("select as_of from internal.as_of").fetchone()[0]
        for view in VIEWS:
            db.execute(f"from {view}").fetchall()
        seen = db.execute("select distinct last_seen from v_gap_backlog").fetchall()
        score = db.execute("select count(*), sum(open_gap_count) from v_project_health").fetchone()
        open_gaps = db.execute(
            "select count(*) from v_gap_backlog where status = 'open'"
        ).fetchone()[0]
        after = db.execute("select as_of from internal.as_of").fetchone()[0]
    whole = seen == [(moment,)] and after == moment and score[1] == open_gaps
    return str(moment), whole


def read_until(path: Path, stop: Path) -> Tally:
    # The builds come first: the readers must see many of them and starve none.
    os.nice(15)
    tally, moments = Tally(), set()
    while not stop.exists():
        tally.reads += 1
        try:
            moment, whole = read_once(path)
            moments.add(moment)
            tally.mixed += not whole
        except duckdb.Error as error:
            tally.failed += 1
            tally.errors = sorted({*tally.errors, str(error)[:120]})[:3]
    tally.versions = len(moments)
    return tally


def storm(product: Product, path: Path, readers: int, builds: int) -> Tally:
    """Let *readers* processes read *path* while *product* builds *builds* times.

    Return their sum.
    """
    stop = Path(tempfile.mkdtemp()) / "stop"
    command = [sys.executable, __file__, "--read", str(path), "--stop", str(stop)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(readers)]
    total = Tally()
    try:
        for _ in range(builds):
            total.builds += 1
            total.failed_builds += not _is_built(product)
    finally:
        stop.touch()
    for reader in running:
        tally = json.loads(reader.communicate()[0])
        total.reads += tally["reads"]
        total.failed += tally["failed"]
        total.mixed += tally["mixed"]
        total.versions = max(total.versions, tally["versions"])
        total.errors = sorted({*total.errors, *tally["errors"]})[:3]
    return total


def _is_built(product: Product) -> bool:
    # Readers need neither it nor what it imports.
    from replayed_build import build

    try:
        build(product)
    except (AssertionError, Busy, duckdb.Error):
        return False
    return True


def prepare(home: Path) -> Product:
    """Publish a workspace with one finding in *home*."""
    write(home / "root/untested/core.py", source(3000, "core"))
    commit_all(home / "root/untested")
    product = Product(home / "home")
    product.home.mkdir()
    product.crawl(home / "root")
    assert _is_built(product)
    return product


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=8)
    parser.add_argument("--builds", type=int, default=20)
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--stop", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read:
        print(json.dumps(asdict(read_until(options.read, options.stop))))
        return
    product = prepare(Path(tempfile.mkdtemp()))
    began = time.monotonic()
    for name, path in (
        ("published", product.published),
        (
            "control, the file being built",
            product.published.with_name("meta.duckdb.d") / "build" / "meta.duckdb",
        ),
    ):
        print(
            name,
            json.dumps(asdict(storm(product, path, options.readers, options.builds))),
            flush=True,
        )
    print(f"{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
