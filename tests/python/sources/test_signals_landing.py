"""Signals land once per content, and only if the file is still the crawled one."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from worlds import plant

import loaders.sources.contents.land as contents_land
import loaders.sources.signals.land as land
from loaders.base.locks import Busy
from loaders.zone.landing import LandingZone
from loaders.zone.runs import Counts

CODE = {
    "app": {
        "main.py": b"import sys\nsys.exit(1)\n",
        "copy.py": b"import sys\nsys.exit(1)\n",
        "data.json": b"{}\n",
    },
    "lib": {"index.js": b"console.log(1)\n", "empty.py": b"", "notes.md": b"# x\n"},
}


def rows(zone: LandingZone) -> list[dict]:
    files = [
        file.path
        for entry in zone.entries()
        for file in entry.files
        if file.table == "file_signals"
    ]
    return [row for file in files for row in pq.read_table(file).to_pylist()]


def test_each_source_content_is_landed_once(zone, world, crawl_once):
    plant(world, CODE)
    crawl_once()
    run = land.land_signals(zone, ["signals"])
    assert run.counts == Counts(landed=2)
    assert sorted(row["language"] for row in rows(zone)) == ["JavaScript", "Python"]
    assert {row["parse_state"] for row in rows(zone)} == {"tree"}
    assert land.land_signals(zone, []) is None
    plant(world, {"app": {"more.py": b"print(2)\n"}})
    crawl_once()
    assert land.land_signals(zone, []).counts == Counts(landed=1, unchanged=2)


def test_another_version_of_the_extractor_reads_again(zone, world, crawl_once, monkeypatch):
    plant(world, CODE)
    crawl_once()
    land.land_signals(zone, [])
    monkeypatch.setattr(land, "SIGNALS", replace(land.SIGNALS, version=lambda _: "another"))
    assert land.land_signals(zone, []).counts == Counts(landed=2)


def test_a_file_that_changed_since_the_crawl_is_left_to_the_next_crawl(
    zone, world, crawl_once, tmp_path
):
    plant(
        world,
        {
            "a.py": b"a = 1\n",
            "b.py": b"b = 1\n",
            "c.py": b"c = 1\n",
            "d.py": b"d = 1\n",
            "e.py": b"e = 1\n",
        },
    )
    crawl_once()
    (world / "a.py").write_bytes(b"other\n")
    (world / "b.py").unlink()
    (world / "c.py").unlink()
    (tmp_path / "outside.py").write_bytes(b"c = 1\n")
    (world / "c.py").symlink_to(tmp_path / "outside.py")
    (world / "d.py").unlink()
    os.mkfifo(world / "d.py")
    run = land.land_signals(zone, [])
    assert (run.counts.landed, run.counts.skipped + run.counts.quarantined) == (1, 4)
    assert run.counts.discovered == 5


def test_a_file_too_large_to_read_is_recorded_as_such(zone, world, crawl_once):
    plant(world, {"big.py": b"x = 1\n" * (1 << 20)})
    crawl_once()
    assert land.land_signals(zone, []).counts == Counts(landed=1)
    assert [(row["parse_state"], row["signals"]) for row in rows(zone)] == [("too_large", [])]


def test_a_file_that_kills_its_worker_costs_only_itself(zone, world, crawl_once, monkeypatch):
    plant(world, {f"f{number}.py": b"x = %d\n" % number for number in range(5)})
    crawl_once()
    monkeypatch.setattr(contents_land, "_MODULE", "extractors_that_die")
    monkeypatch.setenv(
        "PYTHONPATH", os.pathsep.join([str(Path(__file__).parents[1] / "data"), os.getcwd()])
    )
    run = land.land_signals(zone, [])
    assert run.counts == Counts(landed=5) and run.problem_count == 1 and "f3.py" in run.problems[0]
    assert sorted(row["parse_state"] for row in rows(zone)) == [
        "refused",
        "tree",
        "tree",
        "tree",
        "tree",
    ]


def test_a_concurrent_run_is_refused(zone, world, crawl_once):
    plant(world, CODE)
    crawl_once()
    with zone.lock("signals", "landing signals").acquire(), pytest.raises(Busy):
        land.land_signals(zone, [])


def test_a_damaged_file_of_signals_is_landed_again(zone, world, crawl_once):
    plant(world, CODE)
    crawl_once()
    land.land_signals(zone, [])
    (file,) = [
        file for entry in zone.entries() for file in entry.files if file.table == "file_signals"
    ]
    file.path.write_bytes(b"cut")
    assert land.land_signals(zone, []).counts == Counts(landed=2)
    assert land.land_signals(zone, []) is None and len(rows(zone)) == 2
