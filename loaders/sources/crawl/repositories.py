"""Land the repositories of one crawl root: their state, recent commits and tracked files."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from loaders.base import clock
from loaders.base.masking import is_landed_as
from loaders.base.paths import bytes_if_different, clean_text, text_of
from loaders.safe_git.path_rules import OwnRules
from loaders.safe_git.reader import RepositoryReader
from loaders.safe_git.repository_facts import RepositoryFacts
from loaders.sources.crawl.known_files import KnownRepository
from loaders.sources.crawl.walk import fate_of
from loaders.zone.runs import Run

RECENT_DAYS = 90
# Truncations that are properties of the clone, not problems.
_EXPECTED_TRUNCATIONS = {"shallow", "partial"}


def crawl_repositories(
    run: Run,
    root: bytes,
    roots: Sequence[bytes],
    found: Sequence[tuple[bytes, bool]],
    known: dict[bytes, KnownRepository],
    seen: dict[bytes, str],
) -> dict[bytes, OwnRules]:
    """Read the repositories *found* (path, is bare) below *root* and land those that changed.

    A repository with unchanged HEAD, branches and remote is not read again. A repository that could
    not be read is tried in every crawl. *seen* is directory → its state in this crawl. Returns work
    tree → rules that are in its git directory.
    """
    since = int(clock.now().timestamp()) - RECENT_DAYS * 86_400
    with RepositoryReader(list(roots)) as reader, ThreadPoolExecutor(2) as threads:
        run.safeguards["network_isolation"] = reader.network_isolated

        peeks = list(threads.map(lambda item: reader.peek(item[0], bare=item[1]), found))
        described = [(*item, peek) for item, peek in zip(found, peeks, strict=True)]
        # `git init --separate-git-dir`: git data that a `.git` file elsewhere names.
        taken = {peek.git_dir for path, _, peek in described if peek.git_dir != path}
        mine = [item for item in described if item[0] not in taken]

        def read(item: tuple[bytes, bool, RepositoryFacts]) -> RepositoryFacts | None:
            path, is_bare, peeked = item
            before = known.get(path)
            if (
                before
                and before.state in ("read", "empty")
                and before.fingerprint == peeked.fingerprint
            ):
                return None
            return reader.read(path, since_s=since, bare=is_bare, peeked=peeked)

        for (path, *_), facts in zip(mine, threads.map(read, mine), strict=True):
            if facts is not None:
                _land(run, root, path, facts, known.get(path))
    _land_gone(run, root, {path for path, *_ in mine}, known, seen)
    return {path: peeked.own_rules for path, is_bare, peeked in mine if not is_bare}


def _land(
    run: Run, root: bytes, path: bytes, facts: RepositoryFacts, before: KnownRepository | None
) -> None:
    reason = clean_text(facts.reason) if facts.reason else None
    if not _is_expected(facts.state, reason):
        run.problem(f"{text_of(path)}: repository {facts.state}: {reason}")
    if before and any(word.startswith("system_error: ") for word in (reason or "").split("; ")):
        return  # The cause is this machine: the landed state remains, and the problem reports it.
    if (
        before
        and (before.state, before.fingerprint) == (facts.state, facts.fingerprint)
        and is_landed_as(reason, before.reason)
    ):
        return
    run.table("crawl_repositories").append_rows([_repository_row(root, path, facts, reason)])
    _land_commits(run, path, facts)
    _land_tracked_files(run, path, facts)


def _is_expected(state: str, reason: str | None) -> bool:
    """Return whether the state is normal: objects may be missing in shallow and partial clones."""
    if state in ("read", "empty"):
        return True
    words = set((reason or "").split("; "))
    if state != "truncated" or words.isdisjoint(_EXPECTED_TRUNCATIONS):
        return False
    return all(
        word in _EXPECTED_TRUNCATIONS or word.startswith("objects_missing") for word in words
    )


def _repository_row(
    root: bytes, path: bytes, facts: RepositoryFacts, reason: str | None
) -> dict[str, Any]:
    return {
        **_identity(root, path),
        "kind": facts.kind,
        "state": facts.state,
        "reason": reason,
        "fingerprint": facts.fingerprint,
        "head_ref": _clean(facts.head_ref),
        "head_commit": facts.head_commit,
        "default_branch": _clean(facts.default_branch),
        "remote_url": _clean(facts.remote_url),
        "last_commit_at": _moment(facts.last_commit_at_s),
        "has_history": facts.recent_commits is not None,
        "has_tracked_files": facts.tracked_files is not None,
        "worktree_pointers": [text_of(pointer) for pointer in facts.worktree_pointers],
        "read_at": clock.as_naive_utc(clock.now()),
        "is_sparse": facts.is_sparse,
    }


def _identity(root: bytes, path: bytes) -> dict[str, Any]:
    text = text_of(path)
    return {
        "root_path": text_of(root),
        "path": text,
        "path_bytes": bytes_if_different(path, text),
        "vcs": "git",
    }


def _land_commits(run: Run, path: bytes, facts: RepositoryFacts) -> None:
    commits = facts.recent_commits or []
    run.table("crawl_commits").append(
        {
            "repository_path": [text_of(path)] * len(commits),
            "commit_sha": [commit.sha for commit in commits],
            "committed_at": [_moment(commit.committed_at_s) for commit in commits],
            "author_hash": [commit.author_email_hash for commit in commits],
        }
    )


def _land_tracked_files(run: Run, path: bytes, facts: RepositoryFacts) -> None:
    tracked = facts.tracked_files or []
    run.table("crawl_tracked_files").append(
        {
            "repository_path": [text_of(path)] * len(tracked),
            "path": [text_of(path.rstrip(b"/") + b"/" + file.path) for file in tracked],
            "mode": [file.mode for file in tracked],
            "object_id": [file.oid for file in tracked],
        }
    )


def _land_gone(
    run: Run,
    root: bytes,
    found: set[bytes],
    known: dict[bytes, KnownRepository],
    seen: dict[bytes, str],
) -> None:
    rows = []
    for path in sorted(known.keys() - found):
        fate = (
            {"listed": "gone", "excluded": "excluded", "unreadable": None}.get(seen[path])
            if path in seen
            else (fate_of(path, seen))
        )
        if fate:
            rows.append({**_identity(root, path), "state": "gone", "reason": fate})
    run.table("crawl_repositories").append_rows(rows)


def _clean(text: str | None) -> str | None:
    return None if text is None else clean_text(text)


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
