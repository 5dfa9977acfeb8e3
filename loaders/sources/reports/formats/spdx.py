"""SPDX 2.1 to 2.3 in JSON, YAML and tag-value form, and GitHub's export of dependencies.

Source: https://spdx.github.io/spdx-spec/v2.3/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.reports.formats.spdx_text import tag_value_parts
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
    needed_text_in,
    object_in,
    objects_in,
    text_in,
)
from loaders.sources.reports.reading.json_values import values_at
from loaders.sources.reports.reading.package_names import package_of_purl, source_of
from loaders.sources.reports.reading.report_facts import Component, ComponentLink, ToolRun
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows
from loaders.sources.reports.reading.report_times import moment_of
from loaders.sources.reports.reading.whole_documents import yaml_document

Parts = Callable[[], Iterator[tuple[str, Any]]]

_LISTS = ("packages[]", "files[]", "relationships[]")
_ASIDE = ("snippets[]", "annotations[]", "hasExtractedLicensingInfos[]")
_UNKNOWN = (None, "", "NOASSERTION", "NONE")
# Relationship → kind of the link, and whether it leads from the second element to the first.
_LINKS: dict[str, tuple[str | None, bool]] = {
    "BUILD_DEPENDENCY_OF": (DEV, True),
    "BUILD_TOOL_OF": (DEV, True),
    "DEPENDENCY_OF": (None, True),
    "DEPENDS_ON": (None, False),
    "DEV_DEPENDENCY_OF": (DEV, True),
    "DEV_TOOL_OF": (DEV, True),
    "DYNAMIC_LINK": (RUNTIME, False),
    "HAS_PREREQUISITE": (PEER, False),
    "OPTIONAL_COMPONENT_OF": (OPTIONAL, True),
    "OPTIONAL_DEPENDENCY_OF": (OPTIONAL, True),
    "PREREQUISITE_FOR": (PEER, True),
    "PROVIDED_DEPENDENCY_OF": (PEER, True),
    "RUNTIME_DEPENDENCY_OF": (RUNTIME, True),
    "STATIC_LINK": (RUNTIME, False),
    "TEST_DEPENDENCY_OF": (DEV, True),
    "TEST_TOOL_OF": (DEV, True),
}


def _is_json(head: Head) -> bool:
    document = head.document
    return isinstance(document, dict) and _is_document(document)


def _is_document(document: dict[str, Any]) -> bool:
    if str(document.get("spdxVersion", "")).startswith("SPDX-2"):
        return True
    # Writers that sort the keys begin with this one.
    return document.get("SPDXID") == "SPDXRef-DOCUMENT" or "documentNamespace" in document


def _is_github(head: Head) -> bool:
    document = head.document
    inner = document.get("sbom") if isinstance(document, dict) else None
    return isinstance(inner, dict) and _is_document(inner)


def _is_yaml(head: Head) -> bool:
    return any(
        line.startswith(("SPDXID: ", "spdxVersion: ")) and "SPDX" in line[8:]
        for line in head.lines[:200]
    ) and not _is_tag_value(head)


def _is_tag_value(head: Head) -> bool:
    return any(line.startswith("SPDXVersion:") for line in head.lines[:40])


def _read_json(file: ArtifactFile, rows: Rows) -> None:
    _read_parts(lambda: values_at(file.text_stream(), *_LISTS, *_ASIDE), rows)


def _read_github(file: ArtifactFile, rows: Rows) -> None:
    places = [f"sbom.{place}" for place in (*_LISTS, *_ASIDE)]

    def parts() -> Iterator[tuple[str, Any]]:
        for place, value in values_at(file.text_stream(), *places):
            inner = value if place else object_in(as_object(value, "the document"), "sbom")
            yield place.removeprefix("sbom."), inner

    _read_parts(parts, rows)


def _read_yaml(file: ArtifactFile, rows: Rows) -> None:
    document = yaml_document(file)

    def parts() -> Iterator[tuple[str, Any]]:
        for place in _LISTS:
            for value in list_in(document, place.removesuffix("[]")):
                yield place, value
        yield "", document

    _read_parts(parts, rows)


def _read_tag_value(file: ArtifactFile, rows: Rows) -> None:
    _read_parts(lambda: tag_value_parts(file), rows)


def _read_parts(parts: Parts, rows: Rows) -> None:
    """Add the rows of a document that *parts* streams; it is streamed twice."""
    outline = _Outline()
    for place, value in parts():
        outline.take(place, value)
    if not outline.is_document:
        raise Invalid("neither spdxVersion nor SPDXID: not an SPDX document")
    outline.finish()
    count = 0
    for place, value in parts():
        if place == "packages[]":
            rows.add(outline.marked(_package(as_object(value, "a package"))))
        elif place == "files[]":
            rows.add(_file(as_object(value, "a file"), rows))
        else:
            continue
        count += 1
    for link in outline.links:
        rows.add(link)
    name, version = outline.tool
    rows.add(
        ToolRun(
            tool_name=name,
            tool_version=version,
            is_measured=count > 0,
            unmeasured_reason=None if count else "the document has no packages",
            ended_at=moment_of(text_in(outline.creation, "created")),
        )
    )


class _Outline:
    """The links and the creator of a document."""

    def __init__(self) -> None:
        self.is_document = False
        self.creation: dict[str, Any] = {}
        self.links: list[ComponentLink] = []
        self._roots: dict[str, None] = {}
        self._marks: Marks | None = None
        self._has_kinds = False

    def take(self, place: str, value: Any) -> None:
        if place == "relationships[]":
            self._take_relationship(as_object(value, "a relationship"))
        elif place == "":
            document = as_object(value, "the document")
            self.is_document = "spdxVersion" in document or "SPDXID" in document
            self.creation = object_in(document, "creationInfo")
            self._roots |= dict.fromkeys(
                root for root in list_in(document, "documentDescribes") if isinstance(root, str)
            )

    def _take_relationship(self, given: dict[str, Any]) -> None:
        first, kind = text_in(given, "spdxElementId"), text_in(given, "relationshipType")
        second = text_in(given, "relatedSpdxElement")
        if not first or not second or not kind:
            raise Invalid("a relationship without its two elements and its type")
        if kind == "DESCRIBES":
            self._roots[second] = None
        elif kind == "DESCRIBED_BY":
            self._roots[first] = None
        elif kind in _LINKS:
            link_kind, is_reversed = _LINKS[kind]
            owner, other = (second, first) if is_reversed else (first, second)
            self.links.append(ComponentLink(owner, other, link_kind))

    def finish(self) -> None:
        self._has_kinds = any(link.link_kind in (DEV, OPTIONAL) for link in self.links)
        if self._has_kinds:
            # Then the general relationship is that of what ships.
            self.links = [
                link if link.link_kind else link._replace(link_kind=RUNTIME) for link in self.links
            ]
        graph = Graph()
        for link in self.links:
            graph.link(link.from_reference, link.to_reference, link.link_kind)
        # If only the roots have links, all that was found is listed there.
        if any(link.from_reference not in self._roots for link in self.links):
            self._marks = Marks(graph, self._roots)

    def marked(self, component: Component) -> Component:
        """Return the package with its marks: writers mark direct dependencies only."""
        reference = component.reference or ""
        if reference in self._roots:
            return component._replace(is_root=True)
        if self._marks is None:
            return component
        return component._replace(
            is_direct=self._marks.is_direct(reference),
            is_dev=self._marks.is_dev(reference) if self._has_kinds else None,
            is_optional=self._marks.is_optional(reference) if self._has_kinds else None,
        )

    @property
    def tool(self) -> tuple[str | None, str | None]:
        """Return name and version of the first tool, which is written `Tool: name-version`."""
        for creator in list_in(self.creation, "creators"):
            if isinstance(creator, str) and creator.startswith("Tool:"):
                text = creator.removeprefix("Tool:").strip()
                name, _, version = text.rpartition("-")
                if not name or not version[:1].isdigit():
                    name, version = text, ""
                return name.removesuffix("/cli"), version or None
        return None, None


def _package(given: dict[str, Any]) -> Component:
    purls = [
        text_in(reference, "referenceLocator")
        for reference in objects_in(given, "externalRefs")
        if reference.get("referenceType") == "purl"
    ]
    package = package_of_purl(next(filter(None, purls), None))
    location = text_in(given, "downloadLocation")
    kind, place = source_of(location) if location and location.startswith("git") else (None, None)
    return Component(
        name=needed_text_in(given, "name"),
        version=_known(text_in(given, "versionInfo")),
        reference=text_in(given, "SPDXID"),
        purl=package.purl,
        ecosystem=package.ecosystem,
        canonical_name=package.canonical_name,
        component_type=text_in(given, "primaryPackagePurpose"),
        source_kind=kind,
        source_place=place,
        licence=_known(text_in(given, "licenseConcluded"))
        or _known(text_in(given, "licenseDeclared")),
    )


def _file(given: dict[str, Any], rows: Rows) -> Component:
    name = needed_text_in(given, "fileName")
    # The operator between the licences of a file is not written.
    licences = [one for one in list_in(given, "licenseInfoInFiles") if isinstance(one, str)]
    return Component(
        name=name,
        reference=text_in(given, "SPDXID"),
        component_type="FILE",
        licence=_known(text_in(given, "licenseConcluded"))
        or ", ".join(one for one in dict.fromkeys(licences) if one not in _UNKNOWN)
        or None,
        path_index=rows.path(name),
    )


def _known(text: str | None) -> str | None:
    return None if text in _UNKNOWN else text


SPDX = (
    Form("spdx-github", _is_github, _read_github),
    Form("spdx-json", _is_json, _read_json),
    Form("spdx-tag-value", _is_tag_value, _read_tag_value),
    Form("spdx-yaml", _is_yaml, _read_yaml),
)
