"""Convert the output of git to rows of landed tables, by column because there are millions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.safe_git.changes import Changes, Pair
from loaders.safe_git.commits import READER, Commit, Identity, parse_commit
from loaders.safe_git.recent_history import Object
from loaders.sources.git_history.tables import TABLES

Put = Callable[[str, pa.Table], None]

_COMMITS_HELD = 5_000
_BYTES_HELD = 8 << 20


def changes_table(run_id: str, pairs: Sequence[Pair], changes: Changes) -> pa.Table:
    """Return changes as rows of `git_changes`."""
    length = len(changes.paths)
    heads = pa.array(changes.heads, pa.string())
    # `:100644 100644 <id> <id> M`, with ids of 40 or of 64 digits.
    digits = len(pairs[0].commit)
    no_mode, no_id = "000000", "0" * digits
    letter = 17 + 2 * digits
    at_pair = np.repeat(changes.pairs, changes.counts)
    commits = pa.array([pairs[number].commit for number in changes.pairs], pa.string())
    columns = {
        "run_id": _same(run_id, length),
        "commit_sha": commits.take(pa.array(np.repeat(np.arange(len(commits)), changes.counts))),
        "parent_number": pa.array(np.array([pair.number for pair in pairs], np.int16)[at_pair]),
        "change_type": pc.utf8_slice_codeunits(heads, letter, letter + 1),
        "similarity": _known(pc.utf8_slice_codeunits(heads, letter + 1), "").cast(pa.int16()),
        "path": pa.array(changes.paths, pa.string()),
        "old_path": pa.array(changes.old_paths, pa.string()),
        "mode_before": _known(pc.utf8_slice_codeunits(heads, 1, 7), no_mode),
        "mode_after": _known(pc.utf8_slice_codeunits(heads, 8, 14), no_mode),
        "blob_before": _known(pc.utf8_slice_codeunits(heads, 15, 15 + digits), no_id),
        "blob_after": _known(pc.utf8_slice_codeunits(heads, 16 + digits, 16 + 2 * digits), no_id),
    }
    return pa.table(columns, schema=TABLES["git_changes"].schema)


def _same(value: str, length: int) -> pa.Array:
    return pa.array([value]).take(pa.array(np.zeros(length, np.int32)))


def _known(column: pa.Array, missing: str) -> pa.Array:
    return pc.if_else(pc.equal(column, missing), None, column)


class CommitRows:
    """Collects commit objects as rows of `git_commits` and passes them to *put* in batches."""

    def __init__(self, run_id: str, states: dict[str, str], put: Put) -> None:
        self.count = 0
        self._run_id = run_id
        self._states = states
        self._put = put
        self._held: list[tuple[str, Commit]] = []
        self._bytes = 0

    def add(self, found: Object) -> None:
        """Add one object of `read_objects`."""
        oid, kind, data = found
        if kind != "commit":
            return
        self._held.append((oid, parse_commit(data)))
        self._bytes += len(data)
        if len(self._held) >= _COMMITS_HELD or self._bytes >= _BYTES_HELD:
            self.flush()

    def flush(self) -> None:
        """Pass the buffered rows on."""
        if not self._held:
            return
        shas = [sha for sha, _ in self._held]
        commits = [commit for _, commit in self._held]
        columns = {
            "run_id": _same(self._run_id, len(shas)),
            "commit_sha": shas,
            "changes_state": [self._states[sha] for sha in shas],
            "tree_id": [commit.tree for commit in commits],
            "parents": [commit.parents for commit in commits],
            **_identities("author", [commit.author for commit in commits], "authored_at"),
            **_identities("committer", [commit.committer for commit in commits], "committed_at"),
            "subject": [commit.subject for commit in commits],
            "body": [commit.body for commit in commits],
            "reader": [READER] * len(commits),
        }
        self._put("git_commits", pa.table(columns, schema=TABLES["git_commits"].schema))
        self.count += len(shas)
        self._held, self._bytes = [], 0


def _identities(who: str, identities: Sequence[Identity], at: str) -> dict[str, object]:
    return {
        f"{who}_name": [identity.name for identity in identities],
        f"{who}_email": [identity.email for identity in identities],
        at: pa.array([identity.at_s for identity in identities], pa.timestamp("s")).cast(
            pa.timestamp("us")
        ),
        f"{who}_zone": [identity.zone for identity in identities],
    }


class LineRows:
    """Collects line counts as rows of `git_lines`, one per commit."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        self._pairs = pairs
        self._files: dict[str, list[dict[str, object]]] = {pair.commit: [] for pair in pairs}

    def add(self, changes: Changes) -> None:
        """Add changes of `read_changes`. Binary files have no line counts."""
        numbers = np.repeat(changes.pairs, changes.counts).tolist()
        for number, head, path in zip(numbers, changes.heads, changes.paths, strict=True):
            added, _, removed = head.partition("\t")
            known = added != "-"
            counts = (int(added), int(removed)) if known else (None, None)
            self._files[self._pairs[number].commit].append(
                {"path": path, "added": counts[0], "removed": counts[1]}
            )

    def table(self, run_id: str, states: dict[str, str]) -> pa.Table:
        """Return the rows; `files` is NULL for a commit that was not read completely."""
        shas = list(self._files)
        state_of = [states.get(sha, "read") for sha in shas]
        columns = {
            "run_id": _same(run_id, len(shas)),
            "commit_sha": shas,
            "state": state_of,
            "files": [
                self._files[sha] if state in ("read", "exact") else None
                for sha, state in zip(shas, state_of, strict=True)
            ],
        }
        return pa.table(columns, schema=TABLES["git_lines"].schema)


@lru_cache(1024)
def moment(seconds: int | None) -> datetime | None:
    """Return the naive UTC time of a number of seconds."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
