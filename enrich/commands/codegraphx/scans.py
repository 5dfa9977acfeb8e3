"""`enrich chunk-scan` and `enrich campaign`: plan scans by CodeGraphX, run them, land them."""

from __future__ import annotations

import os
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from enrich import options
from enrich.commands.codegraphx.backlog import include_enriched_option, root_prefix_option
from enrich.commands.codegraphx.campaign import (
    Campaign,
    Candidate,
    Settings,
    left_of,
    newest_manifest,
    workplace,
)
from enrich.commands.codegraphx.catalogue import candidates
from enrich.commands.codegraphx.chunks import safe_tag
from enrich.commands.codegraphx.scan_reports import chunk_summary, write_chunks, write_runs
from enrich.commands.codegraphx.shared import (
    WRITES,
    TheirCommand,
    json_option,
    refused,
    write_report,
)
from enrich.commands.codegraphx.tool import Tool, find_tool
from enrich.db import Published, published_path
from loaders.base import programs
from loaders.base.exits import EXIT_NO
from loaders.base.locks import FileLock
from loaders.base.paths import Locations, canonical_root, clean_text, locations, text_of

_chunk_size_option = click.option(
    "--chunk-size",
    type=click.IntRange(min=1),
    default=6,
    show_default=True,
    metavar="N",
    help="Folders in a chunk.",
)
_max_projects_option = click.option(
    "--max-projects",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="At most N folders of a project; 0: all.",
)
_execute_option = click.option(
    "--execute", is_flag=True, help="Scan, and land the result. Default: only plan."
)
_resume_option = click.option(
    "--resume", is_flag=True, help="Reuse earlier scans that still match."
)
_stop_option = click.option("--stop-on-error", is_flag=True, help="Stop at the first failure.")
_timeout_option = click.option(
    "--timeout",
    type=click.FloatRange(min=1),
    default=1800,
    show_default=True,
    metavar="SECONDS",
    help="Time limit of one scan.",
)
_checkout_option = click.option(
    "--codegraphx-root",
    metavar="DIR",
    envvar="META_CODEGRAPHX_ROOT",
    show_envvar=True,
    help="A checkout of CodeGraphX to run. Default: the codegraphx on PATH.",
)
_manifest_option = click.option(
    "--output",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="File to write the manifest to.",
)


@click.command("chunk-scan", cls=TheirCommand)
@click.option(
    "--target-root", required=True, metavar="DIR", help="The folder with the folders to scan."
)
@_chunk_size_option
@click.option(
    "--tag",
    default="",
    metavar="TAG",
    help="Name for its artifacts. Default: the folder.",
)
@click.option("--exclude", default="", metavar="A,B", help="More names of folders to leave out.")
@_max_projects_option
@click.option(
    "--source-project", default="", metavar="NAME", help="The label of the scan. Default: the tag."
)
@refused("--update-db", WRITES, metavar="FILE")
@click.option("--dry-run", is_flag=True, help="Only plan, which is the default.")
@_resume_option
@_execute_option
@_timeout_option
@_checkout_option
@_manifest_option
@json_option
@options.format_option
@options.db_option
def chunk_scan(
    target_root: str,
    chunk_size: int,
    tag: str,
    exclude: str,
    max_projects: int,
    source_project: str,
    dry_run: bool,
    resume: bool,
    execute: bool,
    timeout: float,
    codegraphx_root: str | None,
    output: str | None,
    as_json: bool,
    form: str,
    db: str | None,
) -> None:
    """Scan the folders below DIR with CodeGraphX, in chunks.

    Without --execute it shows the plan and changes nothing. CodeGraphX registers the scan in a
    catalogue of its own in the work folder, which is landed with the artifacts.
    """
    if dry_run and execute:
        raise click.UsageError("--dry-run cannot be combined with --execute")
    where = replace(locations(), published=published_path(db))
    root = canonical_root(target_root)
    if not os.path.isdir(root):
        raise options.Refusal(f"{text_of(root)}: no such folder")
    path = _as_text(root)
    tag = safe_tag(tag or os.path.basename(path))
    settings = Settings(
        chunk_size=chunk_size, max_projects=max_projects, resume=resume, exclude=exclude
    )
    candidate = Candidate(1, clean_text(source_project or tag), path, tag)
    one = Campaign([candidate], settings, where, _tool(codegraphx_root, where, [root]))
    one.plan()
    is_complete = True
    if execute:
        is_complete = _execute(
            one, _manifest_path("chunk_scan", one, output), timeout, stop_on_error=True
        )
    else:
        _write_plan(one, output)
    if as_json:
        write_report(one.report() if execute else chunk_summary(one))
    elif execute:
        write_runs(one, form)
    else:
        write_chunks(one, form)
    if not is_complete:
        sys.exit(EXIT_NO)


@click.command(cls=TheirCommand)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=5,
    show_default=True,
    metavar="N",
    help="Number of projects.",
)
@click.option(
    "--min-lines",
    type=int,
    default=500,
    show_default=True,
    metavar="N",
    help="Only projects with at least N lines.",
)
@root_prefix_option
@include_enriched_option
@_chunk_size_option
@_max_projects_option
@click.option(
    "--tag-prefix",
    default="campaign",
    show_default=True,
    metavar="TAG",
    help="First part of all tags.",
)
@_resume_option
@_execute_option
@_stop_option
@_timeout_option
@_checkout_option
@_manifest_option
@json_option
@options.format_option
@options.db_option
def campaign(
    limit: int,
    min_lines: int,
    root_prefix: str,
    include_enriched: bool,
    chunk_size: int,
    max_projects: int,
    tag_prefix: str,
    resume: bool,
    execute: bool,
    stop_on_error: bool,
    timeout: float,
    codegraphx_root: str | None,
    output: str | None,
    as_json: bool,
    form: str,
    db: str | None,
) -> None:
    """Scan the best projects of the backlog with CodeGraphX.

    Scans one project after the other. Without --execute it shows the projects and the commands.
    --resume continues the newest unfinished campaign (or that of --output). Exit code 1: a scan
    failed, or its result could not be landed.
    """
    where = replace(locations(), published=published_path(db))
    settings = Settings(
        limit,
        min_lines,
        root_prefix,
        include_enriched,
        chunk_size,
        max_projects,
        tag_prefix,
        resume,
    )
    before = (_path(output) if output else newest_manifest(where)) if resume and execute else None
    chosen = left_of(before) if before else []
    if not chosen:
        with Published(db) as published:
            found = candidates(published, 0, min_lines, root_prefix, include_enriched)
        best = [row for row in found if row["path"]][:limit]
        chosen = [_candidate(row, number, tag_prefix) for number, row in enumerate(best, 1)]
        before = None
    scanned = [os.fsencode(candidate.path) for candidate in chosen if os.path.isabs(candidate.path)]
    planned = Campaign(chosen, settings, where, _tool(codegraphx_root, where, scanned))
    planned.plan()
    is_complete = True
    if execute:
        is_complete = _execute(
            planned, before or _manifest_path("campaign", planned, output), timeout, stop_on_error
        )
    else:
        _write_plan(planned, output)
    if as_json:
        write_report(planned.report())
    else:
        write_runs(planned, form)
    if not is_complete:
        sys.exit(EXIT_NO)


def _candidate(row: dict[str, Any], number: int, tag_prefix: str) -> Candidate:
    path = row["local_path"] or row["path"]
    name = clean_text(row["name"] or os.path.basename(path))
    return Candidate(
        number,
        name,
        path,
        safe_tag(f"{tag_prefix}_{number:02d}_{name}"),
        row["enrich_score"],
        row["already_enriched"],
    )


def _tool(checkout: str | None, where: Locations, scanned: list[bytes]) -> Tool:
    """Return the CodeGraphX to run: the named checkout, or one outside all crawled folders."""
    from loaders.zone.landing import LandingZone
    from loaders.zone.registered import keep_roots_out

    programs.keep_out(scanned)
    if where.landing.exists():  # Planning must not create it.
        keep_roots_out(LandingZone(where.landing))
    return find_tool(checkout)


def _path(given: str) -> Path:
    return Path(os.path.abspath(os.path.expanduser(given)))


def _as_text(path: bytes) -> str:
    """Return *path* as text that CodeGraphX can write. Raises Refusal if it cannot."""
    try:
        return path.decode()
    except UnicodeDecodeError:
        raise options.Refusal(f"{text_of(path)}: CodeGraphX accepts only names in UTF-8") from None


def _write_plan(campaign: Campaign, output: str | None) -> None:
    if output:
        campaign.manifest = _path(output)
        campaign.write()


def _manifest_path(kind: str, campaign: Campaign, output: str | None) -> Path:
    return _path(output) if output else workplace(campaign.where) / f"{kind}_{campaign.stamp}.json"


def _execute(campaign: Campaign, manifest: Path, seconds: float, stop_on_error: bool) -> bool:
    """Scan, record and land, also if interrupted; return whether everything succeeded.

    Raises Refusal, Busy, OSError.
    """
    from loaders.zone.commit_log import CommitLog
    from loaders.zone.reporting import progress_line

    if campaign.tool.obstacle:
        raise options.Refusal(campaign.tool.obstacle)
    CommitLog(campaign.where.landing).refuse_newer()
    campaign.manifest = manifest
    progress = progress_line()
    with FileLock(campaign.where.work_folder / "codegraphx.lock", "scan with CodeGraphX"):
        try:
            campaign.execute(seconds, stop_on_error, progress)
        finally:
            progress("")
            landed = campaign.land()
    click.echo(options.clean_lines((landed.stdout + landed.stderr).rstrip()), err=True)
    if landed.returncode:
        click.echo(
            options.clean_lines(f"not landed; to land it, run: {shlex.join(landed.args)}"), err=True
        )
    return landed.returncode == 0 and not campaign.has_failed
