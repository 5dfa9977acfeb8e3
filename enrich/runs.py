"""Records the runs of your own scripts, from any process, also while a refresh is under way.

from enrich.runs import run
with run("embed", config={"model": "m3"}) as current:
    current.rows_out = embed()

`get_run` shows a run immediately, and `ingest_runs` has it after the next refresh. A run whose
process ends without an end of the run is shown as abandoned. `TRACEPARENT` (W3C Trace Context) and
`META_RUN_ID` of the environment name the trace and the parent; pass `environment(run_id)` to what
you start.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import re
import secrets
import socket
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from loaders.base import clock
from loaders.base.errors import LandingError
from loaders.base.paths import locations
from loaders.base.processes import mark_of
from loaders.base.secret_forms import masked, masked_value
from loaders.sources.script_runs.run_events import RUN_EVENTS
from loaders.zone.event_spool import spool_event, spooled_events

P = ParamSpec("P")
T = TypeVar("T")

TRACEPARENT, RUN_ID = "TRACEPARENT", "META_RUN_ID"
# https://www.w3.org/TR/trace-context/#traceparent-header-field-values
_TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(-.*)?"
)
_LONGEST_ERROR = 4000

# Span of each run that this process has started, and when, by a clock that never goes back.
_started: dict[str, tuple[str, str, float]] = {}


class NoSuchRun(KeyError):
    """No run has this id."""

    def __str__(self) -> str:
        return str(self.args[0])


def start_run(
    stage: str,
    *,
    tenant_id: str | None = None,
    parent_run_id: str | None = None,
    code_ref: str | None = None,
    config: Any = None,
    config_hash: str | None = None,
    rows_in: int | None = None,
    inputs: Sequence[str] = (),
    attrs: Mapping[str, Any] | None = None,
    argv: Sequence[str] | None = None,
    pid: int | None = None,
) -> str:
    """Record that a run of *stage* starts now, and return its id, a UUID.

    *config* is anything that JSON can hold; only its SHA-256 is kept. *inputs* names the files,
    tables or URLs that the run reads. The run is abandoned if the process *pid* (default: this one)
    dies without its end. Raises ValueError for a wrong value, OSError.
    """
    run_id = str(uuid.uuid4())
    trace_id, parent_span = _trace()
    span_id = secrets.token_hex(8)
    _started[run_id] = (trace_id, span_id, time.monotonic())
    _spool(
        "started",
        run_id,
        stage=_text("stage", stage),
        status="running",
        tenant_id=tenant_id,
        parent_run_id=parent_run_id or os.environ.get(RUN_ID) or None,
        code_ref=code_ref,
        config_hash=config_hash if config is None else _digest(config),
        rows_in=_count("rows_in", rows_in),
        inputs=_list(inputs),
        attrs=_document(attrs),
        argv=_argv(sys.argv if argv is None else argv),
        working_directory=_working_directory(),
        trace_id=trace_id,
        span_id=span_id,
        parent_span_id=parent_span,
        host=socket.gethostname(),
        process=mark_of(os.getpid() if pid is None else pid),
    )
    return run_id


def end_run(run_id: str, **fields: Any) -> None:
    """Record that the run ended well.

    *fields* are rows_in, rows_out, llm_calls, tokens (counts), attrs (a mapping), inputs, outputs
    (names). Raises ValueError for another field or a wrong value, OSError.
    """
    _end(run_id, "completed", None, fields)


def fail_run(run_id: str, error: str | BaseException, **fields: Any) -> None:
    """Record that the run failed, with its *error*; *fields* are those of `end_run`."""
    text = f"{type(error).__name__}: {error}" if isinstance(error, BaseException) else str(error)
    _end(run_id, "failed", text, fields)


def get_run(run_id: str) -> dict[str, Any]:
    """Return the state of a run as of now, also before any refresh. Raises NoSuchRun."""
    try:
        return _states()[run_id]
    except KeyError:
        raise NoSuchRun(f"no run {run_id}; list_runs() has those that are known") from None


def list_runs(
    *, stage: str | None = None, status: str | None = None, limit: int | None = None
) -> list[dict[str, Any]]:
    """Return the states of the runs of outside programs, newest first."""
    found = [
        state
        for state in _states().values()
        if stage in (None, state.get("stage")) and status in (None, state.get("status"))
    ]
    found.sort(key=lambda state: (str(state["started_at"]), state["script_run_id"]), reverse=True)
    return found[:limit]


@dataclass
class CurrentRun:
    """The run of a `with run(…)` block; what is set here is recorded at its end."""

    run_id: str
    rows_in: int | None = None
    rows_out: int | None = None
    llm_calls: int | None = None
    tokens: int | None = None
    attrs: dict[str, Any] = field(default_factory=dict)
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)

    def fields(self) -> dict[str, Any]:
        """Return what was set, as `end_run` takes it."""
        given = {name: value for name, value in vars(self).items() if name != "run_id"}
        return {name: value for name, value in given.items() if value not in (None, {}, [])}


@contextmanager
def run(stage: str, **fields: Any) -> Iterator[CurrentRun]:
    """Record the block as a run of *stage*: completed if it ends, failed if it raises.

    *fields* are those of `start_run`.
    """
    current = CurrentRun(start_run(stage, **fields))
    try:
        yield current
    except BaseException as error:
        fail_run(current.run_id, error, **current.fields())
        raise
    end_run(current.run_id, **current.fields())


def recorded(stage: str, **fields: Any) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Make each call of a function a run of *stage*; *fields* are those of `start_run`."""

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        @functools.wraps(function)
        def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
            with run(stage, **fields):
                return function(*args, **kwargs)

        return wrapped

    return decorate


def environment(run_id: str, inherited: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the variables for a program that the run starts: with its trace and its id.

    *inherited* defaults to the variables of this process.
    """
    trace_id, span_id, _ = _started[run_id]
    given = os.environ if inherited is None else inherited
    return {**given, TRACEPARENT: f"00-{trace_id}-{span_id}-01", RUN_ID: run_id}


_ENDS = {
    "rows_in": "count",
    "rows_out": "count",
    "llm_calls": "count",
    "tokens": "count",
    "attrs": "document",
    "inputs": "list",
    "outputs": "list",
    "exit_code": "plain",
    "cpu_seconds": "plain",
    "max_rss_bytes": "count",
    "output_sha256": "plain",
    "output_bytes": "count",
}


def _end(run_id: str, status: str, error: str | None, fields: Mapping[str, Any]) -> None:
    if unknown := fields.keys() - _ENDS.keys():
        raise ValueError(f"{', '.join(sorted(unknown))}: not a field of a run")
    checks: dict[str, Callable[[str, Any], Any]] = {
        "count": _count,
        "document": lambda name, value: _document(value),
        "list": lambda name, value: _list(value),
        "plain": lambda name, value: value,
    }
    began = _started.pop(run_id, None)
    _spool(
        "ended",
        _run_id(run_id),
        status=status,
        error=error and masked(error[:_LONGEST_ERROR]),
        duration_seconds=began and round(time.monotonic() - began[2], 6),
        **{name: checks[_ENDS[name]](name, value) for name, value in fields.items()},
    )


def _spool(event: str, run_id: str, **fields: Any) -> None:
    row = {name: value for name, value in fields.items() if value is not None}
    row |= {"event": event, "script_run_id": run_id, "happened_at": clock.now().isoformat()}
    spool_event(_zone(), RUN_EVENTS, row)


def _zone() -> Path:
    """Return the landing zone, which is made if it does not exist."""
    zone = locations().landing
    if not (zone / "zone.json").exists():
        from loaders.zone.landing import LandingZone

        LandingZone(zone)
    return zone


def _states() -> dict[str, dict[str, Any]]:
    from loaders.sources.script_runs.land import current_runs
    from loaders.zone.landing import LandingZone

    where = locations().landing
    try:
        zone = LandingZone(where, make=False)
    except (FileNotFoundError, LandingError):
        if (where / "zone.json").exists():
            raise
        return {}
    return current_runs(zone, spooled_events(where))


def _trace() -> tuple[str, str | None]:
    """Return the trace id and the caller's span id that the environment names, else a new trace."""
    if found := _TRACEPARENT.fullmatch(os.environ.get(TRACEPARENT, "").strip()):
        return found[1], found[2]
    return secrets.token_hex(16), None


def _argv(argv: Sequence[str]) -> str | None:
    """Return a command line as JSON, with a mark in the place of every secret, as in `--token X`;
    None if it is empty.
    """
    options = ["", *(word.lstrip("-") if word.startswith("-") else "" for word in argv)]
    words = [
        masked_value(option, word) for option, word in zip(options, map(masked, argv), strict=False)
    ]
    return json.dumps(words) if words else None


def _working_directory() -> str | None:
    try:
        return os.getcwd()
    except FileNotFoundError:
        return None  # it was deleted


def _run_id(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except (ValueError, AttributeError, TypeError):
        raise ValueError(f"{text!r}: not the id of a run") from None


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name}: not a text")
    return value


def _count(name: str, value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{name}: not a count")
    return value


def _list(values: Sequence[str]) -> str | None:
    if isinstance(values, str):
        raise ValueError("a list of names is expected, not one text")
    return json.dumps([masked(_text("name", value)) for value in values]) if values else None


def _document(values: Mapping[str, Any] | None) -> str | None:
    if values is None:
        return None
    return json.dumps(_without_secrets("", dict(values)), default=str)


def _without_secrets(name: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _without_secrets(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_without_secrets(name, inner) for inner in value]
    return masked_value(name, value) if isinstance(value, str) else value


def _digest(config: Any) -> str:
    text = json.dumps(config, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
