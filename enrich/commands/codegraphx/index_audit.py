"""`enrich index-audit`: measures what makes the published file answer fast.

DuckDB keeps the smallest and largest value of every column per row group (some 120,000 rows), its
zone maps, and skips the groups that cannot match. They help if a table is sorted by the column of
the condition; for text they contain only the first twelve bytes. A table of one row group is read
as a whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import click

from enrich import options
from enrich.answers.findings import findings_query
from enrich.answers.freshness import judge_now
from enrich.answers.projects import QUESTIONS as OF_A_PROJECT
from enrich.commands.codegraphx.catalogue import PROJECTS
from enrich.commands.codegraphx.collectors import FILES
from enrich.commands.codegraphx.intelligence import STORED
from enrich.commands.codegraphx.old_shape import INDEXES
from enrich.commands.codegraphx.shared import (
    WRITES,
    TheirCommand,
    also_written_to,
    json_option,
    output_option,
    refused,
    write_report,
)
from enrich.db import Published, Rows
from enrich.render import write_rows
from enrich.screen import Column, Screen

_VIEWS = (
    "v_project_health",
    "v_index_coverage",
    "v_collector_projects",
    "v_gap_backlog",
    "v_next_actions",
)
# The largest project and folder, as the worst case.
_PROJECT = (
    "select project_id from v_project_health "
    "order by file_count desc nulls last, project_id limit 1"
)
_FOLDER = (
    "select source_path_key from codegraphx_project_signals order by files_analyzed desc, 1 limit 1"
)
# An order or an index would help a read of several groups that keeps less than a tenth of its rows.
_WASTE = 10


@dataclass(frozen=True)
class Scan:
    """One table as one question reads it; `columns` are those of its conditions."""

    question: str
    table: str
    method: str
    filters: str
    columns: tuple[str, ...]
    rows_read: int
    rows_kept: int
    groups_read: int
    groups: int
    milliseconds: float

    @property
    def helped_by(self) -> str:
        if self.method == "Index Scan":
            return "index"
        if self.groups_read < self.groups:
            return "zone maps"
        if self.groups <= 1:
            return "one row group"
        if self.filters and self.rows_kept * _WASTE <= self.rows_read:
            return "nothing"
        return "reads all it needs"


@dataclass(frozen=True)
class Table:
    """A core table in the file. `blocks_bytes` counts shared blocks for each table in them."""

    table: str
    rows: int
    row_groups: int
    blocks_bytes: int
    sorted_by: tuple[str, ...]
    indexes: tuple[dict[str, Any], ...]


@click.command("index-audit", cls=TheirCommand)
@refused("--apply", WRITES, is_flag=True)
@json_option
@output_option
@options.format_option
@options.db_option
def index_audit(as_json: bool, output: str | None, form: str, db: str | None) -> None:
    """Show what makes the published file answer fast.

    Runs the queries of the views and commands, and shows what each reads of which table, and
    whether order, zone maps or indexes help. Every build writes the file again, so that an order
    costs nothing later, and an index is built each time.
    """
    with Published(db) as published:
        scans = [
            scan
            for name, sql, values in questions(published)
            for scan in scans_of(published, name, sql, values)
        ]
        tables = list(core_tables(published, scans))
    missing = missing_of(scans)
    with also_written_to(output):
        if as_json:
            write_report(_report(tables, scans, missing))
        elif form == "table":
            _write_page(tables, scans, missing)
        else:
            _write_flat(tables, scans, form)


def questions(published: Published) -> Iterator[tuple[str, str, Mapping[str, Any] | list[Any]]]:
    """Yield the questions of people and commands: a name, the query, its parameters."""
    for view in _VIEWS:
        yield view, f"select * from {view}", []
    yield "backlog", PROJECTS.format(chosen="true"), []
    judge_now(published)
    for (key,) in published.query(_PROJECT).rows:
        for name, sql in OF_A_PROJECT.items():
            yield f"show: {name}", sql, [key]
        yield "gaps --project", findings_query(["project_id"]), {"project_id": key}
        yield "files of a project", "select * from files where project_id = $1", [key]
    for (key,) in published.query(_FOLDER).rows:
        yield "collectors", FILES, [key]
        yield "intelligence", STORED, [key]


def scans_of(published: Published, question: str, sql: str, values: Any) -> Iterator[Scan]:
    """Run *sql* and yield what it read of each table, in the order of its plan."""
    plan = json.loads(published.query(f"explain (analyze, format json) {sql}", values).rows[0][1])
    nodes = list(plan["operator"])
    while nodes:
        node = nodes.pop(0)
        nodes = node.get("children", []) + nodes
        about = node.get("extra_info", {})
        if "Table" in about:
            table = about["Table"].partition(".")[2]
            filters = about.get("Filters", "")
            filters = filters if isinstance(filters, str) else " and ".join(filters)
            yield Scan(
                question=question,
                table=table.removeprefix("main."),
                method=about.get("Type", ""),
                filters=filters,
                columns=tuple(_filtered_columns(published, table, filters)),
                rows_read=node.get("rows_scanned", 0),
                rows_kept=node.get("intermediate_rows", 0),
                groups_read=node.get("row_groups_scanned", 0),
                groups=node.get("total_row_groups_to_scan", 0),
                milliseconds=round(node.get("timing", 0.0) * 1000, 3),
            )


def _filtered_columns(published: Published, table: str, filters: str) -> Iterator[str]:
    """Yield the columns of *table* in the conditions of a plan."""
    conditions = re.sub("'(?:[^']|'')*'", "", filters)
    if conditions:
        for column, *_ in published.query(f"describe {table}").rows:
            if re.search(rf"\b{re.escape(column)}\b", conditions):
                yield column


def core_tables(published: Published, scans: list[Scan]) -> Iterator[Table]:
    """Yield every table of the schema main, by name."""
    block_size = published.query("select block_size from pragma_database_size()").rows[0][0]
    names = published.query(
        "select table_name from duckdb_tables()"
        " where schema_name = 'main' and not temporary order by 1"
    ).rows
    for (name,) in names:
        asked = sorted({column for scan in scans if scan.table == name for column in scan.columns})
        groups, blocks = published.query(_STORAGE, [name]).rows[0]
        yield Table(
            table=name,
            rows=published.query(f'select count(*) from "{name}"').rows[0][0],
            row_groups=groups,
            blocks_bytes=blocks * block_size,
            sorted_by=tuple(_sorted_by(published, name, asked)),
            indexes=tuple(_indexes(published, name)),
        )


_STORAGE = """
    select count(distinct row_group_id), count(distinct block_id) filter (where block_id >= 0)
    from pragma_storage_info($1)
"""


def _sorted_by(published: Published, table: str, columns: list[str]) -> Iterator[str]:
    """Yield those of *columns* that never decrease from row to row, in stored order (`over ()`)."""
    for column in columns:
        [[is_sorted]] = published.query(
            f"""
            select coalesce(bool_and(previous is null or previous <= value), false)
            from (
                select "{column}" as value, lag("{column}") over () as previous from "{table}"
            )
            """
        ).rows
        if is_sorted:
            yield column


def _indexes(published: Published, table: str) -> Iterator[dict[str, Any]]:
    """Yield the indexes of a table, keys included, as CodeGraphX's audit describes them."""
    named = """
        select index_name, string_split(trim(expressions, '[]'), ', '), is_unique, 'c'
        from duckdb_indexes() where table_name = $1
    """
    keys = """
        select
            constraint_name, constraint_column_names, true,
            if(constraint_type = 'UNIQUE', 'u', 'pk')
        from duckdb_constraints()
        where table_name = $1 and constraint_type in ('PRIMARY KEY', 'UNIQUE')
    """
    for name, columns, is_unique, origin in published.query(
        f"{named} union all {keys} order by 1", [table]
    ).rows:
        yield {
            "name": name,
            "table": table,
            "columns": columns,
            "unique": is_unique,
            "origin": origin,
            "partial": False,
        }


def missing_of(scans: list[Scan]) -> list[dict[str, Any]]:
    """Return the orders (or indexes) that would save most of the reading, once each."""
    wasted = {(scan.table, scan.columns) for scan in scans if scan.helped_by == "nothing"}
    return [
        {"name": f"idx_{table}_{'_'.join(columns)}", "table": table, "columns": list(columns)}
        for table, columns in sorted(wasted)
    ]


def _skipped(tables: list[Table], scans: list[Scan]) -> Iterator[dict[str, Any]]:
    """Yield CodeGraphX's indexes, each with the reason why the published file has none."""
    groups = {table.table: table.row_groups for table in tables}
    for name, table, columns in INDEXES:
        helps = {
            scan.helped_by for scan in scans if scan.table == table and columns[0] in scan.columns
        }
        if table not in groups:
            reason = "table_missing"
        elif groups[table] <= 1:
            reason = "one_row_group"
        else:
            reason = " and ".join(sorted(helps)).replace(" ", "_") or "not_queried"
        yield {"name": name, "table": table, "columns": list(columns), "reason": reason}


def _report(
    tables: list[Table], scans: list[Scan], missing: list[dict[str, Any]]
) -> dict[str, Any]:
    """Return the report in the form of sqlite_index_audit.py, then the measurements."""
    return {
        "existing_indexes": {table.table: list(table.indexes) for table in tables},
        "recommended_missing": missing,
        "recommended_skipped": list(_skipped(tables, scans)),
        "tables": [asdict(table) for table in tables],
        "questions": [asdict(scan) | {"helped_by": scan.helped_by} for scan in scans],
    }


_TABLE_TABLE = (
    Column("table", "table", "right"),
    Column("rows", "rows"),
    Column("row groups", "row_groups"),
    Column("blocks, kB", lambda row: row["blocks_bytes"] // 1024),
    Column("sorted by", lambda row: ", ".join(row["sorted_by"]), "right"),
    Column("indexes", lambda row: ", ".join(index["name"] for index in row["indexes"]), "right"),
)
_QUESTION_TABLE = (
    Column("question", "question"),
    Column("tables", "tables"),
    Column("rows read", "rows_read"),
    Column("row groups", lambda row: f"{row['groups_read']} of {row['groups']}"),
    Column("helped by", "helped_by", "right"),
)
# For a question that reads several tables, the first of these is shown.
_MOST_RELEVANT = ("nothing", "index", "zone maps", "reads all it needs", "one row group")


def _write_page(tables: list[Table], scans: list[Scan], missing: list[dict[str, Any]]) -> None:
    screen = Screen()
    screen.heading("Tables")
    screen.table(_TABLE_TABLE, (asdict(table) for table in tables))
    screen.gap()
    screen.heading("Questions")
    screen.table(_QUESTION_TABLE, _by_question(scans))
    screen.gap()
    for one in missing:
        screen.text(
            f"would help: {one['table']}, sorted by {', '.join(one['columns'])}", style="yellow"
        )
    if not missing:
        screen.text(
            "Nothing is missing: no question reads several row groups and keeps less than a tenth."
        )


def _by_question(scans: list[Scan]) -> Iterator[dict[str, Any]]:
    """Yield one row per question, over all the tables that it reads."""
    for question in dict.fromkeys(scan.question for scan in scans):
        asked = [scan for scan in scans if scan.question == question]
        yield {
            "question": question,
            "tables": len({scan.table for scan in asked}),
            **{
                name: sum(getattr(scan, name) for scan in asked)
                for name in ("rows_read", "groups_read", "groups")
            },
            "helped_by": min((scan.helped_by for scan in asked), key=_MOST_RELEVANT.index),
        }


def _write_flat(tables: list[Table], scans: list[Scan], form: str) -> None:
    """Write one row per question and table, with the facts of the table beside it."""
    facts = {table.table: asdict(table) for table in tables}
    rows = [
        asdict(scan) | {"helped_by": scan.helped_by} | facts.get(scan.table, {}) for scan in scans
    ]
    names = tuple(dict.fromkeys(name for row in rows for name in row))
    write_rows(Rows(names, [tuple(row.get(name) for name in names) for row in rows]), form, limit=0)
