"""The tables of a catalogue with the columns of CodeGraphX 0.3.0."""

from __future__ import annotations

import pyarrow as pa

TEXT, INT, REAL = pa.string(), pa.int64(), pa.float64()


def _of(kind: pa.DataType, names: str) -> list[tuple[str, pa.DataType]]:
    return [(name, kind) for name in names.split()]


# Table of the catalogue → its columns. Values of other columns land in `more` (JSON), and the keys
# of paths in columns of their own. Times land as text without a zone, which is in UTC.
CATALOG_COLUMNS: dict[str, list[tuple[str, pa.DataType]]] = {
    "projects": [
        *_of(TEXT, "name path"),
        *_of(
            INT,
            "file_count line_count has_readme has_tests has_git has_ci_cd has_docs has_license",
        ),
    ],
    "codegraphx_enrichment": [
        *_of(INT, "id"),
        *_of(TEXT, "source_path source_project"),
        *_of(INT, "scan_file_count parse_record_count event_count node_count edge_count"),
        *_of(INT, "project_nodes file_nodes function_nodes symbol_nodes module_nodes"),
        *_of(INT, "contains_edges defines_edges calls_edges imports_edges calls_function_edges"),
        *_of(
            TEXT,
            "scan_artifact ast_artifact events_artifact settings_path config_path created_at"
            " updated_at",
        ),
        *_of(TEXT, "pipeline7_summary_artifact phase7_repo_fingerprint phase7_performance_json"),
    ],
    "codegraphx_file_signals": [
        *_of(INT, "id"),
        *_of(TEXT, "source_path source_project file_path language"),
        *_of(REAL, "collector_score"),
        *_of(
            INT,
            "is_file_collector signal_walk signal_read signal_filter signal_metadata"
            " signal_aggregate",
        ),
        *_of(INT, "signal_fs_imports signal_name_hint"),
        *_of(TEXT, "evidence_json created_at updated_at"),
    ],
    "codegraphx_project_signals": [
        *_of(TEXT, "source_path source_project"),
        *_of(INT, "files_analyzed collector_files"),
        *_of(REAL, "collector_ratio min_score"),
        *_of(TEXT, "scan_artifact top_collectors_json created_at updated_at"),
    ],
    "codegraphx_project_intelligence": [
        *_of(TEXT, "source_path source_project"),
        *_of(
            INT,
            "files_analyzed functions_analyzed dependency_edges call_edges internal_call_edges",
        ),
        *_of(REAL, "avg_cyclomatic"),
        *_of(INT, "max_cyclomatic"),
        *_of(REAL, "p95_cyclomatic"),
        *_of(
            INT,
            "high_complexity_functions file_similarity_pairs function_similarity_pairs"
            " max_call_chain_depth",
        ),
        *_of(TEXT, "scan_artifact created_at updated_at"),
    ],
    "codegraphx_dependency_edges": [
        *_of(INT, "id"),
        *_of(TEXT, "source_path source_project file_path import_name"),
        *_of(INT, "is_internal import_count"),
        *_of(TEXT, "created_at updated_at"),
    ],
    "codegraphx_call_edges": [
        *_of(INT, "id"),
        *_of(TEXT, "source_path source_project caller_uid caller_file callee_name callee_uid"),
        *_of(INT, "is_internal call_count"),
        *_of(TEXT, "created_at updated_at"),
    ],
    "codegraphx_complexity_nodes": [
        *_of(INT, "id"),
        *_of(TEXT, "source_path source_project file_path function_uid function_name"),
        *_of(INT, "start_line end_line"),
        *_of(TEXT, "language"),
        *_of(INT, "cyclomatic call_count"),
        *_of(TEXT, "created_at updated_at"),
    ],
    "codegraphx_similarity_pairs": [
        *_of(INT, "id"),
        *_of(TEXT, "source_path source_project pair_type left_id right_id"),
        *_of(REAL, "similarity"),
        *_of(TEXT, "evidence_json created_at updated_at"),
    ],
}

# Column with the path of a project or a file → column of its key.
CATALOG_PATHS = {"path": "path_key", "source_path": "source_path_key", "file_path": "file_path_key"}

# Table of the catalogue → the landed table of its rows.
CATALOG_TABLES = {name: f"catalog_{name.removeprefix('codegraphx_')}" for name in CATALOG_COLUMNS}
