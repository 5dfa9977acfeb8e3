"""Entries of a landing zone or a backup: names that this product gives, real folders, regular
files.

A zone may come from anywhere: it is copied, synchronised, restored. So a path that a record names
is checked before it is used, and a symbolic link inside is never followed.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# As in 20260301T120000Z-crawl-0badcafe; a clock before the year 1000 gives fewer digits.
_RUN_ID = r"[0-9]{5,8}T[0-9]{6}Z-[A-Za-z0-9_-]{1,64}-[0-9a-f]{8}"
# The first commits wrote one file per table, without a part number.
_PART = r"[a-z][a-z0-9_]{0,63}(?:\.[0-9]{4,9})?\.parquet"
_IS_RUN_ID = re.compile(_RUN_ID)
_IS_PART = re.compile(_PART)
_IS_LANDED_PATH = re.compile(f"runs/{_RUN_ID}/{_PART}")
_IS_RUN_DRAFT = re.compile(rf"\.{_RUN_ID}")
_IS_SCRAP = re.compile(rf"started\.json|alive\.lock|{_PART}|[^/]*\.[0-9a-f]{{8}}\.draft")


def check_manifest_paths(manifest: Mapping[str, Any]) -> None:
    """Raise ValueError unless a run can have written each path that its *manifest* names.

    A run writes below `runs/<its id>/` only, and replaces files that other runs wrote there.
    """
    run_id = manifest["run_id"]
    if not is_run_id(run_id):
        raise ValueError(f"{run_id!r} cannot be the id of a run")
    for item in manifest["files"]:
        path = item["path"]
        if not is_landed_path(path) or not path.startswith(f"runs/{run_id}/"):
            raise ValueError(f"{path!r} cannot be a file of the run {run_id}")
    for path in manifest["replaces"]:
        if not is_landed_path(path):
            raise ValueError(f"{path!r} cannot be a landed file")


def is_landed_path(path: Any) -> bool:
    """Return whether *path* has the form `runs/<run id>/<table>[.<part>].parquet`."""
    return isinstance(path, str) and _IS_LANDED_PATH.fullmatch(path) is not None


def is_run_id(name: Any) -> bool:
    """Return whether *name* has the form of the id of a run."""
    return isinstance(name, str) and _IS_RUN_ID.fullmatch(name) is not None


def is_part(name: str) -> bool:
    """Return whether *name* is the name of a Parquet file as a run writes it."""
    return _IS_PART.fullmatch(name) is not None


def is_run_draft(name: str) -> bool:
    """Return whether *name* is the name of a run's directory before the run has its note."""
    return _IS_RUN_DRAFT.fullmatch(name) is not None


def no_folder_of_its_own(base: Path, relative: str) -> Path | None:
    """Return the first part of *relative* below *base* that is not a real folder, None without one.

    A missing entry does not count.
    """
    path = base
    for part in Path(relative).parts:
        path = path / part
        try:
            if not stat.S_ISDIR(os.lstat(path).st_mode):
                return path
        except (FileNotFoundError, NotADirectoryError):
            return None
    return None


def is_real_folder(path: Path) -> bool:
    """Return whether *path* is a folder and not a symbolic link to one."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False


def is_regular(path: Path) -> bool:
    """Return whether *path* is a regular file and not a symbolic link to one."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except OSError:
        return False


def delete_run_folder(folder: Path) -> None:
    """Delete what a run left in *folder*, and the folder unless it then holds files of others."""
    if not is_real_folder(folder):
        return
    for name in os.listdir(folder):
        if _IS_SCRAP.fullmatch(name) and is_regular(folder / name):
            (folder / name).unlink(missing_ok=True)
    try:
        folder.rmdir()
    except OSError:
        if not os.listdir(folder):
            raise
