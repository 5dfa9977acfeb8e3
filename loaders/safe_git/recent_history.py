"""Commits and tracked files, asked of git inside a quarantine cell.

Each function gives (answer, problem): the answer is None where nothing could be had.
Commits are taken from the raw objects (`cat-file --batch`, length-prefixed), never through
`--format`, so NUL bytes, odd encodings and absurd dates cannot shift a field.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from loaders.safe_git.quarantine import Cell

MAX_TIME_S = 253_402_300_799  # 9999-12-31 23:59:59 UTC

_LIST_BYTES = 128 * 1024 * 1024  # of object ids or tree entries
_WALK_BYTES = 1024 * 1024 * 1024  # of all commits with their parents
_COMMIT_BYTES = 2 * 1024 * 1024 * 1024  # of all commits read at once; streamed, not kept
_BOUNDARY_BYTES = 64 * 1024 * 1024  # of the commits that `shallow` names
_HEADER_BYTES = 64 * 1024  # of one commit; its message follows the headers
_MAX_GAPS = 8
_MAX_TAG_DEPTH = 8  # of tags that name tags

_TREE_ENTRY = re.compile(rb"([0-7]{6}) [a-z]+ ([0-9a-f]{40,64})\t(.+)", re.DOTALL)
_COMMITTED_AT = re.compile(rb".*>[ \t]*(\d{1,18})(?!\d)", re.DOTALL)
_TAGGED = re.compile(rb"object ([0-9a-f]{40,64})\ntype ([a-z]+)\n")
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
    cell: Cell,
    oids: Iterable[str],
    take: Callable[[Object], object],
    max_bytes: int = _COMMIT_BYTES,
) -> str | None:
    """Give oid, type (or `missing`) and first 64 KiB of each object asked for to `take`, as far as git comes.

    They are many and may all be large: what is not needed of them is best not kept.
    """
    return cell.run(("cat-file", "--batch"), oids, ObjectStream(take).feed, max_bytes).problem


def keep_true_boundaries(cell: Cell, shallow: Sequence[str]) -> list[str]:
    """Cut history where the repository is shallow in fact: at commits whose parents are absent. Returns these.

    A `shallow` file may also list commits whose parents are there, which would hide history.
    """
    if not shallow:
        return []
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
    boundaries = [oid for oid, several in parents.items() if not present.issuperset(several)]
    cell.cut_history_at(boundaries)
    return boundaries


def recent_oids(cell: Cell, head: str, since_s: int) -> tuple[list[str] | None, str | None]:
    """What `git rev-list --since=<since_s> <head>` lists, newest first.

    Where a commit's parents are missing the walk is repeated without them, and says so.
    """
    output, gaps, problem = _walk(cell, (f"--max-age={max(0, since_s)}",), [head], _LIST_BYTES)
    if output is None:
        return None, problem
    return output.decode("ascii").split(), "objects_missing" if gaps else None


def reachable(
    cell: Cell, tips: Sequence[str]
) -> tuple[dict[str, list[str]] | None, list[str], str | None]:
    """What `git rev-list --parents <tips>` lists, as commit → parents, every commit before its parents.

    Also the commits at which it was cut because their parents are missing, and the problem where
    there is no answer.
    """
    output, gaps, problem = _walk(cell, ("--topo-order", "--parents"), tips, _WALK_BYTES)
    if output is None:
        return None, gaps, problem
    lines = (line.split(" ") for line in output.decode("ascii").splitlines())
    return {oid: parents for oid, *parents in lines}, gaps, None


def _walk(
    cell: Cell, options: tuple[str, ...], tips: Sequence[str], max_bytes: int
) -> tuple[bytearray | None, list[str], str | None]:
    """The output of `rev-list`, repeated without the parents that turn out to be missing."""
    gaps: list[str] = []
    while True:
        output = bytearray()
        outcome = cell.run(("rev-list", "--stdin", *options), tips, output.extend, max_bytes)
        if outcome.problem is None:
            return output, gaps, None
        gap = _GAP.search(outcome.stderr)
        if gap is None or len(gaps) == _MAX_GAPS:
            return None, gaps, outcome.problem
        gaps.append(gap[1].decode())
        cell.cut_history_at(gaps)


def object_types(cell: Cell, oids: Sequence[str]) -> tuple[dict[str, str], str | None]:
    """Object → its type or `missing`, as far as git comes."""
    output = bytearray()
    outcome = cell.run(
        ("cat-file", "--batch-check=%(objectname) %(objecttype)"), oids, output.extend, _LIST_BYTES
    )
    lines = (line.split(" ") for line in output.decode("ascii", "replace").splitlines())
    return {words[0]: words[1] for words in lines if len(words) == 2}, outcome.problem


def peeled(cell: Cell, tags: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Tag object → what it comes to in the end: (object, type). One that leads nowhere is left out."""
    targets: dict[str, tuple[str, str]] = {}
    wanted = sorted(set(tags))
    for _ in range(_MAX_TAG_DEPTH):
        found: list[Object] = []
        read_objects(cell, wanted, found.append, _COMMIT_BYTES)
        steps = {
            oid: match
            for oid, kind, body in found
            if kind == "tag" and (match := _TAGGED.match(body))
        }
        targets |= {oid: (match[1].decode(), match[2].decode()) for oid, match in steps.items()}
        wanted = sorted({oid for oid, kind in targets.values() if kind == "tag"} - targets.keys())
        if not wanted:
            break
    return {oid: end for oid in targets if (end := _end_of(targets, oid))}


def _end_of(targets: dict[str, tuple[str, str]], tag: str) -> tuple[str, str] | None:
    oid, kind = tag, "tag"
    while kind == "tag":
        if oid not in targets:
            return None
        oid, kind = targets[oid]
    return oid, kind


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
