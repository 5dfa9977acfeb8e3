"""The facts about one repository, in the two forms in which `RepositoryReader` returns them."""

from __future__ import annotations

from dataclasses import dataclass, field

from loaders.safe_git.path_rules import OwnRules
from loaders.safe_git.preflight import Located
from loaders.safe_git.recent_history import RecentCommit, TrackedFile
from loaders.safe_git.refs import Ref
from loaders.safe_git.worktrees import Worktree


@dataclass(frozen=True)
class RepositoryFacts:
    """The facts about one repository.

    `state` is `read`, `empty` (no commit yet), `truncated` (read in part, see `reason`), `refused`
    (unsafe to read) or `broken` (git could not read it either). `reason` is a list of short words
    without control characters, joined by `; `, some with a detail after `: `.
    """

    git_dir: bytes | None = None  # canonical and absolute; None if it was not reached
    kind: str = "directory"  # directory, gitfile, worktree, bare
    state: str = "read"
    reason: str | None = None
    object_format: str | None = None  # sha1, sha256
    head_ref: str | None = None  # refs/heads/main; None if detached
    head_commit: str | None = None
    default_branch: str | None = None
    remote_url: str | None = None  # see clean_remote_url
    is_sparse: bool = False  # the work tree may have a part of HEAD only
    last_commit_at_s: int | None = None  # committer time of HEAD, UTC seconds
    recent_commits: list[RecentCommit] | None = None  # None: not readable
    tracked_files: list[TrackedFile] | None = None  # None: not readable; otherwise complete
    # Linked work trees, as named, not followed.
    worktree_pointers: list[bytes] = field(default_factory=list)
    fingerprint: str = ""  # equal for two peeks if nothing above changed between them
    own_rules: OwnRules = field(default=OwnRules(None, None), repr=False)


@dataclass(frozen=True)
class RefSnapshot:
    """The refs of one repository and the location of its objects, read without running git.

    `fingerprint` is equal for two snapshots if no ref, work tree or boundary changed between them.
    `remarks` are short words for reasons why history may be incomplete or altered: shallow,
    partial, grafted, replaced.
    """

    facts: RepositoryFacts
    located: Located
    refs: list[Ref]
    worktrees: list[Worktree]
    # The ref of the default branch; None if HEAD takes its place.
    default_ref: bytes | None
    default_commit: str | None
    remarks: list[str]
    remote_kind: str  # none, tracked, mirrored, untracked: see `config`
    # The `.mailmap` and the like of the work tree; None without one: those of HEAD count then.
    about_history: dict[bytes, bytes] | None
    fingerprint: str
