"""Collect the rows of one report: all of them land, or none."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from types import TracebackType
from typing import Self

import pyarrow as pa

from loaders.sources.artifacts.artifact_rows import ArtifactWriter
from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.reports.reading.report_facts import Component, Fact, ToolRun
from loaders.sources.reports.reading.report_places import place_of
from loaders.sources.reports.reading.row_batches import Batches
from loaders.sources.reports.reading.version_order import order_key
from loaders.zone.runs import Run

# Rows of a table that are held as tuples before they become columns.
_HELD = 1_000
_HASH_BYTES = 16
_LONGEST_REASON = 120


class Rows:
    """The rows of one content, in a context: rows that were not committed are removed again.

    A reader adds the facts of a run of the tool, then the run itself, which ends it.
    """

    def __init__(
        self, run: Run | Batches, tables: Mapping[type[Fact], str], sha256: str, reader_version: int
    ) -> None:
        self._tables = tables
        common = {"sha256": sha256, "reader_version": reader_version}
        self._writer = ArtifactWriter(run, common)
        # No key of BLAKE2 is longer than 64 bytes.
        self._key = blake2b(run.masker.key.encode()).digest()
        self._held: dict[type[Fact], list[Fact]] = {kind: [] for kind in tables}
        self._counts = dict.fromkeys(tables, 0)
        self._has_open_run = False  # rows whose run of the tool was not added yet
        self._places: dict[tuple[str, tuple[str, ...], str], int] = {}

    @property
    def tool_run_count(self) -> int:
        return self._counts[ToolRun]

    @property
    def row_count(self) -> int:
        return sum(self._counts.values())

    def count(self, kind: type[Fact]) -> int:
        """Return how many facts of a kind were added."""
        return self._counts[kind]

    def add(self, fact: Fact) -> int:
        """Add *fact* to the run under way, and return its position in its table."""
        kind = type(fact)
        held = self._held[kind]
        held.append(fact)
        position = self._counts[kind]
        self._counts[kind] = position + 1
        self._has_open_run = kind is not ToolRun
        if kind is ToolRun:
            self._end_run()
        elif len(held) >= _HELD:
            self._pass_on(kind)
        return position

    def add_all(self, kind: type[Fact], facts: Sequence[Fact]) -> None:
        """Add *facts* of one *kind*, which is not a run, to the run under way."""
        held = self._held[kind]
        held += facts
        self._counts[kind] += len(facts)
        self._has_open_run = self._has_open_run or bool(facts)
        if len(held) >= _HELD:
            self._pass_on(kind)

    def path(self, given: str, bases: Iterable[str] = (), form: str = "path") -> int:
        """Return the index of the path *given*, which is added once per run.

        *bases* are the folders that it may be relative to, as the report names them, the likeliest
        first. *form* is `path`, `uri` (percent-encoded), or `package` (below a source root that the
        report does not name, as `com/example/Cart.java`).
        """
        key = (given, tuple(bases), form)
        index = self._places.get(key)
        if index is None:
            index = self._places[key] = self.add(place_of(*key))
        return index

    def keyed_hash(self, text: str) -> str:
        """Return a hash of *text* that cannot be computed without the key of the landing zone."""
        raw = text.encode("utf-8", "replace")
        return blake2b(raw, key=self._key, digest_size=_HASH_BYTES).hexdigest()

    def line_hash(self, line: str) -> str | None:
        """Return the hash of a line of source text, whatever its white space; None of a blank."""
        words = " ".join(line.split())
        return self.keyed_hash(words) if words else None

    def commit(self) -> None:
        """Write all rows, so that they land with the run."""
        if self._has_open_run:
            # Rows without a run of a tool get an unknown one.
            self.add(ToolRun())
        self._writer.commit()

    def __enter__(self) -> Self:
        self._writer.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._writer.__exit__(kind, error, traceback)

    def _end_run(self) -> None:
        self._places.clear()
        for kind, held in self._held.items():
            if held and kind is not ToolRun:
                self._pass_on(kind)
        self._pass_on(ToolRun)

    def _pass_on(self, kind: type[Fact]) -> None:
        held = self._held[kind]
        end = self._counts[kind]
        columns = dict(zip(kind._fields, zip(*held, strict=True), strict=True))
        columns["position"] = tuple(range(end - len(held), end))
        if kind is Component:
            columns["version_key"] = tuple(
                order_key(ecosystem, version)
                for ecosystem, version in zip(columns["ecosystem"], columns["version"], strict=True)
            )
        if kind is not ToolRun:
            columns["run_index"] = (self._counts[ToolRun] - bool(self._held[ToolRun]),) * len(held)
        held.clear()
        try:
            self._writer.add(self._tables[kind], columns)
        except (pa.ArrowException, OverflowError, TypeError, UnicodeError) as error:
            # A value that no column of this type can have costs this report, and no other.
            reason = str(error).partition("\n")[0][:_LONGEST_REASON]
            raise Invalid(f"a value that {self._tables[kind]} cannot have: {reason}") from None


def json_list(values: Iterable[object]) -> str | None:
    """Return *values* as a JSON list of texts; None if there are none."""
    texts = [str(value) for value in values if value is not None]
    return json.dumps(texts, ensure_ascii=False) if texts else None
