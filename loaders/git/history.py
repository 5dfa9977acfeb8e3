"""Commits and tracked files, asked of git inside a quarantine cell.

Each function gives (answer, problem): the answer is None where nothing could be had.
Commits are taken from the raw objects (`cat-file --batch`, length-prefixed), never through
`--format`, so NUL bytes, odd encodings and absurd dates cannot shift a field.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .quarantine import Cell

MAX_TIME_S = 253_402_300_799  # 9999-12-31 23:59:59 UTC

_LIST_BYTES = 128 * 1024 * 1024  # of object ids or tree entries
_COMMIT_BYTES = 2 * 1024 * 1024 * 1024  # of all commits read at once; streamed, not kept
_BOUNDARY_BYTES = 64 * 1024 * 1024  # of the commits that `shallow` names
_HEADER_BYTES = 64 * 1024  # of one commit; its message follows the headers
_MAX_GAPS = 8

_TREE_ENTRY = re.compile(rb"([0-7]{6}) [a-z]+ ([0-9a-f]{40,64})\t(.+)", re.DOTALL)
_COMMITTED_AT = re.compile(rb".*>[ \t]*(\d{1,18})(?!\d)", re.DOTALL)
_GAP = re.compile(rb"Failed to traverse parents of commit ([0-9a-f]{40,64})")


@dataclass(frozen=True, slots=True)
class RecentCommit:
    """One commit. The author's address is kept only as a hash, to be counted, not read."""

    sha: str
    committed_at_s: int | None  # UTC seconds; None outside years 1970–9999
    author_email_hash: str  # sha256 hex of the lower-cased address bytes


@dataclass(frozen=True, slots=True)
class TrackedFile:
    """One entry of the tree of HEAD; a submodule has mode 0o160000 and names a commit."""

    path: bytes
    mode: int
    oid: str


Object = tuple[str, str, bytes]  # oid, type or `missing`, beginning


class ObjectStream:
    """Cuts the output of `cat-file --batch` into objects and gives the beginning of each to `take`."""

    def __init__(self, take: Callable[[Object], object]) -> None:
        self._take = take
        self._line = b""  # of a header that has not ended yet
        self._oid, self._type = "", ""
        self._kept = b""
        self._left = 0  # bytes of the current object still to come, with its closing newline

    def feed(self, piece: bytes) -> None:
        """Take the next piece of output; pieces may end anywhere."""
        at = 0
        while at < len(piece):
            at = self._body(piece, at) if self._left else self._head(piece, at)

    def _head(self, piece: bytes, at: int) -> int:
        """`<oid> <type> <size>` or `<oid> missing`."""
        end = piece.find(b"\n", at)
        if end < 0:
            self._line += piece[at:]
            return len(piece)
        oid, kind, *size = (self._line + piece[at:end]).decode("ascii", "replace").split(" ")
        self._line = b""
        if size:
            self._oid, self._type, self._kept, self._left = oid, kind, b"", int(size[0]) + 1
        else:
            self._take((oid, kind, b""))
        return end + 1

    def _body(self, piece: bytes, at: int) -> int:
        used = min(self._left, len(piece) - at)
        wanted = max(0, min(used, self._left - 1, _HEADER_BYTES - len(self._kept)))
        self._kept += piece[at : at + wanted]
        self._left -= used
        if not self._left:
            self._take((self._oid, self._type, self._kept))
        return at + used


def read_objects(
    cell: Cell, oids: Iterable[str], take: Callable[[Object], object], max_bytes: int = _COMMIT_BYTES
) -> str | None:
    """Give oid, type (or `missing`) and first 64 KiB of each object asked for to `take`, as far as git comes.

    They are many and may all be large: what is not needed of them is best not kept.
    """
    return cell.run(("cat-file", "--batch"), oids, ObjectStream(take).feed, max_bytes).problem


def keep_true_boundaries(cell: Cell, shallow: Iterable[str]) -> None:
    """Cut history where the repository is shallow in fact: at commits whose parents are absent.

    A `shallow` file may also list commits whose parents are there, which would hide history.
    """
    parents: dict[str, list[str]] = {}
    present: set[str] = set()

    def note_parents(found: Object) -> None:
        if found[1] == "commit":
            parents[found[0]] = _parents(found[2])

    def note_presence(found: Object) -> None:
        if found[1] == "commit":
            present.add(found[0])

    read_objects(cell, shallow, note_parents, _BOUNDARY_BYTES)
    wanted = sorted({parent for several in parents.values() for parent in several})
    read_objects(cell, wanted, note_presence)
    cell.cut_history_at(oid for oid, several in parents.items() if not present.issuperset(several))


def recent_oids(cell: Cell, head: str, since_s: int) -> tuple[list[str] | None, str | None]:
    """What `git rev-list --since=<since_s> <head>` lists, newest first.

    Where a commit's parents are missing the walk is repeated without them, and says so.
    """
    command = ("rev-list", "--stdin", f"--max-age={max(0, since_s)}")
    gaps: list[str] = []
    while True:
        output = bytearray()
        outcome = cell.run(command, [head], output.extend, _LIST_BYTES)
        if outcome.problem is None:
            return output.decode("ascii").split(), "objects_missing" if gaps else None
        gap = _GAP.search(outcome.stderr)
        if gap is None or len(gaps) == _MAX_GAPS:
            return None, outcome.problem
        gaps.append(gap[1].decode())
        cell.cut_history_at(gaps)


def recent_commits(cell: Cell, oids: list[str]) -> tuple[list[RecentCommit] | None, str | None]:
    """Times and hashed authors of commits, in the order asked for; all of them or None."""
    commits: list[RecentCommit] = []

    def note(found: Object) -> None:
        oid, kind, data = found
        if kind == "commit":
            commits.append(RecentCommit(oid, committed_at_s(data), author_email_hash(data)))

    problem = read_objects(cell, oids, note)
    if problem is None and len(commits) != len(oids):
        problem = "objects_missing"
    return (None, problem) if problem else (commits, None)


def tracked_files(cell: Cell, head: str) -> tuple[list[TrackedFile] | None, str | None]:
    """The whole tree of a commit or None: half a list would call the other half untracked."""
    output = bytearray()
    outcome = cell.run(("ls-tree", "-r", "-z", "--full-tree", head), [], output.extend, _LIST_BYTES)
    if outcome.problem:
        return None, outcome.problem
    files = []
    for entry in output.split(b"\0")[:-1]:
        match = _TREE_ENTRY.fullmatch(entry)
        if match is None:
            return None, "tree_invalid"
        files.append(TrackedFile(bytes(match[3]), int(match[1], 8), match[2].decode()))
    return files, None


def committed_at_s(commit: bytes) -> int | None:
    """Committer time of a raw commit: the digits after the last `>`, as git reads it."""
    match = _COMMITTED_AT.match(_header(commit, b"committer"))
    seconds = int(match[1]) if match else MAX_TIME_S + 1
    return seconds if seconds <= MAX_TIME_S else None


def author_email_hash(commit: bytes) -> str:
    """Hash of what stands between the first `<` and the next `>`, as git reads it."""
    address = _header(commit, b"author").partition(b"<")[2].partition(b">")[0]
    return hashlib.sha256(address.lower()).hexdigest()


def _header(commit: bytes, name: bytes) -> bytes:
    for line in commit.partition(b"\n\n")[0].split(b"\n"):
        if line.startswith(name + b" "):
            return line
    return b""


def _parents(commit: bytes) -> list[str]:
    lines = commit.partition(b"\n\n")[0].split(b"\n")
    return [line[7:].decode("ascii", "replace") for line in lines if line.startswith(b"parent ")]
