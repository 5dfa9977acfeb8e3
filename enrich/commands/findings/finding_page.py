"""`enrich gaps show`: one finding, with its evidence, its history, and what to do about it."""

from __future__ import annotations

import getpass
import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain, repeat
from typing import Any

import click

from enrich import options
from enrich.answers.actions import write_actions
from enrich.answers.findings import THRESHOLD_COLUMNS
from enrich.db import Published, Rows
from enrich.render import write_rows
from enrich.screen import Column, Screen
from enrich.values import is_number, rounded, shown
from loaders.base import clock
from loaders.base.figures import counted, days_since, number

_MOST_CANDIDATES = 10
_MOST_IN_A_LIST = 5
_DAYS_WAIVED = 90


@click.command()
@click.argument("finding", metavar="ID")
@options.format_option
@options.db_option
def show(finding: str, form: str, db: str | None) -> None:
    """Show one finding: why it was flagged, since when, and what to do.

    ID is the id of a finding, or its beginning, as `enrich gaps` shows it. The page has the
    evidence, the thresholds of the rule, how the finding opened and closed, the run that its facts
    come from, the action in the queue, and the commands that try another threshold or waive the
    finding.
    """
    with Published(db) as published:
        page = Page.read(published, finding)
    if form == "table":
        _write(Screen(), page)
    else:
        answer = page.as_object()
        write_rows(Rows(tuple(answer), [tuple(answer.values())]), form)


@dataclass(frozen=True)
class Page:
    """A finding and the rows that belong to it; a row that the file does not have is None."""

    finding: dict[str, Any]
    rule: dict[str, Any] | None
    verdict: dict[str, Any] | None
    history: list[dict[str, Any]]
    run: dict[str, Any] | None
    action: dict[str, Any] | None

    @classmethod
    def read(cls, published: Published, start: str) -> Page:
        """Read the page of the finding whose id begins with *start*. Raises Refusal."""
        finding = _find(published, start)
        key = finding["finding_id"]

        def first(sql: str, value: Any) -> dict[str, Any] | None:
            return next(iter(published.query(sql, [value]).dicts()), None)

        return cls(
            finding,
            first("select * from v_rules where gap_type = $1", finding["gap_type"]),
            first("select * from v_verdicts where finding_id = $1", key),
            published.query(
                "select * from v_gap_history where finding_id = $1 order by event_number", [key]
            ).dicts(),
            first("select * from ingest_runs where run_id = $1", finding["source_run_id"]),
            first(_ACTION, key),
        )

    @property
    def thresholds(self) -> list[dict[str, Any]]:
        return json.loads(self.rule["thresholds"]) if self.rule else []

    @property
    def evidence(self) -> dict[str, Any]:
        found = json.loads(self.finding["evidence"] or "{}")
        return found if isinstance(found, dict) else {}

    @property
    def try_command(self) -> str | None:
        """A command that tries another value of the threshold that decides, if there is one."""
        names = [threshold["threshold"] for threshold in self.thresholds]
        if not names:
            return None
        limits = [name for name in names if name.startswith(("min_", "max_"))]
        deciding = [name for name in names if name in self.evidence]
        deciding += [name for name in limits if _is_about(name, self.evidence)]
        name = (deciding or limits or names)[0]
        [threshold] = [one for one in self.thresholds if one["threshold"] == name]
        words = ["enrich", "rules", "try", self.finding["gap_type"]]
        return shlex.join([*words, "--set", f"{name}={_another(threshold)}"])

    @property
    def waive_command(self) -> str | None:
        """A command that waives this finding; None unless it is open."""
        if self.finding["status"] != "open":
            return None
        until = clock.now().date() + timedelta(days=_DAYS_WAIVED)
        words = ["enrich", "waive", self.finding["finding_id"], "--reason", "accepted_risk"]
        return shlex.join([*words, "--until", f"{until}", "--owner", _user()])

    def as_object(self) -> dict[str, Any]:
        """Return the page for programs: the columns of the finding, then what belongs to it."""
        verdict = self.verdict or {}
        return {
            **self.finding,
            "title": (self.rule or {}).get("title"),
            "verdict": verdict.get("verdict"),
            "reason": verdict.get("reason"),
            "facts_at": verdict.get("facts_at"),
            "thresholds": self.thresholds,
            "history": self.history,
            "run": self.run,
            "action": self.action,
            "try_command": self.try_command,
            "waive_command": self.waive_command,
        }


_ACTION = """
    select * exclude (finding_ids)
    from action_queue
    where contains(finding_ids, $1) and status in ('queued', 'claimed', 'in_progress', 'blocked')
    order by rank
"""


def _find(published: Published, start: str) -> dict[str, Any]:
    """Return the one finding whose id begins with *start*. Raises Refusal."""
    meant = published.query(
        "select * from gap_findings where starts_with(finding_id, lower($1)) order by finding_id",
        [start],
        at_most=_MOST_CANDIDATES,
    )
    found = meant.dicts()
    if not found:
        raise options.Refusal(
            f"no finding has an id that begins with {start}; `enrich gaps` lists them"
        )
    if len(found) > 1:
        lines = [f"{start} is the beginning of several ids; give more of one:"]
        lines += [f"  {one['finding_id']}  {one['gap_type']}  {one['subject']}" for one in found]
        raise options.Refusal("\n".join([*lines, *(["  …"] if meant.has_more else [])]))
    finding = found[0]
    if finding["status"] != "resolved" and finding["first_seen"]:
        finding["age_days"] = days_since(finding["first_seen"])
    return finding


def _is_about(limit: str, evidence: Mapping[str, Any]) -> bool:
    """Return whether *limit*, such as `min_paths`, is about a count of *evidence* that is not 0."""
    noun = limit[len("min_") :].removesuffix("s")
    return any(noun in name and is_number(value) and value for name, value in evidence.items())


def _another(threshold: Mapping[str, Any]) -> str:
    """Return another value to try: half of a share, twice a number, as `rules try` reads it."""
    value = threshold["value"]
    is_share = threshold.get("unit") == "ratio" or 0 < value < 1
    other = value / 2 if is_share and value else value * 2 or 1
    return f"{other:.6f}".rstrip("0").rstrip(".")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "me"


# -- the page --------------------------------------------------------------------------------------

_CAUSES = {"world": "the workspace changed", "rule_changed": "the rule changed"}
_HISTORY_COLUMNS = (
    Column("when (UTC)", "observed_at"),
    Column("event", "kind"),
    Column("cause", lambda row: _CAUSES.get(row["cause"], row["cause"])),
    Column("impact", lambda row: rounded(row["impact_score"])),
    Column("rule version", "rule_version"),
)


def _write(screen: Screen, page: Page) -> None:
    finding = page.finding
    screen.heading(f"{finding['gap_type']}: {(page.rule or {}).get('title') or finding['subject']}")
    screen.facts((label.ljust(8), text) for label, text in _facts(page) if text)
    if page.evidence:
        _heading(screen, "Evidence")
        screen.facts((f"  {label}", text) for label, text in _evidence(page))
    if page.thresholds:
        _heading(screen, "Thresholds")
        screen.table(THRESHOLD_COLUMNS, page.thresholds)
    if page.history:
        _heading(screen, "History")
        screen.table(_HISTORY_COLUMNS, page.history)
    _heading(screen, "What to do")
    if page.action:
        write_actions(screen, [page.action])
    else:
        screen.text(f"{finding['recommended_action'] or 'Nothing.'} It is not in the queue.")
    _write_commands(screen, page)


def _heading(screen: Screen, text: str) -> None:
    screen.gap()
    screen.heading(text)


def _facts(page: Page) -> Iterator[tuple[str, str | None]]:
    finding, verdict = page.finding, page.verdict or {}
    yield "why", verdict.get("reason")
    yield "project", finding["project_path"]
    yield "subject", finding["subject"]
    yield (
        "severity",
        (
            f"{finding['severity']}; impact {shown(rounded(finding['impact_score']))} of 100, "
            f"confidence {shown(finding['confidence_ratio'])} of 1"
        ),
    )
    yield "status", _status(finding)
    yield "verdict", _kept_open(page)
    yield "facts", _source(page)
    yield "id", finding["finding_id"]


def _status(finding: Mapping[str, Any]) -> str:
    since = f"since {shown(finding['first_seen'])} UTC, {counted(finding['age_days'] or 0, 'day')}"
    reopened = (
        f"; reopened {_times(finding['reopened_count'])}" if finding["reopened_count"] else ""
    )
    if finding["status"] == "resolved":
        return f"resolved at {shown(finding['resolved_at'])} UTC; was open {since}{reopened}"
    if finding["status"] == "waived":
        end = finding["waiver_expires_on"]
        owner = f" by {finding['waiver_owner']}" if finding["waiver_owner"] else ""
        until = f" until {end}" if end else ", without an end"
        return f"waived{owner}{until} ({finding['waiver_reason']}); open {since}{reopened}"
    return f"open {since}{reopened}"


def _times(count: int) -> str:
    return "once" if count == 1 else counted(count, "time")


def _kept_open(page: Page) -> str | None:
    """Return why a finding is open that this build did not flag."""
    verdict = (page.verdict or {}).get("verdict")
    if page.finding["status"] == "resolved" or verdict == "fail":
        return None
    return f"{shown(verdict)}: the rule cannot judge it now, so it stays open"


def _source(page: Page) -> str | None:
    facts_at = (page.verdict or {}).get("facts_at")
    of = f"of {shown(facts_at)} UTC, " if facts_at else ""
    if page.run is None:
        return f"{of}run {page.finding['source_run_id']}" if page.finding["source_run_id"] else None
    run = page.run
    ended = f"ended {shown(run['ended_at'])} UTC"
    return f"{of}from run {run['run_seq']}: {run['action']}, {ended} ({run['run_id']})"


def _evidence(page: Page) -> Iterator[tuple[str, str]]:
    """Yield each part of the evidence in words; the thresholds in it have their own table."""
    thresholds = {threshold["threshold"] for threshold in page.thresholds}
    zero = []
    for name, value in page.evidence.items():
        label = name.replace("_", " ")
        if name in thresholds:
            continue
        if is_number(value) and not value:
            zero.append(label)
        elif isinstance(value, list) and any(isinstance(part, dict) for part in value):
            yield from zip(chain([label], repeat("")), _items(value), strict=False)
        else:
            yield label, _in_words(value)
    if zero:
        yield "zero", ", ".join(zero)


def _items(values: list[Any]) -> Iterator[str]:
    """Yield a line per item of a list of objects."""
    yield from map(_in_words, values[:_MOST_IN_A_LIST])
    if (more := len(values) - _MOST_IN_A_LIST) > 0:
        yield f"and {more} more"


def _in_words(value: Any) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, int) and not isinstance(value, bool):
        return number(value)
    if isinstance(value, dict):
        return ", ".join(
            f"{name.replace('_', ' ')} {_in_words(part)}"
            for name, part in value.items()
            if part is not None
        )
    if isinstance(value, list):
        more = len(value) - _MOST_IN_A_LIST
        listed = ", ".join(map(_in_words, value[:_MOST_IN_A_LIST])) or "none"
        return f"{listed} and {more} more" if more > 0 else listed
    return shown(value)


def _write_commands(screen: Screen, page: Page) -> None:
    if page.try_command:
        _heading(screen, "Try another threshold (changes nothing)")
        screen.command(f"$ {page.try_command}", 2)
    if page.waive_command:
        _heading(screen, "Waive it")
        screen.command(f"$ {page.waive_command}", 2)
    elif page.finding["status"] == "waived":
        _heading(screen, "End the waiver")
        screen.text("Find it in the list, then: enrich waive RULE:PATTERN --withdraw", 2)
        screen.command("$ enrich waivers", 2)
