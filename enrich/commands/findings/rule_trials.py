"""`enrich rules try`: what other thresholds would add and remove."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from enrich import options
from enrich.db import Rows, connect
from enrich.lookup import seed, the_rule
from enrich.render import write_rows
from enrich.screen import Column, Screen
from enrich.values import shown
from loaders.base import clock, programs
from loaders.base.paths import PROJECT_ROOT, Locations, locations
from loaders.configuration.configured import read_configuration
from loaders.configuration.settings import OwnRule

# In it, dbt keeps the files that it parsed.
_PARSED = "partial_parse.msgpack"


@click.command("try")
@click.argument("rule")
@click.option(
    "--set",
    "given",
    multiple=True,
    required=True,
    metavar="NAME=VALUE",
    help="Value of a threshold; may be repeated.",
)
@click.option(
    "--weeks",
    type=click.IntRange(0, 520),
    default=4,
    show_default=True,
    help="Also try it at the end of this many earlier weeks.",
)
@options.limit_option
@options.format_option
def try_(rule: str, given: tuple[str, ...], weeks: int, limit: int | None, form: str) -> None:
    """Show the findings that other thresholds would add, remove or change.

    A changed finding stays, with another impact or confidence. Judges everything that was landed,
    now and at the end of earlier weeks, by the rules of this clone in a scratch database. A rule of
    your own judges the published version, and no earlier week. Nothing is published, recorded or
    changed. To change a threshold: enrich config edit rule_thresholds.
    """
    name = the_rule(rule)
    thresholds = dict(_threshold(name, text) for text in given)
    now = clock.as_naive_utc(clock.now())
    if own := read_configuration().own_rules.get(name):
        _write(name, thresholds, [_judge_own(own, thresholds)], now, limit, form)
        return
    moments = [
        None,
        *(
            (now - timedelta(weeks=week)).isoformat(timespec="seconds")
            for week in range(1, weeks + 1)
        ),
    ]
    answers = _judge({"gap_type": name, "thresholds": thresholds, "moments": moments})
    _write(name, thresholds, answers, now, limit, form)


def _write(
    name: str,
    thresholds: dict[str, float],
    answers: list[dict[str, Any]],
    now: datetime,
    limit: int | None,
    form: str,
) -> None:
    """Write what changes at each moment, and which findings change now."""
    rows = [
        (answer["moment"] or now.isoformat(timespec="seconds"), change, project, subject)
        for answer in answers
        for change in _CHANGES
        for project, subject in answer[change]
    ]
    if form != "table":
        write_rows(Rows(("moment", "change", "project_path", "subject"), rows), form, limit=limit)
        return
    screen = Screen()
    screen.heading(
        f"{name} with {', '.join(f'{key} = {value:g}' for key, value in thresholds.items())}"
    )
    screen.table(_MOMENT_COLUMNS, answers)
    screen.gap()
    today = [row[1:] for row in rows[: sum(len(answers[0][change]) for change in _CHANGES)]]
    found = Rows(("change", "project_path", "subject"), today)
    write_rows(found, form, _CHANGE_COLUMNS, limit, nothing="no change today")


_CHANGES = ("added", "removed", "changed")
_MOMENT_COLUMNS = (
    Column("moment (UTC)", lambda answer: (answer["moment"] or "now").replace("T", " ")),
    Column("findings", "found_before"),
    Column("with it", "found_after"),
    Column("added", lambda answer: len(answer["added"])),
    Column("removed", lambda answer: len(answer["removed"])),
    Column("changed", lambda answer: len(answer["changed"])),
)
_CHANGE_COLUMNS = (
    Column("now", "change"),
    Column("project", lambda row: shown(row["project_path"]), "left"),
    Column(
        "subject",
        lambda row: "" if row["subject"] == row["project_path"] else row["subject"],
        "left",
    ),
)


def _threshold(rule: str, text: str) -> tuple[str, float]:
    """Return name and value of `name=value`. Raises Refusal if the rule has no such threshold."""
    known = [row["threshold"] for row in seed("rule_thresholds") if row["gap_type"] == rule]
    name, _, value = text.partition("=")
    if name not in known:
        raise options.Refusal(
            f"{rule} has no threshold {name}; it has: {', '.join(known) or 'none'}"
        )
    if not re.fullmatch(r"-?\d+(\.\d+)?", value):
        raise options.Refusal(f"--set {text}: {value or 'nothing'} is not a number")
    return name, float(value)


def _judge_own(rule: OwnRule, thresholds: dict[str, float]) -> dict[str, Any]:
    """Return what the *thresholds* change in the findings of an own rule on the published version.

    Raises Refusal if its query gives no verdicts.
    """
    import duckdb

    from loaders.publishing.own_verdicts import verdicts_of
    from loaders.publishing.trial_changes import Findings, compared

    kept = {
        row["threshold"]: float(row["value"])
        for row in seed("rule_thresholds")
        if row["gap_type"] == rule.name and row["value"]
    }

    def found(numbers: dict[str, float]) -> Findings:
        return {
            (one["project_path"], one["subject"]): (
                one.get("stake"),
                one.get("confidence_ratio"),
            )
            for one in verdicts_of(connection, rule, numbers)
            if one["verdict"] == "fail"
        }

    with connect() as connection:
        try:
            return compared(None, found(kept), found(kept | thresholds))
        except (duckdb.Error, ValueError) as error:
            raise options.Refusal(f"{rule.file}: {' '.join(str(error).split())}") from None


def _remember_parse(of: Locations, where: Locations) -> None:
    """Copy what dbt parsed for the plan of refreshes: it parses only what has changed since."""
    from loaders.building import plan

    target = where.work_folder / "target"
    # A guest, with whom only the published file is shared, cannot; dbt then parses everything.
    with contextlib.suppress(OSError):
        target.mkdir(parents=True)
        shutil.copyfile(plan.folder_of(of) / plan.TARGET / _PARSED, target / _PARSED)


def _judge(request: dict[str, Any]) -> list[dict[str, Any]]:
    """Run `loaders.publishing.trial` in a scratch folder and return its answers.

    Raises Refusal if it could not judge.
    """
    from loaders.zone.reporting import open_zone, progress_line

    # dbt runs programs of the system; none may come from a crawled folder.
    open_zone()
    progress = progress_line()
    answers = []
    with (
        tempfile.TemporaryDirectory(prefix="enrich-try-") as scratch,
        tempfile.TemporaryFile("w+") as errors,
    ):
        where = replace(locations(), published=Path(scratch) / "meta.duckdb")
        _remember_parse(locations(), where)
        process = subprocess.Popen(
            [sys.executable, "-m", "loaders.publishing.trial"],
            cwd=PROJECT_ROOT,
            env=programs.environment(where),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        assert process.stdin and process.stdout, "both are pipes"
        try:
            json.dump(request, process.stdin)
            process.stdin.close()
            progress("building what the rule needs …")
            for line in process.stdout:
                answers.append(json.loads(line))
                progress(f"judged {len(answers)} of {len(request['moments'])} moments …")
        except BaseException:
            process.kill()
            process.wait()
            raise
        progress("")
        if process.wait():
            errors.seek(0)
            lines = errors.read().strip().splitlines()
            raise options.Refusal("could not judge:\n  " + "\n  ".join(lines[-6:]))
    return answers
