"""Whether a folder is a landing zone or may become one, seen without writing anything."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from loaders.base.errors import LandingError, NotOurs
from loaders.base.inside import is_real_folder, is_run_draft, is_run_id
from loaders.base.sealed import read_file
from loaders.base.work_folder import is_work_folder
from loaders.zone.restoring import MARK

if TYPE_CHECKING:
    from loaders.zone.commit_log import CommitLog

FOLDERS = ("log", "runs", "locks", "empty", "drafts", "events")
# The top of a disk has it, and it is empty.
_NOT_COUNTED = {"lost+found"}
_OWN_FILE = re.compile(
    rf"zone\.json(\.[0-9a-f]{{8}}\.draft)?|{re.escape(MARK)}(\.[0-9a-f]{{8}}\.draft)?"
)
_OWN_LOG = re.compile(r"[0-9]{20}\.json(\.[0-9a-f]{8}\.draft)?")


def refuse_foreign_folder(path: Path) -> None:
    """Raise NotOurs if *path* holds anything and is not a landing zone, also one that is damaged.

    Raises LandingError if a folder of the zone is a symbolic link: what it holds is then elsewhere.
    """
    if not os.path.lexists(path):
        return
    if not path.is_dir():
        raise NotOurs(f"{path}: is not a folder; META_LANDING_DIR must name another")
    names = _names_in(path)
    if names and not _is_zone(path, names):
        raise NotOurs(
            f"{path}: is not empty and not a landing zone; "
            "META_LANDING_DIR must name another folder"
        )
    for name in FOLDERS:
        if os.path.lexists(path / name) and not is_real_folder(path / name):
            raise LandingError(f"{path / name}: is not a real folder; move the folder itself here")


def _names_in(path: Path) -> set[str]:
    """Return the names in *path* that count, less those of a published file that is kept there."""
    names = set(os.listdir(path)) - _NOT_COUNTED
    published = {
        name.removesuffix(".d")
        for name in names
        if name.endswith(".d") and is_work_folder(path / name)
    }
    return {
        name for name in names if name not in published and name.removesuffix(".d") not in published
    }


def _is_zone(path: Path, names: set[str]) -> bool:
    return _has_identity(path) or _has_entry(path) or _is_new(path, names)


def _has_identity(path: Path) -> bool:
    try:
        identity = json.loads(read_file(path / "zone.json"))
        return bool({"zone_id", "format_version"} <= identity.keys())
    except (OSError, ValueError, AttributeError, RecursionError):
        return False


def _has_entry(path: Path) -> bool:
    """Return whether the log has an intact entry at its beginning or its end."""
    from loaders.zone.commit_log import (
        CommitLog,  # late: a zone with an identity needs no look at its log
    )

    log = CommitLog(path)
    try:
        for seq in {1, log.newest()} - {0}:
            if is_intact(log, seq):
                return True
    except OSError:
        pass
    return False


def is_intact(log: CommitLog, seq: int) -> bool:
    """Return whether entry *seq* of *log* exists and is unchanged since its commit."""
    try:
        log.parse(seq, read_file(log.path_of(seq)), exactly=True)
    except (OSError, ValueError):
        return False
    return True


def _is_new(path: Path, names: set[str]) -> bool:
    """Return whether there is only what the making of a zone, or a damaged identity, leaves."""
    if not all(name in FOLDERS or _OWN_FILE.fullmatch(name) for name in names):
        return False
    log = os.listdir(path / "log") if "log" in names and is_real_folder(path / "log") else []
    runs = os.listdir(path / "runs") if "runs" in names and is_real_folder(path / "runs") else []
    return (
        all(map(_OWN_LOG.fullmatch, log))
        and all(is_run_id(name) or is_run_draft(name) for name in runs)
        and ("zone.json" not in names or "log" in names)
    )
