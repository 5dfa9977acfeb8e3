"""CycloneDX in XML, as the objects of its JSON form.

Source: https://cyclonedx.org/docs/latest/xml/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.reports.formats.cyclonedx import read_parts
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows
from loaders.sources.reports.reading.xml_values import Element, elements_of

_NAMESPACE = "http://cyclonedx.org/schema/bom/1."
_NAMESPACES = [f"{_NAMESPACE}{minor}" for minor in range(20)]
_WANTED = ("component", "dependency", "timestamp", "tool", "vulnerability")
_TEXTS = ("name", "version", "scope", "purl", "group", "vendor")
_OF_RATINGS = ("severity", "vector", "method")


def _is_xml(head: Head) -> bool:
    root = head.xml.root
    return root.startswith(_NAMESPACE) and root.endswith(" bom")


def _read(file: ArtifactFile, rows: Rows) -> None:
    read_parts(lambda: _parts(file), rows)


def _parts(file: ArtifactFile) -> Iterator[tuple[str, Any]]:
    """Yield (place, object) of the document, as `values_at` does for the JSON form."""
    metadata: dict[str, Any] = {}
    tools: list[dict[str, Any]] = []
    # The elements around components are asked for so that they keep what is around them.
    elements = elements_of(file.stream(), _WANTED, bare=["components"], namespaces=_NAMESPACES)
    for element in elements:
        owner = element.parent
        above = owner.tag if owner else ""
        if element.tag == "component":
            if above == "metadata":
                metadata["component"] = _component(element)
            elif above == "components" and owner and owner.parent:
                if owner.parent.tag == "tools" and _is_of_metadata(owner.parent):
                    tools.append(_component(element))
                elif owner.parent.tag in ("bom", "component"):
                    yield "components[]", _component(element)
        elif element.tag == "dependency" and owner and above == "dependency":
            link = {"ref": owner.get("ref"), "dependsOn": [element.get("ref")]}
            yield "dependencies[]", link
        elif element.tag == "vulnerability" and above == "vulnerabilities":
            yield "vulnerabilities[]", _vulnerability(element)
        elif element.tag == "timestamp" and above == "metadata":
            metadata["timestamp"] = element.text.strip()
        elif element.tag == "tool" and owner and _is_of_metadata(owner):
            tools.append({tag: element.child_text(tag) for tag in _TEXTS})
    yield "metadata", {**metadata, "tools": tools}
    yield "", {"specVersion": "1"}


def _is_of_metadata(tools: Element) -> bool:
    return tools.parent is not None and tools.parent.tag == "metadata"


def _children(element: Element, group: str, tag: str) -> list[Element]:
    """Return the elements `tag` of the first child `group`."""
    found = element.child(group)
    return [one for one in (found.children or () if found else ()) if one.tag == tag]


def _component(element: Element) -> dict[str, Any]:
    licences = element.child("licenses")
    choices: list[dict[str, Any]] = []
    for choice in licences.children or () if licences else ():
        if choice.tag == "expression":
            choices.append({"expression": choice.text.strip()})
        else:
            choices.append(
                {"license": {"id": choice.child_text("id"), "name": choice.child_text("name")}}
            )
    return {
        **{tag: element.child_text(tag) for tag in _TEXTS},
        "type": element.get("type"),
        "bom-ref": element.get("bom-ref"),
        "licenses": choices,
        "properties": [
            {"name": one.get("name"), "value": one.text.strip()}
            for one in _children(element, "properties", "property")
        ],
    }


def _vulnerability(element: Element) -> dict[str, Any]:
    source, analysis = element.child("source"), element.child("analysis")
    return {
        "id": element.child_text("id"),
        "source": {"url": source.child_text("url") if source else None},
        "references": [
            {"id": one.child_text("id")} for one in _children(element, "references", "reference")
        ],
        "ratings": [_rating(one) for one in _children(element, "ratings", "rating")],
        "description": element.child_text("description"),
        "analysis": {
            tag: analysis.child_text(tag) if analysis else None
            for tag in ("state", "justification", "detail")
        },
        "affects": [
            {"ref": one.child_text("ref")} for one in _children(element, "affects", "target")
        ],
    }


def _rating(element: Element) -> dict[str, Any]:
    rating: dict[str, Any] = {tag: element.child_text(tag) for tag in _OF_RATINGS}
    try:
        score = float(element.child_text("score") or "")
    except ValueError:
        return {key: value for key, value in rating.items() if value}
    return {key: value for key, value in (rating | {"score": score}).items() if value is not None}


CYCLONEDX_XML = (Form("cyclonedx-xml", _is_xml, _read),)
