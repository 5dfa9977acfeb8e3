"""The folder of a backup: its mark, which folders may become one, and which of its entries are own.

    backup.json       the mark, sealed: this is a backup, and of which landing zone; written first
    backup.lock       held while a backup is made here
    drafts/           what is under way; a kill leaves some, which the next backup takes away
    zone.json, log/, runs/, published/, config/

Everything else in the folder is foreign, and so is any file that no record of the backup names.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

from loaders.base.inside import is_real_folder, is_regular, no_folder_of_its_own
from loaders.base.locks import READ_ONLY, FileLock
from loaders.base.sealed import flush_directory, naming, read_file, seal, unseal
from loaders.zone.commit_log import CommitLog, LandingError
from loaders.zone.landing import read_identity
from loaders.zone.zone_folder import is_intact

MARK = "backup.json"
_FOLDERS = ("log", "runs", "published", "drafts")
# Entries that a landing zone has, but a backup by an earlier version has not.
_OF_A_ZONE = ("locks", "empty", "drafts", "restoring.json")
_DRAFT = re.compile(r"[0-9a-f]{16}\.draft|[A-Za-z0-9._-]+\.[0-9a-f]{8}\.draft")
_NOT_COUNTED = {"lost+found"}
_ANOTHER = "name an empty or a new folder"


class BackupRefused(Exception):
    """A backup cannot go to, or come from, the folder that was named; the message says why."""


def lock_of(backup: Path, *, shared: bool = False) -> FileLock:
    """Return the lock of the backup, exclusive for those who write it, not yet acquired."""
    return FileLock(backup / "backup.lock", "backup or restore", shared=shared)


@contextlib.contextmanager
def unchanged(backup: Path) -> Iterator[None]:
    """Let no backup be made in *backup* while the block lasts. Raises Busy.

    If the lock cannot be taken, since the folder may only be read or has none, the block runs
    without it: a backup that is made meanwhile by another program can then delete a file, which is
    reported as missing.
    """
    with contextlib.ExitStack() as held:
        if os.path.lexists(backup / MARK):
            try:
                held.enter_context(lock_of(backup, shared=True))
            except OSError as error:
                if error.errno not in (*READ_ONLY, errno.ENOENT):
                    raise
        yield


@contextlib.contextmanager
def drafts_in(base: Path) -> Iterator[Path]:
    """Give the folder `drafts` of the zone or backup *base*, without own drafts before and
    after.
    """
    folder = base / "drafts"
    if os.path.lexists(folder) and not is_real_folder(folder):
        raise LandingError(f"{folder}: is not a real folder; remove it")
    folder.mkdir(exist_ok=True, mode=0o700)
    _clear(folder)
    try:
        yield folder
    finally:
        # If a full disk prevents this, the next start does it.
        with contextlib.suppress(OSError):
            _clear(folder)
            folder.rmdir()


def new_draft(folder: Path) -> Path:
    """Return the path of a new draft in *folder*."""
    return folder / f"{secrets.token_hex(8)}.draft"


def _clear(folder: Path) -> None:
    for name in os.listdir(folder):
        if _DRAFT.fullmatch(name) and is_regular(folder / name):
            (folder / name).unlink()


# -- the target of a backup ------------------------------------------------------------------------


def mark_target(target: Path, zone: CommitLog, zone_id: str) -> None:
    """Make *target* a backup of the zone, unless it is one: its mark comes before anything else.

    A folder of others is refused (BackupRefused); so is a backup of another zone. A backup that an
    earlier version made, without a mark, is known by what it holds of this zone and gets the mark.
    """
    names = _names_in(target)
    raw = _mark_of(zone_id)
    if MARK in names:
        held = _read_mark(target / MARK)
        if held == raw:
            return
        if names == {MARK} and held is not None and raw.startswith(held):
            (target / MARK).unlink()  # a kill or a full disk, in the middle of the mark
        else:
            raise BackupRefused(f"{target / MARK}: {_what_else(held)}")
    elif names and not _is_old_backup(target, zone, zone_id, names):
        raise BackupRefused(f"{target}: is not empty and not a backup; {_ANOTHER}")
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    with contextlib.suppress(FileExistsError):
        _put_mark(target / MARK, raw)
    flush_directory(target)
    if (held := _read_mark(target / MARK)) != raw:  # another zone's backup was quicker
        raise BackupRefused(f"{target / MARK}: {_what_else(held)}")


def refuse_links(backup: Path) -> None:
    """Raise BackupRefused if a folder of the backup is a symbolic link, which leads out of it."""
    for name in (*_FOLDERS, "config"):
        if (stray := no_folder_of_its_own(backup, name)) is not None:
            raise BackupRefused(
                f"{stray}: is not a real folder, so this is not a backup; {_ANOTHER}"
            )


def _mark_of(zone_id: str) -> bytes:
    # Nothing in it changes from one time to the next: a part of it is known by its bytes.
    return seal({"kind": "backup of a landing zone", "format_version": 1, "zone_id": zone_id})


def _put_mark(path: Path, raw: bytes) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with naming(path), open(fd, "wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())


def _read_mark(path: Path) -> bytes | None:
    with contextlib.suppress(OSError):
        return read_file(path)
    return None


def _what_else(held: bytes | None) -> str:
    try:
        unseal(held or b"", exactly=True)["zone_id"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return f"is damaged or foreign; delete it if this is your backup, or {_ANOTHER}"
    return f"this is the backup of another landing zone; {_ANOTHER}"


def _names_in(folder: Path) -> set[str]:
    if not os.path.lexists(folder):
        return set()
    if not folder.is_dir():
        raise BackupRefused(f"{folder}: is not a folder; {_ANOTHER}")
    return set(os.listdir(folder)) - _NOT_COUNTED


def _is_old_backup(target: Path, zone: CommitLog, zone_id: str, names: set[str]) -> bool:
    """Return whether a folder without a mark holds the beginning of this zone.

    Its identity or its first run must be this zone's, and neither may be another's.
    """
    if not is_real_folder(target / "log") or any(name in names for name in _OF_A_ZONE):
        return False
    signs = []
    with contextlib.suppress(LandingError):
        held = read_identity(target)["zone_id"]
        if held != zone_id:
            raise BackupRefused(f"{target}: holds a backup of another landing zone; {_ANOTHER}")
        signs.append(True)
    log = CommitLog(target)
    if is_intact(log, 1) and is_intact(zone, 1):
        signs.append(read_file(log.path_of(1)) == read_file(zone.path_of(1)))
    return bool(signs) and all(signs)


# -- the source of a restore -----------------------------------------------------------------------


def marked_zone(backup: Path) -> str | None:
    """Return the id of the zone that the mark of *backup* names, None without a mark.

    Raises LandingError if the mark is damaged.
    """
    if not os.path.lexists(backup / MARK):
        return None
    try:
        zone_id: str | None = unseal(read_file(backup / MARK), exactly=True)["zone_id"]
        return zone_id
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise LandingError(
            f"{backup / MARK}: not readable as the mark of a backup ({error}); "
            "delete it and back up again"
        ) from None


def identity_of(source: Path) -> str:
    """Return the id of the zone whose backup *source* is. Raises BackupRefused, LandingError.

    Earlier versions wrote no mark: their backups are known by the identity of the zone.
    """
    if not source.is_dir() or not (is_real_folder(source / "log") or (source / MARK).is_file()):
        raise BackupRefused(f"{source}: there is no backup here")
    refuse_links(source)
    marked = marked_zone(source)
    if not (source / "zone.json").exists():
        raise BackupRefused(
            f"{source}: this backup was interrupted before it held a run; back up again"
        )
    zone_id: str = read_identity(source)["zone_id"]
    if marked not in (None, zone_id):
        raise LandingError(
            f"{source}: its mark and its zone.json name two landing zones; nothing was restored"
        )
    return zone_id
