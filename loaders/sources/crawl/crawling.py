"""Crawl roots: walk, compare with what is known, read what changed, land the difference.

One crawl of one root goes through four rooms: the walk lists directories; each listing is compared
with the latest landed state; what moved or is too young to trust is read; and what changed is
landed: files as they are read, then directories with their digests, bottom-up, then repositories.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from loaders.base import clock
from loaders.base.garbage import rare_collections
from loaders.base.masking import is_landed_as
from loaders.base.paths import bytes_if_different, text_of
from loaders.sources.crawl.excludes import Excludes
from loaders.sources.crawl.interrupted_crawl import HeadStart
from loaders.sources.crawl.known_files import Known, KnownFile, load_known
from loaders.sources.crawl.mounts import why_no_root
from loaders.sources.crawl.pool import Part, ReadPool, Result
from loaders.sources.crawl.read import Content, is_settled
from loaders.sources.crawl.repositories import crawl_repositories
from loaders.sources.crawl.roots import damaged_files, kept_out, lock_roots
from loaders.sources.crawl.tree_digests import DirectoryLook, TreeDigests
from loaders.sources.crawl.walk import NO_TIME, Listing, Status, fate_of, read_link
from loaders.sources.crawl.walk_process import walk
from loaders.zone.landing import LandingZone
from loaders.zone.runs import Run

# What one part of an interrupted crawl holds; with what is being read, taking it up reads 20,000 files again at most.
_BATCH_ROWS = 15_000
# What is listed before it is known what to compare it with waits in memory, at about 100 bytes a file.
_FILES_AHEAD = 500_000
_VANISHED = "vanished while it was being crawled"
# A file to be read: its name, what the listing says of it, what is known of it.
Wish = tuple[bytes, Status, KnownFile | None]
_KINDS = {
    stat.S_IFLNK: "symlink",
    stat.S_IFIFO: "fifo",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "device",
    stat.S_IFBLK: "device",
}


@dataclass
class RootSummary:
    """What one crawl of one root came to."""

    root: bytes
    state: str = "complete"  # complete, missing, unreadable, emptied
    reason: str | None = None
    directories: int = 0
    files: int = 0
    bytes: int = 0
    excluded: int = 0
    unreadable: int = 0
    changed: int = 0
    gone: int = 0
    repositories: int = 0


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
    """Crawl *roots* (canonical, none in another) as one run and return it with a summary of each root.

    Repositories may reach into *other_roots*, which are not crawled. A rehearsal looks, counts and
    lands nothing. To *resume* takes what an interrupted crawl had read without reading it again; to
    *rehash* reads every file, whatever its times say. Raises Busy where a crawl of one of them is
    under way, LandingError where the zone is damaged.
    """
    with ExitStack() as stack:
        if not is_rehearsal:
            lock_roots(zone, roots, stack)
        scope = [text_of(root) for root in roots]
        excludes = excludes.without(kept_out(zone))
        start = zone.rehearsal if is_rehearsal else functools.partial(zone.run, resume=resume)
        run = stack.enter_context(
            start("crawl", argv, scope, config_hash=excludes.digest, part_rows=_BATCH_ROWS)
        )
        pool = stack.enter_context(ReadPool())
        stack.enter_context(rare_collections())
        damaged = damaged_files(zone, roots)
        head_start = HeadStart(run.left_by_others)
        reach = [*roots, *other_roots]
        summaries = [
            _RootCrawl(zone, run, root, reach, excludes, pool, progress, head_start, rehash).crawl()
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
    head_start: HeadStart
    rehash: bool
    summary: RootSummary = field(init=False)
    known: Known = field(init=False)
    digests: TreeDigests = field(init=False)
    rows: list[dict[str, Any]] = field(default_factory=list)
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
        seen: dict[bytes, str] = {}
        repositories: list[tuple[bytes, bool]] = []
        for listing in listings:
            self._doubt_if_unmounted(listing)
            if listing.state != "vanished":
                seen[listing.path] = listing.state
            self._take(listing)
            if listing.repository:
                repositories.append((listing.path, listing.repository == "bare"))
            if len(seen) % 500 == 0:
                self.progress(
                    f"{self.root_text}: {len(seen)} directories, {self.summary.files} files"
                )
        self._collect(self.pool.drain())
        self._land_what_is_gone(seen)
        self._flush()
        self.run.table("crawl_directories").append_rows(list(self.digests.changed_rows()))
        self.progress(f"{self.root_text}: reading {len(repositories)} repositories")
        self.summary.repositories = len(repositories)
        crawl_repositories(
            self.run, self.root, self.reach, repositories, self.known.repositories, seen
        )

    def _know_while_walking(self) -> tuple[Known, Iterable[Listing]]:
        """Return what is known, and the listings, of which the first were made while it was loaded."""
        listings = walk(self.root, self.excludes)
        ahead: list[Listing] = []
        files = 0
        with ThreadPoolExecutor(1) as aside:
            known = aside.submit(load_known, self.zone, self.root)
            while not known.done() and files < _FILES_AHEAD and (listing := next(listings, None)):
                ahead.append(listing)
                files += listing.file_count
            return known.result(), chain(ahead, listings)

    # -- the root itself -------------------------------------------------------------------------

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

    # -- one listing -----------------------------------------------------------------------------

    def _take(self, listing: Listing) -> None:
        if listing.state != "listed":
            self._take_unlisted(listing)
            return
        self.summary.directories += 1
        look = self.digests.look(listing.path, listing.state, listing.reason)
        if self._is_as_known(listing, look):
            self._keep(listing, look)
            return
        known = self.known.files_in(listing.path)
        wanted: list[Wish] = []
        for name, status in listing.files:
            self._take_file(look, name, status, known.pop(name, None), wanted)
        self.summary.excluded += len(listing.excluded_files)
        for name, status, reason in listing.excluded_files:
            self._skip(look, name, status, _kind(status), reason, known.pop(name, None))
        self.run.counts.skipped += len(listing.vanished)
        for name, state in known.items():
            look.is_changed = True
            self._land_gone(
                listing.path, name, state, _VANISHED if name in listing.vanished else None
            )
        if wanted:
            wanted = self._take_what_was_read(look, wanted)
        if wanted:
            self._collect(self.pool.submit(look, wanted))
        else:
            look.seal()

    def _is_as_known(self, listing: Listing, look: DirectoryLook) -> bool:
        """Say, cheaply, whether nothing at all changed directly in a directory: most are so, most times."""
        if self.rehash or not look.known or look.known.state != "listed":
            return False
        if listing.excluded_files or listing.vanished:
            return False
        return self.known.holds_exactly(listing.path, listing.names, listing.stamps)

    def _keep(self, listing: Listing, look: DirectoryLook) -> None:
        sizes = listing.content_sizes
        look.keep(listing.file_count, len(sizes) - sizes.count(0), sum(sizes))
        self.summary.files += listing.file_count
        self.summary.bytes += look.size_bytes
        self.run.counts.unchanged += listing.file_count

    def _doubt_if_unmounted(self, listing: Listing) -> None:
        """Take an empty directory as unreadable where files were in it, on another device than it is on now."""
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

    def _take_unlisted(self, listing: Listing) -> None:
        if listing.state == "vanished":
            self.run.counts.skipped += 1
            return
        look = self.digests.look(listing.path, listing.state, listing.reason)
        if listing.state == "excluded":
            self.run.counts.skipped += 1
            self.summary.excluded += 1
        else:
            self.run.counts.quarantined += 1
            self.summary.unreadable += 1
            self.run.problem(f"{text_of(listing.path)}: cannot be listed: {listing.reason}")
            if listing.path == self.root:
                self.summary.state, self.summary.reason = "unreadable", listing.reason
        look.seal()

    def _take_file(
        self,
        look: DirectoryLook,
        name: bytes,
        status: Status,
        known: KnownFile | None,
        wanted: list[Wish],
    ) -> None:
        kind = _kind(status)
        if kind not in ("file", "symlink"):
            self._skip(look, name, status, kind, f"{kind}: never opened", known)
            return
        self.summary.files += 1
        if kind == "symlink":
            self._take_symlink(look, name, status, known)
            return
        self.summary.bytes += status.st_size
        if (
            not self.rehash
            and known
            and known.is_settled
            and known.state == "present"
            and _is_same(known, status)
        ):
            self.run.counts.unchanged += 1
            look.add(name, known.sha256, status.st_size)
        else:
            wanted.append((name, status, known))

    def _take_symlink(
        self, look: DirectoryLook, name: bytes, status: Status, known: KnownFile | None
    ) -> None:
        try:
            target = read_link(look.path, name)
        except FileNotFoundError:
            self._take_vanished(look, name, status, known)
            return
        except OSError as error:
            self._land_unreadable(
                look, name, status, "symlink", error.strerror or str(error), known
            )
            return
        text = text_of(target)
        look.add(name, "link " + hashlib.sha256(target).hexdigest(), status.st_size, counts=False)
        if (
            known
            and known.kind == "symlink"
            and is_landed_as(text, known.link_target)
            and _is_same(known, status)
        ):
            self.run.counts.unchanged += 1
            return
        look.is_changed = True
        self.run.counts.landed += 1
        self._land(look.path, name, status, state="present", kind="symlink", link_target=text)

    def _skip(
        self,
        look: DirectoryLook,
        name: bytes,
        status: Status,
        kind: str,
        reason: str,
        known: KnownFile | None,
    ) -> None:
        self.run.counts.skipped += 1
        if known and (known.state, known.reason) == ("skipped", reason):
            return
        look.is_changed = look.is_changed or (known is not None and known.state != "skipped")
        self._land(look.path, name, status, state="skipped", kind=kind, reason=reason)

    # -- what was read ---------------------------------------------------------------------------

    def _take_what_was_read(self, look: DirectoryLook, wanted: list[Wish]) -> list[Wish]:
        """Take from the head start what it holds in these versions, and return the other wishes."""
        contents = self.head_start.contents_in(look.path)
        if not contents:
            return wanted
        left = []
        for name, status, known in wanted:
            content = contents.get(name)
            if content and _is_same(content, status) and content.device == status.st_dev:
                self._take_content(look, name, content, known)
            else:
                left.append((name, status, known))
        return left

    def _collect(self, finished: Iterable[tuple[Part, list[Result]]]) -> None:
        for (look, wanted, is_last), results in finished:
            for (name, status, known), result in zip(wanted, results, strict=True):
                self._take_result(look, name, status, result, known)
            if is_last:
                look.seal()

    def _take_result(
        self,
        look: DirectoryLook,
        name: bytes,
        status: Status,
        result: Result,
        known: KnownFile | None,
    ) -> None:
        if result is None:
            self._take_vanished(look, name, status, known)
        elif isinstance(result, str):
            self._land_unreadable(look, name, status, "file", result, known)
        else:
            self._take_content(look, name, result, known)

    def _take_vanished(
        self, look: DirectoryLook, name: bytes, status: Status, known: KnownFile | None
    ) -> None:
        self.run.counts.skipped += 1
        self.summary.files -= 1
        if stat.S_ISREG(status.st_mode):
            self.summary.bytes -= status.st_size
        if known:
            look.is_changed = True
            self._land_gone(look.path, name, known, _VANISHED)

    def _take_content(
        self, look: DirectoryLook, name: bytes, content: Content, known: KnownFile | None
    ) -> None:
        look.add(name, content.sha256, content.size_bytes)
        if (
            known
            and known.state == "present"
            and known.sha256 == content.sha256
            and _is_same(known, content)
        ):
            # It was read again only because it was too young to trust the last time.
            self.run.counts.unchanged += 1
            return
        look.is_changed = True
        self.run.counts.landed += 1
        self.summary.changed += 1
        self._land(look.path, name, None, state="present", kind="file", **content._asdict())

    def _land_unreadable(
        self,
        look: DirectoryLook,
        name: bytes,
        status: Status,
        kind: str,
        reason: str,
        known: KnownFile | None,
    ) -> None:
        path = look.path.rstrip(b"/") + b"/" + name
        self.run.counts.quarantined += 1
        self.summary.unreadable += 1
        self.run.problem(f"{text_of(path)}: cannot be read: {reason}")
        look.add(name, None, status.st_size, counts=kind == "file")
        if (
            known
            and (known.state, known.reason) == ("unreadable", reason)
            and _is_same(known, status)
        ):
            return
        look.is_changed = True
        self._land(look.path, name, status, state="unreadable", kind=kind, reason=reason)

    # -- rows ------------------------------------------------------------------------------------

    def _land(self, directory: bytes, name: bytes, status: Status | None, **columns: Any) -> None:
        text = text_of(directory).rstrip("/") + "/" + text_of(name)
        row: dict[str, Any] = {
            "root_path": self.root_text,
            "directory_path": text_of(directory),
            "name": text_of(name),
            "path_bytes": bytes_if_different(directory.rstrip(b"/") + b"/" + name, text),
        }
        if status is not None:
            row |= {
                "size_bytes": status.st_size,
                "mtime_ns": status.st_mtime_ns,
                "ctime_ns": status.st_ctime_ns,
                "inode": status.st_ino,
                "device": status.st_dev,
                "is_settled": is_settled(status, self.began_ns),
            }
        row |= columns
        if row.get("mtime_ns") == NO_TIME:
            row["mtime_ns"] = None
        self.rows.append(row)
        if len(self.rows) >= _BATCH_ROWS:
            self._flush()

    def _land_gone(
        self, directory: bytes, name: bytes, known: KnownFile, reason: str | None
    ) -> None:
        if known.state in ("present", "unreadable"):
            self.summary.gone += 1
        self._land(directory, name, None, state="gone", kind=known.kind, reason=reason)

    def _land_what_is_gone(self, seen: dict[bytes, str]) -> None:
        """Land the end of every known directory that this look proves is not there, or no longer entered."""
        fates: dict[bytes, str | None] = {}
        for path in sorted(
            (self.known.directories.keys() | self.known.directories_with_files) - seen.keys()
        ):
            above = path.rpartition(b"/")[0] or b"/"
            # Sorted, so that a folder comes before what it holds: a deep tree is not climbed for each of its folders.
            fate = fates[path] = fates[above] if above in fates else fate_of(path, seen)
            if fate is None:
                continue
            for name, state in self.known.files_in(path).items():
                self._land_gone(path, name, state, fate)
            self.digests.land_gone(path, fate)
        for path, state in seen.items():
            if state == "excluded":
                for name, known in self.known.files_in(path).items():
                    self._land_gone(path, name, known, "excluded")

    def _flush(self) -> None:
        self.run.table("crawl_files").append_rows(self.rows)
        self.rows.clear()


def _kind(status: Status) -> str:
    return _KINDS.get(stat.S_IFMT(status.st_mode), "file")


def _is_same(known: KnownFile | Content, status: Status | Content) -> bool:
    if isinstance(status, Content):
        now = (status.size_bytes, status.mtime_ns, status.ctime_ns, status.inode)
    else:
        now = (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
    return now == (known.size_bytes, known.mtime_ns, known.ctime_ns, known.inode)
