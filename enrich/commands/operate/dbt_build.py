"""`dbt build` for `enrich refresh-meta`, in a process that starts while the crawl runs."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import subprocess
import sys
import time
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn

import click

from enrich import options
from enrich.commands.operate.build_progress import BuildProgress, LastBuild, last_results
from enrich.commands.operate.waiting_dbt import COULD_NOT_START
from loaders.base import ending, programs
from loaders.base.engine_paths import plain_path
from loaders.base.exits import EXIT_BUSY, EXIT_NO
from loaders.base.locks import Busy, FileLock
from loaders.base.paths import PROJECT_ROOT, Locations, clean_text
from loaders.publishing import builds
from loaders.publishing.build_database import code_fingerprint

if TYPE_CHECKING:
    from enrich.commands.operate.refresh_report import RefreshReport

_LINES_SHOWN = 12
_EARLY = "the build ended early"
_SECONDS_TO_STOP = 5
_UNIT_TESTS = "META_UNIT_TESTS"


class Build:
    """A `dbt build` that waits for the crawl, as a context manager.

    Importing dbt takes seconds. Its process therefore starts with the context, and builds when
    `run` is called; if `run` is never called, the process ends with the context.

    The result of the unit tests depends on code and engine only. Once a build with them has
    published, later builds leave them out; META_UNIT_TESTS=on makes them run.
    """

    def __init__(self, where: Locations, report: RefreshReport) -> None:
        self._where = where
        self._report = report
        self._code = code_fingerprint(PROJECT_ROOT)
        environment = programs.environment(where)
        environment.setdefault(_UNIT_TESTS, "off" if self._is_proven() else "on")
        self._proves = environment[_UNIT_TESTS] == "on"
        self._is_running = False
        self._process = _start(_dbt_command(where), environment)

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
            # Interrupted during a build: dbt must not continue in the background.
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
        before, began = _written_at(self._where.build_state), time.time_ns()
        noted = self._where.work_folder / "progress"
        noted.unlink(missing_ok=True)
        self._is_running = True
        with self._progress(noted):
            output, errors = self._process.communicate(json.dumps(str(noted)) + "\n")
        # If the disk is full, only the log is lost; the cause is still reported.
        with contextlib.suppress(OSError):
            _log(self._where).write_text(output + errors, encoding="utf-8")
        cause = _death(self._process.returncode) or builds.known_cause(output + errors)
        state = self._outcome(before, output + errors, cause)
        # dbt that could not start leaves the results of the build before.
        has_results = _written_at(self._target / "run_results.json") > began
        self._report.built(state, last_results(self._target) if has_results else LastBuild())
        if not state.get("is_published"):
            if self._code_of_refusal is not None:
                _refuse(self._where, state, self._code_of_refusal)
            _fail(self._where, state, output + errors, is_explained=cause is not None)
        if self._proves:
            self._proof.write_text(self._code)
        return str(state["outcome"])

    @property
    def _code_of_refusal(self) -> int | None:
        """The exit code of a build that could not start or broke off; None if dbt ended it."""
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

    def _progress(self, noted: Path) -> AbstractContextManager[None]:
        if self._report.is_quiet:
            return contextlib.nullcontext()
        return BuildProgress(noted, last_results(self._target), self._report.progress())

    @property
    def _target(self) -> Path:
        return self._where.work_folder / "target"

    @property
    def _proof(self) -> Path:
        return self._where.work_folder / "unit_tests_passed"

    def _is_proven(self) -> bool:
        return self._proof.exists() and self._proof.read_text() == self._code


def _death(code: int) -> str | None:
    """Return what killed a process that ended with *code*, or None if it ended by itself."""
    if code >= 0:
        return None
    hint = ", which the system does if it is out of memory" if -code == signal.SIGKILL else ""
    return f"dbt was killed by signal {-code}{hint}"


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
    """Interrupt dbt, and kill it if it does not end."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=_SECONDS_TO_STOP)
            return


def _dbt_command(where: Locations) -> list[str]:
    """Return the command; it writes to the work folder, apart from a dbt in the clone."""
    return [
        sys.executable, "-m", "enrich.commands.operate.waiting_dbt",
        "build",
        "--no-use-colors",
        # Its output is the log; a second copy would cost time.
        "--log-level-file", "none",
        "--project-dir", str(PROJECT_ROOT),
        "--profiles-dir", str(PROJECT_ROOT),
        "--target-path", plain_path(where.work_folder / "target"),
        # dbt resolves links in this path, and accepts only UTF-8.
        "--log-path", plain_path(where.engine_folder),
    ]  # fmt: skip


def _log(where: Locations) -> Path:
    return where.work_folder / "dbt.log"


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
    """Print what stopped the build and the path of its log; quote dbt unless *is_explained*."""
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
    """Return dbt's summary of its errors, shortened, or its last lines if it has none."""
    first = next((number for number, line in enumerate(lines) if line.startswith("[ERROR]")), None)
    if first is None:
        return lines[-_LINES_SHOWN:]
    summary = lines[first:]
    return summary[:_LINES_SHOWN] + (["…"] if len(summary) > _LINES_SHOWN else [])
