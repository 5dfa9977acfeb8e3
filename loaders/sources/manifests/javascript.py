"""package.json, as docs.npmjs.com describes it, with the protocols of pnpm and Yarn."""

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
    manifest.is_called(document.get("name"), document.get("version"))
    optional_peers = {
        name
        for name, meta in table_of(document.get("peerDependenciesMeta")).items()
        if table_of(meta).get("optional")
    }
    # npm lets what is optional stand in both tables; optional it is.
    optional = table_of(document.get("optionalDependencies"))
    for table, scope in _TABLES.items():
        for name, how in table_of(document.get(table)).items():
            if table == "dependencies" and name in optional:
                continue
            is_optional = scope == "peer" and name in optional_peers
            _take(manifest, name, how, "optional" if is_optional else scope, f"{table}.{name}")
    return manifest


def _take(manifest: Manifest, name: str, how: Any, scope: str, key: str) -> None:
    how = how.strip() if isinstance(how, str) else ""
    specifier: str | None = None
    pointer: Pointer | None = None
    if alias := _ALIAS.fullmatch(how):
        name, specifier = alias[1], alias[2]
    elif how.startswith("workspace:"):
        place = how.removeprefix("workspace:")
        # `workspace:../name` is a place, `workspace:^1.2` a range.
        pointer = path_pointer(place) if place.startswith((".", "/")) else Pointer("workspace")
        specifier = None if pointer.kind == "path" else place
    elif place := _PLACE.fullmatch(how):
        pointer = path_pointer(re.sub("^//", "", place[1]))
    elif how.startswith(("./", "../", "/", "~/")):
        pointer = path_pointer(how)
    elif "://" in how or how.startswith("git@"):
        pointer = url_pointer(how)
    elif forge := _FORGE.fullmatch(how):
        pointer = forge_pointer(forge[2], _HOSTS[forge[1]])
    else:
        specifier = how
    manifest.need(name, specifier, scope=scope, key=key, pointer=pointer)
