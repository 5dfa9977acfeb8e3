"""`enrich gaps` and `enrich gap-history`: findings now, and how they came and went."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import click
from click.core import ParameterSource

from enrich import options, project_filters
from enrich.answers.findings import FINDING_COLUMNS, findings, further_subject, title_in_project
from enrich.answers.freshness import judge_now
from enrich.answers.projects import names_apart, names_of
from enrich.commands.findings.finding_page import show
from enrich.db import Published, Rows
from enrich.lookup import find_project, the_rule
from enrich.project_filters import Filters
from enrich.render import write_rows
from enrich.screen import Column
from enrich.values import rounded
from loaders.base.exits import EXIT_NO


@click.group(cls=options.OneLineErrors, invoke_without_command=True)
@options.project_option
@options.rule_option
@project_filters.options
@click.option("--severity", type=click.Choice(options.SEVERITIES), help="Only this severity.")
@click.option(
    "--status",
    type=click.Choice(["open", "waived", "all"]),
    default="open",
    show_default=True,
    help="Only this status.",
)
@click.option(
    "--fail-on",
    type=click.Choice(options.SEVERITIES),
    help="Exit 1 if an open finding shown here has this severity or a higher one.",
)
@options.limit_option
@options.format_option
@options.db_option
@click.pass_context
def gaps(
    context: click.Context,
    filters: Filters,
    project: str | None,
    rule: str | None,
    severity: str | None,
    status: str,
    fail_on: str | None,
    limit: int | None,
    form: str,
    db: str | None,
) -> None:
    """List the findings, worst first.

    `enrich gaps show ID` explains one of them, `enrich show PROJECT` a project.
    """
    if context.invoked_subcommand:
        _refuse_options(context)
        return
    with Published(db) as published:
        cells = {
            "project_id": find_project(published, project)["project_id"] if project else None,
            "gap_type": the_rule(rule, _rules_in(published)) if rule else None,
            "severity": severity,
            "status": None if status == "all" else status,
        }
        judge_now(published)
        found = findings(published, cells, filters.condition(published))
        names = names_of(published)
    has_waived = any(row["status"] == "waived" for row in found.dicts())
    columns = (
        (*FINDING_COLUMNS, Column("waived", "waiver_reason")) if has_waived else FINDING_COLUMNS
    )
    write_rows(
        found,
        form,
        names_apart(columns, names),
        limit,
        nothing=f"no {'' if status == 'all' else status + ' '}findings here",
    )
    if fail_on and _has_one_as_bad(found, fail_on):
        sys.exit(EXIT_NO)


gaps.add_command(show)


def _refuse_options(context: click.Context) -> None:
    """Raise click.UsageError if an option was given that the command after it would ignore."""
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        if source == ParameterSource.COMMANDLINE:
            name = context.invoked_subcommand
            raise click.UsageError(f"put {parameter.opts[0]} after {name}, or leave it out")


def _rules_in(published: Published) -> list[str]:
    """Return the rules that ever had a finding; some may have been removed since."""
    rows = published.query("select distinct gap_type from v_gap_history").rows
    return [str(rule) for (rule,) in rows]


def _has_one_as_bad(found: Rows, floor: str) -> bool:
    bad = options.SEVERITIES[options.SEVERITIES.index(floor) :]
    return any(row["status"] == "open" and row["severity"] in bad for row in found.dicts())


def _cause(row: Mapping[str, Any]) -> str | None:
    """Return the cause of an event unless it is the usual one, that the workspace changed."""
    return "rule changed" if row["cause"] == "rule_changed" else None


HISTORY_COLUMNS = (
    Column("when (UTC)", "observed_at"),
    Column("event", "kind", below=(Column("", _cause),)),
    Column("finding", title_in_project, "wrap", below=(Column("", further_subject, "left"),)),
    Column("impact", lambda row: rounded(row["impact_score"])),
    Column("id", lambda row: row["finding_id"][:8]),
)


@click.command("gap-history")
@options.project_option
@options.rule_option
@project_filters.options
@options.limit_option
@options.format_option
@options.db_option
def gap_history(
    filters: Filters,
    project: str | None,
    rule: str | None,
    limit: int | None,
    form: str,
    db: str | None,
) -> None:
    """Show how findings opened, closed and reopened, and why.

    Newest first. The workspace changed, unless the event is marked `rule changed`: then the code,
    the version or a threshold of the rule did. In csv and json, the cause is `world` or
    `rule_changed`.
    """
    with Published(db) as published:
        found = published.query(
            "select events.*, rules.title from v_gap_history as events"
            " left join (select gap_type, title from v_rules) as rules using (gap_type)"
            " where ($project is null or project_id = $project)"
            f" and ($rule is null or gap_type = $rule) and {filters.condition(published)}"
            " order by observed_at desc, finding_id, event_number desc",
            {
                "project": find_project(published, project)["project_id"] if project else None,
                "rule": the_rule(rule, _rules_in(published)) if rule else None,
            },
        )
        names = names_of(published)
    columns = names_apart(HISTORY_COLUMNS, names)
    write_rows(found, form, columns, limit, nothing="nothing has opened or closed yet")
