"""The rows of one report, as its reader gives them: the columns of loaders.sources.reports.tables
without those that say where in the report a row is.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class ToolRun(NamedTuple):
    """One run of a tool. Rows that are added before it, since the last one, belong to it."""

    tool_name: str | None = None
    tool_version: str | None = None
    category: str | None = None
    is_successful: bool | None = None
    is_measured: bool | None = None
    unmeasured_reason: str | None = None
    started_at: datetime | None = None  # naive, in UTC
    ended_at: datetime | None = None
    command_line: str | None = None
    working_directory: str | None = None
    stated_totals: str | None = None  # JSON


class Rule(NamedTuple):
    """A rule that a tool describes."""

    rule_id: str | None
    rule_name: str | None = None
    level: str | None = None
    security_severity: float | None = None
    description: str | None = None
    help_uri: str | None = None
    rule_tags: str | None = None  # JSON list


class Finding(NamedTuple):
    """A finding of a linter or scanner. Lines and columns count from 1."""

    rule_id: str | None
    message: str | None
    level: str | None = None
    path_index: int | None = None
    start_line: int | None = None
    start_column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    kind: str = "finding"
    rule_position: int | None = None
    security_severity: float | None = None
    logical_name: str | None = None
    fingerprints: str | None = None  # JSON object
    line_hash: str | None = None
    is_suppressed: bool = False
    suppression: str | None = None
    baseline_state: str | None = None
    secret_hash: str | None = None
    finding_tags: str | None = None  # JSON list


class FurtherPlace(NamedTuple):
    """A further place of the finding at *finding_position*."""

    finding_position: int
    place_role: str
    path_index: int | None
    start_line: int | None = None
    message: str | None = None


class TestCase(NamedTuple):
    """One execution of one test."""

    test_name: str | None
    outcome: str
    class_name: str | None = None
    suite: str | None = None
    path_index: int | None = None
    start_line: int | None = None
    outcome_given: str | None = None
    message: str | None = None
    duration_seconds: float | None = None
    started_at: datetime | None = None  # naive, in UTC


class FileCoverage(NamedTuple):
    """The coverage of one file; a measure that the format does not have is None."""

    path_index: int
    lines_found: int | None = None
    lines_hit: int | None = None
    branches_found: int | None = None
    branches_hit: int | None = None
    functions_found: int | None = None
    functions_hit: int | None = None
    line_basis: str = "lines"
    missing_lines: str | None = None


class Component(NamedTuple):
    """A component of an SBOM, or a package of a lock file."""

    name: str
    version: str | None = None
    reference: str | None = None
    purl: str | None = None
    ecosystem: str | None = None
    canonical_name: str | None = None
    component_type: str | None = None
    scope_given: str | None = None
    is_root: bool = False
    is_direct: bool | None = None
    is_dev: bool | None = None
    is_optional: bool | None = None
    groups: str | None = None  # JSON list
    source_kind: str | None = None
    source_place: str | None = None
    licence: str | None = None
    path_index: int | None = None


class ComponentLink(NamedTuple):
    """One component needs another; both are named by `Component.reference`."""

    from_reference: str
    to_reference: str
    link_kind: str | None = None


class Advisory(NamedTuple):
    """An advisory that applies to a package."""

    advisory_id: str
    name: str
    version: str | None = None
    aliases: str | None = None  # JSON list
    ecosystem: str | None = None
    canonical_name: str | None = None
    purl: str | None = None
    level: str | None = None
    cvss_score: float | None = None
    cvss_vector: str | None = None
    fixed_versions: str | None = None  # JSON list
    title: str | None = None
    url: str | None = None
    is_direct: bool | None = None
    is_suppressed: bool = False
    suppression: str | None = None
    path_index: int | None = None


class Place(NamedTuple):
    """A path that the report names (`loaders.sources.reports.reading.report_places`)."""

    path_given: str
    bases: str | None = None  # JSON list
    place: str | None = None
    place_kind: str = "none"


Fact = (
    ToolRun
    | Rule
    | Finding
    | FurtherPlace
    | TestCase
    | FileCoverage
    | Component
    | ComponentLink
    | Advisory
    | Place
)
