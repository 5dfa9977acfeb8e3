"""The argument PROJECT and the filters of projects, for commands that answer for one project or for
the whole workspace.

    @project_choice.argument
    def command(choice: Choice, …):
        condition = choice.condition(published)     # SQL over `project_id` and `is_repeat`
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import click

from enrich import project_filters
from enrich.db import Published
from enrich.lookup import find_project
from enrich.project_filters import Filters
from loaders.base.engine_paths import sql_text


@dataclass(frozen=True)
class Choice:
    """One project, or all that the filters choose."""

    project: str | None = None
    filters: Filters = field(default_factory=Filters)

    @property
    def is_everything(self) -> bool:
        """Whether no option leaves anything out."""
        return self == Choice()

    def condition(self, published: Published, *columns: str) -> str:
        """Return the condition of SQL that one of *columns* (default: `project_id`) is the id of a
        project of this choice.

        Raises Refusal if no project has the name, group or tag.
        """
        columns = columns or ("project_id",)
        if self.project is not None:
            key = sql_text(find_project(published, self.project)["project_id"])
            return f"({' or '.join(f'{column} = {key}' for column in columns)})"
        parts = [self.filters.condition(published, column) for column in columns]
        return f"({' or '.join(parts)})"

    def without_repeats(self, published: Published) -> str:
        """Return `condition` or, for several projects, also that a repeated history counts once."""
        condition = self.condition(published)
        return condition if self.project is not None else f"{condition} and not is_repeat"


def argument(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add PROJECT, `--project` and the filters to a command, which takes them as `choice`."""

    @project_filters.options
    @functools.wraps(function)
    def with_choice(
        *arguments: Any, filters: Filters, named: str | None, project: str | None, **further: Any
    ) -> Any:
        if named is not None and project is not None:
            raise click.UsageError("give PROJECT once")
        return function(*arguments, choice=Choice(named or project, filters), **further)

    command: Callable[..., Any] = with_choice
    for add in (
        click.option("--project", metavar="P", help="The same as PROJECT."),
        click.argument("named", metavar="[PROJECT]", required=False),
    ):
        command = add(command)
    return command
