"""Findings as most tools list them: objects whose keys are the columns of a finding.

A format declares its keys; `Findings` reads an object by them, checks the types, and takes secrets
out of the message.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from loaders.base.integrity import MOST
from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.reports.reading.found_secrets import without_secrets
from loaders.sources.reports.reading.json_fields import as_object, objects_in
from loaders.sources.reports.reading.json_lines import documents_in
from loaders.sources.reports.reading.json_values import values_at
from loaders.sources.reports.reading.report_facts import Finding, Rule, ToolRun
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows, json_list
from loaders.sources.reports.reading.report_texts import shortened

Object = Mapping[str, Any]

_MOST_CWE_DIGITS = 6
_MEMBERS_LOOKED_AT = 2_000


@dataclass(frozen=True)
class Keys:
    """The keys of an object that are columns of its finding.

    `a.b` is the key b of the object at a; in `a|b`, b is asked if there is no a.
    """

    message: str
    rule: str = ""
    level: str = ""
    path: str = ""
    line: str = ""
    column: str = ""
    end_line: str = ""
    end_column: str = ""
    rule_name: str = ""
    help_uri: str = ""
    logical_name: str = ""
    source_line: str = ""
    # The tool's number of the first line and of the first column.
    first_line: int = 1
    first_column: int = 1
    # The tool's words for levels that its report has as numbers.
    levels: Mapping[str, str] = field(default_factory=dict)


class Findings:
    """Adds the findings of one run of a tool, and its rules, each once."""

    def __init__(self, rows: Rows, keys: Keys) -> None:
        self._rows = rows
        self._keys = keys
        self._rules: dict[tuple[str | None, ...], int] = {}

    def add(
        self,
        item: Object,
        *,
        path: str | None = None,
        bases: Iterable[str] = (),
        tags: Iterable[object] = (),
        values: Iterable[str | None] = (),
        secret: str | None = None,
        fingerprints: Mapping[str, object] | None = None,
        source_line: str | None = None,
        **columns: Any,
    ) -> int:
        """Add the finding *item*, and return its position.

        *columns* replace those that the keys give; `None` leaves them. *values* are known to be
        secrets, and *secret* is the one that was found.
        """
        keys, rows = self._keys, self._rows
        given = {name: value for name, value in columns.items() if value is not None}
        rule_id = given.pop("rule_id", None) or text_at(item, keys.rule) or None
        rule_name = text_at(item, keys.rule_name)
        level = text_at(item, keys.level) or None
        path = text_at(item, keys.path) if path is None else path
        tags = list(tags)
        about = [rule_id, rule_name, *(str(tag) for tag in tags)]
        found = {
            "message": text_at(item, keys.message),
            "level": None if level is None else keys.levels.get(level, level),
            "start_line": number_at(item, keys.line, keys.first_line),
            "start_column": number_at(item, keys.column, keys.first_column),
            "end_line": number_at(item, keys.end_line, keys.first_line),
            "end_column": number_at(item, keys.end_column, keys.first_column),
            "logical_name": text_at(item, keys.logical_name) or None,
            **given,
        }
        message = without_secrets(found["message"], about, (*values, secret))
        found["message"] = shortened(message)
        line = text_at(item, keys.source_line) if source_line is None else source_line
        return rows.add(
            Finding(
                rule_id=rule_id,
                path_index=rows.path(path, bases) if path else None,
                rule_position=self._rule(rule_id, rule_name, text_at(item, keys.help_uri)),
                line_hash=rows.line_hash(line) if line else None,
                secret_hash=rows.keyed_hash(secret) if secret else None,
                fingerprints=_fingerprints(fingerprints or {}),
                finding_tags=json_list(tags),
                **found,
            )
        )

    def _rule(self, rule_id: str | None, name: str | None, help_uri: str | None) -> int | None:
        """Return the position of a rule of which the report has more than its id."""
        if rule_id is None or (not name and not help_uri):
            return None
        key = (rule_id, name, help_uri)
        if key not in self._rules:
            self._rules[key] = self._rows.add(
                Rule(rule_id, rule_name=name or None, help_uri=help_uri or None)
            )
        return self._rules[key]


# Gives further arguments of `Findings.add` for an object, or None if it is not a finding.
Refine = Callable[[Object], dict[str, Any] | None]
# The run of the tool, by the document without its findings.
RunOf = Callable[[Any], ToolRun]


def nothing_more(_: Object) -> dict[str, Any]:
    return {}


def listing(
    name: str,
    recognises: Callable[[Head], bool],
    at: str,
    keys: Keys,
    *,
    tool: str | None = None,
    within: str = "",
    file: str = "",
    refine: Refine = nothing_more,
    run: RunOf | None = None,
    version: int = 1,
) -> Form:
    """Return the form of a JSON document that has findings *at* a place, as in `values_at`.

    With *within*, each object there is a file at the key *file*, with its findings at that key.
    """

    def read(content: ArtifactFile, rows: Rows) -> None:
        findings = Findings(rows, keys)
        rest: Any = None
        for place, value in values_at(content.text_stream(), at):
            if not place:
                rest = value
                continue
            outer = as_object(value, f"an element of {at}")
            of_file: dict[str, Any] = {"path": _path_of_file(outer, file, rows)} if within else {}
            for item in objects_in(outer, within) if within else (outer,):
                more = refine(item)
                if more is not None:
                    findings.add(item, **(of_file | more))
        rows.add(run(rest) if run else ToolRun(tool))

    return Form(name, recognises, read, version)


def path_listing(
    name: str,
    recognises: Callable[[Head], bool],
    keys: Keys,
    *,
    tool: str,
    refine: Refine = nothing_more,
    version: int = 1,
) -> Form:
    """Return the form of a JSON object with the findings of each file at its path."""

    def read(content: ArtifactFile, rows: Rows) -> None:
        findings = Findings(rows, keys)
        for _, document in values_at(content.text_stream()):
            for path in document:
                rows.path(path)
                for item in objects_in(document, path):
                    more = refine(item)
                    if more is not None:
                        findings.add(item, path=path, **more)
        rows.add(ToolRun(tool))

    return Form(name, recognises, read, version)


def line_listing(
    name: str,
    recognises: Callable[[Head], bool],
    keys: Keys,
    *,
    tool: str | None = None,
    refine: Refine = nothing_more,
    version: int = 1,
) -> Form:
    """Return the form of JSON lines of which each is a finding."""

    def read(content: ArtifactFile, rows: Rows) -> None:
        findings = Findings(rows, keys)
        for number, item in objects_of_lines(content):
            try:
                more = refine(item)
                if more is not None:
                    findings.add(item, **more)
            except Invalid as error:
                raise Invalid(f"line {number}: {error}") from None
        rows.add(ToolRun(tool))

    return Form(name, recognises, read, version)


def objects_of_lines(content: ArtifactFile) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line number, object) of JSON lines. Raises Invalid."""
    for number, item in documents_in(content.text_stream()):
        yield number, as_object(item, f"line {number}")


def _path_of_file(outer: Object, key: str, rows: Rows) -> str | None:
    path = text_at(outer, key)
    if path:
        # A file without a finding was examined all the same.
        rows.path(path)
    return path


# -- values at dotted keys -------------------------------------------------------------------------


def value_at(item: Object, keys: str) -> Any:
    """Return the value at dotted *keys*, None if there is none. Raises Invalid."""
    for alternative in _steps(keys):
        value: Any = item
        for key in alternative:
            if value is None:
                break
            if not isinstance(value, dict):
                raise Invalid(f"the owner of {key} is not an object")
            value = value.get(key)
        if value is not None:
            return value
    return None


@cache
def _steps(keys: str) -> tuple[tuple[str, ...], ...]:
    """Return the keys of each alternative."""
    return tuple(tuple(one.split(".")) for one in keys.split("|")) if keys else ()


def text_at(item: Object, keys: str) -> str | None:
    """Return the text at dotted *keys*; a whole number is written out. Raises Invalid."""
    value = value_at(item, keys)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if value is not None and not isinstance(value, str):
        raise Invalid(f"{keys} is not a text")
    return value


def number_at(item: Object, keys: str, first: int = 1) -> int | None:
    """Return the line or column at dotted *keys*, counted from 1 where the tool has *first*.

    None if there is none with that number. Raises Invalid if it is not a number.
    """
    value = value_at(item, keys)
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return counted_from_one(value, first)
    raise Invalid(f"{keys} is not a number")


def counted_from_one(value: float | None, first: int = 1) -> int | None:
    if value is None or not first <= value < MOST or value != int(value):
        return None
    return int(value) + 1 - first


def _fingerprints(given: Mapping[str, object]) -> str | None:
    kept = {name: str(value) for name, value in given.items() if value not in (None, "")}
    return json.dumps(kept, ensure_ascii=False) if kept else None


def cwe(value: object) -> list[str]:
    """Return CWE numbers as tags: of 79, "CWE-79", "CWE-79: Improper …", or a list of these."""
    if isinstance(value, list):
        return [tag for one in value for tag in cwe(one)]
    text = str(value).strip() if isinstance(value, str | int) else ""
    digits = text.upper().removeprefix("CWE-").partition(":")[0].strip()
    is_number = len(digits) < _MOST_CWE_DIGITS and digits.isascii() and digits.isdigit()
    return [f"CWE-{int(digits)}"] if is_number else []


# -- recognising -----------------------------------------------------------------------------------


def has(value: object, *keys: str) -> bool:
    """Return whether *value* is an object with all *keys*."""
    return isinstance(value, dict) and all(key in value for key in keys)


def starts_with(value: object, *keys: str) -> bool:
    """Return whether *value* is a list that begins with an object with all *keys*."""
    return isinstance(value, list) and bool(value) and has(value[0], *keys)


def has_by_path(value: object, *keys: str) -> bool:
    """Return whether *value* is an object with lists of objects with all *keys*, as by path."""
    return isinstance(value, dict) and any(
        starts_with(found, *keys) for found in list(value.values())[:_MEMBERS_LOOKED_AT]
    )


def is_empty_or_starts_with(value: object, *keys: str) -> bool:
    """The same, also of an empty list."""
    return isinstance(value, list) and (not value or has(value[0], *keys))
