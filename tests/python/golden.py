"""The golden workspace: small projects of which each rule must find exactly what golden_findings.csv says."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

_GIT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
}


def git(folder: Path, *arguments: str) -> str:
    answer = subprocess.run(["git", *arguments], cwd=folder, env=_GIT, capture_output=True, text=True, check=True)
    return answer.stdout.strip()


def commit_all(folder: Path) -> None:
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "all")


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def source(lines: int, salt: str) -> str:
    return "".join(f"{salt}_{number} = {number}\n" for number in range(lines))


def build_golden_workspace(root: Path) -> None:
    """Make the workspace below *root*: `code` with the projects, `old` that is crawled once and left."""
    code = root / "code"
    write(code / "untested/untested/core.py", source(3000, "core"))
    write(code / "untested/README.md", "# untested\n")
    # The negative twin: as much code, and tests beside it.
    write(code / "tested/tested/core.py", source(3000, "twin"))
    write(code / "tested/tests/test_core.py", source(600, "check"))
    write(code / "tested/.github/workflows/ci.yml", "on: push\n")
    # Small and without tests: not judged.
    write(code / "small/small.py", source(20, "small"))
    for number in range(12):
        write(code / f"original/lib/module_{number}.py", source(5, f"m{number}"))
    write(code / "original/README.md", "original\n")
    # Five empty files and two equal ones are no mirror.
    for number in range(5):
        write(code / f"coincidence/pkg/empty_{number}.py", "")
    for number in range(2):
        write(code / f"coincidence/pkg/module_{number}.py", source(5, f"m{number}"))
    for name in ("untested", "tested", "small", "original", "coincidence"):
        commit_all(code / name)
    shutil.copytree(code / "original", code / "backup/original-1.0", ignore=shutil.ignore_patterns(".git"))
    write(code / "backup/original-1.0/pyproject.toml", "[project]\nname = 'original'\n")
    write(code / "backup/original-1.0/lib/module_11.py", "drifted = True\n")
    _plant_submodule(code)
    # Nobody can read it to the end, whoever runs the tests: a hole of a tebibyte.
    write(code / "holey/readable.txt", "fine\n")
    commit_all(code / "holey")
    with open(code / "holey/hole.bin", "wb") as file:
        file.truncate(1 << 40)
    write(code / "notes.txt", "loose\n")
    write(root / "old/forgotten/package.json", "{}\n")
    write(root / "old/forgotten/index.js", "module.exports = 1\n")


def _plant_submodule(code: Path) -> None:
    write(code / "parent/main.py", "print('parent')\n")
    commit_all(code / "parent")
    head = git(code / "original", "rev-parse", "HEAD")
    git(code / "parent", "update-index", "--add", "--cacheinfo", f"160000,{head},vendor/child")
    git(code / "parent", "commit", "--quiet", "--message", "pin a submodule")
    (code / "parent/vendor/child").mkdir(parents=True)
