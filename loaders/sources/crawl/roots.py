"""Functions on whole crawl roots: overlaps, locks, excluded paths and damaged files."""

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
    """Return the outermost of *given* roots, sorted, and a remark for each root inside another."""
    kept: list[bytes] = []
    remarks: list[str] = []
    for root in sorted(set(given)):
        outer = next((other for other in kept if is_beneath(root, other)), None)
        if outer is None:
            kept.append(root)
        else:
            remarks.append(
                f"{text_of(root)}: is in {text_of(outer)}; it is crawled with it, by its profile"
            )
    return kept, remarks


def lock_roots(
    zone: LandingZone, roots: Sequence[bytes], stack: ExitStack, action: str = "crawl"
) -> None:
    """Lock *roots* against other runs of *action* on them, on folders in them, or around them.

    A run locks its root exclusively and each folder above it shared, so any two overlapping runs
    conflict. Raises Busy, naming the holder.
    """
    for root in roots:
        purpose = f"{action} of {text_of(root)}"
        above = root
        while above not in (b"/", b""):
            above = above.rpartition(b"/")[0] or b"/"
            stack.enter_context(zone.lock(f"{action} {text_of(above)}", purpose, shared=True))
        stack.enter_context(zone.lock(f"{action} {text_of(root)}", purpose))


def kept_out(zone: LandingZone) -> dict[bytes, str]:
    """Return path → reason, for paths that no crawl enters or reads.

    These are file systems without files, and our own data: a crawl that read them would change the
    result of the next one.
    """
    where = locations()
    published = str(where.published)
    folders = (zone.path, where.landing, where.work_folder, where.engine_folder)
    own = (*folders, published, f"{published}.wal", f"{published}.tmp")
    return without_files() | {
        os.path.realpath(os.fsencode(path)): "the collector's own data" for path in own
    }


def damaged_files(zone: LandingZone, roots: Sequence[bytes]) -> list[str]:
    """Return the damaged files of earlier crawls whose roots are all within *roots*.

    Their facts count as unknown, so a complete crawl of the roots lands them again.
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
