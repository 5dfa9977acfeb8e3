"""Land the packages and dependencies in the crawled manifests, each content once.

A content is read once by each version of the reader, whichever files hold it and however often they
are crawled. Files of requirements that others include are read with them.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from loaders.sources.manifests.crawled_manifests import (
    LARGEST_BYTES,
    Content,
    ContentUnavailable,
    CrawledFile,
    KnownContent,
    Landed,
    landed,
    read_crawled,
)
from loaders.sources.manifests.manifest_facts import InvalidManifest, Manifest
from loaders.sources.manifests.python_manifests import is_followed
from loaders.sources.manifests.read import READER_VERSION, READERS, REQUIREMENTS
from loaders.zone.landing import LandingZone
from loaders.zone.runs import Run

# Requirements that include requirements; a loop ends by itself, a chain here.
_MOST_INCLUDES = 10
_ROWS_AT_ONCE = 10_000


def land_manifests(
    zone: LandingZone, argv: Sequence[str], progress: Callable[[str], None] = lambda line: None
) -> Run:
    """Land every crawled manifest that no run has landed yet, and return the run.

    Each file counts once: landed, unchanged (its content is known), skipped (a link, or changed
    since the crawl), quarantined (not a manifest of its format). Raises Busy and LandingError.
    """
    with (
        zone.lock("manifests", "reading manifests"),
        landed(zone) as known,
        zone.run("manifests", argv) as run,
    ):
        _Reading(run, known, progress).read_all()
        run.replaces += known.damaged
        return run


class _Reading:
    def __init__(self, run: Run, known: Landed, progress: Callable[[str], None]) -> None:
        self._run = run
        self._known = known
        self._progress = progress
        self._packages: list[dict[str, Any]] = []
        self._needs: list[dict[str, Any]] = []
        self._seen: set[str] = set()

    def read_all(self) -> None:
        files = self._known.manifests()
        for _ in range(_MOST_INCLUDES):
            if not files:
                break
            included = {path for file in files for path in self._take(file)} - self._seen
            files = (
                [file._replace(format=REQUIREMENTS) for file in self._known.at(included)]
                if included
                else []
            )
        self._flush()

    def _take(self, file: CrawledFile) -> Iterator[str]:
        """Read *file* unless its content is known; yield the paths of files that it includes."""
        if file.path in self._seen:
            return
        self._seen.add(file.path)
        is_file = file.state == "present" and file.kind == "file"
        if not is_file or file.sha256 is None or file.format is None:
            self._run.counts.skipped += 1
            return
        key = (file.sha256, file.format)
        content = self._known.contents.get(key)
        if content is None:
            content = self._read(file, key)
        elif content.state == "read":
            self._run.counts.unchanged += 1
        if content and content.state == "quarantined":
            self._run.counts.quarantined += 1
            self._run.problem(
                f"{file.path}: not read: {content.reason}; mend it, or exclude it from the crawl"
            )
        for include in content.includes if content else ():
            if is_followed(include):
                yield posixpath.normpath(posixpath.join(posixpath.dirname(file.path), include))

    def _read(self, file: CrawledFile, key: Content) -> KnownContent | None:
        """Land the manifest *file*; None if it cannot be read now; later runs try again."""
        self._progress(f"reading {file.path}")
        try:
            if file.size_bytes > LARGEST_BYTES:
                raise InvalidManifest(
                    f"{file.size_bytes} bytes, more than the {LARGEST_BYTES} that are read"
                )
            manifest = READERS[key[1]](read_crawled(file))
        except ContentUnavailable as error:
            self._run.counts.skipped += 1
            self._run.problem(f"{file.path}: {error}")
            return None
        except InvalidManifest as error:
            self._land_content(file, {"state": "quarantined", "reason": str(error)})
            content = KnownContent("quarantined", str(error), ())
        else:
            self._land(file, manifest)
            included = (need.pointer for need in manifest.dependencies if need.scope == "include")
            includes = sorted({pointer for pointer in included if pointer})
            content = KnownContent("read", None, tuple(includes))
        self._known.contents[key] = content
        return content

    def _land(self, file: CrawledFile, manifest: Manifest) -> None:
        self._run.counts.landed += 1
        if manifest.rejected:
            count, first = len(manifest.rejected), manifest.rejected[0]
            self._run.problem(f"{file.path}: {count} entries name no package; the first is {first}")
        self._land_content(
            file,
            {
                "state": "read",
                "ecosystem": manifest.ecosystem,
                "name": manifest.name,
                "canonical_name": manifest.canonical_name,
                "version": manifest.version,
                "version_key": manifest.version_key,
                "is_complete": manifest.is_complete,
                "dependency_count": len(manifest.dependencies),
                "rejected_count": len(manifest.rejected),
            },
        )
        self._needs += [
            _content(file) | {"position": position, "ecosystem": manifest.ecosystem, **vars(need)}
            for position, need in enumerate(manifest.dependencies)
        ]

    def _land_content(self, file: CrawledFile, said: dict[str, Any]) -> None:
        self._packages.append(_content(file) | {"reader_version": READER_VERSION, **said})
        if len(self._packages) + len(self._needs) >= _ROWS_AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        self._run.table("manifest_packages").append_rows(self._packages)
        self._run.table("manifest_dependencies").append_rows(self._needs)
        self._packages, self._needs = [], []


def _content(file: CrawledFile) -> dict[str, str | None]:
    return {"sha256": file.sha256, "format": file.format}
