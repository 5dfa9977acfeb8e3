"""A content is read once for signals and code, and each lands what is new to it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from worlds import plant

import loaders.sources.code.land as code_land
import loaders.sources.contents.land as land
import loaders.sources.contents.read as worker
import loaders.sources.contents.wanted as wanted
import loaders.sources.signals.land as signals_land
from loaders.base.locks import Busy
from loaders.keeping.compact import compact
from loaders.sources.code.facts import Code, Import
from loaders.sources.contents.batches import Batch, Request
from loaders.sources.contents.extractor import Extractor
from loaders.sources.contents.parsed import MAX_READ, Parsed
from loaders.zone.landing import LandingZone
from loaders.zone.runs import Counts, Run

SIGNALS, CODE = signals_land.SIGNALS, code_land.CODE
BOTH = (SIGNALS, CODE)
FILES = {
    "app": {"main.py": b"import sys\nsys.exit(1)\n", "copy.py": b"import sys\nsys.exit(1)\n"},
    "lib": {"index.js": b"console.log(1)\n", "empty.py": b"", "notes.md": b"# x\n"},
}


def rows(zone: LandingZone, table: str) -> list[dict]:
    files = [file.path for entry in zone.entries() for file in entry.files if file.table == table]
    return [row for file in files for row in pq.read_table(file).to_pylist()]


def counts(runs: list[Run | None]) -> list[Counts | None]:
    return [run and run.counts for run in runs]


def land_both(zone: LandingZone) -> list[Counts | None]:
    return counts(land.land_contents(zone, [], BOTH))


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Workers of this process, and the paths that they read."""
    read: list[bytes] = []

    class Here:
        def __init__(self, module: str, count: int) -> None:
            pass

        def give(self, batch: Batch, seconds: float) -> Here:
            self.batch = batch
            return self

        def result(self) -> object:
            return worker.extract_batch(self.batch)

        def end(self) -> None:
            pass

    def counted(request: Request, before: Callable = worker._read) -> object:
        read.append(request.path)
        return before(request)

    monkeypatch.setattr(land, "Workers", Here)
    monkeypatch.setattr(worker, "_read", counted)
    return read


def test_a_content_is_read_once_for_both(zone, world, crawl_once, in_this_process):
    plant(world, FILES)
    crawl_once()
    assert land_both(zone) == [Counts(landed=2), Counts(landed=2)]
    assert [path.rpartition(b"/")[2] for path in in_this_process] == [b"copy.py", b"index.js"]
    assert land_both(zone) == [None, None] and len(in_this_process) == 2
    assert {row["language"] for row in rows(zone, "content_code")} == {"JavaScript", "Python"}
    actions = [entry.action for entry in zone.entries()][-2:]
    assert sorted(actions) == ["code", "signals"]


def test_the_log_alone_shows_that_nothing_was_crawled(
    zone, world, crawl_once, in_this_process, monkeypatch
):
    plant(world, FILES)
    crawl_once()
    land_both(zone)
    asked: list[str] = []

    def ask(self: wanted.Wanted, *given: object, before: Callable = wanted.Wanted._ask) -> None:
        asked.append("asked")
        before(self, *given)

    monkeypatch.setattr(wanted.Wanted, "_ask", ask)
    crawl_once()
    compact(zone, [])
    assert land_both(zone) == [None, None] and not asked
    newer = replace(CODE, version=lambda language: f"{CODE.version(language)}-newer")
    assert counts(land.land_contents(zone, [], (SIGNALS, newer))) == [None, Counts(landed=2)]
    assert asked
    plant(world, {"lib": {"more.md": b"# y\n"}})
    crawl_once()
    asked.clear()
    assert land_both(zone) == [None, None] and asked
    (landed,) = [
        file for entry in zone.entries() for file in entry.files if file.table == "file_signals"
    ]
    landed.path.write_bytes(b"cut")
    assert land_both(zone) == [Counts(landed=2), None]


def test_a_file_that_was_not_read_is_asked_for_again(zone, world, crawl_once, in_this_process):
    plant(world, FILES)
    crawl_once()
    plant(world, {"app": {"main.py": b"import os\n", "copy.py": b"import os\n"}})
    assert land_both(zone) == [Counts(landed=1, skipped=1)] * 2
    plant(world, {"app": {"copy.py": FILES["app"]["copy.py"]}})
    assert land_both(zone) == [Counts(landed=1, unchanged=1)] * 2


def test_each_lands_only_what_is_new_to_it(zone, world, crawl_once, in_this_process):
    plant(world, FILES)
    crawl_once()
    assert signals_land.land_signals(zone, []).counts == Counts(landed=2)
    plant(world, {"app": {"more.py": b"print(2)\n"}})
    crawl_once()
    assert land_both(zone) == [Counts(landed=1, unchanged=2), Counts(landed=3)]
    assert len(in_this_process) == 5 and code_land.land_code(zone, []) is None
    newer = replace(CODE, version=lambda language: f"{CODE.version(language)}-newer")
    runs = land.land_contents(zone, [], (SIGNALS, newer))
    assert counts(runs) == [None, Counts(landed=3)]
    assert counts(land.land_contents(zone, [], (SIGNALS, newer))) == [None, None]


def test_a_version_of_one_language_reads_only_its_contents(
    zone, world, crawl_once, in_this_process
):
    plant(world, FILES)
    crawl_once()
    land_both(zone)
    newer = replace(
        CODE, version=lambda language: CODE.version(language) + "x" * (language[0] > "P")
    )
    assert land.land_contents(zone, [], [newer]) == [None]
    newer = replace(
        CODE, version=lambda language: CODE.version(language) + "x" * (language == "Python")
    )
    assert counts(land.land_contents(zone, [], [newer])) == [Counts(landed=1, unchanged=1)]


def test_readmes_are_for_signals_and_notebooks_for_code(zone, world, crawl_once, in_this_process):
    notebook = (
        b'{"nbformat": 4, "metadata": {"kernelspec": {"language": "python"}},'
        b' "cells": [{"cell_type": "code", "source": ["import os\\n", "os.walk(1)"]}]}'
    )
    plant(world, {"README.md": b"# x\n", "a.ipynb": notebook, "b.txt": b"words\n"})
    crawl_once()
    assert land_both(zone) == [Counts(landed=1), Counts(landed=1)]
    assert [row["language"] for row in rows(zone, "file_signals")] == ["readme"]
    assert [row["language"] for row in rows(zone, "content_code")] == ["Python"]


def test_a_file_that_changed_or_cannot_be_read_is_counted_for_both(
    zone, world, crawl_once, in_this_process, monkeypatch
):
    plant(world, {"a.py": b"a = 1\n", "b.py": b"b = 1\n", "c.py": b"c = 1\n"})
    crawl_once()
    (world / "a.py").write_bytes(b"other\n")
    before = worker.read_again

    def refusing(path: bytes, sha256: str, most: int) -> bytes | None:
        if path.endswith(b"b.py"):
            raise PermissionError(13, "Permission denied")
        return before(path, sha256, most)

    monkeypatch.setattr(worker, "read_again", refusing)
    runs = land.land_contents(zone, [], BOTH)
    assert counts(runs) == [Counts(landed=1, skipped=1, quarantined=1)] * 2
    assert all("b.py: cannot be read: Permission denied" in run.problems[0] for run in runs if run)


def test_a_content_too_large_to_read_is_recorded_as_such(zone, world, crawl_once):
    plant(world, {"big.py": b"x = 1\n" * (MAX_READ // 6 + 1)})
    crawl_once()
    assert land_both(zone) == [Counts(landed=1)] * 2
    (row,) = rows(zone, "content_code")
    assert (row["parse_state"], row["total_lines"]) == ("too_large", None)


def test_a_file_that_kills_its_worker_costs_only_itself(zone, world, crawl_once, monkeypatch):
    plant(world, {f"f{number}.py": b"x = %d\n" % number for number in range(5)})
    crawl_once()
    monkeypatch.setattr(land, "_MODULE", "extractors_that_die")
    monkeypatch.setenv(
        "PYTHONPATH", os.pathsep.join([str(Path(__file__).parents[1] / "data"), os.getcwd()])
    )
    of_signals, of_code = land.land_contents(zone, [], BOTH)
    assert of_signals and of_code and of_code.counts == of_signals.counts == Counts(landed=5)
    assert "f3.py" in of_code.problems[0] and of_code.problems[0].endswith("its code is unknown")
    states = [row["parse_state"] for row in rows(zone, "content_code")]
    assert states.count("refused") == 1 and len(states) == 5


def test_what_another_run_lands_is_left_to_it(zone, world, crawl_once, in_this_process):
    plant(world, FILES)
    crawl_once()
    with zone.lock("signals", "landing signals").acquire():
        assert land_both(zone) == [None, Counts(landed=2)]
        with zone.lock("code", "landing code").acquire(), pytest.raises(Busy):
            land_both(zone)


@pytest.mark.parametrize(
    ("table", "landed"),
    [("file_signals", [2, None]), ("content_code", [None, 2]), ("content_imports", [None, 2])],
)
def test_a_damaged_file_is_landed_again(zone, world, crawl_once, in_this_process, table, landed):
    imports = Code("tree", imports=[Import(1, "import", "sys", 0, None, "sys", None)])
    both = (SIGNALS, replace(CODE, extract=lambda parsed: imports))
    plant(world, FILES)
    crawl_once()
    land.land_contents(zone, [], both)
    (file,) = [f for entry in zone.entries() for f in entry.files if f.table == table]
    file.path.write_bytes(b"cut")
    again = counts(land.land_contents(zone, [], both))
    assert again == [number and Counts(landed=number) for number in landed]
    assert counts(land.land_contents(zone, [], both)) == [None, None]
    assert len(rows(zone, table)) == 2


def test_a_worker_gets_bounded_batches():
    requests = [
        Request(str(n), b"p", "Python", size, ("1",)) for n, size in enumerate([1, 3, 9] * 99)
    ]
    small = list(land._batches(requests))
    assert [request for batch in small for request in batch] == requests
    assert max(map(len, small)) == 64
    large = [request._replace(size_bytes=land._BATCH_BYTES) for request in requests[:3]]
    assert [len(batch) for batch in land._batches(large)] == [1, 1, 1]


def test_both_share_one_syntax_tree(monkeypatch):
    parsed = Parsed(b"import os\n", "Python")
    trees = {id(parsed.python)}
    for extractor in BOTH:
        extractor.extract(parsed)
        trees.add(id(parsed.python))
    assert len(trees) == 1
    script = Parsed(b"f()", "JavaScript")
    assert script.tree("javascript") is script.tree("javascript")


@pytest.mark.parametrize("extractor", BOTH, ids=lambda one: one.name)
def test_columns_of_a_worker_are_those_of_the_tables(extractor: Extractor):
    packed = extractor.pack([])
    assert not any(columns[0] for columns in packed.values())
