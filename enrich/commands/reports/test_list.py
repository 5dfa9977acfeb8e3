"""`enrich tests`: the health of tests, from reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from enrich import options, project_choice
from enrich.answers.findings import project_name
from enrich.answers.projects import names_apart, names_of
from enrich.db import Published
from enrich.project_choice import Choice
from enrich.render import write_rows
from enrich.screen import Column

HEALTHS = ("failing", "flaky", "never run", "slow", "skipped", "passing")


def _name(row: Mapping[str, Any]) -> str:
    names = (row["class_name"], row["test_name"] or row["suite"])
    return " ".join(dict.fromkeys(filter(None, names)))


def _first_line(row: Mapping[str, Any]) -> str | None:
    return (row["message"] or "").strip().partition("\n")[0] or None


def _duration(row: Mapping[str, Any]) -> str | None:
    seconds = row["duration_seconds"]
    return None if seconds is None else f"{seconds:.2f} s"


TEST_COLUMNS = (
    Column("health", "health"),
    Column("project", project_name, "right"),
    Column("test", _name, "left", at_least=24, below=(Column("", _first_line, "right"),)),
    Column("took", _duration, justify="right"),
    Column("attempts", "attempts"),
    Column("tool", "tool", "right"),
)


@click.command()
@project_choice.argument
@click.option(
    "--health",
    type=click.Choice(HEALTHS),
    multiple=True,
    help="Only these; may be given again. Default: all but `passing`.",
)
@options.limit_option
@options.format_option
@options.db_option
def tests(
    choice: Choice, health: tuple[str, ...], limit: int | None, form: str, db: str | None
) -> None:
    """List tests that fail, are flaky or slow, or never ran.

    PROJECT is a name, a path in it, or the start of its id; without it, the whole workspace. Tests
    are those of the newest reports. A test is flaky if it passed and failed in one run, or was run
    again. It never ran if the code defines it, and a report has others of its folder only.
    """
    with Published(db) as published:
        found = published.query(
            f"""
            select * from v_test_health
            where {choice.condition(published)} and list_contains($shown, health)
            order by list_position($all, health), duration_seconds desc nulls last,
                project_path, class_name, test_name, test_id
            """,
            {"shown": [*(health or HEALTHS[:-1])], "all": [*HEALTHS]},
        )
        columns = names_apart(TEST_COLUMNS, names_of(published))
    write_rows(found, form, columns, limit, nothing="no such test is in a report here")
