"""Small doses of torture, and the proof that each detector detects.

The large ones are by hand: torture.py says how.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import torture
from arena import Arena, Reader, Witness, unlike_twin
from exec_trace import reason_not_to_trace
from failpoints import BUILD, LAND, PUBLISH, strace_orders
from product import BIN, Product
from small_project import small_project
from torture import Ending, Torture

from loaders.zone.landing import LandingZone

_untraced = reason_not_to_trace()
needs_strace = pytest.mark.skipif(_untraced is not None, reason=_untraced or "")


@pytest.fixture(scope="module")
def arena(tmp_path_factory) -> Arena:
    return Arena(tmp_path_factory.mktemp("torture"), random.Random(1), bulk=10, by_dbt=False)


@pytest.fixture
def one_part(arena: Arena):
    made = Torture(arena, "test")
    yield made
    made.reader.end()


def test_kills_at_random_moments_lose_nothing_and_land_nothing_twice(one_part, monkeypatch):
    monkeypatch.setattr(torture, "_ROUND", [LAND, BUILD])
    torture.kills(one_part, count=2)
    assert one_part.tally.broken == [] and one_part.tally.cases == 2 and one_part.tally.reads > 0


def test_a_landing_killed_at_its_changes_lands_once_when_it_is_repeated(one_part):
    [stage] = torture.stages(one_part, ["land"])
    torture.kill_at_events(stage, at_most=5)
    assert (
        one_part.tally.broken == []
        and one_part.tally.codes == {-9: one_part.tally.cases}
        and one_part.tally.cases > 4
    )


@needs_strace
def test_a_landing_whose_system_calls_fail_gives_the_reason_and_leaves_nothing_half_done(
    one_part, monkeypatch
):
    monkeypatch.setattr(
        torture, "ERRORS", dict.fromkeys(("fsync", "link", "rename", "write"), "ENOSPC EIO")
    )
    [stage] = torture.stages(one_part, ["land"])
    torture.fail_calls(stage, at_most=1, every=False)
    assert one_part.tally.broken == [] and one_part.tally.cases > one_part.tally.missed


@needs_strace
def test_failpoints_of_strace_strike_where_they_were_found(one_part):
    [stage] = torture.stages(one_part, ["land"])
    victim = stage.victim()
    points = stage.points(["link"])
    assert [point.call for point in points] == ["link"]
    ending = stage.run(
        victim, strace_orders(LAND, stage.log, ["link"], "link:signal=SIGKILL:when=1")
    )
    assert ending.code == -9 and torture.hit(stage.log, stage.folders(victim), "link")
    assert not Witness(victim).broken() and LandingZone(victim.landing).under_way()


def test_concurrent_crawls_decisions_and_builds_all_land(one_part):
    torture.writers(one_part, 2)
    assert one_part.tally.broken == []


def test_verify_names_the_flipped_file_and_nothing_else(one_part):
    torture.flips(one_part, 5)
    assert one_part.tally.broken == []


# -- the detectors ---------------------------------------------------------------------------------


@pytest.fixture
def victim(arena: Arena) -> Product:
    """An installation that was refreshed as the twin was."""
    return arena.copy(arena.twin, "victim")


def newest_entry(product: Product) -> Path:
    return max((product.landing / "log").glob("*.json"))


def test_a_lost_entry_and_a_changed_one_are_reported(victim):
    witness = Witness(victim)
    assert witness.broken() == []
    entry, raw = newest_entry(victim), newest_entry(victim).read_bytes()
    entry.unlink()
    assert witness.broken() == [f"log entry {entry.name} lost"]
    # The effect of a commit that overwrites instead of linking.
    entry.write_bytes(min(entry.parent.glob("*.json")).read_bytes())
    assert f"log entry {entry.name} changed" in witness.broken()
    entry.write_bytes(raw)
    assert witness.broken() == []


def test_a_run_that_claims_to_have_landed_but_did_not_is_reported(victim):
    witness = Witness(victim)
    assert witness.broken('{"run_id": "nowhere"}\n') == ["run nowhere was printed as landed"]
    assert witness.broken("published: version 9\n") == ["it printed that it published"]


def test_a_run_that_is_landed_twice_is_reported(victim, arena):
    assert unlike_twin(victim, arena.twin) == []
    zone = LandingZone(victim.landing)
    source = next(
        file for entry in zone.entries() for file in entry.files if file.table == "crawl_files"
    )
    with zone.run("crawl") as run:
        run.table("crawl_files").append_table(pq.read_table(source.path))
    [reported] = unlike_twin(victim, arena.twin, tables=False)
    assert reported.startswith("landed more than the twin")


def test_missing_rows_and_tables_are_reported(arena):
    found = unlike_twin(arena.victim(), arena.twin)
    assert found[0].startswith("landed less than the twin")
    assert any(line.startswith("files: ") for line in found) and any(
        "gap_findings" in line for line in found
    )


def test_a_truncated_published_file_is_reported(victim):
    witness, reader = Witness(victim), Reader()
    victim.published.write_bytes(victim.published.read_bytes()[:5000])
    assert any("does not answer" in line for line in witness.broken())
    reader.read(victim.published)
    while not (met := reader.stop())["reads"]:
        reader.read(victim.published)
    reader.end()
    assert met["failed"] == met["reads"]


@pytest.mark.parametrize(
    ("ending", "reported"),
    [
        (Ending(1, "", "Traceback (most recent call last):\n"), "a traceback"),
        (Ending(1, "", "/a: Input/output error \x1b[2J\n"), "control characters"),
        (Ending(120, "", "/a: Input/output error\n"), "an undocumented exit code"),
        (Ending(1, "", "/a: Input/output error\n" * 30), "many lines"),
        (Ending(1, "", "/a: failed\n"), "no word of"),
        (Ending(1, "", "Input/output error\n"), "no path"),
    ],
)
def test_an_unclean_end_is_reported(ending, reported):
    assert reported in ending.unclean("Input/output error")[0]
    assert Ending(1, "", "/a: Input/output error\n").unclean("Input/output error") == []


# -- what torture found ----------------------------------------------------------------------------


@needs_strace
def test_the_publisher_of_a_killed_build_still_holds_the_build_lock(arena):
    """Else the next build would start from a log without what this one is about to remember."""
    victim = arena.victim()
    build = [str(BIN / "dbt"), "build", "--project-dir", str(small_project(arena.home / "small"))]
    build += ["--no-use-colors", "--target-path", str(victim.target)]
    slow = strace_orders(
        PUBLISH, arena.home / "slow.log", ["rename"], "rename:delay_enter=60s:when=1"
    )
    victim.environment = torture.failpoints.environment(slow)
    process = victim.start(*build)
    while (
        process.poll() is None
        and not victim.published.with_name("meta.duckdb.d").joinpath("next.duckdb").exists()
    ):
        time.sleep(0.1)
    left_behind = torture._tree(process.pid).keys() - {process.pid}
    process.kill()
    process.communicate()
    victim.environment = {}
    refused = victim.run(*build, check=False)
    for pid in left_behind:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    assert "already under way" in refused.stdout
    assert torture.patiently(victim, build).returncode == 0
