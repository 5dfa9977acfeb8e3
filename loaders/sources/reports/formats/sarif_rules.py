"""The rules that a tool describes in SARIF, and the tags of rules and results."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from loaders.sources.reports.formats.sarif_shapes import Descriptor, Message, Reference
from loaders.sources.reports.reading.json_fields import severity_in
from loaders.sources.reports.reading.report_facts import Rule
from loaders.sources.reports.reading.report_rows import json_list
from loaders.sources.reports.reading.report_texts import shortened

_CWE = re.compile(r"\bcwe[-_:/ ]*(?:id[-_:/ ]*)?0*([1-9][0-9]{0,5})\b", re.IGNORECASE)


def rule_of(rule: Descriptor) -> Rule:
    """Return a rule, a `reportingDescriptor`."""
    properties = rule.properties or {}
    short, full = rule.short_description or Message(), rule.full_description or Message()
    related = [one.target for one in rule.relationships or () if one.target]
    return Rule(
        rule_id=rule.id,
        rule_name=rule.name,
        level=rule.default_configuration.level if rule.default_configuration else None,
        security_severity=severity_in(properties, "security-severity"),
        description=shortened(short.text or full.text),
        help_uri=rule.help_uri,
        rule_tags=tags_of(properties, map(_weakness, related)),
    )


def _weakness(target: Reference) -> str | None:
    """Return the weakness that a rule is related to, as CWE-79."""
    name = target.tool_component.name if target.tool_component else None
    if target.id is None or (name or "").upper() != "CWE":
        return None
    return target.id if target.id.upper().startswith("CWE") else f"CWE-{target.id}"


def tags_of(properties: dict[str, Any], more: Iterable[str | None] = ()) -> str | None:
    """Return the tags in a bag of properties, with CWE numbers as CWE-79."""
    given = [tag for tag in more if tag]
    if isinstance(tags := properties.get("tags"), list):
        given += [tag for tag in tags if isinstance(tag, str)]
    weaknesses = properties.get("cwe")
    for one in weaknesses if isinstance(weaknesses, list) else [weaknesses]:
        if isinstance(one, str):
            given.append(f"CWE-{one}" if one.isdecimal() else one)
    if not given:
        return None
    numbered = [f"CWE-{match[1]}" for tag in given for match in _CWE.finditer(tag)]
    return json_list(dict.fromkeys(shortened(tag) for tag in (*given, *numbered)))
