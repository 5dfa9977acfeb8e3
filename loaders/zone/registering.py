"""Register and forget sources: both are landed events, and the newest one counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from loaders.base import clock
from loaders.base.paths import bytes_if_different, text_of
from loaders.zone.landing import LandingZone
from loaders.zone.registered import ROOT, Registered, registered_sources
from loaders.zone.runs import Run
from loaders.zone.tables import SOURCE_EVENTS


def land_source_events(run: Run, event: str, sources: Sequence[Registered]) -> None:
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
    run.table(SOURCE_EVENTS).append_rows(rows)
    run.counts.landed += len(rows)


def add_sources(
    zone: LandingZone, sources: Iterable[Registered], argv: Sequence[str]
) -> list[Registered]:
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
    new = add_sources(zone, [Registered(ROOT, text_of(root), profile) for root in roots], argv)
    return [source.path_bytes for source in new]


def forget(zone: LandingZone, paths: Sequence[bytes], argv: Sequence[str]) -> list[bytes]:
    """Land that the sources registered at *paths*, of whatever kind, are forgotten; return those
    paths.
    """
    wanted = {text_of(path) for path in paths}
    known = [source for source in registered_sources(zone) if source.path in wanted]
    if known:
        with zone.run("sources", argv) as run:
            land_source_events(run, "forgotten", known)
    found = {source.path for source in known}
    return [path for path in paths if text_of(path) in found]
