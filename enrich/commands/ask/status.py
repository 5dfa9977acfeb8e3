"""`enrich status`: the state of all projects on one page."""

from __future__ import annotations

import dataclasses

import click

from enrich import options
from enrich.answers.status_facts import gather
from enrich.answers.status_page import figures, write_page
from enrich.db import Rows, published_path
from enrich.render import write_rows
from loaders.base.paths import locations

_ACTIONS_SHOWN = 3


@click.command()
@options.format_option
@options.db_option
def status(form: str, db: str | None) -> None:
    """Show the state of all projects on one page.

    The page has projects, freshness, health, findings, trend, and what to do next. It shows why the
    last build did not publish, if it did not.
    """
    facts = gather(dataclasses.replace(locations(), published=published_path(db)))
    if form == "table":
        write_page(facts, _ACTIONS_SHOWN)
    else:
        write_rows(Rows(("section", "name", "value"), list(figures(facts))), form)
