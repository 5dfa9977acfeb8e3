"""The rows about a repository itself, once its history is read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from loaders.base.paths import text_of
from loaders.safe_git.worktrees import Worktree
from loaders.sources.git_history.history_rows import moment
from loaders.sources.git_history.read import Outcome


def repository_row(outcome: Outcome, reason: str | None, read_at: datetime) -> dict[str, Any]:
    """Return the row of `git_repositories`; *reason* is the clean text of the reasons."""
    snapshot, facts = outcome.snapshot, outcome.snapshot.facts
    return {
        "path": outcome.crawled.path,
        "state": outcome.state,
        "reason": reason,
        "fingerprint": None if outcome.should_retry else snapshot.fingerprint,
        "object_format": facts.object_format,
        "head_ref": facts.head_ref,
        "head_commit": facts.head_commit,
        "default_ref": text_of(snapshot.default_ref) if snapshot.default_ref else None,
        "default_commit": snapshot.default_commit,
        "is_shallow": "shallow" in snapshot.remarks,
        "is_partial": "partial" in snapshot.remarks,
        "is_grafted": not {"grafted", "replaced"}.isdisjoint(snapshot.remarks),
        "commit_count": outcome.commit_count,
        "unread_count": outcome.unread_count,
        "read_at": read_at,
    }


def worktree_rows(outcome: Outcome) -> list[dict[str, Any]]:
    """Return the rows of `git_worktrees`."""

    def unpushed(tree: Worktree) -> int | None:
        is_detached = tree.head_ref is None and tree.head is not None
        return outcome.unpushed.heads.get(tree.head or "") if is_detached else None

    return [
        {
            "repository_path": outcome.crawled.path,
            "worktree_path": text_of(tree.path),
            "is_main": tree.is_main,
            "is_locked": tree.is_locked,
            "head_ref": text_of(tree.head_ref) if tree.head_ref else None,
            "head_commit": tree.head,
            "actor_name": text_of(tree.last.name) if tree.last else None,
            "actor_email": text_of(tree.last.email) if tree.last else None,
            "acted_at": moment(tree.last.at_s) if tree.last else None,
            "action": text_of(tree.last.what) if tree.last else None,
            "unpushed_count": unpushed(tree),
        }
        for tree in outcome.snapshot.worktrees
    ]
