"""The queries of the page of one project, each of which takes its id, and what its rules leave
out. They read the views of `judge_now`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from enrich.answers.findings import project_name, title_in_project
from enrich.db import Rows
from enrich.screen import Column
from loaders.base.figures import counted

QUESTIONS = {
    "health": "select * from health_now where project_id = $1",
    "terms": "select * from v_health_terms where project_id = $1 order by maximum is null, term",
    "coverage": "select * from coverage_now where project_id = $1 order by scan_source",
    "actions": "select * from v_next_actions where project_id = $1 order by rank",
    "conflicts": (
        "select dependency_name, specifier, provider_version, provider_project_path, manifest_path"
        " from project_dependencies where project_id = $1 and is_satisfied = false"
        " order by dependency_name, scope"
    ),
}

# Files that are not the project's own, in the columns of v_project_health.
_OTHERS = ("ignored", "vendored", "generated")


def left_out(counts: Mapping[str, Any]) -> str | None:
    """Return how much of a project, or of several, is not its own; None if nothing is.

    *counts* has columns of `v_project_health`, or their sums.
    """
    parts = [
        f"{counted(counts[f'{name}_line_count'] or 0, 'line')} in {counted(count, f'{name} file')}"
        for name in _OTHERS
        if (count := counts[f"{name}_file_count"])
    ]
    return ", ".join(parts) or None


def short_names(paths: list[str | None]) -> list[str | None]:
    """Return the last part of each path, and as many parts before it as tell equal names apart."""
    names = [(path and path.rpartition("/")[2]) or path for path in paths]
    for parts in range(2, 2 + max((path.count("/") for path in paths if path), default=0)):
        repeated = {name for name, count in Counter(names).items() if count > 1}
        if not repeated:
            break
        names = [
            "/".join(path.split("/")[-parts:]) if path and name in repeated else name
            for path, name in zip(paths, names, strict=True)
        ]
    return names


def names_apart(columns: tuple[Column, ...], found: Rows) -> tuple[Column, ...]:
    """Return *columns* with names of projects that tell those of *found* apart."""
    paths = sorted({row["project_path"] for row in found.dicts() if row["project_path"]})
    names = dict(zip(paths, short_names([*paths]), strict=True))

    def name(row: Mapping[str, Any]) -> str | None:
        return names.get(row["project_path"])

    def title(row: Mapping[str, Any]) -> str:
        return title_in_project(row, name(row))

    values: dict[Any, Any] = {project_name: name, title_in_project: title}
    return tuple(
        replace(column, value=values.get(column.value, column.value)) for column in columns
    )


def sum_of_others(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Return the sums of the columns that `left_out` needs."""
    names = [f"{name}_{unit}_count" for name in _OTHERS for unit in ("file", "line")]
    return {name: sum(row[name] or 0 for row in rows) for name in names}
