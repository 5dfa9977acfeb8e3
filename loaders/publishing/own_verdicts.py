"""The verdicts of the user's own rules, and what is wrong with a rule that gives none.

DuckDB asks for them from within a build (`judge_by_own_rules`), when the core tables are made. A
rule that fails, or gives a row that is not a verdict, costs itself and never the build: every
project then has its verdict `unknown`, which keeps its earlier findings open.
"""

from __future__ import annotations

import atexit
import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from loaders.base.engine_paths import sql_text
from loaders.base.paths import clean_text
from loaders.configuration.settings import OwnRule

_VERDICTS = ("pass", "fail", "not_applicable", "unknown")
_MOST_ROWS = 200_000
_BOUNDS = {"stake": 100, "confidence_ratio": 1}
# The columns of a verdict that an own rule cannot give.
_NOT_GIVEN = (
    "facts_at",
    "is_from_crawl",
    "scan_source",
    "text_values",
    "settles_project",
    "gap_type",
)
_FAULTS = "own_rules.json"
_PROJECTS = """
    select
        project_id, project_path, project_path as subject, '{}' as evidence,
        cast(last_seen as varchar) as facts_at, source_run_id as run_id,
    from projects
"""

_THRESHOLDS = (
    "select threshold, value from internal.int_rules__thresholds where gap_type = '{rule}'"
)

Verdict = dict[str, Any]


class OwnRules:
    """The own rules of the build under way; each judges once in a build."""

    def __init__(self) -> None:
        self._rules: Mapping[str, OwnRule] = {}
        self._notes: Path | None = None
        self._answer: str | None = None
        self._cursor: duckdb.DuckDBPyConnection | None = None
        atexit.register(self.use, None)

    def begin(self, rules: Mapping[str, OwnRule], work_folder: Path) -> None:
        """Begin a build with these *rules*, which notes their faults in *work_folder*."""
        self._rules, self._answer = rules, None if rules else "[]"
        self._notes = work_folder / _FAULTS
        if not rules:
            self._notes.unlink(missing_ok=True)

    def use(self, cursor: duckdb.DuckDBPyConnection | None) -> None:
        """Judge by a copy of *cursor*. It is kept only while it is needed: DuckDB, which knows this
        object by its function, is never freed otherwise.
        """
        self._cursor = cursor if self._rules and self._answer is None else None

    def judge(self) -> str:
        """Return the verdicts of all rules as a JSON list."""
        if self._answer is None:
            assert self._cursor is not None and self._notes is not None  # a build is under way
            cursor = self._cursor.cursor()
            verdicts: list[Verdict] = []
            faults: dict[str, str] = {}
            projects = _dicts(cursor, _PROJECTS)
            for name, rule in self._rules.items():
                try:
                    thresholds = _THRESHOLDS.format(rule=name)
                    found = _judged(cursor, rule, projects, thresholds)
                except (duckdb.Error, ValueError) as error:
                    faults[rule.file] = clean_text(" ".join(str(error).split())[:300])
                    found = [one | {"verdict": "unknown"} for one in projects]
                verdicts += ({"gap_type": name, **one} for one in found)
            draft = self._notes.with_suffix(".draft")
            draft.write_text(json.dumps(faults), encoding="utf-8")
            os.replace(draft, self._notes)
            self._answer = json.dumps(verdicts)
            self.use(None)
        return self._answer


def faults_of_rules(work_folder: Path) -> list[str]:
    """Return a line for each own rule that failed in the last build in *work_folder*."""
    try:
        faults = json.loads((work_folder / _FAULTS).read_text(encoding="utf-8"))
        return [f"{file}: {reason}" for file, reason in faults.items()]
    except (OSError, ValueError, AttributeError):
        return []


def verdicts_of(
    published: duckdb.DuckDBPyConnection, rule: OwnRule, thresholds: Mapping[str, float]
) -> list[Verdict]:
    """Return the verdicts of *rule* with other *thresholds* on the core tables of *published*.

    Raises duckdb.Error, ValueError.
    """
    rows = ", ".join(f"({sql_text(name)}, {value!r}::double)" for name, value in thresholds.items())
    query = f"from (values {rows}) as thresholds (threshold, value)"
    nothing = "select null::varchar as threshold, null::double as value where false"
    return _judged(published, rule, _dicts(published, _PROJECTS), query if rows else nothing)


def _dicts(cursor: duckdb.DuckDBPyConnection, sql: str) -> list[Verdict]:
    answer = cursor.execute(sql)
    names = [column[0] for column in answer.description]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def _judged(
    cursor: duckdb.DuckDBPyConnection, rule: OwnRule, projects: list[Verdict], thresholds: str
) -> list[Verdict]:
    """Return the verdicts of *rule*, completed; *thresholds* is the query of its numbers.

    Raises duckdb.Error, ValueError.
    """
    query = f"""
        with thresholds as (
            {thresholds}
        ),
        own as (
{rule.sql}
        )
        select to_json(own) from own limit {_MOST_ROWS + 1}
    """
    rows = [json.loads(text) for (text,) in cursor.execute(query).fetchall()]
    if len(rows) > _MOST_ROWS:
        raise ValueError(f"gives more than {_MOST_ROWS:,} rows")
    known = {project["project_id"]: project for project in projects}
    seen: set[tuple[str, str]] = set()
    verdicts = []
    for row in rows:
        given = {name.lower(): value for name, value in row.items() if value is not None}
        _check(given, known)
        verdict = {**known[given["project_id"]], **given, "situation": ""}
        key = (verdict["project_id"], verdict["subject"])
        if key in seen:
            raise ValueError(f"judges {key[1]} twice")
        seen.add(key)
        verdicts.append(verdict)
    return verdicts


def _check(given: Verdict, known: Mapping[str, Verdict]) -> None:
    """Raise ValueError unless a row is a verdict on a known project."""
    if given.get("verdict") not in _VERDICTS:
        raise ValueError(
            f"gives the verdict {given.get('verdict')}; it is one of {', '.join(_VERDICTS)}"
        )
    if given.get("project_id") not in known:
        raise ValueError(f"gives the project_id {given.get('project_id')}, which no project has")
    for name in ("subject", "project_path", "run_id"):
        if not isinstance(given.get(name, ""), str):
            raise ValueError(f"gives a {name} that is not a text")
    for name, most in _BOUNDS.items():
        value = given.get(name, 0)
        if not isinstance(value, int | float) or not math.isfinite(value) or not 0 <= value <= most:
            raise ValueError(f"gives the {name} {value}; it is 0 to {most}")
    if "evidence" in given:
        evidence = given["evidence"]
        if isinstance(evidence, str):
            evidence = json.loads(evidence)
        if not isinstance(evidence, dict):
            raise ValueError("gives evidence that is not a JSON object")
        given["evidence"] = json.dumps(evidence)
    for name in _NOT_GIVEN:
        given.pop(name, None)
