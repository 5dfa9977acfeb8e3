"""`enrich warnings`: the warnings of the last refresh, and which of them are accepted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import click

from enrich import options
from enrich.answers.known_warnings import KnownWarnings, is_like
from enrich.commands.decisions.decided import (
    LastDay,
    land_waivers,
    note_option,
    owner_option,
    reason_option,
    refuse_senseless,
)
from enrich.db import Rows, published_path
from enrich.render import write_rows
from enrich.screen import Column
from loaders.base.paths import clean_text, locations
from loaders.zone.waiver_words import WARNING, WITHDRAWN

_COLUMNS = (
    Column("id", "id"),
    Column("state", "state"),
    Column("since", lambda row: row["first_seen"][:10]),
    Column("action", "action"),
    Column("owner", "owner", "right"),
    Column("warning", "warning", "wrap", at_least=30),
)
_FIELDS = (
    "id", "state", "first_seen", "action", "warning", "reason", "owner", "expires_on", "note"
)  # fmt: skip


@click.group()
def warnings() -> None:
    """List the warnings of the last refresh, or accept some.

    A refresh shows a warning once. While it repeats, it is only counted, and listed here.
    """


@warnings.command("list")
@options.limit_option
@options.format_option
@options.db_option
def list_warnings(limit: int | None, form: str, db: str | None) -> None:
    """List the warnings and the decisions on them."""
    known = _known(db)
    rows = [_row(found) for found in known.rows()]
    listed = Rows(_FIELDS, [tuple(row[name] for name in _FIELDS) for row in rows])
    nothing = "the last refresh had no warnings" if known.has_refreshed else "no refresh has ended"
    write_rows(listed, form, _COLUMNS, limit, nothing=nothing)


@warnings.command()
@click.argument("warning", metavar="ID|PATTERN")
@reason_option(required=True)
@owner_option(required=True)
@click.option(
    "--until",
    type=LastDay(),
    metavar="YYYY-MM-DD|never",
    default="never",
    show_default=True,
    help="Last day on which it is accepted.",
)
@note_option
@options.db_option
def accept(
    warning: str, reason: str, owner: str, until: date | str, note: str | None, db: str | None
) -> None:
    """Accept a warning, with a reason and an owner.

    ID is the beginning of an id as listed; PATTERN is compared with the whole text, and `*` in it
    stands for any text. The decision lands, and counts from the next refresh.
    """
    last_day = until if isinstance(until, date) else None
    refuse_senseless(reason, last_day)
    pattern = _meant(warning, _known(db))
    land_waivers(WARNING, [pattern], reason, note, last_day, owner)
    click.echo(clean_text(f"accepted from the next refresh: {pattern}"))


@warnings.command()
@click.argument("warning", metavar="ID|PATTERN")
@note_option
@options.db_option
def withdraw(warning: str, note: str | None, db: str | None) -> None:
    """Withdraw a decision. While the warning repeats, it counts as known."""
    known = _known(db)
    covering = {
        row["decision"]["subject_pattern"]
        for row in known.rows()
        if row["decision"] and (row["id"].startswith(warning) or is_like(row["text"], warning))
    }
    patterns = covering or {warning} & set(known.accepted_patterns())
    if not patterns:
        raise options.Refusal(f"{warning}: is not accepted; `enrich warnings list` shows what is")
    land_waivers(WARNING, sorted(patterns), WITHDRAWN, note, None, None)
    for pattern in sorted(patterns):
        click.echo(clean_text(f"withdrawn: {pattern}"))


def _known(db: str | None) -> KnownWarnings:
    from loaders.zone.reporting import open_zone

    where = replace(locations(), published=published_path(db))
    # Listing must not create a landing zone.
    return KnownWarnings(where, open_zone() if where.landing.exists() else None)


def _row(found: dict[str, Any]) -> dict[str, Any]:
    decision = found["decision"] or {}
    return {
        "id": found["id"],
        "state": "accepted" if decision else "known",
        "first_seen": found["first_seen"],
        "action": found["action"],
        "warning": found["text"],
        **{name: decision.get(name) for name in ("reason", "owner", "expires_on", "note")},
    }


def _meant(given: str, known: KnownWarnings) -> str:
    """Return the pattern of the warning, or warnings, that *given* names. Raises Refusal."""
    rows = known.rows()
    by_id = [row["text"] for row in rows if row["id"].startswith(given)]
    if len(by_id) == 1:
        return str(by_id[0])
    if any(is_like(row["text"], given) for row in rows):
        return given
    raise options.Refusal(
        f"{given}: no warning of the last refresh; `enrich warnings list` shows them"
    )
