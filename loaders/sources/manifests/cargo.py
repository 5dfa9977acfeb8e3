"""Cargo.toml, as "The Manifest Format" and "Workspaces" of the Cargo Book describe it."""

from __future__ import annotations

from typing import Any

from loaders.sources.manifests.manifest_facts import (
    Manifest,
    Pointer,
    path_pointer,
    table_of,
    url_pointer,
)
from loaders.sources.manifests.manifest_texts import load_toml

_TABLES = {
    "dependencies": "runtime",
    "dev-dependencies": "dev",
    "dev_dependencies": "dev",
    "build-dependencies": "build",
    "build_dependencies": "build",
}


def read_cargo_toml(raw: bytes) -> Manifest:
    """Read Cargo.toml; what a workspace declares for its members has the scope inherited."""
    document = load_toml(raw)
    manifest = Manifest("cargo")
    package = table_of(document.get("package") or document.get("project"))
    manifest.is_called(package.get("name"), package.get("version"))
    _take_tables(manifest, document, "")
    for target, tables in table_of(document.get("target")).items():
        _take_tables(manifest, table_of(tables), f"target.{target}.", target)
    workspace = table_of(document.get("workspace"))
    for name, how in table_of(workspace.get("dependencies")).items():
        _take(manifest, name, how, "inherited", f"workspace.dependencies.{name}", None)
    return manifest


def _take_tables(
    manifest: Manifest, tables: dict[str, Any], prefix: str, target: str | None = None
) -> None:
    for table, scope in _TABLES.items():
        for name, how in table_of(tables.get(table)).items():
            _take(manifest, name, how, scope, f"{prefix}{table}.{name}", target)


def _take(
    manifest: Manifest, name: str, how: Any, scope: str, key: str, target: str | None
) -> None:
    details = table_of(how)
    if details.get("optional") is True and scope == "runtime":
        scope = "optional"
    # `package` is the crate where the table's own name is only what the code calls it.
    crate = details.get("package")
    manifest.need(
        crate if isinstance(crate, str) else name,
        how if isinstance(how, str) else details.get("version"),
        scope=scope,
        marker=target,
        key=key,
        pointer=_pointer(details),
    )


def _pointer(details: dict[str, Any]) -> Pointer | None:
    if details.get("workspace") is True:
        return Pointer("workspace")
    if "path" in details:
        return path_pointer(details["path"])
    git = details.get("git")
    return (
        url_pointer(git if git.startswith("git@") else f"git+{git}")
        if isinstance(git, str)
        else None
    )
