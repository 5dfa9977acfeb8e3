"""Compares two published files; it alone defines what may differ (contract: Equal tables)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
from contract_layers import committed

RELATIONS = tuple(committed())
# These may differ over different sets of runs: the runs, their times, and what follows from them.
RUN_RELATIONS = ("ingest_runs", "v_success_metrics")
RUN_COLUMNS = {
    "source_run_id",
    # The id of a rejected row contains the run that landed it.
    "reject_id",
    "landed_at",
    "read_at",
    "facts_at",
    "last_seen",
    "last_crawled_at",
    "last_scanned_at",
    "last_analyzed",
    "codebase_registry.updated_at",
    "scan_age_days",
    "age_days",
    "health_freshness",
    "health_activity",
    "health_tests",
    "health_docs",
    "health_gaps",
    "health_score",
    "points",
    "maximum",
    "v_health_terms.reason",
    "freshness_penalty",
    "priority",
    "rank",
    "changed_priority",
    "changed_rank",
    "rank_change",
    "rationale",
}


# The schema in which a build notes what made each node, to know later what it may keep.
BOOKKEEPING = "kept"


def differences_of_builds(left: Path, right: Path) -> list[str]:
    """Return a line per table of two build databases whose rows or columns differ in anything."""
    found = []
    with duckdb.connect() as db:
        db.execute(f"attach '{left}' as one (read_only)")
        db.execute(f"attach '{right}' as other (read_only)")
        ours, theirs = (_relations(db, side) for side in _SIDES)
        for name in sorted(ours.keys() | theirs.keys()):
            if ours.get(name) != theirs.get(name):
                found.append(f"{name}: {ours.get(name)} in one, {theirs.get(name)} in other")
            elif not isinstance(ours[name], str):
                found += _other_rows(db, name)
    return found


def _relations(db: duckdb.DuckDBPyConnection, side: str) -> dict[str, object]:
    """Return table → its columns with types, and view → the words of its statement.

    The engine keeps some lists of a view in no order.
    """
    tables = """
        select '"' || schema_name || '"."' || table_name || '"',
            list((column_name, data_type) order by column_index)
        from duckdb_columns()
        semi join duckdb_tables() using (database_name, schema_name, table_name)
        where database_name = ? and schema_name <> ?
        group by all
    """
    views = """
        select '"' || schema_name || '"."' || view_name || '"', sql from duckdb_views()
        where database_name = ? and not internal and schema_name <> 'landed'
    """
    statements = db.execute(views, [side]).fetchall()
    return {
        **dict(db.execute(tables, [side, BOOKKEEPING]).fetchall()),
        **{name: " ".join(sorted(re.findall(r"\w+", text))) for name, text in statements},
    }


def _other_rows(db: duckdb.DuckDBPyConnection, table: str) -> Iterator[str]:
    """Yield what differs; tables of as many rows are equal if one has nothing that the other has
    not.
    """
    counts = [db.execute(f"select count(*) from {side}.{table}").fetchall() for side in _SIDES]
    if counts[0] != counts[1] or db.execute(_only_in(*_SIDES, table)).fetchall():
        for here, there in (_SIDES, _SIDES[::-1]):
            rows = db.execute(_only_in(here, there, table)).fetchall()
            yield f"{table}: {len(rows)} rows only in {here}: {rows[:2]}"


_SIDES = ("one", "other")


def _only_in(here: str, there: str, table: str) -> str:
    return f"from {here}.{table} except all from {there}.{table}"


def differences(left: Path, right: Path, *, same_runs: bool) -> list[str]:
    """Return a line per relation whose rows differ; *same_runs* allows nothing to differ."""
    found = []
    with duckdb.connect() as db:
        db.execute(f"attach '{left}' as one (read_only)")
        db.execute(f"attach '{right}' as other (read_only)")
        for relation in RELATIONS:
            if not same_runs and relation in RUN_RELATIONS:
                continue
            columns = [row[0] for row in db.execute(f"describe one.main.{relation}").fetchall()]
            kept = ", ".join(
                name
                for name in columns
                if same_runs or not {name, f"{relation}.{name}"} & RUN_COLUMNS
            )
            for here, there in (("one", "other"), ("other", "one")):
                ours, theirs = (
                    f"select {kept} from {side}.main.{relation}" for side in (here, there)
                )
                query = f"{ours} except all {theirs}"
                rows = db.execute(query).fetchall()
                if rows:
                    found.append(f"{relation}: {len(rows)} rows only in {here}: {kept}: {rows[:2]}")
    return found
