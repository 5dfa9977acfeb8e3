"""Read pom.xml (https://maven.apache.org/pom.html).

`dependencyManagement` sets versions and scopes, and adds no dependency. The parent, imported BOMs
and the user's profiles are not in the file, so that a pom that needs them is not complete.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from loaders.sources.manifests.manifest_facts import InvalidManifest, Manifest
from loaders.sources.manifests.pom_xml import Element, parse_pom

_LONGEST_TEXT = 1000
_PROPERTY = re.compile(r"\$\{([^${}]+)\}")
# Properties may refer to other properties, up to this depth.
_ROUNDS = 5
_JAVA_VERSIONS = ("maven.compiler.release", "java.version", "maven.compiler.source")
_SCOPES = {"test": "dev", "provided": "peer"}
_PARTS = ("groupId", "artifactId", "version", "type", "classifier", "scope", "optional")


@dataclass
class _Pom:
    """The parts of one pom that resolve others: properties, and managed versions and scopes."""

    properties: dict[str, str]
    # Names of properties that a profile sets to another value.
    varying: set[str]
    managed: dict[str, dict[str, str]] = field(default_factory=dict)

    def expanded(self, text: str) -> str:
        """Return *text* with the values of the properties that this pom defines."""
        for _ in range(_ROUNDS):
            if "${" not in text or len(text) > _LONGEST_TEXT:
                break
            text = _PROPERTY.sub(self._value, text)
        return text

    def _value(self, match: re.Match[str]) -> str:
        return match[0] if match[1] in self.varying else self.properties.get(match[1], match[0])

    def parts_of(self, element: Element) -> dict[str, str]:
        return {part: self.expanded(element.text_at(part)) for part in _PARTS}

    def name_of(self, parts: dict[str, str]) -> str | None:
        name = f"{self.expanded(parts['groupId'])}:{self.expanded(parts['artifactId'])}"
        return name if re.fullmatch(r"[\w.-]+:[\w.-]+", name, re.ASCII) else None


def read_pom(raw: bytes) -> Manifest:
    """Read pom.xml; parent and plugins have scope build, `provided` dependencies scope peer."""
    project = parse_pom(raw)
    if project.tag != "project":
        raise InvalidManifest("the root element is not project")
    parent = {
        part: project.text_at("parent", part) for part in ("groupId", "artifactId", "version")
    }
    own = {part: project.text_at(part) or parent.get(part, "") for part in ("groupId", "version")}
    own["artifactId"] = project.text_at("artifactId")
    pom = _Pom(_properties(project, own, parent), _varying(project))
    for element in project.all("dependencyManagement", "dependencies", "dependency"):
        parts = pom.parts_of(element)
        pom.managed.setdefault(_key(parts), parts)
    manifest = Manifest("maven")
    manifest.set_identity(pom.name_of(own), pom.expanded(own["version"]))
    for name in _JAVA_VERSIONS:
        if name in pom.properties:
            manifest.state("runtime", "java", pom.expanded(pom.properties[name]))
            break
    if parent["artifactId"]:
        manifest.is_complete = False
        version = pom.expanded(parent["version"])
        manifest.add_dependency(pom.name_of(parent), version, scope="build", key="parent")
    _add_all(manifest, pom, project, None)
    for profile in project.all("profiles", "profile"):
        _add_all(manifest, pom, profile, profile.text_at("id"))
    return manifest


def _properties(project: Element, own: dict[str, str], parent: dict[str, str]) -> dict[str, str]:
    found = {
        element.tag: element.text.strip()
        for block in project.all("properties")
        for element in block.children
    }
    for part, value in own.items():
        found |= {f"project.{part}": value, f"pom.{part}": value, part: value}
    for part, value in parent.items():
        found |= {f"project.parent.{part}": value, f"parent.{part}": value}
    return found


def _varying(project: Element) -> set[str]:
    return {
        element.tag
        for block in project.all("profiles", "profile", "properties")
        for element in block.children
    }


def _key(parts: dict[str, str]) -> str:
    """Return what a managed dependency and the dependency that it manages have in common."""
    return ":".join(
        (parts["groupId"], parts["artifactId"], parts["type"] or "jar", parts["classifier"])
    )


def _add_all(manifest: Manifest, pom: _Pom, owner: Element, profile: str | None) -> None:
    """Add the dependencies and plugins of the project, or of one of its profiles."""
    prefix = "" if profile is None else f"profile.{profile}."
    marker = None if profile is None else f"profile {profile}"
    for element in owner.all("dependencies", "dependency"):
        # Whether a profile is active is only known on the machine that builds.
        manifest.is_complete &= marker is None
        _add_dependency(manifest, pom, pom.parts_of(element), f"{prefix}dependencies", marker)
    for element in owner.all("build", "plugins", "plugin"):
        parts = pom.parts_of(element)
        parts["groupId"] = parts["groupId"] or "org.apache.maven.plugins"
        name = pom.name_of(parts)
        key = f"{prefix}build.plugins.{name or parts['artifactId']}"
        manifest.add_dependency(name, parts["version"], scope="build", marker=marker, key=key)


def _add_dependency(
    manifest: Manifest, pom: _Pom, parts: dict[str, str], place: str, marker: str | None
) -> None:
    managed = pom.managed.get(_key(parts), {})
    for part in ("version", "scope", "optional"):
        parts[part] = parts[part] or managed.get(part, "")
    name = pom.name_of(parts)
    if name is None or not parts["version"] or "${" in "".join(parts.values()):
        manifest.is_complete = False
    scope = _SCOPES.get(parts["scope"], "runtime")
    if scope == "runtime" and parts["optional"] == "true":
        scope = "optional"
    manifest.add_dependency(
        name,
        parts["version"],
        scope=scope,
        group=parts["scope"],
        marker=marker,
        key=f"{place}.{name or parts['artifactId']}",
    )
