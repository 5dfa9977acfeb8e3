"""Whether META_DB_PATH and the folder beside it belong to this product, checked before any change
there.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from loaders.base.engine_paths import readable
from loaders.base.errors import NotOurs
from loaders.base.inside import is_regular
from loaders.base.paths import Locations
from loaders.base.work_folder import is_work_folder

_WAY_OUT = "move it away, or set META_DB_PATH to another path"
# A DuckDB journal begins with its version record: field 100, then type 98 and field 101.
_JOURNAL = b"d\x00be\x00"
_VIEWS = (
    "v_project_health",
    "v_index_coverage",
    "v_collector_projects",
    "v_gap_backlog",
    "v_next_actions",
)


def refuse_foreign_published(where: Locations) -> None:
    """Raise NotOurs if publishing at *where* would replace or change anything that we did not make.

    A file was published by this product if it is one of the kept versions, or has the contract of a
    published file: then its work folder is lost, or it was copied here. Writes nothing.
    """
    path = where.published
    _refuse_foreign_work_folder(where.work_folder)
    for folder in path.parents:
        if folder.name.endswith(".d") and is_work_folder(folder):
            raise NotOurs(
                f"{path}: is in {folder}, where an installation keeps its own files; {_WAY_OUT}"
            )
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        journal = journal_of(path)
        if is_journal(journal):
            raise NotOurs(f"{journal}: is the journal of another database; {_WAY_OUT}") from None
        return
    if stat.S_ISLNK(status.st_mode):
        raise NotOurs(f"{path}: is a symbolic link that leads to no file; {_WAY_OUT}")
    if not stat.S_ISREG(status.st_mode):
        raise NotOurs(f"{path}: is not a file; {_WAY_OUT}")
    if not _is_kept(where, status) and not _has_contract(path):
        raise NotOurs(f"{path}: is a file that was not published by Meta Collector; {_WAY_OUT}")


def journal_of(database: Path) -> Path:
    return database.with_name(database.name + ".wal")


def is_journal(path: Path) -> bool:
    """Return whether *path* is a file that DuckDB would read as the journal of a database."""
    if not is_regular(path):
        return False
    with open(path, "rb") as file:
        return file.read(len(_JOURNAL)) == _JOURNAL


def _refuse_foreign_work_folder(folder: Path) -> None:
    if not os.path.lexists(folder):
        return
    if not folder.is_dir():
        raise NotOurs(
            f"{folder}: is not a folder, and the build needs one of this name; {_WAY_OUT}"
        )
    if os.listdir(folder) and not is_work_folder(folder):
        raise NotOurs(
            f"{folder}: is a folder of others, and the build needs one of this name; {_WAY_OUT}"
        )


def _is_kept(where: Locations, published: os.stat_result) -> bool:
    """Return whether the published file is another name of a kept version."""
    try:
        kept = [
            entry.inode()
            for entry in os.scandir(where.versions)
            if entry.is_file(follow_symlinks=False)
        ]
    except OSError:
        return False
    return published.st_ino in kept and published.st_dev == os.stat(where.versions).st_dev


def _has_contract(path: Path) -> bool:
    """Return whether *path* is a database that was published by this product.

    The database of a build has the same relations, and a schema `landed`, which no published file
    has.
    """
    # Late: a published file that is kept needs no look inside.
    import duckdb

    try:
        with readable(path) as name:
            connection = duckdb.connect(
                name, read_only=True, config={"enable_external_access": False}
            )
        with connection as db:
            found = db.execute(
                """
                select schema_name, view_name from duckdb_views() where not internal
                union all
                select schema_name, table_name from duckdb_tables() where not internal
                """
            ).fetchall()
    except duckdb.Error:
        return False
    relations = set(found)
    ours = {("internal", "as_of"), *(("main", name) for name in _VIEWS)}
    return ours <= relations and all(schema != "landed" for schema, _ in relations)
