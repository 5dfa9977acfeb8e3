"""`enrich changes`: what changed since an earlier published version, by project."""

from __future__ import annotations

import re

import click

from enrich import options, project_filters
from enrich.answers.change_page import summary, write_page
from enrich.answers.version_changes import Project, Since, changes_since, counts, lines_of, since
from enrich.db import Published
from enrich.lookup import find_project
from enrich.project_filters import Filters
from enrich.render import json_text
from loaders.base.engine_paths import sql_text
from loaders.base.paths import clean_text

_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#+!|~&])")


@click.command()
@click.option(
    "--since",
    "start",
    metavar="WHEN",
    help="A date, a span such as '7 days', or a version. Default: the version before this one.",
)
@options.project_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
    help="markdown is for a message or a page; json is for programs.",
)
@project_filters.options
@options.db_option
def changes(
    filters: Filters, start: str | None, project: str | None, form: str, db: str | None
) -> None:
    """Show what changed, by project.

    Projects that came, left, moved or were renamed; history that was rewritten by force; findings
    that opened, closed or grew; grades; branches and tags. Without --since, it shows what the
    version published before this one did not have.
    """
    with Published(db) as published:
        begin = since(published, start)
        conditions = [filters.condition(published, "changes.project_id")]
        if project:
            wanted = find_project(published, project)["project_id"]
            conditions.append(f"changes.project_id = {sql_text(wanted)}")
        found = changes_since(published, begin, " and ".join(conditions)) if begin else []
    if form == "json":
        click.echo(json_text(_document(begin, found), indent=1))
    elif form == "markdown":
        click.echo("\n".join(_markdown(begin, found)))
    else:
        write_page(begin, found)


def _markdown(begin: Since | None, found: list[Project]) -> list[str]:
    lines = [f"# Changed since {begin}", ""] if found else []
    lines.append(_escaped(summary(begin, found)))
    for one in found:
        lines += ["", f"## {_escaped(one.title)}", ""]
        lines += [_escaped(one.path), ""] if one.path else []
        lines += [f"- {_escaped(line)}" for line in lines_of(one)]
    return lines


def _escaped(text: str) -> str:
    """Return *text* so that Markdown shows it unchanged."""
    return _MARKUP.sub(r"\\\1", clean_text(text))


def _document(begin: Since | None, found: list[Project]) -> dict[str, object]:
    return {
        "since": {"at": begin.at, "version": begin.version} if begin else None,
        "counts": counts(found),
        "projects": [
            {
                "project_id": one.project_id,
                "project_path": one.path,
                "project_name": one.name,
                "changes": one.changes,
            }
            for one in found
        ],
    }
