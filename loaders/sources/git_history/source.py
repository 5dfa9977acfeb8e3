"""Git history as a source: the command, and how a refresh lands new commits."""

from __future__ import annotations

import json
import sys

import click

from loaders.base.exits import EXIT_NO
from loaders.base.figures import counted
from loaders.base.loader_options import strict_option, totals_as_json_option
from loaders.base.paths import canonical_root
from loaders.sources.git_history.tables import TABLES
from loaders.zone.landing import LandingZone
from loaders.zone.reporting import (
    fail_in_one_line,
    open_zone,
    progress_line,
    show_warnings,
    totals,
    unless_busy,
)
from loaders.zone.source_form import Refresh, Source

# A refresh leaves more commits with uncounted lines to `land.py git`: counting takes long.
_MOST_COMMITS_COUNTED = 200


@click.command()
@click.argument("roots", nargs=-1, metavar="[ROOT]...")
@click.option(
    "--lines/--no-lines",
    default=True,
    help="Count the lines of new commits; by far the slowest part.",
)
@strict_option
@totals_as_json_option
@fail_in_one_line
def git(roots: tuple[str, ...], lines: bool, strict: bool, as_json: bool) -> None:
    """Land the history of crawled repositories: commits, refs, what each commit changed, work
    trees.

    Reads the repositories in the named folders, or all. Only new commits are read, even after a
    rebase, a forced push, a deletion or a move. Commits that no ref reaches any more are kept and
    marked. At the end, the lines that new commits added and removed are counted.
    """
    from loaders.sources.git_history.land import land_history

    progress = progress_line()
    zone, folders = open_zone(), [*map(canonical_root, roots)]
    summary = land_history(zone, folders, sys.argv, progress, most_lines=None if lines else 0)
    progress("")
    for run in summary.runs:
        show_warnings(run, [])
    if as_json:
        runs = [totals(run) for run in summary.runs]
        click.echo(json.dumps(summary.as_object() | {"runs": runs}))
    else:
        click.echo(f"git: {summary}")
    quarantined = sum(run.counts.quarantined for run in summary.runs)
    if quarantined and (strict or quarantined == summary.repositories):
        sys.exit(EXIT_NO)


def land_again(zone: LandingZone, refresh: Refresh) -> None:
    """Land the commits that are not landed yet, and count their lines if that is quick."""
    from loaders.sources.git_history.land import land_history

    summary = unless_busy(
        lambda progress: land_history(
            zone, (), refresh.argv, progress, most_lines=_MOST_COMMITS_COUNTED
        ),
        refresh.report,
    )
    if summary is None:
        return
    if summary.run is not None:
        commits, changes = counted(summary.commits, "commit"), counted(summary.changes, "change")
        refresh.report.line(f"history: {commits} with {changes} landed")
    for run in summary.runs:
        refresh.report.warnings(run, [])


GIT = Source("git", TABLES, [git], land_again)
