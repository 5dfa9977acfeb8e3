"""pom.xml, as the "POM Reference" describes it.

Parsed by expat with everything refused that a pom has no use for: a document type (and with it every
entity of its own), depth, mass.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.parsers import expat

from loaders.sources.manifests.manifest_facts import Manifest, Refused

_DEEPEST = 64
_MOST_ELEMENTS = 50_000
_LONGEST_TEXT = 1000
_PROPERTY = re.compile(r"\$\{([^${}]+)\}")
# How often a property may lead to another one.
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
    """Read pom.xml; its parent and its plugins have the scope build, what a container provides the scope peer."""
    project = _parse(raw)
    if project.tag != "project":
        raise Refused("no project")
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
    manifest.is_called(_name(own, properties), _filled(own["version"], properties))
    if parent["artifactId"]:
        manifest.need(_name(parent, properties), parent["version"], scope="build", key="parent")
    for place, element in _dependencies(project):
        _take(manifest, place, element, properties)
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


def _take(manifest: Manifest, place: str, element: _Element, properties: dict[str, str]) -> None:
    is_plugin = element.tag == "plugin"
    parts = {part: element.text_at(part) for part in ("groupId", "artifactId", "version")}
    if is_plugin:
        parts["groupId"] = parts["groupId"] or "org.apache.maven.plugins"
    said = element.text_at("scope")
    scope = "build" if is_plugin else _SCOPES.get(said, "runtime")
    if scope == "runtime" and element.text_at("optional") == "true":
        scope = "optional"
    name = _name(parts, properties)
    version = _filled(parts["version"], properties)
    manifest.need(
        name, version, scope=scope, group=said, key=f"{place}.{name or parts['artifactId']}"
    )


def _name(parts: dict[str, str], properties: dict[str, str]) -> str | None:
    name = f"{_filled(parts['groupId'], properties)}:{_filled(parts['artifactId'], properties)}"
    return name if re.fullmatch(r"[\w.-]+:[\w.-]+", name, re.ASCII) else None


def _filled(text: str, properties: dict[str, str]) -> str:
    """Return *text* with properties put in, as far as this pom says them."""
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
            raise Refused(
                "nested too deep"
                if len(stack) > _DEEPEST
                else f"more than {_MOST_ELEMENTS} elements"
            )
        element = _Element(tag.rpartition(":")[2])
        stack[-1].children.append(element)
        stack.append(element)

    def characters(text: str) -> None:
        if len(stack[-1].text) < _LONGEST_TEXT:
            stack[-1].text += text[:_LONGEST_TEXT]

    def refuse(*_: object) -> None:
        raise Refused("it declares a document type, which no pom needs and entities could hide in")

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
        raise error if isinstance(error, Refused) else Refused(f"not XML: {error}") from None
    return root.children[0]
