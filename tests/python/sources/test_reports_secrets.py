"""No secret that a tool found lands: neither from its own column nor from a message."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from loaders.sources.reports.reading.found_secrets import (
    MARK,
    is_about_secrets,
    without_secrets,
)
from tests.python.support.read_reports import (
    SHARED_REPORTS,
    Facts,
    needs_shared_reports,
    read_report,
)

_SECRET = "k9-Zebra'24 \"x"


@cache
def _shared_secrets() -> frozenset[str]:
    """The values that the scanners of the shared reports found, by those reports themselves."""
    bandit = json.loads((SHARED_REPORTS / "bandit/1.9.4/shop.json").read_text(encoding="utf-8"))
    sweeper = json.loads((SHARED_REPORTS / "credsweeper/1.19.5/shop.json").read_text("utf-8"))
    quoted = [
        found[1]
        for result in bandit["results"]
        if (found := re.fullmatch(r"Possible hardcoded password: '(.*)'", result["issue_text"]))
    ]
    values = [line["value"] for item in sweeper for line in item["line_data_list"]]
    return frozenset(quoted + values)


def _reports_with_secrets() -> list[Path]:
    if not SHARED_REPORTS.is_dir():
        return []
    return [
        path
        for path in sorted(SHARED_REPORTS.rglob("*"))
        if path.is_file()
        and "_projects" not in path.parts
        and any(secret.encode() in path.read_bytes() for secret in _shared_secrets())
    ]


def _landed(facts: Facts) -> str:
    return json.dumps([table.to_pylist() for table in facts.tables.values()], default=str)


@needs_shared_reports
def test_the_shared_reports_have_secrets() -> None:
    names = {path.relative_to(SHARED_REPORTS).parts[0] for path in _reports_with_secrets()}
    assert {"bandit", "credsweeper"} <= names
    assert len(_shared_secrets()) > 1


@needs_shared_reports
@pytest.mark.parametrize("path", _reports_with_secrets(), ids=lambda path: path.name)
def test_no_secret_of_a_genuine_report_lands(path: Path) -> None:
    facts = read_report(path)
    landed = _landed(facts)
    assert not [secret for secret in _shared_secrets() if secret in landed]


@needs_shared_reports
def test_the_same_secret_has_the_same_hash_in_all_reports() -> None:
    facts = read_report(SHARED_REPORTS / "credsweeper/1.19.5/shop.json")
    assert len({one.secret_hash for one in facts.findings} - {None}) == 1


@needs_shared_reports
def test_a_password_of_bandit_has_the_hash_that_a_scanner_gives_it() -> None:
    bandit = read_report(SHARED_REPORTS / "bandit/1.9.4/shop.json").findings
    sweeper = read_report(SHARED_REPORTS / "credsweeper/1.19.5/shop.json").findings
    passwords = {one.secret_hash for one in bandit if one.rule_id == "B105"}
    assert len(passwords) > 1 and sweeper[0].secret_hash in passwords


# -- messages --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "about",
    [
        ("B105",),
        ("S106",),
        ("G101",),
        ("CKV_SECRET_6",),
        ("hardcoded_password_string",),
        ("generic.secrets.security.detected-generic-api-key",),
        ("javascript.lang.hardcoded-credentials",),
        ("X1", "CWE-798: Use of Hard-coded Credentials"),
        ("X1", None, "CWE-259"),
        ("java:S2068",),
        ("NoHardcodedApiKey",),
        ("sonar.leakedAccessToken",),
        ("private-key",),
    ],
)
def test_rules_about_secrets(about: tuple[str | None, ...]) -> None:
    assert is_about_secrets(*about)
    message = f"Possible value: '{_SECRET}'"
    assert without_secrets(message, about) == f"Possible value: {MARK}"


@pytest.mark.parametrize(
    "about",
    [
        ("F401",),
        ("no-unused-vars",),
        ("unexpected-token",),
        ("B108", "hardcoded_tmp_directory", "CWE-377"),
        ("CWE-79",),
        ("no-key-spacing",),
        ("sort-keys",),
        ("S1050", "key"),
        ("tokenizer-error",),
        (None,),
    ],
)
def test_an_ordinary_message_keeps_its_quotes(about: tuple[str | None, ...]) -> None:
    message = "Expected '===' and instead saw \"==\": `abcdefgh12345`"
    assert not is_about_secrets(*about)
    assert without_secrets(message, about) == message


@pytest.mark.parametrize(
    ("message", "right"),
    [
        ("Hard-coded password: 'it's me', use 'x'", f"Hard-coded password: {MARK}"),
        ('Key "abc" and `def` found', f"Key {MARK} and {MARK} found"),
        ("Secret found: hunter2", f"Secret found: {MARK}"),
        (
            "found AWS Access Key ID: AKIAEXAMPLE00 here",
            f"found AWS Access Key ID: {MARK} here",
        ),
        ("password = hunter2", f"password = {MARK}"),
        # The name of a variable.
        (
            'Possible hardcoded password assigned to: "API_TOKEN"',
            'Possible hardcoded password assigned to: "API_TOKEN"',
        ),
        ("Do not store secrets in code, see CWE-798", "Do not store secrets in code, see CWE-798"),
    ],
)
def test_what_stays_of_a_message(message: str, right: str) -> None:
    assert without_secrets(message, ["hardcoded-password"]) == right


def test_a_known_value_never_stays() -> None:
    assert without_secrets("x abc123 y", values=["abc123"]) == f"x {MARK} y"
    assert without_secrets(None, ["B105"]) is None


# -- scanners --------------------------------------------------------------------------------------

_REPORTS: dict[str, Any] = {
    "gitleaks": [
        {
            "Description": f"Found {_SECRET}",
            "StartLine": 3,
            "EndLine": 3,
            "StartColumn": 5,
            "EndColumn": 20,
            "Match": f"key = {_SECRET}",
            "Secret": _SECRET,
            "File": "a.env",
            "RuleID": "generic-api-key",
            "Tags": [],
            "Fingerprint": "a.env:generic-api-key:3",
        }
    ],
    "trufflehog": {
        "SourceMetadata": {"Data": {"Filesystem": {"file": "a.env", "line": 3}}},
        "DetectorName": "AWS",
        "Verified": True,
        "Raw": _SECRET,
        "Redacted": _SECRET[:6],
    },
    "credsweeper": [
        {
            "rule": "Token",
            "severity": "high",
            "line_data_list": [
                {
                    "line": f"key = {_SECRET}",
                    "line_num": 3,
                    "path": "a.env",
                    "value": _SECRET,
                    "value_start": 4,
                    "value_end": -2,
                }
            ],
        }
    ],
    "secretlint": [
        {
            "filePath": "a.env",
            "sourceContent": f"\n\n{_SECRET}\n",
            "messages": [
                {
                    "type": "message",
                    "ruleId": "@secretlint/secretlint-rule-aws",
                    "messageId": "AWS",
                    "message": f"found a key: {_SECRET}",
                    "severity": "error",
                    "range": [2, 2 + len(_SECRET)],
                    "loc": {
                        "start": {"line": 3, "column": 0},
                        "end": {"line": 3, "column": 14},
                    },
                }
            ],
        }
    ],
    "kingfisher": {
        "findings": [
            {
                "rule": {"name": "Generic", "id": "kingfisher.generic.1"},
                "finding": {"snippet": _SECRET, "path": "a.env", "line": 3, "fingerprint": "1"},
            }
        ]
    },
    "noseyparker": [
        {
            "rule_name": "Generic",
            "matches": [
                {
                    "provenance": [{"kind": "file", "path": "a.env"}],
                    "location": {"source_span": {"start": {"line": 3, "column": 1}}},
                    "snippet": {"before": "", "matching": _SECRET, "after": ""},
                }
            ],
        }
    ],
    "gitlab-security": {
        "version": "15.0.4",
        "vulnerabilities": [
            {
                "id": "1",
                "category": "secret_detection",
                "name": "AWS access token",
                "description": f"Found {_SECRET}",
                "severity": "Critical",
                "raw_source_code_extract": _SECRET,
                "scanner": {"id": "gitleaks", "name": "Gitleaks"},
                "location": {"file": "a.env", "start_line": 3},
                "identifiers": [{"type": "gitleaks_rule_id", "name": "AWS", "value": "AWS"}],
            }
        ],
    },
}


@pytest.mark.parametrize("form", _REPORTS)
def test_a_scanner_lands_rule_place_and_hash(form: str) -> None:
    facts = read_report(json.dumps(_REPORTS[form]))
    assert facts.format == form
    (found,) = facts.findings
    assert facts.path(found) == "a.env" and found.start_line == 3 and found.rule_id
    assert found.secret_hash and len(found.secret_hash) == 32
    landed = _landed(facts)
    assert json.dumps(_SECRET)[1:-1] not in landed and "k9-Zebra" not in landed
    assert not facts.faults()


def test_scanners_of_several_kinds_mark_their_secrets() -> None:
    secret = {"RuleID": "aws-key", "Title": "AWS", "StartLine": 2, "Match": "KEY=****"}
    trivy = {"Results": [{"Target": "a.env", "Class": "secret", "Secrets": [secret]}]}
    for report in (trivy, _REPORTS["gitlab-security"]):
        (found,) = read_report(json.dumps(report)).findings
        assert found.finding_tags == '["secret"]'


def test_a_secret_that_was_left_out_has_no_hash() -> None:
    for value in ("REDACTED", "k9-Z...", "k9-***"):
        facts = read_report(json.dumps([_REPORTS["gitleaks"][0] | {"Secret": value}]))
        assert facts.findings[0].secret_hash is None


def test_a_secret_found_by_two_plugins_is_two_findings_with_one_hash() -> None:
    items = [
        {"type": plugin, "hashed_secret": "ab", "line_number": 3}
        for plugin in ("Secret Keyword", "Base64 High Entropy String")
    ]
    report = {"version": "1.5.0", "plugins_used": [], "results": {"a.env": items}}
    hashes = [one.secret_hash for one in read_report(json.dumps(report)).findings]
    assert len(hashes) == 2 and len(set(hashes)) == 1
    # SHA-1 of a secret without a key could be guessed.
    assert hashes[0] != "ab"


def test_a_secret_that_was_audited_away_is_suppressed() -> None:
    def baseline(*audits: object) -> dict[str, object]:
        items = [
            {"type": "Secret Keyword", "hashed_secret": "0", "line_number": 3, "is_secret": audit}
            for audit in audits
        ]
        return {"version": "1.5.0", "plugins_used": [], "results": {"a.env": items}}

    facts = read_report(json.dumps(baseline(False, True, None)))
    assert [one.is_suppressed for one in facts.findings] == [True, False, False]


def test_values_that_a_rule_interpolates_do_not_land() -> None:
    place = {"line": 1, "col": 1}
    item = {
        "check_id": "rules.hardcoded-secret",
        "path": "a.py",
        "start": place,
        "end": place,
        "extra": {
            "message": f"$VALUE is {_SECRET} in code",
            "severity": "ERROR",
            "metadata": {},
            "metavars": {"$VALUE": {"abstract_content": _SECRET}},
        },
    }
    facts = read_report(json.dumps({"results": [item], "errors": []}))
    assert "k9-Zebra" not in _landed(facts)
