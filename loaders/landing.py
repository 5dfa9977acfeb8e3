"""The landing zone: a commit log of runs, the only truth.

    zone.json                    identity: zone id and host label, written once
    log/<seq>.json               committed manifests; what is not here does not exist for readers
    runs/<run_id>/               one run's Parquet files, its start note, its manifest
    locks/                       flock files, never unlinked

A run commits by link(2) of its manifest to the next free number: put-if-absent, tried again at the
next number, so any number of writers may land at once and only `seq` orders. Each manifest holds its
own SHA-256 and that of the one before it, so that a lost, damaged or edited entry shows.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from loaders import clock, schemas
from loaders.locks import Busy, FileLock, is_held
from loaders.paths import clean_text
from loaders.runs import FORMAT_VERSION, Counts, Run, flush_directory


class LandingError(Exception):
    """The landing zone cannot be used; the message says what, where, and what to do."""


@dataclass(frozen=True)
class LandedFile:
    """One committed Parquet file."""

    path: Path
    table: str
    rows: int
    bytes: int
    sha256: str

    def is_healthy(self) -> bool:
        """Say whether the file is there, whole: its size and its footer tell."""
        try:
            return self.path.stat().st_size == self.bytes and pq.read_metadata(self.path).num_rows == self.rows
        except (OSError, pa.ArrowInvalid):
            return False


@dataclass(frozen=True)
class LogEntry:
    """One committed run as its manifest tells it."""

    seq: int
    manifest: Mapping[str, Any]
    files: tuple[LandedFile, ...]

    @property
    def run_id(self) -> str:
        return self.manifest["run_id"]

    def is_whole(self) -> bool:
        """Say whether every file of the run is healthy."""
        return all(file.is_healthy() for file in self.files)

    def without(self, replaced: Set[Path]) -> LogEntry:
        """Return the entry less the files that later runs have replaced."""
        return replace(self, files=tuple(file for file in self.files if file.path not in replaced))


class LandingZone:
    """The landing zone at *path*; made, with its identity, when it is not there yet."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.log = path / "log"
        self.runs = path / "runs"
        for folder in (self.log, self.runs, path / "locks"):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.identity = self._read_or_write_identity()

    @property
    def host_label(self) -> str:
        return self.identity["host_label"]

    def _read_or_write_identity(self) -> dict[str, Any]:
        target = self.path / "zone.json"
        if not target.exists():
            identity = {
                "format_version": FORMAT_VERSION,
                "zone_id": secrets.token_hex(16),
                "host_label": os.environ.get("META_HOST_LABEL") or socket.gethostname(),
                "created_at": clock.now().isoformat(timespec="seconds"),
            }
            with contextlib.suppress(FileExistsError):
                _put_if_absent(target, identity, scratch=self.path)
        try:
            identity = json.loads(target.read_bytes())
            version = identity["format_version"]
        except (ValueError, KeyError, TypeError) as error:
            raise LandingError(f"{target}: not readable as the identity of a landing zone: {error}") from None
        if version != FORMAT_VERSION:
            raise LandingError(f"{target}: format {version}, this version reads {FORMAT_VERSION}; use a newer version")
        return identity

    def entries(self) -> list[LogEntry]:
        """Return the committed runs in the order of the log.

        Raises LandingError where an entry cannot be read or does not follow from the one before it.
        """
        found: list[LogEntry] = []
        parent: str | None = None
        # A listing made while others commit may lack some numbers, but never needs one above its newest.
        for seq in range(1, self._newest() + 1):
            path = self._log_path(seq)
            try:
                raw = path.read_bytes()
                manifest = json.loads(raw)
                is_intact = manifest.pop("sha256") == _manifest_digest(manifest)
                follows = manifest["parent_sha256"] == parent and manifest["seq"] == seq
                entry = self._entry(seq, manifest)
            except FileNotFoundError:
                raise LandingError(f"{path}: missing; restore it from a backup") from None
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise LandingError(f"{path}: damaged manifest ({error}); restore it from a backup") from None
            if not is_intact:
                raise LandingError(f"{path}: edited after it was committed; restore it from a backup")
            if not follows:
                raise LandingError(f"{path}: does not follow from the entry before it; restore the log from a backup")
            parent = hashlib.sha256(raw).hexdigest()
            found.append(entry)
        replaced = {self.path / path for entry in found for path in entry.manifest["replaces"]}
        return [entry.without(replaced) for entry in found] if replaced else found

    def _log_path(self, seq: int) -> Path:
        return self.log / f"{seq:020}.json"

    def _newest(self) -> int:
        """Return the highest number in the log, 0 when it is empty."""
        numbers = [name.removesuffix(".json") for name in os.listdir(self.log)]
        return max((int(number) for number in numbers if len(number) == 20 and number.isdecimal()), default=0)

    def _entry(self, seq: int, manifest: Mapping[str, Any]) -> LogEntry:
        files = tuple(
            LandedFile(self.path / item["path"], item["table"], item["rows"], item["bytes"], item["sha256"])
            for item in manifest["files"]
        )
        return LogEntry(seq, manifest, files)

    @contextlib.contextmanager
    def run(self, action: str, argv: Sequence[str] = (), scope: Sequence[str] = (), **facts: Any) -> Iterator[Run]:
        """Start a run; commit it when the block ends, as failed and without files when it raises.

        *scope* names what may not be landed twice at a time (the roots of a crawl): dead runs of the
        same action and scope are landed as failed first.
        """
        self._bury_dead_runs(action, scope)
        started = clock.now()
        run_id = f"{started:%Y%m%dT%H%M%SZ}-{action}-{secrets.token_hex(4)}"
        run = Run(self.runs / run_id, run_id, action, tuple(argv), tuple(scope), started, **facts)
        alive = self._open_directory(run)
        try:
            yield run
            status = "completed_with_errors" if run.problem_count else "completed"
            self._commit(run.manifest(status, run.seal(), run.counts))
        except BaseException as error:
            # An interrupt is recorded like any other end; the healthy state before it stands. It may
            # also arrive after the link: what the log names is not touched again.
            if not self._is_committed(run_id):
                self._commit_failure(run, error)
            raise
        finally:
            alive.release()

    @contextlib.contextmanager
    def rehearsal(
        self, action: str, argv: Sequence[str] = (), scope: Sequence[str] = (), **facts: Any
    ) -> Iterator[Run]:
        """Start a run that is never committed: what it writes goes to a scratch folder, and with it."""
        with tempfile.TemporaryDirectory() as scratch:
            run = Run(Path(scratch), f"rehearsal-{action}", action, tuple(argv), tuple(scope), clock.now(), **facts)
            try:
                yield run
            finally:
                run.abandon()

    def _open_directory(self, run: Run) -> FileLock:
        """Make the run's directory and return the held lock that says it is alive.

        It gets its name last, so that nobody ever sees a run without its note or its lock.
        """
        draft = self.runs / f".{run.run_id}"
        draft.mkdir(mode=0o700)
        alive = FileLock(draft / "alive.lock", run.run_id).acquire()
        try:
            _write_json(
                draft / "started.json",
                {
                    "run_id": run.run_id,
                    "action": run.action,
                    "scope": list(run.scope),
                    "argv": [clean_text(word) for word in run.argv],
                    "started_at": run.started_at.isoformat(),
                    "pid": os.getpid(),
                    "host": socket.gethostname(),
                },
            )
            draft.rename(run.directory)
        except BaseException:
            alive.release()
            shutil.rmtree(draft, ignore_errors=True)
            raise
        return alive

    def _is_committed(self, run_id: str) -> bool:
        return any(entry.run_id == run_id for entry in self.entries())

    def _commit_failure(self, run: Run, error: BaseException) -> None:
        run.abandon()
        run.problem(f"{type(error).__name__}: {error}".rstrip(": "))
        # What cannot be recorded now (a full disk) is recorded by the next run of this kind, as killed.
        with contextlib.suppress(OSError):
            _clear(run.directory)
            self._commit(run.manifest("failed", [], None if isinstance(error, KeyboardInterrupt) else Counts()))

    def _commit(self, manifest: dict[str, Any]) -> int:
        """Append *manifest* to the log and return its number."""
        directory = self.runs / manifest["run_id"]
        while True:
            newest = self._newest()
            parent = hashlib.sha256(self._log_path(newest).read_bytes()).hexdigest() if newest else None
            seq = newest + 1
            content = manifest | {"seq": seq, "parent_sha256": parent}
            content["sha256"] = _manifest_digest(content)
            try:
                _put_if_absent(self._log_path(seq), content, scratch=directory)
            except FileExistsError:
                continue
            return seq

    def under_way(self) -> list[dict[str, Any]]:
        """Return the runs that are not in the log, each with `is_alive`."""
        committed = {entry.run_id for entry in self.entries()}
        found = [
            self._note(name) | {"run_id": name, "is_alive": is_held(self.runs / name / "alive.lock")}
            for name in sorted(os.listdir(self.runs))
            if name not in committed and not name.startswith(".") and (self.runs / name).is_dir()
        ]
        # A run that ended while we looked is not dead.
        committed = {entry.run_id for entry in self.entries()} if found else committed
        return [note for note in found if note["run_id"] not in committed]

    def _note(self, run_id: str) -> dict[str, Any]:
        try:
            return json.loads((self.runs / run_id / "started.json").read_bytes())
        except (OSError, ValueError):
            return {"action": run_id.split("-")[1] if "-" in run_id else None, "scope": []}

    def _bury_dead_runs(self, action: str, scope: Sequence[str]) -> None:
        """Land killed runs of the same action and scope as failed, and free what they wrote."""
        for note in self.under_way():
            if note["is_alive"] or note["action"] != action or list(note["scope"]) != list(scope):
                continue
            with contextlib.suppress(Busy), FileLock(self.runs / note["run_id"] / "alive.lock", "clearing"):
                if not self._is_committed(note["run_id"]):
                    self._bury(note)

    def _bury(self, note: Mapping[str, Any]) -> None:
        started = datetime.fromisoformat(note["started_at"]) if "started_at" in note else clock.now()
        dead = Run(
            self.runs / note["run_id"], note["run_id"], note["action"], note.get("argv", []), note["scope"], started
        )
        dead.problem("killed before it ended; what it had read was thrown away")
        _clear(dead.directory)
        self._commit(dead.manifest("failed", [], None) | {"duration_seconds": None})

    def lock(self, name: str, purpose: str, *, shared: bool = False) -> FileLock:
        """Return the zone's lock *name* (any text), not yet acquired."""
        digest = hashlib.sha256(os.fsencode(name)).hexdigest()[:32]
        return FileLock(self.path / "locks" / f"{digest}.lock", purpose, shared=shared)

    def empty_table(self, name: str) -> Path:
        """Return a typed file of zero rows, so that a table nobody landed yet can be read."""
        target = self.path / "empty" / f"{name}.{_schema_digest(name)}.parquet"
        if not target.exists():
            target.parent.mkdir(exist_ok=True)
            scratch = target.with_name(f"{target.name}.{os.getpid()}")
            pq.write_table(_schema(name).empty_table(), scratch)
            os.replace(scratch, target)
        return target


def _schema(name: str) -> pa.Schema:
    return schemas.RUNS if name == "runs" else schemas.TABLES[name]


@cache
def _schema_digest(name: str) -> str:
    return hashlib.sha256(_schema(name).to_string().encode()).hexdigest()[:12]


def _manifest_digest(manifest: Mapping[str, Any]) -> str:
    """SHA-256 of a manifest without its own `sha256`, whatever the layout of its file."""
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


def _clear(directory: Path) -> None:
    """Delete what a run wrote that the log will never name."""
    for leftover in directory.iterdir():
        if leftover.suffix in (".parquet", ".draft"):
            leftover.unlink()


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    with open(path, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1, ensure_ascii=True)
        file.flush()
        os.fsync(file.fileno())


def _put_if_absent(target: Path, content: Mapping[str, Any], scratch: Path) -> None:
    """Write *content* at *target* in one step; raises FileExistsError where it is taken."""
    draft = scratch / f"{target.name}.{secrets.token_hex(4)}.draft"
    try:
        _write_json(draft, content)
        os.link(draft, target)
    finally:
        draft.unlink(missing_ok=True)
    flush_directory(target.parent)
