"""`enrich lineage`: projects that share commits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from enrich import options, project_choice
from enrich.db import Published
from enrich.project_choice import Choice
from enrich.render import write_rows
from enrich.screen import Column

_RELATIONS: dict[str, str] = {
    "same": "has the same commits as",
    "a_ahead": "is ahead of",
    "b_ahead": "is behind",
    "diverged": "has diverged from",
}


def _relation(row: Mapping[str, Any]) -> str:
    relation: str = row["relation"]
    return _RELATIONS.get(relation, relation)


LINEAGE_COLUMNS = (
    Column("project", "project_a_path", "left"),
    Column("", _relation),
    Column("other", "project_b_path", "left"),
    Column("shared", "shared_commits"),
    Column("only it", "commits_only_a"),
    Column("only other", "commits_only_b"),
)


@click.command()
@project_choice.argument
@options.limit_option
@options.format_option
@options.db_option
def lineage(choice: Choice, limit: int | None, form: str, db: str | None) -> None:
    """List projects that share commits: clones, forks, mirrors.

    PROJECT is a name, a path in it, or the start of its id; without it, the whole workspace. The
    commits of the default branches count, and each pair is listed once.
    """
    with Published(db) as published:
        condition = choice.condition(published, "project_a_id", "project_b_id")
        found = published.query(
            f"select * from v_project_lineage where {condition}"
            " order by shared_commits desc, project_a_path, project_b_path"
        )
    write_rows(found, form, LINEAGE_COLUMNS, limit, nothing="no two projects share a commit")
