"""The log of a landing zone: one manifest per committed run, numbered, each naming the one before
by digest.

A manifest is committed by link(2) to the next free number: put-if-absent, tried again at the next
number, so that any number of writers may commit together and only the number orders. Each holds its
own SHA-256 and that of the one before it, so that a lost, damaged or edited one shows.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from loaders.base import clock
from loaders.base.engine_paths import plain_path
from loaders.base.errors import LandingError
from loaders.base.inside import check_manifest_paths, is_real_folder
from loaders.base.sealed import file_digest, naming, put_if_absent, read_file, seal
from loaders.zone.zone_format import NewerFormat, manifest_of, refuse_newer_record

__all__ = ["CommitLog", "LandedFile", "LandingError", "LogEntry", "NewerFormat"]


@dataclass(frozen=True)
class LandedFile:
    """One committed Parquet file."""

    path: Path
    table: str
    rows: int
    bytes: int
    sha256: str

    def is_healthy(self) -> bool:
        """Return, cheaply, whether the file exists and is not cut short; raises as `footer`
        does.
        """
        return self.footer() is not None

    def footer(self) -> pq.FileMetaData | None:
        """Return the footer of the file, or None if the file is lost or cut short.

        Raises OSError if the disk cannot be read now: it may be readable later.
        """
        try:
            with naming(self.path):
                status = self.path.lstat()
                if status.st_size != self.bytes or not stat.S_ISREG(status.st_mode):
                    return None
                if not is_real_folder(self.path.parent):
                    return None
                footer = pq.read_metadata(plain_path(self.path))
        except (FileNotFoundError, pa.ArrowInvalid):
            return None
        except OSError as error:
            if error.errno is None:  # PyArrow has read it, and made no sense of it
                return None
            raise
        return footer if footer.num_rows == self.rows else None

    def fault(self) -> str | None:
        """Read the whole file and say what is wrong with it, or None."""
        try:
            if self.path.parent.is_symlink():
                return "is behind a symbolic link"
            digest = file_digest(self.path)
        except FileNotFoundError:
            return "missing"
        except OSError as error:
            return f"cannot be read: {error.strerror or error}"
        return None if digest == self.sha256 else "not as it was landed"


@dataclass(frozen=True)
class LogEntry:
    """One committed run, according to its manifest, with its files that were not replaced."""

    seq: int
    manifest: Mapping[str, Any]
    files: tuple[LandedFile, ...]

    @property
    def run_id(self) -> str:
        return str(self.manifest["run_id"])

    @property
    def action(self) -> str:
        return str(self.manifest["action"])

    @property
    def ended_at(self) -> datetime:
        """When the run ended, by the clock of its machine, in naive UTC."""
        return clock.parse_naive_utc(self.manifest["ended_at"])

    def is_whole(self) -> bool:
        """Say whether every file of the run is healthy."""
        return all(file.is_healthy() for file in self.files)

    def without(self, replaced: Set[Path]) -> LogEntry:
        """Return the entry less the files that later runs have replaced."""
        return replace(self, files=tuple(file for file in self.files if file.path not in replaced))


class CommitLog:
    """The log of the landing zone in *zone*, a folder. Each entry is read once."""

    def __init__(self, zone: Path) -> None:
        self.zone = zone
        self.folder = zone / "log"
        self._read: list[LogEntry] = []
        self._parent: str | None = None
        self._one_reader = Lock()

    def path_of(self, seq: int) -> Path:
        return self.folder / f"{seq:020}.json"

    def newest(self) -> int:
        """Return the highest number in the log, 0 when it is empty."""
        numbers = [name.removesuffix(".json") for name in os.listdir(self.folder)]
        return max(
            (int(number) for number in numbers if len(number) == 20 and number.isdecimal()),
            default=0,
        )

    def refuse_newer(self) -> None:
        """Raise NewerFormat if the zone, or any run in its log, is of a newer format version; write
        nothing.

        A zone that is missing or damaged is for others to judge.
        """
        identity = self.zone / "zone.json"
        with contextlib.suppress(OSError):
            refuse_newer_record(read_file(identity), identity)
        with contextlib.suppress(OSError):
            try:
                self.entries()
            except NewerFormat:
                raise
            except LandingError:
                self._refuse_newer_beside_damage()

    def _refuse_newer_beside_damage(self) -> None:
        for seq in range(1, self.newest() + 1):
            with contextlib.suppress(OSError):
                refuse_newer_record(read_file(self.path_of(seq)), self.path_of(seq))

    def entries(self) -> list[LogEntry]:
        """Return the committed runs in order.

        Raises LandingError where one cannot be read or does not follow from the one before it.
        """
        with self._one_reader:
            # A listing made while others commit may miss some numbers, but none above its newest is
            # needed.
            for seq in range(len(self._read) + 1, self.newest() + 1):
                self._read_next(seq)
            entries = list(self._read)
        return self.less_replaced(entries)

    def less_replaced(self, entries: list[LogEntry]) -> list[LogEntry]:
        """Return *entries* less the files that any of them has replaced."""
        replaced = {self.zone / path for entry in entries for path in entry.manifest["replaces"]}
        return [entry.without(replaced) for entry in entries] if replaced else entries

    @staticmethod
    def replaced_paths(entries: Sequence[LogEntry]) -> list[str]:
        """Return the paths that one of *entries* landed and one has replaced, relative to the
        zone.
        """
        landed = {item["path"] for entry in entries for item in entry.manifest["files"]}
        return [path for entry in entries for path in entry.manifest["replaces"] if path in landed]

    def _read_next(self, seq: int) -> None:
        path = self.path_of(seq)
        try:
            raw = read_file(path)
            entry = self.parse(seq, raw)
        except FileNotFoundError:
            raise LandingError(f"{path}: missing; restore it from a backup") from None
        except ValueError as error:
            raise LandingError(f"{path}: {error}; restore it from a backup") from None
        if entry.manifest["parent_sha256"] != self._parent:
            raise LandingError(
                f"{path}: does not follow from the entry before it; restore the log from a backup"
            )
        self._parent = hashlib.sha256(raw).hexdigest()
        self._read.append(entry)

    def parse(self, seq: int, raw: bytes, *, exactly: bool = False) -> LogEntry:
        """Return the entry that *raw*, found as number *seq*, holds.

        Raises NewerFormat if a newer version wrote it, ValueError if it is damaged.
        """
        try:
            manifest = manifest_of(raw, self.path_of(seq), exactly=exactly)
            check_manifest_paths(manifest)
            files = tuple(
                LandedFile(
                    self.zone / item["path"],
                    item["table"],
                    item["rows"],
                    item["bytes"],
                    item["sha256"],
                )
                for item in manifest["files"]
            )
        except (KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError(f"damaged manifest ({type(error).__name__} {error})") from None
        if manifest["seq"] != seq:
            raise ValueError(f"it is entry {manifest['seq']} under the number of another")
        return LogEntry(seq, manifest, files)

    def append(self, manifest: Mapping[str, Any], scratch: Path) -> int:
        """Commit *manifest*, by way of the folder *scratch*, and return its number."""
        while True:
            newest = self.newest()
            parent = hashlib.sha256(read_file(self.path_of(newest))).hexdigest() if newest else None
            content = {**manifest, "seq": newest + 1, "parent_sha256": parent}
            try:
                put_if_absent(self.path_of(newest + 1), seal(content), scratch)
            except FileExistsError:
                continue
            return newest + 1
