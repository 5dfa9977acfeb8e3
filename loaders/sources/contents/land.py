"""Land what is extracted from contents: once per content and version of the extractor.

What was crawled says which contents are source text. Those without facts of this version are read
again from disk, in processes of their own, and only where they still are what was crawled. A
content without the facts of several extractors is read and parsed once for all of them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from typing import Any

import pyarrow as pa

from loaders.base.locks import Busy
from loaders.base.paths import clean_text, text_of
from loaders.base.workers import Workers
from loaders.sources.contents.batches import Answer, Batch, Request
from loaders.sources.contents.extractor import REFUSED, TOO_LARGE, Extracted, Extractor, Packed
from loaders.sources.contents.wanted import Wanted, configuration_digest
from loaders.zone.landing import LandingZone
from loaders.zone.runs import Run

_MODULE = "loaders.sources.contents.read"
_PROCESSES = 2
# Below this many files, starting a second process costs more than it saves.
_WORTH_A_PROCESS = 150
_BATCH_FILES = 64
_BATCH_BYTES = 2 << 20
_BATCHES_IN_FLIGHT = 6
# No file that is looked at takes a hundredth of it; what does is not waited for.
_BATCH_SECONDS = 120.0
_FILE_SECONDS = 20.0
# Rows of a table that are held until they are written; those of contents may hold long lists.
_ROWS = 20_000
_CONTENTS = 2_500

Progress = Callable[[str], None]


def land_contents(
    zone: LandingZone,
    argv: Sequence[str],
    extractors: Sequence[Extractor],
    progress: Progress = lambda line: None,
) -> list[Run | None]:
    """Land what *extractors* find in every source content on disk without it; return the run of
    each, None if it has every content already.

    An extractor whose facts another run lands now is left to that run. Raises Busy where this is
    so for all, LandingError where the zone is damaged.
    """
    with ExitStack() as stack:
        free = _locked(zone, extractors, stack)
        wanted = Wanted(zone, free)
        landings = [
            _Landing(stack.enter_context(_run(zone, argv, one)), one, number, wanted)
            if wanted.has_work(number)
            else None
            for number, one in enumerate(free)
        ]
        active = [landing for landing in landings if landing is not None]
        for landing in active:
            landing.add_too_large(wanted.too_large)
        done = 0
        for requests, answer in _extracted(free, wanted.requests):
            for landing in active:
                landing.take(requests, answer)
            done += len(requests)
            progress(f"{free[0].name}: {done:,} of {len(wanted.requests):,} files")
        for landing in active:
            landing.finish()
        runs = {landing.extractor.name: landing.run for landing in active}
    return [runs.get(extractor.name) for extractor in extractors]


def _locked(
    zone: LandingZone, extractors: Sequence[Extractor], stack: ExitStack
) -> list[Extractor]:
    """Return the extractors whose lock is free, locked until the end of *stack*."""
    free: list[Extractor] = []
    for number, extractor in enumerate(extractors, 1):
        try:
            stack.enter_context(zone.lock(extractor.name, f"landing {extractor.name}").acquire())
            free.append(extractor)
        except Busy:
            if number == len(extractors) and not free:
                raise
    return free


def _run(zone: LandingZone, argv: Sequence[str], extractor: Extractor) -> Any:
    name = extractor.name
    return zone.run(name, argv, [name], config_hash=configuration_digest(extractor))


class _Landing:
    """Takes what one extractor found into its run, and counts it."""

    def __init__(self, run: Run, extractor: Extractor, number: int, wanted: Wanted) -> None:
        self.run = run
        self.extractor = extractor
        self._number = number  # of the extractor in the versions of a request
        self._held: dict[str, list[list[Any]]] = {
            name: [[] for _ in table.schema.names[1:]] for name, table in extractor.tables.items()
        }
        run.counts.unchanged = wanted.known[number]
        run.read_up_to = wanted.read_up_to
        run.replaces += wanted.damaged[number]

    def add_too_large(self, requests: Sequence[Request]) -> None:
        self._add_unread(requests, TOO_LARGE)

    def take(self, requests: Sequence[Request], answer: Answer | None) -> None:
        """Take the answer about *requests*; None: one request that ended its worker."""
        if answer is None:
            self._refuse(requests)
            return
        counts = self.run.counts
        for request, outcome in zip(requests, answer.outcomes, strict=True):
            if request.versions[self._number] is None:
                continue
            if outcome is True:
                counts.landed += 1
            elif outcome is None:
                # The next crawl finds the new content.
                counts.skipped += 1
            else:
                counts.quarantined += 1
                reason = clean_text(str(outcome))
                self.run.problem(f"{text_of(request.path)}: cannot be read: {reason}")
        self._hold(answer.packed[self._number])

    def finish(self) -> None:
        for table in self._held:
            self._write(table)

    def _refuse(self, requests: Sequence[Request]) -> None:
        for request in self._add_unread(requests, REFUSED):
            self.run.problem(
                f"{text_of(request.path)}: cannot be parsed in {_FILE_SECONDS:.0f} s; "
                f"{self.extractor.unknown} is unknown"
            )

    def _add_unread(self, requests: Sequence[Request], state: str) -> list[Request]:
        """Land the *state* of contents without facts; return those that were asked for."""
        asked = [request for request in requests if request.versions[self._number]]
        self.run.counts.landed += len(asked)
        facts = self.extractor.unread(state)
        rows = [
            Extracted(request.sha256, version, request.language, facts)
            for request in asked
            if (version := request.versions[self._number])
        ]
        self._hold(self.extractor.pack(rows))
        return asked

    def _hold(self, packed: Packed) -> None:
        for table, columns in packed.items():
            held = self._held[table]
            for values, more in zip(held, columns, strict=True):
                values += more
            if len(held[0]) >= (_CONTENTS if table == self.extractor.content_table else _ROWS):
                self._write(table)

    def _write(self, table: str) -> None:
        """Write what is held, made of whole columns: a dictionary per row would take longer than
        finding it.
        """
        columns = self._held[table]
        length = len(columns[0])
        if not length:
            return
        writer = self.run.table(table)
        run_ids = [self.run.run_id] * length
        arrays = [
            _array(values, item.type)
            for values, item in zip([run_ids, *columns], writer.schema, strict=True)
        ]
        writer.append_table(pa.table(arrays, schema=writer.schema))
        self._held[table] = [[] for _ in columns]


def _array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Return an array of *kind*; a list of records is given as lists of tuples."""
    if not (pa.types.is_list(kind) and pa.types.is_struct(kind.value_type)):
        return pa.array(values, kind)
    ends, records = [0], []
    for some in values:
        records += some
        ends.append(len(records))
    parts = list(kind.value_type)
    columns = zip(*records, strict=True) if records else ((),) * len(parts)
    fields = [pa.array(column, part.type) for column, part in zip(columns, parts, strict=True)]
    structs = pa.StructArray.from_arrays(fields, fields=parts)
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), structs, type=kind)


def _extracted(
    extractors: Sequence[Extractor], requests: Sequence[Request]
) -> Iterator[tuple[Sequence[Request], Answer | None]]:
    """Yield the answers about all requests, in order; None about one that ended its worker.

    Only workers look: a hostile file ends one of them at worst.
    """
    if not requests:
        return
    workers = Workers(_MODULE, _PROCESSES if len(requests) > _WORTH_A_PROCESS else 1)
    in_flight: deque[tuple[Batch, Future[Answer]]] = deque()
    try:
        extract, pack = [one.extract for one in extractors], [one.pack for one in extractors]
        for some in _batches(requests):
            batch = Batch(some, extract, pack)
            in_flight.append((batch, workers.give(batch, _BATCH_SECONDS)))
            if len(in_flight) > _BATCHES_IN_FLIGHT:
                yield from _finished(workers, *in_flight.popleft())
        while in_flight:
            yield from _finished(workers, *in_flight.popleft())
    finally:
        workers.end()


def _batches(requests: Sequence[Request]) -> Iterator[list[Request]]:
    """Yield the requests in batches that are bounded in files and bytes."""
    batch: list[Request] = []
    size = 0
    for request in requests:
        if batch and (len(batch) == _BATCH_FILES or size + request.size_bytes > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(request)
        size += request.size_bytes
    if batch:
        yield batch


def _finished(
    workers: Workers, batch: Batch, answer: Future[Answer]
) -> Iterator[tuple[Sequence[Request], Answer | None]]:
    """Yield the answer about a batch; where one of its files ended the worker, that one is
    refused.
    """
    try:
        yield batch.requests, answer.result()
    except ChildProcessError:
        for request in batch.requests:
            alone = batch._replace(requests=[request])
            try:
                yield alone.requests, workers.give(alone, _FILE_SECONDS).result()
            except ChildProcessError:
                yield alone.requests, None
