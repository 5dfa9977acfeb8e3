"""`enrich waive`, `ignore`, `waivers`: land that findings are fine as they are, and until when; see what is waived."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

from enrich import options
from enrich.db import Published
from enrich.lookup import seed
from enrich.render import write_rows
from enrich.screen import Column
from enrich.targets import Waiver, count_covered, pattern_for, waiver_for
from loaders.base import clock
from loaders.base.paths import clean_text, locations

if TYPE_CHECKING:
    from loaders.zone.landing import LandingZone

# The word that takes a waiver back; no reason that anybody may give (seeds/waiver_reasons.csv).
_WITHDRAWN = "withdrawn"
_NEVER = "never"


class LastDay(click.ParamType):
    """A day, or `never`, which is None."""

    name = "YYYY-MM-DD|never"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> date | str:
        if isinstance(value, date) or value == _NEVER:
            return value
        try:
            return datetime.strptime(value, "%Y-%m-%d").date()
        except ValueError:
            self.fail(f"{value} is neither a day like 2027-01-31 nor never", param, ctx)


@click.command()
@click.argument("target", metavar="FINDING|PATTERN")
@click.option("--reason", help="One of seeds/waiver_reasons.csv, such as accepted_risk.")
@click.option(
    "--until",
    type=LastDay(),
    metavar="YYYY-MM-DD|never",
    help="Last day on which it holds; never: it has no end.",
)
@click.option("--owner", help="Who answers for it.")
@click.option("--note", help="Why, in your words.")
@click.option(
    "--withdraw", is_flag=True, help="Take a waiver back, given here or in seeds/waivers.csv."
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
    """Waive findings: with a reason, an end and somebody who answers for it.

    \b
    FINDING|PATTERN is   a finding's id, or its beginning
                         a rule                    HIGH_CHANGE_NO_TESTS
                         a path and all below it   ~/code/legacy
                         a pattern over paths      '~/code/old-*'
                         both                      'HIGH_*:~/code/legacy'

    Waived findings cost no points and stay visible (`enrich gaps --status waived`). It is landed as a
    decision and counts from the next refresh. Given again for the same target, the newest counts.
    """
    with Published(db) as published:
        waiver = pattern_for(target, published)
        covered = count_covered(published, waiver)
    if withdraw:
        if reason or until or owner:
            raise click.UsageError("--withdraw takes neither a reason, nor an end, nor an owner")
        _withdraw(target, waiver, note)
        return
    missing = [
        name
        for name, given in (("reason", reason), ("until", until), ("owner", owner))
        if not given
    ]
    if missing:
        raise click.UsageError(f"a waiver needs {', '.join(f'--{name}' for name in missing)}")
    _give(target, waiver, covered, reason, note, None if until == _NEVER else until, owner)


@click.command()
@click.argument("target", metavar="PATH|RULE|ID")
@click.option(
    "--reason", required=True, help="One of seeds/waiver_reasons.csv, such as accepted_risk."
)
@click.option("--note", help="Why, in your words.")
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="Last day on which it holds.",
)
@click.option("--owner", help="Who answers for it.")
@options.db_option
def ignore(
    target: str,
    reason: str,
    note: str | None,
    until: datetime | None,
    owner: str | None,
    db: str | None,
) -> None:
    """Waive findings of a path, a rule, or one, in short.

    A path covers all below it; an id may be shortened as `enrich gaps` shows it. As `enrich waive`,
    but no pattern is read in the target, and neither an end nor an owner has to be given.
    """
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
    """Land the waiver and say what it covers. Raises Refusal where it cannot be meant."""
    known = {row["reason"]: row["meaning"] for row in seed("waiver_reasons")}
    if reason not in known:
        told = "\n".join(f"  {name.ljust(16)}{meaning}" for name, meaning in known.items())
        raise options.Refusal(f"--reason {reason}: no such reason; there are:\n{told}")
    if until and until < clock.now().date():
        raise options.Refusal(f"--until {until} is past")
    if (
        not covered
        and not waiver.may_cover_later
        and not os.path.lexists(os.path.expanduser(target))
    ):
        raise options.Refusal(f"{target}: there is no such rule, finding or path")
    _land(waiver.gap_type, waiver.patterns, reason, note, until, owner)
    click.echo(clean_text(f"ignored from the next refresh on: {waiver.what}"))
    if covered is None:
        click.echo("nothing is published yet, so what it covers is not known")
    else:
        click.echo(f"open findings that it covers now: {covered}")


def _withdraw(target: str, waiver: Waiver, note: str | None) -> None:
    """Land that the waiver is taken back, with every pattern of its decision. Raises Refusal where there is none."""
    given = _given(_zone())
    meant = [
        given[key] for pattern in waiver.patterns if (key := (waiver.gap_type, pattern)) in given
    ]
    if not meant:
        raise options.Refusal(
            f"{target}: nobody has waived that; `enrich waivers` lists what is waived"
        )
    decisions = {row["run_id"] for row in meant if row["run_id"]}
    patterns = {row["subject_pattern"] for row in meant} | {
        row["subject_pattern"]
        for row in given.values()
        if row["run_id"] in decisions and row["gap_type"] == waiver.gap_type
    }
    _land(waiver.gap_type, sorted(patterns), _WITHDRAWN, note, None, None)
    click.echo(clean_text(f"withdrawn from the next refresh on: {waiver.what}"))


def _zone() -> LandingZone:
    from loaders.zone.landing import LandingZone

    return LandingZone(locations().landing)


def _given(zone: LandingZone) -> dict[tuple[str, str], dict[str, Any]]:
    """Return (rule, pattern) → the newest decision on it, given in the seed or here; none that was withdrawn."""
    from loaders.zone.landed_rows import rows_in_order

    rows = [row | {"run_id": None} for row in seed("waivers")] + rows_in_order(
        zone, "waiver_events"
    )
    newest = {(row["gap_type"], row["subject_pattern"]): row for row in rows}
    return {key: row for key, row in newest.items() if row["reason"] != _WITHDRAWN}


def _land(
    gap_type: str,
    patterns: Iterable[str],
    reason: str,
    note: str | None,
    until: date | None,
    owner: str | None,
) -> None:
    with _zone().run("decisions", sys.argv) as run:
        rows = [
            {
                "gap_type": gap_type,
                "subject_pattern": pattern,
                "reason": reason,
                "note": clean_text(note) if note else None,
                "owner": clean_text(owner) if owner else None,
                "expires_on": until,
                "happened_at": clock.as_naive_utc(clock.now()),
            }
            for pattern in patterns
        ]
        run.table("waiver_events").append_rows(rows)
        run.counts.landed += len(rows)


WAIVER_COLUMNS = (
    Column("state", "state"),
    Column("until", lambda row: row["expires_on"] or _NEVER),
    Column("rule", "gap_type", "right"),
    Column("pattern", "subject_pattern", "left"),
    Column("covers", "covered_findings"),
    Column("reason", "reason"),
    Column("owner", "owner", "right"),
)


@click.command()
@options.limit_option
@options.format_option
@options.db_option
def waivers(limit: int | None, form: str, db: str | None) -> None:
    """What is waived, and what of that needs review.

    By whom, until when, and how many findings it covers. `enrich waive TARGET --withdraw` takes one
    back; TARGET is RULE:PATTERN as shown here, or what was given.
    """
    with Published(db) as published:
        found = published.query(
            "select * from v_waivers order by state = 'in_use', covered_findings desc, gap_type, subject_pattern"
        )
    write_rows(found, form, WAIVER_COLUMNS, limit, nothing="nothing is waived")
