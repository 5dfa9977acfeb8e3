"""Projects in answers: the queries of the page of one, which take its id and read the views of
`judge_now`; the files that rules leave out; names that tell projects apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from enrich.answers.findings import project_name, title_in_project
from enrich.db import Published
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


def short_names(paths: Sequence[str]) -> list[str]:
    """Return the last part of each path, and as many parts before it as tell equal names apart."""
    names = [path.rpartition("/")[2] or path for path in paths]
    for parts in range(2, 2 + max((path.count("/") for path in paths), default=0)):
        repeated = {name for name, count in Counter(names).items() if count > 1}
        if not repeated:
            break
        names = [
            "/".join(path.split("/")[-parts:]) if name in repeated else name
            for path, name in zip(paths, names, strict=True)
        ]
    return names


def names_of(published: Published) -> dict[str, str]:
    """Return path → name of every project, with a part of the path if another has that name.

    A project that is gone makes no name of a present one longer.
    """
    rows = published.query("select project_path, is_gone from projects order by 1").rows
    every = [path for path, _ in rows if path]
    present = [path for path, is_gone in rows if path and not is_gone]
    return {
        path: name
        for paths in (every, present)
        for path, name in zip(paths, short_names(paths), strict=True)
    }


def names_apart(columns: tuple[Column, ...], names: Mapping[str, str]) -> tuple[Column, ...]:
    """Return *columns* with the *names* of `names_of` for those of projects."""

    def name(row: Mapping[str, Any]) -> str | None:
        return names.get(row["project_path"]) or project_name(row)

    def title(row: Mapping[str, Any]) -> str:
        return title_in_project(row, name(row))

    values: dict[Any, Any] = {project_name: name, title_in_project: title}
    return tuple(
        replace(
            column,
            value=values.get(column.value, column.value),
            below=names_apart(column.below, names),
        )
        for column in columns
    )


def sum_of_others(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Return the sums of the columns that `left_out` needs."""
    names = [f"{name}_{unit}_count" for name in _OTHERS for unit in ("file", "line")]
    return {name: sum(row[name] or 0 for row in rows) for name in names}
