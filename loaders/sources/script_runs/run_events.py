"""The events of runs of outside programs, and the state that the events of a run add up to.

Fields and statuses are those of the run store of the first source document, with what a wrapped
command adds. Nothing here imports an engine: scripts write events through `enrich.runs`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

RUN_EVENTS = "run_events"
EVENTS = "started updated ended abandoned"
STATUSES = "running completed failed abandoned"


# Columns of an event that are not of the run; `run_id` is the run that landed it.
_OF_THE_EVENT = {"event_id", "event", "happened_at", "run_id"}
_ORDER = {event: place for place, event in enumerate(EVENTS.split())}


def runs_of(events: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the state of each run that *events* are about.

    The last value of a field counts. A run whose process died is abandoned until an end of it
    comes after all.
    """
    found: dict[str, dict[str, Any]] = {}
    for event in sorted(events, key=_place):
        state = found.setdefault(event["script_run_id"], {"started_at": None, "ended_at": None})
        if event["event"] == "abandoned" and state["ended_at"]:
            continue
        state |= {
            name: value
            for name, value in event.items()
            if value is not None and name not in _OF_THE_EVENT
        }
        if event["event"] == "started":
            state["started_at"] = event["happened_at"]
        elif event["event"] == "ended":
            state["ended_at"] = event["happened_at"]
    return found


def _place(event: Mapping[str, Any]) -> tuple[Any, int, str]:
    """Return what orders events: of one moment, a start comes before an end."""
    return event["happened_at"], _ORDER.get(event["event"], 0), event["event_id"]
