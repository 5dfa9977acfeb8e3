"""`enrich next-actions`: the ranked queue."""

from __future__ import annotations

import click

from enrich import options, project_filters
from enrich.answers.actions import write_actions
from enrich.answers.freshness import judge_now, stale_note, write_note
from enrich.db import Published
from enrich.project_choice import Choice
from enrich.project_filters import Filters
from enrich.render import write_rows
from enrich.screen import Screen


@click.command("next-actions")
@options.project_option
@project_filters.options
@options.limit_option
@options.format_option
@options.db_option
def next_actions(
    project: str | None, filters: Filters, limit: int | None, form: str, db: str | None
) -> None:
    """Show the ranked queue of actions, best first.

    Each action has a reason and a safe first command, which reads, lands facts, or starts a scan.
    No command edits or deletes your files.
    """
    with Published(db) as published:
        condition = Choice(project, filters).condition(published)
        actions = published.query(f"select * from v_next_actions where {condition} order by rank")
        note = stale_note(published, judge_now(published)) if form == "table" else None
    if form != "table":
        write_rows(actions, form, limit=limit)
        return
    kept = actions.dicts()[: limit or None]
    write_actions(Screen(), kept)
    write_note(note)
    if len(kept) < len(actions.rows):
        click.echo(f"{len(kept)} of {len(actions.rows)} actions; --limit 0 shows all", err=True)
