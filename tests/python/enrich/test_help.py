"""`enrich --help` lists each command once, in a group of its page."""

from __future__ import annotations

import re

import click
import pytest
from click.testing import CliRunner

from enrich.cli import GROUPS, main


def test_each_command_is_in_one_group_and_has_a_line_of_help() -> None:
    names = [name for group in GROUPS.values() for name in group]
    # click keeps the names of the option --help that it is first asked for.
    context = click.Context(main, **main.context_settings)
    assert len(names) == len(set(names))
    assert names == main.list_commands(context)
    text = main.get_help(context)
    for title, commands in GROUPS.items():
        [block] = re.findall(rf"^{title}:\n((?:  .*\n?)+)", text, re.MULTILINE)
        shown = dict(line.split(maxsplit=1) for line in block.splitlines())
        assert list(shown) == list(commands), title
        assert [line for line in shown.values() if not re.fullmatch(r"[A-Z].*[^.]\.", line)] == []


def test_a_command_that_does_not_exist_is_bad_usage() -> None:
    assert main.get_command(click.Context(main), "no-such-command") is None


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("statsu",), "Did you mean status?"),
        (("show",), "enrich projects lists them."),
        (("gaps", "show"), "enrich gaps lists them."),
        (("rules", "show"), "enrich rules list lists them."),
        (("ignore", "/w"), "--reason planned --until "),
    ],
)
def test_an_error_names_the_next_step(words: tuple[str, ...], hint: str) -> None:
    answer = CliRunner().invoke(main, [*words])
    assert answer.exit_code == 2
    assert hint in answer.stderr
