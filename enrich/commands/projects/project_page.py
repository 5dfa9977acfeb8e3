"""`enrich show`: one project on one page."""

from __future__ import annotations

from typing import Any

import click

from enrich import options
from enrich.answers.actions import write_actions
from enrich.answers.findings import OWN_FINDING_COLUMNS, findings
from enrich.answers.freshness import judge_now
from enrich.answers.projects import QUESTIONS, left_out
from enrich.db import Published, Rows
from enrich.lookup import find_project
from enrich.render import write_json, write_rows
from enrich.screen import Column, Screen
from enrich.values import shown, whole
from loaders.base.figures import counted, size

_ACTIONS_SHOWN = 5
_FINDINGS_SHOWN = 20


@click.command()
@click.argument("project")
@options.format_option
@options.db_option
def show(project: str, form: str, db: str | None) -> None:
    """Show one project on one page.

    PROJECT is its name, a path in it, or the start of its id.
    """
    with Published(db) as published:
        judge_now(published)
        key = find_project(published, project)["project_id"]
        health, terms, coverage, actions, conflicts = (
            published.query(sql, [key]) for sql in QUESTIONS.values()
        )
        found = findings(published, {"project_id": key})
    if form == "csv":
        write_rows(health, form)
    elif form == "json":
        details = {
            "terms": terms.dicts(),
            "coverage": coverage.dicts(),
            "findings": found.dicts(),
            "actions": actions.dicts(),
            "conflicts": conflicts.dicts(),
        }
        write_json([health.dicts()[0] | details])
    else:
        _write_page(health.dicts()[0], terms, coverage, found, actions, conflicts)


def _write_page(
    health: dict[str, Any],
    terms: Rows,
    coverage: Rows,
    found: Rows,
    actions: Rows,
    conflicts: Rows,
) -> None:
    screen = Screen()
    screen.heading(f"{health['project_name']}  {_grade(health)}")
    screen.facts(_facts(health))
    screen.facts(_checkout(health, coverage))
    screen.facts(_coverage(row) for row in coverage.dicts())
    screen.facts(_conflict(row) for row in conflicts.dicts())
    screen.gap()
    if terms.rows:
        _write_sum(screen, health, terms.dicts())
        screen.gap()
    _write_findings(screen, found)
    if actions.rows:
        screen.gap()
        screen.heading("What to do next")
        write_actions(screen, actions.dicts()[:_ACTIONS_SHOWN])


def _conflict(row: dict[str, Any]) -> tuple[str, str]:
    needed, here = f"{row['dependency_name']} {row['specifier']}", row["provider_version"]
    return "conflict".ljust(10), f"needs {needed}, here is {here}; {row['manifest_path']}"


def _grade(health: dict[str, Any]) -> str:
    if health["health_score"] is None:
        return "(too little is known for a grade)"
    return f"{health['health_grade']} ({whole(health['health_score'])} of 100)"


def _facts(health: dict[str, Any]) -> list[tuple[str, str]]:
    facts = [
        ("path", health["project_path"]),
        ("id", health["project_id"]),
        ("kind", ", ".join(filter(None, (health["kind"], health["primary_language"])))),
        ("remote", health["remote_url"]),
        ("branch", _branch(health)),
        ("activity", _activity(health)),
        ("size", _size(health)),
        ("left out", left_out(health)),
        ("has", _has(health, True)),
        ("missing", _has(health, False)),
        ("yours", _mine(health)),
    ]
    return [(label.ljust(10), text) for label, text in facts if text]


def _mine(health: dict[str, Any]) -> str | None:
    if health["is_mine"] is None:
        return None
    return f"{'yes' if health['is_mine'] else 'no'}: {health['mine_reason']}"


_TERM_COLUMNS = (
    Column("term", lambda row: row["term"].removeprefix("health_")),
    Column("points", lambda row: _points(row["points"])),
    Column("of", lambda row: _points(row["maximum"])),
    Column("because", "reason", "wrap"),
)


def _points(number: float | None) -> str:
    return "unknown" if number is None else f"{number:.1f}"


def _write_sum(screen: Screen, health: dict[str, Any], terms: list[dict[str, Any]]) -> None:
    """Write the terms of the score, and that they add up to it."""
    known = [term["points"] for term in terms if term["points"] is not None]
    score = health["health_score"]
    screen.heading(
        f"Score: {' + '.join(map(_points, known))} = {_points(score)} of 100"
        if score is not None
        else "Score: unknown, since fewer than three terms are known"
    )
    screen.table(_TERM_COLUMNS, terms)


def _branch(health: dict[str, Any]) -> str | None:
    if not health["head_commit"]:
        return None
    default = health["default_branch"]
    # A file that was published by older code does not have the branch of HEAD.
    checked_out = health.get("head_branch", default)
    text = f"{shown(checked_out) if checked_out else 'detached'} at {health['head_commit'][:12]}"
    if not default:
        return f"{text}; the default branch is not known"
    return text if default == checked_out else f"{text}; the default branch is {shown(default)}"


def _checkout(health: dict[str, Any], coverage: Rows) -> list[tuple[str, str]]:
    """Return the reasons why the files or the history here are not all of the repository."""
    left_out = max((row.get("files_left_out") or 0 for row in coverage.dicts()), default=0)
    facts = []
    if left_out:
        text = f"sparse checkout: {counted(left_out, 'tracked file')} not on disk and not judged"
        facts.append(("part only".ljust(10), text))
    elif health.get("is_sparse"):
        facts.append(("part only".ljust(10), "sparse checkout, with all tracked files on disk"))
    if health.get("is_shallow"):
        facts.append(("part only".ljust(10), "shallow clone: its history ends early"))
    if health.get("is_partial"):
        text = "partial clone: contents of files in its history may be missing"
        facts.append(("part only".ljust(10), text))
    return facts


def _activity(health: dict[str, Any]) -> str | None:
    if health["last_commit_at"] is None:
        return None
    text = f"last commit {shown(health['last_commit_at'])}"
    if health["last_crawled_at"] and health["last_commit_at"] > health["last_crawled_at"]:
        text += ", a date in the future"
    if health["commits_90d"] is None:
        return text
    commits = counted(health["commits_90d"], "commit")
    if not health["contributors_90d"]:
        return f"{text}; {commits} in the 90 days before the crawl"
    people = counted(health["contributors_90d"], "person", "people")
    return f"{text}; {commits} by {people} in the 90 days before the crawl"


def _size(health: dict[str, Any]) -> str | None:
    if health["file_count"] is None:
        return None
    kinds = [
        counted(health[column], noun)
        for column, noun in (
            ("test_file_count", "test file"),
            ("doc_file_count", "documentation file"),
        )
        if health[column] is not None
    ]
    parts = [counted(health["file_count"], "file") + (f" ({', '.join(kinds)})" if kinds else "")]
    parts += [counted(health["line_count"], "line")] if health["line_count"] is not None else []
    parts += [size(health["size_bytes"])] if health["size_bytes"] is not None else []
    return ", ".join(parts)


def _has(health: dict[str, Any], wanted: bool) -> str:
    names = ("readme", "tests", "docs", "ci", "license")
    return ", ".join(name for name in names if health[f"has_{name}"] is wanted)


def _coverage(row: dict[str, Any]) -> tuple[str, str]:
    if row["last_scanned_at"] is None:
        return row["scan_source"].ljust(10), "never scanned by this source"
    files = (
        f"{shown(row['files_scanned'])} of {counted(row['files_eligible'], 'file')}"
        if row["files_eligible"] is not None
        else f"{shown(row['files_scanned'])} files"
    )
    text = f"{files}, {shown(row['last_scanned_at'])} UTC"
    return row["scan_source"].ljust(10), text + ("" if row["is_fresh"] else " (stale)")


def _write_findings(screen: Screen, found: Rows) -> None:
    if not found.rows:
        screen.text("No findings.")
        return
    count = {
        status: sum(row["status"] == status for row in found.dicts())
        for status in ("open", "waived")
    }
    screen.heading(f"Findings: {count['open']:,} open, {count['waived']:,} waived")
    screen.table(OWN_FINDING_COLUMNS, found.dicts()[:_FINDINGS_SHOWN])
    if len(found.rows) > _FINDINGS_SHOWN:
        screen.text(f"… and {len(found.rows) - _FINDINGS_SHOWN:,} more: enrich gaps --project …")
