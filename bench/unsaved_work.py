"""The section about unsaved work: read from clean clones, beside `git status` on them."""

from __future__ import annotations

import os
import subprocess
import sys

from bench.comparing import Section, Side
from bench.trees import Tree, program
from loaders.sources.git_history.known_history import load_known
from loaders.zone.asking import asking
from loaders.zone.landing import LandingZone

# Two at a time, each in one process of Python, so that the start of Python does not differ.
_STATUS = """
import subprocess, sys
from concurrent.futures import ThreadPoolExecutor
git, *paths = sys.argv[1:]
def status(path):
    subprocess.run([git, "-C", path, "status", "--porcelain=v2"], capture_output=True)
with ThreadPoolExecutor(2) as threads:
    list(threads.map(status, paths[1::2]))
"""
_UNSAVED = """
import os, sys
from concurrent.futures import ThreadPoolExecutor
from loaders.safe_git.reader import RepositoryReader
_, *words = sys.argv[1:]
def read(item):
    path, tree = item
    snapshot = reader.read_refs(os.fsencode(path))
    reader.unsaved_stamp(snapshot)
    reader.read_unsaved(snapshot, tree, ())
    reader.read_stashes(snapshot)
trees, paths = words[0::2], words[1::2]
folder = os.fsencode(os.path.commonpath(paths))
with RepositoryReader([folder]) as reader, ThreadPoolExecutor(2) as threads:
    list(threads.map(read, zip(paths, trees, strict=True)))
"""
_ENVIRONMENT = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def unsaved_work(tree: Tree) -> Section:
    """Read refs, indexes and stashes beside `git status --porcelain=v2`, both two at a time.

    Both sides work on clones: these have none of the programs that a repository configures.
    """
    clones = tree.scratch / "clones"
    environment = {**os.environ, **_ENVIRONMENT}
    words: list[str] = []
    with asking(LandingZone(tree.home.where.landing)) as (db, entries):
        crawled = load_known(LandingZone(tree.home.where.landing), db, entries).crawled
    for number, one in enumerate(crawled):
        clone = str(clones / str(number))
        make = [program("git"), "clone", "--quiet", "--", one.path_bytes, clone]
        ask = [program("git"), "-C", clone, "rev-parse", "HEAD^{tree}"]
        if not subprocess.run(make, env=environment, capture_output=True).returncode:
            answer = subprocess.run(ask, env=environment, capture_output=True, text=True)
            words += [answer.stdout.strip(), clone] if not answer.returncode else []

    def command(text: str) -> list[str | bytes]:
        return [sys.executable, "-c", text, program("git"), *words]

    return Section(
        "unsaved work",
        Side("indexes and stashes", lambda: command(_UNSAVED), environment),
        Side("git status, 2 threads", lambda: command(_STATUS), environment),
        {"repositories": len(words) // 2},
    )
