"""How commands that land open the zone and report: a progress line, warnings, totals, and errors of
one line.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

import click

from loaders.base import ending, programs
from loaders.base.errors import LandingError, NotOurs
from loaders.base.exits import EXIT_BUSY, EXIT_DAMAGED, EXIT_NO, EXIT_USAGE
from loaders.base.figures import counted
from loaders.base.locks import Busy
from loaders.base.paths import clean_text, locations
from loaders.base.secret_forms import counts_text
from loaders.zone.landing import LandingZone
from loaders.zone.registered import keep_roots_out
from loaders.zone.runs import Run

Landed = TypeVar("Landed")

_PROBLEMS_SHOWN = 10


def fail_in_one_line(command: Callable[..., Any]) -> Callable[..., Any]:
    """Make a command end with one line and its documented code instead of a traceback."""

    @functools.wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        with ending.quietly():
            try:
                return command(*args, **kwargs)
            except Busy as error:
                click.echo(clean_text(str(error)), err=True)
                ending.leave(EXIT_BUSY)
            except LandingError as error:
                click.echo(clean_text(str(error)), err=True)
                ending.leave(EXIT_USAGE if isinstance(error, NotOurs) else EXIT_DAMAGED)
            except BrokenPipeError:
                raise
            except OSError as error:
                where = os.fsdecode(error.filename or locations().landing)
                click.echo(clean_text(f"{where}: {error.strerror or error}"), err=True)
                ending.leave(EXIT_NO)

    return wrapped


def progress_line() -> Callable[[str], None]:
    """Return a writer of one changing line on a terminal, of nothing elsewhere."""
    if not sys.stderr.isatty():
        return lambda line: None
    return lambda line: click.echo(f"\r\x1b[K{clean_text(line)[:100]}", nl=False, err=True)


def show_warnings(run: Run, remarks: Sequence[str]) -> None:
    """Write the problems of a run to stderr, in a few lines; all of them are in the run's
    record.
    """
    for line in [*remarks, *run.problems[:_PROBLEMS_SHOWN]]:
        click.echo(clean_text(f"warning: {line}"), err=True)
    show_masked(run)
    if run.problem_count > _PROBLEMS_SHOWN:
        show_more(run.problem_count - _PROBLEMS_SHOWN)


def show_masked(run: Run) -> None:
    """Write to stderr how many secrets were replaced, if any were."""
    if run.masker.counts:
        click.echo(f"secrets replaced by a mark: {counts_text(run.masker.counts)}", err=True)


def show_more(count: int) -> None:
    """Write to stderr that *count* problems of a run were not shown."""
    click.echo(f"warning: {count} more problems are in the run's record", err=True)


class Report:
    """Where the sources of a refresh write: lines about results, warnings, a line of progress."""

    def line(self, text: str) -> None:
        """Write a line about a result, to standard output."""
        click.echo(text)

    def failure(self, text: str) -> None:
        """Write why the refresh ends here, to stderr."""
        click.echo(text, err=True)

    def warnings(self, run: Run, remarks: Sequence[str]) -> None:
        """Write the problems of *run*, and *remarks* on what it was asked for, to stderr."""
        show_warnings(run, remarks)

    def progress(self) -> Callable[[str], None]:
        """Return a writer of one changing line."""
        return progress_line()


def open_zone(roots: Sequence[bytes] = ()) -> LandingZone:
    """Open the landing zone.

    After that, nothing in a registered root or in one of *roots* is run or written to.
    """
    zone = LandingZone(locations().landing)
    keep_roots_out(zone, roots)
    return zone


@contextlib.contextmanager
def zone_for(dry_run: bool, roots: Sequence[bytes] = ()) -> Iterator[LandingZone]:
    """Open the landing zone; a dry run without one has an empty one, which is deleted
    afterwards.
    """
    if not dry_run or locations().landing.exists():
        yield open_zone(roots)
        return
    programs.keep_out(roots)
    with tempfile.TemporaryDirectory() as scratch:
        yield LandingZone(Path(scratch))


def unless_busy(
    land: Callable[[Callable[[str], None]], Landed], report: Report | None = None
) -> Landed | None:
    """Call *land* with a progress line; return None if another run lands the same now."""
    progress = (report or Report()).progress()
    try:
        return land(progress)
    except Busy:
        return None
    finally:
        progress("")


def totals(run: Run, dry_run: bool = False) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "dry_run": dry_run,
        **run.counts.as_dict(),
        "errors": run.problem_count,
    }


def counts_line(run: Run) -> str:
    return ", ".join(f"{value} {name}" for name, value in run.counts.as_dict().items())


class FilesLanded(Protocol):
    """The outcome of a landing of files of other programs."""

    remarks: list[str]

    def as_object(self) -> dict[str, Any]: ...


def show_files_landed(
    name: str, run: Run, summary: FilesLanded, *, is_dry_run: bool, as_json: bool
) -> None:
    """Show the warnings, counts and files of a run of the command *name*."""
    show_warnings(run, summary.remarks)
    if as_json:
        click.echo(json.dumps(totals(run, is_dry_run) | summary.as_object()))
    else:
        what = f"{name}, dry run" if is_dry_run else name
        click.echo(
            f"{what}: {counts_line(run)}; {clean_text(str(summary))}; "
            f"{counted(run.problem_count, 'problem')}"
        )


def show_landed(name: str, run: Run | None, *, as_json: bool) -> None:
    """Show the warnings and counts of a run of the command *name*; None: there was nothing to
    land.
    """
    if run is None:
        click.echo(json.dumps({"run_id": None, "landed": 0}) if as_json else f"{name}: nothing new")
        return
    show_warnings(run, [])
    click.echo(
        json.dumps(totals(run))
        if as_json
        else f"{name}: {counts_line(run)}; {counted(run.problem_count, 'problem')}"
    )
