"""Count the commits that no remote-tracking ref reaches, and find those whose content it has.

A branch that was merged upstream by a squash or a rebase has commits of its own, and nothing to
lose: the remote has the same changes, in other commits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from loaders.safe_git.config import MIRRORED, NO_REMOTE, UNTRACKED
from loaders.safe_git.reader import STASH
from loaders.safe_git.refs import Ref
from loaders.safe_git.repository_facts import RefSnapshot
from loaders.safe_git.sandbox import GitSession

_BRANCHES, _REMOTES = b"refs/heads/", b"refs/remotes/"
# Branches whose content is compared, with how many remotes, and how long that may take.
_MOST_COMPARED = 50
_MOST_REMOTES = 8
_COMPARE_SECONDS = 10.0
_PATCH_BYTES = 64 << 20
_IDS_BYTES = 16 << 20
# Commits of the remote since the branch began, whose changes are compared with those of the branch.
_MOST_UPSTREAM = 2_000


@dataclass
class Unpushed:
    """By commit: how many commits only it has, None if unknown; whether a remote has the content.

    `branches` counts against the remotes, `heads` against the remotes and all local refs: the
    commits that only a detached HEAD has.
    """

    branches: dict[str, int | None] = field(default_factory=dict)
    heads: dict[str, int | None] = field(default_factory=dict)
    has_content: dict[str, bool] = field(default_factory=dict)


def count_unpushed(
    session: GitSession,
    graph: Mapping[str, Sequence[str]],
    cuts: Collection[str],
    snapshot: RefSnapshot,
    refs: Sequence[Ref],
    commits: Mapping[str, str],
) -> Unpushed:
    """Return the counts for the branches and detached HEADs of a repository.

    *cuts* are the commits at which a shallow history ends: below them it is unknown what a remote
    has. *commits* is object → the commit that it names.
    """

    def tips(found: Iterable[Ref]) -> set[str]:
        return {commits[ref.oid] for ref in found if commits.get(ref.oid) in graph}

    branches = tips(ref for ref in refs if ref.name.startswith(_BRANCHES))
    remote = tips(ref for ref in refs if ref.name.startswith(_REMOTES))
    if snapshot.remote_kind == MIRRORED:
        remote |= branches
    found = Unpushed()
    if snapshot.remote_kind not in (NO_REMOTE, UNTRACKED):
        found.branches = _counts(graph, remote, sorted(branches), cuts)
        found.has_content = _with_content(session, snapshot, refs, commits, found.branches)
    held = tips(ref for ref in refs if ref.name.startswith(b"refs/") and ref.name != STASH)
    detached = {
        tree.head for tree in snapshot.worktrees if tree.head_ref is None and tree.head in graph
    }
    found.heads = _counts(graph, held, sorted(tip for tip in detached if tip), cuts)
    return found


def _counts(
    graph: Mapping[str, Sequence[str]],
    held: Iterable[str],
    tips: Sequence[str],
    cuts: Collection[str],
) -> dict[str, int | None]:
    """Return tip → number of commits that it reaches and *held* do not.

    The graph has commits before their parents, so the set of tips that reach a commit (one bit per
    tip) is complete when the commit is visited.
    """
    of_held = 1 << len(tips)
    reached = dict.fromkeys(held, of_held)
    for bit, tip in enumerate(tips):
        reached[tip] = reached.get(tip, 0) | 1 << bit
    sets: Counter[int] = Counter()
    cut = 0
    for commit, parents in graph.items():
        members = reached.pop(commit, 0)
        if not members:
            continue
        if members & of_held:
            members = of_held
        else:
            sets[members] += 1
            cut |= members if commit in cuts else 0
        for parent in parents:
            reached[parent] = reached.get(parent, 0) | members
    counts = [0] * len(tips)
    for members, count in sets.items():
        for bit, digit in enumerate(reversed(f"{members:b}")):
            counts[bit] += count if digit == "1" else 0
    return {tip: None if cut >> bit & 1 else counts[bit] for bit, tip in enumerate(tips)}


# -- the same content in other commits -------------------------------------------------------------


def _with_content(
    session: GitSession,
    snapshot: RefSnapshot,
    refs: Sequence[Ref],
    commits: Mapping[str, str],
    counts: Mapping[str, int | None],
) -> dict[str, bool]:
    """Return tip → whether the default branch of a remote has its changes.

    In the clone of a fork, the remote of the fork may be behind the one that merged a branch.
    """
    ours = [tip for tip, count in counts.items() if count][:_MOST_COMPARED]
    theirs = _remote_defaults(snapshot, refs, commits) if ours else []
    if not theirs:
        return {}
    session.set_timeout(_COMPARE_SECONDS)
    return {tip: any(_has_content(session, tip, one) for one in theirs) for tip in ours}


def _remote_defaults(
    snapshot: RefSnapshot, refs: Sequence[Ref], commits: Mapping[str, str]
) -> list[str]:
    """Return the commits of the branches of remotes that have the name of the default branch."""
    branch = (snapshot.facts.default_branch or "").encode()
    found = (
        commits.get(ref.oid)
        for ref in refs
        if ref.name.startswith(_REMOTES) and ref.name.split(b"/", 3)[3:] == [branch]
    )
    return list(dict.fromkeys(commit for commit in found if commit))[:_MOST_REMOTES]


def _has_content(session: GitSession, tip: str, theirs: str) -> bool:
    """Return whether *theirs* has the changes of *tip*, each or all in one; False if unknown."""
    alone = _lines(
        session, ("rev-list", "--right-only", "--cherry-pick", "--no-merges", f"{theirs}...{tip}")
    )
    if alone == []:
        return True
    bases = _lines(session, ("merge-base", tip, theirs))
    if not bases:
        return False
    plain = ("--no-ext-diff", "--no-textconv", "--no-color", "--no-renames", "--full-index")
    ours = _patch_ids(session, ("diff-tree", "-p", *plain, bases[0], tip))
    if not ours:
        return False
    upstream = ("log", "-p", *plain, "--no-show-signature", f"--max-count={_MOST_UPSTREAM}")
    merged = _patch_ids(session, (*upstream, "--format=commit %H", f"{bases[0]}..{theirs}"))
    return ours <= merged


def _patch_ids(session: GitSession, command: tuple[str, ...]) -> set[str]:
    """Return the ids that git gives to the changes that a command prints; none if unknown."""
    patches = bytearray()
    if session.run(command, (), patches.extend, _PATCH_BYTES).problem:
        return set()
    output = bytearray()
    outcome = session.run_on(bytes(patches), ("patch-id", "--stable"), output.extend, _IDS_BYTES)
    if outcome.problem:
        return set()
    return {line.split()[0].decode() for line in bytes(output).splitlines() if line.strip()}


def _lines(session: GitSession, command: tuple[str, ...]) -> list[str] | None:
    output = bytearray()
    if session.run(command, (), output.extend, _IDS_BYTES).problem:
        return None
    return output.decode("ascii", "replace").split()
