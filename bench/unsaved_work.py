"""The section about unsaved work: read from clean clones, beside `git status` on them."""

from __future__ import annotations

import sys

from bench.clones import clone_all, environment, git_output
from bench.comparing import Section, Side
from bench.trees import Tree, program

# Two at a time, in one process of Python. It does the same several times over, since its start, and
# the modules that a refresh has loaded for git history before, are not what is compared.
_TIMES = 10
_STATUS = """
import subprocess, sys
from concurrent.futures import ThreadPoolExecutor
times, git, *paths = sys.argv[1:]
def status(path):
    subprocess.run([git, "-C", path, "status", "--porcelain=v2"], capture_output=True)
with ThreadPoolExecutor(2) as threads:
    list(threads.map(status, paths[1::2] * int(times)))
"""
_UNSAVED = """
import os, sys
from concurrent.futures import ThreadPoolExecutor
from loaders.safe_git.reader import RepositoryReader
times, _, *words = sys.argv[1:]
def read(item):
    path, tree = item
    snapshot = reader.read_refs(os.fsencode(path))
    reader.unsaved_stamp(snapshot)
    reader.read_unsaved(snapshot, tree, ())
    reader.read_stashes(snapshot)
trees, paths = words[0::2], words[1::2]
folder = os.fsencode(os.path.commonpath(paths))
with RepositoryReader([folder]) as reader, ThreadPoolExecutor(2) as threads:
    list(threads.map(read, list(zip(paths, trees, strict=True)) * int(times)))
"""


def unsaved_work(tree: Tree) -> Section:
    """Read refs, indexes and stashes beside `git status --porcelain=v2`, both two at a time.

    Both sides work on clones: these have none of the programs that a repository configures.
    """
    words: list[str] = []
    for clone in clone_all(tree, tree.scratch / "clones"):
        head = git_output(clone, "rev-parse", "HEAD^{tree}")
        words += [head.strip(), str(clone)] if head is not None else []

    def command(text: str) -> list[str | bytes]:
        return [sys.executable, "-c", text, str(_TIMES), program("git"), *words]

    return Section(
        "unsaved work",
        Side("indexes and stashes", lambda: command(_UNSAVED), environment()),
        Side("git status, 2 threads", lambda: command(_STATUS), environment()),
        {"repositories": len(words) // 2 * _TIMES},
    )
