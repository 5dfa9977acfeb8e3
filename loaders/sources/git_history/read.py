"""Read the history of one repository that is not landed yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from loaders.base.paths import text_of
from loaders.safe_git import recent_history
from loaders.safe_git.changes import Changes, Pair, read_changes
from loaders.safe_git.mailmap import parse_mailmap
from loaders.safe_git.preflight import OID
from loaders.safe_git.reader import IGNORED_REVISIONS, MAILMAP, RepositoryReader
from loaders.safe_git.refs import Ref
from loaders.safe_git.repository_facts import RefSnapshot
from loaders.safe_git.safe_files import RepositoryError
from loaders.safe_git.sandbox import GitSession
from loaders.sources.git_history.history_rows import CommitRows, changes_table
from loaders.sources.git_history.known_history import Crawled, Member
from loaders.sources.git_history.ref_changes import RefState, changed_refs
from loaders.sources.git_history.sink import Sink
from loaders.sources.git_history.tables import BOUNDARY, FINAL_STATES, TEXT
from loaders.sources.git_history.unpushed import Unpushed, count_unpushed

Graph = dict[str, list[str]]  # commit → parents, every commit before its parents

# Remarks about chosen kinds of clones, which are not problems.
CLONE_REMARKS = ("shallow", "partial")
_COMMITS_OF_A_BATCH = 8_000
_BRANCHES = (b"refs/heads/", b"refs/remotes/")
# Ahead and behind counts are computed for this many branches at most.
_MOST_BRANCHES = 2_000
# Timeouts of one list of commits, and of the changes of one commit.
_LIST_SECONDS = 300.0
PAIR_SECONDS = 60.0
# Transient failures, retried next time.
_TRANSIENT = ("git_failed", "memory_limit")


@dataclass
class Outcome:
    """The result for one repository.

    `borrowed` are commits that another repository of the same run was to land.
    """

    crawled: Crawled
    snapshot: RefSnapshot
    state: str = "read"
    reasons: list[str] = field(default_factory=list)
    should_retry: bool = False
    commit_count: int | None = None
    unread_count: int | None = None
    new_commits: int = 0
    borrowed: set[str] = field(default_factory=set)
    head_tree: str | None = None
    unpushed: Unpushed = field(default_factory=Unpushed)


def read_repository(
    reader: RepositoryReader, sink: Sink, crawled: Crawled, snapshot: RefSnapshot
) -> Outcome:
    """Land the new history of one repository. Raises CannotLand, RepositoryError."""
    outcome = Outcome(
        crawled, snapshot, reasons=[word for word in snapshot.remarks if word in CLONE_REMARKS]
    )
    with reader.objects(snapshot) as session:
        session.set_timeout(_LIST_SECONDS)
        cuts = set(recent_history.apply_true_boundaries(session, snapshot.located.shallow))
        refs, types, commits, outcome.head_tree = _resolve_refs(session, snapshot)
        tips = set(commits.values())
        graph, gaps, problem = (
            recent_history.reachable(session, sorted(tips)) if tips else ({}, [], None)
        )
        if graph is None:
            raise RepositoryError("truncated", f"{problem}: history")
        cuts.update(gaps)
        outcome.reasons += ["objects_missing: history"] if gaps else []
        states = _land_commits(sink, outcome, session, graph, cuts)
        outcome.unpushed = count_unpushed(session, graph, cuts, snapshot, refs, commits)
        session.set_timeout(_LIST_SECONDS)
        _land_refs(sink, outcome, graph, refs, types, commits)
        known = sink.known.members(crawled.path)
        _land_members(sink, crawled.path, graph, snapshot.default_commit, known)
        _land_ref_changes(sink, outcome, graph, cuts, _states(refs, commits), known)
        _land_about_history(sink, crawled.path, session, snapshot)
    _set_state(outcome, graph, states)
    return outcome


def _set_state(outcome: Outcome, graph: Graph, states: dict[str, str]) -> None:
    """Set counts, state and reasons of an outcome from the states of the commits."""
    unread = Counter(state for state in states.values() if state not in ("read", "exact", BOUNDARY))
    outcome.commit_count, outcome.unread_count = len(graph), unread.total()
    outcome.reasons += [f"{state}: {count} commits" for state, count in sorted(unread.items())]
    outcome.should_retry = any(state.startswith(_TRANSIENT) for state in unread)
    if outcome.reasons:
        outcome.state = "truncated"
    elif not graph:
        outcome.state = "empty"


# -- refs ------------------------------------------------------------------------------------------


def _resolve_refs(
    session: GitSession, snapshot: RefSnapshot
) -> tuple[list[Ref], dict[str, str], dict[str, str], str | None]:
    """Return every ref and HEAD, object → type, object → the commit that it names, and the tree of
    HEAD.

    The objects are those of the refs and of the HEADs of work trees.
    """
    facts = snapshot.facts
    refs = list(snapshot.refs)
    if facts.head_commit:
        refs.append(
            Ref(b"HEAD", facts.head_commit, facts.head_ref.encode() if facts.head_ref else None)
        )
    heads = {worktree.head for worktree in snapshot.worktrees if worktree.head}
    asked = sorted({ref.oid for ref in refs} | heads)
    tree = [f"{facts.head_commit}^{{tree}}"] if facts.head_commit else []
    types, problem = recent_history.object_types(session, [*asked, *tree])
    if problem:
        raise RepositoryError("truncated", f"{problem}: refs")
    ends = recent_history.peeled(session, (oid for oid, kind in types.items() if kind == "tag"))
    commits = {oid: oid for oid, kind in types.items() if kind == "commit"}
    commits |= {tag: oid for tag, (oid, kind) in ends.items() if kind == "commit"}
    trees = [oid for oid in types.keys() - set(asked) if types[oid] == "tree"]
    return refs, types, commits, trees[0] if trees else None


def _land_refs(
    sink: Sink,
    outcome: Outcome,
    graph: Graph,
    refs: Sequence[Ref],
    types: dict[str, str],
    commits: dict[str, str],
) -> None:
    """Land every ref, branches with their distance from the default branch and the remotes."""
    path, snapshot, unpushed = outcome.crawled.path, outcome.snapshot, outcome.unpushed
    local = [commits.get(ref.oid, "") if ref.name.startswith(_BRANCHES[0]) else "" for ref in refs]
    branches = {ref.oid for ref in refs if ref.name.startswith(_BRANCHES) and ref.oid in graph}
    known = _ahead_behind(graph, snapshot.default_commit, sorted(branches)[:_MOST_BRANCHES])
    ahead_behind = [known.get(ref.oid) if ref.name.startswith(_BRANCHES) else None for ref in refs]
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
            "unpushed_count": [unpushed.branches.get(tip) for tip in local],
            "has_content_on_remote": [unpushed.has_content.get(tip) for tip in local],
        },
    )


def _states(refs: Sequence[Ref], commits: dict[str, str]) -> dict[str, RefState]:
    """Return the refs that name an object themselves, by name."""
    return {
        text_of(ref.name): RefState(ref.oid, commits.get(ref.oid))
        for ref in refs
        if ref.target is None
    }


def _land_ref_changes(
    sink: Sink,
    outcome: Outcome,
    graph: Graph,
    cuts: set[str],
    now: dict[str, RefState],
    known: Mapping[str, Member],
) -> None:
    """Land how branches and tags differ from the last reading; nothing for a first reading."""
    path, snapshot = outcome.crawled.path, outcome.snapshot
    earlier_run, earlier = sink.known.refs(path)
    if earlier_run is None:
        return
    reached = {commit for commit, member in known.items() if member.is_reachable}
    unreached = sink.known.parents_of(lost) if (lost := reached - graph.keys()) else {}
    changes = changed_refs(earlier, now, graph, unreached, cuts)
    default = text_of(snapshot.default_ref) if snapshot.default_ref else snapshot.facts.head_ref
    sink.put_columns(
        "git_ref_changes",
        {
            "repository_path": [path] * len(changes),
            "earlier_run_id": [earlier_run] * len(changes),
            "ref_name": [one.name for one in changes],
            "change_type": [one.change for one in changes],
            "object_before": [one.before and one.before.object_id for one in changes],
            "object_after": [one.after and one.after.object_id for one in changes],
            "commit_before": [one.before and one.before.commit for one in changes],
            "commit_after": [one.after and one.after.commit for one in changes],
            "relation": [one.relation for one in changes],
            "added_count": [one.added_count for one in changes],
            "lost_count": [one.lost_count for one in changes],
            "added_commits": [one.added for one in changes],
            "lost_commits": [one.lost for one in changes],
            "is_default": [one.name == default for one in changes],
            "has_common_commit": [not reached.isdisjoint(graph)] * len(changes),
        },
    )


def _ahead_behind(
    graph: Graph, default: str | None, tips: Sequence[str]
) -> dict[str, tuple[int, int]]:
    """Return tip → number of commits that only it reaches, and that only *default* reaches.

    The graph has commits before their parents, so the set of tips that reach a commit (one bit per
    tip) is complete when the commit is visited.
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
        if members := reached.pop(commit, 0):
            sets[members] += 1
            for parent in parents:
                reached[parent] = reached.get(parent, 0) | members
    ahead, shared, total = [0] * len(tips), [0] * len(tips), 0
    for members, count in sets.items():
        counts = shared if members & of_default else ahead
        total += count if members & of_default else 0
        for bit, digit in enumerate(reversed(f"{members & ~of_default:b}")):
            if digit == "1":
                counts[bit] += count
    return {tip: (ahead[bit], total - shared[bit]) for bit, tip in enumerate(tips)}


def _land_about_history(sink: Sink, path: str, session: GitSession, snapshot: RefSnapshot) -> None:
    """Land the mappings of authors, and the commits that `git blame` is to ignore."""
    mappings = parse_mailmap(_about_history(session, snapshot, MAILMAP))
    sink.put_columns(
        "git_mailmaps",
        {
            "repository_path": [path] * len(mappings),
            "mapping_number": range(1, len(mappings) + 1),
            "commit_email": [one.commit_email for one in mappings],
            "commit_name": [one.commit_name for one in mappings],
            "proper_name": [one.proper_name for one in mappings],
            "proper_email": [one.proper_email for one in mappings],
        },
    )
    lines = _about_history(session, snapshot, IGNORED_REVISIONS).split(b"\n")
    words = {line.partition(b"#")[0].strip().lower() for line in lines}
    ignored = sorted(word.decode() for word in words if OID.fullmatch(word))
    sink.put_columns(
        "git_ignored_revisions",
        {"repository_path": [path] * len(ignored), "commit_sha": ignored},
    )


def _about_history(session: GitSession, snapshot: RefSnapshot, name: bytes) -> bytes:
    """Return a file of the work tree, or of HEAD if there is none, as git does for `.mailmap`."""
    if snapshot.about_history is not None:
        return snapshot.about_history.get(name, b"")
    texts: list[bytes] = []
    if snapshot.facts.head_commit:
        recent_history.read_objects(
            session,
            [f"{snapshot.facts.head_commit}:{name.decode()}"],
            lambda found: texts.append(found[2]) if found[1] == "blob" else None,
        )
    return texts[0] if texts else b""


# -- commits and their changes ---------------------------------------------------------------------


def _land_commits(
    sink: Sink, outcome: Outcome, session: GitSession, graph: Graph, cuts: set[str]
) -> dict[str, str]:
    """Land new and incompletely landed commits; return commit → state of its changes."""
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
        now = _land_changes(sink, session, graph, cuts, batch)
        new = [commit for commit in batch if landed.get(commit) != now[commit]]
        _land_objects(sink, session, new, now)
        sink.finish(batch)
        outcome.new_commits += len(new)
        states |= now
    # In another run than their changes, which do not land again.
    again, _ = sink.claim(sink.known.parsed_by_older(landed.keys() - set(wanted)))
    for batch in batches(again, _COMMITS_OF_A_BATCH):
        _land_objects(sink, session, batch, dict.fromkeys(batch, TEXT))
    return states


def _land_changes(
    sink: Sink, session: GitSession, graph: Graph, cuts: set[str], batch: list[str]
) -> dict[str, str]:
    """Land the changes of commits; return commit → state of its changes."""
    pairs = _pairs(graph, batch)

    def put(changes: Changes) -> None:
        sink.changes += len(changes.paths)
        sink.put("git_changes", changes_table(sink.run.run_id, pairs, changes))

    states = dict.fromkeys(batch, "read") | dict.fromkeys(cuts.intersection(batch), BOUNDARY)
    return states | read_changes(session, "--raw", pairs, put, PAIR_SECONDS)


def _land_objects(
    sink: Sink, session: GitSession, commits: list[str], states: dict[str, str]
) -> None:
    """Land the commit objects, after their changes: changes count only if the commit has a row."""
    rows = CommitRows(sink.run.run_id, states, sink.put)
    session.set_timeout(_LIST_SECONDS)
    problem = recent_history.read_objects(session, commits, rows.add)
    rows.flush()
    if problem or rows.count < len(commits):
        raise RepositoryError("truncated", f"{problem or 'objects_missing'}: commits")


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


# -- members ---------------------------------------------------------------------------------------


def _land_members(
    sink: Sink, path: str, graph: Graph, tip: str | None, known: Mapping[str, Member]
) -> None:
    """Land which commits this repository reaches and their place in the chain, if changed."""
    places = _places(graph, tip)
    in_default = _ancestors(graph, tip)
    now = {commit: Member(True, commit in in_default, places.get(commit)) for commit in graph}
    now |= {commit: Member(False, False, None) for commit in known.keys() - graph.keys()}
    changed = [(commit, member) for commit, member in now.items() if known.get(commit) != member]
    sink.put_columns(
        "git_members",
        {
            "repository_path": [path] * len(changed),
            "commit_sha": [commit for commit, _ in changed],
            "is_reachable": [member.is_reachable for _, member in changed],
            "is_in_default": [member.is_in_default for _, member in changed],
            "chain_place": [member.chain_place for _, member in changed],
        },
    )


def _places(graph: Graph, tip: str | None) -> dict[str, int]:
    """Return commit → its number, from 1, in the chain of first parents that ends in *tip*."""
    chain: dict[str, None] = {}
    while tip in graph and tip not in chain:
        chain[tip] = None
        tip = next(iter(graph[tip]), None)
    return {commit: place for place, commit in enumerate(reversed(chain), start=1)}


def _ancestors(graph: Graph, tip: str | None) -> set[str]:
    """Return *tip* and all its ancestors."""
    found: set[str] = set()
    pending = [tip] if tip in graph else []
    while pending:
        commit = pending.pop()
        if commit not in found:
            found.add(commit)
            pending += graph.get(commit, ())
    return found
