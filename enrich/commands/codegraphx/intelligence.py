"""`enrich intelligence`: CodeGraphX's figures on complexity, calls and similarity per folder."""

from __future__ import annotations

from typing import Any

import click

from enrich import options
from enrich.commands.codegraphx.catalogue import find_scope, here, rows_here
from enrich.commands.codegraphx.shared import (
    TheirCommand,
    also_written_to,
    dry_run_option,
    exclude_subpath_option,
    json_option,
    output_option,
    parts_of,
    refused,
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

FIGURES = (
    "files_analyzed",
    "functions_analyzed",
    "dependency_edges",
    "call_edges",
    "internal_call_edges",
    "avg_cyclomatic",
    "max_cyclomatic",
    "p95_cyclomatic",
    "high_complexity_functions",
    "file_similarity_pairs",
    "function_similarity_pairs",
    "max_call_chain_depth",
)
_FOLDERS = f"""
    select
        source_project, source_path, source_path_key, {", ".join(FIGURES)}, scan_artifact,
        scan_artifact_key, updated_at, project_id, source_run_id,
    from codegraphx_project_intelligence
    order by source_path
"""
_PATHS = ("source_path", "scan_artifact")
_FOLDER_TABLE = (
    Column("project", "source_project", "right"),
    Column("files", "files_analyzed"),
    Column("functions", "functions_analyzed"),
    Column("calls", "call_edges"),
    Column("mean", "avg_cyclomatic"),
    Column("max", "max_cyclomatic"),
    Column("complex", "high_complexity_functions"),
    Column("similar", "function_similarity_pairs"),
    Column("folder", "source_path", "left"),
)
_similarity = click.FloatRange(min=0, max=1)
_pairs = click.IntRange(min=1)


@click.command(cls=TheirCommand)
@source_path_option
@source_project_option
@exclude_subpath_option
@click.option(
    "--min-file-sim",
    type=_similarity,
    metavar="X",
    help="Count the landed pairs of files with at least this similarity.",
)
@click.option(
    "--min-func-sim",
    type=_similarity,
    metavar="X",
    help="Count the landed pairs of functions with at least this similarity.",
)
@click.option("--max-file-pairs", type=_pairs, metavar="N", help="Count at most N pairs of files.")
@click.option(
    "--max-func-pairs", type=_pairs, metavar="N", help="Count at most N pairs of functions."
)
@click.option(
    "--complexity-threshold",
    type=int,
    metavar="N",
    help="Count functions with a cyclomatic complexity of at least N.",
)
@dry_run_option
@refused_append()
@refused_scan()
@refused("--no-default-excludes", "reads files that were left out", is_flag=True)
@json_option
@output_option
@options.format_option
@options.db_option
def intelligence(
    source_path: str | None,
    source_project: str | None,
    as_json: bool,
    output: str | None,
    form: str,
    db: str | None,
    **asked: Any,
) -> None:
    """Show how complex, coupled and repetitive code is.

    Answers from the landed figures of CodeGraphX; no file is read again. A figure that an option
    changes is counted again from the landed rows. It is empty if the rows do not contain it.
    """
    with Published(db) as published:
        if source_path is None:
            answer: Any = rows_here(published.query(_FOLDERS), *_PATHS)
        else:
            answer = intelligence_report(published, source_path, **asked)
            answer["source_project"] = source_project or answer["source_project"]
    with also_written_to(output):
        if as_json:
            write_report(answer.dicts() if isinstance(answer, Rows) else answer)
        elif isinstance(answer, Rows):
            write_rows(answer, form, _FOLDER_TABLE, 0, nothing="CodeGraphX has analysed nothing")
        elif form == "table":
            screen = Screen()
            screen.heading(shown(answer["source_project"]))
            screen.facts(
                (name, shown(answer[name])) for name in ("source_path", "scan_artifact", *FIGURES)
            )
        else:
            write_rows(Rows(tuple(answer), [tuple(answer.values())]), form)


def intelligence_report(
    published: Published,
    source_path: str,
    *,
    exclude_subpath: str = "",
    min_file_sim: float | None = None,
    min_func_sim: float | None = None,
    max_file_pairs: int | None = None,
    max_func_pairs: int | None = None,
    complexity_threshold: int | None = None,
) -> dict[str, Any]:
    """Return the report of CodeGraphX's code_intelligence_signals.py on *source_path*.

    Every figure comes from landed rows. Figures that no option changes are those of the scan. A
    figure is None if no row contains it. Raises Refusal.
    """
    scope = find_scope(published, "codegraphx_project_intelligence", source_path)
    [stored] = published.query(STORED, [scope["source_path_key"]]).dicts()
    counted = {
        "high_complexity_functions": complexity_threshold is not None,
        "file_similarity_pairs": (min_file_sim, max_file_pairs) != (None, None),
        "function_similarity_pairs": (min_func_sim, max_func_pairs) != (None, None),
    }
    if exclude_subpath or any(counted.values()):
        [counts] = published.query(
            _COUNTED,
            {
                "key": scope["source_path_key"],
                "unwanted": parts_of(exclude_subpath),
                "threshold": _THRESHOLD if complexity_threshold is None else complexity_threshold,
                "file_sim": min_file_sim or 0.0,
                "func_sim": min_func_sim or 0.0,
                "file_pairs": max_file_pairs,
                "func_pairs": max_func_pairs,
            },
        ).dicts()
        stored |= {name: counts[name] for name in FIGURES if exclude_subpath or counted.get(name)}
    return {
        "status": "completed",
        "source_path": here(scope["source_path"], scope["source_path_key"]),
        "source_project": stored["source_project"],
        "scan_artifact": here(stored["scan_artifact"], stored["scan_artifact_key"]),
        **{name: stored[name] for name in ("scan_rows", *FIGURES)},
        "missing_files": None,
        "skipped_by_filter": None,
        "db_updated": False,
        "append_mode": False,
    }


def _kept(path: str) -> str:
    """Return the condition that the *path* column contains none of the unwanted parts."""
    return f"""
        len(list_filter(cast($unwanted as varchar[]), lambda part:
            contains(replace(lower({path}), '\\', '/'), part))) = 0"""


# The default complexity of a complex function in code_intelligence_signals.py.
_THRESHOLD = 10
# The row count of the scan is known if the registered scan is the analysed one.
STORED = """
    select
        intelligence.*,
        case when enrichment.scan_artifact = intelligence.scan_artifact
            then enrichment.scan_file_count end as scan_rows,
    from codegraphx_project_intelligence as intelligence
    left join codegraphx_enrichment as enrichment using (source_path_key)
    where intelligence.source_path_key = $1
"""
# The figures of code_intelligence_signals.py, except two that no landed row contains: files without
# functions, and how calls resolve without the excluded files.
_COUNTED = f"""
    with functions as (
        select * from codegraphx_complexity_nodes
        where source_path_key = $key and {_kept("file_path")}
    ),

    dependencies as (
        select * from codegraphx_dependency_edges
        where source_path_key = $key and {_kept("file_path")}
    ),

    calls as (
        select * from codegraphx_call_edges
        where source_path_key = $key and {_kept("caller_file")}
    ),

    pairs as (
        select * from codegraphx_similarity_pairs
        where source_path_key = $key
    ),

    file_pairs as (
        select * from pairs
        where
            pair_type = 'file' and similarity >= $file_sim
            and {_kept("left_id")} and {_kept("right_id")}
    ),

    function_pairs as (
        select * from pairs
        where pair_type = 'function' and similarity >= $func_sim
            and left_id in (select function_uid from functions)
            and right_id in (select function_uid from functions)
    )

    select
        null as files_analyzed,
        count(*) as functions_analyzed,
        (select count(*) from dependencies) as dependency_edges,
        (select count(*) from calls) as call_edges,
        (
            select count(*) from calls where callee_name in (select function_name from functions)
        ) as internal_call_edges,
        coalesce(round(avg(cyclomatic), 4), 0) as avg_cyclomatic,
        coalesce(max(cyclomatic), 0) as max_cyclomatic,
        coalesce(
            list_sort(list(cyclomatic))[1 + cast(floor(0.95 * (count(*) - 1)) as bigint)], 0
        ) as p95_cyclomatic,
        count(*) filter (where cyclomatic >= $threshold) as high_complexity_functions,
        least((select count(*) from file_pairs), $file_pairs) as file_similarity_pairs,
        least((select count(*) from function_pairs), $func_pairs) as function_similarity_pairs,
        null as max_call_chain_depth,
    from functions
"""
