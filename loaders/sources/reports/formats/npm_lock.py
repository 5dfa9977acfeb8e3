"""The lock files of npm: package-lock.json and npm-shrinkwrap.json, versions 1 to 3.

Also the tree that `npm ls --json` prints, which has the form of version 1.
Source: https://docs.npmjs.com/cli/configuring-npm/package-lock-json
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.reports.reading.dependency_graph import (
    DEV,
    OPTIONAL,
    PEER,
    RUNTIME,
    Packages,
)
from loaders.sources.reports.reading.json_fields import (
    as_object,
    object_in,
    text_in,
    truth_in,
)
from loaders.sources.reports.reading.package_names import package_named, registry_place, source_of
from loaders.sources.reports.reading.report_facts import Component, ToolRun
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows
from loaders.sources.reports.reading.whole_documents import json_object

_MODULES = "node_modules/"
_ROOT = "."
# Steps of a folder. Real ones have some tens.
_DEEPEST = 500
# Kind of a link by the table that names it; a later one is stronger.
TABLES = {
    "devDependencies": DEV,
    "optionalDependencies": OPTIONAL,
    "peerDependencies": PEER,
    "dependencies": RUNTIME,
}
_OF_TREES = {"resolved", "from", "integrity", "overridden", "missing", "extraneous", "requires"}


def _is_lock(head: Head) -> bool:
    document = head.document
    if not isinstance(document, dict) or isinstance(document.get("lockfileVersion"), str | None):
        return False
    return "workspaces" not in document


def _is_tree(head: Head) -> bool:
    """Recognise what `npm ls` prints, and shrinkwraps without a version."""
    document = head.document
    packages = document.get("dependencies") if isinstance(document, dict) else None
    if not isinstance(packages, dict) or not packages or "lockfileVersion" in document:
        return False
    return any(
        isinstance(one, dict) and bool(one.keys() & _OF_TREES) and "version" in one
        for one in list(packages.values())[:10]
    )


def _read(file: ArtifactFile, rows: Rows) -> None:
    document = json_object(file)
    packages = Packages()
    if "packages" in document:
        _add_packages(document, packages)
    else:
        _add_tree(document, packages)
    packages.land(rows, ToolRun(), derives=False)


# -- versions 2 and 3: a flat table of folders -----------------------------------------------------


def _add_packages(document: dict[str, Any], packages: Packages) -> None:
    folders = object_in(document, "packages")
    # The lock that npm keeps in node_modules has no entry for the root.
    root = {"name": document.get("name"), "version": document.get("version")}
    entries = {"": root} | {
        folder: as_object(entry, f"the package {folder[:100]}") for folder, entry in folders.items()
    }
    targets = {
        folder: text_in(entry, "resolved") or folder
        for folder, entry in entries.items()
        if truth_in(entry, "link")
    }
    for folder, entry in entries.items():
        if folder not in targets:
            packages.add(_component(folder, entry))
    for folder, entry in entries.items():
        if folder in targets:
            continue
        for name, kind in _needs(entry):
            place = _installed(folder, name, entries)
            if place is not None:
                packages.link(_reference(folder), _reference(targets.get(place, place)), kind)


def _reference(folder: str) -> str:
    return folder or _ROOT


def _component(folder: str, entry: dict[str, Any]) -> Component:
    alias = folder.rpartition(_MODULES)[2]
    is_root = _MODULES not in folder
    name = text_in(entry, "name") or alias or "root"
    package = package_named("npm", name, text_in(entry, "version"))
    is_dev = bool(truth_in(entry, "dev"))
    kind, place = _source(entry)
    return Component(
        name=alias if alias and not is_root else name,
        version=package.version,
        reference=_reference(folder),
        purl=package.purl,
        ecosystem=package.ecosystem,
        canonical_name=package.canonical_name,
        is_root=is_root,
        is_dev=None if is_root else is_dev,
        is_optional=None
        if is_root
        else bool(truth_in(entry, "optional") or truth_in(entry, "devOptional")),
        source_kind="workspace" if is_root else kind,
        source_place=_reference(folder) if is_root else place,
        licence=_licence(entry),
    )


def _licence(entry: dict[str, Any]) -> str | None:
    licence = entry.get("license")
    # Old packages have an object with a type.
    licence = licence.get("type") if isinstance(licence, dict) else licence
    return licence if isinstance(licence, str) else None


def _source(entry: dict[str, Any]) -> tuple[str | None, str | None]:
    resolved = text_in(entry, "resolved")
    # With omit-lockfile-registry-resolved, npm leaves it out.
    if resolved is None or (resolved.startswith("http") and "/-/" in resolved):
        return "registry", registry_place(resolved)
    return source_of(resolved)


def _needs(entry: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (name, kind) of what a package needs."""
    for table, kind in TABLES.items():
        for name in object_in(entry, table):
            if kind != RUNTIME or name not in object_in(entry, "optionalDependencies"):
                yield name, kind


def _installed(folder: str, name: str, entries: dict[str, Any]) -> str | None:
    """Return where Node finds the package *name* that one in *folder* needs."""
    if folder.count("/") > _DEEPEST:
        return None
    while True:
        place = f"{folder}/{_MODULES}{name}" if folder else f"{_MODULES}{name}"
        if place in entries:
            return place
        if not folder:
            return None
        above = folder.rpartition(_MODULES)
        folder = above[0].rstrip("/") if above[1] else folder.rpartition("/")[0]


# -- version 1: packages in packages ---------------------------------------------------------------


def _add_tree(document: dict[str, Any], packages: Packages) -> None:
    root_name, version = text_in(document, "name"), text_in(document, "version")
    root = package_named("npm", root_name, version)
    packages.add(
        Component(
            name=root_name or "root",
            version=version,
            reference=_ROOT,
            purl=root.purl,
            ecosystem="npm",
            canonical_name=root.canonical_name,
            is_root=True,
            source_kind="workspace",
            source_place=_ROOT,
        )
    )
    is_printed = "lockfileVersion" not in document and "requires" not in document
    folders: dict[str, dict[str, Any]] = {}
    waiting = [("", document)]
    while waiting:
        folder, owner = waiting.pop()
        for name, entry in object_in(owner, "dependencies").items():
            inner = as_object(entry, f"the package {name[:100]}")
            place = f"{folder}/{_MODULES}{name}".lstrip("/")
            if is_printed:
                # `npm ls` names a package again wherever it is needed.
                place = f"{name}@{text_in(inner, 'version') or ''}"
            is_new = place not in folders
            if "version" in inner and is_new:
                folders[place] = inner
                packages.add(_of_tree(place, name, inner, is_printed=is_printed))
            if "version" in inner:
                waiting.append((place, inner))
            if is_printed and place in folders:
                packages.link(_reference(folder), place)
    for folder, entry in folders.items():
        requires = entry.get("requires")
        for name in requires if isinstance(requires, dict) else ():
            found = _installed(folder, name, folders)
            if found is not None:
                packages.link(folder, found)


def _of_tree(place: str, name: str, entry: dict[str, Any], *, is_printed: bool) -> Component:
    version = text_in(entry, "version") or ""
    kind, source = _source(entry)
    real = name
    if version.startswith("npm:"):
        real, _, version = version.removeprefix("npm:").rpartition("@")
    elif ":" in version or "/" in version:
        # The place of a package that is from no registry.
        kind, source = source_of(version)
        version = ""
    package = package_named("npm", real or name, version or None)
    return Component(
        name=name,
        version=package.version,
        reference=place,
        purl=package.purl,
        ecosystem=package.ecosystem,
        canonical_name=package.canonical_name,
        is_dev=None if is_printed else bool(truth_in(entry, "dev")),
        is_optional=None if is_printed else bool(truth_in(entry, "optional")),
        source_kind=kind,
        source_place=source,
    )


def _read_tree(file: ArtifactFile, rows: Rows) -> None:
    document = json_object(file)
    if not object_in(document, "dependencies"):
        raise Invalid("no dependencies")
    packages = Packages()
    _add_tree(document, packages)
    packages.land(rows, ToolRun(), derives=False)


NPM_LOCK = (Form("npm-lock", _is_lock, _read), Form("npm-tree", _is_tree, _read_tree))
