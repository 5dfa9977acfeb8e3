"""What every command shares: option names, exit codes, errors in one line."""

from __future__ import annotations

import os
from typing import Any

import click

from loaders.base import ending
from loaders.base.commands import Commands
from loaders.base.exits import EXIT_BUSY, EXIT_DAMAGED, EXIT_NO, EXIT_USAGE
from loaders.base.locks import Busy
from loaders.base.paths import clean_text, locations

SEVERITIES = ("low", "medium", "high", "critical")

db_option = click.option(
    "--db",
    type=click.Path(),
    metavar="PATH",
    help="The published file; default: what META_DB_PATH names.",
)
format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
    help="table is for people; csv and json hold every column.",
)
limit_option = click.option(
    "--limit",
    type=click.IntRange(min=0),
    metavar="N",
    help="At most N rows; 0: all. Default: 50 in a table, all in csv and json.",
)


class Refusal(click.ClickException):
    """Bad usage that the usage line would not explain: one line, exit code 2."""

    exit_code = EXIT_USAGE

    def show(self, file: Any = None) -> None:
        click.echo(self.message, err=True)


class OneLineErrors(Commands):
    """A group whose commands end with one clean line and a documented code instead of a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        with ending.quietly():
            try:
                return super().invoke(ctx)
            except click.ClickException as error:
                error.message = clean_lines(error.message)
                raise
            except (click.Abort, click.exceptions.Exit, BrokenPipeError):
                raise
            except Exception as error:
                code, line = _verdict_on(error)
                click.echo(clean_text(line), err=True)
                ending.leave(code)


def clean_lines(text: str) -> str:
    """Return *text* with nothing in it that a terminal would obey, but for our own line ends."""
    return "\n".join(clean_text(line) for line in text.split("\n"))


def _verdict_on(error: Exception) -> tuple[int, str]:
    """Return the exit code and the line for *error*; raises it again when it is a defect of ours."""
    # Late: these imports cost half a second, and most commands end well.
    import duckdb

    from enrich.db import NothingPublished
    from loaders.base.errors import NotOurs
    from loaders.zone.landing import LandingError

    if ending.was_told():
        raise error
    if isinstance(error, (NothingPublished, NotOurs)):
        return EXIT_USAGE, str(error)
    if isinstance(error, Busy):
        return EXIT_BUSY, str(error)
    if isinstance(error, LandingError):
        return EXIT_DAMAGED, str(error)
    if isinstance(error, duckdb.CatalogException):
        return (
            EXIT_USAGE,
            f"the published file does not answer; enrich refresh-meta makes it anew: {_first_line(error)}",
        )
    if isinstance(error, duckdb.Error):
        return EXIT_USAGE, f"the published file does not answer: {_first_line(error)}"
    if isinstance(error, OSError):
        return (
            EXIT_NO,
            f"{os.fsdecode(error.filename or locations().landing)}: {error.strerror or error}",
        )
    raise error


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
