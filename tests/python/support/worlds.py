"""Builds small worlds of files, and reads the landed rows of a crawl."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
from git_fixtures import make_repository

from loaders.sources.crawl.known_files import load_known
from loaders.zone.landing import LandingZone

if TYPE_CHECKING:
    from loaders.sources.crawl.crawling import RootSummary
    from loaders.zone.runs import Run

CrawlOnce = Callable[..., "tuple[Run, RootSummary]"]


@dataclass(frozen=True)
class Link:
    """A symbolic link, to whatever."""

    target: bytes


FIFO = object()
SOCKET = object()
SPARSE_TIB = object()

# name → content: bytes of a file, a mapping of a directory, or one of the above.
Tree = Mapping[str | bytes, Any]


def plant(root: Path | bytes, tree: Tree) -> None:
    """Make the directory *root* (which may exist) and everything in *tree*."""
    root = os.fsencode(root)
    os.makedirs(root, exist_ok=True)
    for name, content in tree.items():
        path = os.path.join(root, os.fsencode(name))
        if isinstance(content, Mapping):
            plant(path, content)
        elif isinstance(content, Link):
            os.symlink(content.target, path)
        elif content is FIFO:
            os.mkfifo(path)
        elif content is SOCKET:
            _plant_socket(path)
        elif content is SPARSE_TIB:
            with open(path, "wb") as file:
                file.truncate(1 << 40)
        else:
            with open(path, "wb") as file:
                file.write(content)


def _plant_socket(path: bytes) -> None:
    """Bind by a short relative name: the address of a socket holds a hundred bytes."""
    before = os.getcwd()
    os.chdir(os.path.dirname(path))
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(os.path.basename(path))
    finally:
        os.chdir(before)


HOSTILE_NAMES = (
    b"not utf-8 \xff\xfe",
    b"new\nline",
    b"tab\tand\x1b[31mred",
    b"back\\slash",
    b"\\x41",
    b"quote'and\"quote",
    b"-rf",
    b"--output=pwned",
    b" leading and trailing ",
    b"*?[a]",
    b"{{ env_var('HOME') }}",
    b"$(touch pwned)",
    "überall ✓".encode(),
    "bidi\u202etxt.exe".encode(),
    "zero\u200bwidth".encode(),
    "c1 \u0085\u009b31m".encode(),
    b"raw c1 \x9b31m, del \x7f, cr \r",
    b"half a pair \xed\xa0\x80",
    b"=cmd|' C calc'!A0",
    b"...",
    b"n" * 255,
)


def hostile_tree() -> Tree:
    """A file and a directory for every hostile name, odd links, and special files."""
    return {
        **dict.fromkeys(HOSTILE_NAMES, b"one\ntwo\n"),
        "folders": {name: {"inside.txt": name} for name in HOSTILE_NAMES},
        "links": {
            "loop": Link(b"loop"),
            "up": Link(b".."),
            "out": Link(b"/etc"),
            "file out": Link(b"/etc/passwd"),
            "dangling": Link(b"no\nwhere\xff"),
            "fine": Link(b"../\xc3\xbcberall \xe2\x9c\x93"),
        },
        "special": {"fifo": FIFO, "socket": SOCKET},
        "content": {
            "empty": b"",
            "no last newline": b"one\ntwo",
            "binary": b"\0\1\2\n\n",
            "late nul": b"x" * 9000 + b"\0",
            "crlf": b"one\r\ntwo\r\n",
            "large": b"0123456789abcde\n" * 200_000,
        },
    }


def small_workspace(root: Path) -> Path:
    """Two repositories, a package without version control, a loose file, and a dependency cache."""
    plant(root, {"notes.txt": b"loose\n"})
    plant(root / "tool", {"pyproject.toml": b"[project]\nname='tool'\n", "tool.py": b"pass\n"})
    make_repository(root / "one")
    make_repository(root / "two")
    plant(root / "one", {"node_modules": {"dep": {"index.js": b"1\n"}}, "main.py": b"print(1)\n"})
    return root


@contextmanager
def deep_tree(root: Path, depth: int) -> Iterator[int]:
    """A chain of *depth* directories with one file at its end; yields the length of its path."""
    root.mkdir(parents=True, exist_ok=True)
    name = "deep"
    fd = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    for _ in range(depth):
        os.mkdir(name, dir_fd=fd)
        fd = _step(fd, name)
    leaf = os.open("leaf.txt", os.O_WRONLY | os.O_CREAT, dir_fd=fd)
    os.write(leaf, b"at the end\n")
    os.close(leaf)
    os.symlink("leaf.txt", "link", dir_fd=fd)
    try:
        yield len(os.fsencode(root)) + depth * (len(name) + 1)
    finally:
        os.unlink("leaf.txt", dir_fd=fd)
        os.unlink("link", dir_fd=fd)
        for _ in range(depth):
            fd = _step(fd, "..")
            os.rmdir(name, dir_fd=fd)
        os.close(fd)


def _step(fd: int, name: str) -> int:
    there = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=fd)
    os.close(fd)
    return there


def on_disk(
    root: Path | bytes, enter: Callable[[bytes], bool] = lambda path: True
) -> dict[bytes, os.stat_result]:
    """Path → lstat of every non-directory below *root*, by os.walk, an independent walker."""
    found = {}
    for folder, directories, files in os.walk(os.fsencode(root)):
        links = [name for name in directories if os.path.islink(os.path.join(folder, name))]
        directories[:] = [
            name for name in directories if name not in links and enter(os.path.join(folder, name))
        ]
        for name in [*files, *links]:
            path = os.path.join(folder, name)
            found[path] = os.lstat(path)
    return found


def is_regular(status: os.stat_result) -> bool:
    return stat.S_ISREG(status.st_mode)


def landed(zone: LandingZone, table: str, run_id: str | None = None) -> list[dict[str, Any]]:
    """The rows of a table in the order of the log, all of them or those of one run."""
    return [
        row
        for entry in zone.entries()
        if run_id in (None, entry.run_id)
        for file in entry.files
        if file.table == table
        for row in pq.ParquetFile(file.path).read().to_pylist()
    ]


def tables_of(zone: LandingZone, run_id: str) -> set[str]:
    """The tables in which a run landed rows."""
    return {
        file.table for entry in zone.entries() if entry.run_id == run_id for file in entry.files
    }


@dataclass(frozen=True)
class Fold:
    """The latest state of everything below a root, without what may differ between equal looks."""

    files: dict[bytes, tuple]
    directories: dict[bytes, tuple]
    repositories: dict[bytes, tuple]
    rules: dict[bytes, tuple]


def fold(zone: LandingZone, root: Path | bytes) -> Fold:
    """Fold what was landed below *root*.

    Left out: whether a file was settled, and times and sizes of entries that are never read.
    """
    known = load_known(zone, os.fsencode(root))
    files = {}
    for folder in known.directories_with_files:
        for name, file in known.files_in(folder).items():
            stamp = (
                (file.size_bytes, file.mtime_ns, file.ctime_ns, file.inode)
                if file.state != "skipped"
                else ()
            )
            files[folder.rstrip(b"/") + b"/" + name] = (
                *(file.state, file.reason, file.kind, file.sha256, file.link_target),
                *stamp,
            )
    return Fold(files, dict(known.directories), dict(known.repositories), dict(known.rules))
