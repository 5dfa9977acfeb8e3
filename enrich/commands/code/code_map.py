"""`enrich map`: the most important files first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import click

from enrich import options, project_choice
from enrich.answers.findings import project_name
from enrich.answers.projects import names_apart, names_of
from enrich.db import Published
from enrich.project_choice import Choice
from enrich.render import write_rows
from enrich.screen import Column
from enrich.values import rounded


def _rank(name: str) -> Column:
    """Return the column of a PageRank, with the digits that tell files apart."""

    def shown(row: Mapping[str, Any]) -> str | None:
        return None if row[name] is None else f"{row[name]:.5f}"

    return Column("PageRank", shown, justify="right")


MAP_COLUMNS = (
    Column("file", "file_path", "left", at_least=20, below=(Column("", project_name, "right"),)),
    Column("used by", "dependent_count"),
    Column("uses", "dependency_count"),
    Column("lines", "code_lines"),
    Column("complexity", "cyclomatic_complexity"),
    Column("quality", lambda row: rounded(row["quality_score"])),
    Column("tests", "test_file_count"),
    Column("changes", "recent_revisions"),
)


@click.command("map")
@project_choice.argument
@options.limit_option
@options.format_option
@options.db_option
def map(choice: Choice, limit: int | None, form: str, db: str | None) -> None:
    """List the source files that most others build on.

    PROJECT is a name, a path in it, or the start of its id; without it, the whole workspace. The
    order is by PageRank in the graph of imports, which adds up to 1 in the project, or in the whole
    workspace, and by lines. Shown are the number of files that import it and that it imports, its
    lines with code, its cyclomatic complexity, its quality score (0 to 100), its tests and its
    commits of the last year.
    """
    rank = "workspace_pagerank_score" if choice.project is None else "pagerank_score"
    with Published(db) as published:
        found = published.query(
            f"select * from v_code_map where {choice.condition(published)} and file_kind = 'source'"
            f" order by {rank} desc nulls last, code_lines desc nulls last, project_path, file_path"
        )
        columns = names_apart((_rank(rank), *MAP_COLUMNS), names_of(published))
    if choice.project is not None:
        columns = tuple(replace(column, below=()) for column in columns)
    write_rows(found, form, columns, limit, nothing="no own source file is here")
