"""List the directories of a tree, each once, without following a link, however deep, whatever it
holds.
"""

from __future__ import annotations

import os
import stat
import sys
from array import array
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

from loaders.sources.crawl.excludes import Excludes

_DIRECTORY_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
# The kernel refuses a path argument of 4096 bytes or more; longer ones are opened piece by piece.
_LONGEST_ARGUMENT = 3000
# A directory with a longer path is not entered: every path is held in memory and landed whole, so
# that a chain of long names would cost gigabytes. No program can be given a longer one either.
_LONGEST_PATH = 131_072
# os.fsencode, which is called for every name, without its checks.
_NAME_ENCODING = (sys.getfilesystemencoding(), sys.getfilesystemencodeerrors())

# The number for a modification time that 64 bits cannot hold (before 1678, after 2262); lands as
# NULL.
NO_TIME = (1 << 63) - 1
_EARLIEST = -(1 << 63)

BARE_REPOSITORY = "version-control internals (bare repository)"

# The bits of st_mode that stat.S_IFMT keeps, and their values.
_TYPE = 0o170000
_LINK = stat.S_IFLNK
_DIRECTORY = stat.S_IFDIR
_64_BITS = (1 << 64) - 1
# The parts of the stamp of a file, each a number of eight bytes; equal stamps of a settled file
# mean equal content.
STAMP = ("length of the name", "size", "mtime_ns", "ctime_ns", "inode")
_STAMP_BYTES = 8 * len(STAMP)


class Status(NamedTuple):
    """The status of one entry in a listing: named as os.stat_result, and much smaller."""

    st_mode: int
    st_dev: int
    st_size: int
    st_mtime_ns: int
    st_ctime_ns: int
    st_ino: int


# A name, and the numbers of a Status: a plain tuple, which takes half the time to make.
Found = tuple[bytes, int, int, int, int, int, int | None]
# The status of an entry that can be listed, but without a status: opening it gives the reason.
_UNKNOWN = (stat.S_IFREG, 0, 0, NO_TIME, 0, None)
# A directory yet to be listed: its path, its (device, inode), and whether it is in a repository.
Waiting = tuple[bytes, tuple[int, int] | None, bool]


@dataclass(slots=True)
class Listing:
    """One directory of a walk. It has `files` and `excluded_files` only if it was listed.

    The files are kept packed: most directories are as they are known, which takes two comparisons
    of bytes, and no look at a single file.
    """

    path: bytes
    state: str  # listed, excluded, unreadable, vanished
    reason: str | None = None
    repository: str | None = None  # worktree, bare
    vanished: list[bytes] = field(default_factory=list)
    excluded_files: list[tuple[bytes, Status, str]] = field(default_factory=list)
    names: bytes = b""  # of the files, sorted, joined without anything between
    stamps: bytes = b""  # the numbers of STAMP of each
    kinds: bytes = b""  # st_mode and st_dev of each
    content_sizes: list[int] = field(default_factory=list)  # of the files, without links
    is_empty: bool = False  # nothing at all is in it

    def pack(self, files: list[Found]) -> None:
        """Take in the *files*, sorted by name."""
        names: list[bytes] = []
        stamps: list[int] = []
        kinds: list[int] = []
        sizes = self.content_sizes
        for name, mode, device, size, mtime, ctime, inode in files:
            names.append(name)
            stamps += (len(name), size, mtime, ctime, inode or 0)
            kinds += (mode, device)
            if mode & _TYPE != _LINK:
                sizes.append(size)
        self.names = b"".join(names)
        self.stamps = _packed(stamps)
        self.kinds = _packed(kinds)

    @property
    def file_count(self) -> int:
        return len(self.stamps) // _STAMP_BYTES

    @property
    def files(self) -> list[tuple[bytes, Status]]:
        """The files, sorted by name."""
        numbers, signed, kinds = (
            array("Q", self.stamps),
            array("q", self.stamps),
            array("Q", self.kinds),
        )
        of_each = len(STAMP)
        lengths = numbers[0::of_each]
        names = [
            self.names[end - length : end]
            for length, end in zip(lengths, accumulate(lengths), strict=True)
        ]
        columns = (
            kinds[0::2],
            kinds[1::2],
            numbers[1::of_each],
            signed[2::of_each],
            signed[3::of_each],
            numbers[4::of_each],
        )
        return list(zip(names, map(Status._make, zip(*columns, strict=True)), strict=True))


def _packed(numbers: list[int]) -> bytes:
    try:
        return array("Q", numbers).tobytes()
    except OverflowError:  # a time before 1970
        return array("Q", [number & _64_BITS for number in numbers]).tobytes()


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
    """Return where the symbolic link *name* in *directory*, of any length, points.

    Raises OSError.
    """
    if len(directory) + len(name) < _LONGEST_ARGUMENT:
        return os.readlink(directory + b"/" + name)
    fd = open_path(directory, _DIRECTORY_FLAGS)
    try:
        return os.readlink(name, dir_fd=fd)
    finally:
        os.close(fd)


def mtime_of(status: os.stat_result) -> int:
    """Return the modification time in nanoseconds, or NO_TIME."""
    mtime = status.st_mtime_ns
    return mtime if _EARLIEST <= mtime < NO_TIME else NO_TIME


def list_next(root: bytes, waiting: list[Waiting], excludes: Excludes) -> list[Listing]:
    """Take the last of the *waiting* directories, put those in it there; return its listing, then
    the excluded ones.

    A directory that cannot be listed, or that is no longer the one which its parent showed, is
    given as unreadable with the reason; nothing below it is known. One that is no longer there is
    given as vanished. Begun with the root alone, and repeated until none waits, this gives every
    directory once, each before the directories in it.
    """
    path, identity, in_repository = waiting.pop()
    try:
        listing, below = _list_directory(root, path, identity, in_repository, excludes)
    except FileNotFoundError:
        return [Listing(path, "vanished", "vanished while it was being crawled")]
    except OSError as error:
        return [Listing(path, "unreadable", error.strerror or str(error))]
    met = [listing]
    inside = in_repository or listing.repository is not None
    above = path.rstrip(b"/") + b"/"
    for name, _, device, *_, inode in reversed(below):
        child = above + name
        reason = excludes.reason_for_directory(root, child, name)
        if reason:
            met.append(Listing(child, "excluded", reason))
        elif len(child) > _LONGEST_PATH:
            met.append(
                Listing(
                    child, "unreadable", f"a path of more than {_LONGEST_PATH} bytes is not entered"
                )
            )
        else:
            waiting.append((child, None if inode is None else (device, inode), inside))
    return met


def _list_directory(
    root: bytes,
    path: bytes,
    identity: tuple[int, int] | None,
    in_repository: bool,
    excludes: Excludes,
) -> tuple[Listing, list[Found]]:
    """List one directory; return also the directories in it, sorted; none if it is not to be
    entered.
    """
    files, below, vanished = _scan(path, identity)
    folders = {found[0] for found in below}
    names = folders.union([found[0] for found in files])
    if path != root and (reason := excludes.reason_for_content(names)):
        return Listing(path, "excluded", reason), []
    repository = _repository_kind(names, folders, in_repository)
    if repository == "bare":
        return Listing(path, "excluded", BARE_REPOSITORY, repository="bare"), []
    files.sort()
    below.sort()
    listing = Listing(path, "listed", repository=repository, vanished=vanished, is_empty=not names)
    reasons = excludes.reasons_for_files(root, path, names)
    if reasons:
        listing.excluded_files = [
            (name, Status(*numbers), reasons[name]) for name, *numbers in files if name in reasons
        ]
        files = [found for found in files if found[0] not in reasons]
    listing.pack(files)
    return listing, below


def _scan(
    path: bytes, identity: tuple[int, int] | None
) -> tuple[list[Found], list[Found], list[bytes]]:
    """Return the files, the directories and what vanished in *path*, if it has that (device,
    inode).

    An entry without a status (a mount that died, a damaged inode) does not hide the others. If no
    entry has a status, the directory is unreadable. Raises OSError.
    """
    files: list[Found] = []
    below: list[Found] = []
    vanished: list[bytes] = []
    failure: OSError | None = None
    has_looked = False
    encoding, errors = _NAME_ENCODING
    fd = open_path(path, _DIRECTORY_FLAGS)
    try:
        status = os.fstat(fd)
        if identity is not None and (status.st_dev, status.st_ino) != identity:
            raise OSError(0, "replaced by another directory while it was being crawled")
        with os.scandir(fd) as entries:
            for entry in entries:
                name = entry.name.encode(encoding, errors)
                try:
                    found = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    vanished.append(name)
                    continue
                except OSError as error:
                    failure = error
                    (below if _is_listed_as_directory(entry) else files).append((name, *_UNKNOWN))
                    continue
                mode = found.st_mode
                (below if mode & _TYPE == _DIRECTORY else files).append(
                    (
                        name,
                        mode,
                        found.st_dev,
                        found.st_size,
                        mtime_of(found),
                        found.st_ctime_ns,
                        found.st_ino,
                    )
                )
                has_looked = True
    finally:
        os.close(fd)
    if failure and not has_looked:
        raise failure
    return files, below, vanished


def _is_listed_as_directory(entry: os.DirEntry[str]) -> bool:
    """Return the kind in the listing, without a status of the entry; a directory if there is
    none.
    """
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


def fate_of(path: bytes, seen: dict[bytes, str]) -> str | None:
    """Return the fate of a directory that a walk did not give, from the states of those that it
    gave.

    Returns "gone" or "excluded", or None (unknown) if the directory above could not be listed.
    """
    above = path
    while above:
        above = above.rpartition(b"/")[0]
        state = seen.get(above or b"/")
        if state is not None:
            return {"listed": "gone", "excluded": "excluded"}.get(state)
    return None
