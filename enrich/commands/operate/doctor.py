"""`enrich doctor`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace

import click

from enrich import options
from enrich.answers.checkup import OK, PROBLEM, WARNING, Check, check_up
from enrich.db import published_path
from enrich.screen import Screen
from loaders.base.exits import EXIT_NO
from loaders.base.figures import counted
from loaders.base.paths import locations


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@options.db_option
def doctor(as_json: bool, db: str | None) -> None:
    """Check whether this installation can work.

    If not, the page says what to do. Each line is ok, a warning or a problem: versions, git,
    folders and their disks, what has landed, what is published, registered folders, locks, settings
    and the clock. Nothing is changed. Exit code 0: no problem, perhaps warnings. Exit code 1: there
    is a problem.
    """
    where = replace(locations(), published=published_path(db))
    checks = list(check_up(where))
    states = [check.state for check in checks]
    worst = next(state for state in (PROBLEM, WARNING, OK) if state in states)
    if as_json:
        click.echo(json.dumps({"state": worst, "checks": [asdict(check) for check in checks]}))
    else:
        screen = Screen()
        screen.facts(_lines(checks))
        screen.gap()
        problems = counted(states.count(PROBLEM), "problem")
        screen.text(f"{problems}, {counted(states.count(WARNING), 'warning')}")
    sys.exit(EXIT_NO if worst == PROBLEM else 0)


def _lines(checks: list[Check]) -> Iterator[tuple[str, str]]:
    for check in checks:
        yield f"{check.state:7}  {check.name}", check.found
        if check.remedy:
            yield "", f"do: {check.remedy}"
