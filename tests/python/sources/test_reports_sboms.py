"""SBOMs in each format, from small examples."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from loaders.sources.reports.reading.package_names import without_credentials
from tests.python.support.read_reports import (
    SHARED_REPORTS,
    Facts,
    needs_shared_reports,
    read_report,
)


def _cyclonedx(**more: Any) -> str:
    return json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, **more})


def _component(purl: str, **more: Any) -> dict[str, Any]:
    name = purl.partition("@")[0].rpartition("/")[2]
    return {"type": "library", "name": name, "bom-ref": purl, "purl": purl, **more}


_LEFT, _RIGHT = "pkg:npm/left-pad@1.3.0", "pkg:pypi/zope.interface@6.4"


def test_nested_components_are_components() -> None:
    inner = _component(_RIGHT)
    facts = read_report(_cyclonedx(components=[_component(_LEFT, components=[inner])]))
    assert [one.purl for one in facts.components] == [_LEFT, _RIGHT]


@pytest.mark.parametrize(
    ("licences", "expected"),
    [
        ([{"license": {"id": "MIT"}}], "MIT"),
        ([{"expression": "MIT OR Apache-2.0"}], "MIT OR Apache-2.0"),
        (
            [{"license": {"name": "License :: OSI Approved :: BSD License"}}],
            "License :: OSI Approved :: BSD License",
        ),
        ([{"license": {"id": "MIT"}}, {"license": {"id": "ISC"}}], "MIT, ISC"),
        ([], None),
    ],
)
def test_licences(licences: list[Any], expected: str | None) -> None:
    facts = read_report(_cyclonedx(components=[_component(_LEFT, licenses=licences)]))
    assert facts.components[0].licence == expected


def test_scope_and_properties_of_npm() -> None:
    dev = [{"name": "cdx:npm:package:development", "value": "true"}]
    facts = read_report(
        _cyclonedx(
            components=[
                _component(_LEFT, scope="required", properties=dev),
                _component("pkg:npm/a@1", scope="required"),
                _component("pkg:npm/b@1", scope="optional"),
                _component(_RIGHT),
            ]
        )
    )
    assert [(one.is_dev, one.is_optional) for one in facts.components] == [
        (True, False),
        (False, False),
        (False, True),
        (None, None),
    ]


@pytest.mark.parametrize(
    ("state", "is_suppressed"),
    [
        ("not_affected", True),
        ("false_positive", True),
        ("exploitable", False),
        ("in_triage", False),
        (None, False),
    ],
)
def test_a_vex_statement_rules_an_advisory_out(state: str | None, is_suppressed: bool) -> None:
    vulnerability = {
        "id": "CVE-2026-1",
        "references": [{"id": "GHSA-aaaa-bbbb-cccc"}, {"id": "CVE-2026-1"}],
        "ratings": [
            {"severity": "low", "score": 3.1, "method": "CVSSv31", "vector": "CVSS:3.1/AV:L"},
            {"severity": "high", "score": 8, "method": "CVSSv31", "vector": "CVSS:3.1/AV:N"},
            {"severity": "info", "score": 99, "method": "other"},
        ],
        "affects": [{"ref": _RIGHT}],
        "analysis": {"state": state, "justification": "code_not_reachable"} if state else None,
    }
    facts = read_report(
        _cyclonedx(components=[_component(_RIGHT)], vulnerabilities=[vulnerability])
    )
    (one,) = facts.advisories
    assert one.is_suppressed is is_suppressed
    assert (one.suppression is not None) is is_suppressed
    assert (one.level, one.cvss_score, one.cvss_vector) == ("high", 8.0, "CVSS:3.1/AV:N")
    assert (one.aliases, one.canonical_name) == ('["GHSA-aaaa-bbbb-cccc"]', "zope-interface")
    # A VEX document of its own names components of another document.
    reference = "urn:cdx:0/1#pkg%3Apypi%2Fzope.interface%406.4"
    alone = read_report(
        _cyclonedx(vulnerabilities=[vulnerability | {"affects": [{"ref": reference}]}])
    )
    assert (alone.advisories[0].name, alone.advisories[0].version) == ("zope-interface", "6.4")
    assert alone.runs[0].is_measured is True


_XML = f"""<?xml version="1.0"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.4" version="1">
  <metadata>
    <timestamp>2026-01-01T01:00:00+01:00</timestamp>
    <tools><tool><vendor>acme</vendor><name>maker</name><version>2</version></tool></tools>
    <component type="application" bom-ref="root"><name>app</name></component>
  </metadata>
  <components>
    <component type="library" bom-ref="a"><name>left-pad</name><version>1.3.0</version>
      <licenses><license><id>WTFPL</id></license></licenses><purl>{_LEFT}</purl>
      <components>
        <component type="library" bom-ref="b"><name>zope.interface</name><purl>{_RIGHT}</purl>
        </component>
      </components>
    </component>
  </components>
  <dependencies>
    <dependency ref="root"><dependency ref="a"/></dependency>
    <dependency ref="a"><dependency ref="b"/></dependency>
    <dependency ref="b"/>
  </dependencies>
  <vulnerabilities>
    <vulnerability><id>CVE-2026-1</id>
      <ratings><rating><score>9.8</score><severity>critical</severity><method>CVSSv31</method>
      </rating></ratings>
      <analysis><state>not_affected</state></analysis>
      <affects><target><ref>b</ref></target></affects>
    </vulnerability>
  </vulnerabilities>
</bom>
"""


def test_xml_has_the_facts_of_json() -> None:
    facts = read_report(_XML)
    assert facts.format == "cyclonedx-xml"
    assert {(one.name, one.is_root, one.is_direct) for one in facts.components} == {
        ("app", True, None),
        ("left-pad", False, True),
        ("zope.interface", False, False),
    }
    assert [tuple(link)[:2] for link in facts.links] == [("root", "a"), ("a", "b")]
    (one,) = facts.advisories
    assert (one.canonical_name, one.cvss_score, one.is_suppressed) == ("zope-interface", 9.8, True)
    assert facts.runs[0].ended_at == datetime(2026, 1, 1)
    assert (facts.runs[0].tool_name, facts.runs[0].tool_version) == ("maker", "2")


@needs_shared_reports
def test_checkov_writes_misconfigured_resources_as_vulnerabilities_of_components() -> None:
    facts = read_report(SHARED_REPORTS / "checkov/3.3.30/infra.cyclonedx.xml")
    assert (len(facts.findings), len(facts.advisories)) == (24, 0)
    assert facts.runs[0].tool_name == "checkov"


def _spdx(name: str, purl: str, **more: Any) -> dict[str, Any]:
    return {
        "SPDXID": f"SPDXRef-{name}",
        "name": name,
        "versionInfo": "1",
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "MIT",
        "externalRefs": [{"referenceType": "purl", "referenceLocator": purl}],
        **more,
    }


def _related(first: str, kind: str, second: str) -> dict[str, str]:
    return {
        "spdxElementId": f"SPDXRef-{first}",
        "relationshipType": kind,
        "relatedSpdxElement": f"SPDXRef-{second}",
    }


_SPDX = {
    "spdxVersion": "SPDX-2.3",
    "SPDXID": "SPDXRef-DOCUMENT",
    "creationInfo": {
        "created": "2026-01-01T00:00:00.874Z",
        "creators": ["Organization: acme", "Tool: npm/cli-11.19.1"],
    },
    "packages": [
        _spdx("app", "pkg:npm/app@1"),
        _spdx("jest", "pkg:npm/jest@1"),
        _spdx("chalk", "pkg:npm/chalk@1"),
        _spdx("react", "pkg:npm/react@1"),
    ],
    "relationships": [
        _related("DOCUMENT", "DESCRIBES", "app"),
        _related("jest", "DEV_DEPENDENCY_OF", "app"),
        _related("chalk", "DEPENDENCY_OF", "jest"),
        _related("react", "PREREQUISITE_FOR", "app"),
    ],
}


def _marks(facts: Facts) -> dict[str, Any]:
    return {one.name: (one.is_root, one.is_direct, one.is_dev) for one in facts.components}


def test_spdx_marks_direct_dependencies_for_development_and_the_rest_follows() -> None:
    facts = read_report(json.dumps(_SPDX))
    assert _marks(facts) == {
        "app": (True, None, None),
        "jest": (False, True, True),
        "chalk": (False, False, True),
        "react": (False, True, False),
    }
    assert {(link.to_reference, link.link_kind) for link in facts.links} == {
        ("SPDXRef-jest", "dev"),
        ("SPDXRef-chalk", "runtime"),
        ("SPDXRef-react", "peer"),
    }
    assert facts.components[1].licence == "MIT"
    run = facts.runs[0]
    assert (run.tool_name, run.tool_version) == ("npm", "11.19.1")
    assert run.ended_at == datetime(2026, 1, 1, microsecond=874000)


def test_the_export_of_github_is_the_same_in_an_envelope() -> None:
    facts = read_report(json.dumps({"sbom": _SPDX}))
    assert facts.format == "spdx-github"
    assert _marks(facts) == _marks(read_report(json.dumps(_SPDX)))


def test_without_development_dependencies_nothing_is_known_of_them() -> None:
    relations = [
        _related("DOCUMENT", "DESCRIBES", "app"),
        _related("app", "DEPENDS_ON", "jest"),
        _related("jest", "DEPENDS_ON", "chalk"),
    ]
    facts = read_report(json.dumps(_SPDX | {"relationships": relations}))
    assert _marks(facts)["jest"] == (False, True, None)
    assert facts.links[0].link_kind is None


def test_a_flat_list_below_the_root_does_not_say_what_is_direct() -> None:
    relations = [_related("DOCUMENT", "DESCRIBES", "app")]
    relations += [_related("app", "DEPENDS_ON", name) for name in ("jest", "chalk", "react")]
    facts = read_report(json.dumps({"sbom": _SPDX | {"relationships": relations}}))
    assert {one.is_direct for one in facts.components} == {None}
    names = ["pkg:npm/a@1", "pkg:npm/b@1"]
    flat = _cyclonedx(
        metadata={"component": {"type": "application", "name": "app", "bom-ref": "app"}},
        components=[_component(name) for name in names],
        dependencies=[{"ref": "app", "dependsOn": names}, {"ref": names[0]}],
    )
    assert {one.is_direct for one in read_report(flat).components} == {None}


def test_a_lock_file_between_the_root_and_its_dependencies_is_no_dependency() -> None:
    names = ["pkg:npm/a@1", "pkg:npm/b@1"]
    lock = {"type": "application", "name": "package-lock.json", "bom-ref": "lock"}
    facts = read_report(
        _cyclonedx(
            metadata={
                "component": {
                    "type": "application",
                    "name": "app",
                    "bom-ref": "app",
                    "components": [{"type": "library", "name": "module", "bom-ref": "module"}],
                }
            },
            components=[lock, *(_component(name) for name in names)],
            dependencies=[
                {"ref": "app", "dependsOn": ["lock"]},
                {"ref": "lock", "dependsOn": names[:1]},
                {"ref": names[0], "dependsOn": names[1:]},
            ],
        )
    )
    assert [(one.name, one.is_root, one.is_direct) for one in facts.components] == [
        ("app", True, None),
        ("module", True, None),
        ("package-lock.json", False, False),
        ("a", False, True),
        ("b", False, False),
    ]


_TAG_VALUE = """\
SPDXVersion: SPDX-2.3
SPDXID: SPDXRef-DOCUMENT
Creator: Tool: maker-1.0
Created: 2026-01-01T00:00:00Z

PackageName: app
SPDXID: SPDXRef-app
PackageVersion: 1
PackageComment: <text>several
PackageName: of no package
lines</text>

PackageName: jest
SPDXID: SPDXRef-jest
PackageLicenseDeclared: MIT
ExternalRef: PACKAGE-MANAGER purl pkg:npm/jest@1

FileName: ./src/a.py
SPDXID: SPDXRef-file
LicenseConcluded: NOASSERTION
LicenseInfoInFile: Apache-2.0
LicenseInfoInFile: MIT

Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-app
Relationship: SPDXRef-jest DEV_DEPENDENCY_OF SPDXRef-app
Relationship: SPDXRef-jest DEPENDS_ON SPDXRef-chalk
"""


def test_tag_value_form() -> None:
    facts = read_report(_TAG_VALUE)
    assert facts.format == "spdx-tag-value"
    assert _marks(facts)["jest"] == (False, True, True)
    file = facts.components[-1]
    assert (facts.path(file), file.component_type, file.licence) == (
        "./src/a.py",
        "FILE",
        "Apache-2.0, MIT",
    )
    assert [one.name for one in facts.components] == ["app", "jest", "./src/a.py"]


def test_yaml_form() -> None:
    text = "SPDXID: SPDXRef-DOCUMENT\nspdxVersion: SPDX-2.3\npackages:\n"
    text += "- SPDXID: SPDXRef-app\n  name: app\n  versionInfo: 1.10\n"
    text += "relationships:\n- spdxElementId: SPDXRef-DOCUMENT\n  relationshipType: DESCRIBES\n"
    text += "  relatedSpdxElement: SPDXRef-app\n"
    facts = read_report(text)
    assert facts.format == "spdx-yaml"
    (one,) = facts.components
    assert (one.version, one.is_root) == ("1.10", True)


_GRAPH = [
    {"type": "CreationInfo", "@id": "_:c", "created": "2026-01-01T00:00:00Z"},
    {"type": "Tool", "spdxId": "t", "name": "maker"},
    {"type": "software_Sbom", "spdxId": "s", "rootElement": ["app"]},
    {"type": "software_Package", "spdxId": "app", "name": "app"},
    {
        "type": "software_Package",
        "spdxId": "p",
        "name": "zope.interface",
        "software_packageVersion": "6.4",
        "software_packageUrl": _RIGHT,
    },
    {
        "type": "LifecycleScopedRelationship",
        "from": "app",
        "to": ["p"],
        "relationshipType": "dependsOn",
        "scope": "development",
    },
    {
        "type": "simplelicensing_LicenseExpression",
        "spdxId": "l",
        "simplelicensing_licenseExpression": "ZPL-2.1",
    },
    {
        "type": "Relationship",
        "from": "p",
        "to": ["l"],
        "relationshipType": "hasDeclaredLicense",
    },
    {"type": "security_Vulnerability", "spdxId": "v", "name": "CVE-2026-1"},
    {
        "type": "security_VexNotAffectedVulnAssessmentRelationship",
        "from": "v",
        "to": ["p"],
        "relationshipType": "doesNotAffect",
        "security_justificationType": "componentNotPresent",
    },
]
_SPDX_3 = {"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": _GRAPH}


def test_spdx_3() -> None:
    facts = read_report(json.dumps(_SPDX_3))
    assert facts.format == "spdx-3"
    assert _marks(facts)["zope.interface"] == (False, True, True)
    assert (facts.components[1].licence, facts.components[1].canonical_name) == (
        "ZPL-2.1",
        "zope-interface",
    )
    (one,) = facts.advisories
    assert (one.advisory_id, one.is_suppressed) == ("CVE-2026-1", True)


_SYFT = {
    "artifacts": [
        {
            "id": "1",
            "name": "left-pad",
            "version": "1.3.0",
            "type": "npm",
            "foundBy": "javascript-lock-cataloger",
            "locations": [{"path": "/package-lock.json"}],
            "licenses": [{"value": "WTFPL", "spdxExpression": "WTFPL"}],
            "purl": _LEFT,
        },
        {
            "id": "2",
            "name": "b",
            "version": "1",
            "type": "npm",
            "foundBy": "x",
            "licenses": ["MIT"],
            "purl": "pkg:npm/b@1",
        },
    ],
    "artifactRelationships": [
        {"parent": "2", "child": "1", "type": "dependency-of"},
        {"parent": "1", "child": "f", "type": "contains"},
    ],
    "source": {"type": "directory", "metadata": {"path": "/home/dev/web"}},
    "descriptor": {"name": "syft", "version": "1.4.1"},
}


def test_syft() -> None:
    facts = read_report(json.dumps(_SYFT))
    assert facts.format == "syft-json"
    assert [tuple(link)[:2] for link in facts.links] == [("1", "2")]
    assert facts.path(facts.components[0]) == "package-lock.json"
    assert [one.licence for one in facts.components] == ["WTFPL", "MIT"]
    assert (facts.runs[0].tool_name, facts.runs[0].tool_version) == ("syft", "1.4.1")


def test_credentials_in_package_urls_never_land() -> None:
    purl = "pkg:generic/tool@1?vcs_url=git%2Bhttps://user:hunter2%40example.org/tool"
    facts = read_report(_cyclonedx(components=[_component(purl, name="tool")]))
    assert "hunter2" not in str([table.to_pylist() for table in facts.tables.values()])


EXAMPLES: dict[str, tuple[Any, str]] = {
    "CycloneDX": (
        _cyclonedx(
            components=[_component(_LEFT), _component(_RIGHT)],
            dependencies=[{"ref": _LEFT, "dependsOn": [_RIGHT]}],
            vulnerabilities=[{"id": "CVE-2026-1", "affects": [{"ref": _RIGHT}]}],
        ),
        "cyclonedx-json",
    ),
    "CycloneDX in XML": (_XML, "cyclonedx-xml"),
    "SPDX": (_SPDX, "spdx-json"),
    "SPDX of GitHub": ({"sbom": _SPDX}, "spdx-github"),
    "SPDX in tags": (_TAG_VALUE, "spdx-tag-value"),
    "SPDX 3": (_SPDX_3, "spdx-3"),
    "Syft": (_SYFT, "syft-json"),
}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("@shop/app@1.0.0", "@shop/app@1.0.0"),
        ("x@git+https://user:hunter2@example.org/x@1", "x@git+https://example.org/x@1"),
        ("pkg:a/b?c=git%2Bhttps://u:p%40example.org/x", "pkg:a/b?c=git%2Bhttps://example.org/x"),
        ("x@https://example.org/a.tgz?token=hunter2", "x@https://example.org/a.tgz?"),
        ("a://b@c://d@e", "a://c://e"),
    ],
)
def test_names_are_shown_without_credentials(text: str, shown: str) -> None:
    assert without_credentials(text) == shown
