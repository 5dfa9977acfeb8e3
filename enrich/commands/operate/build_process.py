"""The build of `enrich refresh-meta`, in a process that starts while the crawl runs."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn

import click

from enrich import options
from enrich.commands.operate.build_progress import (
    BuildProgress,
    LastBuild,
    keep_results,
    last_results,
)
from loaders.base import ending, programs
from loaders.base.exits import EXIT_BUSY, EXIT_NO
from loaders.base.locks import Busy, FileLock
from loaders.base.paths import PROJECT_ROOT, Locations, clean_text
from loaders.building.planning import COULD_NOT_START
from loaders.publishing import builds
from loaders.publishing.refresh_record import NOTHING_NEW

if TYPE_CHECKING:
    from enrich.commands.operate.refresh_report import RefreshReport

_NAME = "refresh-meta"
_COMMAND = [sys.executable, "-m", "loaders.building"]
_LINES_SHOWN = 12
_EARLY = "the build ended early"
_SECONDS_TO_STOP = 5


class Build:
    """A build that waits for the crawl, as a context manager.

    Its process starts with the context, to import what it needs, and to let dbt make a plan if the
    code has none (`loaders.building`). It builds when `run` is called; if `run` is never called,
    it ends with the context.
    """

    def __init__(self, where: Locations, report: RefreshReport, *, full: bool = False) -> None:
        self._where, self._report, self._full = where, report, full
        self._is_running = False
        self._process = _start(_COMMAND, programs.environment(where))

    def __enter__(self) -> Build:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process.poll() is not None:
            return
        if self._is_running:
            # Interrupted during a build: it must not continue in the background.
            _stop(self._process)
            with contextlib.suppress(OSError):
                builds.bury(self._where, self._process.pid, "interrupted")
        elif ending.was_signalled():
            # It only imports, so that nothing is lost, and the user need not wait for it.
            self._process.kill()
            self._process.communicate()
        else:
            self._process.communicate()

    def run(self) -> str:
        """Build, and return the line about the published version; exit with 1 if none was."""
        before, noted = _written_at(self._where.build_state), self._where.work_folder / "progress"
        noted.unlink(missing_ok=True)
        self._is_running = True
        order = {"progress": str(noted), "full": self._full, "command": _NAME}
        last = last_results(self._where)
        with self._progress(noted, last):
            output, errors = self._process.communicate(json.dumps(order) + "\n")
        # If the disk is full, only the log is lost; the cause is still reported.
        with contextlib.suppress(OSError):
            _log(self._where).write_text(output + errors, encoding="utf-8")
        results = LastBuild.read(output)
        if self._process.returncode == 0 and results.unchanged_since:
            return self._unchanged(results)
        cause = _death(self._process.returncode) or builds.known_cause(output + errors)
        state = self._outcome(before, output + errors, cause)
        self._report.built(state, results)
        if not state.get("is_published"):
            if self._code_of_refusal is not None:
                _refuse(self._where, state, self._code_of_refusal)
            _fail(self._where, state, errors or output, is_explained=cause is not None)
        keep_results(self._where, results, last)
        return str(state["outcome"])

    def _unchanged(self, results: LastBuild) -> str:
        """Return the line about a build for which there was nothing to do."""
        since = f"{results.unchanged_since:%Y-%m-%d %H:%M} UTC"
        line = f"{NOTHING_NEW}: nothing has changed since {since}, {self._where.published}"
        self._report.built({"outcome": line, "is_published": True}, results)
        return line

    @property
    def _code_of_refusal(self) -> int | None:
        """The exit code of a build that could not start or broke off; None if it ended."""
        code = self._process.returncode - COULD_NOT_START
        return code if code >= 0 else None

    def _outcome(self, before: int, output: str, cause: str | None) -> dict[str, Any]:
        """Return how the build ended, as it recorded itself, or as recorded here for it."""
        if self._code_of_refusal is not None:
            reason = output.splitlines()[-1]
        else:
            reason = cause or _EARLY
        with contextlib.suppress(OSError):
            builds.bury(self._where, self._process.pid, reason)
            if (
                _written_at(self._where.build_state) == before
                and self._code_of_refusal != EXIT_BUSY
            ):
                # It ended before it began, so that it has recorded nothing.
                with (
                    contextlib.suppress(Busy),
                    FileLock(self._where.build_lock, "recording the end of a build"),
                ):
                    builds.end(self._where, builds.outcome_of(f"not published: {reason}"))
        if _written_at(self._where.build_state) != before:
            state = builds.last_build(self._where) or {}
            is_explained = (
                not cause or state.get("is_published") or cause in state.get("outcome", "")
            )
            return (
                state if is_explained else state | {"outcome": f"{state.get('outcome')}; {cause}"}
            )
        return {"outcome": f"not published: {reason}"}

    def _progress(self, noted: Path, last: LastBuild) -> AbstractContextManager[None]:
        if self._report.is_quiet:
            return contextlib.nullcontext()
        return BuildProgress(noted, last, self._report.progress())


def _death(code: int) -> str | None:
    """Return what killed a process that ended with *code*, or None if it ended by itself."""
    if code >= 0:
        return None
    hint = ", which the system does if it is out of memory" if -code == signal.SIGKILL else ""
    return f"the build was killed by signal {-code}{hint}"


def _start(command: list[str], environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command,
        cwd=PROJECT_ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="backslashreplace",
        # An interrupt from the keyboard must reach only this process.
        start_new_session=True,
    )


def _stop(process: subprocess.Popen[str]) -> None:
    """Interrupt the build, and kill it if it does not end."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=_SECONDS_TO_STOP)
            return


def _log(where: Locations) -> Path:
    return where.work_folder / "build.log"


def _written_at(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0


def _refuse(where: Locations, state: dict[str, Any], code: int) -> NoReturn:
    """Print in one line why the build could not start or broke off, and the path of its log."""
    if code == EXIT_BUSY:
        line = state["outcome"].removeprefix("not published: ")
    else:
        line = f"{state['outcome']}; log: {_log(where)}"
    click.echo(clean_text(line), err=True)
    sys.exit(code)


def _fail(where: Locations, state: dict[str, Any], output: str, *, is_explained: bool) -> NoReturn:
    """Print what stopped the build and the path of its log; quote errors unless *is_explained*."""
    lines = [
        line
        for line in (
            re.sub(r"^\d\d:\d\d:\d\d +", "", line).rstrip() for line in output.splitlines()
        )
        if line
    ]
    report = [state["outcome"]]
    report += [] if is_explained else [f"  {line}" for line in _failures(lines)]
    report += [f"  log: {_log(where)}"]
    click.echo(options.clean_lines("\n".join(report)), err=True)
    sys.exit(EXIT_NO)


def _failures(lines: list[str]) -> list[str]:
    """Return the errors of nodes, shortened, or the last lines if there are none."""
    first = next((number for number, line in enumerate(lines) if line.startswith("[ERROR]")), None)
    if first is None:
        return lines[-_LINES_SHOWN:]
    summary = lines[first:]
    return summary[:_LINES_SHOWN] + (["…"] if len(summary) > _LINES_SHOWN else [])
