"""The memory of a build: it lands the changes that it found and that no other build has recorded
meanwhile.

Several published files may be built over one landing zone. Each build compares with what was
remembered when it read the log; what another one has recorded since is not in that. Under a lock of
the zone, an event about a subject (a finding, an action, a rule, a measure, a project) of which a
later run of the log tells is therefore dropped: that run was the first to record the change, or has
seen a newer world. The next build compares with both, and records what still differs.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from loaders.base.engine_paths import plain_path
from loaders.base.sealed import open_file
from loaders.zone.commit_log import LogEntry
from loaders.zone.landed_rows import python_rows
from loaders.zone.landing import LandingError, LandingZone
from loaders.zone.tables import TABLES

ACTION = "observe"
_MODELS = {
    "finding_events": "int_gaps__finding_changes",
    "action_events": "int_actions__changes",
    "rule_observations": "int_memory__rule_changes",
    "metric_observations": "int_memory__metric_changes",
    "project_observations": "int_health__project_changes",
    "technology_snapshots": "int_technologies__snapshot_changes",
}
# The subject of an event: of those about the same one, the order in the log decides.
_SUBJECT = {
    "finding_events": ("finding_id",),
    "action_events": ("action_id",),
    "rule_observations": ("gap_type",),
    "metric_observations": ("week_start", "metric"),
    "project_observations": ("project_id",),
    # Two builds would give their snapshots the same number.
    "technology_snapshots": ("project_id",),
}


class Observed(NamedTuple):
    """How many changes landed, and the run that landed them; None if there was none."""

    changes: int
    run_id: str | None


def observe(
    draft: Path, zone: LandingZone, argv: Sequence[str], landed_up_to: int, landed_last: str | None
) -> Observed:
    """Land what the build in *draft* sees differently from what is remembered.

    *landed_up_to* and *landed_last* are number and run id of the newest entry of the log that the
    build read, 0 and None for none. Raises LandingError if the log is another one by now.
    """
    changes = _changes(draft)
    if not changes:
        return Observed(0, None)
    with zone.lock(ACTION, "recording what a build observed").acquire(wait=True):
        entries = zone.entries()
        newest_read = entries[landed_up_to - 1].run_id if 0 < landed_up_to <= len(entries) else None
        if newest_read != landed_last:
            raise LandingError(
                f"{zone.path}: is not the landing zone that this build read; build again"
            )
        changes = _not_recorded_since(changes, entries, landed_up_to)
        if not changes:
            return Observed(0, None)
        with zone.run(ACTION, argv) as run:
            for table, rows in changes.items():
                run.table(table).append(
                    {name: rows[name].to_pylist() for name in rows.column_names}
                )
                run.counts.landed += rows.num_rows
    return Observed(run.counts.landed, run.run_id)


def _changes(draft: Path) -> dict[str, pa.Table]:
    """Return table → the changes that the build in *draft* saw, of those tables that have any."""
    changes: dict[str, pa.Table] = {}
    with duckdb.connect(plain_path(draft), read_only=True) as db:
        for table, model in _MODELS.items():
            names = [item.name for item in TABLES[table].schema if item.name != "run_id"]
            query = f"select {', '.join(names)} from internal.{model} order by all"
            rows = db.sql(query).to_arrow_table()
            if rows.num_rows:
                changes[table] = rows
    return changes


def _not_recorded_since(
    changes: dict[str, pa.Table], entries: Sequence[LogEntry], landed_up_to: int
) -> dict[str, pa.Table]:
    """Return *changes* less the events about subjects that a build after number *landed_up_to*
    has recorded.
    """
    later = entries[landed_up_to:]
    # A compaction lands older events again, under the ids of their own runs.
    runs = {entry.run_id for entry in later if entry.action == ACTION}
    if not runs:
        return changes
    kept: dict[str, pa.Table] = {}
    for table, rows in changes.items():
        key = _SUBJECT[table]
        recorded = set()
        for file in (file for entry in later for file in entry.files if file.table == table):
            with open_file(file.path) as opened:
                seen = python_rows(pq.ParquetFile(opened).read(columns=["run_id", *key]))
            recorded |= {tuple(row[name] for name in key) for row in seen if row["run_id"] in runs}
        subjects = zip(*(rows[name].to_pylist() for name in key), strict=True)
        rows = rows.filter(pa.array([subject not in recorded for subject in subjects], pa.bool_()))
        if rows.num_rows:
            kept[table] = rows
    return kept
