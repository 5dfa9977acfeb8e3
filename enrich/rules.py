"""`enrich rules`: which rules there are, what each says, and what other thresholds would change."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import textwrap
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from enrich import options
from enrich.db import Published, Rows
from enrich.lookup import seed, the_rule
from enrich.render import write_rows
from enrich.screen import Column, Screen
from enrich.values import shown
from loaders.base import clock, programs
from loaders.base.paths import PROJECT_ROOT, locations

_VERDICTS = ("fail", "pass", "unknown", "not_applicable")
_RULES = """
    with verdicts as (
        select
            gap_type,
            count(*) filter (where verdict = 'fail') as fail,
            count(*) filter (where verdict = 'pass') as pass,
            count(*) filter (where verdict = 'unknown') as unknown,
            count(*) filter (where verdict = 'not_applicable') as not_applicable,
        from internal.int_gaps__verdicts
        group by gap_type
    )
    select
        rules.gap_type, rules.severity, rules.weight, rules.version, rules.effort, rules.scope, rules.title,
        coalesce(fail, 0) as fail, coalesce(pass, 0) as pass, coalesce(unknown, 0) as unknown,
        coalesce(not_applicable, 0) as not_applicable,
    from seeds.gap_rules as rules
    left join verdicts using (gap_type)
    where $rule is null or rules.gap_type = $rule
    order by list_position(['critical', 'high', 'medium', 'low'], rules.severity), rules.gap_type
"""


@click.group(cls=options.OneLineErrors)
def rules() -> None:
    """The rules: list, show, try."""


LIST_COLUMNS = (
    Column("severity", "severity"),
    Column("rule", "gap_type"),
    *(Column(verdict.replace("_", " "), verdict) for verdict in _VERDICTS),
    Column("what", "title", "right"),
)


@rules.command("list")
@options.limit_option
@options.format_option
@options.db_option
def list_(limit: int | None, form: str, db: str | None) -> None:
    """Every rule, with how many subjects it judged how: waived ones fail, too."""
    with Published(db) as published:
        found = published.query(_RULES, {"rule": None})
    write_rows(found, form, LIST_COLUMNS, limit, nothing="no rules")


@rules.command()
@click.argument("rule")
@options.format_option
@options.db_option
def show(rule: str, form: str, db: str | None) -> None:
    """One rule: why it flags, what to do, its thresholds, its verdicts."""
    name = the_rule(rule)
    with Published(db) as published:
        found = published.query(_RULES, {"rule": name})
        thresholds = published.query(
            "select threshold, effective.value, seeded.unit, seeded.note"
            " from internal.int_rules__thresholds as effective"
            " inner join seeds.rule_thresholds as seeded using (gap_type, threshold) where gap_type = $1 order by 1",
            [name],
        )
    if form != "table":
        told = [(*row, json.dumps(thresholds.dicts())) for row in found.rows]
        write_rows(Rows((*found.columns, "thresholds"), told), form)
        return
    [row] = found.dicts() or [dict.fromkeys(found.columns)]
    screen = Screen()
    screen.heading(f"{name}: {row['title']}")
    screen.facts(
        [
            *_of_seed(name),
            ("verdicts", ", ".join(f"{row[verdict]} {verdict}" for verdict in _VERDICTS)),
        ]
    )
    screen.gap()
    for part in re.findall(r"\*\*.*?(?=\n\n|\Z)", _documentation(name), re.DOTALL):
        screen.text(" ".join(part.replace("**", "").replace("`", "").split()))
    screen.gap()
    screen.table(_THRESHOLD_COLUMNS, thresholds.dicts())


_THRESHOLD_COLUMNS = (
    Column("threshold", "threshold"),
    Column("value", "value"),
    Column("unit", "unit"),
    Column("meaning", lambda row: row["note"] or "", "right"),
)


def _of_seed(name: str) -> list[tuple[str, str]]:
    row = next(row for row in seed("gap_rules") if row["gap_type"] == name)
    weight = f"{row['severity']}, weight {row['weight']}, effort {row['effort']}, version {row['version']}"
    return [("severity", weight), ("why", row["rationale"]), ("what to do", row["remedy"])]


def _documentation(name: str) -> str:
    """Return the description of a rule in its YAML; empty if it has none."""
    file = PROJECT_ROOT / "models" / "gaps" / f"gap_{name.lower()}.yml"
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    block = re.search(r"^    description: \|\n((?:      .*\n|\n)+)", text, re.MULTILINE)
    return textwrap.dedent(block[1]).strip() if block else ""


# -- what if ---------------------------------------------------------------------------------------


@rules.command("try")
@click.argument("rule")
@click.option(
    "--set",
    "given",
    multiple=True,
    required=True,
    metavar="NAME=VALUE",
    help="A threshold; may be repeated.",
)
@click.option(
    "--weeks",
    type=click.IntRange(0, 520),
    default=4,
    show_default=True,
    help="How far back to look, too.",
)
@options.limit_option
@options.format_option
def try_(rule: str, given: tuple[str, ...], weeks: int, limit: int | None, form: str) -> None:
    """What other thresholds would add and remove, now and at the end of earlier weeks.

    Judges all that was landed up to each moment by the rules of this clone, in a scratch database:
    nothing is published, remembered or turned. To turn it, edit seeds/rule_thresholds.csv.
    """
    name = the_rule(rule)
    thresholds = dict(_threshold(name, text) for text in given)
    now = clock.as_naive_utc(clock.now())
    moments = [
        None,
        *(
            (now - timedelta(weeks=week)).isoformat(timespec="seconds")
            for week in range(1, weeks + 1)
        ),
    ]
    answers = _judge({"gap_type": name, "thresholds": thresholds, "moments": moments})
    rows = [
        (answer["moment"] or now.isoformat(timespec="seconds"), change, project, subject)
        for answer in answers
        for change in ("added", "removed")
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
    of_now = [
        row[1:] for row in rows[: sum(len(answers[0][change]) for change in ("added", "removed"))]
    ]
    found = Rows(("change", "project_path", "subject"), of_now)
    write_rows(found, form, _CHANGE_COLUMNS, limit, nothing="now it would change nothing")


_MOMENT_COLUMNS = (
    Column("moment (UTC)", lambda answer: (answer["moment"] or "now").replace("T", " ")),
    Column("findings", "found_before"),
    Column("then", "found_after"),
    Column("added", lambda answer: len(answer["added"])),
    Column("removed", lambda answer: len(answer["removed"])),
)
_CHANGE_COLUMNS = (
    Column("now", "change"),
    Column("project", lambda row: shown(row["project_path"]), "left"),
    Column("subject", "subject", "left"),
)


def _threshold(rule: str, text: str) -> tuple[str, float]:
    """Return name and value of `name=value`. Raises Refusal where the rule has no such threshold."""
    known = [row["threshold"] for row in seed("rule_thresholds") if row["gap_type"] == rule]
    name, _, value = text.partition("=")
    if name not in known:
        raise options.Refusal(
            f"{rule} has no threshold {name}; there are: {', '.join(known) or 'none'}"
        )
    if not re.fullmatch(r"-?\d+(\.\d+)?", value):
        raise options.Refusal(f"--set {text}: {value or 'nothing'} is no number")
    return name, float(value)


def _judge(request: dict[str, Any]) -> list[dict[str, Any]]:
    """Run `loaders.publishing.trial` in a scratch folder and return its answers. Raises Refusal where it could not judge."""
    from loaders.zone.landing import LandingZone
    from loaders.zone.registered import keep_roots_out
    from loaders.zone.reporting import progress_line

    # dbt asks programs of the system for its name.
    keep_roots_out(LandingZone(locations().landing))
    progress = progress_line()
    answers = []
    with (
        tempfile.TemporaryDirectory(prefix="enrich-try-") as scratch,
        tempfile.TemporaryFile("w+") as errors,
    ):
        where = replace(locations(), published=Path(scratch) / "meta.duckdb")
        process = subprocess.Popen(
            [sys.executable, "-m", "loaders.publishing.trial"],
            cwd=PROJECT_ROOT,
            env=programs.environment(where),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
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
            told = errors.read().strip().splitlines()
            raise options.Refusal("could not judge:\n  " + "\n  ".join(told[-6:]))
    return answers
