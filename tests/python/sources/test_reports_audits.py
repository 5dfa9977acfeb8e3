"""Audits of packages, from small examples in each format."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.python.support.read_reports import read_report, reason_of

_GHSA = "GHSA-xvch-5gv4-984h"
_URL = f"https://github.com/advisories/{_GHSA}"
_OLD = {
    "id": 1179,
    "module_name": "minimist",
    "severity": "low",
    "title": "Prototype Pollution",
    "url": _URL,
    "cves": ["CVE-2020-7598"],
    "patched_versions": ">=0.2.1",
    "vulnerable_versions": "<0.2.1",
    "findings": [{"version": "0.0.8", "paths": ["mkdirp>minimist", "minimist"]}],
}
_YARN_1 = [
    {"type": "auditAdvisory", "data": {"resolution": {"id": 1179}, "advisory": _OLD}},
    {"type": "auditAdvisory", "data": {"resolution": {"id": 1179}, "advisory": _OLD}},
    {"type": "auditSummary", "data": {"vulnerabilities": {"low": 2}}},
]
_YARN_4 = [
    {
        "value": "minimist",
        "children": {
            "ID": 1097678,
            "Issue": "Prototype Pollution",
            "URL": _URL,
            "Severity": "critical",
            "Vulnerable Versions": "<0.2.4",
            "Tree Versions": ["0.0.8", "0.1.0"],
            "Dependents": ["mkdirp@npm:0.5.1"],
        },
    },
    {
        "value": "request",
        "children": {
            "ID": "request (deprecation)",
            "Issue": "request is deprecated",
            "Severity": "moderate",
            "Vulnerable Versions": "2.88.2",
            "Tree Versions": ["2.88.2"],
        },
    },
]
_OSV = {
    "results": [
        {
            "source": {"path": "/home/dev/app/poetry.lock", "type": "lockfile"},
            "packages": [
                {
                    "package": {"name": "Jinja2", "version": "2.4.1", "ecosystem": "PyPI"},
                    "vulnerabilities": [
                        {
                            "id": "GHSA-462w-v97r-4m45",
                            "aliases": ["CVE-2019-10906", "PYSEC-2019-217"],
                            "summary": "sandbox escape",
                            "severity": [
                                {"type": "CVSS_V3", "score": "CVSS:3.0/AV:N"},
                                {"type": "CVSS_V4", "score": "CVSS:4.0/AV:N"},
                            ],
                            "database_specific": {"severity": "HIGH"},
                            "affected": [
                                {
                                    "package": {"name": "Jinja2"},
                                    "ranges": [
                                        {
                                            "type": "ECOSYSTEM",
                                            "events": [{"introduced": "0"}, {"fixed": "2.10.1"}],
                                        }
                                    ],
                                }
                            ],
                        },
                        {"id": "PYSEC-2019-217", "aliases": ["CVE-2019-10906"]},
                    ],
                    "groups": [
                        {
                            "ids": ["GHSA-462w-v97r-4m45", "PYSEC-2019-217"],
                            "aliases": ["CVE-2019-10906", "GHSA-462w-v97r-4m45"],
                            "max_severity": "8.6",
                        }
                    ],
                }
            ],
        }
    ]
}
_CARGO = {
    "database": {},
    "lockfile": {"dependency-count": 12},
    "settings": {},
    "vulnerabilities": {
        "found": True,
        "count": 1,
        "list": [
            {
                "advisory": {
                    "id": "RUSTSEC-2020-0071",
                    "package": "time",
                    "title": "segfault",
                    "aliases": ["CVE-2020-26235"],
                    "cvss": "CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H",
                    "url": "https://example.org",
                },
                "versions": {"patched": [">=0.2.23"], "unaffected": []},
                "package": {"name": "time", "version": "0.1.44"},
            }
        ],
    },
    "warnings": {
        "yanked": [{"kind": "yanked", "package": {"name": "a", "version": "1"}, "advisory": None}],
    },
}
_BUNDLER = {
    "version": "0.9.1",
    "created_at": "2026-01-01 00:00:00 +0000",
    "results": [
        {"type": "insecure_source", "source": "http://rubygems.org"},
        *2
        * [
            {
                "type": "unpatched_gem",
                "gem": {"name": "rack", "version": "2.0.1"},
                "advisory": {
                    "id": "CVE-2018-16471",
                    "cve": "2018-16471",
                    "ghsa": "5r2p-j47h-mhpg",
                    "cvss_v3": 6.1,
                    "patched_versions": ["~> 1.6.11", ">= 2.0.6"],
                    "criticality": "medium",
                    "title": "XSS",
                },
            }
        ],
    ],
}
_COMPOSER = {
    "advisories": {
        "symfony/http-kernel": [
            {
                "advisoryId": "PKSA-1",
                "packageName": "symfony/http-kernel",
                "affectedVersions": ">=2.0.0,<4.4.50",
                "title": "CVE-2022-24894",
                "cve": "CVE-2022-24894",
                "sources": [{"name": "GitHub", "remoteId": "GHSA-h7vf-5wrv-9fhv"}],
                "severity": "high",
            }
        ]
    },
    "abandoned": [],
}
_GO = """\
{
  "config": {
    "protocol_version": "v1.0.0",
    "scanner_name": "govulncheck",
    "scanner_version": "v1.1.4",
    "scan_level": "symbol"
  }
}
{"progress": {"message": "Scanning"}}
{
  "osv": {"id": "GO-2022-0969", "aliases": ["CVE-2022-27664"], "summary": "DoS in net/http"}
}
{"finding": {"osv": "GO-2022-0969", "fixed_version": "v1.18.6", "trace": [
  {"module": "stdlib", "version": "v1.18.0"}]}}
{"finding": {"osv": "GO-2022-0969", "fixed_version": "v1.18.6", "trace": [
  {"module": "stdlib", "version": "v1.18.0", "package": "net/http", "function": "Serve"}]}}
"""
_DOTNET = {
    "version": 1,
    "parameters": "--vulnerable --include-transitive",
    "projects": [
        {
            "path": "/home/dev/app/app.csproj",
            "frameworks": [
                {
                    "framework": name,
                    "topLevelPackages": [
                        {
                            "id": "Newtonsoft.Json",
                            "resolvedVersion": "12.0.1",
                            "vulnerabilities": [{"severity": "High", "advisoryurl": _URL}],
                        }
                    ],
                }
                for name in ("net7.0", "net8.0")
            ],
        }
    ],
}
_SAFETY = {
    "report_meta": {"safety_version": "2.3.5", "packages_found": 3},
    "affected_packages": {},
    "vulnerabilities": [
        {
            "vulnerability_id": "44742",
            "package_name": "django",
            "analyzed_version": "2.2",
            "CVE": "CVE-2022-22818",
            "advisory": "XSS",
            "fixed_versions": ["2.2.27"],
            "severity": {"cvssv3": {"base_score": 6.1, "base_severity": "MEDIUM"}},
            "is_transitive": False,
        }
    ],
    "ignored_vulnerabilities": [
        {"vulnerability_id": "1", "package_name": "django", "ignored_reason": "not used"}
    ],
}
_SNYK = {
    "vulnerabilities": 2
    * [
        {
            "id": "SNYK-JS-MINIMIST-559764",
            "packageName": "minimist",
            "version": "0.0.8",
            "severity": "medium",
            "cvssScore": 5.6,
            "identifiers": {"CVE": ["CVE-2020-7598"], "GHSA": [_GHSA]},
            "from": ["app@1.0.0", "minimist@0.0.8"],
            "fixedIn": ["0.2.1"],
            "language": "js",
            "packageManager": "npm",
        }
    ],
    "ok": False,
    "packageManager": "npm",
    "projectName": "app",
}
_CHECK = {
    "reportSchema": "1.1",
    "scanInfo": {"engineVersion": "9.0.0"},
    "projectInfo": {"name": "app", "reportDate": "2026-01-01T00:00:00Z"},
    "dependencies": [
        {
            "fileName": "log4j-core-2.14.0.jar",
            "filePath": "/home/dev/app/lib/log4j-core-2.14.0.jar",
            "packages": [{"id": "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.0"}],
            "vulnerabilities": [
                {
                    "name": "CVE-2021-44228",
                    "severity": "CRITICAL",
                    "cvssv3": {"baseScore": 10.0},
                    "description": "JNDI",
                }
            ],
            "suppressedVulnerabilities": [{"name": "CVE-2021-45046", "notes": "no lookups"}],
        }
    ],
}
_UV = {
    "schema": {"version": "preview"},
    "summary": {"audited_packages": 2, "vulnerabilities": 1, "adverse_statuses": 0},
    "vulnerabilities": [
        {
            "dependency": {"name": "jinja2", "version": "3.1.2"},
            "id": "GHSA-cpwx-vrp4-4pq7",
            "aliases": ["CVE-2025-27516"],
            "summary": "sandbox breakout",
            "fix_versions": ["3.1.6"],
        }
    ],
}
_BUN = {
    "minimist": [
        {
            "id": 1097678,
            "url": _URL,
            "title": "Prototype Pollution",
            "severity": "critical",
            "vulnerable_versions": "<0.2.4",
            "cvss": {"score": 9.8, "vectorString": "CVSS:3.1/AV:N"},
        }
    ]
}

# Report; format; id, aliases, canonical name, version, level, score, fixed versions, direct.
EXAMPLES: dict[str, tuple[Any, str, list[tuple[Any, ...]]]] = {
    "bundler": (
        _BUNDLER,
        "bundler-audit",
        [
            (
                "CVE-2018-16471",
                ["GHSA-5r2p-j47h-mhpg"],
                "rack",
                "2.0.1",
                "medium",
                6.1,
                ["~> 1.6.11", ">= 2.0.6"],
                None,
            )
        ],
    ),
    "bun": (
        _BUN,
        "bun-audit",
        [(_GHSA, ["1097678"], "minimist", "<0.2.4", "critical", 9.8, [], None)],
    ),
    "cargo": (
        _CARGO,
        "cargo-audit",
        [
            (
                "RUSTSEC-2020-0071",
                ["CVE-2020-26235"],
                "time",
                "0.1.44",
                None,
                6.2,
                [">=0.2.23"],
                None,
            )
        ],
    ),
    "composer": (
        _COMPOSER,
        "composer-audit",
        [
            (
                "CVE-2022-24894",
                ["GHSA-h7vf-5wrv-9fhv", "PKSA-1"],
                "symfony/http-kernel",
                ">=2.0.0,<4.4.50",
                "high",
                None,
                [],
                None,
            )
        ],
    ),
    "Dependency-Check": (
        _CHECK,
        "dependency-check",
        [
            (
                "CVE-2021-44228",
                [],
                "org.apache.logging.log4j:log4j-core",
                "2.14.0",
                "CRITICAL",
                10.0,
                [],
                None,
            ),
            (
                "CVE-2021-45046",
                [],
                "org.apache.logging.log4j:log4j-core",
                "2.14.0",
                None,
                None,
                [],
                None,
            ),
        ],
    ),
    "dotnet": (
        _DOTNET,
        "dotnet-packages",
        [(_GHSA, [_URL], "newtonsoft.json", "12.0.1", "High", None, [], True)],
    ),
    "govulncheck": (
        _GO,
        "govulncheck",
        [
            (
                "GO-2022-0969",
                ["CVE-2022-27664"],
                "stdlib",
                "v1.18.0",
                None,
                None,
                ["v1.18.6"],
                None,
            )
        ],
    ),
    "npm 6, pnpm": (
        {"actions": [], "advisories": {"1179": _OLD}, "metadata": {}},
        "npm-audit",
        [(_GHSA, ["CVE-2020-7598", "1179"], "minimist", "0.0.8", "low", None, [">=0.2.1"], True)],
    ),
    "osv-scanner": (
        _OSV,
        "osv-scanner",
        [
            (
                "GHSA-462w-v97r-4m45",
                ["PYSEC-2019-217", "CVE-2019-10906"],
                "jinja2",
                "2.4.1",
                "HIGH",
                8.6,
                ["2.10.1"],
                None,
            )
        ],
    ),
    "safety": (
        _SAFETY,
        "safety",
        [
            ("44742", ["CVE-2022-22818"], "django", "2.2", "MEDIUM", 6.1, ["2.2.27"], True),
            ("1", [], "django", None, None, None, [], None),
        ],
    ),
    "safety 1": (
        [["django", "<2.2.27", "2.2", "XSS", "44742", None, None]],
        "safety",
        [("44742", [], "django", "2.2", None, None, [], None)],
    ),
    "snyk": (
        _SNYK,
        "snyk-test",
        [
            (
                "SNYK-JS-MINIMIST-559764",
                ["CVE-2020-7598", _GHSA],
                "minimist",
                "0.0.8",
                "medium",
                5.6,
                ["0.2.1"],
                True,
            )
        ],
    ),
    "uv": (
        _UV,
        "uv-audit",
        [
            (
                "GHSA-cpwx-vrp4-4pq7",
                ["CVE-2025-27516"],
                "jinja2",
                "3.1.2",
                None,
                None,
                ["3.1.6"],
                None,
            )
        ],
    ),
    "yarn 1": (
        "\n".join(map(json.dumps, _YARN_1)),
        "yarn-audit",
        [(_GHSA, ["CVE-2020-7598", "1179"], "minimist", "0.0.8", "low", None, [">=0.2.1"], True)],
    ),
    "yarn 4": (
        "\n".join(map(json.dumps, _YARN_4)),
        "yarn-audit",
        [
            (_GHSA, ["1097678"], "minimist", "0.0.8", "critical", None, [], None),
            (_GHSA, ["1097678"], "minimist", "0.1.0", "critical", None, [], None),
        ],
    ),
}


@pytest.mark.parametrize("example", EXAMPLES)
def test_advisories(example: str) -> None:
    content, name, expected = EXAMPLES[example]
    facts = read_report(content if isinstance(content, str) else json.dumps(content))
    assert facts.format == name
    assert [
        (
            one.advisory_id,
            json.loads(one.aliases or "[]"),
            one.canonical_name,
            one.version,
            one.level,
            one.cvss_score,
            json.loads(one.fixed_versions or "[]"),
            one.is_direct,
        )
        for one in facts.advisories
    ] == expected
    assert not facts.faults() and facts.runs[0].is_measured is True


def test_a_warning_of_cargo_audit_is_a_finding_and_no_vulnerability() -> None:
    (one,) = read_report(json.dumps(_CARGO)).findings
    assert (one.rule_id, one.level, one.message) == ("yanked", "yanked", "a 1: yanked")


@pytest.mark.parametrize(
    ("step", "why"),
    [
        ({}, "vulnerable_code_not_present"),
        ({"package": "net/http"}, "vulnerable_code_not_in_execute_path"),
        ({"package": "net/http", "function": "Serve"}, None),
    ],
)
def test_govulncheck_rules_out_what_the_code_does_not_call(
    step: dict[str, str], why: str | None
) -> None:
    finding = {"osv": "GO-2022-1", "trace": [{"module": "stdlib", "version": "v1.18.0", **step}]}
    config = {"protocol_version": "v1.0.0", "scanner_name": "govulncheck", "scan_level": "symbol"}
    text = json.dumps({"config": config}) + json.dumps({"finding": finding})
    (one,) = read_report(text).advisories
    assert (one.is_suppressed, one.suppression) == (why is not None, why)


def test_suppressed_advisories_say_why() -> None:
    for report in (_CHECK, _SAFETY):
        one = read_report(json.dumps(report)).advisories[1]
        assert one.is_suppressed and one.suppression


@pytest.mark.parametrize(
    "report",
    [
        {"error": {"code": "ENOLOCK", "summary": "needs a lock", "detail": "x"}},
        {"error": {"code": "ERR_PNPM_AUDIT_BAD_RESPONSE", "message": "the registry refused"}},
        {
            "version": 1,
            "parameters": "--vulnerable",
            "problems": [{"level": "error", "text": "No assets file was found"}],
            "projects": [{"path": "/home/dev/app.csproj"}],
        },
        {"ok": False, "error": "no supported target", "path": "/home/dev"},
        _UV | {"summary": {"audited_packages": 0, "vulnerabilities": 0}, "vulnerabilities": []},
        _CARGO | {"lockfile": {"dependency-count": 0}, "vulnerabilities": {"list": [], "count": 0}},
    ],
)
def test_an_audit_that_examined_nothing_is_not_measured(report: dict[str, Any]) -> None:
    facts = read_report(json.dumps(report))
    assert facts.runs[0].is_measured is False and facts.runs[0].unmeasured_reason
    assert not facts.advisories


@pytest.mark.parametrize(
    "document",
    [
        {"results": []},
        {"error": {"code": "X", "message": "y"}},
        {"vulnerabilities": []},
        {"advisories": []},
        {"dependencies": [{"name": "x", "version": "1"}]},
        {"projects": [], "version": 1},
        {"config": {"a": 1}},
        {"type": "object", "data": {}},
        {"value": "x", "children": {"a": 1}},
        {"results": [{"type": "x"}], "experimental_config": {"n_trials": 1}},
        [["a", "b", "c", "d", "e"]],
        {"minimist": [{"id": 1, "url": "x"}]},
    ],
)
def test_other_documents_are_no_audits(document: Any) -> None:
    assert read_report(json.dumps(document)).format is None


def test_an_advisory_without_an_id_is_refused() -> None:
    report = {"dependencies": [{"name": "x", "version": "1", "vulns": [{"id": ""}]}], "fixes": []}
    assert "without an id" in reason_of(json.dumps(report))


def test_the_score_0_says_that_there_is_none() -> None:
    via = [
        {"source": 1, "url": _URL, "severity": "low", "cvss": {"score": 0, "vectorString": None}}
    ]
    report = {"auditReportVersion": 2, "vulnerabilities": {"x": {"name": "x", "via": via}}}
    assert read_report(json.dumps(report)).advisories[0].cvss_score is None
