"""Land what work trees have that HEAD has not, where that changed since it was last landed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loaders.base import clock
from loaders.base.paths import clean_text, text_of
from loaders.safe_git.reader import RepositoryReader
from loaders.safe_git.repository_facts import RefSnapshot
from loaders.safe_git.safe_files import RepositoryError
from loaders.safe_git.unsaved import Staged, Stash, Unsaved
from loaders.sources.git_history.history_rows import moment
from loaders.sources.git_history.known_history import Crawled, Known
from loaders.zone.runs import Run

# A work tree with more such paths lands these.
_MOST_PATHS = 100_000


@dataclass(frozen=True)
class Stale:
    """A repository whose unsaved work is to be read again."""

    crawled: Crawled
    snapshot: RefSnapshot
    stamp: str
    head_tree: str | None


def stale(
    reader: RepositoryReader, known: Known, crawled: Crawled, snapshot: RefSnapshot
) -> Stale | None:
    """Return what is to be read; None if nothing changed since the landed reading."""
    stamp = reader.unsaved_stamp(snapshot)
    landed, head, tree = known.unsaved.get(crawled.path, (None, None, None))
    if landed == stamp:
        return None
    is_same_head = head == snapshot.facts.head_commit
    return Stale(crawled, snapshot, stamp, tree if is_same_head else None)


def land_unsaved(
    run: Run,
    reader: RepositoryReader,
    known: Known,
    items: Sequence[Stale],
    trees: Mapping[str, str | None],
    in_threads: Callable[..., Any],
) -> None:
    """Read and land *items*; *trees* is path → the tree of HEAD, as far as it is known."""

    def tree_of(item: Stale) -> str | None:
        return trees.get(item.crawled.path) or item.head_tree

    def read(item: Stale) -> tuple[Unsaved, list[Stash]]:
        filtered = known.filtered.get(item.crawled.path, frozenset())
        if item.snapshot.located.kind == "bare":
            unsaved = Unsaved()
        else:
            unsaved = reader.read_unsaved(item.snapshot, tree_of(item), filtered)
        try:
            return unsaved, reader.read_stashes(item.snapshot)
        except RepositoryError as error:
            unsaved.state, unsaved.reason = "unknown", error.reason
            return unsaved, []

    for item, (unsaved, stashes) in zip(items, in_threads(read, items), strict=True):
        path = item.crawled.path
        run.table("git_unsaved").append_rows(
            [_row(item, unsaved, stashes) | {"head_tree": tree_of(item)}]
        )
        run.table("git_index_entries").append_rows(
            [_entry_row(path, staged) for staged in unsaved.paths[:_MOST_PATHS]]
        )
        run.table("git_stashes").append_rows([_stash_row(path, stash) for stash in stashes])


def _row(item: Stale, unsaved: Unsaved, stashes: Sequence[Stash]) -> dict[str, Any]:
    facts = item.snapshot.facts
    # A failure of this machine is tried again.
    is_lasting = not (unsaved.reason or "").startswith(("system_error", "timeout", "memory_limit"))
    return {
        "path": item.crawled.path,
        "stamp": item.stamp if is_lasting else None,
        "state": unsaved.state,
        "reason": clean_text(unsaved.reason) if unsaved.reason else None,
        "common_dir": text_of(item.snapshot.located.common_dir),
        "head_commit": facts.head_commit,
        "operation": unsaved.operation,
        "remote_kind": item.snapshot.remote_kind,
        "has_own_attributes": unsaved.has_own_attributes,
        "index_at_ns": unsaved.index_at_ns,
        "skipped_count": unsaved.skipped,
        "stash_count": len(stashes),
        "entry_count": len(unsaved.paths),
        "object_format": facts.object_format,
        "read_at": clock.as_naive_utc(clock.now()),
    }


def _entry_row(path: str, staged: Staged) -> dict[str, Any]:
    entry = staged.entry
    return {
        "worktree_path": path,
        "path": path.rstrip("/") + "/" + text_of(entry.path),
        "change": staged.change,
        "mode": entry.mode,
        "blob_id": entry.oid,
        "is_assumed": entry.is_assumed,
        "is_skipped": entry.is_skipped,
        "is_intended": entry.is_intended,
        "size_bytes": entry.size,
        "mtime_ns": entry.mtime_ns,
    }


def _stash_row(path: str, stash: Stash) -> dict[str, Any]:
    return {
        "repository_path": path,
        "stash_number": stash.number,
        "commit_sha": stash.commit,
        "stashed_at": None if stash.at_s is None else moment(stash.at_s),
        "message": text_of(stash.message),
    }
