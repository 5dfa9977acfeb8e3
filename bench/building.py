"""The sections about building: `dbt build` over what was crawled, and a refresh when nothing changed."""

from __future__ import annotations

from bench.comparing import Section, Side
from bench.trees import Tree
from loaders.base import programs
from loaders.base.engine_paths import plain_path
from loaders.base.paths import PROJECT_ROOT


def dbt_build(tree: Tree) -> Section:
    """Build, test and publish from nothing but the landing zone's facts and the last build's database."""
    workshop = tree.home.where.workshop
    command = [
        programs.own("dbt"),
        "build",
        "--quiet",
        "--project-dir", str(PROJECT_ROOT),
        "--profiles-dir", str(PROJECT_ROOT),
        "--target-path", plain_path(workshop / "target"),
        "--log-path", plain_path(workshop),
    ]  # fmt: skip
    amounts = {"files": tree.entries}
    return Section(
        "build", Side("dbt build", lambda: command, tree.home.environment), amounts=amounts
    )


def unchanged_refresh(tree: Tree) -> Section:
    """Do what `make refresh` does when nothing changed: crawl, build, publish, say what to do next."""
    command = [programs.own("enrich"), "refresh-meta"]
    amounts = {"files": tree.entries}
    return Section(
        "no-change refresh",
        Side("make refresh", lambda: command, tree.home.environment),
        amounts=amounts,
    )
