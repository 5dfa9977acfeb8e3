"""Finds projects and rules by the names that people type."""

from __future__ import annotations

import csv
import difflib
import re
from typing import Any

from enrich.db import Published
from enrich.options import Refusal
from loaders.base.paths import PROJECT_ROOT, canonical_root, is_beneath, text_of

_MOST_CANDIDATES = 10


def find_project(published: Published, given: str) -> dict[str, Any]:
    """Return id, path and name of the project that *given* names.

    It may be a path, a name, or the start of an id; a path inside a project names that project.
    Raises Refusal if it names none or several.
    """
    projects = published.query(
        "select project_id, project_path, project_name from v_project_health order by project_path"
    ).dicts()
    meant = _meant(projects, given)
    if len(meant) == 1:
        return meant[0]
    if meant:
        raise Refusal(_several(given, meant))
    names = sorted({project["project_name"] for project in projects if project["project_name"]})
    near = difflib.get_close_matches(given, names, n=3)
    hint = f"; did you mean {' or '.join(near)}?" if near else "; `enrich projects` lists them"
    raise Refusal(f"no project is called {given}{hint}")


def _meant(projects: list[dict[str, Any]], given: str) -> list[dict[str, Any]]:
    if given.startswith((".", "~")) or "/" in given:
        path = text_of(canonical_root(given))
        around = [project for project in projects if is_beneath(path, project["project_path"])]
        return sorted(around, key=lambda project: len(project["project_path"]))[-1:]
    called = [project for project in projects if project["project_name"] == given]
    called = called or [
        project for project in projects if (project["project_name"] or "").lower() == given.lower()
    ]
    if called or not re.fullmatch("[0-9a-f]{4,}", given):
        return called
    return [project for project in projects if project["project_id"].startswith(given)]


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
    """Return the rows of a seed of this clone."""
    with open(PROJECT_ROOT / "seeds" / f"{name}.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def rule_called(given: str) -> str | None:
    """Return the rule that *given* names in any case, or None."""
    name = given.upper().replace("-", "_")
    return name if name in {row["gap_type"] for row in seed("gap_rules")} else None


def the_rule(given: str) -> str:
    """Return the rule whose name is *given* or begins with it. Raises Refusal if none has."""
    name = given.upper().replace("-", "_")
    every = sorted(row["gap_type"] for row in seed("gap_rules"))
    meant = [rule for rule in every if rule == name] or [
        rule for rule in every if rule.startswith(name)
    ]
    if len(meant) != 1:
        raise Refusal(f"no rule is called {given}; the rules are:\n  " + "\n  ".join(every))
    return meant[0]
