"""Files and folders of others in the places of the product's own.

They are refused before anything is done, or left unchanged.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from enrich_fixtures import PlayedDbt
from keeping_world import land_one, publish_one, stub_database, text_of, tree_of
from typed import ask, land

from loaders.base.errors import NotOurs
from loaders.base.paths import Locations, locations, published_at
from loaders.keeping.backups import back_up
from loaders.publishing.publish import publish
from loaders.publishing.published_versions import VERSIONS_KEPT, kept_versions, rollback, swap_in
from loaders.zone.landing import LandingZone


@pytest.fixture
def where(tmp_path: Path) -> Locations:
    (tmp_path / "published").mkdir()
    return locations()


# -- what may be in the place of the published file ------------------------------------------------


def _a_database(path: Path) -> None:
    with duckdb.connect(str(path)) as db:
        db.execute("create table mine as select 42 as answer")


def _a_database_with_our_names(path: Path) -> None:
    """Views with the contract's names alone do not make a published file."""
    with duckdb.connect(str(path)) as db:
        for view in ("v_project_health", "v_next_actions", "v_gap_backlog"):
            db.execute(f"create view {view} as select 1 as x")


def _a_build_database(path: Path) -> None:
    stub_database(path)
    with duckdb.connect(str(path)) as db:
        db.execute("create schema landed; create view landed.runs as select 1 as x")


def _a_sqlite_file(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("create table mine (x)")


def _a_text(path: Path) -> None:
    path.write_text("my thesis")


def _an_empty_file(path: Path) -> None:
    path.touch()


def _a_folder(path: Path) -> None:
    path.mkdir()
    (path / "mine.txt").write_text("mine")


def _an_empty_folder(path: Path) -> None:
    path.mkdir()


def _a_fifo(path: Path) -> None:
    os.mkfifo(path)


def _a_link_to_a_device(path: Path) -> None:
    path.symlink_to("/dev/null")


def _a_link_to_a_text(path: Path) -> None:
    path.with_name("thesis.txt").write_text("my thesis")
    path.symlink_to(path.with_name("thesis.txt"))


def _a_link_to_a_database(path: Path) -> None:
    _a_database(path.with_name("shop.duckdb"))
    path.symlink_to(path.with_name("shop.duckdb"))


def _a_link_to_a_folder(path: Path) -> None:
    path.with_name("folder").mkdir()
    path.symlink_to(path.with_name("folder"))


def _a_link_into_no_folder(path: Path) -> None:
    path.symlink_to(path.with_name("nowhere") / "meta.duckdb")


def _a_link_to_itself(path: Path) -> None:
    path.symlink_to(path)


def _links_in_a_loop(path: Path) -> None:
    path.with_name("other").symlink_to(path)
    path.symlink_to(path.with_name("other"))


def _a_work_folder_of_others(path: Path) -> None:
    folder = path.with_name(path.name + ".d")
    (folder / "build").mkdir(parents=True)
    (folder / "mine.conf").write_text("mine")


def _a_file_for_a_work_folder(path: Path) -> None:
    path.with_name(path.name + ".d").write_text("mine")


def _a_work_folder_that_leads_nowhere(path: Path) -> None:
    path.with_name(path.name + ".d").symlink_to(path.with_name("nowhere"))


def _a_journal_of_others(path: Path) -> None:
    made = path.with_name("made.duckdb")
    with duckdb.connect(str(made)) as db:
        db.execute(
            "pragma disable_checkpoint_on_shutdown; create table mine as select 42 as answer"
        )
    made.with_name("made.duckdb.wal").rename(path.with_name(path.name + ".wal"))


FOREIGN = [
    _a_database, _a_database_with_our_names, _a_build_database, _a_sqlite_file, _a_text,
    _an_empty_file, _a_folder, _an_empty_folder, _a_fifo, _a_link_to_a_device, _a_link_to_a_text,
    _a_link_to_a_database, _a_link_to_a_folder, _a_link_into_no_folder, _a_link_to_itself,
    _links_in_a_loop, _a_work_folder_of_others, _a_file_for_a_work_folder,
    _a_work_folder_that_leads_nowhere, _a_journal_of_others,
]  # fmt: skip


@pytest.mark.parametrize("plant", FOREIGN, ids=lambda plant: plant.__name__)
def test_a_file_of_others_is_refused_before_anything_is_done(
    where: Locations,
    tmp_path: Path,
    world: Path,
    monkeypatch: pytest.MonkeyPatch,
    plant: Callable[[Path], None],
) -> None:
    backup = tmp_path / "backup"
    land_one(LandingZone(where.landing))
    back_up(where, backup)
    shutil.rmtree(where.landing)
    plant(where.published)
    where = locations()
    dbt = PlayedDbt(monkeypatch)
    before = tree_of(tmp_path)
    for command in (["refresh-meta", str(world)], ["rollback"], ["restore", str(backup)]):
        answer = ask(*command)
        assert answer.exit_code == 2 and len(answer.stderr.splitlines()) == 1, (
            command,
            answer.stderr,
        )
        assert (
            "set META_DB_PATH to another path" in answer.stderr
            and str(tmp_path / "published") in answer.stderr
        )
    for refused in (
        lambda: publish({}, {}, where),
        lambda: rollback(where),
        lambda: _start_dbt(),
    ):
        with pytest.raises((NotOurs, RuntimeError), match="set META_DB_PATH to another path"):
            refused()
    assert tree_of(tmp_path) == before and not where.landing.exists() and dbt.calls == []


def _start_dbt() -> None:
    """Begin as every dbt command does that opens the build database."""
    from loaders.publishing.landed_plugin import Plugin

    Plugin.initialize(object.__new__(Plugin), {})


def test_a_file_of_others_named_by_an_option_is_also_refused(
    where: Locations, tmp_path: Path, world: Path
) -> None:
    _a_database(tmp_path / "shop.duckdb")
    before = tree_of(tmp_path)
    answer = ask("refresh-meta", str(world), "--db", str(tmp_path / "shop.duckdb"))
    assert answer.exit_code == 2 and "not published by Meta Collector" in answer.stderr
    assert tree_of(tmp_path) == before


def test_a_file_of_others_that_came_during_a_build_is_not_replaced(where: Locations) -> None:
    where.work_folder.mkdir()
    draft = stub_database(where.work_folder / "next.duckdb")
    _a_text(where.published)
    with pytest.raises(NotOurs):
        swap_in(draft, where, {})
    assert where.published.read_text() == "my thesis"
    where.published.unlink()
    assert publish_one("one") == 1 and text_of(where.published) == "one"


# -- files of the product --------------------------------------------------------------------------


def test_a_published_file_is_replaced(where: Locations) -> None:
    assert [publish_one("one"), publish_one("two")] == [1, 2]
    assert rollback(where) == 1 and text_of(where.published) == "one"
    assert publish_one("three") == 3 and text_of(where.published) == "three"


def test_a_published_file_without_its_work_folder_is_recognised(where: Locations) -> None:
    publish_one("one")
    shutil.rmtree(where.work_folder)
    assert publish_one("two") == 1 and text_of(where.published) == "two"


def test_a_copied_published_file_is_recognised(where: Locations, tmp_path: Path) -> None:
    publish_one("one")
    moved = tmp_path / "elsewhere" / "copy.duckdb"
    moved.parent.mkdir()
    shutil.copy(where.published, moved)
    copied = Locations(published=moved, landing=where.landing)
    assert (
        publish_one("two", copied) == 1
        and text_of(moved) == "two"
        and text_of(where.published) == "one"
    )


def test_a_published_file_that_was_changed_in_place_is_recognised(where: Locations) -> None:
    """It is one of the kept versions, whatever it contains now; the next build repairs it."""
    publish_one("one")
    with open(where.published, "r+b") as file:
        file.truncate(100)
    assert publish_one("two") == 2 and text_of(where.published) == "two"


def test_a_journal_beside_the_published_file_is_removed_and_other_files_stay(
    where: Locations,
) -> None:
    publish_one("one")
    journal = where.published.with_name("meta.duckdb.wal")
    with duckdb.connect(str(where.published)) as db:
        db.execute("pragma disable_checkpoint_on_shutdown; create table more as select 1 as x")
    assert journal.exists()
    publish_one("two")
    assert not journal.exists() and text_of(where.published) == "two"
    journal.write_text("my walnut notes")
    publish_one("three")
    assert journal.read_text() == "my walnut notes" and text_of(where.published) == "three"


# -- links -----------------------------------------------------------------------------------------


def test_a_link_to_a_published_file_is_followed(
    where: Locations, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_one("one")
    link = tmp_path / "links" / "now.duckdb"
    link.parent.mkdir()
    link.symlink_to(where.published)
    monkeypatch.setenv("META_DB_PATH", str(link))
    assert locations() == where
    publish_one("two")
    assert os.readlink(link) == str(where.published) and text_of(link) == "two"
    assert os.listdir(link.parent) == ["now.duckdb"]
    assert ask("rollback").exit_code == 0 and text_of(link) == "one" and link.is_symlink()


def test_a_link_to_a_free_name_is_followed(
    where: Locations, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link, disk = tmp_path / "now.duckdb", tmp_path / "disk"
    disk.mkdir()
    link.symlink_to("disk/meta.duckdb")
    monkeypatch.setenv("META_DB_PATH", str(link))
    publish_one("one")
    assert link.is_symlink() and text_of(disk / "meta.duckdb") == "one"
    assert ask("verify").exit_code == 0
    assert ask("verify", "--db", str(link)).exit_code == 0
    assert not tmp_path.joinpath("now.duckdb.d").exists()


def test_links_to_links_are_followed(where: Locations, tmp_path: Path) -> None:
    publish_one("one")
    (tmp_path / "a").symlink_to(where.published)
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert published_at(tmp_path / "b") == published_at(str(tmp_path / "b")) == where.published
    assert published_at(where.published) == where.published


def test_a_link_to_a_kept_version_is_refused(
    where: Locations, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, world: Path
) -> None:
    publish_one("one")
    (tmp_path / "link").symlink_to(next(iter(kept_versions(where).values())))
    monkeypatch.setenv("META_DB_PATH", str(tmp_path / "link"))
    before = tree_of(tmp_path)
    answer = ask("refresh-meta", str(world))
    assert answer.exit_code == 2 and "keeps its own files" in answer.stderr
    assert tree_of(tmp_path) == before


def test_a_work_folder_may_be_a_link(where: Locations, tmp_path: Path) -> None:
    (tmp_path / "large").mkdir()
    where.work_folder.symlink_to(tmp_path / "large")
    assert [publish_one("one"), publish_one("two")] == [1, 2]
    assert where.work_folder.is_symlink() and len(kept_versions(where)) == 2


# -- inside the work folder ------------------------------------------------------------------------


def test_files_of_others_in_the_work_folder_stay_and_are_not_published(where: Locations) -> None:
    publish_one("one")
    strangers = {
        "next.duckdb.mine": "mine",
        "notes.txt": "notes",
        "generations/00000099.duckdb": "no note beside it",
        "generations/00000099.txt": "mine",
        "generations/00000001.mine": "by number",
        "generations/1a.duckdb": "not a number",
        "generations/00000050.json": '{"generation":50}',
        "generations/00000050.duckdb": "a note that is not sealed",
        "generations/00000060.pending": "{}",
        "generations/00000060.duckdb": "pending, of another program",
        "generations/12.duckdb": "short",
    }
    for name, text in strangers.items():
        (where.work_folder / name).write_text(text)
    before = tree_of(where.work_folder)
    numbers = [publish_one(f"more {number}") for number in range(VERSIONS_KEPT + 1)]
    assert numbers == list(range(100, 100 + VERSIONS_KEPT + 1))
    after = tree_of(where.work_folder)
    for name in strangers:
        assert after[str(where.work_folder / name)] == before[str(where.work_folder / name)], name
    assert (
        not (where.versions / "00000001.duckdb").exists()
        and not (where.versions / "00000100.duckdb").exists()
    )
    for number in (103, 102, 101):
        assert rollback(where) == number
    assert ask("rollback").exit_code == 2
    assert text_of(where.published) == "more 1"


# -- the landing zone ------------------------------------------------------------------------------


def _others(folder: Path) -> None:
    (folder / "work").mkdir(parents=True)
    (folder / "work" / "mine.txt").write_text("mine")


def _others_with_a_log(folder: Path) -> None:
    (folder / "log").mkdir(parents=True)
    (folder / "log" / "app.log").write_text("started")


def _others_with_runs(folder: Path) -> None:
    (folder / "runs" / "2026").mkdir(parents=True)


def _others_with_a_zone_file(folder: Path) -> None:
    folder.mkdir()
    (folder / "zone.json").write_text('{"zone": "Europe/Berlin"}')


def _others_with_numbers(folder: Path) -> None:
    (folder / "log").mkdir(parents=True)
    (folder / "log" / "00000000000000000001.json").write_text('{"mine": 1}')
    (folder / "mine.txt").write_text("mine")


def _a_file_for_a_zone(folder: Path) -> None:
    folder.write_text("mine")


ZONES = [
    _others, _others_with_a_log, _others_with_runs, _others_with_a_zone_file, _others_with_numbers,
    _a_file_for_a_zone, _a_fifo, _a_link_to_a_text,
]  # fmt: skip


@pytest.mark.parametrize("plant", ZONES, ids=lambda plant: plant.__name__)
def test_a_folder_of_others_does_not_become_a_landing_zone(
    tmp_path: Path, world: Path, monkeypatch: pytest.MonkeyPatch, plant: Callable[[Path], None]
) -> None:
    other, backup = tmp_path / "other", tmp_path / "backup"
    land_one(LandingZone(locations().landing))
    back_up(locations(), backup)
    plant(other)
    monkeypatch.setenv("META_LANDING_DIR", str(other))
    dbt = PlayedDbt(monkeypatch)
    before = tree_of(tmp_path)
    for answer in (land("crawl", world), land("compact"), land("runs"), ask("restore", backup)):
        assert answer.exit_code == 2 and len(answer.stderr.splitlines()) == 1, answer.stderr
        assert str(other) in answer.stderr and "META_LANDING_DIR must name another" in answer.stderr
    assert ask("refresh-meta", str(world)).exit_code == 2 and dbt.calls == []
    with pytest.raises((NotOurs, RuntimeError), match="META_LANDING_DIR must name another"):
        _start_dbt()
    assert tree_of(tmp_path) == before


@pytest.mark.parametrize(
    "made", ["new", "empty", "link", "a disk's top", "beside the published file"]
)
def test_a_new_or_empty_folder_becomes_a_landing_zone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: str
) -> None:
    folder = tmp_path / "other"
    if made == "empty":
        folder.mkdir()
    if made == "a disk's top":
        (folder / "lost+found").mkdir(parents=True)
    if made == "link":
        (tmp_path / "disk").mkdir()
        folder.symlink_to(tmp_path / "disk")
    if made == "beside the published file":
        monkeypatch.setenv("META_DB_PATH", str(folder / "meta.duckdb"))
        publish_one("one")
    monkeypatch.setenv("META_LANDING_DIR", str(folder))
    land_one(LandingZone(folder))
    assert [entry.action for entry in LandingZone(folder).entries()] == ["sources"]


def test_files_of_others_in_a_landing_zone_stay(zone: LandingZone, world: Path) -> None:
    land_one(zone)
    strangers = [
        *("mine.txt", "log/app.log", "runs/notes.txt", "runs/.cache/x", "locks/mine"),
        *("empty/mine.parquet", "drafts/letter.draft", "runs/.2026Z-my-notes/x"),
    ]
    for name in strangers:
        (zone.path / name).parent.mkdir(exist_ok=True, parents=True)
        (zone.path / name).write_text("mine")
        os.utime((zone.path / name).parent, (1, 1))
    before = tree_of(zone.path)
    assert land("crawl", world).exit_code == 0 and land("compact").exit_code == 0
    zone.discard_replaced(99)
    after = tree_of(zone.path)
    for name in strangers:
        assert after[str(zone.path / name)] == before[str(zone.path / name)]
    assert ask("backup", zone.path.with_name("backup")).exit_code == 0
    assert ask("restore", zone.path.with_name("backup")).exit_code == 0
    assert all((zone.path / name).read_text() == "mine" for name in strangers)
