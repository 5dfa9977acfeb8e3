"""Catalogues and search indexes: foreign SQLite files, read strictly from a private copy."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from codegraphx_fixtures import (
    A_PROJECT,
    PROJECTS,
    SEARCH,
    catalog,
    content,
    database,
    land,
    landed,
    write,
)

from loaders.sources.codegraphx import sqlite
from loaders.sources.codegraphx.catalogue_columns import CATALOG_COLUMNS, CATALOG_TABLES
from loaders.zone.landing import LandingZone

CATALOG_ROWS = [*CATALOG_TABLES.values(), "catalog_other_rows"]


def rows_landed(zone: LandingZone) -> dict[str, int]:
    counts = {
        table: len(landed(zone, table)) for table in [*CATALOG_ROWS, "codegraphx_search_rows"]
    }
    return {table: count for table, count in counts.items() if count}


def quarantined(zone: LandingZone, path: Path, **how) -> str:
    """Land what must not land, and return the reason."""
    run, summary = land(zone, path, **how)
    assert [one.state for one in summary.artifacts] == ["quarantined"]
    assert (run.counts.quarantined, run.problem_count, rows_landed(zone)) == (1, 1, {})
    assert not list(run.directory.glob("*.draft*"))
    return summary.artifacts[0].reason


# -- what lands ------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["catalog", "codegraphx"])
def test_rows_land_with_their_values(zone: LandingZone, world: Path, action: str):
    path = catalog(world / "catalogue.bin")
    before = path.read_bytes()
    run, summary = land(zone, path, action=action)
    assert [(one.kind, one.state, one.rows) for one in summary.artifacts] == [
        ("catalog", "landed", 2)
    ]
    [project] = landed(zone, "catalog_projects")
    assert (project["name"], project["path"], project["path_key"]) == (
        "app",
        "/srv/app",
        "/srv/app",
    )
    assert (project["has_readme"], project["has_tests"], project["position"], project["more"]) == (
        1,
        0,
        1,
        None,
    )
    [signals] = landed(zone, "catalog_project_signals")
    assert (signals["collector_ratio"], signals["min_score"], signals["source_path_key"]) == (
        1.0,
        4.0,
        "/srv/app",
    )
    assert sorted(
        (row["pointer"], row["path_key"], row["owner"]) for row in landed(zone, "artifact_pointers")
    ) == [
        ("project_path", "/srv/app", "/srv/app"),
        ("scan_artifact", "/srv/codegraphx/data/scan.jsonl", "/srv/app"),
    ]
    assert path.read_bytes() == before and os.listdir(world) == ["catalogue.bin"], "it was touched"
    assert run.action == action


def test_every_table_of_the_catalogue_lands(zone: LandingZone, world: Path):
    tables = [
        f"create table {name} ({', '.join(column for column, _ in columns)})"
        for name, columns in CATALOG_COLUMNS.items()
    ]
    rows = [
        f"insert into {name} ({columns[0][0]}) values (null)"
        for name, columns in CATALOG_COLUMNS.items()
    ]
    land(zone, database(world / "c.db", *tables, *rows))
    assert rows_landed(zone) == dict.fromkeys(CATALOG_TABLES.values(), 1)


def test_missing_columns_are_null_and_new_ones_land_as_json(zone: LandingZone, world: Path):
    path = database(
        world / "c.db",
        "create table projects (Path text, NAME text, has_tests integer, stars integer, blob blob)",
        "insert into projects values ('/srv/app', 'app', null, 5, x'00ff')",
        "insert into projects values ('/srv/b', null, 1, null, null)",
        "create table notes (id integer primary key, text)",
        "insert into notes values (7, 'seven')",
    )
    run, _ = land(zone, path)
    one, two = landed(zone, "catalog_projects")
    assert (one["name"], one["path"], one["has_tests"], one["file_count"]) == (
        "app",
        "/srv/app",
        None,
        None,
    )
    assert json.loads(one["more"]) == {"stars": 5, "blob": "00ff"} and two["has_tests"] == 1
    [other] = landed(zone, "catalog_other_rows")
    assert (other["table_name"], json.loads(other["row"])) == ("notes", {"id": 7, "text": "seven"})
    assert run.counts.quarantined == 0


def test_a_catalogue_without_enrichment_is_accepted(zone: LandingZone, world: Path):
    land(zone, database(world / "c.db", PROJECTS, A_PROJECT))
    assert rows_landed(zone) == {"catalog_projects": 1}


def test_a_foreign_database_is_skipped_in_a_folder_and_reported_if_named(
    zone: LandingZone, world: Path
):
    path = database(
        world / "app.db",
        "create table projects (id, name, path)",
        "insert into projects values (1, 2, 3)",
    )
    write(world / "big.sqlite", sqlite.MAGIC + b"\0" * 10_000)
    run, summary = land(zone, world)
    assert (run.counts.skipped, summary.artifacts, run.problem_count) == (2, [], 0)
    assert "no artifact" in quarantined(zone, path)


def test_land_catalog_accepts_only_catalogues(zone: LandingZone, world: Path):
    database(world / "search.db", *SEARCH)
    write(world / "scan.jsonl", content("scan"))
    catalog(world / "c.db")
    run, summary = land(zone, world, action="catalog")
    assert [one.kind for one in summary.artifacts] == ["catalog"] and run.counts.skipped == 2


def test_both_cases_of_a_drive_are_one_key_beside_the_raw_path(zone: LandingZone, world: Path):
    path = database(
        world / "c.db",
        PROJECTS,
        "insert into projects (path) values ('C:\\Repo\\App')",
        "insert into projects (path) values ('c:\\repo\\app')",
        "insert into projects (path) values ('')",
        "insert into projects (path) values (null)",
    )
    land(zone, path)
    rows = landed(zone, "catalog_projects")
    assert [row["path"] for row in rows] == ["C:\\Repo\\App", "c:\\repo\\app", "", None]
    assert [row["path_key"] for row in rows] == ["c:/repo/app", "c:/repo/app", None, None]
    assert len(landed(zone, "artifact_pointers")) == 2, "an empty path points nowhere"


def test_the_search_index_lands_from_its_content_table(zone: LandingZone, world: Path):
    run, summary = land(zone, database(world / "search.db", *SEARCH))
    assert [(one.kind, one.rows) for one in summary.artifacts] == [("search_db", 3)]
    rows = [
        (row["name"], row["path"], row["uid"], row["label"])
        for row in landed(zone, "codegraphx_search_rows")
    ]
    assert rows == [
        ("main", "", "app:main.py:main:1", "Function"),
        ("", "/srv/app/main.py", "app:main.py", "File"),
    ]
    [report] = landed(zone, "codegraphx_reports")
    assert json.loads(report["document"]) == {"search_meta": {"events_path": "data/events.jsonl"}}
    assert run.problem_count == 0


def test_columns_of_the_search_index_in_another_order(zone: LandingZone, world: Path):
    reordered = SEARCH[0].replace("name, path, uid unindexed", "uid unindexed, path, name")
    land(
        zone,
        database(
            world / "search.db",
            reordered,
            "insert into nodes_fts (name, uid) values ('main', 'u')",
            *SEARCH[1:3],
        ),
    )
    [row] = landed(zone, "codegraphx_search_rows")
    assert (row["name"], row["uid"], row["path"]) == ("main", "u", None)


# -- a log beside it -------------------------------------------------------------------------------


def test_rows_that_only_the_log_contains_land(zone: LandingZone, world: Path):
    path = catalog(world / "c.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("pragma journal_mode = wal")
        writer.execute("pragma wal_autocheckpoint = 0")
        writer.execute("insert into projects (name, path) values ('late', '/srv/late')")
        beside = {
            name: (world / name).read_bytes()
            for name in os.listdir(world)
            if not name.endswith("-shm")
        }
        run, summary = land(zone, world)
        assert summary.artifacts[0].variant == "wal"
        assert [row["name"] for row in landed(zone, "catalog_projects", run)] == ["app", "late"]
        again, _ = land(zone, world)
        assert again.counts.landed == 0 and again.counts.unchanged == 3
        assert beside == {name: (world / name).read_bytes() for name in beside}, "it was touched"
        # Rows that only the log contains count as new.
        writer.execute("insert into projects (name, path) values ('later', '/srv/later')")
        more, _ = land(zone, world)
        assert more.counts.landed == 4


def test_a_log_that_is_not_a_file_is_not_opened(zone: LandingZone, world: Path):
    path = catalog(world / "c.db")
    os.mkfifo(world / "c.db-wal")
    assert "-wal beside it" in quarantined(zone, path)


def test_a_database_that_needs_its_rollback_journal_is_not_read(zone: LandingZone, world: Path):
    """The journal can name a file, which SQLite deletes after it has rolled back."""
    path = catalog(world / "c.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("pragma cache_size = 1")
        writer.execute("begin immediate")
        writer.execute("create table wide (x)")
        for _ in range(200):
            writer.execute("insert into wide values (randomblob(4000))")
        assert (world / "c.db-journal").read_bytes()[:8] == sqlite._HOT_JOURNAL
        assert "rollback journal" in quarantined(zone, path)
        writer.execute("rollback")
    assert land(zone, path)[0].counts.landed == 2


# -- hostile ---------------------------------------------------------------------------------------

ENDLESS = (
    "with recursive c(x) as (select 1 union all select x + 1 from c) select x as name, x as path"
    " from c"
)


@pytest.mark.parametrize("name", CATALOG_TABLES)
@pytest.mark.parametrize(
    ("statement", "what"),
    [
        (f"create view {{name}} as {ENDLESS}", "view"),
        ("create virtual table {name} using fts5(path, name)", "virtual table"),
        ("create virtual table {name} using dbstat(main)", "virtual table"),
    ],
)
def test_another_object_in_place_of_a_table_is_refused_by_name(
    zone: LandingZone, world: Path, name: str, statement: str, what: str
):
    other = "codegraphx_enrichment" if name == "projects" else "projects"
    path = database(
        world / "c.db", f"create table {other} (path, file_count)", statement.format(name=name)
    )
    assert quarantined(zone, path) == f"{name} is not a table but a {what}"


def test_a_view_beside_the_tables_is_not_read(zone: LandingZone, world: Path):
    run, _ = land(
        zone,
        catalog(
            world / "c.db", f"create view endless as {ENDLESS}", "create table codegraphx_new (x)"
        ),
    )
    assert run.counts.landed == 2 and run.problem_count == 0


def generated(world: Path, expression: str) -> Path:
    table = f"create table projects (path text, file_count integer, name text as ({expression}))"
    return database(world / "c.db", table, "insert into projects (path) values ('/srv/app')")


def test_a_generated_column_is_not_read(zone: LandingZone, world: Path):
    run, _ = land(zone, generated(world, "upper(path)"))
    [row] = landed(zone, "catalog_projects")
    assert (row["path"], row["name"], row["more"], run.problem_count) == ("/srv/app", None, None, 0)


def test_a_generated_column_of_gigabytes_is_refused(zone: LandingZone, world: Path):
    assert "too big" in quarantined(zone, generated(world, "hex(zeroblob(400000000))"))


def test_a_table_named_like_a_column_is_read_correctly(zone: LandingZone, world: Path):
    """SQLite reads a name in double quotes as a text if it is not a column."""
    odd = 'create table "quo""ted; drop table projects" ("a ""b" text, "select" text)'
    path = catalog(
        world / "c.db", odd, """insert into "quo""ted; drop table projects" values ('x', 'y')"""
    )
    land(zone, path)
    [row] = landed(zone, "catalog_other_rows")
    assert row["table_name"] == 'quo"ted; drop table projects'
    assert json.loads(row["row"]) == {'a "b': "x", "select": "y"}


WRONG = {
    "'many'": "codegraphx_project_signals.files_analyzed",
    "1.5": "codegraphx_project_signals.files_analyzed",
    "x'00'": "codegraphx_project_signals.files_analyzed",
}


@pytest.mark.parametrize("cell", WRONG)
def test_a_cell_of_another_type_costs_its_row(zone: LandingZone, world: Path, cell: str):
    path = catalog(
        world / "c.db",
        f"insert into codegraphx_project_signals values ('/srv/b', 'b', {cell}, 1, 1.0, 4, '',"
        " '[]', '', '')",
        "insert into codegraphx_project_signals values ('/srv/c', 'c', 1, 1, 1, 4, '', '[]', '',"
        " '')",
    )
    run, summary = land(zone, path)
    assert [row["source_project"] for row in landed(zone, "catalog_project_signals")] == [
        "app",
        "c",
    ]
    [reject] = landed(zone, "artifact_rejects")
    assert reject["position"] == 2 and reject["reason"].startswith(WRONG[cell])
    assert (run.counts.quarantined, run.problem_count, summary.artifacts[0].quarantined) == (
        1,
        1,
        1,
    )


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("source_project", "cast(x'ff' as text)", "text that is not UTF-8"),
        ("source_project", "cast(x'eda080' as text)", "text that is not UTF-8"),
        ("source_project", "x'61'", "a value of another type"),
        ("collector_ratio", "9e999", "text that is not UTF-8, or a number that is not finite"),
        ("collector_ratio", "'high'", "a value of another type"),
    ],
)
def test_invalid_text_and_numbers_cost_their_row(
    zone: LandingZone, world: Path, column: str, cell: str, reason: str
):
    path = catalog(world / "c.db", f"update codegraphx_project_signals set {column} = {cell}")
    run, _ = land(zone, path)
    [reject] = landed(zone, "artifact_rejects")
    assert (
        reject["reason"].startswith(f"codegraphx_project_signals.{column}: {reason}")
        and reject["excerpt"].isprintable()
    )
    assert rows_landed(zone) == {"catalog_projects": 1} and run.problem_count == 1


def test_rows_of_other_tables_are_text_or_nothing(zone: LandingZone, world: Path):
    path = catalog(
        world / "c.db",
        "create table o (x)",
        "insert into o values (cast(x'ff' as text)), (9e999), ('y')",
    )
    run, _ = land(zone, path)
    assert [json.loads(row["row"]) for row in landed(zone, "catalog_other_rows")] == [{"x": "y"}]
    assert (run.counts.quarantined, run.problem_count) == (2, 1)


@pytest.mark.parametrize(
    "make", [catalog, lambda path: database(path, *SEARCH)], ids=["catalog", "search"]
)
@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_a_database_cut_in_the_middle(zone: LandingZone, world: Path, make, part: float):
    raw = make(world / "whole.db").read_bytes()
    cut = write(world / "cut" / "c.db", raw[: int(len(raw) * part)])
    assert "SQLite" in quarantined(zone, cut) or "damaged" in quarantined(zone, cut)


def test_damaged_pages_are_reported(zone: LandingZone, world: Path):
    path = catalog(
        world / "c.db", *(f"insert into projects (path) values ('/srv/{i}')" for i in range(500))
    )
    raw = bytearray(path.read_bytes())
    for page in range(2, len(raw) // 4096):
        raw[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    path.write_bytes(raw)
    assert "damaged" in quarantined(zone, path)


def test_a_database_of_only_a_header(zone: LandingZone, world: Path):
    path = write(world / "c.db", sqlite.MAGIC + b"codegraphx_ projects" * 100)
    assert "SQLite" in quarantined(zone, path)


def test_a_statement_without_end_is_stopped(
    zone: LandingZone, world: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sqlite, "_SECONDS", 0)
    monkeypatch.setattr(sqlite, "_STEPS_BETWEEN_CHECKS", 1)
    path = catalog(
        world / "c.db", *(f"insert into projects (path) values ('/srv/{i}')" for i in range(1000))
    )
    assert quarantined(zone, path) == "it takes too long to read"


def test_a_cell_too_long_for_memory_is_not_read(
    zone: LandingZone, world: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sqlite, "_LONGEST_CELL", 10_000)
    path = catalog(world / "c.db", "insert into projects (path) values (hex(zeroblob(20000)))")
    assert "too big" in quarantined(zone, path)


@pytest.mark.parametrize(
    "statements",
    [
        (
            "create table nodes_fts (name, path, uid, label, project, rel_path)",
            "insert into nodes_fts values (1,2,3,4,5,6)",
        ),
        ("create virtual table nodes_fts using fts5(name, path)",),
        (
            (
                "create virtual table nodes_fts using fts5(name, path, uid, label, project,"
                " rel_path, content='')"
            ),
        ),
        (f"create view nodes_fts as {ENDLESS}",),
        (
            f"create view nodes_fts_content as {ENDLESS}",
            "create view nodes_fts as select 1 as name",
        ),
    ],
    ids=["plain", "columns", "without content", "view", "view behind it"],
)
def test_a_table_that_is_not_a_search_index_is_refused(
    zone: LandingZone, world: Path, statements: tuple[str, ...]
):
    assert "nodes_fts" in quarantined(zone, database(world / "search.db", *statements))


def test_cells_of_the_search_index_without_text_cost_their_row(zone: LandingZone, world: Path):
    path = database(
        world / "search.db", *SEARCH, "update nodes_fts_content set c2 = 5 where c0 = 'main'"
    )
    run, _ = land(zone, path)
    assert [row["uid"] for row in landed(zone, "codegraphx_search_rows")] == ["app:main.py"]
    assert (run.counts.quarantined, run.problem_count) == (1, 1)


def test_the_statements_of_a_schema_run_nothing(zone: LandingZone, world: Path):
    """A trigger, an index on an expression and a check are all that a schema could have us run."""
    path = catalog(
        world / "c.db",
        "create trigger t after insert on projects begin insert into projects (path) values"
        " ('/planted'); end",
        "create index i on projects (abs(line_count))",
    )
    run, _ = land(zone, path)
    assert run.counts.landed == 2
