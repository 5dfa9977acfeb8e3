"""The face of this package: facts about one repository, whatever state it is in.

`peek` looks at a few small files. `read` also runs git, in quarantine, for what only the
objects tell. Neither raises for a bad repository: its facts say what is wrong.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from loaders.safe_git import recent_history
from loaders.safe_git.config import RepositoryConfig, read_config
from loaders.safe_git.preflight import Located, locate, worktree_pointers
from loaders.safe_git.quarantine import Cell, Quarantine
from loaders.safe_git.recent_history import RecentCommit, TrackedFile
from loaders.safe_git.refs import Ref, Refs, printable
from loaders.safe_git.safe_files import FILE, Roots, Trouble
from loaders.safe_git.worktrees import Worktree, read_worktrees

_CONFIG_BYTES = 2 * 1024 * 1024
# The kernel takes 4095 bytes, and git appends the names of packs and of objects.
_LONGEST_OBJECTS_PATH = 3900
_OID_LENGTH = {"sha1": 40, "sha256": 64}


@dataclass(frozen=True)
class RepositoryFacts:
    """What is known of one repository.

    `state` is `read`, `empty` (no commit yet), `truncated` (in part, see `reason`), `refused`
    (unsafe to read) or `broken` (git could not read it either). `reason` holds short words
    without control characters, joined by `; `, each with a detail after `: ` where it helps.
    """

    git_dir: bytes | None = None  # canonical and absolute; None when it was not reached
    kind: str = "directory"  # directory, gitfile, worktree, bare
    state: str = "read"
    reason: str | None = None
    object_format: str | None = None  # sha1, sha256
    head_ref: str | None = None  # refs/heads/main; None when detached
    head_commit: str | None = None
    default_branch: str | None = None
    remote_url: str | None = None  # see clean_remote_url
    last_commit_at_s: int | None = None  # committer time of HEAD, UTC seconds
    recent_commits: list[RecentCommit] | None = None  # None: could not look
    tracked_files: list[TrackedFile] | None = None  # None: could not look; never a part
    worktree_pointers: list[bytes] = field(
        default_factory=list
    )  # linked work trees, as named, not followed
    fingerprint: str = ""  # equal for two peeks between which nothing above changed


@dataclass(frozen=True)
class RefLook:
    """What the refs of one repository say, and where its objects are; nothing was asked of git yet.

    `fingerprint` is equal for two looks between which no ref, work tree or boundary changed. `remarks`
    are short words for what makes history here less, or other, than it was: shallow, partial, grafted.
    """

    facts: RepositoryFacts
    located: Located
    refs: list[Ref]
    worktrees: list[Worktree]
    default_ref: (
        bytes | None
    )  # whose first parents are the line of history; None where HEAD is that
    default_commit: str | None
    remarks: list[str]
    fingerprint: str


class RepositoryReader:
    """Reads repositories below `allowed_roots`. A context manager; safe between threads."""

    def __init__(self, allowed_roots: Sequence[bytes], timeout_s: float = 60.0) -> None:
        """`timeout_s` bounds all git processes of one `read` together."""
        self._roots = Roots(allowed_roots)
        self._timeout_s = timeout_s
        self._quarantine = Quarantine()

    def __enter__(self) -> RepositoryReader:
        self._quarantine.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._quarantine.__exit__()

    @property
    def network_isolated(self) -> bool:
        """Whether git runs without any network; where not, the other controls still hold."""
        return bool(self._quarantine.isolation)

    def peek(self, work_tree: bytes, *, bare: bool = False) -> RepositoryFacts:
        """What needs no process: not the commits, the tracked files and the time of the last commit.

        `state` is then what stands in the way of reading more: `read` says that nothing does.
        """
        try:
            return _describe(self._roots, locate(self._roots, work_tree, bare=bare))
        except Exception as error:
            return self._stopped(work_tree, bare, error)

    def read(
        self,
        work_tree: bytes,
        *,
        since_s: int,
        bare: bool = False,
        peeked: RepositoryFacts | None = None,
    ) -> RepositoryFacts:
        """All facts; recent commits are those of `git rev-list --since=<since_s>` from HEAD.

        With `peeked`, an earlier peek, the answer is about the HEAD that was seen then. Its
        directories are checked again all the same: they may have changed since.
        """
        try:
            located = locate(self._roots, work_tree, bare=bare)
            facts = peeked or _describe(self._roots, located)
        except Exception as error:
            return self._stopped(work_tree, bare, error)
        try:
            return self._with_objects(facts, located, since_s)
        except Exception as error:
            return _truncated(facts, _trouble(error).reason)

    def look(self, work_tree: bytes, *, bare: bool = False) -> RefLook:
        """Every ref of a repository whose objects can be reached safely. Raises Trouble."""
        try:
            located = locate(self._roots, work_tree, bare=bare)
            if located.alternates_problem:
                raise Trouble("truncated", located.alternates_problem)
            if len(located.objects) > _LONGEST_OBJECTS_PATH:
                raise Trouble("truncated", "path_too_long: objects")
            return _look(self._roots, located, _describe(self._roots, located))
        except Exception as error:
            raise _trouble(error) from error

    @contextmanager
    def objects(self, look: RefLook) -> Iterator[Cell]:
        """Git over the objects of what was looked at. Raises OSError where there is no place for it to work in."""
        object_format = look.facts.object_format or "sha1"
        with self._quarantine.cell(object_format, look.located.objects, self._timeout_s) as cell:
            yield cell

    def _with_objects(
        self, facts: RepositoryFacts, located: Located, since_s: int
    ) -> RepositoryFacts:
        if facts.state == "empty":
            return replace(facts, recent_commits=[], tracked_files=[])
        if facts.head_commit is None or facts.object_format is None or located.alternates_problem:
            return facts
        if len(located.objects) > _LONGEST_OBJECTS_PATH:
            return _truncated(facts, "path_too_long: objects")
        with self._quarantine.cell(facts.object_format, located.objects, self._timeout_s) as cell:
            recent_history.keep_true_boundaries(cell, located.shallow)
            return _ask(cell, facts, facts.head_commit, since_s)

    def _stopped(self, work_tree: bytes, bare: bool, error: Exception) -> RepositoryFacts:
        """Facts of a repository that could not be described."""
        trouble = _trouble(error)
        kind = "bare" if bare else "gitfile" if self._has_gitfile(work_tree) else "directory"
        return _signed(RepositoryFacts(kind=kind, state=trouble.state, reason=trouble.reason))

    def _has_gitfile(self, work_tree: bytes) -> bool:
        place = self._roots.place(os.path.abspath(work_tree))
        try:
            return place is not None and self._roots.kind(place + b"/.git") == FILE
        except OSError:
            return False


def _describe(roots: Roots, located: Located) -> RepositoryFacts:
    """What small files say. Raises Trouble."""
    text = roots.read(located.common_dir + b"/config", "config", _CONFIG_BYTES)
    config = read_config(text or b"")
    if config.object_format not in _OID_LENGTH:
        raise Trouble("broken", "object_format_unknown")
    if config.ref_storage not in ("files", "reftable"):
        raise Trouble("broken", "ref_storage_unknown")
    facts = RepositoryFacts(
        git_dir=located.git_dir,
        kind=located.kind,
        object_format=config.object_format,
        remote_url=config.remote_url,
        worktree_pointers=worktree_pointers(roots, located),
    )
    if config.ref_storage == "files":
        facts = _with_refs(facts, Refs(roots, located))
    for reason in _truncations(config, located):
        facts = _truncated(facts, reason)
    return _signed(facts, *located.shallow, *map(repr, located.alternates))


def _with_refs(facts: RepositoryFacts, refs: Refs) -> RepositoryFacts:
    head_ref, head_commit = refs.head()
    if head_commit and len(head_commit) != _OID_LENGTH[str(facts.object_format)]:
        raise Trouble("broken", "head_of_other_object_format")
    default_branch = refs.default_branch(head_ref)
    return replace(
        facts,
        state="read" if head_commit else "empty",
        head_ref=printable(head_ref) if head_ref else None,
        head_commit=head_commit,
        default_branch=printable(default_branch) if default_branch else None,
    )


def _look(roots: Roots, located: Located, facts: RepositoryFacts) -> RefLook:
    """Raises Trouble."""
    if "reftable" in (facts.reason or ""):
        raise Trouble("truncated", "reftable")
    refs = Refs(roots, located)
    every = [ref for ref in refs.all() if len(ref.oid) == _OID_LENGTH[str(facts.object_format)]]
    worktrees = read_worktrees(roots, located, refs)
    commits = {ref.name: ref.oid for ref in every}
    branch = refs.default_branch(refs.head()[0])
    names = (b"refs/heads/" + branch, b"refs/remotes/origin/" + branch) if branch else ()
    default_ref = next((name for name in names if name in commits), None)
    remarks = [word for word in ("shallow", "partial") if word in (facts.reason or "").split("; ")]
    remarks += ["grafted"] if roots.kind(located.common_dir + b"/info/grafts") == FILE else []
    remarks += ["replaced"] if any(ref.name.startswith(b"refs/replace/") for ref in every) else []
    told = [
        facts.fingerprint,
        repr(every),
        repr([(tree.path, tree.head_ref, tree.head) for tree in worktrees]),
        repr(remarks),
    ]
    return RefLook(
        facts=facts,
        located=located,
        refs=every,
        worktrees=worktrees,
        default_ref=default_ref,
        default_commit=commits[default_ref] if default_ref else facts.head_commit,
        remarks=remarks,
        fingerprint=hashlib.sha256("\n".join(told).encode()).hexdigest(),
    )


def _truncations(config: RepositoryConfig, located: Located) -> list[str]:
    """Why less than everything can be read here, known before git is asked."""
    reasons = {
        "reftable": config.ref_storage == "reftable",
        "shallow": bool(located.shallow),
        "partial": config.is_partial,
        located.alternates_problem or "": located.alternates_problem is not None,
    }
    return [reason for reason, holds in reasons.items() if holds]


def _ask(cell: Cell, facts: RepositoryFacts, head: str, since_s: int) -> RepositoryFacts:
    """Fill in what the objects tell; what cannot be had stays None, with the reason."""
    objects: list[recent_history.Object] = []
    problem = recent_history.read_objects(cell, [head], objects.append)
    if problem or not objects or objects[0][1] != "commit":
        kind = objects[0][1] if objects else "missing"
        reason = problem or ("objects_missing" if kind == "missing" else f"head_is_{kind}")
        state = "broken" if not problem or problem.startswith("objects") else "truncated"
        return replace(_truncated(facts, f"{reason}: head"), state=state)
    facts = replace(facts, last_commit_at_s=recent_history.committed_at_s(objects[0][2]))

    commits = None
    oids, problem = recent_history.recent_oids(cell, head, since_s)
    if oids is not None:
        commits, trouble = recent_history.recent_commits(cell, oids)
        problem = problem or trouble
    if problem:
        facts = _truncated(facts, f"{problem}: history")
    files, problem = recent_history.tracked_files(cell, head)
    if problem:
        facts = _truncated(facts, f"{problem}: tree")
    return replace(facts, recent_commits=commits, tracked_files=files)


def _truncated(facts: RepositoryFacts, reason: str) -> RepositoryFacts:
    state = "truncated" if facts.state == "read" else facts.state
    return replace(
        facts, state=state, reason=f"{facts.reason}; {reason}" if facts.reason else reason
    )


def _trouble(error: Exception) -> Trouble:
    """What an exception means for a repository: one that nobody foresaw must not end the crawl of all others."""
    if isinstance(error, Trouble):
        return error
    if isinstance(error, OSError):  # it is we who could not look: a full disk, no more open files
        return Trouble(
            "truncated", f"system_error: {errno.errorcode.get(error.errno or 0, 'unknown')}"
        )
    return Trouble("truncated", f"reader_error: {type(error).__name__}")


def _signed(facts: RepositoryFacts, *more: str) -> RepositoryFacts:
    """Facts with a fingerprint over them and `more`."""
    text = json.dumps([repr(facts), *more])
    return replace(
        facts, fingerprint=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    )
