"""SBOMs, lock files and audits: what they land, against the tools' own figures."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.python.support.read_reports import (
    SHARED_REPORTS,
    Facts,
    needs_shared_reports,
    read_report,
)

# Counted with jq and grep in the report: format, components without roots, links, direct, for
# development, optional. None: the format does not mark it.
_EXPECTED = {
    "_projects/bunp/bun.lock": ("bun-lock", 15, 17, 8, 6, 0),
    "_projects/yarnp/yarn.lock": ("yarn-berry-lock", 15, 16, 8, None, None),
    "cargo/1.95.0/workspace.Cargo.lock": ("cargo-lock", 2, 4, 2, None, None),
    "cdxgen/12.8.4/shop-web.cdx.json": ("cyclonedx-json", 136, 435, 7, 129, 1),
    "cyclonedx-py/7.5.0/environment-pyproject.cdx.json": ("cyclonedx-json", 25, 32, 4, None, None),
    "cyclonedx-py/7.5.0/environment.cdx.json": ("cyclonedx-json", 25, 28, None, None, None),
    "cyclonedx-py/7.5.0/pipenv.cdx.json": ("cyclonedx-json", 12, 0, None, 5, None),
    "cyclonedx-py/7.5.0/poetry-classic.cdx.json": ("cyclonedx-json", 15, 15, 3, 1, None),
    "cyclonedx-py/7.5.0/requirements-1.7.cdx.json": ("cyclonedx-json", 5, 0, None, None, None),
    "checkov/3.3.30/infra.cyclonedx.xml": ("cyclonedx-xml", 7, 0, None, None, None),
    "cyclonedx-py/7.5.0/requirements.cdx.xml": ("cyclonedx-xml", 5, 0, None, None, None),
    "cargo/1.95.0/metadata.json": ("cargo-metadata", 2, 4, 2, 0, 0),
    "license-checker/5.0.1/licenses.json": ("license-checker", 136, 0, None, None, None),
    "npm-sbom/11.19.1/mono.cdx.json": ("cyclonedx-json", 17, 19, 3, 6, 0),
    "npm-sbom/11.19.1/mono.spdx.json": ("spdx-json", 17, 19, 3, 6, 0),
    "npm-sbom/11.19.1/shop-web.spdx.json": ("spdx-json", 135, 434, 6, 128, 0),
    "npm-sbom/11.19.1/shop-web-lockonly.cdx.json": ("cyclonedx-json", 136, 435, 7, 128, 1),
    "npm-sbom/11.19.1/shop-web-prod.cdx.json": ("cyclonedx-json", 7, 7, 4, 0, 0),
    "npm-sbom/11.19.1/shop-web.cdx.json": ("cyclonedx-json", 135, 434, 6, 128, 0),
    "npm/11.19.1/mono.hidden-lock.json": ("npm-lock", 15, 16, 7, 6, 0),
    "npm/11.19.1/mono.ls.json": ("npm-tree", 17, 19, 3, None, None),
    "npm/11.19.1/mono.package-lock.json": ("npm-lock", 15, 17, 8, 6, 0),
    "npm/11.19.1/shop-web.ls.json": ("npm-tree", 135, 434, 6, None, None),
    "npm/11.19.1/shop-web.package-lock.json": ("npm-lock", 136, 435, 7, 128, 1),
    "pip-tools/7.6.2/requirements.txt": ("pinned-requirements", 17, 0, 4, None, None),
    "pip/26.3/install-report.json": ("pip-inspect", 1, 0, 1, None, None),
    "pip/26.3/pip-freeze.txt": ("pinned-requirements", 24, 0, None, None, None),
    "pip/26.3/pip-inspect-of-pip-installed.json": ("pip-inspect", 8, 8, 3, None, None),
    "pip/26.3/pip-inspect-of-uv-installed.json": ("pip-inspect", 25, 29, None, None, None),
    "pip/26.3/pip-list.json": ("pip-list", 25, 0, None, None, None),
    "pip/26.3/pip-lock.pylock.toml": ("pylock", 5, 0, None, None, None),
    "pnpm/10.34.9/mono.pnpm-lock.yaml": ("pnpm-lock", 15, 17, 8, 6, 0),
    "pnpm/12.21.0/mono.pnpm-lock.yaml": ("pnpm-lock", 15, 17, 8, 6, 0),
    "poetry/2.5.1/classic.poetry.lock": ("poetry-lock", 16, 12, None, 9, 1),
    "poetry/2.5.1/exported-requirements.txt": ("pinned-requirements", 6, 0, None, None, None),
    "poetry/2.5.1/exported.pylock.toml": ("pylock", 15, 0, None, None, None),
    "poetry/2.5.1/shop.poetry.lock": ("poetry-lock", 17, 13, None, 10, 1),
    "reuse/6.2.0/proj.spdx": ("spdx-tag-value", 5, 0, None, None, None),
    "uv/0.13.9/uv-pip-list.json": ("pip-list", 25, 0, None, None, None),
    "uv/0.13.9/workspace.cdx.json": ("cyclonedx-json", 18, 21, 6, None, None),
    "uv/0.13.9/workspace.pylock.toml": ("pylock", 20, 0, None, None, None),
    "uv/0.13.9/workspace.requirements.txt": ("pinned-requirements", 18, 0, None, None, None),
    "uv/0.13.9/workspace.uv.lock": ("uv-lock", 19, 22, 7, 10, 1),
    "yarn-classic/1.22.22/mono.yarn.lock": ("yarn-lock", 15, 7, None, None, None),
}


def _marked(facts: Facts, column: str) -> int | None:
    """Return how many have the mark; None if it is not known of any."""
    values = [getattr(one, column) for one in facts.components if not one.is_root]
    return values.count(True) if any(value is not None for value in values) else None


@needs_shared_reports
@pytest.mark.parametrize("place", _EXPECTED)
def test_components_of_genuine_reports(place: str) -> None:
    facts = read_report(SHARED_REPORTS / place)
    found = (
        facts.format,
        sum(not one.is_root for one in facts.components),
        len(facts.links),
        *(_marked(facts, column) for column in ("is_direct", "is_dev", "is_optional")),
    )
    assert found == _EXPECTED[place]
    assert not facts.faults() and len(facts.runs) == 1
    references = [one.reference for one in facts.components]
    assert len(references) == len(set(references))
    assert {link.to_reference for link in facts.links} <= set(references)


@needs_shared_reports
@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("pip-audit/2.10.1/all-skipped.json", "21 packages skipped"),
        ("pip-audit/2.10.1/all-skipped.cdx.json", "no components"),
        ("npm/11.19.1/npm-audit-registry-refused.json", "405 Method Not Allowed"),
    ],
)
def test_an_audit_that_could_ask_nobody_measured_nothing(place: str, reason: str) -> None:
    facts = read_report(SHARED_REPORTS / place)
    assert not facts.advisories and facts.runs[0].is_measured is False
    assert reason in (facts.runs[0].unmeasured_reason or "")


def _one(facts: Facts, **wanted: Any) -> Any:
    found = [
        one
        for one in facts.components
        if all(getattr(one, key) == value for key, value in wanted.items())
    ]
    assert len(found) == 1, found
    return found[0]


@needs_shared_reports
def test_npm_names_a_root_by_its_folder_and_an_alias_by_its_alias_the_purl_is_right() -> None:
    facts = read_report(SHARED_REPORTS / "npm-sbom/11.19.1/mono.cdx.json")
    assert _one(facts, canonical_name="@shop/app").name == "app"
    assert _one(facts, name="lodash-alias").canonical_name == "lodash"
    lock = read_report(SHARED_REPORTS / "npm/11.19.1/mono.package-lock.json")
    assert _one(lock, name="lodash-alias").purl == "pkg:npm/lodash@4.17.19"
    assert {one.name for one in lock.components if one.is_root} == {
        "mono",
        "@shop/app",
        "@shop/core",
    }


@needs_shared_reports
def test_one_package_has_one_name_whichever_tool_writes_it() -> None:
    for place in (
        "cyclonedx-py/7.5.0/environment.cdx.json",
        "cyclonedx-py/7.5.0/pipenv.cdx.json",
        "cyclonedx-py/7.5.0/poetry-classic.cdx.json",
        "poetry/2.5.1/shop.poetry.lock",
    ):
        one = _one(read_report(SHARED_REPORTS / place), canonical_name="zope-interface")
        assert one.ecosystem == "python"


@needs_shared_reports
def test_uv_members_are_roots_and_a_tag_is_no_part_of_the_place_of_a_git_dependency() -> None:
    facts = read_report(SHARED_REPORTS / "uv/0.13.9/workspace.uv.lock")
    roots = {one.name: one.source_place for one in facts.components if one.is_root}
    assert roots == {
        "shop-app": "packages/app",
        "shop-core": "packages/core",
        "shop-workspace": ".",
    }
    versions = {one.version for one in facts.components if one.name == "zope-interface"}
    assert versions == {"8.6", "8.7"}
    assert _one(facts, name="paylib").source_kind in ("git", "path")
    dev = {one.name for one in facts.components if one.is_dev}
    assert {"pytest", "mistune", "pluggy"} <= dev and "requests" not in dev
    assert _one(facts, name="pyyaml").is_optional is True


def test_npm_audits_of_both_versions_and_pip_audit_give_advisories() -> None:
    new = {
        "auditReportVersion": 2,
        "vulnerabilities": {
            "minimist": {
                "name": "minimist",
                "severity": "critical",
                "isDirect": True,
                "via": [
                    {
                        "source": 1097678,
                        "name": "minimist",
                        "title": "Prototype Pollution",
                        "url": "https://github.com/advisories/GHSA-xvch-5gv4-984h",
                        "severity": "critical",
                        "cvss": {"score": 9.8, "vectorString": "CVSS:3.1/AV:N"},
                        "range": "<0.2.4",
                    }
                ],
                "range": "<0.2.4",
                "fixAvailable": {"name": "minimist", "version": "0.2.4"},
            },
            "mkdirp": {"name": "mkdirp", "severity": "critical", "via": ["minimist"]},
        },
    }
    (one,) = read_report(json.dumps(new)).advisories
    assert (one.advisory_id, one.aliases) == ("GHSA-xvch-5gv4-984h", '["1097678"]')
    assert (one.cvss_score, one.level, one.is_direct) == (9.8, "critical", True)
    assert (one.fixed_versions, one.canonical_name) == ('["0.2.4"]', "minimist")
    old = {
        "actions": [],
        "advisories": {
            "1179": {
                "id": 1179,
                "module_name": "minimist",
                "severity": "low",
                "title": "Prototype Pollution",
                "url": "https://npmjs.com/advisories/1179",
                "cves": ["CVE-2020-7598"],
                "patched_versions": ">=0.2.1",
                "findings": [{"version": "0.0.8", "paths": ["mkdirp>minimist"]}],
            }
        },
    }
    (one,) = read_report(json.dumps(old)).advisories
    assert (one.advisory_id, one.aliases, one.version) == ("CVE-2020-7598", '["1179"]', "0.0.8")
    assert one.purl == "pkg:npm/minimist@0.0.8" and one.is_direct is False
    audit = {
        "dependencies": [
            {
                "name": "Jinja2",
                "version": "2.4.1",
                "vulns": [
                    {
                        "id": "PYSEC-2019-217",
                        "fix_versions": ["2.10.1"],
                        "aliases": ["CVE-2019-10906", "GHSA-462w-v97r-4m45"],
                        "description": "sandbox",
                    }
                ],
            },
            {"name": "internal", "skip_reason": "not found"},
        ],
        "fixes": [],
    }
    facts = read_report(json.dumps(audit))
    (one,) = facts.advisories
    assert (one.advisory_id, one.canonical_name) == ("PYSEC-2019-217", "jinja2")
    assert facts.runs[0].is_measured is True


@needs_shared_reports
def test_reuse_writes_a_line_for_each_licence_without_the_operator_between_them() -> None:
    facts = read_report(SHARED_REPORTS / "reuse/6.2.0/proj.spdx")
    licences = {facts.path(one): one.licence for one in facts.components}
    assert licences["./src/b.py"] == "Apache-2.0, MIT" and licences["./src/noheader.py"] is None


@needs_shared_reports
@pytest.mark.parametrize(
    "place",
    [
        "_projects/yarnp/.yarnrc.yml",
        "cargo/1.95.0/workspace.Cargo.toml",
        "dbt-core/1.12.6/catalog.json",
        "npm/11.19.1/mono.outdated.json",
        "npm/11.19.1/mono.package.json",
        "npm/11.19.1/shop-web.package.json",
        "pip-audit/2.10.1/all-skipped.stderr.txt",
        "pnpm/10.34.9/mono.pnpm-workspace.yaml",
        "poetry/2.5.1/shop.pyproject.toml",
        "pre-commit/4.7.0/pre-commit-config.yaml",
        "uv/0.13.9/workspace.pyproject.toml",
    ],
)
def test_files_beside_reports_are_no_reports(place: str) -> None:
    assert read_report(SHARED_REPORTS / place).format is None
