"""Read go.mod ("Go Modules Reference")."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loaders.sources.manifests.manifest_facts import Manifest, path_pointer
from loaders.sources.manifests.manifest_texts import text_of_file

_WORDS = re.compile(r"\"[^\"]*\"|`[^`]*`|=>|[^\s()]+")

# (module, version or None for all its versions) → (module or folder, version)
_Replaced = dict[tuple[str, str | None], tuple[str, str | None]]


def read_go_mod(raw: bytes) -> Manifest:
    """Read go.mod.

    A requirement that the go command takes for indirect has scope indirect. A module that another
    one replaces is an entry with the name and version of the other, which is what is built; the
    pointer of a module that a folder replaces is that folder.
    """
    manifest = Manifest("go")
    required: list[tuple[int, list[str], bool]] = []
    replaced: _Replaced = {}
    for number, words, comment in _statements(text_of_file(raw, errors="replace")):
        match words:
            case ["module", name, *_]:
                manifest.set_identity(name)
            case ["go", version]:
                manifest.state("runtime", "go", version)
            case ["require", *rest]:
                required.append((number, rest, _is_indirect(comment)))
            case ["replace", name, "=>", place]:
                replaced[name, None] = place, None
            case ["replace", name, "=>", place, version]:
                replaced[name, None] = place, version
            case ["replace", name, old, "=>", place, *version]:
                replaced[name, old] = place, version[0] if version else None
    for number, words, is_indirect in required:
        key = f"line {number}"
        if len(words) != 2:
            manifest.reject(key)
            continue
        _add(manifest, words[0], words[1], "indirect" if is_indirect else "runtime", key, replaced)
    return manifest


def _add(
    manifest: Manifest, name: str, version: str, scope: str, key: str, replaced: _Replaced
) -> None:
    place, other = replaced.get((name, version)) or replaced.get((name, None)) or (None, None)
    if place and place.startswith((".", "/")):
        manifest.add_dependency(name, version, scope=scope, key=key, pointer=path_pointer(place))
    else:
        manifest.add_dependency(place or name, other or version, scope=scope, key=key)


def _is_indirect(comment: str) -> bool:
    """Return what the go command makes of a comment: `indirect` or `indirect; reason`."""
    words = comment.split()
    return words == ["indirect"] or (len(words) > 1 and words[0] == "indirect;")


def _statements(text: str) -> Iterator[tuple[int, list[str], str]]:
    """Yield (line, words, comment); each line of a block begins with the verb of the block."""
    verb: str | None = None
    for number, line in enumerate(text.splitlines(), 1):
        line, _, comment = line.partition("//")
        words = [word.strip('"`') for word in _WORDS.findall(line)]
        if line.strip().startswith(")"):
            verb = None
        elif line.rstrip().endswith("(") and len(words) == 1:
            verb = words[0]
        elif words:
            yield number, [verb, *words] if verb else words, comment
