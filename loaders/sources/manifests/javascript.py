"""Read package.json (docs.npmjs.com), with the protocols of pnpm and Yarn."""

from __future__ import annotations

import re
from typing import Any

from loaders.sources.manifests.command_lines import add_runs
from loaders.sources.manifests.manifest_facts import (
    Manifest,
    Pointer,
    forge_pointer,
    path_pointer,
    table_of,
    url_pointer,
)
from loaders.sources.manifests.manifest_texts import load_json
from loaders.sources.manifests.named_places import add_package_json_places

_TABLES = {
    "dependencies": "runtime",
    "devDependencies": "dev",
    "peerDependencies": "peer",
    "optionalDependencies": "optional",
}
# `npm:name@range`; Yarn also has `npm:range`, whose name is the key.
_ALIAS = re.compile(r"(?:npm|jsr):(?:(@?[^@]+)(?:@(.*))?)", re.DOTALL)
_RANGE = re.compile(r"[\^~<>=*]|v?\d+(?:\.|$)")
# `workspace:name@range`; without a name, a range or the path of the package.
_WORKSPACE = re.compile(r"workspace:(?:((?:@[^/@]+/)?[^@/]+)@)?(.*)", re.DOTALL)
_PATCH = re.compile(r"patch:((?:@[^/@]+/)?[^@/]+)@(?:npm(?::|%3A))?([^#]*)(?:#.*)?", re.DOTALL)
_PLACE = re.compile(r"(?:file|link|portal):(.*)", re.DOTALL)
_FILE = re.compile(r"\.|~?/|[A-Za-z]:[\\/]|.*\.(?:tgz|tar|tar\.gz)$")
_FORGE = re.compile(
    r"(?:(github|gitlab|bitbucket|sourcehut):)?([~\w.-]+/[\w.-]+?)(?:\.git)?(?:#.*)?", re.DOTALL
)
_GIST = re.compile(r"gist:(?:[\w-]+/)?([0-9a-f]+)(?:#.*)?")
_HOSTS = {
    None: "github.com",
    "github": "github.com",
    "gitlab": "gitlab.com",
    "bitbucket": "bitbucket.org",
    "sourcehut": "git.sr.ht",
}


def read_package_json(raw: bytes) -> Manifest:
    """Read package.json."""
    document = load_json(raw)
    manifest = Manifest("npm")
    manifest.set_identity(document.get("name"), document.get("version"))
    optional_peers = {
        name
        for name, meta in table_of(document.get("peerDependenciesMeta")).items()
        if table_of(meta).get("optional")
    }
    add_package_json_places(manifest, document)
    _add_statements(manifest, document)
    # npm allows an optional dependency in both tables; it counts as optional.
    optional = table_of(document.get("optionalDependencies"))
    for table, scope in _TABLES.items():
        for name, entry in table_of(document.get(table)).items():
            if table == "dependencies" and name in optional:
                continue
            is_optional = scope == "peer" and name in optional_peers
            _add(manifest, name, entry, "optional" if is_optional else scope, f"{table}.{name}")
    return manifest


def _add_statements(manifest: Manifest, document: dict[str, Any]) -> None:
    """Add scripts, engines, the package manager, and the tools that have settings here."""
    for name, line in table_of(document.get("scripts")).items():
        manifest.state("command", name)
        add_runs(manifest, line)
    for name, versions in table_of(document.get("engines")).items():
        manifest.state("runtime", name, versions)
    manager = document.get("packageManager")
    if isinstance(manager, str):
        name, _, version = manager.partition("@")
        manifest.state("section", name, version.partition("+")[0])
    for name, settings in document.items():
        if isinstance(settings, dict | list) and name not in _TABLES:
            manifest.state("section", name)


def _add(manifest: Manifest, name: str, entry: Any, scope: str, key: str) -> None:
    entry = entry.strip() if isinstance(entry, str) else ""
    specifier: str | None = None
    pointer: Pointer | None = None
    if alias := _ALIAS.fullmatch(entry):
        if _RANGE.match(alias[1]):
            specifier = alias[1]
        else:
            name, specifier = (alias[1] if entry.startswith("npm:") else name), alias[2]
    elif patch := _PATCH.fullmatch(entry):
        name, specifier = patch[1], patch[2]
    elif entry.startswith("workspace:"):
        name, specifier, pointer = _of_workspace(name, entry)
    elif place := _PLACE.fullmatch(entry):
        pointer = path_pointer(re.sub("^//", "", place[1]))
    elif "://" in entry or re.match(r"[^/]+@[^/]+:", entry):
        pointer = url_pointer(entry)
    elif gist := _GIST.fullmatch(entry):
        pointer = Pointer("git", f"https://gist.github.com/{gist[1]}")
    elif _FILE.match(entry):
        pointer = path_pointer(entry)
    elif forge := _FORGE.fullmatch(entry):
        pointer = forge_pointer(forge[2], _HOSTS[forge[1]])
    elif "/" in entry:
        pointer = path_pointer(entry)
    else:
        specifier = entry
    manifest.add_dependency(name, specifier, scope=scope, key=key, pointer=pointer)


def _of_workspace(name: str, entry: str) -> tuple[str, str | None, Pointer | None]:
    """Return name, range and pointer of `workspace:…`: a path, or a package of the workspace."""
    other, place = _WORKSPACE.fullmatch(entry).groups()  # type: ignore[union-attr]
    if other is None and "/" in place:
        # A path with a leading dot starts at the manifest, any other one at the workspace.
        is_near = place.startswith((".", "/"))
        return name, None, path_pointer(place) if is_near else Pointer("workspace")
    return other or name, place, Pointer("workspace")
