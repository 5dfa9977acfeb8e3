"""Facts about this installation that every run lands: our version, our code, the tools that are here."""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import cache
from importlib import metadata
from pathlib import Path

from loaders.paths import PROJECT_ROOT


@cache
def tool_version() -> str:
    """Return the installed version of this project."""
    try:
        return metadata.version("meta-collector")
    except metadata.PackageNotFoundError:
        return "0+unknown"


@cache
def code_ref() -> str | None:
    """Return the commit that this clone stands on, or None outside a clone."""
    try:
        answer = subprocess.run(
            ["git", "-C", str(PROJECT_ROOT), "rev-parse", "HEAD"], capture_output=True, text=True, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() or None


@cache
def _git_version(path: str) -> str | None:
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.removeprefix("git version ").strip() or None


@cache
def installed_tools() -> list[dict[str, str | None]]:
    """Return name, path and version of the programs that a recommended command may start."""
    enrich = Path(sys.executable).with_name("enrich")
    tools = [{"name": "enrich", "path": str(enrich), "version": tool_version()}] if enrich.exists() else []
    if git := shutil.which("git"):
        tools.append({"name": "git", "path": git, "version": _git_version(git)})
    if diff := shutil.which("diff"):
        tools.append({"name": "diff", "path": diff, "version": None})
    return tools
