"""Findings of scanners for secrets: rule, place and a keyed hash, never the secret.

Sources: https://github.com/gitleaks/gitleaks, https://github.com/Yelp/detect-secrets,
https://github.com/Samsung/CredSweeper, https://github.com/trufflesecurity/trufflehog.
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

# Texts in the place of a secret that the scanner itself left out.
_LEFT_OUT = ("", "REDACTED", "[REDACTED]")


def whole_secret(text: str | None) -> str | None:
    """Return a secret whose hash identifies it; None if the scanner left a part of it out."""
    is_part = (
        text in _LEFT_OUT
        or (text or "").endswith("...")
        or (text or "").startswith("[REDACTED")
        or "***" in (text or "")
    )
    return None if is_part else text


def reader_of(
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
        secret=whole_secret(secret),
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
        secret=whole_secret(value),
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
            # Its log is between the findings if both were written to one file.
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
        secret=whole_secret(secrets[0]),
        values=secrets,
        tags=["verified"] if truth_in(item, "Verified") else [],
    )


SECRET_SCANNERS: tuple[Form, ...] = (
    Form(
        "credsweeper",
        _is_credsweeper,
        reader_of(_read_credsweeper, _CREDSWEEPER_KEYS, "credsweeper", "[]"),
    ),
    Form("detect-secrets", _is_detect_secrets, _read_detect_secrets),
    Form("gitleaks", _is_gitleaks, reader_of(_read_gitleaks, _GITLEAKS_KEYS, "gitleaks", "[]")),
    Form("trufflehog", _is_trufflehog, reader_of(_read_trufflehog, _TRUFFLEHOG_KEYS, "trufflehog")),
)
