"""Walk a tree: every directory once, without following a link, however deep, whatever it holds."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

from loaders.crawl.excludes import Excludes

_DIRECTORY_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
# The kernel refuses a path argument of 4096 bytes or more; longer ones are opened piece by piece.
_LONGEST_ARGUMENT = 3000
# A directory with a longer path is not entered: every path is held in memory and landed whole, so that a
# chain of long names would cost gigabytes. No program can be given a longer one either.
_LONGEST_PATH = 131_072
# os.fsencode, which is called for every name, without its checks.
_NAME_ENCODING = (sys.getfilesystemencoding(), sys.getfilesystemencodeerrors())

Found = tuple[bytes, os.stat_result]
FoundDirectory = tuple[bytes, os.stat_result | None]

_INT64 = range(-(1 << 63), 1 << 63)
# Seconds that surely fit: the quick question before that one.
_EARLIEST, _LATEST = -9_000_000_000, 9_000_000_000
# A file whose entry can be listed and nothing else; opening it says why.
_UNKNOWN = os.stat_result((stat.S_IFREG, *[0] * 9), {"st_mtime_ns": None, "st_ctime_ns": 0, "st_blocks": 0})

BARE_REPOSITORY = "version-control internals (bare repository)"


@dataclass(slots=True)
class Listing:
    """One directory as it was met. `files` and `excluded_files` are empty unless it was listed."""

    path: bytes
    state: str  # listed, excluded, unreadable, vanished
    reason: str | None = None
    files: list[Found] = field(default_factory=list)
    excluded_files: list[tuple[bytes, os.stat_result, str]] = field(default_factory=list)
    vanished: list[bytes] = field(default_factory=list)
    repository: str | None = None  # worktree, bare


def open_path(path: bytes, flags: int) -> int:
    """Open *path*, of any length, and return the descriptor. Raises OSError."""
    if len(path) <= _LONGEST_ARGUMENT:
        return os.open(path, flags)
    folder: int | None = None
    try:
        while len(path) > _LONGEST_ARGUMENT:
            cut = path.rindex(b"/", 1, _LONGEST_ARGUMENT)
            deeper = os.open(path[:cut], _DIRECTORY_FLAGS, dir_fd=folder)
            if folder is not None:
                os.close(folder)
            folder, path = deeper, path[cut + 1 :]
        return os.open(path, flags, dir_fd=folder)
    finally:
        if folder is not None:
            os.close(folder)


def read_link(directory: bytes, name: bytes) -> bytes:
    """Return where the symbolic link *name* in *directory*, of any length, points. Raises OSError."""
    if len(directory) + len(name) < _LONGEST_ARGUMENT:
        return os.readlink(directory + b"/" + name)
    fd = open_path(directory, _DIRECTORY_FLAGS)
    try:
        return os.readlink(name, dir_fd=fd)
    finally:
        os.close(fd)


def landable(status: os.stat_result) -> os.stat_result:
    """Return *status* with the modification time None where it is none that 64 bits hold (before 1678, after 2262)."""
    if status.st_mtime_ns in _INT64:
        return status
    _, (fields, named) = status.__reduce__()
    return os.stat_result(fields, {**named, "st_mtime_ns": None})


def walk(root: bytes, excludes: Excludes) -> Iterator[Listing]:
    """Yield a listing of *root* and of every directory below it, each before those that it holds.

    A directory that cannot be listed, or that is no longer the one which its parent showed, is
    yielded as unreadable with the reason; nothing below it is known. One that is no longer there is
    yielded as vanished.
    """
    waiting: list[tuple[bytes, tuple[int, int] | None, bool]] = [(root, None, False)]
    while waiting:
        path, identity, in_repository = waiting.pop()
        try:
            listing, below = _list_directory(root, path, identity, in_repository, excludes)
        except FileNotFoundError:
            yield Listing(path, "vanished", "vanished while it was being crawled")
            continue
        except OSError as error:
            yield Listing(path, "unreadable", error.strerror or str(error))
            continue
        yield listing
        if listing.state != "listed":
            continue
        inside = in_repository or listing.repository is not None
        for name, status in reversed(below):
            child = path.rstrip(b"/") + b"/" + name
            reason = excludes.reason_for_directory(root, child)
            if reason:
                yield Listing(child, "excluded", reason)
            elif len(child) > _LONGEST_PATH:
                yield Listing(child, "unreadable", f"a path of more than {_LONGEST_PATH} bytes is not entered")
            else:
                waiting.append((child, status and (status.st_dev, status.st_ino), inside))


def _list_directory(
    root: bytes, path: bytes, identity: tuple[int, int] | None, in_repository: bool, excludes: Excludes
) -> tuple[Listing, list[FoundDirectory]]:
    files, below, vanished = _scan(path, identity)
    folders = {name for name, _ in below}
    names = folders.union([name for name, _ in files])
    if path != root and (reason := excludes.reason_for_content(names)):
        return Listing(path, "excluded", reason), []
    repository = _repository_kind(names, folders, in_repository)
    if repository == "bare":
        return Listing(path, "excluded", BARE_REPOSITORY, repository="bare"), []
    files.sort()
    below.sort()
    listing = Listing(path, "listed", files=files, vanished=vanished, repository=repository)
    _set_excluded_files_aside(root, listing, excludes)
    return listing, below


def _scan(path: bytes, identity: tuple[int, int] | None) -> tuple[list[Found], list[FoundDirectory], list[bytes]]:
    """Return the files, the directories and what vanished in *path*, if it has that (device, inode).

    An entry that cannot be looked at (a mount that died, a damaged inode) does not hide the others; where
    none can be looked at, the directory cannot. Raises OSError.
    """
    files: list[Found] = []
    below: list[FoundDirectory] = []
    vanished: list[bytes] = []
    closed: list[tuple[bytes, bool]] = []
    failure: OSError | None = None
    encoding, errors = _NAME_ENCODING
    is_directory = stat.S_ISDIR
    fd = open_path(path, _DIRECTORY_FLAGS)
    try:
        status = os.fstat(fd)
        if identity is not None and (status.st_dev, status.st_ino) != identity:
            raise OSError(0, "replaced by another directory while it was being crawled")
        with os.scandir(fd) as entries:
            for entry in entries:
                try:
                    found = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    vanished.append(entry.name.encode(encoding, errors))
                    continue
                except OSError as error:
                    failure = error
                    closed.append((entry.name.encode(encoding, errors), _is_listed_as_directory(entry)))
                    continue
                if not _EARLIEST < found.st_mtime < _LATEST:
                    found = landable(found)
                (below if is_directory(found.st_mode) else files).append((entry.name.encode(encoding, errors), found))
    finally:
        os.close(fd)
    if failure and not files and not below:
        raise failure
    for name, is_folder in closed:
        (below if is_folder else files).append((name, None if is_folder else _UNKNOWN))
    return files, below, vanished


def _is_listed_as_directory(entry: os.DirEntry[str]) -> bool:
    """Say what the listing says, without a look at the entry itself; where it says nothing, a directory."""
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return True


def _repository_kind(names: set[bytes], folders: set[bytes], in_repository: bool) -> str | None:
    if b".git" in names:
        return "worktree"
    if in_repository or b"HEAD" not in names or b"HEAD" in folders:
        return None
    return "bare" if {b"objects", b"refs"} <= folders else None


def _set_excluded_files_aside(root: bytes, listing: Listing, excludes: Excludes) -> None:
    reasons = excludes.reasons_for_files(root, listing.path, [name for name, _ in listing.files])
    if reasons:
        listing.excluded_files = [(name, found, reasons[name]) for name, found in listing.files if name in reasons]
        listing.files = [(name, found) for name, found in listing.files if name not in reasons]


def fate_of(path: bytes, seen: dict[bytes, str]) -> str | None:
    """Say what became of a directory that a walk did not meet, from the states of those that it did.

    Returns "gone" or "excluded", or None where the directory above could not be listed, so that
    nobody can know.
    """
    above = path
    while above:
        above = above.rpartition(b"/")[0]
        state = seen.get(above or b"/")
        if state is not None:
            return {"listed": "gone", "excluded": "excluded"}.get(state)
    return None
