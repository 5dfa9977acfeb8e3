"""Read pom.xml (https://maven.apache.org/pom.html).

`dependencyManagement` is not read: it sets versions, and adds no dependency. A dependency whose
version is set only there has no version.

The parser is expat. A document type is refused, and with it every custom entity; depth and number
of elements are limited.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from loaders.sources.manifests.manifest_facts import InvalidManifest, Manifest

_DEEPEST = 64
_MOST_ELEMENTS = 50_000
_LONGEST_TEXT = 1000
_PROPERTY = re.compile(r"\$\{([^${}]+)\}")
# Properties may refer to other properties, up to this depth.
_ROUNDS = 5
_SCOPES = {"test": "dev", "provided": "peer"}


@dataclass
class _Element:
    tag: str
    text: str = ""
    children: list[_Element] = field(default_factory=list)

    def all(self, *path: str) -> list[_Element]:
        """Return the elements at *path*, tag by tag, below this one."""
        found = [self]
        for tag in path:
            found = [child for element in found for child in element.children if child.tag == tag]
        return found

    def text_at(self, *path: str) -> str:
        return next((element.text.strip() for element in self.all(*path)), "")


def read_pom(raw: bytes) -> Manifest:
    """Read pom.xml; parent and plugins have scope build, `provided` dependencies scope peer."""
    project = _parse(raw)
    if project.tag != "project":
        raise InvalidManifest("the root element is not project")
    parent = {
        part: project.text_at("parent", part) for part in ("groupId", "artifactId", "version")
    }
    own = {part: project.text_at(part) or parent.get(part, "") for part in ("groupId", "version")}
    own["artifactId"] = project.text_at("artifactId")
    properties = {
        element.tag: element.text.strip()
        for block in project.all("properties")
        for element in block.children
    }
    for part, value in own.items():
        properties |= {f"project.{part}": value, f"pom.{part}": value, part: value}
    properties |= {f"project.parent.{part}": value for part, value in parent.items()}
    manifest = Manifest("maven")
    manifest.set_identity(_name(own, properties), _expanded(own["version"], properties))
    if parent["artifactId"]:
        name = _name(parent, properties)
        version = _expanded(parent["version"], properties)
        manifest.add_dependency(name, version, scope="build", key="parent")
    for place, element in _dependencies(project):
        _add(manifest, place, element, properties)
    return manifest


def _dependencies(project: _Element) -> list[tuple[str, _Element]]:
    profiles = [
        ("", project),
        *((f"profile.{one.text_at('id')}.", one) for one in project.all("profiles", "profile")),
    ]
    found = []
    for prefix, owner in profiles:
        found += [(f"{prefix}dependencies", one) for one in owner.all("dependencies", "dependency")]
        found += [
            (f"{prefix}build.plugins", one) for one in owner.all("build", "plugins", "plugin")
        ]
    return found


def _add(manifest: Manifest, place: str, element: _Element, properties: dict[str, str]) -> None:
    is_plugin = element.tag == "plugin"
    parts = {part: element.text_at(part) for part in ("groupId", "artifactId", "version")}
    if is_plugin:
        parts["groupId"] = parts["groupId"] or "org.apache.maven.plugins"
    maven_scope = element.text_at("scope")
    scope = "build" if is_plugin else _SCOPES.get(maven_scope, "runtime")
    if scope == "runtime" and element.text_at("optional") == "true":
        scope = "optional"
    name = _name(parts, properties)
    version = _expanded(parts["version"], properties)
    key = f"{place}.{name or parts['artifactId']}"
    manifest.add_dependency(name, version, scope=scope, group=maven_scope, key=key)


def _name(parts: dict[str, str], properties: dict[str, str]) -> str | None:
    group, artifact = (_expanded(parts[part], properties) for part in ("groupId", "artifactId"))
    name = f"{group}:{artifact}"
    return name if re.fullmatch(r"[\w.-]+:[\w.-]+", name, re.ASCII) else None


def _expanded(text: str, properties: dict[str, str]) -> str:
    """Return *text* with the values of the properties that this pom defines."""
    for _ in range(_ROUNDS):
        if "${" not in text or len(text) > _LONGEST_TEXT:
            break
        text = _PROPERTY.sub(lambda match: properties.get(match[1], match[0]), text)
    return text


def _parse(raw: bytes) -> _Element:
    root = _Element("")
    stack = [root]
    count = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if len(stack) > _DEEPEST or count > _MOST_ELEMENTS:
            raise InvalidManifest(
                "nested too deeply"
                if len(stack) > _DEEPEST
                else f"more than {_MOST_ELEMENTS} elements"
            )
        element = _Element(tag.rpartition(":")[2])
        stack[-1].children.append(element)
        stack.append(element)

    def characters(text: str) -> None:
        if len(stack[-1].text) < _LONGEST_TEXT:
            stack[-1].text += text[:_LONGEST_TEXT]

    def refuse(*_: object) -> NoReturn:
        raise InvalidManifest("a document type (DOCTYPE) is not allowed")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda tag: stack.pop()
    parser.CharacterDataHandler = characters
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    try:
        parser.Parse(raw, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise (
            error if isinstance(error, InvalidManifest) else InvalidManifest(f"not XML: {error}")
        ) from None
    return root.children[0]
