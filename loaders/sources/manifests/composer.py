"""Read composer.json (getcomposer.org)."""

from __future__ import annotations

from loaders.sources.manifests.command_lines import add_runs
from loaders.sources.manifests.manifest_facts import Manifest, table_of
from loaders.sources.manifests.manifest_texts import load_json

_TABLES = {"require": "runtime", "require-dev": "dev"}


def read_composer_json(raw: bytes) -> Manifest:
    """Read composer.json without platform requirements, such as `php` and `ext-…`."""
    document = load_json(raw)
    manifest = Manifest("composer")
    manifest.set_identity(document.get("name"), document.get("version"))
    for name, lines in table_of(document.get("scripts")).items():
        manifest.state("command", name)
        for line in lines if isinstance(lines, list) else [lines]:
            add_runs(manifest, line)
    for table, scope in _TABLES.items():
        for name, specifier in table_of(document.get(table)).items():
            if name == "php":
                manifest.state("runtime", "php", specifier)
            if "/" in name:
                manifest.add_dependency(name, specifier, scope=scope, key=f"{table}.{name}")
    return manifest
