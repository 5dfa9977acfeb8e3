"""Join the rows of many reports before they are written: each batch of a table has a fixed cost,
mostly that of the search for secrets.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa

from loaders.base.masking import Masker
from loaders.zone.runs import Run, TableWriter

_ROWS = 100_000


@dataclass
class BatchedWriter:
    """Writes rows of one table, as `TableWriter` does, in larger batches."""

    writer: TableWriter
    _waiting: list[pa.Table] = field(default_factory=list)
    _row_count: int = 0

    def append_table(self, rows: pa.Table) -> None:
        """Append a batch, which may wait for others."""
        self._waiting.append(rows)
        self._row_count += rows.num_rows
        if self._row_count >= _ROWS:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        if self._waiting:
            self.writer.append_table(pa.concat_tables(self._waiting).combine_chunks())
        self._waiting.clear()
        self._row_count = 0

    def mark(self) -> int:
        """Mark the place to which `take_back` goes back."""
        self.flush()
        return self.writer.mark()

    def take_back(self, mark: int) -> None:
        """Remove what was appended since `mark` gave *mark*."""
        self._waiting.clear()
        self._row_count = 0
        self.writer.take_back(mark)


class Batches:
    """The tables of a run, with batches that are joined; `flush` writes the last of them."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._writers: dict[str, BatchedWriter] = {}

    @property
    def run_id(self) -> str:
        return self._run.run_id

    @property
    def masker(self) -> Masker:
        return self._run.masker

    def table(self, name: str) -> BatchedWriter:
        """Return the writer of the table *name*."""
        if name not in self._writers:
            self._writers[name] = BatchedWriter(self._run.table(name))
        return self._writers[name]

    def flush(self) -> None:
        """Write all rows that wait."""
        for writer in self._writers.values():
            writer.flush()
