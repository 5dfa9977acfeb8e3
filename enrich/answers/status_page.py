"""The status page: projects, freshness, health, findings, trend, and what to do next."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from enrich.answers.actions import write_actions
from enrich.answers.findings import project_name
from enrich.answers.grades import legend
from enrich.answers.projects import names_apart
from enrich.answers.status_facts import Facts, failure_names
from enrich.db import Rows
from enrich.screen import Column, Screen
from enrich.values import shown, whole
from loaders.base.figures import age, counted, days_since, number, percent, plural_of, size
from loaders.base.remedies import FIRST_REFRESH
from loaders.publishing.refresh_record import last_refresh

WORST_COLUMNS = (
    Column("least healthy", project_name, "left", at_least=24),
    Column("grade", "health_grade"),
    Column("score", lambda row: whole(row["health_score"])),
    Column("findings", "open_gap_count"),
    Column("worst finding", lambda row: row["title"] or row["worst_gap_type"], "right"),
)


def write_page(facts: Facts, actions_shown: int) -> None:
    """Write the page, with the best *actions_shown* actions."""
    screen = Screen()
    if not facts.is_published:
        screen.heading("Nothing is published yet")
        screen.facts([("file", str(facts.where.published)), ("do", FIRST_REFRESH)])
    else:
        screen.facts(_answers(facts))
        if facts.rows("worst"):
            screen.gap()
            columns = names_apart(WORST_COLUMNS, facts.names)
            screen.table(columns, facts.answers["worst"].dicts())
        if "actions" in facts.answers and actions_shown:
            screen.gap()
            _write_best_actions(screen, facts.answers["actions"], actions_shown)
        screen.gap()
        screen.facts([("published", _published(facts)), ("", _version(facts))], "dim")
    _write_faults(screen, facts.faults)
    _write_build(screen, facts)


def _write_best_actions(screen: Screen, actions: Rows, most: int) -> None:
    more = (
        f" (the first {most} of {len(actions.rows)}; enrich next-actions)"
        if len(actions.rows) > most
        else ""
    )
    screen.heading(f"What to do next{more}")
    write_actions(screen, actions.dicts()[:most])


# -- the answers -----------------------------------------------------------------------------------


def _answers(facts: Facts) -> list[tuple[str, str]]:
    return [
        ("projects", _projects(facts)),
        ("freshness", _freshness(facts)),
        ("health", _health(facts)),
        ("findings", _findings(facts)),
        ("collectors", _collectors(facts)),
        *([] if facts.is_part else _trend(facts)),
        *([("rejected", _rejected(facts))] if facts.rows("rejected") else []),
    ]


_ABSENT = "not in this file; refresh it"


def _projects(facts: Facts) -> str:
    if "kinds" not in facts.answers:
        return _ABSENT
    kinds = facts.rows("kinds")
    if not kinds:
        return "none yet"
    files, lines, total, _ = facts.rows("sizes")[0]
    counts = ", ".join(
        _kinds(kind, count, is_first=place == 0) for place, (kind, count) in enumerate(kinds)
    )
    roots = [root for (root,) in facts.rows("roots")]
    below = roots[0] if len(roots) == 1 else counted(len(roots), "folder")
    sizes = [counted(files or 0, "file"), counted(lines or 0, "line"), size(total or 0)]
    return f"{counts} below {below}; {', '.join(sizes)}"


_FOLDERS = {"manifest": "with a manifest", "loose_files": "of loose files"}


def _kinds(kind: str, count: int, *, is_first: bool) -> str:
    """Return the number of projects of a kind, such as `2 other folders with a manifest`."""
    if kind not in _FOLDERS:
        return counted(count, kind)
    # Without "other", "3 repositories, 1 with a manifest" would count one of the three again.
    noun = "folder" if is_first else "other folder"
    return f"{counted(count, noun)} {_FOLDERS[kind]}"


def _freshness(facts: Facts) -> str:
    if "index" not in facts.answers or "sizes" not in facts.answers:
        return _ABSENT
    words = {"never": "never scanned", "gone": "gone from disk"}
    parts = [
        ", ".join(f"{count:,} {words.get(state, state)}" for state, count in facts.rows("index"))
        or "nothing yet"
    ]
    newest = facts.rows("sizes")[0][3]
    parts.append(f"newest crawl {age(newest)} ago" if newest else "never crawled")
    for source, scanned, eligible in facts.rows("coverage"):
        if eligible:
            parts.append(f"{source} has {number(scanned or 0)} of {counted(eligible, 'file')}")
    return "; ".join(parts)


def _health(facts: Facts) -> str:
    if "grades" not in facts.answers:
        return _ABSENT
    grades = dict(facts.rows("grades"))
    parts = [f"{grades[grade]:,} {grade}" for grade in "ABCDF" if grade in grades]
    parts += [f"{grades['?']:,} not graded: too little is known"] if "?" in grades else []
    return f"{', '.join(parts)}. {legend()}" if parts else "no grades yet"


def _findings(facts: Facts) -> str:
    if "gaps" not in facts.answers:
        return _ABSENT
    counts = (
        ", ".join(f"{count:,} {severity}" for severity, count in facts.rows("gaps")) or "none open"
    )
    waived = facts.rows("waived")[0][0]
    return counts + (f"; {waived:,} waived" if waived else "")


def _collectors(facts: Facts) -> str:
    if "classified" not in facts.answers:
        return _ABSENT
    if not facts.rows("classified")[0][0]:
        return "not classified yet"
    count, files = facts.rows("collectors")[0]
    classified = counted(facts.rows("classified")[0][0], "project")
    if not count:
        return f"none of {classified}"
    verb = "collects" if count == 1 else "collect"
    return f"{count:,} of {classified} {verb} data, in {counted(files or 0, 'file')}"


# Value, change since the week before, numerator and denominator of a metric.
Measure = tuple[float | None, float | None, int | None, int | None]


def _trend(facts: Facts) -> Iterator[tuple[str, str]]:
    """Yield the metrics in a few lines, each with its change since the week before."""
    if "metrics" not in facts.answers:
        yield "trend", _ABSENT
        return
    measures: dict[str, Measure] = {row[0]: row[1:] for row in facts.rows("metrics")}
    lines = [line for line in (_scanned(measures), _of_the_week(measures)) if line]
    if scripts := measures.get("scripts_with_helper"):
        lines.append(f"scripts that use the helper: {_share(*scripts, 'script')}")
    months = [
        f"{month} {percent(scanned / eligible)}"
        for month, scanned, eligible in facts.rows("months")
        if eligible
    ]
    # One month repeats the line above.
    lines += [f"files scanned by month: {', '.join(months)}"] if len(months) > 1 else []
    lines = lines or ["nothing measured yet"]
    yield "trend", _measured_when(facts) + lines[0]
    yield from (("", line) for line in lines[1:])


def _scanned(measures: Mapping[str, Measure]) -> str | None:
    """Return how much was scanned lately."""
    parts = [
        _share(*measures[name], noun)
        for name, noun in (
            ("projects_with_fresh_scan", "project"),
            ("tracked_files_in_scan", "tracked file"),
        )
        if name in measures and measures[name][0] is not None
    ]
    return f"scanned lately: {', '.join(parts)}" if parts else None


def _of_the_week(measures: Mapping[str, Measure]) -> str | None:
    """Return how findings came, went and reached the queue in the last week."""
    parts = []
    for name, words in (("high_gaps_opened", "opened"), ("high_gaps_closed", "closed")):
        if (measure := measures.get(name)) and measure[0] is not None:
            value, change = int(measure[0]), int(measure[1] or 0)
            since = f" ({change:+,} since the week before)" if change else ""
            parts.append(f"{counted(value, 'high finding')} {words}{since}")
    if (waited := measures.get("median_hours_to_queue")) and waited[0] is not None:
        parts.append(f"half were in the queue within {_at_most_hours(waited[0])}")
    return f"this week: {', '.join(parts)}" if parts else None


def _at_most_hours(hours: float) -> str:
    """Return a wait in whole hours or days, rounded up."""
    return (
        counted(math.ceil(hours / 24), "day")
        if hours > 48
        else counted(max(1, math.ceil(hours)), "hour")
    )


def _measured_when(facts: Facts) -> str:
    """Return when the metrics were measured, if that was not in the last day."""
    published_at = datetime.fromisoformat(facts.version["published_at"])
    days = days_since(published_at)
    return f"{counted(days, 'day')} ago: " if days else ""


def _share(
    value: float | None,
    change: float | None,
    numerator: int | None,
    denominator: int | None,
    noun: str,
) -> str:
    """Return a ratio by its two counts and in per cent, with its change."""
    if value is None or denominator is None:
        return f"{plural_of(noun)} not known"
    gained = f", {100 * change:+.0f} points" if change else ""
    return f"{numerator or 0:,} of {counted(denominator, noun)} ({percent(value)}{gained})"


def _rejected(facts: Facts) -> str:
    counts = [(table, int(count)) for table, count in facts.rows("rejected")]
    total = sum(count for _, count in counts)
    tables = ", ".join(f"{count:,} of {table}" for table, count in counts)
    rows = "landed row is" if total == 1 else "landed rows are"
    return f"{total:,} {rows} set aside: {tables}; enrich sql 'from v_rejects'"


# -- the file and the build that made it -----------------------------------------------------------


def _published(facts: Facts) -> str:
    return str(facts.where.published)


def _version(facts: Facts) -> str:
    note = facts.version
    number = f"version {note['generation']}, " if "generation" in note else ""
    older = "" if note.get("is_newest", True) else "; rolled back: a newer version is kept"
    published_at = datetime.fromisoformat(note["published_at"])
    record = last_refresh(facts.where)
    checked_at = record.found_nothing_at if record else None
    checked = ""
    if checked_at is not None and checked_at >= published_at:
        checked = f"; a refresh {age(checked_at)} ago found nothing new"
    return f"{number}{age(published_at)} old{checked}{older}"


_FAULTS_SHOWN = 5


def _write_faults(screen: Screen, faults: list[str]) -> None:
    """Name the configured rows that do not count."""
    if not faults:
        return
    screen.gap()
    more = len(faults) - _FAULTS_SHOWN
    rest = f", and {more} more: enrich config check" if more > 0 else ""
    screen.text(f"Left out of the configuration{rest}", style="yellow")
    for fault in faults[:_FAULTS_SHOWN]:
        screen.text(fault, 2)


def _write_build(screen: Screen, facts: Facts) -> None:
    """Report why the last build did not publish, if it did not."""
    if facts.build is None or facts.build.get("is_published"):
        return
    screen.gap()
    screen.text(f"The last build{_when(facts.build)}: {facts.build.get('outcome')}", style="yellow")
    for name in failure_names(facts.build)[:10]:
        screen.text(f"failed: {name}", 2)
    for path, command in facts.repairs:
        screen.text(
            f"damaged: {path}; {'land it again:' if command else 'restore it from a backup'}", 2
        )
        if command:
            screen.command(f"$ {command}", 4)


def _when(build: dict[str, Any]) -> str:
    """Return when a build ended, or when it started if it never ended."""
    for name, words in (("ended_at", ""), ("started_at", "started ")):
        if build.get(name):
            return f" ({words}{build[name][:16].replace('T', ' ')})"
    return ""


def figures(facts: Facts) -> Iterator[tuple[str, str, Any]]:
    """Return the page as (section, name, value) for programs."""
    yield "published", "path", str(facts.where.published)
    yield "published", "is_published", facts.is_published
    for name, value in facts.version.items():
        yield "published", name, value
    for section in ("kinds", "index", "gaps", "grades", "rejected"):
        for name, value in facts.rows(section):
            yield section, shown(name), value
    for row in facts.rows("sizes"):
        yield from zip(
            ("sizes",) * 4, ("files", "lines", "bytes", "newest_crawl_at"), row, strict=True
        )
    for name in ("waived", "classified", "collectors"):
        for row in facts.rows(name):
            yield "gaps" if name == "waived" else "projects", name, row[0]
    for name, value, *_ in facts.rows("metrics"):
        yield "trend", name, value
    for name, value in (facts.build or {}).items():
        yield "last_build", name, value
    for place, fault in enumerate(facts.faults, 1):
        yield "configuration", f"fault {place}", fault
