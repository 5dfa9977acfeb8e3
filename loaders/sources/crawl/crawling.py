"""Crawl roots: walk, compare with what is known, read what changed, land the difference.

One crawl of one root has four steps. The walk lists directories. Each listing is compared with the
latest landed state. Files that changed or are too young to trust are read. Changes are landed:
files as they are read, then directories with their digests, bottom-up, then repositories.
"""

from __future__ import annotations

import contextlib
import functools
import os
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain

from loaders.base import clock
from loaders.base.garbage import rare_collections
from loaders.base.paths import text_of
from loaders.sources.crawl import comparing
from loaders.sources.crawl.comparing import Comparison, RootSummary
from loaders.sources.crawl.crawled_rules import crawl_path_rules
from loaders.sources.crawl.excludes import Excludes
from loaders.sources.crawl.file_names import FileNames
from loaders.sources.crawl.interrupted_crawl import InterruptedCrawl
from loaders.sources.crawl.known_files import Known, load_known
from loaders.sources.crawl.mounts import why_no_root
from loaders.sources.crawl.pool import ReadPool
from loaders.sources.crawl.repositories import crawl_repositories
from loaders.sources.crawl.roots import damaged_files, kept_out, lock_roots
from loaders.sources.crawl.tree_digests import TreeDigests
from loaders.sources.crawl.walk import Listing, fate_of
from loaders.sources.crawl.walk_process import walk
from loaders.zone.landing import LandingZone
from loaders.zone.runs import Run

# Listings wait in memory, at about 100 bytes a file, until the landed state is loaded.
_FILES_AHEAD = 500_000


def crawl(
    zone: LandingZone,
    roots: Sequence[bytes],
    excludes: Excludes,
    argv: Sequence[str],
    progress: Callable[[str], None] = lambda line: None,
    *,
    other_roots: Sequence[bytes] = (),
    is_rehearsal: bool = False,
    resume: bool = False,
    rehash: bool = False,
) -> tuple[Run, list[RootSummary]]:
    """Crawl *roots* (canonical, none in another) as one run and return it with a summary of each
    root.

    Repositories may reach into *other_roots*, which are not crawled. A rehearsal lists and counts,
    and lands nothing. *resume* uses the contents that an interrupted crawl had read, without
    reading them again. *rehash* reads every file, even if its times have not changed. Raises Busy
    if a crawl of one of the roots is running, LandingError if the zone is damaged.
    """
    with ExitStack() as stack:
        if not is_rehearsal:
            lock_roots(zone, roots, stack)
        scope = [text_of(root) for root in roots]
        excludes = excludes.without(kept_out(zone))
        start = zone.rehearsal if is_rehearsal else functools.partial(zone.run, resume=resume)
        run = stack.enter_context(
            start("crawl", argv, scope, config_hash=excludes.digest, part_rows=comparing.BATCH_ROWS)
        )
        pool = stack.enter_context(ReadPool())
        stack.enter_context(rare_collections())
        damaged = damaged_files(zone, roots)
        interrupted = InterruptedCrawl(run.left_by_others)
        reach = [*roots, *other_roots]
        summaries = [
            _RootCrawl(
                zone, run, root, reach, excludes, pool, progress, interrupted, rehash
            ).crawl()
            for root in roots
        ]
        if all(summary.state == "complete" for summary in summaries):
            run.replaces += damaged
        return run, summaries


@dataclass
class _RootCrawl:
    zone: LandingZone
    run: Run
    root: bytes
    reach: Sequence[bytes]
    excludes: Excludes
    pool: ReadPool
    progress: Callable[[str], None]
    interrupted: InterruptedCrawl
    rehash: bool
    summary: RootSummary = field(init=False)
    known: Known = field(init=False)
    digests: TreeDigests = field(init=False)
    comparison: Comparison = field(init=False)
    is_empty: bool = False

    def __post_init__(self) -> None:
        self.summary = RootSummary(self.root)
        self.root_text = text_of(self.root)

    def crawl(self) -> RootSummary:
        self.began_ns = time.time_ns()
        if self._can_be_listed():
            self.known, listings = self._know_while_walking()
            if self.known.file_count and self.is_empty:
                self._fail(
                    "emptied", "empty, but files were here; if that is right, forget it as a source"
                )
            else:
                self._crawl(listings)
        self._land_root()
        return self.summary

    def _crawl(self, listings: Iterable[Listing]) -> None:
        self.digests = TreeDigests(self.root, self.known)
        names = FileNames(self.known)
        self.comparison = Comparison(
            self.run,
            self.root,
            self.summary,
            self.known,
            self.digests,
            self.pool,
            self.interrupted,
            self.rehash,
            self.began_ns,
            names,
        )
        seen: dict[bytes, str] = {}
        repositories: list[tuple[bytes, bool]] = []
        for listing in listings:
            self._mark_if_unmounted(listing)
            if listing.state != "vanished":
                seen[listing.path] = listing.state
            self.comparison.take(listing)
            if listing.repository:
                repositories.append((listing.path, listing.repository == "bare"))
            if len(seen) % 500 == 0:
                self.progress(
                    f"{self.root_text}: {len(seen)} directories, {self.summary.files} files"
                )
        self.comparison.collect(self.pool.drain())
        self._land_what_is_gone(seen)
        self.comparison.flush()
        self.run.table("crawl_directories").append_rows(list(self.digests.changed_rows()))
        self.progress(f"{self.root_text}: reading {len(repositories)} repositories")
        self.summary.repositories = len(repositories)
        own_rules = crawl_repositories(
            self.run, self.root, self.reach, repositories, self.known.repositories, seen
        )
        crawl_path_rules(self.run, self.root, self.reach, own_rules, names, seen)

    def _know_while_walking(self) -> tuple[Known, Iterable[Listing]]:
        """Return the landed state, and the listings; the first were made while the state was
        loaded.
        """
        listings = walk(self.root, self.excludes)
        ahead: list[Listing] = []
        files = 0
        with ThreadPoolExecutor(1) as aside:
            known = aside.submit(load_known, self.zone, self.root)
            while not known.done() and files < _FILES_AHEAD and (listing := next(listings, None)):
                ahead.append(listing)
                files += listing.file_count
            return known.result(), chain(ahead, listings)

    # -- the root itself ---------------------------------------------------------------------------

    def _can_be_listed(self) -> bool:
        if reason := why_no_root(self.root):
            self._fail("unreadable", f"{reason}; forget it as a source")
            return False
        try:
            # An unmounted disk looks like an empty folder.
            self.is_empty = not os.listdir(self.root)
        except (FileNotFoundError, NotADirectoryError):
            self._fail("missing", "there is no such directory; mount it, or forget it as a source")
        except OSError as error:
            self._fail("unreadable", error.strerror or str(error))
        return self.summary.state == "complete"

    def _fail(self, state: str, reason: str) -> None:
        self.summary.state, self.summary.reason = state, reason
        self.run.counts.quarantined += 1
        self.run.problem(f"{self.root_text}: {reason}")

    def _land_root(self) -> None:
        self.run.table("crawl_roots").append_rows(
            [
                {
                    "root_path": self.root_text,
                    "state": self.summary.state,
                    "reason": self.summary.reason,
                    "profile": self.excludes.profile,
                    "crawled_at": clock.as_naive_utc(clock.now()),
                    "file_count": self.summary.files,
                    "excluded_count": self.summary.excluded,
                    "unreadable_count": self.summary.unreadable,
                }
            ]
        )

    # -- directories -------------------------------------------------------------------------------

    def _mark_if_unmounted(self, listing: Listing) -> None:
        """Mark an empty directory as unreadable if it had files, on another device than its own
        now.
        """
        known = self.known.directories.get(listing.path) if listing.is_empty else None
        if not known or not known.tree_file_count:
            return
        device = self.known.device_below(listing.path)
        with contextlib.suppress(OSError):
            if device not in (None, os.lstat(listing.path).st_dev):
                listing.state = "unreadable"
                listing.reason = (
                    "empty, and on another device than the files that were here; mount it again"
                )

    def _land_what_is_gone(self, seen: dict[bytes, str]) -> None:
        """Land the end of every landed directory that is gone, or no longer entered, according to
        this crawl.
        """
        fates: dict[bytes, str | None] = {}
        for path in sorted(
            (self.known.directories.keys() | self.known.directories_with_files) - seen.keys()
        ):
            above = path.rpartition(b"/")[0] or b"/"
            # Sorted, so that a folder comes before what it holds: a deep tree is not climbed for
            # each of its folders.
            fate = fates[path] = fates[above] if above in fates else fate_of(path, seen)
            if fate is None:
                continue
            for name, state in self.known.files_in(path).items():
                self.comparison.land_gone(path, name, state, fate)
            self.digests.land_gone(path, fate)
        for path, seen_as in seen.items():
            if seen_as == "excluded":
                for name, known in self.known.files_in(path).items():
                    self.comparison.land_gone(path, name, known, "excluded")
