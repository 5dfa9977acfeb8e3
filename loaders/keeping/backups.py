"""Backups: a copy of a landing zone that is a landing zone itself, beside it the published file of
that moment.

    backup.json                   the mark of a backup (backup_folder.py)
    zone.json, log/, runs/        as in the zone, without files that were replaced
    published/<number>.duckdb     the published version of that moment, and its note
    config/                       the files of the configuration folder

Making one again into the same folder copies new files and repairs damaged ones there; so it also
continues a backup that a kill or a full disk ended. Restoring brings back missing or damaged files,
into an empty place or into the zone that was backed up, and never deletes anything. Every byte of a
landed file is checked against the log while it is copied, and every byte of a published version
against its note. Neither follows a symbolic link inside of the two
folders.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from loaders.base.inside import is_real_folder, is_regular
from loaders.base.locks import FileLock
from loaders.base.paths import Locations, is_beneath
from loaders.base.permissions import close_to_others, prepare_folders
from loaders.base.sealed import (
    file_digest,
    flush_directory,
    naming,
    open_file,
    read_file,
    replace_durably,
    unseal,
)
from loaders.keeping.backup_folder import (
    MARK,
    BackupRefused,
    drafts_in,
    identity_of,
    lock_of,
    mark_target,
    new_draft,
    refuse_links,
    unchanged,
)
from loaders.keeping.configuration_copy import (
    back_up_configuration,
    copies_in,
    restore_configuration,
)
from loaders.publishing.places import refuse_unfit_places
from loaders.publishing.published_versions import (
    current_version,
    faults_of,
    is_as_noted,
    is_noted,
    note_of,
    noted_files,
    swap_in,
    version_files,
)
from loaders.zone.commit_log import CommitLog, LandedFile, LandingError, LogEntry
from loaders.zone.landing import LandingZone, read_identity
from loaders.zone.restoring import alone_in, marked

__all__ = ["BackupRefused", "Copied", "back_up", "restore"]

_BLOCK = 1 << 20


@dataclass
class Copied:
    """Counts of copied and unchanged files, and a line for each file that was not copied because it
    is damaged at its source, or because a foreign or changed file is in its place. `configured` are
    the files of the configuration, `notes` the lines about those that a restore leaves unchanged.
    """

    files: int = 0
    bytes: int = 0
    unchanged: int = 0
    runs: int = 0
    has_database: bool = False
    configured: int = 0
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def back_up(where: Locations, target: Path) -> Copied:
    """Copy the landing zone and the published file to *target*.

    The zone is only read: one that may not be written can be backed up. Raises BackupRefused, Busy,
    LandingError, OSError.
    """
    target = _real(target)
    _refuse_overlap(where, target)
    if not where.landing.is_dir() or not os.listdir(where.landing):
        raise BackupRefused(
            f"{where.landing}: there is no landing zone here (META_LANDING_DIR), so nothing to "
            "back up"
        )
    zone = LandingZone(where.landing, make=False)
    CommitLog(target).refuse_newer()
    refuse_links(target)
    mark_target(target, zone.log, zone.identity["zone_id"])
    copied = Copied()
    with lock_of(target), drafts_in(target) as drafts:
        # The database first: it never contains a run that is missing in the copy of the log.
        _copy_database(where, target / "published", drafts, copied)
        with zone.reading() as entries:
            _refuse_another_history(CommitLog(target), zone.log)
            _copy_files(entries, target, drafts, copied)
            _copy_log(zone.log, target, drafts, len(entries), copied)
            copied.configured, unread = back_up_configuration(target)
            copied.faults += unread
            for path in map(target.joinpath, zone.log.replaced_paths(entries)):
                if is_real_folder(path.parent) and is_regular(path):
                    path.unlink()
        close_to_others(_own_paths(target, entries))
    return copied


def _own_paths(target: Path, entries: Iterable[LogEntry]) -> Iterator[Path]:
    """Yield the own files and folders of a backup, without anything foreign beside them."""
    log = CommitLog(target)
    yield from (
        target / name
        for name in (MARK, "backup.lock", "zone.json", "log", "runs", "published", "drafts")
    )
    yield from map(log.path_of, range(1, log.newest() + 1))
    for entry in entries:
        yield target / "runs" / entry.run_id
        yield from (target / "runs" / entry.run_id / file.path.name for file in entry.files)
    for kept in version_files(target / "published").values():
        yield from (kept, note_of(kept))
    yield from copies_in(target)


def restore(source: Path, where: Locations) -> Copied:
    """Copy everything from the backup at *source* that is missing in the landing zone.

    Raises as `back_up` does. Its database is published only if nothing is published: any other is
    rebuilt by the next refresh. Meanwhile, and after a kill until a restore has ended, there is no
    run, build or other reader of the landing zone.
    """
    source = _real(source)
    CommitLog(source).refuse_newer()
    zone_id = identity_of(source)
    _refuse_overlap(where, source)
    refuse_unfit_places(where)
    _refuse_another_zone(where.landing, source, zone_id)
    backup, mine = CommitLog(source), CommitLog(where.landing)
    copied = Copied()
    prepare_folders(where)
    with contextlib.ExitStack() as held:
        held.enter_context(unchanged(source))
        held.enter_context(FileLock(where.build_lock, "restore"))
        held.enter_context(alone_in(where.landing))
        entries = backup.entries()
        _refuse_another_history(mine, backup, may_be_longer=True)
        drafts = held.enter_context(drafts_in(where.landing))
        held.enter_context(marked(where.landing, source, zone_id, drafts))
        replaced = {source / path for path in _replaced_later(mine, len(entries))}
        _copy_files([entry.without(replaced) for entry in entries], where.landing, drafts, copied)
        _copy_log(backup, where.landing, drafts, len(entries), copied)
        copied.configured, copied.notes = restore_configuration(source)
        if not where.published.exists():
            _publish_copy(source / "published", where, copied)
    return copied


# -- refusals -------------------------------------------------------------------------------


def _real(folder: Path) -> Path:
    """Return *folder* without symbolic links. Raises BackupRefused for one that leads nowhere."""
    if folder.is_symlink() and not folder.exists():
        raise BackupRefused(f"{folder}: is a symbolic link that leads nowhere; name another folder")
    return Path(os.path.realpath(folder))


def _refuse_overlap(where: Locations, folder: Path) -> None:
    for own, what in ((where.landing, "landing zone"), (where.work_folder, "work folder")):
        if is_beneath(os.fspath(folder), os.path.realpath(own)):
            raise BackupRefused(f"{folder}: is in {own}, the {what} itself; name another folder")
    for own, what in ((where.landing, "landing zone"), (where.published, "published file")):
        if is_beneath(os.path.realpath(own), os.fspath(folder)):
            raise BackupRefused(f"{folder}: the {what} is in it ({own}); name another folder")


def _refuse_another_zone(zone: Path, source: Path, zone_id: str) -> None:
    if not os.path.lexists(zone / "zone.json"):
        return
    with contextlib.suppress(LandingError):
        if read_identity(zone)["zone_id"] != zone_id:
            raise BackupRefused(
                f"{source}: is a backup of another landing zone than {zone}; restore it with "
                "META_LANDING_DIR and META_DB_PATH set to new paths, or name the backup of this one"
            )


def _refuse_another_history(
    log: CommitLog, reference: CommitLog, *, may_be_longer: bool = False
) -> None:
    """Refuse to touch *log* where an intact entry of it differs from that of *reference*."""
    if not log.folder.is_dir():
        return
    newest = log.newest()
    if newest > reference.newest() and not may_be_longer:
        raise BackupRefused(
            f"{log.zone}: has runs that {reference.zone} does not; restore from {log.zone}, or "
            "name another folder"
        )
    for seq in range(1, min(newest, reference.newest()) + 1):
        raw = _intact(log, seq)
        if raw is not None and raw != read_file(reference.path_of(seq)):
            raise BackupRefused(
                f"{log.path_of(seq)}: is not the run of {reference.path_of(seq)}; their histories "
                "diverge; name an empty folder instead"
            )


def _intact(log: CommitLog, seq: int) -> bytes | None:
    """Return the bytes of an entry, or None where it is missing or damaged."""
    try:
        raw = read_file(log.path_of(seq))
        log.parse(seq, raw, exactly=True)
    except (OSError, ValueError):
        return None
    return raw


def _replaced_later(log: CommitLog, after: int) -> set[str]:
    """Return what the intact entries of *log* above number *after* have replaced."""
    if not log.folder.is_dir():
        return set()
    intact = ((seq, _intact(log, seq)) for seq in range(after + 1, log.newest() + 1))
    return {path for seq, raw in intact if raw for path in log.parse(seq, raw).manifest["replaces"]}


# -- copying ---------------------------------------------------------------------------------------


def _copy_files(entries: Iterable[LogEntry], target: Path, drafts: Path, copied: Copied) -> None:
    for entry in entries:
        if not entry.files:
            continue
        folder = target / "runs" / entry.run_id
        for part in (folder.parent, folder):
            if os.path.lexists(part) and not is_real_folder(part):
                raise BackupRefused(f"{part}: is not a real folder; remove it")
        for file in entry.files:
            _copy_file(file, folder / file.path.name, drafts, copied)
        if folder.exists():
            flush_directory(folder)


def _copy_file(file: LandedFile, copy: Path, drafts: Path, copied: Copied) -> None:
    present = LandedFile(copy, file.table, file.rows, file.bytes, file.sha256)
    if present.fault() is None:
        copied.unchanged += 1
        return
    if not is_real_folder(file.path.parent) or not is_regular(file.path):
        what = "is not a file" if os.path.lexists(file.path) else "missing"
        copied.faults.append(f"{file.path}: {what}; not copied")
        return
    draft = new_draft(drafts)
    try:
        if _copy_and_digest(file.path, draft) != file.sha256:
            copied.faults.append(f"{file.path}: not as it was landed; not copied")
            return
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.replace(draft, copy)
    except FileNotFoundError as error:
        if error.filename != os.fspath(file.path):
            raise
        copied.faults.append(f"{file.path}: missing; not copied")
        return
    finally:
        draft.unlink(missing_ok=True)
    copied.files += 1
    copied.bytes += file.bytes


def _copy_and_digest(source: Path, draft: Path) -> str:
    """Copy *source* to *draft*, on disk before this returns, and return the SHA-256 of what was
    read.
    """
    digest = hashlib.sha256()
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with (
        open_file(source) as reading,
        naming(draft),
        open(os.open(draft, flags, 0o600), "wb") as writing,
    ):
        while block := reading.read(_BLOCK):
            digest.update(block)
            writing.write(block)
        writing.flush()
        os.fsync(writing.fileno())
    return digest.hexdigest()


def _copy_log(log: CommitLog, target: Path, drafts: Path, up_to: int, copied: Copied) -> None:
    """Copy the identity and the entries up to a number; what names files comes after the files."""
    folder = CommitLog(target).folder
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    names: list[str | Path] = ["zone.json"]
    names += [log.path_of(seq).relative_to(log.zone) for seq in range(1, up_to + 1)]
    for name in names:
        raw = read_file(log.zone / name)
        copy = target / name
        if not is_regular(copy) or read_file(copy) != raw:
            replace_durably(copy, raw, drafts)
            copied.runs += copy.parent == folder


# -- the published file ----------------------------------------------------------------------------


def _copy_database(where: Locations, folder: Path, drafts: Path, copied: Copied) -> None:
    """Copy the published version and its note to *folder*, and delete older copies there."""
    current = current_version(where) if where.published.exists() else None
    if current is None:
        return
    if faults := list(faults_of(current)):
        copied.faults += [f"{fault}; not copied" for fault in faults]
        return
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    copy, note = folder / current.name, folder / f"{current.stem}.json"
    if (os.path.lexists(copy) or os.path.lexists(note)) and not _is_copy_of(current, copy):
        copied.faults.append(
            f"{copy}: is not a copy of a published version, and in the way; not copied; move it "
            "away"
        )
        return
    note_draft, draft = new_draft(drafts), new_draft(drafts)
    _copy_and_digest(note_of(current), note_draft)
    if _copy_and_digest(current, draft) != unseal(read_file(note_draft))["file_sha256"]:
        copied.faults.append(f"{current}: not as it was published; not copied")
        return
    # The note first: it shows that the file is an own copy, even if a kill comes between.
    os.replace(note_draft, note)
    os.replace(draft, copy)
    flush_directory(folder)
    _drop_older(folder, current, copied)
    copied.has_database = True


def _is_copy_of(current: Path, copy: Path) -> bool:
    """Return whether *copy* was copied here, by its note or, if that is damaged, by its bytes."""
    return is_noted(copy) or (is_regular(copy) and file_digest(copy) == file_digest(current))


def _drop_older(folder: Path, current: Path, copied: Copied) -> None:
    """Delete the copies of older versions that are unchanged since they were made, with their
    notes.
    """
    for kept in noted_files(folder).values():
        if kept.stem == current.stem or not is_noted(kept):
            continue
        if os.path.lexists(kept) and not (is_regular(kept) and is_as_noted(kept)):
            copied.faults.append(
                f"{kept}: changed since it was copied; left unchanged; move it away"
            )
            continue
        note = note_of(kept)
        kept.unlink(missing_ok=True)
        note.unlink()


def _publish_copy(folder: Path, where: Locations, copied: Copied) -> None:
    """Publish the newest sound version in *folder*; the caller holds the build lock."""
    for _, kept in sorted(version_files(folder).items(), reverse=True):
        if faults := list(faults_of(kept)):
            copied.faults += faults
            continue
        draft = where.work_folder / "next.duckdb"
        draft.unlink(missing_ok=True)
        note = unseal(read_file(note_of(kept)))
        if _copy_and_digest(kept, draft) != note["file_sha256"]:
            copied.faults.append(f"{kept}: not as it was published")
            continue
        swap_in(draft, where, note)
        copied.has_database = True
        return
