"""Rewrites the build database if much of its file is free: replaced tables leave their blocks.

The published file is a copy of it, free blocks included.
"""

from __future__ import annotations

import os
from pathlib import Path

import duckdb

from loaders.base.engine_paths import plain_path, sql_text
from loaders.publishing.build_database import CONFIG

# Below this size, copying whole files costs nothing that anybody would notice.
_LEAST_BLOCKS = 256
_MOST_FREE = 0.25


def compact_if_due(database: Path) -> bool:
    """Rewrite *database* if it is large and much of it is free; say whether that was done.

    For the holder of the build lock, with no connection open. Raises duckdb.Error, OSError.
    """
    with duckdb.connect(plain_path(database), read_only=True) as db:
        [(total, free)] = db.execute(
            "select total_blocks, free_blocks from pragma_database_size()"
        ).fetchall()
    if total < _LEAST_BLOCKS or free <= total * _MOST_FREE:
        return False
    draft = database.with_name("compacted.duckdb")
    draft.unlink(missing_ok=True)
    with duckdb.connect(config=CONFIG) as db:
        db.execute(
            f"attach {sql_text(plain_path(database))} as meta (read_only);"
            f"attach {sql_text(plain_path(draft))} as compacted (storage_version 'v1.5.0');"
            "copy from database meta to compacted; checkpoint compacted"
        )
    os.replace(draft, database)
    return True
