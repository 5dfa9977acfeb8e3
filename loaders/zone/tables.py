"""The zone's own tables: decisions given on the command line, and what published builds
observed.
"""

from __future__ import annotations

import pyarrow as pa

from loaders.base.integrity import MOST, Rules
from loaders.base.masking import LEFT
from loaders.zone.schemas import Table, declare

_utc = pa.timestamp("us")

_SEVERITIES, _SCOPES = "low medium high critical", "project directory file artifact"
_QUEUED, _ENDED = "queued claimed in_progress blocked", "done verified failed skipped cancelled"

# Registering and forgetting sources; see `loaders.zone.registered`.
SOURCE_EVENTS = "source_events"

TABLES = declare(
    Table(
        SOURCE_EVENTS,
        "One row per source that was added or forgotten.",
        [
            ("kind", pa.string(), "A kind of `KINDS` in loaders/sources/registry.py."),
            ("path", pa.string()),
            ("path_bytes", pa.binary()),
            ("profile", pa.string(), "By which a root is crawled; the place here of a map_prefix."),
            ("event", pa.string()),
            ("happened_at", _utc),
        ],
        Rules(
            "decisions",
            "kind path",
            required="event",
            # The words of `kind` come from the sources: see loaders.sources.registry.
            words={"event": "added forgotten"},
            moments="happened_at",
        ),
    ),
    Table(
        "waiver_events",
        "One row per waiver given on the command line, of findings or of a warning.",
        [
            ("gap_type", pa.string(), "A rule, a pattern over rules, or WARNING."),
            ("subject_pattern", pa.string()),
            ("reason", pa.string()),
            ("note", pa.string()),
            ("owner", pa.string()),
            ("expires_on", pa.date32()),
            ("happened_at", _utc),
        ],
        Rules(
            "decisions",
            "gap_type subject_pattern",
            required="reason happened_at",
            moments="happened_at",
        ),
        masked={LEFT: "reason"},
    ),
    Table(
        "finding_events",
        "One row per finding that a published build saw open, close, come back or grow.",
        [
            ("kind", pa.string()),
            ("cause", pa.string()),
            ("observed_at", _utc),
            ("finding_id", pa.string()),
            ("fingerprint", pa.string()),
            ("gap_type", pa.string()),
            ("severity", pa.string()),
            ("scope", pa.string()),
            ("project_id", pa.string()),
            ("project_path", pa.string()),
            ("subject", pa.string()),
            ("impact_score", pa.float64()),
            ("confidence_ratio", pa.float64()),
            ("evidence", pa.string()),
            ("recommended_action", pa.string()),
            ("rule_version", pa.string()),
            ("threshold_hash", pa.string()),
            ("subject_run_id", pa.string()),
        ],
        Rules(
            "observe",
            "finding_id",
            required="kind cause observed_at gap_type severity scope",
            words={
                "kind": "opened closed reopened grown",
                "cause": "world rule_changed",
                "severity": _SEVERITIES,
                "scope": _SCOPES,
            },
            ratios="confidence_ratio",
            json="evidence",
            moments="observed_at",
            more={"impact_score: not between 0 and 100": "impact_score between 0 and 100"},
        ),
        masked={LEFT: "subject"},
    ),
    Table(
        "action_events",
        "One row per action that entered or left the queue of a published build.",
        [
            ("kind", pa.string()),
            ("observed_at", _utc),
            ("action_id", pa.string()),
            ("action_type", pa.string()),
            ("title", pa.string()),
            ("project_id", pa.string()),
            ("project_path", pa.string()),
            ("subject", pa.string()),
            ("priority", pa.decimal128(7, 3)),
            ("impact", pa.decimal128(7, 3)),
            ("freshness_penalty", pa.decimal128(7, 3)),
            ("dependency_weight", pa.decimal128(7, 3)),
            ("confidence", pa.decimal128(7, 3)),
            ("finding_count", pa.int64()),
            ("finding_ids", pa.string()),
            ("rationale", pa.string()),
            ("command_argv", pa.string()),
            ("command", pa.string()),
            ("command_cwd", pa.string()),
            ("command_effect", pa.string()),
            ("status", pa.string()),
            ("owner", pa.string()),
            ("queued_at", _utc),
            ("updated_at", _utc),
            ("subject_run_id", pa.string()),
        ],
        Rules(
            "observe",
            "action_id",
            required="kind observed_at action_type status",
            words={
                "kind": "entered left",
                "status": f"{_QUEUED} {_ENDED}",
                "command_effect": "read land execute",
            },
            counts="finding_count",
            json_lists="finding_ids command_argv",
            moments="observed_at queued_at updated_at",
            more={
                "status: not of an action that left the queue": (
                    "kind <> 'left' or status in ("
                    + ", ".join(f"'{word}'" for word in _ENDED.split())
                    + ")"
                )
            },
        ),
        masked={LEFT: "subject"},
    ),
    Table(
        "project_observations",
        "One row per project whose place or grade differs from those last observed.",
        [
            ("project_id", pa.string()),
            ("project_path", pa.string()),
            ("is_gone", pa.bool_(), "Whether the project is gone from disk."),
            ("health_grade", pa.string(), "NULL if it cannot be known."),
            ("health_score", pa.float64(), "0 to 100; NULL if it cannot be known."),
            ("observed_at", _utc),
            ("subject_run_id", pa.string()),
        ],
        Rules(
            "observe",
            "project_id",
            required="project_path is_gone observed_at",
            words={"health_grade": "A B C D F"},
            moments="observed_at",
            more={"health_score: not between 0 and 100": "health_score between 0 and 100"},
        ),
        masked={LEFT: "health_grade"},
    ),
    Table(
        "technology_snapshots",
        "One row per project in which other technologies are detected than those last observed.",
        [
            ("project_id", pa.string()),
            ("snapshot_id", pa.int64(), "Counts from 1 in each project."),
            ("summary", pa.string(), "The main technologies, in words."),
            ("detected_technologies", pa.string(), "JSON list of texts: type:name@version."),
            ("features", pa.string(), "JSON object: the names of each category."),
            ("metadata", pa.string(), "JSON object: the cause, and a digest of the patterns."),
            ("observed_at", _utc),
            ("subject_run_id", pa.string()),
        ],
        Rules(
            "observe",
            "project_id snapshot_id",
            required="detected_technologies observed_at",
            counts="snapshot_id",
            json="features metadata",
            json_lists="detected_technologies",
            moments="observed_at",
        ),
        # Words of this product, and versions that were masked when their manifests landed.
        masked={LEFT: "summary detected_technologies features metadata"},
    ),
    Table(
        "rule_observations",
        "One row per rule whose version or thresholds differ from those last observed.",
        [
            ("gap_type", pa.string()),
            ("rule_version", pa.string()),
            ("threshold_hash", pa.string()),
            ("observed_at", _utc),
        ],
        Rules("observe", "gap_type", required="observed_at", moments="observed_at"),
    ),
    Table(
        "metric_observations",
        ("One row per week and metric with a new value, from a published build or a measurement."),
        [
            ("week_start", pa.date32()),
            ("metric", pa.string()),
            ("value", pa.float64()),
            ("numerator", pa.int64(), "Numerator of a ratio, else NULL."),
            ("denominator", pa.int64()),
            ("observed_at", _utc),
        ],
        Rules(
            "observe",
            "week_start metric",
            required="observed_at",
            counts="numerator denominator",
            moments="observed_at",
            more={
                "metric: one that a build works out by itself": (
                    "metric not in ('high_gaps_opened', 'high_gaps_closed', "
                    "'median_hours_to_queue')"
                ),
                "week_start: before 1970": "week_start >= date '1970-01-01'",
                "value: too large": f"abs(value) <= {MOST}",
            },
        ),
    ),
)
