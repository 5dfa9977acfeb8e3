"""Land reports: find and recognise them, and land those whose content is new.

A report lands whole or not at all. One whose marks are the same as before is not opened.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from typing import Any

from loaders.base.garbage import rare_collections
from loaders.base.masking import is_landed_as
from loaders.base.paths import bytes_if_different, bytes_of, is_beneath, text_of
from loaders.sources.artifacts.artifact_files import ArtifactFile, Candidate, Changed, find, opened
from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.crawl.excludes import Excludes, load_excludes
from loaders.sources.crawl.read import Unreadable, Vanished
from loaders.sources.crawl.roots import distinct_roots, kept_out, lock_roots
from loaders.sources.reports.known_formats import BY_NAME, RECOGNISER_VERSION, form_of
from loaders.sources.reports.known_reports import KnownReport, load_known, marks_of
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import head_of
from loaders.sources.reports.reading.report_rows import Rows
from loaders.sources.reports.reading.row_batches import Batches
from loaders.sources.reports.tables import TABLE_OF
from loaders.zone.landing import LandingZone
from loaders.zone.registered import Registered
from loaders.zone.registering import add_sources
from loaders.zone.runs import Run

REPORTS = "reports"
_PROFILE = "reports"
_ATTEMPTS = 3
_NO_REPORT = "no report in a format that is known here"


@dataclass
class ReportSummary:
    """The outcome for one report."""

    path: str
    format: str | None
    state: str  # landed, unchanged, quarantined, gone
    rows: int = 0
    reason: str | None = None


@dataclass
class Summary:
    """The outcome of one landing."""

    reports: list[ReportSummary] = field(default_factory=list)
    healthy_given: list[bytes] = field(default_factory=list)  # paths with a healthy report
    remarks: list[str] = field(default_factory=list)

    def as_object(self) -> dict[str, Any]:
        """Return what was landed, ready for JSON."""
        return {"reports": [asdict(one) for one in self.reports]}

    def __str__(self) -> str:
        healthy = Counter(one.format for one in self.reports if one.state in _HEALTHY)
        return ", ".join(f"{count} {name}" for name, count in sorted(healthy.items())) or "none"


_HEALTHY = ("landed", "unchanged")


def land_reports(
    zone: LandingZone,
    given: Iterable[bytes],
    argv: Sequence[str],
    progress: Callable[[str], None] = lambda line: None,
    *,
    prefixes: Sequence[Registered] = (),
    is_rehearsal: bool = False,
) -> tuple[Run, Summary]:
    """Land the reports at and below the *given* paths as one run, and register the paths that hold
    any, with the *prefixes*; return the run and its summary.

    Each file counts once: landed, unchanged, skipped (no report) or quarantined. A rehearsal counts
    and lands nothing. Raises Busy, LandingError.
    """
    paths, _ = distinct_roots(given)
    with ExitStack() as stack:
        if not is_rehearsal:
            lock_roots(zone, paths, stack, REPORTS)
        start = zone.rehearsal if is_rehearsal else zone.run
        run = stack.enter_context(start(REPORTS, argv, [text_of(path) for path in paths]))
        stack.enter_context(rare_collections())
        landing = _Landing(zone, run, progress)
        for path in paths:
            landing.take_all(path)
        landing.finish()
    if landing.summary.healthy_given and not is_rehearsal:
        found = [Registered(REPORTS, text_of(path), "") for path in landing.summary.healthy_given]
        add_sources(zone, [*found, *prefixes], argv)
    return run, landing.summary


class _Landing:
    def __init__(self, zone: LandingZone, run: Run, progress: Callable[[str], None]) -> None:
        self.run = run
        self.summary = Summary()
        self._progress = progress
        self._known = load_known(zone)
        self._excludes: Excludes = load_excludes(_PROFILE).without(kept_out(zone))
        self._met: set[str] = set()
        self._rows: list[dict[str, Any]] = []
        self._contents: list[dict[str, Any]] = []
        self._batches = Batches(run)

    def take_all(self, given: bytes) -> None:
        """Take every file at and below *given*, and note which of those known are gone."""
        before, problems_before = len(self.summary.reports), self.run.problem_count
        has_files = False
        for met in find(given, self._excludes):
            has_files = has_files or not (met.problem or met.skipped)
            self._take(met)
        if has_files:
            self._note_gone(given)
        found = self.summary.reports[before:]
        if any(one.state in _HEALTHY for one in found):
            self.summary.healthy_given.append(given)
        elif not found and self.run.problem_count == problems_before:
            self.summary.remarks.append(f"{text_of(given)}: {_NO_REPORT}")

    def finish(self) -> None:
        """Land the rows that wait, and the states of the files."""
        self._batches.flush()
        self.run.table("report_contents").append_rows(self._contents)
        self.run.table("reports").append_rows(self._rows)
        self.run.replaces += self._known.damaged

    # -- one file ----------------------------------------------------------------------------------

    def _take(self, met: Candidate) -> None:
        path = text_of(met.path)
        if met.skipped:
            self.run.counts.skipped += 1
        elif met.problem:
            self.run.counts.quarantined += 1
            self.run.problem(f"{path}: {met.problem}")
        elif path not in self._met:
            self._met.add(path)
            known = self._known.reports.get(path)
            if known and met.status and self._is_as_known(known, marks_of(met.status)):
                self._leave(path, known)
            else:
                self._take_file(met, path)

    def _is_as_known(self, known: KnownReport, marks: tuple[int | None, ...]) -> bool:
        if known.marks != marks or not known.is_current():
            return False
        return known.state != "landed" or self._is_read(known.sha256, BY_NAME[known.format or ""])

    def _is_read(self, sha256: str | None, form: Form) -> bool:
        return (sha256, form.name, form.version) in self._known.contents

    def _leave(self, path: str, known: KnownReport) -> None:
        if known.state == "other":
            self.run.counts.skipped += 1
        elif known.state == "quarantined":
            self.run.counts.quarantined += 1
            self.run.problem(f"{path}: {known.reason}, as before")
            self._summarise(path, known.format, "quarantined", reason=known.reason)
        else:
            self.run.counts.unchanged += 1
            self._summarise(path, known.format, "unchanged")

    def _take_file(self, met: Candidate, path: str) -> None:
        for _ in range(_ATTEMPTS):
            try:
                with opened(met.path, met.identity) as file:
                    self._take_content(file, path)
            except Changed:
                continue
            except Vanished:
                self.run.counts.skipped += 1
            except Unreadable as error:
                self._quarantine(met.path, path, f"cannot be read: {error}")
            return
        self._quarantine(met.path, path, "kept changing while it was being read")

    def _take_content(self, file: ArtifactFile, path: str) -> None:
        """Land, leave or quarantine what an open file holds. Raises Changed."""
        file.reads_utf16 = True
        form = form_of(head_of(file))
        if form is None:
            file.check()
            self.run.counts.skipped += 1
            self._note(file.path, path, "other", file)
            return
        self._progress(f"{path}: {form.name}")
        digest = file.digest()
        if self._is_read(digest, form):
            file.check()
            known = self._known.reports.get(path)
            is_same = known is not None and (known.state, known.sha256) == ("landed", digest)
            self._count_landed(file, path, form, digest, is_new=not is_same)
            return
        with Rows(self._batches, TABLE_OF, digest, form.version) as rows:
            try:
                form.read(file, rows)
                file.check()
                rows.commit()
            except Invalid as error:
                file.check()
                self._quarantine(file.path, path, str(error), form.name, file, digest)
                return
        self._contents.append(
            {
                "sha256": digest,
                "format": form.name,
                "reader_version": form.version,
                "tool_run_count": rows.tool_run_count,
                "row_count": rows.row_count,
            }
        )
        self._known.contents.add((digest, form.name, form.version))
        self._count_landed(file, path, form, digest, is_new=True, rows=rows.row_count)

    # -- what became of it -------------------------------------------------------------------------

    def _count_landed(
        self,
        file: ArtifactFile,
        path: str,
        form: Form,
        digest: str,
        *,
        is_new: bool,
        rows: int = 0,
    ) -> None:
        """Count a report that is healthy; its marks land, new or not."""
        if is_new:
            self.run.counts.landed += 1
        else:
            self.run.counts.unchanged += 1
        self._note(file.path, path, "landed", file, form.name, digest)
        self._summarise(path, form.name, "landed" if is_new else "unchanged", rows)

    def _quarantine(
        self,
        raw: bytes,
        path: str,
        reason: str,
        format_name: str | None = None,
        file: ArtifactFile | None = None,
        digest: str | None = None,
    ) -> None:
        """Land that nothing of a report can be taken, unless that is known."""
        self.run.counts.quarantined += 1
        self.run.problem(f"{path}{f' ({format_name})' if format_name else ''}: {reason}")
        self._summarise(path, format_name, "quarantined", reason=reason)
        known = self._known.reports.get(path)
        is_known = known and known.state == "quarantined" and is_landed_as(reason, known.reason)
        if digest is not None or not is_known:
            self._note(raw, path, "quarantined", file, format_name, digest, reason)

    def _note_gone(self, given: bytes) -> None:
        """Land which known reports below *given* are not there any more.

        A folder without any file is rather unmounted than emptied: its reports stay.
        """
        folder = text_of(given)
        for path, known in self._known.reports.items():
            is_candidate = path not in self._met and known.state != "gone"
            if is_candidate and is_beneath(path, folder) and not os.path.lexists(bytes_of(path)):
                self._note(bytes_of(path), path, "gone", None, known.format)
                if known.state != "other":
                    self._summarise(path, known.format, "gone")

    def _note(
        self,
        raw: bytes,
        path: str,
        state: str,
        file: ArtifactFile | None,
        format_name: str | None = None,
        digest: str | None = None,
        reason: str | None = None,
    ) -> None:
        marks = marks_of(file.status) if file else (None,) * 4
        self._rows.append(
            {
                "report_path": path,
                "path_bytes": bytes_if_different(raw, path),
                "state": state,
                "reason": reason,
                "format": format_name,
                "sha256": digest,
                "recogniser_version": RECOGNISER_VERSION,
                **dict(zip(("size_bytes", "mtime_ns", "ctime_ns", "inode"), marks, strict=True)),
            }
        )

    def _summarise(
        self,
        path: str,
        format_name: str | None,
        state: str,
        rows: int = 0,
        reason: str | None = None,
    ) -> None:
        self.summary.reports.append(ReportSummary(path, format_name, state, rows, reason))
