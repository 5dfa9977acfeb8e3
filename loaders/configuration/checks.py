"""Why a configured row does not count: its cells against the form of the seed."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from loaders.configuration.forms import Allowed, Form, seed_rows
from loaders.configuration.settings import Configuration

Cells = Mapping[str, str | None]
_MOST_SHOWN = 12


class Fault(NamedTuple):
    """The fault of a row, in a column if it is in one."""

    column: str | None
    reason: str


def faults_of(
    form: Form, given: Cells, complete: Cells, seeded: Cells | None, found: Configuration
) -> Iterator[Fault]:
    """Yield what is wrong with a row.

    *given* are its own cells, *complete* those with the values of the row of the seed that it
    changes, *seeded*; *found* is what was read of the configuration before it.
    """
    missing = [name for name in form.key if not given[name]]
    yield from (Fault(name, "is empty") for name in missing)
    if missing:
        return
    if seeded is None:
        if form.is_closed and not _is_of_an_own_rule(form, given, found):
            yield _no_such_row(form, given)
            return
        required = [name for name in form.required if not given[name]]
        yield from (Fault(name, "is empty") for name in required)
    else:
        for name in form.fixed:
            if given[name] and given[name] != (seeded.get(name) or None):
                yield Fault(name, f"cannot be changed; it is {seeded.get(name) or 'empty'}")
    for name in form.columns:
        value = given[name]
        if value is not None and (reason := _of_type(form, name, value)):
            yield Fault(name, reason)
    for allowed in form.allowed:
        value = given[allowed.column]
        if value is not None and _applies(allowed, complete):
            values = _values(allowed, found)
            if value not in values:
                yield Fault(allowed.column, f"is not allowed; {_one_of(value, values)}")
    if complete.get("unit") == "ratio" and (value := given.get("value")) and _number(value) > 1:
        yield Fault("value", "is above 1, the most of a ratio")


def _is_of_an_own_rule(form: Form, given: Cells, found: Configuration) -> bool:
    """Say whether a row is about a rule of the user's own."""
    if "gap_type" not in form.key:
        return False
    known = [*found.own_rules] if form.name == "gap_rules" else _rules_with_a_row(found)
    return given["gap_type"] in known


def _rules_with_a_row(found: Configuration) -> list[str]:
    rules = found.seeds.get("gap_rules")
    return [rule for (rule,) in rules.rows if rule in found.own_rules] if rules else []


def _no_such_row(form: Form, given: Cells) -> Fault:
    """Return the fault of a key that the seed does not have: the first column that differs."""
    rows = seed_rows(form.name)
    for place, name in enumerate(form.key):
        above = form.key[:place]
        values = {row[name] for row in rows if all(row[key] == given[key] for key in above)}
        if given[name] not in values:
            value = str(given[name])
            return Fault(name, f"is not a row of seeds/{form.file}; {_one_of(value, values)}")
    return Fault(None, f"is not a row of seeds/{form.file}")


def _values(allowed: Allowed, found: Configuration) -> list[str]:
    if allowed.of_seed is None:
        return list(allowed.values)
    seed, column = allowed.of_seed
    values = [row[column] for row in seed_rows(seed)]
    if seed == "gap_rules":
        values += _rules_with_a_row(found)
    return values


def _applies(allowed: Allowed, complete: Cells) -> bool:
    return allowed.when is None or complete.get(allowed.when[0]) == allowed.when[1]


def _one_of(value: str, values: list[str] | set[str]) -> str:
    """Return which values are allowed: the nearest, if there are many."""
    every = list(values) if isinstance(values, list) else sorted(values)
    upper = {one.upper(): one for one in every}
    near = [upper[one] for one in difflib.get_close_matches(value.upper(), upper, n=3, cutoff=0.5)]
    if len(every) <= _MOST_SHOWN:
        return f"allowed: {', '.join(every)}"
    if near:
        return f"the nearest: {', '.join(near)}"
    return f"allowed: {', '.join(every[:_MOST_SHOWN])} and {len(every) - _MOST_SHOWN} more"


# -- types -----------------------------------------------------------------------------------------


def _of_type(form: Form, column: str, value: str) -> str | None:
    check = _TYPES.get(form.texts.get(column) or form.types.get(column, "varchar"))
    reason = check(value) if check else None
    if reason is None and column in form.most and _number(value) > form.most[column]:
        return f"is above {form.most[column]:,}"
    return reason


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _as_number(text: str) -> str | None:
    number = _number(text)
    if not math.isfinite(number) or "_" in text:
        return "is not a number, such as 0.5"
    return "is below 0" if number < 0 else None


def _as_integer(text: str) -> str | None:
    return None if text.isascii() and text.isdecimal() else "is not a whole number"


def _as_day(text: str) -> str | None:
    try:
        return None if date.fromisoformat(text).isoformat() == text else _A_DAY
    except ValueError:
        return _A_DAY


def _as_last_day(text: str) -> str | None:
    return None if text == "never" or _as_day(text) is None else f"{_A_DAY}, or never"


def _as_pattern(text: str) -> str | None:
    if text.startswith("~"):
        return "begins with ~, which a pattern does not expand; write the absolute path"
    return None


_A_DAY = "is not a day, such as 2027-01-31"
_TYPES: dict[str, Callable[[str], str | None]] = {
    "double": _as_number,
    "bigint": _as_integer,
    "date": _as_day,
    "last_day": _as_last_day,
    "pattern": _as_pattern,
}
