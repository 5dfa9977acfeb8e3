"""The command: `make bench ROOT=~/code`, or `python -m bench --help`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import click

from bench.building import dbt_build, unchanged_refresh
from bench.comparing import Section, run_section
from bench.crawling import first_crawl, unchanged_crawl
from bench.events import landed_events
from bench.history import asked_history, landed_history, unchanged_history
from bench.measuring import Failed
from bench.refreshing import refreshes
from bench.report import as_object, write_table
from bench.reports import reports
from bench.signals import code, python_signals, script_signals, unchanged_code, unchanged_signals
from bench.trees import Missing, Tree, Unequal, prepare
from bench.unsaved_work import unsaved_work
from loaders.base import programs
from loaders.base.exits import EXIT_NO
from loaders.base.paths import canonical_root, clean_text, is_beneath
from loaders.base.permissions import keep_private
from loaders.base.program_options import HELP_NAMES
from loaders.zone.reporting import progress_line

# A later section is one more function from the tree to its sides, and one line here. One of several
# parts gives them one after the other.
SECTIONS: dict[str, Callable[[Tree], Section | Iterable[Section]]] = {
    "first-crawl": first_crawl,
    "no-change-crawl": unchanged_crawl,
    "signals-python": python_signals,
    "signals-scripts": script_signals,
    "no-change-signals": unchanged_signals,
    "code": code,
    "no-change-code": unchanged_code,
    "git": landed_history,
    "no-change-git": unchanged_history,
    "unsaved": unsaved_work,
    "as-of": asked_history,
    "build": dbt_build,
    "no-change-refresh": unchanged_refresh,
    "events": landed_events,
    "reports": reports,
    "refresh": refreshes,
}
_REPEAT, _REPEAT_OF_MEDIANS = 3, 5
_OF_MEDIANS = "refresh"


@click.command(context_settings=HELP_NAMES)
@click.argument("root", required=False)
@click.option(
    "--profile", default="everything", show_default=True, help="Exclude profile of names only."
)
@click.option(
    "--repeat",
    type=click.IntRange(1),
    help=f"Runs of each side: {_REPEAT}, of which the best counts; for `{_OF_MEDIANS}`"
    f" {_REPEAT_OF_MEDIANS}, of which the median does.",
)
@click.option(
    "--section",
    "chosen",
    multiple=True,
    type=click.Choice(list(SECTIONS)),
    help="Only this; may be repeated.",
)
@click.option(
    "--events",
    default=1_000_000,
    show_default=True,
    type=click.IntRange(1),
    help="In the file that `events` lands.",
)
@click.option(
    "--against",
    metavar="CHECKOUT",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Another checkout of this project, set up: `refresh` measures both side by side.",
)
@click.option(
    "--files",
    "large_files",
    default=300_000,
    show_default=True,
    type=click.IntRange(0),
    help="In the landing zone that `refresh` generates; 0 for none.",
)
@click.option("--json", "as_json", is_flag=True, help="Print everything that was measured as JSON.")
@click.option("--from-make", is_flag=True, hidden=True, help="Take both folders from variables.")
def main(
    root: str | None,
    profile: str,
    repeat: int | None,
    chosen: tuple[str, ...],
    events: int,
    against: Path | None,
    large_files: int,
    as_json: bool,
    from_make: bool,
) -> None:
    """Measure crawl, signals, code, history, build and refresh on the folder ROOT.

    Each section runs beside plain tools on the same files. The landing of CodeGraphX events and of
    large reports is measured on generated files, and the refreshes of two checkouts on clones of
    the repositories and on a large generated landing zone.

    Works in a temporary folder (TMPDIR) and only reads ROOT; your collected data is not touched.
    """
    keep_private()
    if from_make and (folder := os.environ.get("META_BENCH_AGAINST", "").strip()):
        against = Path(folder).expanduser()
    if against is None and _OF_MEDIANS in chosen:
        raise click.UsageError(f"--section {_OF_MEDIANS} needs --against CHECKOUT")
    given = os.environ.get("META_BENCH_ROOT", "").strip() if from_make else root
    if not given:
        raise click.UsageError("name a folder to measure: make bench ROOT=~/code")
    progress = progress_line()
    with tempfile.TemporaryDirectory(prefix="meta-bench-") as scratch:
        root = _folder(given, scratch)
        programs.keep_out([root])
        _require_tools()
        try:
            progress("crawling once, to warm the page cache and to see which files there are")
            tree = prepare(root, profile, Path(scratch))
            tree = replace(tree, events=events, against=against, large_files=large_files)
            measured = _measure(tree, repeat, chosen, progress)
        except (Unequal, Failed, Missing) as error:
            click.echo(clean_text(str(error)), err=True)
            sys.exit(EXIT_NO)
    progress("")
    if as_json:
        click.echo(json.dumps(measured, indent=1))
    else:
        write_table(measured)


def _measure(
    tree: Tree, repeat: int | None, chosen: tuple[str, ...], progress: Callable[[str], None]
) -> dict:
    names = chosen or [name for name in SECTIONS if name != _OF_MEDIANS or tree.against]
    results = []
    for name, make in SECTIONS.items():
        if name in names:
            of_this = repeat or (_REPEAT_OF_MEDIANS if name == _OF_MEDIANS else _REPEAT)
            made = make(tree)
            for section in [made] if isinstance(made, Section) else made:
                results += run_section(section, of_this, progress)
    return as_object(tree, repeat or _REPEAT, results)


def _folder(given: str, scratch: str) -> bytes:
    root = canonical_root(given)
    if not os.path.isdir(root):
        raise click.UsageError(f"{given}: the folder does not exist")
    if is_beneath(os.path.realpath(os.fsencode(scratch)), root):
        raise click.UsageError(f"the temporary folder is in {given}; set TMPDIR to another folder")
    return root


def _require_tools() -> None:
    """The yardsticks are GNU's: BSD's find has no -printf."""
    find, *others = map(programs.find, ("find", "xargs", "sha256sum"))
    if (
        not find
        or not all(others)
        or b"GNU" not in subprocess.run([find, "--version"], capture_output=True).stdout
    ):
        raise click.UsageError(
            "the benchmark needs GNU find, xargs and sha256sum in PATH, outside of what it measures"
        )


if __name__ == "__main__":
    main()
