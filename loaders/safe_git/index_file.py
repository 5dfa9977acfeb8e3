"""Read the index of a work tree, versions 2 to 4, without git (gitformat-index(5)).

Most entries of an index state that nothing was done: the path is tracked, and has the content of
the commit. Only the others, and those that the caller asks for, are returned.
"""

from __future__ import annotations

import struct
from collections.abc import Container, Iterator
from dataclasses import dataclass

from loaders.safe_git.safe_files import RepositoryError

_HEADER = struct.Struct(">4sII")
_STATUS = struct.Struct(">10I")
_FLAGS = struct.Struct(">H")
_LENGTH = struct.Struct(">I")
# Bits of the flags of an entry: assume-unchanged, extended flags follow, stage, length of the name.
_ASSUMED, _EXTENDED, _STAGE, _NAME = 0x8000, 0x4000, 0x3000, 0x0FFF
# In version 4, a few bytes name a long path: its length is limited, as by the kernel.
_LONGEST_PATH = 4096
# Bits of the extended flags.
_SKIPPED, _INTENDED = 0x4000, 0x2000


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. The size and time are those of the file when git last found it unchanged."""

    path: bytes
    mode: int
    oid: str
    stage: int  # 0; from 1 to 3 for the sides of a conflict
    size: int  # modulo 2 ** 32
    mtime_ns: int
    is_assumed: bool = False  # assume-unchanged: git does not look at the file
    is_skipped: bool = False  # skip-worktree, also for each path outside of a sparse checkout
    is_intended: bool = False  # git add --intent-to-add


@dataclass(frozen=True)
class Index:
    """The unusual and the wanted entries; `tree` is the tree that all entries equal, if known."""

    entries: list[Entry]
    tree: str | None
    shared: str | None  # the id of the file with the other entries, if the index is split


def read_index(data: bytes, oid_bytes: int, wanted: Container[bytes] | None = ()) -> Index:
    """Return the entries with flags or a stage, and those whose path is *wanted* (None: all).

    *oid_bytes* is the length of an object id: 20 for SHA-1, 32 for SHA-256. Raises RepositoryError.
    """
    try:
        signature, version, count = _HEADER.unpack_from(data)
        if signature != b"DIRC" or version not in (2, 3, 4):
            raise RepositoryError("truncated", "index_unknown")
        walk = _compressed if version == 4 else _padded
        entries: list[Entry] = []
        end = walk(data, count, oid_bytes, wanted, entries)
        extensions = dict(_extensions(data, end, oid_bytes))
    except (struct.error, IndexError, ValueError) as error:
        raise RepositoryError("truncated", "index_invalid") from error
    link = extensions.get(b"link")
    return Index(
        entries,
        _tree(extensions.get(b"TREE", b""), oid_bytes),
        None if link is None or not any(link[:oid_bytes]) else link[:oid_bytes].hex(),
    )


def _padded(
    data: bytes,
    count: int,
    oid_bytes: int,
    wanted: Container[bytes] | None,
    found: list[Entry],
) -> int:
    """Walk the entries of versions 2 and 3; return where they end."""
    flags_of, to_flags = _FLAGS.unpack_from, _STATUS.size + oid_bytes
    position = _HEADER.size
    for _ in range(count):
        (flags,) = flags_of(data, position + to_flags)
        start = position + to_flags + (4 if flags & _EXTENDED else 2)
        length = flags & _NAME
        if length == _NAME:
            length = data.index(b"\0", start) - start
        end = start + length
        if flags & ~_NAME or wanted is None or (wanted and data[start:end] in wanted):
            found.append(_entry(data, position, to_flags, data[start:end]))
        # One to eight NULs follow, up to a multiple of eight.
        position += (end - position + 8) & ~7
    return position


def _compressed(
    data: bytes,
    count: int,
    oid_bytes: int,
    wanted: Container[bytes] | None,
    found: list[Entry],
) -> int:
    """Walk the entries of version 4, whose names leave out what they share with the one before."""
    flags_of, to_flags = _FLAGS.unpack_from, _STATUS.size + oid_bytes
    position, path = _HEADER.size, b""
    for _ in range(count):
        (flags,) = flags_of(data, position + to_flags)
        start = position + to_flags + (4 if flags & _EXTENDED else 2)
        stripped, start = _number(data, start)
        end = data.index(b"\0", start)
        path = path[: len(path) - stripped] + data[start:end]
        if len(path) > _LONGEST_PATH:
            raise ValueError("a path that no system opens")
        if flags & ~_NAME or wanted is None or path in wanted:
            found.append(_entry(data, position, to_flags, path))
        position = end + 1
    return position


def _number(data: bytes, position: int) -> tuple[int, int]:
    """Return a number of variable length, as in the offsets of packs, and where it ends."""
    byte = data[position]
    value = byte & 0x7F
    while byte & 0x80:
        position += 1
        byte = data[position]
        value = ((value + 1) << 7) | (byte & 0x7F)
    return value, position + 1


def _entry(data: bytes, position: int, to_flags: int, path: bytes) -> Entry:
    status = _STATUS.unpack_from(data, position)
    (flags,) = _FLAGS.unpack_from(data, position + to_flags)
    more = _FLAGS.unpack_from(data, position + to_flags + 2)[0] if flags & _EXTENDED else 0
    return Entry(
        path,
        mode=status[6],
        oid=data[position + _STATUS.size : position + to_flags].hex(),
        stage=(flags & _STAGE) >> 12,
        size=status[9],
        mtime_ns=status[2] * 1_000_000_000 + status[3],
        is_assumed=bool(flags & _ASSUMED),
        is_skipped=bool(more & _SKIPPED),
        is_intended=bool(more & _INTENDED),
    )


def _extensions(data: bytes, position: int, oid_bytes: int) -> Iterator[tuple[bytes, bytes]]:
    end = len(data) - oid_bytes
    if position > end:
        raise ValueError("cut short")
    while position < end:
        (length,) = _LENGTH.unpack_from(data, position + 4)
        content = position + 8
        if content + length > end:
            raise ValueError("cut short")
        yield data[position : position + 4], data[content : content + length]
        position = content + length


def _tree(cached: bytes, oid_bytes: int) -> str | None:
    """Return the id of the top tree; a negative count of entries means that it is out of date."""
    name, _, rest = cached.partition(b"\0")
    counts, _, rest = rest.partition(b"\n")
    if name or not counts or counts.startswith(b"-") or len(rest) < oid_bytes:
        return None
    return rest[:oid_bytes].hex()
