"""The projects in the form of CodeGraphX's catalogue, its scores, and its scanned folders."""

from __future__ import annotations

import contextlib
import os
from typing import Any

from enrich.db import Published, Rows
from enrich.options import Refusal
from loaders.base.paths import bytes_of, canonical_root, text_of
from loaders.sources.artifacts.path_keys import RawPath, parse_path

# The columns of its table `projects` that its scripts read.
PROJECT_COLUMNS = (
    "name",
    "path",
    "file_count",
    "line_count",
    "has_readme",
    "has_tests",
    "has_git",
    "has_ci_cd",
    "has_docs",
    "has_license",
)

# One row per project: its row of a landed catalogue, else its values in this file. A catalogue
# would not list the loose files of a root.
PROJECTS = """
    with every_project as (
        select
            name, path, file_count, line_count, has_readme, has_tests, has_git, has_ci_cd,
            has_docs, has_license, path_key, project_id, true as is_catalogued,
        from codegraphx_projects

        union all

        select
            health.project_name,
            health.project_path,
            health.file_count,
            health.line_count,
            cast(health.has_readme as bigint),
            cast(health.has_tests as bigint),
            cast(health.vcs = 'git' as bigint),
            cast(health.has_ci as bigint),
            cast(health.has_docs as bigint),
            cast(health.has_license as bigint),
            projects.path_key,
            health.project_id,
            false,
        from v_project_health as health
        inner join projects on projects.project_id = health.project_id
        where health.index_state <> 'gone' and health.kind <> 'loose_files'
            and health.project_id not in (
                select project_id from codegraphx_projects where project_id is not null
            )
    )

    select
        every_project.*,
        projects.project_path,
        every_project.path_key in (
            select source_path_key from codegraphx_enrichment
        ) as already_enriched,
    from every_project
    left join projects on projects.project_id = every_project.project_id
    where {chosen}
    order by every_project.path, is_catalogued desc
"""


def catalogued_projects(published: Published, chosen: str = "true") -> list[dict[str, Any]]:
    """Return every project, by path, with PROJECT_COLUMNS and five more columns.

    *chosen* is the condition of SQL on `every_project.project_id`.

    These are `already_enriched`, `is_catalogued`, `catalogued_path`, the path as the catalogue has
    it, `path`, the same on this machine if a registered prefix maps it, and `local_path`, the
    folder on this machine, or None.
    """
    rows = published.query(PROJECTS.format(chosen=chosen)).dicts()
    for row in rows:
        known, written = row.pop("project_path"), row["path"]
        row["catalogued_path"] = written
        if row["is_catalogued"]:
            row["path"] = here(written, row["path_key"])
            is_here = known is not None or row["path"] != written
            row["local_path"] = _as_named(row["path_key"]) if is_here else None
        else:
            row["path"] = row["local_path"] = row["catalogued_path"] = _as_named(written)
    return rows


def here(path: str | None, key: str | None) -> str | None:
    """Return *path*, which CodeGraphX wrote and whose key is *key*, as it is on this machine.

    A path that no registered prefix maps stays as it was written.
    """
    is_of_posix = key is not None and key.startswith("/") and not key.startswith("//")
    if not path or key is None or not is_of_posix or parse_path(path).key() == key:
        return path
    return _as_named(key)


def rows_here(rows: Rows, *paths: str) -> Rows:
    """Return *rows* with the columns *paths* as on this machine, without the columns of keys."""
    keys = {f"{path}_key" for path in paths}
    names = tuple(name for name in rows.columns if name not in keys)
    mapped = [
        row | {path: here(row[path], row[f"{path}_key"]) for path in paths} for row in rows.dicts()
    ]
    return Rows(names, [tuple(row[name] for name in names) for row in mapped])


def _as_named(path: str) -> str:
    """Return one of our paths as a script can open it: unescaped, if its bytes are UTF-8."""
    with contextlib.suppress(UnicodeDecodeError):
        return bytes_of(path).decode()
    return path


def enrich_score(project: dict[str, Any]) -> float:
    """Return the score of scripts/enrichment_backlog.py of CodeGraphX 0.3, added in its order."""
    return float(
        project["line_count"] / 5000.0
        + project["file_count"] / 40.0
        + project["has_tests"] * 3.0
        + project["has_readme"] * 1.0
        + project["has_ci_cd"] * 1.5
        + project["has_docs"] * 1.0
        + project["has_license"] * 0.5
        + project["has_git"] * 1.0
    )


def candidates(
    published: Published,
    limit: int,
    min_lines: int,
    root_prefix: str,
    include_enriched: bool,
    chosen: str = "true",
) -> list[dict[str, Any]]:
    """Return the projects to scan next, best first, at most *limit* (0: all).

    Each has PROJECT_COLUMNS, `already_enriched` (0 or 1), `enrich_score`, `is_catalogued`, `path`
    and `local_path`. Unknown counts are 0, as in CodeGraphX. A scan is found by the key of its
    path; *root_prefix* is compared by whole parts and has no wildcards. *chosen* is the condition
    of SQL on `every_project.project_id`.
    """
    found = []
    for row in catalogued_projects(published, chosen):
        row |= {name: row[name] or 0 for name in PROJECT_COLUMNS[2:]}
        row["already_enriched"] = int(bool(row["already_enriched"]))
        row["enrich_score"] = enrich_score(row)
        is_wanted = row["line_count"] >= min_lines and (
            include_enriched or not row["already_enriched"]
        )
        if is_wanted and (not root_prefix or _is_below(row, root_prefix)):
            found.append(row)
    found.sort(key=lambda row: (-row["enrich_score"], -row["line_count"], row["path"] or ""))
    return [row | {"enrich_score": round(row["enrich_score"], 3)} for row in found[: limit or None]]


def _is_below(project: dict[str, Any], prefix: str) -> bool:
    given = [prefix]
    if prefix.startswith(("/", ".", "~")):
        given.append(os.fsdecode(canonical_root(prefix)))
    paths = filter(None, (project[name] for name in ("path", "local_path", "catalogued_path")))
    return any(
        parse_path(path).below(parse_path(folder)) is not None for path in paths for folder in given
    )


def find_scope(published: Published, table: str, given: str) -> dict[str, Any]:
    """Return `source_path` and `source_path_key` of the folder in *table* that *given* names.

    *given* is its path in the catalogue, in any spelling, or the folder on this machine. Raises
    Refusal if it names none or several.
    """
    scopes = published.query(
        f"select distinct source_path, source_path_key from {table}"
        " where source_path is not null order by all"
    ).dicts()
    meant = [scope for scope in scopes if scope["source_path"] == given]
    meant = meant or [
        scope for scope in scopes if scope["source_path_key"] == text_of(canonical_root(given))
    ]
    meant = meant or [scope for scope in scopes if _place(scope["source_path"]) == _place(given)]
    if len(meant) == 1:
        return meant[0]
    if meant:
        lines = [
            f"{given} matches several; give the folder of one:",
            *(f"  {one['source_path_key']}" for one in meant),
        ]
        raise Refusal("\n".join(lines))
    raise Refusal(
        f"{given}: not a folder that CodeGraphX has scanned; "
        "without --source-path this command lists them"
    )


def _place(path: str) -> RawPath:
    """Return *path* in parts that are equal for every spelling of it."""
    place = parse_path(path)
    return (
        RawPath(place.anchor.lower(), tuple(part.lower() for part in place.parts))
        if place.is_windows
        else place
    )
