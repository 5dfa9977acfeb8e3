"""go.mod, as the "Go Modules Reference" describes it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loaders.sources.manifests.manifest_facts import Manifest, path_pointer
from loaders.sources.manifests.manifest_texts import text_of_file

_WORDS = re.compile(r"\"[^\"]*\"|`[^`]*`|=>|[^\s()]+")


def read_go_mod(raw: bytes) -> Manifest:
    """Read go.mod; what is `// indirect` has the scope indirect, what is replaced by a folder points there."""
    manifest = Manifest("go")
    required: list[tuple[int, list[str], bool]] = []
    places: dict[str, str] = {}
    for number, words, comment in _statements(text_of_file(raw)):
        match words:
            case ["module", name, *_]:
                manifest.is_called(name)
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
        manifest.need(name, version, scope=scope, key=key, pointer=path_pointer(places.get(name)))
    return manifest


def _statements(text: str) -> Iterator[tuple[int, list[str], str]]:
    """Yield (line, words, comment); the lines of a block each begin with the block's verb."""
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
