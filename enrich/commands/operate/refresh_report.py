"""The output of a refresh: lines for people, only problems, or one JSON document."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from enrich import options
from enrich.answers.known_warnings import KnownWarnings, Sorted
from enrich.commands.operate.build_progress import LastBuild
from loaders.base import clock
from loaders.base.errors import LandingError
from loaders.base.paths import Locations, clean_text
from loaders.zone.reporting import Report, show_masked, show_more

if TYPE_CHECKING:
    from loaders.publishing.refresh_record import RefreshRecord
    from loaders.zone.landing import LandingZone
    from loaders.zone.runs import Run

_WARNINGS_SHOWN = 10
_RUN_COLUMNS = (
    "run_id", "action", "status", "discovered", "landed", "unchanged", "skipped", "quarantined",
    "error_count", "duration_seconds",
)  # fmt: skip


class RefreshReport(Report):
    """Writes what a refresh does, and gathers it for the JSON document."""

    def __init__(self, where: Locations, *, is_quiet: bool, as_json: bool) -> None:
        self.is_quiet = is_quiet or as_json
        self._as_json = as_json
        self._where = where
        self._began = time.monotonic()
        self._known: KnownWarnings | None = None
        self._seen_before = 0
        self._zone: LandingZone | None = None
        self._counts = {"new": 0, "known": 0, "accepted": 0}
        self._lines: list[str] = []
        self._run_counts: list[dict[str, Any]] = []
        self.record: RefreshRecord | None = None
        self.document: dict[str, Any] = {
            "started_at": clock.now().isoformat(timespec="seconds"),
            "ended_at": None,
            "duration_seconds": None,
            "exit_code": 0,
            "is_published": False,
            "outcome": None,
            "is_dry_run": False,
            "is_resumed": False,
            "roots": [],
            "steps": [],
            "runs": [],
            "build": None,
            "warnings": [],
            "warning_counts": self._counts,
        }

    # -- what the sources of a refresh write -------------------------------------------------------

    def line(self, text: str) -> None:
        self._lines.append(clean_text(text))
        if not self.is_quiet:
            click.echo(clean_text(text))

    def failure(self, text: str) -> None:
        self.document["outcome"] = clean_text(text)
        super().failure(clean_text(text))

    def warnings(self, run: Run, remarks: Sequence[str]) -> None:
        self._run_counts.append({"action": run.action, **run.counts.as_dict()})
        found = self._sort(run.action, [*remarks, *run.problems])
        for text in found.new:
            click.echo(clean_text(f"warning: {text}"), err=True)
        show_masked(run)
        left = len(remarks) + run.problem_count - len(found.new) - found.known - found.accepted
        if left > 0 and found.new:
            show_more(left)

    def configuration(self, faults: Sequence[str]) -> None:
        """Note the rows and rules of the configuration that do not count.

        The status page has them as well.
        """
        found = self._sort("configuration", faults)
        for text in found.new if self.is_quiet else ():
            click.echo(clean_text(f"warning: configuration: {text}"), err=True)

    def _sort(self, action: str, texts: Sequence[str]) -> Sorted:
        if self._known is None:
            self._known = KnownWarnings(self._where, self._zone)
        found = self._known.sort(action, texts, _WARNINGS_SHOWN)
        self.document["warnings"] += found.new
        for name, count in (
            ("new", len(found.new)),
            ("known", found.known),
            ("accepted", found.accepted),
        ):
            self._counts[name] += count
        return found

    def progress(self) -> Callable[[str], None]:
        return (lambda line: None) if self.is_quiet else super().progress()

    # -- the refresh itself ------------------------------------------------------------------------

    def begin(self, zone: LandingZone) -> None:
        """Begin to gather the runs that land in *zone* from now."""
        self._zone = zone
        self._seen_before = len(zone.entries()) if self._as_json else 0

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time the block as the step *name*, with the lines that are written in it."""
        began, before, counted = time.monotonic(), len(self._lines), len(self._run_counts)
        step: dict[str, Any] = {"step": name, "status": "broken off"}
        self.document["steps"].append(step)
        try:
            yield
            step["status"] = "done"
        finally:
            step["duration_seconds"] = round(time.monotonic() - began, 3)
            step["lines"] = self._lines[before:]
            step["counts"] = self._run_counts[counted:]

    def skipped(self, names: Sequence[str]) -> None:
        """Note the steps that the refresh before has done."""
        self.document["steps"] += [{"step": name, "status": "done before"} for name in names]

    def built(self, state: Mapping[str, Any], results: LastBuild) -> None:
        """Note how the build ended, by the *state* that it recorded and its *results*."""
        self.document["outcome"] = state.get("outcome")
        self.document["is_published"] = state.get("is_published") is True
        made = len(results.made)
        self.document["build"] = {
            "nodes": len(results.statuses),
            "made": made,
            "kept": len(results.statuses) - made,
            "made_nodes": results.made,
            "statuses": dict(Counter(results.statuses.values())),
            "failures": state.get("failures", []),
            "left_out": state.get("left_out", []),
            "duration_seconds": round(results.seconds, 3),
        }
        if results.statuses:
            self.line(results.line)

    def count_known(self) -> None:
        """Write one line about the warnings that are not shown again, if there are any."""
        known, accepted = self._counts["known"], self._counts["accepted"]
        if known + accepted and not self.is_quiet:
            parts = [f"{known:,} shown before"] if known else []
            parts += [f"{accepted:,} accepted"] if accepted else []
            click.echo(f"known warnings: {', '.join(parts)}; list them: enrich warnings list")

    @contextlib.contextmanager
    def recorded(self) -> Iterator[None]:
        """Keep the record and the known warnings when the block ends, however it ends.

        For the holder of the lock of a refresh.
        """
        try:
            yield
        except BaseException as error:
            self._note_end(error)
            raise
        finally:
            if self._known is not None:
                self._known.save()
            if self.record is not None:
                self.record.end(self._where, self.document["exit_code"], self.document["outcome"])

    @contextlib.contextmanager
    def ending(self) -> Iterator[None]:
        """Write the document when the block ends, however it ends, if one was asked for."""
        try:
            yield
        except BaseException as error:
            self._note_end(error)
            raise
        finally:
            if self._as_json:
                self._write_document()

    def _note_end(self, error: BaseException) -> None:
        code, line = _code_and_line(error)
        self.document["exit_code"] = code
        self.document["outcome"] = self.document["outcome"] or line

    def _write_document(self) -> None:
        self.document["ended_at"] = clock.now().isoformat(timespec="seconds")
        self.document["duration_seconds"] = round(time.monotonic() - self._began, 3)
        if self._zone is not None and not self.document["is_dry_run"]:
            # Runs of other programs that landed meanwhile are among them. A damaged log has ended
            # the refresh already.
            with contextlib.suppress(LandingError, OSError):
                self.document["runs"] = [
                    {"run_seq": entry.seq, **{name: entry.manifest[name] for name in _RUN_COLUMNS}}
                    for entry in self._zone.entries()[self._seen_before :]
                ]
        json.dump(self.document, sys.stdout, indent=1)
        click.echo()


def _code_and_line(error: BaseException) -> tuple[int, str | None]:
    """Return the exit code with which *error* ends the command, and its line, if it has one."""
    if isinstance(error, SystemExit):
        return (error.code if isinstance(error.code, int) else 1), None
    if isinstance(error, click.ClickException):
        return error.exit_code, options.clean_lines(error.message)
    if isinstance(error, KeyboardInterrupt):
        return getattr(error, "code", 130), "interrupted"
    with contextlib.suppress(Exception):
        if isinstance(error, Exception):
            code, line = options.code_and_line(error)
            return code, clean_text(line)
    return 1, clean_text(f"{type(error).__name__}: {error}")
