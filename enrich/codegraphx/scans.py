"""`enrich chunk-scan` and `enrich campaign`: plan CodeGraphX's scans, run them, land what they made."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from enrich import options
from enrich.codegraphx.backlog import include_enriched_option, root_prefix_option
from enrich.codegraphx.campaign import (
    Campaign,
    Candidate,
    Settings,
    left_of,
    newest_manifest,
    workplace,
)
from enrich.codegraphx.catalogue import candidates
from enrich.codegraphx.chunks import safe_tag
from enrich.codegraphx.shared import WRITES, TheirCommand, json_option, refused, write_report
from enrich.codegraphx.tool import Tool, find_tool
from enrich.db import Published, Rows, published_path
from enrich.render import write_rows
from enrich.screen import Column, Screen
from loaders.base import programs
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
    "--execute", is_flag=True, help="Scan, and land what was made. Default: only plan."
)
_resume_option = click.option(
    "--resume", is_flag=True, help="Go on with what was scanned before, where that still fits."
)
_stop_option = click.option(
    "--stop-on-error", is_flag=True, help="End with the first scan that fails."
)
_timeout_option = click.option(
    "--timeout",
    type=click.FloatRange(min=1),
    default=1800,
    show_default=True,
    metavar="SECONDS",
    help="For one scan.",
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
    help="Where the manifest is written.",
)


@click.command("chunk-scan", cls=TheirCommand)
@click.option(
    "--target-root", required=True, metavar="DIR", help="The folder whose folders are scanned."
)
@_chunk_size_option
@click.option(
    "--tag",
    default="",
    metavar="TAG",
    help="What its artifacts are called after. Default: the folder.",
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
    """Scan the folders below DIR with CodeGraphX, some at a time.

    Without --execute it says what would be scanned, and changes nothing. CodeGraphX notes the scan in
    a catalogue of ours, which is landed with the artifacts.
    """
    if dry_run and execute:
        raise click.UsageError("--dry-run only plans; it cannot be joined with --execute")
    where = replace(locations(), published=published_path(db))
    root = canonical_root(target_root)
    if not os.path.isdir(root):
        raise options.Refusal(f"{text_of(root)}: there is no such folder")
    path = _as_text(root)
    tag = safe_tag(tag or os.path.basename(path))
    settings = Settings(
        chunk_size=chunk_size, max_projects=max_projects, resume=resume, exclude=exclude
    )
    candidate = Candidate(1, clean_text(source_project or tag), path, tag)
    one = Campaign([candidate], settings, where, _tool(codegraphx_root, where, [root]))
    one.plan()
    is_well = True
    if execute:
        is_well = _execute(
            one, _manifest_path("chunk_scan", one, output), timeout, stop_on_error=True
        )
    else:
        _write_plan(one, output)
    if as_json:
        write_report(one.report() if execute else _summary(one))
    elif execute:
        _tell_runs(one, form)
    else:
        _tell_chunks(one, form)
    if not is_well:
        sys.exit(options.EXIT_NO)


@click.command(cls=TheirCommand)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=5,
    show_default=True,
    metavar="N",
    help="How many projects.",
)
@click.option(
    "--min-lines",
    type=int,
    default=500,
    show_default=True,
    metavar="N",
    help="Only with so many lines.",
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
    help="What all tags begin with.",
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
    """Scan the best of the backlog with CodeGraphX.

    One project after the other. Without --execute it says which, and by which commands. --resume goes
    on with the newest campaign (or that of --output) that was not finished. Exit code 1: a scan failed,
    or what was made could not be landed.
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
    is_well = True
    if execute:
        is_well = _execute(
            planned, before or _manifest_path("campaign", planned, output), timeout, stop_on_error
        )
    else:
        _write_plan(planned, output)
    if as_json:
        write_report(planned.report())
    else:
        _tell_runs(planned, form)
    if not is_well:
        sys.exit(options.EXIT_NO)


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
    """Return the CodeGraphX to run: the checkout that was named, or one outside of all that is crawled or scanned."""
    from loaders.zone.landing import LandingZone
    from loaders.zone.registered import keep_roots_out

    programs.keep_out(scanned)
    if where.landing.exists():  # to plan a scan makes nothing
        keep_roots_out(LandingZone(where.landing))
    return find_tool(checkout)


def _path(given: str) -> Path:
    return Path(os.path.abspath(os.path.expanduser(given)))


def _as_text(path: bytes) -> str:
    """Return *path* as CodeGraphX can write it down. Raises Refusal where it cannot."""
    try:
        return path.decode()
    except UnicodeDecodeError:
        raise options.Refusal(f"{text_of(path)}: CodeGraphX takes only names in UTF-8") from None


def _write_plan(campaign: Campaign, output: str | None) -> None:
    if output:
        campaign.manifest = _path(output)
        campaign.write()


def _manifest_path(kind: str, campaign: Campaign, output: str | None) -> Path:
    return _path(output) if output else workplace(campaign.where) / f"{kind}_{campaign.stamp}.json"


def _execute(campaign: Campaign, manifest: Path, seconds: float, stop_on_error: bool) -> bool:
    """Scan, write down, land, also what was made before something interrupts; say whether all of it went well.

    Raises Refusal, Busy, OSError.
    """
    from loaders.zone.commit_log import CommitLog
    from loaders.zone.reporting import progress_line

    if campaign.tool.lack:
        raise options.Refusal(campaign.tool.lack)
    CommitLog(campaign.where.landing).refuse_newer()
    campaign.manifest = manifest
    progress = progress_line()
    with FileLock(campaign.where.workshop / "codegraphx.lock", "scan with CodeGraphX"):
        try:
            campaign.execute(seconds, stop_on_error, progress)
        finally:
            progress("")
            landed = campaign.land()
    click.echo(options.clean_lines((landed.stdout + landed.stderr).rstrip()), err=True)
    if landed.returncode:
        click.echo(
            options.clean_lines(f"not landed; to land it: {shlex.join(landed.args)}"), err=True
        )
    return landed.returncode == 0 and not campaign.has_failed


# -- what is said ----------------------------------------------------------------------------------

_RUN_TABLE = (
    Column("score", "enrich_score"),
    Column("status", "status"),
    Column("project", "name", "right"),
    Column("chunks", "chunks"),
    Column("folder", "path", "left"),
)
_CHUNK_TABLE = (
    Column("chunk", "chunk"),
    Column("status", "status"),
    Column("rows", "rows"),
    Column("folders", lambda row: ", ".join(row["projects"]), "right"),
)


def _tell_runs(campaign: Campaign, form: str) -> None:
    """Say of each candidate what is planned, or how it ended."""
    runs = [
        run | {"chunks": count}
        for run, count in zip(campaign.report()["runs"], _chunk_counts(campaign), strict=True)
    ]
    names = tuple(dict.fromkeys(name for run in runs for name in run))
    write_rows(
        Rows(names, [tuple(run.get(name) for name in names) for run in runs]),
        form,
        _RUN_TABLE,
        0,
        "nothing is left to scan",
    )
    if form != "table" or not runs:
        return
    screen = Screen()
    screen.gap()
    for run in runs:
        if run["status"] == "planned":
            screen.command(f"$ {shlex.join(run['command'])}")
        if run["status"] == "failed":
            screen.text(f"{run['name']}: {_reason(run)}", style="red")
    _tell_end(screen, campaign)


def _reason(run: dict[str, Any]) -> str:
    """Return how a failed scan began to complain, and how it ended."""
    lines = run["stderr_tail"].splitlines() or [f"ended with {run['return_code']}"]
    return " … ".join(dict.fromkeys((lines[0], lines[-1])))


def _chunk_counts(campaign: Campaign) -> Iterator[int | None]:
    for candidate in campaign.candidates:
        try:
            yield len(campaign.chunks(candidate).chunks)
        except OSError:
            yield None


def _tell_chunks(campaign: Campaign, form: str) -> None:
    """Say of each chunk of the one candidate what it holds."""
    [candidate] = campaign.candidates
    plan = campaign.chunks(candidate)
    results = plan.results(campaign.tool.checkout)
    write_rows(
        Rows(tuple(results[0]) if results else (), [tuple(row.values()) for row in results]),
        form, _CHUNK_TABLE, 0, "it holds no folder that CodeGraphX would scan",
    )  # fmt: skip
    if form != "table":
        return
    screen = Screen()
    screen.gap()
    if plan.files_beside:
        screen.text(
            f"left out, since it scans folders only: {plan.files_beside} source files in {plan.root} itself",
            style="yellow",
        )
    screen.command(f"$ {shlex.join(candidate.command)}")
    _tell_end(screen, campaign)


def _tell_end(screen: Screen, campaign: Campaign) -> None:
    if campaign.is_executed:
        screen.facts([("manifest", str(campaign.manifest)), ("next", "enrich refresh-meta")])
    else:
        screen.text(f"planned only; {campaign.tool.lack or '--execute scans and lands'}")


def _summary(campaign: Campaign) -> dict[str, Any]:
    """Return the plan in the shape of the summary that CodeGraphX writes of a chunk scan."""
    [candidate] = campaign.candidates
    plan = campaign.chunks(candidate)
    results = plan.results(campaign.tool.checkout)
    merged = plan.merged_scan(campaign.tool.checkout) if campaign.tool.checkout else None
    return {
        "root": candidate.path,
        "tag": candidate.tag,
        "chunk_size": campaign.settings.chunk_size,
        "total_projects_scanned": plan.folders,
        "total_chunks": len(results),
        "chunk_results": results,
        "total_rows_raw": sum(result["rows"] for result in results),
        # Known once the scans are merged.
        "total_rows_merged_unique": None,
        "merged_scan_file": str(merged) if merged else None,
        "command": candidate.command,
    }
