"""The parts of `enrich`: commands import answers, answers the base, never the other way."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import click
import pytest

from enrich.cli import GROUPS, main
from loaders.base.paths import PROJECT_ROOT

ENRICH = PROJECT_ROOT / "enrich"
MODULES = sorted(path for path in ENRICH.rglob("*.py") if not path.name.startswith("__"))


def part_of(module: str) -> str:
    """Return the part that a module of enrich belongs to: base, answers, or a group of commands."""
    words = module.split(".")[1:]
    if words[0] == "commands":
        return f"commands.{words[1]}"
    return "answers" if words[0] == "answers" else "base"


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(PROJECT_ROOT).with_suffix("").parts)


def imports_of(path: Path) -> set[str]:
    """Return the modules of enrich that a module imports, those within its functions included."""
    names = {name_of(module) for module in MODULES}
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {item.name for item in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{item.name}" for item in node.names)}
    return found & names


MAY_IMPORT = {"base": {"base"}, "answers": {"base", "answers"}}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_imports_its_own_part_and_those_below(path: Path) -> None:
    part = part_of(name_of(path))
    allowed = MAY_IMPORT.get(part, {"base", "answers", part})
    if path.name == "cli.py":
        return
    upward = {name for name in imports_of(path) if part_of(name) not in allowed}
    assert upward == set()


def test_imports_have_no_cycle() -> None:
    left = {name_of(path): imports_of(path) for path in MODULES}
    while free := [name for name, needs in left.items() if not needs & left.keys()]:
        for name in free:
            del left[name]
    assert left == {}


def test_module_names_are_unique() -> None:
    folders = (ENRICH, PROJECT_ROOT / "loaders")
    names = Counter(path.name for path in MODULES)
    others = {path.name for path in folders[1].rglob("*.py") if not path.name.startswith("__")}
    assert [name for name, count in names.items() if count > 1 or name in others] == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_has_at_most_400_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


# -- the help --------------------------------------------------------------------------------------


def test_each_command_is_in_one_group_and_has_a_line_of_help() -> None:
    names = [name for group in GROUPS.values() for name in group]
    context = click.Context(main)
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
