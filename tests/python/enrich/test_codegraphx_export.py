"""`enrich export --sqlite`: the catalogue, written completely or not at all."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import codegraphx_file
import pytest
from codegraphx_file import WHEN
from enrich_fixtures import HOSTILE, OBEYED, Workspace, make_file

from enrich.commands.codegraphx.export import write_database
from enrich.db import Published
from loaders.sources.codegraphx.catalogue_columns import CATALOG_COLUMNS


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    made = Workspace(tmp_path, monkeypatch)
    make_file(made.published, codegraphx_file.rows())
    return made


def exported(workspace: Workspace, *words: str) -> sqlite3.Connection:
    path = workspace.published.with_name("out.db")
    result = workspace.ask("export", "--sqlite", str(path), *words)
    assert result.exit_code == 0, result.stderr
    database = sqlite3.connect(path)
    database.row_factory = sqlite3.Row
    return database


def only(database: sqlite3.Connection, query: str) -> dict[str, Any]:
    [row] = database.execute(query).fetchall()
    return dict(row)


def test_the_tables_have_the_columns_that_a_catalogue_is_landed_with(workspace: Workspace) -> None:
    database = exported(workspace)
    tables = "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'"

    assert {row["name"] for row in database.execute(tables)} == set(CATALOG_COLUMNS)
    for table, columns in CATALOG_COLUMNS.items():
        made = [row["name"] for row in database.execute(f"pragma table_info({table})")]
        assert sorted(made) == sorted(name for name, _ in columns)
    assert database.execute("pragma integrity_check").fetchone()[0] == "ok"


def test_codegraphx_can_write_to_the_export(workspace: Workspace) -> None:
    database = exported(workspace)

    database.execute(
        "insert into codegraphx_file_signals select null, 'x', source_project, file_path, "
        "language, collector_score, is_file_collector, signal_walk, signal_read, signal_filter, "
        "signal_metadata, signal_aggregate, signal_fs_imports, signal_name_hint, evidence_json, "
        "created_at, updated_at from codegraphx_file_signals limit 1"
    )
    assert only(database, "select max(id) as newest from codegraphx_file_signals")["newest"] == 7
    with pytest.raises(sqlite3.IntegrityError):
        database.execute("update codegraphx_enrichment set scan_artifact = null")
    columns = {
        row["name"]: row["dflt_value"]
        for row in database.execute("pragma table_info(codegraphx_enrichment)")
    }
    assert (columns["created_at"], columns["phase7_performance_json"]) == (
        "CURRENT_TIMESTAMP",
        "'{}'",
    )


def test_an_unknown_value_is_the_one_that_codegraphx_writes(workspace: Workspace) -> None:
    row = only(exported(workspace), "select * from codegraphx_enrichment")

    assert (row["scan_file_count"], row["node_count"], row["calls_function_edges"]) == (2, 0, 0)
    assert (
        row["ast_artifact"],
        row["phase7_repo_fingerprint"],
        row["phase7_performance_json"],
    ) == ("", "", "{}")
    assert row["created_at"] == f"{WHEN:%Y-%m-%d %H:%M:%S}"


def test_projects_have_the_values_of_the_catalogue_else_ours(workspace: Workspace) -> None:
    database = exported(workspace)

    paths = [row["path"] for row in database.execute("select path from projects order by rowid")]
    assert paths == [
        *(
            "/w/00_Tools/alpha",
            f"/w/00xTools/{codegraphx_file.ODD}",
            f"/w/{HOSTILE}",
            "/w/ours\tx",
            "C:\\Dev\\Beta",
        ),
        None,
    ]
    alpha = only(database, "select * from projects where name = 'alpha'")
    assert (alpha["file_count"], alpha["has_tests"], alpha["has_readme"]) == (40, 1, None)
    ours = only(database, "select * from projects where path = '/w/ours\tx'")
    assert (ours["line_count"], ours["has_git"], ours["has_ci_cd"], ours["has_tests"]) == (
        2500,
        1,
        1,
        None,
    )


def test_ids_are_whole_numbers_in_the_order_of_the_key(workspace: Workspace) -> None:
    rows = (
        exported(workspace)
        .execute("select id, source_path, file_path from codegraphx_file_signals")
        .fetchall()
    )

    assert [row["id"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert rows == sorted(rows, key=lambda row: (row["source_path"], row["file_path"]))


def test_the_newest_of_two_rows_with_one_key_is_kept(tmp_path: Path, monkeypatch) -> None:
    rows = codegraphx_file.rows()
    [scan] = rows["codegraphx_enrichment"]
    newer = {
        "source_path_key": "/elsewhere",
        "source_project": "newer",
        "updated_at": WHEN.replace(year=2027),
    }
    workspace = Workspace(tmp_path, monkeypatch)
    make_file(workspace.published, rows | {"codegraphx_enrichment": [scan, scan | newer]})

    assert only(exported(workspace), "select id, source_project from codegraphx_enrichment") == {
        "id": 1,
        "source_project": "newer",
    }


def test_equal_files_give_equal_bytes(workspace: Workspace, tmp_path: Path) -> None:
    for name in ("one", "two"):
        with Published() as published:
            write_database(tmp_path / name, published)

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_an_existing_file_is_replaced_only_with_force(workspace: Workspace, tmp_path: Path) -> None:
    exported(workspace).close()
    before = (tmp_path / "out.db").stat()

    result = workspace.ask("export", "--sqlite", str(tmp_path / "out.db"))

    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert (tmp_path / "out.db").stat() == before
    exported(workspace, "--force").close()
    assert (tmp_path / "out.db").stat().st_ino != before.st_ino


@pytest.mark.parametrize("beside", ["out.db-wal", "out.db-journal"])
def test_a_database_that_is_in_use_is_not_replaced(
    workspace: Workspace, tmp_path: Path, beside: str
) -> None:
    exported(workspace).close()
    (tmp_path / beside).write_bytes(b"")

    result = workspace.ask("export", "--sqlite", str(tmp_path / "out.db"), "--force")

    assert (result.exit_code, beside in result.stderr) == (2, True)


def test_only_a_sqlite_database_is_replaced(workspace: Workspace) -> None:
    before = workspace.published.read_bytes()

    result = workspace.ask("export", "--sqlite", str(workspace.published), "--force")

    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert workspace.published.read_bytes() == before


def test_a_failure_leaves_nothing_behind(workspace: Workspace, tmp_path: Path, monkeypatch) -> None:
    before = {path.name for path in tmp_path.iterdir()}
    assert workspace.ask("export", "--sqlite", str(tmp_path / "none" / "out.db")).exit_code == 2
    assert (
        workspace.ask(
            "export", "--sqlite", str(tmp_path / "out.db"), "--db", str(tmp_path / "no")
        ).exit_code
        == 2
    )

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("enrich.commands.codegraphx.export.os.fsync", fail)
    result = workspace.ask("export", "--sqlite", str(tmp_path / "out.db"))

    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert {path.name for path in tmp_path.iterdir()} == before


def test_messages_about_the_export_are_harmless(workspace: Workspace, tmp_path: Path) -> None:
    result = workspace.ask("export", "--sqlite", str(tmp_path / "a\x1b[31mb.db"))

    assert result.exit_code == 0 and not OBEYED.search(result.stdout)
