"""SPDX 3.0 in JSON-LD: a graph of elements.

Source: https://spdx.github.io/spdx-spec/v3.0.1/
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.reports.reading.dependency_graph import (
    DEV,
    OPTIONAL,
    PEER,
    RUNTIME,
    Graph,
    Marks,
)
from loaders.sources.reports.reading.json_fields import (
    as_object,
    list_in,
    objects_in,
    text_in,
)
from loaders.sources.reports.reading.json_values import items_of
from loaders.sources.reports.reading.package_names import package_of_purl
from loaders.sources.reports.reading.report_advisories import score_of
from loaders.sources.reports.reading.report_facts import (
    Advisory,
    Component,
    ComponentLink,
    ToolRun,
)
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows, json_list
from loaders.sources.reports.reading.report_times import moment_of

_KINDS = {
    "dependsOn": None,
    "hasOptionalDependency": OPTIONAL,
    "hasOptionalComponent": OPTIONAL,
    "hasPrerequisite": PEER,
    "hasProvidedDependency": PEER,
    "hasDynamicLink": RUNTIME,
    "hasStaticLink": RUNTIME,
    "usesTool": DEV,
}
_SCOPES = {"build": DEV, "design": DEV, "development": DEV, "runtime": RUNTIME, "test": DEV}
_LICENCES = ("hasConcludedLicense", "hasDeclaredLicense")
_EXPRESSION = "simplelicensing_licenseExpression"
_UNKNOWN = ("NOASSERTION", "NONE")
_AFFECTS = {"affects": False, "doesNotAffect": True, "fixedIn": True}


def _is_graph(head: Head) -> bool:
    document = head.document
    context = document.get("@context") if isinstance(document, dict) else None
    contexts = context if isinstance(context, list) else [context]
    return any(isinstance(one, str) and "spdx.org/rdf/3" in one for one in contexts)


def _read(file: ArtifactFile, rows: Rows) -> None:
    outline = _Outline()
    for item in items_of(file.text_stream(), "@graph[]"):
        outline.take(as_object(item, "an element"))
    outline.finish()
    count = 0
    for item in items_of(file.text_stream(), "@graph[]"):
        if _type(item) in ("software_Package", "software_File", "ai_AIPackage"):
            rows.add(outline.component(item, rows))
            count += 1
    for link in outline.links:
        rows.add(link)
    for advisory in outline.advisories():
        rows.add(advisory)
    rows.add(
        ToolRun(
            tool_name=outline.tool,
            is_measured=count > 0,
            unmeasured_reason=None if count else "the document has no packages",
            ended_at=outline.created,
        )
    )


def _type(item: dict[str, Any]) -> str:
    return text_in(item, "type") or text_in(item, "@type") or ""


def _id(item: dict[str, Any]) -> str:
    return text_in(item, "spdxId") or text_in(item, "@id") or ""


def _purl(item: dict[str, Any]) -> str | None:
    identifiers = objects_in(item, "externalIdentifier")
    purls = [
        text_in(one, "identifier")
        for one in identifiers
        if one.get("externalIdentifierType") == "packageUrl"
    ]
    return text_in(item, "software_packageUrl") or next(filter(None, purls), None)


class _Outline:
    """The relationships of a graph, and the elements other than packages."""

    def __init__(self) -> None:
        self.links: list[ComponentLink] = []
        self.created: datetime | None = None
        self._roots: dict[str, None] = {}
        self._licences: dict[str, str] = {}  # element → element of the licence
        self._texts: dict[str, str] = {}  # element of the licence → text
        self._tools: dict[str, str | None] = {}
        self._vulnerabilities: dict[str, dict[str, Any]] = {}
        self._assessed: list[dict[str, Any]] = []
        self._packages: dict[str, Component] = {}
        self._marks: Marks | None = None
        self._has_kinds = False

    @property
    def tool(self) -> str | None:
        return next(iter(self._tools.values()), None)

    def take(self, item: dict[str, Any]) -> None:
        kind = _type(item)
        if kind in ("SpdxDocument", "software_Sbom", "Bom"):
            self._roots |= dict.fromkeys(map(str, list_in(item, "rootElement")))
        elif kind == "Tool":
            self._tools[_id(item)] = text_in(item, "name")
        elif kind == "CreationInfo":
            self.created = self.created or moment_of(text_in(item, "created"))
        elif kind == "security_Vulnerability":
            self._vulnerabilities[_id(item)] = item
        elif text := text_in(item, _EXPRESSION) or _listed_licence(kind, item):
            if text not in _UNKNOWN:
                self._texts[_id(item)] = text
        elif "relationshipType" in item:
            self._take_relationship(item)

    def _take_relationship(self, item: dict[str, Any]) -> None:
        owner, kind = text_in(item, "from"), text_in(item, "relationshipType") or ""
        others = [one for one in list_in(item, "to") if isinstance(one, str)]
        if not owner:
            raise Invalid("a relationship without from")
        if kind in _KINDS:
            link_kind = _SCOPES.get(text_in(item, "scope") or "", _KINDS[kind])
            self.links += [ComponentLink(owner, other, link_kind) for other in others]
        elif kind in _LICENCES and others:
            # The concluded licence counts more.
            if kind == _LICENCES[0] or owner not in self._licences:
                self._licences[owner] = others[0]
        elif kind == "describes":
            self._roots |= dict.fromkeys(others)
        elif kind in _AFFECTS or "score" in item or "security_score" in item:
            self._assessed.append(item)

    def finish(self) -> None:
        # A document has the SBOM as its root, which has the package.
        self._has_kinds = any(link.link_kind in (DEV, OPTIONAL) for link in self.links)
        graph = Graph()
        for link in self.links:
            graph.link(link.from_reference, link.to_reference, link.link_kind)
        if graph.direct(self._roots):
            self._marks = Marks(graph, self._roots)

    def component(self, item: dict[str, Any], rows: Rows) -> Component:
        reference, kind = _id(item), _type(item)
        purl = _purl(item)
        package = package_of_purl(purl)
        name = text_in(item, "name")
        if not name:
            raise Invalid("a package without a name")
        is_root = reference in self._roots
        is_known = self._marks is not None and not is_root
        is_file = kind == "software_File"
        found = Component(
            name=name,
            version=text_in(item, "software_packageVersion"),
            reference=reference,
            purl=package.purl,
            ecosystem=package.ecosystem,
            canonical_name=package.canonical_name,
            component_type="FILE" if is_file else text_in(item, "software_primaryPurpose"),
            is_root=is_root,
            is_direct=self._marks.is_direct(reference) if is_known and self._marks else None,
            is_dev=self._marks.is_dev(reference)
            if self._has_kinds and is_known and self._marks
            else None,
            licence=self._texts.get(self._licences.get(reference, "")),
            path_index=rows.path(name) if is_file else None,
        )
        if self._assessed:
            self._packages[reference] = found
        return found

    def advisories(self) -> list[Advisory]:
        """Return each vulnerability for each package that it was assessed for."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for item in self._assessed:
            kind = text_in(item, "relationshipType") or ""
            for other in list_in(item, "to"):
                key = (str(item["from"]), str(other))
                state = found.setdefault(key, {"ruled_out": None})
                if kind in _AFFECTS:
                    state["ruled_out"] = _AFFECTS[kind]
                    state["why"] = text_in(item, "security_justificationType") or kind
                else:
                    state["score"] = score_of(item.get("security_score", item.get("score")))
                    state["level"] = text_in(item, "security_severity")
                    state["vector"] = text_in(item, "security_vectorString")
        return [
            self._advisory(self._vulnerabilities[key[0]], self._packages[key[1]], state)
            for key, state in found.items()
            if key[0] in self._vulnerabilities and key[1] in self._packages
        ]

    def _advisory(
        self, vulnerability: dict[str, Any], package: Component, state: dict[str, Any]
    ) -> Advisory:
        identifiers = [
            text_in(one, "identifier") for one in objects_in(vulnerability, "externalIdentifier")
        ]
        names = [text_in(vulnerability, "name"), *identifiers]
        ids = list(dict.fromkeys(one for one in names if one))
        return Advisory(
            advisory_id=ids[0] if ids else _id(vulnerability),
            name=package.name,
            version=package.version,
            aliases=json_list(ids[1:]),
            ecosystem=package.ecosystem,
            canonical_name=package.canonical_name,
            purl=package.purl,
            level=state.get("level"),
            cvss_score=state.get("score"),
            cvss_vector=state.get("vector"),
            title=text_in(vulnerability, "summary") or text_in(vulnerability, "description"),
            is_direct=package.is_direct,
            is_suppressed=bool(state["ruled_out"]),
            suppression=state.get("why") if state["ruled_out"] else None,
        )


def _listed_licence(kind: str, item: dict[str, Any]) -> str | None:
    """Return the id of a licence of SPDX's list, whose element ends with it."""
    if kind != "expandedlicensing_ListedLicense":
        return None
    return _id(item).rstrip("/").rpartition("/")[2] or text_in(item, "name")


SPDX_GRAPH = (Form("spdx-3", _is_graph, _read),)
