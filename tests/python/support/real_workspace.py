"""Builds a crowded workspace, as people have them, from clones of public repositories.

    python tests/python/support/real_workspace.py SOURCES TARGET [--moved]

SOURCES has one clone per row of real_sources.csv, under its name. Every clone in TARGET is set to
the commit of that row, so that the workspace is the same whenever the repositories were fetched.
`--moved` changes a finished workspace: projects are renamed and moved, and nothing else.

Mira Example is the user: everything below `work`, a fork and a few branches are hers. The rest are
clones of others: current and stale ones, releases without history, work trees, a sparse and a
shallow clone, bare repositories.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from real_clones import build_clones, missing_sources
from real_work import build_work

NOW = "2026-09-15T12:00:00+00:00"
# When the projects have been moved.
LATER = "2026-09-16T12:00:00+00:00"


def move_projects(root: Path) -> None:
    """Rename a project of the user's, and move a clone, as `mv` does."""
    (root / "work/alpha").rename(root / "work/beta")
    (root / "rust").mkdir()
    (root / "src/mini-redis").rename(root / "rust/mini-redis")


def build(folder: Path, root: Path) -> None:
    """Make the first state below *root*, from the clones in *folder*."""
    if missing := missing_sources(folder):
        raise SystemExit(f"not in {folder}: {', '.join(missing)}")
    root.mkdir(parents=True)
    build_clones(folder, root)
    build_work(folder, root, root / "src/semver")


def main(arguments: Sequence[str]) -> None:
    folder, root = Path(arguments[0]).resolve(), Path(arguments[1]).absolute()
    if "--moved" in arguments:
        move_projects(root)
    else:
        build(folder, root)


if __name__ == "__main__":
    main(sys.argv[1:])
