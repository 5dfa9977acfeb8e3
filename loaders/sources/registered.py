"""Sources: what `refresh` lands again. Adding and forgetting are landed events; the newest one counts.

A `root` is crawled, by the exclude profile beside it; `codegraphx` and `catalog` are paths of
artifacts; a `map_prefix` is the key of a folder as artifacts know it, with its place here beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from loaders.base import clock, programs
from loaders.base.paths import bytes_if_different, bytes_of, text_of
from loaders.zone.asking import rows_in_order
from loaders.zone.landing import LandingError, LandingZone
from loaders.zone.runs import Run

# Imported where they are used: who crawls reads no artifacts.
if TYPE_CHECKING:
    from loaders.sources.codegraphx.land import Summary
    from loaders.sources.codegraphx.path_keys import MappedPrefix
    from loaders.sources.crawl.land import RootSummary

ROOT, MAP_PREFIX = "root", "map_prefix"
# Kinds of sources of artifacts; each is also the action of the run that lands it.
CODEGRAPHX, CATALOG = "codegraphx", "catalog"


@dataclass(frozen=True)
class Source:
    """One registered source of facts."""

    kind: str
    path: str
    profile: str

    @property
    def path_bytes(self) -> bytes:
        return bytes_of(self.path)


def registered_sources(zone: LandingZone, *kinds: str) -> list[Source]:
    """Return what is registered now, of *kinds* or of all, sorted by kind and path."""
    events = rows_in_order(zone, "source_events")
    newest = {
        (event["kind"], event["path"]): event
        for event in events
        if not kinds or event["kind"] in kinds
    }
    return [
        Source(row["kind"], row["path"], row["profile"])
        for _, row in sorted(newest.items())
        if row["event"] == "added"
    ]


def keep_roots_out(zone: LandingZone, given: Iterable[bytes] = ()) -> None:
    """Let no program be found in a registered root, nor in one of the *given* ones.

    If what is registered cannot be read, programs come from the system's own folders only.
    """
    try:
        files = (file for entry in zone.entries() for file in entry.files)
        events = tuple(file.path for file in files if file.table == "source_events")
        registered = _registered_roots(zone, events)
    except (LandingError, OSError, ValueError):  # Arrow's own errors are among them
        registered = [b"/"]
    programs.keep_out([*registered, *given])


@cache
def _registered_roots(zone: LandingZone, events: tuple[Path, ...]) -> list[bytes]:
    """Return the registered roots; read once for the same *events*, since every run asks."""
    return [source.path_bytes for source in registered_sources(zone, ROOT)]


def land_source_events(run: Run, event: str, sources: Sequence[Source]) -> None:
    """Land that the *sources* were added or forgotten."""
    rows = [
        {
            "kind": source.kind,
            "path": source.path,
            "path_bytes": bytes_if_different(source.path_bytes, source.path),
            "profile": source.profile,
            "event": event,
            "happened_at": clock.as_naive_utc(clock.now()),
        }
        for source in sources
    ]
    run.table("source_events").append_rows(rows)
    run.counts.landed += len(rows)


def add_sources(zone: LandingZone, sources: Iterable[Source], argv: Sequence[str]) -> list[Source]:
    """Land those of *sources* that are not registered like this yet, and return them."""
    current = set(registered_sources(zone))
    new = [source for source in sources if source not in current]
    if new:
        with zone.run("sources", argv) as run:
            land_source_events(run, "added", new)
    return new


def register(
    zone: LandingZone, roots: Sequence[bytes], profile: str, argv: Sequence[str]
) -> list[bytes]:
    """Land the roots that are not registered with this profile yet, and return them."""
    new = add_sources(zone, [Source(ROOT, text_of(root), profile) for root in roots], argv)
    return [source.path_bytes for source in new]


def land_roots(
    zone: LandingZone,
    given: Iterable[bytes],
    profile: str,
    argv: Sequence[str],
    progress: Callable[[str], None] = lambda line: None,
    **how: bool,
) -> tuple[Run, list[RootSummary], list[str]]:
    """Crawl the *given* roots by one exclude profile and register those that could be crawled.

    *how* is what `crawl` takes; a rehearsal does neither and counts what would be. Returns the run,
    a summary of each root, and remarks on roots that lie in others. Raises Busy, LandingError, and
    click.UsageError where there is no such profile.
    """
    from loaders.sources.crawl.excludes import load_excludes
    from loaders.sources.crawl.land import crawl
    from loaders.sources.crawl.roots import distinct_roots

    roots, remarks = distinct_roots(given)
    keep_roots_out(zone, roots)
    # A work tree of a repository in another root is whole, whichever of the two is crawled.
    others = [source.path_bytes for source in registered_sources(zone, ROOT)]
    run, summaries = crawl(
        zone, roots, load_excludes(profile), argv, progress, other_roots=others, **how
    )
    if not how.get("is_rehearsal"):
        register(
            zone,
            [summary.root for summary in summaries if summary.state == "complete"],
            profile,
            argv,
        )
    return run, summaries, remarks


def land_codegraphx(
    zone: LandingZone,
    given: Iterable[bytes],
    argv: Sequence[str],
    progress: Callable[[str], None] = lambda line: None,
    *,
    action: str = CODEGRAPHX,
    prefixes: Sequence[MappedPrefix] = (),
    is_rehearsal: bool = False,
) -> tuple[Run, Summary]:
    """Land the artifacts at the *given* paths and register those that hold any, with the *prefixes*.

    Paths are mapped by the prefixes that are registered, too. A rehearsal does neither and counts
    what would be. Returns the run and what it came to. Raises Busy, LandingError.
    """
    from loaders.sources.codegraphx.land import land_artifacts
    from loaders.sources.codegraphx.path_keys import MappedPrefix
    from loaders.sources.crawl.roots import distinct_roots

    paths, _ = distinct_roots(given)
    mapped = {
        source.path: MappedPrefix(source.path_bytes.decode(), bytes_of(source.profile))
        for source in registered_sources(zone, MAP_PREFIX)
    }
    mapped |= {prefix.key: prefix for prefix in prefixes}
    run, summary = land_artifacts(
        zone,
        paths,
        argv,
        progress,
        action=action,
        prefixes=list(mapped.values()),
        roots=[source.path_bytes for source in registered_sources(zone, ROOT)],
        is_rehearsal=is_rehearsal,
    )
    if summary.healthy_given and not is_rehearsal:
        sources = [Source(action, text_of(path), "") for path in summary.healthy_given]
        sources += [Source(MAP_PREFIX, prefix.key, text_of(prefix.new)) for prefix in prefixes]
        add_sources(zone, sources, argv)
    return run, summary


def forget(zone: LandingZone, paths: Sequence[bytes], argv: Sequence[str]) -> list[bytes]:
    """Land that the sources registered at *paths*, of whatever kind, are forgotten; return those paths."""
    wanted = {text_of(path) for path in paths}
    known = [source for source in registered_sources(zone) if source.path in wanted]
    if known:
        with zone.run("sources", argv) as run:
            land_source_events(run, "forgotten", known)
    found = {source.path for source in known}
    return [path for path in paths if text_of(path) in found]
