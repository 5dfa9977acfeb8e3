"""The landing zone: what is committed is whole, in order, and survives every kind of end."""

from __future__ import annotations

import errno
import json
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from worlds import landed, tables_of

from loaders.base import sealed
from loaders.base.locks import Busy, FileLock, is_held
from loaders.sources import registry
from loaders.zone import runs
from loaders.zone.landing import LandingError, LandingZone
from loaders.zone.registered import Registered, registered_sources
from loaders.zone.registering import forget, register

EVENT = {"kind": "root", "path": "/a", "profile": "default", "event": "added"}


def land_one(zone: LandingZone, action: str = "sources", **facts) -> str:
    with zone.run(action, ["test"], **facts) as run:
        run.table("source_events").append_rows([EVENT])
        run.counts.landed += 1
    return run.run_id


def child(program: str, *arguments: object) -> subprocess.Popen[str]:
    """Start a program of the test that may wait on its standard input and print to its output."""
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


HANGS_IN_A_RUN = """
import sys
from pathlib import Path
from loaders.zone.landing import LandingZone
with LandingZone(Path(sys.argv[1])).run("crawl", ["x"], ["/a"]) as run:
    table = run.table("source_events")
    table.append_rows([{"kind": "root", "path": "/a"}])
    print(run.run_id, flush=True)
    sys.stdin.read()
"""


# -- what a run leaves -----------------------------------------------------------------------------


def test_a_landed_run_is_read_back_unchanged(zone: LandingZone) -> None:
    run_id = land_one(zone, scope=["/a"], config_hash="c0ffee")
    [entry] = zone.entries()
    assert entry.seq == 1 and entry.run_id == run_id
    assert entry.manifest["status"] == "completed" and entry.manifest["config_hash"] == "c0ffee"
    assert entry.manifest["error_count"] == 0 and entry.manifest["error_message"] is None
    [row] = landed(zone, "source_events")
    assert row["run_id"] == run_id and row["path"] == "/a" and row["happened_at"] is None
    [file] = entry.files
    assert file.rows == 1 and file.path.stat().st_size == file.bytes and file.is_healthy()


def test_discovered_is_the_sum_of_the_outcomes(zone: LandingZone) -> None:
    with zone.run("crawl") as run:
        run.counts.landed, run.counts.unchanged, run.counts.skipped, run.counts.quarantined = (
            1,
            20,
            300,
            4000,
        )
    manifest = zone.entries()[0].manifest
    assert manifest["discovered"] == 4321
    assert [manifest[name] for name in ("landed", "unchanged", "skipped", "quarantined")] == [
        1,
        20,
        300,
        4000,
    ]


def test_a_run_without_rows_has_no_files(zone: LandingZone) -> None:
    with zone.run("crawl") as run:
        run.table("source_events").append_rows([])
    assert zone.entries()[0].files == ()
    assert zone.entries()[0].manifest["status"] == "completed"


def test_problems_are_counted_cleaned_and_kept_up_to_a_limit(zone: LandingZone) -> None:
    with zone.run("crawl", ["a\x1b[31m"]) as run:
        for number in range(run.PROBLEMS_KEPT + 10):
            run.problem(f"bad\x1b[2J {number}")
    manifest = zone.entries()[0].manifest
    assert manifest["status"] == "completed_with_errors"
    assert manifest["error_count"] == run.PROBLEMS_KEPT + 10
    assert manifest["error_message"].count("bad\\x1b[2J") == run.PROBLEMS_KEPT
    assert manifest["argv"] == ["a\\x1b[31m"]


def test_a_clock_that_is_set_back_does_not_reorder_runs(zone: LandingZone, monkeypatch) -> None:
    runs = []
    for moment in ("2030-01-01T00:00:00", "2020-01-01T00:00:00", "2025-01-01T00:00:00+05:00"):
        monkeypatch.setenv("META_NOW", moment)
        runs.append(land_one(zone))
    assert [entry.run_id for entry in zone.entries()] == runs
    assert [entry.seq for entry in zone.entries()] == [1, 2, 3]
    assert all(
        entry.manifest["ended_at"] >= entry.manifest["started_at"] for entry in zone.entries()
    )
    assert zone.entries()[2].manifest["started_at"] == "2024-12-31T19:00:00+00:00"
    assert zone.entries()[2].manifest["meta_now"] == "2025-01-01T00:00:00+05:00"


def test_identity_is_written_once(tmp_path: Path, monkeypatch) -> None:
    first = LandingZone(tmp_path / "z").identity
    monkeypatch.setenv("META_HOST_LABEL", "another")
    assert LandingZone(tmp_path / "z").identity == first and first["host_label"] == "test-host"
    assert LandingZone(tmp_path / "other").host_label == "another"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format_version": 99}'])
def test_a_foreign_identity_is_refused_by_name(tmp_path: Path, content: str) -> None:
    LandingZone(tmp_path / "z")
    (tmp_path / "z" / "zone.json").write_text(content)
    with pytest.raises(LandingError, match="zone.json"):
        LandingZone(tmp_path / "z")


# -- failing ---------------------------------------------------------------------------------------


def test_a_failing_block_lands_its_error_and_no_files(zone: LandingZone) -> None:
    with pytest.raises(RuntimeError, match="half way"), zone.run("crawl", [], ["/a"]) as run:
        run.table("source_events").append_rows([EVENT])
        run.counts.landed += 1
        raise RuntimeError("half way")
    [entry] = zone.entries()
    assert entry.files == () and entry.manifest["status"] == "failed"
    assert entry.manifest["error_message"] == "RuntimeError: half way"
    assert entry.manifest["discovered"] == 0
    assert not list(run.directory.glob("*.parquet"))
    assert zone.under_way() == []


def test_an_interrupt_is_recorded_with_unknown_counts(zone: LandingZone) -> None:
    with pytest.raises(KeyboardInterrupt), zone.run("crawl") as run:
        run.table("source_events").append_rows([EVENT])
        raise KeyboardInterrupt
    [entry] = zone.entries()
    assert (
        entry.manifest["status"] == "failed"
        and entry.manifest["error_message"] == "KeyboardInterrupt"
    )
    assert entry.manifest["discovered"] is None and entry.manifest["landed"] is None


def test_an_interrupt_after_the_commit_takes_nothing_back(zone: LandingZone, monkeypatch) -> None:
    real = sealed.flush_directory

    def interrupted(path: Path) -> None:
        real(path)
        if path == zone.log.folder:
            raise KeyboardInterrupt

    monkeypatch.setattr(sealed, "flush_directory", interrupted)
    with pytest.raises(KeyboardInterrupt):
        land_one(zone)
    monkeypatch.undo()
    [entry] = zone.entries()
    assert entry.manifest["status"] == "completed" and entry.files[0].is_healthy()


@pytest.mark.parametrize(
    ("where", "fails"), [(runs, "_flush_and_digest"), (sealed, "write_durably")]
)
def test_a_full_disk_at_the_commit_leaves_the_state_before(
    zone: LandingZone, monkeypatch, where, fails: str
) -> None:
    before = land_one(zone)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space"), zone.run("crawl", [], ["/a"]) as run:
        run.table("source_events").append_rows([EVENT])
        monkeypatch.setattr(where, fails, full)
    monkeypatch.undo()
    assert not list(run.directory.glob("*.parquet")) and not list(run.directory.glob("*.draft"))
    # Where even the error could not be written, the next run of the kind lands it.
    with zone.run("crawl", [], ["/a"]):
        pass
    statuses = [(entry.run_id, entry.manifest["status"]) for entry in zone.entries()]
    assert statuses[:2] == [(before, "completed"), (run.run_id, "failed")] and len(statuses) == 3
    assert [row["run_id"] for row in landed(zone, "source_events")] == [before]


# -- being killed ----------------------------------------------------------------------------------


def test_the_next_run_of_a_kind_lands_a_killed_one_as_failed(
    zone: LandingZone,
) -> None:
    process = child(HANGS_IN_A_RUN, zone.path)
    run_id = process.stdout.readline().strip()
    [note] = zone.under_way()
    assert note["run_id"] == run_id and note["is_alive"] and note["pid"] == process.pid
    land_one(zone, "crawl", scope=["/a"])
    assert [entry.run_id for entry in zone.entries()].count(run_id) == 0, "a living run was buried"

    process.kill()
    process.communicate()
    [note] = zone.under_way()
    assert note["run_id"] == run_id and not note["is_alive"]
    assert list((zone.runs / run_id).glob("*.parquet"))
    land_one(zone, "crawl", scope=["/b"])
    land_one(zone, "observe", scope=["/a"])
    assert run_id not in [entry.run_id for entry in zone.entries()], (
        "a run of another kind or scope buried it"
    )

    land_one(zone, "crawl", scope=["/a"])
    [buried] = [entry for entry in zone.entries() if entry.run_id == run_id]
    assert buried.manifest["status"] == "failed" and "killed" in buried.manifest["error_message"]
    assert buried.manifest["discovered"] is None and buried.manifest["duration_seconds"] is None
    assert buried.files == () and not list((zone.runs / run_id).glob("*.parquet"))
    assert zone.under_way() == []
    land_one(zone, "crawl", scope=["/a"])
    assert [entry.run_id for entry in zone.entries()].count(run_id) == 1, "buried twice"


def test_many_processes_record_a_killed_run_once(zone: LandingZone) -> None:
    process = child(HANGS_IN_A_RUN, zone.path)
    run_id = process.stdout.readline().strip()
    process.kill()
    process.communicate()
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: land_one(zone, "crawl", scope=["/a"]), range(8)))
    assert [entry.run_id for entry in zone.entries()].count(run_id) == 1
    assert len(zone.entries()) == 9


LANDS_MANY = """
import sys
from pathlib import Path
from loaders.zone.landing import LandingZone
zone = LandingZone(Path(sys.argv[1]))
for number in range(int(sys.argv[3])):
    with zone.run("sources", []) as run:
        row = {"kind": "root", "path": f"{sys.argv[2]}/{number}"}
        run.table("source_events").append_rows([row])
        run.counts.landed += 1
"""


def test_each_commit_of_many_processes_is_landed_once(tmp_path: Path) -> None:
    # All of them also make the zone at the same moment. A reader that runs meanwhile must find no
    # damage.
    writers = [child(LANDS_MANY, tmp_path / "zone", name, 15) for name in range(4)]
    while any(writer.poll() is None for writer in writers):
        if (tmp_path / "zone" / "zone.json").exists():
            zone = LandingZone(tmp_path / "zone")
            zone.under_way()
            assert all(file.is_healthy() for entry in zone.entries()[-3:] for file in entry.files)
        time.sleep(0.01)
    assert [writer.communicate() and writer.returncode for writer in writers] == [0] * 4
    entries = LandingZone(tmp_path / "zone").entries()
    assert [entry.seq for entry in entries] == list(range(1, 61))
    assert {entry.manifest["status"] for entry in entries} == {"completed"}
    paths = [row["path"] for row in landed(LandingZone(tmp_path / "zone"), "source_events")]
    assert sorted(paths) == sorted(f"{name}/{number}" for name in range(4) for number in range(15))
    for name in range(4):
        assert [path for path in paths if path.startswith(f"{name}/")] == [
            f"{name}/{number}" for number in range(15)
        ]


# -- a damaged log ---------------------------------------------------------------------------------


def damage_by_cutting(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def damage_by_editing(path: Path) -> None:
    path.write_text(path.read_text().replace('"completed"', '"failed"'))


def damage_by_writing_another(path: Path) -> None:
    path.write_text("[]")


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize(
    "damage", [damage_by_cutting, damage_by_editing, damage_by_writing_another]
)
def test_a_damaged_entry_is_named(zone: LandingZone, damage, number: int) -> None:
    for _ in range(3):
        land_one(zone)
    assert len(zone.entries()) == 3
    path = zone.log.path_of(number)
    damage(path)
    with pytest.raises(LandingError, match=path.name):
        LandingZone(zone.path).entries()
    with pytest.raises(LandingError, match=path.name):
        land_one(LandingZone(zone.path))


def test_a_missing_entry_is_named(zone: LandingZone) -> None:
    for _ in range(3):
        land_one(zone)
    zone.log.path_of(2).unlink()
    with pytest.raises(LandingError, match=f"{2:020}.json: missing"):
        LandingZone(zone.path).entries()


def test_an_entry_of_another_zone_does_not_follow(zone: LandingZone, tmp_path: Path) -> None:
    other = LandingZone(tmp_path / "other")
    for where in (zone, other):
        land_one(where)
        land_one(where)
    name = f"{2:020}.json"
    zone.log.path_of(2).write_bytes(other.log.path_of(2).read_bytes())
    with pytest.raises(LandingError, match=f"{name}: does not follow"):
        LandingZone(zone.path).entries()


def test_foreign_files_in_a_zone_are_harmless(zone: LandingZone) -> None:
    (zone.runs / ".DS_Store").write_text("x")
    (zone.runs / "README").write_text("x")
    (zone.log.folder / ".DS_Store").write_text("x")
    (zone.log.folder / "1.json.swp").write_text("x")
    land_one(zone)
    assert len(zone.entries()) == 1 and zone.under_way() == []


def test_a_landed_file_that_is_lost_or_cut_is_not_healthy(zone: LandingZone) -> None:
    for _ in range(3):
        land_one(zone)
    whole, cut, lost = (entry.files[0] for entry in zone.entries())
    cut.path.write_bytes(cut.path.read_bytes()[:-1])
    lost.path.unlink()
    assert [file.is_healthy() for file in (whole, cut, lost)] == [True, False, False]


def test_an_input_error_is_not_damage(zone: LandingZone, monkeypatch) -> None:
    land_one(zone)
    [file] = zone.entries()[0].files
    real = Path.stat

    def failing(self: Path, **how: object) -> object:
        if self == file.path:
            raise OSError(errno.EIO, "Input/output error")
        return real(self, **how)

    monkeypatch.setattr(Path, "stat", failing)
    with pytest.raises(OSError, match=file.path.name):
        file.is_healthy()
    monkeypatch.undo()
    assert file.is_healthy()


def test_an_empty_table_can_be_read(zone: LandingZone) -> None:
    import pyarrow.parquet as pq

    for name, schema in registry.TABLES.items():
        assert pq.read_schema(zone.empty_table(name)).names == schema.names
        assert pq.read_metadata(zone.empty_table(name)).num_rows == 0


# -- locks -----------------------------------------------------------------------------------------

HOLDS = """
import sys
from pathlib import Path
from loaders.base.locks import FileLock
with FileLock(Path(sys.argv[1]), sys.argv[2], shared=sys.argv[3] == "shared"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("kind", ["alone", "shared"])
def test_a_refusal_names_the_holder_and_a_killed_process_holds_no_lock(
    tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "locks" / "a.lock"
    with FileLock(path, "an earlier holder"):
        pass
    holder = child(HOLDS, path, "crawl of /here", kind)
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(Busy) as refused:
        FileLock(path, "mine").acquire()
    assert f"crawl of /here, pid {holder.pid} on " in str(refused.value)
    assert "an earlier holder" not in str(refused.value)
    assert path.exists()
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    with FileLock(path, "mine"):
        assert is_held(path)
    assert not is_held(path) and path.exists()


def test_shared_holders_do_not_keep_each_other_out_and_are_all_named(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    first, second = (child(HOLDS, path, purpose, "shared") for purpose in ("one", "two"))
    assert first.stdout.readline() == second.stdout.readline() == "held\n"
    with pytest.raises(
        Busy, match=f"one, pid {first.pid}.*two, pid {second.pid}|two, pid.*one, pid"
    ):
        FileLock(path, "mine").acquire()
    second.kill()
    second.communicate()
    with pytest.raises(Busy) as refused:
        FileLock(path, "mine").acquire()
    assert "one, pid" in str(refused.value) and "two, pid" not in str(refused.value)
    first.kill()
    first.communicate()
    FileLock(path, "mine").acquire().release()


def test_a_note_that_makes_no_sense_is_only_a_note(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    with FileLock(path, "held"):
        for note in (b"", b"[]", b"{\n\xff", json.dumps({"pid": 1}).encode()):
            path.write_bytes(note)
            with pytest.raises(Busy, match="no note"):
                FileLock(path, "mine").acquire()


def test_a_lock_is_not_taken_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("precious")
    (tmp_path / "a.lock").symlink_to("target")
    with pytest.raises(OSError):
        FileLock(tmp_path / "a.lock", "mine").acquire()
    assert (tmp_path / "target").read_text() == "precious"


# -- sources ---------------------------------------------------------------------------------------


def test_the_newest_event_of_a_source_counts(zone: LandingZone) -> None:
    odd = b"/odd\n\xff"
    assert register(zone, [b"/a", odd], "default", []) == [b"/a", odd]
    assert register(zone, [b"/a"], "default", []) == []
    assert len(zone.entries()) == 1
    assert register(zone, [b"/a"], "everything", []) == [b"/a"]
    assert registered_sources(zone) == [
        Registered("root", "/a", "everything"),
        Registered("root", "/odd\\x0a\\xff", "default"),
    ]
    assert registered_sources(zone)[1].path_bytes == odd
    assert forget(zone, [b"/a", b"/never"], []) == [b"/a"]
    assert forget(zone, [b"/a"], []) == []
    assert [source.path_bytes for source in registered_sources(zone)] == [odd]
    assert register(zone, [b"/a"], "default", []) == [b"/a"]
    assert tables_of(zone, zone.entries()[-1].run_id) == {"source_events"}
