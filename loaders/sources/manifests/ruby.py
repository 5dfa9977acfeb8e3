"""Read Gemfile and *.gemspec. Both are programs: they are searched for plain strings, never run."""

from __future__ import annotations

import re

from loaders.sources.manifests.manifest_facts import (
    Manifest,
    Pointer,
    forge_pointer,
    path_pointer,
    url_pointer,
)
from loaders.sources.manifests.manifest_texts import text_of_file

# Longer lines are ignored, which limits the time that a regular expression can take.
_LONGEST_LINE = 500
_STRING = r"[\"']([^\"'#{}]*)[\"']"
_GEM = re.compile(rf"gem[\s(]+{_STRING}(.*)")
_REQUIREMENTS = re.compile(rf"\s*,\s*{_STRING}(?!\s*=>)")
_OPTION = re.compile(rf"\b(path|git|github|gitlab)(?::|\s*=>)\s*{_STRING}")
_GROUPS = re.compile(r"\bgroups?(?::|\s*=>)\s*(.*)")
_BLOCK = re.compile(r"(\w+)\b(.*?)\b(?:do|then)\b\s*(?:\|.*\|)?$")
_OPENS = re.compile(r"(?:if|unless|case|def|begin|while|until|for)\b")
_SYMBOL = re.compile(r":(\w+)|[\"'](\w+)[\"']")
_NO_DEV = {"default", "production"}

_ASSIGNED = re.compile(rf"\w+\.(name|version)\s*=\s*{_STRING}")
_ADDED = re.compile(rf"\w+\.add_(runtime_|development_)?dependency[\s(]+{_STRING}(.*)")


def read_gemfile(raw: bytes) -> Manifest:
    """Read a Gemfile. A gem in a group other than default and production has scope dev."""
    manifest = Manifest("ruby")
    blocks: list[tuple[str, str]] = []
    for number, line in _lines(raw):
        if re.match(r"end\b", line):
            del blocks[-1:]
        elif gem := _GEM.match(line):
            around = [rest for verb, rest in blocks if verb == "group"]
            places = [
                f"{verb}: {rest}"
                for verb, rest in blocks
                if verb in ("path", "git", "github", "gitlab")
            ]
            _add_gem(manifest, gem[1], gem[2], around, places, f"line {number}")
        elif block := _BLOCK.match(line):
            blocks.append((block[1], block[2].strip()))
        elif _OPENS.match(line) and not line.endswith("end"):
            blocks.append(("", ""))
    return manifest


def _add_gem(
    manifest: Manifest, name: str, rest: str, around: list[str], places: list[str], key: str
) -> None:
    inline = _GROUPS.search(rest)
    texts = [*around, *([inline[1]] if inline else [])]
    groups = {symbol or word for text in texts for symbol, word in _SYMBOL.findall(text)}
    pointer = next((found for text in (rest, *places) if (found := _pointer(text))), None)
    manifest.add_dependency(
        name,
        _specifier(rest),
        scope="dev" if groups and not groups & _NO_DEV else "runtime",
        group=", ".join(sorted(groups)) or None,
        key=key,
        pointer=pointer,
    )


def _specifier(rest: str) -> str:
    """Return the requirements: the strings directly after the name."""
    found, place = [], 0
    while match := _REQUIREMENTS.match(rest, place):
        found.append(match[1])
        place = match.end()
    return ", ".join(found)


def _pointer(text: str) -> Pointer | None:
    option = _OPTION.search(text)
    if not option:
        return None
    kind, value = option.groups()
    if kind == "path":
        return path_pointer(value)
    if kind == "git":
        return url_pointer(value if value.startswith("git@") else f"git+{value}")
    return forge_pointer(value, f"{kind}.com")


def read_gemspec(raw: bytes) -> Manifest:
    """Read name, version and dependencies of a gemspec, as far as they are plain strings."""
    manifest = Manifest("ruby")
    own: dict[str, str] = {}
    for number, line in _lines(raw):
        if assigned := _ASSIGNED.match(line):
            own.setdefault(assigned[1], assigned[2])
        elif added := _ADDED.match(line):
            scope = "dev" if added[1] == "development_" else "runtime"
            specifier = _specifier(added[3])
            manifest.add_dependency(added[2], specifier, scope=scope, key=f"line {number}")
    manifest.set_identity(own.get("name"), own.get("version"))
    return manifest


def _lines(raw: bytes) -> list[tuple[int, str]]:
    lines = (
        (number, line.strip()) for number, line in enumerate(text_of_file(raw).splitlines(), 1)
    )
    return [
        (number, line)
        for number, line in lines
        if line and line[0] != "#" and len(line) <= _LONGEST_LINE
    ]
