"""`enrich vulnerabilities`: known vulnerabilities of packages that projects use."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import click

from enrich import options, project_choice
from enrich.answers.findings import project_name
from enrich.answers.projects import names_apart, names_of
from enrich.answers.reports import names_in
from enrich.db import Published
from enrich.project_choice import Choice
from enrich.render import write_rows
from enrich.screen import Column


def _package(row: Mapping[str, Any]) -> str:
    return " ".join(filter(None, (row["package_name"], row["version"] or row["affected_range"])))


def _path(row: Mapping[str, Any]) -> str | None:
    """Return the way to the package, if the project does not need it itself."""
    chain = json.loads(row["dependency_path"] or "[]")
    return f"through {' > '.join(chain[:-1])}" if len(chain) > 1 else None


def _remark(row: Mapping[str, Any]) -> str | None:
    if row["is_suppressed"]:
        return f"suppressed: {row['suppression'] or 'no reason is given'}"
    return "only for development" if row["is_dev"] else None


VULNERABILITY_COLUMNS = (
    Column("severity", "severity"),
    Column(
        "package",
        _package,
        "right",
        at_least=28,
        below=(Column("", _path, "wrap"), Column("", _remark, "wrap")),
    ),
    Column("project", project_name, "right"),
    Column("vulnerability", "vulnerability"),
    Column("fixed in", names_in("fixed_versions"), "right"),
    Column("reported by", names_in("tools"), "right"),
)


@click.command()
@project_choice.argument
@click.option("--all", "is_all", is_flag=True, help="Also those that are suppressed.")
@options.limit_option
@options.format_option
@options.db_option
def vulnerabilities(
    choice: Choice, is_all: bool, limit: int | None, form: str, db: str | None
) -> None:
    """List known vulnerabilities of packages.

    PROJECT is a name, a path in it, or the start of its id; without it, the whole workspace. The
    most severe come first. They come from the newest reports of tools that look for them, and one
    with several ids is listed once. A package that the project does not need itself is listed with
    the way to it. No row does not mean that there are none: `enrich quality` lists the tools and
    when they ran.
    """
    condition = "true" if is_all else "not is_suppressed"
    with Published(db) as published:
        found = published.query(
            f"""
            select * from v_vulnerable_dependencies
            where {choice.condition(published)} and {condition}
            order by
                is_suppressed,
                list_position({list(options.SEVERITIES)}, severity) desc nulls last,
                coalesce(is_dev, false), package_name, vulnerability, project_path, version
            """
        )
        columns = names_apart(VULNERABILITY_COLUMNS, names_of(published))
    write_rows(found, form, columns, limit, nothing="no report here has a known vulnerability")
