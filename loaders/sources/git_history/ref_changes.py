"""How the refs of a repository differ from its last landed state: what came, what left, what moved,
and which commits a branch lost by that.

Whether a branch was moved forward or rewritten is a question about the graph, which is at hand when
the repository is read, and only then without a walk over the history of all repositories.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from loaders.base.secret_forms import masked

COMPARED = ("refs/heads/", "refs/remotes/", "refs/tags/")
_TAGS = "refs/tags/"
# Commits that a row lists; its counts have all.
MOST_LISTED = 2_000
# Branches that are followed through the graph. More than these do not move in one night.
_MOST_MOVED = 2_000

# commit → parents, every commit before its parents
Graph = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class RefState:
    """The object of a ref, and the commit that it leads to; None if it does not lead to one."""

    object_id: str
    commit: str | None


@dataclass
class RefChange:
    """One ref that differs.

    `relation` of a branch that moved: `forward` (nothing is lost), `backward` (only lost commits),
    `diverged` (rewritten), `unknown` (the history at hand does not show it). Commits are newest
    first, at most MOST_LISTED.
    """

    name: str
    change: str  # created, deleted, moved
    before: RefState | None
    after: RefState | None
    relation: str | None = None
    added_count: int | None = None
    lost_count: int | None = None
    added: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


@dataclass
class _Difference:
    """The commits of one side of a branch that moved and not of the other."""

    added_count: int = 0
    lost_count: int = 0
    added: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    is_cut: bool = False


def changed_refs(
    earlier: Mapping[str, RefState],
    now: Mapping[str, RefState],
    graph: Graph,
    unreached: Graph,
    cuts: Iterable[str],
) -> list[RefChange]:
    """Return the refs that differ, by name.

    *graph* is everything that refs reach now; *unreached* are the commits that they reached before
    and do not reach now, in any order; *cuts* are commits whose parents are missing.
    """
    found = [
        RefChange(name, _kind(earlier.get(name), now.get(name)), earlier.get(name), now.get(name))
        for name in sorted(earlier.keys() | now.keys())
        if earlier.get(name) != now.get(name) and _is_compared(name)
    ]
    unreached = _children_first(unreached)
    moved: list[tuple[RefChange, str, str]] = []
    for change in found:
        before, after = (state and state.commit for state in (change.before, change.after))
        if change.change == "deleted" and before:
            change.lost = _reached(before, unreached)
            change.lost_count = len(change.lost)
            change.lost = change.lost[:MOST_LISTED]
        elif before and after and before != after and not change.name.startswith(_TAGS):
            change.relation = "unknown"
            if after in graph and (before in graph or before in unreached):
                moved.append((change, before, after))
    moved = moved[:_MOST_MOVED]
    pairs = [(before, after) for _, before, after in moved]
    differences = _differences({**unreached, **graph}, pairs, set(cuts)) if pairs else []
    for (change, _, _), difference in zip(moved, differences, strict=True):
        _set_relation(change, difference)
    return found


def _is_compared(name: str) -> bool:
    # A name that holds a secret lands masked, and would differ from itself. Only a mark has a
    # bracket: git allows none in a name.
    return name.startswith(COMPARED) and "[" not in name and masked(name) == name


def _kind(before: RefState | None, after: RefState | None) -> str:
    if before is None:
        return "created"
    return "deleted" if after is None else "moved"


def _set_relation(change: RefChange, difference: _Difference) -> None:
    if difference.lost_count and difference.is_cut:
        return  # The earlier head may be behind the commits that are missing.
    change.added_count, change.added = difference.added_count, difference.added
    change.lost_count, change.lost = difference.lost_count, difference.lost
    if not difference.lost_count:
        change.relation = "forward"
    else:
        change.relation = "diverged" if difference.added_count else "backward"


def _children_first(graph: Graph) -> Graph:
    """Return *graph* with every commit before its parents."""
    children = dict.fromkeys(graph, 0)
    for parents in graph.values():
        for parent in parents:
            if parent in children:
                children[parent] += 1
    ready = [commit for commit, count in children.items() if not count]
    ordered: dict[str, Sequence[str]] = {}
    while ready:
        commit = ready.pop()
        ordered[commit] = graph[commit]
        for parent in graph[commit]:
            if parent in children:
                children[parent] -= 1
                if not children[parent]:
                    ready.append(parent)
    return ordered


def _reached(tip: str, graph: Graph) -> list[str]:
    """Return the commits of *graph* that *tip* reaches in it."""
    found: dict[str, None] = {}
    pending = [tip] if tip in graph else []
    while pending:
        commit = pending.pop()
        if commit not in found:
            found[commit] = None
            pending += [parent for parent in graph[commit] if parent in graph]
    return list(found)


def _differences(
    graph: Graph, pairs: Sequence[tuple[str, str]], cuts: set[str]
) -> list[_Difference]:
    """Return, for each pair of an earlier and a later head, what only one of them reaches.

    One pass serves all pairs: two bits per pair say which of its heads reach a commit, and the bits
    of a commit are complete when it is visited, because its children come first. The pass ends when
    every commit to come is reached by both heads of each pair, or by neither.
    """
    found = [_Difference() for _ in pairs]
    firsts = sum(1 << 2 * number for number in range(len(pairs)))
    waiting: dict[str, int] = {}
    for number, (before, after) in enumerate(pairs):
        waiting[before] = waiting.get(before, 0) | 1 << 2 * number
        waiting[after] = waiting.get(after, 0) | 2 << 2 * number

    def of_one_side(mask: int) -> int:
        return (mask ^ mask >> 1) & firsts

    undecided = sum(1 for mask in waiting.values() if of_one_side(mask))
    for commit, parents in graph.items():
        if not undecided:
            break
        mask = waiting.pop(commit, 0)
        if not mask:
            continue
        alone = of_one_side(mask)
        undecided -= bool(alone)
        while alone:
            place = (alone & -alone).bit_length() - 1
            alone &= alone - 1
            _note(found[place // 2], commit, is_lost=bool(mask >> place & 1), is_cut=commit in cuts)
        for parent in parents:
            if parent in graph:
                was = waiting.get(parent, 0)
                waiting[parent] = was | mask
                undecided += bool(of_one_side(was | mask)) - bool(of_one_side(was))
    return found


def _note(difference: _Difference, commit: str, *, is_lost: bool, is_cut: bool) -> None:
    if is_lost:
        difference.lost_count += 1
        if difference.lost_count <= MOST_LISTED:
            difference.lost.append(commit)
        return
    difference.is_cut |= is_cut
    difference.added_count += 1
    if difference.added_count <= MOST_LISTED:
        difference.added.append(commit)
