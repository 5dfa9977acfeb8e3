"""The pages of the documentation: their code blocks, commands, code spans, links and anchors."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

PROJECT = Path(__file__).resolve().parents[3]
PAGES = [
    PROJECT / "README.md",
    PROJECT / "CONTRIBUTING.md",
    PROJECT / "CHANGELOG.md",
    PROJECT / "tests" / "README.md",
    *sorted((PROJECT / "docs").glob("*.md")),
]
# Programs whose options click declares.
_LAND = ("python", "loaders/land.py")


@dataclass(frozen=True)
class Block:
    """A fenced block of a page: its language, its text and the line on which the text begins."""

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(PROJECT)}:{self.line}"


@dataclass(frozen=True)
class Command:
    """A command that a page shows, as the words that a shell makes of it."""

    place: str
    words: tuple[str, ...]

    @property
    def program(self) -> str:
        """The program without folders: `enrich`, `land.py`, `bench`, `dbt`, `make`."""
        if self.words[:2] == _LAND:
            return "land.py"
        name = self.words[0].removeprefix(".venv/bin/")
        return self.words[2] if name == "python" and self.words[1] == "-m" else name

    @property
    def arguments(self) -> list[str]:
        start = {"land.py": 2, "bench": 3, "evaluation": 3, "pytest": 3}.get(self.program, 1)
        return list(self.words[start:])

    def __str__(self) -> str:
        return f"{self.place} {shlex.join(self.words)}"


def blocks_of(page: Path, *languages: str) -> list[Block]:
    """Return the fenced blocks of *page* in one of *languages*, in their order."""
    text = page.read_text(encoding="utf-8")
    found = re.finditer(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [
        Block(page, text.count("\n", 0, match.start(2)) + 1, match[1], match[2])
        for match in found
        if match[1] in languages
    ]


def commands_of(page: Path) -> Iterator[Command]:
    """Yield the commands in the console blocks of *page*: the lines that begin with `$ `."""
    for block in blocks_of(page, "console"):
        for number, line in enumerate(block.text.splitlines(), block.line):
            if line.startswith("$ "):
                words = tuple(shlex.split(line[2:], comments=True))
                yield Command(f"{page.relative_to(PROJECT)}:{number}", words)


def spans_of(page: Path) -> list[str]:
    """Return the code spans of *page*, outside of its blocks, each on one line."""
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", text)]


def links_of(page: Path) -> list[str]:
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", text))


def anchors_of(page: Path) -> set[str]:
    """Return the anchors that a forge makes of the headings of *page*."""
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


def paths_of(group: click.Group, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the path of each command of *group* that its help lists, however deep."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        path = (*before, name)
        if isinstance(command, click.Group):
            yield from paths_of(command, path)
        else:
            yield path


def resolve(command: click.Command, arguments: list[str]) -> click.Command:
    """Return the command that *arguments* name, with all of their options parsed.

    Raises click.UsageError for a command or an option that does not exist. Values are not checked.
    """
    # click remembers the names with which a command was first parsed.
    context = click.Context(command, help_option_names=["-h", "--help"])
    _, rest, _ = command.make_parser(context).parse_args(list(arguments))
    if not isinstance(command, click.Group) or not rest:
        return command
    _, inner, left = command.resolve_command(context, rest)
    if inner is None:
        raise click.UsageError(f"no such command: {rest[0]}")
    return resolve(inner, left)
