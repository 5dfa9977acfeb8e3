"""The landed tables of reports.

`reports` has the state of each file. All others belong to a content, so that a report that is at
two places, or is written again with the same content, lands once. Within a content, a row is
numbered by `position` in its table, and refers to others of its content by their positions.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from loaders.base.integrity import Rules
from loaders.base.masking import DOCUMENT, LEFT, NAME, TEXT
from loaders.sources.reports.reading.report_facts import (
    Advisory,
    Component,
    ComponentLink,
    Fact,
    FileCoverage,
    Finding,
    FurtherPlace,
    Place,
    Rule,
    TestCase,
    ToolRun,
)
from loaders.zone.schemas import Column, Table, declare

STATES = "landed quarantined other gone"
OUTCOMES = "passed failed error skipped"
PLACE_KINDS = "relative absolute package none"
ROLES = "location related flow"

_TEXT, _INT, _REAL, _BOOL = pa.string(), pa.int64(), pa.float64(), pa.bool_()
_utc = pa.timestamp("us")

_IN_CONTENT: tuple[Column, ...] = (
    ("sha256", _TEXT, "SHA-256 of the report."),
    ("reader_version", _INT, "Version of the reader of its format."),
    ("position", _INT, "Number of the row in the report, from 0."),
)
_IN_RUN: tuple[Column, ...] = (
    *_IN_CONTENT,
    ("run_index", _INT, "Position of the tool's run in the report."),
)
_PATH: Column = ("path_index", _INT, "Position of the path in report_paths; NULL if there is none.")
_LINES: tuple[Column, ...] = (
    ("start_line", _INT, "First line, from 1."),
    ("start_column", _INT, "First column, from 1, in the unit of the tool."),
    ("end_line", _INT, "Last line, from 1."),
    ("end_column", _INT, "Column after the last character, in the unit of the tool."),
)


def _of_rows(**rules: Any) -> Rules:
    counts = f"position run_index {rules.pop('counts', '')}".strip()
    return Rules("reports", "sha256 position", **{"counts": counts} | rules)


TABLES = declare(
    Table(
        "reports",
        "One row per file that is new or changed: whether it is a report, and of which format.",
        [
            ("report_path", _TEXT, "Canonical path of the file, as text."),
            ("path_bytes", pa.binary()),
            (
                "state",
                _TEXT,
                "Landed, quarantined (nothing of it can be taken), other (no report), or gone.",
            ),
            ("reason", _TEXT),
            (
                "format",
                _TEXT,
                "Format, such as sarif or junit (known_formats.py).",
            ),
            ("sha256", _TEXT),
            ("recogniser_version", _TEXT, "Digest of the formats that were known."),
            ("size_bytes", _INT),
            ("mtime_ns", _INT),
            ("ctime_ns", _INT),
            ("inode", _INT),
        ],
        Rules(
            "reports",
            "report_path",
            required="state",
            words={"state": STATES},
            paths="report_path",
            sizes="size_bytes",
        ),
        masked={LEFT: "report_path recogniser_version"},
    ),
    Table(
        "report_contents",
        "One row per content of a report and version of its reader: all other rows of it landed.",
        [
            ("sha256", _TEXT),
            ("format", _TEXT),
            ("reader_version", _INT, "Version of the reader of its format."),
            ("tool_run_count", _INT, "Number of runs of tools in the report."),
            ("row_count", _INT, "Number of rows of all tables."),
        ],
        Rules("reports", "sha256", required="format reader_version", counts="row_count"),
    ),
    Table(
        "report_runs",
        "One row per run of a tool in a report.",
        [
            *_IN_CONTENT,
            ("tool_name", _TEXT, "Name of the tool, as written; NULL if the report names none."),
            ("tool_version", _TEXT, "Version of the tool, as written."),
            ("category", _TEXT, "Purpose or part of the run, as written."),
            ("is_successful", _BOOL, "Whether the tool says that it could do its work."),
            (
                "is_measured",
                _BOOL,
                "False if nothing was examined: then no finding does not mean that all is well.",
            ),
            ("unmeasured_reason", _TEXT, "Why nothing was examined."),
            ("started_at", _utc, "In UTC; NULL if the report does not say it with its zone."),
            ("ended_at", _utc, "In UTC; NULL if the report does not say it with its zone."),
            ("command_line", _TEXT, "Command line, without secrets."),
            ("working_directory", _TEXT, "As written, on the machine where the tool ran."),
            ("stated_totals", _TEXT, "JSON: the totals that the report itself states."),
        ],
        Rules("reports", "sha256 position", counts="position", json="stated_totals"),
        masked={
            NAME: "tool_name tool_version",
            TEXT: "category unmeasured_reason command_line working_directory",
            DOCUMENT: "stated_totals",
        },
    ),
    Table(
        "report_rules",
        "One row per rule that a tool describes in its report.",
        [
            *_IN_RUN,
            ("rule_id", _TEXT, "Id of the rule, as written."),
            ("rule_name", _TEXT, "Name of the rule, as written."),
            ("level", _TEXT, "Level of its findings that have none of their own, as written."),
            ("security_severity", _REAL, "Severity from 0 to 10, as GitHub's extension of SARIF."),
            ("description", _TEXT, "Text of the tool about the rule."),
            ("help_uri", _TEXT, "Page of the tool about the rule."),
            ("rule_tags", _TEXT, "JSON list of tags, with CWE numbers as CWE-79."),
        ],
        _of_rows(json_lists="rule_tags"),
        masked={NAME: "rule_id rule_name", TEXT: "description help_uri", LEFT: "level rule_tags"},
    ),
    Table(
        "report_paths",
        "One row per path that a report names.",
        [
            *_IN_RUN,
            ("path_given", _TEXT, "As written."),
            (
                "bases",
                _TEXT,
                "JSON list: folders that the path may be relative to, as the report names them.",
            ),
            (
                "place",
                _TEXT,
                "The path, decoded and normalised, with slashes; NULL if it names no file.",
            ),
            (
                "place_kind",
                _TEXT,
                ("Relative, absolute, package (below a source root that is not named), or none."),
            ),
        ],
        _of_rows(words={"place_kind": PLACE_KINDS}, json_lists="bases"),
        masked={LEFT: "path_given bases place place_kind"},
    ),
    Table(
        "report_findings",
        "One row per finding.",
        [
            *_IN_RUN,
            ("rule_id", _TEXT, "As written; NULL if the tool has none."),
            ("rule_position", _INT, "Position of its rule in report_rules, if it is described."),
            ("level", _TEXT, "Level or severity, as written; NULL if the finding has none."),
            ("security_severity", _REAL, "Severity from 0 to 10 of the finding itself."),
            (
                "kind",
                _TEXT,
                "Finding; error (a file could not be examined); pass or not_applicable.",
            ),
            ("message", _TEXT, "Message of the tool, without secrets."),
            _PATH,
            *_LINES,
            ("logical_name", _TEXT, "Qualified name of the function or resource."),
            ("fingerprints", _TEXT, "JSON object of the fingerprints, as written."),
            ("line_hash", _TEXT, "Keyed hash of the text of the line, if the report has it."),
            ("is_suppressed", _BOOL, "Whether the user suppressed it, by a comment or elsewhere."),
            ("suppression", _TEXT, "The justification of the suppression."),
            ("baseline_state", _TEXT, "New, unchanged, updated or absent, as the tool compares."),
            ("secret_hash", _TEXT, "Keyed hash of the secret that was found."),
            ("finding_tags", _TEXT, "JSON list of tags of the finding itself, with CWE numbers."),
        ],
        _of_rows(
            words={"kind": "finding error pass not_applicable"},
            json="fingerprints",
            json_lists="finding_tags",
            counts="start_line start_column end_line end_column",
        ),
        masked={
            NAME: "rule_id",
            TEXT: "message logical_name suppression",
            LEFT: "level kind fingerprints line_hash baseline_state secret_hash finding_tags",
        },
    ),
    Table(
        "report_places",
        "One row per further place of a finding.",
        [
            *_IN_RUN,
            ("finding_position", _INT, "Position of the finding in report_findings."),
            ("place_role", _TEXT, "Location, related, or flow (a step on the way to it)."),
            _PATH,
            ("start_line", _INT, "First line, from 1."),
            ("message", _TEXT, "Message of the tool, without secrets."),
        ],
        _of_rows(words={"place_role": ROLES}, counts="finding_position start_line"),
        masked={TEXT: "message", LEFT: "place_role"},
    ),
    Table(
        "report_tests",
        "One row per test case, as written: a case that was run again has several.",
        [
            *_IN_RUN,
            ("suite", _TEXT, "Names of the suites around it, outermost first, by ` > `."),
            ("class_name", _TEXT, "Class, or what the format has in its place."),
            ("test_name", _TEXT, "Name of the test."),
            _PATH,
            ("start_line", _INT, "Line of its definition, from 1."),
            ("outcome", _TEXT),
            ("outcome_given", _TEXT, "The tool's own word for the outcome."),
            ("message", _TEXT, "First lines of the failure, or the reason for skipping."),
            ("duration_seconds", _REAL, "Duration in seconds."),
            ("started_at", _utc, "In UTC; NULL if the report does not say it with its zone."),
        ],
        _of_rows(words={"outcome": OUTCOMES}, counts="start_line duration_seconds"),
        masked={
            NAME: "suite class_name test_name",
            TEXT: "message",
            LEFT: "outcome outcome_given",
        },
    ),
    Table(
        "report_coverage",
        "One row per file whose coverage was measured.",
        [
            *_IN_RUN,
            _PATH,
            ("lines_found", _INT, "Lines that can be executed, as the tool counts."),
            ("lines_hit", _INT, "Those that were executed."),
            ("branches_found", _INT, "Branches that can be taken, as the tool counts."),
            ("branches_hit", _INT, "Those that were taken."),
            ("functions_found", _INT, "Functions, as the tool counts."),
            ("functions_hit", _INT, "Those that were called."),
            ("line_basis", _TEXT, "Lines, statements, instructions, or physical (every line)."),
            ("missing_lines", _TEXT, "Lines not executed, as `3-5 9`; NULL if not known."),
        ],
        _of_rows(
            words={"line_basis": "lines statements instructions physical"},
            counts="lines_found lines_hit branches_found branches_hit functions_found"
            " functions_hit",
        ),
        masked={LEFT: "line_basis missing_lines"},
    ),
    Table(
        "report_components",
        "One row per component of an SBOM or package of a lock file.",
        [
            *_IN_RUN,
            ("reference", _TEXT, "Its name inside the report, which links use."),
            ("purl", _TEXT, "Package URL; made from the entry where the format has none."),
            ("ecosystem", _TEXT, "Ecosystem of the package, such as pypi or npm."),
            ("name", _TEXT, "As written."),
            ("canonical_name", _TEXT, "Name in the normal form of its ecosystem."),
            ("version", _TEXT, "Version, as written."),
            ("component_type", _TEXT, "Library, application, file …, as written."),
            ("scope_given", _TEXT, "The report's own word for its scope."),
            ("is_root", _BOOL, "Whether it is what the report is about, or a member of it."),
            ("is_direct", _BOOL, "Whether a root needs it itself; NULL if not known."),
            ("is_dev", _BOOL, "Whether only development needs it; NULL if not known."),
            ("is_optional", _BOOL, "Whether only an extra needs it; NULL if not known."),
            ("groups", _TEXT, "JSON list of the groups that need it, as written."),
            ("source_kind", _TEXT, "Registry, git, path, url or workspace."),
            ("source_place", _TEXT, "URL or path of that source, without credentials."),
            ("licence", _TEXT, "SPDX expression, or the licence as written."),
            _PATH,
            ("version_key", _TEXT, "Text that sorts as the version; NULL if it has no order."),
        ],
        _of_rows(
            required="name",
            words={"source_kind": "registry git path url workspace"},
            json_lists="groups",
        ),
        masked={
            NAME: "reference purl version_key",
            TEXT: "source_place licence",
            LEFT: "component_type scope_given groups source_kind",
        },
    ),
    Table(
        "report_component_links",
        "One row per dependency of one component on another.",
        [
            *_IN_RUN,
            ("from_reference", _TEXT, "Reference of the component that needs the other."),
            ("to_reference", _TEXT, "Reference of the component that it needs."),
            ("link_kind", _TEXT, "Runtime, dev, optional or peer; NULL if the format has none."),
        ],
        _of_rows(required="from_reference to_reference"),
        masked={NAME: "from_reference to_reference", LEFT: "link_kind"},
    ),
    Table(
        "report_advisories",
        "One row per advisory that a tool reports for a package.",
        [
            *_IN_RUN,
            ("advisory_id", _TEXT, "The tool's first id of it."),
            ("aliases", _TEXT, "JSON list of all its other ids."),
            ("ecosystem", _TEXT, "Ecosystem of the package, such as pypi or npm."),
            ("name", _TEXT, "Name of the package, as written."),
            ("canonical_name", _TEXT, "Name in the normal form of its ecosystem."),
            ("version", _TEXT, "The version in use, or the affected range."),
            ("purl", _TEXT, "Package URL."),
            ("level", _TEXT, "Severity, as written."),
            ("cvss_score", _REAL, "Highest CVSS base score, 0 to 10."),
            ("cvss_vector", _TEXT, "Vector of that score."),
            ("fixed_versions", _TEXT, "JSON list of the versions that have the fix."),
            ("title", _TEXT, "Title of the advisory."),
            ("url", _TEXT, "Page about the advisory."),
            ("is_direct", _BOOL, "Whether the project needs the package itself."),
            ("is_suppressed", _BOOL, "Whether the user, or a VEX statement, ruled it out."),
            ("suppression", _TEXT, "The justification of the suppression."),
            _PATH,
        ],
        _of_rows(
            required="advisory_id name",
            json_lists="aliases fixed_versions",
            more={"cvss_score: not between 0 and 10": "cvss_score between 0 and 10"},
        ),
        masked={
            NAME: "purl",
            TEXT: "url suppression",
            LEFT: "advisory_id aliases level cvss_vector fixed_versions",
        },
    ),
)

# The landed table of each kind of fact.
TABLE_OF: dict[type[Fact], str] = {
    ToolRun: "report_runs",
    Rule: "report_rules",
    Place: "report_paths",
    Finding: "report_findings",
    FurtherPlace: "report_places",
    TestCase: "report_tests",
    FileCoverage: "report_coverage",
    Component: "report_components",
    ComponentLink: "report_component_links",
    Advisory: "report_advisories",
}
