"""The places in a package that its manifest names: where it begins, and where names lead.

Formats: docs.npmjs.com and "Modules: Packages" of Node.js for package.json; "TSConfig Reference" of
TypeScript; packaging.python.org and setuptools for Python; "Cargo Targets" of the Cargo Book.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from loaders.sources.manifests.manifest_facts import InvalidManifest, Manifest, list_of, table_of
from loaders.sources.manifests.manifest_texts import text_of_file, without_comments

_MAIN = ("source", "main", "module", "browser", "types", "typings")
_MOST_DEPTH = 8
_PROGRAM = re.compile(r"(?:\./)?[\w@./-]+\.[mc]?[jt]sx?")


def add_package_json_places(manifest: Manifest, document: dict[str, Any]) -> None:
    """Add the main files, exports, imports and programs of a package.json."""
    for field in _MAIN:
        manifest.add_place("main", field, document.get(field))
    exports = document.get("exports")
    is_table = isinstance(exports, dict) and any(key.startswith(".") for key in exports)
    for name, value in (table_of(exports) if is_table else {".": exports}).items():
        for target in _leaves(value):
            manifest.add_place("export", name, target)
    for name, value in table_of(document.get("imports")).items():
        for target in _leaves(value):
            manifest.add_place("alias", name, target)
    programs = document.get("bin")
    for name, value in (programs if isinstance(programs, dict) else {"bin": programs}).items():
        manifest.add_place("entry", name, value)
    for name, value in table_of(document.get("scripts")).items():
        for word in value.split() if isinstance(value, str) else ():
            if _PROGRAM.fullmatch(word):
                manifest.add_place("entry", name, word)


def _leaves(value: Any, depth: int = 0) -> Iterator[Any]:
    """Yield the targets of an export, whatever their conditions."""
    if isinstance(value, dict | list) and depth < _MOST_DEPTH:
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _leaves(inner, depth + 1)
    elif isinstance(value, str):
        yield value


def read_tsconfig(raw: bytes) -> Manifest:
    """Read tsconfig.json or jsconfig.json: JSON with comments and commas after the last member."""
    try:
        document = table_of(json.loads(without_comments(text_of_file(raw, errors="replace"))))
    except (ValueError, RecursionError) as error:
        raise InvalidManifest(f"not JSON with comments: {str(error)[:100]}") from None
    manifest = Manifest("npm")
    options = table_of(document.get("compilerOptions"))
    manifest.add_place("base", "baseUrl", options.get("baseUrl"))
    for pattern, targets in table_of(options.get("paths")).items():
        for target in list_of(targets):
            manifest.add_place("alias", pattern, target)
    extended = document.get("extends")
    for other in extended if isinstance(extended, list) else [extended]:
        if isinstance(other, str) and other.startswith("."):
            manifest.add_place("extends", other, other)
    return manifest


def add_python_places(manifest: Manifest, document: dict[str, Any]) -> None:
    """Add the programs of a pyproject.toml, and the folders that have its modules."""
    project, tools = table_of(document.get("project")), table_of(document.get("tool"))
    poetry, setuptools = table_of(tools.get("poetry")), table_of(tools.get("setuptools"))
    groups = [project.get("scripts"), project.get("gui-scripts"), poetry.get("scripts")]
    groups += table_of(project.get("entry-points")).values()
    for name, value in (item for group in groups for item in table_of(group).items()):
        add_python_entry(manifest, name, value)
    for folder in list_of(table_of(table_of(setuptools.get("packages")).get("find")).get("where")):
        manifest.add_place("root", "where", folder)
    manifest.add_place("root", "package-dir", table_of(setuptools.get("package-dir")).get(""))
    for entry in list_of(poetry.get("packages")):
        manifest.add_place("root", "from", table_of(entry).get("from"))


def add_python_entry(manifest: Manifest, name: str, value: Any) -> None:
    """Add a program `package.module:function`; its place is the path of the module."""
    if isinstance(value, str):
        module = value.partition(":")[0].strip()
        if re.fullmatch(r"\w+(?:\.\w+)*", module):
            manifest.add_place("module", name, module.replace(".", "/"))


def add_cargo_places(manifest: Manifest, document: dict[str, Any]) -> None:
    """Add the library and the programs of a Cargo.toml whose paths are not the usual ones."""
    manifest.add_place("main", "lib", table_of(document.get("lib")).get("path"))
    for kind in ("bin", "example", "test", "bench"):
        for entry in list_of(document.get(kind)):
            manifest.add_place("entry", kind, table_of(entry).get("path"))
