"""Land the signals of source files and readmes: once per content and version of the extractor.

What was crawled says which contents are source text. Those without signals of this version are read
again from disk, in processes of their own, and only where they still are what was crawled.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

import pyarrow as pa

from loaders.base.paths import bytes_of, clean_text, text_of
from loaders.base.workers import Workers
from loaders.sources.crawl.tables import TABLES as CRAWL_TABLES
from loaders.sources.signals.extract import MAX_READ, Extract, extractor_version
from loaders.sources.signals.languages import README, readme_names, source_languages
from loaders.sources.signals.read import ReadRequest
from loaders.sources.signals.tables import TABLES
from loaders.sources.signals.tally import Signal
from loaders.zone.asking import asking, damaged_paths, table_paths
from loaders.zone.landing import LandingZone
from loaders.zone.runs import Run

_MODULE = "loaders.sources.signals.read"
_TABLE = TABLES["file_signals"].name
_PROCESSES = 2
# Below this many files, starting a second process costs more than it saves.
_WORTH_A_PROCESS = 150
_BATCH_FILES = 64
_BATCHES_IN_FLIGHT = 6
# No file that is looked at takes a hundredth of it; what does is not waited for.
_BATCH_SECONDS = 120.0
_FILE_SECONDS = 20.0
_ROWS = 5_000
# States of contents without signals: their roles stay unknown.
_TOO_LARGE, _REFUSED = "too_large", "refused"

Result = Extract | str | None


def land_signals(
    zone: LandingZone, argv: Sequence[str], progress: Callable[[str], None] = lambda line: None
) -> Run | None:
    """Land the signals of every source content on disk that has none of this version yet; None
    where all have.

    Raises Busy where another run does so, LandingError where the zone is damaged.
    """
    with zone.lock("signals", "landing signals").acquire():
        wanted = _Wanted(zone)
        if not wanted.requests and not wanted.too_large and not wanted.damaged:
            return None
        with zone.run("signals", argv, ["signals"], config_hash=extractor_version()) as run:
            landing = _Landing(run, progress, len(wanted.requests))
            run.counts.unchanged = wanted.known
            for sha256, language in wanted.too_large:
                landing.add(sha256, language, Extract(_TOO_LARGE, []))
            for request, result in _extracted(wanted.requests):
                landing.take(request, result)
            landing.flush()
            run.replaces += wanted.damaged
        return run


class _Wanted:
    """The work: source contents on disk without signals of this version."""

    def __init__(self, zone: LandingZone) -> None:
        with asking(zone) as (db, entries):
            self.damaged = damaged_paths(zone, entries, [_TABLE])
            db.register("languages", source_languages())
            db.register("readmes", readme_names())
            parameters = {
                "readme": README,
                "files": table_paths(zone, CRAWL_TABLES["crawl_files"].name, entries),
                "signals": table_paths(zone, _TABLE, entries),
                "version": extractor_version(),
                "readme_version": extractor_version(README),
            }
            rows = db.execute(_QUERY, parameters).fetchall()
        self.known = sum(is_known for *_, is_known in rows)
        wanted = [row for row in rows if not row[-1]]
        self.too_large = [
            (sha256, language) for sha256, _, _, language, size, _ in wanted if size > MAX_READ
        ]
        self.requests = [
            ReadRequest(sha256, path_bytes or bytes_of(path), language)
            for sha256, path, path_bytes, language, size, _ in wanted
            if size <= MAX_READ
        ]


# One row per content of a source file or readme on disk: its first path, and whether its signals
# are landed.
_QUERY = """
    with files as (
        select
            files.directory_path, files.name, files.path_bytes, files.state, files.kind,
            files.sha256,
            files.is_binary, files.size_bytes, files.tags, log.seq
        from landed($files) as files
        inner join log using (run_id)
    ),
    newest as (
        select * from files
        qualify row_number() over (partition by directory_path, name order by seq desc) = 1
    ),
    tag_sets as (
        select tags, min_by(languages.language, languages.precedence) as language
        from (select tags, unnest(tags) as tag from (select distinct tags from newest))
        inner join languages using (tag)
        group by tags
    ),
    contents as (
        select
            newest.sha256,
            min_by(rtrim(directory_path, '/') || '/' || name, (directory_path, name)) as path,
            min_by(path_bytes, (directory_path, name)) as path_bytes,
            -- A content that is source text somewhere is read as such.
            coalesce(min_by(tag_sets.language, (directory_path, name)), $readme) as language,
            max(size_bytes) as size_bytes
        from newest
        left join tag_sets using (tags)
        where (
            tag_sets.language is not null
            or exists (select 1 from readmes where lower(newest.name) glob readmes.pattern)
        )
        and state = 'present' and kind = 'file' and not is_binary and size_bytes > 0
        group by newest.sha256
    ),
    known as (
        select distinct sha256, extractor_version from landed($signals)
        where extractor_version in ($version, $readme_version)
    )
    select contents.*, known.sha256 is not null as is_known
    from contents
    left join known
        on known.sha256 = contents.sha256
        and known.extractor_version
            = if(contents.language = $readme, $readme_version, $version)
    order by path
"""


@dataclass
class _Landing:
    """Takes results into a run, and counts them."""

    run: Run
    progress: Callable[[str], None]
    total: int
    rows: list[tuple[str, str, str, int | None, str | None]] = field(default_factory=list)
    signals: list[Signal] = field(default_factory=list)  # of all rows, one after the other
    ends: list[int] = field(default_factory=lambda: [0])  # where those of each row end
    done: int = 0

    def take(self, request: ReadRequest, result: Result) -> None:
        self.done += 1
        if isinstance(result, Extract):
            self.add(request.sha256, request.language, result)
            if result.parse_state == _REFUSED:
                self.run.problem(
                    f"{text_of(request.path)}: cannot be parsed in {_FILE_SECONDS:.0f} s; its "
                    "role is unknown"
                )
        elif result is None:
            # The next crawl finds the new content.
            self.run.counts.skipped += 1
        else:
            self.run.counts.quarantined += 1
            self.run.problem(f"{text_of(request.path)}: cannot be read: {clean_text(result)}")
        if self.done % 500 == 0:
            self.progress(f"signals: {self.done:,} of {self.total:,} files")

    def add(self, sha256: str, language: str, found: Extract) -> None:
        self.run.counts.landed += 1
        self.rows.append(
            (sha256, language, found.parse_state, found.inline_test_lines, found.lifecycle)
        )
        self.signals += found.signals
        self.ends.append(len(self.signals))
        if len(self.rows) >= _ROWS:
            self.flush()

    def flush(self) -> None:
        """Write what is held, made of whole columns: a dictionary per signal would take longer than
        finding it.
        """
        writer = self.run.table(_TABLE)
        if not self.rows:
            return
        sha256s, languages, states, tests, lifecycles = zip(*self.rows, strict=True)
        of_list = writer.schema.field("signals").type
        columns = zip(*self.signals, strict=True) if self.signals else ((), (), ())
        parts = [
            pa.array(column, part.type)
            for column, part in zip(columns, of_list.value_type, strict=True)
        ]
        structs = pa.StructArray.from_arrays(parts, fields=list(of_list.value_type))
        columns_of_table = {
            "run_id": [self.run.run_id] * len(self.rows),
            "sha256": sha256s,
            "extractor_version": [extractor_version(language) for language in languages],
            "language": languages,
            "parse_state": states,
            "signals": pa.ListArray.from_arrays(
                pa.array(self.ends, pa.int32()), structs, type=of_list
            ),
            "inline_test_lines": tests,
            "lifecycle": lifecycles,
        }
        writer.append_table(pa.table(columns_of_table, schema=writer.schema))
        self.rows, self.signals, self.ends = [], [], [0]


def _extracted(requests: Sequence[ReadRequest]) -> Iterator[tuple[ReadRequest, Result]]:
    """Yield every request with its result, in order.

    Only workers look: a hostile file ends one of them at worst.
    """
    if not requests:
        return
    workers = Workers(_MODULE, _PROCESSES if len(requests) > _WORTH_A_PROCESS else 1)
    in_flight: deque[tuple[Sequence[ReadRequest], Future[list[Result]]]] = deque()
    try:
        for start in range(0, len(requests), _BATCH_FILES):
            batch = requests[start : start + _BATCH_FILES]
            in_flight.append((batch, workers.give(batch, _BATCH_SECONDS)))
            if len(in_flight) > _BATCHES_IN_FLIGHT:
                yield from _finished(workers, *in_flight.popleft())
        while in_flight:
            yield from _finished(workers, *in_flight.popleft())
    finally:
        workers.end()


def _finished(
    workers: Workers, batch: Sequence[ReadRequest], answer: Future[list[Result]]
) -> Iterator[tuple[ReadRequest, Result]]:
    """Yield the results of a batch; where one of its files ended the worker, that one is
    refused.
    """
    try:
        yield from zip(batch, answer.result(), strict=True)
    except ChildProcessError:
        for request in batch:
            try:
                yield request, workers.give([request], _FILE_SECONDS).result()[0]
            except ChildProcessError:
                yield request, Extract(_REFUSED, [])
