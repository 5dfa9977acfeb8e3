"""The tree that is measured: crawled once into a landing zone of its own, and listed by `find`.

That crawl warms the page cache and lists the files that it read. Both lists must be equal, or the
two sides would not do the same work.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from bench.measuring import measure
from loaders.base import programs
from loaders.base.engine_paths import plain_path
from loaders.base.paths import PROJECT_ROOT, Locations, bytes_of
from loaders.sources.crawl.excludes import load_excludes
from loaders.zone.landing import LandingZone

_SHOWN = 5
_PRUNED = ["-prune", "-o"]


class Missing(Exception):
    """A yardstick cannot be found; the message names it."""


def program(name: str) -> str:
    """Return where a yardstick is. Raises Missing."""
    if found := programs.find(name):
        return found
    raise Missing(f"{name} is not in PATH, or only in what is measured")


class Unequal(Exception):
    """The two sides would not do the same work; the message says where they differ."""


@dataclass(frozen=True)
class Home:
    """A folder with its own landing zone and published file; the user's data is not touched."""

    folder: Path

    @property
    def where(self) -> Locations:
        return Locations(published=self.folder / "meta.duckdb", landing=self.folder / "landing")

    @property
    def environment(self) -> Mapping[str, str]:
        dropped = ("META_", "PYTHONDONTWRITEBYTECODE")
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(dropped)
        }
        return programs.environment(self.where, inherited)


@dataclass(frozen=True)
class Tree:
    """A tree that was crawled once: its files, as both sides see them."""

    root: bytes
    profile: str
    scratch: Path
    home: Home
    read_list: Path  # the regular files that the crawl read, each ended by NUL: the input of xargs
    files: int  # of these
    bytes: int
    entries: int  # everything except directories, on both sides
    directories: int
    prunes: list[bytes]
    events: int = 1_000_000  # in the generated file of the section about CodeGraphX
    against: Path | None = None  # the other checkout of the section about refreshes
    large_files: int = 300_000  # in the landing zone that this section generates

    def crawl_command(self) -> list[str | bytes]:
        land = PROJECT_ROOT / "loaders" / "land.py"
        return [sys.executable, str(land), "crawl", "--profile", self.profile, "--json", self.root]

    def find_command(self, *what: str) -> list[str | bytes]:
        return [program("find"), self.root, *self.prunes, *what]


def prepare(root: bytes, profile: str, scratch: Path) -> Tree:
    """Crawl *root* once below *scratch* and return it as a tree. Raises Unequal, Failed."""
    home = Home(scratch / "home")
    tree = Tree(root, profile, scratch, home, scratch / "read.list", 0, 0, 0, 0, [])
    measure(tree.crawl_command(), home.environment)
    landed = _Landed(home.where.landing)
    prunes = prune_arguments(profile, landed.paths("crawl_directories", "excluded"))
    found = list_with_find(root, prunes)
    compare_lists(set(landed.paths("crawl_files", "present", "unreadable", "skipped")), found)
    read = list(landed.paths("crawl_files", "present", kind="file"))
    tree.read_list.write_bytes(b"".join(path + b"\0" for path in read))
    return Tree(
        root,
        profile,
        scratch,
        home,
        tree.read_list,
        files=len(read),
        bytes=landed.size_of_read_files(),
        entries=len(found),
        directories=sum(1 for _ in landed.paths("crawl_directories", "listed")),
        prunes=prunes,
    )


def compare_lists(crawled: set[bytes], found: set[bytes]) -> None:
    """Raise Unequal if the crawl and find did not find the same files."""
    if crawled == found:
        return
    parts = []
    for side, extra in (("the crawl", crawled - found), ("find", found - crawled)):
        some = ", ".join(os.fsdecode(path) for path in sorted(extra)[:_SHOWN])
        parts.append(f"{len(extra)} files only {side} found" + (f": {some}" if some else ""))
    raise Unequal("; ".join(parts) + ". Did something change in the tree?")


def list_with_find(root: bytes, prunes: list[bytes]) -> set[bytes]:
    """Return every file (not directory) that `find` lists below *root*."""
    # Exit code 1: a folder could not be listed. The crawl could not list it either.
    command = [program("find"), root, *prunes, "!", "-type", "d", "-print0"]
    listed = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return set(listed.stdout.split(b"\0")[:-1])


def prune_arguments(profile: str, excluded: Iterator[bytes]) -> list[bytes]:
    """Return the arguments that make `find` leave out what the profile leaves out.

    Names are given as names. A folder that is excluded for another reason, such as a bare
    repository, is given as its path.
    """
    excludes = load_excludes(profile)
    anywhere = sorted(excludes.file_names)
    folders = sorted(excludes.directory_names.keys() - excludes.file_names.keys())
    tests = [[b"-name", _literal(name)] for name in anywhere]
    tests += [[b"-type", b"d", b"-name", _literal(name)] for name in folders]
    tests += [
        [b"-path", _literal(path)]
        for path in excluded
        if os.path.basename(path) not in excludes.directory_names
    ]
    return [os.fsencode(word) for test in tests for word in (*test, *_PRUNED)]


def _literal(name: bytes) -> bytes:
    """Return the glob pattern that only *name* matches."""
    return re.sub(rb"([*?\[\]\\])", rb"\\\1", name)


class _Landed:
    """Rows of the one crawl in a landing zone."""

    def __init__(self, landing: Path) -> None:
        self._entries = LandingZone(landing).entries()

    def _rows(self, table: str, *columns: str) -> pa.Table:
        files = [
            file.path for entry in self._entries for file in entry.files if file.table == table
        ]
        tables = [pq.read_table(plain_path(file), columns=list(columns)) for file in files]
        return pa.concat_tables(tables) if tables else pa.table({})

    def paths(self, table: str, *states: str, kind: str | None = None) -> Iterator[bytes]:
        names = ["path"] if table == "crawl_directories" else ["directory_path", "name", "kind"]
        for batch in self._rows(table, "state", "path_bytes", *names).to_batches():
            for row in batch.to_pylist():
                if row["state"] in states and (kind is None or row["kind"] == kind):
                    text = (
                        row["path"]
                        if "path" in row
                        else row["directory_path"].rstrip("/") + "/" + row["name"]
                    )
                    yield row["path_bytes"] or bytes_of(text)

    def size_of_read_files(self) -> int:
        rows = self._rows("crawl_files", "state", "kind", "size_bytes").to_batches()
        return sum(
            row["size_bytes"]
            for batch in rows
            for row in batch.to_pylist()
            if row["state"] == "present" and row["kind"] == "file"
        )
