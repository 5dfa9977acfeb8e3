"""Compares two published files; it alone defines what may differ (contract: Equal tables)."""

from __future__ import annotations

from pathlib import Path

import duckdb
from contract_layers import committed

RELATIONS = tuple(committed())
# These may differ over different sets of runs: the runs, their times, and what follows from them.
RUN_RELATIONS = ("ingest_runs", "v_success_metrics")
RUN_COLUMNS = {
    "source_run_id",
    # The id of a rejected row contains the run that landed it.
    "reject_id",
    "landed_at",
    "read_at",
    "facts_at",
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
    "points",
    "maximum",
    "v_health_terms.reason",
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
            kept = ", ".join(
                name
                for name in columns
                if same_runs or not {name, f"{relation}.{name}"} & RUN_COLUMNS
            )
            for here, there in (("one", "other"), ("other", "one")):
                ours, theirs = (
                    f"select {kept} from {side}.main.{relation}" for side in (here, there)
                )
                query = f"{ours} except all {theirs}"
                rows = db.execute(query).fetchall()
                if rows:
                    found.append(f"{relation}: {len(rows)} rows only in {here}: {kept}: {rows[:2]}")
    return found
