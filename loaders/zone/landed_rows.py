"""The rows of landed files as Python holds them: for small tables, and for one file at a time."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from loaders.base.errors import LandingError
from loaders.base.sealed import NotAFile, open_file
from loaders.zone import schemas
from loaders.zone.commit_log import LandedFile, LogEntry
from loaders.zone.schemas import RULES


class ReadableZone(Protocol):
    """The part of a landing zone that reading needs (see `loaders.zone.landing`)."""

    def __hash__(self) -> int: ...

    def entries(self) -> list[LogEntry]: ...

    def reading(self) -> AbstractContextManager[list[LogEntry]]: ...


def rows_in_order(zone: ReadableZone, table: str) -> list[dict[str, Any]]:
    """Return the rows of *table*, those of older runs first; of a small table, since all of it is
    held.

    A row without its run or a part of its key is left out, as in a build.
    """
    with zone.reading() as entries:
        files = [file for entry in entries for file in entry.files if file.table == table]
        found = [row for file in files for row in read_rows(file)]
        key = RULES[table].key.split()
        order = {entry.run_id: entry.seq for entry in entries}
        rows = [
            row
            for row in found
            if row["run_id"] in order and all(row[name] not in (None, "") for name in key)
        ]
    return sorted(rows, key=lambda row: order[row["run_id"]])


def read_rows(file: LandedFile) -> list[dict[str, Any]]:
    """Return all rows of a landed file, each with every declared column of its table.

    Raises LandingError if it is lost or damaged, OSError if it cannot be read now.
    """
    try:
        with open_file(file.path) as opened:
            rows = pq.ParquetFile(opened, page_checksum_verification=True).read()
            return python_rows(schemas.as_declared(file.table, rows))
    except (FileNotFoundError, NotAFile, pa.ArrowInvalid):
        pass
    except OSError as error:
        if error.errno is not None:
            raise
    raise LandingError(f"{file.path}: {file.fault() or 'cannot be read'}; restore it from a backup")


def python_rows(table: pa.Table) -> list[dict[str, Any]]:
    """Return the rows of *table*; a time or a day that Python cannot hold is None."""
    columns = {
        item.name: _held_by_python(table[item.name], item.type).to_pylist() for item in table.schema
    }
    return [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]


def _held_by_python(values: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    if not (pa.types.is_timestamp(kind) or pa.types.is_date32(kind)):
        return values
    import pyarrow.compute as pc

    number = pa.int64() if pa.types.is_timestamp(kind) else pa.int32()
    limits = [datetime.min, datetime.max]  # noqa: DTZ901  # landed times are naive, in UTC
    ends = pa.array(limits).cast(kind, safe=False).cast(number).to_pylist()
    numbers = values.cast(number)
    is_held = pc.and_(pc.greater_equal(numbers, ends[0]), pc.less_equal(numbers, ends[1]))
    return pc.if_else(is_held, values, pa.scalar(None, kind))
