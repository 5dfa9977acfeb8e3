"""Nodes that are made part by part: equal to whole ones, cheaper, and never wrongly so."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from loaders.building import kept
from loaders.building.parts import Parts
from loaders.building.plan import Node, Plan
from loaders.building.replay import Outcome, Replay
from loaders.publishing.moment import Relation

# Landed file → its rows: project, commit, number.
Files = Mapping[str, list[tuple[str | None, str, int]]]
FIRST: Files = {
    "one": [(project, f"{project}{n}", n) for project in "abc" for n in range(9)],
    "two": [("c", "c0", 5)],
}


def _table(name: str, sql: str, **parts: Any) -> Node:
    text = f'create table "meta"."internal"."{name}" as ({sql})'
    return Node(f"model.{name}", "model", (text,), f"internal.{name}", parts=parts or None)


SUMS = _table(
    "sums",
    'select project, sum(n) as total, count(*) as rows from "meta"."landed"."items" group by all',
    of="project",
    reads={"landed.items": "project"},
)
# It reads the numbers of projects by their commits.
SHARES = _table(
    "shares",
    """
    select items.sha, sums.project, items.n / sums.total as share
    from "meta"."landed"."items" inner join "meta"."internal"."sums" using (project)
    """,
    of="project",
    reads={"sums": "project", "landed.items": "project"},
)
BY_COMMIT = _table(
    "by_commit",
    """
    select homes.project, sum(weights.n) as weight
    from "meta"."internal"."homes" inner join "meta"."internal"."weights" using (sha)
    group by homes.project
    """,
    of="project",
    reads={"homes": "project", "weights": "sha in homes"},
)
HOMES = _table("homes", 'select distinct project, sha from "meta"."landed"."items"')
WEIGHTS = _table("weights", 'select sha, max(n) as n from "meta"."landed"."items" group by sha')
_LARGE = 'select * from "meta"."internal"."sums" where total > 100'
LARGE = Node(
    "model.large",
    "model",
    (f'create view "meta"."internal"."large" as ({_LARGE})',),
    "internal.large",
    is_view=True,
    parts={"of": "project", "reads": {"sums": "project"}},
)
_NONE = 'select count(*) as failures, failures > 0, failures > 0 from "meta"."internal"."large"'
TEST = Node("test.large", "test", (_NONE,), parts={"reads": {"large": "project"}})
# The rank of a project depends on the others, whatever is declared.
WRONG = _table(
    "wrong",
    'select project, rank() over (order by total) as place from "meta"."internal"."sums"',
    of="project",
    reads={"sums": "project"},
)
NODES = (SUMS, HOMES, WEIGHTS, SHARES, BY_COMMIT, LARGE, TEST)


def _replayed(
    database: Path, files: Files, nodes: tuple[Node, ...] = NODES, setting: str = ""
) -> Outcome:
    def rows_of(names: Mapping[str, object]) -> str:
        texts = ["(cast(null as varchar), '', 0)"]
        for name in names:
            for project, sha, n in files[name]:
                texts.append(f"({'null' if project is None else repr(project)}, '{sha}', {n})")
        return f"(select * from (values {', '.join(texts)}) as v(project, sha, n) where sha <> '')"

    def rows_without(marks: Any) -> str:
        return rows_of({name: () for name in files if f"{name} {files[name]}" not in marks})

    marks = tuple(f"{name} {rows}" for name, rows in files.items())
    items = Relation(rows_of(files), str(marks), marks, rows_without)
    moment = SimpleNamespace(variables={}, relations={"items": items}, own_rules={})
    with duckdb.connect(str(database)) as db:
        db.execute(f"create schema if not exists landed; {setting}")
        db.execute(f"create or replace view landed.items as from {items.sql}")
        return Replay(db, Plan("key", "id", nodes), moment).run(lambda *done: None)  # type: ignore[arg-type]


def _rows(database: Path, name: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(database)) as db:
        return db.execute(f"from internal.{name} order by all").fetchall()


def _contents(database: Path) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(database)) as db:
        kept_rows = "select unique_id, contents from kept.nodes where contents like '% %'"
        return db.execute(f"{kept_rows} order by all").fetchall()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "meta.duckdb"
    _replayed(path, FIRST)
    return path


CHANGES: Mapping[str, Files] = {
    "rows of one project": {**FIRST, "more": [("b", "b9", 3), ("b", "b1", 8)]},
    "the same row once more": {**FIRST, "more": [("c", "c0", 5)]},
    "a new project": {**FIRST, "more": [("d", "d0", 1)]},
    "a commit of several projects": {**FIRST, "more": [("a", "b1", 7), ("d", "b1", 7)]},
    "rows of no project": {**FIRST, "more": [(None, "x", 1)]},
    "more than there was": {**FIRST, "more": [("a", f"a{n}", 1) for n in range(60)]},
    "a file is gone": {"one": FIRST["one"]},
    "other files, the same rows": {"both": [*FIRST["one"], *FIRST["two"]]},
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_made_in_parts_is_what_is_made_as_a_whole(
    database: Path, tmp_path: Path, change: str
):
    whole = tmp_path / "whole" / "meta.duckdb"
    whole.parent.mkdir()
    _replayed(whole, CHANGES[change])
    _replayed(database, CHANGES[change])
    for node in NODES[:5]:
        name = node.unique_id.removeprefix("model.")
        assert _rows(database, name) == _rows(whole, name), name
    assert _contents(database) == _contents(whole)


def test_parts_that_nothing_touches_stay_as_they_are(database: Path):
    with duckdb.connect(str(database)) as db:
        db.execute("update internal.sums set rows = 77 where project = 'a'")
    _replayed(database, CHANGES["rows of one project"])
    assert [row[2] for row in _rows(database, "sums")] == [77, 11, 10]
    # A file that is gone may have had rows of any part.
    _replayed(database, CHANGES["a file is gone"])
    assert [row[2] for row in _rows(database, "sums")] == [9, 9, 9]


def test_a_part_that_fails_a_test_is_found_and_one_that_passed_is_not_asked_again(database: Path):
    with duckdb.connect(str(database)) as db:
        db.execute("update internal.sums set total = 777 where project = 'a'")
    assert _replayed(database, {**FIRST, "more": [("b", "b9", 1)]}).errors == []
    [error] = _replayed(
        database, {**FIRST, "more": [("b", "b9", 1)], "last": [("c", "c9", 99)]}
    ).errors
    assert "1 rows fail" in error


def test_a_node_that_the_last_build_did_not_reach_is_made_as_a_whole(database: Path):
    """A build that was killed has made what `shares` reads, but not `shares`."""
    with duckdb.connect(str(database)) as db:
        reached = kept.read(db)["model.shares"]
        rows = db.execute("from internal.shares").fetchall()
    more = CHANGES["rows of one project"]
    _replayed(database, more)
    with duckdb.connect(str(database)) as db:
        db.execute("delete from internal.shares")
        db.executemany("insert into internal.shares values (?, ?, ?)", rows)
        kept.write(db, {"model.shares": reached})
    _replayed(database, {**more, "last": [("c", "c9", 4)]})
    assert len(_rows(database, "shares")) == 28 + 2 + 1


def test_a_wrong_declaration_is_caught_by_the_comparison(database: Path, tmp_path: Path):
    whole, nodes = tmp_path / "whole.d" / "meta.duckdb", (*NODES, WRONG)
    whole.parent.mkdir()
    _replayed(database, FIRST, nodes)
    grown = {**FIRST, "more": [("a", "a9", 50)]}
    for path in (database, whole):
        _replayed(path, grown, nodes)
    assert _rows(database, "sums") == _rows(whole, "sums")
    assert _rows(database, "wrong") != _rows(whole, "wrong")


def test_a_node_that_needs_more_memory_than_a_build_begins_with_gets_it(tmp_path: Path):
    path, heavy = (
        tmp_path / "meta.duckdb",
        _table("heavy", "select list(n) as n from range(3000000) as r(n)"),
    )
    outcome = _replayed(path, FIRST, (SUMS, heavy, SHARES), "set memory_limit = '20MB'")
    assert outcome.errors == []
    assert {*outcome.statuses.values()} == {"success"}
    assert [len(_rows(path, name)) for name in ("sums", "heavy", "shares")] == [3, 1, 28]


def test_what_shares_a_transaction_with_a_node_that_fails_is_made_by_the_next_build(tmp_path: Path):
    path, wrong = tmp_path / "meta.duckdb", _table("heavy", "select cast('x' as integer) as n")
    outcome = _replayed(path, FIRST, (SUMS, wrong, SHARES))
    assert [*outcome.statuses.values()] == ["skipped", "error", "skipped"]
    assert outcome.made == []
    assert _replayed(path, FIRST, (SUMS, SHARES)).made == ["model.sums", "model.shares"]


@pytest.mark.parametrize(
    "reads",
    [
        {"other": "project"},
        {"sums": "project in other"},
        {"sums": "project of items"},
        {"sums": "sha in landed.items", "landed.items": "n in sums"},
        {"sums": "sha in landed.items"},
    ],
)
def test_a_declaration_that_cannot_hold_is_refused(reads: Mapping[str, str]):
    with pytest.raises(ValueError, match=r"parts: "):
        Parts.declared({"of": "project", "reads": reads}, ("internal.sums", "landed.items"))
