"""Read composer.json (getcomposer.org)."""

from __future__ import annotations

from loaders.sources.manifests.manifest_facts import Manifest, table_of
from loaders.sources.manifests.manifest_texts import load_json

_TABLES = {"require": "runtime", "require-dev": "dev"}


def read_composer_json(raw: bytes) -> Manifest:
    """Read composer.json without platform requirements, such as `php` and `ext-…`."""
    document = load_json(raw)
    manifest = Manifest("composer")
    manifest.set_identity(document.get("name"), document.get("version"))
    for table, scope in _TABLES.items():
        for name, specifier in table_of(document.get(table)).items():
            if "/" in name:
                manifest.add_dependency(name, specifier, scope=scope, key=f"{table}.{name}")
    return manifest
