"""Read setup.cfg and setup.py ("Declarative Config" and "Keywords" of setuptools)."""

from __future__ import annotations

import ast
import configparser
from typing import Any

from loaders.sources.manifests.manifest_facts import InvalidManifest, Manifest, list_of
from loaders.sources.manifests.manifest_texts import text_of_file
from loaders.sources.manifests.named_places import add_python_entry
from loaders.sources.manifests.python_manifests import add_include, add_requirements
from loaders.sources.manifests.python_syntax import UNKNOWN, Program
from loaders.sources.manifests.python_versions import add_attribute

_SETUP_LISTS = {"install_requires": "runtime", "setup_requires": "build", "tests_require": "dev"}


def read_setup_cfg(raw: bytes) -> Manifest:
    """Read setup.cfg; `file:` includes a requirements file."""
    parser = configparser.RawConfigParser(strict=False, delimiters=("=", ":"))
    try:
        parser.read_string(text_of_file(raw))
    except configparser.Error as error:
        raise InvalidManifest(f"not a valid setup.cfg: {str(error).splitlines()[0]}") from None
    manifest = Manifest("python")
    metadata = dict(parser["metadata"]) if parser.has_section("metadata") else {}
    manifest.set_identity(
        metadata.get("name"),
        None if ":" in metadata.get("version", "") else metadata.get("version"),
    )
    options = dict(parser["options"]) if parser.has_section("options") else {}
    _add_places(manifest, parser, options)
    if metadata.get("version", "").startswith("attr:"):
        pairs = (line.partition("=") for line in options.get("package_dir", "").splitlines())
        folders = {name.strip(): folder.strip() for name, equals, folder in pairs if equals}
        add_attribute(manifest, metadata["version"].removeprefix("attr:"), folders)
    for section in parser.sections():
        manifest.state("section", section)
    if "python_requires" in options:
        manifest.state("runtime", "python", options["python_requires"])
    for option, scope in _SETUP_LISTS.items():
        _add_lines(manifest, options.get(option, ""), f"options.{option}", scope)
    if parser.has_section("options.extras_require"):
        for extra, lines in parser["options.extras_require"].items():
            _add_lines(manifest, lines, f"options.extras_require.{extra}", "optional", extra)
    return manifest


def _add_places(
    manifest: Manifest, parser: configparser.RawConfigParser, options: dict[str, str]
) -> None:
    """Add the programs, and the folders that have the modules."""
    if parser.has_section("options.entry_points"):
        for lines in dict(parser["options.entry_points"]).values():
            for name, _, value in (line.partition("=") for line in lines.splitlines()):
                add_python_entry(manifest, name.strip(), value.strip())
    if parser.has_section("options.packages.find"):
        manifest.add_place("root", "where", parser["options.packages.find"].get("where"))
    for name, _, folder in (
        line.partition("=") for line in options.get("package_dir", "").splitlines()
    ):
        if not name.strip():
            manifest.add_place("root", "package_dir", folder.strip())


def _add_lines(
    manifest: Manifest, text: str, key: str, scope: str, group: str | None = None
) -> None:
    if text.lstrip().startswith("file:"):
        for file in text.partition(":")[2].replace(",", "\n").split():
            add_include(manifest, file, key, group)
        return
    # One line is a list with semicolons, several are a list of lines.
    entries = text.splitlines() if "\n" in text else text.split(";")
    lines = [
        entry.partition(" #")[0]
        for entry in entries
        if entry.strip() and not entry.lstrip().startswith("#")
    ]
    add_requirements(manifest, lines, key=key, scope=scope, group=group)


def read_setup_py(raw: bytes) -> Manifest:
    """Read the arguments of `setup(…)` in setup.py, as far as they are certain.

    The program is parsed and never run. A computed value, a name that is bound again, and a list
    that anything may change make the manifest incomplete.
    """
    try:
        return _setup(Program(raw))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        if isinstance(error, InvalidManifest):
            raise
        raise InvalidManifest(f"not Python that can be parsed: {type(error).__name__}") from None


def _setup(program: Program) -> Manifest:
    manifest = Manifest("python")
    calls = [
        node
        for node in ast.walk(program.tree)
        if isinstance(node, ast.Call) and _is_setup(node.func, program)
    ]
    arguments = _arguments(calls[0], program) if calls else {}
    manifest.set_identity(arguments.get("name"), arguments.get("version"))
    manifest.is_complete = (
        len(calls) == 1
        and program.is_whole
        and not program.binds_any_name()
        and UNKNOWN not in arguments
        # Both may add requirements.
        and not {"pbr", "distclass"} & arguments.keys()
    )
    for option, scope in _SETUP_LISTS.items():
        _add_list(manifest, arguments.get(option), option, scope)
    extras = arguments.get("extras_require") or {}
    manifest.is_complete &= isinstance(extras, dict) and UNKNOWN not in extras
    for extra, entries in extras.items() if isinstance(extras, dict) else ():
        if extra is not UNKNOWN:
            add_extra(manifest, extra, entries)
    return manifest


def add_extra(manifest: Manifest, extra: str, entries: Any) -> None:
    """Add the requirements of an extra: a name, a name and a marker, or only `:marker`."""
    name, _, marker = extra.partition(":")
    scope = "optional" if name else "runtime"
    key = f"extras_require.{extra}"
    _add_list(manifest, entries, key, scope, name or None, marker or None)


def _arguments(call: ast.Call, program: Program) -> dict[Any, Any]:
    """Return the keywords of a call; UNKNOWN is a key if it may have others."""
    found: dict[Any, Any] = {}
    for word in call.keywords:
        value = program.value(word.value)
        if word.arg is not None:
            found[word.arg] = value
        else:
            found |= value if isinstance(value, dict) else {UNKNOWN: UNKNOWN}
    return found


def _is_setup(function: ast.expr, program: Program) -> bool:
    """Return whether a call calls the `setup` that a package exports."""
    owner = function
    while isinstance(owner, ast.Attribute):
        owner = owner.value
    if not isinstance(owner, ast.Name) or program.binds("setup"):
        return False
    name = function.attr if isinstance(function, ast.Attribute) else owner.id
    return name == "setup" and owner.id in program.imported


def _add_list(
    manifest: Manifest,
    entries: Any,
    option: str,
    scope: str,
    group: str | None = None,
    marker: str | None = None,
) -> None:
    if entries is None:
        return
    entries = entries.splitlines() if isinstance(entries, str) else entries
    manifest.is_complete &= isinstance(entries, list) and all(
        isinstance(entry, str) for entry in entries
    )
    known = [
        f"{entry} ; {marker}" if marker and ";" not in entry else entry
        for entry in list_of(entries)
        if isinstance(entry, str) and entry.strip()
    ]
    add_requirements(manifest, known, key=f"setup.{option}", scope=scope, group=group)
