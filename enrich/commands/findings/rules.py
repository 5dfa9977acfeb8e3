"""`enrich rules`: the list of rules, and the page of one."""

from __future__ import annotations

import json
import re
import textwrap
from typing import Any

import click

from enrich import options
from enrich.answers.findings import THRESHOLD_COLUMNS
from enrich.commands.findings.rule_trials import try_
from enrich.db import Published, Rows
from enrich.lookup import the_rule
from enrich.render import write_rows
from enrich.screen import Column, Screen
from enrich.values import shown
from loaders.base.paths import PROJECT_ROOT

_VERDICTS = ("fail", "pass", "unknown", "not_applicable")
_SHORT = {"not_applicable": "n/a"}
_RULES = """
    select
        gap_type, severity, weight, try_cast(rule_version as bigint) as version, effort, scope,
        title, fail_count as fail, pass_count as pass, unknown_count as unknown,
        not_applicable_count as not_applicable, rationale, remedy, thresholds,
    from v_rules
    where $rule is null or gap_type = $rule
    order by list_position(['critical', 'high', 'medium', 'low'], severity), gap_type
"""
_LISTED = 11  # The columns that a list of rules shows; the texts come with one rule.


@click.group(cls=options.OneLineErrors)
def rules() -> None:
    """List the rules, show one, try other thresholds."""


rules.add_command(try_)


LIST_COLUMNS = (
    Column("severity", "severity"),
    Column("rule", "title", "wrap", at_least=30, below=(Column("", "gap_type", "right"),)),
    *(Column(_SHORT.get(verdict, verdict), verdict) for verdict in _VERDICTS),
)


@rules.command("list")
@options.limit_option
@options.format_option
@options.db_option
def list_(limit: int | None, form: str, db: str | None) -> None:
    """List every rule and its verdicts; waived findings count as fail."""
    with Published(db) as published:
        found = published.query(_RULES, {"rule": None})
    listed = Rows(found.columns[:_LISTED], [row[:_LISTED] for row in found.rows])
    write_rows(listed, form, LIST_COLUMNS, limit, nothing="no rules")
    if form == "table" and listed.rows:
        screen = Screen()
        screen.gap()
        screen.text("n/a: the rule does not apply. enrich rules show RULE explains a rule.")


@rules.command()
@click.argument("rule")
@options.format_option
@options.db_option
def show(rule: str, form: str, db: str | None) -> None:
    """Show one rule: why it flags, what to do, its thresholds, its verdicts."""
    name = the_rule(rule)
    with Published(db) as published:
        found = published.query(_RULES, {"rule": name})
    if form != "table":
        write_rows(_without_texts(found), form)
        return
    if not found.rows:
        raise options.Refusal(f"{name} is not published yet; run: enrich refresh-meta")
    [row] = found.dicts()
    screen = Screen()
    screen.heading(f"{name}: {row['title']}")
    screen.facts(
        [
            ("severity", _weight(row)),
            ("why", row["rationale"]),
            ("what to do", row["remedy"]),
            ("verdicts", ", ".join(_verdicts(row))),
        ]
    )
    screen.gap()
    for part in re.findall(r"\*\*.*?(?=\n\n|\Z)", _documentation(name), re.DOTALL):
        screen.text(" ".join(part.replace("**", "").replace("`", "").split()))
    screen.gap()
    screen.table(THRESHOLD_COLUMNS, json.loads(row["thresholds"]))


def _without_texts(found: Rows) -> Rows:
    """Return the listed columns and the thresholds, which are the last."""
    kept = [*range(_LISTED), -1]
    return Rows(
        tuple(found.columns[place] for place in kept),
        [tuple(row[place] for place in kept) for row in found.rows],
    )


def _verdicts(row: dict[str, Any]) -> list[str]:
    return [f"{shown(row[verdict])} {verdict.replace('_', ' ')}" for verdict in _VERDICTS]


def _weight(row: dict[str, Any]) -> str:
    numbers = (f"{name} {row[name]}" for name in ("weight", "effort", "version"))
    return ", ".join([row["severity"], *numbers])


def _documentation(name: str) -> str:
    """Return the description of a rule in its YAML, empty if it has none."""
    file = PROJECT_ROOT / "models" / "gaps" / f"gap_{name.lower()}.yml"
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    block = re.search(r"^    description: \|\n((?:      .*\n|\n)+)", text, re.MULTILINE)
    return textwrap.dedent(block[1]).strip() if block else ""
