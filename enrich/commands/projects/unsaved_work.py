"""`enrich unsaved`: what would be lost with this disk."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import click

from enrich import options, project_filters
from enrich.answers.findings import project_name
from enrich.answers.projects import names_apart, names_of
from enrich.db import Published
from enrich.lookup import find_project
from enrich.project_filters import Filters
from enrich.render import write_rows
from enrich.screen import Column, Screen
from enrich.values import shown
from loaders.base.figures import counted

# The riskiest first: what is nowhere else at all, then by how much there is.
_QUERY = """
select * from v_unsaved_work
where {condition}
    and (project_id = $1 or ($1 is null and (sentence is not null or unknown_count > 0)))
order by
    is_mine is false,
    commits_without_remote > 0 and path_count + stash_count > 0 desc,
    unpushed_commit_count + commits_without_remote + stash_count > 0 desc,
    path_count + stash_count + unpushed_commit_count desc,
    project_path
"""
_WORDS = {
    "modified": "changed", "added": "added", "untracked": "untracked", "deleted": "deleted",
    "staged": "only staged", "conflict": "in conflict", "submodule": "submodule moved",
    "branch": "branch", "detached": "detached HEAD", "stash": "stash", "precious": "ignored",
    "operation": "not ended", "no_remote": "no remote", "unknown": "unknown",
}  # fmt: skip


_TOTALS = {
    "uncommitted file": ("path_count",),
    "stash": ("stash_count",),
    "commit": ("unpushed_commit_count", "commits_without_remote"),
    "ignored file of value": ("precious_count",),
    "unknown thing": ("unknown_count",),
}


def _some(number: int) -> str:
    return f"{number:,}" if number else ""


def _commits(row: Mapping[str, Any]) -> str:
    return _some(row["unpushed_commit_count"] + row["commits_without_remote"])


_COLUMNS = (
    Column("project", project_name, "right"),
    Column("files", lambda row: _some(row["path_count"])),
    Column("stashes", lambda row: _some(row["stash_count"])),
    Column("commits", _commits),
    Column("ignored", lambda row: _some(row["precious_count"])),
    Column("unknown", lambda row: _some(row["unknown_count"])),
    Column("remote", lambda row: "" if row["has_remote"] else "none"),
    Column("changed", lambda row: shown(row["newest_change_at"])[:10]),
)


@click.command()
@click.argument("project", required=False)
@project_filters.options
@options.limit_option
@options.format_option
@options.db_option
def unsaved(
    project: str | None, filters: Filters, limit: int | None, form: str, db: str | None
) -> None:
    """Show what would be lost with this disk.

    Of each project, or of PROJECT in detail.
    Files that are not committed, stashes, commits that no remote has, and ignored files of value
    (seeds/precious_files.csv). The riskiest projects come first, those of others last.
    """
    with Published(db) as published:
        key = find_project(published, project)["project_id"] if project else None
        found = published.query(_QUERY.format(condition=filters.condition(published)), [key])
        names = names_of(published)
    rows = found.dicts()
    if form != "table":
        write_rows(found, form, limit=limit)
    elif project:
        _write_page(rows[0] if rows else None, project)
    else:
        columns = names_apart(_COLUMNS, names)
        write_rows(found, form, columns, limit, nothing="Nothing is only on this disk.")
        if rows:
            _write_totals(rows)


def _write_totals(rows: list[dict[str, Any]]) -> None:
    screen = Screen()
    screen.gap()
    at_risk = [row for row in rows if row["sentence"]]
    sums = [
        (sum(row[name] for row in rows for name in names), noun) for noun, names in _TOTALS.items()
    ]
    parts = ", ".join(counted(count, noun) for count, noun in sums if count)
    have = "has" if len(at_risk) == 1 else "have"
    screen.text(
        f"{counted(len(at_risk), 'project')} {have} work that is only on this disk: "
        f"{parts or 'nothing'}. Details: enrich unsaved PROJECT"
    )


def _write_page(row: dict[str, Any] | None, project: str) -> None:
    screen = Screen()
    if row is None:
        screen.text(f"The history of {project} was not read: what is only here is unknown.")
        return
    screen.heading(row["project_name"])
    screen.text(row["project_path"], style="dim")
    screen.text(f"Only here: {row['sentence']}." if row["sentence"] else "Nothing is only here.")
    if row["unknown_reason"]:
        screen.text(f"Unknown in part: {row['unknown_reason']}.")
    things = json.loads(row["things"])
    if things:
        screen.gap()
        screen.table(
            (
                Column("what", lambda thing: _WORDS.get(thing["kind"], thing["kind"])),
                Column("name", lambda thing: thing["name"], "left"),
                Column("bytes", lambda thing: thing["size_bytes"]),
                Column(
                    "commits",
                    lambda thing: (
                        thing["count"]
                        if thing["kind"] in ("branch", "detached", "no_remote")
                        else ""
                    ),
                ),
                Column("changed", lambda thing: (thing["changed_at"] or "")[:10]),
                Column("why", lambda thing: thing["note"], "right"),
            ),
            things,
        )
