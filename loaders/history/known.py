"""What the landing zone already knows of git history."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from threading import Lock
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from loaders.history.tables import FINAL_STATES, TABLES
from loaders.landing import LandingZone, LogEntry
from loaders.paths import bytes_of


class Crawled(NamedTuple):
    """A repository as the newest crawl met it."""

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


class Standing(NamedTuple):
    """How one commit stands in one repository."""

    is_reachable: bool
    is_in_default: bool
    chain_place: int | None


@dataclass
class Known:
    """What is landed. A run with a damaged file is not known at all: `damaged` names its files, to be landed again."""

    crawled: list[Crawled]
    roots: list[bytes]
    repositories: dict[str, KnownRepository]
    damaged: list[str]
    _paths: dict[str, list[str]]
    _order: dict[str, int]
    _no_lines: str  # a file of no rows
    _one_query: Lock

    def standings(self, repository_path: str) -> dict[str, Standing]:
        """Return commit → its newest landed standing in one repository."""
        rows = self._query(
            """
            select commit_sha, arg_max(is_reachable, seq), arg_max(is_in_default, seq),
                arg_max(coalesce(chain_place, 0), seq)
            from landed inner join log using (run_id)
            where repository_path = $path
            group by commit_sha
            """,
            "git_members",
            path=repository_path,
        )
        return {sha: Standing(*rest, place or None) for sha, *rest, place in rows}

    def landed_among(self, commits: Iterable[str]) -> dict[str, str]:
        """Return commit → state of its changes, of those of *commits* that are landed from anywhere."""
        wanted = pa.table({"commit_sha": pa.array(list(commits), pa.string())})
        rows = self._query(
            """
            select commit_sha, arg_max(changes_state, (changes_state in $final, seq))
            from landed inner join log using (run_id)
            where commit_sha in (select commit_sha from wanted)
            group by commit_sha
            """,
            "git_commits",
            wanted,
            final=list(FINAL_STATES),
        )
        return dict(rows)

    def uncounted(
        self, paths: Iterable[str], again: Iterable[str], most: int | None
    ) -> dict[str, list[tuple[str, str | None]]]:
        """Return repository → (commit, parent) whose lines nobody counted yet, newest first.

        Each commit is one repository's. Merges say nothing of their own, and what is cut off from its
        parents says too much. What could not be counted is tried *again* in these repositories. Those that
        lack more than *most* commits are left out.
        """
        rows = self._query(
            """
            with members as (
                select repository_path, commit_sha, arg_max(is_reachable, seq) as is_reachable
                from read_parquet($members) inner join log using (run_id)
                where repository_path in (select commit_sha from wanted)
                group by all
            ),
            counted as (
                select commit_sha, bool_or(state in $final) as is_final from read_parquet($lines) group by all
            ),
            lacking as (
                select min(repository_path) as repository_path, commit_sha, any_value(parents) as parents,
                    max(committed_at) as committed_at
                from landed inner join log using (run_id)
                inner join members using (commit_sha)
                left join counted using (commit_sha)
                where members.is_reachable and len(parents) < 2 and changes_state != 'boundary'
                    and (is_final is null or (not is_final and list_contains($again, repository_path)))
                group by commit_sha
            )
            select repository_path, commit_sha, parents[1]
            from lacking
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
        return {path: [row[1:] for row in group] for path, group in groupby(rows, key=lambda row: row[0])}

    def _query(self, query: str, table: str, wanted: pa.Table | None = None, **parameters: object) -> list[tuple]:
        if not self._paths[table]:
            return []
        import duckdb

        with self._one_query, duckdb.connect() as db:
            order = {"run_id": pa.array(self._order, pa.string()), "seq": pa.array(self._order.values(), pa.int64())}
            db.register("log", pa.table(order))
            if wanted is not None:
                db.register("wanted", wanted)
            query = query.replace("landed inner", "read_parquet($paths) inner")
            return db.execute(query, {"paths": self._paths[table], **parameters}).fetchall()


def load_known(zone: LandingZone, entries: Sequence[LogEntry]) -> Known:
    """Return what *entries*, read just now, know. Raises LandingError, OSError."""
    of_git = [entry for entry in entries if any(file.table in TABLES for file in entry.files)]
    whole = [entry for entry in of_git if entry.is_whole()]
    damaged = [file for entry in of_git if entry not in whole for file in entry.files if file.table in TABLES]
    paths = {
        name: [os.fspath(file.path) for entry in whole for file in entry.files if file.table == name] for name in TABLES
    }
    order = {entry.run_id: entry.seq for entry in entries}
    crawls = [os.fspath(f.path) for e in entries for f in e.files if f.table == "crawl_repositories" and f.is_healthy()]
    newest = _newest(crawls, order, "path", ["root_path", "state", "kind"])
    landed = _newest(paths["git_repositories"], order, "path", list(KnownRepository._fields))
    return Known(
        crawled=[Crawled(path, row["kind"]) for path, row in sorted(newest.items()) if row["state"] != "gone"],
        roots=sorted({bytes_of(row["root_path"]) for row in newest.values()}),
        # Where files are damaged nobody knows which repositories they were of.
        repositories={} if damaged else {path: KnownRepository(**row) for path, row in landed.items()},
        damaged=[os.fspath(file.path.relative_to(zone.path)) for file in damaged],
        _paths=paths,
        _order=order,
        _no_lines=os.fspath(zone.empty_table("git_lines")),
        _one_query=Lock(),
    )


def _newest(files: Sequence[str], order: dict[str, int], key: str, columns: list[str]) -> dict[str, dict]:
    """Return key → the columns of its newest row."""
    found: dict[str, tuple[int, dict]] = {}
    for file in files:
        for row in pq.read_table(file, columns=["run_id", key, *columns]).to_pylist():
            seq = order[row.pop("run_id")]
            name = row.pop(key)
            if name not in found or found[name][0] <= seq:
                found[name] = (seq, row)
    return {name: row for name, (_, row) in found.items()}
