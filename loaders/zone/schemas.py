"""The declared schema of every table in the landing zone.

Every row carries the run that landed it. A path is text (see `loaders.base.paths`); `path_bytes` holds
the bytes where the text hides something, else NULL. Times of files are nanoseconds since 1970.
"""

from __future__ import annotations

import pyarrow as pa

from loaders.base.integrity import MOST, Rules
from loaders.sources.codegraphx import tables as codegraphx
from loaders.sources.git_history import tables as history
from loaders.sources.manifests import tables as manifests

_utc = pa.timestamp("us")

TABLES: dict[str, pa.Schema] = {
    # One row per crawl and root: what the whole look came to.
    "crawl_roots": pa.schema(
        [
            ("run_id", pa.string()),
            ("root_path", pa.string()),
            ("state", pa.string()),  # complete, missing, unreadable, emptied
            ("reason", pa.string()),
            ("profile", pa.string()),
            ("crawled_at", _utc),
            ("file_count", pa.int64()),
            ("excluded_count", pa.int64()),
            ("unreadable_count", pa.int64()),
        ]
    ),
    # One row per directory whose state or content changed since it was last landed.
    "crawl_directories": pa.schema(
        [
            ("run_id", pa.string()),
            ("root_path", pa.string()),
            ("path", pa.string()),
            ("path_bytes", pa.binary()),
            ("state", pa.string()),  # listed, excluded, unreadable, gone
            ("reason", pa.string()),
            ("own_digest", pa.string()),
            ("tree_digest", pa.string()),
            ("tree_file_count", pa.int64()),
            ("tree_nonempty_count", pa.int64()),
            ("tree_size_bytes", pa.int64()),
        ]
    ),
    # One row per file whose state or content changed since it was last landed.
    "crawl_files": pa.schema(
        [
            ("run_id", pa.string()),
            ("root_path", pa.string()),
            ("directory_path", pa.string()),
            ("name", pa.string()),
            ("path_bytes", pa.binary()),
            ("state", pa.string()),  # present, unreadable, skipped, gone
            ("reason", pa.string()),
            ("kind", pa.string()),  # file, symlink, fifo, socket, device
            ("size_bytes", pa.int64()),
            ("mtime_ns", pa.int64()),  # NULL where 64 bits do not hold it
            ("ctime_ns", pa.int64()),
            ("inode", pa.uint64()),
            ("device", pa.uint64()),
            ("is_settled", pa.bool_()),
            ("sha256", pa.string()),
            ("line_count", pa.int64()),
            ("is_binary", pa.bool_()),
            ("link_target", pa.string()),
            ("tags", pa.list_(pa.string())),
        ]
    ),
    # One row per repository whose state changed since it was last landed.
    "crawl_repositories": pa.schema(
        [
            ("run_id", pa.string()),
            ("root_path", pa.string()),
            ("path", pa.string()),
            ("path_bytes", pa.binary()),
            ("vcs", pa.string()),
            ("kind", pa.string()),  # directory, gitfile, worktree, bare
            ("state", pa.string()),  # read, empty, truncated, refused, broken, gone
            ("reason", pa.string()),
            ("fingerprint", pa.string()),
            ("head_ref", pa.string()),
            ("head_commit", pa.string()),
            ("default_branch", pa.string()),
            ("remote_url", pa.string()),
            ("last_commit_at", _utc),
            ("has_history", pa.bool_()),
            ("has_tracked_files", pa.bool_()),
            ("worktree_pointers", pa.list_(pa.string())),
            ("read_at", _utc),
        ]
    ),
    # One row per commit of the last 90 days before the read, of each landed repository state.
    "crawl_commits": pa.schema(
        [
            ("run_id", pa.string()),
            ("repository_path", pa.string()),
            ("commit_sha", pa.string()),
            ("committed_at", _utc),
            ("author_hash", pa.string()),
        ]
    ),
    # One row per entry of the tree of HEAD, of each landed repository state.
    "crawl_tracked_files": pa.schema(
        [
            ("run_id", pa.string()),
            ("repository_path", pa.string()),
            ("path", pa.string()),  # absolute
            ("mode", pa.int32()),
            ("object_id", pa.string()),
        ]
    ),
    # One row per source content and version of the extractor: what a reader would point at.
    "file_signals": pa.schema(
        [
            ("run_id", pa.string()),
            ("sha256", pa.string()),
            ("extractor_version", pa.string()),
            ("language", pa.string()),
            ("parse_state", pa.string()),  # tree, words, too_large, refused
            (
                "signals",
                pa.list_(
                    pa.struct(
                        [("signal", pa.string()), ("count", pa.int64()), ("line", pa.int64())]
                    )
                ),
            ),
        ]
    ),
    # One row per source that somebody added or told us to forget.
    "source_events": pa.schema(
        [
            ("run_id", pa.string()),
            ("kind", pa.string()),  # root, codegraphx, catalog, map_prefix
            ("path", pa.string()),
            ("path_bytes", pa.binary()),
            ("profile", pa.string()),  # by which a root is crawled; the place here of a map_prefix
            ("event", pa.string()),  # added, forgotten
            ("happened_at", _utc),
        ]
    ),
    # One row per waiver given on the command line.
    "waiver_events": pa.schema(
        [
            ("run_id", pa.string()),
            ("gap_type", pa.string()),
            ("subject_pattern", pa.string()),
            ("reason", pa.string()),
            ("note", pa.string()),
            ("owner", pa.string()),
            ("expires_on", pa.date32()),
            ("happened_at", _utc),
        ]
    ),
    # One row per finding that a published build saw open, close or come back.
    "finding_events": pa.schema(
        [
            ("run_id", pa.string()),
            ("kind", pa.string()),  # opened, closed, reopened
            ("cause", pa.string()),  # world, rule_changed
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
        ]
    ),
    # One row per action that entered or left the queue of a published build.
    "action_events": pa.schema(
        [
            ("run_id", pa.string()),
            ("kind", pa.string()),  # entered, left
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
        ]
    ),
    # One row per rule whose version or thresholds differ from those last observed.
    "rule_observations": pa.schema(
        [
            ("run_id", pa.string()),
            ("gap_type", pa.string()),
            ("rule_version", pa.string()),
            ("threshold_hash", pa.string()),
            ("observed_at", _utc),
        ]
    ),
    # One row per week and measure of success that a published build saw differently from before, or somebody measured.
    "metric_observations": pa.schema(
        [
            ("run_id", pa.string()),
            ("week_start", pa.date32()),
            ("metric", pa.string()),
            ("value", pa.float64()),
            ("numerator", pa.int64()),  # of a ratio, else NULL
            ("denominator", pa.int64()),
            ("observed_at", _utc),
        ]
    ),
    **codegraphx.TABLES,
    **manifests.TABLES,
    **history.TABLES,
}

_SEVERITIES, _SCOPES = "low medium high critical", "project directory file artifact"
_QUEUED, _ENDED = "queued claimed in_progress blocked", "done verified failed skipped cancelled"

# Table → what every healthy row of it keeps.
RULES: dict[str, Rules] = {
    "crawl_roots": Rules(
        "crawl",
        "root_path",
        required="state",
        words={"state": "complete missing unreadable emptied"},
        paths="root_path",
        counts="file_count excluded_count unreadable_count",
        moments="crawled_at",
    ),
    "crawl_directories": Rules(
        "crawl",
        "path",
        required="root_path state",
        words={"state": "listed excluded unreadable gone"},
        paths="root_path path",
        counts="tree_file_count tree_nonempty_count",
        # Two sparse files are enough to claim more bytes than 64 bits count; these are no fault of the folder.
        sizes="tree_size_bytes",
    ),
    "crawl_files": Rules(
        "crawl",
        "directory_path name",
        required="root_path state",
        words={
            "state": "present unreadable skipped gone",
            "kind": "file symlink fifo socket device",
        },
        paths="root_path directory_path",
        names="name",
        counts="line_count",
        sizes="size_bytes",
        more={"sha256: not a digest": "length(sha256) = 64"},
    ),
    "crawl_repositories": Rules(
        "crawl",
        "path",
        required="root_path state vcs",
        words={
            "vcs": "git",
            "kind": "directory gitfile worktree bare",
            "state": "read empty truncated refused broken gone",
        },
        paths="root_path path",
        moments="read_at",
    ),
    "crawl_commits": Rules("crawl", "repository_path commit_sha", paths="repository_path"),
    "crawl_tracked_files": Rules("crawl", "repository_path path", paths="repository_path path"),
    "file_signals": Rules(
        "signals",
        "sha256",
        required="extractor_version parse_state",
        words={"parse_state": "tree words too_large refused"},
        more={
            "signals: not a count of a signal": (
                "len(list_filter(signals, lambda one: one.signal is null or one.count is null"
                f" or one.count not between 1 and {MOST})) = 0"
            )
        },
    ),
    "source_events": Rules(
        "decisions",
        "kind path",
        required="event",
        words={"kind": "root codegraphx catalog map_prefix", "event": "added forgotten"},
        moments="happened_at",
    ),
    "waiver_events": Rules(
        "decisions",
        "gap_type subject_pattern",
        required="reason happened_at",
        moments="happened_at",
    ),
    "finding_events": Rules(
        "observe",
        "finding_id",
        required="kind cause observed_at gap_type severity scope",
        words={
            "kind": "opened closed reopened",
            "cause": "world rule_changed",
            "severity": _SEVERITIES,
            "scope": _SCOPES,
        },
        ratios="confidence_ratio",
        json="evidence",
        moments="observed_at",
        more={"impact_score: not between 0 and 100": "impact_score between 0 and 100"},
    ),
    "action_events": Rules(
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
    "rule_observations": Rules(
        "observe", "gap_type", required="observed_at", moments="observed_at"
    ),
    "metric_observations": Rules(
        "observe",
        "week_start metric",
        required="observed_at",
        counts="numerator denominator",
        moments="observed_at",
        more={
            "metric: one that a build works out by itself": (
                "metric not in ('high_gaps_opened', 'high_gaps_closed', 'median_hours_to_queue')"
            ),
            "week_start: before 1970": "week_start >= date '1970-01-01'",
            "value: too large": f"abs(value) <= {MOST}",
        },
    ),
    **codegraphx.RULES,
    **manifests.RULES,
    **history.RULES,
}

# The log's own records, written out for the build; not a table that anybody lands.
RUNS = pa.schema(
    [
        ("run_id", pa.string()),
        ("run_seq", pa.int64()),
        ("action", pa.string()),
        ("status", pa.string()),
        ("started_at", _utc),
        ("ended_at", _utc),
        ("duration_seconds", pa.float64()),
        ("discovered", pa.int64()),
        ("landed", pa.int64()),
        ("unchanged", pa.int64()),
        ("skipped", pa.int64()),
        ("quarantined", pa.int64()),
        ("error_count", pa.int64()),
        ("error_message", pa.string()),
        ("argv", pa.string()),
        ("tool_version", pa.string()),
        ("code_ref", pa.string()),
        ("config_hash", pa.string()),
        ("parent_run_id", pa.string()),
        ("artifact_path", pa.string()),
        ("masked_count", pa.int64()),
        ("meta_now", pa.string()),
        (
            "tools",
            pa.list_(
                pa.struct([("name", pa.string()), ("path", pa.string()), ("version", pa.string())])
            ),
        ),
    ]
)


def as_declared(table: str, rows: pa.Table) -> pa.Table:
    """Return *rows* of a landed file with the declared columns of *table*.

    Other code may have landed them: a column that is missing is NULL, an undeclared one is left out.
    """
    present = set(rows.schema.names)
    columns = [
        rows[item.name].cast(item.type) if item.name in present else pa.nulls(len(rows), item.type)
        for item in TABLES[table]
    ]
    return pa.table(columns, schema=TABLES[table])
