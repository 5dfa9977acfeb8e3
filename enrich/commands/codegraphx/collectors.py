"""`enrich collectors`: the files that gather facts, by their roles or the signals of CodeGraphX."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import click

from enrich import options
from enrich.commands.codegraphx.catalogue import find_scope, here, rows_here
from enrich.commands.codegraphx.shared import (
    TheirCommand,
    also_written_to,
    dry_run_option,
    exclude_subpath_option,
    folded,
    json_option,
    output_option,
    parts_of,
    refused_append,
    refused_scan,
    source_path_option,
    source_project_option,
    write_report,
)
from enrich.db import Published, Rows
from enrich.render import write_rows
from enrich.screen import Column, Screen
from enrich.values import shown
from loaders.base.paths import canonical_root, text_of
from loaders.sources.artifacts.path_keys import parse_path

SIGNALS = ("walk", "read", "filter", "metadata", "aggregate", "fs_imports", "name_hint")
_FILE_COLUMNS = (
    "file_path",
    "language",
    "collector_score",
    "is_file_collector",
    "evidence",
    *tuple(f"signal_{name}" for name in SIGNALS),
)
# The default minimum score of file_collector_signals.py.
_MIN_SCORE = 4.0
FILES = """
    select * from codegraphx_file_signals
    where source_path_key = $1
    order by collector_score desc, file_path
"""
# Roles are surer than the words that CodeGraphX counts; only they give the other roles as well.
_FOLDERS = """
    with by_role as (
        select * from v_collector_projects where transformer_files is not null
    )
    select
        source_project, source_path, source_path_key, files_analyzed, collector_files,
        collector_ratio, min_score, scan_artifact, scan_artifact_key, updated_at, project_id,
        source_run_id, 'CodeGraphX' as answered_by,
    from codegraphx_project_signals
    where project_id is null or project_id not in (select project_id from by_role)
    union all
    select
        project_name, project_path, project_path, classified_files, collector_files,
        collector_density, null, null, null, null, project_id, source_run_id, 'roles',
    from by_role
    order by source_path
"""
_ROLES_OF = """
    select
        project_path || '/' || file_path as file_path, language,
        confidence as collector_score, 1 as is_file_collector, evidence as evidence_json,
    from v_file_roles
    where project_id = $1 and primary_role = 'collector'
    order by confidence desc, file_path
"""
_PATHS = ("source_path", "scan_artifact")
_FOLDER_TABLE = (
    Column("project", "source_project", "right"),
    Column("collectors", "collector_files"),
    Column("of files", "files_analyzed"),
    Column("ratio", "collector_ratio"),
    Column("by", "answered_by", "right"),
    Column("folder", "source_path", "left"),
)


@click.command(cls=TheirCommand)
@source_path_option
@source_project_option
@click.option(
    "--min-score",
    type=click.FloatRange(min=0),
    metavar="X",
    help="Minimum score of a collector. Default: that of the scan.",
)
@click.option(
    "--top",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    metavar="N",
    help="At most N files.",
)
@exclude_subpath_option
@dry_run_option
@refused_append()
@refused_scan()
@json_option
@output_option
@options.format_option
@options.db_option
def collectors(
    source_path: str | None,
    source_project: str | None,
    min_score: float | None,
    top: int,
    exclude_subpath: str,
    as_json: bool,
    output: str | None,
    form: str,
    db: str | None,
) -> None:
    """List the files that gather facts.

    Answers from the roles of files, and for a folder that CodeGraphX has scanned, from its landed
    signals; no file is read again. --min-score and --exclude-subpath count the landed signals
    again.
    """
    with Published(db) as published:
        if source_path is None:
            answer: Any = rows_here(published.query(_FOLDERS), *_PATHS)
        else:
            answer = (
                roles_report(published, source_path, top)
                if min_score is None and not exclude_subpath
                else None
            ) or collectors_report(published, source_path, min_score, top, exclude_subpath)
            answer["source_project"] = source_project or answer["source_project"]
    with also_written_to(output):
        if isinstance(answer, Rows):
            _write_folders(answer, as_json, form)
        elif as_json:
            write_report(answer)
        else:
            _write_files(answer, form)


def _write_folders(folders: Rows, as_json: bool, form: str) -> None:
    if as_json:
        write_report(folders.dicts())
    else:
        write_rows(folders, form, _FOLDER_TABLE, limit=0, nothing="no file is classified yet")


def roles_report(published: Published, source_path: str, top: int) -> dict[str, Any] | None:
    """Return the same report from the roles of files.

    None if CodeGraphX has scanned the folder, or no project there has roles.
    """
    with contextlib.suppress(options.Refusal):
        find_scope(published, "codegraphx_project_signals", source_path)
        return None
    path = text_of(canonical_root(source_path))
    found = published.query(
        "select * from v_collector_projects"
        " where project_path = $1 and transformer_files is not null",
        [path],
    ).dicts()
    if not found:
        return None
    [project] = found
    files = published.query(_ROLES_OF, [project["project_id"]], at_most=top).dicts()
    return {
        "status": "completed",
        "source_path": project["project_path"],
        "source_project": project["project_name"],
        "scan_artifact": None,
        "min_score": None,
        "files_analyzed": project["classified_files"],
        "collector_files": project["collector_files"],
        "collector_ratio": project["collector_density"],
        "missing_files": None,
        "skipped_by_filter": 0,
        "append_mode": False,
        "db_updated": False,
        "top_collectors": [_file_of_role(row) for row in files],
    }


def _file_of_role(row: dict[str, Any]) -> dict[str, Any]:
    """Return a file as the report lists it; a role has no signals of CodeGraphX."""
    evidence = [signal["signal"] for signal in json.loads(row["evidence_json"] or "[]")]
    return {name: row.get(name) for name in _FILE_COLUMNS} | {"evidence": evidence}


def collectors_report(
    published: Published, source_path: str, min_score: float | None, top: int, exclude_subpath: str
) -> dict[str, Any]:
    """Return the report of file_collector_signals.py on *source_path*, from landed signals.

    missing_files is None, because only a new scan could count them. Raises Refusal.
    """
    scope = find_scope(published, "codegraphx_project_signals", source_path)
    key = [scope["source_path_key"]]
    [summary] = published.query(
        "select * from codegraphx_project_signals where source_path_key = $1", key
    ).dicts()
    files = published.query(FILES, key).dicts()
    unwanted = parts_of(exclude_subpath)
    kept = [
        row for row in files if not any(part in folded(row["file_path"] or "") for part in unwanted)
    ]
    is_as_scanned = min_score in (None, summary["min_score"]) and not exclude_subpath
    floor = next(
        score for score in (min_score, summary["min_score"], _MIN_SCORE) if score is not None
    )
    chosen = [_file(row) for row in kept if is_collector(row, floor)]
    counted = (
        (summary["files_analyzed"], summary["collector_files"], summary["collector_ratio"])
        if is_as_scanned
        else (len(kept), len(chosen), round(len(chosen) / len(kept), 6) if kept else 0.0)
    )
    return {
        "status": "completed",
        "source_path": here(scope["source_path"], scope["source_path_key"]),
        "source_project": summary["source_project"],
        "scan_artifact": here(summary["scan_artifact"], summary["scan_artifact_key"]),
        "min_score": floor,
        **dict(zip(("files_analyzed", "collector_files", "collector_ratio"), counted, strict=True)),
        "missing_files": None,
        "skipped_by_filter": len(files) - len(kept),
        "append_mode": False,
        "db_updated": False,
        "top_collectors": chosen[:top],
    }


def is_collector(row: dict[str, Any], min_score: float) -> bool:
    """Return whether file_collector_signals.py takes a file with these signals for a collector."""
    does_something = row["signal_read"] or row["signal_metadata"] or row["signal_aggregate"]
    score = row["collector_score"] or 0.0
    return (
        bool(row["signal_walk"] and does_something and score >= min_score) or score >= min_score + 1
    )


def _file(row: dict[str, Any]) -> dict[str, Any]:
    """Return a file as the report lists it; all listed files are collectors."""
    signals = {f"signal_{name}": int(row[f"signal_{name}"] or 0) for name in SIGNALS}
    found = {
        "file_path": here(row["file_path"], row.get("file_path_key")),
        "is_file_collector": 1,
        "evidence": _words(row["evidence_json"]),
    } | signals
    return {name: found.get(name, row.get(name)) for name in _FILE_COLUMNS}


def _words(evidence: str | None) -> list[str]:
    """Return the texts in a JSON list, empty if it is not one."""
    try:
        names = json.loads(evidence or "[]")
    except ValueError:
        return []
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def _write_files(report: dict[str, Any], form: str) -> None:
    found = report["top_collectors"]
    rows = Rows(_FILE_COLUMNS, [tuple(row.values()) for row in found])
    if form != "table":
        write_rows(rows, form)
        return
    screen = Screen()
    screen.heading(
        f"{shown(report['source_project'])}  "
        f"{report['collector_files']} of {report['files_analyzed']} files"
    )
    screen.facts([("folder", report["source_path"]), ("scan", report["scan_artifact"] or "-")])
    screen.gap()
    columns = (
        Column("score", "collector_score"),
        Column("language", "language"),
        Column("file", lambda row: _within(row["file_path"] or "", report["source_path"]), "left"),
        Column("evidence", lambda row: ", ".join(row["evidence"]), "right"),
    )
    write_rows(rows, form, columns, 0, nothing="no collectors among them")


def _within(path: str, folder: str) -> str:
    """Return *path* from *folder*, or all of it if it is elsewhere."""
    inner = parse_path(path).below(parse_path(folder))
    return "/".join(inner) if inner else path
