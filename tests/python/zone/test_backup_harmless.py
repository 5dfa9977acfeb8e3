"""A backup and a restore harm nothing: neither files of others, nor a zone, nor each other."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import failpoints
import pytest
from keeping_world import append_crafted, file_item, land_one, publish_one, text_of, tree_of
from typed import ask, land
from unprivileged import as_nobody

from loaders.base.locks import Busy
from loaders.base.paths import PROJECT_ROOT, locations
from loaders.base.sealed import seal, unseal
from loaders.keeping import backups
from loaders.keeping.backups import BackupRefused, back_up, restore
from loaders.keeping.compact import compact
from loaders.keeping.verify import verify
from loaders.zone.commit_log import LandingError
from loaders.zone.landing import LandingZone

RUN = "20260301T120000Z-crawl-0badcafe"


@pytest.fixture
def lived_in(zone: LandingZone) -> LandingZone:
    """A zone of three runs."""
    for _ in range(3):
        land_one(zone)
    return zone


@pytest.fixture
def backup(lived_in: LandingZone, tmp_path: Path) -> Path:
    """A backup of it."""
    back_up(locations(), tmp_path / "backup")
    return tmp_path / "backup"


def zone_bytes(zone: Path) -> dict[str, bytes]:
    """Every byte of a zone or a backup that counts."""
    files = [zone / "zone.json", *zone.glob("log/*.json"), *zone.glob("runs/*/*.parquet")]
    return {str(path.relative_to(zone)): path.read_bytes() for path in files}


# -- the folder of a backup ------------------------------------------------------------------------


def _app_with_a_log(folder: Path) -> None:
    (folder / "log").mkdir(parents=True)
    (folder / "log" / "app.log").write_text("started")
    (folder / "published").mkdir()
    (folder / "published" / "book.pdf").write_text("a book")


def _app_with_an_empty_log(folder: Path) -> None:
    (folder / "log").mkdir(parents=True)


def _app_with_a_zone_file(folder: Path) -> None:
    _app_with_a_log(folder)
    (folder / "zone.json").write_text('{"zone": "Europe/Berlin"}')


def _mark_of_others(folder: Path) -> None:
    folder.mkdir()
    (folder / "backup.json").write_text('{"app": "notes"}')


def _mark_of_another_zone(folder: Path) -> None:
    folder.mkdir()
    (folder / "backup.json").write_bytes(
        seal({"kind": "backup of a landing zone", "zone_id": "f" * 32})
    )


def _a_file(folder: Path) -> None:
    folder.write_text("mine")


def _a_fifo(folder: Path) -> None:
    os.mkfifo(folder)


def _a_link_to_nowhere(folder: Path) -> None:
    folder.symlink_to(folder.with_name("nowhere"))


def _a_zone_in_use(folder: Path) -> None:
    """The same zone, restored and used elsewhere: not a backup, although its runs are the same."""
    shutil.copytree(locations().landing, folder)


FOREIGN = [
    _app_with_a_log, _app_with_an_empty_log, _app_with_a_zone_file, _mark_of_others,
    _mark_of_another_zone, _a_file, _a_fifo, _a_link_to_nowhere, _a_zone_in_use,
]  # fmt: skip


@pytest.mark.parametrize("plant", FOREIGN, ids=lambda plant: plant.__name__)
def test_a_folder_of_others_is_refused_and_not_touched(
    lived_in: LandingZone, tmp_path: Path, plant: Callable[[Path], None]
) -> None:
    publish_one("one")
    target = tmp_path / "target"
    plant(target)
    before = tree_of(tmp_path)
    answer = ask("backup", target)
    assert answer.exit_code == 2 and answer.stdout == ""
    assert (
        len(answer.stderr.splitlines()) == 1
        and str(target) in answer.stderr
        and "folder" in answer.stderr
    )
    after = tree_of(tmp_path)
    assert {path: after.get(path) for path in before if "/locks/" not in path} == {
        path: look for path, look in before.items() if "/locks/" not in path
    }


@pytest.mark.parametrize("made", ["new", "empty", "new below new", "a disk's top", "link"])
def test_an_empty_or_new_folder_becomes_a_backup_and_its_mark_comes_first(
    lived_in: LandingZone, tmp_path: Path, made: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / ("a/b/c" if made == "new below new" else "target")
    if made == "empty":
        target.mkdir()
    if made == "a disk's top":
        (target / "lost+found").mkdir(parents=True)
    if made == "link":
        (tmp_path / "disk").mkdir()
        target.symlink_to(tmp_path / "disk")
    seen = []
    real = backups._copy_database
    monkeypatch.setattr(
        backups,
        "_copy_database",
        lambda *given: (seen.append({*os.listdir(target)} - {"lost+found"}), real(*given)),
    )
    assert ask("backup", target).exit_code == 0
    assert seen == [{"backup.json", "backup.lock", "drafts"}]
    assert (
        unseal((target / "backup.json").read_bytes(), exactly=True)["zone_id"]
        == lived_in.identity["zone_id"]
    )
    assert verify(target).faults == [] and not (target / "drafts").exists()
    assert ask("backup", target).stdout.startswith(
        "backed up: 0 runs, 0 files (0 bytes); 3 files were copied before"
    )


def test_only_files_of_the_product_are_removed_from_a_backup(
    lived_in: LandingZone, tmp_path: Path
) -> None:
    target = tmp_path / "backup"
    publish_one("one")
    assert back_up(locations(), target).has_database
    strangers = {
        "mine.txt": "mine",
        "published/book.pdf": "a book",
        "published/00000007.duckdb": "no note beside it",
        "published/00000008.json": '{"note": "mine"}',
        "published/00000001.mine": "by number",
        "published/00000001.duckdb.bak": "a copy",
        "runs/notes.txt": "notes",
        "log/app.log": "started",
        "drafts/letter.draft": "a letter",
    }
    for name, text in strangers.items():
        (target / name).parent.mkdir(exist_ok=True)
        (target / name).write_text(text)
    run_folder = next((target / "runs").glob("*-sources-*"))
    (run_folder / "mine.parquet.txt").write_text("mine")
    before = tree_of(target)
    compact(lived_in, ["test"])
    publish_one("two")
    copied = back_up(locations(), target)
    assert copied.has_database and copied.faults == []
    after = tree_of(target)
    gone = {os.path.relpath(path, target) for path in before.keys() - after.keys()}
    assert {name for name in gone if not name.endswith(".parquet")} == {
        "published/00000001.duckdb",
        "published/00000001.json",
    }
    assert len([name for name in gone if name.endswith(".parquet")]) == 3
    changed = {
        os.path.relpath(path, target)
        for path in before.keys() & after.keys()
        if before[path] != after[path]
    }
    assert changed <= {"backup.lock"}


def test_a_copy_that_was_changed_stays_and_is_named(lived_in: LandingZone, tmp_path: Path) -> None:
    target = tmp_path / "backup"
    publish_one("one")
    back_up(locations(), target)
    (target / "published" / "00000001.duckdb").write_text("a file of others")
    publish_one("two")
    answer = ask("backup", target)
    assert (
        answer.exit_code == 4
        and "published/00000001.duckdb: changed since it was copied" in answer.stderr
    )
    assert (target / "published" / "00000001.duckdb").read_text() == "a file of others"
    assert text_of(target / "published" / "00000002.duckdb") == "two"


@pytest.mark.parametrize("name", ["00000001.duckdb", "00000001.json"])
def test_a_file_of_others_in_place_of_a_copy_stays_and_is_named(
    lived_in: LandingZone, backup: Path, name: str
) -> None:
    (backup / "published").mkdir()
    (backup / "published" / name).write_text("a file of others")
    publish_one("one")
    answer = ask("backup", backup)
    assert (
        answer.exit_code == 4
        and "published/00000001.duckdb: is not a copy of a published version" in answer.stderr
    )
    assert (backup / "published" / name).read_text() == "a file of others"


@pytest.mark.parametrize("damaged", ["00000001.duckdb", "00000001.json"])
def test_a_damaged_copy_is_mended(lived_in: LandingZone, tmp_path: Path, damaged: str) -> None:
    publish_one("one")
    back_up(locations(), tmp_path / "backup")
    path = tmp_path / "backup" / "published" / damaged
    whole = path.read_bytes()
    path.write_bytes(whole[:-5] + b"xxxxx")
    assert len(verify(tmp_path / "backup").faults) == 1
    assert back_up(locations(), tmp_path / "backup").faults == []
    assert path.read_bytes() == whole and verify(tmp_path / "backup").faults == []


# -- backups of earlier versions -------------------------------------------------------------------


def _without_mark(backup: Path) -> Path:
    for name in ("backup.json", "backup.lock"):
        (backup / name).unlink()
    return backup


@pytest.mark.parametrize("lost", [None, "zone.json", "log/00000000000000000001.json"])
def test_a_backup_of_an_earlier_version_is_recognised_and_gets_its_mark(
    lived_in: LandingZone, backup: Path, lost: str | None
) -> None:
    _without_mark(backup)
    if lost:
        (backup / lost).unlink()
    land_one(lived_in)
    assert back_up(locations(), backup).files == 1
    assert (backup / "backup.json").exists() and verify(backup).faults == []
    assert zone_bytes(backup) == zone_bytes(lived_in.path)


def test_a_backup_of_an_earlier_version_can_be_restored(
    lived_in: LandingZone, backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _without_mark(backup)
    monkeypatch.setenv("META_LANDING_DIR", str(tmp_path / "elsewhere"))
    assert ask("restore", backup).exit_code == 0
    assert zone_bytes(tmp_path / "elsewhere") == zone_bytes(lived_in.path)


@pytest.mark.parametrize("with_mark", [True, False])
def test_a_backup_of_another_zone_is_refused_with_a_remedy(
    lived_in: LandingZone,
    backup: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    with_mark: bool,
) -> None:
    if not with_mark:
        _without_mark(backup)
    monkeypatch.setenv("META_LANDING_DIR", str(tmp_path / "other"))
    land_one(LandingZone(tmp_path / "other"))
    before = tree_of(backup), zone_bytes(tmp_path / "other")
    to, back = ask("backup", backup), ask("restore", backup)
    assert (to.exit_code, back.exit_code) == (2, 2)
    assert "another landing zone; name an empty or a new folder" in to.stderr
    assert "another landing zone" in back.stderr and "META_LANDING_DIR" in back.stderr
    monkeypatch.setenv("META_LANDING_DIR", str(tmp_path / "third"))
    assert (tree_of(backup), zone_bytes(tmp_path / "other")) == before
    # The remedy works.
    assert ask("restore", backup).exit_code == 0
    assert zone_bytes(tmp_path / "third") == zone_bytes(lived_in.path)


# -- where a backup may be located -----------------------------------------------------------------


@pytest.mark.parametrize(
    "named",
    [
        *("zone", "zone/runs", "zone/deep/er", "published/meta.duckdb.d"),
        *("published/meta.duckdb.d/x", "published", ".", "link-to-zone", "link-to-zone/x"),
    ],
)
def test_zone_work_folder_and_backup_must_not_contain_each_other(
    lived_in: LandingZone, tmp_path: Path, named: str
) -> None:
    publish_one("one")
    (tmp_path / "link-to-zone").symlink_to(lived_in.path)
    before = tree_of(tmp_path)
    for command in ("backup", "restore"):
        answer = ask(command, tmp_path / named)
        assert answer.exit_code == 2 and len(answer.stderr.splitlines()) == 1, answer.stderr
    assert tree_of(tmp_path) == before


def test_an_empty_zone_is_not_backed_up(tmp_path: Path) -> None:
    answer = ask("backup", tmp_path / "backup")
    assert answer.exit_code == 2 and "nothing to back up" in answer.stderr
    assert os.listdir(tmp_path) == []


def test_two_backups_into_one_folder_exclude_each_other(
    lived_in: LandingZone, backup: Path
) -> None:
    from loaders.keeping.backup_folder import lock_of

    before = tree_of(backup)
    with lock_of(backup):
        for command in ("backup", "restore"):
            answer = ask(command, backup)
            assert answer.exit_code == 3 and "already under way" in answer.stderr
    assert {path for path, look in tree_of(backup).items() if before.get(path) != look} <= {
        str(backup / "backup.lock")
    }
    assert ask("backup", backup).exit_code == 0


def test_a_verification_waits_for_no_half_made_backup(lived_in: LandingZone, backup: Path) -> None:
    from loaders.keeping.backup_folder import lock_of

    with lock_of(backup):
        answer = land("verify", backup)
        assert answer.exit_code == 3 and "already under way" in answer.stderr
    assert land("verify", backup).exit_code == 0


def test_the_mark_of_another_zone_that_came_first_is_respected(
    lived_in: LandingZone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two zones begin a backup into one new folder at the same moment: one of them gets it."""
    from loaders.keeping import backup_folder

    target, real = tmp_path / "target", backup_folder._put_mark

    def quicker(path: Path, raw: bytes) -> None:
        path.write_bytes(seal({"kind": "backup of a landing zone", "zone_id": "f" * 32}))
        real(path, raw)

    monkeypatch.setattr(backup_folder, "_put_mark", quicker)
    answer = ask("backup", target)
    assert answer.exit_code == 2 and "another landing zone" in answer.stderr
    assert os.listdir(target) == ["backup.json"]


@pytest.mark.parametrize("mark", ["{}", "", '{"zone_id": 1}'])
def test_a_damaged_mark_is_named_and_its_remedy_works(
    lived_in: LandingZone, backup: Path, mark: str
) -> None:
    (backup / "backup.json").write_text(mark)
    assert [fault.split(": ")[0] for fault in verify(backup).faults] == [
        str(backup / "backup.json")
    ]
    answer = ask("backup", backup)
    assert answer.exit_code == 2 and "delete it if this is your backup" in answer.stderr
    (backup / "backup.json").unlink()
    assert ask("backup", backup).exit_code == 0 and verify(backup).faults == []


# -- an end in the middle --------------------------------------------------------------------------


def _in_a_process(
    words: list[str | Path], orders: dict | None = None
) -> subprocess.CompletedProcess[str]:
    program = "import sys; from enrich.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", program, *map(str, words)],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(PROJECT_ROOT)} | _under(orders),
    )


def _under(orders: dict | None) -> dict[str, str]:
    found = failpoints.environment(orders)
    return (
        {**found, "PYTHONPATH": os.pathsep.join([found["PYTHONPATH"], str(PROJECT_ROOT)])}
        if found
        else {}
    )


def _events(words: list[str | Path], folder: Path, log: Path) -> int:
    assert (
        _in_a_process(words, failpoints.audit_orders("enrich.cli", [folder], log)).returncode == 0
    )
    return len(log.read_text().splitlines())


def test_a_backup_killed_anywhere_is_completed_the_next_night(
    lived_in: LandingZone, tmp_path: Path
) -> None:
    publish_one("one")
    words = ["backup", tmp_path / "backup"]
    count = _events(words, tmp_path / "backup", tmp_path / "events")
    for number in range(1, count + 1, max(1, count // 7)):
        shutil.rmtree(tmp_path / "backup")
        orders = failpoints.audit_orders(
            "enrich.cli", [tmp_path / "backup"], tmp_path / "events", number
        )
        assert _in_a_process(words, orders).returncode == -signal.SIGKILL
        copied = back_up(locations(), tmp_path / "backup")
        assert copied.faults == [] and copied.has_database, f"killed at {number} of {count}"
        assert verify(tmp_path / "backup").faults == []
        assert zone_bytes(tmp_path / "backup") == zone_bytes(lived_in.path)
        names = {path.name for path in (tmp_path / "backup").rglob("*")}
        assert not any(name.endswith(".draft") for name in names) and "drafts" not in names


@pytest.mark.parametrize("call", range(1, 12, 2))
def test_a_backup_on_a_full_disk_reports_it_and_is_completed_the_next_night(
    lived_in: LandingZone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    publish_one("one")
    calls = 0
    real = os.fsync

    def full(fd: int) -> None:
        nonlocal calls
        calls += 1
        if calls >= call:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(fd)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        answer = ask("backup", tmp_path / "backup")
    assert (
        answer.exit_code == 1
        and "No space left" in answer.stderr
        and len(answer.stderr.splitlines()) == 1
    )
    assert ask("backup", tmp_path / "backup").exit_code == 0
    assert verify(tmp_path / "backup").faults == []


def test_a_mark_cut_short_by_a_kill_is_written_again(lived_in: LandingZone, tmp_path: Path) -> None:
    target = tmp_path / "backup"
    back_up(locations(), target)
    whole = (target / "backup.json").read_bytes()
    for length in (0, 1, len(whole) // 2, len(whole) - 1):
        shutil.rmtree(target)
        target.mkdir()
        (target / "backup.json").write_bytes(whole[:length])
        assert back_up(locations(), target).files == 3
        assert (target / "backup.json").read_bytes() == whole


def test_a_read_only_zone_can_be_backed_up(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone = LandingZone(open_folder / "zone")
    monkeypatch.setenv("META_LANDING_DIR", str(zone.path))
    monkeypatch.setenv("META_DB_PATH", str(open_folder / "none" / "meta.duckdb"))
    land_one(zone)
    for locks in (True, False):
        if not locks:
            shutil.rmtree(zone.path / "locks")
        for path in [zone.path, *zone.path.rglob("*")]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        before = tree_of(zone.path)
        copied = as_nobody(lambda to=open_folder / f"backup{locks}": vars(back_up(locations(), to)))
        assert copied["faults"] == [] and (copied["files"], copied["runs"]) == (1, 1)
        assert tree_of(zone.path) == before
        assert zone_bytes(open_folder / f"backup{locks}") == zone_bytes(zone.path)
        zone.path.chmod(0o755)
        for path in zone.path.rglob("*"):
            path.chmod(0o755)


def test_a_read_only_backup_can_be_restored(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone = LandingZone(open_folder / "zone")
    monkeypatch.setenv("META_LANDING_DIR", str(zone.path))
    monkeypatch.setenv("META_DB_PATH", str(open_folder / "none" / "meta.duckdb"))
    land_one(zone)
    back_up(locations(), open_folder / "backup")
    for path in [open_folder / "backup", *(open_folder / "backup").rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    monkeypatch.setenv("META_LANDING_DIR", str(open_folder / "elsewhere"))
    assert as_nobody(lambda: vars(restore(open_folder / "backup", locations())))["files"] == 1
    assert zone_bytes(open_folder / "elsewhere") == zone_bytes(zone.path)


# -- a restore and all else ------------------------------------------------------------------------


def test_a_restore_is_refused_during_a_run(lived_in: LandingZone, backup: Path) -> None:
    with lived_in.run("crawl", [], ["/a"]):
        before = zone_bytes(lived_in.path)
        answer = ask("restore", backup)
        assert answer.exit_code == 3 and "already under way (landing (crawl)" in answer.stderr
        assert (
            zone_bytes(lived_in.path) == before and not (lived_in.path / "restoring.json").exists()
        )
    assert ask("restore", backup).exit_code == 0


def test_a_restore_is_refused_during_reads_builds_and_rollbacks(
    lived_in: LandingZone, backup: Path
) -> None:
    from loaders.base.locks import FileLock

    with lived_in.reading():
        assert ask("restore", backup).exit_code == 3
    with FileLock(locations().build_lock, "dbt on the build database"):
        answer = ask("restore", backup)
        assert answer.exit_code == 3 and "dbt on the build database" in answer.stderr


def test_landings_builds_and_reads_are_refused_during_a_restore(
    lived_in: LandingZone, backup: Path, world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    met = {}

    def during(*given: object) -> None:
        before = zone_bytes(lived_in.path)
        with pytest.raises(Busy, match="already under way"), lived_in.run("sources"):
            pass
        with pytest.raises(Busy, match="already under way"):
            compact(lived_in, [])
        for name, answer in {
            "crawl": land("crawl", world),
            "compact": land("compact"),
            "runs": land("runs"),
            "backup": ask("backup", backup.with_name("late")),
            "restore": ask("restore", backup),
            "rollback": ask("rollback"),
            "refresh": ask("refresh-meta", world),
        }.items():
            met[name] = answer.exit_code
            assert "already under way" in answer.stderr and len(answer.stderr.splitlines()) == 1, (
                name,
                answer.stderr,
            )
        assert zone_bytes(lived_in.path) == before

    publish_one("one")
    monkeypatch.setattr(backups, "_copy_log", during)
    assert ask("restore", backup).exit_code == 0
    assert met == dict.fromkeys(met, 3) and len(met) == 7
    assert land("crawl", world).exit_code == 0


def test_after_a_killed_restore_nothing_lands_until_it_is_completed(
    lived_in: LandingZone,
    backup: Path,
    tmp_path: Path,
    world: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("META_LANDING_DIR", str(tmp_path / "new"))
    words = ["restore", backup]
    count = _events(words, tmp_path / "new", tmp_path / "events")
    refused = 0
    for number in range(1, count + 1, max(1, count // 7)):
        shutil.rmtree(tmp_path / "new")
        orders = failpoints.audit_orders(
            "enrich.cli", [tmp_path / "new"], tmp_path / "events", number
        )
        assert _in_a_process(words, orders).returncode == -signal.SIGKILL
        if (tmp_path / "new" / "restoring.json").exists():
            before = (
                zone_bytes(tmp_path / "new") if (tmp_path / "new" / "zone.json").exists() else None
            )
            late = ask("backup", tmp_path / "late")
            for answer in (land("crawl", world), land("compact"), ask("refresh-meta", world), late):
                assert answer.exit_code == 4 and len(answer.stderr.splitlines()) == 1
                assert f"a restore was interrupted: enrich restore {backup}" in answer.stderr
            with pytest.raises(LandingError, match="a restore was interrupted"):
                LandingZone(tmp_path / "new")
            if before:
                assert any(
                    "a restore was interrupted" in fault
                    for fault in verify(tmp_path / "new").faults
                )
                assert zone_bytes(tmp_path / "new") == before
            refused += 1
        answer = ask("restore", backup)
        assert answer.exit_code == 0, answer.stderr
        assert zone_bytes(tmp_path / "new") == zone_bytes(lived_in.path)
        assert {path.name for path in (tmp_path / "new").iterdir()} == {
            "zone.json",
            "log",
            "runs",
            "locks",
        }
        land_one(LandingZone(tmp_path / "new"))
    assert refused > 3


def test_a_restore_that_ran_out_of_disk_is_marked_until_it_is_completed(
    lived_in: LandingZone, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = zone_bytes(lived_in.path)
    for path in lived_in.path.glob("runs/*/*.parquet"):
        path.unlink()

    def full(*given: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "draft")

    with monkeypatch.context() as patch:
        patch.setattr(backups, "_copy_and_digest", full)
        assert ask("restore", backup).exit_code == 1
    with pytest.raises(LandingError, match="a restore was interrupted"), lived_in.run("sources"):
        pass
    assert ask("restore", backup).exit_code == 0 and zone_bytes(lived_in.path) == whole


def test_an_interrupted_restore_is_not_completed_by_another_zones_backup(
    lived_in: LandingZone, backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("META_LANDING_DIR", str(tmp_path / "other"))
    land_one(LandingZone(tmp_path / "other"))
    back_up(locations(), tmp_path / "other backup")
    monkeypatch.setenv("META_LANDING_DIR", str(tmp_path / "new"))
    (tmp_path / "new").mkdir()
    mark = {
        "zone_id": lived_in.identity["zone_id"],
        "source": str(backup),
        "started_at": "2026-03-01T12:00:00",
    }
    (tmp_path / "new" / "restoring.json").write_bytes(seal(mark))
    answer = ask("restore", tmp_path / "other backup")
    assert answer.exit_code == 4 and f"enrich restore {backup}" in answer.stderr
    assert ask("restore", backup).exit_code == 0 and zone_bytes(tmp_path / "new") == zone_bytes(
        lived_in.path
    )


def test_a_damaged_mark_of_a_restore_still_blocks_all_commands(
    lived_in: LandingZone, backup: Path
) -> None:
    (lived_in.path / "restoring.json").write_text("{}")
    with pytest.raises(LandingError, match="a restore was interrupted"):
        LandingZone(lived_in.path)
    assert ask("restore", backup).exit_code == 0
    land_one(LandingZone(lived_in.path))


def test_damage_is_mended_by_a_restore(lived_in: LandingZone, backup: Path) -> None:
    whole = zone_bytes(lived_in.path)
    first = next(lived_in.path.glob("runs/*/*.parquet"))
    first.write_bytes(b"x")
    lived_in.log.path_of(2).unlink()
    (lived_in.path / "zone.json").write_text("{")
    answer = ask("restore", backup)
    assert answer.exit_code == 0 and zone_bytes(lived_in.path) == whole


@pytest.mark.parametrize("damage", ["cut", "flipped", "lost", "text"])
def test_a_damaged_list_of_sources_is_reported_in_one_line_until_it_is_restored(
    lived_in: LandingZone, backup: Path, world: Path, damage: str
) -> None:
    path = min(lived_in.path.glob("runs/*/source_events.*"))
    raw = path.read_bytes()
    path.unlink()
    if damage != "lost":
        flipped = raw[:60] + bytes([raw[60] ^ 1]) + raw[61:]
        path.write_bytes({"cut": raw[:-20], "flipped": flipped, "text": b"x" * len(raw)}[damage])
    answer = land("crawl", world)
    assert answer.exit_code == 4 and len(answer.stderr.splitlines()) == 1
    assert answer.stderr.startswith(
        f"{path}: {'missing' if damage == 'lost' else 'not as it was landed'}; restore it"
    )
    assert ask("restore", backup).exit_code == 0 and land("crawl", world).exit_code == 0


# -- paths that lead out ---------------------------------------------------------------------------

OUTSIDE = [
    "../../outside.parquet",
    "runs/../../outside.parquet",
    f"runs/{RUN}/../../../outside.parquet",
    f"runs/{RUN}/../../outside.parquet",
    "{tmp}/outside.parquet",
    "outside.parquet",
    f"runs/{RUN}/.parquet",
    f"runs/{RUN}/a.parquet\n",
    f"runs/{RUN}/a\x00.parquet",
    f"runs//{RUN}/a.parquet",
    f"./runs/{RUN}/a.parquet",
    f"runs/{RUN}/started.json",
    "runs/20260301T120000Z-crawl-0badcaff/source_events.parquet",
    "zone.json",
    "log/00000000000000000001.json",
    7,
    None,
    ["runs"],
]


def _aim(path: object, tmp_path: Path) -> object:
    return path.replace("{tmp}", str(tmp_path)) if isinstance(path, str) else path


@pytest.mark.parametrize("path", OUTSIDE, ids=repr)
@pytest.mark.parametrize("member", ["files", "replaces"])
def test_a_path_that_leads_out_is_neither_written_nor_deleted(
    lived_in: LandingZone, backup: Path, tmp_path: Path, path: object, member: str
) -> None:
    if (
        member == "replaces"
        and isinstance(path, str)
        and path.startswith("runs/20260301T120000Z-crawl-0badcaff/")
    ):
        pytest.skip("a run may replace what another run landed")
    (tmp_path / "outside.parquet").write_bytes(b"mine")
    aimed = _aim(path, tmp_path)
    changes = (
        {"files": [file_item(aimed, b"theirs")]} if member == "files" else {"replaces": [aimed]}
    )
    entry = append_crafted(backup, **changes)
    before = tree_of(tmp_path)
    answer = ask("restore", backup)
    assert (
        answer.exit_code == 4
        and str(entry) in answer.stderr
        and len(answer.stderr.splitlines()) == 1
    )
    after = tree_of(tmp_path)
    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    assert all(
        "lock" in path or path.endswith("published") or ".duckdb.d" in path for path in changed
    ), changed
    # The same entry in a zone lands, deletes and is read no more than in a backup.
    crafted = append_crafted(lived_in.path, **changes)
    for refused in (
        lambda: LandingZone(lived_in.path).entries(),
        lambda: lived_in.discard_replaced(99),
    ):
        with pytest.raises(LandingError, match=crafted.name):
            refused()
    assert (tmp_path / "outside.parquet").read_bytes() == b"mine"


@pytest.mark.parametrize(
    "run_id", ["../..", "..", "", "/tmp", "a/b", f"{RUN}\n", f"{RUN}/..", 5, None]
)
def test_a_run_whose_id_leads_out_is_refused(
    lived_in: LandingZone, backup: Path, tmp_path: Path, run_id: object
) -> None:
    entry = append_crafted(backup, run_id=run_id)
    answer = ask("restore", backup)
    assert answer.exit_code == 4 and str(entry) in answer.stderr
    append_crafted(lived_in.path, run_id=run_id)
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(LandingError):
        lived_in.discard_replaced(99)
    assert (tmp_path / "mine.txt").exists()


def test_names_that_earlier_versions_gave_are_still_read(
    lived_in: LandingZone, backup: Path
) -> None:
    name = f"runs/{RUN}/source_events.parquet"
    raw = next(backup.glob("runs/*/*.parquet")).read_bytes()
    for zone in (backup, lived_in.path):
        append_crafted(zone, files=[file_item(name, raw)])
    (backup / name).parent.mkdir()
    (backup / name).write_bytes(raw)
    assert ask("restore", backup).exit_code == 0
    assert (lived_in.path / name).read_bytes() == raw and verify(lived_in.path).faults == []


def test_files_that_no_run_landed_are_not_deleted_as_replaced(
    lived_in: LandingZone, backup: Path
) -> None:
    """A path may have the right form and still name a file of others."""
    name = f"runs/{RUN}/letters.parquet"
    for zone in (backup, lived_in.path):
        append_crafted(zone, replaces=[name], run_id="20260301T120000Z-compact-0badcafe")
        (zone / name).parent.mkdir()
        (zone / name).write_text("mine")
    assert ask("backup", backup).exit_code == 0
    assert lived_in.discard_replaced(99) == 0
    assert [(zone / name).read_text() for zone in (backup, lived_in.path)] == ["mine", "mine"]


def test_files_of_others_in_the_folder_of_a_run_stay(lived_in: LandingZone) -> None:
    folder = next(lived_in.runs.iterdir())
    (folder / "mine.txt").write_text("mine")
    compact(lived_in, ["test"])
    assert lived_in.discard_replaced(99) == 3
    assert os.listdir(folder) == ["mine.txt"] and len(list(lived_in.runs.iterdir())) == 2


# -- links and odd files ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["runs", "log", "published", "drafts"])
@pytest.mark.parametrize("command", ["backup", "restore"])
def test_a_linked_folder_of_a_backup_is_not_followed(
    lived_in: LandingZone, backup: Path, tmp_path: Path, name: str, command: str
) -> None:
    publish_one("one")
    outside = tmp_path / "outside"
    if (backup / name).exists():
        (backup / name).rename(outside)
    else:
        outside.mkdir()
    (outside / "mine.txt").write_text("mine")
    (backup / name).symlink_to(outside)
    land_one(lived_in)
    before = tree_of(outside, backup)
    answer = ask(command, backup)
    assert (
        answer.exit_code == 2
        and str(backup) in answer.stderr
        and len(answer.stderr.splitlines()) == 1
    )
    assert tree_of(outside, backup) == before


def test_a_linked_folder_of_a_run_is_not_followed(
    lived_in: LandingZone, backup: Path, tmp_path: Path
) -> None:
    folder = min((backup / "runs").iterdir())
    folder.rename(tmp_path / "outside")
    folder.symlink_to(tmp_path / "outside")
    landed = min(lived_in.runs.iterdir())
    shutil.rmtree(landed)
    before = tree_of(tmp_path / "outside")
    answer = ask("restore", backup)
    assert answer.exit_code == 4 and str(folder) in answer.stderr and not landed.exists()
    answer = ask("backup", backup)
    assert answer.exit_code == 2 and str(folder) in answer.stderr
    assert tree_of(tmp_path / "outside") == before


@pytest.mark.parametrize("name", ["log", "runs", "locks"])
def test_a_linked_folder_of_a_zone_is_refused_before_anything(
    lived_in: LandingZone, backup: Path, tmp_path: Path, world: Path, name: str
) -> None:
    (lived_in.path / name).rename(tmp_path / "outside")
    (lived_in.path / name).symlink_to(tmp_path / "outside")
    before = tree_of(tmp_path)
    for answer in (
        land("crawl", world),
        land("compact"),
        ask("restore", backup),
        ask("backup", backup),
    ):
        assert answer.exit_code == 4 and str(lived_in.path / name) in answer.stderr
    assert tree_of(tmp_path) == before


@pytest.mark.parametrize("name", ["zone.json", "log/00000000000000000002.json", "backup.json"])
@pytest.mark.parametrize("kind", ["fifo", "link"])
@pytest.mark.parametrize("command", ["backup", "restore"])
def test_a_fifo_or_a_link_in_a_backup_blocks_nothing(
    lived_in: LandingZone, backup: Path, tmp_path: Path, name: str, kind: str, command: str
) -> None:
    (tmp_path / "outside").write_text("mine")
    (backup / name).unlink()
    if kind == "fifo":
        os.mkfifo(backup / name)
    else:
        (backup / name).symlink_to(tmp_path / "outside")
    answer = ask(command, backup)
    # The next backup mends the damage in a backup, but never its mark.
    assert answer.exit_code == (
        0 if command == "backup" and name != "backup.json" else 2 if command == "backup" else 4
    )
    assert (tmp_path / "outside").read_text() == "mine"


@pytest.mark.parametrize("kind", ["fifo", "link"])
def test_a_landed_file_that_is_a_fifo_or_a_link_is_damage(
    lived_in: LandingZone, backup: Path, tmp_path: Path, kind: str
) -> None:
    copies = sorted(backup.glob("runs/*/*.parquet"))
    copies[0].rename(tmp_path / "outside")
    if kind == "fifo":
        os.mkfifo(copies[0])
    else:
        copies[0].symlink_to(tmp_path / "outside")
    landed = lived_in.path / copies[0].relative_to(backup)
    whole = landed.read_bytes()
    landed.unlink()
    answer = ask("restore", backup)
    assert answer.exit_code == 4 and f"{copies[0]}: is not a file; not copied" in answer.stderr
    assert not landed.exists()
    landed.write_bytes(whole)
    assert ask("backup", backup).exit_code == 0 and copies[0].read_bytes() == whole
    assert (tmp_path / "outside").read_bytes() == whole


def test_notes_of_others_block_no_run(lived_in: LandingZone) -> None:
    """A start note may contain anything, and a folder among the runs may belong to others."""
    notes = [
        [],
        "text",
        {},
        {"scope": 5},
        {"action": [], "scope": [[]], "started_at": "never"},
        {"run_id": "../.."},
    ]
    for number, note in enumerate(notes):
        folder = lived_in.runs / f"20260301T120000Z-sources-0000000{number}"
        folder.mkdir()
        (folder / "started.json").write_text(json.dumps(note))
    (lived_in.runs / "mine").mkdir()
    (lived_in.runs / "mine" / "started.json").write_text("{}")
    (lived_in.runs / "mine" / "a.parquet").write_text("mine")
    os.mkfifo(lived_in.runs / "20260301T120000Z-sources-0000000f")
    land_one(lived_in)
    assert land("runs").exit_code == 0
    assert (lived_in.runs / "mine" / "a.parquet").read_text() == "mine"


def test_sql_in_the_note_of_a_copied_database_is_not_executed(
    lived_in: LandingZone, backup: Path, tmp_path: Path
) -> None:
    """Names in the note of a crafted backup are names, and its database reaches nothing else."""
    from loaders.base.sealed import file_digest

    (backup / "published").mkdir()
    database = backup / "published" / "00000001.duckdb"
    publish_one("one")
    shutil.copy(locations().published, database)
    locations().published.unlink()
    out = tmp_path / "out.csv"
    contract = {
        f"v_next_actions; copy (select 1) to '{out}'; select 1 as x from v_next_actions": []
    }
    note = {"generation": 1, "file_sha256": file_digest(database), "contract": contract}
    (backup / "published" / "00000001.json").write_bytes(seal(note))
    answer = ask("restore", backup)
    assert answer.exit_code == 4 and "does not answer" in answer.stderr
    assert not out.exists() and not locations().published.exists()


def test_the_newest_sound_version_of_a_backup_is_published(
    lived_in: LandingZone, tmp_path: Path
) -> None:
    backup = tmp_path / "backup"
    publish_one("one")
    back_up(locations(), backup)
    shutil.copytree(backup / "published", tmp_path / "kept")
    publish_one("two")
    back_up(locations(), backup)
    for path in (tmp_path / "kept").iterdir():
        shutil.copy(path, backup / "published")
    shutil.rmtree(tmp_path / "published")
    assert ask("restore", backup).exit_code == 0
    assert text_of(locations().published) == "two"
    shutil.rmtree(tmp_path / "published")
    (backup / "published" / "00000002.duckdb").write_text("damaged")
    assert ask("restore", backup).exit_code == 4
    assert text_of(locations().published) == "one"


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_a_version_that_changes_while_it_is_copied_is_not_copied(
    lived_in: LandingZone, tmp_path: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = tmp_path / "backup"
    publish_one("one")
    if command == "restore":
        back_up(locations(), backup)
        shutil.rmtree(tmp_path / "published")

    def sound_until_now(kept: Path) -> list[str]:
        with kept.open("r+b") as file:
            file.write(b"damaged")
        return []

    monkeypatch.setattr(backups, "faults_of", sound_until_now)
    answer = ask(command, backup)
    assert answer.exit_code == 4 and "00000001.duckdb: not as it was published" in answer.stderr
    copy = backup / "published" / "00000001.duckdb"
    assert not (locations().published if command == "restore" else copy).exists()


def test_a_missing_backup_is_still_reported_as_missing(tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match="no backup"):
        restore(tmp_path / "nowhere", locations())
