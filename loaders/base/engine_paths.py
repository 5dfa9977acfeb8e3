"""Paths for the engines: text that DuckDB and pyarrow read as exactly one path.

DuckDB reads a path as a pattern (`[`, `*`, `?`), as a URL (`s3:`, `file:`), as Hive partitions
(`state=NY/`) and as a query (`?a=b`); neither engine takes bytes that are not UTF-8. Escapes do not
help: to resolve a pattern, DuckDB lists the folder, and a neighbour with an odd name makes that
fail. So a path with anything unusual in it gets an alias: a symbolic link in a private folder of
this process, which is removed when the process ends.

A database is one step harder. DuckDB resolves the links in its path, takes a backslash for a slash,
and writes the log of `a?b` to `a.wal?b`. The build then has its database elsewhere
(`Locations.engine_folder`), and `readable` gives a published file another name.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from loaders.base.locks import Busy, FileLock
from loaders.base.paths import opens_databases

_PLAIN_PART = r"[\w.,+@ -]+"
_PLAIN = re.compile(rf"(?:/{_PLAIN_PART})+|/")
_PREFIX = "meta-collector-paths-"
_ALIVE = "alive.lock"
# A folder younger than this may not have its lock yet.
_SETTLED_SECONDS = 600


# -- SQL -------------------------------------------------------------------------------------------


def sql_text(text: str) -> str:
    """Return *text* as a string of SQL."""
    return "'" + text.replace("'", "''") + "'"


def path_list(paths: Iterable[str | os.PathLike[str]]) -> str:
    """Return *paths* as a list of SQL, for :func:`read_parquet`."""
    return f"[{', '.join(sql_text(plain_path(path)) for path in paths)}]"


def read_parquet(paths: str, **options: bool) -> str:
    """Return the relation of SQL over Parquet files: columns are what the files hold, never parts
    of their paths.

    *paths* is SQL: what `path_list` returns, or a parameter (`$paths`) whose value is a list of
    `plain_path`. *options* are further ones of DuckDB's, such as `file_row_number`.
    """
    given = "".join(f", {name} = {str(value).lower()}" for name, value in options.items())
    return f"read_parquet({paths}, hive_partitioning = false{given})"


# -- names -----------------------------------------------------------------------------------------


def plain_path(path: str | os.PathLike[str]) -> str:
    """Return a name of *path* that the engines take for nothing but a path: its own, or one through
    an alias.

    The name is valid as long as this process lives, also in processes that it starts. Raises
    OSError if an alias is needed and cannot be made.
    """
    text = "/" + os.path.abspath(path).lstrip("/")
    if _PLAIN.fullmatch(text):
        return text
    parts = text.split("/")
    odd = max(
        number for number, part in enumerate(parts) if part and not re.fullmatch(_PLAIN_PART, part)
    )
    return "/".join([_aliases.of("/".join(parts[: odd + 1])), *parts[odd + 1 :]])


@contextlib.contextmanager
def readable(database: str | os.PathLike[str]) -> Iterator[str]:
    """Give a name under which DuckDB opens the *database* read-only; open it within the block.

    If DuckDB cannot open it where it is, the name is that of a hard link or, on another disk, of a
    copy. Raises OSError.
    """
    if opens_databases(database):
        yield plain_path(database)
        return
    status = os.stat(database)
    # A state of a file has one name: DuckDB shares what one process has open under the same name.
    state = f"{os.path.realpath(database)} {status.st_dev} {status.st_ino} {status.st_mtime_ns}"
    name = _aliases.free_name(state) + ".duckdb"
    try:
        os.link(os.path.realpath(database), name)
    except OSError:
        shutil.copyfile(database, name)
    try:
        yield name
    finally:
        os.unlink(name)


class _Aliases:
    """The aliases of this process, in a folder that is made when the first one is needed."""

    def __init__(self) -> None:
        self._folder: str | None = None
        self._names: dict[str, str] = {}

    def of(self, path: str) -> str:
        if path not in self._names:
            name = self.free_name(path)
            # A fork may have been quicker.
            with contextlib.suppress(FileExistsError):
                os.symlink(path, name)
            self._names[path] = name
        return self._names[path]

    def free_name(self, text: str) -> str:
        if self._folder is None:
            self._folder = _make_folder()
        return os.path.join(self._folder, hashlib.sha256(os.fsencode(text)).hexdigest()[:20])


_aliases = _Aliases()


def _make_folder() -> str:
    """Make the private folder and see to it that it goes with this process. Raises OSError."""
    for base in dict.fromkeys(
        map(os.path.realpath, (tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm"))
    ):
        if not _PLAIN.fullmatch(base):
            continue
        try:
            _sweep(base)
            folder = tempfile.mkdtemp(prefix=_PREFIX, dir=base)
        except OSError:
            continue
        lock = FileLock(Path(folder, _ALIVE), "aliases of paths").acquire()
        atexit.register(_remove, folder, lock, os.getpid())
        return folder
    raise OSError(
        None, "no folder for temporary files can be used; TMPDIR names one", tempfile.gettempdir()
    )


def _remove(folder: str, lock: FileLock, owner: int) -> None:
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)
        lock.release()


def _sweep(base: str) -> None:
    """Remove the folders that killed processes of this user have left in *base*."""
    with os.scandir(base) as entries:
        found = [entry for entry in entries if entry.name.startswith(_PREFIX)]
    for entry in found:
        with contextlib.suppress(OSError, Busy):
            status = entry.stat(follow_symlinks=False)
            is_ours = status.st_uid == os.geteuid() and entry.is_dir(follow_symlinks=False)
            if is_ours and status.st_mtime < time.time() - _SETTLED_SECONDS:
                with FileLock(Path(entry.path, _ALIVE), "sweeping"):
                    shutil.rmtree(entry.path)
