"""The rows of one artifact: all of them land, or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import pyarrow as pa

from loaders.zone.schemas import TABLES

# Rows to buffer; they become one row group of a landed file.
_BUFFER_ROWS = 100_000


class BatchedTable(Protocol):
    """A table to which batches of rows are appended, and can be taken back."""

    def append_table(self, rows: pa.Table, /) -> None: ...
    def mark(self) -> int: ...
    def take_back(self, mark: int, /) -> None: ...


class Batched(Protocol):
    """A run, as far as it writes rows."""

    @property
    def run_id(self) -> str: ...
    def table(self, name: str, /) -> BatchedTable: ...


@dataclass
class ArtifactWriter:
    """Writes the rows of one artifact to several tables of *run*, in a context.

    Rows are buffered. On leaving the context, rows that were not committed are removed again.
    """

    run: Batched
    # Columns that all rows of the artifact have in common, such as its path.
    common: Mapping[str, Any]
    row_count: int = 0  # without rejects and pointers
    _buffer: list[tuple[str, pa.Table]] = field(default_factory=list)
    _buffered_rows: int = 0
    _marks: dict[str, int] = field(default_factory=dict)

    def add(
        self,
        table: str,
        columns: Mapping[str, Sequence[Any] | pa.ChunkedArray],
        *,
        counts: bool = True,
    ) -> None:
        """Add rows of *table*, given as columns; missing columns are NULL."""
        length = len(columns["position"])
        if not length:
            return
        schema = TABLES[table]
        given = {
            name: pa.repeat(pa.scalar(value, schema.field(name).type), length)
            for name, value in {"run_id": self.run.run_id, **self.common}.items()
        }
        arrays = [
            _array(given.get(item.name, columns.get(item.name)), item.type, length)
            for item in schema
        ]
        self._buffer.append((table, pa.table(arrays, schema=schema)))
        self._buffered_rows += length
        self.row_count += length * counts
        if self._buffered_rows >= _BUFFER_ROWS:
            self._write(is_final=False)

    def commit(self) -> None:
        """Write all rows, so that they land with the run."""
        self._write(is_final=True)
        self._marks.clear()

    def __enter__(self) -> ArtifactWriter:
        return self

    def __exit__(self, *_: object) -> None:
        """Remove rows that were written but not committed."""
        self._buffer.clear()
        for table, mark in self._marks.items():
            self.run.table(table).take_back(mark)

    def _write(self, *, is_final: bool) -> None:
        by_table: dict[str, list[pa.Table]] = {}
        for table, rows in self._buffer:
            by_table.setdefault(table, []).append(rows)
        for table, rows in by_table.items():
            writer = self.run.table(table)
            if not is_final and table not in self._marks:
                self._marks[table] = writer.mark()
            writer.append_table(pa.concat_tables(rows).combine_chunks())
        self._buffer.clear()
        self._buffered_rows = 0


def _array(
    values: Sequence[Any] | pa.ChunkedArray | None, kind: pa.DataType, length: int
) -> pa.ChunkedArray:
    if values is None:
        return pa.nulls(length, kind)
    return values if isinstance(values, (pa.Array, pa.ChunkedArray)) else pa.array(values, kind)
