"""The landed tables of CodeGraphX artifacts and of its catalogue.

Every row of an artifact carries the artifact's canonical path and the run that landed it: the rows of
the run that landed an artifact last are what it says now, older ones are its history. A path stands
twice: as the artifact has it, and as the key (`loaders.sources.codegraphx.path_keys`) that joins it to the crawl.
Fields that no model asks for one by one stay together as JSON.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from loaders.base.integrity import MOST, Rules
from loaders.zone.schemas import Column, Table, declare

_utc = pa.timestamp("us")


_IN_ARTIFACT: tuple[Column, ...] = (
    ("artifact_path", pa.string(), "Canonical path of the artifact."),
    ("position", pa.int64(), "Number of the row in the artifact."),
)
_JSON = pa.string()
_name_and_line = pa.struct([("name", pa.string()), ("line", pa.int64())])
_calls_of_function = pa.struct(
    [("name", pa.string()), ("line", pa.int64()), ("calls", pa.list_(pa.string()))]
)

_text, _int, _real = pa.string(), pa.int64(), pa.float64()


def _of(kind: pa.DataType, names: str) -> list[tuple[str, pa.DataType]]:
    return [(name, kind) for name in names.split()]


# Table of the catalogue → its columns as CodeGraphX 0.3.0 makes them. Whatever else a row has is in
# `more` (JSON), beside the keys of its paths; times are its own text, which has no zone and means UTC.
CATALOG_COLUMNS: dict[str, list[tuple[str, pa.DataType]]] = {
    "projects": [
        *_of(_text, "name path"),
        *_of(
            _int,
            "file_count line_count has_readme has_tests has_git has_ci_cd has_docs has_license",
        ),
    ],
    "codegraphx_enrichment": [
        *_of(_int, "id"),
        *_of(_text, "source_path source_project"),
        *_of(_int, "scan_file_count parse_record_count event_count node_count edge_count"),
        *_of(_int, "project_nodes file_nodes function_nodes symbol_nodes module_nodes"),
        *_of(_int, "contains_edges defines_edges calls_edges imports_edges calls_function_edges"),
        *_of(
            _text,
            "scan_artifact ast_artifact events_artifact settings_path config_path created_at updated_at",
        ),
        *_of(_text, "pipeline7_summary_artifact phase7_repo_fingerprint phase7_performance_json"),
    ],
    "codegraphx_file_signals": [
        *_of(_int, "id"),
        *_of(_text, "source_path source_project file_path language"),
        *_of(_real, "collector_score"),
        *_of(
            _int,
            "is_file_collector signal_walk signal_read signal_filter signal_metadata signal_aggregate",
        ),
        *_of(_int, "signal_fs_imports signal_name_hint"),
        *_of(_text, "evidence_json created_at updated_at"),
    ],
    "codegraphx_project_signals": [
        *_of(_text, "source_path source_project"),
        *_of(_int, "files_analyzed collector_files"),
        *_of(_real, "collector_ratio min_score"),
        *_of(_text, "scan_artifact top_collectors_json created_at updated_at"),
    ],
    "codegraphx_project_intelligence": [
        *_of(_text, "source_path source_project"),
        *_of(
            _int,
            "files_analyzed functions_analyzed dependency_edges call_edges internal_call_edges",
        ),
        *_of(_real, "avg_cyclomatic"),
        *_of(_int, "max_cyclomatic"),
        *_of(_real, "p95_cyclomatic"),
        *_of(
            _int,
            "high_complexity_functions file_similarity_pairs function_similarity_pairs max_call_chain_depth",
        ),
        *_of(_text, "scan_artifact created_at updated_at"),
    ],
    "codegraphx_dependency_edges": [
        *_of(_int, "id"),
        *_of(_text, "source_path source_project file_path import_name"),
        *_of(_int, "is_internal import_count"),
        *_of(_text, "created_at updated_at"),
    ],
    "codegraphx_call_edges": [
        *_of(_int, "id"),
        *_of(_text, "source_path source_project caller_uid caller_file callee_name callee_uid"),
        *_of(_int, "is_internal call_count"),
        *_of(_text, "created_at updated_at"),
    ],
    "codegraphx_complexity_nodes": [
        *_of(_int, "id"),
        *_of(_text, "source_path source_project file_path function_uid function_name"),
        *_of(_int, "start_line end_line"),
        *_of(_text, "language"),
        *_of(_int, "cyclomatic call_count"),
        *_of(_text, "created_at updated_at"),
    ],
    "codegraphx_similarity_pairs": [
        *_of(_int, "id"),
        *_of(_text, "source_path source_project pair_type left_id right_id"),
        *_of(_real, "similarity"),
        *_of(_text, "evidence_json created_at updated_at"),
    ],
}

# The columns that hold a path of a project or a file, each with the name of its key.
CATALOG_PATHS = {"path": "path_key", "source_path": "source_path_key", "file_path": "file_path_key"}

# Table of the catalogue → the landed table of its rows.
CATALOG_TABLES = {name: f"catalog_{name.removeprefix('codegraphx_')}" for name in CATALOG_COLUMNS}


# What an artifact's row is asked: its place, which nothing else of the artifact has.
_PLACE = "artifact_path position"
# What the catalogue says once: the keys by which the models take one row of several.
_CATALOG_KEYS = {
    "codegraphx_enrichment": "source_path_key",
    "codegraphx_file_signals": "source_path_key file_path_key",
    "codegraphx_project_signals": "source_path_key",
    "codegraphx_project_intelligence": "source_path_key",
    "codegraphx_dependency_edges": "source_path_key file_path_key import_name",
    "codegraphx_call_edges": "source_path_key caller_uid callee_name callee_uid",
    "codegraphx_complexity_nodes": "source_path_key function_uid",
    "codegraphx_similarity_pairs": "source_path_key pair_type left_id right_id",
}


def _of_rows(**rules: Any) -> Rules:
    return Rules("codegraphx", _PLACE, **{"paths": "artifact_path", "counts": "position"} | rules)


def _of_catalog(name: str, columns: list[tuple[str, pa.DataType]]) -> Rules:
    numbers = [column for column, kind in columns if kind == _int and column != "id"]
    keys = [CATALOG_PATHS[column] for column, _ in columns if column in CATALOG_PATHS]
    return _of_rows(
        required=_CATALOG_KEYS.get(name, ""),
        counts=" ".join(["position", *numbers]),
        keys=" ".join(keys),
        json="more",
        # The catalogue's own scores have no bounds; what is added up must not leave 64 bits.
        more={
            f"{column}: too large": f"abs({column}) <= {MOST}"
            for column, kind in columns
            if kind == _real
        },
    )


def _catalog_table(name: str, columns: list[tuple[str, pa.DataType]]) -> Table:
    keys = [(CATALOG_PATHS[column], _text) for column, _ in columns if column in CATALOG_PATHS]
    return Table(
        CATALOG_TABLES[name],
        f"One row per row of the table {name} of a catalogue.",
        [*_IN_ARTIFACT, *columns, *keys, ("more", _JSON, "Other columns, as a JSON object.")],
        _of_catalog(name, columns),
    )


TABLES = declare(
    Table(
        "artifacts",
        "One row per artifact that is new or changed, or of which nothing could be read.",
        [
            ("artifact_path", pa.string()),
            ("path_bytes", pa.binary()),
            (
                "kind",
                pa.string(),
                (
                    "Scan, ast, events, snapshot, …: loaders.sources.codegraphx.artifact_formats; "
                    "catalog."
                ),
            ),
            ("state", pa.string()),
            ("reason", pa.string()),
            ("checkout_path", pa.string(), "Of the CodeGraphX checkout that holds it, else NULL."),
            ("sha256", pa.string()),
            ("size_bytes", pa.int64()),
            ("mtime_ns", pa.int64()),
            ("row_count", pa.int64()),
            ("quarantined_count", pa.int64()),
            (
                "variant",
                pa.string(),
                "What is old or odd about its form, comma-separated: bom, crlf, cut, bare_list …",
            ),
        ],
        Rules(
            "codegraphx",
            "artifact_path",
            required="state kind",
            words={"state": "landed quarantined"},
            paths="artifact_path checkout_path",
            counts="row_count quarantined_count",
            sizes="size_bytes",
        ),
    ),
    Table(
        "artifact_rejects",
        "One row per row of an artifact that is not what its format says.",
        [
            *_IN_ARTIFACT,
            ("reason", pa.string()),
            ("excerpt", pa.string()),
        ],
        # Of a catalogue the tables number their rows each for itself.
        _of_rows(repeats=True),
    ),
    Table(
        "artifact_pointers",
        "One row per path that an artifact or a catalogue row points at.",
        [
            *_IN_ARTIFACT,
            (
                "owner",
                pa.string(),
                "Key of the project or scope that it is said of, NULL where of none.",
            ),
            ("pointer", pa.string(), "Project_path, scan_artifact, merged_scan_file, scan_file, …"),
            ("path", pa.string()),
            ("path_key", pa.string()),
            ("is_promised", pa.bool_(), "False for what a dry run only planned."),
        ],
        Rules(
            "codegraphx",
            "artifact_path position pointer path",
            repeats=True,
            paths="artifact_path",
            counts="position",
            keys="path_key owner",
        ),
    ),
    Table(
        "path_looks",
        "One row per pointed-at path that was looked up, when the answer changed.",
        [
            ("path_key", pa.string()),
            ("state", pa.string()),
            ("reason", pa.string()),
            ("looked_at", _utc),
        ],
        Rules(
            "codegraphx",
            "path_key",
            required="state",
            words={"state": "there gone unknown"},
            moments="looked_at",
        ),
    ),
    Table(
        "codegraphx_scan_rows",
        "One row per row of such a file.",
        [
            *_IN_ARTIFACT,
            ("project", pa.string()),
            ("root", pa.string()),
            ("root_key", pa.string()),
            ("path", pa.string()),
            ("path_key", pa.string()),
            ("rel_path", pa.string()),
            ("ext", pa.string()),
            ("size_bytes", pa.int64()),
        ],
        _of_rows(required="path_key", keys="path_key root_key", sizes="size_bytes"),
    ),
    Table(
        "codegraphx_ast_rows",
        "One row per row of such a file.",
        [
            *_IN_ARTIFACT,
            ("project", pa.string()),
            ("path", pa.string()),
            ("path_key", pa.string()),
            ("rel_path", pa.string()),
            ("language", pa.string()),
            ("line_count", pa.int64()),
            ("functions", pa.list_(_name_and_line)),
            ("imports", pa.list_(pa.string())),
            ("calls", pa.list_(pa.string())),
            ("function_calls", pa.list_(_calls_of_function)),
        ],
        _of_rows(keys="path_key", counts="position line_count"),
    ),
    Table(
        "codegraphx_events",
        "One row per graph event, repetitions included; the ends are NULL for nodes, `uid` for edges.",
        [
            *_IN_ARTIFACT,
            ("kind", pa.string()),
            ("label", pa.string(), "Of the node, or the type of the edge."),
            ("uid", pa.string()),
            ("src_label", pa.string()),
            ("src_uid", pa.string()),
            ("dst_label", pa.string()),
            ("dst_uid", pa.string()),
            ("name", pa.string()),
            ("project", pa.string()),
            ("path", pa.string()),
            ("path_key", pa.string()),
            ("rel_path", pa.string()),
            ("language", pa.string()),
            ("line_count", pa.int64()),
            ("line", pa.int64()),
            ("file_uid", pa.string()),
            ("signature_hash", pa.string()),
        ],
        _of_rows(
            required="kind",
            words={"kind": "node edge"},
            keys="path_key",
            counts="position line_count line",
        ),
    ),
    Table(
        "codegraphx_snapshot_entries",
        "One row per identity in a snapshot or a load state.",
        [
            *_IN_ARTIFACT,
            ("identity", pa.string()),
            ("hash", pa.string()),
        ],
        _of_rows(required="identity"),
    ),
    Table(
        "codegraphx_reports",
        "One row per artifact that is one document: all of it but its long lists.",
        [
            *_IN_ARTIFACT,
            ("kind", pa.string()),
            ("document", _JSON),
        ],
        # One document an artifact: what is made of its lists takes the rest of it from here.
        Rules(
            "codegraphx",
            "artifact_path",
            required="kind document",
            paths="artifact_path",
            json="document",
        ),
    ),
    Table(
        "codegraphx_report_items",
        "One row per element of a long list of such a document.",
        [
            *_IN_ARTIFACT,
            ("kind", pa.string()),
            ("list", pa.string()),
            ("item", _JSON),
        ],
        Rules(
            "codegraphx",
            "artifact_path list position",
            required="kind item",
            paths="artifact_path",
            counts="position",
            json="item",
            more={
                "item: a stage without a name": (
                    "list <> 'stages' or coalesce(json_extract_string(item, '$.stage'), '') <> ''"
                )
            },
        ),
    ),
    Table(
        "codegraphx_search_rows",
        "One row per row of such a file.",
        [
            *_IN_ARTIFACT,
            ("name", pa.string()),
            ("path", pa.string()),
            ("uid", pa.string()),
            ("label", pa.string()),
            ("project", pa.string()),
            ("rel_path", pa.string()),
        ],
        _of_rows(),
    ),
    *(_catalog_table(name, columns) for name, columns in CATALOG_COLUMNS.items()),
    Table(
        "catalog_other_rows",
        "One row per row of a table that CodeGraphX does not make.",
        [
            *_IN_ARTIFACT,
            ("table_name", pa.string()),
            ("row", _JSON),
        ],
        Rules(
            "codegraphx",
            "artifact_path table_name position",
            paths="artifact_path",
            counts="position",
            json="row",
        ),
    ),
)
