"""Read what a work tree and its repository hold that may be nowhere else, without git's own status.

`git status` runs filters and monitors of the repository, and may write its index. Here the index is
read as a file. Only if it differs from HEAD, git compares a private copy of it with the tree of
HEAD. The files of the work tree are not read: the crawl has done that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from dataclasses import dataclass, field

from loaders.safe_git.index_file import Entry, read_index
from loaders.safe_git.preflight import Located
from loaders.safe_git.safe_files import MISSING, RepositoryError, Roots
from loaders.safe_git.sandbox import GitSession
from loaders.safe_git.worktrees import REFLOG_BYTES, without_url

# Raised if the same files give other facts.
READER = 2
_INDEX_BYTES = 512 * 1024 * 1024
_RULES_BYTES = 1 << 20
_MOST_STASHES = 1_000
_OUTPUT_BYTES = 1 << 30
_OID_BYTES = {"sha1": 20, "sha256": 32}
# Files and folders that git keeps in the git directory of a work tree until an operation ends.
_OPERATIONS = {
    b"MERGE_HEAD": "merge",
    b"rebase-merge": "rebase",
    b"rebase-apply": "rebase",
    b"CHERRY_PICK_HEAD": "cherry-pick",
    b"REVERT_HEAD": "revert",
}
_STASHED = re.compile(rb"[0-9a-f]+ ([0-9a-f]+) .*?<[^>\n]*> (\d{1,15}) [+-]\d{4}(?:\t(.*))?")
# Attributes for which the content of a file is not what git stores.
_FILTERING = re.compile(rb"filter|encoding|ident")


@dataclass(frozen=True)
class Stash:
    """One stash; number 0 is the newest."""

    number: int
    commit: str
    at_s: int | None
    message: bytes


@dataclass(frozen=True)
class Staged:
    """A path whose entry in the index differs from HEAD, or has a flag."""

    change: str | None  # A, M, D, T, U; None: only a flag, or the caller's wish
    entry: Entry


@dataclass
class Unsaved:
    """The facts about one work tree. `state` is read, unchecked (there is no index) or unknown."""

    state: str = "read"
    reason: str | None = None
    operation: str | None = None
    has_own_attributes: bool = False  # `info/attributes` names a filter, an encoding or `ident`
    index_at_ns: int | None = None
    paths: list[Staged] = field(default_factory=list)
    skipped: int = 0  # paths that a sparse checkout leaves out


def stamp(roots: Roots, located: Located) -> str:
    """Return a text that is equal as long as nothing changed that `read_unsaved` reads."""
    own = [located.git_dir + b"/" + name for name in (b"index", *_OPERATIONS)]
    shared = [located.common_dir + name for name in (b"/logs/refs/stash", b"/info/attributes")]
    return repr([READER, *map(roots.stamp, [*own, *shared])])


def read_unsaved(
    roots: Roots,
    located: Located,
    object_format: str,
    head: tuple[str | None, str | None],
    session: Callable[[], GitSession],
    *,
    is_sparse: bool,
    filtered: Container[bytes] = (),
) -> Unsaved:
    """Return the facts about a work tree.

    *head* is the commit of HEAD and, if it is known, its tree. *filtered* are paths whose entries
    are wanted. A *session* is asked for only if git must compare.
    """
    unsaved = Unsaved()
    try:
        unsaved.operation = _operation(roots, located)
        unsaved.has_own_attributes = _has_own_attributes(roots, located)
        _read_index(unsaved, roots, located, object_format, head, session, is_sparse, filtered)
    except RepositoryError as error:
        unsaved.state, unsaved.reason, unsaved.paths = "unknown", error.reason, []
    return unsaved


def read_stashes(roots: Roots, located: Located, newest: str | None) -> list[Stash]:
    """Return the stashes, newest first; *newest* is the commit of `refs/stash`.

    Raises RepositoryError.
    """
    if newest is None:
        return []
    log = roots.read(located.common_dir + b"/logs/refs/stash", "stash_log", REFLOG_BYTES) or b""
    lines = log.rstrip(b"\n").split(b"\n")[::-1]
    matches = [match for line in lines if (match := _STASHED.fullmatch(line))]
    if not matches:
        return [Stash(0, newest, None, b"")]
    return [
        Stash(number, match[1].decode(), int(match[2]), without_url(match[3] or b""))
        for number, match in enumerate(matches[:_MOST_STASHES])
    ]


def _operation(roots: Roots, located: Located) -> str | None:
    for name, word in _OPERATIONS.items():
        if roots.kind(located.git_dir + b"/" + name) != MISSING:
            return word
    return None


def _has_own_attributes(roots: Roots, located: Located) -> bool:
    path = located.common_dir + b"/info/attributes"
    return bool(_FILTERING.search(roots.read(path, "attributes", _RULES_BYTES) or b""))


def _read_index(
    unsaved: Unsaved,
    roots: Roots,
    located: Located,
    object_format: str,
    head: tuple[str | None, str | None],
    session: Callable[[], GitSession],
    is_sparse: bool,
    filtered: Container[bytes],
) -> None:
    path = located.git_dir + b"/index"
    times = roots.stamp(path)
    data = roots.read(path, "index", _INDEX_BYTES)
    commit, tree = head
    if data is None or times is None:
        # Nothing was checked out, or nothing was added yet.
        unsaved.state = "unchecked" if commit else "read"
        return
    unsaved.index_at_ns = times[1]
    # Without a commit, each entry is an addition. Without SHA-1, no content of the crawl compares.
    wanted = None if commit is None or object_format != "sha1" else filtered
    index = read_index(data, _OID_BYTES[object_format], wanted)
    files, found = {"index": data}, index.entries
    if index.shared is not None:
        name = f"sharedindex.{index.shared}"
        files[name] = _shared(roots, located, name)
        found = _listed(session(), files, wanted)
    entries = {entry.path: entry for entry in found}
    changes: dict[bytes, tuple[str, Entry]] = {}
    if commit is None:
        changes = {path: ("A", entry) for path, entry in entries.items()}
    elif tree is None or index.tree != tree or index.shared is not None:
        changes = _compared(session(), files, commit)
    if is_sparse:
        kept = {path: entry for path, entry in entries.items() if not entry.is_skipped}
        unsaved.skipped = len(entries) - len(kept)
        entries = kept
    for path, entry in entries.items():
        change = changes.pop(path, None)
        word = "U" if entry.stage else change[0] if change else None
        unsaved.paths.append(Staged(word, entry))
    unsaved.paths += [Staged(word, entry) for word, entry in changes.values()]


def _shared(roots: Roots, located: Located, name: str) -> bytes:
    """Return the file that a split index shares with earlier ones. Raises RepositoryError."""
    data = roots.read(located.git_dir + b"/" + name.encode(), "index", _INDEX_BYTES)
    if data is None:
        raise RepositoryError("truncated", "index_incomplete")
    return data


def _listed(
    session: GitSession, files: dict[str, bytes], wanted: Container[bytes] | None
) -> list[Entry]:
    """Return the entries of a split index as `read_index` does, without sizes and times.

    Raises RepositoryError.
    """
    output = bytearray()
    outcome = session.run_on_index(
        files, ("ls-files", "--stage", "-v", "-z"), output.extend, _OUTPUT_BYTES
    )
    if outcome.problem:
        raise RepositoryError("truncated", f"{outcome.problem}: index")
    found = []
    for line in bytes(output).split(b"\0")[:-1]:
        head, _, path = line.partition(b"\t")
        tag, mode, oid, stage = head.decode("ascii", "replace").split(" ")
        entry = Entry(
            path,
            int(mode, 8),
            oid,
            int(stage),
            size=0,
            mtime_ns=0,
            is_assumed=tag.islower(),
            is_skipped=tag.upper() == "S",
        )
        is_odd = entry.stage or entry.is_assumed or entry.is_skipped
        if is_odd or wanted is None or path in wanted:
            found.append(entry)
    return found


def _compared(
    session: GitSession, files: dict[str, bytes], commit: str
) -> dict[bytes, tuple[str, Entry]]:
    """Return path → what the index changes in the tree of *commit*. Raises RepositoryError."""
    output = bytearray()
    command = ("diff-index", "--cached", "--raw", "-z", "--no-renames", "--no-abbrev")
    options = ("--no-ext-diff", "--no-textconv", "--ita-invisible-in-index", commit, "--")
    outcome = session.run_on_index(files, (*command, *options), output.extend, _OUTPUT_BYTES)
    if outcome.problem:
        raise RepositoryError("truncated", f"{outcome.problem}: index")
    words = iter(bytes(output).split(b"\0")[:-1])
    found = {}
    for head, path in zip(words, words, strict=False):
        _, mode, _, oid, letter = head.decode("ascii", "replace").lstrip(":").split(" ")
        entry = Entry(path, int(mode, 8), oid, 0, 0, 0)
        found[path] = (letter[:1], entry)
    return found
