"""Whole roots of a crawl: which to crawl, the locks on them, and their damaged files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import ExitStack

from loaders.base.paths import bytes_of, is_beneath, locations, text_of
from loaders.sources.crawl.mounts import without_files
from loaders.sources.crawl.tables import TABLES
from loaders.zone.asking import damaged_paths
from loaders.zone.landing import LandingZone


def distinct_roots(given: Iterable[bytes]) -> tuple[list[bytes], list[str]]:
    """Return the outermost of *given* roots in order, and a line for each that is in another."""
    kept: list[bytes] = []
    remarks: list[str] = []
    for root in sorted(set(given)):
        outer = next((other for other in kept if is_beneath(root, other)), None)
        if outer is None:
            kept.append(root)
        else:
            remarks.append(
                f"{text_of(root)}: is in {text_of(outer)} and is crawled with it, by its profile"
            )
    return kept, remarks


def lock_roots(
    zone: LandingZone, roots: Sequence[bytes], stack: ExitStack, action: str = "crawl"
) -> None:
    """Keep every other run of *action* on these roots, on folders in them and on folders around
    them, out.

    A run has an exclusive lock on its root and shared ones on each folder above it, so that two
    overlapping runs collide in one of the two. Raises Busy, naming the holder.
    """
    for root in roots:
        purpose = f"{action} of {text_of(root)}"
        above = root
        while above not in (b"/", b""):
            above = above.rpartition(b"/")[0] or b"/"
            stack.enter_context(zone.lock(f"{action} {text_of(above)}", purpose, shared=True))
        stack.enter_context(zone.lock(f"{action} {text_of(root)}", purpose))


def kept_out(zone: LandingZone) -> dict[bytes, str]:
    """Return path → why it is neither entered nor read: file systems without files, and what we
    write ourselves.

    A crawl that read the latter would change what the next one finds.
    """
    where = locations()
    published = str(where.published)
    folders = (zone.path, where.landing, where.workshop, where.engine_room)
    own = (*folders, published, f"{published}.wal", f"{published}.tmp")
    return without_files() | {
        os.path.realpath(os.fsencode(path)): "the collector's own data" for path in own
    }


def damaged_files(zone: LandingZone, roots: Sequence[bytes]) -> list[str]:
    """Return the damaged files of earlier crawls with no rows outside of *roots*.

    Their facts are lost, so that a complete crawl of the roots lands them again.
    """
    concerned = [
        entry
        for entry in zone.entries()
        if entry.action in ("crawl", "compact")
        and all(
            any(is_beneath(bytes_of(old), root) for root in roots)
            for old in entry.manifest["scope"]
        )
    ]
    return damaged_paths(zone, concerned, TABLES)
