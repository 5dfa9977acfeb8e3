"""`enrich sha-at` and `enrich history`: the content of a file at a time, and its versions."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import click

from enrich import options
from enrich.db import Published, Rows
from enrich.lookup import present_path
from enrich.render import json_text, write_rows
from enrich.screen import Column, Screen
from enrich.values import shown
from loaders.base import clock
from loaders.base.paths import bytes_of, canonical_root, text_of

_HISTORY_COLUMNS = (
    Column("when", lambda row: shown(row["committed_at"])[:10]),
    Column("commit", lambda row: row["commit_sha"][:10]),
    Column("", "change_type"),
    Column("lines", lambda row: _lines(row)),
    Column("author", "author_name", "right", at_least=12),
    Column("subject", "subject", "wrap", at_least=20, below=(Column("", "shown_path", "left"),)),
)


@click.command("sha-at")
@click.argument("path")
@click.argument("time")
@click.option(
    "--ref",
    metavar="NAME",
    help="On another branch or tag, or on HEAD; default: the default branch.",
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print one JSON object; its ids are null if the file did not exist.",
)
@options.db_option
def sha_at(path: str, time: str, ref: str | None, as_json: bool, db: str | None) -> None:
    """Find the content that PATH had at TIME.

    Prints the ids of its blob and of the commit that was the newest at that time.

    The commit is the one that `git rev-list -1 --first-parent --before=TIME` finds on the default
    branch. TIME is ISO 8601, such as 2024-05-01 or 2024-05-01T12:00+02:00, and UTC if it has no
    zone. The output is empty if the file did not exist.
    """
    at = _moment(time)
    with Published(db) as published:
        where = _path_in_history(published, path)
        project = _project_around(published, where)
        if ref is None:
            answer = published.query("select sha_at($1, $2)", [where, at]).rows[0][0] or {}
        else:
            _check_ref(published, project, ref)
            answer = published.query("select sha_at($1, $2, $3)", [where, at, ref]).rows[0][0] or {}
    found = {"blob_id": answer.get("blob_id"), "commit_sha": answer.get("commit_sha")}
    if as_json:
        file_path = where.removeprefix(project.rstrip("/") + "/")
        click.echo(
            json_text(
                {"project_path": project, "file_path": file_path, "at": at, **found}, indent=1
            )
        )
    elif found["blob_id"]:
        click.echo(f"{found['blob_id']} {found['commit_sha']}")
    else:
        click.echo(
            options.clean_lines(f"{where}: did not exist at {at:%Y-%m-%d %H:%M:%S} UTC"), err=True
        )


@click.command()
@click.argument("path")
@click.option(
    "--all", "is_all", is_flag=True, help="Also list the changes of these paths on other branches."
)
@options.limit_option
@options.format_option
@options.db_option
def history(path: str, is_all: bool, limit: int | None, form: str, db: str | None) -> None:
    """List every version of a file, newest first.

    Renames are followed, on the default branch.
    """
    with Published(db) as published:
        where = _path_in_history(published, path)
        _project_around(published, where)
        found = published.query(_HISTORY, {"path": where, "is_all": is_all})
    if form == "table" and not found.rows:
        Screen().text("the landed history has no such file")
        return
    write_rows(_with_paths(found) if form == "table" else found, form, _HISTORY_COLUMNS, limit)


def _with_paths(found: Rows) -> Rows:
    """Return *found* with the path of each version that has another one than the version above."""
    paths = [row["file_path"] for row in found.dicts()]
    shown_paths = [
        path if path != above else None
        for path, above in zip(paths, [None, *paths[:-1]], strict=True)
    ]
    rows = [(*row, path) for row, path in zip(found.rows, shown_paths, strict=True)]
    return Rows((*found.columns, "shown_path"), rows)


# The lineages of a path, and the names of each. A path without a lineage may be on another branch.
_HISTORY = """
    with asked as (
        select distinct project_id, file_lineage_id
        from file_versions
        where project_path || '/' || file_path = $path
    ),
    names as (
        select distinct project_id, file_path
        from file_versions
        inner join asked using (project_id, file_lineage_id)

        union

        select project_id, file_path
        from v_file_history
        where project_path || '/' || file_path = $path
    )
    select v_file_history.*
    from v_file_history
    inner join names using (project_id, file_path)
    where $is_all or (is_on_default_branch and parent_number = 1)
    order by committed_at desc, commit_sha, parent_number, file_path
"""


def _path_in_history(published: Published, given: str) -> str:
    """Return the landed path that *given* names: a link is followed unless it has a history."""
    path = os.path.expanduser(os.fsencode(given))
    if os.path.islink(path):
        folder, name = os.path.split(os.path.abspath(path))
        link = text_of(os.path.join(os.path.realpath(folder), name))
        landed = published.query(
            "select count(*) from file_versions where project_path || '/' || file_path = $1", [link]
        )
        if landed.rows[0][0]:
            return link
    return present_path(published, text_of(canonical_root(given)))


def _lines(row: Mapping[str, Any]) -> str | None:
    return (
        None if row["lines_added"] is None else f"+{row['lines_added']:,} -{row['lines_removed']:,}"
    )


def _moment(text: str) -> datetime:
    """Return the UTC time, without its zone, that *text* names. Raises click.UsageError."""
    try:
        return clock.parse_naive_utc(text)
    except ValueError:
        raise click.UsageError(
            f"{text}: not a time; expected e.g. 2024-05-01 or 2024-05-01T12:00+02:00"
        ) from None


def _project_around(published: Published, path: str) -> str:
    """Return the innermost repository around *path* with landed history. Raises Refusal."""
    around = published.query(
        "select distinct project_path from git_refs"
        " where starts_with($1, rtrim(project_path, '/') || '/')",
        [path],
    )
    if not around.rows:
        # A relative path was meant for another folder, or it is mistyped.
        absent = "" if os.path.lexists(bytes_of(path)) else "no such file here, and "
        raise options.Refusal(
            f"{path}: {absent}not in a repository with landed history;"
            " run: enrich refresh-meta FOLDER"
        )
    return max((str(project) for (project,) in around.rows), key=len)


def _check_ref(published: Published, project: str, ref: str) -> None:
    """Raise Refusal if *project* has no such ref."""
    names = [ref, f"refs/heads/{ref}", f"refs/tags/{ref}", f"refs/remotes/{ref}"]
    known = published.query(
        "select count(*) from git_refs where project_path = $1 and list_contains($2, ref_name)",
        [project, names],
    )
    if not known.rows[0][0]:
        raise options.Refusal(
            f"{project}: has no ref {ref}; `select ref_name from git_refs` lists them"
        )
