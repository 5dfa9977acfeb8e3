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
        with zone.run(ACTION, argv) as run:
            landed = [event for event in events if _is_valid(event)]
            run.table(RUN_EVENTS).append_rows([_typed(event.row or {}) for event in landed])
            run.counts.landed += len(landed)
            for event in events:
                if not _is_valid(event):
                    run.counts.quarantined += 1
                    reason = event.fault or "a field has another type"
                    run.problem(f"{put_aside(event)}: not an event that is known here: {reason}")
        for event in landed:
            event.path.unlink(missing_ok=True)
        return run


def current_runs(zone: ReadableZone, waiting: Iterable[SpooledEvent]) -> dict[str, dict[str, Any]]:
    """Return the state of each run by its id, from the landed events and those *waiting*."""
    landed = {row["event_id"]: row for row in rows_in_order(zone, RUN_EVENTS)}
    spooled = {
        row["event_id"]: _typed(row) for event in waiting if _is_valid(event) and (row := event.row)
    }
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


def _is_valid(event: SpooledEvent) -> bool:
    if event.fault or event.table != RUN_EVENTS or not isinstance(event.row, dict):
        return False
    try:
        _checked(event.row)
    except (ValueError, TypeError, OverflowError):
        return False
    return True


def _checked(row: Mapping[str, Any]) -> None:
    """Raise ValueError or TypeError unless *row* fits into its table."""
    import pyarrow as pa

    for item in TABLES[RUN_EVENTS].schema:
        if item.name != "run_id":
            try:
                pa.array([_typed(row).get(item.name)], item.type)
            except pa.ArrowException as error:
                raise ValueError(str(error)) from None
    for name in ("event_id", "event", "script_run_id"):
        if not isinstance(row.get(name), str):
            raise ValueError(f"{name} is missing")
    for name in ("attrs", "argv", "inputs", "outputs"):
        if row.get(name) is not None:
            json.loads(row[name])


def _typed(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: clock.parse_naive_utc(value) if name in _MOMENTS else value
        for name, value in row.items()
    }
