"""Read the files that give the version of a language or a runtime.

`.nvmrc` and its kind have one version; `.tool-versions` of asdf and the `[tools]` of mise have
several; rust-toolchain.toml has a channel.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from loaders.sources.manifests.manifest_facts import InvalidManifest, Manifest, table_of
from loaders.sources.manifests.manifest_texts import load_toml, text_of_file

_TOOL = re.compile(r"([\w-]+)[ \t]+([\w.+:-]+)", re.ASCII)


def _read_version(raw: bytes, name: str) -> Manifest:
    """Read the first line that is not a comment."""
    manifest = Manifest(name)
    for line in text_of_file(raw, errors="replace").splitlines():
        version = line.partition("#")[0].strip()
        if version:
            manifest.state("runtime", name, version)
            break
    return manifest


# format → reader; a format is named after its runtime.
VERSION_FILES: dict[str, Callable[[bytes], Manifest]] = {
    f"{name}_version": partial(_read_version, name=name) for name in ("node", "python", "ruby")
}


def read_tool_versions(raw: bytes) -> Manifest:
    """Read `.tool-versions`, or the table `tools` of a file of mise."""
    manifest = Manifest("asdf")
    text = text_of_file(raw, errors="replace")
    if text.lstrip().startswith("["):
        for name, version in table_of(load_toml(raw).get("tools")).items():
            manifest.state("runtime", name, version)
        return manifest
    for line in text.splitlines():
        if found := _TOOL.match(line.partition("#")[0].strip()):
            manifest.state("runtime", found[1], found[2])
    return manifest


def read_toolchain(raw: bytes) -> Manifest:
    """Read rust-toolchain.toml, or rust-toolchain, whose only line may be the channel."""
    manifest = Manifest("cargo")
    try:
        table = table_of(load_toml(raw).get("toolchain"))
    except InvalidManifest:
        return _read_version(raw, "rust")
    manifest.state("runtime", "rust", table.get("channel"))
    for name in table.get("components") or ():
        manifest.state("section", name)
    return manifest
