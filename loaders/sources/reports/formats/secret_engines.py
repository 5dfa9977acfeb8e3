"""Findings of secretlint, noseyparker, kingfisher and ggshield, as in secret_scanners.py.

Sources: https://github.com/secretlint/secretlint, https://github.com/praetorian-inc/noseyparker,
https://github.com/mongodb/kingfisher, https://github.com/GitGuardian/ggshield.
"""

from __future__ import annotations

from loaders.sources.reports.formats.secret_scanners import reader_of, whole_secret
from loaders.sources.reports.reading.json_fields import objects_in, text_in
from loaders.sources.reports.reading.listed_findings import (
    Findings,
    Keys,
    Object,
    has,
    number_at,
    starts_with,
    text_at,
)
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows

# -- secretlint ------------------------------------------------------------------------------------

_SECRETLINT_KEYS = Keys(
    rule="ruleId",
    help_uri="docsUrl",
    message="message",
    level="severity",
    line="loc.start.line|line",
    column="loc.start.column",
    end_line="loc.end.line",
    end_column="loc.end.column",
    first_column=0,
)


def _has_rule(file: object) -> bool:
    return has(file, "messages") and starts_with(file["messages"], "ruleId")  # type: ignore[index]


def _is_secretlint(head: Head) -> bool:
    document = head.document
    if not starts_with(document, "filePath", "messages"):
        return False
    if has(document[0], "sourceContent", "sourceContentType"):
        return True
    found = [one["messages"][0] for one in document if _has_rule(one)]
    return any(str(one["ruleId"]).startswith("@secretlint/") for one in found)


def _read_secretlint(file: Object, findings: Findings, rows: Rows) -> None:
    path, content = text_in(file, "filePath"), text_in(file, "sourceContent")
    if path:
        rows.path(path)
    for item in objects_in(file, "messages"):
        begin, end = _span(item.get("range"))
        secret = content[begin:end] if content else None
        findings.add(item, path=path, secret=whole_secret(secret) or None, values=[secret])


def _span(value: object) -> tuple[int, int]:
    if isinstance(value, list) and len(value) == 2 and all(type(one) is int for one in value):
        return max(value[0], 0), max(value[1], 0)
    return 0, 0


# -- noseyparker, kingfisher, ggshield -------------------------------------------------------------

_NOSEYPARKER_KEYS = Keys(
    rule="rule_text_id|rule_name",
    rule_name="rule_name",
    message="rule_name",
)


def _is_noseyparker(head: Head) -> bool:
    first = head.first
    return has(first, "matches", "rule_name") and starts_with(
        first["matches"], "location", "provenance", "snippet"
    )


def _read_noseyparker(item: Object, findings: Findings, _: Rows) -> None:
    for match in objects_in(item, "matches"):
        where: Object = next(iter(objects_in(match, "provenance")), {})
        findings.add(
            item,
            path=text_at(where, "path|first_commit.blob_path|repo_path"),
            start_line=number_at(match, "location.source_span.start.line"),
            start_column=number_at(match, "location.source_span.start.column"),
            end_line=number_at(match, "location.source_span.end.line"),
            end_column=number_at(match, "location.source_span.end.column"),
            secret=text_at(match, "snippet.matching"),
        )


_KINGFISHER_KEYS = Keys(
    rule="rule.id",
    rule_name="rule.name",
    message="rule.name",
    path="finding.path",
    line="finding.line",
    column="finding.column_start",
    end_column="finding.column_end",
)


def _is_kingfisher_finding(item: object) -> bool:
    return has(item, "rule", "finding") and (
        has(item["finding"], "snippet", "line") or has(item["finding"], "fingerprint", "path")  # type: ignore[index]
    )


def _is_kingfisher(head: Head) -> bool:
    document = head.document
    found = document.get("findings") if isinstance(document, dict) else document
    return isinstance(found, list) and bool(found) and _is_kingfisher_finding(found[0])


def _is_kingfisher_line(head: Head) -> bool:
    return _is_kingfisher_finding(head.document)


def _read_kingfisher(item: Object, findings: Findings, _: Rows) -> None:
    findings.add(
        item,
        secret=whole_secret(text_at(item, "finding.snippet")),
        fingerprints={"kingfisher": text_at(item, "finding.fingerprint")},
    )


_GGSHIELD_KEYS = Keys(
    rule="type|policy_id",
    message="type|policy",
    level="severity",
    line="line_start",
    end_line="line_end",
)


def _is_ggshield(head: Head) -> bool:
    document = head.document
    return isinstance(document, dict) and (
        "secrets_engine_version" in document
        or "iac_engine_version" in document
        or starts_with(document.get("scans"), "entities_with_incidents")
        or starts_with(document.get("entities_with_incidents"), "filename", "incidents")
    )


def _read_ggshield(entity: Object, findings: Findings, _: Rows) -> None:
    for incident in objects_in(entity, "incidents"):
        ignored = text_at(incident, "ignore_reason.kind")
        for place in objects_in(incident, "occurrences") or [incident]:
            findings.add(
                incident,
                path=text_at(entity, "filename"),
                start_line=number_at(place, "line_start"),
                end_line=number_at(place, "line_end"),
                values=[text_at(place, "match")],
                is_suppressed=bool(ignored),
                suppression=ignored,
                tags=[tag for tag in [text_at(incident, "validity")] if tag],
            )


SECRET_ENGINES: tuple[Form, ...] = (
    Form(
        "ggshield",
        _is_ggshield,
        reader_of(
            _read_ggshield,
            _GGSHIELD_KEYS,
            "ggshield",
            "entities_with_incidents[]",
            "scans[].entities_with_incidents[]",
        ),
    ),
    Form(
        "kingfisher",
        _is_kingfisher,
        reader_of(_read_kingfisher, _KINGFISHER_KEYS, "kingfisher", "[]", "findings[]"),
    ),
    Form(
        "kingfisher-lines",
        _is_kingfisher_line,
        reader_of(_read_kingfisher, _KINGFISHER_KEYS, "kingfisher"),
    ),
    Form(
        "noseyparker",
        lambda head: isinstance(head.document, list) and _is_noseyparker(head),
        reader_of(_read_noseyparker, _NOSEYPARKER_KEYS, "noseyparker", "[]"),
    ),
    Form(
        "noseyparker-lines",
        _is_noseyparker,
        reader_of(_read_noseyparker, _NOSEYPARKER_KEYS, "noseyparker"),
    ),
    Form(
        "secretlint",
        _is_secretlint,
        reader_of(_read_secretlint, _SECRETLINT_KEYS, "secretlint", "[]"),
    ),
)
