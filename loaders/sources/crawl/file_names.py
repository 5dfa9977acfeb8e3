"""The names of the files in each directory of a crawl, and the directories where these changed."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from loaders.safe_git.path_rules import ATTRIBUTE, IGNORE
from loaders.sources.crawl.known_files import Known


class FileNames:
    """Holds only the names of changed directories: those of the others are known."""

    def __init__(self, known: Known) -> None:
        self.known = known
        # Directories with other names than before, or with other rules for paths.
        self.changed: set[bytes] = set()
        # Joined by a byte that no name contains: a list takes ten times the memory.
        self._joined: dict[bytes, bytes] = {}

    def take(self, directory: bytes, names: list[bytes], known: AbstractSet[bytes]) -> None:
        """Take the *names* of the files in *directory*, where *known* are the earlier ones."""
        self._joined[directory] = b"/".join(names)
        if known != set(names):
            self.changed.add(directory)

    def take_change(self, directory: bytes, name: bytes) -> None:
        """Take a file whose content or state changed."""
        if name in (IGNORE, ATTRIBUTE):
            self.changed.add(directory)

    def names_in(self, directory: bytes) -> list[bytes]:
        """Return the names of the files in a directory that this crawl or an earlier one listed."""
        joined = self._joined.get(directory)
        if joined is None:
            return self.known.names_in(directory)
        return joined.split(b"/") if joined else []

    def by_directory(self, directories: Iterable[bytes]) -> dict[bytes, list[bytes]]:
        """Return directory → names, for those of the *directories* that hold files."""
        return {path: names for path in directories if (names := self.names_in(path))}
