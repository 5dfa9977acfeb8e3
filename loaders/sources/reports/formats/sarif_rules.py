"""The rules that a tool describes in SARIF, and the tags of rules and results."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from loaders.sources.reports.reading.json_fields import (
    list_in,
    object_in,
    objects_in,
    severity_in,
    text_in,
)
from loaders.sources.reports.reading.report_facts import Rule
from loaders.sources.reports.reading.report_rows import json_list
from loaders.sources.reports.reading.report_texts import shortened

_CWE = re.compile(r"\bcwe[-_:/ ]*(?:id[-_:/ ]*)?0*([1-9][0-9]{0,5})\b", re.IGNORECASE)


def rule_of(rule: dict[str, Any]) -> Rule:
    """Return a rule, a `reportingDescriptor`."""
    properties = object_in(rule, "properties")
    short, full = object_in(rule, "shortDescription"), object_in(rule, "fullDescription")
    related = [object_in(one, "target") for one in objects_in(rule, "relationships")]
    return Rule(
        rule_id=text_in(rule, "id"),
        rule_name=text_in(rule, "name"),
        level=text_in(object_in(rule, "defaultConfiguration"), "level"),
        security_severity=severity_in(properties, "security-severity"),
        description=shortened(text_in(short, "text") or text_in(full, "text")),
        help_uri=text_in(rule, "helpUri"),
        rule_tags=tags_of(properties, map(_weakness, related)),
    )


def _weakness(target: dict[str, Any]) -> str | None:
    """Return the weakness that a rule is related to, as CWE-79."""
    name = text_in(object_in(target, "toolComponent"), "name")
    taxon = text_in(target, "id")
    if taxon is None or (name or "").upper() != "CWE":
        return None
    return taxon if taxon.upper().startswith("CWE") else f"CWE-{taxon}"


def tags_of(properties: dict[str, Any], more: Iterable[str | None] = ()) -> str | None:
    """Return the tags in a bag of properties, with CWE numbers as CWE-79."""
    given = [tag for tag in list_in(properties, "tags") if isinstance(tag, str)]
    given += [tag for tag in more if tag]
    weaknesses = properties.get("cwe")
    for one in weaknesses if isinstance(weaknesses, list) else [weaknesses]:
        if isinstance(one, str):
            given.append(one if not one.isdecimal() else f"CWE-{one}")
    if not given:
        return None
    numbered = [f"CWE-{match[1]}" for tag in given for match in _CWE.finditer(tag)]
    return json_list(dict.fromkeys([*given, *numbered]))
