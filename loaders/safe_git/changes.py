"""Read the changes of commits from `diff-tree -z`, `--raw` or `--numstat` (git-diff-tree(1)).

git gets pairs of a commit and one of its parents and answers in the same order, so each change
belongs to a known parent. Rows are passed on in batches, so memory use does not depend on the
number of files that a commit changes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from loaders.base.paths import text_of
from loaders.safe_git.sandbox import GitSession

_BATCH_ROWS = 50_000
# A diff this large is treated as an attack: 11 objects are enough to make git print 10^10 paths.
MOST_CHANGES = 2_000_000
_OUTPUT_BYTES = 1 << 40
# The bytes that text_of leaves unchanged; output made only of these needs no conversion by token.
_PLAIN = bytes(code for code in range(0x20, 0x7F) if code != ord("\\")) + b"\0"
_SIMILAR, _EXACT = "-M", "-M100%"
# Problems for which this process killed git.
_STOPPED = {"timeout", "too_many_changes", "output_odd", "output_limit"}
# Problems that may be due to missing contents; detecting exact renames does not need them.
_BLOBS_WANTED = {"objects_missing", "objects_corrupt", "memory_limit"}
# After this many failing pairs, pairs are no longer retried one by one: in a partial clone, most
# of them would fail.
_MOST_FAILURES = 300


class Pair(NamedTuple):
    """A commit and one of its parents; the parent of a root commit is None."""

    commit: str
    parent: str | None
    number: int  # of the parent, from 1

    def __str__(self) -> str:
        return f"{self.commit} {self.parent}" if self.parent else self.commit


@dataclass
class Changes:
    """Changes as columns, grouped by pair: `pairs` are indexes, `counts` the rows of each.

    `heads` are `:<mode> <mode> <blob> <blob> <letter><similarity>`, or the numbers of lines as
    `<added>\\t<removed>`.
    """

    pairs: list[int] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    old_paths: list[str | None] = field(default_factory=list)


class TooManyChanges(Exception):
    """One pair has more than MOST_CHANGES changes."""


class _Reader(ABC):
    """Parses the output of `diff-tree -z` into changes; one subclass per output format."""

    def __init__(
        self, pairs: Sequence[Pair], first: int, on_changes: Callable[[Changes], object]
    ) -> None:
        self.current = first - 1  # index of the pair being read
        self._pairs = pairs
        self._on_changes = on_changes
        self._rest = b""
        self._rows_of_pair = 0
        self.changes = Changes()

    def feed(self, piece: bytes) -> None:
        """Parse the next piece of output, cut anywhere. Raises TooManyChanges, ValueError."""
        whole, end, self._rest = (self._rest + piece).rpartition(b"\0")
        if not end:
            return
        if whole.translate(None, _PLAIN):
            tokens = [text_of(token) for token in whole.split(b"\0")]
        else:
            tokens = whole.decode("ascii").split("\0")
        used = self._parse(tokens)
        if used < len(tokens):
            self._rest = b"\0".join([*whole.split(b"\0")[used:], self._rest])
        if len(self.changes.paths) >= _BATCH_ROWS:
            self.flush()

    def flush(self) -> None:
        """Pass on the buffered rows."""
        if self.changes.paths:
            self._on_changes(self.changes)
        self.changes = Changes()

    def discard_current(self) -> bool:
        """Drop the buffered rows of the current pair; return whether these were all its rows."""
        changes, dropped = self.changes, 0
        while changes.pairs and changes.pairs[-1] == self.current:
            changes.pairs.pop()
            dropped += changes.counts.pop()
        for column in (changes.heads, changes.paths, changes.old_paths):
            del column[len(column) - dropped :]
        return dropped == self._rows_of_pair

    @abstractmethod
    def _parse(self, tokens: list[str]) -> int:
        """Parse the complete records at the beginning of *tokens*; return their token count."""

    def _begin_pair(self, token: str) -> None:
        self.current += 1
        if self.current >= len(self._pairs) or token != self._pairs[self.current].commit:
            raise ValueError("diff_out_of_step")
        self._rows_of_pair = 0

    def _count_rows(self, rows: int) -> None:
        """Assign the last *rows* rows to the current pair. Raises TooManyChanges."""
        if rows:
            self._rows_of_pair += rows
            self.changes.pairs.append(self.current)
            self.changes.counts.append(rows)
            if self._rows_of_pair > MOST_CHANGES:
                raise TooManyChanges


class RawReader(_Reader):
    """Reads `diff-tree --raw -z`: `:modes blobs letter`, then one path, or two for a rename."""

    def _parse(self, tokens: list[str]) -> int:
        heads, paths, old_paths = self.changes.heads, self.changes.paths, self.changes.old_paths
        at, end, before = 0, len(tokens), len(paths)
        while at < end:
            head = tokens[at]
            if head[:1] != ":":
                self._count_rows(len(paths) - before)
                before = len(paths)
                self._begin_pair(head)
                at += 1
            # Only the letters of renames and copies are followed by a number.
            elif not head[-1].isdigit():
                if at + 1 >= end:
                    break
                heads.append(head)
                paths.append(tokens[at + 1])
                old_paths.append(None)
                at += 2
            else:
                if at + 2 >= end:
                    break
                heads.append(head)
                old_paths.append(tokens[at + 1])
                paths.append(tokens[at + 2])
                at += 3
        self._count_rows(len(paths) - before)
        return at


class LineReader(_Reader):
    """Reads `diff-tree --numstat -z`: `added<TAB>removed<TAB>path`.

    The path of a rename is empty; the old and the new path follow as tokens of their own.
    """

    def _parse(self, tokens: list[str]) -> int:
        heads, paths, old_paths = self.changes.heads, self.changes.paths, self.changes.old_paths
        at, end, before = 0, len(tokens), len(paths)
        while at < end:
            # text_of escapes the tabs if the path in the same token is not plain text.
            added, tab, rest = tokens[at].replace("\\x09", "\t", 2).partition("\t")
            if not tab:
                self._count_rows(len(paths) - before)
                before = len(paths)
                self._begin_pair(added)
                at += 1
                continue
            removed, _, path = rest.partition("\t")
            old_path = None
            if not path:
                if at + 2 >= end:
                    break
                old_path, path = tokens[at + 1], tokens[at + 2]
            heads.append(f"{added}\t{removed}")
            paths.append(path)
            old_paths.append(old_path)
            at += 1 if old_path is None else 3
        self._count_rows(len(paths) - before)
        return at


_KINDS: dict[str, type[_Reader]] = {"--raw": RawReader, "--numstat": LineReader}
_COMMAND = (
    "diff-tree",
    "--stdin",
    "-r",
    "-z",
    "--root",
    "--always",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
)


def read_changes(
    session: GitSession,
    output_format: str,
    pairs: Sequence[Pair],
    on_changes: Callable[[Changes], object],
    pair_seconds: float,
) -> dict[str, str]:
    """Pass the changes of *pairs* to *on_changes*; return the state of each incomplete commit.

    *output_format* is `--raw` or `--numstat`. State `exact` means that blobs are missing, so only
    exact renames were detected. Any other state is the reason why the commit was not read
    completely; the rows that were passed on for it do not count. A pair that needs more than
    *pair_seconds* is abandoned.
    """
    states: dict[str, str] = {}
    first, failures = 0, 0
    while first < len(pairs):
        renames = _SIMILAR if failures <= _MOST_FAILURES else _EXACT
        problem, last, can_retry = _attempt(
            session, output_format, pairs, first, len(pairs), renames, on_changes, pair_seconds
        )
        if renames == _EXACT:
            _record_state(states, pairs[first:last], "exact")
        first = last
        if problem is None or can_retry:
            continue
        failures += 1
        if problem in _BLOBS_WANTED and renames == _SIMILAR:
            problem, *_ = _attempt(
                session, output_format, pairs, first, first + 1, _EXACT, on_changes, pair_seconds
            )
        beyond = first + 1 if failures <= 2 * _MOST_FAILURES else len(pairs)
        _record_state(states, pairs[first:beyond], problem or "exact")
        first = beyond
    return states


def _attempt(
    session: GitSession,
    output_format: str,
    pairs: Sequence[Pair],
    first: int,
    end: int,
    renames: str,
    on_changes: Callable[[Changes], object],
    seconds: float,
) -> tuple[str | None, int, bool]:
    """Read the pairs from *first* until before *end*.

    Returns the problem, the index of the pair that caused it, and whether that pair can be retried.
    """
    reader = _KINDS[output_format](pairs, first, on_changes)
    problem = _run(session, (*_COMMAND, output_format, renames), pairs[first:end], reader, seconds)
    # git prints a pair when it is complete, so if git ended by itself, the next pair was at fault.
    is_stopped = problem in _STOPPED
    can_be_redone = is_stopped and reader.discard_current()
    reader.flush()
    if problem is None:
        return None, end, False
    last = max(reader.current, first) if is_stopped else reader.current + 1
    return problem, last, problem == "timeout" and last > first and can_be_redone


def _record_state(states: dict[str, str], pairs: Sequence[Pair], state: str) -> None:
    """Record the state of commits; `exact` never replaces a failure with another parent."""
    for pair in pairs:
        if state != "exact" or pair.commit not in states:
            states[pair.commit] = state


def _run(
    session: GitSession,
    command: tuple[str, ...],
    pairs: Sequence[Pair],
    reader: _Reader,
    seconds: float,
) -> str | None:
    session.set_timeout(seconds)
    try:
        return session.run(command, map(str, pairs), reader.feed, _OUTPUT_BYTES).problem
    except TooManyChanges:
        return "too_many_changes"
    except (ValueError, IndexError):
        return "output_odd"
