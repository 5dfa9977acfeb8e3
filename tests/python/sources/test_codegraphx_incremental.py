"""Landing again: nothing twice; what changed supersedes; what cannot be read loses nothing.

Damage is mended.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from codegraphx_fixtures import (
    DOCUMENTS,
    EDGE,
    LINES,
    NODES,
    SCAN_ROW,
    SEARCH,
    catalog,
    content,
    database,
    land,
    landed,
    lines,
    write,
)
from unprivileged import as_nobody

from loaders.base.locks import Busy
from loaders.base.paths import PROJECT_ROOT
from loaders.keeping.compact import compact
from loaders.keeping.verify import verify
from loaders.sources.artifacts import artifact_files, artifact_rows
from loaders.sources.codegraphx.land import land_artifacts, land_codegraphx
from loaders.zone.landing import LandingZone
from loaders.zone.runs import TableWriter

COUNTS = ("landed", "unchanged", "skipped", "quarantined")


def counts(run) -> tuple[int, ...]:
    return tuple(getattr(run.counts, name) for name in COUNTS)


def one_of_each(world: Path) -> int:
    """Write an artifact of every kind, some spoilt, and return how many there are."""
    for kind in (*LINES, *DOCUMENTS):
        write(world / kind / "x", content(kind))
    catalog(world / "catalog.db")
    database(world / "search.db", *SEARCH)
    write(world / "spoilt" / "parse.meta.json", b'{"files_total": NaN')
    write(world / "mixed" / "scan.jsonl", content("scan") + b"odd\n")
    write(world / "notes.txt", b"no artifact")
    return len(LINES) + len(DOCUMENTS) + 4


def test_landing_twice_lands_nothing_twice(zone: LandingZone, world: Path):
    number = one_of_each(world)
    first, summary = land(zone, world)
    assert len(summary.artifacts) == number
    landed_rows, unchanged, skipped, bad = counts(first)
    assert (unchanged, skipped, bad, first.problem_count) == (0, 1, 2, 2)
    files_before = {file.path for entry in zone.entries() for file in entry.files}
    for _ in range(2):
        again, summary = land(zone, world)
        assert counts(again) == (0, landed_rows, skipped, bad)
        # A damaged artifact is reported again, so that --strict fails again.
        assert again.problem_count == 2 and len(summary.artifacts) == number
    assert {file.path for entry in zone.entries() for file in entry.files} == files_before


def test_a_newer_artifact_replaces_the_older_which_stays_in_history(zone: LandingZone, world: Path):
    path = write(world / "scan.jsonl", lines([SCAN_ROW, SCAN_ROW | {"path": "/srv/app/b.py"}]))
    first, _ = land(zone, world)
    path.write_bytes(lines([SCAN_ROW | {"size": 99}]))
    second, summary = land(zone, world)
    assert counts(second) == (1, 0, 0, 0) and summary.artifacts[0].state == "landed"
    assert len(landed(zone, "codegraphx_scan_rows", first)) == 2
    assert [row["size_bytes"] for row in landed(zone, "codegraphx_scan_rows", second)] == [99]
    assert [row["run_id"] for row in landed(zone, "artifacts")] == [first.run_id, second.run_id]


def test_an_artifact_that_is_damaged_later_is_reported_and_can_recover(
    zone: LandingZone, world: Path
):
    path = write(world / "parse.meta.json", content("parse_meta"))
    land(zone, world)
    path.write_bytes(b'{"files_total": ')
    spoilt, _ = land(zone, world)
    assert counts(spoilt) == (0, 0, 0, 1)
    # A file that is no longer an artifact is also reported and not skipped.
    path.write_bytes(b"nothing like it")
    assert counts(land(zone, world)[0]) == (0, 0, 0, 1)
    path.write_bytes(content("parse_meta"))
    assert counts(land(zone, world)[0]) == (1, 0, 0, 0)
    assert [row["state"] for row in landed(zone, "artifacts")] == [
        "landed",
        "quarantined",
        "quarantined",
        "landed",
    ]


def test_an_unchanged_damaged_artifact_does_not_land_again(zone: LandingZone, world: Path):
    write(world / "parse.meta.json", b"{")
    land(zone, world)
    land(zone, world)
    assert len(landed(zone, "artifacts")) == 1


def test_a_changed_prefix_lands_again_and_the_same_does_not(zone: LandingZone, world: Path):
    write(world / "scan.jsonl", content("scan"))
    here = world / "here"
    here.mkdir()
    land(zone, world)
    mapped, _ = land(zone, world, prefixes={"/srv": here})
    assert [row["path_key"] for row in landed(zone, "codegraphx_scan_rows", mapped)] == [
        f"{here}/app/main.py"
    ]
    assert counts(land(zone, world, prefixes={"/srv/": here})[0])[:2] == (0, 1)


def test_artifacts_land_again_if_a_checkout_appears(zone: LandingZone, world: Path):
    write(world / "cgx" / "data" / "scan.jsonl", lines([SCAN_ROW | {"path": "src\\a.py"}]))
    land(zone, world)
    (world / "cgx" / "config").mkdir()
    land(zone, world)
    assert [row["path_key"] for row in landed(zone, "codegraphx_scan_rows")] == [
        "src/a.py",
        f"{world}/cgx/src/a.py",
    ]
    assert [row["checkout_path"] for row in landed(zone, "artifacts")] == [None, f"{world}/cgx"]


def test_a_dry_run_counts_what_would_land_and_lands_nothing(zone: LandingZone, world: Path):
    one_of_each(world)
    rehearsed, _ = land(zone, world, is_rehearsal=True)
    assert not zone.entries()
    assert counts(land(zone, world)[0]) == counts(rehearsed)


def test_a_file_given_twice_lands_once(zone: LandingZone, world: Path):
    path = os.fsencode(write(world / "scan.jsonl", content("scan")))
    run, summary = land_codegraphx(zone, [path, path, os.fsencode(world)], [])
    assert counts(run) == (1, 0, 0, 0) and len(summary.artifacts) == 1


# -- files that move -------------------------------------------------------------------------------


def test_a_file_that_changes_while_it_is_read_is_read_again(
    zone: LandingZone, world: Path, monkeypatch: pytest.MonkeyPatch
):
    path = write(world / "events.jsonl", lines([EDGE] * 3))
    real, changes = artifact_files.ArtifactFile.check, []

    def check(self: artifact_files.ArtifactFile) -> None:
        if not changes:
            changes.append(path.write_bytes(lines(NODES)))
        real(self)

    monkeypatch.setattr(artifact_files.ArtifactFile, "check", check)
    run, _ = land(zone, world)
    assert counts(run) == (5, 0, 0, 0) and {
        row["kind"] for row in landed(zone, "codegraphx_events")
    } == {"node"}


@pytest.mark.parametrize("held_rows", [1, 100_000])
def test_a_file_that_never_stops_changing_is_quarantined(
    zone: LandingZone, world: Path, monkeypatch: pytest.MonkeyPatch, held_rows: int
):
    path = write(world / "events.jsonl", lines([EDGE] * 30))
    write(world / "scan.jsonl", content("scan"))
    monkeypatch.setattr(artifact_rows, "_BUFFER_ROWS", held_rows)
    real = artifact_files.ArtifactFile.check

    def check(self: artifact_files.ArtifactFile) -> None:
        if self.path == os.fsencode(path):
            path.write_bytes(path.read_bytes() + lines([EDGE]))
        real(self)

    monkeypatch.setattr(artifact_files.ArtifactFile, "check", check)
    run, summary = land(zone, world)
    assert counts(run) == (1, 0, 0, 1)
    assert "kept changing" in run.problems[0] and not landed(zone, "codegraphx_events")
    assert {one.state for one in summary.artifacts} == {"landed", "quarantined"}
    assert not verify(zone.path).faults


def test_a_large_damaged_document_leaves_no_rows(
    zone: LandingZone, world: Path, monkeypatch: pytest.MonkeyPatch
):
    """Rows that were written already are taken back; those of other artifacts stay."""
    monkeypatch.setattr(artifact_rows, "_BUFFER_ROWS", 1)
    write(world / "a" / "one.json", content("snapshot"))
    write(world / "b" / "two.json", json.dumps(DOCUMENTS["snapshot"] | {"created_at": 5}).encode())
    write(world / "c" / "three.json", content("snapshot"))
    run, _ = land(zone, world)
    assert counts(run) == (6, 0, 0, 1)
    entries = landed(zone, "codegraphx_snapshot_entries")
    assert {os.path.basename(row["artifact_path"]) for row in entries} == {"one.json", "three.json"}
    assert len(entries) == 4 and not verify(zone.path).faults


def test_an_unreadable_file_is_reported_and_loses_nothing(zone: LandingZone, open_folder: Path):
    path = write(open_folder / "scan.jsonl", content("scan"))
    os.chmod(path, 0o644)
    landing = LandingZone(open_folder / "zone")
    land(landing, path)
    os.chmod(path, 0)
    for folder, _, names in os.walk(landing.path):
        os.chmod(folder, 0o777)
        for name in names:
            os.chmod(os.path.join(folder, name), 0o666)

    def again() -> tuple[tuple[int, ...], list[str]]:
        run, _ = land(LandingZone(open_folder / "zone"), path)
        return counts(run), run.problems

    for _ in range(2):
        found, problems = as_nobody(again)
        assert found == (0, 0, 0, 1) and "Permission denied" in problems[0]


@pytest.mark.parametrize("kind", ["events", "snapshot", "catalog"])
def test_an_input_error_of_a_disk_is_reported(
    zone: LandingZone, world: Path, monkeypatch: pytest.MonkeyPatch, kind: str
):
    path = catalog(world / "c.db") if kind == "catalog" else write(world / "x", content(kind))
    write(world / "scan.jsonl", content("scan"))
    pread, bad = os.pread, os.stat(path).st_ino

    def failing(descriptor: int, *rest: int) -> bytes:
        if os.fstat(descriptor).st_ino == bad:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return pread(descriptor, *rest)

    monkeypatch.setattr(os, "pread", failing)
    run, _ = land(zone, world)
    assert counts(run) == (1, 0, 0, 1) and run.problems == [
        f"{path}: cannot be read: Input/output error"
    ]


@pytest.mark.parametrize("held_rows", [1, 100_000])
def test_a_full_disk_is_not_a_fault_of_an_artifact(
    zone: LandingZone, world: Path, monkeypatch: pytest.MonkeyPatch, held_rows: int
):
    write(world / "events.jsonl", content("events"))
    monkeypatch.setattr(artifact_rows, "_BUFFER_ROWS", held_rows)

    def full(self: TableWriter, table: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(TableWriter, "append_table", full)
        with pytest.raises(OSError, match="No space left"):
            land(zone, world)
    assert [entry.manifest["status"] for entry in zone.entries()] == ["failed"]
    assert counts(land(zone, world)[0]) == (6, 0, 0, 0)


def test_a_missing_artifact_costs_one_warning_and_loses_nothing(zone: LandingZone, world: Path):
    path = write(world / "a" / "scan.jsonl", content("scan"))
    write(world / "b" / "scan.jsonl", content("scan"))
    land(zone, world / "a", world / "b")
    path.unlink()
    path.parent.rmdir()
    run, summary = land(zone, world / "a", world / "b")
    assert counts(run) == (0, 1, 0, 1) and "mount it, or forget it" in run.problems[0]
    assert summary.healthy_given == [os.fsencode(world / "b")]
    assert len(landed(zone, "artifacts")) == 2


# -- runs ------------------------------------------------------------------------------------------


def test_two_landings_of_one_folder_keep_each_other_out(zone: LandingZone, world: Path):
    write(world / "data" / "scan.jsonl", content("scan"))
    entered, leave = threading.Event(), threading.Event()

    def progress(line: str) -> None:
        entered.set()
        leave.wait(10)

    other = LandingZone(zone.path)
    thread = threading.Thread(
        target=land_artifacts, args=(other, [os.fsencode(world)], [], progress)
    )
    thread.start()
    try:
        assert entered.wait(10)
        with pytest.raises(Busy, match="codegraphx of"):
            land(zone, world / "data")
        with pytest.raises(Busy):
            land(zone, world.parent)
    finally:
        leave.set()
        thread.join()
    assert counts(land(zone, world)[0])[:2] == (0, 1)


def test_an_interrupted_landing_is_a_failed_run_without_rows(zone: LandingZone, world: Path):
    one_of_each(world)

    def interrupt(line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        land_artifacts(zone, [os.fsencode(world)], [], interrupt)
    assert [entry.manifest["status"] for entry in zone.entries()] == ["failed"]
    assert land(zone, world)[0].counts.landed > 0
    assert zone.entries()[-1].manifest["status"] == "completed_with_errors"


def test_the_next_landing_clears_the_leftovers_of_a_killed_one(zone: LandingZone, world: Path):
    write(world / "events.jsonl", lines([EDGE] * 1000))
    catalog(world / "z.db")
    kill = (
        "import os, signal, sys; from pathlib import Path;"
        "from loaders.zone.landing import LandingZone;"
        "from loaders.sources.artifacts import artifact_rows;"
        "from loaders.sources.codegraphx import land;"
        "from loaders.sources.codegraphx.sqlite import Database; artifact_rows._BUFFER_ROWS = 1;"
        "Database.prepare = lambda self: os.kill(os.getpid(), signal.SIGKILL);"
        f"land.land_artifacts(LandingZone(Path({str(zone.path)!r})), [{os.fsencode(world)!r}], [])"
    )
    assert (
        subprocess.run([sys.executable, "-c", kill], cwd=PROJECT_ROOT).returncode == -signal.SIGKILL
    )
    [dead] = zone.under_way()
    left = {path.suffix for path in (zone.runs / dead["run_id"]).iterdir()}
    assert {".parquet", ".draft"} <= left
    run, _ = land(zone, world)
    assert counts(run) == (1002, 0, 0, 0) and not zone.under_way()
    assert [entry.manifest["status"] for entry in zone.entries()] == ["failed", "completed"]
    assert not [
        path
        for path in (zone.runs / dead["run_id"]).iterdir()
        if path.suffix in left - {".json", ".lock"}
    ]


def test_many_landings_compact_to_the_same_rows(zone: LandingZone, world: Path):
    one_of_each(world)
    for size in range(3):
        write(world / "scan" / "x", lines([SCAN_ROW | {"size": size}]))
        last, _ = land(zone, world)
    before = {
        table: sorted(map(str, landed(zone, table)))
        for table in ("artifacts", "codegraphx_scan_rows")
    }
    assert compact(zone, []) is not None
    assert before == {table: sorted(map(str, landed(zone, table))) for table in before}
    assert counts(land(zone, world)[0])[0] == 0


@pytest.mark.parametrize(
    "table", ["artifacts", "codegraphx_scan_rows", "artifact_pointers", "path_looks"]
)
@pytest.mark.parametrize("is_compacted", [False, True])
def test_a_damaged_landed_file_is_landed_again_and_replaced(
    zone: LandingZone, world: Path, table: str, is_compacted: bool
):
    write(world / "scan.jsonl", content("scan"))
    write(world / "scan_summary.json", content("scan_summary"))
    land(zone, world)
    if is_compacted:
        write(world / "more" / "scan.jsonl", content("scan"))
        write(
            world / "more" / "scan_summary.json", content("scan_summary").replace(b"/srv", b"/opt")
        )
        land(zone, world)
        compact(zone, [])
    [file] = [file for entry in zone.entries() for file in entry.files if file.table == table]
    file.path.write_bytes(file.path.read_bytes()[:-10])
    assert any("land its artifacts again" in fault for fault in verify(zone.path).faults)
    run, _ = land(zone, world)
    assert counts(run)[0] > 0 and not verify(zone.path).faults
    assert counts(land(zone, world)[0])[0] == 0


def test_a_damaged_file_stays_if_not_all_its_rows_were_landed_again(zone: LandingZone, world: Path):
    write(world / "scan.jsonl", content("scan"))
    gone = write(world / "parse.meta.json", content("parse_meta"))
    land(zone, world)
    gone.unlink()
    [file] = [
        file
        for entry in zone.entries()
        for file in entry.files
        if file.table == "codegraphx_scan_rows"
    ]
    file.path.write_bytes(b"")
    run, _ = land(zone, world)
    assert counts(run)[0] == 1 and not run.replaces and verify(zone.path).faults
