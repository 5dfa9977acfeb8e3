"""Builds small artifacts of every kind as CodeGraphX writes them, and reads the landed rows."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import worlds

from loaders.base.paths import PROJECT_ROOT
from loaders.sources.artifacts.path_keys import MappedPrefix
from loaders.sources.codegraphx.land import Summary, land_artifacts
from loaders.zone.landing import LandingZone
from loaders.zone.runs import Run

# Genuine output of the tool, if the machine has it.
SHARED = (
    Path(os.environ.get("META_SHARED_DIR") or PROJECT_ROOT.parent / "shared")
    / "data"
    / "codegraphx"
)

Row = dict[str, Any]

SCAN_ROW: Row = {
    "project": "app",
    "root": "/srv/app",
    "path": "/srv/app/main.py",
    "rel_path": "main.py",
    "ext": ".py",
    "size": 12,
}
AST_ROW: Row = {
    "project": "app",
    "path": "/srv/app/main.py",
    "rel_path": "main.py",
    "language": "python",
    "line_count": 3,
    "functions": [{"name": "main", "line": 1}],
    "imports": ["os"],
    "calls": ["print", "print"],
    "function_calls": [{"name": "main", "line": 1, "calls": ["print"]}],
}
EDGE: Row = {
    "kind": "edge",
    "type": "CONTAINS",
    "src_label": "Project",
    "src_uid": "app",
    "dst_label": "File",
    "dst_uid": "app:main.py",
    "props": {},
}
NODES: list[Row] = [
    {"kind": "node", "label": "Project", "uid": "app", "props": {"name": "app"}},
    {
        "kind": "node",
        "label": "File",
        "uid": "app:main.py",
        "props": {
            "uid": "app:main.py",
            "project": "app",
            "path": "/srv/app/main.py",
            "rel_path": "main.py",
            "language": "python",
            "line_count": 3,
        },
    },
    {
        "kind": "node",
        "label": "Function",
        "uid": "app:main.py:main:1",
        "props": {
            "uid": "app:main.py:main:1",
            "name": "main",
            "line": 1,
            "project": "app",
            "file_uid": "app:main.py",
            "signature_hash": "0" * 64,
        },
    },
    {
        "kind": "node",
        "label": "Symbol",
        "uid": "symbol:print",
        "props": {"uid": "symbol:print", "name": "print"},
    },
    {
        "kind": "node",
        "label": "Module",
        "uid": "module:os",
        "props": {"uid": "module:os", "name": "os"},
    },
]

LINES: dict[str, list[Row]] = {"scan": [SCAN_ROW], "ast": [AST_ROW], "events": [*NODES, EDGE]}

_LOAD_COUNTS = {
    "total_input_events": 9,
    "unique_events": 6,
    "loaded_events": 6,
    "skipped_events": 0,
}
_COUNTS = {"added": 1, "removed": 0, "changed": 0, "unchanged": 5, "old_total": 5, "new_total": 6}
HASHES = {"node:Project:app": "a" * 64, "edge:CONTAINS:Project:app:File:app:main.py": "b" * 64}

DOCUMENTS: dict[str, Any] = {
    "parse_meta": {"files_total": 1, "cache_hits": 0, "cache_misses": 1},
    "extract_meta": {
        "rows_total": 1,
        "cache_hits": 0,
        "cache_misses": 1,
        "relations": True,
        "events_total": 6,
    },
    "load_meta": {
        "events_file": "data/events.jsonl",
        "force_full": False,
        "fresh": False,
        **_LOAD_COUNTS,
        "loaded_nodes": 5,
        "loaded_edges": 1,
    },
    "load_state": {
        "hashes": HASHES,
        "records": {"node:Project:app": {"kind": "node"}},
        **_LOAD_COUNTS,
    },
    "pipeline_manifest": {
        "version": 1,
        "projects_config": "config/projects.yaml",
        "settings": "config/default.yaml",
        "projects": ["app"],
        "started_at": 1795208629.76,
        "ended_at": 1795208630.73,
        "status": "ok",
        "error": "",
        "stages": [
            {
                "stage": stage,
                "status": "skipped" if stage == "load" else "ok",
                "started_at": 1795208629.76,
                "ended_at": 1795208630.5,
                "duration_sec": 0.74,
                "output": f"data/{stage}.jsonl",
                "count": 1,
                "error": "",
            }
            for stage in ("scan", "load")
        ],
        "manifest_path": "data/pipeline_run_manifest.json",
    },
    "snapshot": {
        "snapshot_id": "20260101T000000Z-one",
        "created_at": "2026-01-01T00:00:00+00:00",
        "hashes": HASHES,
        "meta": {"hash_source": "events", "events_path": "data/events.jsonl", "events_hashed": 2},
    },
    "snapshot_report": {
        "old": "a",
        "new": "b",
        "counts": _COUNTS,
        "categories": [{"change": "added", "category": "node:File", "count": 1}],
    },
    "delta": {
        "old": "a",
        "new": "b",
        "counts": _COUNTS,
        "categories": [{"change": "added", "category": "node:File", "count": 1}],
        "changed_functions": [
            {
                "change": "added",
                "project": "app",
                "file": "main.py",
                "function": "main",
                "line": "1",
            }
        ],
        "changed_files": [{"change": "added", "project": "app", "file": "main.py"}],
    },
    "chunk_scan_summary": {
        "root": "/srv",
        "tag": "all",
        "chunk_size": 4,
        "total_projects_scanned": 2,
        "total_chunks": 2,
        "chunk_results": [
            {
                "chunk": f"chunk_0{number}",
                "status": status,
                "projects": ["app"],
                "project_roots": ["/srv/app"],
                "scan_file": f"/srv/codegraphx/data/all_chunks/chunk_0{number}/scan.jsonl",
                "rows": 1,
            }
            for number, status in ((1, "scanned"), (2, "planned_new"))
        ],
        "total_rows_raw": 1,
        "total_rows_merged_unique": 1,
        "merged_scan_file": "/srv/codegraphx/data/all_scan_complete/scan_merged_all.jsonl",
    },
    "campaign": {
        "campaign_id": "campaign_1",
        "created_at": "2026-01-01T00:00:00+00:00",
        "execute": True,
        "db_path": "/srv/project_catalog.db",
        "codegraphx_root": "/srv/codegraphx",
        "limit": 5,
        "min_lines": 1,
        "root_prefix": "",
        "include_enriched": False,
        "chunk_size": 6,
        "max_projects": 0,
        "tag_prefix": "campaign",
        "resume": False,
        "runs_total": 1,
        "runs_planned": 0,
        "runs_completed": 1,
        "runs_failed": 0,
        "runs_skipped_missing_path": 0,
        "failed": False,
        "manifest_path": "/srv/codegraphx/data/enrichment_campaigns/campaign_1.json",
        "runs": [
            {
                "candidate_index": 1,
                "name": "app",
                "path": "/srv/app",
                "tag": "campaign_01_app",
                "enrich_score": 1.5,
                "already_enriched": 0,
                "exists": True,
                "command": ["uv", "run"],
                "status": "completed",
                "started_at": "2026-01-01T00:00:00+00:00",
                "ended_at": "2026-01-01T00:00:01+00:00",
                "return_code": 0,
                "stdout_tail": "",
                "stderr_tail": "",
            }
        ],
    },
    "repo_enrichment_report": {
        "campaign": "batch",
        "generated_at_utc": "2026-01-01T00:00:00+00:00",
        "root": "/srv",
        "db": "/srv/project_catalog.db",
        "total": 1,
        "enriched": 1,
        "scanned_no_files": 0,
        "skipped": 0,
        "failed": 0,
        "items": [
            {
                "project_name": "app",
                "source_project": "repo_app",
                "source_path": "/srv/app",
                "status": "enriched",
                "scan_returncode": 0,
                "scan_file": "/srv/codegraphx/data/batch/app/scan.jsonl",
                "scan_file_count": 1,
                "scan_stdout_tail": "┏━┓\n\n�",
            }
        ],
    },
    "scan_summary": {
        "source_path": "/srv/app",
        "source_project": "repo_app",
        "scan_artifact": "/srv/codegraphx/data/batch/app/scan.jsonl",
        "scan_file_count": 1,
        "generated_at_utc": "2026-01-01T00:00:00+00:00",
    },
    "backlog": [
        {
            "name": "app",
            "path": "/srv/app",
            "file_count": 1,
            "line_count": 3,
            "has_readme": 1,
            "has_tests": 0,
            "has_git": 0,
            "has_ci_cd": 0,
            "has_docs": 0,
            "has_license": 0,
            "already_enriched": 0,
            "enrich_score": 1.026,
        }
    ],
    "collectors": {
        "status": "completed",
        "source_path": "/srv/app",
        "source_project": "app",
        "scan_artifact": "/srv/codegraphx/data/scan.jsonl",
        "min_score": 4.0,
        "files_analyzed": 1,
        "collector_files": 1,
        "collector_ratio": 1.0,
        "missing_files": 0,
        "skipped_by_filter": 0,
        "append_mode": False,
        "db_updated": True,
        "top_collectors": [
            {
                "file_path": "/srv/app/main.py",
                "language": "python",
                "collector_score": 5.5,
                "is_file_collector": 1,
                "evidence": ["walk"],
                "signal_walk": 1,
                "signal_read": 0,
                "signal_filter": 0,
                "signal_metadata": 0,
                "signal_aggregate": 0,
                "signal_fs_imports": 0,
                "signal_name_hint": 0,
            }
        ],
    },
    "intelligence": {
        "status": "completed",
        "source_path": "/srv/app",
        "source_project": "app",
        "scan_artifact": "/srv/codegraphx/data/scan.jsonl",
        "scan_rows": 1,
        "files_analyzed": 1,
        "functions_analyzed": 1,
        "dependency_edges": 1,
        "call_edges": 1,
        "internal_call_edges": 0,
        "avg_cyclomatic": 1,
        "max_cyclomatic": 1,
        "p95_cyclomatic": 1.0,
        "high_complexity_functions": 0,
        "file_similarity_pairs": 0,
        "function_similarity_pairs": 0,
        "max_call_chain_depth": 0,
        "missing_files": 0,
        "skipped_by_filter": 0,
        "db_updated": True,
        "append_mode": False,
    },
    "index_audit": {
        "existing_indexes": {
            "projects": [{"name": "i", "table": "projects", "columns": ["path"], "unique": True}]
        },
        "recommended_missing": [{"name": "j", "table": "projects", "columns": ["line_count"]}],
        "recommended_skipped": [],
    },
    "churn": {
        "since": "2026-01-01",
        "project_filter": "",
        "rows": [
            {
                "project": "app",
                "rel_path": "main.py",
                "functions": 1,
                "edges": 1,
                "commits": 0,
                "churn_lines": 0,
                "score": 3.0,
            }
        ],
    },
    "legacy_summary": {
        "source_path": "/srv/app",
        "phase1": {"ast_files": 1, "functions": 1, "classes": 0},
        "phase2": {"arch_nodes": 2, "hotspot_top10": [["main", 1]]},
        **{f"phase{number}": {} for number in range(3, 7)},
        "phase7": {"repo_fingerprint": "c" * 64, "performance": {"phase1_parsing": "849.5ms"}},
    },
}

# A name by which each is known where its content cannot say.
NAMES = {
    "scan": "scan.jsonl",
    "ast": "ast.jsonl",
    "events": "events.jsonl",
    "parse_meta": "parse.meta.json",
    "extract_meta": "extract.meta.json",
    "load_meta": "load.meta.json",
    "load_state": "load.state.json",
    "pipeline_manifest": "pipeline_run_manifest.json",
    "snapshot": "20260101T000000Z-one.json",
    "snapshot_report": "snapshot_report.json",
    "delta": "delta.json",
    "chunk_scan_summary": "scan_summary_all.json",
    "campaign": "campaign_1.json",
    "repo_enrichment_report": "repo_enrichment_batch_report.json",
    "scan_summary": "scan_summary.json",
    "backlog": "enrichment_backlog.json",
    "collectors": "workspace_collectors.json",
    "intelligence": "workspace_intelligence.json",
    "index_audit": "sqlite_index_audit_report.json",
    "churn": "churn_hotspots.json",
    "legacy_summary": "pipeline7_summary.json",
}


def lines(rows: Iterable[Any]) -> bytes:
    """Return *rows* as CodeGraphX writes them, one a line."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def content(kind: str) -> bytes:
    """Return the bytes of a small artifact of *kind*."""
    if kind in LINES:
        return lines(LINES[kind])
    return json.dumps(DOCUMENTS[kind], indent=2, ensure_ascii=False).encode()


def write(path: Path, raw: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(raw)
    return path


def land(
    zone: LandingZone, *given: Path, prefixes: Mapping[str, Path] | None = None, **how: Any
) -> tuple[Run, Summary]:
    """Land the artifacts at *given*."""
    mapped = [MappedPrefix(old, os.fsencode(new)) for old, new in (prefixes or {}).items()]
    return land_artifacts(
        zone, [os.fsencode(path) for path in given], ["test"], prefixes=mapped, **how
    )


def landed(zone: LandingZone, table: str, run: Run | None = None) -> list[Row]:
    """Return the rows of *table* in the order in which they landed, of one run or of all."""
    return worlds.landed(zone, table, run and run.run_id)


def without_run(rows: Iterable[Row], *names: str) -> list[Row]:
    return [
        {name: value for name, value in row.items() if name not in ("run_id", *names)}
        for row in rows
    ]


# -- databases -------------------------------------------------------------------------------------

PROJECTS = (
    "create table projects (name text, path text unique, file_count integer, line_count integer,"
    " has_readme integer, has_tests integer, has_git integer, has_ci_cd integer, has_docs"
    " integer, has_license integer)"
)
SIGNALS = (
    "create table codegraphx_project_signals (source_path text primary key, source_project text"
    " not null, files_analyzed integer not null, collector_files integer not null,"
    " collector_ratio real not null, min_score real not null, scan_artifact text not null,"
    " top_collectors_json text not null, created_at text not null default current_timestamp,"
    " updated_at text not null default current_timestamp)"
)
A_PROJECT = "insert into projects values ('app', '/srv/app', 1, 3, 1, 0, 0, 0, 0, 0)"
A_SIGNAL = (
    "insert into codegraphx_project_signals values"
    " ('/srv/app', 'app', 1, 1, 1.0, 4, '/srv/codegraphx/data/scan.jsonl', '[]',"
    " '2026-01-01 00:00:00', '2026-01-01 00:00:00')"
)
SEARCH = (
    (
        "create virtual table nodes_fts using fts5(name, path, uid unindexed, label unindexed,"
        " project unindexed, rel_path unindexed, tokenize = 'ascii')"
    ),
    "create table search_meta (key text primary key, value text not null)",
    "insert into search_meta values ('events_path', 'data/events.jsonl')",
    "insert into nodes_fts values ('main', '', 'app:main.py:main:1', 'Function', 'app', '')",
    (
        "insert into nodes_fts values ('', '/srv/app/main.py', 'app:main.py', 'File', 'app',"
        " 'main.py')"
    ),
)


def database(path: Path, *statements: str) -> Path:
    """Make a SQLite database at *path* by *statements*."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)
    return path


def catalog(path: Path, *more: str) -> Path:
    """Make a small catalogue at *path*."""
    return database(path, PROJECTS, SIGNALS, A_PROJECT, A_SIGNAL, *more)


Spoil = Callable[[bytes], bytes]
