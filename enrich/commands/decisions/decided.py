"""The options that waivers and accepted warnings share, and how the decision lands."""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import click

from enrich import options
from enrich.lookup import seed
from loaders.base import clock
from loaders.base.paths import clean_text

NEVER = "never"

reason_option = functools.partial(
    click.option, "--reason", help="One of seeds/waiver_reasons.csv, such as accepted_risk."
)
owner_option = functools.partial(click.option, "--owner", help="The person responsible for it.")
note_option = click.option("--note", help="Why, in your own words.")


class LastDay(click.ParamType):  # type: ignore[type-arg]  # click 8.1 takes no argument there
    """A day, or the word `never`."""

    name = "YYYY-MM-DD|never"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> date | str:
        if isinstance(value, date):
            return value
        if value == NEVER:
            return NEVER
        try:
            return datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007  # a day has no zone
        except ValueError:
            self.fail(f"{value} is neither a day such as 2027-01-31 nor never", param, ctx)


def refuse_senseless(reason: str, until: date | None) -> None:
    """Raise Refusal if *reason* is not one of the seed, or if *until* is in the past."""
    known = {row["reason"]: row["meaning"] for row in seed("waiver_reasons")}
    if reason not in known:
        listed = "\n".join(f"  {name.ljust(16)}{meaning}" for name, meaning in known.items())
        raise options.Refusal(f"--reason {reason}: no such reason; the reasons are:\n{listed}")
    if until and until < clock.now().date():
        raise options.Refusal(f"--until {until} is in the past")


def land_waivers(
    gap_type: str,
    patterns: Iterable[str],
    reason: str,
    note: str | None,
    until: date | None,
    owner: str | None,
) -> None:
    """Land one waiver for each of *patterns*, as one decision."""
    from loaders.zone.reporting import open_zone

    with open_zone().run("decisions", sys.argv) as run:
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
