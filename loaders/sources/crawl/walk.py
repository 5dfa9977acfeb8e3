"""List the directories of a tree, each once, at any depth, without following links."""

from __future__ import annotations

import os
import stat
import sys
from array import array
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

from loaders.sources.crawl.excludes import Excludes
from loaders.sources.crawl.git_places import GIT_DATA, Around, may_hold_work_trees, place_of

_DIRECTORY_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
# The kernel refuses a path argument of 4096 bytes or more; longer ones are opened in several steps.
_LONGEST_ARGUMENT = 3000
# A directory with a longer path is not entered: every path is kept in memory and landed whole, so a
# chain of long names would cost gigabytes. A longer one cannot be an argument of a program either.
_LONGEST_PATH = 131_072
# For encoding each name as os.fsencode does, without its checks.
_NAME_ENCODING = (sys.getfilesystemencoding(), sys.getfilesystemencodeerrors())

# Placeholder for a modification time outside 64 bits (before 1678, after 2262); it lands as NULL.
NO_TIME = (1 << 63) - 1
_EARLIEST = -(1 << 63)

# The file type bits of st_mode, as in stat.S_IFMT, and two of their values.
_TYPE = 0o170000
_LINK = stat.S_IFLNK
_DIRECTORY = stat.S_IFDIR
_64_BITS = (1 << 64) - 1
# The parts of the stamp of a file, each a number of eight bytes. Equal stamps of a settled file
# mean equal content.
STAMP = ("length of the name", "size", "mtime_ns", "ctime_ns", "inode")
_STAMP_BYTES = 8 * len(STAMP)


class Status(NamedTuple):
    """The status of one entry: fields of os.stat_result, in a fraction of its memory."""

    st_mode: int
    st_dev: int
    st_size: int
    st_mtime_ns: int
    st_ctime_ns: int
    st_ino: int


# A name and the numbers of a Status, as a plain tuple, which is twice as fast to create.
Found = tuple[bytes, int, int, int, int, int, int | None]
# Placeholder for an entry whose stat failed, without an inode; opening it later gives the reason.
_UNKNOWN = (stat.S_IFREG, 0, 0, NO_TIME, 0, None)
# A directory yet to be listed: its path, its (device, inode), and where it is.
Waiting = tuple[bytes, tuple[int, int] | None, Around]


@dataclass(slots=True)
class Listing:
    """One directory of a walk. `files` and `excluded_files` are set only if the state is listed.

    The files are packed, so that an unchanged directory, the usual case, is recognised by two
    comparisons of bytes.
    """

    path: bytes
    state: str  # listed, excluded, unreadable, vanished
    reason: str | None = None
    repository: str | None = None  # worktree, bare
    vanished: list[bytes] = field(default_factory=list)
    excluded_files: list[tuple[bytes, Status, str]] = field(default_factory=list)
    names: bytes = b""  # of the files, sorted, joined without a separator
    stamps: bytes = b""  # the numbers of STAMP of each
    kinds: bytes = b""  # st_mode and st_dev of each
    content_sizes: list[int] = field(default_factory=list)  # of the files that are not links
    is_empty: bool = False  # it has no entries at all

    def pack(self, files: list[Found]) -> None:
        """Set the *files*, which are sorted by name."""
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
    """Return the target of the symbolic link *name* in *directory*. Raises OSError.

    The path may have any length.
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
    """List the last of the *waiting* directories and add its subdirectories to *waiting*.

    Returns its listing, then those of subdirectories that are excluded. A directory is unreadable,
    with the reason, if it cannot be listed or was replaced since its parent was listed. It is
    vanished if it no longer exists. Starting with the root and repeated until *waiting* is empty,
    this yields every directory once, each before its subdirectories.
    """
    path, identity, around = waiting.pop()
    try:
        listing, below, around = _list_directory(root, path, identity, around, excludes)
    except FileNotFoundError:
        return [Listing(path, "vanished", "vanished while it was being crawled")]
    except OSError as error:
        return [Listing(path, "unreadable", error.strerror or str(error))]
    listings = [listing]
    above = path.rstrip(b"/") + b"/"
    for name, _, device, *_, inode in reversed(below):
        child = above + name
        reason = excludes.reason_for_directory(root, child, name)
        if reason:
            listings.append(Listing(child, "excluded", reason))
        elif len(child) > _LONGEST_PATH:
            too_long = f"a path of more than {_LONGEST_PATH} bytes is not entered"
            listings.append(Listing(child, "unreadable", too_long))
        else:
            waiting.append((child, None if inode is None else (device, inode), around))
    return listings


def _list_directory(
    root: bytes,
    path: bytes,
    identity: tuple[int, int] | None,
    around: Around,
    excludes: Excludes,
) -> tuple[Listing, list[Found], Around]:
    """Return the listing of one directory, and its subdirectories to enter, sorted.

    Also returns what these know about where they are. In git data, only work trees have files.
    """
    files, below, vanished = _scan(path, identity)
    folders = {found[0] for found in below}
    names = folders.union([found[0] for found in files])
    if path != root and (reason := excludes.reason_for_content(path.rpartition(b"/")[2], names)):
        return Listing(path, "excluded", reason), [], around
    place = place_of(path, names, folders, around)
    below.sort()
    if place.is_git_data:
        below = [found for found in below if may_hold_work_trees(found[0])]
        listing = Listing(path, "excluded", GIT_DATA, repository=place.repository)
        return listing, below, place.around_below
    files.sort()
    listing = Listing(
        path, "listed", repository=place.repository, vanished=vanished, is_empty=not names
    )
    reasons = excludes.reasons_for_files(root, path, names)
    if reasons:
        listing.excluded_files = [
            # An entry whose stat failed has no inode.
            (name, Status(*numbers), reasons[name])  # type: ignore[arg-type]
            for name, *numbers in files
            if name in reasons
        ]
        files = [found for found in files if found[0] not in reasons]
    listing.pack(files)
    return listing, below, place.around_below


def _scan(
    path: bytes, identity: tuple[int, int] | None
) -> tuple[list[Found], list[Found], list[bytes]]:
    """Return files, directories and vanished names in *path*, if it has that (device, inode).

    An entry whose stat fails (a dead mount, a damaged inode) does not hide the others. If stat
    fails for all entries, the directory is unreadable. Raises OSError.
    """
    files: list[Found] = []
    below: list[Found] = []
    vanished: list[bytes] = []
    failure: OSError | None = None
    has_status = False
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
                has_status = True
    finally:
        os.close(fd)
    if failure and not has_status:
        raise failure
    return files, below, vanished


def _is_listed_as_directory(entry: os.DirEntry[str]) -> bool:
    """Return whether the listing shows a directory, without stat; True if the type is unknown."""
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return True


def fate_of(path: bytes, seen: dict[bytes, str]) -> str | None:
    """Return the fate of a directory that is not in *seen*, directory → its state in a walk.

    It is "gone" or "excluded", or None (unknown) if the directory above could not be listed.
    """
    above = path
    while above:
        above = above.rpartition(b"/")[0]
        state = seen.get(above or b"/")
        if state is not None:
            return {"listed": "gone", "excluded": "excluded"}.get(state)
    return None
