"""Query the git history that is already landed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from loaders.base.engine_paths import plain_path
from loaders.base.paths import bytes_of
from loaders.safe_git.commits import READER
from loaders.sources.crawl.tables import TABLES as CRAWL_TABLES
from loaders.sources.git_history.ref_changes import RefState
from loaders.sources.git_history.tables import FINAL_STATES, TABLES, TEXT
from loaders.zone.asking import table_paths
from loaders.zone.landing import LandingZone, LogEntry

if TYPE_CHECKING:
    import duckdb


class Crawled(NamedTuple):
    """A repository in its state at the newest crawl."""

    path: str
    kind: str

    @property
    def path_bytes(self) -> bytes:
        return bytes_of(self.path)


class KnownRepository(NamedTuple):
    """The newest landed state of one repository."""

    state: str
    reason: str | None
    fingerprint: str | None


class Member(NamedTuple):
    """A commit as part of one repository: whether refs reach it, and where it is in the chain."""

    is_reachable: bool
    is_in_default: bool
    chain_place: int | None


@dataclass
class Known:
    """The landed state. Runs with a damaged file are ignored; `damaged` lists their files.

    These files are to be landed again.
    """

    crawled: list[Crawled]
    roots: list[bytes]
    repositories: dict[str, KnownRepository]
    damaged: list[str]
    # Path → stamp, HEAD and its tree, of the newest reading of unsaved work.
    unsaved: dict[str, tuple[str | None, str | None, str | None]]
    # Work tree → its paths under a filter, relative to it.
    filtered: dict[str, frozenset[bytes]]
    _paths: dict[str, list[str]]
    _no_lines: str  # a file of no rows
    _db: duckdb.DuckDBPyConnection
    _one_query: Lock = field(default_factory=Lock)

    def members(self, repository_path: str) -> dict[str, Member]:
        """Return commit → its newest landed membership in one repository."""
        rows = self._query(
            """
            select commit_sha, max_by(is_reachable, seq), max_by(is_in_default, seq),
                max_by(coalesce(chain_place, 0), seq)
            from landed($paths) inner join log using (run_id)
            where repository_path = $path
            group by commit_sha
            """,
            "git_members",
            path=repository_path,
        )
        return {
            sha: Member(is_reachable, is_in_default, place or None)
            for sha, is_reachable, is_in_default, place in rows
        }

    def refs(self, repository_path: str) -> tuple[str | None, dict[str, RefState]]:
        """Return the run of the last reading of a repository, None if there was none, and its
        refs.
        """
        rows = self._query(
            """
            with last as (
                select max_by(run_id, seq) as run_id
                from landed($repositories) inner join log using (run_id)
                where path = $path and commit_count is not null
            )
            select last.run_id, ref_name, object_id, commit_sha
            from last
            left join landed($paths) as refs
                on refs.run_id = last.run_id
                and refs.repository_path = $path and symbolic_target is null
            """,
            "git_refs",
            repositories=self._paths["git_repositories"],
            path=repository_path,
        )
        states = {name: RefState(oid, commit) for _, name, oid, commit in rows if name}
        return (rows[0][0] if rows else None), states

    def parents_of(self, commits: Iterable[str]) -> dict[str, list[str]]:
        """Return landed commit → its parents."""
        rows = self._query(
            """
            select commit_sha, any_value(parents) from landed($paths)
            where commit_sha in (select commit_sha from wanted)
            group by commit_sha
            """,
            "git_commits",
            pa.table({"commit_sha": pa.array(list(commits), pa.string())}),
        )
        return {sha: parents or [] for sha, parents in rows}

    def landed_among(self, commits: Iterable[str]) -> dict[str, str]:
        """Return commit → state of its changes, for landed *commits* of any repository."""
        wanted = pa.table({"commit_sha": pa.array(list(commits), pa.string())})
        rows = self._query(
            """
            select commit_sha, max_by(changes_state, (changes_state in $final, seq))
            from landed($paths) inner join log using (run_id)
            where commit_sha in (select commit_sha from wanted) and changes_state != $text
            group by commit_sha
            """,
            "git_commits",
            wanted,
            final=list(FINAL_STATES),
            text=TEXT,
        )
        return dict(rows)

    def parsed_by_older(self, commits: Iterable[str]) -> list[str]:
        """Return those of the landed *commits* whose texts an older reader has parsed."""
        rows = self._query(
            """
            select commit_sha from landed($paths)
            where commit_sha in (select commit_sha from wanted)
            group by commit_sha
            having max(coalesce(reader, 1)) < $reader
            order by commit_sha
            """,
            "git_commits",
            pa.table({"commit_sha": pa.array(list(commits), pa.string())}),
            reader=READER,
        )
        return [sha for (sha,) in rows]

    def uncounted(
        self, paths: Iterable[str], again: Iterable[str], most: int | None
    ) -> dict[str, list[tuple[str, str | None]]]:
        """Return repository → (commit, parent) without line counts, newest first.

        Each commit is assigned to one repository. Merges are left out, because their changes are
        those of other commits, and so are boundary commits, because all their files seem new.
        Commits that could not be counted are included for the repositories in *again*.
        Repositories with more than *most* such commits are left out.
        """
        rows = self._query(
            """
            with members as (
                select repository_path, commit_sha, max_by(is_reachable, seq) as is_reachable
                from landed($members) inner join log using (run_id)
                where repository_path in (select commit_sha from wanted)
                group by all
            ),
            counted as (
                select commit_sha, bool_or(state in $final) as is_final
                from landed($lines)
                group by all
            ),
            uncounted as (
                select min(repository_path) as repository_path, commit_sha,
                    any_value(parents) as parents, max(committed_at) as committed_at
                from landed($paths) inner join log using (run_id)
                inner join members using (commit_sha)
                left join counted using (commit_sha)
                where members.is_reachable and len(parents) < 2
                    and changes_state not in ('boundary', 'text')
                    and (
                        is_final is null
                        or (not is_final and list_contains($again, repository_path))
                    )
                group by commit_sha
            )
            select repository_path, commit_sha, parents[1]
            from uncounted
            qualify count(*) over (partition by repository_path) <= coalesce($most, 1e12)
            order by repository_path, committed_at desc, commit_sha
            """,
            "git_commits",
            pa.table({"commit_sha": pa.array(list(paths), pa.string())}),
            members=self._paths["git_members"],
            lines=[*self._paths["git_lines"], self._no_lines],
            most=most,
            again=list(again),
            final=list(FINAL_STATES),
        )
        return {
            path: [row[1:] for row in group]
            for path, group in groupby(rows, key=lambda row: row[0])
        }

    def _query(
        self, query: str, table: str, wanted: pa.Table | None = None, **parameters: object
    ) -> list[tuple[Any, ...]]:
        if not self._paths[table]:
            return []
        with self._one_query:
            if wanted is not None:
                self._db.register("wanted", wanted)
            return self._db.execute(query, {"paths": self._paths[table], **parameters}).fetchall()


def load_known(
    zone: LandingZone, db: duckdb.DuckDBPyConnection, entries: Sequence[LogEntry]
) -> Known:
    """Return the landed state of *entries*; *db* is a connection from `asking`.

    Raises LandingError, OSError.
    """
    git_entries = [entry for entry in entries if any(file.table in TABLES for file in entry.files)]
    whole = [entry for entry in git_entries if entry.is_whole()]
    damaged = [
        file
        for entry in git_entries
        if entry not in whole
        for file in entry.files
        if file.table in TABLES
    ]
    paths = {name: _paths_of(zone, name, whole) for name in TABLES}
    crawls = table_paths(zone, CRAWL_TABLES["crawl_repositories"].name, entries)
    crawled = _newest(db, crawls, ("root_path", "state", "kind"))
    landed = _newest(db, paths["git_repositories"], KnownRepository._fields)
    unsaved = _newest(db, paths["git_unsaved"], ("stamp", "head_commit", "head_tree"))
    return Known(
        crawled=[
            Crawled(path, kind)
            for path, (_, state, kind) in sorted(crawled.items())
            if state != "gone"
        ],
        roots=sorted({bytes_of(root_path) for root_path, *_ in crawled.values()}),
        # If files are damaged, it is unknown which repositories they were about.
        repositories={}
        if damaged
        else {path: KnownRepository(*row) for path, row in landed.items()},
        unsaved={path: (row[0], row[1], row[2]) for path, row in unsaved.items() if not damaged},
        filtered=_filtered(db, table_paths(zone, "crawl_path_rules", entries)),
        damaged=[os.fspath(file.path.relative_to(zone.path)) for file in damaged],
        _paths=paths,
        _no_lines=plain_path(zone.empty_table("git_lines")),
        _db=db,
    )


def _paths_of(zone: LandingZone, table: str, whole: Sequence[LogEntry]) -> list[str]:
    """Return the paths of *table* in the form that `landed` reads; none if it was never landed."""
    # The files of whole entries are healthy and need no second check.
    files = [file.path for entry in whole for file in entry.files if file.table == table]
    return [*map(plain_path, files), plain_path(zone.empty_table(table))] if files else []


def _newest(
    db: duckdb.DuckDBPyConnection, paths: list[str], columns: Sequence[str]
) -> dict[str, list[Any]]:
    """Return path → *columns* of its newest row in the files at *paths*."""
    if not paths:
        return {}
    query = f"""
        select path, {", ".join(columns)} from landed($paths) inner join log using (run_id)
        qualify row_number() over (partition by path order by seq desc) = 1
    """
    return {path: rest for path, *rest in db.execute(query, {"paths": paths}).fetchall()}


def _filtered(db: duckdb.DuckDBPyConnection, paths: list[str]) -> dict[str, frozenset[bytes]]:
    """Return work tree → its newest landed paths whose content a filter changes."""
    if not paths:
        return {}
    query = """
        select top_path, path from landed($paths) inner join log using (run_id)
        qualify seq = max(seq) over (partition by top_path) and is_filtered
    """
    found: dict[str, set[bytes]] = {}
    for top, path in db.execute(query, {"paths": paths}).fetchall():
        found.setdefault(top, set()).add(bytes_of(path[len(top.rstrip("/")) + 1 :]))
    return {top: frozenset(inner) for top, inner in found.items()}
