"""Verify a landing zone or a backup: read every file that the log names, and list the damaged
ones.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from loaders.base.inside import is_real_folder
from loaders.base.sealed import read_file
from loaders.keeping.backup_folder import marked_zone, unchanged
from loaders.publishing.published_versions import faults_of, noted_files
from loaders.sources.registry import remedy_of
from loaders.zone.commit_log import CommitLog, LandedFile, LandingError, LogEntry
from loaders.zone.landing import read_identity
from loaders.zone.restoring import half_restored


@dataclass
class Verification:
    """Counts of checked files, and a line for each damaged one: its path, the fault, the remedy."""

    entries: int = 0
    files: int = 0
    bytes: int = 0
    faults: list[str] = field(default_factory=list)


def verify(path: Path) -> Verification:
    """Read the whole landing zone or backup at *path*.

    Raises LandingError if there is none, or one of a newer format, Busy while a backup is made
    there.
    """
    log = CommitLog(path)
    if not is_real_folder(log.folder):
        raise LandingError(f"{path}: there is no landing zone here")
    log.refuse_newer()
    with unchanged(path):
        return _verify(path, log)


def _verify(path: Path, log: CommitLog) -> Verification:
    found = Verification()
    found.faults += [
        f"{path / name}: is not a real folder"
        for name in ("runs", "published")
        if _is_odd(path / name)
    ]
    if line := half_restored(path):
        found.faults.append(line)
    for check in (read_identity, marked_zone):
        try:
            check(path)
        except LandingError as error:
            found.faults.append(str(error))
    entries = list(_sound_entries(log, found))
    files = [file for entry in log.less_replaced(entries) for file in entry.files]
    if len(entries) < found.entries:
        # A lost entry may have replaced missing files: that is unknown until the entry is restored.
        files = [file for file in files if file.path.exists()]
    found.files, found.bytes = len(files), sum(file.bytes for file in files)
    # Digests are computed outside of the interpreter's lock.
    with ThreadPoolExecutor(2) as threads:
        for file, fault in zip(files, threads.map(LandedFile.fault, files), strict=True):
            if fault:
                found.faults.append(f"{file.path}: {fault}; {_remedy(file)}")
    for kept in noted_files(path / "published").values():
        found.files += 1
        found.bytes += kept.lstat().st_size if os.path.lexists(kept) else 0
        found.faults += [f"{fault}; back up again" for fault in faults_of(kept)]
    return found


def _is_odd(folder: Path) -> bool:
    return os.path.lexists(folder) and not is_real_folder(folder)


def _remedy(file: LandedFile) -> str:
    other = remedy_of(file.table)
    return "restore it from a backup" + (f", or {other}" if other else "")


def _sound_entries(log: CommitLog, found: Verification) -> Iterator[LogEntry]:
    """Yield the intact entries of *log*; note the others in *found*."""
    parent: str | None = None
    is_parent_known = True
    for seq in range(1, log.newest() + 1):
        found.entries += 1
        path = log.path_of(seq)
        try:
            raw = read_file(path)
            entry = log.parse(seq, raw, exactly=True)
        except (OSError, ValueError) as error:
            what = "missing" if isinstance(error, FileNotFoundError) else str(error)
            found.faults.append(f"{path}: {what}; restore it from a backup")
            is_parent_known = False
            continue
        # The entry after a damaged one cannot be checked against it.
        if is_parent_known and entry.manifest["parent_sha256"] != parent:
            found.faults.append(
                f"{path}: does not follow from the entry before it; restore the log from a backup"
            )
        parent, is_parent_known = hashlib.sha256(raw).hexdigest(), True
        yield entry
