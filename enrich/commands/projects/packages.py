"""`enrich packages`: the packages that projects make or need, and who uses one of them."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

import click

from enrich import options, project_filters
from enrich.answers.findings import project_name
from enrich.answers.projects import names_apart, names_of
from enrich.db import Published
from enrich.project_choice import Choice
from enrich.project_filters import Filters
from enrich.render import write_rows
from enrich.screen import Column

# One row per manifest that makes a package, and one per project that needs it, scope and manifest.
_QUERY = """
    select
        package_name,
        ecosystem,
        version,
        'made' as use,
        project_id,
        project_path,
        manifest_path,
        cast(null as varchar) as provider_project_path,
        cast(null as boolean) as is_satisfied,
    from packages
    where package_name is not null

    union all

    select
        dependency_name, ecosystem, specifier, scope, project_id, project_path, manifest_path,
        provider_project_path, is_satisfied,
    from project_dependencies
"""
# Python treats these characters in names alike.
_KEY = "case when ecosystem = 'python' then regexp_replace({0}, '[-_.]+', '-', 'g') else {0} end"


def _use(row: Mapping[str, Any]) -> str:
    return "made here" if row["use"] == "made" else f"for {row['use']}"


def _version(row: Mapping[str, Any]) -> str | None:
    version: str | None = row["version"]
    return f"{version} (not accepted)" if row["is_satisfied"] is False else version


def _manifest_below(row: Mapping[str, Any]) -> str | None:
    """Return the manifest if it is in a folder, as those of several packages of a project are."""
    path: str = row["manifest_path"] or ""
    return path if "/" in path else None


PACKAGE_COLUMNS = (
    Column(
        "package",
        "package_name",
        "right",
        at_least=26,
        below=(Column("", _manifest_below, "left"),),
    ),
    Column("version", _version, "right"),
    Column("project", project_name, "right"),
    Column("use", _use),
    Column("ecosystem", "ecosystem"),
)


@click.command()
@click.argument("name", required=False)
@options.project_option
@project_filters.options
@options.limit_option
@options.format_option
@options.db_option
def packages(
    filters: Filters,
    name: str | None,
    project: str | None,
    limit: int | None,
    form: str,
    db: str | None,
) -> None:
    """List packages, and who makes and uses them.

    NAME is a package, as in a manifest: which projects make it or need it. Without NAME, all
    packages. The manifest is named if it is in a folder of the project. The version of a package
    that is needed is the one that the manifest asks for; `not accepted` means that the version here
    is another one.
    """
    with Published(db) as published:
        condition = Choice(project, filters).condition(published)
        key, given = _KEY.format("lower(package_name)"), _KEY.format("lower($name)")
        found = published.query(
            f"select * from ({_QUERY}) where {condition} and ($name is null or {key} = {given})"
            " order by lower(package_name), ecosystem, use <> 'made', project_path, use,"
            " manifest_path",
            {"name": name},
        )
        if name is not None and not found.rows:
            _refuse_unknown(published, name)
        names = names_of(published)
    write_rows(
        found, form, names_apart(PACKAGE_COLUMNS, names), limit, nothing="no package is known"
    )


def _refuse_unknown(published: Published, name: str) -> None:
    """Raise Refusal if no project at all makes or needs *name*."""
    rows = published.query(f"select distinct package_name from ({_QUERY})").rows
    known = [str(one) for (one,) in rows]
    if name.lower() in {one.lower() for one in known}:
        return
    near = difflib.get_close_matches(name, known, n=3)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    raise options.Refusal(f"no project here makes or needs {name}{hint}")
