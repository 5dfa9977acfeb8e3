"""Digests of directories, computed bottom-up, so that equal subtrees have equal digests.

own digest  = SHA-256 over the sorted names and content digests of the files in the directory
tree digest = SHA-256 over the own digest, and the sorted names and tree digests of subdirectories

Excluded directories and special files do not count. If anything below a directory could not be
read, its digest is unknown (None), and so are those of the directories above.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from loaders.base.paths import bytes_if_different, text_of
from loaders.sources.crawl.known_files import Known, KnownDirectory

_MOST_BYTES = (1 << 63) - 1


@dataclass(slots=True)
class CrawledDirectory:
    """One directory in this crawl: its entries, then its digests."""

    path: bytes
    state: str
    reason: str | None
    known: KnownDirectory | None
    is_changed: bool = False
    own_digest: str | None = None
    # These count the files directly in it, and finally all files below it.
    file_count: int = 0
    nonempty_count: int = 0
    size_bytes: int = 0
    _files: list[tuple[bytes, str | None]] | None = None
    _folders: list[tuple[bytes, str | None]] | None = None

    def add(self, name: bytes, digest: str | None, size_bytes: int, *, counts: bool = True) -> None:
        """Add one file; *counts* is False for links, which do not count as content."""
        if self._files is None:
            self._files = []
        self._files.append((name, digest))
        self.file_count += 1
        if counts:
            self.nonempty_count += size_bytes > 0
            self.size_bytes += size_bytes

    def keep(self, file_count: int, nonempty_count: int, size_bytes: int) -> None:
        """Set the totals and the known digest of unchanged files; no file is added afterwards."""
        self.file_count, self.nonempty_count, self.size_bytes = (
            file_count,
            nonempty_count,
            size_bytes,
        )
        assert self.known is not None, "only a known directory can be unchanged"
        self.own_digest = self.known.own_digest

    def seal(self) -> None:
        """Compute the own digest; no file is added afterwards."""
        if (
            self.state == "listed"
            and not self.is_changed
            and self.known
            and self.known.state == "listed"
        ):
            self.own_digest = self.known.own_digest
        elif self.state == "listed":
            self.own_digest = _digest(self._files or [])
        self._files = None

    def add_folder(self, name: bytes, folder: CrawledDirectory, tree_digest: str | None) -> None:
        """Add a folder that is directly in this one and already has its own folders."""
        if self._folders is None:
            self._folders = []
        self._folders.append((name, tree_digest))
        self.file_count += folder.file_count
        self.nonempty_count += folder.nonempty_count
        self.size_bytes += folder.size_bytes

    def whole(self) -> KnownDirectory:
        """Return the final state, after all folders in it were added."""
        tree_digest = _digest([(b"", self.own_digest), *(self._folders or [])])
        # Two sparse files are enough to claim more bytes than 64 bits count.
        counts = (self.file_count, self.nonempty_count, min(self.size_bytes, _MOST_BYTES))
        return KnownDirectory(self.state, self.reason, self.own_digest, tree_digest, *counts)


def _digest(content: list[tuple[bytes, str | None]]) -> str | None:
    content.sort()
    lines: list[bytes] = []
    for name, digest in content:
        if not digest:
            return None
        lines += (name, b"\0", digest.encode(), b"\n")
    return hashlib.sha256(b"".join(lines)).hexdigest()


class TreeDigests:
    """All directories of one crawl of one root."""

    def __init__(self, root: bytes, known: Known) -> None:
        self._root = root
        self._root_text = text_of(root)
        self._known = known
        self._directories: dict[bytes, CrawledDirectory] = {}
        self._gone: list[tuple[bytes, str]] = []

    def open_directory(self, path: bytes, state: str, reason: str | None) -> CrawledDirectory:
        """Add one directory of this crawl and return it."""
        directory = CrawledDirectory(path, state, reason, self._known.directories.get(path))
        self._directories[path] = directory
        return directory

    def land_gone(self, path: bytes, reason: str) -> None:
        """Record that a known directory no longer exists, or is no longer entered."""
        if path in self._known.directories:
            self._gone.append((path, reason))

    def changed_rows(self) -> Iterator[dict[str, Any]]:
        """Yield a row for every directory whose state or content differs from what is known."""
        # A walk yields a directory before its entries, so in reverse order the entries come first.
        for path, directory in reversed(self._directories.items()):
            state = directory.whole()
            if state != directory.known:
                yield self._row(path, state)
            if path == self._root or directory.state == "excluded":
                continue
            above, _, name = path.rpartition(b"/")
            parent = self._directories[above or b"/"]
            # A work tree in the folder of a bare repository counts for itself only.
            if parent.state != "excluded":
                parent.add_folder(name, directory, state.tree_digest)
        for path, reason in self._gone:
            yield self._row(path, KnownDirectory("gone", reason, None, None, 0, 0, 0))

    def _row(self, path: bytes, state: KnownDirectory) -> dict[str, Any]:
        text = text_of(path)
        identity = {
            "path": text,
            "path_bytes": bytes_if_different(path, text),
            "root_path": self._root_text,
        }
        return identity | state._asdict()
