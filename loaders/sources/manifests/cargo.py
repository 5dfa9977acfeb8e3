"""Read Cargo.toml ("The Manifest Format" and "Workspaces" of the Cargo Book)."""

from __future__ import annotations

from typing import Any

from loaders.sources.manifests.manifest_facts import (
    Manifest,
    Pointer,
    canonical,
    path_pointer,
    table_of,
    url_pointer,
)
from loaders.sources.manifests.manifest_texts import load_toml
from loaders.sources.manifests.named_places import add_cargo_places

_TABLES = {
    "dependencies": "runtime",
    "dev-dependencies": "dev",
    "dev_dependencies": "dev",
    "build-dependencies": "build",
    "build_dependencies": "build",
}

_Patches = dict[str, Pointer | None]


def read_cargo_toml(raw: bytes) -> Manifest:
    """Read Cargo.toml; dependencies that a workspace declares for members have scope inherited."""
    document = load_toml(raw)
    manifest = Manifest("cargo")
    package = table_of(document.get("package") or document.get("project"))
    manifest.set_identity(package.get("name"), package.get("version"))
    add_cargo_places(manifest, document)
    if isinstance(package.get("rust-version"), str):
        manifest.state("runtime", "rust", package["rust-version"])
    patches = _patches(document)
    _add_tables(manifest, document, patches, "")
    for target, tables in table_of(document.get("target")).items():
        _add_tables(manifest, table_of(tables), patches, f"target.{target}.", target)
    workspace = table_of(document.get("workspace"))
    for name, entry in table_of(workspace.get("dependencies")).items():
        _add(manifest, name, entry, patches, "inherited", f"workspace.dependencies.{name}", None)
    return manifest


def _patches(document: dict[str, Any]) -> _Patches:
    """Return crate → the place that `[patch.crates-io]` or `[replace]` builds instead."""
    found: _Patches = {}
    for name, entry in table_of(table_of(document.get("patch")).get("crates-io")).items():
        crate = table_of(entry).get("package", name)
        found[canonical("cargo", str(crate))] = _pointer(table_of(entry))
    for place, entry in table_of(document.get("replace")).items():
        # `name:version`, or a URL, an at sign and the same.
        name = place.rpartition("#")[2].partition(":")[0].partition("@")[0]
        found[canonical("cargo", name)] = _pointer(table_of(entry))
    return found


def _add_tables(
    manifest: Manifest,
    tables: dict[str, Any],
    patches: _Patches,
    prefix: str,
    target: str | None = None,
) -> None:
    for table, scope in _TABLES.items():
        for name, entry in table_of(tables.get(table)).items():
            _add(manifest, name, entry, patches, scope, f"{prefix}{table}.{name}", target)


def _add(
    manifest: Manifest,
    name: str,
    entry: Any,
    patches: _Patches,
    scope: str,
    key: str,
    target: str | None,
) -> None:
    details = table_of(entry)
    if details.get("optional") is True and scope == "runtime":
        scope = "optional"
    # If `package` is set, it is the name of the crate, and the key is only an alias.
    crate = details.get("package")
    crate = crate if isinstance(crate, str) else name
    manifest.add_dependency(
        crate,
        entry if isinstance(entry, str) else details.get("version"),
        scope=scope,
        marker=target,
        key=key,
        pointer=_pointer(details) or patches.get(canonical("cargo", crate)),
    )


def _pointer(details: dict[str, Any]) -> Pointer | None:
    if details.get("workspace") is True:
        return Pointer("workspace")
    if "path" in details:
        return path_pointer(details["path"])
    git = details.get("git")
    return url_pointer(f"git+{git}") if isinstance(git, str) else None
