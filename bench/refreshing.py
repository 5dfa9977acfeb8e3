"""The section about refreshes: this checkout beside another one, whose refresh is the yardstick.

Both work on the same folder, which is changed before each repetition, and each has a landing zone
that its own code made. Afterwards their published files must be about the same files and commits.
"""

from __future__ import annotations

import itertools
import os
import statistics
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.checkouts import Checkout, Pair, pair
from bench.clones import clone_all, environment, git_output
from bench.comparing import Section
from bench.large_zone import land_large_zone
from bench.trees import Missing, Tree, program

# The highest ratios of wall time, and of memory, that are aimed at.
_UNCHANGED, _NEXT_DAY, _EDITED, _COMMITTED, _WHOLE = 0.15, 0.40, 0.50, 0.50, 1.0
_LARGE_UNCHANGED, _LARGE_CHANGED, _LARGE_MEMORY = 0.10, 0.35, 0.7
_SOURCE = (".py", ".js", ".ts", ".go", ".rs", ".c", ".java", ".rb")
_PERSON = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Bench"), ("EMAIL", "bench@example.org"))
}


def refreshes(tree: Tree) -> Iterator[Section]:
    """Refresh clones of the repositories of the tree, and then a large generated landing zone."""
    assert tree.against is not None
    clones = clone_all(tree, tree.scratch / "refresh" / "clones")
    if not clones:
        raise Missing("no repository could be cloned")
    file = _file_to_change(clones)
    yield from _of_repositories(tree, file, len(clones))
    if tree.large_files:
        yield from _of_large_zone(tree, file)


def _of_repositories(tree: Tree, file: Path, count: int) -> Iterator[Section]:
    assert tree.against is not None
    folder = tree.scratch / "refresh"
    cases = _Cases(pair(tree.against, folder), "refresh", {"repositories": count})
    yield cases.first("first", lambda side: side.refresh(folder / "clones"))
    cases.settle()
    yield cases.case("nothing changed", lambda side: side.refresh(), _UNCHANGED)
    yield cases.case("one file edited", lambda side: side.refresh(), _EDITED, lambda: _edit(file))
    yield cases.case("one commit", lambda side: side.refresh(), _COMMITTED, lambda: _commit(file))
    yield cases.case("whole dbt build", lambda side: side.build(), _WHOLE)
    # Last, since its moments are ahead of the clock.
    yield cases.later_days("next day", _NEXT_DAY)


def _of_large_zone(tree: Tree, file: Path) -> Iterator[Section]:
    assert tree.against is not None
    folder = tree.scratch / "refresh-large"
    # A clone of a clone, so that its changes are its own.
    clone = folder / "clones" / "0"
    subprocess.run(
        [program("git"), "clone", "--quiet", "--template=", "--", _top_of(file), clone],
        env=environment(),
        check=True,
        capture_output=True,
    )
    changed = clone / file.relative_to(_top_of(file))
    both = pair(tree.against, folder)
    for side in both.both:
        side.run(side.refresh(folder / "clones"))
        land_large_zone(side.home.where.landing, tree.large_files, datetime.now(UTC))
    cases = _Cases(both, "refresh, large", {"files": tree.large_files})
    yield cases.first("first", lambda side: side.refresh(), {"memory": _LARGE_MEMORY})
    cases.settle()
    yield cases.case("nothing changed", lambda side: side.refresh(), _LARGE_UNCHANGED)
    yield cases.case(
        "one repository changed", lambda side: side.refresh(), _LARGE_CHANGED,
        lambda: _commit(changed),
    )  # fmt: skip


class _Cases:
    """Makes the sections of a pair of homes."""

    def __init__(self, both: Pair, name: str, amounts: Mapping[str, int]) -> None:
        self._both = both
        self._name = name
        self._amounts = amounts

    def first(
        self,
        what: str,
        command: Callable[[Checkout], Sequence[str]],
        limits: Mapping[str, float] | None = None,
    ) -> Section:
        """Return a refresh that makes everything, once."""
        return self._section(what, command, limits or {}, most_runs=1)

    def settle(self) -> None:
        """Refresh twice: files that were young when they were crawled are read once more."""
        for _ in range(2):
            for side in self._both.both:
                side.run(side.refresh())

    def case(
        self,
        what: str,
        command: Callable[[Checkout], Sequence[str]],
        limit: float,
        before: Callable[[], None] = lambda: None,
    ) -> Section:
        return self._section(what, command, {"wall": limit}, before)

    def later_days(self, what: str, limit: float) -> Section:
        """Return refreshes of both sides on the next day, and on the day after each of these."""
        began = datetime.now(UTC)
        days = {side.name: itertools.count(1) for side in self._both.both}

        def command(side: Checkout) -> list[str]:
            return side.refresh(now=began + timedelta(days=next(days[side.name])))

        return self._section(what, command, {"wall": limit})

    def _section(
        self,
        what: str,
        command: Callable[[Checkout], Sequence[str]],
        limits: Mapping[str, float],
        before: Callable[[], None] = lambda: None,
        most_runs: int | None = None,
    ) -> Section:
        ours, other = (side.side(lambda side=side: command(side)) for side in self._both.both)
        return Section(
            f"{self._name}: {what}",
            ours,
            other,
            self._amounts,
            is_of_tree=False,
            before=before,
            after=self._both.compare,
            of_runs=statistics.median,
            most_runs=most_runs,
            limits=limits,
        )


def _file_to_change(clones: Sequence[Path]) -> Path:
    """Return a source file of the repository in the middle, by number of files."""
    found = []
    for clone in clones:
        names = (git_output(clone, "ls-files", "-z") or "").split("\0")[:-1]
        sources = [name for name in names if name.endswith(_SOURCE) and _is_file(clone / name)]
        if sources:
            found.append((len(names), clone, clone / sources[0]))
    if not found:
        raise Missing("no repository has a source file that could be changed")
    return sorted(found)[len(found) // 2][2]


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _top_of(file: Path) -> Path:
    return next(folder for folder in file.parents if (folder / ".git").exists())


def _edit(file: Path) -> None:
    with file.open("ab") as opened:
        opened.write(b"\n")


def _commit(file: Path) -> None:
    """Edit *file* and commit it; a clone has neither hooks nor filters."""
    _edit(file)
    command = [program("git"), "-C", _top_of(file), "commit", "--quiet", "--all", "-m", "Bench"]
    subprocess.run(
        [*command, "--no-gpg-sign"],
        env={**environment(), **_PERSON, "GIT_TERMINAL_PROMPT": "0", "HOME": os.devnull},
        check=True,
        capture_output=True,
    )
