"""The results of a run in SARIF."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import orjson

from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.reports.formats.sarif_parts import DRIVER, RuleRef
from loaders.sources.reports.formats.sarif_rules import tags_of
from loaders.sources.reports.formats.sarif_run import RunParts
from loaders.sources.reports.reading.json_fields import (
    as_object,
    count_in,
    list_in,
    object_in,
    objects_in,
    severity_in,
    text_in,
)
from loaders.sources.reports.reading.report_facts import Finding, FurtherPlace
from loaders.sources.reports.reading.report_rows import Rows
from loaders.sources.reports.reading.report_texts import LONGEST_TEXT, shortened

_KINDS = {"pass": "pass", "notApplicable": "not_applicable"}
# The places of a result are all equal by the specification, and readers show the first. These tools
# write the way to the fault instead: its place is the last.
_FAULT_IS_LAST = {"cppcheck"}
_PLACEHOLDER = re.compile(r"\{(\d{1,3})\}|\{\{|\}\}")
_BRACES = {"{{": "{", "}}": "}"}


class ResultPlace(NamedTuple):
    """Where a result is."""

    path_index: int | None = None
    start_line: int | None = None
    start_column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    snippet: str | None = None
    logical_name: str | None = None


class Results:
    """The results of one run, which become findings."""

    def __init__(self, run: RunParts, rows: Rows, run_index: int) -> None:
        self._run = run
        self._rows = rows
        self._run_index = run_index
        self._count = 0
        self._place_of_fault = 0

    def add(self, result: Any) -> None:
        if not self._count:
            self._run.need_tool()
            name = str(self._run.parts.driver.get("name")).lower()
            self._place_of_fault = -1 if name in _FAULT_IS_LAST else 0
        try:
            self._add(as_object(result, "it"))
        except Invalid as error:
            raise Invalid(f"runs[{self._run_index}].results[{self._count}]: {error}") from None
        self._count += 1

    def _add(self, result: dict[str, Any]) -> None:
        run = self._run
        rule_id, component, rule = self._rule_of(result)
        locations = objects_in(result, "locations")
        fault = locations[self._place_of_fault] if locations else None
        place = place_of(fault, run) if fault else ResultPlace()
        properties = object_in(result, "properties")
        kind = text_in(result, "kind") or "fail"
        # A result that is no failure has no level unless it is given.
        level = text_in(result, "level") or (None if kind == "fail" else "none")
        is_suppressed, justification = _suppression(result)
        position = self._rows.add(
            Finding(
                rule_id,
                shortened(message_text(object_in(result, "message"), run, component, rule)),
                level,
                place.path_index,
                place.start_line,
                place.start_column,
                place.end_line,
                place.end_column,
                _KINDS.get(kind, "finding"),
                run.position(rule),
                severity_in(properties, "security-severity"),
                place.logical_name,
                _fingerprints(result),
                self._rows.line_hash(place.snippet) if place.snippet else None,
                is_suppressed,
                justification,
                text_in(result, "baselineState"),
                None,
                tags_of(properties, map(run.taxon, objects_in(result, "taxa"))),
            )
        )
        if len(locations) > 1:
            for location in locations:
                if location is not fault:
                    self._add_place(position, "location", location)
        for location in objects_in(result, "relatedLocations"):
            self._add_place(position, "related", location)
        for flow in objects_in(result, "codeFlows"):
            self._add_flow(position, flow)

    def _rule_of(self, result: dict[str, Any]) -> tuple[str | None, int, RuleRef | None]:
        """Return the id of the rule of a result, the component that has it, and the rule."""
        reference = object_in(result, "rule")
        rule_id = text_in(result, "ruleId") or text_in(reference, "id")
        index = count_in(result, "ruleIndex")
        component = DRIVER
        if reference:
            index = count_in(reference, "index") if index is None else index
            if tool_component := object_in(reference, "toolComponent"):
                component = self._run.component(tool_component)
        rule = self._run.rule(component, index, rule_id)
        if rule_id is None and rule:
            rule_id = rule.rule_id
        return rule_id, component, rule

    def _add_flow(self, position: int, flow: dict[str, Any]) -> None:
        for thread in objects_in(flow, "threadFlows"):
            for step in objects_in(thread, "locations"):
                index = count_in(step, "index")
                if index is not None and "location" not in step:
                    step = self._run.step(index)
                self._add_place(position, "flow", object_in(step, "location"))

    def _add_place(self, position: int, role: str, location: dict[str, Any]) -> None:
        place = place_of(location, self._run)
        message = message_text(object_in(location, "message"), self._run, DRIVER, None)
        if place.path_index is not None or message is not None:
            self._rows.add(
                FurtherPlace(position, role, place.path_index, place.start_line, shortened(message))
            )


def first_place(owner: dict[str, Any], run: RunParts) -> ResultPlace:
    """Return the first of the locations of a notification."""
    locations = objects_in(owner, "locations")
    return place_of(locations[0], run) if locations else ResultPlace()


def place_of(location: dict[str, Any], run: RunParts) -> ResultPlace:
    """Return a location as a place."""
    physical = object_in(location, "physicalLocation")
    region = object_in(physical, "region")
    logical = objects_in(location, "logicalLocations")
    return ResultPlace(
        run.path(object_in(physical, "artifactLocation")) if physical else None,
        count_in(region, "startLine") or None,
        count_in(region, "startColumn") or None,
        count_in(region, "endLine") or None,
        count_in(region, "endColumn") or None,
        text_in(object_in(region, "snippet"), "text"),
        run.logical_name(logical[0]) if logical else None,
    )


def message_text(
    message: dict[str, Any], run: RunParts, component: int, rule: RuleRef | None
) -> str | None:
    """Return a message as text: its own, or the one that its id names, with its arguments."""
    text = text_in(message, "text") or text_in(message, "markdown")
    key = text_in(message, "id")
    if text is None and key is not None:
        found = rule.strings.get(key) if rule else None
        if found is None:
            found = run.shared_string(component, key)
        strings = as_object(found or {}, "a message")
        text = text_in(strings, "text") or text_in(strings, "markdown")
    arguments = list_in(message, "arguments")
    if text is None or not arguments:
        return text

    def filled(match: re.Match[str]) -> str:
        if match[1] is None:
            return _BRACES[match[0]]
        number = int(match[1])
        return str(arguments[number]) if number < len(arguments) else match[0]

    return _PLACEHOLDER.sub(filled, text)


def _suppression(result: dict[str, Any]) -> tuple[bool, str | None]:
    """Return whether a result is suppressed, and why.

    One suppression that was rejected, or is under review, lifts all.
    """
    suppressions = objects_in(result, "suppressions")
    if not suppressions:
        return False, None
    is_suppressed = all(text_in(one, "status") in (None, "accepted") for one in suppressions)
    justifications = (text_in(one, "justification") for one in suppressions)
    return is_suppressed, shortened(next(filter(None, justifications), None))


def _fingerprints(result: dict[str, Any]) -> str | None:
    prints = object_in(result, "partialFingerprints") | object_in(result, "fingerprints")
    texts = {key: value for key, value in prints.items() if isinstance(value, str)}
    written = orjson.dumps(texts).decode() if texts else None
    return written if written and len(written) <= LONGEST_TEXT else None
