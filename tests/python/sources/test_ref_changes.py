"""How the refs of a repository moved between two readings, over graphs of a few commits."""

from __future__ import annotations

import random

import pytest

from loaders.sources.git_history import ref_changes
from loaders.sources.git_history.ref_changes import RefState, changed_refs

MAIN = "refs/heads/main"


def graph_of(text: str) -> dict[str, list[str]]:
    """Return `d<-c c<-ab` as commit → parents, in the order given: children first."""
    pairs = (part.partition("<-") for part in text.split())
    return {commit: list(parents) for commit, _, parents in pairs}


def at(**refs: str) -> dict[str, RefState]:
    names = {"main": MAIN, "topic": "refs/heads/topic", "origin": "refs/remotes/origin/main"}
    return {names.get(name, name): RefState(commit, commit) for name, commit in refs.items()}


# name → refs before, refs now, reached now, no longer reached, cuts, and (relation, added, lost)
MOVES = {
    "a fast-forward": (
        {"main": "b"}, {"main": "d"}, "d<-c c<-b b<-a a<-", "", "", ("forward", "dc", ""),
    ),
    "a merge": (
        {"main": "b"}, {"main": "m"}, "m<-bx x<-a b<-a a<-", "", "", ("forward", "mx", ""),
    ),
    "an amended commit": (
        {"main": "b"}, {"main": "c"}, "c<-a a<-", "b<-a", "", ("diverged", "c", "b"),
    ),
    "a reset, and nothing new": (
        {"main": "c"}, {"main": "a"}, "a<-", "c<-b b<-a", "", ("backward", "", "cb"),
    ),
    "a reset while another branch keeps the commits": (
        {"main": "c"}, {"main": "a", "topic": "c"}, "c<-b b<-a a<-", "", "", ("backward", "", "cb"),
    ),
    "every commit rewritten": (
        {"main": "b"}, {"main": "y"}, "y<-x x<-", "b<-a a<-", "", ("diverged", "yx", "ba"),
    ),
    "a shallow clone whose boundary moved": (
        {"main": "b"}, {"main": "d"}, "d<-", "b<-a a<-", "d", ("unknown", None, None),
    ),
    "a rewritten branch of a shallow clone": (
        {"main": "c"}, {"main": "d"}, "d<-b b<-", "c<-b", "b", ("diverged", "d", "c"),
    ),
    "an earlier head that was never landed": (
        {"main": "z"}, {"main": "a"}, "a<-", "", "", ("unknown", None, None),
    ),
}  # fmt: skip


@pytest.mark.parametrize("move", MOVES)
def test_a_branch_that_moved(move: str) -> None:
    before, now, reached, unreached, cuts, (relation, added, lost) = MOVES[move]

    found = changed_refs(at(**before), at(**now), graph_of(reached), graph_of(unreached), cuts)

    [change] = [one for one in found if one.name == MAIN]
    assert (change.change, change.relation) == ("moved", relation)
    assert sorted(change.added) == sorted(added or "")
    assert sorted(change.lost) == sorted(lost or "")
    counts = (change.added_count, change.lost_count)
    assert counts == ((None, None) if added is None else (len(added), len(lost)))


def test_a_deleted_branch_lost_only_what_no_ref_reaches() -> None:
    before = at(main="b", topic="t", **{"refs/tags/v1": "b"})
    now = at(main="b", **{"refs/tags/v2": "b"})
    found = changed_refs(before, now, graph_of("b<-a a<-"), graph_of("s<-a t<-s"), "")
    assert [(one.name, one.change, one.lost_count, sorted(one.lost)) for one in found] == [
        ("refs/heads/topic", "deleted", 2, ["s", "t"]),
        ("refs/tags/v1", "deleted", 0, []),
        ("refs/tags/v2", "created", None, []),
    ]


def test_equal_refs_and_refs_of_other_kinds_are_no_changes() -> None:
    secret = "refs/heads/ghp_" + "a1B2c3D4e5" * 3 + "f6G7h8"
    other = at(**{"refs/stash": "x", "refs/notes/commits": "y", "HEAD": "z", secret: "b"})
    landed = at(main="b", **{"refs/heads/[secret: GitHub token 1a2b]": "b"})
    assert changed_refs(landed, at(main="b") | other, graph_of("b<-"), {}, "") == []


def test_a_moved_tag_has_no_relation() -> None:
    found = changed_refs(
        at(**{"refs/tags/v1": "a"}), at(**{"refs/tags/v1": "b"}), graph_of("b<-a a<-"), {}, ""
    )
    assert [(one.change, one.relation) for one in found] == [("moved", None)]


def test_a_long_list_is_cut_and_its_count_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ref_changes, "MOST_LISTED", 2)
    [change] = changed_refs(
        at(main="c"), at(main="x"), graph_of("x<-"), graph_of("c<-b b<-a a<-"), ""
    )
    assert (change.lost_count, len(change.lost)) == (3, 2)


def _reach(graph: dict[str, list[str]], tip: str) -> set[str]:
    found, pending = set(), [tip]
    while pending:
        commit = pending.pop()
        if commit not in found:
            found.add(commit)
            pending += graph[commit]
    return found


def test_any_moves_in_any_graph_are_what_a_plain_walk_finds() -> None:
    choice = random.Random(17)
    for _ in range(200):
        size = choice.randrange(2, 14)
        whole = {
            str(number): sorted(
                {str(choice.randrange(number)) for _ in range(choice.randrange(3))}
                if number
                else ()
            )
            for number in range(size)
        }
        heads = {f"refs/heads/{name}": choice.sample(list(whole), 2) for name in "abc"}
        before = {name: RefState(pair[0], pair[0]) for name, pair in heads.items()}
        now = {name: RefState(pair[1], pair[1]) for name, pair in heads.items()}
        reached = set().union(*(_reach(whole, state.commit) for state in now.values()))
        once = set().union(*(_reach(whole, state.commit) for state in before.values()))
        graph = {key: whole[key] for key in sorted(reached, key=int, reverse=True)}
        unreached = {key: whole[key] for key in once - reached}

        for change in changed_refs(before, now, graph, unreached, ()):
            old, new = _reach(whole, change.before.commit), _reach(whole, change.after.commit)
            assert (set(change.added), set(change.lost)) == (new - old, old - new)
