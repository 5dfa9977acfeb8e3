"""The commands that answer with rows: gaps, history, next-actions, projects, runs, sql."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import click

from enrich import options
from enrich.db import Published, Rows, published_path
from enrich.lookup import find_project, the_rule
from enrich.render import write_rows
from enrich.screen import Column, Screen
from enrich.values import shown
from loaders.base.paths import is_beneath, locations
from loaders.publishing.builds import last_death

_WORST_FIRST = (
    "list_position(['critical', 'high', 'medium', 'low'], severity), impact_score desc, finding_id"
)


def subject_within(row: dict[str, Any]) -> str:
    """Return what a finding is about, as a path within its project where it is one."""
    subject, project = row["subject"] or "", row["project_path"]
    if project and subject != project and is_beneath(subject, project):
        return subject[len(project.rstrip("/")) + 1 :]
    return subject


def project_name(row: dict[str, Any]) -> str | None:
    return (row["project_path"] or "").rpartition("/")[2] or row["project_path"]


def rounded(value: float | None) -> int | None:
    return None if value is None else round(value)


GAP_COLUMNS = (
    Column("severity", "severity"),
    Column("type", "gap_type", "right"),
    Column("project", project_name, "right"),
    Column("subject", subject_within, "left"),
    Column("impact", lambda row: rounded(row["impact_score"])),
    Column("age", lambda row: f"{row['age_days']} d" if row["age_days"] is not None else None),
    Column("id", lambda row: row["finding_id"][:8]),
)


@click.command()
@click.option(
    "--project", metavar="P", help="Only of this project: name, path, or the start of its id."
)
@click.option(
    "--type", "rule", metavar="T", help="Only of this rule; the beginning of its name is enough."
)
@click.option("--severity", type=click.Choice(options.SEVERITIES), help="Only of this severity.")
@click.option(
    "--status", type=click.Choice(["open", "waived", "all"]), default="open", show_default=True
)
@click.option(
    "--fail-on",
    type=click.Choice(options.SEVERITIES),
    help="Exit 1 when an open finding shown here is this bad or worse.",
)
@options.limit_option
@options.format_option
@options.db_option
def gaps(
    project: str | None,
    rule: str | None,
    severity: str | None,
    status: str,
    fail_on: str | None,
    limit: int | None,
    form: str,
    db: str | None,
) -> None:
    """What is missing, stale or risky, worst first.

    `enrich show PROJECT` says more about a project; `enrich ignore ID --reason …` waives a finding.
    """
    with Published(db) as published:
        filters = {
            "project_id": find_project(published, project)["project_id"] if project else None,
            "gap_type": the_rule(rule) if rule else None,
            "severity": severity,
            "status": None if status == "all" else status,
        }
        found = findings(published, filters)
    has_waived = any(row["status"] == "waived" for row in found.dicts())
    columns = (*GAP_COLUMNS, Column("waived", "waiver_reason")) if has_waived else GAP_COLUMNS
    write_rows(
        found,
        form,
        columns,
        limit,
        nothing=f"no {'' if status == 'all' else status + ' '}findings here",
    )
    if fail_on and _has_one_as_bad(found, fail_on):
        sys.exit(options.EXIT_NO)


def findings(published: Published, filters: dict[str, Any]) -> Rows:
    """Return the rows of v_gap_backlog that meet the *filters* (column → value; None: any), the worst first."""
    held = {name: value for name, value in filters.items() if value is not None}
    return published.query(findings_query(held), held)


def findings_query(filters: Iterable[str]) -> str:
    """Return the query for findings whose columns *filters* have the values of the parameters called alike."""
    where = " and ".join(["true", *(f"{name} = ${name}" for name in filters)])
    return f"select * from v_gap_backlog where {where} order by {_WORST_FIRST}"


def _has_one_as_bad(found: Rows, floor: str) -> bool:
    bad = options.SEVERITIES[options.SEVERITIES.index(floor) :]
    return any(row["status"] == "open" and row["severity"] in bad for row in found.dicts())


HISTORY_COLUMNS = (
    Column("when (UTC)", "observed_at"),
    Column("what", "kind"),
    Column("cause", "cause"),
    Column("type", "gap_type", "right"),
    Column("project", project_name, "right"),
    Column("subject", subject_within, "left"),
    Column("impact", lambda row: rounded(row["impact_score"])),
    Column("id", lambda row: row["finding_id"][:8]),
)


@click.command("gap-history")
@click.option(
    "--project", metavar="P", help="Only of this project: name, path, or the start of its id."
)
@click.option(
    "--type", "rule", metavar="T", help="Only of this rule; the beginning of its name is enough."
)
@options.limit_option
@options.format_option
@options.db_option
def gap_history(
    project: str | None, rule: str | None, limit: int | None, form: str, db: str | None
) -> None:
    """What opened, closed and came back, and why.

    Newest first; the cause is the world, or a rule that is not what it was.
    """
    with Published(db) as published:
        found = published.query(
            "select * from v_gap_history where ($project is null or project_id = $project)"
            " and ($rule is null or gap_type = $rule) order by observed_at desc, finding_id, event_number desc",
            {
                "project": find_project(published, project)["project_id"] if project else None,
                "rule": the_rule(rule) if rule else None,
            },
        )
    write_rows(found, form, HISTORY_COLUMNS, limit, nothing="nothing has opened or closed yet")


@click.command("next-actions")
@options.limit_option
@options.format_option
@options.db_option
def next_actions(limit: int | None, form: str, db: str | None) -> None:
    """What to do next, and why, best first.

    The commands are safe first steps: they read, or land facts, or start a scan; none edits or
    deletes your files.
    """
    with Published(db) as published:
        actions = published.query("select * from v_next_actions order by rank")
    if form != "table":
        write_rows(actions, form, limit=limit)
        return
    kept = actions.dicts()[: limit or None]
    write_actions(Screen(), kept)
    if len(kept) < len(actions.rows):
        click.echo(f"{len(kept)} of {len(actions.rows)} actions; --limit 0 shows all", err=True)


def write_actions(screen: Screen, actions: list[dict[str, Any]]) -> None:
    """Write a block per action: rank and title, the reason, the command."""
    if not actions:
        screen.text("nothing to do")
    for number, action in enumerate(actions):
        if number:
            screen.gap()
        screen.entry(
            f"{action['rank']:>2}  {action['priority']:>5.1f}  ", action["title"] or "", 11
        )
        screen.text(action["rationale"] or "", 11)
        if action["status"] != "queued":
            screen.text(f"{action['status']} by {shown(action['owner'])}", 11, "yellow")
        if action["command"]:
            screen.command(f"$ {action['command']}", 11)


PROJECT_COLUMNS = (
    Column(
        "health",
        lambda row: (
            f"{row['health_grade']} {rounded(row['health_score']):>3}"
            if row["health_grade"]
            else None
        ),
    ),
    Column("project", "project_name", "right"),
    Column("language", "primary_language", "right"),
    Column("files", "file_count"),
    Column("lines", "line_count"),
    Column("commit", lambda row: shown(row["last_commit_at"])[:10]),
    Column("gaps", "open_gap_count"),
    Column("index", "index_state"),
    Column("id", lambda row: row["project_id"][:8]),
)


@click.command()
@options.limit_option
@options.format_option
@options.db_option
def projects(limit: int | None, form: str, db: str | None) -> None:
    """Every project, least healthy first."""
    with Published(db) as published:
        found = published.query(
            "select * from v_project_health order by health_score nulls first, project_path"
        )
    write_rows(found, form, PROJECT_COLUMNS, limit, nothing="no projects yet")


RUN_COLUMNS = (
    Column("run", "run_seq"),
    Column("action", "action"),
    Column("status", "status"),
    Column("ended (UTC)", "ended_at"),
    Column(
        "took",
        lambda row: None if row["duration_seconds"] is None else f"{row['duration_seconds']:.1f} s",
    ),
    Column("landed", "landed"),
    Column("same", "unchanged"),
    Column("problems", "error_count"),
    Column("first problem", lambda row: row["error_message"] or "", "right"),
)


@click.command()
@options.limit_option
@options.format_option
@options.db_option
def runs(limit: int | None, form: str, db: str | None) -> None:
    """The runs that landed facts, newest first.

    As of the published build; `python loaders/land.py runs` also shows what is under way.
    """
    with Published(db) as published:
        found = published.query("select * from ingest_runs order by run_seq desc")
    has_problems = any(run["error_message"] for run in found.dicts())
    write_rows(
        found, form, RUN_COLUMNS if has_problems else RUN_COLUMNS[:-1], limit, nothing="no runs yet"
    )
    if died := last_death(replace(locations(), published=published_path(db))):
        click.echo(options.clean_lines(f"the last build: {died['outcome']}"), err=True)


@click.command()
@click.argument("query")
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=100,
    show_default=True,
    metavar="N",
    help="0: all rows.",
)
@options.format_option
@options.db_option
def sql(query: str, limit: int, form: str, db: str | None) -> None:
    """Ask in SQL.

    QUERY is one select over the v_* views and the core tables. The file is open read-only, and
    nothing outside of it can be reached.
    """
    import duckdb

    try:
        statements = duckdb.extract_statements(query)
        if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
            raise options.Refusal("give one select; nothing else is run here")
        with Published(db) as published:
            found = published.query(query, at_most=limit or None)
    except (duckdb.ProgrammingError, duckdb.DataError, duckdb.PermissionException) as error:
        raise options.Refusal(str(error)) from None
    write_rows(found, form, limit=0)
