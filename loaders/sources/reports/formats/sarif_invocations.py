"""How a tool was started, as SARIF has it, and what it says about its own work."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from loaders.sources.reports.formats.sarif_run import RunParts
from loaders.sources.reports.formats.sarif_shapes import Invocation, Notification
from loaders.sources.reports.reading.report_facts import Finding
from loaders.sources.reports.reading.report_rows import Rows
from loaders.sources.reports.reading.report_texts import shortened
from loaders.sources.reports.reading.report_times import moment_of


class Invocations:
    """The invocations of one run."""

    def __init__(self, run: RunParts, rows: Rows) -> None:
        self._run = run
        self._rows = rows
        self.is_successful: bool | None = None
        self._started: list[datetime] = []
        self._ended: list[datetime] = []
        self._command_line: str | None = None
        self._folder: str | None = None

    def add(self, invocation: Invocation) -> None:
        """Take an invocation, without its notifications."""
        if (is_successful := invocation.execution_successful) is not None:
            self.is_successful = is_successful and self.is_successful is not False
        if started := moment_of(invocation.start_time_utc, is_utc=True):
            self._started.append(started)
        if ended := moment_of(invocation.end_time_utc, is_utc=True):
            self._ended.append(ended)
        self._command_line = self._command_line or invocation.command_line
        if invocation.working_directory:
            self._folder = self._folder or invocation.working_directory.uri

    def notify(self, notification: Notification) -> None:
        """Take a notification: an error says that something could not be examined."""
        if notification.level != "error":
            return
        message = self._run.message(notification.message)
        thrown = notification.exception.message if notification.exception else None
        if message is None and isinstance(thrown, str):
            message = thrown
        place = self._run.first_place(notification.locations)
        self._rows.add(
            Finding(
                rule_id=notification.descriptor.id if notification.descriptor else None,
                message=shortened(message),
                level=notification.level,
                path_index=place.path_index,
                start_line=place.start_line,
                start_column=place.start_column,
                end_line=place.end_line,
                end_column=place.end_column,
                kind="error",
            )
        )

    def columns(self) -> dict[str, Any]:
        """Return the columns of the run of the tool."""
        return {
            "started_at": min(self._started, default=None),
            "ended_at": max(self._ended, default=None),
            "command_line": shortened(self._command_line),
            "working_directory": self._folder,
        }
