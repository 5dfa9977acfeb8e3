"""The JSON of shellcheck, hadolint and actionlint.

Sources: https://github.com/koalaman/shellcheck/wiki/Integration,
https://github.com/hadolint/hadolint, https://github.com/rhysd/actionlint/blob/main/docs/usage.md.
"""

from __future__ import annotations

from typing import Any

from loaders.sources.reports.reading.listed_findings import (
    Keys,
    Object,
    has,
    is_empty_or_starts_with,
    listing,
    starts_with,
    text_at,
)
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head

_SHELLCHECK_KEYS = Keys(
    rule="code",
    message="message",
    level="level",
    path="file",
    line="line",
    column="column",
    end_line="endLine",
    end_column="endColumn",
)
_COMMON = ("file", "line", "column", "level", "code", "message")
# The rest of such a script was not examined.
_SHELLCHECK_ERRORS = ("1072", "1073")


def _is_shellcheck(head: Head) -> bool:
    return starts_with(head.document, "endLine", *_COMMON)


def _is_shellcheck_1(head: Head) -> bool:
    document = head.document
    if not has(document, "comments") or set(document) != {"comments"}:
        return False
    return is_empty_or_starts_with(document["comments"], "endLine", *_COMMON)


def _of_shellcheck(item: Object) -> dict[str, Any]:
    code = text_at(item, "code")
    return {
        "rule_id": None if code is None else f"SC{code}",
        "kind": "error" if code in _SHELLCHECK_ERRORS else "finding",
    }


# -- hadolint, actionlint --------------------------------------------------------------------------

_HADOLINT_KEYS = Keys(
    rule="code", message="message", level="level", path="file", line="line", column="column"
)
# It could not parse the Dockerfile.
_HADOLINT_ERROR = "DL1000"


def _is_hadolint(head: Head) -> bool:
    return starts_with(head.document, *_COMMON) and "endLine" not in head.keys


def _of_hadolint(item: Object) -> dict[str, Any]:
    return {"kind": "error" if item.get("code") == _HADOLINT_ERROR else "finding"}


_ACTIONLINT_KEYS = Keys(
    rule="kind",
    message="message",
    path="filepath",
    line="line",
    column="column",
    end_column="end_column",
)


def _is_actionlint(head: Head) -> bool:
    return starts_with(head.document, "message", "filepath", "line", "column", "kind")


def _of_actionlint(item: Object) -> dict[str, Any]:
    return {"kind": "error" if item.get("kind") == "syntax-check" else "finding"}


SHELLCHECK: tuple[Form, ...] = (
    listing(
        "actionlint",
        _is_actionlint,
        "[]",
        _ACTIONLINT_KEYS,
        tool="actionlint",
        refine=_of_actionlint,
    ),
    listing("hadolint", _is_hadolint, "[]", _HADOLINT_KEYS, tool="hadolint", refine=_of_hadolint),
    listing(
        "shellcheck",
        _is_shellcheck,
        "[]",
        _SHELLCHECK_KEYS,
        tool="shellcheck",
        refine=_of_shellcheck,
    ),
    listing(
        "shellcheck-json1",
        _is_shellcheck_1,
        "comments[]",
        _SHELLCHECK_KEYS,
        tool="shellcheck",
        refine=_of_shellcheck,
    ),
)
