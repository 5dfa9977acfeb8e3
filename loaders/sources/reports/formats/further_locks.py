"""The lock files of Mix, Swift, Dart, Deno, CocoaPods and conda-lock."""

from __future__ import annotations

import re
from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.reports.reading.dependency_graph import Packages
from loaders.sources.reports.reading.json_fields import (
    as_object,
    first_in,
    list_in,
    needed_text_in,
    object_in,
    objects_in,
    text_in,
)
from loaders.sources.reports.reading.package_components import component_of
from loaders.sources.reports.reading.package_names import (
    git_source,
    package_named,
    registry_place,
)
from loaders.sources.reports.reading.report_facts import Component, ToolRun
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows, json_list
from loaders.sources.reports.reading.whole_documents import (
    json_object,
    lines_of,
    yaml_document,
)

# -- mix.lock --------------------------------------------------------------------------------------

_HEX = re.compile(r'\s*"([\w.-]+)":\s*\{:hex,\s*:"?([\w.-]+)"?,\s*"([^"]+)"')
_MIX_GIT = re.compile(r'\s*"([\w.-]+)":\s*\{:git,\s*"([^"]+)"')
_MIX_NEED = re.compile(r'\{:(\w+), "[^"]{0,200}", \[hex: :(\w+)[^\]]{0,300}?optional: (true|false)')


def _is_mix(head: Head) -> bool:
    lines = [line for line in head.lines if line.strip()]
    return lines[:1] == ["%{"] and any(
        _HEX.match(line) or _MIX_GIT.match(line) for line in lines[1:3]
    )


def _read_mix(file: ArtifactFile, rows: Rows) -> None:
    packages = Packages()
    needs: list[tuple[str, str]] = []
    for line in lines_of(file):
        if hexed := _HEX.match(line):
            name = hexed[1]
            component = component_of("hex", hexed[2], hexed[3], source_kind="registry")
            packages.add(component._replace(name=name, reference=name))
            needs += [(name, need[1]) for need in _MIX_NEED.finditer(line) if need[3] == "false"]
        elif git := _MIX_GIT.match(line):
            place = git_source(git[2])[1]
            packages.add(
                component_of(
                    "hex", git[1], None, reference=git[1], source_kind="git", source_place=place
                )
            )
        elif line.strip() not in ("", "%{", "}"):
            raise Invalid("a line that is not a package")
    for owner, other in needs:
        if other in packages:
            packages.link(owner, other)
    packages.land(rows, ToolRun(), derives=False)


# -- Package.resolved ------------------------------------------------------------------------------


def _is_swift(head: Head) -> bool:
    document = head.document
    pins = document.get("pins") if isinstance(document, dict) else None
    if isinstance(document, dict) and isinstance(document.get("object"), dict):
        pins = document["object"].get("pins")
    first = first_in(pins)
    return isinstance(first, dict) and bool({"location", "repositoryURL"} & first.keys())


def _read_swift(file: ArtifactFile, rows: Rows) -> None:
    document = json_object(file)
    packages = Packages()
    for pin in objects_in(object_in(document, "object") or document, "pins"):
        url = text_in(pin, "location") or text_in(pin, "repositoryURL")
        kind, place = git_source(url) if pin.get("kind") != "localSourceControl" else ("path", url)
        version = text_in(object_in(pin, "state"), "version")
        name = text_in(pin, "identity") or text_in(pin, "package") or place or "package"
        # A package of Swift is named by its repository.
        full = re.sub(r"^\w+://|\.git$", "", place) if place and kind == "git" else name
        package = package_named("swift", full, version)
        packages.add(
            component_of("swift", name, version)._replace(
                purl=package.purl,
                canonical_name=package.canonical_name,
                source_kind=kind,
                source_place=place,
            )
        )
    packages.land(rows, ToolRun(), derives=False)


# -- pubspec.lock ----------------------------------------------------------------------------------


def _is_pub(head: Head) -> bool:
    lines = [line for line in head.lines if line.strip() and not line.startswith("#")]
    return lines[:1] == ["packages:"] and any(
        line.startswith(('    dependency: "', "    dependency: ")) for line in lines[:8]
    )


def _read_pub(file: ArtifactFile, rows: Rows) -> None:
    packages = Packages()
    entries = object_in(yaml_document(file), "packages")
    for name in entries:
        entry = object_in(entries, name)
        scope = text_in(entry, "dependency") or ""
        description = entry.get("description")
        details = description if isinstance(description, dict) else {}
        kind = {"hosted": "registry", "git": "git", "path": "path"}.get(str(entry.get("source")))
        url = text_in(details, "url")
        place = git_source(url)[1] if kind == "git" else registry_place(url)
        packages.add(
            component_of(
                "pub",
                name,
                text_in(entry, "version"),
                scope_given=scope,
                # A transitive dependency may be needed by either.
                is_direct=scope.startswith("direct"),
                is_dev={"direct dev": True, "direct main": False}.get(scope),
                source_kind=kind,
                source_place=text_in(details, "path") if kind == "path" else place,
            )
        )
    packages.land(rows, ToolRun(), derives=False)


# -- deno.lock -------------------------------------------------------------------------------------


def _is_deno(head: Head) -> bool:
    document = head.document
    if not isinstance(document, dict) or document.get("version") not in ("2", "3", "4", "5"):
        return False
    tables = ("specifiers", "packages", "remote", "jsr", "npm")
    return any(isinstance(document.get(table), dict) for table in tables)


def _read_deno(file: ArtifactFile, rows: Rows) -> None:
    document = json_object(file)
    # Version 3 has the tables one level deeper.
    tables = object_in(document, "packages") or document
    packages = Packages()
    for ecosystem in ("jsr", "npm"):
        entries = object_in(tables, ecosystem)
        entries = object_in(entries, "packages") or entries
        for key in entries:
            # Peers are behind the version: `name@1.0.0_react@18.3.1`.
            found = re.fullmatch(r"(@[^/@]+/[^@]+|[^@]+)@([^_]*)(?:_.*)?", key, re.DOTALL)
            if found:
                packages.add(
                    component_of(
                        ecosystem, found[1], found[2], reference=key, source_kind="registry"
                    )
                )
        for key in entries:
            needs = as_object(entries[key], f"the package {key[:100]}").get("dependencies")
            for need in needs if isinstance(needs, list | dict) else ():
                # In version 3, the values of a table are the keys.
                other = needs[need] if isinstance(needs, dict) else need
                if isinstance(other, str) and other in packages and key in packages:
                    packages.link(key, other)
    packages.land(rows, ToolRun(), derives=False)


# -- Podfile.lock ----------------------------------------------------------------------------------

_POD = re.compile(r"([^\s(]+)(?: \(([^)]*)\))?")


def _is_podfile(head: Head) -> bool:
    return head.lines[:1] == ["PODS:"]


def _read_podfile(file: ArtifactFile, rows: Rows) -> None:
    document = yaml_document(file)
    packages = Packages()
    direct = {
        found[1] for need in list_in(document, "DEPENDENCIES") if (found := _POD.match(str(need)))
    }
    needs: list[tuple[str, str]] = []
    for item in list_in(document, "PODS"):
        for text, others in (item if isinstance(item, dict) else {item: []}).items():
            if not (pod := _POD.match(str(text))):
                raise Invalid("a pod without a name")
            packages.add(
                component_of(
                    "cocoapods", pod[1], pod[2], reference=pod[1], is_direct=pod[1] in direct
                )
            )
            needs += [
                (pod[1], found[1])
                for other in (others if isinstance(others, list) else ())
                if (found := _POD.match(str(other)))
            ]
    for owner, name in needs:
        if name in packages:
            packages.link(owner, name)
    packages.land(rows, ToolRun("CocoaPods", text_in(document, "COCOAPODS")), derives=False)


# -- conda-lock ------------------------------------------------------------------------------------


def _is_conda(head: Head) -> bool:
    lines = [line for line in head.lines if line.strip() and not line.startswith("#")]
    return lines[:1] == ["version: 1"] and any(
        line.strip() == "content_hash:" for line in lines[:4]
    )


def _read_conda(file: ArtifactFile, rows: Rows) -> None:
    packages = Packages()
    entries = objects_in(yaml_document(file), "package")
    references: dict[tuple[str, str], str] = {}
    for entry in entries:
        component = _of_conda(entry)
        reference = component.reference or ""
        # One entry for each platform.
        if reference not in packages:
            packages.add(component)
        references[str(entry.get("platform")), component.name] = reference
    for entry in entries:
        platform = str(entry.get("platform"))
        owner = references[platform, needed_text_in(entry, "name")]
        for name in object_in(entry, "dependencies"):
            if other := references.get((platform, name)):
                packages.link(owner, other)
    packages.land(rows, ToolRun(), derives=False)


def _of_conda(entry: dict[str, Any]) -> Component:
    group = text_in(entry, "category") or text_in(entry, "group")
    ecosystem = "python" if entry.get("manager") == "pip" else "conda"
    return component_of(
        ecosystem,
        needed_text_in(entry, "name"),
        text_in(entry, "version"),
        is_dev=group != "main" if group else None,
        is_optional={"true": True, "false": False}.get(str(entry.get("optional"))),
        groups=json_list([group] if group else []),
        source_kind="registry",
    )


FURTHER_LOCKS = (
    Form("conda-lock", _is_conda, _read_conda),
    Form("deno-lock", _is_deno, _read_deno),
    Form("mix-lock", _is_mix, _read_mix),
    Form("podfile-lock", _is_podfile, _read_podfile),
    Form("pubspec-lock", _is_pub, _read_pub),
    Form("swift-resolved", _is_swift, _read_swift),
)
