"""Land the packages and dependencies in the crawled manifests, each content once.

A content is read once by each version of the reader, whichever files hold it and however often they
are crawled. Files of requirements that others include are read with them.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from loaders.sources.manifests.crawled_manifests import (
    LARGEST_BYTES,
    Content,
    ContentUnavailable,
    CrawledFile,
    Followed,
    KnownContent,
    Landed,
    landed,
    read_crawled,
)
from loaders.sources.manifests.manifest_facts import Dependency, InvalidManifest, Manifest
from loaders.sources.manifests.python_manifests import is_followed
from loaders.sources.manifests.python_versions import ATTRIBUTE, is_module
from loaders.sources.manifests.read import READER_VERSION, REQUIREMENTS, reader_of
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
        self._places: list[dict[str, Any]] = []
        self._statements: list[dict[str, Any]] = []
        # Paths, with the formats in which they were read.
        self._seen: set[Followed] = set()

    def read_all(self) -> None:
        files = self._known.manifests()
        for _ in range(_MOST_INCLUDES):
            if not files:
                break
            followed = {place for file in files for place in self._take(file)} - self._seen
            at = {file.path: file for file in self._at(place.pointer for place in followed)}
            files = [
                at[path]._replace(format=form) for path, form in sorted(followed) if path in at
            ]
        self._flush()

    def _at(self, paths: Iterable[str]) -> list[CrawledFile]:
        wanted = set(paths)
        return self._known.at(wanted) if wanted else []

    def _take(self, file: CrawledFile) -> Iterator[Followed]:
        """Read *file* unless its content is known; yield the files that it names, to be read."""
        place = Followed(file.path, file.format or "")
        if place in self._seen:
            return
        self._seen.add(place)
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
        for pointer, form in content.follows if content else ():
            if is_module(pointer) if form.startswith(ATTRIBUTE) else is_followed(pointer):
                path = posixpath.normpath(posixpath.join(posixpath.dirname(file.path), pointer))
                yield Followed(path, form)

    def _read(self, file: CrawledFile, key: Content) -> KnownContent | None:
        """Land the manifest *file*; None if it cannot be read now; later runs try again."""
        self._progress(f"reading {file.path}")
        try:
            if file.size_bytes > LARGEST_BYTES:
                raise InvalidManifest(
                    f"{file.size_bytes} bytes, more than the {LARGEST_BYTES} that are read"
                )
            manifest = reader_of(key[1])(read_crawled(file))
        except ContentUnavailable as error:
            self._run.counts.skipped += 1
            self._run.problem(f"{file.path}: {error}")
            return None
        except InvalidManifest as error:
            self._land_content(file, {"state": "quarantined", "reason": str(error)})
            content = KnownContent("quarantined", str(error), ())
        else:
            self._land(file, manifest)
            follows = {place for need in _rows_of(manifest) if (place := _followed(need))}
            content = KnownContent("read", None, tuple(sorted(follows)))
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
            for position, need in enumerate(_rows_of(manifest))
        ]
        self._places += [
            _content(file) | {"position": position, **vars(place)}
            for position, place in enumerate(manifest.places)
        ]
        self._statements += [
            _content(file) | {"position": position, **vars(statement)}
            for position, statement in enumerate(manifest.statements)
        ]

    def _land_content(self, file: CrawledFile, said: dict[str, Any]) -> None:
        self._packages.append(_content(file) | {"reader_version": READER_VERSION, **said})
        waiting = (self._packages, self._needs, self._places, self._statements)
        if sum(map(len, waiting)) >= _ROWS_AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        self._run.table("manifest_packages").append_rows(self._packages)
        self._run.table("manifest_dependencies").append_rows(self._needs)
        self._run.table("manifest_places").append_rows(self._places)
        self._run.table("manifest_statements").append_rows(self._statements)
        self._packages, self._needs, self._places, self._statements = [], [], [], []


def _rows_of(manifest: Manifest) -> list[Dependency]:
    return [*manifest.dependencies, *manifest.version_places]


def _followed(need: Dependency) -> Followed | None:
    if need.pointer and need.scope == "include":
        return Followed(need.pointer, REQUIREMENTS)
    if need.pointer and need.scope == "version":
        return Followed(need.pointer, f"{ATTRIBUTE}{need.group_name}")
    return None


def _content(file: CrawledFile) -> dict[str, str | None]:
    return {"sha256": file.sha256, "format": file.format}
