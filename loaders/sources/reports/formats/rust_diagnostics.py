"""The messages of cargo, clippy and rustc with `--message-format=json`, as lines.

Sources: https://doc.rust-lang.org/cargo/reference/external-tools.html#json-messages,
https://doc.rust-lang.org/rustc/json.html.
"""

from __future__ import annotations

import re
from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.reports.reading.json_fields import (
    as_object,
    list_in,
    object_in,
    objects_in,
    truth_in,
)
from loaders.sources.reports.reading.listed_findings import (
    Findings,
    Keys,
    Object,
    has,
    number_at,
    objects_of_lines,
    text_at,
)
from loaders.sources.reports.reading.report_facts import FurtherPlace, ToolRun
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows

_KEYS = Keys(rule="code.code", message="message", level="level")
_SPAN = Keys(
    message="label",
    path="file_name",
    line="line_start",
    column="column_start",
    end_line="line_end",
    end_column="column_end",
)
_REASONS = {
    "build-finished": ("success",),
    "build-script-executed": ("package_id",),
    "compiler-artifact": ("package_id", "target"),
    "compiler-message": ("package_id", "message"),
}
# Errors of the compiler; a lint has a name.
_COMPILER_ERROR = re.compile(r"E\d{4}")
_SUMMARY = re.compile(
    r"aborting due to|\d+ warnings? emitted|\d+ errors? emitted|"
    r"(?:For more information about|Some errors have detailed)"
)


def _is_cargo(head: Head) -> bool:
    document = head.document
    reason = document.get("reason") if isinstance(document, dict) else None
    return isinstance(reason, str) and reason in _REASONS and has(document, *_REASONS[reason])


def _is_rustc(head: Head) -> bool:
    return has(head.document, "message", "code", "level", "spans", "children", "rendered")


def _read(file: ArtifactFile, rows: Rows) -> None:
    findings = Findings(rows, _KEYS)
    is_successful: bool | None = None
    is_clippy = False
    for _, item in objects_of_lines(file):
        if item.get("reason") == "build-finished":
            is_successful = truth_in(item, "success")
        message = object_in(item, "message") if "reason" in item else item
        if "spans" not in message or _is_summary(message):
            continue
        _add(message, findings, rows)
        is_clippy = is_clippy or (text_at(message, "code.code") or "").startswith("clippy::")
    rows.add(ToolRun("clippy" if is_clippy else "rustc", is_successful=is_successful))


def _is_summary(message: Object) -> bool:
    is_placed = bool(list_in(message, "spans")) or message.get("code") is not None
    return not is_placed and bool(_SUMMARY.match(text_at(message, "message") or ""))


def _add(message: Object, findings: Findings, rows: Rows) -> None:
    spans = objects_in(message, "spans")
    primary = [span for span in spans if truth_in(span, "is_primary")]
    first: Object = (primary or spans or [{}])[0]
    code = text_at(message, "code.code")
    is_error = str(message.get("level")).startswith("error") and (
        code is None or _COMPILER_ERROR.fullmatch(code) is not None
    )
    position = findings.add(message, kind="error" if is_error else "finding", **_place(first))
    for span in spans:
        if span is not first:
            path = text_at(span, _SPAN.path)
            rows.add(
                FurtherPlace(
                    position,
                    "location" if span in primary else "related",
                    rows.path(path) if path else None,
                    number_at(span, _SPAN.line),
                    text_at(span, _SPAN.message),
                )
            )


def _place(span: Object) -> dict[str, Any]:
    texts = [as_object(one, "a text") for one in list_in(span, "text")]
    return {
        "path": text_at(span, _SPAN.path),
        "start_line": number_at(span, _SPAN.line),
        "start_column": number_at(span, _SPAN.column),
        "end_line": number_at(span, _SPAN.end_line),
        "end_column": number_at(span, _SPAN.end_column),
        "source_line": text_at(texts[0], "text") if texts else None,
    }


RUST_DIAGNOSTICS = (
    Form("cargo-messages", _is_cargo, _read),
    Form("rustc-messages", _is_rustc, _read),
)
