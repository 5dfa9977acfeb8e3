"""The lock files of pnpm (5 to 9) and Bun.

Sources: https://github.com/pnpm/spec/tree/master/lockfile, https://bun.com/docs/pm/lockfile
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.reports.formats.npm_lock import TABLES
from loaders.sources.reports.formats.yarn_locks import descriptor_of
from loaders.sources.reports.reading.dependency_graph import (
    PEER,
    Packages,
)
from loaders.sources.reports.reading.json_fields import as_object, list_in, object_in, text_in
from loaders.sources.reports.reading.package_components import component_of
from loaders.sources.reports.reading.package_names import (
    registry_place,
    source_of,
    without_credentials,
)
from loaders.sources.reports.reading.report_facts import Component, ToolRun
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows
from loaders.sources.reports.reading.whole_documents import (
    json_with_comments,
    yaml_document,
)

# Bun nests packages as deep as they conflict.
_DEEPEST = 64

# -- pnpm ------------------------------------------------------------------------------------------


def _is_pnpm(head: Head) -> bool:
    return any(re.match(r"lockfileVersion:\s", line) for line in head.lines[:5])


def _read_pnpm(file: ArtifactFile, rows: Rows) -> None:
    document = yaml_document(file)
    packages = Packages()
    # Without a workspace, older versions have the tables of the root at the top.
    importers = object_in(document, "importers") or {".": document}
    snapshots = object_in(document, "snapshots")
    entries = object_in(document, "packages")
    for folder in importers:
        packages.add(
            Component(
                name=folder if folder != "." else "root",
                reference=f"importer:{folder}",
                ecosystem="npm",
                is_root=True,
                source_kind="workspace",
                source_place=folder,
            )
        )
    details = {**entries, **snapshots}
    for key in snapshots or entries:
        entry = as_object(details[key] or {}, f"the package {key[:100]}")
        # In version 9, the dependencies are in the snapshots, and the rest in the packages.
        packages.add(_of_pnpm(key, entry | _described(entries, key)))
    for folder, importer in importers.items():
        _link_pnpm(f"importer:{folder}", folder, as_object(importer, "an importer"), packages)
    for key in snapshots or entries:
        _link_pnpm(without_credentials(key), ".", as_object(details[key] or {}, key), packages)
    # In version 9, no package is marked as one for development.
    packages.land(rows, ToolRun(), derives=True)


def _described(entries: dict[str, Any], key: str) -> dict[str, Any]:
    described = entries.get(key) or entries.get(_without_peers(key)) or {}
    return described if isinstance(described, dict) else {}


def _without_peers(key: str) -> str:
    """Return the key without the versions of peers: `(react@18.3.1)`, or `_react@18.3.1`."""
    return key.partition("(")[0]


def _of_pnpm(key: str, entry: dict[str, Any]) -> Component:
    name, version = _pnpm_name(key)
    name, version = text_in(entry, "name") or name, text_in(entry, "version") or version
    resolution = entry.get("resolution")
    resolution = resolution if isinstance(resolution, dict) else {}
    kind, place = _pnpm_source(resolution, version)
    return component_of(
        "npm",
        name,
        version if kind == "registry" or re.match(r"\d", version) else None,
        reference=key,
        is_dev=_truth(entry.get("dev")),
        is_optional=_truth(entry.get("optional")),
        source_kind=kind,
        source_place=place,
    )


def _pnpm_source(resolution: dict[str, Any], version: str) -> tuple[str | None, str | None]:
    if repository := text_in(resolution, "repo"):
        return "git", source_of(
            repository if repository.startswith("git") else f"git+{repository}"
        )[1]
    if directory := text_in(resolution, "directory"):
        return "path", directory
    tarball = text_in(resolution, "tarball")
    if tarball and "/-/" not in tarball:
        return source_of(tarball)
    if version.startswith(("file:", "link:")):
        return "path", version.partition(":")[2]
    return "registry", registry_place(tarball)


def _truth(value: Any) -> bool | None:
    return {"true": True, "false": False}.get(value) if isinstance(value, str) else None


def _pnpm_name(key: str) -> tuple[str, str]:
    """Return name and version: of `/name/1.0.0_peer@1`, `/name@1.0.0(peer@1)`, `name@1.0.0`."""
    bare = _without_peers(key)
    if bare.startswith("/"):
        bare = bare[1:]
        found = re.fullmatch(r"(@[^/]+/[^/@]+|[^/@]+)[/@]([^_]*)(?:_.*)?", bare, re.DOTALL)
        return (found[1], found[2]) if found else (bare, "")
    return descriptor_of(bare)


def _link_pnpm(owner: str, folder: str, entry: dict[str, Any], packages: Packages) -> None:
    for table, kind in TABLES.items():
        if table == "peerDependencies":
            continue
        for name, need in object_in(entry, table).items():
            version = need.get("version") if isinstance(need, dict) else need
            if not isinstance(version, str):
                raise Invalid(f"a dependency of {owner[:100]} without a version")
            for key in _pnpm_keys(name, version, folder):
                if (key := without_credentials(key)) in packages:
                    packages.link(owner, key, kind)
                    break


def _pnpm_keys(name: str, version: str, folder: str) -> Iterator[str]:
    """Yield the keys that a package may have, by the versions of the format."""
    if version.startswith("link:"):
        yield "importer:" + _joined(folder, version.removeprefix("link:"))
        return
    yield f"{name}@{version}"
    yield f"/{name}@{version}"
    yield f"/{name}/{version}"
    # An alias, and packages that are from no registry, have the whole key.
    yield version
    yield f"/{version}"


def _joined(folder: str, path: str) -> str:
    parts = [part for part in folder.split("/") if part != "."]
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts) or "."


# -- Bun -------------------------------------------------------------------------------------------


def _is_bun(head: Head) -> bool:
    document = head.document
    return isinstance(document, dict) and {"lockfileVersion", "workspaces"} <= document.keys()


def _read_bun(file: ArtifactFile, rows: Rows) -> None:
    document = json_with_comments(file)
    packages = Packages()
    places: dict[str, str] = {}
    members = object_in(document, "workspaces")
    for folder, entry in members.items():
        entry = as_object(entry, "a workspace")
        name = text_in(entry, "name") or folder or "root"
        reference = f"workspace:{folder}"
        packages.add(
            component_of(
                "npm",
                name,
                text_in(entry, "version"),
                reference=reference,
                is_root=True,
                source_kind="workspace",
                source_place=folder or ".",
            )
        )
        places[name] = reference
    entries = object_in(document, "packages")
    for key in entries:
        entry = list_in(entries, key)
        name, source = descriptor_of(entry[0]) if entry and isinstance(entry[0], str) else (key, "")
        if not source.startswith("workspace:"):
            packages.add(_of_bun(key, name, source))
            places[key] = key
    for folder, entry in members.items():
        name = text_in(entry, "name") or ""
        for other, kind in _bun_needs(entry):
            # A version for one member is at its name.
            if found := places.get(f"{name}/{other}") or places.get(other):
                packages.link(f"workspace:{folder}", found, kind)
    for key in entries:
        details = next((one for one in list_in(entries, key) if isinstance(one, dict)), {})
        if places.get(key) == key:
            for other, kind in _bun_needs(details):
                if found := _bun_place(key, other, places):
                    packages.link(key, found, kind)
    packages.land(rows, ToolRun(), derives=True)


def _of_bun(key: str, name: str, source: str) -> Component:
    parts = key.split("/")
    alias = "/".join(parts[-2:]) if parts[-2:-1] and parts[-2].startswith("@") else parts[-1]
    is_registry = re.match(r"v?\d", source) is not None
    kind, place = ("registry", None) if is_registry else source_of(source)
    version = source if is_registry else None
    return component_of(
        "npm", alias, version, real=name, reference=key, source_kind=kind, source_place=place
    )


def _bun_needs(entry: dict[str, Any]) -> Iterator[tuple[str, str]]:
    optional_peers = set(map(str, list_in(entry, "optionalPeers")))
    for table, kind in TABLES.items():
        for name in object_in(entry, table):
            if kind != PEER or name not in optional_peers:
                yield name, kind


def _bun_place(key: str, name: str, places: dict[str, str]) -> str | None:
    """Return the place of the package *name* for the one at *key*: the nearest above it."""
    parts = key.split("/", _DEEPEST)
    for count in range(len(parts), -1, -1):
        place = "/".join([*parts[:count], name])
        if place in places:
            return places[place]
    return None


NODE_LOCKS = (
    Form("bun-lock", _is_bun, _read_bun),
    Form("pnpm-lock", _is_pnpm, _read_pnpm),
)
