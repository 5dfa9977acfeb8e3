"""What commits changed, as git tells it: `diff-tree --raw` and `--numstat` with NUL ends (git-diff-tree(1)).

git is asked about pairs, a commit and one of its parents each, and answers in their order, so that
every change is known with the parent that it is a change from. Rows leave in batches: a commit of any
number of files is never held as a whole.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from loaders.base.paths import text_of
from loaders.safe_git.quarantine import Cell

# Rows that are held before they are passed on.
_BATCH_ROWS = 50_000
# A pair with more changes is no history of anybody's files: git can be asked for 10^10 paths of 11 objects.
MOST_CHANGES = 2_000_000
_OUTPUT_BYTES = 1 << 40
# Every byte that text_of leaves as it is; where there are only such, nothing is looked at one by one.
_PLAIN = bytes(code for code in range(0x20, 0x7F) if code != ord("\\")) + b"\0"
_SIMILAR, _EXACT = "-M", "-M100%"
# We ended git in the middle of something; git ended, perhaps for want of contents.
_STOPPED = {"timeout", "too_many_changes", "output_odd", "output_limit"}
_BLOBS_WANTED = {"objects_missing", "objects_corrupt", "memory_limit"}
# Of more pairs that fail it is not asked one by one: a partial clone lacks what most of them need.
_MOST_FAILURES = 300


class Pair(NamedTuple):
    """A commit and one of its parents; None for the nothing that a first commit follows."""

    commit: str
    parent: str | None
    number: int  # of the parent, from 1

    def __str__(self) -> str:
        return f"{self.commit} {self.parent}" if self.parent else self.commit


@dataclass
class Changes:
    """Changes as columns. Those of one pair stand together: `counts` says how many each of `pairs` has here.

    `heads` are `:<mode> <mode> <blob> <blob> <letter><similarity>`, or `<added>\\t<removed>` of lines.
    """

    pairs: list[int] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    old_paths: list[str | None] = field(default_factory=list)


class TooMany(Exception):
    """One pair has more changes than are taken."""


class _Reader(ABC):
    """Cuts the output of `diff-tree -z` into changes; a kind of output is a subclass."""

    def __init__(
        self, pairs: Sequence[Pair], first: int, take: Callable[[Changes], object]
    ) -> None:
        self.current = first - 1  # the pair under way
        self._pairs = pairs
        self._take = take
        self._rest = b""
        self._of_pair = 0
        self.changes = Changes()

    def feed(self, piece: bytes) -> None:
        """Take the next piece of output; pieces may end anywhere. Raises TooMany, ValueError."""
        whole, end, self._rest = (self._rest + piece).rpartition(b"\0")
        if not end:
            return
        if whole.translate(None, _PLAIN):
            tokens = [text_of(token) for token in whole.split(b"\0")]
        else:
            tokens = whole.decode("ascii").split("\0")
        used = self._cut(tokens)
        if used < len(tokens):
            self._rest = b"\0".join([*whole.split(b"\0")[used:], self._rest])
        if len(self.changes.paths) >= _BATCH_ROWS:
            self.flush()

    def flush(self) -> None:
        """Pass on what is held."""
        if self.changes.paths:
            self._take(self.changes)
        self.changes = Changes()

    def take_back(self) -> bool:
        """Drop what is held of the pair under way; False where some of it was passed on already."""
        changes, held = self.changes, 0
        while changes.pairs and changes.pairs[-1] == self.current:
            changes.pairs.pop()
            held += changes.counts.pop()
        for column in (changes.heads, changes.paths, changes.old_paths):
            del column[len(column) - held :]
        return held == self._of_pair

    @abstractmethod
    def _cut(self, tokens: list[str]) -> int:
        """Take whole records off the beginning of *tokens*; return how many tokens they were."""

    def _begin(self, token: str) -> None:
        self.current += 1
        if self.current >= len(self._pairs) or token != self._pairs[self.current].commit:
            raise ValueError("diff_out_of_step")
        self._of_pair = 0

    def _note(self, taken: int) -> None:
        """Note how many of the rows just taken belong to the pair under way."""
        if taken:
            self._of_pair += taken
            self.changes.pairs.append(self.current)
            self.changes.counts.append(taken)
            if self._of_pair > MOST_CHANGES:
                raise TooMany


class RawReader(_Reader):
    """Reads `diff-tree --raw -z`: `:modes blobs letter`, then one path, or two of what was renamed."""

    def _cut(self, tokens: list[str]) -> int:
        heads, paths, old_paths = self.changes.heads, self.changes.paths, self.changes.old_paths
        at, end, before = 0, len(tokens), len(paths)
        while at < end:
            head = tokens[at]
            if head[:1] != ":":
                self._note(len(paths) - before)
                before = len(paths)
                self._begin(head)
                at += 1
            # Only what was renamed, or copied, ends in a number.
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
        self._note(len(paths) - before)
        return at


class LineReader(_Reader):
    """Reads `diff-tree --numstat -z`: `added<TAB>removed<TAB>path`, or two paths after an empty one."""

    def _cut(self, tokens: list[str]) -> int:
        heads, paths, old_paths = self.changes.heads, self.changes.paths, self.changes.old_paths
        at, end, before = 0, len(tokens), len(paths)
        while at < end:
            # The tabs are escaped where the path beside them is no plain text.
            added, tab, rest = tokens[at].replace("\\x09", "\t", 2).partition("\t")
            if not tab:
                self._note(len(paths) - before)
                before = len(paths)
                self._begin(added)
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
        self._note(len(paths) - before)
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
    cell: Cell,
    what: str,
    pairs: Sequence[Pair],
    take: Callable[[Changes], object],
    pair_seconds: float,
) -> dict[str, str]:
    """Give what *pairs* changed (`--raw` or `--numstat`) to *take*; return commit → why it is not as asked.

    `exact`: blobs are missing, so that only what was renamed unchanged is known as renamed. Any other
    word says that the commit was not read to its end: what was given of it does not count. A pair that
    takes more than *pair_seconds* by itself is not waited for.
    """
    states: dict[str, str] = {}
    first, failures = 0, 0
    while first < len(pairs):
        renames = _SIMILAR if failures <= _MOST_FAILURES else _EXACT
        problem, last, can_go_on = _attempt(
            cell, what, pairs, first, len(pairs), renames, take, pair_seconds
        )
        if renames == _EXACT:
            _note(states, pairs[first:last], "exact")
        first = last
        if problem is None or can_go_on:
            continue
        failures += 1
        if problem in _BLOBS_WANTED and renames == _SIMILAR:
            problem, *_ = _attempt(cell, what, pairs, first, first + 1, _EXACT, take, pair_seconds)
        beyond = first + 1 if failures <= 2 * _MOST_FAILURES else len(pairs)
        _note(states, pairs[first:beyond], problem or "exact")
        first = beyond
    return states


def _attempt(
    cell: Cell,
    what: str,
    pairs: Sequence[Pair],
    first: int,
    end: int,
    renames: str,
    take: Callable[[Changes], object],
    seconds: float,
) -> tuple[str | None, int, bool]:
    """Read pairs *first* to before *end*; return the problem, the pair it is with, whether to go on there."""
    reader = _KINDS[what](pairs, first, take)
    problem = _run(cell, (*_COMMAND, what, renames), pairs[first:end], reader, seconds)
    # git prints a pair once it has all of it: where it ended by itself, that was over the next one.
    is_stopped = problem in _STOPPED
    can_be_redone = is_stopped and reader.take_back()
    reader.flush()
    if problem is None:
        return None, end, False
    last = max(reader.current, first) if is_stopped else reader.current + 1
    return problem, last, problem == "timeout" and last > first and can_be_redone


def _note(states: dict[str, str], pairs: Sequence[Pair], state: str) -> None:
    """Note the state of commits; what was read of one parent does not make up for another."""
    for pair in pairs:
        if state != "exact" or pair.commit not in states:
            states[pair.commit] = state


def _run(
    cell: Cell, command: tuple[str, ...], pairs: Sequence[Pair], reader: _Reader, seconds: float
) -> str | None:
    cell.allow(seconds)
    try:
        return cell.run(command, map(str, pairs), reader.feed, _OUTPUT_BYTES).problem
    except TooMany:
        return "too_many_changes"
    except (ValueError, IndexError):
        return "output_odd"
