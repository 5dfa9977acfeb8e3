"""`enrich run`: the runs of your own programs."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import click

from enrich import options, runs
from enrich.db import Rows
from enrich.render import write_rows
from enrich.screen import Column

SCRIPT_COLUMNS = (
    Column("run", "script_run_id"),
    Column("stage", "stage"),
    Column("status", "status"),
    Column("started (UTC)", "started_at"),
    Column("took (s)", "duration_seconds", justify="right"),
    Column("rows out", "rows_out", justify="right"),
    Column("error", lambda row: row.get("error") or "", "wrap", at_least=12),
)
_SHOWN = 20


@click.group()
def run() -> None:
    """Record the runs of your own programs, and show them.

    They are in `ingest_runs` after the next refresh, beside those that landed facts. Scripts in
    Python use `enrich.runs`.
    """


_tenant_option = click.option("--tenant", "tenant_id", help="The tenant that the run works for.")
_parent_option = click.option(
    "--parent", "parent_run_id", help="Id of the run that starts it; default: META_RUN_ID."
)
_code_option = click.option("--code-ref", help="The commit of the program.")
_attrs_option = click.option(
    "--attr", "attrs", multiple=True, metavar="NAME=VALUE", help="An attribute; may be repeated."
)


@run.command(name="exec", context_settings={"ignore_unknown_options": True})
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- COMMAND...")
@click.option("--stage", help="Name of the step; default: the name of the program.")
@_tenant_option
@_parent_option
@_code_option
@_attrs_option
@click.option(
    "--no-capture",
    is_flag=True,
    help="Leave its output alone, for a program that needs a terminal.",
)
def exec_(command: tuple[str, ...], stage: str | None, no_capture: bool, **given: Any) -> None:
    """Run COMMAND, without a shell, as a recorded run; exit with its exit code.

    Its exit code, duration, memory, processor time and the digest of its output are recorded. It
    gets TRACEPARENT and META_RUN_ID.
    """
    from enrich.wrapped_run import run_command

    run_id, code = run_command(
        command,
        stage or os.path.basename(command[0]),
        is_captured=not no_capture,
        **_fields(given),
    )
    if code:
        click.echo(options.clean_lines(f"run {run_id}: {_outcome(run_id)}"), err=True)
    sys.exit(code)


@run.command()
@click.argument("stage")
@_tenant_option
@_parent_option
@_code_option
@_attrs_option
@click.option("--rows-in", type=click.IntRange(min=0), help="Rows that it reads.")
@click.option(
    "--pid",
    type=click.IntRange(min=1),
    help="The process whose death ends the run; default: the one that calls this.",
)
def start(stage: str, pid: int | None, **given: Any) -> None:
    """Record that a run of STAGE starts, and print its id."""
    try:
        run_id = runs.start_run(stage, argv=(), pid=pid or os.getppid(), **_fields(given))
    except ValueError as error:
        raise options.Refusal(str(error)) from None
    click.echo(run_id)


@run.command()
@click.argument("run_id")
@click.option("--error", help="Why it failed; without it, the run is completed.")
@click.option("--rows-in", type=click.IntRange(min=0), help="Rows that it read.")
@click.option("--rows-out", type=click.IntRange(min=0), help="Rows that it wrote.")
@click.option("--llm-calls", type=click.IntRange(min=0), help="Calls of a language model.")
@click.option("--tokens", type=click.IntRange(min=0), help="Tokens of these calls.")
@_attrs_option
def end(run_id: str, error: str | None, **given: Any) -> None:
    """Record that a run ended."""
    fields = {name: value for name, value in _fields(given).items() if value is not None}
    try:
        if error is None:
            runs.end_run(run_id, **fields)
        else:
            runs.fail_run(run_id, error, **fields)
    except ValueError as refused:
        raise options.Refusal(str(refused)) from None


@run.command()
@click.argument("run_id", required=False)
@click.option("--stage", help="Only runs of this stage.")
@click.option("--status", help="Only running, completed, failed or abandoned runs.")
@options.limit_option
@options.format_option
def show(
    run_id: str | None, stage: str | None, status: str | None, limit: int | None, form: str
) -> None:
    """Show one run, or the newest ones, as of now."""
    if run_id is None:
        found = runs.list_runs(stage=stage, status=status, limit=limit or _SHOWN)
        rows = [tuple(state.get(name) for name in _FIELDS) for state in found]
        write_rows(Rows(_FIELDS, rows), form, SCRIPT_COLUMNS, limit, nothing="no runs yet")
        return
    try:
        state = runs.get_run(run_id)
    except runs.NoSuchRun as error:
        raise options.Refusal(str(error)) from None
    click.echo(options.clean_lines(json.dumps(state, default=str, indent=2)))


_FIELDS = (
    "script_run_id",
    "stage",
    "status",
    "started_at",
    "ended_at",
    "duration_seconds",
    "rows_in",
    "rows_out",
    "exit_code",
    "error",
)


def _fields(given: dict[str, Any]) -> dict[str, Any]:
    attrs = {}
    for text in given.pop("attrs"):
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise options.Refusal(f"--attr {text}: not NAME=VALUE")
        attrs[name] = value
    return given | ({"attrs": attrs} if attrs else {})


def _outcome(run_id: str) -> str:
    state = runs.get_run(run_id)
    return str(state.get("error") or state["status"])
