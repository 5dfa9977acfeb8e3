"""An interrupted crawl can be taken up, and a crawl can read everything again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from worlds import CrawlOnce, landed, plant

from loaders.base.paths import text_of
from loaders.sources.crawl import comparing, crawling, pool
from loaders.sources.crawl.excludes import load_excludes
from loaders.zone.landing import LandingZone

FILES = 1000
BATCH = 100

DIES_WHILE_CRAWLING = """
import os, signal, sys
from pathlib import Path
from loaders.sources.crawl import comparing, crawling, pool
from loaders.sources.crawl.excludes import load_excludes
from loaders.zone.landing import LandingZone

zone, root = Path(sys.argv[1]), os.fsencode(sys.argv[2])
batch, reads = int(sys.argv[3]), int(sys.argv[4])
comparing.BATCH_ROWS, pool._BATCH_FILES, pool._BATCHES_IN_FLIGHT = batch, batch // 2, 0
read_batch, done = pool.read_batch, 0

def read_and_die(files):
    global done
    done += len(files)
    if done > reads:
        os.kill(os.getpid(), signal.SIGKILL)
    return read_batch(files)

pool.read_batch = read_and_die
excludes, is_resumed = load_excludes("default"), len(sys.argv) > 5
crawling.crawl(LandingZone(zone), [root], excludes, ["dies"], resume=is_resumed)
"""


@pytest.fixture
def big_world(world: Path) -> Path:
    plant(world, {f"d{number % 10}": {} for number in range(10)})
    for number in range(FILES):
        path = world / f"d{number % 10}" / f"f{number}.txt"
        path.write_text(f"{number}\n")
        os.utime(path, (1, 1))
    return world


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The paths of the files that are read."""
    paths: list[bytes] = []
    real = pool.read_batch

    def noting(files: list) -> list:
        paths.extend(path for path, _ in files)
        return real(files)

    monkeypatch.setattr(pool, "read_batch", noting)
    return paths


def die_after(zone: LandingZone, world: Path, reads: int, *more: str) -> str:
    """Kill a crawl after *reads* reads and return its run id."""
    known = {note["run_id"] for note in zone.under_way()}
    command = [
        sys.executable,
        "-c",
        DIES_WHILE_CRAWLING,
        zone.path,
        world,
        str(BATCH),
        str(reads),
        *more,
    ]
    assert subprocess.run(command).returncode == -signal.SIGKILL
    [dead] = {note["run_id"] for note in zone.under_way()} - known
    return dead


def resume(zone: LandingZone, world: Path, **how: bool) -> list[dict]:
    crawling.crawl(
        zone, [os.fsencode(world)], load_excludes("default"), ["test"], resume=True, **how
    )
    return contents(zone)


def contents(zone: LandingZone) -> list[dict]:
    rows = [
        {name: value for name, value in row.items() if name != "run_id"}
        for row in landed(zone, "crawl_files")
    ]
    return sorted(rows, key=lambda row: (row["directory_path"], row["name"]))


def test_a_resumed_crawl_reads_only_files_outside_of_saved_parts(
    zone: LandingZone, big_world: Path, tmp_path: Path, reads: list[bytes]
) -> None:
    dead = die_after(zone, big_world, 550)
    whole = resume(zone, big_world)
    assert FILES - 550 <= len(reads) <= FILES - 550 + BATCH
    done, buried = zone.entries()
    assert (done.manifest["status"], done.manifest["parent_run_id"]) == ("completed", dead)
    assert (buried.run_id, buried.manifest["status"]) == (dead, "failed")
    assert not list((zone.runs / dead).glob("*.parquet"))
    assert done.manifest["discovered"] == done.manifest["landed"] == FILES
    undisturbed = LandingZone(tmp_path / "undisturbed")
    assert whole == resume(undisturbed, big_world)


def test_without_resume_the_dead_run_is_landed_as_failed_and_cleared(
    zone: LandingZone, big_world: Path, crawl_once: CrawlOnce, reads: list[bytes]
) -> None:
    dead = die_after(zone, big_world, 550)
    crawl_once(big_world)
    assert len(reads) == FILES
    assert [(entry.run_id == dead, entry.manifest["status"]) for entry in zone.entries()] == [
        (True, "failed"),
        (False, "completed"),
    ]
    assert not list((zone.runs / dead).glob("*.parquet"))


def test_a_resumed_crawl_that_also_dies_can_be_resumed(
    zone: LandingZone, big_world: Path, reads: list[bytes]
) -> None:
    die_after(zone, big_world, 350)
    die_after(zone, big_world, 350, "resume")
    resume(zone, big_world)
    assert FILES - 700 <= len(reads) <= FILES - 700 + 2 * BATCH
    assert [entry.manifest["status"] for entry in zone.entries()] == [
        "completed",
        "failed",
        "failed",
    ]


def test_files_changed_since_the_dead_run_are_read_again(
    zone: LandingZone, big_world: Path, reads: list[bytes]
) -> None:
    die_after(zone, big_world, 550)
    for path in sorted((big_world / "d0").iterdir()):
        path.write_text("changed\n")
    rows = resume(zone, big_world)
    assert {os.fsencode(path) for path in (big_world / "d0").iterdir()} <= set(reads)
    digests = {
        row["sha256"]
        for row in rows
        if row["directory_path"] == text_of(os.fsencode(big_world / "d0"))
    }
    assert len(digests) == 1


def test_a_half_written_part_is_not_used(
    zone: LandingZone, big_world: Path, reads: list[bytes]
) -> None:
    dead = die_after(zone, big_world, 550)
    parts = sorted((zone.runs / dead).glob("crawl_files.*.parquet"))
    parts[0].write_bytes(parts[0].read_bytes()[:-9])
    parts[1].write_bytes(b"")
    resume(zone, big_world)
    assert FILES - 550 + 2 * BATCH <= len(reads) <= FILES - 550 + 3 * BATCH


def test_an_interrupt_from_the_keyboard_also_leaves_its_parts(
    zone: LandingZone, big_world: Path, reads: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparing, "BATCH_ROWS", BATCH)
    monkeypatch.setattr(pool, "_BATCHES_IN_FLIGHT", 0)
    real: Callable = crawling.TreeDigests.open_directory

    def interrupted(self: crawling.TreeDigests, path: bytes, *rest: object) -> object:
        if path.endswith(b"d7"):
            raise KeyboardInterrupt
        return real(self, path, *rest)

    monkeypatch.setattr(crawling.TreeDigests, "open_directory", interrupted)
    with pytest.raises(KeyboardInterrupt):
        resume(zone, big_world)
    monkeypatch.setattr(crawling.TreeDigests, "open_directory", real)
    before = len(reads)
    resume(zone, big_world)
    assert len(reads) - before < FILES - 400
    assert [entry.manifest["status"] for entry in zone.entries()] == ["failed", "completed"]
    assert list(zone.runs.glob("*/crawl_files.*")) != list(
        zone.runs.glob(f"{zone.entries()[1].run_id}/crawl*")
    )


def test_a_crawl_of_another_root_leaves_the_parts_alone(
    zone: LandingZone, big_world: Path, tmp_path: Path
) -> None:
    dead = die_after(zone, big_world, 550)
    plant(tmp_path / "other", {"a.txt": b"a"})
    resume(zone, tmp_path / "other")
    assert list((zone.runs / dead).glob("*.parquet"))


# -- reading everything again ----------------------------------------------------------------------


def test_only_a_rehash_sees_other_content_behind_the_same_times(
    zone: LandingZone, world: Path, crawl_once: CrawlOnce
) -> None:
    """No program can set a file's ctime; so what was landed of it is made to differ instead."""
    plant(world, {"same.txt": b"now\n", "other.txt": b"other\n"})
    os.utime(world / "same.txt", (1, 1))
    crawl_once()
    [row] = [row for row in landed(zone, "crawl_files") if row["name"] == "same.txt"]
    with zone.run("crawl", scope=[text_of(os.fsencode(world))]) as run:
        run.table("crawl_files").append_rows([row | {"sha256": "0" * 64, "is_settled": True}])

    _, summary = crawl_once()
    assert summary.changed == 0, "the times are trusted"
    root = os.fsencode(world)
    run, [summary] = crawling.crawl(zone, [root], load_excludes("default"), ["test"], rehash=True)
    assert (summary.changed, run.counts.landed, run.counts.unchanged) == (1, 1, 1)
    assert landed(zone, "crawl_files")[-1]["sha256"] == row["sha256"]
    run, _ = crawling.crawl(zone, [root], load_excludes("default"), ["test"], rehash=True)
    assert (run.counts.landed, run.counts.unchanged) == (0, 2)
