"""The reader for scripts: its locked settings, and the version that it sees."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest
from enrich_fixtures import make_file

from enrich.db import NothingPublished, Published, connect


def _swap(published: Path, number: int, name: str) -> None:
    """Publish a version with one project called *name*, by a rename over the old one."""
    versions = published.with_name("meta.duckdb.d") / "generations"
    versions.mkdir(parents=True, exist_ok=True)
    kept = make_file(
        versions / f"{number:08}.duckdb",
        {"v_project_health": [{"project_id": name, "project_name": name}]},
    )
    os.link(kept, published.with_name("next"))
    os.replace(published.with_name("next"), published)


@pytest.mark.parametrize(
    "statement",
    [
        "select * from read_csv('{file}')",
        "select * from read_text('{file}')",
        "select * from glob('{folder}/*')",
        "copy (select 1) to '{folder}/out.csv'",
        "export database '{folder}/out'",
        "attach '{other}' as other",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "set lock_configuration = false",
        "set threads = 1",
        "create table t as select 1",
        "delete from v_gap_backlog",
    ],
)
def test_a_connection_cannot_reach_other_files(tmp_path: Path, statement: str) -> None:
    file = tmp_path / "secret.csv"
    file.write_text("a\n1\n")
    other = make_file(tmp_path / "other.duckdb")
    connection = connect(make_file(tmp_path / "meta.duckdb"))

    assert connection.execute("select count(*) from v_project_health").fetchone() == (4,)
    with pytest.raises(duckdb.Error):
        connection.execute(statement.format(file=file, folder=tmp_path, other=other))
    assert {path.name for path in tmp_path.iterdir()} == {
        "secret.csv",
        "other.duckdb",
        "meta.duckdb",
    }


def test_a_variable_of_the_script_is_not_read_as_a_table(tmp_path: Path) -> None:
    import pyarrow as pa

    connection = connect(make_file(tmp_path / "meta.duckdb"))
    mine = pa.table({"a": [1]})

    with pytest.raises(duckdb.CatalogException):
        connection.execute("select * from mine")
    assert mine.num_rows == 1


def test_times_are_utc(tmp_path: Path) -> None:
    connection = connect(make_file(tmp_path / "meta.duckdb"))

    assert connection.execute("select current_setting('TimeZone')").fetchone() == ("UTC",)


def test_a_reader_sees_a_new_version_while_another_keeps_the_old_one(tmp_path: Path) -> None:
    published = tmp_path / "meta.duckdb"
    _swap(published, 1, "old")
    script = connect(published)
    first, second = Published(published), Published(published)
    ask = "select project_name from v_project_health"
    assert first.query(ask).rows == second.query(ask).rows == [("old",)]

    _swap(published, 2, "new")

    assert first.query(ask).rows == second.query(ask).rows == [("new",)]
    assert connect(published).execute(ask).fetchall() == [("new",)]
    assert script.execute(ask).fetchall() == [("old",)]


def test_one_block_sees_one_version(tmp_path: Path) -> None:
    published = tmp_path / "meta.duckdb"
    _swap(published, 1, "old")
    ask = "select project_name from v_project_health"
    reader = Published(published)
    with reader:
        reader.query(ask)
        _swap(published, 2, "new")
        assert reader.query(ask).rows == [("old",)]
    assert reader.query(ask).rows == [("new",)]


def test_a_missing_file_is_reported_with_the_command_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("META_DB_PATH", str(tmp_path / "none" / "meta.duckdb"))

    with pytest.raises(NothingPublished, match="make refresh ROOT="):
        connect()


def test_a_cut_answer_is_marked(tmp_path: Path) -> None:
    reader = Published(make_file(tmp_path / "meta.duckdb"))

    assert reader.query("from range(3)", at_most=2).has_more
    assert not reader.query("from range(2)", at_most=2).has_more
    assert reader.query("select $a as a", {"a": 5}).dicts() == [{"a": 5}]
