"""What scanners for secrets found: rule, place and a keyed hash, never the secret.

Sources: https://github.com/gitleaks/gitleaks, https://github.com/Yelp/detect-secrets,
https://github.com/Samsung/CredSweeper, https://github.com/trufflesecurity/trufflehog,
https://github.com/secretlint/secretlint, https://github.com/praetorian-inc/noseyparker,
https://github.com/mongodb/kingfisher, https://github.com/GitGuardian/ggshield.
"""

from __future__ import annotations

from collections.abc import Callable

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.reports.reading.json_fields import (
    as_object,
    list_in,
    object_in,
    objects_in,
    text_in,
    truth_in,
)
from loaders.sources.reports.reading.json_values import values_at
from loaders.sources.reports.reading.listed_findings import (
    Findings,
    Keys,
    Object,
    has,
    number_at,
    objects_of_lines,
    starts_with,
    text_at,
)
from loaders.sources.reports.reading.report_facts import FurtherPlace, ToolRun
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows
from loaders.sources.reports.reading.report_times import moment_of

# What stands for a secret that the scanner itself left out.
_LEFT_OUT = ("", "REDACTED", "[REDACTED]")


def _secret(text: str | None) -> str | None:
    """Return a secret whose hash identifies it; None if the scanner left a part of it out."""
    is_part = text in _LEFT_OUT or (text or "").endswith("...") or "***" in (text or "")
    return None if is_part else text


def _reader(
    read_item: Callable[[Object, Findings, Rows], None], keys: Keys, tool: str, *places: str
) -> Callable[[ArtifactFile, Rows], None]:
    """Return a reader of a document that has findings at *places*; of lines if there are none."""

    def read(file: ArtifactFile, rows: Rows) -> None:
        findings = Findings(rows, keys)
        for place, value in values_at(file.text_stream(), *places):
            if place:
                read_item(as_object(value, f"an element of {place}"), findings, rows)
        rows.add(ToolRun(tool))

    def read_lines(file: ArtifactFile, rows: Rows) -> None:
        findings = Findings(rows, keys)
        for _, item in objects_of_lines(file):
            read_item(item, findings, rows)
        rows.add(ToolRun(tool))

    return read if places else read_lines


# -- gitleaks --------------------------------------------------------------------------------------

_GITLEAKS_KEYS = Keys(
    rule="RuleID|rule",
    message="Description|rule",
    path="File|file",
    line="StartLine|lineNumber",
    column="StartColumn",
    end_line="EndLine",
    end_column="EndColumn",
    source_line="line",
)


def _is_gitleaks(head: Head) -> bool:
    return starts_with(
        head.document, "Description", "StartLine", "EndLine", "File", "RuleID"
    ) or starts_with(head.document, "line", "lineNumber", "offender", "rule", "file")


def _read_gitleaks(item: Object, findings: Findings, _: Rows) -> None:
    secret = text_at(item, "Secret|offender")
    findings.add(
        item,
        secret=_secret(secret),
        values=[secret, text_in(item, "Match")],
        tags=_texts(item.get("Tags")),
        fingerprints={"gitleaks": text_in(item, "Fingerprint")},
    )


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


# -- detect-secrets --------------------------------------------------------------------------------

_DETECT_KEYS = Keys(rule="type", message="type", line="line_number")


def _is_detect_secrets(head: Head) -> bool:
    document = head.document
    return (
        has(document, "plugins_used", "version")
        or (has(document, "plugins_used", "results", "generated_at"))
    ) and isinstance(document["plugins_used"], list)


def _read_detect_secrets(file: ArtifactFile, rows: Rows) -> None:
    findings = Findings(rows, _DETECT_KEYS)
    for _, document in values_at(file.text_stream()):
        results = object_in(document, "results")
        for path in results:
            for item in objects_in(results, path):
                # Its own hash could be guessed: it has no key.
                digest = text_in(item, "hashed_secret")
                is_audited = truth_in(item, "is_secret") is False
                findings.add(
                    item,
                    path=path,
                    secret=digest,
                    tags=["verified"] if truth_in(item, "is_verified") else [],
                    is_suppressed=is_audited,
                    suppression="audited: not a secret" if is_audited else None,
                )
        rows.add(
            ToolRun(
                "detect-secrets",
                text_in(document, "version"),
                ended_at=moment_of(text_in(document, "generated_at")),
            )
        )


# -- CredSweeper -----------------------------------------------------------------------------------

_CREDSWEEPER_KEYS = Keys(rule="rule", message="rule", level="severity")
_CREDSWEEPER_LINE = Keys(
    message="", line="line_num", column="value_start", end_column="value_end", first_column=0
)


def _is_credsweeper(head: Head) -> bool:
    return starts_with(head.document, "rule", "severity", "line_data_list")


def _read_credsweeper(item: Object, findings: Findings, rows: Rows) -> None:
    lines = objects_in(item, "line_data_list")
    first: Object = lines[0] if lines else {}
    value = text_at(first, "value")
    position = findings.add(
        item,
        path=text_at(first, "path"),
        start_line=number_at(first, _CREDSWEEPER_LINE.line),
        start_column=number_at(first, _CREDSWEEPER_LINE.column, 0),
        end_column=number_at(first, _CREDSWEEPER_LINE.end_column, 0),
        source_line=text_at(first, "line"),
        secret=_secret(value),
    )
    for line in lines[1:]:
        path = text_at(line, "path")
        rows.add(
            FurtherPlace(
                position,
                "related",
                rows.path(path) if path else None,
                number_at(line, _CREDSWEEPER_LINE.line),
            )
        )


# -- trufflehog ------------------------------------------------------------------------------------

_TRUFFLEHOG_KEYS = Keys(
    rule="DetectorName|reason", message="DetectorDescription|DetectorName|reason"
)
_TRUFFLEHOG_LINE = '"SourceMetadata":'


def _is_trufflehog(head: Head) -> bool:
    document = head.document
    return (
        has(document, "SourceMetadata", "DetectorName")
        or has(document, "commit", "path", "reason", "stringsFound")
        or (
            # Its log stands between the findings if both were written to one file.
            isinstance(document, dict)
            and document.get("logger") == "trufflehog"
            and any(_TRUFFLEHOG_LINE in line for line in head.lines)
        )
    )


def _read_trufflehog(item: Object, findings: Findings, _: Rows) -> None:
    if "logger" in item:
        return
    if "stringsFound" in item:
        for found in list_in(item, "stringsFound"):
            secret = found if isinstance(found, str) else None
            findings.add(item, path=text_in(item, "path"), secret=secret)
        return
    places = object_in(object_in(item, "SourceMetadata"), "Data")
    place: Object = next((as_object(one, "a source") for one in places.values()), {})
    secrets = [text_in(item, key) for key in ("Raw", "RawV2", "Redacted")]
    findings.add(
        item,
        path=text_at(place, "file"),
        start_line=number_at(place, "line"),
        secret=_secret(secrets[0]),
        values=secrets,
        tags=["verified"] if truth_in(item, "Verified") else [],
    )


# -- secretlint ------------------------------------------------------------------------------------

_SECRETLINT_KEYS = Keys(
    rule="ruleId",
    help_uri="docsUrl",
    message="message",
    level="severity",
    line="loc.start.line",
    column="loc.start.column",
    end_line="loc.end.line",
    end_column="loc.end.column",
    first_column=0,
)


def _is_secretlint(head: Head) -> bool:
    if not starts_with(head.document, "filePath", "messages"):
        return False
    files = [one for one in head.document if has(one, "filePath", "messages")]
    if any(starts_with(one["messages"], "ruleId", "messageId", "loc", "range") for one in files):
        return True
    return has(files[0], "sourceContent", "sourceContentType")


def _read_secretlint(file: Object, findings: Findings, rows: Rows) -> None:
    path, content = text_in(file, "filePath"), text_in(file, "sourceContent")
    if path:
        rows.path(path)
    for item in objects_in(file, "messages"):
        begin, end = _span(item.get("range"))
        secret = content[begin:end] if content else None
        findings.add(item, path=path, secret=_secret(secret) or None, values=[secret])


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
    return has(item, "rule", "finding") and has(item["finding"], "snippet", "line")  # type: ignore[index]


def _is_kingfisher(head: Head) -> bool:
    document = head.document
    found = document.get("findings") if isinstance(document, dict) else document
    return isinstance(found, list) and bool(found) and _is_kingfisher_finding(found[0])


def _is_kingfisher_line(head: Head) -> bool:
    return _is_kingfisher_finding(head.document)


def _read_kingfisher(item: Object, findings: Findings, _: Rows) -> None:
    findings.add(
        item,
        secret=_secret(text_at(item, "finding.snippet")),
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


SECRET_SCANNERS: tuple[Form, ...] = (
    Form(
        "credsweeper",
        _is_credsweeper,
        _reader(_read_credsweeper, _CREDSWEEPER_KEYS, "credsweeper", "[]"),
    ),
    Form("detect-secrets", _is_detect_secrets, _read_detect_secrets),
    Form(
        "ggshield",
        _is_ggshield,
        _reader(
            _read_ggshield,
            _GGSHIELD_KEYS,
            "ggshield",
            "entities_with_incidents[]",
            "scans[].entities_with_incidents[]",
        ),
    ),
    Form("gitleaks", _is_gitleaks, _reader(_read_gitleaks, _GITLEAKS_KEYS, "gitleaks", "[]")),
    Form(
        "kingfisher",
        _is_kingfisher,
        _reader(_read_kingfisher, _KINGFISHER_KEYS, "kingfisher", "[]", "findings[]"),
    ),
    Form(
        "kingfisher-lines",
        _is_kingfisher_line,
        _reader(_read_kingfisher, _KINGFISHER_KEYS, "kingfisher"),
    ),
    Form(
        "noseyparker",
        lambda head: isinstance(head.document, list) and _is_noseyparker(head),
        _reader(_read_noseyparker, _NOSEYPARKER_KEYS, "noseyparker", "[]"),
    ),
    Form(
        "noseyparker-lines",
        _is_noseyparker,
        _reader(_read_noseyparker, _NOSEYPARKER_KEYS, "noseyparker"),
    ),
    Form(
        "secretlint",
        _is_secretlint,
        _reader(_read_secretlint, _SECRETLINT_KEYS, "secretlint", "[]"),
    ),
    Form("trufflehog", _is_trufflehog, _reader(_read_trufflehog, _TRUFFLEHOG_KEYS, "trufflehog")),
)
