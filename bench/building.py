"""The sections about building: `dbt build` over crawled facts, and a refresh without changes."""

from __future__ import annotations

from pathlib import Path

from bench.comparing import Section, Side
from bench.trees import Home, Tree
from loaders.base import programs
from loaders.base.engine_paths import plain_path
from loaders.base.paths import PROJECT_ROOT


def dbt_build(tree: Tree) -> Section:
    """Build, test and publish from the landing zone and the last build database alone."""
    command = build_command(programs.own("dbt"), PROJECT_ROOT, tree.home)
    amounts = {"files": tree.entries}
    return Section(
        "build", Side("dbt build", lambda: command, tree.home.environment), amounts=amounts
    )


def unchanged_refresh(tree: Tree) -> Section:
    """Run the steps of `make refresh` without changes: crawl, build, publish, show the actions."""
    command = [programs.own("enrich"), "refresh-meta"]
    amounts = {"files": tree.entries}
    return Section(
        "no-change refresh",
        Side("make refresh", lambda: command, tree.home.environment),
        amounts=amounts,
    )


def build_command(dbt: str, project: Path, home: Home) -> list[str]:
    """Return the command of a whole build of *home* by the *dbt* and the code of *project*."""
    work_folder = home.where.work_folder
    return [
        dbt,
        "build",
        "--quiet",
        "--project-dir", str(project),
        "--profiles-dir", str(project),
        "--target-path", plain_path(work_folder / "target"),
        "--log-path", plain_path(work_folder),
    ]  # fmt: skip
