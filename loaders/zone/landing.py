"""The landing zone: a commit log of runs, the only truth.

    zone.json                    identity: zone id and host label, written once
    log/<seq>.json               committed manifests; for readers, nothing else exists
    runs/<run_id>/               one run's Parquet files and its start note
    locks/                       flock files, never unlinked
    events/                      events of outside programs, until a refresh lands them
    empty/                       typed files of no rows, made when they are wanted

Any number of writers may land at the same time. A committed file is never changed. A file that a
later run replaces (a merged or a damaged one) is deleted after a published build has seen the
replacement.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import socket
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from loaders.base import clock, ending
from loaders.base.inside import (
    delete_run_folder,
    is_real_folder,
    is_regular,
    is_run_id,
)
from loaders.base.locks import READ_ONLY, Busy, FileLock, is_held, lock_in
from loaders.base.masking import Masker
from loaders.base.permissions import tighten
from loaders.base.sealed import put_if_absent, read_file, replace_durably, seal
from loaders.zone import schemas
from loaders.zone.commit_log import CommitLog, LandedFile, LandingError, LogEntry
from loaders.zone.registered import keep_roots_out
from loaders.zone.restoring import READ, RESTORED, refuse_half_restored
from loaders.zone.run_folders import RunFolders
from loaders.zone.runs import Counts, Run
from loaders.zone.zone_folder import refuse_foreign_folder
from loaders.zone.zone_format import FORMAT_VERSION, NewerFormat, identity_of

__all__ = ["LandedFile", "LandingError", "LandingZone", "LogEntry", "NewerFormat"]


class LandingZone:
    """The landing zone at *path*; made, with its identity, if it does not exist.

    With `make=False`, an existing zone is opened and nothing is written.
    Raises LandingError, NotOurs for a folder of others, Busy while the zone is restored.
    """

    def __init__(self, path: Path, *, make: bool = True) -> None:
        self.path = path
        self.log = CommitLog(path)
        self.log.refuse_newer()
        self.runs = path / "runs"
        self._folders = RunFolders(self.runs)
        self._is_tight = False
        refuse_foreign_folder(path)
        refuse_half_restored(path)
        if make:
            for folder in (path, self.log.folder, self.runs, path / "locks"):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.identity = self._read_or_write_identity()
        else:
            self.identity = read_identity(path)

    @property
    def host_label(self) -> str:
        return str(self.identity["host_label"])

    def _read_or_write_identity(self) -> dict[str, Any]:
        target = self.path / "zone.json"
        if not target.exists():
            if self.log.newest():
                raise LandingError(f"{target}: missing; restore it from a backup")
            identity = {
                "format_version": FORMAT_VERSION,
                "zone_id": secrets.token_hex(16),
                "host_label": os.environ.get("META_HOST_LABEL") or socket.gethostname(),
                "created_at": clock.now().isoformat(timespec="seconds"),
            }
            with contextlib.suppress(FileExistsError):
                put_if_absent(target, seal(identity), scratch=self.path)
        return read_identity(self.path)

    def entries(self) -> list[LogEntry]:
        """Return the committed runs in the order of the log.

        Raises LandingError where an entry cannot be read or does not follow from the one before it.
        """
        return self.log.entries()

    # -- landing -----------------------------------------------------------------------------------

    @contextlib.contextmanager
    def run(
        self,
        action: str,
        argv: Sequence[str] = (),
        scope: Sequence[str] = (),
        *,
        resume: bool = False,
        **facts: Any,
    ) -> Iterator[Run]:
        """Start a run, and commit it when the block ends; when it raises, commit the error and
        raise it.

        *scope* names units that only one run may land at a time (the roots of a crawl). Files that
        killed runs of the same action and a common scope left are deleted first. With *resume*,
        this run gets them as `left_by_others`, and they are deleted after its commit. Raises Busy
        during a restore.
        """
        with self.lock(RESTORED, f"landing ({action})", shared=True):
            refuse_half_restored(self.path)
            with self._run(action, argv, scope, resume, facts) as run:
                yield run

    @contextlib.contextmanager
    def _run(
        self,
        action: str,
        argv: Sequence[str],
        scope: Sequence[str],
        resume: bool,
        facts: Mapping[str, Any],
    ) -> Iterator[Run]:
        self._tighten()
        self._folders.clear_drafts()
        left = self._ended_early(action, scope)
        if not resume:
            self._clear_ended(left)
        keep_roots_out(self)
        started = clock.now()
        run_id = f"{started:%Y%m%dT%H%M%SZ}-{action}-{secrets.token_hex(4)}"
        run = Run(
            self.runs / run_id,
            run_id,
            action,
            tuple(argv),
            tuple(scope),
            started,
            masker=self._masker(),
            **facts,
        )
        if resume and left:
            run.parent_run_id = left[-1]["run_id"]
            run.left_by_others = [
                part for note in left for part in sorted(self._folders.parts(note["run_id"]))
            ]
        alive = self._folders.open(run)
        try:
            yield run
            status = "completed_with_errors" if run.problem_count else "completed"
            self._commit(run.manifest(status, run.seal(), run.counts))
        except BaseException as error:
            # An interrupt is recorded like any other end; the state before it stays valid. It may
            # also arrive after the link: files that the log names are not touched.
            if not self._is_committed(run_id):
                self._commit_failure(run, error)
            raise
        finally:
            alive.release()
        if resume:
            self._clear_ended(left)

    def _masker(self) -> Masker:
        return Masker(self.identity["zone_id"])

    @contextlib.contextmanager
    def rehearsal(
        self, action: str, argv: Sequence[str] = (), scope: Sequence[str] = (), **facts: Any
    ) -> Iterator[Run]:
        """Start a run that is never committed: what it writes goes to a scratch folder, and with
        it.
        """
        keep_roots_out(self)
        with tempfile.TemporaryDirectory() as scratch:
            name, now = f"rehearsal-{action}", clock.now()
            run = Run(
                Path(scratch),
                name,
                action,
                tuple(argv),
                tuple(scope),
                now,
                masker=self._masker(),
                **facts,
            )
            try:
                yield run
            finally:
                run.abandon()

    def _tighten(self) -> None:
        """Take from others what an older version let them read, once."""
        if not self._is_tight:
            tighten(self.path)
            self._is_tight = True

    def _commit(self, manifest: dict[str, Any]) -> None:
        self.log.append(manifest, scratch=self.runs / manifest["run_id"])

    def _is_committed(self, run_id: str) -> bool:
        return any(entry.run_id == run_id for entry in self.entries())

    def _commit_failure(self, run: Run, error: BaseException) -> None:
        run.abandon()
        run.problem(f"{type(error).__name__}: {error}".rstrip(": "))
        is_interrupt = isinstance(error, KeyboardInterrupt) or ending.was_signalled()
        # If the failure cannot be recorded now (a full disk), the next run of this kind records it.
        with contextlib.suppress(OSError):
            if not is_interrupt:
                self._folders.clear(run.run_id)
            self._commit(run.manifest("failed", [], None if is_interrupt else Counts()))

    # -- what ended early --------------------------------------------------------------------------

    def under_way(self) -> list[dict[str, Any]]:
        """Return the runs that are not in the log, each with `is_alive`."""
        committed = {entry.run_id for entry in self.entries()}
        found = [
            self._folders.note(name)
            | {"run_id": name, "is_alive": is_held(self._folders.alive_lock(name))}
            for name in sorted(os.listdir(self.runs))
            if name not in committed and is_run_id(name) and is_real_folder(self.runs / name)
        ]
        # A run that ended while we looked is not dead.
        committed = {entry.run_id for entry in self.entries()} if found else committed
        return [note for note in found if note["run_id"] not in committed]

    def _ended_early(self, action: str, scope: Sequence[str]) -> list[dict[str, Any]]:
        """Return the notes of what this action and scope left: killed runs, and the parts of
        interrupted ones.
        """
        interrupted = [
            {
                "run_id": entry.run_id,
                "action": entry.action,
                "scope": entry.manifest["scope"],
                "is_alive": False,
            }
            for entry in self.entries()
            if entry.manifest["status"] == "failed" and any(self._folders.parts(entry.run_id))
        ]
        return [
            note
            for note in [*interrupted, *self.under_way()]
            if not note["is_alive"]
            and note["action"] == action
            and _have_common(note["scope"], scope)
        ]

    def _clear_ended(self, notes: Sequence[Mapping[str, Any]]) -> None:
        """Land killed runs as failed, and free what they and interrupted ones wrote."""
        for note in notes:
            with (
                contextlib.suppress(Busy),
                FileLock(self._folders.alive_lock(note["run_id"]), "clearing"),
            ):
                self._folders.clear(note["run_id"])
                if not self._is_committed(note["run_id"]):
                    self._land_as_killed(note)

    def _land_as_killed(self, note: Mapping[str, Any]) -> None:
        started = (
            datetime.fromisoformat(note["started_at"]) if "started_at" in note else clock.now()
        )
        scope = note["scope"] or ()
        dead = Run(
            self.runs / note["run_id"],
            note["run_id"],
            note["action"],
            note.get("argv", []),
            scope,
            started,
        )
        dead.problem("killed before it ended; what it had read was not landed")
        self._commit(dead.manifest("failed", [], None) | {"duration_seconds": None})

    # -- what was replaced -------------------------------------------------------------------------

    @contextlib.contextmanager
    def reading(self) -> Iterator[list[LogEntry]]:
        """Give the committed runs; nothing that they name is deleted while the block lasts."""
        refuse_half_restored(self.path)
        with contextlib.ExitStack() as held:
            try:
                held.enter_context(
                    self.lock(READ, "reading landed files", shared=True).acquire(wait=True)
                )
            except OSError as error:
                # A reader that may not write here, in a zone that never had this lock or hides it.
                # A compaction by those who may write can then take a file away; its digest tells.
                if error.errno not in (*READ_ONLY, errno.ENOENT):
                    raise
            refuse_half_restored(self.path)
            yield self.entries()

    def discard_replaced(self, up_to: int) -> int:
        """Delete the files that runs up to number *up_to* replaced, unless a reader is active.

        Returns the number of files. The caller holds the build lock, after a build that read the
        log up to *up_to* was published.
        """
        discarded = 0
        with contextlib.suppress(Busy), self.lock(READ, "deleting replaced files"):
            for path in map(self.path.joinpath, self.log.replaced_paths(self.entries()[:up_to])):
                if is_real_folder(path.parent) and is_regular(path):
                    discarded += 1
                    path.unlink()
            self._discard_directories(up_to)
        return discarded

    def _discard_directories(self, up_to: int) -> None:
        """Delete the directories of committed runs that hold nothing any more."""
        for entry in self.entries()[:up_to]:
            folder = self.runs / entry.run_id
            if not entry.files and folder.exists() and not any(self._folders.parts(entry.run_id)):
                delete_run_folder(folder)

    # -- locks and empty tables --------------------------------------------------------------------

    def lock(self, name: str, purpose: str, *, shared: bool = False) -> FileLock:
        """Return the zone's lock *name* (any text), not yet acquired."""
        return lock_in(self.path, name, purpose, shared=shared)

    def empty_table(self, name: str) -> Path:
        """Return a typed file of zero rows, so that a table without landed files can be read."""
        target = self.path / "empty" / f"{name}.{_schema_digest(name)}.parquet"
        if not target.exists():
            target.parent.mkdir(exist_ok=True, mode=0o700)
            content = pa.BufferOutputStream()
            pq.write_table(_schema(name).empty_table(), content)
            replace_durably(target, content.getvalue().to_pybytes())
        return target


def read_identity(zone: Path) -> dict[str, Any]:
    """Return the identity of the landing zone at *zone*. Raises LandingError."""
    target = zone / "zone.json"
    try:
        return identity_of(read_file(target), target)
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise LandingError(
            f"{target}: not readable as the identity of a landing zone ({error}); restore it from "
            "a backup"
        ) from None


def _have_common(left: Sequence[str] | None, right: Sequence[str]) -> bool:
    """Say whether two scopes overlap; an unknown one might."""
    return left is None or not (left or right) or not set(left).isdisjoint(right)


def _schema(name: str) -> pa.Schema:
    return schemas.RUNS if name == "runs" else schemas.TABLES[name]


@cache
def _schema_digest(name: str) -> str:
    return hashlib.sha256(_schema(name).to_string().encode()).hexdigest()[:12]
