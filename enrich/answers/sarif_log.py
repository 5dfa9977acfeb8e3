"""Findings of rules as a SARIF log.

Form: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from loaders.base.paths import bytes_of

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
_FINGERPRINT = "findingId/v1"

Row = Mapping[str, Any]


def sarif_log(rules: Iterable[Row], findings: Iterable[Row], as_of: str) -> dict[str, Any]:
    """Return the log of *findings* (rows of `v_gap_backlog`) of *rules* (rows of `v_rules`), as
    they were at *as_of*, a time of ISO 8601.
    """
    described = [_rule(rule) for rule in rules]
    places = {rule["id"]: place for place, rule in enumerate(described)}
    titles = {rule["id"]: rule["shortDescription"]["text"] for rule in described}
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "Meta Collector",
                        "version": version("meta-collector"),
                        "rules": described,
                    }
                },
                "invocations": [{"executionSuccessful": True, "endTimeUtc": as_of}],
                "results": [_result(finding, places, titles) for finding in findings],
            }
        ],
    }


def _rule(rule: Row) -> dict[str, Any]:
    return {
        "id": rule["gap_type"],
        "shortDescription": {"text": rule["title"]},
        "fullDescription": {"text": rule["rationale"]},
        "help": {"text": rule["remedy"]},
        "defaultConfiguration": {"level": _LEVELS.get(rule["severity"], "none")},
        "properties": {"scope": rule["scope"], "version": rule["rule_version"]},
    }


def _result(finding: Row, places: Mapping[str, int], titles: Mapping[str, str]) -> dict[str, Any]:
    rule = finding["gap_type"]
    title = titles.get(rule, rule)
    found: dict[str, Any] = {
        "ruleId": rule,
        "level": _LEVELS.get(finding["severity"], "none"),
        "message": {"text": ": ".join(filter(None, (title, finding["recommended_action"])))},
        "partialFingerprints": {_FINGERPRINT: finding["finding_id"]},
        # A result without this list would be one whose suppressions are not known.
        "suppressions": [_suppression(finding)] if finding["status"] == "waived" else [],
        "properties": {
            "severity": finding["severity"],
            "project": finding["project_path"],
            "impact": finding["impact_score"],
            "confidence": finding["confidence_ratio"],
            "evidence": json.loads(finding["evidence"] or "{}"),
        },
    }
    if rule in places:
        found["ruleIndex"] = places[rule]
    if locations := _locations(finding):
        found["locations"] = locations
    return found


def _suppression(finding: Row) -> dict[str, Any]:
    reason, owner = finding["waiver_reason"], finding["waiver_owner"]
    by = f" (by {owner})" if owner else ""
    return {
        "kind": "external",
        "status": "accepted",
        "justification": f"waived: {reason or 'no reason given'}{by}",
    }


def _locations(finding: Row) -> list[dict[str, Any]]:
    """Return the place of a finding: the subject if that is a path, else it is a name in the
    project.
    """
    subject, project = finding["subject"], finding["project_path"]
    is_path = subject.startswith("/")
    place: dict[str, Any] = {}
    if path := subject if is_path else project:
        place["physicalLocation"] = {"artifactLocation": {"uri": _uri(path)}}
    if not is_path:
        place["logicalLocations"] = [{"fullyQualifiedName": subject}]
    return [place] if place else []


def _uri(path: str) -> str:
    return f"file://{quote(bytes_of(path))}"
