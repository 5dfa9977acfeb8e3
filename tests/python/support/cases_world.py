"""Builds one workspace from the small inputs of `shared/data/cases`, and answers questions on it.

`cases.csv` has the questions and the right answers. Each case becomes a folder: its `make.sh` runs,
or its files are committed to a repository, each manifest under the name that its tool reads.
"""

from __future__ import annotations

import csv
import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codegraphx_fixtures import SHARED as SHARED_CODEGRAPHX
from git_fixtures import ENVIRONMENT, git
from product import PROJECT, Product
from worlds import landed, plant

from loaders.sources.crawl.excludes import load_excludes
from loaders.zone.landing import LandingZone

CASES = SHARED_CODEGRAPHX.parent / "cases"
QUESTIONS = PROJECT / "tests/python/data/cases.csv"
COMMITTED_AT = "2026-11-01T12:00:00Z"
NOW = "2026-11-15T12:00:00+00:00"
_DATES = {"GIT_AUTHOR_DATE": COMMITTED_AT, "GIT_COMMITTER_DATE": COMMITTED_AT}

# Path in the shared folder → path in the workspace, if they differ.
_PLACES = (
    (r"pom/(\w+)\.xml", r"pom/\1/pom.xml"),
    (r"package_json/(\w+)\.json", r"package_json/\1/package.json"),
    (r"setup_py/(\w+)\.py", r"setup_py/\1/setup.py"),
    (r"requirements/latin1\.txt", "requirements/requirements.txt"),
)
_NOT_PLANTED = ("README", "make.sh", "try.sh", "rows.txt")
# The packages that the dependencies of some cases could be, in repositories of their own.
_PROVIDERS = {
    "original": {"go.mod": b"module example.com/c\n"},
    "fork": {"go.mod": b"module example.com/fork/c\n"},
    "ui_kit": {"package.json": b'{"name": "@acme/ui-kit", "version": "1.0.0"}'},
    "ui": {"package.json": b'{"name": "ui", "version": "1.0.0"}'},
    "stream_upper": {"package.json": b'{"name": "JSONStream", "version": "1.3.5"}'},
    "stream_lower": {"package.json": b'{"name": "jsonstream", "version": "1.0.3"}'},
}


@dataclass(frozen=True)
class Question:
    """One row of cases.csv; `how` is a method of CasesWorld."""

    case: str
    asked: str
    how: str
    question: str
    right: str
    according_to: str


def questions() -> list[Question]:
    with QUESTIONS.open(encoding="utf-8", newline="") as file:
        return [Question(**row) for row in csv.DictReader(file)]


def build_cases(root: Path) -> None:
    """Make the workspace of all cases below *root*, and the packages that they depend on."""
    for case in sorted(path for path in CASES.iterdir() if path.is_dir()):
        if (case / "make.sh").exists():
            _make(case / "make.sh", root / case.name)
        else:
            _copy(case, root)
    for name, tree in _PROVIDERS.items():
        plant(root / "providers" / name, tree)
        _commit(root / "providers" / name)


def _make(script: Path, target: Path) -> None:
    """Run a script of the shared folder, which names the author of its commits itself."""
    named = ("GIT_AUTHOR_", "GIT_COMMITTER_")
    clean = {name: value for name, value in ENVIRONMENT.items() if not name.startswith(named)}
    command = ["bash", os.fspath(script), os.fspath(target)]
    subprocess.run(command, check=True, capture_output=True, env={**clean, **_DATES})


def _copy(case: Path, root: Path) -> None:
    files = [path for path in case.rglob("*") if path.is_file()]
    planted = [path for path in files if path.name not in _NOT_PLANTED]
    for path in planted:
        place = path.relative_to(CASES).as_posix()
        for pattern, name in _PLACES:
            place = re.sub(f"^{pattern}$", name, place)
        plant((root / place).parent, {Path(place).name: path.read_bytes()})
    if planted:
        _commit(root / case.name)


def _commit(repository: Path) -> None:
    git(repository, "init", "--quiet")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "all", **_DATES)


class CasesWorld:
    """The workspace below *home*, refreshed once."""

    def __init__(self, home: Path) -> None:
        self.root = home / "code"
        self.product = Product(home, now=NOW)

    def refresh(self) -> CasesWorld:
        build_cases(self.root)
        self.product.enrich("refresh-meta", self.root)
        return self

    def answer(self, question: Question) -> str:
        """The answer of the product, as text; `$root` in a question is the workspace."""
        ways = {
            "sql": self._sql,
            "manifest": self._manifest,
            "excluded": self._excluded,
            "page": self._page,
        }
        return ways[question.how](question.question.replace("$root", os.fspath(self.root)))

    def _sql(self, query: str) -> str:
        return rows_as_text(self.product.query(query))

    def _manifest(self, place: str) -> str:
        """The scopes and names of a manifest, as landed, and whether they are all."""
        zone = LandingZone(self.product.landing)
        sha256 = hashlib.sha256((self.root / place).read_bytes()).hexdigest()
        package = [row for row in landed(zone, "manifest_packages") if row["sha256"] == sha256][-1]
        if package["state"] != "read":
            return f"not read: {package['reason']}"
        needs = [row for row in landed(zone, "manifest_dependencies") if row["sha256"] == sha256]
        names = sorted({f"{row['scope']} {row['canonical_name']}" for row in needs})
        return "; ".join([*names, "complete" if package["is_complete"] else "not complete"])

    def _excluded(self, asked: str) -> str:
        """The names that a row of an exclude profile excludes; `asked` is `pattern => names`."""
        pattern, _, names = asked.partition(" => ")
        seed = self.product.home / "profiles.csv"
        with seed.open("w", encoding="utf-8", newline="") as file:
            rows = [["profile", "kind", "pattern", "reason"], ["mine", "gitignore", pattern, "x"]]
            csv.writer(file).writerows(rows)
        given = {name.encode() for name in names.split("|")}
        found = load_excludes("mine", seed).reasons_for_files(b"/root", b"/root", given)
        return "|".join(sorted(name.decode() for name in found))

    def _page(self, asked: str) -> str:
        """Whether the output of a command has a pattern; `asked` is `command => pattern`."""
        command, _, pattern = asked.partition(" => ")
        page = " ".join(self.product.enrich(*command.split()).stdout.split())
        return value_as_text(re.search(pattern, page) is not None)


def rows_as_text(rows: Iterable[tuple[Any, ...]]) -> str:
    """Rows as one text: `|` between columns, `; ` between rows, nothing for NULL."""
    return "; ".join("|".join(value_as_text(value) for value in row) for row in rows)


def value_as_text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def is_right(question: Question, answer: str) -> bool:
    """Whether an answer is right.

    A manifest that is reported as not complete may have fewer dependencies, but none that is wrong.
    """
    if question.how != "manifest" or not answer.endswith("not complete"):
        return answer == question.right
    return set(answer.split("; ")[:-1]) <= set(question.right.split("; "))


def main(home: str) -> None:
    """Print the answers to all questions, the wrong ones with the right answer."""
    world = CasesWorld(Path(home)).refresh()
    for question in questions():
        answer = world.answer(question)
        verdict = "right" if is_right(question, answer) else f"WRONG, right is {question.right!r}"
        print(f"{question.case}: {question.asked}: {answer!r}: {verdict}")


if __name__ == "__main__":
    main(sys.argv[1])
