"""The lock files of Yarn: of version 1, and of 2 and later.

Source: https://yarnpkg.com
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.reports.formats.npm_lock import TABLES
from loaders.sources.reports.reading.dependency_graph import (
    OPTIONAL,
    RUNTIME,
    Packages,
)
from loaders.sources.reports.reading.json_fields import as_object, object_in, text_in
from loaders.sources.reports.reading.package_components import component_of
from loaders.sources.reports.reading.package_names import (
    registry_place,
    source_of,
)
from loaders.sources.reports.reading.report_facts import Component, ToolRun
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows
from loaders.sources.reports.reading.whole_documents import (
    lines_of,
    yaml_document,
)

# `name@reference`, of a package with or without a scope.
_DESCRIPTOR = re.compile(r"(@[^/@]+/[^@]+|[^@]+)@(.*)", re.DOTALL)


def descriptor_of(text: str) -> tuple[str, str]:
    """Return name and reference of `name@reference`."""
    found = _DESCRIPTOR.fullmatch(text)
    return (found[1], found[2]) if found else (text, "")


# -- Yarn ------------------------------------------------------------------------------------------


def _is_yarn_classic(head: Head) -> bool:
    return any(line.startswith("# yarn lockfile v") for line in head.lines[:5])


def _read_yarn_classic(file: ArtifactFile, rows: Rows) -> None:
    packages = Packages()
    entries = list(_classic_entries(file))
    known = {
        descriptor: f"{descriptor_of(keys[0])[0]}@{fields.get('version')}"
        for keys, fields, _ in entries
        for descriptor in keys
    }
    for keys, fields, _ in entries:
        reference = known[keys[0]]
        if reference not in packages:
            packages.add(_of_classic(keys[0], fields, reference))
    for keys, _, needs in entries:
        for name, wanted, kind in needs:
            if other := known.get(f"{name}@{wanted}"):
                packages.link(known[keys[0]], other, kind)
    packages.land(rows, ToolRun(), derives=False)


def _of_classic(descriptor: str, fields: dict[str, str], reference: str) -> Component:
    name, wanted = descriptor_of(descriptor)
    real = descriptor_of(wanted.removeprefix("npm:"))[0] if wanted.startswith("npm:") else name
    resolved = fields.get("resolved")
    kind, place = (
        ("registry", registry_place(resolved))
        if resolved is None or "/-/" in resolved
        else source_of(resolved)
    )
    if not resolved and wanted.startswith(("file:", "link:")):
        kind, place = "path", wanted.partition(":")[2]
    more: dict[str, Any] = {"source_kind": kind, "source_place": place}
    return component_of("npm", name, fields.get("version"), real=real, reference=reference, **more)


def _classic_entries(
    file: ArtifactFile,
) -> Iterator[tuple[list[str], dict[str, str], list[tuple[str, str, str]]]]:
    """Yield (descriptors, fields, needs) of each package, by the indentation of the lines."""
    keys: list[str] = []
    fields: dict[str, str] = {}
    needs: list[tuple[str, str, str]] = []
    table = ""
    for line in lines_of(file):
        text = line.strip()
        depth = len(line) - len(line.lstrip(" "))
        if not text or text.startswith("#"):
            continue
        if depth == 0:
            if not text.endswith(":"):
                raise Invalid("a line that is neither a package nor indented")
            if keys:
                yield keys, fields, needs
            keys = [_unquoted(key) for key in re.findall(r'"[^"]*"|[^,"\s][^,"]*', text[:-1])]
            fields, needs, table = {}, [], ""
            if not keys:
                raise Invalid("a package without a name")
        elif text.endswith(":") and depth == 2:
            table = text[:-1]
        else:
            name, _, value = text.partition('" ' if text.startswith('"') else " ")
            if depth == 2:
                fields[_unquoted(name)] = _unquoted(value)
            elif table in TABLES:
                needs.append((name.strip('"'), _unquoted(value), TABLES[table]))
    if keys:
        yield keys, fields, needs


def _unquoted(text: str) -> str:
    return text.strip().strip('"')


def _is_berry(head: Head) -> bool:
    lines = [line for line in head.lines[:10] if line.strip() and not line.startswith("#")]
    return lines[:1] == ["__metadata:"] and lines[1:2][:1] != [] and "version:" in lines[1]


def _read_berry(file: ArtifactFile, rows: Rows) -> None:
    document = yaml_document(file)
    entries = {
        key: as_object(entry, f"the package {key[:100]}")
        for key, entry in document.items()
        if key != "__metadata"
    }
    packages = Packages()
    known: dict[str, str] = {}
    for keys, entry in entries.items():
        component = _of_berry(keys, entry)
        packages.add(component)
        for key in keys.split(", "):
            known[key] = component.reference or ""
    for keys, entry in entries.items():
        owner = known[keys.split(", ")[0]]
        for name, wanted, kind in _berry_needs(entry):
            # Before version 9, a range has no protocol here.
            for key in (f"{name}@{wanted}", f"{name}@npm:{wanted}", f"{name}@workspace:{wanted}"):
                if key in known:
                    packages.link(owner, known[key], kind)
                    break
    # Dependencies for development are among those of a workspace, unmarked.
    packages.land(rows, ToolRun(), derives=False)


def _of_berry(keys: str, entry: dict[str, Any]) -> Component:
    resolution = text_in(entry, "resolution") or keys.split(", ")[0]
    alias = descriptor_of(keys.split(", ")[0])[0]
    real, source = descriptor_of(resolution)
    version = text_in(entry, "version")
    if source.startswith("workspace:"):
        # Its version is a placeholder.
        return component_of(
            "npm",
            alias,
            None if version == "0.0.0-use.local" else version,
            real=real,
            reference=resolution,
            is_root=True,
            source_kind="workspace",
            source_place=source.partition(":")[2],
        )
    kind, place = _berry_source(source)
    return component_of(
        "npm",
        alias,
        version,
        real=real,
        reference=resolution,
        source_kind=kind,
        source_place=place,
    )


def _berry_source(source: str) -> tuple[str | None, str | None]:
    if source.startswith(("npm:", "patch:", "virtual:")):
        return "registry", None
    if source.startswith(("file:", "link:", "portal:")):
        return "path", source.partition(":")[2].partition("::")[0].partition("#")[0]
    return source_of(re.sub(r"#(?:commit|branch|tag|semver)=.*", "", source))


def _berry_needs(entry: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    optional = object_in(entry, "dependenciesMeta")
    for name, wanted in object_in(entry, "dependencies").items():
        meta = optional.get(name)
        is_optional = isinstance(meta, dict) and meta.get("optional") == "true"
        yield name, str(wanted), OPTIONAL if is_optional else RUNTIME


YARN_LOCKS = (
    Form("yarn-berry-lock", _is_berry, _read_berry),
    Form("yarn-lock", _is_yarn_classic, _read_yarn_classic),
)
