"""How a tool was started, as SARIF has it, and what it says about its own work."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from loaders.sources.reports.formats.sarif_parts import DRIVER
from loaders.sources.reports.formats.sarif_results import first_place, message_text
from loaders.sources.reports.formats.sarif_run import RunParts
from loaders.sources.reports.reading.json_fields import object_in, text_in, truth_in
from loaders.sources.reports.reading.report_facts import Finding
from loaders.sources.reports.reading.report_rows import Rows
from loaders.sources.reports.reading.report_texts import shortened, utc_of


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

    def add(self, invocation: dict[str, Any]) -> None:
        """Take an invocation, without its notifications."""
        is_successful = truth_in(invocation, "executionSuccessful")
        if is_successful is not None:
            self.is_successful = is_successful and self.is_successful is not False
        for key, moments in (("startTimeUtc", self._started), ("endTimeUtc", self._ended)):
            if moment := utc_of(text_in(invocation, key), is_utc=True):
                moments.append(moment)
        self._command_line = self._command_line or text_in(invocation, "commandLine")
        folder = text_in(object_in(invocation, "workingDirectory"), "uri")
        self._folder = self._folder or folder

    def notify(self, notification: dict[str, Any]) -> None:
        """Take a notification: an error says that something could not be examined."""
        if text_in(notification, "level") != "error":
            return
        descriptor = object_in(notification, "descriptor")
        message = message_text(object_in(notification, "message"), self._run, DRIVER, None)
        if message is None:
            message = text_in(object_in(notification, "exception"), "message")
        place = first_place(notification, self._run)
        self._rows.add(
            Finding(
                rule_id=text_in(descriptor, "id"),
                message=shortened(message),
                level="error",
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
