"""`enrich ignore`: land that a rule, a path or one finding is fine as it is."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from datetime import datetime

import click

from enrich import options
from enrich.db import NothingPublished, Published
from enrich.lookup import rule_called, seed
from loaders import clock
from loaders.paths import canonical_root, clean_text, locations, text_of

_SHORTEST_ID = 8


@dataclass(frozen=True)
class Waiver:
    """What a waiver covers: findings of `gap_type` (`*`: any) whose project or subject meets a pattern."""

    what: str
    gap_type: str
    patterns: tuple[str, ...]


@click.command()
@click.argument("target", metavar="PATH|RULE|ID")
@click.option("--reason", required=True, help="One of seeds/waiver_reasons.csv, such as accepted_risk.")
@click.option("--note", help="Why, in your words.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="Last day on which it holds.")
@click.option("--owner", help="Who answers for it.")
@options.db_option
def ignore(
    target: str, reason: str, note: str | None, until: datetime | None, owner: str | None, db: str | None
) -> None:
    """Waive findings of a path, a rule, or one.

    A path covers all below it; an id may be shortened as `enrich gaps` shows it. Waived findings
    cost no points and stay visible (`enrich gaps --status waived`). It is landed as a decision and
    counts from the next refresh.
    """
    _check_reason(reason)
    if until and until.date() < clock.now().date():
        raise options.Refusal(f"--until {until:%Y-%m-%d} is past")
    with Published(db) as published:
        waiver = waiver_for(target, published)
        covered = _count_covered(published, waiver)
    if not covered and not _may_cover_later(target, waiver):
        raise options.Refusal(f"{target}: there is no such rule, finding or path")
    _land(waiver, reason, note, until, owner)
    click.echo(clean_text(f"ignored from the next refresh on: {waiver.what}"))
    if covered is None:
        click.echo("nothing is published yet, so what it covers is not known")
    else:
        click.echo(f"open findings that it covers now: {covered}")


def _check_reason(reason: str) -> None:
    known = {row["reason"]: row["meaning"] for row in seed("waiver_reasons")}
    if reason not in known:
        told = "\n".join(f"  {name.ljust(16)}{meaning}" for name, meaning in known.items())
        raise options.Refusal(f"--reason {reason}: no such reason; there are:\n{told}")


def waiver_for(target: str, published: Published) -> Waiver:
    """Return the waiver that *target* means: a rule, else something on disk, else a finding's id, else a path."""
    if rule := rule_called(target):
        return Waiver(f"every finding of {rule}", rule, ("*",))
    if re.fullmatch(rf"[0-9a-f]{{{_SHORTEST_ID},}}", target) and not os.path.lexists(target):
        key = _whole_id(target, published)
        return Waiver(f"finding {key}", "*", (key,))
    path = text_of(canonical_root(target))
    pattern = literal_glob(path)
    return Waiver(f"{path} and everything below it", "*", (pattern, f"{pattern.rstrip('/')}/*"))


def literal_glob(text: str) -> str:
    """Return the GLOB pattern that only *text* meets. In DuckDB the backslash escapes, too."""
    return re.sub(r"[*?\[\\]", lambda match: r"\\" if match.group() == "\\" else f"[{match.group()}]", text)


def _whole_id(start: str, published: Published) -> str:
    """Return the id of the finding that begins with *start*; of what nobody published yet, *start* itself."""
    try:
        found = published.query(
            "select finding_id from v_gap_backlog where starts_with(finding_id, $1) limit 2", [start]
        ).rows
    except NothingPublished:
        found = []
    if len(found) > 1:
        raise options.Refusal(f"{start} is the beginning of several ids; give more of it")
    return found[0][0] if found else start


def _count_covered(published: Published, waiver: Waiver) -> int | None:
    """Return how many open findings the waiver covers in the published file, matched as the build does."""
    try:
        return published.query(
            """
            select count(*)
            from v_gap_backlog
            where status = 'open'
                and ($rule = '*' or gap_type = $rule)
                and len(list_filter($patterns, lambda pattern:
                    project_path glob pattern or subject glob pattern or finding_id = pattern)) > 0
            """,
            {"rule": waiver.gap_type, "patterns": list(waiver.patterns)},
        ).rows[0][0]
    except NothingPublished:
        return None


def _may_cover_later(target: str, waiver: Waiver) -> bool:
    return waiver.gap_type != "*" or os.path.lexists(os.path.expanduser(target)) or _is_whole_id(waiver)


def _is_whole_id(waiver: Waiver) -> bool:
    return len(waiver.patterns) == 1 and len(waiver.patterns[0]) >= 2 * _SHORTEST_ID


def _land(waiver: Waiver, reason: str, note: str | None, until: datetime | None, owner: str | None) -> None:
    from loaders.landing import LandingZone

    zone = LandingZone(locations().landing)
    with zone.run("decisions", sys.argv) as run:
        run.table("waiver_events").append_rows(
            [
                {
                    "gap_type": waiver.gap_type,
                    "subject_pattern": pattern,
                    "reason": reason,
                    "note": clean_text(note) if note else None,
                    "owner": clean_text(owner) if owner else None,
                    "expires_on": until.date() if until else None,
                    "happened_at": clock.as_naive_utc(clock.now()),
                }
                for pattern in waiver.patterns
            ]
        )
        run.counts.landed += len(waiver.patterns)
