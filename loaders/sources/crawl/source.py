"""The crawl as a source: its command, and how a refresh crawls again."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import click

from loaders.base.exits import EXIT_NO
from loaders.base.figures import counted
from loaders.base.loader_options import dry_run_option, strict_option, totals_as_json_option
from loaders.base.paths import canonical_root, text_of
from loaders.sources.crawl.tables import TABLES
from loaders.zone.landing import LandingZone
from loaders.zone.registered import ROOT
from loaders.zone.reporting import (
    counts_line,
    fail_in_one_line,
    progress_line,
    show_warnings,
    totals,
    zone_for,
)
from loaders.zone.runs import Run
from loaders.zone.source_form import Refresh, Source


@click.command()
@click.argument("roots", nargs=-1, required=True, metavar="ROOT...")
@click.option(
    "--profile",
    default="default",
    show_default=True,
    help="Exclude profile, from seeds/exclude_profiles.csv.",
)
@dry_run_option
@strict_option
@click.option("--resume", is_flag=True, help="Use what an interrupted crawl of a root had read.")
@click.option(
    "--rehash", is_flag=True, help="Read every file again, even if its timestamps have not changed."
)
@totals_as_json_option
@fail_in_one_line
def crawl(
    roots: tuple[str, ...],
    profile: str,
    dry_run: bool,
    strict: bool,
    resume: bool,
    rehash: bool,
    as_json: bool,
) -> None:
    """Crawl folders: projects, files with size, times and SHA-256, repositories.

    Only what changed since the last crawl is read and landed. The folders are registered, so that
    `enrich refresh-meta` crawls them again. The work of an interrupted crawl is
    discarded without --resume.
    """
    from loaders.sources.crawl.land import land_roots
    from loaders.sources.crawl.mounts import refuse_as_root

    if resume and (dry_run or rehash):
        raise click.UsageError("--resume cannot be combined with --dry-run or --rehash")
    progress = progress_line()
    given = [*map(canonical_root, roots)]
    refuse_as_root(given)
    with zone_for(dry_run, given) as zone:
        run, summaries, remarks = land_roots(
            zone,
            given,
            profile,
            sys.argv,
            progress,
            is_rehearsal=dry_run,
            resume=resume,
            rehash=rehash,
        )
    progress("")
    show_warnings(run, remarks)
    _report(run, summaries, as_json, dry_run)
    healthy = any(summary.state == "complete" for summary in summaries)
    if not healthy or (strict and run.counts.quarantined):
        sys.exit(EXIT_NO)


def _report(run: Run, summaries: list[Any], as_json: bool, dry_run: bool) -> None:
    if as_json:
        roots = [asdict(summary) | {"root": text_of(summary.root)} for summary in summaries]
        click.echo(json.dumps(totals(run, dry_run) | {"roots": roots}))
    else:
        repositories = sum(summary.repositories for summary in summaries)
        gone = sum(summary.gone for summary in summaries)
        what = "crawl, dry run" if dry_run else "crawl"
        click.echo(
            f"{what}: {counts_line(run)}; {gone:,} gone; "
            f"{counted(repositories, 'repository')}; {counted(run.problem_count, 'problem')}"
        )


def land_again(zone: LandingZone, refresh: Refresh) -> None:
    """Crawl profile by profile; end the program with 1 if roots were named and none could be
    crawled.
    """
    healthy = [
        _crawl_group(zone, roots, profile, refresh)
        for profile, roots in sorted(refresh.roots.items())
    ]
    if refresh.is_named and not any(healthy):
        refresh.report.failure("not published: nothing of this could be crawled")
        sys.exit(EXIT_NO)


def _crawl_group(zone: LandingZone, roots: Sequence[bytes], profile: str, refresh: Refresh) -> bool:
    """Crawl and register *roots* under one exclude profile; return whether any of them is
    healthy.
    """
    from loaders.sources.crawl.land import land_roots

    progress = refresh.report.progress()
    how = {"is_rehearsal": refresh.is_dry_run, "resume": refresh.is_resumed}
    run, summaries, remarks = land_roots(zone, roots, profile, refresh.argv, progress, **how)
    progress("")
    complete = [summary for summary in summaries if summary.state == "complete"]
    files, repositories = (
        sum(getattr(one, name) for one in complete) for name in ("files", "repositories")
    )
    changes = counted(run.counts.landed, "change")
    outcome = "would land" if refresh.is_dry_run else "landed"
    refresh.report.line(
        f"crawled: {counted(files, 'file')} in {counted(repositories, 'repository')}, "
        f"{changes} {outcome}"
    )
    refresh.report.warnings(run, remarks)
    return bool(complete)


CRAWL = Source(
    "crawl",
    TABLES,
    [crawl],
    land_again,
    has_dry_run=True,
    kinds={ROOT: "a folder that is crawled, by the exclude profile beside it"},
    remedy="crawl its roots again, which loses its older states",
)
