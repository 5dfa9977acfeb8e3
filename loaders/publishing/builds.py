"""How the last build began and ended: a start note that only a recorded end removes, and the
outcome.

`dbt build` writes `started.json` beside its database once it holds the build lock. Its end is
`state.json`; writing that removes the note. A note whose build no longer holds the lock therefore
belongs to a build that died: it was killed, the machine stopped, or a full disk took even the
record of its end. A refresh, which crawls before it builds, leaves its note in `refresh.lock` in
the same way. None of these files is a fact, and none is ever landed.

`refresh.lock` is held by one refresh at a time, from its beginning to its end, and `build.lock` by
whatever works on the build database: dbt, and the publication that it starts. Each is released by
the kernel when its last holder ends, however it ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from loaders.base import clock, ending, remedies
from loaders.base.errors import LandingError
from loaders.base.locks import Busy, FileLock, dead_holders, holder_of
from loaders.base.paths import Locations, clean_text
from loaders.base.sealed import read_file, replace_durably
from loaders.publishing.published_versions import kept_versions, note_of

_MOST_BYTES = 16 << 20
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_DIED = (
    "killed, out of memory or disk, or lost with its machine before it ended; "
    "nothing was published by it"
)
_REMEDY = f"run it again: {remedies.REFRESH}"
REFRESH = "refresh"
# dbt that finds a refresh under way gives the build lock back in less.
SECONDS_TO_STEP_BACK = 2.0
# The processes that a killed build leaves end by themselves: dbt within a second, a publication
# when it is done.
SECONDS_FOR_ORPHANS = 600.0
# Words of errors of the kernel, DuckDB and Python, with the cause that they mean.
_CAUSES = (
    ("No space left on device", "the disk is full"),
    ("Out of Memory Error", "out of memory"),
    ("MemoryError", "out of memory"),
)


def begin(where: Locations, invocation_id: str, command: str) -> None:
    """Write the start note of the build of this process, which holds the build lock. Raises
    OSError.
    """
    note = {
        "invocation_id": invocation_id,
        "command": clean_text(command),
        "started_at": clock.now().isoformat(timespec="seconds"),
        "pid": os.getpid(),
        "user_id": os.getuid(),
        "host": socket.gethostname(),
        "boot_id": _boot_id(),
    }
    replace_durably(where.start_note, json.dumps(note, indent=1).encode())


def end(where: Locations, state: Mapping[str, Any]) -> None:
    """Record the outcome of the build, and only then remove its start note. Raises OSError.

    For the holder of the build lock. After that, `last_build` returns *state*.
    """
    replace_durably(where.build_state, json.dumps(state, indent=1).encode())
    where.start_note.unlink(missing_ok=True)


def manifest_of(where: Locations) -> Path:
    """Return the path of dbt's manifest of the build under way, or of the last one."""
    return where.build_database.with_name("manifest.json")


def outcome_of(line: str, **facts: Any) -> dict[str, Any]:
    """Return the state of a build that ends now with *line*, in the form that `end` records."""
    return {
        "ended_at": clock.now().isoformat(timespec="seconds"),
        "is_published": line.startswith("published"),
        "outcome": clean_text(line),
        "failures": [],
        "left_out": [],
        **facts,
    }


def end_early(where: Locations, invocation_id: str | None, reason: str) -> dict[str, Any]:
    """Record, for a build that could not, that it ended for *reason*; return the outcome, which may
    be a success.

    For the holder of the build lock. Raises OSError.
    """
    number = published_by(invocation_id, where)
    line = (
        f"published: version {number}, {where.published}; then {reason}"
        if number
        else f"not published: {reason}"
    )
    state = outcome_of(line, invocation_id=invocation_id)
    end(where, state)
    return state


def bury(where: Locations, pid: int, reason: str) -> None:
    """Record the end of a build whose process *pid*, a child of this process, died before it
    could.

    Its publishing may have outlived it, so this waits for that. Raises OSError.
    """
    while (holder := holder_of(where.build_lock)) and holder.get("pid") == pid:
        time.sleep(0.05)
    with contextlib.suppress(Busy), FileLock(where.build_lock, "recording the end of a build"):
        note = _read(where.start_note)
        if note and note.get("pid") == pid:
            end_early(where, note.get("invocation_id"), reason)


def known_cause(text: str) -> str | None:
    """Return the cause that an error message names if the machine, not our code, is at fault: one
    line, or None.
    """
    for words, cause in _CAUSES:
        line = next((line.strip() for line in text.splitlines() if words in line), None)
        if line is not None:
            return f"{cause} ({line})"
    return None


def last_build(where: Locations) -> dict[str, Any] | None:
    """Return how the last build ended, or the facts about one that died; None before the first."""
    if where.work_folder.is_dir() and not os.access(where.work_folder, os.X_OK):
        return None  # A guest, with whom only the published file is shared.
    found = dead_build(where) or _dead_refresh(where) or _read(where.build_state)
    return found and _with_known_types(found)


def last_death(where: Locations) -> dict[str, Any] | None:
    """Return what `last_build` does if that build, or the refresh before it, died; else None."""
    found = last_build(where)
    return found if found and found.get("is_dead") else None


def dead_build(where: Locations) -> dict[str, Any] | None:
    """Return the facts about the newest build if it began and died: its note, `outcome`,
    `is_published`.
    """
    note = _read(where.start_note)
    if note is None or _is_alive(note, where):
        return None
    # Between the two looks the build may have ended, and another one may have begun.
    if _read(where.start_note) != note:
        return None
    if "outcome" in note:
        return note
    number = published_by(note.get("invocation_id"), where)
    outcome = f"published: version {number}, {where.published}; killed before it could record that"
    return note | {
        "is_dead": True,
        "is_published": number is not None,
        "outcome": outcome if number is not None else f"{_DIED}; {_REMEDY}",
    }


# -- a refresh, from its crawl on ------------------------------------------------------------------


@contextlib.contextmanager
def refreshing(where: Locations) -> Iterator[None]:
    """Be the only refresh of this published file, and leave a note that only the end removes.

    An error that ends the refresh before it builds is recorded. Raises Busy.
    """
    lock = FileLock(refresh_lock(where), REFRESH).acquire()
    is_recorded, began = True, time.time_ns()
    try:
        _wait_for_orphans(where)
        yield
    except (SystemExit, GeneratorExit, click.ClickException, Busy):
        raise  # These have their line already, or do not end a build.
    except BaseException as error:
        is_recorded = False
        with (
            contextlib.suppress(OSError, Busy),
            FileLock(where.build_lock, "recording the end of a refresh"),
        ):
            if not has_published_since(where, began):
                end(
                    where, outcome_of(f"not published: the refresh ended early: {_words_of(error)}")
                )
            is_recorded = True
        raise
    finally:
        lock.release(keep_note=not is_recorded)


def _wait_for_orphans(where: Locations) -> None:
    """Let what a killed build left behind end: it may still be publishing. Raises Busy if another
    program builds.
    """
    FileLock(where.build_lock, REFRESH).refuse_if_held(
        wait=SECONDS_TO_STEP_BACK, orphans=SECONDS_FOR_ORPHANS
    )


def hold_build_lock(where: Locations, *, is_of_refresh: bool) -> FileLock:
    """Take the build lock for a refresh, or for dbt, which a person runs. Raises Busy.

    A refresh also has its own lock during its crawl, and dbt run by a person then steps back. The
    build lock alone would let it begin during the crawl, so that the refresh could not build.
    """
    lock = FileLock(where.build_lock, "a build" if is_of_refresh else "dbt on the build database")
    if is_of_refresh:
        return lock.acquire(wait=SECONDS_TO_STEP_BACK, orphans=SECONDS_FOR_ORPHANS)
    lock.acquire()
    try:
        FileLock(refresh_lock(where), lock.purpose).refuse_if_held()
    except BaseException:
        lock.release()
        raise
    return lock


def has_published_since(where: Locations, began: int) -> bool:
    """Say whether a build has recorded that it published after *began*, in nanoseconds by the clock
    of files.
    """
    if not where.build_state.exists() or where.build_state.stat().st_mtime_ns < began:
        return False
    return (_read(where.build_state) or {}).get("is_published") is True


def _words_of(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt) or ending.was_signalled():
        return "interrupted"
    if not isinstance(error, (OSError, LandingError)):
        return f"{type(error).__name__}: {error}"
    filename = getattr(error, "filename", None)
    place = f"{os.fsdecode(filename)}: " if filename else ""
    return place + (getattr(error, "strerror", None) or str(error))


def refresh_lock(where: Locations) -> Path:
    """Return the path of the lock that a refresh holds from its beginning to its end."""
    return where.work_folder / "refresh.lock"


def _dead_refresh(where: Locations) -> dict[str, Any] | None:
    """Return the facts about a refresh that died, unless a build has ended since."""
    try:
        notes = dead_holders(refresh_lock(where))
        written_at = refresh_lock(where).stat().st_mtime_ns
        if not notes or (
            where.build_state.exists() and where.build_state.stat().st_mtime_ns > written_at
        ):
            return None
    except OSError:
        return None
    return {
        "is_dead": True,
        "is_published": False,
        "outcome": f"the refresh was {_DIED}; {_REMEDY} (only the steps that are left: --resume)",
        "started_at": notes[-1].get("since"),
        "pid": notes[-1].get("pid"),
        "host": notes[-1].get("host"),
        "command": "refresh-meta",
    }


def _read(path: Path) -> dict[str, Any] | None:
    """Return the record at *path*, or None if there is none; an unreadable one becomes an outcome
    with that reason.
    """
    try:
        record = json.loads(read_file(path, at_most=_MOST_BYTES))
        if isinstance(record, dict):
            return record
        reason = "not a record of a build"
    except FileNotFoundError:
        return None
    except OSError as error:
        reason = error.strerror or str(error)
    except (ValueError, RecursionError):
        reason = "not a record of a build"
    outcome = (
        f"{path} cannot be read ({reason}), so its outcome is not known; "
        f"delete it and build again: {remedies.REFRESH}"
    )
    return {"outcome": outcome, "is_published": False}


def _with_known_types(record: dict[str, Any]) -> dict[str, Any]:
    """Return *record* without values that a page could not show."""
    texts = ("outcome", "started_at", "ended_at", "command")
    lists = {
        name: [item for item in given if isinstance(item, str)]
        if isinstance(given := record.get(name), list)
        else []
        for name in ("failures", "left_out")
    }
    rest = {
        name: value for name, value in record.items() if name not in texts or isinstance(value, str)
    }
    return rest | lists | {"is_published": record.get("is_published") is True}


def _is_alive(note: Mapping[str, Any], where: Locations) -> bool:
    """Return whether the build of *note* is still running: its process, or one that inherited the
    lock, holds it.
    """
    try:
        holder = holder_of(where.build_lock)
    except OSError:
        return False
    return holder is not None and holder.get("pid", note.get("pid")) == note.get("pid")


def published_by(invocation_id: str | None, where: Locations) -> int | None:
    """Return the number of the version that the build *invocation_id* swapped in, or None."""
    if not invocation_id:
        return None
    with contextlib.suppress(OSError):
        for number, kept in sorted(kept_versions(where).items(), reverse=True):
            with contextlib.suppress(OSError, ValueError, RecursionError):
                facts = json.loads(read_file(note_of(kept), at_most=_MOST_BYTES))
                if isinstance(facts, dict) and facts.get("invocation_id") == invocation_id:
                    return number
    return None


def _boot_id() -> str | None:
    with contextlib.suppress(OSError):
        return _BOOT.read_text(encoding="ascii").strip()
    return None
