"""Backups: a copy of a landing zone that is a landing zone itself, beside it the published file of that moment.

    zone.json, log/, runs/        as in the zone, without files that were replaced
    published/<number>.duckdb     the generation that was published, and its note

Making one again into the same folder copies what is new and mends what is damaged there. Restoring
brings back what is missing or damaged, into an empty place or into the zone that was backed up, and
never takes anything away. Every byte is checked against the log while it is copied.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from loaders.commit_log import CommitLog, LandedFile, LandingError, LogEntry
from loaders.generations import current_generation, faults_of, generation_files, note_of, swap_in
from loaders.landing import LandingZone, read_identity
from loaders.locks import FileLock
from loaders.paths import Locations, is_beneath
from loaders.sealed import flush_directory, naming, replace_durably, unseal

_BLOCK = 1 << 20


class NotThere(Exception):
    """A backup cannot go to, or come from, the folder that was named; the message says why."""


@dataclass
class Copied:
    """What was copied, what was there already, and a line for each file that is damaged at its source."""

    files: int = 0
    bytes: int = 0
    unchanged: int = 0
    runs: int = 0
    has_database: bool = False
    faults: list[str] = field(default_factory=list)


def back_up(where: Locations, target: Path) -> Copied:
    """Copy the landing zone and the published file to *target*. Raises NotThere, LandingError, OSError."""
    zone = LandingZone(where.landing)
    _refuse_bad_target(where, zone, target)
    copied = Copied()
    # The database first: it never knows of a run that the copy of the log lacks.
    _copy_database(where, target / "published", copied)
    with zone.reading() as entries:
        _refuse_another_history(CommitLog(target), zone.log)
        _copy_files(entries, target, copied)
        _copy_log(zone.log, target, len(entries), copied)
        for entry in entries:
            for path in entry.manifest["replaces"]:
                (target / path).unlink(missing_ok=True)
    return copied


def restore(source: Path, where: Locations) -> Copied:
    """Bring back what the backup at *source* has and the landing zone lacks; raises as `back_up` does.

    Its database is published only where nothing is: any other is rebuilt by the next refresh.
    """
    _refuse_bad_source(source, where)
    backup, mine = CommitLog(source), CommitLog(where.landing)
    entries = backup.entries()
    _refuse_another_history(mine, backup, may_be_longer=True)
    copied = Copied()
    replaced = {source / path for path in _replaced_later(mine, len(entries))}
    _copy_files([entry.without(replaced) for entry in entries], where.landing, copied)
    _copy_log(backup, where.landing, len(entries), copied)
    if not where.published.exists():
        _publish_copy(source / "published", where, copied)
    return copied


# -- what is refused ---------------------------------------------------------------------------------


def _refuse_bad_target(where: Locations, zone: LandingZone, target: Path) -> None:
    for own in (where.landing, where.workshop):
        if is_beneath(os.path.realpath(target), os.path.realpath(own)):
            raise NotThere(f"{target}: lies in {own}, of which it is to be a backup; name another folder")
    if not target.is_dir() or not os.listdir(target):
        return
    if not (target / "log").is_dir():
        raise NotThere(f"{target}: is not empty and no backup; name another folder")
    with contextlib.suppress(LandingError):
        if read_identity(target)["zone_id"] != zone.identity["zone_id"]:
            raise NotThere(f"{target}: holds a backup of another landing zone; name another folder")


def _refuse_bad_source(source: Path, where: Locations) -> None:
    if not (source / "log").is_dir():
        raise NotThere(f"{source}: there is no backup here")
    identity = read_identity(source)
    if (where.landing / "zone.json").exists():
        with contextlib.suppress(LandingError):
            if read_identity(where.landing)["zone_id"] != identity["zone_id"]:
                raise NotThere(f"{source}: is a backup of another landing zone than {where.landing}")


def _refuse_another_history(log: CommitLog, model: CommitLog, *, may_be_longer: bool = False) -> None:
    """Refuse to touch *log* where an intact entry of it differs from that of *model*."""
    if not log.folder.is_dir():
        return
    newest = log.newest()
    if newest > model.newest() and not may_be_longer:
        raise NotThere(f"{log.zone}: knows runs that {model.zone} has lost; restore it, or name another folder")
    for seq in range(1, min(newest, model.newest()) + 1):
        raw = _intact(log, seq)
        if raw is not None and raw != model.path_of(seq).read_bytes():
            raise NotThere(f"{log.path_of(seq)}: is not the run of {model.path_of(seq)}; the two have gone apart")


def _intact(log: CommitLog, seq: int) -> bytes | None:
    """Return the bytes of an entry, or None where it is missing or damaged."""
    try:
        raw = log.path_of(seq).read_bytes()
        log.parse(seq, raw, exactly=True)
    except (OSError, ValueError):
        return None
    return raw


def _replaced_later(log: CommitLog, after: int) -> set[str]:
    """Return what the intact entries of *log* above number *after* have replaced."""
    if not log.folder.is_dir():
        return set()
    raws = filter(None, (_intact(log, seq) for seq in range(after + 1, log.newest() + 1)))
    return {path for raw in raws for path in unseal(raw)["replaces"]}


# -- copying -------------------------------------------------------------------------------------------


def _copy_files(entries: Iterable[LogEntry], target: Path, copied: Copied) -> None:
    for entry in entries:
        for file in entry.files:
            _copy_file(file, target / "runs" / entry.run_id / file.path.name, copied)
        if entry.files:
            flush_directory(target / "runs" / entry.run_id)


def _copy_file(file: LandedFile, copy: Path, copied: Copied) -> None:
    present = LandedFile(copy, file.table, file.rows, file.bytes, file.sha256)
    if present.fault() is None:
        copied.unchanged += 1
        return
    copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = copy.with_name(copy.name + ".draft")
    try:
        if _copy_and_digest(file.path, draft) != file.sha256:
            copied.faults.append(f"{file.path}: not as it was landed; not copied")
            return
        os.replace(draft, copy)
    except FileNotFoundError:
        copied.faults.append(f"{file.path}: missing; not copied")
        return
    finally:
        draft.unlink(missing_ok=True)
    copied.files += 1
    copied.bytes += file.bytes


def _copy_and_digest(source: Path, draft: Path) -> str:
    """Copy *source* to *draft*, on disk before this returns, and return the SHA-256 of what was read."""
    digest = hashlib.sha256()
    with naming(draft), open(source, "rb") as reading, open(draft, "wb") as writing:
        while block := reading.read(_BLOCK):
            digest.update(block)
            writing.write(block)
        writing.flush()
        os.fsync(writing.fileno())
    return digest.hexdigest()


def _copy_log(log: CommitLog, target: Path, up_to: int, copied: Copied) -> None:
    """Copy the identity and the entries up to a number; what names files comes after the files."""
    folder = CommitLog(target).folder
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    names = ["zone.json", *(log.path_of(seq).relative_to(log.zone) for seq in range(1, up_to + 1))]
    for name in names:
        raw = (log.zone / name).read_bytes()
        copy = target / name
        if not copy.exists() or copy.read_bytes() != raw:
            replace_durably(copy, raw)
            copied.runs += copy.parent == folder


def _copy_database(where: Locations, folder: Path, copied: Copied) -> None:
    """Copy the published generation and its note to *folder*, and drop older ones there."""
    current = current_generation(where) if where.published.exists() else None
    if current is None:
        return
    if faults := list(faults_of(current)):
        copied.faults += [f"{fault}; not copied" for fault in faults]
        return
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for file in (note_of(current), current):
        draft = folder / f"{file.name}.draft"
        _copy_and_digest(file, draft)
        os.replace(draft, folder / file.name)
    flush_directory(folder)
    for file in folder.iterdir():
        if file.stem != current.stem:
            file.unlink()
    copied.has_database = True


def _publish_copy(folder: Path, where: Locations, copied: Copied) -> None:
    for kept in generation_files(folder).values():
        if faults := list(faults_of(kept)):
            copied.faults += faults
            continue
        with FileLock(where.build_lock, "restoring the published file"):
            where.workshop.mkdir(parents=True, exist_ok=True)
            draft = where.workshop / "next.duckdb"
            _copy_and_digest(kept, draft)
            swap_in(draft, where, unseal(note_of(kept).read_bytes()))
        copied.has_database = True
