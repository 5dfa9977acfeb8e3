"""Read the manifests of Python: pyproject.toml, setup.cfg, setup.py, Pipfile, requirements files.

Formats: PEP 508, 517, 621, 735; packaging.python.org; "Requirements File Format" of pip;
"Declarative Config" of setuptools; python-poetry.org and docs.astral.sh/uv for their tables.
"""

from __future__ import annotations

import ast
import configparser
import re
import warnings
from collections.abc import Iterator
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement

from loaders.sources.manifests.manifest_facts import (
    InvalidManifest,
    Manifest,
    Pointer,
    canonical,
    list_of,
    path_pointer,
    table_of,
    url_pointer,
)
from loaders.sources.manifests.manifest_texts import coding_of, load_toml, text_of_file

_LONGEST_LINE = 4096
_OPTION = re.compile(
    r"(?:-(?P<short>[rce])\s*|--(?P<long>requirement|constraint|editable)(?:\s+|=))(?P<value>\S.*)"
)
_PLACE = re.compile(
    r"\.{0,2}/|\.{1,2}(?:$|[\[;\s])|[A-Za-z][A-Za-z0-9+.-]*://|file:|git@|[A-Za-z]:\\"
)
_EGG = re.compile(r"#(?:.*&)?egg=([A-Za-z0-9._-]+)")
_INCLUDES = {
    "r": "include",
    "requirement": "include",
    "c": "constraint",
    "constraint": "constraint",
}
# An included file is read only if it has one of these endings: a line of any other file may be a
# secret.
_INCLUDABLE = (".txt", ".in")


def read_requirements(raw: bytes) -> Manifest:
    """Read a requirements file; files that it names are entries of scope include or constraint."""
    manifest = Manifest("python")
    for number, line in _logical_lines(text_of_file(raw, encoding=coding_of(raw))):
        _add_line(manifest, line, f"line {number}")
    return manifest


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield (first line number, text) of each line with content; continuation lines are joined."""
    first = 0
    parts: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        first = first if parts else number
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            parts.append(line[:-1])
            continue
        parts.append(line)
        whole = re.sub(r"(?:^|\s)#.*", "", "".join(parts)).strip()
        parts = []
        if whole:
            yield first, whole


def _add_line(manifest: Manifest, line: str, key: str) -> None:
    if len(line) > _LONGEST_LINE and "--hash" not in line[:_LONGEST_LINE]:
        manifest.reject(key)
        return
    if option := _OPTION.fullmatch(line):
        word = option["short"] or option["long"]
        if word in _INCLUDES:
            _add_include(manifest, option["value"], _INCLUDES[word], key)
        else:
            add_requirement(manifest, option["value"], key=key)
    elif not line.startswith("-"):
        add_requirement(manifest, line.partition(" --")[0], key=key)


def _add_include(manifest: Manifest, value: str, scope: str, key: str) -> None:
    value = value.strip().strip("\"'")
    if "://" in value:
        manifest.is_complete = False  # Remote files are not fetched.
    else:
        manifest.add_dependency(None, scope=scope, key=key, pointer=path_pointer(value))


def is_followed(include: str) -> bool:
    """Return whether the file that *include* points at is read as requirements."""
    return include.endswith(_INCLUDABLE) and not include.startswith(("/", "~"))


def add_requirement(
    manifest: Manifest,
    text: Any,
    *,
    key: str,
    scope: str = "runtime",
    group: str | None = None,
    sources: Any = None,
) -> None:
    """Add one requirement: PEP 508, a path or a URL.

    *sources* is name → pointer for packages that do not come from a registry.
    """
    if not isinstance(text, str) or len(text) > _LONGEST_LINE:
        manifest.reject(key)
        return
    text = text.strip()
    if _PLACE.match(text):
        egg = _EGG.search(text)
        place = re.sub(r"(?<!:)\[[^\]]*\]$", "", re.split(r"\s*;\s|#", text, maxsplit=1)[0].strip())
        manifest.add_dependency(
            egg[1] if egg else None, scope=scope, group=group, key=key, pointer=url_pointer(place)
        )
        return
    try:
        parsed = Requirement(text)
    except (InvalidRequirement, RecursionError):
        manifest.reject(key)
        return
    manifest.add_dependency(
        parsed.name,
        str(parsed.specifier),
        scope=scope,
        group=group,
        marker=str(parsed.marker) if parsed.marker else None,
        key=key,
        pointer=url_pointer(parsed.url) or table_of(sources).get(canonical("python", parsed.name)),
    )


def add_requirements(manifest: Manifest, entries: Any, *, key: str, **options: Any) -> None:
    """Add a list of requirements; *key* is its place in the manifest."""
    for number, entry in enumerate(list_of(entries)):
        # A dependency group may include another one, which is in the same table.
        if not (isinstance(entry, dict) and "include-group" in entry):
            add_requirement(manifest, entry, key=f"{key}[{number}]", **options)


# -- pyproject.toml, Pipfile -----------------------------------------------------------------------


def read_pyproject(raw: bytes) -> Manifest:
    """Read pyproject.toml: the standard tables, and those of Poetry, uv, PDM and setuptools."""
    document = load_toml(raw)
    manifest = Manifest("python")
    tool = table_of(document.get("tool"))
    project, poetry = table_of(document.get("project")), table_of(tool.get("poetry"))
    manifest.set_identity(
        project.get("name") or poetry.get("name"), project.get("version") or poetry.get("version")
    )
    uv = table_of(tool.get("uv"))
    sources = {
        canonical("python", name): pointer
        for name, source in table_of(uv.get("sources")).items()
        if (pointer := _source(source))
    }
    add_requirements(
        manifest, project.get("dependencies"), key="project.dependencies", sources=sources
    )
    for extra, entries in table_of(project.get("optional-dependencies")).items():
        key = f"project.optional-dependencies.{extra}"
        add_requirements(manifest, entries, key=key, scope="optional", group=extra, sources=sources)
    groups = [("dependency-groups", document.get("dependency-groups"))]
    groups += [("tool.pdm.dev-dependencies", table_of(tool.get("pdm")).get("dev-dependencies"))]
    groups += [("tool.uv", {"dev-dependencies": uv.get("dev-dependencies")})]
    for table, lists in groups:
        for group, entries in table_of(lists).items():
            add_requirements(
                manifest, entries, key=f"{table}.{group}", scope="dev", group=group, sources=sources
            )
    add_requirements(
        manifest,
        table_of(document.get("build-system")).get("requires"),
        key="build-system.requires",
        scope="build",
    )
    _add_poetry(manifest, poetry)
    if "dependencies" in list_of(project.get("dynamic")):
        _add_dynamic(manifest, table_of(tool.get("setuptools")))
    return manifest


def _source(source: Any) -> Pointer | None:
    """Return the source that uv, Poetry or Pipenv uses for a package; the first of several."""
    source = table_of(source[0] if isinstance(source, list) and source else source)
    if source.get("workspace") is True:
        return Pointer("workspace")
    if "path" in source:
        return path_pointer(source["path"])
    if isinstance(git := source.get("git"), str):
        return url_pointer(git if git.startswith("git@") else f"git+{git}")
    return url_pointer(source.get("url") or source.get("file"))


def _add_poetry(manifest: Manifest, poetry: dict[str, Any]) -> None:
    tables: list[tuple[str, str, str | None, Any]] = [
        ("dependencies", "runtime", None, poetry.get("dependencies"))
    ]
    tables += [("dev-dependencies", "dev", None, poetry.get("dev-dependencies"))]
    for group, table in table_of(poetry.get("group")).items():
        tables += [
            (f"group.{group}.dependencies", "dev", group, table_of(table).get("dependencies"))
        ]
    for key, scope, of_group, dependencies in tables:
        for name, entry in table_of(dependencies).items():
            if name.lower() != "python":
                _add_entry(manifest, name, entry, f"tool.poetry.{key}.{name}", scope, of_group)


def _add_entry(
    manifest: Manifest, name: str, entry: Any, key: str, scope: str, group: str | None = None
) -> None:
    """Add `name = "range"` or `name = {version = …, path = …}`."""
    details = table_of(entry[0] if isinstance(entry, list) and entry else entry)
    scope = "optional" if details.get("optional") is True and scope == "runtime" else scope
    marker = details.get("markers")
    manifest.add_dependency(
        name,
        entry if isinstance(entry, str) else details.get("version"),
        scope=scope,
        group=group,
        marker=marker if isinstance(marker, str) else None,
        key=key,
        pointer=_source(details),
    )


def _add_dynamic(manifest: Manifest, setuptools: dict[str, Any]) -> None:
    files = table_of(table_of(setuptools.get("dynamic")).get("dependencies")).get("file")
    files = [files] if isinstance(files, str) else list_of(files)
    manifest.is_complete = bool(files)
    for file in files:
        if isinstance(file, str):
            _add_include(manifest, file, "include", "tool.setuptools.dynamic.dependencies")


def read_pipfile(raw: bytes) -> Manifest:
    """Read a Pipfile."""
    document = load_toml(raw)
    manifest = Manifest("python")
    for table, scope in (("packages", "runtime"), ("dev-packages", "dev")):
        for name, entry in table_of(document.get(table)).items():
            _add_entry(manifest, name, entry, f"{table}.{name}", scope)
    return manifest


# -- setup.cfg, setup.py ---------------------------------------------------------------------------

_SETUP_LISTS = {"install_requires": "runtime", "setup_requires": "build", "tests_require": "dev"}


def read_setup_cfg(raw: bytes) -> Manifest:
    """Read setup.cfg; `file:` includes a requirements file; `attr:` is ignored, as it runs code."""
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
    for option, scope in _SETUP_LISTS.items():
        _add_lines(manifest, options.get(option, ""), f"options.{option}", scope)
    if parser.has_section("options.extras_require"):
        for extra, lines in parser["options.extras_require"].items():
            _add_lines(manifest, lines, f"options.extras_require.{extra}", "optional", extra)
    return manifest


def _add_lines(
    manifest: Manifest, text: str, key: str, scope: str, group: str | None = None
) -> None:
    if text.lstrip().startswith("file:"):
        for file in text.partition(":")[2].replace(",", "\n").split():
            _add_include(manifest, file, "include", key)
    else:
        lines = [
            line.partition(" #")[0]
            for line in re.split(r"\n", text)
            if line.strip() and line.strip()[0] != "#"
        ]
        add_requirements(manifest, lines, key=key, scope=scope, group=group)


def read_setup_py(raw: bytes) -> Manifest:
    """Read the literals of setup.py: arguments of `setup(…)`, and names bound to literals before.

    The program is parsed and never run; computed values make the manifest incomplete.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(raw)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise InvalidManifest(f"not Python that can be parsed: {type(error).__name__}") from None
    manifest = Manifest("python")
    known: dict[str, Any] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            known[node.targets[0].id] = _literal(node.value, known)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _is_setup(node.func)]
    arguments = (
        {word.arg: _literal(word.value, known) for word in calls[0].keywords if word.arg}
        if calls
        else {}
    )
    manifest.set_identity(arguments.get("name"), arguments.get("version"))
    manifest.is_complete = bool(calls) and all(word.arg for word in calls[0].keywords)
    for option, scope in _SETUP_LISTS.items():
        _add_literal(manifest, arguments, option, scope)
    extras = arguments.get("extras_require", {})
    manifest.is_complete &= isinstance(extras, dict)
    for extra, entries in table_of(extras).items():
        _add_literal(
            manifest,
            {f"extras_require.{extra}": entries},
            f"extras_require.{extra}",
            "optional",
            str(extra),
        )
    return manifest


def _is_setup(function: ast.expr) -> bool:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", None)
    return name == "setup"


def _literal(node: ast.expr, known: dict[str, Any]) -> Any:
    """Return the value of a literal or of a name bound to one, else None."""
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.Dict):
        return {
            key.value: _literal(value, known)
            for key, value in zip(node.keys, node.values, strict=True)
            if isinstance(key, ast.Constant)
        }
    if isinstance(node, (ast.List, ast.Tuple)):
        return [_literal(item, known) for item in node.elts]
    return node.value if isinstance(node, ast.Constant) else None


def _add_literal(
    manifest: Manifest, arguments: dict[str, Any], option: str, scope: str, group: str | None = None
) -> None:
    if option not in arguments:
        return
    entries = arguments[option]
    entries = entries.splitlines() if isinstance(entries, str) else entries
    manifest.is_complete &= isinstance(entries, list) and None not in entries
    known = [entry for entry in list_of(entries) if isinstance(entry, str) and entry.strip()]
    add_requirements(manifest, known, key=f"setup.{option}", scope=scope, group=group)
