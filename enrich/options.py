"""The options, exit codes and one-line errors that all commands share."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from loaders.base import ending
from loaders.base.commands import Commands
from loaders.base.exits import EXIT_BUSY, EXIT_DAMAGED, EXIT_NO, EXIT_USAGE
from loaders.base.locks import Busy
from loaders.base.paths import clean_text, locations
from loaders.base.remedies import SET_UP

SEVERITIES = ("low", "medium", "high", "critical")

db_option = click.option(
    "--db",
    type=click.Path(),
    metavar="PATH",
    help="The published file. Default: META_DB_PATH.",
)
format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
    help="table is for people; csv and json have every column.",
)
project_option = click.option(
    "--project", metavar="P", help="Only this project: a name, a path, or the start of an id."
)
rule_option = click.option(
    "--type", "rule", metavar="T", help="Only this rule; the beginning of its name is enough."
)
limit_option = click.option(
    "--limit",
    type=click.IntRange(min=0),
    metavar="N",
    help="At most N rows; 0: all. Default: 50 in a table, all in csv and json.",
)


class Refusal(click.ClickException):
    """Bad usage that the usage line does not explain: one line, exit code 2."""

    exit_code = EXIT_USAGE

    def show(self, file: Any = None) -> None:
        click.echo(self.message, err=True)


# Command and argument → what lists the values that it takes.
_LISTS = {
    "enrich show PROJECT": "enrich projects lists them.",
    "enrich dependencies PROJECT": "enrich projects lists them.",
    "enrich export-graph PROJECT": "enrich projects lists them.",
    "enrich code FILE|SYMBOL": "enrich map lists the files with code.",
    "enrich imports FILE": "enrich map lists the files with code.",
    "enrich callers SYMBOL": "enrich code FILE lists the symbols of a file.",
    "enrich gaps show ID": "enrich gaps lists them.",
    "enrich rules show RULE": "enrich rules list lists them.",
    "enrich rules try RULE": "enrich rules list lists them.",
    "enrich warnings accept ID": "enrich warnings list lists them.",
    "enrich warnings withdraw ID": "enrich warnings list lists them.",
    "enrich waive FINDING|PATTERN": "enrich gaps lists the findings.",
    "enrich ignore PATH|RULE|ID": "enrich gaps lists the findings.",
    "enrich run end RUN_ID": "enrich run show lists the runs.",
    "enrich sql QUERY": "Example: enrich sql 'select * from v_project_health'",
}


def _add_hint(error: click.ClickException) -> None:
    """Add what lists the values of an argument to the error that it is missing."""
    if (
        isinstance(error, click.MissingParameter)
        and error.ctx
        and isinstance(error.param, click.Argument)
    ):
        # The group may have been started by another name, such as the path of the program.
        words = ["enrich", *error.ctx.command_path.split()[1:], error.param.make_metavar(error.ctx)]
        error.message = _LISTS.get(" ".join(words), error.message)  # type: ignore[misc]


class OneLineErrors(Commands):
    """A group that ends with one clean line and a documented exit code on an error."""

    def invoke(self, ctx: click.Context) -> Any:
        with ending.quietly():
            try:
                return super().invoke(ctx)
            except click.ClickException as error:
                _add_hint(error)
                # click declares it final, but nothing has used it yet.
                error.message = clean_lines(error.message)  # type: ignore[misc]
                raise
            except (click.Abort, click.exceptions.Exit, BrokenPipeError):
                raise
            except Exception as error:
                code, line = code_and_line(error)
                click.echo(clean_text(line), err=True)
                ending.leave(code)


def clean_lines(text: str) -> str:
    """Return *text* without anything that a terminal would interpret, except its line ends."""
    return "\n".join(clean_text(line) for line in text.split("\n"))


def code_and_line(error: Exception) -> tuple[int, str]:
    """Return the exit code and the line for *error*; raise it again if it is a defect."""
    if isinstance(error, ModuleNotFoundError) and error.name not in sys.modules:
        lost = f"{error.name} is not installed, so this installation cannot do that"
        return EXIT_NO, f"{lost}; run: {SET_UP}"
    # Imported here, because they take half a second and most commands succeed.
    import duckdb

    from enrich.db import MissingColumn, NothingPublished
    from loaders.base.errors import NotOurs
    from loaders.zone.landing import LandingError

    if ending.was_signalled():
        raise error
    if isinstance(error, (NothingPublished, NotOurs)):
        return EXIT_USAGE, str(error)
    if isinstance(error, Busy):
        return EXIT_BUSY, str(error)
    if isinstance(error, LandingError):
        return EXIT_DAMAGED, str(error)
    if isinstance(error, (duckdb.CatalogException, MissingColumn)):
        reason = (
            f"it has no column {error.args[0]}"
            if isinstance(error, MissingColumn)
            else _first_line(error)
        )
        return (
            EXIT_USAGE,
            f"the published file cannot answer; enrich refresh-meta builds it again: {reason}",
        )
    if isinstance(error, duckdb.Error):
        return EXIT_USAGE, f"the published file cannot answer: {_first_line(error)}"
    if isinstance(error, OSError):
        return (
            EXIT_NO,
            f"{os.fsdecode(error.filename or locations().landing)}: {error.strerror or error}",
        )
    raise error


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
