"""The JSON of PHPStan, Psalm, PHP_CodeSniffer and PHPMD.

Sources: https://phpstan.org/user-guide/output-format, https://psalm.dev/docs,
https://github.com/PHPCSStandards/PHP_CodeSniffer/wiki/Reporting, https://phpmd.org.
"""

from __future__ import annotations

import json
import re
from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.reports.reading.found_secrets import without_secrets
from loaders.sources.reports.reading.json_fields import as_object, list_in, object_in, objects_in
from loaders.sources.reports.reading.json_values import values_at
from loaders.sources.reports.reading.listed_findings import (
    Findings,
    Keys,
    Object,
    has,
    listing,
    starts_with,
    text_at,
)
from loaders.sources.reports.reading.report_facts import Finding, ToolRun
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows

# -- PHPStan and PHP_CodeSniffer: messages by file -------------------------------------------------

_PHPSTAN_KEYS = Keys(rule="identifier", message="message", line="line")
_PHPCS_KEYS = Keys(rule="source", message="message", level="type", line="line", column="column")
# A class that uses a trait is named after the file of the trait.
_CONTEXT = re.compile(r" \(in context of .*\)$")
_PHPSTAN_SYNTAX = "phpstan.parse"
_PHPCS_SYNTAX = ("Internal.", "Generic.PHP.Syntax")


def _is_phpstan(head: Head) -> bool:
    document = head.document
    return has(document, "totals") and has(document["totals"], "errors", "file_errors")


def _is_phpcs(head: Head) -> bool:
    document = head.document
    return has(document, "totals") and has(document["totals"], "errors", "warnings", "fixable")


def _of_phpstan(item: Object) -> dict[str, Any]:
    is_syntax = item.get("identifier") == _PHPSTAN_SYNTAX or str(item.get("message")).startswith(
        "Syntax error"
    )
    return {"kind": "error" if is_syntax else "finding", "level": "error"}


def _of_phpcs(item: Object) -> dict[str, Any]:
    is_syntax = str(item.get("source")).startswith(_PHPCS_SYNTAX)
    return {"kind": "error" if is_syntax else "finding"}


def _read_by_file(file: ArtifactFile, rows: Rows, tool: str) -> None:
    is_phpstan = tool == "phpstan"
    findings = Findings(rows, _PHPSTAN_KEYS if is_phpstan else _PHPCS_KEYS)
    refine = _of_phpstan if is_phpstan else _of_phpcs
    for _, document in values_at(file.text_stream()):
        # PHP writes an empty object as a list.
        files = document.get("files")
        for name, value in ({} if files == [] else object_in(document, "files")).items():
            path = _CONTEXT.sub("", name)
            rows.path(path)
            for item in objects_in(as_object(value, name), "messages"):
                findings.add(item, path=path, **refine(item))
        for error in list_in(document, "errors") if is_phpstan else ():
            if not isinstance(error, str):
                raise Invalid("an error that is not a text")
            rows.add(Finding(None, without_secrets(error), "error", kind="error"))
        rows.add(ToolRun(tool, stated_totals=json.dumps(object_in(document, "totals"))))


# -- Psalm -----------------------------------------------------------------------------------------

_PSALM_KEYS = Keys(
    rule="type",
    help_uri="link",
    message="message",
    level="severity",
    path="file_path|file_name",
    line="line_from",
    column="column_from",
    end_line="line_to",
    end_column="column_to",
)


def _is_psalm(head: Head) -> bool:
    return starts_with(head.document, "severity", "line_from", "type", "message", "file_name")


def _of_psalm(item: Object) -> dict[str, Any]:
    path, name = text_at(item, "file_path"), text_at(item, "file_name")
    folder = path.removesuffix(name) if path and name else ""
    return {
        "kind": "error" if item.get("type") == "ParseError" else "finding",
        "path": name,
        "bases": [folder] if folder and folder != path else [],
    }


# -- PHPMD -----------------------------------------------------------------------------------------

_PHPMD_KEYS = Keys(
    rule="rule",
    rule_name="ruleSet",
    help_uri="externalInfoUrl",
    message="description",
    level="priority",
    line="beginLine",
    end_line="endLine",
    logical_name="method|function|class",
)
_PHPMD_ERROR_KEYS = Keys(message="message", path="fileName")


def _is_phpmd(head: Head) -> bool:
    document = head.document
    return has(document, "version", "package", "files") and document["package"] == "phpmd"


def _read_phpmd(file: ArtifactFile, rows: Rows) -> None:
    findings, errors = Findings(rows, _PHPMD_KEYS), Findings(rows, _PHPMD_ERROR_KEYS)
    for place, value in values_at(file.text_stream(), "files[]", "errors[]"):
        item = as_object(value, place or "the report")
        if place == "files[]":
            for one in objects_in(item, "violations"):
                findings.add(one, path=text_at(item, "file"))
        elif place:
            errors.add(item, kind="error")
        else:
            rows.add(ToolRun("phpmd", text_at(item, "version")))


PHP_LINTERS: tuple[Form, ...] = (
    Form("phpcs", _is_phpcs, lambda file, rows: _read_by_file(file, rows, "phpcs")),
    Form("phpmd", _is_phpmd, _read_phpmd),
    Form("phpstan", _is_phpstan, lambda file, rows: _read_by_file(file, rows, "phpstan")),
    listing("psalm", _is_psalm, "[]", _PSALM_KEYS, tool="psalm", refine=_of_psalm),
)
