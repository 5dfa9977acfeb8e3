"""Facts about this installation that every run lands: our version, our code, the tools that are
here.
"""

from __future__ import annotations

import os
import subprocess
from functools import cache
from importlib import metadata
from pathlib import Path

from loaders.base import programs
from loaders.base.paths import CODE_ROOT


@cache
def tool_version() -> str:
    """Return the installed version of this project."""
    try:
        return metadata.version("meta-collector")
    except metadata.PackageNotFoundError:
        return "0+unknown"


@cache
def code_ref() -> str | None:
    """Return the commit that is checked out in this clone, or None outside a clone."""
    git = programs.find("git")
    # An installed copy may be in a folder of another repository.
    if git is None or not (CODE_ROOT / ".git").exists():
        return None
    try:
        answer = _run_git(git, "-C", str(CODE_ROOT), "rev-parse", "HEAD")
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer or None


@cache
def git_version(path: str) -> str | None:
    """Return the version of the git at *path*, or None if it gives none."""
    try:
        answer = _run_git(path, "--version")
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.removeprefix("git version ") or None


def _run_git(*command: str) -> str:
    # An inherited GIT_DIR would answer for another repository.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    answer = subprocess.run(command, capture_output=True, text=True, timeout=10, env=environment)
    return answer.stdout.strip()


def installed_tools() -> list[dict[str, str | None]]:
    """Return name, path and version of the programs that a recommended command may start."""
    enrich = Path(programs.own("enrich"))
    tools: list[dict[str, str | None]] = (
        [{"name": "enrich", "path": str(enrich), "version": tool_version()}]
        if enrich.exists()
        else []
    )
    if git := programs.find("git"):
        tools.append({"name": "git", "path": git, "version": git_version(git)})
    return tools + [
        {"name": name, "path": path, "version": None}
        for name in ("diff", "codegraphx")
        if (path := programs.find(name))
    ]
