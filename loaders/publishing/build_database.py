"""The build database, which every whole build makes from scratch.

A whole build makes all of it, so nothing in it is worth keeping. Over existing relations, dbt would
insert into the table of a seed whose columns have changed, could not replace a view by a seed, and
would leave the blocks of the replaced tables free: a third of the published file. Any other command
keeps the existing relations, as a person who edits a model needs it. So does a refresh, which knows
how each was made (loaders.building).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from importlib.metadata import version
from pathlib import Path

from loaders.base.engine_paths import plain_path
from loaders.base.locks import Busy, keeps_out
from loaders.base.paths import PROJECT_ROOT
from loaders.base.project_parts import files_below

# As in profiles.yml.
CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "storage_compatibility_version": "v1.5.0",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
# The memory of a container, in the two versions of control groups; "max" means no limit.
_CONTAINER_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
_ENGINES = ("dbt-core", "dbt-duckdb", "duckdb")


def code_fingerprint(project: Path) -> str:
    """Return a digest of what decides what a build makes: the dbt *project* and what runs it."""
    digest = hashlib.sha256()
    for name in _ENGINES:
        digest.update(f"{name} {version(name)}\0".encode())
    for path in files_below(project):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        line = f"{path.relative_to(project)} {content}\0"
        digest.update(line.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def settings(*, at_first: bool = False) -> str:
    """Return the statements that a build begins with. DuckDB spills beside its database."""
    return f"set TimeZone = 'UTC'; {memory_settings(at_first=at_first)}"


def memory_settings(*, at_first: bool = False) -> str:
    """Return the statement that limits the memory of a build to a share of what this machine, or
    the container of this process, has; *at_first* to less, which may be too little.
    """
    import yaml  # type: ignore[import-untyped]

    project = yaml.safe_load((PROJECT_ROOT / "dbt_project.yml").read_text(encoding="utf-8"))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in _CONTAINER_LIMITS:
        with contextlib.suppress(OSError, ValueError):
            memory = min(memory, int(limit.read_text(encoding="ascii")))
    memory = int(memory * project["vars"]["build_memory_share"])
    if at_first:
        memory = min(memory, project["vars"]["build_memory_at_first"] * 2**20)
    return f"set memory_limit = '{memory}B'"


def make_ready(database: Path, *, is_whole: bool) -> None:
    """Before this process opens *database*: delete it before a whole build, or if it cannot be
    opened.

    For the holder of the build lock. Raises Busy if another program has it open, OSError.
    """
    if database.is_file() and keeps_out(database, writing=True):
        who = "another program has the build database open"
        raise Busy(f"{database}: {who}; wait, or end that program")
    # Earlier versions kept a database, and with this file the name of the code that made it.
    database.with_suffix(".made-by.json").unlink(missing_ok=True)
    if is_whole or not _can_be_opened(database):
        _delete(database)


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
