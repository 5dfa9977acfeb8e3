"""Find the version of a Python package that its manifest takes from an attribute of a module.

setuptools reads a plain assignment from the syntax tree ("attr:" of "Declarative Config"), and
Hatch the line of one. Nothing is imported: a computed value is unknown.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from packaging.version import InvalidVersion, Version

from loaders.sources.manifests.manifest_facts import Manifest, list_of, path_pointer, table_of

# The format of a module that is read for an attribute: this, and the name of the attribute.
ATTRIBUTE = "attribute "
_NAMES_OF_HATCH = ("__version__", "VERSION")


def add_version_places(manifest: Manifest, document: Mapping[str, Any]) -> None:
    """Add the modules that may have the version which a pyproject.toml declares as dynamic."""
    if "version" not in list_of(table_of(document.get("project")).get("dynamic")):
        return
    tool = table_of(document.get("tool"))
    setuptools = table_of(tool.get("setuptools"))
    attribute = table_of(table_of(setuptools.get("dynamic")).get("version")).get("attr")
    if isinstance(attribute, str):
        add_attribute(manifest, attribute, table_of(setuptools.get("package-dir")))
    hatch = table_of(table_of(tool.get("hatch")).get("version"))
    if isinstance(place := hatch.get("path"), str) and not {"pattern", "expression"} & hatch.keys():
        for name in _NAMES_OF_HATCH:
            _add(manifest, place, name)


def add_attribute(manifest: Manifest, attribute: str, package_dir: Mapping[str, Any]) -> None:
    """Add the files in which setuptools looks for `package.module.attribute`, in its order.

    *package_dir* is package → its folder; that of the empty name has all others.
    """
    *parts, name = attribute.strip().split(".")
    if all(part.isidentifier() for part in parts):
        for place in _files_of(parts, package_dir):
            _add(manifest, place, name)


def _files_of(parts: list[str], package_dir: Mapping[str, Any]) -> Iterator[str]:
    if parts and isinstance(folder := package_dir.get(parts[0]), str):
        bases, parts = [folder], parts[1:]
    elif isinstance(folder := package_dir.get(""), str):
        bases = [folder]
    else:
        bases = ["src", "."]
    for base in bases:
        module = "/".join([base, *parts])
        if parts:
            yield f"{module}.py"
        yield f"{module}/__init__.py"


def _add(manifest: Manifest, place: str, name: str) -> None:
    pointer = path_pointer(place)
    if name.isidentifier() and is_module(place) and pointer is not None:
        manifest.add_version_place(pointer, name)


def is_module(place: str) -> bool:
    """Return whether the file at *place* is read for an attribute."""
    return place.endswith(".py") and not place.startswith(("/", "~"))


def read_attribute(raw: bytes, name: str) -> Manifest:
    """Read a module whose attribute *name* is a version; the manifest has no other facts."""
    manifest = Manifest("python")
    value = _assigned(raw, name)
    if isinstance(value, list | tuple):
        value = ".".join(map(str, value))
    with suppress(InvalidVersion):
        manifest.set_identity(None, str(Version(value)) if isinstance(value, str) else None)
    return manifest


def _assigned(raw: bytes, name: str) -> Any:
    """Return the literal that the first assignment to *name* binds, None if there is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(raw).body
        for statement in body:
            targets = statement.targets if isinstance(statement, ast.Assign) else []
            if isinstance(statement, ast.AnnAssign):
                targets = [statement.target]
            if any(isinstance(target, ast.Name) and target.id == name for target in targets):
                value = getattr(statement, "value", None)
                return ast.literal_eval(value) if value is not None else None
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        pass
    return None
