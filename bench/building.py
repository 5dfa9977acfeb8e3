"""The sections about building: `dbt build` over crawled facts, and a refresh without changes."""

from __future__ import annotations

from bench.comparing import Section, Side
from bench.trees import Tree
from loaders.base import programs
from loaders.base.engine_paths import plain_path
from loaders.base.paths import PROJECT_ROOT


def dbt_build(tree: Tree) -> Section:
    """Build, test and publish from the landing zone and the last build database alone."""
    work_folder = tree.home.where.work_folder
    command = [
        programs.own("dbt"),
        "build",
        "--quiet",
        "--project-dir", str(PROJECT_ROOT),
        "--profiles-dir", str(PROJECT_ROOT),
        "--target-path", plain_path(work_folder / "target"),
        "--log-path", plain_path(work_folder),
    ]  # fmt: skip
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
