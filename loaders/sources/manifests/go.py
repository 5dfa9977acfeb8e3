"""Read go.mod ("Go Modules Reference")."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loaders.sources.manifests.manifest_facts import Manifest, path_pointer
from loaders.sources.manifests.manifest_texts import text_of_file

_WORDS = re.compile(r"\"[^\"]*\"|`[^`]*`|=>|[^\s()]+")


def read_go_mod(raw: bytes) -> Manifest:
    """Read go.mod.

    Requirements marked `// indirect` have scope indirect; the pointer of a module that a folder
    replaces is that folder.
    """
    manifest = Manifest("go")
    required: list[tuple[int, list[str], bool]] = []
    places: dict[str, str] = {}
    for number, words, comment in _statements(text_of_file(raw)):
        match words:
            case ["module", name, *_]:
                manifest.set_identity(name)
            case ["require", *rest]:
                required.append((number, rest, comment.startswith("indirect")))
            case ["replace", name, *_, "=>", place] if place.startswith((".", "/")):
                places[name] = place
    for number, words, is_indirect in required:
        key = f"line {number}"
        if len(words) != 2:
            manifest.reject(key)
            continue
        name, version = words
        scope = "indirect" if is_indirect else "runtime"
        pointer = path_pointer(places.get(name))
        manifest.add_dependency(name, version, scope=scope, key=key, pointer=pointer)
    return manifest


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
            yield number, [verb, *words] if verb else words, comment.strip()
