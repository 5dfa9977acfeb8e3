"""The form of a format: how a report of it is recognised and read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows


@dataclass(frozen=True)
class Form:
    """One format of reports.

    `read` adds the rows of a file, and the run of the tool after its rows. It raises Invalid for
    content that is invalid in this format: the message is the reason, and nothing lands.
    If `version` is raised, every report of this format is read again.
    """

    name: str
    recognises: Callable[[Head], bool]
    read: Callable[[ArtifactFile, Rows], None]
    version: int = 1
