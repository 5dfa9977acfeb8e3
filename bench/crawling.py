"""The sections about crawling: a first crawl, and a second one without changes."""

from __future__ import annotations

import os
import shutil

from bench.comparing import Section, Side
from bench.trees import Home, Tree, program


def first_crawl(tree: Tree) -> Section:
    """Crawl and land everything, beside hashing the same files and keeping nothing."""
    fresh = Home(tree.scratch / "first")

    def command() -> list[str | bytes]:
        shutil.rmtree(fresh.folder, ignore_errors=True)
        return tree.crawl_command()

    def hashing() -> list[str]:
        return [program("xargs"), "-0", "-P2", program("sha256sum"), "--"]

    return Section(
        "first crawl",
        Side("crawl", command, fresh.environment),
        Side("sha256sum -P2", hashing, os.environ, tree.read_list),
        {"files": tree.files, "bytes": tree.bytes},
    )


def unchanged_crawl(tree: Tree) -> Section:
    """Crawl again when nothing changed, beside listing the same tree with sizes and times."""
    return Section(
        "no-change crawl",
        Side("crawl", tree.crawl_command, tree.home.environment),
        Side(
            "find -printf",
            lambda: tree.find_command("-printf", "%s %T@ %p\\n"),
            os.environ,
            fine=(0, 1),
        ),
        {"files": tree.entries},
    )
