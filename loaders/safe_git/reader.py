"""The interface of this package: facts about one repository, in whatever state it is.

`peek` reads a few small files. `read` also runs git, in a sandbox, for facts that need the objects.
Neither raises for a bad repository: the facts contain the problem.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Container, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from loaders.safe_git import recent_history
from loaders.safe_git.commits import READER
from loaders.safe_git.config import MIRRORED, TRACKED, RepositoryConfig, read_config
from loaders.safe_git.path_rules import (
    RULES_BYTES,
    OwnRules,
    PathRules,
    WorkTree,
    read_path_rules,
)
from loaders.safe_git.preflight import Located, locate, worktree_pointers
from loaders.safe_git.refs import Refs, printable
from loaders.safe_git.repository_facts import RefSnapshot, RepositoryFacts
from loaders.safe_git.safe_files import FILE, RepositoryError, Roots
from loaders.safe_git.sandbox import GitSandbox, GitSession
from loaders.safe_git.unsaved import READER as UNSAVED_READER
from loaders.safe_git.unsaved import Stash, Unsaved, read_stashes, read_unsaved, stamp
from loaders.safe_git.worktrees import read_worktrees

_CONFIG_BYTES = 2 * 1024 * 1024
STASH = b"refs/stash"
# Files at the top of a work tree that git reads as data about history.
MAILMAP = b".mailmap"
IGNORED_REVISIONS = b".git-blame-ignore-revs"
_FILES_ABOUT_HISTORY = (MAILMAP, IGNORED_REVISIONS)
_ABOUT_HISTORY_BYTES = 4 * 1024 * 1024
# The kernel accepts 4095 bytes, and git appends the names of packs and objects.
_LONGEST_OBJECTS_PATH = 3900
_OID_LENGTH = {"sha1": 40, "sha256": 64}


class RepositoryReader:
    """Reads repositories below `allowed_roots`. A context manager; thread-safe."""

    def __init__(self, allowed_roots: Sequence[bytes], timeout_s: float = 60.0) -> None:
        """Create a reader; all git processes of one `read` together may run for `timeout_s`."""
        self._roots = Roots(allowed_roots)
        self._timeout_s = timeout_s
        self._sandbox = GitSandbox()

    def __enter__(self) -> RepositoryReader:
        self._sandbox.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._sandbox.__exit__()

    @property
    def network_isolated(self) -> bool:
        """Whether git runs without any network; the other controls do not depend on this."""
        return bool(self._sandbox.isolation)

    def peek(self, work_tree: bytes, *, bare: bool = False) -> RepositoryFacts:
        """Return all facts except commits, tracked files and the time of the last commit.

        No process is started. `state` is `read` unless something prevents reading more.
        """
        try:
            return _describe(self._roots, locate(self._roots, work_tree, bare=bare))
        except Exception as error:
            return self._failed(work_tree, bare, error)

    def read(
        self,
        work_tree: bytes,
        *,
        since_s: int,
        bare: bool = False,
        peeked: RepositoryFacts | None = None,
    ) -> RepositoryFacts:
        """Return all facts; recent commits are those of `git rev-list --since=<since_s>` from HEAD.

        With `peeked`, the result of an earlier peek, the facts are about the HEAD of that time. The
        directories are still checked again, because they may have changed since.
        """
        try:
            located = locate(self._roots, work_tree, bare=bare)
            facts = peeked or _describe(self._roots, located)
        except Exception as error:
            return self._failed(work_tree, bare, error)
        try:
            return self._with_objects(facts, located, since_s)
        except Exception as error:
            return _truncated(facts, _repository_error(error).reason)

    def read_refs(self, work_tree: bytes, *, bare: bool = False) -> RefSnapshot:
        """Return every ref of a repository with safe objects. Raises RepositoryError."""
        try:
            located = locate(self._roots, work_tree, bare=bare)
            if located.alternates_problem:
                raise RepositoryError("truncated", located.alternates_problem)
            if len(located.objects) > _LONGEST_OBJECTS_PATH:
                raise RepositoryError("truncated", "path_too_long: objects")
            return _ref_snapshot(self._roots, located)
        except Exception as error:
            raise _repository_error(error) from error

    def unsaved_stamp(self, snapshot: RefSnapshot) -> str:
        """Return a text that is equal as long as `read_unsaved` and `read_stashes` would be.

        Raises OSError if this process has no memory or file descriptors left.
        """
        facts = snapshot.facts
        parts = [snapshot.remote_kind, facts.head_commit, facts.object_format, facts.is_sparse]
        stash = [ref.oid for ref in snapshot.refs if ref.name == STASH]
        text = repr([*parts, *stash, stamp(self._roots, snapshot.located)])
        return hashlib.sha256(text.encode()).hexdigest()

    def read_unsaved(
        self, snapshot: RefSnapshot, head_tree: str | None, filtered: Container[bytes]
    ) -> Unsaved:
        """Return what the work tree of a repository has that HEAD has not; never raises.

        *head_tree* is the tree of HEAD, if it is known; see `unsaved.read_unsaved`.
        """
        facts = snapshot.facts
        with ExitStack() as stack:

            def session() -> GitSession:
                return stack.enter_context(self.objects(snapshot))

            try:
                return read_unsaved(
                    self._roots,
                    snapshot.located,
                    facts.object_format or "sha1",
                    (facts.head_commit, head_tree),
                    session,
                    is_sparse=facts.is_sparse,
                    filtered=filtered,
                )
            except Exception as error:
                return Unsaved(state="unknown", reason=_repository_error(error).reason)

    def read_stashes(self, snapshot: RefSnapshot) -> list[Stash]:
        """Return the stashes of a repository, newest first. Raises RepositoryError."""
        newest = next((ref.oid for ref in snapshot.refs if ref.name == STASH), None)
        return read_stashes(self._roots, snapshot.located, newest)

    def path_rules(self, trees: Sequence[WorkTree]) -> list[PathRules]:
        """Return what is ignored in each of *trees*, and what .gitattributes state."""
        return read_path_rules(self._roots, self._sandbox, trees, self._timeout_s)

    @contextmanager
    def objects(self, snapshot: RefSnapshot) -> Iterator[GitSession]:
        """Yield a git session for the objects of a repository.

        Raises OSError if there is no temporary directory.
        """
        object_format = snapshot.facts.object_format or "sha1"
        objects = snapshot.located.objects
        with self._sandbox.session(object_format, objects, self._timeout_s) as session:
            yield session

    def _with_objects(
        self, facts: RepositoryFacts, located: Located, since_s: int
    ) -> RepositoryFacts:
        if facts.state == "empty":
            return replace(facts, recent_commits=[], tracked_files=[])
        if facts.head_commit is None or facts.object_format is None or located.alternates_problem:
            return facts
        if len(located.objects) > _LONGEST_OBJECTS_PATH:
            return _truncated(facts, "path_too_long: objects")
        objects = located.objects
        with self._sandbox.session(facts.object_format, objects, self._timeout_s) as session:
            recent_history.apply_true_boundaries(session, located.shallow)
            return _with_history(session, facts, facts.head_commit, since_s)

    def _failed(self, work_tree: bytes, bare: bool, error: Exception) -> RepositoryFacts:
        """Return the facts of a repository that could not be described."""
        problem = _repository_error(error)
        kind = "bare" if bare else "gitfile" if self._has_gitfile(work_tree) else "directory"
        return _with_fingerprint(
            RepositoryFacts(kind=kind, state=problem.state, reason=problem.reason)
        )

    def _has_gitfile(self, work_tree: bytes) -> bool:
        place = self._roots.canonical(os.path.abspath(work_tree))
        try:
            return place is not None and self._roots.kind(place + b"/.git") == FILE
        except OSError:
            return False


def _describe(roots: Roots, located: Located) -> RepositoryFacts:
    """Return the facts that are in small files. Raises RepositoryError."""
    return _described(roots, located)[0]


def _described(roots: Roots, located: Located) -> tuple[RepositoryFacts, RepositoryConfig, Refs]:
    """Return the facts that are in small files, and of what they are made."""
    config = _config(roots, located)
    if config.object_format not in _OID_LENGTH:
        raise RepositoryError("broken", "object_format_unknown")
    if config.ref_storage not in ("files", "reftable"):
        raise RepositoryError("broken", "ref_storage_unknown")
    facts = RepositoryFacts(
        git_dir=located.git_dir,
        kind="bare" if config.is_bare and located.kind != "worktree" else located.kind,
        object_format=config.object_format,
        remote_url=config.remote_url,
        is_sparse=config.is_sparse,
        worktree_pointers=worktree_pointers(roots, located),
        own_rules=OwnRules(
            exclude=_own_rules(roots, located, "exclude"),
            attributes=_own_rules(roots, located, "attributes"),
        ),
    )
    refs = Refs(roots, located)
    if config.ref_storage == "files":
        facts = _with_refs(facts, refs, config)
    for reason in _truncations(config, located):
        facts = _truncated(facts, reason)
    facts = _with_fingerprint(facts, *located.shallow, *map(repr, located.alternates))
    return facts, config, refs


def _config(roots: Roots, located: Located) -> RepositoryConfig:
    """Return the settings of the repository, and those of its work tree if it has its own.

    Raises RepositoryError.
    """
    text = roots.read(located.common_dir + b"/config", "config", _CONFIG_BYTES) or b""
    config = read_config(text)
    if not config.has_worktree_config:
        return config
    path = located.git_dir + b"/config.worktree"
    return read_config(text, roots.read(path, "worktree_config", _CONFIG_BYTES) or b"")


def _own_rules(roots: Roots, located: Located, name: str) -> bytes | None:
    try:
        path = located.common_dir + b"/info/" + name.encode()
        return roots.read(path, name, RULES_BYTES) or b""
    except RepositoryError:
        return None


def _with_refs(facts: RepositoryFacts, refs: Refs, config: RepositoryConfig) -> RepositoryFacts:
    head_ref, head_commit = refs.head()
    if head_commit and len(head_commit) != _OID_LENGTH[str(facts.object_format)]:
        raise RepositoryError("broken", "head_of_other_object_format")
    default_branch = refs.default_branch(config)
    return replace(
        facts,
        state="read" if head_commit else "empty",
        head_ref=printable(head_ref) if head_ref else None,
        head_commit=head_commit,
        default_branch=printable(default_branch) if default_branch else None,
    )


def _ref_snapshot(roots: Roots, located: Located) -> RefSnapshot:
    """Read the refs and work trees. Raises RepositoryError."""
    facts, config, refs = _described(roots, located)
    if "reftable" in (facts.reason or ""):
        raise RepositoryError("truncated", "reftable")
    located = replace(located, kind=facts.kind)
    every = [ref for ref in refs.all() if len(ref.oid) == _OID_LENGTH[str(facts.object_format)]]
    worktrees = read_worktrees(roots, located, refs)
    commits = {ref.name: ref.oid for ref in every}
    branch = refs.default_branch(config)
    remote_branches = b"refs/remotes/" + config.remote + b"/"
    names = (b"refs/heads/" + branch, remote_branches + branch) if branch else ()
    default_ref = next((name for name in names if name in commits), None)
    words = (facts.reason or "").split("; ")
    remarks: list[str] = [word for word in ("shallow", "partial") if word in words]
    remarks += ["grafted"] if roots.kind(located.common_dir + b"/info/grafts") == FILE else []
    remarks += ["replaced"] if any(ref.name.startswith(b"refs/replace/") for ref in every) else []
    has_remote_refs = any(ref.name.startswith(b"refs/remotes/") for ref in every)
    is_tracked = has_remote_refs and config.remote_kind != MIRRORED
    remote_kind = TRACKED if is_tracked else config.remote_kind
    about_history = None if facts.kind == "bare" else _about_history(roots, located)
    parts = [
        hashlib.sha256(repr(about_history).encode()).hexdigest(),
        f"reader {READER}",
        facts.fingerprint,
        repr([(ref.name, ref.oid, ref.target) for ref in every]),
        repr([(tree.path, tree.head_ref, tree.head) for tree in worktrees]),
        repr(remarks),
        remote_kind,
        f"unsaved {UNSAVED_READER}",
    ]
    return RefSnapshot(
        facts=facts,
        located=located,
        refs=every,
        worktrees=worktrees,
        default_ref=default_ref,
        default_commit=commits[default_ref] if default_ref else facts.head_commit,
        remarks=remarks,
        remote_kind=remote_kind,
        about_history=about_history,
        fingerprint=hashlib.sha256("\n".join(parts).encode()).hexdigest(),
    )


def _about_history(roots: Roots, located: Located) -> dict[bytes, bytes]:
    """Return name → content of regular files; git does not follow links there either."""
    found = {}
    for name in _FILES_ABOUT_HISTORY:
        path = (located.work_tree or located.git_dir) + b"/" + name
        try:
            found[name] = roots.read(path, "file", _ABOUT_HISTORY_BYTES) or b""
        except RepositoryError:
            continue
    return found


def _truncations(config: RepositoryConfig, located: Located) -> list[str]:
    """Return the reasons, known before git runs, why only a part can be read."""
    reasons = {
        "reftable": config.ref_storage == "reftable",
        "shallow": bool(located.shallow),
        "partial": config.is_partial,
        located.alternates_problem or "": located.alternates_problem is not None,
    }
    return [reason for reason, holds in reasons.items() if holds]


def _with_history(
    session: GitSession, facts: RepositoryFacts, head: str, since_s: int
) -> RepositoryFacts:
    """Add the facts that need the objects; unreadable ones stay None, with the reason."""
    objects: list[recent_history.Object] = []
    problem = recent_history.read_objects(session, [head], objects.append)
    if problem or not objects or objects[0][1] != "commit":
        kind = objects[0][1] if objects else "missing"
        reason = problem or ("objects_missing" if kind == "missing" else f"head_is_{kind}")
        state = "broken" if not problem or problem.startswith("objects") else "truncated"
        return replace(_truncated(facts, f"{reason}: head"), state=state)
    facts = replace(facts, last_commit_at_s=recent_history.committed_at_s(objects[0][2]))

    commits = None
    oids, problem = recent_history.recent_oids(session, head, since_s)
    if oids is not None:
        commits, commits_problem = recent_history.recent_commits(session, oids)
        problem = problem or commits_problem
    if problem:
        facts = _truncated(facts, f"{problem}: history")
    files, problem = recent_history.tracked_files(session, head)
    if problem:
        facts = _truncated(facts, f"{problem}: tree")
    return replace(facts, recent_commits=commits, tracked_files=files)


def _truncated(facts: RepositoryFacts, reason: str) -> RepositoryFacts:
    state = "truncated" if facts.state == "read" else facts.state
    return replace(
        facts, state=state, reason=f"{facts.reason}; {reason}" if facts.reason else reason
    )


def _repository_error(error: Exception) -> RepositoryError:
    """Convert any exception, so that an unexpected one does not end the crawl of the others."""
    if isinstance(error, RepositoryError):
        return error
    # The cause is this machine, not the repository: a full disk or too many open files.
    if isinstance(error, OSError):
        return RepositoryError(
            "truncated", f"system_error: {errno.errorcode.get(error.errno or 0, 'unknown')}"
        )
    return RepositoryError("truncated", f"reader_error: {type(error).__name__}")


def _with_fingerprint(facts: RepositoryFacts, *more: str) -> RepositoryFacts:
    """Return the facts with a fingerprint over them and `more`."""
    text = json.dumps([repr(facts), *more])
    return replace(
        facts, fingerprint=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    )
