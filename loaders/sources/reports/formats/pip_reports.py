"""The packages of a Python environment or an installation, as pip, uv and Pipenv list them.

pip inspect, pip install --report, pip list --format json, pip freeze, Pipfile.lock, and files of
requirements that a tool compiled: each line is pinned. Ordinary files of requirements are
manifests. Sources: https://pip.pypa.io/en/stable/reference/, https://pipenv.pypa.io
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.manifests.manifest_facts import url_pointer
from loaders.sources.reports.reading.dependency_graph import OPTIONAL, RUNTIME, Packages
from loaders.sources.reports.reading.json_fields import (
    as_object,
    list_in,
    needed_text_in,
    object_in,
    text_in,
    truth_in,
)
from loaders.sources.reports.reading.json_values import items_of, values_at
from loaders.sources.reports.reading.package_components import component_of
from loaders.sources.reports.reading.package_names import source_of
from loaders.sources.reports.reading.report_facts import Component, ToolRun
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows, json_list
from loaders.sources.reports.reading.whole_documents import json_object, lines_of

_LICENCE = "License :: "


# -- pip inspect, pip install --report -------------------------------------------------------------


def _is_inspect(head: Head) -> bool:
    document = head.document
    return isinstance(document, dict) and bool(
        "pip_version" in document and {"installed", "install", "environment"} & document.keys()
    )


def _read_inspect(file: ArtifactFile, rows: Rows) -> None:
    packages = Packages()
    needs: list[tuple[str, Requirement]] = []
    references: dict[str, str] = {}
    version = None
    for place, value in values_at(file.text_stream(), "installed[]", "install[]"):
        if not place:
            version = text_in(as_object(value, "the document"), "pip_version")
            continue
        item = as_object(value, "a package")
        component = _of_inspect(item)
        packages.add(component)
        references[component.canonical_name or ""] = component.reference or ""
        needs += [
            (component.reference or "", requirement)
            for text in list_in(object_in(item, "metadata"), "requires_dist")
            if (requirement := _requirement(text))
        ]
    for owner, requirement in needs:
        other = references.get(canonicalize_name(requirement.name))
        if other:
            is_extra = "extra" in str(requirement.marker or "")
            packages.link(owner, other, OPTIONAL if is_extra else RUNTIME)
    packages.land(rows, ToolRun(tool_name="pip", tool_version=version), derives=False)


def _requirement(text: Any) -> Requirement | None:
    try:
        return Requirement(text) if isinstance(text, str) else None
    except (InvalidRequirement, RecursionError):
        return None


def _of_inspect(item: dict[str, Any]) -> Component:
    metadata = object_in(item, "metadata")
    source = object_in(item, "direct_url") or (
        object_in(item, "download_info") if truth_in(item, "is_direct") else {}
    )
    kind, place = ("registry", None) if not source else source_of(text_in(source, "url"))
    if "vcs_info" in source:
        kind = "git"
    # uv marks all that it installs as requested.
    is_requested = None if text_in(item, "installer") == "uv" else truth_in(item, "requested")
    return component_of(
        "python",
        needed_text_in(metadata, "name"),
        text_in(metadata, "version"),
        is_direct=is_requested,
        source_kind=kind,
        source_place=place,
        licence=_licence(metadata),
    )


def _licence(metadata: dict[str, Any]) -> str | None:
    """Return the expression, else the first classifier, else the licence if it is a name."""
    classifiers = [one for one in list_in(metadata, "classifier") if isinstance(one, str)]
    named = [one for one in classifiers if one.startswith(_LICENCE)]
    licence = text_in(metadata, "license")
    # Some packages have the whole text here.
    name = licence if licence and len(licence) <= 100 and "\n" not in licence else None
    return text_in(metadata, "license_expression") or (named[0] if named else name)


# -- pip list --format json ------------------------------------------------------------------------


def _is_list(head: Head) -> bool:
    document = head.document
    if not isinstance(document, list) or not document:
        return False
    # The last may be torn off. The list is sorted, which lists of other things rarely are.
    entries = document[:-1]
    return (
        all(
            isinstance(one, dict)
            and {"name", "version"} <= one.keys() <= _OF_LISTS
            and all(isinstance(value, str) for value in one.values())
            and _LISTED.fullmatch(f"{one['name']} {one['version']}")
            for one in entries
        )
        and bool(entries)
        and (names := [one["name"].lower() for one in entries]) == sorted(names)
    )


_LISTED = re.compile(r"[A-Za-z0-9][\w.-]* v?\d[\w.!+-]*")
_OF_LISTS = {
    "name", "version", "editable_project_location", "location", "installer", "latest_version",
    "latest_filetype",
}  # fmt: skip


def _read_list(file: ArtifactFile, rows: Rows) -> None:
    packages = Packages()
    for item in items_of(file.text_stream(), "[]"):
        entry = as_object(item, "a package")
        editable = text_in(entry, "editable_project_location")
        packages.add(
            component_of(
                "python",
                needed_text_in(entry, "name"),
                needed_text_in(entry, "version"),
                source_kind="path" if editable else None,
                source_place=editable,
            )
        )
    packages.land(rows, ToolRun(tool_name="pip list"), derives=False)


# -- Pipfile.lock ----------------------------------------------------------------------------------


def _is_pipfile_lock(head: Head) -> bool:
    document = head.document
    meta = document.get("_meta") if isinstance(document, dict) else None
    return isinstance(meta, dict) and bool({"pipfile-spec", "hash", "requires"} & meta.keys())


def _read_pipfile_lock(file: ArtifactFile, rows: Rows) -> None:
    document = json_object(file)
    found: dict[str, Component] = {}
    # One category for each further list of the Pipfile.
    for category in document:
        if category == "_meta":
            continue
        for name, value in object_in(document, category).items():
            entry = as_object(value, f"the package {name[:100]}")
            version = (text_in(entry, "version") or "").removeprefix("==") or None
            key = f"{canonicalize_name(name)}@{version}"
            known = found.get(key)
            groups = [*_groups_of(known), category]
            found[key] = component_of(
                "python",
                name,
                version,
                is_dev="default" not in groups,
                is_direct=True if "index" in entry or (known and known.is_direct) else None,
                groups=json_list(groups),
                **_pipfile_source(entry),
            )
    packages = Packages()
    for component in found.values():
        packages.add(component)
    packages.land(rows, ToolRun(), derives=False)


def _groups_of(component: Component | None) -> list[str]:
    return re.findall(r'"([^"]*)"', component.groups or "") if component else []


def _pipfile_source(entry: dict[str, Any]) -> dict[str, Any]:
    if isinstance(git := entry.get("git"), str):
        pointer = url_pointer(git if git.startswith("git@") else f"git+{git}")
        return {"source_kind": "git", "source_place": pointer.text if pointer else None}
    if isinstance(path := entry.get("path"), str):
        return {"source_kind": "path", "source_place": path}
    if isinstance(url := entry.get("file"), str):
        kind, place = source_of(url)
        return {"source_kind": kind, "source_place": place}
    return {"source_kind": "registry"}


# -- requirements that a tool pinned ---------------------------------------------------------------

_WRITERS = (
    (re.compile(r"# This file is autogenerated by pip-compile"), "pip-compile"),
    (re.compile(r"# This file was autogenerated by uv"), "uv"),
    (re.compile(r"# This file was autogenerated by Hatch"), "hatch"),
)
_PINNED = re.compile(r"([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*===?\s*([^\s;,\\*]+)\s*(;[^\\#]*)?")
_PLACED = re.compile(
    r"(?:-e|--editable)\s|\.{0,2}/|[a-z+]+://|file:|[A-Za-z0-9][\w.-]*(?:\[[^\]]*\])?\s+@\s+\S"
)
_OPTION = re.compile(r"--?[a-z][\w-]*")
_FEWEST = 3
_LONGEST_PIN = 300
# The comments of pip freeze.
_OF_FREEZE = ("# Editable ", "## FIXME")


def _is_pinned(head: Head) -> bool:
    """Recognise a compiled file by its writer, its hashes or markers, or the order of names."""
    lines = head.lines
    first = next((line for line in lines if line.strip()), "")
    if not re.match(r"#|-|[A-Za-z0-9][\w.-]*(?:\[[\w,.-]*\])?\s*(?:==|@\s)", first):
        return False
    entries = list(_entries(lines, is_whole=False))
    if not entries or not all(pin or place for pin, place, _ in entries):
        return False
    pins = [pin for pin, _, _ in entries if pin]
    if not pins:
        return False
    if _writer(lines) or all("--hash=" in text for _, _, text in entries):
        return True
    if len(pins) < _FEWEST:
        return False
    # `poetry export` and `uv export` give each line the versions of Python.
    if all("python_" in (pin[3] or "") for pin in pins):
        return True
    names = [pin[1].lower() for pin in pins]
    return names == sorted(names) and not any(
        not line.strip() or (line.startswith("#") and not line.startswith(_OF_FREEZE))
        for line in lines[:-1]
    )


def _writer(lines: list[str]) -> str | None:
    for line in lines[:5]:
        for pattern, name in _WRITERS:
            if pattern.match(line):
                return name
    return "pip-compile" if lines[1:2] and "autogenerated by pip-compile" in lines[1] else None


def _entries(
    lines: Any, *, is_whole: bool = True
) -> Iterator[tuple[re.Match[str] | None, bool, str]]:
    """Yield (pin, whether it is a place, text) of each requirement; continuations are joined."""
    held = ""
    for line in lines:
        text = (held + line).strip() if held else line.strip()
        if text.endswith("\\"):
            held = text[:-1] + " "
            if len(held) > 1 << 20:
                raise Invalid("a requirement of more than 1 MB")
            continue
        held = ""
        text = " ".join(re.sub(r"(?:^|\s)#.*", "", text).split())
        if not text:
            continue
        place = _PLACED.match(text)
        if not place and _OPTION.match(text):
            continue
        yield (
            None if place else _PINNED.fullmatch(text.partition(" --")[0].strip()),
            bool(place),
            text,
        )
    if held and is_whole:
        raise Invalid("it ends in the middle")


def _read_pinned(file: ArtifactFile, rows: Rows) -> None:
    packages = Packages()
    lines = list(lines_of(file))
    direct = _direct(lines)
    for pin, place, text in _entries(lines):
        if pin:
            packages.add(
                component_of(
                    "python",
                    pin[1],
                    pin[2],
                    is_direct=direct.get(canonicalize_name(pin[1])),
                    source_kind="registry",
                )
            )
        elif place:
            packages.add(_of_place(text))
        else:
            raise Invalid(f"a requirement that is not pinned: {text[:60]}")
    packages.land(rows, ToolRun(tool_name=_writer(lines[:5])), derives=False)


def _of_place(text: str) -> Component:
    """Return the package of `name @ url`, `-e path`, a path or a URL."""
    editable = re.match(r"(?:-e|--editable)\s+(\S+)", text)
    name, at, url = text.partition(" @ ")
    if not at and not editable:
        name, url = "", text
    url = editable[1] if editable else url.strip().split(" ")[0]
    kind, place = source_of(url)
    egg = re.search(r"#(?:.*&)?egg=([\w.-]+)", url)
    bare = re.sub(r"\[.*", "", name).strip() if not editable else (egg[1] if egg else "")
    if not bare:
        # A member of the workspace, by its folder.
        return Component(
            name=place or "editable",
            reference=f"path:{place}",
            ecosystem="python",
            is_root=kind == "path",
            source_kind=kind,
            source_place=place,
        )
    return component_of("python", bare, None, source_kind=kind, source_place=place)


def _direct(lines: list[str]) -> dict[str, bool]:
    """Return name → whether a file of the project needs it, as the comments `# via` say.

    A name there is another package, or a file: `-r requirements.in`, `shop (pyproject.toml)`.
    """
    found: dict[str, bool] = {}
    name, is_via = None, False
    for line in lines:
        text = line.strip()
        # More spaces than one are only before comments, which are behind the pin.
        if pin := _PINNED.match(" ".join(text[:_LONGEST_PIN].split())):
            name, is_via = canonicalize_name(pin[1]), False
            text = text.partition("  #")[2].strip() and "#" + text.partition("  #")[2]
        if name is None or not text.startswith("#"):
            continue
        comment = text.lstrip("# ").strip()
        if comment.startswith("via"):
            is_via, comment = True, comment.removeprefix("via").strip()
            found.setdefault(name, False)
        if is_via and comment:
            found[name] = found[name] or "(" in comment or comment.startswith("-r ")
    # Without a file in any comment, they do not say it.
    return found if any(found.values()) else {}


PIP_REPORTS = (
    Form("pip-inspect", _is_inspect, _read_inspect),
    Form("pip-list", _is_list, _read_list),
    Form("pipfile-lock", _is_pipfile_lock, _read_pipfile_lock),
    Form("pinned-requirements", _is_pinned, _read_pinned),
)
