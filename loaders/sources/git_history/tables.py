"""The landed tables of git history.

A commit and its changes are the same in every repository: they land once, and `git_members` gives
the repositories that have them. The present state of a repository is in the rows of its newest run,
but in `git_members` it is the newest row of each commit. Object ids are hexadecimal.
"""

from __future__ import annotations

import pyarrow as pa

from loaders.base.integrity import MOST, Rules
from loaders.base.masking import LEFT
from loaders.base.masking import TEXT as TEXT_OF_PEOPLE
from loaders.sources.git_history.ref_tables import REF_CHANGES
from loaders.zone.schemas import Table, declare

_utc = pa.timestamp("us")

_SAME_COMMIT = "other.commit_sha = one.commit_sha and other.parent_number = one.parent_number"

TABLES = declare(
    Table(
        "git_repositories",
        "One row per repository whose refs, or whose trouble, changed since it was last landed.",
        [
            ("path", pa.string()),
            ("state", pa.string()),
            ("reason", pa.string()),
            (
                "fingerprint",
                pa.string(),
                "Digest of the refs; NULL if the repository is to be read again.",
            ),
            ("object_format", pa.string()),
            ("head_ref", pa.string()),
            ("head_commit", pa.string()),
            (
                "default_ref",
                pa.string(),
                "The ref with the chain of first parents; NULL if that is HEAD.",
            ),
            ("default_commit", pa.string()),
            ("is_shallow", pa.bool_()),
            ("is_partial", pa.bool_()),
            (
                "is_grafted",
                pa.bool_(),
                "Whether grafts or replaced objects exist, which are ignored.",
            ),
            ("commit_count", pa.int64(), "Commits that refs reach."),
            ("unread_count", pa.int64(), "Commits with changes that could not be read."),
            ("read_at", _utc),
        ],
        Rules(
            "git",
            "path",
            required="state",
            words={"state": "read empty truncated refused broken"},
            paths="path",
            counts="commit_count unread_count",
            moments="read_at",
        ),
    ),
    Table(
        "git_refs",
        "One row per ref of each landed state of a repository.",
        [
            ("repository_path", pa.string()),
            ("ref_name", pa.string()),
            ("object_id", pa.string()),
            ("object_type", pa.string()),
            (
                "commit_sha",
                pa.string(),
                "The commit that the ref, or its tag, leads to; NULL if it is not a commit.",
            ),
            ("symbolic_target", pa.string()),
            (
                "ahead_count",
                pa.int64(),
                "Commits of a branch that are not in the default branch.",
            ),
            ("behind_count", pa.int64()),
            (
                "unpushed_count",
                pa.int64(),
                "Commits of a branch that no remote-tracking ref reaches; NULL if unknown.",
            ),
            (
                "has_content_on_remote",
                pa.bool_(),
                "Whether the default branch of the remote has its changes; NULL: not compared.",
            ),
        ],
        Rules(
            "git",
            "repository_path ref_name",
            required="object_id",
            words={"object_type": "commit tag tree blob missing"},
            paths="repository_path",
            counts="ahead_count behind_count unpushed_count",
        ),
    ),
    REF_CHANGES,
    Table(
        "git_worktrees",
        "One row per work tree of each landed state of a repository.",
        [
            ("repository_path", pa.string()),
            ("worktree_path", pa.string()),
            ("is_main", pa.bool_()),
            ("is_locked", pa.bool_()),
            ("head_ref", pa.string()),
            ("head_commit", pa.string()),
            ("actor_name", pa.string(), "Name of the author of the last move of HEAD."),
            ("actor_email", pa.string()),
            ("acted_at", _utc),
            ("action", pa.string()),
            (
                "unpushed_count",
                pa.int64(),
                "Commits of a detached HEAD that no ref reaches; NULL if it is on a branch.",
            ),
        ],
        Rules(
            "git",
            "repository_path worktree_path",
            paths="repository_path worktree_path",
            counts="unpushed_count",
        ),
    ),
    Table(
        "git_mailmaps",
        "One row per address, or name and address, that `.mailmap` maps in each landed state of a "
        "repository.",
        [
            ("repository_path", pa.string()),
            ("mapping_number", pa.int32(), "From 1."),
            ("commit_email", pa.string(), "The address in commits, in lower case."),
            ("commit_name", pa.string(), "The name in commits, in lower case; empty: every name."),
            ("proper_name", pa.string(), "NULL: the name of the commit stays."),
            ("proper_email", pa.string(), "NULL: the address of the commit stays."),
        ],
        Rules(
            "git",
            "repository_path mapping_number",
            paths="repository_path",
            clashes={
                "commit_email: mapped twice": (
                    "other.repository_path = one.repository_path and other.commit_email ="
                    " one.commit_email and other.commit_name = one.commit_name"
                    " and other.mapping_number < one.mapping_number"
                ),
            },
        ),
        masked={TEXT_OF_PEOPLE: "commit_email commit_name proper_name proper_email"},
    ),
    Table(
        "git_ignored_revisions",
        "One row per commit that `.git-blame-ignore-revs` names in each landed state of a "
        "repository.",
        [("repository_path", pa.string()), ("commit_sha", pa.string())],
        Rules("git", "repository_path commit_sha", paths="repository_path"),
    ),
    Table(
        "git_members",
        "One row per commit of a repository whose standing there changed.",
        [
            ("repository_path", pa.string()),
            ("commit_sha", pa.string()),
            ("is_reachable", pa.bool_()),
            ("is_in_default", pa.bool_(), "Reached from the default branch, by whichever parents."),
            (
                "chain_place",
                pa.int32(),
                "In the first-parent chain of the default branch, from 1; else NULL.",
            ),
        ],
        Rules(
            "git",
            "repository_path commit_sha",
            paths="repository_path",
            more={"chain_place: less than 1": "chain_place >= 1"},
        ),
    ),
    Table(
        "git_commits",
        "One row per commit, once; again where more of it could be read later.",
        [
            ("commit_sha", pa.string()),
            (
                "changes_state",
                pa.string(),
                "Read, exact, boundary, why its changes are missing, or `text`: without changes.",
            ),
            ("tree_id", pa.string()),
            ("parents", pa.list_(pa.string())),
            ("author_name", pa.string()),
            ("author_email", pa.string()),
            ("authored_at", _utc),
            ("author_zone", pa.string()),
            ("committer_name", pa.string()),
            ("committer_email", pa.string()),
            ("committed_at", _utc),
            ("committer_zone", pa.string()),
            ("subject", pa.string()),
            ("body", pa.string()),
            ("reader", pa.int16(), "Version of the reader of its texts; NULL before version 2."),
        ],
        Rules("git", "commit_sha", required="changes_state author_email"),
    ),
    Table(
        "git_changes",
        "One row per commit, parent and changed path.",
        [
            ("commit_sha", pa.string()),
            ("parent_number", pa.int16(), "From 1; also 1 for a first commit."),
            ("change_type", pa.string(), "A, M, D, R, T."),
            ("similarity", pa.int16(), "Similarity of a renamed file to the old one, in percent."),
            ("path", pa.string()),
            ("old_path", pa.string()),
            ("mode_before", pa.string()),
            ("mode_after", pa.string()),
            ("blob_before", pa.string()),
            ("blob_after", pa.string()),
        ],
        Rules(
            "git",
            "commit_sha parent_number path",
            required="change_type",
            words={"change_type": "A M D R T"},
            inner_paths="path old_path",
            more={
                "parent_number: less than 1": "parent_number >= 1",
                "similarity: not in percent": "similarity between 0 and 100",
                "old_path: missing": "change_type <> 'R' or old_path is not null",
                "old_path: the path itself": "old_path <> path",
            },
            # A renamed file is not there any more, and went to one place.
            clashes={
                "old_path: also changed by the same commit": (
                    f"one.change_type = 'R' and other.path = one.old_path and {_SAME_COMMIT}"
                ),
                "old_path: renamed twice": (
                    "one.change_type = 'R' and other.change_type = 'R' and other.old_path = "
                    "one.old_path"
                    f" and {_SAME_COMMIT} and other.path < one.path"
                ),
            },
        ),
    ),
    Table(
        "git_lines",
        "One row per commit of one parent or none whose lines were counted: the second pass.",
        [
            ("commit_sha", pa.string()),
            ("state", pa.string(), "Read, exact, or why not."),
            (
                "files",
                pa.list_(
                    pa.struct(
                        [("path", pa.string()), ("added", pa.int64()), ("removed", pa.int64())]
                    )
                ),
            ),
        ],
        Rules(
            "git",
            "commit_sha",
            required="state",
            more={
                "files: a path is missing, or there twice": (
                    "len(files) = len(list_distinct(list_transform(files, lambda file: file.path)))"
                ),
                "files: not a count of lines": (
                    f"len(list_filter(files, lambda file: file.added not between 0 and {MOST}"
                    f" or file.removed not between 0 and {MOST})) = 0"
                ),
            },
        ),
    ),
    Table(
        "git_unsaved",
        "One row per repository or work tree whose index, stashes, remotes or operation changed.",
        [
            ("path", pa.string()),
            ("stamp", pa.string(), "Digest of what was read; NULL if it is to be read again."),
            (
                "state",
                pa.string(),
                "`unchecked`: nothing is checked out; `unknown`: see the reason.",
            ),
            ("reason", pa.string()),
            ("common_dir", pa.string(), "The folder that all work trees of a repository share."),
            ("head_commit", pa.string()),
            ("head_tree", pa.string(), "The tree of HEAD; NULL if git had to compare with it."),
            ("operation", pa.string(), "merge, rebase, cherry-pick or revert, if one did not end."),
            (
                "remote_kind",
                pa.string(),
                "`tracked`: refs state what remotes have; `untracked`: none does; `mirrored`: all.",
            ),
            (
                "has_own_attributes",
                pa.bool_(),
                "Whether `info/attributes` names a filter, an encoding or `ident`.",
            ),
            ("index_at_ns", pa.int64(), "Time of the index, nanoseconds since 1970."),
            ("skipped_count", pa.int64(), "Paths that a sparse checkout leaves out."),
            ("stash_count", pa.int64(), "Stashes of the repository."),
            ("entry_count", pa.int64(), "Rows of git_index_entries, also those above the limit."),
            ("object_format", pa.string()),
            ("read_at", _utc),
        ],
        Rules(
            "git",
            "path",
            required="state remote_kind",
            words={
                "state": "read unchecked unknown",
                "operation": "merge rebase cherry-pick revert",
                "remote_kind": "none tracked mirrored untracked",
            },
            paths="path common_dir",
            counts="skipped_count stash_count entry_count",
            moments="read_at",
        ),
        masked={LEFT: "stamp common_dir head_tree reason operation remote_kind"},
    ),
    Table(
        "git_index_entries",
        "One row per path of a landed index that differs from HEAD or has a flag, and per path "
        "under a filter.",
        [
            ("worktree_path", pa.string(), "The work tree of the index."),
            ("path", pa.string(), "Absolute."),
            ("change", pa.string(), "A, M, D, T against HEAD; U for a conflict; NULL for none."),
            ("mode", pa.int64(), "As in a tree of git; 0 if it was deleted."),
            ("blob_id", pa.string(), "Id of the content in the index."),
            ("is_assumed", pa.bool_(), "Whether git does not check the file: assume-unchanged."),
            ("is_skipped", pa.bool_(), "Whether git keeps the file unchanged: skip-worktree."),
            ("is_intended", pa.bool_(), "Whether it is to be added later: `git add -N`."),
            ("size_bytes", pa.int64(), "When git last found the file unchanged, modulo 2 ** 32."),
            ("mtime_ns", pa.int64(), "Nanoseconds since 1970, of the same moment."),
        ],
        Rules(
            "git",
            "worktree_path path",
            words={"change": "A M D T U"},
            paths="worktree_path path",
        ),
        masked={LEFT: "blob_id change"},
    ),
    Table(
        "git_stashes",
        "One row per stash of each landed state of a repository.",
        [
            ("repository_path", pa.string()),
            ("stash_number", pa.int64(), "0 is the newest."),
            ("commit_sha", pa.string()),
            ("stashed_at", _utc, "NULL without a log of stashes."),
            ("message", pa.string(), "The branch and what its user wrote."),
        ],
        Rules(
            "git",
            "repository_path stash_number",
            required="commit_sha",
            paths="repository_path",
            counts="stash_number",
        ),
        masked={TEXT_OF_PEOPLE: "message"},
    ),
)

# Words of changes_state and of git_lines.state that say that all was read that can be had.
BOUNDARY = "boundary"
TEXT = "text"
FINAL_STATES = ("read", "exact", "too_many_changes", "timeout", "output_odd")
