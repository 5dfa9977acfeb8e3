"""The results of a run in SARIF."""

from __future__ import annotations

from typing import Any

import msgspec

from loaders.sources.reports.formats.sarif_parts import DRIVER, RuleRef
from loaders.sources.reports.formats.sarif_rules import tags_of
from loaders.sources.reports.formats.sarif_run import FoundPlace, RunParts
from loaders.sources.reports.formats.sarif_shapes import CodeFlow, Location, Result
from loaders.sources.reports.reading.found_secrets import is_about_secrets, without_secrets
from loaders.sources.reports.reading.json_fields import severity_in
from loaders.sources.reports.reading.json_shapes import indexed, shaped
from loaders.sources.reports.reading.report_facts import Finding, FurtherPlace
from loaders.sources.reports.reading.report_rows import Rows
from loaders.sources.reports.reading.report_texts import LONGEST_TEXT, shortened

_KINDS = {"pass": "pass", "notApplicable": "not_applicable"}
# The places of a result are all equal by the specification, and readers show the first. These tools
# write the way to the fault instead: its place is the last.
_FAULT_IS_LAST = {"cppcheck"}
_NO_PLACE = FoundPlace()
# The findings of these tools are secrets, whatever their rules are called.
_SECRET_SCANNERS = frozenset(
    "betterleaks credsweeper detect-secrets ggshield gitleaks kingfisher noseyparker secretlint "
    "talisman trufflehog whispers".split()
)
_ABOUT_SECRETS = ("secret",)
_MOST_KEPT = 10_000


class Results:
    """The results of one run, which become findings."""

    def __init__(self, run: RunParts, rows: Rows, run_index: int) -> None:
        self._run = run
        self._rows = rows
        self._where = f"runs[{run_index}].results"
        self._count = 0
        self._place_of_fault = 0
        self._finds_secrets = False
        self._is_secret = False  # the finding under way
        self._about: dict[tuple[str | None, int | None, str | None], bool] = {}

    def add(self, value: Any) -> None:
        """Add a result."""
        if not self._count:
            self._run.need_tool()
            name = (self._run.parts.driver.name or "").lower()
            self._place_of_fault = -1 if name in _FAULT_IS_LAST else 0
            self._finds_secrets = name in _SECRET_SCANNERS
        result = shaped(value, Result, f"{self._where}[{self._count}]")
        self._count += 1
        fault = result.locations[self._place_of_fault] if result.locations else None
        position = self._rows.add(self._finding(result, fault))
        for location in result.locations or ():
            if location is not fault:
                self._add_place(position, "location", location)
        for location in result.related_locations or ():
            self._add_place(position, "related", location)
        for flow in result.code_flows or ():
            self._add_flow(position, flow)

    def _finding(self, result: Result, fault: Location | None) -> Finding:
        run = self._run
        rule_id, component, rule = self._rule_of(result)
        place = run.place(fault) if fault else _NO_PLACE
        properties = result.properties or {}
        taxa = map(run.taxon, result.taxa) if result.taxa else ()
        tags = tags_of(properties, taxa) if properties or taxa else None
        message = run.message(result.message, component, rule)
        secret = None
        self._is_secret = self._finds_secrets or self._is_about_secrets(rule_id, rule, tags)
        if self._is_secret:
            message, secret = self._without_secret(message, place.snippet)
        is_suppressed, justification = (
            _suppression(result) if result.suppressions else (False, None)
        )
        return Finding(
            rule_id,
            shortened(message),
            _level(result),
            place.path_index,
            place.start_line,
            place.start_column,
            place.end_line,
            place.end_column,
            "finding" if result.kind is None else _KINDS.get(result.kind, "finding"),
            run.position(rule),
            severity_in(properties, "security-severity") if properties else None,
            place.logical_name,
            _fingerprints(result),
            self._rows.line_hash(place.snippet) if place.snippet else None,
            is_suppressed,
            justification,
            result.baseline_state,
            secret,
            tags,
        )

    def _is_about_secrets(
        self, rule_id: str | None, rule: RuleRef | None, tags: str | None
    ) -> bool:
        key = rule_id, None if rule is None else rule.number, tags
        found = self._about.get(key)
        if found is None:
            described = (rule.name, *rule.tags) if rule else ()
            found = is_about_secrets(rule_id, tags, *described)
            if len(self._about) < _MOST_KEPT:
                self._about[key] = found
        return found

    def _without_secret(
        self, message: str | None, snippet: str | None
    ) -> tuple[str | None, str | None]:
        """Return the message of a finding of a secret without it, and the hash of the secret.

        A region that has no space is the secret itself; else it is the line around it.
        """
        secret = (snippet or "").strip()
        is_bare = bool(secret) and not any(map(str.isspace, secret))
        clean = without_secrets(message, _ABOUT_SECRETS, [secret] if is_bare else [])
        return clean, self._rows.keyed_hash(secret) if is_bare else None

    def _rule_of(self, result: Result) -> tuple[str | None, int, RuleRef | None]:
        """Return the id of the rule of a result, the component that has it, and the rule."""
        rule_id, index, component = result.rule_id, indexed(result.rule_index), DRIVER
        if result.rule is not None:
            rule_id = rule_id or result.rule.id
            index = indexed(result.rule.index) if index is None else index
            component = self._run.component(result.rule.tool_component)
        rule = self._run.rule(component, index, rule_id)
        return rule.rule_id if rule_id is None and rule else rule_id, component, rule

    def _add_flow(self, position: int, flow: CodeFlow) -> None:
        for thread in flow.thread_flows or ():
            for step in thread.locations or ():
                if location := self._run.step(step):
                    self._add_place(position, "flow", location)

    def _add_place(self, position: int, role: str, location: Location) -> None:
        place = self._run.place(location)
        message = shortened(self._run.message(location.message))
        if self._is_secret:
            message = without_secrets(message, _ABOUT_SECRETS)
        if place.path_index is not None or message is not None:
            self._rows.add(
                FurtherPlace(position, role, place.path_index, place.start_line, message)
            )


def _level(result: Result) -> str | None:
    """Return the level; a result that did not fail has level none unless it gives one."""
    if result.level is None and result.kind not in (None, "fail"):
        return "none"
    return result.level


def _suppression(result: Result) -> tuple[bool, str | None]:
    """Return whether a result with suppressions is suppressed, and why.

    One suppression that was rejected, or is under review, lifts all.
    """
    suppressions = result.suppressions or []
    is_suppressed = all(one.status in (None, "accepted") for one in suppressions)
    justifications = (one.justification for one in suppressions)
    return is_suppressed, shortened(next(filter(None, justifications), None))


_encoded = msgspec.json.Encoder().encode


def _fingerprints(result: Result) -> str | None:
    """Return the fingerprints of a result as JSON, unless they are longer than any is."""
    prints = result.fingerprints or {}
    if result.partial_fingerprints:
        prints = result.partial_fingerprints | prints
    if not prints:
        return None
    written = _encoded({key: value for key, value in prints.items() if type(value) is str})
    return written.decode() if 2 < len(written) <= LONGEST_TEXT else None
