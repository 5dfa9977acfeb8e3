"""Land roots: crawl them, and register those that could be crawled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from loaders.sources.crawl.comparing import RootSummary
from loaders.sources.crawl.crawling import crawl
from loaders.sources.crawl.excludes import load_excludes
from loaders.sources.crawl.roots import distinct_roots
from loaders.zone.landing import LandingZone
from loaders.zone.registered import ROOT, keep_roots_out, registered_sources
from loaders.zone.registering import register
from loaders.zone.runs import Run


def land_roots(
    zone: LandingZone,
    given: Iterable[bytes],
    profile: str,
    argv: Sequence[str],
    progress: Callable[[str], None] = lambda line: None,
    **how: bool,
) -> tuple[Run, list[RootSummary], list[str]]:
    """Crawl the *given* roots by one exclude profile and register those that could be crawled.

    *how* are options of `crawl`; a rehearsal does neither and only counts. Returns the run, a
    summary of each root, and remarks on roots that are in others. Raises Busy, LandingError, and
    click.UsageError if there is no such profile.
    """
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
