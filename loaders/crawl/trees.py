"""Digests of directories, computed bottom-up, so that equal subtrees are equal values.

own digest  = SHA-256 over the sorted names and content digests of the files directly in a directory
tree digest = SHA-256 over the own digest and the sorted names and tree digests of its subdirectories

Excluded directories and special files do not count. Where anything below could not be read, the
digest is unknown (None), and so are those of the directories above.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from loaders.crawl.known import Known, KnownDirectory, KnownFile
from loaders.paths import bytes_if_different, text_of


@dataclass(slots=True)
class DirectoryLook:
    """One directory in this crawl: what was found directly in it, then its digests."""

    path: bytes
    state: str
    reason: str | None
    known: KnownDirectory | None
    is_changed: bool = False
    before: dict[bytes, KnownFile | None] = field(default_factory=dict)
    own_digest: str | None = None
    file_count: int = 0
    nonempty_count: int = 0
    size_bytes: int = 0
    _content: list[tuple[bytes, str | None]] = field(default_factory=list)

    def add(self, name: bytes, digest: str | None, size_bytes: int, *, counts: bool = True) -> None:
        """Take in one file; *counts* is False for links, which are no content of the directory."""
        self._content.append((name, digest))
        self.file_count += 1
        if counts:
            self.nonempty_count += size_bytes > 0
            self.size_bytes += size_bytes

    def keep(self, file_count: int, nonempty_count: int, size_bytes: int) -> None:
        """Take in all files at once, which are as they are known; nothing is added afterwards."""
        self.file_count, self.nonempty_count, self.size_bytes = file_count, nonempty_count, size_bytes
        self.own_digest = self.known.own_digest

    def seal(self) -> None:
        """Compute the own digest; nothing is added afterwards."""
        if self.state == "listed" and not self.is_changed and self.known and self.known.state == "listed":
            self.own_digest = self.known.own_digest
        elif self.state == "listed" and all(digest for _, digest in self._content):
            self.own_digest = _digest(self._content)
        self._content.clear()


def _digest(content: list[tuple[bytes, str | None]]) -> str:
    whole = hashlib.sha256()
    for name, digest in sorted(content):
        whole.update(b"%b\0%b\n" % (name, digest.encode()))
    return whole.hexdigest()


class TreeDigests:
    """All directories of one crawl of one root."""

    def __init__(self, root: bytes, known: Known) -> None:
        self._root = root
        self._root_text = text_of(root)
        self._known = known
        self._looks: dict[bytes, DirectoryLook] = {}
        self._gone: list[tuple[bytes, str]] = []

    def look(self, path: bytes, state: str, reason: str | None) -> DirectoryLook:
        """Open the look at one directory of this crawl."""
        look = DirectoryLook(path, state, reason, self._known.directories.get(path))
        self._looks[path] = look
        return look

    def land_gone(self, path: bytes, reason: str) -> None:
        """Note that a known directory is not there any more (or no longer entered)."""
        if path in self._known.directories:
            self._gone.append((path, reason))

    def changed_rows(self) -> Iterator[dict[str, Any]]:
        """Yield a row for every directory whose state or content differs from what is known."""
        below: dict[bytes, list[tuple[bytes, str | None]]] = {}
        totals: dict[bytes, list[int]] = {}
        for path in sorted(self._looks, key=lambda path: path.count(b"/"), reverse=True):
            look = self._looks[path]
            children = below.pop(path, [])
            total = totals.pop(path, [0, 0, 0])
            total = [
                total[0] + look.file_count,
                total[1] + look.nonempty_count,
                total[2] + look.size_bytes,
            ]
            tree_digest = self._tree_digest(look, children)
            state = KnownDirectory(look.state, look.reason, look.own_digest, tree_digest, *total)
            if state != look.known:
                yield self._row(path, state)
            if path != self._root and look.state != "excluded":
                above, _, name = path.rpartition(b"/")
                above = above or b"/"
                below.setdefault(above, []).append((name, tree_digest))
                upper = totals.setdefault(above, [0, 0, 0])
                for position, value in enumerate(total):
                    upper[position] += value
        for path, reason in self._gone:
            yield self._row(path, KnownDirectory("gone", reason, None, None, 0, 0, 0))

    @staticmethod
    def _tree_digest(look: DirectoryLook, children: list[tuple[bytes, str | None]]) -> str | None:
        if look.own_digest is None or not all(digest for _, digest in children):
            return None
        return _digest([(b"", look.own_digest), *children])

    def _row(self, path: bytes, state: KnownDirectory) -> dict[str, Any]:
        text = text_of(path)
        return {"path": text, "path_bytes": bytes_if_different(path, text), "root_path": self._root_text} | state._asdict()
