"""Find the CodeGraphX checkout of an artifact; its relative paths start there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from loaders.sources.artifacts.artifact_files import opened
from loaders.sources.crawl.read import Unreadable, Vanished

_NAMED = re.compile(rb"""^\s*name\s*=\s*["']codegraphx["']""", re.MULTILINE)
_SCRIPTS = (b"chunked_scan_enrich.py", b"enrichment_backlog.py", b"enrich_repo_projects.py")
_HEAD = 64 << 10


def checkout_of(path: bytes) -> bytes | None:
    """Return the innermost checkout with the artifact *path* in its `data/`, or None."""
    return next((folder for folder in _folders_of_data(path) if _is_checkout(folder)), None)


def _folders_of_data(path: bytes) -> Iterator[bytes]:
    """Yield the folders with *path* in their `data/`, innermost first."""
    folder = path
    while (cut := folder.rfind(b"/data/")) > 0:
        folder = folder[:cut]
        yield folder


def _is_checkout(folder: bytes) -> bool:
    if os.path.isdir(folder + b"/config"):
        return True
    if any(os.path.lexists(folder + b"/scripts/" + script) for script in _SCRIPTS):
        return True
    try:
        with opened(folder + b"/pyproject.toml") as project:
            return _NAMED.search(project.head(_HEAD)) is not None
    except (Vanished, Unreadable):
        return False
