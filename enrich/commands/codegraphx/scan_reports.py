"""Prints the plan of `enrich chunk-scan` and `enrich campaign`, or how their scans ended."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

from enrich.commands.codegraphx.campaign import Campaign
from enrich.db import Rows
from enrich.render import write_rows
from enrich.screen import Column, Screen

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


def write_runs(campaign: Campaign, form: str) -> None:
    """Print for each candidate what is planned, or how it ended."""
    runs = [
        run | {"chunks": count}
        for run, count in zip(campaign.report()["runs"], _chunk_counts(campaign), strict=True)
    ]
    names = tuple(dict.fromkeys(name for run in runs for name in run))
    write_rows(
        Rows(names, [tuple(run.get(name) for name in names) for run in runs]),
        form,
        _RUN_TABLE,
        limit=0,
        nothing="nothing is left to scan",
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
    _write_end(screen, campaign)


def _reason(run: dict[str, Any]) -> str:
    """Return the first and the last line of the errors of a failed scan."""
    lines = run["stderr_tail"].splitlines() or [f"ended with {run['return_code']}"]
    return " … ".join(dict.fromkeys((lines[0], lines[-1])))


def _chunk_counts(campaign: Campaign) -> Iterator[int | None]:
    for candidate in campaign.candidates:
        try:
            yield len(campaign.chunks(candidate).chunks)
        except OSError:
            yield None


def write_chunks(campaign: Campaign, form: str) -> None:
    """Print the folders of each chunk of the only candidate."""
    [candidate] = campaign.candidates
    plan = campaign.chunks(candidate)
    results = plan.results(campaign.tool.checkout)
    write_rows(
        Rows(tuple(results[0]) if results else (), [tuple(row.values()) for row in results]),
        form, _CHUNK_TABLE, limit=0, nothing="it contains no folder that CodeGraphX would scan",
    )  # fmt: skip
    if form != "table":
        return
    screen = Screen()
    screen.gap()
    if plan.files_beside:
        screen.text(
            f"left out, because it scans folders only: "
            f"{plan.files_beside} source files in {plan.root} itself",
            style="yellow",
        )
    screen.command(f"$ {shlex.join(candidate.command)}")
    _write_end(screen, campaign)


def _write_end(screen: Screen, campaign: Campaign) -> None:
    if campaign.is_executed:
        screen.facts([("manifest", str(campaign.manifest)), ("next", "enrich refresh-meta")])
    else:
        screen.text(f"planned only; {campaign.tool.obstacle or '--execute scans and lands'}")


def chunk_summary(campaign: Campaign) -> dict[str, Any]:
    """Return the plan in the form of the summary that CodeGraphX writes of a chunk scan."""
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
        # Unknown until the scans are merged.
        "total_rows_merged_unique": None,
        "merged_scan_file": str(merged) if merged else None,
        "command": candidate.command,
    }
