"""Read package.json (docs.npmjs.com), with the protocols of pnpm and Yarn."""

from __future__ import annotations

import re
from typing import Any

from loaders.sources.manifests.manifest_facts import (
    Manifest,
    Pointer,
    forge_pointer,
    path_pointer,
    table_of,
    url_pointer,
)
from loaders.sources.manifests.manifest_texts import load_json

_TABLES = {
    "dependencies": "runtime",
    "devDependencies": "dev",
    "peerDependencies": "peer",
    "optionalDependencies": "optional",
}
_ALIAS = re.compile(r"npm:(@?[^@]+)(?:@(.*))?")
_PLACE = re.compile(r"(?:file|link|portal):(.*)", re.DOTALL)
_FORGE = re.compile(r"(?:(github|gitlab|bitbucket):)?([\w.-]+/[\w.-]+)(?:#.*)?", re.DOTALL)
_HOSTS = {
    None: "github.com",
    "github": "github.com",
    "gitlab": "gitlab.com",
    "bitbucket": "bitbucket.org",
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
    # npm allows an optional dependency in both tables; it counts as optional.
    optional = table_of(document.get("optionalDependencies"))
    for table, scope in _TABLES.items():
        for name, entry in table_of(document.get(table)).items():
            if table == "dependencies" and name in optional:
                continue
            is_optional = scope == "peer" and name in optional_peers
            _add(manifest, name, entry, "optional" if is_optional else scope, f"{table}.{name}")
    return manifest


def _add(manifest: Manifest, name: str, entry: Any, scope: str, key: str) -> None:
    entry = entry.strip() if isinstance(entry, str) else ""
    specifier: str | None = None
    pointer: Pointer | None = None
    if alias := _ALIAS.fullmatch(entry):
        name, specifier = alias[1], alias[2]
    elif entry.startswith("workspace:"):
        place = entry.removeprefix("workspace:")
        # `workspace:../name` is a path, `workspace:^1.2` a range.
        pointer = path_pointer(place) if place.startswith((".", "/")) else Pointer("workspace")
        specifier = None if pointer and pointer.kind == "path" else place
    elif place := _PLACE.fullmatch(entry):
        pointer = path_pointer(re.sub("^//", "", place[1]))
    elif entry.startswith(("./", "../", "/", "~/")):
        pointer = path_pointer(entry)
    elif "://" in entry or entry.startswith("git@"):
        pointer = url_pointer(entry)
    elif forge := _FORGE.fullmatch(entry):
        pointer = forge_pointer(forge[2], _HOSTS[forge[1]])
    else:
        specifier = entry
    manifest.add_dependency(name, specifier, scope=scope, key=key, pointer=pointer)
