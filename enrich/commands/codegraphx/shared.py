"""Options, reports and refusals of the commands that are named after those of CodeGraphX."""

from __future__ import annotations

import contextlib
import io
import os
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from enrich import options
from enrich.render import json_text
from loaders.base.sealed import replace_durably

# CodeGraphX's name for the SQLite file that its scripts share.
CATALOGUE = "project_catalog.db"

WRITES = f"writes into CodeGraphX's {CATALOGUE}"

# Our options that CodeGraphX does not have, or reads in another way; whether each has a value.
_OURS = {
    "--db": True,
    "--format": True,
    "--codegraphx-root": True,
    "--project": True,
    "--group": True,
    "--tag": True,
    "--mine": False,
    "--timeout": True,
    "--execute": False,
}
_OURS_IN_CHUNK_SCAN = {"--json": False, "--output": True}
_WORDS = "enrich.codegraphx.words"

json_option = click.option(
    "--json", "as_json", is_flag=True, help="The report in CodeGraphX's own JSON."
)
output_option = click.option(
    "--output", type=click.Path(dir_okay=False), metavar="FILE", help="Write it to FILE as well."
)
source_path_option = click.option(
    "--source-path",
    metavar="PATH",
    help="Only this scanned folder. Default: all folders, one per line.",
)
source_project_option = click.option(
    "--source-project", metavar="NAME", help="Label in the report. Default: that of the scan."
)
exclude_subpath_option = click.option(
    "--exclude-subpath",
    default="",
    metavar="A,B",
    help="Leave out files with one of these in their path.",
)
dry_run_option = click.option(
    "--dry-run", is_flag=True, expose_value=False, help="Accepted; nothing is written in any case."
)


class TheirCommand(click.Command):
    """A command with the name and options of one of `codegraphx enrich`; keeps its arguments."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[_WORDS] = tuple(args)
        return super().parse_args(ctx, args)


def refused(name: str, why: str, **how: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return an option of CodeGraphX that is refused, with the reason and CodeGraphX's command."""

    def refuse(ctx: click.Context, option: click.Parameter, value: Any) -> None:
        if value:
            raise options.Refusal(
                f"{name} {why}; use CodeGraphX's own command: {their_command(ctx)}"
            )

    return click.option(name, expose_value=False, callback=refuse, help=f"Refused: {why}.", **how)


def refused_append() -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return refused("--append", WRITES, is_flag=True)


def refused_scan() -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return refused("--scan", "reads the files of another scan", metavar="FILE")


def their_command(ctx: click.Context) -> str:
    """Return CodeGraphX's own command for what was typed, on its own catalogue."""
    # A chunk scan names the catalogue in the option that is refused here.
    is_chunk_scan = ctx.info_name == "chunk-scan"
    words = _without(ctx.meta[_WORDS], _OURS | _OURS_IN_CHUNK_SCAN if is_chunk_scan else _OURS)
    catalogue = () if is_chunk_scan else ("--db", CATALOGUE)
    return shlex.join(["codegraphx", "enrich", ctx.info_name or "", *words, *catalogue])


def _without(words: Sequence[str], ours: Mapping[str, bool]) -> Iterator[str]:
    is_value = False
    for word in words:
        name, sign, _ = word.partition("=")
        if is_value:
            is_value = False
        elif name in ours:
            is_value = ours[name] and not sign
        else:
            yield word


def write_report(report: Any) -> None:
    """Write *report* as CodeGraphX's scripts do: JSON, indented by two."""
    click.echo(json_text(report, indent=2))


@contextlib.contextmanager
def also_written_to(output: str | None) -> Iterator[None]:
    """Also write the standard output of the block to the file *output*, in one step.

    Raises OSError.
    """
    if output is None:
        yield
        return
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        yield
    replace_durably(Path(os.path.abspath(os.path.expanduser(output))), text.getvalue().encode())
    click.echo(text.getvalue(), nl=False)


def parts_of(subpaths: str) -> list[str]:
    """Return the comma-separated parts of *subpaths*, in lower case and with forward slashes."""
    return [folded(part.strip()) for part in subpaths.split(",") if part.strip()]


def folded(path: str) -> str:
    """Return *path* in lower case and with forward slashes, as Windows compares paths."""
    return path.replace("\\", "/").casefold()
