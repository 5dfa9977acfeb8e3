"""Find the crawled manifests and read their content, if it is still the crawled one."""

from __future__ import annotations

import csv
import errno
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from loaders.base.engine_paths import path_list, read_parquet
from loaders.base.paths import PROJECT_ROOT, bytes_of, is_beneath
from loaders.sources.crawl.read import read_again
from loaders.sources.crawl.tables import TABLES as CRAWL_TABLES
from loaders.sources.manifests.python_versions import ATTRIBUTE
from loaders.sources.manifests.read import READER_VERSION, REQUIREMENTS
from loaders.sources.manifests.tables import TABLES
from loaders.zone.asking import asking, damaged_paths, table_paths
from loaders.zone.landing import LandingZone, LogEntry
from loaders.zone.registered import ROOT, registered_sources

if TYPE_CHECKING:
    import duckdb

SEED = PROJECT_ROOT / "seeds" / "dependency_files.csv"
# Far above the largest manifests that people write, about 100 kB.
LARGEST_BYTES = 1 << 20

_REPLACED = "replaced since the crawl; crawl again"


class CrawledFile(NamedTuple):
    """A file in its state at the last crawl; `format` is None unless the name is a manifest's."""

    path: str
    state: str
    kind: str
    sha256: str | None
    size_bytes: int
    format: str | None


class Followed(NamedTuple):
    """Another file that a manifest names: its path as written, and the format to read it in."""

    pointer: str
    format: str


class KnownContent(NamedTuple):
    """The landed result of the current reader version for one content."""

    state: str
    reason: str | None
    follows: tuple[Followed, ...]


Content = tuple[str, str]  # digest, the format in which it was read


class ContentUnavailable(Exception):
    """The file cannot be read now or was replaced after the crawl; the message is the reason."""


@dataclass
class Landed:
    """The landed manifests and results."""

    contents: dict[Content, KnownContent]
    damaged: list[str]
    _db: duckdb.DuckDBPyConnection
    _roots: list[str]

    def manifests(self) -> list[CrawledFile]:
        """Return the files below registered roots whose names are in the seed, by path."""
        # The longest of several matching patterns decides, as in int_dependencies__manifests.
        matches = "case when contains(pattern, '/') then folder_and_name else name end glob pattern"
        return self._current(
            "max_by(rules.format, (length(rules.pattern), rules.pattern))", matches, "patterns"
        )

    def at(self, paths: Iterable[str]) -> list[CrawledFile]:
        """Return the files below registered roots at *paths*."""
        self._db.register("wanted", pa.table({"pattern": pa.array(sorted(paths), pa.string())}))
        return self._current("null", "path = pattern", "wanted")

    def _current(self, form: str, condition: str, rules: str) -> list[CrawledFile]:
        query = f"""
            with matching as (
                select
                    rtrim(directory_path, '/') || '/' || name as path,
                    regexp_extract(directory_path, '[^/]*$') || '/' || name as folder_and_name,
                    *
                from crawled
                where exists (select 1 from {rules} where {condition})
            ),
            newest as (
                select * from matching inner join log using (run_id)
                qualify row_number() over (partition by path order by seq desc) = 1
            )
            select path, state, kind, sha256, coalesce(size_bytes, 0), {form}
            from newest inner join {rules} as rules on {condition}
            where state <> 'gone'
            group by all
            order by path
        """
        found = map(CrawledFile._make, self._db.execute(query).fetchall())
        return [file for file in found if any(is_beneath(file.path, root) for root in self._roots)]


def dependency_files() -> list[dict[str, str]]:
    """Return the rows of the seed that name manifests."""
    with open(SEED, newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["part"] == "name"]


@contextmanager
def landed(zone: LandingZone) -> Iterator[Landed]:
    """Yield the landed manifests and results. Raises LandingError."""
    roots = [source.path for source in registered_sources(zone, ROOT)]
    with asking(zone) as (db, entries):
        rows = dependency_files()
        columns = {
            name: pa.array([row[name] for row in rows], pa.string())
            for name in ("pattern", "format")
        }
        db.register("patterns", pa.table(columns))
        crawled = path_list(table_paths(zone, CRAWL_TABLES["crawl_files"].name, entries))
        db.execute(f"create view crawled as from {read_parquet(crawled, union_by_name=True)}")
        yield Landed(_contents(zone, db, entries), damaged_paths(zone, entries, TABLES), db, roots)


def _contents(
    zone: LandingZone, db: duckdb.DuckDBPyConnection, entries: list[LogEntry]
) -> dict[Content, KnownContent]:
    """Return the results of this reader version, without those of runs with damaged files."""
    whole = [entry for entry in entries if entry.is_whole()]
    packages, dependencies = (
        table_paths(zone, table, whole) for table in ("manifest_packages", "manifest_dependencies")
    )
    query = """
        with followed as (
            select
                sha256,
                format,
                list(distinct [
                    pointer,
                    case scope when 'include' then $requirements else $attribute || group_name end
                ]) as pointers
            from landed($dependencies)
            where scope in ('include', 'version') and pointer is not null
            group by sha256, format
        )
        select sha256, format, state, reason, coalesce(pointers, [])
        from landed($packages) left join followed using (sha256, format)
        where reader_version = $version
    """
    rows = db.execute(
        query,
        {
            "packages": packages,
            "dependencies": dependencies,
            "version": READER_VERSION,
            "requirements": REQUIREMENTS,
            "attribute": ATTRIBUTE,
        },
    ).fetchall()
    return {
        (sha256, form): KnownContent(state, reason, tuple(sorted(map(Followed._make, followed))))
        for sha256, form, state, reason, followed in rows
    }


def read_crawled(file: CrawledFile) -> bytes:
    """Return the content of *file*, exactly as crawled. Raises ContentUnavailable."""
    try:
        content = read_again(bytes_of(file.path), file.sha256, file.size_bytes)
    except OSError as error:
        is_replaced = error.errno in (errno.ENOENT, errno.ELOOP, errno.ENOTDIR, errno.ENXIO)
        reason = _REPLACED if is_replaced else error.strerror or str(error)
        raise ContentUnavailable(reason) from None
    if content is None:
        raise ContentUnavailable(_REPLACED)
    return content
