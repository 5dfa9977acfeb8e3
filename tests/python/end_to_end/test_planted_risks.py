"""The table of planted risks is whole, and its drill finds what is missing and what is too much."""

from __future__ import annotations

from collections import Counter

from planted_risks import judge
from risks_table import BASICS, LARGE, OLD, REWRITTEN, TABLE, VERSION, WORK, Key

RISKS = [(name, case) for name, cases in TABLE.items() for case in cases if case.is_risk]
TWINS = [(name, case) for name, cases in TABLE.items() for case in cases if not case.is_risk]


def _found() -> set[Key]:
    """Return the report of a product that is right."""
    keys = {(*key, name)[:3] for name, case in RISKS for key in case.keys}
    flagged = {(WORK, "flagged", project) for rule, _, project in keys if rule == WORK}
    return {(rule, _dated(detail), project) for rule, detail, project in keys} | flagged


def _dated(detail: str) -> str:
    is_open = detail.startswith("stash ") and "@" not in detail
    return f"{detail}@2026-01-01" if is_open else detail


def test_the_table_has_sixty_of_both_kinds_for_every_rule() -> None:
    assert (len(RISKS), len(TWINS), len(TABLE)) == (60, 60, 15)
    rules = {WORK, OLD, LARGE, REWRITTEN, BASICS, VERSION}
    for rows in (RISKS, TWINS):
        assert {key[0] for _, case in rows for key in case.keys} == rules
        assert max(Counter((name, case.name) for name, case in rows).values()) == 1


def test_the_drill_accepts_what_is_right_and_nothing_else() -> None:
    right = _found()
    assert judge(right) == ([], Counter({True: 60, False: 60}))
    for key in right:
        assert judge(right - {key})[0]
    extra = (WORK, "modified pyproject.toml", "click")
    wrong, counts = judge(right | {extra})
    assert (len(wrong), counts[False]) == (1, 59)
    wrong, counts = judge(right | {(WORK, "flagged", "gin/elsewhere")})
    assert (len(wrong), counts[False]) == (1, 60)
