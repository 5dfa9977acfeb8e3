"""A campaign: chunk scans of several projects, planned, run one after the other, and landed.

Its manifest has the form of CodeGraphX's campaign manifests. It is written again after every step,
so that a stopped campaign can be resumed.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from enrich.commands.codegraphx.chunks import ChunkPlan, plan_chunks, safe_tag
from enrich.commands.codegraphx.shared import CATALOGUE
from enrich.commands.codegraphx.tool import Tool, artifacts_of, run
from enrich.options import Refusal
from loaders.base import clock, programs
from loaders.base.paths import CODE_ROOT, Locations, clean_text
from loaders.base.permissions import tighten
from loaders.base.sealed import replace_durably

_DONE = "completed"


def workplace(where: Locations) -> Path:
    """Return the folder of campaigns, with their manifests and a catalogue for their scans.

    The user's own catalogue is never written to.
    """
    return where.work_folder / "codegraphx"


@dataclass
class Candidate:
    """A project to scan: its path and tag, its row of the backlog, its command, its outcome."""

    index: int
    name: str
    path: str
    tag: str
    score: float = 0.0
    already_enriched: int = 0
    status: str = ""
    command: list[str] = field(default_factory=list)
    outcome: dict[str, Any] = field(default_factory=dict)

    @property
    def is_there(self) -> bool:
        return os.path.isabs(self.path) and os.path.isdir(self.path)


@dataclass(frozen=True)
class Settings:
    """The options of a campaign, as in its manifest."""

    limit: int = 1
    min_lines: int = 0
    root_prefix: str = ""
    include_enriched: bool = False
    chunk_size: int = 6
    max_projects: int = 0
    tag_prefix: str = ""
    resume: bool = False
    # Further folder names to leave out, comma-separated; CodeGraphX's manifest has no field for it.
    exclude: str = ""


class Campaign:
    """Candidates, the tool that scans them, and the manifest that records the progress."""

    def __init__(
        self,
        candidates: Sequence[Candidate],
        settings: Settings,
        where: Locations,
        tool: Tool,
        manifest: Path | None = None,
    ) -> None:
        self.candidates = list(candidates)
        self.settings = settings
        self.where = where
        self.tool = tool
        self.manifest = manifest
        self.is_executed = False
        self.stamp = clock.now().strftime("%Y%m%dT%H%M%SZ")

    @property
    def has_failed(self) -> bool:
        return any(candidate.status == "failed" for candidate in self.candidates)

    def plan(self) -> None:
        """Set status and command of each candidate that is still to be scanned."""
        for candidate in self.candidates:
            if candidate.status != _DONE:
                candidate.status = "planned" if candidate.is_there else "skipped_missing_path"
                candidate.command = self._command(candidate)

    def chunks(self, candidate: Candidate) -> ChunkPlan:
        """Return the chunks of a candidate. Raises OSError if it does not exist."""
        if not candidate.is_there:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), candidate.path)
        settings = self.settings
        return plan_chunks(
            candidate.path,
            candidate.tag,
            settings.chunk_size,
            settings.exclude,
            settings.max_projects,
        )

    def _command(self, candidate: Candidate) -> list[str]:
        """Return the command that scans a candidate.

        Each value is one word with its option, so that a name with a leading dash is not an option.
        """
        settings = self.settings
        words = [
            *self.tool.words,
            f"--target-root={candidate.path}",
            f"--chunk-size={settings.chunk_size}",
            f"--tag={candidate.tag}",
            f"--update-db={workplace(self.where) / CATALOGUE}",
            f"--source-project={candidate.name}",
        ]
        words += [f"--exclude={settings.exclude}"] if settings.exclude else []
        words += [f"--max-projects={settings.max_projects}"] if settings.max_projects else []
        with contextlib.suppress(OSError):
            if (
                settings.resume
                and self.tool.checkout
                and self.chunks(candidate).may_resume(self.tool.checkout)
            ):
                words.append("--resume")
        return words

    def execute(self, seconds: float, stop_on_error: bool, report: Callable[[str], None]) -> None:
        """Scan the planned candidates in turn, at most *seconds* each, and record each step.

        Raises OSError if the manifest cannot be written.
        """
        self.is_executed = True
        workplace(self.where).mkdir(parents=True, exist_ok=True)
        self.write()
        for candidate in self.candidates:
            if candidate.status != "planned":
                continue
            report(f"{candidate.index} of {len(self.candidates)}: scanning {candidate.name} …")
            self._scan(candidate, seconds)
            self.write()
            if stop_on_error and candidate.status == "failed":
                break

    def _scan(self, candidate: Candidate, seconds: float) -> None:
        started = clock.now()
        code, stdout, stderr = None, "", ""
        try:
            if problem := self._problem(candidate):
                stderr = problem
            else:
                ended = run(candidate.command, self.tool.checkout, seconds)
                tighten(workplace(self.where))
                code, stdout, stderr = ended.code, ended.stdout, ended.stderr
        except OSError as error:
            stderr = f"{error.filename or candidate.path}: {error.strerror or error}"
        candidate.status = _DONE if code == 0 else "failed"
        candidate.outcome = {
            "started_at": started.isoformat(),
            "ended_at": clock.now().isoformat(),
            "return_code": code,
            "stdout_tail": stdout,
            "stderr_tail": stderr,
        }

    def _problem(self, candidate: Candidate) -> str | None:
        """Return why a candidate must not be given to CodeGraphX, or None. Raises OSError."""
        plan = self.chunks(candidate)
        if name := plan.unsafe_name():
            return f"not started: CodeGraphX's configuration would misread the name {name}"
        return (
            None
            if plan.folders
            else "not started: it contains no folder that CodeGraphX would scan"
        )

    def report(self) -> dict[str, Any]:
        """Return the manifest; its names and their order are those of CodeGraphX."""
        settings = self.settings
        count = [candidate.status for candidate in self.candidates].count
        return {
            "campaign_id": f"campaign_{self.stamp}",
            "created_at": clock.now().isoformat(),
            "execute": self.is_executed,
            "db_path": str(self.where.published),
            "codegraphx_root": str(self.tool.checkout or ""),
            "limit": settings.limit,
            "min_lines": settings.min_lines,
            "root_prefix": settings.root_prefix,
            "include_enriched": settings.include_enriched,
            "chunk_size": settings.chunk_size,
            "max_projects": settings.max_projects,
            "tag_prefix": settings.tag_prefix,
            "resume": settings.resume,
            "runs_total": len(self.candidates),
            "runs_planned": count("planned"),
            "runs_completed": count(_DONE),
            "runs_failed": count("failed"),
            "runs_skipped_missing_path": count("skipped_missing_path"),
            "failed": self.has_failed,
            "manifest_path": str(self.manifest or ""),
            "runs": [self._run(candidate) for candidate in self.candidates],
        }

    def _run(self, candidate: Candidate) -> dict[str, Any]:
        return {
            "candidate_index": candidate.index,
            "name": candidate.name,
            "path": candidate.path,
            "tag": candidate.tag,
            "enrich_score": candidate.score,
            "already_enriched": candidate.already_enriched,
            "exists": candidate.is_there,
            "command": candidate.command,
            **candidate.outcome,
            "status": candidate.status,
        }

    def write(self) -> None:
        if self.manifest:
            replace_durably(self.manifest, json.dumps(self.report(), indent=2).encode())

    def land(self) -> subprocess.CompletedProcess[str]:
        """Land the folders of completed scans, the catalogue that registers them, and the manifest.

        Folders rather than files are landed, because every refresh lands them again: another scan
        of the same project then adds no source.
        """
        completed = [candidate for candidate in self.candidates if candidate.status == _DONE]
        made = [
            path
            for candidate in completed
            for path in artifacts_of(candidate.outcome.get("stdout_tail", ""))
        ]
        folders = [*map(os.path.dirname, made), str(workplace(self.where))]
        if self.manifest and self.manifest.parent != workplace(self.where):
            folders.append(str(self.manifest))
        return subprocess.run(
            [
                sys.executable,
                str(CODE_ROOT / "loaders" / "land.py"),
                "codegraphx",
                *dict.fromkeys(folders),
            ],
            env=programs.environment(self.where),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="backslashreplace",
        )


def newest_manifest(where: Locations) -> Path | None:
    """Return the newest manifest of a campaign, if there is one."""
    return max(workplace(where).glob("campaign_*.json"), default=None)


def left_of(manifest: Path) -> list[Candidate]:
    """Return the candidates of a stopped campaign, with the outcomes of those that were scanned.

    Commands are built again, because a manifest must not decide what is run. Failed scans are tried
    again. If only failed ones are left, none are returned, and a new campaign finds them in the
    backlog. Raises Refusal if the file is not a manifest.
    """
    try:
        written = json.loads(manifest.read_bytes())
        candidates = [_candidate(row) for row in written["runs"]]
    except FileNotFoundError:
        return []
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        raise Refusal(f"{manifest}: is not a resumable campaign manifest") from None
    was_stopped = any(candidate.status == "planned" for candidate in candidates)
    return candidates if was_stopped else []


_OUTCOME = ("started_at", "ended_at", "return_code", "stdout_tail", "stderr_tail")


def _candidate(row: dict[str, Any]) -> Candidate:
    is_done = row["status"] == _DONE
    texts = ("name", "path", "tag", "status", *(("stdout_tail",) if is_done else ()))
    if not all(isinstance(row[name], str) for name in texts):
        raise TypeError(f"a run in which one of {texts} is not a text")
    return Candidate(
        index=int(row["candidate_index"]),
        name=clean_text(row["name"]),
        path=row["path"],
        tag=safe_tag(row["tag"]),
        score=float(row["enrich_score"]),
        already_enriched=int(row["already_enriched"]),
        status=row["status"],
        command=row["command"],
        outcome={name: row[name] for name in _OUTCOME if name in row} if is_done else {},
    )
