"""Landed facts are kept: merged without loss, verified to the byte, backed up and restored."""

from __future__ import annotations

import hashlib
import json
import os
import random
from collections import Counter
from pathlib import Path

import pytest
from worlds import CrawlOnce, landed, plant

from loaders.base.paths import locations
from loaders.keeping.backups import BackupRefused, back_up, restore
from loaders.keeping.compact import compact, is_due
from loaders.keeping.verify import verify
from loaders.sources import registry
from loaders.sources.crawl.roots import damaged_files
from loaders.zone.commit_log import LandingError
from loaders.zone.landing import LandingZone
from loaders.zone.registered import registered_sources
from loaders.zone.registering import register


@pytest.fixture
def lived_in(zone: LandingZone, world: Path, crawl_once: CrawlOnce) -> LandingZone:
    """A zone of several crawls between which files came, changed and went, and of sources."""
    plant(world, {"a": {"one.txt": b"1", "two.txt": b"2"}, "b": {"three.txt": b"3"}})
    crawl_once()
    register(zone, [os.fsencode(world)], "default", ["test"])
    (world / "a" / "one.txt").write_bytes(b"changed")
    crawl_once()
    register(zone, [os.fsencode(world)], "everything", ["test"])
    (world / "b" / "three.txt").unlink()
    (world / "new.txt").write_bytes(b"new")
    crawl_once()
    return zone


def everything(zone: LandingZone) -> dict[str, list]:
    """Every row of every table, whichever file contains it."""
    return {table: sorted(landed(zone, table), key=repr) for table in registry.TABLES}


def paths_of(zone: LandingZone) -> list[Path]:
    return [file.path for entry in zone.entries() for file in entry.files]


# -- merging ---------------------------------------------------------------------------------------


def test_merging_keeps_every_row_in_one_file_per_table(lived_in: LandingZone) -> None:
    before, files = everything(lived_in), paths_of(lived_in)
    in_several = Counter(file.table for entry in lived_in.entries() for file in entry.files)
    run = compact(lived_in, ["test"])
    assert run is not None and run.counts.unchanged == sum(
        len(rows) for table, rows in before.items() if in_several[table] > 1
    )
    assert everything(lived_in) == before
    merged = [file.table for entry in lived_in.entries() for file in entry.files]
    assert len(merged) == len(set(merged)) < len(files)
    assert all(path.exists() for path in files), (
        "a process that read the log before still needs them"
    )
    assert compact(lived_in, ["test"]) is None, "there is nothing left to merge"


def test_a_crawl_reuses_the_rows_of_merged_files(
    lived_in: LandingZone, crawl_once: CrawlOnce, world: Path
) -> None:
    compact(lived_in, ["test"])
    run, summary = crawl_once()
    assert (run.counts.landed, summary.gone) == (0, 0) and run.counts.unchanged == 3
    (world / "new.txt").unlink()
    _, summary = crawl_once()
    assert summary.gone == 1
    compact(lived_in, ["test"])
    assert crawl_once()[0].counts.landed == 0


def test_the_newest_event_of_a_source_counts_also_after_merging(
    lived_in: LandingZone, world: Path
) -> None:
    before = registered_sources(lived_in)
    compact(lived_in, ["test"])
    assert registered_sources(lived_in) == before and before[0].profile == "everything"


def test_replaced_files_go_only_when_a_published_build_has_read_their_replacement(
    lived_in: LandingZone,
) -> None:
    files = paths_of(lived_in)
    before = everything(lived_in)
    compact(lived_in, ["test"])
    newest = lived_in.entries()[-1].seq
    assert lived_in.discard_replaced(newest - 1) == 0
    with lived_in.reading():
        assert LandingZone(lived_in.path).discard_replaced(newest) == 0, "a build still reads them"
    assert all(path.exists() for path in files)
    assert lived_in.discard_replaced(newest) > 0
    assert set(paths_of(lived_in)) == set(lived_in.runs.glob("*/*.parquet"))
    assert everything(lived_in) == before and verify(lived_in.path).faults == []


def test_a_damaged_file_is_not_merged_and_can_still_be_landed_again(
    lived_in: LandingZone, crawl_once: CrawlOnce, world: Path
) -> None:
    damaged = next(path for path in paths_of(lived_in) if path.name.startswith("crawl_files"))
    raw = bytearray(damaged.read_bytes())
    raw[len(raw) // 2] ^= 4
    damaged.write_bytes(raw)
    run = compact(lived_in, ["test"])
    assert run is not None and run.counts.quarantined == 1 and str(damaged) in run.problems[0]
    assert damaged in paths_of(lived_in)
    damaged.unlink()
    assert damaged_files(lived_in, [os.fsencode(world)]) == [
        str(damaged.relative_to(lived_in.path))
    ]
    crawl_once()
    assert verify(lived_in.path).faults == []


def test_merging_is_due_if_a_table_has_many_files(
    lived_in: LandingZone, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not is_due(lived_in)
    monkeypatch.setattr("loaders.keeping.compact.MOST_FILES_OF_A_TABLE", 2)
    assert is_due(lived_in)
    compact(lived_in, ["test"])
    assert not is_due(lived_in)


# -- verifying -------------------------------------------------------------------------------------


def test_verify_names_every_flipped_bit_and_nothing_else(lived_in: LandingZone) -> None:
    assert verify(lived_in.path).faults == []
    chance = random.Random(3)
    log = [lived_in.log.path_of(entry.seq) for entry in lived_in.entries()]
    targets = [*paths_of(lived_in), *log, lived_in.path / "zone.json"]
    for target in targets:
        whole = target.read_bytes()
        for _ in range(4):
            flipped = bytearray(whole)
            flipped[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
            target.write_bytes(flipped)
            assert [fault.split(": ")[0] for fault in verify(lived_in.path).faults] == [str(target)]
        target.write_bytes(whole)
    assert verify(lived_in.path).faults == []


def test_any_flipped_bit_of_the_newest_entry_is_found(lived_in: LandingZone) -> None:
    target = lived_in.log.path_of(lived_in.entries()[-1].seq)
    whole = target.read_bytes()
    for position in range(len(whole) * 8):
        flipped = bytearray(whole)
        flipped[position // 8] ^= 1 << position % 8
        with pytest.raises(ValueError):
            lived_in.log.parse(lived_in.entries()[-1].seq, bytes(flipped), exactly=True)
    assert lived_in.log.parse(lived_in.entries()[-1].seq, whole, exactly=True)


def test_missing_files_are_named(lived_in: LandingZone) -> None:
    gone = [paths_of(lived_in)[1], lived_in.log.path_of(2)]
    gone[0].unlink()
    assert [fault.split(":")[0] for fault in verify(lived_in.path).faults] == [str(gone[0])]
    gone[1].unlink()
    assert str(gone[1]) in verify(lived_in.path).faults[0]


def test_an_empty_zone_has_nothing_to_verify(tmp_path: Path) -> None:
    with pytest.raises(LandingError, match="no landing zone"):
        verify(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_an_identity_from_before_seals_is_still_read(lived_in: LandingZone) -> None:
    target = lived_in.path / "zone.json"
    old = {
        name: value for name, value in json.loads(target.read_bytes()).items() if name != "sha256"
    }
    target.write_text(json.dumps(old, indent=1))
    assert LandingZone(lived_in.path).identity == old == lived_in.identity


# -- backups ---------------------------------------------------------------------------------------


def digests(folder: Path) -> dict[str, str]:
    """Every byte of the zone or backup in *folder* that matters, by name."""
    files = [folder / "zone.json", *folder.glob("log/*.json"), *folder.glob("runs/*/*.parquet")]
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def test_a_backup_is_a_zone_and_can_be_restored_elsewhere(
    lived_in: LandingZone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = tmp_path / "backup"
    copied = back_up(locations(), backup)
    assert (
        copied.faults == [] and copied.files == len(paths_of(lived_in)) and not copied.has_database
    )
    assert verify(backup).faults == [] and digests(backup) == digests(lived_in.path)
    monkeypatch.setenv("META_LANDING_DIR", str(tmp_path / "elsewhere"))
    restore(backup, locations())
    elsewhere = LandingZone(tmp_path / "elsewhere")
    assert everything(elsewhere) == everything(lived_in) and elsewhere.identity == lived_in.identity


def test_the_next_backup_copies_new_files_and_mends_damaged_ones(
    lived_in: LandingZone, tmp_path: Path, world: Path, crawl_once: CrawlOnce
) -> None:
    backup = tmp_path / "backup"
    back_up(locations(), backup)
    damaged = next(backup.glob("runs/*/*.parquet"))
    damaged.write_bytes(b"x" * damaged.stat().st_size)
    assert len(verify(backup).faults) == 1
    (world / "another.txt").write_text("another")
    crawl_once()
    copied = back_up(locations(), backup)
    new = len(lived_in.entries()[-1].files)
    assert copied.files == new + 1 and copied.runs == 1
    compact(lived_in, ["test"])
    back_up(locations(), backup)
    assert verify(backup).faults == [] and len(list(backup.glob("runs/*/*.parquet"))) == len(
        paths_of(lived_in)
    )


def test_damage_in_the_zone_does_not_reach_the_backup_and_is_mended_from_it(
    lived_in: LandingZone, tmp_path: Path
) -> None:
    backup = tmp_path / "backup"
    back_up(locations(), backup)
    before = digests(lived_in.path)
    cut, lost = paths_of(lived_in)[:2]
    cut.write_bytes(cut.read_bytes()[:-1])
    lost.unlink()
    copied = back_up(locations(), tmp_path / "late")
    assert [fault.split(":")[0] for fault in copied.faults] == [str(cut), str(lost)]
    lived_in.log.path_of(2).write_bytes(b"{}")
    (lived_in.path / "zone.json").unlink()
    restore(backup, locations())
    assert digests(lived_in.path) == before and verify(lived_in.path).faults == []


def test_a_restore_keeps_runs_that_landed_after_the_backup(
    lived_in: LandingZone, tmp_path: Path, world: Path, crawl_once: CrawlOnce
) -> None:
    backup = tmp_path / "backup"
    back_up(locations(), backup)
    (world / "late.txt").write_text("late")
    crawl_once()
    compact(lived_in, ["test"])
    lived_in.discard_replaced(lived_in.entries()[-1].seq)
    before = everything(lived_in), digests(lived_in.path)
    restore(backup, locations())
    assert (everything(lived_in), digests(lived_in.path)) == before


def test_another_history_is_never_overwritten(
    lived_in: LandingZone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = tmp_path / "backup"
    back_up(locations(), backup)
    here = locations()
    monkeypatch.setenv("META_LANDING_DIR", str(tmp_path / "other"))
    with LandingZone(tmp_path / "other").run("sources"):
        pass
    for refused in (lambda: back_up(locations(), backup), lambda: restore(backup, locations())):
        with pytest.raises(BackupRefused, match="another landing zone"):
            refused()
    # A restored copy that went its own way is the same zone by name, and another history.
    monkeypatch.setenv("META_LANDING_DIR", str(tmp_path / "copy"))
    restore(backup, locations())
    for zone in (LandingZone(tmp_path / "copy"), lived_in):
        with zone.run("sources"):
            pass
    back_up(here, backup)
    with pytest.raises(BackupRefused, match="diverge"):
        back_up(locations(), backup)
    assert verify(backup).faults == []


@pytest.mark.parametrize("where", ["zone/inner", "published/meta.duckdb.d/x", "full"])
def test_a_folder_that_cannot_be_a_backup_is_refused(
    lived_in: LandingZone, tmp_path: Path, where: str
) -> None:
    plant(tmp_path / "full", {"mine.txt": b"mine"})
    with pytest.raises(BackupRefused, match=str(tmp_path / where)):
        back_up(locations(), tmp_path / where)
    assert (tmp_path / "full" / "mine.txt").exists()
