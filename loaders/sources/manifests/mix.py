"""Read mix.exs (hexdocs.pm, "Mix.Project"): of a program, the texts that have a certain form."""

from __future__ import annotations

import re

from loaders.sources.manifests.manifest_facts import Manifest
from loaders.sources.manifests.manifest_texts import text_of_file

_COMMENT = re.compile(r"(?m)(?:^|\s)#[^{\n][^\n]*$")
_NEED = re.compile(r"""\{\s*:(\w{1,100})\s*,\s*(?:"([^"\n]{0,100})")?([^{}]{0,500})\}""")
_ONLY = re.compile(r"\bonly:\s*(?:\[([^\]]*)\]|:(\w+))")
_APP = re.compile(r"\bapp:\s*:(\w{1,100})")
_VERSION = re.compile(r"""\bversion:\s*"([^"\n]{1,60})\"""")
_ELIXIR = re.compile(r"""\belixir:\s*"([^"\n]{1,60})\"""")


def read_mix(raw: bytes) -> Manifest:
    """Read the app, its version, its dependencies, and the version of Elixir."""
    text = _COMMENT.sub("", text_of_file(raw, errors="replace"))
    manifest = Manifest("elixir", is_complete=False)
    app, version, elixir = _APP.search(text), _VERSION.search(text), _ELIXIR.search(text)
    manifest.set_identity(app and app[1], version and version[1])
    if elixir:
        manifest.state("runtime", "elixir", elixir[1])
    for number, (name, specifier, options) in enumerate(_NEED.findall(text)):
        only = _ONLY.search(options)
        is_dev = only is not None and "prod" not in (only[1] or only[2] or "")
        is_need = specifier or re.search(r"\b(?:path|git|github|in_umbrella|only):", options)
        if is_need:
            manifest.add_dependency(
                name, specifier or None, scope="dev" if is_dev else "runtime", key=f"deps[{number}]"
            )
    return manifest
