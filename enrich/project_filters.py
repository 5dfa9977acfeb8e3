"""The options --group, --tag and --mine, which every command that lists projects, or what belongs
to them, takes in the same way.

    @project_filters.options
    def command(filters: Filters, …):
        condition = filters.condition(published)     # SQL over `project_id`; `true` without options
"""

from __future__ import annotations

import difflib
import functools
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from enrich.db import Published
from enrich.lookup import seed
from enrich.options import Refusal
from loaders.base.engine_paths import sql_text

# Option → the column of `projects` with a JSON list of its names.
_LISTS = {"group": "project_groups", "tag": "project_tags"}


@dataclass(frozen=True)
class Filters:
    """The projects that the options of a command choose: those that fit all of them."""

    group: str | None = None
    tag: str | None = None
    mine: bool = False

    def condition(self, published: Published, column: str = "project_id") -> str:
        """Return the condition of SQL that *column* is the id of a chosen project.

        Raises Refusal if no project has the group or the tag, or is the user's own.
        """
        parts = []
        for option, names in _LISTS.items():
            if (name := getattr(self, option)) is not None:
                _check(published, option, name)
                parts.append(
                    f"{column} in (select project_id from projects where"
                    f" list_contains(from_json({names}, '[\"varchar\"]'), {sql_text(name)}))"
                )
        if self.mine:
            _check_mine(published)
            parts.append(f"{column} in (select project_id from v_project_health where is_mine)")
        return " and ".join(parts) or "true"


def options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command, which takes them as one argument, `filters`."""

    @functools.wraps(function)
    def with_filters(
        *arguments: Any, group: str | None, tag: str | None, mine: bool, **further: Any
    ) -> Any:
        return function(*arguments, filters=Filters(group, tag, mine), **further)

    command: Callable[..., Any] = with_filters
    for add in (
        click.option("--mine", is_flag=True, help="Only the user's own projects."),
        click.option("--tag", metavar="NAME", help="Only projects with this tag."),
        click.option("--group", metavar="NAME", help="Only projects of this group."),
    ):
        command = add(command)
    return command


def _check_mine(published: Published) -> None:
    """Raise Refusal if no project is known to be the user's own."""
    if not published.query("select 1 from v_project_health where is_mine limit 1").rows:
        raise Refusal(
            "no project is known to be yours; `enrich config edit my_identities` says who you are,"
            " from the next refresh"
        )


def _check(published: Published, option: str, name: str) -> None:
    """Raise Refusal if no project has *name* among its groups or tags."""
    lists = published.query(f"select distinct {_LISTS[option]} as names from projects").rows
    known = sorted({one for (names,) in lists for one in json.loads(names or "[]")})
    if name in known:
        return
    if any((row["kind"], row["value"]) == (option, name) for row in seed("project_labels")):
        raise Refusal(f"the {option} {name} applies from the next refresh")
    if not known:
        raise Refusal(f"no project has a {option}; `enrich config edit project_labels` gives one")
    near = difflib.get_close_matches(name, known, n=3) or known[:10]
    raise Refusal(f"no project has the {option} {name}; did you mean {' or '.join(near)}?")
