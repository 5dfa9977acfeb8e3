"""Contents that an interrupted crawl has already read; resuming reads only the other files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from loaders.base.engine_paths import plain_path
from loaders.sources.crawl.content_tags import reader_version
from loaders.sources.crawl.known_files import by_directory, rows_in
from loaders.sources.crawl.read import Content
from loaders.sources.crawl.tables import TABLES
from loaders.zone import schemas


class InterruptedCrawl:
    """File contents by directory, from the parts that interrupted runs have left."""

    def __init__(self, parts: Sequence[Path]) -> None:
        columns = ["directory_path", "name", *Content._fields]
        tables = [
            _read_part(part, columns) for part in parts if part.name.startswith("crawl_files.")
        ]
        # Most crawls have no parts, so they skip the slow imports of by_directory.
        self._files, self._places = (
            by_directory(pa.concat_tables(tables)) if tables else (_no_rows(columns), {})
        )

    def contents_in(self, directory: bytes) -> dict[bytes, Content]:
        """Return name → content of the files in *directory* that were read and settled."""
        return {
            name: Content(*rest)
            for name, *rest in rows_in(self._files, self._places.get(directory, ()))
        }


def _no_rows(columns: list[str]) -> pa.Table:
    return TABLES["crawl_files"].schema.empty_table().select(columns)


def _read_part(part: Path, columns: list[str]) -> pa.Table:
    """Return the settled files of a part; none if the run died while it wrote the part."""
    import pyarrow.compute as pc

    try:
        rows = pq.read_table(plain_path(part), page_checksum_verification=True)
    except (OSError, pa.ArrowInvalid):
        return _no_rows(columns)
    rows = schemas.as_declared("crawl_files", rows)
    was_read = pc.and_(pc.equal(rows["state"], "present"), pc.equal(rows["kind"], "file"))
    was_read = pc.and_(was_read, pc.equal(rows["reader_version"], reader_version()))
    return rows.filter(pc.and_(was_read, rows["is_settled"])).select(columns)
