"""The JSON of ESLint, and of what wraps it (XO, standard).

Source: https://eslint.org/docs/latest/use/formatters/#json
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.reports.reading.json_fields import (
    as_object,
    object_in,
    objects_in,
    text_in,
    truth_in,
)
from loaders.sources.reports.reading.json_values import values_at
from loaders.sources.reports.reading.listed_findings import Findings, Keys, Object, has, number_at
from loaders.sources.reports.reading.report_facts import ToolRun
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows

_KEYS = Keys(
    rule="ruleId",
    message="message",
    level="severity",
    path="filePath",
    line="line",
    column="column",
    end_line="endLine",
    end_column="endColumn",
    levels={"0": "off", "1": "warning", "2": "error"},
)
_COUNTS = ("errorCount", "fatalErrorCount", "warningCount")
# The message, without a rule, for a file that was given but not examined.
_IGNORED = "File ignored"


def _is_eslint(head: Head) -> bool:
    document = head.document
    files = document.get("results") if has(document, "results") else document
    if not isinstance(files, list) or not files or not has(files[0], "filePath", "messages"):
        return False
    if has(files[0], "errorCount", "warningCount"):
        return True
    messages = files[0]["messages"]
    return (
        isinstance(messages, list)
        and bool(messages)
        and has(messages[0], "ruleId", "severity", "message")
        and "type" not in messages[0]
        and isinstance(messages[0]["severity"], int)
    )


def _read(content: ArtifactFile, rows: Rows) -> None:
    findings = Findings(rows, _KEYS)
    totals: Counter[str] = Counter()
    rest: Any = None
    for place, value in values_at(content.text_stream(), "[]", "results[]"):
        if not place:
            rest = value
            continue
        file = as_object(value, "a file")
        path = text_in(file, "filePath") or ""
        if path:
            rows.path(path)
        lines = (text_in(file, "source") or "").split("\n")
        for item, is_suppressed in _messages_of(file):
            number = number_at(item, "line") or 0
            findings.add(
                item,
                path=path,
                source_line=lines[number - 1] if 0 < number <= len(lines) else "",
                **_marks(item, is_suppressed),
            )
        totals.update({name: number_at(file, name) or 0 for name in _COUNTS if name in file})
    folder = object_in(rest, "metadata").get("cwd") if isinstance(rest, dict) else None
    rows.add(
        ToolRun(
            "eslint",
            working_directory=folder if isinstance(folder, str) else None,
            stated_totals=json.dumps(totals),
        )
    )


def _messages_of(file: Object) -> Iterator[tuple[Object, bool]]:
    """Yield each message of a file, and whether the user suppressed it."""
    for item in objects_in(file, "messages"):
        yield item, bool(item.get("suppressions"))
    for item in objects_in(file, "suppressedMessages"):
        yield item, True


def _marks(item: Object, is_suppressed: bool) -> dict[str, Any]:
    message = text_in(item, "message") or ""
    is_ignored = item.get("ruleId") is None and message.startswith(_IGNORED)
    reasons = [text_in(one, "justification") for one in objects_in(item, "suppressions")]
    return {
        "kind": "error" if truth_in(item, "fatal") or is_ignored else "finding",
        "is_suppressed": is_suppressed,
        "suppression": " · ".join(filter(None, reasons)) or None,
    }


ESLINT = (Form("eslint", _is_eslint, _read),)
