"""An empty option or argument, as an unset variable gives it: one line, exit code 2, no effect."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner
from enrich_fixtures import Workspace

from enrich.cli import main
from loaders.land import main as land

EMPTY = [
    "gaps --project",
    "gaps --type",
    "gaps --severity",
    "gaps --fail-on",
    "gaps --db",
    "gap-history --project",
    "gap-history --type",
    "show",
    "dependencies",
    "roles",
    "roles --explain",
    "history",
    "sha-at . ",
    "sha-at . 2024-01-01 --ref",
    "waive",
    "waive HIGH_CHANGE_NO_TESTS --until never --owner me --reason",
    "waive HIGH_CHANGE_NO_TESTS --until never --reason planned --owner",
    "ignore",
    "sources forget /x",
    "sources add /tmp",
    "sources add /tmp --profile",
    "rules show",
    "rules try",
    "adoption /tmp",
    "backup",
    "restore",
    "sql",
    "refresh-meta /tmp",
    "refresh-meta /tmp --profile",
    "export --sqlite",
]


@pytest.mark.parametrize("words", EMPTY)
def test_an_empty_value_is_refused_in_one_line(workspace: Workspace, words: str) -> None:
    answer = workspace.ask(*words.split(), "")
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert answer.stderr.count("\n") == 1 and " is empty; give a value" in answer.stderr
    assert not workspace.landing.exists()


LANDED = [
    "crawl",
    "crawl /tmp",
    "crawl /tmp --profile",
    "codegraphx",
    "catalog",
    "codegraphx /tmp --map-prefix",
    "git",
]


@pytest.mark.parametrize("words", LANDED)
def test_land_also_refuses_an_empty_value(workspace: Workspace, words: str) -> None:
    answer = CliRunner().invoke(land, [*words.split(), ""])
    assert answer.exit_code == 2 and " is empty; give a value" in answer.stderr
    assert not workspace.landing.exists()


def test_every_command_refuses_empty_values() -> None:
    context = click.Context(main)

    def commands(group: click.Group):
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            yield command
            if isinstance(command, click.Group):
                yield from commands(command)

    for command in [*commands(main), *commands(land)]:
        for parameter in command.params:
            assert parameter.type_cast_value.refuses_empty, (command.name, parameter.name)


def test_an_omitted_option_is_not_an_empty_value(workspace: Workspace) -> None:
    assert workspace.ask("gaps").exit_code == 0
    assert workspace.ask("gaps", "--project", "jq").exit_code == 0
    assert workspace.ask("sources", "list").exit_code == 0
