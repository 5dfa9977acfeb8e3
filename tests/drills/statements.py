"""Asks the product 200 questions about a crowded workspace, and counts the right answers.

    python tests/drills/statements.py SOURCES [--home FOLDER] [--rebuild]

SOURCES has clones of the repositories in real_sources.csv. real_workspace.csv has the questions and
the right answers, which were found with git, other tools and by reading, not with the product.
Questions of the state `after` are asked after two projects were moved and a second refresh.

FOLDER keeps the workspace and the installation; with it, only missing steps run. `--rebuild` builds
again from what has landed. The exit code is 1 if fewer than 195 answers are right.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import on_path  # noqa: F401

# isort: split

from answers import Answers, is_right
from product import PROJECT, Product
from real_workspace import LATER, NOW, build, move_projects

STATEMENTS = PROJECT / "tests/python/data/real_workspace.csv"
_ENOUGH = 195


@dataclass(frozen=True)
class Statement:
    """One row of real_workspace.csv."""

    id: str
    state: str
    subject: str
    asked: str
    how: str
    question: str
    right: str
    known_by: str


def statements() -> list[Statement]:
    with STATEMENTS.open(encoding="utf-8", newline="") as file:
        return [Statement(**row) for row in csv.DictReader(file)]


def installations(sources: Path, home: Path, rebuild: bool) -> Iterator[tuple[str, Answers]]:
    """Yield each state and what answers for it; the second one has the memory of the first."""
    root = home / "code"
    if not root.exists():
        build(sources, root)
    before = Product(home / "before", now=NOW)
    _refresh(before, root, rebuild)
    yield "before", Answers(before, root)
    if (root / "work/alpha").exists():
        move_projects(root)
    after_home = home / "after"
    after = Product(after_home, now=LATER)
    if not after_home.exists():
        before.twin(after_home)
        after.enrich("refresh-meta", root)
    else:
        _refresh(after, root, rebuild)
    yield "after", Answers(after, root)


def _refresh(product: Product, root: Path, rebuild: bool) -> None:
    if not product.published.exists():
        product.home.mkdir(parents=True, exist_ok=True)
        product.enrich("refresh-meta", root)
    elif rebuild:
        product.dbt("build")


def ask(sources: Path, home: Path, rebuild: bool) -> Iterator[tuple[Statement, str]]:
    """Yield every statement with the answer to it."""
    rows = statements()
    for state, answers in installations(sources, home, rebuild):
        for row in rows:
            if row.state == state:
                yield row, _answer(answers, row)


def _answer(answers: Answers, row: Statement) -> str:
    try:
        return answers.answer(row.how, row.question)
    except Exception as error:  # a question that fails is a wrong answer, not the end
        return f"{type(error).__name__}: {str(error).splitlines()[0]}"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sources", type=Path)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--rebuild", action="store_true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="meta-statements-") as own:
        home = (given.home or Path(own)).absolute()
        answered = list(ask(given.sources.resolve(), home, given.rebuild))
    wrong = [each for each in answered if not is_right(each[0].how, each[1], each[0].right)]
    for row, answer in wrong:
        print(f"{row.id} {row.subject}: {row.asked}: {answer!r}, right is {row.right!r}")
    right = len(answered) - len(wrong)
    if given.json:
        print(json.dumps({"right": right, "asked": len(answered)}))
    else:
        print(f"{right} of {len(answered)} are right")
    return 0 if right >= _ENOUGH else 1


if __name__ == "__main__":
    sys.exit(main())
