"""Clones of the crawled repositories: a bench may change them, and they configure no program."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from bench.trees import Tree, program
from loaders.sources.git_history.known_history import load_known
from loaders.zone.asking import asking
from loaders.zone.landing import LandingZone

ENVIRONMENT = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def clone_all(tree: Tree, folder: Path) -> list[Path]:
    """Clone every repository of *tree* that git can clone to *folder*; return the clones."""
    with asking(LandingZone(tree.home.where.landing)) as (db, entries):
        crawled = load_known(LandingZone(tree.home.where.landing), db, entries).crawled
    clones = []
    for number, one in enumerate(crawled):
        clone = folder / str(number)
        command = [program("git"), "clone", "--quiet", "--template=", "--", one.path_bytes, clone]
        if subprocess.run(command, env=environment(), capture_output=True).returncode:
            shutil.rmtree(clone, ignore_errors=True)
        else:
            clones.append(clone)
    return clones


def git_output(clone: Path, *words: str) -> str | None:
    """Return what git prints in *clone*, None if it fails."""
    command = [program("git"), "-C", clone, *words]
    answer = subprocess.run(command, env=environment(), capture_output=True)
    return os.fsdecode(answer.stdout) if not answer.returncode else None


def environment() -> Mapping[str, str]:
    """Return the environment in which git has no settings of the person who measures."""
    return {**os.environ, **ENVIRONMENT}
