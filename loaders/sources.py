"""Sources: what `refresh` lands again. Adding and forgetting are landed events; the newest one counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import pyarrow.parquet as pq

from loaders import clock
from loaders.crawl.crawl import RootSummary, crawl
from loaders.crawl.excludes import load_excludes
from loaders.crawl.roots import distinct_roots
from loaders.landing import LandingZone
from loaders.paths import bytes_if_different, bytes_of, text_of
from loaders.runs import Run


@dataclass(frozen=True)
class Source:
    """One registered source of facts."""

    kind: str
    path: str
    profile: str

    @property
    def path_bytes(self) -> bytes:
        return bytes_of(self.path)


def registered_sources(zone: LandingZone) -> list[Source]:
    """Return what is registered now, sorted by path."""
    with zone.reading() as entries:
        files = [file for entry in entries for file in entry.files if file.table == "source_events"]
        events = [row for file in files for row in pq.ParquetFile(file.path).read().to_pylist()]
        order = {entry.run_id: entry.seq for entry in entries}
    events.sort(key=lambda event: order[event["run_id"]])
    newest = {(event["kind"], event["path"]): event for event in events}
    return [
        Source(row["kind"], row["path"], row["profile"]) for _, row in sorted(newest.items()) if row["event"] == "added"
    ]


def land_source_events(run: Run, event: str, roots: Iterable[bytes], profile: str) -> None:
    """Land that the roots were added (with their exclude profile) or forgotten."""
    rows = [
        {
            "kind": "root",
            "path": text_of(root),
            "path_bytes": bytes_if_different(root, text_of(root)),
            "profile": profile,
            "event": event,
            "happened_at": clock.as_naive_utc(clock.now()),
        }
        for root in roots
    ]
    run.table("source_events").append_rows(rows)
    run.counts.landed += len(rows)


def register(zone: LandingZone, roots: Sequence[bytes], profile: str, argv: Sequence[str]) -> list[bytes]:
    """Land the roots that are not registered with this profile yet, and return them."""
    current = {source.path: source.profile for source in registered_sources(zone)}
    new = [root for root in roots if current.get(text_of(root)) != profile]
    if new:
        with zone.run("sources", argv) as run:
            land_source_events(run, "added", new, profile)
    return new


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
    roots, remarks = distinct_roots(given)
    # A work tree of a repository in another root is whole, whichever of the two is crawled.
    others = [source.path_bytes for source in registered_sources(zone)]
    run, summaries = crawl(zone, roots, load_excludes(profile), argv, progress, other_roots=others, **how)
    if not how.get("is_rehearsal"):
        register(zone, [summary.root for summary in summaries if summary.state == "complete"], profile, argv)
    return run, summaries, remarks


def forget(zone: LandingZone, roots: Sequence[bytes], argv: Sequence[str]) -> list[bytes]:
    """Land that the registered among *roots* are forgotten, and return them."""
    current = {source.path: source for source in registered_sources(zone)}
    known = [root for root in roots if text_of(root) in current]
    if known:
        with zone.run("sources", argv) as run:
            land_source_events(run, "forgotten", known, "")
    return known
