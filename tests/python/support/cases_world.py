"""Builds one workspace from the small inputs of `shared/data/cases`.

`cases.csv` has the questions and the right answers. Each case becomes a folder: its `make.sh` runs,
or its files are committed to a repository, each manifest under the name that its tool reads.
"""

from __future__ import annotations

import csv
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from codegraphx_fixtures import SHARED as SHARED_CODEGRAPHX
from git_fixtures import ENVIRONMENT, git
from product import PROJECT
from worlds import plant

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
    """One row of cases.csv; `how` is as in answers.py."""

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
