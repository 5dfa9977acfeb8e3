"""`enrich technologies`: what projects are made with, and how they are built and tested."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import click

from enrich import options, project_choice
from enrich.answers.findings import project_name
from enrich.answers.projects import names_apart, names_of
from enrich.answers.technology_names import known_technology
from enrich.db import Published
from enrich.project_choice import Choice
from enrich.render import write_rows
from enrich.screen import Column

_PLACES = 2


def _version(row: Mapping[str, Any]) -> str | None:
    return row["version"] and f"{row['version']} ({row['version_source']})"


def _shown_by(row: Mapping[str, Any]) -> str:
    """Return the first places of the strongest evidence."""
    places = [place for one in json.loads(row["evidence"]) for place in one["places"]]
    kept = list(dict.fromkeys(places))
    more = f" and {len(kept) - _PLACES} more" if len(kept) > _PLACES else ""
    return ", ".join(kept[:_PLACES]) + more


def _commands(row: Mapping[str, Any]) -> str | None:
    found = [row[f"{action}_command"] for action in ("build", "test")]
    return "; ".join(filter(None, found)) or None


TECHNOLOGY_COLUMNS = (
    Column("type", "technology_type"),
    Column("technology", "technology_name", "right", at_least=12),
    Column("confidence", lambda row: f"{row['confidence_ratio']:.2f}", justify="right"),
    Column("version", _version, "right"),
    Column("build and test", _commands, "right"),
    Column("shown by", _shown_by, "left", at_least=16, below=(Column("", project_name, "right"),)),
)


@click.command()
@project_choice.argument
@click.option(
    "--technology", metavar="NAME", help="Only this one; case does not matter.", default=None
)
@options.limit_option
@options.format_option
@options.db_option
def technologies(
    choice: Choice, technology: str | None, limit: int | None, form: str, db: str | None
) -> None:
    """List the technologies of projects.

    These are the languages, runtimes, frameworks and tools that own files show. PROJECT is a name,
    a path in it, or the start of its id; without it, all projects. Each technology has the
    confidence from 0 to 1, the version as the project asks for it, the commands that the project
    declares or that are usual, and the files that show it.
    """
    with Published(db) as published:
        condition = choice.condition(published)
        name = technology and known_technology(published, technology)
        found = published.query(
            f"""
            select * from v_technologies
            where {condition} and coalesce(technology_name = $name, true)
            order by
                project_path,
                list_position(['language', 'runtime', 'framework', 'tool'], technology_type),
                confidence_ratio desc, lower(technology_name)
            """,
            {"name": name},
        )
        columns = names_apart(TECHNOLOGY_COLUMNS, names_of(published))
    if choice.project is not None:
        columns = tuple(replace(column, below=()) for column in columns)
    write_rows(found, form, columns, limit, nothing="no technology was detected")
