"""Published versions: the published files that are kept, the current one among them, and the swap.

Each kept version is `<number>.duckdb` with a note `<number>.json` beside it; the published file is
the same file as one of them (a hard link), so that publishing and rolling back are one rename each.
Until it is published, its note is `<number>.pending`, which shows the leftovers of a killed swap.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from loaders.base import clock
from loaders.base.inside import is_real_folder, is_regular
from loaders.base.paths import Locations
from loaders.base.permissions import share, tighten
from loaders.base.sealed import (
    file_digest,
    flush_directory,
    naming,
    read_file,
    replace_durably,
    seal,
    unseal,
)
from loaders.publishing.contract import breaches
from loaders.publishing.published_file import is_journal, journal_of, refuse_foreign_published

VERSIONS_KEPT = 4
_NOTE = re.compile(r"([0-9]{8,18})\.(?:json|pending)")
_KEPT = re.compile(r"[0-9]{8,18}\.duckdb")
_NUMBER = re.compile(r"[0-9]{8,18}")


class NoOlderVersion(Exception):
    """There is no such version to publish again; the message has the place of the kept ones."""


def kept_versions(where: Locations) -> dict[int, Path]:
    """Return the kept versions by number, without one whose swap was killed.

    A version has a note of this product beside it. Anything else in the folder (a copy that a
    person made, a folder, a link) is foreign: it is never published, counted or deleted.
    """
    return {
        number: path
        for number, path in version_files(where.versions).items()
        if is_regular(path.with_suffix(".json"))
        or (is_regular(path.with_suffix(".pending")) and _is_published(path, where))
    }


def version_files(folder: Path) -> dict[int, Path]:
    """Return the versions in *folder* by number: files with a note. Foreign files have none."""
    return {number: path for number, path in noted_files(folder).items() if is_regular(path)}


def _names_in(folder: Path) -> list[str]:
    """Return what is in *folder*; nothing for a reader with whom only the published file is
    shared.
    """
    try:
        return os.listdir(folder) if is_real_folder(folder) else []
    except PermissionError:
        return []


def noted_files(folder: Path) -> dict[int, Path]:
    """Return, by number, the path of each version with a note in *folder*, even if the file is
    missing.
    """
    notes = filter(None, map(_NOTE.fullmatch, _names_in(folder)))
    return {
        int(note[1]): folder / f"{note[1]}.duckdb" for note in notes if is_regular(folder / note[0])
    }


def is_noted(kept: Path) -> bool:
    """Return whether *kept* has an intact note of this product, whatever its bytes are now."""
    try:
        note = unseal(read_file(note_of(kept)), exactly=True)
        return bool(note["generation"] == int(kept.stem))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False


def is_as_noted(kept: Path) -> bool:
    """Return whether *kept* is, byte by byte, the file that an intact note describes."""
    return is_noted(kept) and unseal(read_file(note_of(kept))).get("file_sha256") == file_digest(
        kept
    )


def note_of(kept: Path) -> Path:
    """Return the path of the note of a kept version: a killed swap may have left it pending."""
    pending = kept.with_suffix(".pending")
    return pending if pending.exists() else kept.with_suffix(".json")


def current_version(where: Locations) -> Path | None:
    """Return the kept file that the published file is, or None if it is not one of them.

    Raises FileNotFoundError if nothing is published.
    """
    published = os.stat(where.published)
    names = filter(_KEPT.fullmatch, _names_in(where.versions))
    kept = filter(is_regular, map(where.versions.joinpath, names))
    return next((path for path in kept if os.path.samestat(path.lstat(), published)), None)


def note_facts(kept: Path) -> Mapping[str, Any] | None:
    """Return what the note of a kept version says; None if it cannot be read."""
    try:
        note = unseal(read_file(note_of(kept)), exactly=True)
    except (OSError, ValueError, RecursionError):
        return None
    return note if isinstance(note, dict) else None


def current_note(where: Locations) -> Mapping[str, Any] | None:
    """Return the note of the version that readers have now; None if there is none."""
    try:
        current = current_version(where)
    except FileNotFoundError:
        return None
    return note_facts(current) if current else None


def swap_in(draft: Path, where: Locations, facts: Mapping[str, Any]) -> int:
    """Keep *draft* as the newest version, with *facts* in its note, and publish it in one step."""
    where.versions.mkdir(parents=True, exist_ok=True)
    _settle(where)
    number = _highest_number(where.versions) + 1
    kept = where.versions / f"{number:08}.duckdb"
    note = {
        **facts,
        "generation": number,
        "file_sha256": file_digest(draft),
        "bytes": draft.stat().st_size,
        "published_at": clock.now().isoformat(timespec="seconds"),
    }
    replace_durably(kept.with_suffix(".pending"), seal(note))
    _move(draft, kept)
    point_to(kept, where)
    _settle(where)
    for old in sorted(number for number, path in kept_versions(where).items() if is_noted(path))[
        :-VERSIONS_KEPT
    ]:
        for suffix in ("duckdb", "json"):
            (where.versions / f"{old:08}.{suffix}").unlink(missing_ok=True)
    return number


def _move(draft: Path, kept: Path) -> None:
    try:
        os.replace(draft, kept)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        # The engine works on another disk: see Locations.engine_folder. Until `point_to`, the copy
        # counts as pending.
        shutil.copyfile(draft, kept)
        with naming(kept), open(kept, "rb") as copy:
            os.fsync(copy.fileno())
        draft.unlink()


def _highest_number(folder: Path) -> int:
    """Return the highest number that a name in *folder* begins with: the next one is taken by no
    file.
    """
    return max(
        (int(match[0]) for match in map(_NUMBER.match, os.listdir(folder)) if match), default=0
    )


def faults_of(kept: Path) -> Iterator[str]:
    """Yield a line for each fault of a kept version: in its note, its bytes or its contract."""
    note_path = note_of(kept)
    try:
        note = unseal(read_file(note_path), exactly=True)
        if note["file_sha256"] != file_digest(kept):
            yield f"{kept}: not as it was published"
        else:
            yield from (f"{kept}: {breach}" for breach in breaches(kept, note["contract"]))
    except FileNotFoundError as error:
        yield f"{error.filename}: missing"
    except (ValueError, KeyError, TypeError) as error:
        yield f"{note_path}: not readable as the note of a published version: {error}"


def _settle(where: Locations) -> None:
    """End every swap, also one that was killed: what it published is kept, what it did not is
    deleted.
    """
    for kept in noted_files(where.versions).values():
        pending = kept.with_suffix(".pending")
        if not is_regular(pending) or not is_noted(kept):
            continue
        if _is_published(kept, where):
            os.replace(pending, kept.with_suffix(".json"))
        else:
            if is_regular(kept):
                kept.unlink()
            pending.unlink()
    flush_directory(where.versions)


def _is_published(kept: Path, where: Locations) -> bool:
    return kept.exists() and where.published.exists() and kept.samefile(where.published)


def point_to(kept: Path, where: Locations) -> None:
    """Make the kept version the published file. Readers that have the old one open keep it.

    Raises NotOurs if the path has a file of others.
    """
    refuse_foreign_published(where)
    share(kept)
    link = where.work_folder / "swap.duckdb"
    link.unlink(missing_ok=True)
    os.link(kept, link)
    # A journal that a writing session left beside the old file would stop every reader of the new
    # one.
    if is_journal(journal_of(where.published)):
        journal_of(where.published).unlink()
    os.replace(link, where.published)
    flush_directory(where.published.parent)
    tighten(*(other for other in version_files(where.versions).values() if other != kept))


def rollback(where: Locations, *, to: int | None = None, forward: bool = False) -> int:
    """Publish another kept version again and return its number: that before the current one, the
    next one after it if *forward*, or the version *to*.

    Raises NoOlderVersion if it is not kept, NotOurs if the path has a file of others.
    """
    refuse_foreign_published(where)
    kept: dict[int, Path] = {}
    with contextlib.suppress(FileNotFoundError):
        _settle(where)
        kept = {number: path for number, path in kept_versions(where).items() if is_noted(path)}
        current = current_version(where)
        number = _chosen(sorted(kept), int(current.stem) if current else None, to, forward)
        if number is not None:
            point_to(kept[number], where)
            return number
    if to is not None:
        listed = ", ".join(map(str, sorted(kept))) or "none"
        raise NoOlderVersion(f"version {to} is not kept in {where.versions}; kept: {listed}")
    which = "newer" if forward else "older"
    raise NoOlderVersion(f"{where.published}: no {which} version is kept in {where.versions}")


def _chosen(
    numbers: Sequence[int], current: int | None, to: int | None, forward: bool
) -> int | None:
    """Return which of *numbers* to publish; None: there is none."""
    if to is not None:
        return to if to in numbers else None
    if forward:
        return min((n for n in numbers if current is not None and n > current), default=None)
    return max((n for n in numbers if current is None or n < current), default=None)


def list_versions(where: Locations) -> list[dict[str, Any]]:
    """Return the kept versions, newest first: `version`, `published_at`, `as_of`, `bytes`,
    `is_current`.
    """
    try:
        current = current_version(where)
    except FileNotFoundError:
        current = None
    rows = []
    for number, path in sorted(kept_versions(where).items(), reverse=True):
        note: dict[str, Any] = {}
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
            note = unseal(read_file(note_of(path)))
        rows.append(
            {
                "version": number,
                "published_at": note.get("published_at"),
                "as_of": note.get("as_of"),
                "bytes": note.get("bytes"),
                "is_current": path == current,
            }
        )
    return rows
