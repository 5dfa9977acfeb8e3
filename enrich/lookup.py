"""Finds projects and rules by the names that people type."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable
from typing import Any

from enrich.db import Published
from enrich.options import Refusal
from loaders.base.paths import canonical_root, is_beneath, text_of
from loaders.configuration.configured import effective_rows

_MOST_CANDIDATES = 10


def find_project(published: Published, given: str) -> dict[str, Any]:
    """Return id, path and name of the project that *given* names.

    It may be a path, the end of one, a name, or the start of an id; a path inside a project names
    that project. An earlier path or name of a project that moved still names it. A project that is
    gone is meant only if no other one is. Raises Refusal if *given* names none or several.
    """
    projects = published.query(
        "select project_id, project_path, project_name, index_state = 'gone' as is_gone"
        " from v_project_health order by project_path"
    ).dicts()
    meant = _meant(published, projects, given)
    meant = [project for project in meant if not project["is_gone"]] or meant
    if len(meant) == 1:
        return meant[0]
    if meant:
        raise Refusal(_several(given, meant))
    names = sorted({project["project_name"] for project in projects if project["project_name"]})
    near = difflib.get_close_matches(given, names, n=3)
    hint = f"; did you mean {' or '.join(near)}?" if near else "; `enrich projects` lists them"
    raise Refusal(f"no project is called {given}{hint}")


def _meant(
    published: Published, projects: list[dict[str, Any]], given: str
) -> list[dict[str, Any]]:
    is_there = bool(given) and os.path.lexists(os.path.expanduser(given))
    if not _is_path(given):
        called = _called(projects, given) or _once_called(published, projects, given)
        if called or not is_there:
            return called
    elif not is_there and not given.startswith(("/", ".", "~")):
        # A path from a root, as titles of actions have it.
        below = [one for one in projects if one["project_path"].endswith(f"/{given.rstrip('/')}")]
        if below:
            return below
    resolved = present_path(published, text_of(canonical_root(given)))
    # A folder that was moved and replaced by a link still has the path that was landed.
    typed = text_of(os.path.abspath(os.path.expanduser(os.fsencode(given))))
    return _around(projects, resolved, is_there) or _around(projects, typed, is_there)


def present_path(published: Published, path: str) -> str:
    """Return where *path* is now if it is in a folder from which a project moved, else *path*."""
    left = [alias for alias in _aliases(published) if is_beneath(path, alias["alias_path"])]
    if not left:
        return path
    alias = max(left, key=lambda alias: (len(alias["alias_path"]), alias["moved_at"]))
    taken = published.query(
        "select count(*) from projects where not is_gone and length(project_path) >= length($2)"
        " and starts_with($1 || '/', rtrim(project_path, '/') || '/')",
        [path, alias["alias_path"]],
    )
    if taken.rows[0][0]:
        return path
    return str(alias["project_path"]) + path.removeprefix(alias["alias_path"])


def _aliases(published: Published) -> list[dict[str, Any]]:
    """Return the earlier paths of projects; none if the file was published by older code."""
    from duckdb import CatalogException

    try:
        return published.query(
            "select project_id, project_path, alias_path, moved_at from project_aliases"
        ).dicts()
    except CatalogException:
        return []


def _is_path(given: str) -> bool:
    return "/" in given or given in (".", "..", "~")


def _around(projects: list[dict[str, Any]], path: str, is_there: bool) -> list[dict[str, Any]]:
    """Return the innermost project around *path*, which *is_there* if it exists on disk."""
    around = [project for project in projects if is_beneath(path, project["project_path"])]
    if is_there:
        around = [project for project in around if not project["is_gone"]] or around
    return sorted(around, key=lambda project: len(project["project_path"]))[-1:]


def _once_called(
    published: Published, projects: list[dict[str, Any]], given: str
) -> list[dict[str, Any]]:
    meant = {
        alias["project_id"]
        for alias in _aliases(published)
        if alias["alias_path"].rpartition("/")[2] == given
    }
    return [project for project in projects if project["project_id"] in meant]


def _called(projects: list[dict[str, Any]], given: str) -> list[dict[str, Any]]:
    """Return the projects with the name *given*, as it is or as text, else those with the id."""
    shown = {given, text_of(os.fsencode(given))}
    called = [project for project in projects if project["project_name"] in shown]
    called = called or [
        project for project in projects if (project["project_name"] or "").lower() == given.lower()
    ]
    if any(not project["is_gone"] for project in called):
        return called
    start = given.lower()
    if re.fullmatch("[0-9a-f]{4,}", start):
        called += [project for project in projects if project["project_id"].startswith(start)]
    return called


def _several(given: str, meant: list[dict[str, Any]]) -> str:
    lines = [f"{given} matches {len(meant)} projects; give the path or the id of one:"]
    lines += [
        f"  {project['project_id'][:8]}  {project['project_path']}"
        for project in meant[:_MOST_CANDIDATES]
    ]
    if len(meant) > _MOST_CANDIDATES:
        lines.append(f"  … and {len(meant) - _MOST_CANDIDATES} more")
    return "\n".join(lines)


def seed(name: str) -> list[dict[str, str]]:
    """Return the rows of a seed, with the configured rows over them; an empty cell is ''."""
    return [{column: cell or "" for column, cell in row.items()} for row in effective_rows(name)]


def rule_called(given: str) -> str | None:
    """Return the rule that *given* names in any case, or None."""
    name = given.upper().replace("-", "_")
    return name if name in {row["gap_type"] for row in seed("gap_rules")} else None


def the_rule(given: str, further: Iterable[str] = ()) -> str:
    """Return the rule whose name is *given* or begins with it. Raises Refusal if none has.

    *further* rules are no longer in the seed, but the published file has findings of them.
    """
    name = given.upper().replace("-", "_")
    every = sorted({row["gap_type"] for row in seed("gap_rules")}.union(further))
    meant = [rule for rule in every if rule == name] or [
        rule for rule in every if rule.startswith(name)
    ]
    if len(meant) != 1:
        raise Refusal(f"no rule is called {given}; the rules are:\n  " + "\n  ".join(every))
    return meant[0]
