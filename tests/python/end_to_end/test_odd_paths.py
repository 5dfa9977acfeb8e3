"""Paths are data.

Engines, commands and messages take every path literally, whatever it contains.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import duckdb
import pytest
from click.testing import CliRunner
from odd_paths import PATHS, ROLES, faults, places, run
from product import Product

from enrich.cli import main
from enrich.db import connect
from loaders.base.engine_paths import path_list, plain_path, read_parquet, readable
from loaders.base.paths import (
    Locations,
    canonical_root,
    clean_text,
    locations,
    opens_databases,
    text_of,
)
from loaders.publishing.moment import make_views
from loaders.publishing.published_versions import faults_of, kept_versions, rollback, swap_in
from loaders.sources import registry
from loaders.zone.asking import asking, healthy_paths
from loaders.zone.landed_rows import rows_in_order
from loaders.zone.landing import LandingZone

TABLE = "finding_events"
odd = pytest.mark.parametrize(
    "path", PATHS, ids=[clean_text(os.fsdecode(path))[:40] for path in PATHS]
)


def use(monkeypatch: pytest.MonkeyPatch, where: dict[str, bytes]) -> Locations:
    for name in ("META_DB_PATH", "META_LANDING_DIR"):
        monkeypatch.setenv(name, os.fsdecode(where[name]))
    return locations()


def land_one(zone: LandingZone) -> str:
    """Land one row and return its run."""
    with zone.run("observe", ["test"]) as run:
        run.table(TABLE).append_rows([{"subject": "here", "kind": "opened", "finding_id": "f1"}])
    return run.run_id


def publish(where: Locations, answer: int) -> None:
    """Publish a database whose table `answers` has *answer*, in the way a build publishes."""
    where.build_database.parent.mkdir(parents=True, exist_ok=True)
    where.work_folder.mkdir(parents=True, exist_ok=True)
    draft = where.engine_folder / "next.duckdb"
    with duckdb.connect(plain_path(draft)) as db:
        db.execute(f"create table answers as select {answer} as answer")
    swap_in(draft, where, {"contract": {"main.answers": [["answer", "INTEGER"]]}})


def answer_of(path: Path | None = None) -> int:
    with connect(path) as db:
        return db.execute("select answer from answers").fetchone()[0]


@odd
def test_rows_landed_below_an_odd_path_are_read_back_unchanged(
    path: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = use(
        monkeypatch, places(os.fsencode(tmp_path), {"META_LANDING_DIR": path, "META_DB_PATH": path})
    )
    zone = LandingZone(where.landing)
    run_id = land_one(zone)
    names = registry.TABLES[TABLE].names
    with asking(zone) as (db, entries):
        asked = db.execute(
            f"from {read_parquet('$paths')}", {"paths": healthy_paths(TABLE, entries)}
        )
        assert [column[0] for column in asked.description] == names and len(asked.fetchall()) == 1
    assert [row["subject"] for row in rows_in_order(zone, TABLE)] == ["here"]
    # As the plugin does at the start of a build.
    where.build_database.parent.mkdir(parents=True)
    with duckdb.connect(plain_path(where.build_database)) as db:
        files = [*healthy_paths(TABLE, entries), zone.empty_table(TABLE)]
        db.execute(make_views({TABLE: read_parquet(path_list(files))}))
        assert db.sql(f"from landed.{TABLE}").columns == names
        assert db.sql(f"select run_id, subject from landed.{TABLE}").fetchall() == [
            (run_id, "here")
        ]
    assert where.landing.joinpath("log").is_dir() and where.build_database.is_file()


@odd
def test_a_file_at_an_odd_path_is_published_read_verified_and_rolled_back(
    path: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    where = use(
        monkeypatch, places(os.fsencode(tmp_path), {"META_LANDING_DIR": path, "META_DB_PATH": path})
    )
    publish(where, 41)
    with connect() as held:
        publish(where, 42)
        assert held.execute("from answers").fetchall() == [(41,)]
        assert answer_of() == answer_of(where.published) == 42
    assert [list(faults_of(kept)) for kept in kept_versions(where).values()] == [[], []]
    ask = CliRunner().invoke
    for arguments in (["status"], ["verify"], ["sql", "from answers"], ["--help"]):
        answer = ask(main, arguments)
        assert answer.exit_code == 0 and not set(answer.output) & set(map(chr, range(32))) - {
            "\n"
        }, answer.output
    assert where.published.is_file()
    assert rollback(where) == 1 and answer_of() == 41
    # A file that was carried elsewhere is read where it is.
    copy = where.published.with_name("copy.duckdb")
    copy.write_bytes(where.published.read_bytes())
    assert answer_of(copy) == 41


# -- names for the engines -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/", "/data/José/my code/v1.2,a+b@c-d/日本_x.parquet", "/data/lock/Permission denied"]
)
def test_an_ordinary_path_keeps_its_name(path: str) -> None:
    assert plain_path(path) == path


def test_a_path_with_anything_unusual_goes_through_a_private_link(tmp_path: Path) -> None:
    folder = tmp_path / "state=NY" / "[x]"
    folder.mkdir(parents=True)
    name = Path(plain_path(folder / "below" / "part.parquet"))
    link = name.parents[1]
    assert name.relative_to(link) == Path("below", "part.parquet") and link.readlink() == folder
    assert stat.S_IMODE(link.parent.stat().st_mode) == 0o700
    # All files below one folder share its link.
    assert Path(plain_path(folder / "other.parquet")).parent == link
    assert os.path.samefile(plain_path(folder), folder)


def test_two_slashes_at_the_start_are_one(tmp_path: Path) -> None:
    assert plain_path(f"/{tmp_path}/x") == f"{tmp_path}/x"


@pytest.mark.parametrize("name", ["\x01\n", os.fsdecode(b"\xff"), "back\\slash", "\u202e"])
def test_a_printed_path_is_accepted_as_input(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    folder.mkdir()
    printed = text_of(os.fsencode(folder))
    assert canonical_root(printed) == canonical_root(os.fsencode(folder)) == os.fsencode(folder)
    # A file that has the printed name itself is meant first.
    Path(printed).mkdir()
    assert canonical_root(printed) == printed.encode()
    assert canonical_root(os.fsencode(folder)) == os.fsencode(folder)


def test_an_odd_name_beside_a_path_does_not_matter(tmp_path: Path) -> None:
    """To resolve a pattern DuckDB lists the folder, and trips over `c:`."""
    zone = LandingZone(tmp_path / "a[b]")
    land_one(zone)
    for neighbour in ("c:", "s3:", "a[c]", "ab", "a"):
        (tmp_path / neighbour).mkdir()
    with asking(zone) as (db, entries):
        files = path_list(healthy_paths(TABLE, entries))
        assert db.sql(f"select subject from {read_parquet(files)}").fetchall() == [("here",)]


@pytest.mark.parametrize("name", ["a[b]", "a?", "a*", "*", "{ab,a}", "[!x]b"])
def test_a_copy_of_the_zone_that_a_glob_would_match_is_not_read(name: str, tmp_path: Path) -> None:
    zone = LandingZone(tmp_path / name)
    land_one(zone)
    for copy in ("ab", "a"):
        shutil.copytree(zone.path, tmp_path / copy)
    with asking(zone) as (db, entries):
        asked = db.execute(
            f"select subject from {read_parquet('$paths')}",
            {"paths": healthy_paths(TABLE, entries)},
        )
        assert asked.fetchall() == [("here",)]


def test_columns_never_come_from_folders(tmp_path: Path) -> None:
    zone = LandingZone(tmp_path / "plain")
    run_id = land_one(zone)
    folder = tmp_path / "run_id=5" / "state=NY"
    folder.parent.mkdir()
    (tmp_path / "plain").rename(folder)
    with asking(LandingZone(folder)) as (db, entries):
        files = [os.fspath(file.path) for entry in entries for file in entry.files]
        # Even if a path reaches DuckDB unchanged.
        assert db.execute(
            f"select run_id from {read_parquet('$paths')}", {"paths": files}
        ).fetchall() == [(run_id,)]
        with pytest.raises(duckdb.BinderException):
            db.execute(f"select state from {read_parquet('$paths')}", {"paths": files})


_ALIAS = """
import os, sys, time
from loaders.base.engine_paths import plain_path
print(os.path.dirname(plain_path(sys.argv[1] + "/a=b/x").rpartition("/")[0]), flush=True)
sys.stdin.readline()
"""


def alias_folder(tmp_path: Path) -> tuple[subprocess.Popen[str], Path]:
    """Start a process that has an alias, and return it with the folder of its aliases."""
    process = subprocess.Popen(
        [sys.executable, "-c", _ALIAS, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    )
    return process, Path(process.stdout.readline().strip())


def test_aliases_are_removed_with_their_process(tmp_path: Path) -> None:
    (tmp_path / "a=b").mkdir()
    (tmp_path / "a=b" / "mine").touch()
    process, folder = alias_folder(tmp_path)
    assert (
        folder.parent == tmp_path
        and [path.is_symlink() for path in folder.iterdir()].count(True) == 1
    )
    process.communicate("end")
    assert process.returncode == 0 and not folder.exists()
    assert (tmp_path / "a=b" / "mine").exists()


def test_only_the_aliases_of_dead_processes_are_removed(
    tmp_path: Path,
) -> None:
    (tmp_path / "a=b").mkdir()
    (killed, dead), (living, alive) = alias_folder(tmp_path), alias_folder(tmp_path)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    foreign = tmp_path / "meta-collector-paths"
    foreign.mkdir()
    for folder in (dead, alive, foreign):
        os.utime(folder, (0, 0))
    other, fresh = alias_folder(tmp_path)
    assert not dead.exists() and alive.exists() and foreign.exists()
    for process in (living, other):
        process.communicate("end")


def test_a_temporary_folder_with_an_odd_path_is_not_used_for_aliases(tmp_path: Path) -> None:
    (tmp_path / "a=b" / "a=b").mkdir(parents=True)
    process, folder = alias_folder(tmp_path / "a=b")
    assert not folder.is_relative_to(tmp_path)
    process.communicate("end")
    assert not folder.exists()


@pytest.mark.parametrize("name", ["a?b", "back\\slash", os.fsdecode(b"\xff")])
def test_the_build_uses_another_folder_if_duckdb_cannot_open_a_database(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    (tmp_path / name).mkdir()
    (tmp_path / "link").symlink_to(tmp_path / name)
    for folder in (name, "link"):
        where = Locations(tmp_path / folder / "meta.duckdb", tmp_path / "zone")
        assert not opens_databases(where.work_folder)
        assert where.build_database.is_relative_to(tmp_path / "home" / "meta-collector" / "builds")
        assert where.versions.is_relative_to(tmp_path / folder)
    other = Locations(tmp_path / name / "other.duckdb", tmp_path / "zone")
    assert other.build_database != where.build_database


def test_a_file_that_duckdb_opens_is_read_by_its_own_name(tmp_path: Path) -> None:
    with readable(tmp_path / "x.duckdb") as name:
        assert name == str(tmp_path / "x.duckdb")


def test_spilled_files_beside_an_odd_path_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = use(monkeypatch, places(os.fsencode(tmp_path), {"META_DB_PATH": b"[a=*]\n"}))
    publish(where, 1)
    before = sorted(where.work_folder.rglob("*"))
    limits = {"memory_limit": "60MB", "threads": 1, "preserve_insertion_order": False}
    with duckdb.connect(plain_path(where.build_database), config=limits) as db:
        db.execute(
            "create temp table rows as select hash(i) as h, repeat('x', 60) || i as s from"
            " range(1500000) r(i)"
        )
        # More than the memory holds.
        assert (
            db.execute("select sum(bytes) from (select length(s) as bytes from rows)").fetchone()[0]
            > 60_000_000
        )
        ordered = "select s, row_number() over (order by h) as place from rows"
        assert db.execute(f"select max(place) from ({ordered})").fetchone() == (1_500_000,)
        assert db.execute("select count(*) > 0 from duckdb_temporary_files()").fetchone() == (True,)
    assert sorted(where.work_folder.rglob("*")) == sorted({*before, where.build_database})


# -- the whole of it -------------------------------------------------------------------------------


NASTIEST = {
    "patterns, partitions and URLs": (
        b's3:/:memory:/-rf/run_id=5/it\'s [a]*{b} "c" $(id) `id` {{ 1 }} %41 ~ lock'
    ),
    "a folder that no database can be in": b"a?b=c&d#/back\\slash/\xff\xfe two\nlines \x1b[31m",
}


@pytest.mark.parametrize("path", NASTIEST.values(), ids=NASTIEST)
def test_a_refresh_works_with_odd_paths_for_everything(path: bytes, tmp_path: Path) -> None:
    Product.remember_a_parse(known := tmp_path.with_name(f"{tmp_path.name}-parsed"))
    parsed = known / "partial_parse.msgpack"
    assert list(faults(os.fsencode(tmp_path), dict.fromkeys(ROLES, path), parsed)) == []
    where = places(os.fsencode(tmp_path), dict.fromkeys(ROLES, path))
    assert os.path.isfile(where["META_DB_PATH"])
    # The other variables that contain a path.
    other = os.path.join(os.fsencode(tmp_path), b"other", path)
    os.makedirs(other)
    exported, saved = other + b"/[x]?.db", other + b"/saved"
    elsewhere = where | {
        "META_DB_PATH": other + b"/a'?.duckdb",
        "META_LANDING_DIR": other + b"/zone",
    }
    for arguments, places_of_it in (
        (["export", "--sqlite", exported], where),
        (["backup", saved], where),
        (["restore", saved], elsewhere),
        (["status", "--db", where["META_DB_PATH"]], elsewhere),
        (["verify"], elsewhere),
    ):
        answer = run(arguments, places_of_it)
        assert answer.returncode == 0 and not answer.stderr, (arguments, answer)
    with contextlib.closing(
        sqlite3.connect(f"file:{quote(exported)}?mode=ro", uri=True)
    ) as catalogue:
        assert catalogue.execute("select count(*) from projects").fetchone() == (1,)
