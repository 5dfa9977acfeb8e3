"""Read pubspec.yaml (dart.dev, "The pubspec file"), line by line."""

from __future__ import annotations

import re

from loaders.sources.manifests.manifest_facts import Manifest
from loaders.sources.manifests.manifest_texts import text_of_file

_TABLES = {"dependencies": "runtime", "dev_dependencies": "dev"}
_LINE = re.compile(r"""( *)([\w-]+):(?:[ \t]+["']?([^"'#\n]{0,200}?)["']?)?[ \t]*(?:#.*)?""")
_LONGEST_LINE = 2000


def read_pubspec(raw: bytes) -> Manifest:
    """Read name, version, dependencies, and the SDK that is required."""
    manifest = Manifest("dart")
    values: dict[str, str] = {}
    block = ""
    for number, line in enumerate(text_of_file(raw, errors="replace").splitlines(), 1):
        found = _LINE.fullmatch(line.rstrip()) if len(line) <= _LONGEST_LINE else None
        if found is None:
            continue
        indent, name, value = len(found[1]), found[2], found[3]
        if indent == 0:
            block = name
            values.setdefault(name, value or "")
        elif indent == 2 and block in _TABLES:
            manifest.add_dependency(name, value, scope=_TABLES[block], key=f"line {number}")
        elif indent == 2 and block == "environment":
            manifest.state("runtime", "dart" if name == "sdk" else name, value)
    manifest.set_identity(values.get("name"), values.get("version"))
    return manifest
