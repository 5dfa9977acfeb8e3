"""Read the manifests of Python: pyproject.toml, Pipfile, requirements files.

Formats: PEP 508, 517, 621, 735; packaging.python.org; "Requirements File Format" of pip;
python-poetry.org and docs.astral.sh/uv for their tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from loaders.sources.manifests.manifest_facts import (
    Manifest,
    Pointer,
    canonical,
    list_of,
    path_pointer,
    table_of,
    url_pointer,
)
from loaders.sources.manifests.manifest_texts import coding_of, load_toml, text_of_file
from loaders.sources.manifests.named_places import add_python_places
from loaders.sources.manifests.python_versions import add_version_places

_LONGEST_LINE = 4096
_OPTION = re.compile(
    r"(?:-(?P<short>[rce])\s*|--(?P<long>requirement|constraint|editable)(?:\s+|=))(?P<value>\S.*)"
)
# A path as pip recognises one: it has a separator, or the name of an archive, and no `name @`.
_PLACE = re.compile(
    r"""\.{1,2}(?:$|[\[;\s])|[A-Za-z][A-Za-z0-9+.-]*://|file:|[A-Za-z]:\\|[^/@\s]+@[^/:\s]+:
    |(?![\w.-]+(?:\[[^\]]*\])?\s*@)[^;\s]*/
    |[^;\s/]+(?:\.whl|\.zip|\.tar\.gz|\.tgz|\.tar\.bz2|\.tar\.xz)(?:$|[\[;\s\#])""",
    re.VERBOSE,
)
_EXTRA = re.compile(r"""\bextra == ["']([\w.-]+)["']""")
# pip replaces `${NAME}` by the value of an environment variable.
_VARIABLE = re.compile(r"\$\{[A-Z0-9_]+\}")
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
            add_include(manifest, option["value"], key, scope=_INCLUDES[word])
        else:
            add_requirement(manifest, option["value"], key=key)
    elif not line.startswith("-"):
        add_requirement(manifest, line.partition(" --")[0], key=key)


def add_include(
    manifest: Manifest, value: str, key: str, group: str | None = None, scope: str = "include"
) -> None:
    """Add another file of requirements; one that is not read makes the manifest incomplete."""
    value = value.strip().strip("\"'")
    pointer = None if "://" in value else path_pointer(value)
    if scope == "include" and not (pointer and pointer.text and is_followed(pointer.text)):
        manifest.is_complete = False
    if pointer is not None:
        manifest.add_dependency(None, scope=scope, group=group, key=key, pointer=pointer)


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
    text = re.sub(r"^(?:-e|--editable)[\s=]+", "", text.strip())
    # PDM writes paths as URLs from the folder of the project.
    text = re.sub(r"^file:/{2,3}\$\{PROJECT_ROOT\}/?", "./", text)
    if _VARIABLE.search(text):
        manifest.is_complete = False
        manifest.reject(key)
        return
    if _PLACE.match(text):
        _add_place(manifest, text, scope=scope, group=group, key=key)
        return
    try:
        parsed = Requirement(text)
    except (InvalidRequirement, RecursionError):
        manifest.reject(key)
        return
    marker = str(parsed.marker) if parsed.marker else None
    # A requirement that holds only with an extra is one of this extra.
    if marker and " or " not in marker and (extra := _EXTRA.search(marker)):
        scope, group = "optional", group or extra[1]
    manifest.add_dependency(
        parsed.name,
        str(parsed.specifier),
        scope=scope,
        group=group,
        marker=marker,
        key=key,
        pointer=url_pointer(parsed.url) or table_of(sources).get(canonical("python", parsed.name)),
    )


def _add_place(manifest: Manifest, text: str, *, scope: str, group: str | None, key: str) -> None:
    """Add a folder, an archive or a URL; `#egg=name` and the name of a wheel name the package."""
    egg = _EGG.search(text)
    place = re.sub(r"(?<!:)\[[^\]]*\]$", "", re.split(r"\s*;\s|#", text, maxsplit=1)[0].strip())
    name, version = _wheel(place)
    manifest.add_dependency(
        egg[1] if egg else name,
        version,
        scope=scope,
        group=group,
        key=key,
        pointer=url_pointer(place),
    )


def _wheel(place: str) -> tuple[str | None, str | None]:
    """Return name and range that the file name of a wheel gives, as pip derives them."""
    file = place.partition("?")[0].rpartition("/")[2]
    try:
        name, version, *_ = parse_wheel_filename(file)
    except InvalidWheelFilename:
        return None, None
    return str(name), f"=={version}"


def add_requirements(manifest: Manifest, entries: Any, *, key: str, **options: Any) -> None:
    """Add a list of requirements; *key* is its place in the manifest."""
    for number, entry in enumerate(list_of(entries)):
        # A dependency group may include another one, which is in the same table.
        if not (isinstance(entry, dict) and "include-group" in entry):
            add_requirement(manifest, entry, key=f"{key}[{number}]", **options)


# -- pyproject.toml, Pipfile -----------------------------------------------------------------------


def read_pyproject(raw: bytes) -> Manifest:
    """Read pyproject.toml: the standard tables, and those of Poetry, uv, PDM, Hatch, setuptools."""
    document = load_toml(raw)
    manifest = Manifest("python")
    tool = table_of(document.get("tool"))
    project, poetry = table_of(document.get("project")), table_of(tool.get("poetry"))
    manifest.set_identity(
        project.get("name") or poetry.get("name"), project.get("version") or poetry.get("version")
    )
    add_python_places(manifest, document)
    _add_statements(manifest, project, tool)
    sources = _sources(tool)
    add_requirements(
        manifest, project.get("dependencies"), key="project.dependencies", sources=sources
    )
    for extra, entries in table_of(project.get("optional-dependencies")).items():
        key = f"project.optional-dependencies.{extra}"
        add_requirements(manifest, entries, key=key, scope="optional", group=extra, sources=sources)
    for key, group, entries in _dev_lists(document, tool):
        add_requirements(manifest, entries, key=key, scope="dev", group=group, sources=sources)
    add_requirements(
        manifest,
        table_of(document.get("build-system")).get("requires"),
        key="build-system.requires",
        scope="build",
    )
    _add_poetry(manifest, poetry, has_main="dependencies" not in project)
    for part in ("dependencies", "optional-dependencies"):
        if part in list_of(project.get("dynamic")):
            _add_dynamic(manifest, part, tool)
    add_version_places(manifest, document)
    return manifest


def _add_statements(manifest: Manifest, project: dict[str, Any], tool: dict[str, Any]) -> None:
    """Add the tools that have settings here, the versions of Python, and the tasks of runners."""
    for name in tool:
        manifest.state("section", f"tool.{name}")
    poetry_python = table_of(table_of(tool.get("poetry")).get("dependencies")).get("python")
    if required := project.get("requires-python") or poetry_python:
        manifest.state("runtime", "python", required)
    for runner, key in (("pdm", "scripts"), ("poe", "tasks"), ("taskipy", "tasks")):
        for name in table_of(table_of(tool.get(runner)).get(key)):
            manifest.state("command", name)


def _sources(tool: dict[str, Any]) -> dict[str, Pointer]:
    """Return package → the place that uv or Poetry gives for a package of the standard tables."""
    tables = [table_of(tool.get("uv")).get("sources")]
    tables += [table_of(tool.get("poetry")).get("dependencies")]
    return {
        canonical("python", name): pointer
        for table in tables
        for name, source in table_of(table).items()
        if (pointer := _source(source))
    }


def _dev_lists(
    document: dict[str, Any], tool: dict[str, Any]
) -> Iterator[tuple[str, str | None, Any]]:
    """Yield (key, group, requirements) of each list for developers."""
    for group, entries in table_of(document.get("dependency-groups")).items():
        yield f"dependency-groups.{group}", group, entries
    for group, entries in table_of(table_of(tool.get("pdm")).get("dev-dependencies")).items():
        yield f"tool.pdm.dev-dependencies.{group}", group, entries
    for name in ("uv", "rye"):
        key = "dev-dependencies"
        yield f"tool.{name}.{key}", key, table_of(tool.get(name)).get(key)
    for name, environment in table_of(table_of(tool.get("hatch")).get("envs")).items():
        for key in ("dependencies", "extra-dependencies"):
            yield f"tool.hatch.envs.{name}.{key}", name, table_of(environment).get(key)


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


def _add_poetry(manifest: Manifest, poetry: dict[str, Any], *, has_main: bool) -> None:
    """Add the tables of Poetry; the main one only completes a static `project.dependencies`."""
    tables: list[tuple[str, str, str | None, Any]] = [
        ("dependencies", "runtime", None, poetry.get("dependencies") if has_main else None)
    ]
    tables += [("dev-dependencies", "dev", None, poetry.get("dev-dependencies"))]
    for group, table in table_of(poetry.get("group")).items():
        scope = "runtime" if group == "main" else "dev"
        tables += [
            (f"group.{group}.dependencies", scope, group, table_of(table).get("dependencies"))
        ]
    extras = {
        canonical("python", name): extra
        for extra, names in table_of(poetry.get("extras")).items()
        for name in list_of(names)
        if isinstance(name, str)
    }
    for table_key, scope, of_group, dependencies in tables:
        for name, entries in table_of(dependencies).items():
            if name.lower() != "python":
                extra = of_group or extras.get(canonical("python", name))
                for entry in entries if isinstance(entries, list) else [entries]:
                    place = f"tool.poetry.{table_key}.{name}"
                    _add_entry(manifest, name, entry, place, scope, extra)


def _add_entry(
    manifest: Manifest, name: str, entry: Any, key: str, scope: str, group: str | None = None
) -> None:
    """Add `name = "range"` or `name = {version = …, path = …}`."""
    details = table_of(entry)
    scope = "optional" if details.get("optional") is True and scope == "runtime" else scope
    marker = details.get("markers")
    if marker is None and isinstance(python := details.get("python"), str):
        marker = f"python {python}"
    manifest.add_dependency(
        name,
        entry if isinstance(entry, str) else details.get("version"),
        scope=scope,
        group=group if scope != "runtime" else None,
        marker=marker if isinstance(marker, str) else None,
        key=key,
        pointer=_source(details),
    )


def _add_dynamic(manifest: Manifest, part: str, tool: dict[str, Any]) -> None:
    """Add the files from which the build backend takes the requirements, if it takes files."""
    poetry = table_of(tool.get("poetry"))
    if "dependencies" in poetry:
        return
    dynamic = table_of(table_of(tool.get("setuptools")).get("dynamic")).get(part)
    hook = table_of(table_of(table_of(tool.get("hatch")).get("metadata")).get("hooks"))
    files = table_of(hook.get("requirements_txt"))
    lists: dict[str | None, Any]
    if part == "dependencies":
        lists = {None: table_of(dynamic).get("file") or files.get("files")}
    else:
        tables = table_of(dynamic) or table_of(files.get("optional-dependencies"))
        lists = {extra: table_of(one).get("file") or one for extra, one in tables.items()}
    manifest.is_complete &= bool(lists) and all(lists.values())
    key = f"dynamic.{part}"
    for group, names in lists.items():
        for name in [names] if isinstance(names, str) else list_of(names):
            add_include(manifest, str(name), key, group)


def read_pipfile(raw: bytes) -> Manifest:
    """Read a Pipfile."""
    document = load_toml(raw)
    manifest = Manifest("python")
    for table, scope in (("packages", "runtime"), ("dev-packages", "dev")):
        for name, entry in table_of(document.get(table)).items():
            _add_entry(manifest, name, entry, f"{table}.{name}", scope)
    return manifest
