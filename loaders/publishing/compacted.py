"""Copies the build database, less the blocks that replaced tables have left free in its file."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import duckdb

from loaders.base.engine_paths import plain_path, sql_text
from loaders.publishing.build_database import CONFIG

# A file with fewer free blocks is copied unchanged, which is far faster.
_MOST_FREE = 0.25


def copy_database(source: Path, target: Path) -> None:
    """Copy the database *source*, which is closed, to *target*. Raises duckdb.Error, OSError.

    If many blocks are free, *source* is written again without them: a later build then finds few.
    """
    with duckdb.connect(plain_path(source), read_only=True) as db:
        [(total, free)] = db.execute(
            "select total_blocks, free_blocks from pragma_database_size()"
        ).fetchall()
    if free > total * _MOST_FREE:
        _compact(source, target)
        os.replace(target, source)
    shutil.copyfile(source, target)


def _compact(source: Path, target: Path) -> None:
    with duckdb.connect(config=CONFIG) as db:
        db.execute(
            f"attach {sql_text(plain_path(source))} as meta (read_only);"
            f"attach {sql_text(plain_path(target))} as compacted (storage_version 'v1.5.0');"
            "copy from database meta to compacted; checkpoint compacted"
        )
