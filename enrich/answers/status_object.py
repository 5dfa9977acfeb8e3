"""The state of everything as one JSON object, for monitors, and the conditions they can fail on.

The keys are stable: new ones may be added, none is removed. docs/operate.md describes them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from enrich.answers.status_facts import Facts
from enrich.options import SEVERITIES
from enrich.values import plain
from loaders.base import clock
from loaders.base.exits import EXIT_NO
from loaders.base.figures import counted, seconds_since

_STATES = ("fresh", "stale", "never", "gone")


def as_object(facts: Facts, failed_on: list[str]) -> dict[str, Any]:
    """Return the object; a value that cannot be known is None, never 0."""
    crawled_at = _first(facts, "sizes", 3)
    published_at = _moment(facts.version.get("published_at"))
    return {
        "is_published": facts.is_published,
        "published_path": str(facts.where.published),
        "version": facts.version.get("generation"),
        "published_at": plain(published_at),
        "age_seconds": published_at and seconds_since(published_at),
        "is_stale": facts.is_stale,
        "stale_after_days": facts.stale_after_days,
        "newest_crawl_at": plain(crawled_at),
        "newest_crawl_age_seconds": crawled_at and seconds_since(crawled_at),
        "last_refresh": _last_refresh(facts.build),
        "projects": _projects(facts),
        "findings": _findings(facts),
        "rejects": int(sum(count for _, count in facts.rows("rejected")))
        if "rejected" in facts.answers
        else None,
        "warnings": _first(facts, "warnings"),
        "configuration_faults": len(facts.faults) if facts.is_published else None,
        "failed_on": failed_on,
    }


def _first(facts: Facts, question: str, place: int = 0) -> Any:
    return next((row[place] for row in facts.rows(question)), None)


def _moment(text: str | None) -> datetime | None:
    """Return the time that *text* contains, as a naive time in UTC."""
    return None if text is None else clock.parse_naive_utc(text)


def _last_refresh(build: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return how the last build ended; `exit_code` is None if it was killed."""
    if build is None:
        return None
    is_published = bool(build.get("is_published"))
    code = None if build.get("is_dead") else (0 if is_published else EXIT_NO)
    return {
        "started_at": plain(_moment(build.get("started_at"))),
        "ended_at": plain(_moment(build.get("ended_at"))),
        "is_published": is_published,
        "outcome": build.get("outcome"),
        "exit_code": build.get("exit_code", code),
    }


def _projects(facts: Facts) -> dict[str, int] | None:
    if "index" not in facts.answers:
        return None
    states = dict(facts.rows("index"))
    there = sum(count for state, count in states.items() if state != "gone")
    return {"total": there, **{state: states.get(state, 0) for state in _STATES}}


def _findings(facts: Facts) -> dict[str, int] | None:
    if "gaps" not in facts.answers:
        return None
    counts = dict(facts.rows("gaps"))
    severities = {severity: counts.get(severity, 0) for severity in reversed(SEVERITIES)}
    return {"open": sum(counts.values()), **severities, "waived": _first(facts, "waived")}


# -- the conditions of --fail-on -------------------------------------------------------------------


def _stale(facts: Facts) -> str | None:
    if not facts.is_stale:
        return None
    limit = facts.stale_after_days
    older = f" for more than {counted(limit, 'day')}" if limit is not None else ""
    return f"{counted(facts.stale_projects or 0, 'project')} not scanned{older}"


def _not_published(facts: Facts) -> str | None:
    if facts.build is None or facts.build.get("is_published"):
        return None
    return f"the last build: {facts.build.get('outcome')}"


def _gaps(facts: Facts) -> str | None:
    count = sum(count for _, count in facts.rows("gaps"))
    return counted(count, "open finding") if count else None


CONDITIONS: dict[str, Callable[[Facts], str | None]] = {
    "stale": _stale,
    "not-published": _not_published,
    "gaps": _gaps,
}
