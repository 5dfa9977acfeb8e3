"""Read Cargo.toml ("The Manifest Format" and "Workspaces" of the Cargo Book)."""

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
    """Read Cargo.toml; dependencies that a workspace declares for members have scope inherited."""
    document = load_toml(raw)
    manifest = Manifest("cargo")
    package = table_of(document.get("package") or document.get("project"))
    manifest.set_identity(package.get("name"), package.get("version"))
    _add_tables(manifest, document, "")
    for target, tables in table_of(document.get("target")).items():
        _add_tables(manifest, table_of(tables), f"target.{target}.", target)
    workspace = table_of(document.get("workspace"))
    for name, entry in table_of(workspace.get("dependencies")).items():
        _add(manifest, name, entry, "inherited", f"workspace.dependencies.{name}", None)
    return manifest


def _add_tables(
    manifest: Manifest, tables: dict[str, Any], prefix: str, target: str | None = None
) -> None:
    for table, scope in _TABLES.items():
        for name, entry in table_of(tables.get(table)).items():
            _add(manifest, name, entry, scope, f"{prefix}{table}.{name}", target)


def _add(
    manifest: Manifest, name: str, entry: Any, scope: str, key: str, target: str | None
) -> None:
    details = table_of(entry)
    if details.get("optional") is True and scope == "runtime":
        scope = "optional"
    # If `package` is set, it is the name of the crate, and the key is only an alias.
    crate = details.get("package")
    manifest.add_dependency(
        crate if isinstance(crate, str) else name,
        entry if isinstance(entry, str) else details.get("version"),
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
