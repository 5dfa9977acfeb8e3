"""Generations: the published files that are kept, the current one among them, and the swap between them.

Each kept generation is `<number>.duckdb` with a note `<number>.json` beside it; the published file is
the same file as one of them (a hard link), so that publishing and rolling back are one rename each.
Until it is published, its note is `<number>.pending`: what a killed swap left is told by that.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from loaders import clock
from loaders.contract import breaches
from loaders.paths import Locations
from loaders.sealed import file_digest, flush_directory, naming, read_file, replace_durably, seal, unseal

GENERATIONS_KEPT = 4
# What `f"{number:08}"` makes, as a pattern of names; a hundred million publications are far away.
_NUMBER = "[0-9]" * 8


class NoOlderGeneration(Exception):
    """There is nothing to roll back to; the message says where it was looked for."""


def generations(where: Locations) -> dict[int, Path]:
    """Return the kept generations by number, without what was to become one when its swap was killed.

    A generation has a note of ours beside it. Whatever else is in the folder (a copy that a person made,
    a folder, a link) belongs to a stranger: it is never published, counted or deleted.
    """
    return {
        number: path
        for number, path in generation_files(where.generations).items()
        if _is_ours(path.with_suffix(".json"))
        or (_is_ours(path.with_suffix(".pending")) and _is_published(path, where))
    }


def generation_files(folder: Path) -> dict[int, Path]:
    """Return the regular files in *folder* that have the exact name of a generation, by number."""
    return {int(path.stem): path for path in folder.glob(f"{_NUMBER}.duckdb") if _is_ours(path)}


def _is_ours(path: Path) -> bool:
    """Say whether *path* is itself a regular file; a link is not."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except FileNotFoundError:
        return False


def note_of(kept: Path) -> Path:
    """Return where the note of a kept generation is: the kill of its swap may have left it pending."""
    pending = kept.with_suffix(".pending")
    return pending if pending.exists() else kept.with_suffix(".json")


def current_generation(where: Locations) -> Path | None:
    """Return the kept file that the published file is, or None where it is none of them.

    Raises FileNotFoundError where nothing is published.
    """
    published = os.stat(where.published)
    return next((path for path in generations(where).values() if os.path.samestat(path.stat(), published)), None)


def swap_in(draft: Path, where: Locations, facts: Mapping[str, Any]) -> int:
    """Keep *draft* as the newest generation, with *facts* in its note, and make it the published file in one step."""
    where.generations.mkdir(parents=True, exist_ok=True)
    _settle(where)
    number = _next_number(where.generations)
    kept = where.generations / f"{number:08}.duckdb"
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
    for old in sorted(generations(where))[:-GENERATIONS_KEPT]:
        for ending in ("duckdb", "json"):
            (where.generations / f"{old:08}.{ending}").unlink(missing_ok=True)
    return number


def _move(draft: Path, kept: Path) -> None:
    try:
        os.replace(draft, kept)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        # The engine works on another disk: see Locations.engine_room. Until `point_to`, the copy counts as pending.
        shutil.copyfile(draft, kept)
        with naming(kept), open(kept, "rb") as copy:
            os.fsync(copy.fileno())
        draft.unlink()


def _next_number(folder: Path) -> int:
    """Return a number above those of all names in *folder*: a stranger's file is not overwritten either."""
    return max((int(path.stem) for path in folder.glob(f"{_NUMBER}.*") if path.stem.isdecimal()), default=0) + 1


def faults_of(kept: Path) -> Iterator[str]:
    """Yield a line for each thing that is wrong with a kept generation: its note, its bytes, its contract."""
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
        yield f"{note_path}: not readable as the note of a generation: {error}"


def _settle(where: Locations) -> None:
    """End every swap, also one that was killed: what it published is kept, what it did not is deleted."""
    for pending in where.generations.glob(f"{_NUMBER}.pending"):
        kept = pending.with_suffix(".duckdb")
        if not _is_ours(pending):
            continue
        if _is_published(kept, where):
            os.replace(pending, kept.with_suffix(".json"))
        else:
            if _is_ours(kept):
                kept.unlink()
            pending.unlink()
    flush_directory(where.generations)


def _is_published(kept: Path, where: Locations) -> bool:
    return kept.exists() and where.published.exists() and kept.samefile(where.published)


def point_to(kept: Path, where: Locations) -> None:
    """Make the kept generation the published file. Readers that hold the old one keep it."""
    link = where.workshop / "swap.duckdb"
    link.unlink(missing_ok=True)
    os.link(kept, link)
    # A journal that somebody's writing session left beside the old file would stop every reader of the new one.
    where.published.with_name(where.published.name + ".wal").unlink(missing_ok=True)
    os.replace(link, where.published)
    flush_directory(where.published.parent)


def rollback(where: Locations) -> int:
    """Publish the generation before the current one again and return its number.

    Raises NoOlderGeneration where there is none.
    """
    with contextlib.suppress(FileNotFoundError):
        _settle(where)
        current = current_generation(where)
        older = [number for number in generations(where) if current is None or number < int(current.stem)]
        if older:
            point_to(generations(where)[max(older)], where)
            return max(older)
    raise NoOlderGeneration(f"{where.published}: no older generation is kept in {where.generations}")
