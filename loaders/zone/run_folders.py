"""The folders of runs: each with its start note, the lock of a run that is alive, and its files."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from loaders.base.inside import delete_run_folder, is_part, is_real_folder, is_run_draft
from loaders.base.locks import FileLock, is_held
from loaders.base.masking import masked_message
from loaders.base.sealed import read_file, write_durably
from loaders.zone.runs import Run

# A folder of a run without its final name is abandoned after this time.
_DRAFT_SECONDS = 60
_ALIVE = "alive.lock"


class RunFolders:
    """The folder `runs` of a landing zone."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def alive_lock(self, run_id: str) -> Path:
        """Return the path of the lock that a run holds while it is alive."""
        return self.path / run_id / _ALIVE

    def open(self, run: Run) -> FileLock:
        """Make the run's directory and return the held lock that says it is alive.

        It gets its name last, so that a run is never visible without its note or its lock.
        """
        draft = self.path / f".{run.run_id}"
        draft.mkdir(mode=0o700)
        alive = FileLock(draft / _ALIVE, run.run_id).acquire()
        try:
            note = {
                "run_id": run.run_id,
                "action": run.action,
                "scope": list(run.scope),
                "argv": list(map(masked_message, run.argv)),
                "started_at": run.started_at.isoformat(),
                "pid": os.getpid(),
                "host": socket.gethostname(),
            }
            write_durably(draft / "started.json", json.dumps(note, indent=1).encode())
            draft.rename(run.directory)
        except BaseException:
            alive.release()
            shutil.rmtree(draft, ignore_errors=True)
            raise
        return alive

    def note(self, run_id: str) -> dict[str, Any]:
        try:
            return _checked_note(json.loads(read_file(self.path / run_id / "started.json")))
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return {"action": run_id.split("-")[1] if "-" in run_id else None, "scope": None}

    def parts(self, run_id: str) -> Iterator[Path]:
        if not is_real_folder(self.path / run_id):
            return iter(())
        return (path for path in (self.path / run_id).glob("*.parquet") if is_part(path.name))

    def clear(self, run_id: str) -> None:
        """Delete what a run wrote that the log will never name."""
        for leftover in [*self.parts(run_id), *(self.path / run_id).glob("*.draft*")]:
            leftover.unlink()

    def clear_drafts(self) -> None:
        """Delete the directories of runs that died before these had a name."""
        for draft in filter(lambda path: is_run_draft(path.name), self.path.glob(".[0-9]*")):
            with contextlib.suppress(FileNotFoundError):
                is_old = draft.lstat().st_mtime < time.time() - _DRAFT_SECONDS
                if is_old and not is_held(draft / _ALIVE):
                    delete_run_folder(draft)


def _checked_note(note: dict[str, Any]) -> dict[str, Any]:
    """Return the start note of a run. Raises ValueError, KeyError, TypeError for anything else."""
    datetime.fromisoformat(note["started_at"])
    lists = note["scope"], note.get("argv", [])
    if not isinstance(note["action"], str) or not all(
        isinstance(word, str) for words in lists for word in words
    ):
        raise ValueError("not the start note of a run")
    return note
