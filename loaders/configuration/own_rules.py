"""The user's own rules: `rules/<NAME>.sql` in the configuration folder, one query each.

A query reads core tables, and `thresholds` (threshold, value) with the numbers of the rule. It
gives a row per subject: `project_id` and `verdict`, and if it likes the other columns of a verdict.
The rule itself is a row of the configured gap_rules.csv.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from pathlib import Path

from loaders.base.sealed import read_file
from loaders.configuration.folder import RULES
from loaders.configuration.settings import OwnRule, Problem

_MOST_BYTES = 1 << 20
_NAME = re.compile("[A-Z][A-Z0-9_]{2,59}")


def read_own_rules(
    folder: Path, builtin: Collection[str]
) -> tuple[dict[str, OwnRule], list[Problem]]:
    """Return the rules in *folder* by name, and a problem for each file that is not one."""
    rules: dict[str, OwnRule] = {}
    problems: list[Problem] = []
    try:
        names = sorted(path.name for path in (folder / RULES).iterdir())
    except FileNotFoundError:
        return {}, []
    except OSError as error:
        return {}, [Problem(RULES, 0, error.strerror or str(error))]
    for name in names:
        if not name.endswith(".sql"):
            continue
        file = f"{RULES}/{name}"
        rule = name.removesuffix(".sql").removeprefix("gap_").upper()
        try:
            sql = _query(read_file(folder / file, at_most=_MOST_BYTES))
            _refuse_name(rule, builtin, rules)
        except ValueError as error:
            problems.append(Problem(file, 0, str(error)))
        except OSError as error:
            problems.append(Problem(file, 0, error.strerror or str(error)))
        else:
            rules[rule] = OwnRule(rule, file, sql, hashlib.sha256(sql.encode()).hexdigest())
    return rules, problems


def _refuse_name(rule: str, builtin: Collection[str], rules: Collection[str]) -> None:
    if not _NAME.fullmatch(rule):
        raise ValueError("its name is not that of a rule: letters, digits and _")
    if rule in builtin:
        raise ValueError(f"{rule} is a rule of this product; give yours another name")
    if rule in rules:
        raise ValueError(f"another file is the rule {rule} too")


def _query(raw: bytes) -> str:
    """Return the one query of a file. Raises ValueError with the fault."""
    import duckdb

    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ValueError(f"line {line} is not UTF-8; save the file as UTF-8") from None
    try:
        statements = duckdb.extract_statements(text)
    except duckdb.Error as error:
        raise ValueError(" ".join(str(error).split())[:300]) from None
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise ValueError("is not one query (select …)")
    return text.strip().rstrip(";")
