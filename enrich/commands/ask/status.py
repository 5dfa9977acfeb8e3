"""`enrich status`: the state of all projects on one page, or as one object for monitors."""

from __future__ import annotations

import dataclasses
import sys

import click

from enrich import options, project_filters
from enrich.answers.status_facts import gather
from enrich.answers.status_object import CONDITIONS, as_object
from enrich.answers.status_page import figures, write_page
from enrich.db import Rows, published_path
from enrich.project_choice import Choice
from enrich.project_filters import Filters
from enrich.render import json_text, write_rows
from loaders.base.exits import EXIT_NO, EXIT_USAGE
from loaders.base.paths import clean_text, locations

_ACTIONS_SHOWN = 3


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for monitors.")
@click.option(
    "--fail-on",
    type=click.Choice(list(CONDITIONS)),
    multiple=True,
    help="Exit 1 if a project is stale, the last build did not publish, or a finding is open; may "
    "be repeated.",
)
@options.project_option
@project_filters.options
@options.format_option
@options.db_option
def status(
    as_json: bool,
    fail_on: tuple[str, ...],
    project: str | None,
    filters: Filters,
    form: str,
    db: str | None,
) -> None:
    """Show the state of all projects on one page.

    The page has projects, freshness, health, findings, trend, and what to do next. It shows why the
    last build did not publish, if it did not. Freshness is judged now. With --project, --group,
    --tag or --mine, the page, the object and --fail-on are about those projects. Exit code 2:
    nothing is published.
    """
    where = dataclasses.replace(locations(), published=published_path(db))
    facts = gather(where, Choice(project, filters))
    reasons = {name: reason for name in fail_on if (reason := CONDITIONS[name](facts))}
    if as_json:
        click.echo(json_text(as_object(facts, list(reasons)), indent=1))
    elif form == "table":
        write_page(facts, _ACTIONS_SHOWN)
    else:
        write_rows(Rows(("section", "name", "value"), list(figures(facts))), form)
    for name, reason in reasons.items():
        click.echo(clean_text(f"{name}: {reason}"), err=True)
    if not facts.is_published:
        sys.exit(EXIT_USAGE)
    if reasons:
        sys.exit(EXIT_NO)
