"""Checks of sources in any language: ast-grep's JSON, Codacy's issues, flawfinder's CSV.

Sources: https://ast-grep.github.io/guide/tools/json.html,
https://docs.codacy.com/repositories-configure/local-analysis/client-side-tools/,
https://dwheeler.com/flawfinder/.
"""

from __future__ import annotations

import csv
import io
from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.reports.reading.found_secrets import without_secrets
from loaders.sources.reports.reading.listed_findings import (
    Keys,
    Object,
    counted_from_one,
    cwe,
    has,
    line_listing,
    listing,
    starts_with,
    text_at,
)
from loaders.sources.reports.reading.report_facts import Finding, ToolRun
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows, json_list
from loaders.sources.reports.reading.report_texts import shortened

# -- ast-grep --------------------------------------------------------------------------------------

_AST_GREP_KEYS = Keys(
    rule="ruleId",
    message="message",
    level="severity",
    path="file",
    line="range.start.line",
    column="range.start.column",
    end_line="range.end.line",
    end_column="range.end.column",
    first_line=0,
    first_column=0,
)
# A search by a pattern has no rule: it is not a report.
_AST_GREP = ("text", "range", "file", "lines", "ruleId", "severity")


def _is_ast_grep(head: Head) -> bool:
    return starts_with(head.document, *_AST_GREP)


def _is_ast_grep_line(head: Head) -> bool:
    return has(head.document, *_AST_GREP)


def _of_ast_grep(item: Object) -> dict[str, Any]:
    lines = (text_at(item, "lines") or "").splitlines()
    return {"source_line": lines[0] if lines else None}


# -- Codacy ----------------------------------------------------------------------------------------

_CODACY_KEYS = Keys(rule="patternId", message="message", path="filename", line="line")


def _is_codacy(head: Head) -> bool:
    return has(head.document, "patternId", "filename", "message", "line")


# -- flawfinder ------------------------------------------------------------------------------------

_FLAWFINDER = "File,Line,Column,"
_FLAWFINDER_COLUMNS = ("File", "Line", "Level", "Category", "Name", "Warning")
_MOST_DIGITS = 9


def _is_flawfinder(head: Head) -> bool:
    header = head.lines[0] if head.lines else ""
    return header.startswith(_FLAWFINDER) and set(_FLAWFINDER_COLUMNS) <= set(header.split(","))


def _read_flawfinder(file: ArtifactFile, rows: Rows) -> None:
    version = None
    lines = io.TextIOWrapper(file.text_stream(), "utf-8", newline="")
    try:
        for row in csv.DictReader(lines, strict=True):
            if None in row or None in row.values():
                raise Invalid("a row with another number of columns than the header")
            version = row.get("ToolVersion") or version
            rule = row.get("RuleId") or f"{row['Category']}/{row['Name']}"
            line = row.get("Context")
            rows.add(
                Finding(
                    rule,
                    shortened(without_secrets(row["Warning"], [rule])),
                    row["Level"],
                    rows.path(row["File"]) if row["File"] else None,
                    _number(row["Line"]),
                    _number(row.get("Column")),
                    line_hash=rows.line_hash(line) if line else None,
                    finding_tags=json_list(_weaknesses(row.get("CWEs"))),
                )
            )
    except (csv.Error, UnicodeDecodeError) as error:
        raise Invalid(f"not CSV: {error}") from None
    rows.add(ToolRun("flawfinder", version))


def _weaknesses(text: str | None) -> list[str]:
    # As in `CWE-119!/CWE-120`.
    parts = (text or "").replace("!", "").replace(",", "/").split("/")
    return list(dict.fromkeys(tag for part in parts for tag in cwe(part.strip())))


def _number(text: str | None) -> int | None:
    is_number = text and text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    return counted_from_one(int(text)) if is_number and text else None


SOURCE_CHECKS: tuple[Form, ...] = (
    listing("ast-grep", _is_ast_grep, "[]", _AST_GREP_KEYS, tool="ast-grep", refine=_of_ast_grep),
    line_listing(
        "ast-grep-lines",
        _is_ast_grep_line,
        _AST_GREP_KEYS,
        tool="ast-grep",
        refine=_of_ast_grep,
    ),
    line_listing("codacy-issues", _is_codacy, _CODACY_KEYS),
    Form("flawfinder", _is_flawfinder, _read_flawfinder),
)
