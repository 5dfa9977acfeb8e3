"""Read the files that name commands: Makefile, justfile, tox.ini, noxfile.py.

Formats: "GNU make", just.systems, tox.wiki, nox.thea.codes. Nothing in them is expanded or run.
"""

from __future__ import annotations

import configparser
import re

from loaders.sources.manifests.command_lines import add_runs
from loaders.sources.manifests.manifest_facts import InvalidManifest, Manifest
from loaders.sources.manifests.manifest_texts import text_of_file
from loaders.sources.manifests.python_manifests import add_requirement

_LONGEST_LINE = 2000
_TARGETS = re.compile(r"([A-Za-z][\w-]*(?: +[A-Za-z][\w-]*){0,20}) *::?(?![=:])", re.ASCII)
_RECIPE = re.compile(r"@?([A-Za-z][\w-]*)(?: [^:\n]{0,200})?:(?!=)", re.ASCII)
_SESSION = re.compile(r"@(?:nox\.)?session\b[^\n]*\n(?:@[^\n]*\n)*def (\w+)\(")


def read_makefile(raw: bytes) -> Manifest:
    """Read the targets that have a plain name, and the programs of the recipes."""
    manifest = Manifest("make")
    for line in _lines(raw):
        if line.startswith("\t"):
            add_runs(manifest, line.strip())
        elif found := _TARGETS.match(line):
            for name in found[1].split():
                manifest.state("command", name)
    return manifest


def read_justfile(raw: bytes) -> Manifest:
    """Read the recipes, and the programs in them."""
    manifest = Manifest("just")
    for line in _lines(raw):
        if line[:1] in (" ", "\t"):
            add_runs(manifest, line.strip())
        elif found := _RECIPE.match(line):
            manifest.state("command", found[1])
    return manifest


def read_tox(raw: bytes) -> Manifest:
    """Read the environments, the settings of other tools, what is installed and what is run."""
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text_of_file(raw))
    except configparser.Error as error:
        raise InvalidManifest(f"not a valid tox.ini: {str(error).splitlines()[0]}") from None
    manifest = Manifest("python")
    for section in parser.sections():
        kind, _, name = section.partition(":")
        if kind != "testenv":
            manifest.state("section", section)
            continue
        if name:
            manifest.state("command", name)
        options = dict(parser[section])
        for line in options.get("commands", "").splitlines():
            add_runs(manifest, line)
        for line in options.get("deps", "").splitlines():
            # A line may begin with a factor, and may be a reference or an option.
            need = line.rpartition(": ")[2].strip()
            if need and need[0] not in "-{.#$":
                add_requirement(manifest, need, key=f"{section}.deps", scope="dev")
    return manifest


def read_noxfile(raw: bytes) -> Manifest:
    """Read the names of the sessions."""
    manifest = Manifest("python")
    for name in _SESSION.findall(text_of_file(raw, errors="replace")):
        manifest.state("command", name)
    return manifest


def _lines(raw: bytes) -> list[str]:
    return [
        line
        for line in text_of_file(raw, errors="replace").splitlines()
        if len(line) <= _LONGEST_LINE
    ]
