"""CycloneDX, 1.2 to 1.7: components, their dependencies, and vulnerabilities (VEX).

Source: https://cyclonedx.org/docs/latest/json/, and for the names of properties
https://github.com/CycloneDX/cyclonedx-property-taxonomy. XML becomes the same objects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.artifacts.strict_json import Invalid
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
from loaders.sources.reports.reading.package_names import package_of_purl, without_credentials
from loaders.sources.reports.reading.report_advisories import score_of, score_of_vector
from loaders.sources.reports.reading.report_facts import (
    Advisory,
    Component,
    ComponentLink,
    Finding,
    ToolRun,
)
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows, json_list
from loaders.sources.reports.reading.report_texts import shortened
from loaders.sources.reports.reading.report_times import moment_of

# Yields (place, value) for the parts of a document, as `values_at` does.
Parts = Callable[[], Iterator[tuple[str, Any]]]

# The other lists may be large, and nothing of them lands.
_ASIDE = ("annotations[]", "compositions[]", "declarations", "definitions", "formulation[]")
_PLACES = ("metadata", "components[]", "dependencies[]", "vulnerabilities[]", "services[]", *_ASIDE)
_DEVELOPMENT = "cdx:npm:package:development"
_GROUPS = ("cdx:poetry:group", "cdx:pipenv:category")
_MAIN_GROUPS = ("main", "default")
_MEMBER = "uv:workspace:path"
_AROUND = ("application", "file", "operating-system")
# The frameworks of checkov, which it uses as types of package URLs.
_RESOURCES = set(
    "ansible argo_workflows arm azure_pipelines bicep bitbucket_pipelines cdk circleci_pipelines"
    " cloudformation dockerfile github_actions github_configuration gitlab_ci gitlab_configuration"
    " helm json kubernetes kustomize openapi policy_3d secrets serverless terraform"
    " terraform_plan yaml".split()
)
_RULED_OUT = ("not_affected", "false_positive", "resolved", "resolved_with_pedigree")


def _is_cyclonedx(head: Head) -> bool:
    document = head.document
    if not isinstance(document, dict):
        return False
    if document.get("bomFormat") == "CycloneDX":
        return True
    if str(document.get("$schema", "")).startswith("http://cyclonedx.org/schema/bom"):
        return True
    # Writers that sort the keys begin with what may be longer than the head.
    return _has(document, "components", {"type", "name"}, {"bom-ref", "purl"}) or (
        "components" not in document and _has(document, "dependencies", {"ref"}, {"ref"})
    )


def _has(document: dict[str, Any], key: str, all_of: set[str], one_of: set[str]) -> bool:
    items = document.get(key)
    first = first_in(items)
    return isinstance(first, dict) and first.keys() >= all_of and bool(first.keys() & one_of)


def _read_json(file: ArtifactFile, rows: Rows) -> None:
    read_parts(lambda: values_at(file.text_stream(), *_PLACES), rows)


def read_parts(parts: Parts, rows: Rows) -> None:
    """Add the rows of a document that *parts* streams; it is streamed twice."""
    outline = _Outline()
    for place, value in parts():
        outline.take(place, value)
    if not outline.is_bom:
        raise Invalid("neither bomFormat nor specVersion: not a CycloneDX document")
    for root in outline.roots:
        rows.add(_component(root, outline, is_root=True))
    count = len(outline.roots)
    for place, value in parts():
        if place == "components[]":
            count += _add_components(value, outline, rows)
        elif place == "dependencies[]":
            _add_links(value, rows)
        elif place == "vulnerabilities[]":
            for advisory in _advisories(as_object(value, "a vulnerability"), outline):
                rows.add(advisory if is_of_package(advisory) else _finding(advisory))
                count += 1
    is_empty = count == len(outline.roots)
    name, version = _tool(outline.metadata)
    rows.add(
        ToolRun(
            tool_name=name,
            tool_version=version,
            is_measured=not is_empty,
            unmeasured_reason="the document has no components" if is_empty else None,
            ended_at=moment_of(text_in(outline.metadata, "timestamp")),
        )
    )


class _Outline:
    """The facts of a document that must be known before its rows are made."""

    def __init__(self) -> None:
        self.metadata: dict[str, Any] = {}
        self.is_bom = False
        self.marks_development = False
        # Identity of each component that a vulnerability affects.
        self.affected: dict[str, dict[str, Any] | None] = {}
        self._needs: dict[str, list[Any]] = {}
        self._roots: list[Any] = []
        self._direct: set[str] = set()
        self._around: set[str] = set()

    def take(self, place: str, value: Any) -> None:
        if place == "metadata":
            self.metadata = as_object(value, "metadata")
        elif place == "dependencies[]":
            value = as_object(value, "a dependency")
            needs = self._needs.setdefault(str(value.get("ref")), [])
            needs += list_in(value, "dependsOn")
        elif place == "components[]":
            for component in flat(value):
                found = properties(component)
                self.marks_development = self.marks_development or _DEVELOPMENT in found
                if _MEMBER in found:
                    self._roots.append(component.get("bom-ref"))
                if component.get("type") in _AROUND and "purl" not in component:
                    self._around.add(str(component.get("bom-ref")))
        elif place == "vulnerabilities[]":
            for affect in objects_in(as_object(value, "a vulnerability"), "affects"):
                self.affected[str(affect.get("ref"))] = None
        elif place == "":
            value = as_object(value, "the document")
            self.is_bom = value.get("bomFormat") == "CycloneDX" or "specVersion" in value
            self.marks_development = self.marks_development or _tool(self.metadata)[0] == "npm"
            self._roots += [root.get("bom-ref") for root in self.roots]
            self._find_direct()

    def _find_direct(self) -> None:
        """Find what the roots need; lock files and folders between them are not packages."""
        waiting = [str(root) for root in self._roots]
        seen: set[str] = set()
        while waiting:
            owner = waiting.pop()
            if owner in seen:
                continue
            seen.add(owner)
            for other in map(str, self._needs.pop(owner, ())):
                if other in self._around:
                    waiting.append(other)
                else:
                    self._direct.add(other)
        # If nothing else has links, all that was found is listed at the root.
        if not any(self._needs.values()):
            self._direct.clear()
        self._needs.clear()

    @property
    def roots(self) -> list[dict[str, Any]]:
        """The subject of the document, and its modules."""
        root = object_in(self.metadata, "component")
        return list(flat(root)) if root else []

    def is_direct(self, reference: str | None) -> bool | None:
        return reference in self._direct if self._direct else None


def flat(value: Any) -> Iterator[dict[str, Any]]:
    """Yield a component, then those that are nested in it."""
    waiting = [as_object(value, "a component")]
    while waiting:
        component = waiting.pop()
        yield component
        waiting += reversed(objects_in(component, "components"))


def properties(component: dict[str, Any]) -> dict[str, list[str]]:
    """Return the values of each property."""
    found: dict[str, list[str]] = {}
    for item in objects_in(component, "properties"):
        name, value = item.get("name"), item.get("value")
        if isinstance(name, str) and isinstance(value, str):
            found.setdefault(name, []).append(value)
    return found


def _add_components(value: Any, outline: _Outline, rows: Rows) -> int:
    count = 0
    for component in flat(value):
        rows.add(_component(component, outline))
        reference = component.get("bom-ref")
        if isinstance(reference, str) and reference in outline.affected:
            outline.affected[reference] = component
        count += 1
    return count


def _component(given: dict[str, Any], outline: _Outline, *, is_root: bool = False) -> Component:
    found = properties(given)
    package = package_of_purl(text_in(given, "purl"))
    scope, reference = text_in(given, "scope"), text_in(given, "bom-ref")
    groups = [group for name in _GROUPS for group in found.get(name, ())]
    is_root = is_root or _MEMBER in found
    is_dev = None if is_root else _is_dev(found, groups, package.ecosystem, outline)
    return Component(
        name=needed_text_in(given, "name"),
        version=text_in(given, "version"),
        reference=reference and without_credentials(reference),
        purl=package.purl,
        ecosystem=package.ecosystem,
        canonical_name=package.canonical_name,
        component_type=text_in(given, "type"),
        scope_given=scope,
        is_root=is_root,
        is_direct=None if is_root else outline.is_direct(reference),
        is_dev=is_dev,
        is_optional=None if is_root else _is_optional(found, scope, is_dev),
        groups=json_list(groups),
        source_kind="workspace" if _MEMBER in found else None,
        source_place=next(iter(found.get(_MEMBER, ())), None),
        licence=licence_of(given),
    )


def _is_dev(
    found: dict[str, list[str]], groups: list[str], ecosystem: str | None, outline: _Outline
) -> bool | None:
    if _DEVELOPMENT in found:
        return found[_DEVELOPMENT] == ["true"]
    if groups:
        return not any(group in _MAIN_GROUPS for group in groups)
    return False if outline.marks_development and ecosystem == "npm" else None


def _is_optional(
    found: dict[str, list[str]], scope: str | None, is_dev: bool | None
) -> bool | None:
    if "true" in found.get("cdx:npm:package:optional", ()):
        return True
    # Some writers give development this scope, others give it none.
    if scope == "optional":
        return not is_dev
    return False if scope == "required" else None


def licence_of(component: dict[str, Any]) -> str | None:
    """Return the licences: expression, SPDX id, or name as written."""
    texts = []
    for choice in objects_in(component, "licenses"):
        licence = object_in(choice, "license")
        text = choice.get("expression") or licence.get("id") or licence.get("name")
        if isinstance(text, str):
            texts.append(text)
    return ", ".join(dict.fromkeys(texts)) or None


def _add_links(value: Any, rows: Rows) -> None:
    value = as_object(value, "a dependency")
    owner = without_credentials(needed_text_in(value, "ref"))
    for other in list_in(value, "dependsOn"):
        if not isinstance(other, str):
            raise Invalid("an element of dependsOn is not a text")
        rows.add(ComponentLink(owner, without_credentials(other)))


def _tool(metadata: dict[str, Any]) -> tuple[str | None, str | None]:
    """Return name and version of the program that wrote the document, not of its libraries."""
    tools = metadata.get("tools")
    if isinstance(tools, dict):
        tools = [*list_in(tools, "components"), *list_in(tools, "services")]
    found = [tool for tool in tools if isinstance(tool, dict)] if isinstance(tools, list) else []
    programs = [tool for tool in found if not _is_library(tool)] or found
    if not programs:
        return None, None
    name, version = programs[0].get("name"), programs[0].get("version")
    # npm names its program cli, and itself the vendor.
    name = programs[0].get("vendor") if name == "cli" else name
    return (
        name if isinstance(name, str) else None,
        version if isinstance(version, str) else None,
    )


def _is_library(tool: dict[str, Any]) -> bool:
    return tool.get("type") == "library" or str(tool.get("name")).endswith(("-lib", "-library"))


def _advisories(given: dict[str, Any], outline: _Outline) -> Iterator[Advisory]:
    """Yield the advisory once per package that it affects."""
    analysis = object_in(given, "analysis")
    state = text_in(analysis, "state")
    is_suppressed = state in _RULED_OUT
    detail = text_in(analysis, "justification") or text_in(analysis, "detail")
    others = [reference.get("id") for reference in objects_in(given, "references")]
    rating = _rating(given)
    score, vector = rating.get("score"), text_in(rating, "vector")
    for affect in objects_in(given, "affects"):
        reference = needed_text_in(affect, "ref")
        component = outline.affected.get(reference) or _named_by(reference)
        package = package_of_purl(text_in(component, "purl"))
        name = text_in(component, "name")
        yield Advisory(
            advisory_id=needed_text_in(given, "id"),
            name=name or package.canonical_name or without_credentials(reference),
            version=text_in(component, "version") or package.version,
            aliases=json_list(
                dict.fromkeys(
                    other for other in others if isinstance(other, str) and other != given["id"]
                )
            ),
            ecosystem=package.ecosystem,
            canonical_name=package.canonical_name,
            purl=package.purl,
            level=text_in(rating, "severity"),
            cvss_score=score_of(score) if _is_score(rating) else score_of_vector(vector),
            cvss_vector=vector,
            title=shortened(text_in(given, "description")),
            url=text_in(object_in(given, "source"), "url"),
            is_direct=outline.is_direct(reference),
            is_suppressed=is_suppressed,
            suppression=": ".join(filter(None, [state, detail])) if is_suppressed else None,
        )


def is_of_package(advisory: Advisory) -> bool:
    """Return whether an advisory is about a package; checkov writes misconfigured resources so."""
    return advisory.ecosystem not in _RESOURCES


def _finding(given: Advisory) -> Finding:
    return Finding(
        rule_id=given.advisory_id,
        message=given.title,
        level=given.level,
        logical_name=given.name,
        is_suppressed=given.is_suppressed,
        suppression=given.suppression,
    )


def _named_by(reference: str) -> dict[str, Any]:
    """Return what a reference to a component elsewhere says: BOM-Link, or a package URL."""
    text = unquote(reference.partition("#")[2]) if reference.startswith("urn:cdx:") else reference
    return {"purl": text} if text.startswith("pkg:") else {}


def _rating(given: dict[str, Any]) -> dict[str, Any]:
    """Return the rating with the highest CVSS score, else the first with a severity."""
    ratings = objects_in(given, "ratings")
    scored = [rating for rating in ratings if _is_score(rating)]
    if scored:
        return max(scored, key=lambda rating: float(rating["score"]))
    return next((rating for rating in ratings if rating.get("severity")), {})


def _is_score(rating: dict[str, Any]) -> bool:
    score = rating.get("score")
    is_number = isinstance(score, int | float) and not isinstance(score, bool)
    is_other = str(rating.get("method", "CVSS")).upper().startswith("CVSS") is False
    return is_number and not is_other and 0 <= float(score or 0) <= 10


CYCLONEDX = (Form("cyclonedx-json", _is_cyclonedx, _read_json),)
