"""Compare the files of each listed directory with their landed state, and land the differences.

A file that is unchanged and old enough to trust is counted. Any other file is read, in a pool, and
lands if its content or its times differ.
"""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from loaders.base.masking import is_landed_as
from loaders.base.paths import bytes_if_different, text_of
from loaders.sources.crawl.file_names import FileNames
from loaders.sources.crawl.interrupted_crawl import InterruptedCrawl
from loaders.sources.crawl.known_files import Known, KnownFile
from loaders.sources.crawl.pool import Part, ReadPool, Result
from loaders.sources.crawl.read import Content, blob_id_of, is_settled
from loaders.sources.crawl.tree_digests import CrawledDirectory, TreeDigests
from loaders.sources.crawl.walk import NO_TIME, Listing, Status, read_link
from loaders.zone.runs import Run

# Files of one landed part. With what is being read, resuming a crawl reads at most 20,000 files
# again.
BATCH_ROWS = 15_000
_VANISHED = "vanished while it was being crawled"
# A file to read: its name, its status in the listing, its landed state.
ToRead = tuple[bytes, Status, KnownFile | None]
_KINDS = {
    stat.S_IFLNK: "symlink",
    stat.S_IFIFO: "fifo",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "device",
    stat.S_IFBLK: "device",
}


@dataclass
class RootSummary:
    """The outcome of one crawl of one root."""

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


@dataclass
class Comparison:
    """The files of one root in one crawl, compared with their landed state."""

    run: Run
    root: bytes
    summary: RootSummary
    known: Known
    digests: TreeDigests
    pool: ReadPool
    interrupted: InterruptedCrawl
    rehash: bool
    began_ns: int
    names: FileNames
    rows: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.root_text = text_of(self.root)

    # -- one listing -------------------------------------------------------------------------------

    def take(self, listing: Listing) -> None:
        if listing.state != "listed":
            self._take_unlisted(listing)
            return
        self.summary.directories += 1
        directory = self.digests.open_directory(listing.path, listing.state, listing.reason)
        if self._is_as_known(listing, directory):
            self._keep(listing, directory)
            return
        known = self.known.files_in(listing.path)
        wanted: list[ToRead] = []
        files = listing.files
        excluded = [name for name, *_ in listing.excluded_files]
        self.names.take(listing.path, [*(name for name, _ in files), *excluded], known.keys())
        for name, status in files:
            self._take_file(directory, name, status, known.pop(name, None), wanted)
        self.summary.excluded += len(listing.excluded_files)
        for name, status, reason in listing.excluded_files:
            self._skip(directory, name, status, _kind(status), reason, known.pop(name, None))
        self.run.counts.skipped += len(listing.vanished)
        for name, state in known.items():
            directory.is_changed = True
            self.land_gone(
                listing.path, name, state, _VANISHED if name in listing.vanished else None
            )
        if wanted:
            wanted = self._unless_read_before(directory, wanted)
        if wanted:
            self.collect(self.pool.submit(directory, wanted))
        else:
            directory.seal()

    def _is_as_known(self, listing: Listing, directory: CrawledDirectory) -> bool:
        """Say, cheaply, whether nothing at all changed directly in a directory: most are so, most
        times.
        """
        if self.rehash or not directory.known or directory.known.state != "listed":
            return False
        if listing.excluded_files or listing.vanished:
            return False
        return self.known.holds_exactly(listing.path, listing.names, listing.stamps)

    def _keep(self, listing: Listing, directory: CrawledDirectory) -> None:
        sizes = listing.content_sizes
        directory.keep(listing.file_count, len(sizes) - sizes.count(0), sum(sizes))
        self.summary.files += listing.file_count
        self.summary.bytes += directory.size_bytes
        self.run.counts.unchanged += listing.file_count

    def _take_unlisted(self, listing: Listing) -> None:
        if listing.state == "vanished":
            self.run.counts.skipped += 1
            return
        directory = self.digests.open_directory(listing.path, listing.state, listing.reason)
        if listing.state == "excluded":
            self.run.counts.skipped += 1
            self.summary.excluded += 1
        else:
            self.run.counts.quarantined += 1
            self.summary.unreadable += 1
            self.run.problem(f"{text_of(listing.path)}: cannot be listed: {listing.reason}")
            if listing.path == self.root:
                self.summary.state, self.summary.reason = "unreadable", listing.reason
        directory.seal()

    def _take_file(
        self,
        directory: CrawledDirectory,
        name: bytes,
        status: Status,
        known: KnownFile | None,
        wanted: list[ToRead],
    ) -> None:
        kind = _kind(status)
        if kind not in ("file", "symlink"):
            self._skip(directory, name, status, kind, f"{kind}: never opened", known)
            return
        self.summary.files += 1
        if kind == "symlink":
            self._take_symlink(directory, name, status, known)
            return
        self.summary.bytes += status.st_size
        if (
            not self.rehash
            and known
            and known.is_settled
            and known.is_current
            and known.state == "present"
            and _is_same(known, status)
        ):
            self.run.counts.unchanged += 1
            directory.add(name, known.sha256, status.st_size)
        else:
            wanted.append((name, status, known))

    def _take_symlink(
        self, directory: CrawledDirectory, name: bytes, status: Status, known: KnownFile | None
    ) -> None:
        try:
            target = read_link(directory.path, name)
        except FileNotFoundError:
            self._take_vanished(directory, name, status, known)
            return
        except OSError as error:
            self._land_unreadable(
                directory, name, status, "symlink", error.strerror or str(error), known
            )
            return
        text = text_of(target)
        directory.add(
            name, "link " + hashlib.sha256(target).hexdigest(), status.st_size, counts=False
        )
        if (
            known
            and known.kind == "symlink"
            and is_landed_as(text, known.link_target)
            and _is_same(known, status)
        ):
            self.run.counts.unchanged += 1
            return
        directory.is_changed = True
        self.run.counts.landed += 1
        self._land(
            directory.path,
            name,
            status,
            state="present",
            kind="symlink",
            link_target=text,
            blob_id=blob_id_of(target),
        )

    def _skip(
        self,
        directory: CrawledDirectory,
        name: bytes,
        status: Status,
        kind: str,
        reason: str,
        known: KnownFile | None,
    ) -> None:
        self.run.counts.skipped += 1
        if known and (known.state, known.reason) == ("skipped", reason):
            return
        directory.is_changed = directory.is_changed or (
            known is not None and known.state != "skipped"
        )
        self._land(directory.path, name, status, state="skipped", kind=kind, reason=reason)

    # -- what was read -----------------------------------------------------------------------------

    def _unless_read_before(
        self, directory: CrawledDirectory, wanted: list[ToRead]
    ) -> list[ToRead]:
        """Take from the head start what it holds in these versions, and return the other wishes."""
        contents = self.interrupted.contents_in(directory.path)
        if not contents:
            return wanted
        left = []
        for name, status, known in wanted:
            content = contents.get(name)
            if content and _is_same(content, status) and content.device == status.st_dev:
                self._take_content(directory, name, content, known)
            else:
                left.append((name, status, known))
        return left

    def collect(self, finished: Iterable[tuple[Part, list[Result]]]) -> None:
        for (directory, wanted, is_last), results in finished:
            for (name, status, known), result in zip(wanted, results, strict=True):
                self._take_result(directory, name, status, result, known)
            if is_last:
                directory.seal()

    def _take_result(
        self,
        directory: CrawledDirectory,
        name: bytes,
        status: Status,
        result: Result,
        known: KnownFile | None,
    ) -> None:
        if result is None:
            self._take_vanished(directory, name, status, known)
        elif isinstance(result, str):
            self._land_unreadable(directory, name, status, "file", result, known)
        else:
            self._take_content(directory, name, result, known)

    def _take_vanished(
        self, directory: CrawledDirectory, name: bytes, status: Status, known: KnownFile | None
    ) -> None:
        self.run.counts.skipped += 1
        self.summary.files -= 1
        if stat.S_ISREG(status.st_mode):
            self.summary.bytes -= status.st_size
        if known:
            directory.is_changed = True
            self.land_gone(directory.path, name, known, _VANISHED)

    def _take_content(
        self, directory: CrawledDirectory, name: bytes, content: Content, known: KnownFile | None
    ) -> None:
        directory.add(name, content.sha256, content.size_bytes)
        if (
            known
            and known.state == "present"
            and known.sha256 == content.sha256
            and known.is_current
            and _is_same(known, content)
        ):
            # It was read again only because it was too young to trust the last time.
            self.run.counts.unchanged += 1
            return
        directory.is_changed = True
        self.run.counts.landed += 1
        self.summary.changed += 1
        self._land(directory.path, name, None, state="present", kind="file", **content._asdict())

    def _land_unreadable(
        self,
        directory: CrawledDirectory,
        name: bytes,
        status: Status,
        kind: str,
        reason: str,
        known: KnownFile | None,
    ) -> None:
        path = directory.path.rstrip(b"/") + b"/" + name
        self.run.counts.quarantined += 1
        self.summary.unreadable += 1
        self.run.problem(f"{text_of(path)}: cannot be read: {reason}")
        directory.add(name, None, status.st_size, counts=kind == "file")
        if (
            known
            and (known.state, known.reason) == ("unreadable", reason)
            and _is_same(known, status)
        ):
            return
        directory.is_changed = True
        self._land(directory.path, name, status, state="unreadable", kind=kind, reason=reason)

    # -- rows --------------------------------------------------------------------------------------

    def _land(self, folder: bytes, name: bytes, status: Status | None, **columns: Any) -> None:
        self.names.take_change(folder, name)
        text = text_of(folder).rstrip("/") + "/" + text_of(name)
        row: dict[str, Any] = {
            "root_path": self.root_text,
            "directory_path": text_of(folder),
            "name": text_of(name),
            "path_bytes": bytes_if_different(folder.rstrip(b"/") + b"/" + name, text),
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
        if len(self.rows) >= BATCH_ROWS:
            self.flush()

    def land_gone(self, folder: bytes, name: bytes, known: KnownFile, reason: str | None) -> None:
        if known.state in ("present", "unreadable"):
            self.summary.gone += 1
        self._land(folder, name, None, state="gone", kind=known.kind, reason=reason)

    def flush(self) -> None:
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
