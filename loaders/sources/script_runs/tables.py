"""The landed table of the runs of outside programs."""

from __future__ import annotations

import pyarrow as pa

from loaders.base.integrity import Rules
from loaders.base.masking import DOCUMENT, LEFT, NAME, TEXT
from loaders.sources.script_runs.run_events import EVENTS, STATUSES
from loaders.zone.schemas import Table, declare

_TEXT, _INT, _REAL = pa.string(), pa.int64(), pa.float64()
_utc = pa.timestamp("us")

TABLES = declare(
    Table(
        "run_events",
        "One row per start, change or end of a run of an outside program.",
        [
            ("event_id", _TEXT, "Id of the event; it may land twice."),
            ("event", _TEXT, "Started, updated, ended, or abandoned (its process has died)."),
            ("happened_at", _utc, "Time of the event, in UTC."),
            ("script_run_id", _TEXT, "The run, a UUID."),
            ("tenant_id", _TEXT, "Tenant that the run works for."),
            ("stage", _TEXT, "Step of the program's own pipeline, such as embed."),
            ("status", _TEXT, "Status of the run after the event."),
            ("error", _TEXT, "Reason of the failure."),
            ("parent_run_id", _TEXT, "The run that started this one."),
            ("code_ref", _TEXT, "Commit of the program."),
            ("config_hash", _TEXT, "Digest of its configuration."),
            ("rows_in", _INT, "Rows read."),
            ("rows_out", _INT, "Rows written."),
            ("llm_calls", _INT, "Calls of a language model."),
            ("tokens", _INT, "Tokens of these calls."),
            ("attrs", _TEXT, "JSON object of further attributes."),
            ("trace_id", _TEXT, "Trace id of W3C Trace Context, 32 hex digits."),
            ("span_id", _TEXT, "Span id of the run, 16 hex digits."),
            ("parent_span_id", _TEXT, "Span id of the caller."),
            ("argv", _TEXT, "Command line, as a JSON list."),
            ("working_directory", _TEXT, "Folder in which it was started."),
            ("host", _TEXT, "Name of the machine."),
            ("process", _TEXT, "Process as `pid start boot`, by which its death is recognised."),
            ("exit_code", _INT, "Exit code of the program; 128 and the signal if one ended it."),
            ("duration_seconds", _REAL, "Duration by a clock that never goes back."),
            ("cpu_seconds", _REAL, "Processor time of the program and its children."),
            ("max_rss_bytes", _INT, "Largest memory of one of its processes."),
            ("output_sha256", _TEXT, "SHA-256 of its standard output."),
            ("output_bytes", _INT, "Size of its standard output."),
            ("inputs", _TEXT, "JSON list of the files, tables or URLs that it read."),
            ("outputs", _TEXT, "JSON list of the files, tables or URLs that it wrote."),
        ],
        Rules(
            "runs",
            "event_id",
            repeats=True,
            required="event happened_at script_run_id",
            words={"event": EVENTS, "status": STATUSES},
            moments="happened_at",
            json="attrs argv",
            json_lists="inputs outputs",
            counts="rows_in rows_out llm_calls tokens max_rss_bytes output_bytes",
            sizes="duration_seconds cpu_seconds",
        ),
        masked={
            NAME: "tenant_id stage",
            TEXT: "error working_directory host",
            DOCUMENT: "attrs argv inputs outputs",
            LEFT: "event_id event script_run_id trace_id span_id parent_span_id process"
            " output_sha256",
        },
    ),
)
