"""Read commits and tracked files through git in its sandbox.

Most functions return (answer, problem); the answer is None if there is none. Commits are parsed
from the raw objects (`cat-file --batch`, length-prefixed), never from `--format`, so NUL bytes, odd
encodings and impossible dates cannot shift a field.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from loaders.safe_git.sandbox import GitSession

MAX_TIME_S = 253_402_300_799  # 9999-12-31 23:59:59 UTC

_LIST_BYTES = 128 * 1024 * 1024  # of object ids or tree entries
_WALK_BYTES = 1024 * 1024 * 1024  # of all commits with their parents
_COMMIT_BYTES = 2 * 1024 * 1024 * 1024  # of all commits of one command; streamed, not kept
_BOUNDARY_BYTES = 64 * 1024 * 1024  # of the commits that `shallow` lists
_HEADER_BYTES = 64 * 1024  # of one commit; its message follows the headers
_MAX_GAPS = 8
_MAX_TAG_DEPTH = 8  # of tags that name tags

_TREE_ENTRY = re.compile(rb"([0-7]{6}) [a-z]+ ([0-9a-f]{40,64})\t(.+)", re.DOTALL)
_COMMITTED_AT = re.compile(rb".*>[ \t]*(\d{1,18})(?!\d)", re.DOTALL)
_TAGGED = re.compile(rb"object ([0-9a-f]{40,64})\ntype ([a-z]+)\n")
_GAP = re.compile(rb"Failed to traverse parents of commit ([0-9a-f]{40,64})")


@dataclass(frozen=True, slots=True)
class RecentCommit:
    """One commit. The author's address is kept only as a hash, for counting authors."""

    sha: str
    committed_at_s: int | None  # UTC seconds; None outside years 1970–9999
    author_email_hash: str  # sha256 hex of the lower-cased address bytes


@dataclass(frozen=True, slots=True)
class TrackedFile:
    """One entry of the tree of HEAD; a submodule has mode 0o160000 and names a commit."""

    path: bytes
    mode: int
    oid: str


Object = tuple[str, str, bytes]  # oid, type or `missing`, first bytes


class ObjectStream:
    """Parses the output of `cat-file --batch`; passes the first bytes of each object on."""

    def __init__(self, on_object: Callable[[Object], object]) -> None:
        self._on_object = on_object
        self._line = b""  # an incomplete header line
        self._oid, self._type = "", ""
        self._kept = b""
        self._left = 0  # bytes of the current object still to come, with its closing newline

    def feed(self, piece: bytes) -> None:
        """Parse the next piece of output, which may be cut anywhere."""
        at = 0
        while at < len(piece):
            at = self._body(piece, at) if self._left else self._head(piece, at)

    def _head(self, piece: bytes, at: int) -> int:
        """Parse `<oid> <type> <size>` or `<oid> missing`; return the position after it."""
        end = piece.find(b"\n", at)
        if end < 0:
            self._line += piece[at:]
            return len(piece)
        oid, kind, *size = (self._line + piece[at:end]).decode("ascii", "replace").split(" ")
        self._line = b""
        if size:
            self._oid, self._type, self._kept, self._left = oid, kind, b"", int(size[0]) + 1
        else:
            self._on_object((oid, kind, b""))
        return end + 1

    def _body(self, piece: bytes, at: int) -> int:
        used = min(self._left, len(piece) - at)
        wanted = max(0, min(used, self._left - 1, _HEADER_BYTES - len(self._kept)))
        self._kept += piece[at : at + wanted]
        self._left -= used
        if not self._left:
            self._on_object((self._oid, self._type, self._kept))
        return at + used


def read_objects(
    session: GitSession,
    oids: Iterable[str],
    on_object: Callable[[Object], object],
    max_bytes: int = _COMMIT_BYTES,
) -> str | None:
    """Pass oid, type (or `missing`) and first 64 KiB of each object to `on_object`.

    Returns the problem if git ended early. Objects may be many and large, so callers should keep
    only what they need.
    """
    stream = ObjectStream(on_object)
    return session.run(("cat-file", "--batch"), oids, stream.feed, max_bytes).problem


def apply_true_boundaries(session: GitSession, shallow: Sequence[str]) -> list[str]:
    """Cut history at the commits of `shallow` whose parents are really absent; return them.

    A `shallow` file may also list commits whose parents exist, which would hide history.
    """
    if not shallow:
        return []
    parents: dict[str, list[str]] = {}
    present: set[str] = set()

    def add_parents(found: Object) -> None:
        if found[1] == "commit":
            parents[found[0]] = _parents(found[2])

    def add_present(found: Object) -> None:
        if found[1] == "commit":
            present.add(found[0])

    read_objects(session, shallow, add_parents, _BOUNDARY_BYTES)
    wanted = sorted({parent for several in parents.values() for parent in several})
    read_objects(session, wanted, add_present)
    boundaries = [oid for oid, several in parents.items() if not present.issuperset(several)]
    session.cut_history_at(boundaries)
    return boundaries


def recent_oids(
    session: GitSession, head: str, since_s: int
) -> tuple[list[str] | None, str | None]:
    """Return the list of `git rev-list --since=<since_s> <head>`, newest first.

    If the parents of a commit are missing, the walk is repeated without them, and the problem is
    `objects_missing`.
    """
    output, gaps, problem = _walk(session, (f"--max-age={max(0, since_s)}",), [head], _LIST_BYTES)
    if output is None:
        return None, problem
    return output.decode("ascii").split(), "objects_missing" if gaps else None


def reachable(
    session: GitSession, tips: Sequence[str]
) -> tuple[dict[str, list[str]] | None, list[str], str | None]:
    """Return commit → parents for `git rev-list --parents <tips>`, commits before their parents.

    Also returns the commits at which the walk was cut because their parents are missing, and the
    problem if there is no answer.
    """
    output, gaps, problem = _walk(session, ("--topo-order", "--parents"), tips, _WALK_BYTES)
    if output is None:
        return None, gaps, problem
    lines = (line.split(" ") for line in output.decode("ascii").splitlines())
    return {oid: parents for oid, *parents in lines}, gaps, None


def _walk(
    session: GitSession, options: tuple[str, ...], tips: Sequence[str], max_bytes: int
) -> tuple[bytearray | None, list[str], str | None]:
    """Return the output of `rev-list`, repeated without the parents that prove to be missing."""
    gaps: list[str] = []
    while True:
        output = bytearray()
        outcome = session.run(("rev-list", "--stdin", *options), tips, output.extend, max_bytes)
        if outcome.problem is None:
            return output, gaps, None
        gap = _GAP.search(outcome.stderr)
        if gap is None or len(gaps) == _MAX_GAPS:
            return None, gaps, outcome.problem
        gaps.append(gap[1].decode())
        session.cut_history_at(gaps)


def object_types(session: GitSession, oids: Sequence[str]) -> tuple[dict[str, str], str | None]:
    """Return object → type or `missing`, for the objects that git reported before a problem."""
    output = bytearray()
    outcome = session.run(
        ("cat-file", "--batch-check=%(objectname) %(objecttype)"), oids, output.extend, _LIST_BYTES
    )
    lines = (line.split(" ") for line in output.decode("ascii", "replace").splitlines())
    return {words[0]: words[1] for words in lines if len(words) == 2}, outcome.problem


def peeled(session: GitSession, tags: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return tag object → (object, type) that it finally names; broken tags are left out."""
    targets: dict[str, tuple[str, str]] = {}
    wanted = sorted(set(tags))
    for _ in range(_MAX_TAG_DEPTH):
        found: list[Object] = []
        read_objects(session, wanted, found.append, _COMMIT_BYTES)
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


def recent_commits(
    session: GitSession, oids: list[str]
) -> tuple[list[RecentCommit] | None, str | None]:
    """Return times and hashed authors of all commits, in the order of `oids`; or None."""
    commits: list[RecentCommit] = []

    def add_commit(found: Object) -> None:
        oid, kind, data = found
        if kind == "commit":
            commits.append(RecentCommit(oid, committed_at_s(data), author_email_hash(data)))

    problem = read_objects(session, oids, add_commit)
    if problem is None and len(commits) != len(oids):
        problem = "objects_missing"
    return (None, problem) if problem else (commits, None)


def tracked_files(session: GitSession, head: str) -> tuple[list[TrackedFile] | None, str | None]:
    """Return the whole tree of a commit or None: in a partial list, files would seem untracked."""
    output = bytearray()
    command = ("ls-tree", "-r", "-z", "--full-tree", head)
    outcome = session.run(command, [], output.extend, _LIST_BYTES)
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
    """Return the committer time of a raw commit: the digits after the last `>`, as in git."""
    match = _COMMITTED_AT.match(_header(commit, b"committer"))
    seconds = int(match[1]) if match else MAX_TIME_S + 1
    return seconds if seconds <= MAX_TIME_S else None


def author_email_hash(commit: bytes) -> str:
    """Return the hash of the address between the first `<` and the next `>`, as in git."""
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
