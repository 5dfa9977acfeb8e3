"""Read one repository's history, as far as it is not landed yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from threading import Lock
from typing import Any

import pyarrow as pa

from loaders.base.paths import text_of
from loaders.safe_git import recent_history
from loaders.safe_git.changes import Changes, Pair, read_changes
from loaders.safe_git.quarantine import Cell
from loaders.safe_git.reader import RefLook, RepositoryReader
from loaders.safe_git.refs import Ref
from loaders.safe_git.safe_files import Trouble
from loaders.sources.git_history.history_rows import CommitRows, changes_table
from loaders.sources.git_history.known_history import Crawled, Known, Standing
from loaders.sources.git_history.tables import BOUNDARY, FINAL_STATES
from loaders.zone.runs import Run

Graph = dict[str, list[str]]  # commit → parents, every commit before its parents

# What a clone may be told to leave out: no fault in it.
HOW_IT_WAS_CLONED = ("shallow", "partial")
_COMMITS_OF_A_BATCH = 8_000
_BRANCHES = (b"refs/heads/", b"refs/remotes/")
# Of more branches it is not told how far each is from the default branch.
_MOST_BRANCHES = 2_000
# Longer than any list of a repository's commits takes; and than the changes of any one commit do.
_LIST_SECONDS = 300.0
PAIR_SECONDS = 60.0
# Ends of a process that say nothing of what it read: tried again next time.
_PASSING = ("git_failed", "memory_limit")


@dataclass
class Outcome:
    """What one repository came to. `borrowed` are commits that another repository of the same run was to land."""

    crawled: Crawled
    look: RefLook
    state: str = "read"
    reasons: list[str] = field(default_factory=list)
    is_to_be_tried_again: bool = False
    commit_count: int | None = None
    unread_count: int | None = None
    new_commits: int = 0
    borrowed: set[str] = field(default_factory=set)


class CannotLand(Exception):
    """What was read cannot be written; the cause says why. Nothing of this run can go on."""


class Sink:
    """Takes the rows of several repositories into one run, from several threads."""

    def __init__(self, run: Run, known: Known) -> None:
        self.run = run
        self.known = known
        self.changes = 0
        self.lines = 0
        self._one_writer = Lock()
        self._claimed: set[str] = set()
        self._finished: set[str] = set()

    def put(self, name: str, table: pa.Table) -> None:
        """Append rows. Raises CannotLand."""
        try:
            with self._one_writer:
                self.run.table(name).append_table(table)
        except OSError as error:
            raise CannotLand from error

    def put_columns(self, name: str, columns: dict[str, Sequence[object]]) -> None:
        """Append rows given as equally long columns, all but `run_id`."""
        try:
            with self._one_writer:
                self.run.table(name).append(columns)
        except OSError as error:
            raise CannotLand from error

    def claim(self, commits: Iterable[str]) -> tuple[list[str], set[str]]:
        """Return the *commits* that are the caller's to land, and those that are another's."""
        with self._one_writer:
            mine, others = [], set()
            for commit in commits:
                (others.add if commit in self._claimed else mine.append)(commit)
            self._claimed.update(mine)
        return mine, others

    def finish(self, commits: Iterable[str]) -> None:
        with self._one_writer:
            self._finished.update(commits)

    def lacks(self, commits: set[str]) -> bool:
        """Say whether any of *commits* was claimed and not landed in the end."""
        return not commits <= self._finished


def read_repository(
    reader: RepositoryReader, sink: Sink, crawled: Crawled, look: RefLook
) -> Outcome:
    """Land what is new of one repository. Raises CannotLand, and Trouble where it cannot be read further."""
    outcome = Outcome(
        crawled, look, reasons=[word for word in look.remarks if word in HOW_IT_WAS_CLONED]
    )
    with reader.objects(look) as cell:
        cell.allow(_LIST_SECONDS)
        cuts = set(recent_history.keep_true_boundaries(cell, look.located.shallow))
        refs, types, commits = _ends_of_refs(cell, look)
        tips = set(commits.values())
        graph, gaps, problem = (
            recent_history.reachable(cell, sorted(tips)) if tips else ({}, [], None)
        )
        if graph is None:
            raise Trouble("truncated", f"{problem}: history")
        cuts.update(gaps)
        outcome.reasons += ["objects_missing: history"] if gaps else []
        states = _land_commits(sink, outcome, cell, graph, cuts)
        _land_refs(sink, crawled.path, look, graph, refs, types, commits)
        _land_standings(sink, crawled.path, graph, look.default_commit)
    _judge(outcome, graph, states)
    return outcome


def _judge(outcome: Outcome, graph: Graph, states: dict[str, str]) -> None:
    """Say what of the repository is not as it could be."""
    unread = Counter(state for state in states.values() if state not in ("read", "exact", BOUNDARY))
    outcome.commit_count, outcome.unread_count = len(graph), unread.total()
    outcome.reasons += [f"{state}: {count} commits" for state, count in sorted(unread.items())]
    outcome.is_to_be_tried_again = any(state.startswith(_PASSING) for state in unread)
    if outcome.reasons:
        outcome.state = "truncated"
    elif not graph:
        outcome.state = "empty"


# -- refs ----------------------------------------------------------------------------------------------


def _ends_of_refs(cell: Cell, look: RefLook) -> tuple[list[Ref], dict[str, str], dict[str, str]]:
    """Return every ref and HEAD, the type of each object that they name, and the commits that these come to.

    Among the objects are the HEADs of work trees.
    """
    facts = look.facts
    refs = list(look.refs)
    if facts.head_commit:
        refs.append(
            Ref(b"HEAD", facts.head_commit, facts.head_ref.encode() if facts.head_ref else None)
        )
    heads = {worktree.head for worktree in look.worktrees if worktree.head}
    types, problem = recent_history.object_types(cell, sorted({ref.oid for ref in refs} | heads))
    if problem:
        raise Trouble("truncated", f"{problem}: refs")
    ends = recent_history.peeled(cell, (oid for oid, kind in types.items() if kind == "tag"))
    commits = {oid: oid for oid, kind in types.items() if kind == "commit"}
    commits |= {tag: oid for tag, (oid, kind) in ends.items() if kind == "commit"}
    return refs, types, commits


def _land_refs(
    sink: Sink,
    path: str,
    look: RefLook,
    graph: Graph,
    refs: Sequence[Ref],
    types: dict[str, str],
    commits: dict[str, str],
) -> None:
    """Land every ref, and of branches how far each is from the default branch."""
    branches = {ref.oid for ref in refs if ref.name.startswith(_BRANCHES) and ref.oid in graph}
    apart = _apart(graph, look.default_commit, sorted(branches)[:_MOST_BRANCHES])
    ahead_behind = [apart.get(ref.oid) if ref.name.startswith(_BRANCHES) else None for ref in refs]
    sink.put_columns(
        "git_refs",
        {
            "repository_path": [path] * len(refs),
            "ref_name": [text_of(ref.name) for ref in refs],
            "object_id": [ref.oid for ref in refs],
            "object_type": [types.get(ref.oid, "missing") for ref in refs],
            "commit_sha": [commits.get(ref.oid) for ref in refs],
            "symbolic_target": [text_of(ref.target) if ref.target else None for ref in refs],
            "ahead_count": [counts and counts[0] for counts in ahead_behind],
            "behind_count": [counts and counts[1] for counts in ahead_behind],
        },
    )


def _apart(graph: Graph, default: str | None, tips: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return tip → how many commits only it reaches, and how many only *default* does.

    Every commit is met before its parents: who reaches it is known by then, a bit for each tip.
    """
    if default not in graph or not tips:
        return {}
    reached = dict.fromkeys(tips, 0)
    for bit, tip in enumerate(tips):
        reached[tip] |= 1 << bit
    of_default = 1 << len(tips)
    reached[default] = reached.get(default, 0) | of_default
    sets: Counter[int] = Counter()
    for commit, parents in graph.items():
        if mine := reached.pop(commit, 0):
            sets[mine] += 1
            for parent in parents:
                reached[parent] = reached.get(parent, 0) | mine
    ahead, shared, total = [0] * len(tips), [0] * len(tips), 0
    for members, count in sets.items():
        counts = shared if members & of_default else ahead
        total += count if members & of_default else 0
        for bit, digit in enumerate(reversed(f"{members & ~of_default:b}")):
            if digit == "1":
                counts[bit] += count
    return {tip: (ahead[bit], total - shared[bit]) for bit, tip in enumerate(tips)}


# -- commits and what they changed ---------------------------------------------------------------------


def _land_commits(
    sink: Sink, outcome: Outcome, cell: Cell, graph: Graph, cuts: set[str]
) -> dict[str, str]:
    """Land the commits that are not landed yet, or not as well; return commit → state of its changes."""
    landed = sink.known.landed_among(graph)
    wanted = [
        commit
        for commit in graph
        if landed.get(commit) not in FINAL_STATES
        and not (landed.get(commit) == BOUNDARY and commit in cuts)
    ]
    mine, outcome.borrowed = sink.claim(wanted)
    states = dict(landed)
    for batch in batches(mine, _COMMITS_OF_A_BATCH):
        now = _land_changes(sink, cell, graph, cuts, batch)
        new = [commit for commit in batch if landed.get(commit) != now[commit]]
        _land_objects(sink, cell, new, now)
        sink.finish(batch)
        outcome.new_commits += len(new)
        states |= now
    return states


def _land_changes(
    sink: Sink, cell: Cell, graph: Graph, cuts: set[str], batch: list[str]
) -> dict[str, str]:
    """Land what commits changed; return commit → state of its changes."""
    pairs = _pairs(graph, batch)

    def put(changes: Changes) -> None:
        sink.changes += len(changes.paths)
        sink.put("git_changes", changes_table(sink.run.run_id, pairs, changes))

    states = dict.fromkeys(batch, "read") | dict.fromkeys(cuts.intersection(batch), BOUNDARY)
    return states | read_changes(cell, "--raw", pairs, put, PAIR_SECONDS)


def _land_objects(sink: Sink, cell: Cell, commits: list[str], states: dict[str, str]) -> None:
    """Land what commits say. Their changes were landed before: they count by the row that stands here."""
    rows = CommitRows(sink.run.run_id, states, sink.put)
    cell.allow(_LIST_SECONDS)
    problem = recent_history.read_objects(cell, commits, rows.take)
    rows.flush()
    if problem or rows.count < len(commits):
        raise Trouble("truncated", f"{problem or 'objects_missing'}: commits")


def _pairs(graph: Graph, commits: Iterable[str]) -> list[Pair]:
    return [
        Pair(commit, parent, number)
        for commit in commits
        for number, parent in enumerate(graph[commit] or [None], start=1)
    ]


def batches(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Yield the items in lists of at most *size*."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


# -- standings -----------------------------------------------------------------------------------------


def _land_standings(sink: Sink, path: str, graph: Graph, tip: str | None) -> None:
    """Land how commits stand in this repository where that is new: reached by refs, and where in the chain."""
    places = _places(graph, tip)
    in_default = _ancestors(graph, tip)
    known = sink.known.standings(path)
    now = {commit: Standing(True, commit in in_default, places.get(commit)) for commit in graph}
    now |= {commit: Standing(False, False, None) for commit in known.keys() - graph.keys()}
    changed = [
        (commit, standing) for commit, standing in now.items() if known.get(commit) != standing
    ]
    sink.put_columns(
        "git_members",
        {
            "repository_path": [path] * len(changed),
            "commit_sha": [commit for commit, _ in changed],
            "is_reachable": [standing.is_reachable for _, standing in changed],
            "is_in_default": [standing.is_in_default for _, standing in changed],
            "chain_place": [standing.chain_place for _, standing in changed],
        },
    )


def _places(graph: Graph, tip: str | None) -> dict[str, int]:
    """Return commit → its place in the chain of first parents that ends in *tip*, from 1."""
    chain: dict[str, None] = {}
    while tip in graph and tip not in chain:
        chain[tip] = None
        tip = next(iter(graph[tip]), None)
    return {commit: place for place, commit in enumerate(reversed(chain), start=1)}


def _ancestors(graph: Graph, tip: str | None) -> set[str]:
    """Return *tip* and every commit that it follows."""
    found: set[str] = set()
    left = [tip] if tip in graph else []
    while left:
        commit = left.pop()
        if commit not in found:
            found.add(commit)
            left += graph.get(commit, ())
    return found
