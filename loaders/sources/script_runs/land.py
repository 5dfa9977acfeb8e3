"""Land the events of outside programs that wait in the landing zone, and note which runs died."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from loaders.base import clock
from loaders.base.processes import is_running
from loaders.sources.script_runs.run_events import RUN_EVENTS, runs_of
from loaders.sources.script_runs.tables import TABLES
from loaders.zone.event_spool import SpooledEvent, put_aside, spool_event, spooled_events
from loaders.zone.landed_rows import ReadableZone, rows_in_order
from loaders.zone.landing import LandingZone
from loaders.zone.runs import Run

ACTION = "events"
_MOMENTS = ("happened_at",)
_NEEDED = ("event_id", "event", "script_run_id")
_DOCUMENTS = ("attrs", "argv", "inputs", "outputs")


def land_events(zone: LandingZone, argv: Sequence[str]) -> Run | None:
    """Land every event that waits, as one run, and return it; None if none waits.

    Each event counts once: landed, or quarantined if it cannot be read. An event that landed in a
    run whose end was cut off lands twice, which the models see by its id. Raises Busy and
    LandingError.
    """
    if next(spooled_events(zone.path), None) is None and not _has_runs(zone):
        return None
    with zone.lock(ACTION, "landing events"):
        for mark in _died(zone):
            spool_event(zone.path, RUN_EVENTS, mark)
        events = list(spooled_events(zone.path))
        if not events:
            return None
        rows = [_row_of(event) for event in events]
        with zone.run(ACTION, argv) as run:
            run.table(RUN_EVENTS).append_rows([row for row in rows if row])
            for event, row in zip(events, rows, strict=True):
                if row:
                    run.counts.landed += 1
                else:
                    run.counts.quarantined += 1
                    reason = event.fault or "a field has another type"
                    run.problem(f"{put_aside(event)}: not an event that is known here: {reason}")
        for event, row in zip(events, rows, strict=True):
            if row:
                event.path.unlink(missing_ok=True)
        return run


def current_runs(zone: ReadableZone, waiting: Iterable[SpooledEvent]) -> dict[str, dict[str, Any]]:
    """Return the state of each run by its id, from the landed events and those *waiting*."""
    landed = {row["event_id"]: row for row in rows_in_order(zone, RUN_EVENTS)}
    spooled = {row["event_id"]: row for row in map(_row_of, waiting) if row}
    return runs_of((landed | spooled).values())


def _has_runs(zone: LandingZone) -> bool:
    return any(file.table == RUN_EVENTS for entry in zone.entries() for file in entry.files)


def _died(zone: LandingZone) -> list[dict[str, Any]]:
    """Return an event for each run of this machine whose process has died without an end."""
    dead = {run_id for run_id, state in _open_runs(zone).items() if _is_dead(state)}
    # An end that came while we looked has been written before its process died.
    return [
        {
            "event": "abandoned",
            "happened_at": clock.now().isoformat(),
            "script_run_id": run_id,
            "status": "abandoned",
        }
        for run_id in (sorted(dead & _open_runs(zone).keys()) if dead else ())
    ]


def _open_runs(zone: LandingZone) -> dict[str, dict[str, Any]]:
    return {
        run_id: state
        for run_id, state in current_runs(zone, spooled_events(zone.path)).items()
        if not state["ended_at"] and state.get("status") == "running"
    }


def _is_dead(state: Mapping[str, Any]) -> bool:
    if state.get("host") != socket.gethostname() or not state.get("process"):
        return False
    try:
        return not is_running(state["process"])
    except ValueError:
        return False


def _row_of(event: SpooledEvent) -> dict[str, Any] | None:
    """Return the row of *event*; None if it is damaged, or does not fit into its table."""
    import pyarrow as pa

    if event.fault or event.table != RUN_EVENTS or not isinstance(event.row, dict):
        return None
    try:
        row: dict[str, Any] = {
            name: clock.parse_naive_utc(value) if name in _MOMENTS else value
            for name, value in event.row.items()
        }
        pa.Table.from_pylist([row], TABLES[RUN_EVENTS].schema)
        for name in _DOCUMENTS:
            json.loads(row.get(name) or "null")
    except (ValueError, TypeError, OverflowError, RecursionError, pa.ArrowException):
        return None
    return row if all(isinstance(row.get(name), str) for name in _NEEDED) else None
