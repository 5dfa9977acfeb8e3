"""The build database: made from scratch unless exactly this code made it.

Every whole build makes all of it, so it is never worth keeping at any risk. dbt, however, builds
over existing relations: it inserts into the table of a seed whose columns have changed, and cannot
replace a view by a seed. So a mark beside the database names the code that made everything in it.
If that is not the present code, a whole build starts from an empty database. Any other command
keeps the existing relations, as a person who edits a model needs it, and removes the mark: after
that, more than one version of the code has made the database.

The mark is written after the old database has gone and before the new one is begun, so a kill at
any moment leaves either a true mark or none.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Mapping
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any

from loaders.base.engine_paths import plain_path
from loaders.base.locks import Busy, keeps_out
from loaders.base.sealed import read_file, replace_durably, seal, unseal

_CODE = (
    ".dbtignore",
    "dbt_project.yml",
    "profiles.yml",
    "models",
    "loaders/sources/*/staging",
    "macros",
    "seeds",
    "tests/dbt",
)
_ENGINES = ("dbt-core", "dbt-duckdb", "duckdb")
# A mark is much shorter.
_MOST_BYTES = 1 << 16


def code_fingerprint(project: Path) -> str:
    """Return a digest of what decides what a build makes: the dbt *project* and what runs it."""
    digest = hashlib.sha256()
    for name in _ENGINES:
        digest.update(f"{name} {version(name)}\0".encode())
    for top in chain.from_iterable(sorted(project.glob(part)) for part in _CODE):
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.is_file():
                content = hashlib.sha256(path.read_bytes()).hexdigest()
                line = f"{path.relative_to(project)} {content}\0"
                digest.update(line.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def what_makes_it(project: Path, zone_id: str) -> dict[str, str]:
    """Return what the mark holds: code of the dbt *project*, landed schemas, landing zone."""
    from loaders.sources.registry import TABLES
    from loaders.zone.schemas import RUNS

    tables = hashlib.sha256()
    for name, schema in sorted({**TABLES, "runs": RUNS}.items()):
        tables.update(f"{name}\n{schema.to_string()}\0".encode())
    return {"code": code_fingerprint(project), "schemas": tables.hexdigest(), "zone_id": zone_id}


def make_ready(database: Path, maker: Mapping[str, str], *, is_whole: bool) -> None:
    """Before this process opens *database*: delete it if *maker* cannot build on it.

    That is if it cannot be opened, or if a whole build would build on what something else made.
    For the holder of the build lock. Raises Busy if another program has it open, OSError.
    """
    is_known = forget_other_maker(database, maker)
    if database.is_file() and keeps_out(database, writing=True):
        who = "another program has the build database open"
        raise Busy(f"{database}: {who}; wait, or end that program")
    if not _can_be_opened(database) or (is_whole and not is_known):
        _delete(database)
    if is_whole and not is_known:
        replace_durably(_mark_of(database), seal(maker))


def forget_other_maker(database: Path, maker: Mapping[str, str]) -> bool:
    """Say whether *maker* alone made *database*; if not, take the mark away."""
    mark = _mark_of(database)
    if _read(mark) == maker:
        return True
    for path in [mark, *mark.parent.glob(f"{mark.name}.*.draft")]:
        _remove(path)
    return False


def _mark_of(database: Path) -> Path:
    return database.with_suffix(".made-by.json")


def _read(mark: Path) -> dict[str, Any] | None:
    """Return what a mark holds, or None for one that is missing, damaged or unreadable."""
    try:
        return unseal(read_file(mark, at_most=_MOST_BYTES), exactly=True)
    except (OSError, ValueError, RecursionError):
        return None


def _can_be_opened(database: Path) -> bool:
    """Say whether *database* is missing, or a healthy file of an engine that this one reads."""
    import duckdb

    if not database.exists():
        # A journal without its database belongs to another one.
        return not _wal_of(database).exists()
    if not database.is_file():
        return False
    try:
        duckdb.connect(plain_path(database), read_only=True).close()
    except duckdb.Error:
        return False
    return True


def _wal_of(database: Path) -> Path:
    return database.with_name(f"{database.name}.wal")


def _delete(database: Path) -> None:
    # The journal first: alone it would be taken for that of the next database.
    for path in (_wal_of(database), database):
        _remove(path)


def _remove(path: Path) -> None:
    """Delete *path*, of whatever kind. Raises OSError for a folder that is not empty."""
    if path.is_dir() and not path.is_symlink():
        path.rmdir()
    else:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
