"""`enrich dependencies`: what a project needs, and which projects need it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from enrich import options
from enrich.db import Published, Rows
from enrich.lookup import find_project
from enrich.render import TABLE_ROWS, write_rows
from enrich.screen import Column, Screen

# In both directions: projects of this workspace before packages from outside, then the scopes by
# importance. Direct dependants come before others.
_QUERY = """
with needs as (
    select
        'needs' as direction, dependency_name, ecosystem, scope, specifier,
        provider_project_path as other_project_path, match_reason, manifest_path, null as is_direct,
        provider_version, is_satisfied,
    from project_dependencies
    where project_id = $1
),
needed_by as (
    select
        'needed_by' as direction, declared.dependency_name, declared.ecosystem, declared.scope,
        declared.specifier, dependants.dependant_project_path as other_project_path,
        declared.match_reason, declared.manifest_path, dependants.is_direct,
        declared.provider_version, declared.is_satisfied,
    from project_dependants as dependants
    left join project_dependencies as declared
        on dependants.is_direct
        and declared.project_id = dependants.dependant_project_id
        and declared.provider_project_id = dependants.project_id
        and not declared.is_copy
    where dependants.project_id = $1
)
select * from (from needs union all by name from needed_by)
order by
    direction desc, is_direct desc, other_project_path is null,
    list_position(['runtime', 'peer', 'build', 'optional', 'dev'], scope),
    ecosystem, dependency_name, other_project_path
"""


def _here(row: Mapping[str, Any]) -> str | None:
    """Return the version of the package here, marked if the requirement does not accept it."""
    version: str | None = row["provider_version"]
    return f"{version}, not accepted" if row["is_satisfied"] is False else version


_NEEDS = (
    Column("needs", "dependency_name", "right"),
    Column("from", lambda row: row["other_project_path"] or "outside", "left"),
    Column("for", "scope"),
    Column("versions", "specifier", "right"),
    Column("here", _here),
    Column("manifest", "manifest_path", "left"),
)
_NEEDED_BY = (
    Column("needed by", "other_project_path", "left"),
    Column("itself", "is_direct"),
    Column("as", "dependency_name", "right"),
    Column("for", "scope"),
    Column("versions", "specifier", "right"),
    Column("here", _here),
    Column("manifest", "manifest_path", "left"),
)


@click.command()
@click.argument("project")
@options.limit_option
@options.format_option
@options.db_option
def dependencies(project: str, limit: int | None, form: str, db: str | None) -> None:
    """Show what a project needs, and which projects need it.

    PROJECT is a name, a path in it, or the start of its id. Packages from outside the workspace are
    marked `outside`. Projects that need PROJECT only through others are marked `no` under `itself`.
    `here` is the version of the package in this workspace; `not accepted` means that the requested
    versions exclude it.
    """
    with Published(db) as published:
        meant = find_project(published, project)
        found = published.query(_QUERY, [meant["project_id"]])
    if form == "table":
        _write_page(meant["project_name"], found, limit)
    else:
        write_rows(found, form, limit=limit)


def _write_page(name: str, found: Rows, limit: int | None) -> None:
    screen = Screen()
    for direction, columns, nothing in (
        ("needs", _NEEDS, f"No manifest declares what {name} needs."),
        (
            "needed_by",
            _NEEDED_BY,
            f"No manifest declares that a project here needs {name}.",
        ),
    ):
        rows = [row for row in found.dicts() if row["direction"] == direction]
        kept = rows[: TABLE_ROWS if limit is None else limit or None]
        if direction != "needs":
            screen.gap()
        if kept:
            screen.table(columns, kept)
        else:
            screen.text(nothing)
        if len(kept) < len(rows):
            click.echo(f"{len(kept)} of {len(rows)} rows; --limit 0 shows all", err=True)
