"""Compares two published files; it alone defines what may differ (contract: Equal tables)."""

from __future__ import annotations

from pathlib import Path

import duckdb

RELATIONS = (
    "projects",
    "files",
    "packages",
    "project_dependencies",
    "project_dependants",
    "ingest_runs",
    "gap_findings",
    "action_queue",
    "codegraphx_projects",
    "codegraphx_enrichment",
    "codegraphx_file_signals",
    "codegraphx_project_signals",
    "codegraphx_project_intelligence",
    "codegraphx_dependency_edges",
    "codegraphx_call_edges",
    "codegraphx_complexity_nodes",
    "codegraphx_similarity_pairs",
    "codegraphx_artifacts",
    "codegraphx_scan_files",
    "codegraphx_events",
    "codegraphx_stage_counts",
    "codegraphx_snapshot_deltas",
    "codegraphx_churn",
    "codegraphx_campaign_runs",
    "codegraphx_backlog_items",
    "commits",
    "git_commits",
    "git_refs",
    "file_versions",
    "v_project_health",
    "v_index_coverage",
    "v_collector_projects",
    "v_gap_backlog",
    "v_gap_history",
    "v_waivers",
    "v_next_actions",
    "v_priority_sensitivity",
    "v_success_metrics",
)
# Over different sets of runs: the runs, when they looked, and what is computed from when they
# looked.
RUN_RELATIONS = ("ingest_runs", "v_success_metrics")
RUN_COLUMNS = {
    "source_run_id",
    "last_seen",
    "last_crawled_at",
    "last_scanned_at",
    "scan_age_days",
    "age_days",
    "health_freshness",
    "health_activity",
    "health_tests",
    "health_docs",
    "health_gaps",
    "health_score",
    "freshness_penalty",
    "priority",
    "rank",
    "changed_priority",
    "changed_rank",
    "rank_change",
    "rationale",
}


def differences(left: Path, right: Path, *, same_runs: bool) -> list[str]:
    """Return a line per relation whose rows differ; *same_runs* allows nothing to differ."""
    found = []
    with duckdb.connect() as db:
        db.execute(f"attach '{left}' as one (read_only)")
        db.execute(f"attach '{right}' as other (read_only)")
        for relation in RELATIONS:
            if not same_runs and relation in RUN_RELATIONS:
                continue
            columns = [row[0] for row in db.execute(f"describe one.main.{relation}").fetchall()]
            kept = ", ".join(name for name in columns if same_runs or name not in RUN_COLUMNS)
            for here, there in (("one", "other"), ("other", "one")):
                query = (
                    f"select {kept} from {here}.main.{relation} except all select {kept} from"
                    f" {there}.main.{relation}"
                )
                rows = db.execute(query).fetchall()
                if rows:
                    found.append(f"{relation}: {len(rows)} rows only in {here}: {kept}: {rows[:2]}")
    return found
