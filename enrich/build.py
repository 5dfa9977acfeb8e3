"""`dbt build` for `enrich refresh-meta`, in a process that is ready when the crawl has ended."""

from __future__ import annotations

import contextlib
import re
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn

import click

from enrich import options
from enrich.waiting_dbt import COULD_NOT_START
from loaders.base import ending, programs
from loaders.base.engine_paths import plain_path
from loaders.base.locks import Busy, FileLock
from loaders.base.paths import PROJECT_ROOT, Locations, clean_text
from loaders.publishing import builds
from loaders.publishing.build_database import code_fingerprint

_LINES_SHOWN = 12
_EARLY = "the build ended early"
_SECONDS_TO_STOP = 5
_UNIT_TESTS = "META_UNIT_TESTS"


class Build:
    """A `dbt build` to come, as a context manager.

    Importing dbt takes seconds, which the crawl need not wait for: the process begins with the
    context, and builds when `run` is called. Where the context ends without, it ends, too.

    What unit tests say of the models holds as long as code and engine stay the same. Once a build
    with them has published, the next ones leave them out; META_UNIT_TESTS=on makes them run.
    """

    def __init__(self, where: Locations) -> None:
        self._where = where
        self._code = code_fingerprint(PROJECT_ROOT)
        environment = programs.environment(where)
        environment.setdefault(_UNIT_TESTS, "off" if self._is_proven() else "on")
        self._proves = environment[_UNIT_TESTS] == "on"
        self._is_told = False
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
        if self._is_told:
            # We leave in the middle of a build: an interrupt. Nothing goes on behind our back.
            _stop(self._process)
            with contextlib.suppress(OSError):
                builds.bury(self._where, self._process.pid, "interrupted")
        elif ending.was_told():
            # It only imports: nothing is lost, and the person who waits would wait for that.
            self._process.kill()
            self._process.communicate()
        else:
            self._process.communicate()

    def run(self) -> str:
        """Build, and return the one line of what was published; ends the program with 1 if nothing was."""
        from loaders.zone.reporting import progress_line

        before = _written_at(self._where.build_state)
        progress = progress_line()
        progress("building and testing …")
        self._is_told = True
        output, errors = self._process.communicate("build\n")
        # A disk that is full takes the log; what stopped the build is said all the same.
        with contextlib.suppress(OSError):
            _log(self._where).write_text(output + errors, encoding="utf-8")
        progress("")
        cause = _death(self._process.returncode) or builds.known_cause(output + errors)
        state = self._outcome(before, output + errors, cause)
        if not state.get("is_published"):
            if self._code_of_refusal is not None:
                _refuse(self._where, state, self._code_of_refusal)
            _fail(self._where, state, output + errors, is_explained=cause is not None)
        if self._proves:
            self._proof.write_text(self._code)
        return state["outcome"]

    @property
    def _code_of_refusal(self) -> int | None:
        """The exit code for a build that could not start or broke off; None for one that dbt ended by itself."""
        code = self._process.returncode - COULD_NOT_START
        return code if code >= 0 else None

    def _outcome(self, before: int, output: str, cause: str | None) -> dict[str, Any]:
        """Return how the build ended, recorded by itself, or else by us in its stead."""
        if self._code_of_refusal is not None:
            reason = output.splitlines()[-1]
        else:
            reason = cause or _EARLY
        with contextlib.suppress(OSError):
            builds.bury(self._where, self._process.pid, reason)
            if (
                _written_at(self._where.build_state) == before
                and self._code_of_refusal != options.EXIT_BUSY
            ):
                # It ended before it could begin, so that only we know of it.
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

    @property
    def _proof(self) -> Path:
        return self._where.workshop / "unit_tests_passed"

    def _is_proven(self) -> bool:
        return self._proof.exists() and self._proof.read_text() == self._code


def _death(code: int) -> str | None:
    """Return what killed a process that ended with *code*, or None if it ended by itself."""
    if code >= 0:
        return None
    hint = ", as the system does that is out of memory" if -code == signal.SIGKILL else ""
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
        # An interrupt from the keyboard is ours to handle.
        start_new_session=True,
    )


def _stop(process: subprocess.Popen[str]) -> None:
    """Interrupt dbt, and end it if it does not listen."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=_SECONDS_TO_STOP)
            return


def _dbt_command(where: Locations) -> list[str]:
    """Return the command; its files lie in the workshop, so that a dbt run in the clone does not meet them."""
    return [
        sys.executable, "-m", "enrich.waiting_dbt",
        "build",
        "--no-use-colors",
        # What it prints is the log: every line that dbt writes twice costs it twice.
        "--log-level-file", "none",
        "--project-dir", str(PROJECT_ROOT),
        "--profiles-dir", str(PROJECT_ROOT),
        "--target-path", plain_path(where.workshop / "target"),
        # dbt resolves links in this one, and takes only UTF-8.
        "--log-path", plain_path(where.engine_room),
    ]  # fmt: skip


def _log(where: Locations) -> Path:
    return where.workshop / "dbt.log"


def _written_at(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0


def _refuse(where: Locations, state: dict, code: int) -> NoReturn:
    """Say in one line why the build could not start or broke off, and where its log is."""
    if code == options.EXIT_BUSY:
        line = state["outcome"].removeprefix("not published: ")
    else:
        line = f"{state['outcome']}; log: {_log(where)}"
    click.echo(clean_text(line), err=True)
    sys.exit(code)


def _fail(where: Locations, state: dict, output: str, *, is_explained: bool) -> NoReturn:
    """Say what stopped the build, in one line if that *is_explained*, else in a few; say where its log is."""
    lines = [
        line
        for line in (
            re.sub(r"^\d\d:\d\d:\d\d +", "", line).rstrip() for line in output.splitlines()
        )
        if line
    ]
    told = [state["outcome"]]
    told += [] if is_explained else [f"  {line}" for line in _what_failed(lines)]
    told += [f"  log: {_log(where)}"]
    click.echo(options.clean_lines("\n".join(told)), err=True)
    sys.exit(options.EXIT_NO)


def _what_failed(lines: list[str]) -> list[str]:
    """Return dbt's own summary of its errors, shortened; of an early end, its last words."""
    first = next((number for number, line in enumerate(lines) if line.startswith("[ERROR]")), None)
    if first is None:
        return lines[-_LINES_SHOWN:]
    summary = lines[first:]
    return summary[:_LINES_SHOWN] + (["…"] if len(summary) > _LINES_SHOWN else [])
