"""The values that a row of each configurable seed may have, read from seeds/_seeds.yml.

A seed is configurable if `config: meta: configured` of it names its `key`. The further entries are
`is_closed` (a row can only change a row of the seed), `required` and `fixed` columns (of a row that
adds, and of one that changes), and for columns `allowed` values, the `most` of a number and the
`form` of a text. Types and further allowed values are those of the column types and data tests.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from loaders.base.paths import PROJECT_ROOT

SEEDS = PROJECT_ROOT / "seeds"
_REFERENCE = re.compile(r"ref\('(\w+)'\)")
_CONDITION = re.compile(r"(\w+) = '(\w+)'")


@dataclass(frozen=True)
class Allowed:
    """The values of a column: a list, or those of a column of another seed; only for rows whose
    column `when` has a value, if that is given.
    """

    column: str
    values: tuple[str, ...] = ()
    of_seed: tuple[str, str] | None = None
    when: tuple[str, str] | None = None


@dataclass(frozen=True)
class Form:
    """One configurable seed."""

    name: str
    description: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    is_closed: bool = False
    required: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    types: Mapping[str, str] = field(default_factory=dict)
    allowed: tuple[Allowed, ...] = ()
    most: Mapping[str, float] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)

    @property
    def file(self) -> str:
        return f"{self.name}.csv"


@cache
def forms(folder: Path = SEEDS) -> dict[str, Form]:
    """Return seed → its form, for each configurable seed."""
    import yaml  # type: ignore[import-untyped]

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    declared = yaml.load((folder / "_seeds.yml").read_text(encoding="utf-8"), Loader=loader)
    return {
        seed["name"]: _form(seed, folder)
        for seed in declared["seeds"]
        if "configured" in seed.get("config", {}).get("meta", {})
    }


def seed_rows(name: str, folder: Path = SEEDS) -> list[dict[str, str]]:
    """Return the rows of a seed, as its file has them."""
    with open(folder / f"{name}.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _form(seed: Mapping[str, Any], folder: Path) -> Form:
    config = seed["config"]
    configured = config["meta"]["configured"]
    with open(folder / f"{seed['name']}.csv", newline="", encoding="utf-8") as file:
        columns = next(csv.reader(file))
    allowed = [
        Allowed(name, _words(values)) for name, values in configured.get("allowed", {}).items()
    ]
    for column in seed.get("columns", []):
        allowed += filter(None, (_allowed(column["name"], test) for test in _tests(column)))
    return Form(
        name=seed["name"],
        description=" ".join(seed["description"].split()),
        columns=tuple(columns),
        key=_words(configured["key"]),
        is_closed=configured.get("is_closed", False),
        required=_words(configured.get("required", "")),
        fixed=_words(configured.get("fixed", "")),
        types=config.get("column_types", {}),
        allowed=tuple(allowed),
        most=configured.get("most", {}),
        texts=configured.get("form", {}),
    )


def _tests(column: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    tests = [test for test in column.get("data_tests", []) if isinstance(test, dict)]
    return [next(iter(test.items())) for test in tests]


def _allowed(column: str, test: tuple[str, Mapping[str, Any]]) -> Allowed | None:
    name, given = test
    arguments = given.get("arguments", {})
    condition = _CONDITION.fullmatch(given.get("config", {}).get("where", ""))
    when = (condition[1], condition[2]) if condition else None
    if name == "is_one_of":
        return Allowed(column, _words(arguments["values"]), when=when)
    if name == "relationships" and (to := _REFERENCE.fullmatch(arguments["to"])):
        return Allowed(column, of_seed=(to[1], arguments["field"]), when=when)
    return None


def _words(text: str) -> tuple[str, ...]:
    return tuple(re.split(", *", text)) if text else ()
