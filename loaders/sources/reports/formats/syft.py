"""The own JSON of Syft: the packages that it found in a folder or an image.

Source: https://github.com/anchore/syft/tree/main/schema/json
"""

from __future__ import annotations

from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.reports.reading.json_fields import (
    as_object,
    first_in,
    list_in,
    needed_text_in,
    object_in,
    objects_in,
    text_in,
)
from loaders.sources.reports.reading.json_values import values_at
from loaders.sources.reports.reading.package_names import package_of_purl
from loaders.sources.reports.reading.report_facts import Component, ComponentLink, ToolRun
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows

_PLACES = ("artifacts[]", "artifactRelationships[]", "files[]", "descriptor.configuration")
_FOLDERS = ("directory", "file")


def _is_syft(head: Head) -> bool:
    document = head.document
    if not isinstance(document, dict) or "matches" in document:
        return False
    packages = document.get(_PLACES[0].removesuffix("[]"))
    first = first_in(packages)
    if isinstance(first, dict):
        return {"id", "name", "version", "foundBy"} <= first.keys()
    return packages == [] and bool({"descriptor", "artifactRelationships"} & document.keys())


def _read(file: ArtifactFile, rows: Rows) -> None:
    document: dict[str, Any] = {}
    for place, value in values_at(file.text_stream(), *_PLACES):
        if place == "":
            document = as_object(value, "the document")
    source = object_in(document, "source")
    count = 0
    for place, value in values_at(file.text_stream(), *_PLACES):
        if place == "artifacts[]":
            rows.add(_component(as_object(value, "an artifact"), source, rows))
            count += 1
        elif place == "artifactRelationships[]":
            _add_link(as_object(value, "a relationship"), rows)
    descriptor = object_in(document, "descriptor")
    rows.add(
        ToolRun(
            tool_name=text_in(descriptor, "name") or "syft",
            tool_version=text_in(descriptor, "version"),
            is_measured=count > 0,
            unmeasured_reason=None if count else "the document has no packages",
        )
    )


def _add_link(given: dict[str, Any], rows: Rows) -> None:
    """Add that one package depends on another; further relationships are about files."""
    if given.get("type") == "dependency-of":
        # The parent is a dependency of the child.
        owner, other = needed_text_in(given, "child"), needed_text_in(given, "parent")
        rows.add(ComponentLink(owner, other))


def _component(given: dict[str, Any], source: dict[str, Any], rows: Rows) -> Component:
    package = package_of_purl(text_in(given, "purl"))
    return Component(
        name=needed_text_in(given, "name"),
        version=text_in(given, "version") or None,
        reference=text_in(given, "id"),
        purl=package.purl,
        ecosystem=package.ecosystem,
        canonical_name=package.canonical_name,
        component_type=text_in(given, "type"),
        licence=_licence(list_in(given, "licenses")),
        path_index=_path(given, source, rows),
    )


def _licence(given: list[Any]) -> str | None:
    """Return the licences: objects with an expression or a value, or texts in old versions."""
    texts = []
    for one in given:
        text = (one.get("spdxExpression") or one.get("value")) if isinstance(one, dict) else one
        if isinstance(text, str) and text:
            texts.append(text)
    return ", ".join(dict.fromkeys(texts)) or None


def _path(given: dict[str, Any], source: dict[str, Any], rows: Rows) -> int | None:
    """Return the file that the package was found in. Its path begins at the folder of the scan."""
    path = next((text_in(place, "path") for place in objects_in(given, "locations")), None)
    if not path or source.get("type") not in _FOLDERS:
        return None
    details = source.get("metadata") or source.get("target")
    folder = details.get("path") if isinstance(details, dict) else details
    bases = [folder] if isinstance(folder, str) and folder else []
    return rows.path(path.lstrip("/"), bases)


SYFT = (Form("syft-json", _is_syft, _read),)
