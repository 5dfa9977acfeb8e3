"""`enrich waive`, `ignore` and `waivers`: land waivers of findings, and list them."""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from enrich import options, project_filters
from enrich.commands.decisions.decided import (
    NEVER,
    LastDay,
    land_waivers,
    note_option,
    owner_option,
    reason_option,
    refuse_senseless,
)
from enrich.commands.decisions.waiver_targets import Waiver, count_covered, pattern_for, waiver_for
from enrich.db import Published
from enrich.lookup import seed
from enrich.project_choice import Choice
from enrich.project_filters import Filters
from enrich.render import write_rows
from enrich.screen import Column, Screen
from loaders.base import clock
from loaders.base.figures import counted
from loaders.base.paths import clean_text, locations
from loaders.zone.waiver_words import WARNING, WITHDRAWN

if TYPE_CHECKING:
    from loaders.zone.landing import LandingZone

_DAYS_WAIVED = 90


@click.command()
@click.argument("target", metavar="FINDING|PATTERN")
@reason_option()
@click.option(
    "--until",
    type=LastDay(),
    metavar="YYYY-MM-DD|never",
    help="Last day of the waiver; never: no end.",
)
@owner_option()
@note_option
@click.option(
    "--withdraw",
    is_flag=True,
    help="Withdraw a waiver that was given here or in seeds/waivers.csv.",
)
@options.db_option
def waive(
    target: str,
    reason: str | None,
    until: date | str | None,
    owner: str | None,
    note: str | None,
    withdraw: bool,
    db: str | None,
) -> None:
    """Waive findings, with a reason, an end and an owner.

    \b
    FINDING|PATTERN is   a finding's id, or its beginning
                         a rule                    HIGH_CHANGE_NO_TESTS
                         a path and all below it   ~/code/legacy
                         a project                 legacy
                         a pattern over paths      '~/code/old-*'
                         a rule and a path         'HIGH_*:~/code/legacy'

    Waived findings stay visible (`enrich gaps --status waived`) but cost no points. The waiver is
    landed as a decision and applies from the next refresh. The newest one for a target counts.
    """
    with Published(db) as published:
        waiver = pattern_for(target, published)
        covered = count_covered(published, waiver)
    if withdraw:
        if reason or until or owner:
            raise click.UsageError(
                "--withdraw cannot be combined with --reason, --until or --owner"
            )
        _withdraw(target, waiver, note)
        return
    missing = [
        name
        for name, given in (("reason", reason), ("until", until), ("owner", owner))
        if not given
    ]
    if missing or not reason:
        needs = ", ".join(f"--{name}" for name in missing)
        raise click.UsageError(f"a waiver needs {needs}, {_example()}")
    last_day = until if isinstance(until, date) else None
    _give(target, waiver, covered, reason, note, last_day, owner)


@click.command()
@click.argument("target", metavar="PATH|RULE|ID")
@reason_option()
@note_option
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="Last day of the waiver.",
)
@owner_option()
@options.db_option
def ignore(
    target: str,
    reason: str | None,
    note: str | None,
    until: datetime | None,
    owner: str | None,
    db: str | None,
) -> None:
    """Waive findings of a path, a rule, or one finding.

    A path covers everything below it; the beginning of an id is enough. Unlike `enrich waive`, it
    reads no pattern in the target, and needs neither an end nor an owner.
    """
    if not reason:
        raise click.UsageError(f"it needs --reason, {_example()}")
    with Published(db) as published:
        waiver = waiver_for(target, published)
        covered = count_covered(published, waiver)
    _give(target, waiver, covered, reason, note, until.date() if until else None, owner)


def _give(
    target: str,
    waiver: Waiver,
    covered: int | None,
    reason: str,
    note: str | None,
    until: date | None,
    owner: str | None,
) -> None:
    """Land the waiver and print what it covers. Raises Refusal if it makes no sense."""
    refuse_senseless(reason, until)
    if (
        not covered
        and not waiver.may_cover_later
        and not os.path.lexists(os.path.expanduser(target))
    ):
        raise options.Refusal(f"{target}: no such rule, finding or path")
    land_waivers(waiver.gap_type, waiver.patterns, reason, note, until, owner)
    click.echo(clean_text(f"waived from the next refresh: {waiver.what}"))
    if covered is None:
        click.echo("nothing is published yet, so the number of findings that it covers is unknown")
    else:
        click.echo(f"open findings that it covers now: {covered}")


def _example() -> str:
    """Return the options of a waiver with values that make sense, and all reasons."""
    until = clock.now().date() + timedelta(days=_DAYS_WAIVED)
    reasons = ", ".join(row["reason"] for row in seed("waiver_reasons"))
    return f"such as: --reason planned --until {until} --owner me. The reasons are {reasons}."


def _withdraw(target: str, waiver: Waiver, note: str | None) -> None:
    """Land that the waiver is withdrawn, with all patterns of its decision. Raises Refusal."""
    from loaders.zone.reporting import open_zone

    given = _given(open_zone())
    keys = [(waiver.gap_type, pattern) for pattern in waiver.patterns]
    meant = [given[key] for key in keys if key in given]
    if not meant:
        raise options.Refusal(f"{target}: is not waived; `enrich waivers` lists what is waived")
    decisions = {row["run_id"] for row in meant if row["run_id"]}
    patterns = {row["subject_pattern"] for row in meant} | {
        row["subject_pattern"]
        for row in given.values()
        if row["run_id"] in decisions and row["gap_type"] == waiver.gap_type
    }
    land_waivers(waiver.gap_type, sorted(patterns), WITHDRAWN, note, None, None)
    click.echo(clean_text(f"withdrawn from the next refresh: {waiver.what}"))


def _given(zone: LandingZone) -> dict[tuple[str, str], dict[str, Any]]:
    """Return (rule, pattern) → its newest decision, from the seed or landed, unless withdrawn."""
    from loaders.zone.landed_rows import rows_in_order

    rows = [row | {"run_id": None} for row in seed("waivers")] + rows_in_order(
        zone, "waiver_events"
    )
    newest = {
        (row["gap_type"], row["subject_pattern"]): row for row in rows if row["gap_type"] != WARNING
    }
    return {key: row for key, row in newest.items() if row["reason"] != WITHDRAWN}


WAIVER_COLUMNS = (
    Column("state", "state"),
    Column("until", lambda row: row["expires_on"] or NEVER),
    Column("rule", "gap_type", "right"),
    Column("pattern", "subject_pattern", "left"),
    Column("covers", "covered_findings"),
    Column("reason", "reason"),
    Column("owner", "owner", "right"),
)


@click.command()
@options.project_option
@project_filters.options
@options.limit_option
@options.format_option
@options.db_option
def waivers(
    project: str | None, filters: Filters, limit: int | None, form: str, db: str | None
) -> None:
    """List the waivers, and what needs review.

    Shows the owner, the end, and how many findings each covers. `enrich waive TARGET --withdraw`
    withdraws one; TARGET is RULE:PATTERN as shown here, or the target that was given. With
    --project, --group, --tag or --mine: those with a pattern that matches a project, a folder or
    file in it, or one of its findings.
    """
    choice = Choice(project, filters)
    with Published(db) as published:
        condition = choice.condition(published)
        about = "true" if choice.is_everything else _ABOUT.format(condition=condition)
        found = published.query(
            f"select * from v_waivers where {about}"
            " order by state = 'in_use', covered_findings desc, gap_type, subject_pattern"
        )
        later = 0 if db else _landed_since(published)
    write_rows(found, form, WAIVER_COLUMNS, limit, nothing="nothing is waived")
    if form == "table" and later:
        verb = "applies" if later == 1 else "apply"
        Screen().text(
            f"{counted(later, 'newer decision')} {verb} from the next refresh", style="yellow"
        )


_ABOUT = """
    waiver_id in (
        with places as (
            select project_path as place from projects where {condition}
            union
            select unnest([subject, finding_id]) from gap_findings where {condition}
        ),
        patterns as (
            select waiver_id, unnest(from_json(subject_patterns, '["varchar"]')) as pattern
            from v_waivers
        )
        select waiver_id
        from patterns
        inner join places on place glob pattern or starts_with(pattern, place || '/')
    )
"""


def _landed_since(published: Published) -> int:
    """Return how many decisions on waivers the published build did not have yet."""
    from loaders.zone.landed_rows import rows_in_order
    from loaders.zone.reporting import open_zone

    if not locations().landing.exists():  # A guest has only the published file.
        return 0
    known = {run for (run,) in published.query("select run_id from ingest_runs").rows}
    rows = rows_in_order(open_zone(), "waiver_events")
    return len({row["run_id"] for row in rows if row["gap_type"] != WARNING} - known)
