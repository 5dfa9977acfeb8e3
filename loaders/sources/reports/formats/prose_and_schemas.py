"""The JSON of linters of prose, SQL, schemas and workflows: markdownlint, spectral, sqlfluff,
typos, Vale, zizmor.

Sources: https://github.com/igorshubovych/markdownlint-cli, https://docs.stoplight.io/docs/spectral,
https://docs.sqlfluff.com/en/stable/reference/cli.html, https://github.com/crate-ci/typos,
https://vale.sh/docs/cli, https://docs.zizmor.sh/usage/#json-format.
"""

from __future__ import annotations

from typing import Any

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
    counted_from_one,
    has,
    has_by_path,
    listing,
    number_at,
    objects_of_lines,
    path_listing,
    starts_with,
    text_at,
    value_at,
)
from loaders.sources.reports.reading.report_facts import FurtherPlace, ToolRun
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows

# -- markdownlint ----------------------------------------------------------------------------------

_MARKDOWN_KEYS = Keys(
    message="ruleDescription",
    help_uri="ruleInformation",
    level="severity",
    path="fileName",
    line="lineNumber",
)
_MARKDOWN = ("lineNumber", "ruleNames", "ruleDescription")


def _is_markdownlint(head: Head) -> bool:
    return starts_with(head.document, "fileName", *_MARKDOWN)


def _is_markdownlint_by_file(head: Head) -> bool:
    return has_by_path(head.document, *_MARKDOWN)


def _of_markdown(item: Object) -> dict[str, Any]:
    names = [name for name in list_in(item, "ruleNames") if isinstance(name, str)]
    detail = text_in(item, "errorDetail")
    described = text_in(item, "ruleDescription") or ""
    place = [one for one in list_in(item, "errorRange") if type(one) is int]
    return {
        "rule_id": names[0] if names else None,
        "message": f"{described} [{detail}]" if detail else described,
        "start_column": counted_from_one(place[0]) if place else None,
    }


# -- spectral --------------------------------------------------------------------------------------

_SPECTRAL_KEYS = Keys(
    rule="code",
    message="message",
    level="severity",
    path="source",
    line="range.start.line",
    column="range.start.character",
    end_line="range.end.line",
    end_column="range.end.character",
    first_line=0,
    first_column=0,
    levels={"0": "error", "1": "warn", "2": "info", "3": "hint"},
)


def _is_spectral(head: Head) -> bool:
    return starts_with(head.document, "code", "path", "message", "severity", "range")


def _of_spectral(item: Object) -> dict[str, Any]:
    steps = [str(step) for step in list_in(item, "path") if isinstance(step, str | int)]
    is_broken = text_at(item, "code") in ("parser", "unrecognized-format")
    return {
        "logical_name": ".".join(steps) or None,
        "kind": "error" if is_broken else "finding",
    }


# -- sqlfluff --------------------------------------------------------------------------------------

_SQLFLUFF_KEYS = Keys(
    rule="code",
    rule_name="name",
    message="description",
    line="start_line_no|line_no",
    column="start_line_pos|line_pos",
    end_line="end_line_no",
    end_column="end_line_pos",
)


def _is_sqlfluff(head: Head) -> bool:
    document = head.document
    if not starts_with(document, "filepath", "violations"):
        return False
    return any(
        starts_with(one["violations"], "code", "description")
        for one in document
        if has(one, "violations")
    ) or has(head.first, "statistics")


def _of_sqlfluff(item: Object) -> dict[str, Any]:
    # PRS: it could not parse; LXR: it could not split into words; TMP: the template failed.
    is_broken = item.get("code") in ("PRS", "LXR", "TMP")
    return {
        "kind": "error" if is_broken else "finding",
        "level": "warning" if truth_in(item, "warning") else None,
    }


# -- typos -----------------------------------------------------------------------------------------

# Columns count bytes. The name of a file has neither line nor column.
_TYPOS_KEYS = Keys(
    message="typo", path="path", line="line_num", column="byte_offset", first_column=0
)


def _is_typos(head: Head) -> bool:
    document = head.document
    return has(document, "type", "path", "typo", "corrections") or (
        has(document, "type", "path")
        and document["type"] in ("binary_file", "file_type")
        and head.raw.count(b'"typo"') > 0
    )


def _read_typos(file: ArtifactFile, rows: Rows) -> None:
    findings = Findings(rows, _TYPOS_KEYS)
    for _, item in objects_of_lines(file):
        if "typo" not in item:
            if item.get("type") == "error":
                findings.add({}, kind="error", message=text_at(item, "msg"))
            continue
        better = [one for one in list_in(item, "corrections") if isinstance(one, str)]
        words = " or ".join(f"`{one}`" for one in better)
        message = f"`{text_in(item, 'typo')}` should be {words}" if words else None
        if "line_num" not in item:
            item = {name: value for name, value in item.items() if name != "byte_offset"}
        findings.add(item, message=message)
    rows.add(ToolRun("typos"))


# -- Vale ------------------------------------------------------------------------------------------

_VALE_KEYS = Keys(rule="Check", help_uri="Link", message="Message", level="Severity", line="Line")


def _is_vale(head: Head) -> bool:
    return has_by_path(head.document, "Check", "Message", "Severity", "Line", "Span")


def _of_vale(item: Object) -> dict[str, Any]:
    span = [one for one in list_in(item, "Span") if type(one) is int]
    begin, end, *_rest = [*map(counted_from_one, span), None, None]
    return {"start_column": begin, "end_column": end}


# -- zizmor ----------------------------------------------------------------------------------------

_ZIZMOR_KEYS = Keys(rule="ident", help_uri="url", message="desc", level="determinations.severity")


def _is_zizmor(head: Head) -> bool:
    return starts_with(head.document, "ident", "desc", "determinations", "locations")


def _read_zizmor(file: ArtifactFile, rows: Rows) -> None:
    findings = Findings(rows, _ZIZMOR_KEYS)
    for place, value in values_at(file.text_stream(), "[]"):
        if not place:
            continue
        item = as_object(value, "a finding")
        places = objects_in(item, "locations")
        primary = [one for one in places if value_at(one, "symbolic.kind") == "Primary"]
        first: Object = (primary or places or [{}])[0]
        position = findings.add(
            item,
            path=_zizmor_path(first),
            start_line=number_at(first, "concrete.location.start_point.row", 0),
            start_column=number_at(first, "concrete.location.start_point.column", 0),
            end_line=number_at(first, "concrete.location.end_point.row", 0),
            end_column=number_at(first, "concrete.location.end_point.column", 0),
            is_suppressed=truth_in(item, "ignored"),
        )
        for one in places:
            if one is not first:
                path = _zizmor_path(one)
                rows.add(
                    FurtherPlace(
                        position,
                        "related",
                        rows.path(path) if path else None,
                        number_at(one, "concrete.location.start_point.row", 0),
                        text_at(one, "symbolic.annotation"),
                    )
                )
    rows.add(ToolRun("zizmor"))


def _zizmor_path(place: Object) -> str | None:
    key = value_at(place, "symbolic.key")
    local = object_in(key, "Local") if isinstance(key, dict) else {}
    return text_at(local, "given_path|verbatim_path")


PROSE_AND_SCHEMAS: tuple[Form, ...] = (
    listing(
        "markdownlint",
        _is_markdownlint,
        "[]",
        _MARKDOWN_KEYS,
        tool="markdownlint",
        refine=_of_markdown,
    ),
    path_listing(
        "markdownlint-by-file",
        _is_markdownlint_by_file,
        _MARKDOWN_KEYS,
        tool="markdownlint",
        refine=_of_markdown,
    ),
    listing("spectral", _is_spectral, "[]", _SPECTRAL_KEYS, tool="spectral", refine=_of_spectral),
    listing(
        "sqlfluff",
        _is_sqlfluff,
        "[]",
        _SQLFLUFF_KEYS,
        tool="sqlfluff",
        within="violations",
        file="filepath",
        refine=_of_sqlfluff,
    ),
    Form("typos", _is_typos, _read_typos),
    path_listing("vale", _is_vale, _VALE_KEYS, tool="vale", refine=_of_vale),
    Form("zizmor", _is_zizmor, _read_zizmor),
)
