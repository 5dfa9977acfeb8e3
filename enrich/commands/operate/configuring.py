"""`enrich config`: the configuration folder, its faults, and its files."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from enrich import options
from enrich.db import Rows
from enrich.render import write_rows
from enrich.screen import Column, Screen
from loaders.base import programs
from loaders.base.exits import EXIT_NO
from loaders.base.paths import clean_text, locations
from loaders.configuration.configured import read_configuration, read_folder
from loaders.configuration.copies import files_in, problems_after, write_files
from loaders.configuration.folder import config_folder, is_missing
from loaders.configuration.forms import Form, forms, seed_rows
from loaders.configuration.settings import Problem
from loaders.sources.crawl.excludes import CHECKS

_EDITORS = ("VISUAL", "EDITOR")
_USUAL = "vi"


@click.group()
def config() -> None:
    """Show, check, edit or import the configuration folder."""


@config.command()
def path() -> None:
    """Print the folder, and below it the files that count."""
    folder = _folder()
    found = read_configuration(CHECKS)
    click.echo(clean_text(str(folder)))
    for file, count in found.row_counts.items():
        click.echo(f"  {file:<22}{count:>5} {'row' if count == 1 else 'rows'}")
    for rule in found.own_rules:
        click.echo(clean_text(f"  rule {rule}"))
    if not found.row_counts and not found.own_rules:
        Screen().text(f"nothing is configured; the files are: {', '.join(_files())}", 2)


PROBLEM_COLUMNS = (
    Column("file", "file"),
    Column("line", "line"),
    Column("column", "column"),
    Column("value", "value", "right"),
    Column("fault", "fault", "right"),
)


@config.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@options.format_option
def check(folder: Path | None, form: str) -> None:
    """Check every row of the folder (default: the configuration folder).

    Prints file, line, column, value and the values that are allowed. Exit code 1: a row, or a
    whole file, does not count.
    """
    found = read_folder(folder or _folder(), CHECKS)
    if form == "table":
        _print(found.problems)
        click.echo(clean_text(f"checked: {found.summary}"))
    else:
        rows = [
            (problem.file, problem.line or None, problem.column, problem.value, problem.reason)
            for problem in found.problems
        ]
        write_rows(Rows(("file", "line", "column", "value", "fault"), rows), form)
    if found.problems:
        sys.exit(EXIT_NO)


@config.command()
@click.argument("file")
def edit(file: str) -> None:
    """Open FILE, such as waivers, in $VISUAL or $EDITOR; make it if it is missing.

    A new file has its header and an explanation. Prints what is wrong with it afterwards.
    """
    form = forms().get(Path(file).name.removesuffix(".csv"))
    if form is None:
        raise options.Refusal(f"{file}: not a file of the configuration; the files are:{_names()}")
    target = _folder() / form.file
    command = _editor()
    if is_missing(target):
        write_files({form.file: _new_file(form).encode()}, _folder())
    code = subprocess.run([*command, str(target)], check=False).returncode
    if code:
        raise options.Refusal(f"{command[0]} ended with {code}; {target} is as it left it")
    problems = [one for one in read_configuration(CHECKS).problems if one.file == form.file]
    _print(problems)
    click.echo(clean_text(str(target)))
    if problems:
        sys.exit(EXIT_NO)


@config.command("import")
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Replace files that differ.")
def import_(sources: tuple[Path, ...], replace: bool) -> None:
    """Copy a folder of configuration files, or single CSV files, after a check.

    If a row of them is not right, or a file that differs is in the folder, nothing is copied.
    """
    folder = _folder()
    files: dict[str, bytes] = {}
    for source in sources:
        files |= files_in(source) if source.is_dir() else _one_file(source)
    if not files:
        raise options.Refusal(f"no file of the configuration found; they are:{_names()}")
    if problems := problems_after(files, folder, CHECKS):
        _print(problems)
        raise options.Refusal("nothing was imported")
    present = files_in(folder) if folder.is_dir() else {}
    differ = [name for name in files if present.get(name, files[name]) != files[name]]
    if differ and not replace:
        raise options.Refusal(
            f"{', '.join(differ)}: here already, with another content; --replace replaces it"
        )
    write_files(files, folder)
    click.echo(clean_text(f"imported: {', '.join(files)}; into {folder}"))


def _one_file(source: Path) -> dict[str, bytes]:
    if source.name not in {form.file for form in forms().values()}:
        raise options.Refusal(f"{source}: not a file of the configuration; they are:{_names()}")
    return {source.name: files_in(source.parent)[source.name]}


def _folder() -> Path:
    folder = config_folder()
    if folder is None:
        raise options.Refusal("HOME is not set: set META_CONFIG_DIR")
    return folder


def _files() -> list[str]:
    return sorted(form.file for form in forms().values())


def _names() -> str:
    """Return the names of the files, each on a line of its own."""
    return "".join(f"\n  {file}" for file in _files())


def _print(problems: Iterable[Problem]) -> None:
    for problem in problems:
        click.echo(str(problem))


def _new_file(form: Form) -> str:
    """Return the text of a new file: an explanation, the header, and an example as a comment."""
    lines = [f"# {form.description}", "# Add rows below the header; a line with # is a comment."]
    rows = seed_rows(form.name)
    if rows:
        lines.append(f"# A row of the seed, for example: {','.join(map(_cell, rows[0].values()))}")
    return "\n".join([*lines, ",".join(form.columns)]) + "\n"


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if set(text) & set(',"') else text


def _editor() -> list[str]:
    """Return the command of the user's editor. No shell reads it. Raises Refusal."""
    variable = next((name for name in _EDITORS if os.environ.get(name, "").strip()), None)
    given = os.environ[variable] if variable else _USUAL
    try:
        words = shlex.split(given)
    except ValueError as error:
        raise options.Refusal(f"{variable}={given}: {error}") from None
    if locations().landing.is_dir():
        from loaders.zone.reporting import open_zone

        # No program of a crawled folder may be started.
        open_zone()
    program = words[0] if os.path.isabs(words[0]) else programs.find(words[0])
    if program is None or not os.access(program, os.X_OK):
        raise options.Refusal(f"{words[0]}: no such program; set VISUAL or EDITOR")
    return [program, *words[1:]]
