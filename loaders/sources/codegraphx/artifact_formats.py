"""The formats of the artifacts of CodeGraphX, which are recognised by keys, not by name.

A missing field is NULL and its absence is a variant, because older versions wrote fewer fields. A
field of another type makes the row or document invalid. Source: CodeGraphX 0.3.0 and its history.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

import pyarrow as pa

from loaders.sources.codegraphx.field_types import Fields
from loaders.sources.codegraphx.field_types import fields as fields_of

# -- formats of many rows, one JSON object per line ------------------------------------------------


@dataclass(frozen=True)
class Lines:
    """A JSONL format. Rows are recognised by `keys`, and empty files by `names`."""

    kind: str
    table: str  # where its rows land
    keys: Set[str]
    fields: Fields
    names: tuple[str, ...] = ()

    @property
    def schema(self) -> pa.Schema:
        return pa.schema(list(self.fields.items()))


_function = fields_of(text="name", integer="line")

SCAN = Lines(
    "scan",
    "codegraphx_scan_rows",
    {"path", "rel_path", "ext", "size"},
    fields_of(text="project root path rel_path ext", integer="size"),
    ("scan.jsonl", "scan_*.jsonl"),
)
AST = Lines(
    "ast",
    "codegraphx_ast_rows",
    {"language", "functions", "imports"},
    {
        **fields_of(
            text="project path rel_path language", integer="line_count", texts="imports calls"
        ),
        "functions": pa.list_(pa.struct(_function)),
        "function_calls": pa.list_(pa.struct(_function | fields_of(texts="calls"))),
    },
    ("ast.jsonl", "ast_*.jsonl"),
)
# The rows of CodeGraphX up to 0.2.0, with fewer fields.
OLD_AST = Lines(
    "ast",
    "codegraphx_ast_rows",
    {"path", "root_type", "bytes"},
    fields_of(text="project path rel_path language kind root_type error", integer="bytes"),
)
# Nodes have a label, a uid and properties; edges have a type and two ends (see events.py).
EVENTS = Lines(
    "events",
    "codegraphx_events",
    {"kind", "props"},
    {
        **fields_of(text="kind label uid type src_label src_uid dst_label dst_uid"),
        "props": pa.struct(
            fields_of(
                text="uid name project path rel_path language file_uid signature_hash",
                integer="line_count line",
            )
        ),
    },
    ("events.jsonl", "events_*.jsonl"),
)

LINES = (SCAN, AST, OLD_AST, EVENTS)


# -- formats of one document -----------------------------------------------------------------------


@dataclass(frozen=True)
class Document:
    """A format of one JSON object. It has all of `keys` and none of `without`."""

    kind: str
    keys: Set[str]  # empty if the document is a list
    fields: Fields = field(default_factory=dict)
    # List → fields of its elements, for lists of any length; the elements land as items.
    lists: Mapping[str, Fields] = field(default_factory=dict)
    without: Set[str] = frozenset()
    # Whether it contains identities and their hashes, which land as entries.
    has_hashes: bool = False
    # Keys of the elements if the document is a bare list, as in some versions; they are `items`.
    element_keys: Set[str] = frozenset()
    names: tuple[str, ...] = ()

    def may_have(self, keys: Set[str]) -> bool:
        """Return whether an incomplete document with these *keys* may have this format."""
        known = self.keys | self.fields.keys() | self.lists.keys()
        return not keys.isdisjoint(self.keys) and keys <= known


_load_counts = "total_input_events unique_events loaded_events skipped_events"
_change = fields_of(text="change category", integer="count")
_change_counts = pa.struct(fields_of(integer="added removed changed unchanged old_total new_total"))

DOCUMENTS = (
    Document(
        "parse_meta",
        {"files_total", "cache_hits", "cache_misses"},
        fields_of(integer="files_total cache_hits cache_misses"),
        names=("parse.meta.json",),
    ),
    Document(
        "extract_meta",
        {"rows_total", "events_total"},
        fields_of(integer="rows_total cache_hits cache_misses events_total", boolean="relations"),
        names=("extract.meta.json",),
    ),
    Document(
        "load_meta",
        {"events_file", "loaded_events"},
        fields_of(
            text="events_file",
            boolean="force_full fresh",
            integer=f"{_load_counts} loaded_nodes loaded_edges",
        ),
        names=("load.meta.json",),
    ),
    Document(
        "load_state",
        {"hashes", "unique_events"},
        fields_of(integer=_load_counts),
        without={"snapshot_id"},
        has_hashes=True,
        names=("load.state.json",),
    ),
    Document(
        "pipeline_manifest",
        {"stages", "projects_config"},
        fields_of(
            integer="version",
            text="projects_config settings status error manifest_path",
            texts="projects",
            number="started_at ended_at",
        ),
        {
            "stages": fields_of(
                text="stage status output error",
                number="started_at ended_at duration_sec",
                integer="count",
            )
        },
        names=("pipeline_run_manifest*.json",),
    ),
    Document(
        "snapshot",
        {"snapshot_id", "hashes"},
        fields_of(text="snapshot_id created_at", object="meta"),
        has_hashes=True,
        names=("[0-9]*T[0-9]*Z.json", "[0-9]*T[0-9]*Z-*.json"),
    ),
    Document(
        "delta",
        {"old", "new", "counts", "changed_files"},
        {**fields_of(text="old new"), "counts": _change_counts},
        {
            "categories": _change,
            "changed_functions": fields_of(text="change project file function line"),
            "changed_files": fields_of(text="change project file"),
        },
        names=("delta.json", "delta_*.json"),
    ),
    Document(
        "snapshot_report",
        {"old", "new", "counts", "categories"},
        {**fields_of(text="old new"), "counts": _change_counts},
        {"categories": _change},
        without={"changed_files"},
        names=("snapshot_report*.json",),
    ),
    Document(
        "chunk_scan_summary",
        {"chunk_results", "merged_scan_file"},
        fields_of(
            text="root tag merged_scan_file",
            integer="chunk_size total_projects_scanned total_chunks total_rows_raw"
            " total_rows_merged_unique",
        ),
        {
            "chunk_results": fields_of(
                text="chunk status scan_file", texts="projects project_roots", integer="rows"
            )
        },
        names=("scan_summary_*.json",),
    ),
    Document(
        "campaign",
        {"campaign_id", "runs"},
        fields_of(
            text="campaign_id created_at db_path codegraphx_root root_prefix tag_prefix"
            " manifest_path",
            boolean="execute include_enriched resume failed",
            integer="limit min_lines chunk_size max_projects runs_total runs_planned"
            " runs_completed runs_failed runs_skipped_missing_path",
        ),
        {
            "runs": fields_of(
                text="name path tag status started_at ended_at stdout_tail stderr_tail",
                integer="candidate_index return_code",
                number="enrich_score",
                flag="already_enriched exists",
                texts="command",
            )
        },
        names=("campaign_*.json",),
    ),
    Document(
        "repo_enrichment_report",
        {"campaign", "items"},
        fields_of(
            text="campaign generated_at_utc root db",
            integer="total enriched scanned_no_files skipped failed",
        ),
        {
            "items": fields_of(
                text="project_name label source_project source_path status scan_file scan_artifact"
                " project_config settings_config scan_stdout_tail scan_stderr_tail"
                " collectors_stdout_tail collectors_stderr_tail"
                " intelligence_stdout_tail intelligence_stderr_tail",
                integer="scan_returncode scan_file_count scan_count collectors_returncode"
                " intelligence_returncode",
                boolean="exists",
            )
        },
        element_keys={"source_path", "source_project", "status"},
        names=("*_enrichment_*report*.json",),
    ),
    Document(
        "scan_summary",
        {"source_path", "scan_artifact", "scan_file_count"},
        fields_of(
            text="source_path source_project scan_artifact generated_at_utc",
            integer="scan_file_count",
        ),
        names=("scan_summary.json",),
    ),
    Document(
        "backlog",
        frozenset(),
        lists={
            "items": fields_of(
                text="name path",
                integer="file_count line_count",
                flag="has_readme has_tests has_git has_ci_cd has_docs has_license already_enriched",
                number="enrich_score",
            )
        },
        element_keys={"name", "path", "enrich_score"},
        names=("enrichment_backlog*.json",),
    ),
    Document(
        "collectors",
        {"source_path", "collector_files", "top_collectors"},
        fields_of(
            text="status source_path source_project scan_artifact",
            number="min_score collector_ratio",
            integer="files_analyzed collector_files missing_files skipped_by_filter",
            boolean="append_mode db_updated",
        ),
        {
            "top_collectors": fields_of(
                text="file_path language",
                number="collector_score",
                flag="is_file_collector signal_walk signal_read signal_filter signal_metadata"
                " signal_aggregate signal_fs_imports signal_name_hint",
                texts="evidence",
            )
        },
        names=("*_collectors.json",),
    ),
    Document(
        "intelligence",
        {"source_path", "functions_analyzed", "call_edges"},
        fields_of(
            text="status source_path source_project scan_artifact",
            integer="scan_rows files_analyzed functions_analyzed dependency_edges call_edges"
            " internal_call_edges max_cyclomatic high_complexity_functions file_similarity_pairs"
            " function_similarity_pairs max_call_chain_depth missing_files skipped_by_filter",
            number="avg_cyclomatic p95_cyclomatic",
            boolean="db_updated append_mode",
        ),
        names=("*_intelligence*.json",),
    ),
    Document(
        "index_audit",
        {"existing_indexes", "recommended_missing"},
        fields_of(object="existing_indexes"),
        {
            "recommended_missing": fields_of(text="name table", texts="columns"),
            "recommended_skipped": fields_of(text="name table reason", texts="columns"),
            "applied": {},
        },
        names=("sqlite_index_audit*.json",),
    ),
    Document(
        "churn",
        {"since", "project_filter", "rows"},
        fields_of(text="since project_filter"),
        {
            "rows": fields_of(
                text="project rel_path",
                integer="functions edges commits churn_lines",
                number="score",
            )
        },
        names=("churn_hotspots*.json",),
    ),
    Document(
        "legacy_summary",
        {"source_path", "phase1", "phase2"},
        fields_of(text="source_path", object="phase1 phase2 phase3 phase4 phase5 phase6 phase7"),
        names=("pipeline7_summary.json",),
    ),
)


# -- recognition -----------------------------------------------------------------------------------


def lines_with(keys: Set[str]) -> Lines | None:
    """Return the JSONL format whose rows have *keys*."""
    return next((one for one in LINES if one.keys <= keys), None)


def document_with(keys: Set[str], element_keys: Set[str] = frozenset()) -> Document | None:
    """Return the format of a document with these top-level *keys*, or a list of such elements."""
    for one in DOCUMENTS:
        if one.keys and one.keys <= keys and one.without.isdisjoint(keys):
            return one
        if one.element_keys and one.element_keys <= element_keys:
            return one
    return None


def document_begun_with(keys: Set[str]) -> Document | None:
    """Return the likely format of a document that ends after *keys*."""
    return document_with(keys) or next((one for one in DOCUMENTS if one.may_have(keys)), None)


def named(name: str) -> Lines | Document | None:
    """Return the format by the file name *name*, for content without any keys."""
    return next(
        (one for one in (*LINES, *DOCUMENTS) if any(fnmatchcase(name, mask) for mask in one.names)),
        None,
    )
