"""A zone of a newer format is refused before anything is written; additions are read by name."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from product import PROJECT, Product
from worlds import plant

from enrich.cli import main as enrich
from loaders.base.paths import locations
from loaders.base.sealed import seal, unseal
from loaders.keeping.backups import back_up, restore
from loaders.keeping.compact import compact
from loaders.keeping.verify import verify
from loaders.land import main as land
from loaders.zone import schemas
from loaders.zone.asking import asking, table_paths
from loaders.zone.landed_rows import rows_in_order
from loaders.zone.landing import LandingError, LandingZone, NewerFormat
from loaders.zone.registered import registered_sources

FIRST_FIELDS = (
    "format_version run_id action scope status started_at ended_at duration_seconds discovered "
    "landed unchanged skipped quarantined error_count error_message argv tool_version code_ref "
    "config_hash parent_run_id artifact_path meta_now tools files seq parent_sha256".split()
)
SOURCE = {"kind": "root", "path": "/a", "profile": "default", "event": "added"}


def land_sources(zone: LandingZone, *paths: str) -> None:
    for path in paths:
        with zone.run("sources") as run:
            run.table("source_events").append_rows([SOURCE | {"path": path}])


@pytest.fixture
def lived_in(zone: LandingZone) -> LandingZone:
    """A zone of four runs."""
    land_sources(zone, "/a", "/b", "/c", "/d")
    return LandingZone(zone.path)


def resealed(path: Path, **changes: object) -> None:
    path.write_bytes(seal(unseal(path.read_bytes()) | changes))


def entry(zone: LandingZone, seq: int) -> Path:
    return zone.log.path_of(seq)


def tree_of(folder: Path) -> dict[str, tuple]:
    """Every name below *folder*, with what would show that anything was written."""
    return {
        str(path): (status.st_mtime_ns, status.st_size, status.st_ino, status.st_mode)
        for path in sorted(folder.rglob("*"))
        for status in [path.lstat()]
    }


# -- which zones are newer -------------------------------------------------------------------------


def identity_newer(zone: LandingZone) -> None:
    resealed(zone.path / "zone.json", format_version=2)


def newest_run_newer(zone: LandingZone) -> None:
    resealed(entry(zone, 4), format_version=2)


def older_run_newer(zone: LandingZone) -> None:
    resealed(entry(zone, 2), format_version=2)


def identity_of_another_layout(zone: LandingZone) -> None:
    (zone.path / "zone.json").write_text('{"format_version": 7, "zone": {"id": [1]}}')


def run_of_another_layout(zone: LandingZone) -> None:
    entry(zone, 4).write_text('{"format_version": 20, "parts": "elsewhere"}')


def newer_run_without_identity(zone: LandingZone) -> None:
    (zone.path / "zone.json").unlink()
    newest_run_newer(zone)


def newer_run_after_a_damaged_one(zone: LandingZone) -> None:
    entry(zone, 2).write_text("damaged")
    newest_run_newer(zone)


def newer_run_after_a_lost_one(zone: LandingZone) -> None:
    entry(zone, 1).unlink()
    newest_run_newer(zone)


NEWER = [
    identity_newer,
    newest_run_newer,
    older_run_newer,
    identity_of_another_layout,
    run_of_another_layout,
    newer_run_without_identity,
    newer_run_after_a_damaged_one,
    newer_run_after_a_lost_one,
]


@pytest.mark.parametrize("make_newer", NEWER, ids=lambda make: make.__name__)
def test_a_newer_zone_is_refused_before_anything_is_written(
    lived_in: LandingZone, tmp_path: Path, make_newer: Callable[[LandingZone], None]
) -> None:
    make_newer(lived_in)
    (lived_in.path / "runs" / ".20200101T000000Z-crawl-dead").mkdir()
    for folder in ("empty", "locks"):
        for file in (lived_in.path / folder).glob("*"):
            file.unlink()
    before = tree_of(tmp_path)
    for use in (LandingZone, verify, lambda path: restore(path, locations())):
        with pytest.raises(
            NewerFormat, match=r"format \d+, this version reads up to 1; use a newer"
        ):
            use(lived_in.path)
    assert tree_of(tmp_path) == before


def test_a_damaged_version_number_is_damage_and_not_a_newer_version(lived_in: LandingZone) -> None:
    for path in (lived_in.path / "zone.json", entry(lived_in, 3)):
        whole = path.read_bytes()
        path.write_bytes(whole.replace(b'"format_version": 1', b'"format_version": 3'))
        with pytest.raises(LandingError, match="restore") as raised:
            LandingZone(lived_in.path).entries()
        assert not isinstance(raised.value, NewerFormat)
        path.write_bytes(whole)
    assert len(LandingZone(lived_in.path).entries()) == 4


@pytest.mark.parametrize("version", [0, -1, True, 1.0, "1", None, [1]])
def test_a_version_that_never_existed_is_damage(lived_in: LandingZone, version: object) -> None:
    resealed(lived_in.path / "zone.json", format_version=version)
    with pytest.raises(LandingError, match="identity") as raised:
        LandingZone(lived_in.path)
    assert not isinstance(raised.value, NewerFormat)


# -- every way in ----------------------------------------------------------------------------------

LAND = [
    "crawl {world}",
    "crawl --dry-run {world}",
    "crawl --resume {world}",
    "codegraphx {world}",
    "catalog" + " {world}/a.db",
    "signals",
    "manifests",
    "git",
    "verify",
    "compact",
    "runs",
]
ENRICH = [
    "refresh-meta",
    "refresh-meta {world}",
    "waive HIGH_*:/x --withdraw",
    "ignore {world} --reason planned",
    "sources list",
    "sources add {world}",
    "sources forget {world}",
    "backup {home}/backup",
    "restore {older}",
    "rollback",
]


@pytest.fixture
def home(lived_in: LandingZone, tmp_path: Path) -> Path:
    """A zone of a newer format, a world, and a backup that is of the format of this version."""
    back_up(locations(), tmp_path / "older")
    identity_newer(lived_in)
    plant(tmp_path / "world", {"a.db": b"SQLite format 3\0", "main.py": b"print(1)\n"})
    return tmp_path


@pytest.mark.parametrize(
    ("program", "line"), [(land, line) for line in LAND] + [(enrich, line) for line in ENRICH]
)
def test_every_command_refuses_a_newer_zone_in_one_line_and_changes_nothing(
    home: Path, program, line: str
) -> None:
    words = line.format(world=home / "world", home=home, older=home / "older").split()
    before = tree_of(home)
    result = CliRunner().invoke(program, words)
    assert (result.exit_code, tree_of(home)) == (4, before)
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1 and "use a newer version" in result.stderr


def test_a_backup_of_a_newer_version_is_not_written_to(home: Path) -> None:
    (home / "zone").rename(home / "newer")
    (home / "older").rename(home / "zone")
    for word in ("backup", "restore"):
        before = tree_of(home / "newer")
        result = CliRunner().invoke(enrich, [word, str(home / "newer")])
        assert (result.exit_code, tree_of(home / "newer")) == (4, before)
        assert "use a newer version" in result.stderr


def test_dbt_refuses_a_newer_zone_and_leaves_the_build_database(tmp_path: Path) -> None:
    project = {
        "dbt_project.yml": b"{name: meta_collector, config-version: 2, profile: meta_collector}",
        "profiles.yml": (PROJECT / "profiles.yml").read_bytes(),
        "models": {"one.sql": b"select 1 as x"},
    }
    plant(tmp_path / "project", project)
    product = Product(tmp_path / "home", project=tmp_path / "project")
    zone = LandingZone(product.landing)
    land_sources(zone, "/a")
    identity_newer(zone)
    build = product.home / "meta.duckdb.d" / "build"
    for content in (None, b"not a database"):
        if content:
            plant(build, {"meta.duckdb": content})
        before = tree_of(product.landing), tree_of(product.home / "meta.duckdb.d")
        answer = product.dbt("build", check=False)
        assert answer.returncode == 2
        assert "format 2, this version reads up to 1; use a newer version" in answer.stdout
        assert (tree_of(product.landing), tree_of(product.home / "meta.duckdb.d")) == before


def test_a_missing_zone_is_not_a_newer_zone(tmp_path: Path) -> None:
    assert LandingZone(tmp_path / "fresh").entries() == []
    (tmp_path / "empty").mkdir()
    assert LandingZone(tmp_path / "empty").entries() == []


# -- records of the first versions -----------------------------------------------------------------


def test_manifests_from_before_seals_are_read_with_defaults(lived_in: LandingZone) -> None:
    parent: str | None = None
    for seq in range(1, 5):
        manifest = unseal(entry(lived_in, seq).read_bytes())
        manifest = {name: manifest[name] for name in FIRST_FIELDS} | {"parent_sha256": parent}
        raw = json.dumps(manifest, indent=1).encode() if seq < 3 else seal(manifest)
        entry(lived_in, seq).write_bytes(raw)
        parent = hashlib.sha256(raw).hexdigest()
    zone = LandingZone(lived_in.path)
    assert [source.path for source in registered_sources(zone)] == ["/a", "/b", "/c", "/d"]
    assert [one.manifest["replaces"] for one in zone.entries()] == [[]] * 4
    assert verify(zone.path).faults == []
    land_sources(zone, "/e")
    assert len(LandingZone(zone.path).entries()) == 5


def test_a_removed_seal_of_a_current_manifest_is_noticed(lived_in: LandingZone) -> None:
    manifest = unseal(entry(lived_in, 4).read_bytes())
    entry(lived_in, 4).write_bytes(json.dumps(manifest, indent=1).encode())
    with pytest.raises(LandingError, match="edited or damaged"):
        LandingZone(lived_in.path).entries()


# -- what other code has landed --------------------------------------------------------------------


def land_table(zone: LandingZone, name: str, rows: pa.Table) -> None:
    """Land *rows*, whatever their columns, as *name*, as other code would have."""
    ours = dict(schemas.TABLES)
    with zone.run("sources") as run:
        schemas.TABLES[name] = rows.schema
        try:
            ids = pa.array([run.run_id] * len(rows), pa.string())
            run.table(name).append_table(rows.set_column(0, rows.schema.field(0), ids))
        finally:
            schemas.TABLES.clear()
            schemas.TABLES.update(ours)


def source_rows(path: str, *, lacks: str | None = None, has: str | None = None) -> pa.Table:
    rows = pa.Table.from_pylist([SOURCE | {"path": path}], schemas.TABLES["source_events"])
    if lacks:
        rows = rows.drop_columns([lacks])
    return rows.append_column(has, pa.array(["more"])) if has else rows


@pytest.fixture
def mixed(zone: LandingZone) -> LandingZone:
    """One table, landed by newer code first, then by older code, then by this."""
    land_table(zone, "source_events", source_rows("/newer", has="reason"))
    land_table(zone, "source_events", source_rows("/older", lacks="profile"))
    land_sources(zone, "/ours")
    land_table(zone, "unknown_table", pa.table({"run_id": ["x"], "y": [1]}))
    land_table(zone, "unknown_table", pa.table({"run_id": ["x"], "y": [2]}))
    return LandingZone(zone.path)


def test_rows_of_other_code_are_read_by_name(mixed: LandingZone) -> None:
    rows = rows_in_order(mixed, "source_events")
    assert [(row["path"], row["profile"]) for row in rows] == [
        ("/newer", "default"),
        ("/older", None),
        ("/ours", "default"),
    ]
    assert all([*row] == schemas.TABLES["source_events"].names for row in rows)


def test_the_engine_reads_rows_of_other_code_by_name(mixed: LandingZone) -> None:
    with asking(mixed) as (db, entries):
        paths = table_paths(mixed, "source_events", entries)
        for order in (paths, paths[::-1]):
            found = db.execute(
                "select path, profile from landed($paths) order by path", {"paths": order}
            ).fetchall()
            assert found == [("/newer", "default"), ("/older", None), ("/ours", "default")]


def test_compaction_keeps_all_rows_of_other_code(mixed: LandingZone) -> None:
    land_sources(mixed, "/last")
    run = compact(mixed, [])
    assert run is not None and len(run.replaces) == 3 and run.counts.unchanged == 3
    kept = [file for one in LandingZone(mixed.path).entries() for file in one.files]
    assert (
        sorted(file.table for file in kept)
        == ["source_events", "source_events"] + ["unknown_table"] * 2
    )
    columns = {name for file in kept for name in pq.read_schema(file.path).names}
    assert {"reason", "y"} <= columns
    assert [row["path"] for row in rows_in_order(mixed, "source_events")] == [
        "/newer",
        "/older",
        "/ours",
        "/last",
    ]


def test_compaction_of_only_unknown_columns_merges_nothing(zone: LandingZone) -> None:
    for path in ("/a", "/b"):
        land_table(zone, "source_events", source_rows(path, has="reason"))
    assert compact(zone, []) is None


def test_a_build_reads_rows_of_other_code_by_name(tmp_path: Path) -> None:
    project = {
        "dbt_project.yml": b"{name: meta_collector, config-version: 2, profile: meta_collector}",
        "profiles.yml": (PROJECT / "profiles.yml").read_bytes(),
        "models": {"taken.sql": b"{{ config(materialized='table') }} from landed.source_events"},
    }
    plant(tmp_path / "project", project)
    product = Product(tmp_path / "home", project=tmp_path / "project")
    zone = LandingZone(product.landing)
    land_table(zone, "source_events", source_rows("/newer", has="reason"))
    land_table(zone, "source_events", source_rows("/older", lacks="profile"))
    land_sources(zone, "/ours")
    product.dbt("build")
    build = product.home / "meta.duckdb.d" / "build" / "meta.duckdb"
    with duckdb.connect(os.fspath(build), read_only=True) as db:
        found = db.execute("select path, profile from taken order by path").fetchall()
        columns = [row[0] for row in db.execute("describe taken").fetchall()]
    assert found == [("/newer", "default"), ("/older", None), ("/ours", "default")]
    assert columns == [*schemas.TABLES["source_events"].names, *schemas.OF_THE_RUN.names]
