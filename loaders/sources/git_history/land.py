"""Land the history of every crawled repository: what is new of it, two repositories at a time,
largest first.

Commits and their changes land once, even if several repositories have them. For a repository with
unchanged refs, only its refs are read. Counting lines takes eight times as long as all the rest and
needs the contents of files: it is a second pass, a run of its own.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import click

from loaders.base import clock
from loaders.base.figures import counted
from loaders.base.masking import is_landed_as
from loaders.base.paths import clean_text, is_beneath, text_of
from loaders.base.remedies import LAND
from loaders.safe_git.changes import Pair, read_changes
from loaders.safe_git.reader import RepositoryReader
from loaders.safe_git.recent_history import apply_true_boundaries
from loaders.safe_git.repository_facts import RefSnapshot
from loaders.safe_git.safe_files import RepositoryError
from loaders.sources.git_history.history_rows import LineRows
from loaders.sources.git_history.known_history import Crawled, Known, load_known
from loaders.sources.git_history.read import (
    CLONE_REMARKS,
    PAIR_SECONDS,
    Outcome,
    batches,
    read_repository,
)
from loaders.sources.git_history.repository_rows import repository_row, worktree_rows
from loaders.sources.git_history.sink import CannotLand, Sink
from loaders.sources.git_history.unsaved_rows import Stale, land_unsaved, stale
from loaders.zone.asking import asking
from loaders.zone.landing import LandingZone
from loaders.zone.runs import Run

_AT_A_TIME = 2
_LINES_OF_A_BATCH = 1_000
_REFS_SECONDS = 60.0

Progress = Callable[[str], None]


@dataclass
class Summary:
    """The outcome of landing history, in numbers; `run` is None if there was nothing to land."""

    run: Run | None = None
    lines_run: Run | None = None
    repositories: int = 0
    unchanged: int = 0
    commits: int = 0
    changes: int = 0
    counted: int = 0

    @property
    def runs(self) -> list[Run]:
        return [run for run in (self.run, self.lines_run) if run is not None]

    def as_object(self) -> dict[str, int]:
        """Return the numbers, as `land.py git --json` prints them."""
        return {
            "repositories": self.repositories,
            "unchanged": self.unchanged,
            "commits": self.commits,
            "changes": self.changes,
            "counted": self.counted,
        }

    def __str__(self) -> str:
        return (
            f"{counted(self.repositories, 'repository')}, {self.unchanged:,} unchanged; "
            f"{counted(self.commits, 'commit')} and {counted(self.changes, 'change')} landed; "
            f"lines of {counted(self.counted, 'commit')} counted"
        )


@dataclass
class _Work:
    """The repositories to read, and the outcome for the others."""

    known: Known
    crawled: list[Crawled]
    to_read: list[tuple[Crawled, RefSnapshot]] = field(default_factory=list)
    unsaved: list[Stale] = field(default_factory=list)
    troubled: list[tuple[Crawled, RepositoryError]] = field(default_factory=list)
    unchanged: int = 0

    @property
    def is_news(self) -> bool:
        """Whether there is anything to land. An error that has landed before is not."""
        return bool(
            self.to_read
            or self.unsaved
            or self.known.damaged
            or any(map(self.is_new_trouble, self.troubled))
        )

    def is_new_trouble(self, item: tuple[Crawled, RepositoryError]) -> bool:
        crawled, trouble = item
        known = self.known.repositories.get(crawled.path)
        if known is None or (known.state, known.fingerprint) != (trouble.state, None):
            return True
        return not is_landed_as(clean_text(trouble.reason), known.reason)


def land_history(
    zone: LandingZone,
    within: Sequence[bytes] = (),
    argv: Sequence[str] = (),
    progress: Progress = lambda line: None,
    *,
    most_lines: int | None = None,
) -> Summary:
    """Land what is new in the repositories that were crawled *within* these folders, or in all.

    Then count lines, except in repositories with more than *most_lines* uncounted commits. Raises
    Busy if another run does so, LandingError, and click.UsageError for a folder without a crawled
    repository.
    """
    with zone.lock("git", "landing git history").acquire():
        with asking(zone) as (db, entries):
            known = load_known(zone, db, entries)
            crawled = _chosen(known.crawled, within)
            if within:
                # Otherwise the other rows of damaged runs would not be landed again.
                known.damaged.clear()
            with RepositoryReader(known.roots, _REFS_SECONDS) as reader:
                work = _work_in(reader, known, crawled)
                summary = Summary(repositories=len(crawled), unchanged=work.unchanged)
                if work.is_news:
                    _land(zone, reader, work, argv, progress, summary)
        if work.is_news or most_lines is None:
            again = [one.path for one, _ in work.to_read]
            _count_lines(zone, crawled, again, most_lines, argv, progress, summary)
    return summary


def _chosen(crawled: list[Crawled], within: Sequence[bytes]) -> list[Crawled]:
    folders = [text_of(folder) for folder in within]
    for folder in folders:
        if not any(is_beneath(one.path, folder) for one in crawled):
            raise click.UsageError(
                f"{folder}: no repository was crawled here; run: {LAND} crawl {folder}"
            )
    return [
        one
        for one in crawled
        if not folders or any(is_beneath(one.path, folder) for folder in folders)
    ]


def _work_in(reader: RepositoryReader, known: Known, crawled: list[Crawled]) -> _Work:
    """Read the refs of every repository, and return those that have more to read."""
    work = _Work(known, crawled)
    for one in crawled:
        try:
            snapshot = reader.read_refs(one.path_bytes, bare=one.kind == "bare")
        except RepositoryError as trouble:
            work.troubled.append((one, trouble))
            continue
        if unsaved := stale(reader, known, one, snapshot):
            work.unsaved.append(unsaved)
        landed = known.repositories.get(one.path)
        if landed and landed.fingerprint == snapshot.fingerprint:
            work.unchanged += 1
        else:
            work.to_read.append((one, snapshot))
    work.to_read.sort(key=lambda item: -_pack_bytes(item[1].located.objects))
    return work


def _pack_bytes(objects: bytes) -> int:
    """Return how much there is to read, about."""
    try:
        with os.scandir(objects + b"/pack") as entries:
            return sum(entry.stat(follow_symlinks=False).st_size for entry in entries)
    except OSError:
        return 0


# -- the first pass --------------------------------------------------------------------------------


def _land(
    zone: LandingZone,
    reader: RepositoryReader,
    work: _Work,
    argv: Sequence[str],
    progress: Progress,
    summary: Summary,
) -> None:
    with zone.run("git", argv, ["git"]) as run:
        run.safeguards["network_isolation"] = reader.network_isolated
        run.counts.unchanged = work.unchanged
        run.replaces += work.known.damaged
        for one, trouble in work.troubled:
            _land_trouble(run, one, trouble, is_new=work.is_new_trouble((one, trouble)))
        sink = Sink(run, work.known)
        outcomes = _read_all(reader, sink, work.to_read, progress)
        for outcome in outcomes:
            _land_repository(run, sink, outcome)
        trees = {outcome.crawled.path: outcome.head_tree for outcome in outcomes}
        with _threads() as threads:
            land_unsaved(run, reader, work.known, work.unsaved, trees, threads.map)
        summary.run = run
        summary.commits = sum(outcome.new_commits for outcome in outcomes)
        summary.changes = sink.changes


def _read_all(
    reader: RepositoryReader,
    sink: Sink,
    to_read: Sequence[tuple[Crawled, RefSnapshot]],
    progress: Progress,
) -> list[Outcome]:
    """Read repositories, two at a time: while git works for one, the rows of the other are
    landed.
    """

    def read(item: tuple[Crawled, RefSnapshot]) -> Outcome:
        try:
            return read_repository(reader, sink, *item)
        except CannotLand:
            raise
        except Exception as error:
            trouble = (
                error
                if isinstance(error, RepositoryError)
                else RepositoryError("truncated", _named(error))
            )
            return Outcome(*item, state=trouble.state, reasons=[trouble.reason], should_retry=True)

    outcomes = []
    with _threads() as threads:
        for number, outcome in enumerate(threads.map(read, to_read), start=1):
            outcomes.append(outcome)
            progress(f"history: {number} of {len(to_read)} repositories, {sink.changes:,} changes")
    return outcomes


@contextmanager
def _threads() -> Iterator[ThreadPoolExecutor]:
    """Give threads for repositories. Raises what kept one of them from landing."""
    with ThreadPoolExecutor(_AT_A_TIME) as threads:
        try:
            yield threads
        except CannotLand as error:
            raise (error.__cause__ or error) from None
        finally:
            # Whatever ended this, an interrupt for one: what has not begun does not begin any more.
            threads.shutdown(cancel_futures=True)


def _named(error: Exception) -> str:
    return f"reader_error: {type(error).__name__}"


def _land_trouble(run: Run, crawled: Crawled, trouble: RepositoryError, *, is_new: bool) -> None:
    """Land why nothing of a repository could be read; it is tried again every time."""
    run.counts.quarantined += 1
    if is_new:
        reason = clean_text(trouble.reason)
        run.problem(
            f"{crawled.path}: history {trouble.state}: {reason}; repair it, or exclude it from "
            "the crawl"
        )
        run.table("git_repositories").append_rows(
            [{"path": crawled.path, "state": trouble.state, "reason": reason, "read_at": _now()}]
        )


def _land_repository(run: Run, sink: Sink, outcome: Outcome) -> None:
    """Land the state of a repository, after the commits that another one was to land for it."""
    if sink.has_unfinished(outcome.borrowed):
        outcome.state, outcome.should_retry = "truncated", True
        outcome.reasons.append("commits_of_another_repository_missing")
    reason = clean_text("; ".join(outcome.reasons)) or None
    if outcome.commit_count is None:
        run.counts.quarantined += 1
        run.problem(
            f"{outcome.crawled.path}: history could not be read: {reason}; it is tried again next "
            "time"
        )
    else:
        run.counts.landed += 1
        if not set(outcome.reasons).issubset(CLONE_REMARKS):
            run.problem(
                f"{outcome.crawled.path}: history {outcome.state}: {reason}; the rest of it is "
                "landed"
            )
    run.table("git_repositories").append_rows([repository_row(outcome, reason, _now())])
    run.table("git_worktrees").append_rows(worktree_rows(outcome))


def _now() -> datetime:
    return clock.as_naive_utc(clock.now())


# -- the second pass -------------------------------------------------------------------------------


def _count_lines(
    zone: LandingZone,
    crawled: Iterable[Crawled],
    again: Sequence[str],
    most: int | None,
    argv: Sequence[str],
    progress: Progress,
    summary: Summary,
) -> None:
    """Land the lines that commits added and removed, if they are not counted yet."""
    with asking(zone) as (db, entries):
        known = load_known(zone, db, entries)
        by_path = {one.path: one for one in crawled}
        uncounted = known.uncounted(by_path, again, most)
        if not uncounted:
            return
        with (
            zone.run("git-lines", argv, ["git-lines"]) as run,
            RepositoryReader(known.roots, _REFS_SECONDS) as reader,
            _threads() as threads,
        ):
            sink = Sink(run, known)

            def count(path: str) -> int:
                return _count_of_repository(reader, sink, by_path[path], uncounted[path])

            largest_first = sorted(uncounted, key=lambda path: -len(uncounted[path]))
            for number, counted in enumerate(threads.map(count, largest_first), start=1):
                run.counts.landed += counted
                run.counts.skipped += len(uncounted[largest_first[number - 1]]) - counted
                progress(f"lines: {number} of {len(uncounted)} repositories")
            summary.lines_run, summary.counted = run, run.counts.landed


def _count_of_repository(
    reader: RepositoryReader,
    sink: Sink,
    crawled: Crawled,
    uncounted: Sequence[tuple[str, str | None]],
) -> int:
    """Land the lines of commits of one repository; return of how many.

    The others are tried again later.
    """
    done = 0
    try:
        snapshot = reader.read_refs(crawled.path_bytes, bare=crawled.kind == "bare")
        with reader.objects(snapshot) as session:
            apply_true_boundaries(session, snapshot.located.shallow)
            for batch in batches(uncounted, _LINES_OF_A_BATCH):
                pairs = [Pair(commit, parent, 1) for commit, parent in batch]
                rows = LineRows(pairs)
                states = read_changes(session, "--numstat", pairs, rows.add, PAIR_SECONDS)
                sink.put("git_lines", rows.table(sink.run.run_id, states))
                done += len(batch)
    except CannotLand:
        raise
    except Exception:
        # Why it cannot be read is in the record of the first pass.
        return done
    return done
