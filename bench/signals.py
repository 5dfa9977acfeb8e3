"""The sections about signals: extraction, beside parsing the same files and walking their trees."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from bench.comparing import Section, Side
from bench.measuring import measure
from bench.trees import Home, Tree
from loaders.base.paths import PROJECT_ROOT

_LAND = str(PROJECT_ROOT / "loaders" / "land.py")
# The work of a yardstick, in one process, on each file that its standard input names.
_PYTHON = """
import ast, sys, warnings
warnings.simplefilter("ignore")
for path in sys.stdin.buffer.read().split(b"\\0")[:-1]:
    with open(path, "rb") as file:
        source = file.read()
    try:
        for node in ast.walk(ast.parse(source)):
            pass
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        pass
"""
_SCRIPTS = """
import sys
from loaders.sources.contents.grammars import parser
kinds = {b"ts": "typescript", b"mts": "typescript", b"cts": "typescript", b"tsx": "tsx"}
for path in sys.stdin.buffer.read().split(b"\\0")[:-1]:
    with open(path, "rb") as file:
        parser(kinds.get(path.rpartition(b".")[2], "javascript")).parse(file.read())
"""


def python_signals(tree: Tree) -> Section:
    """Land the signals of Python files by two processes, beside ast.parse and ast.walk by one."""
    return _section(tree, "signals, Python", "ast.parse + ast.walk", _PYTHON, (b".py",))


def script_signals(tree: Tree) -> Section:
    """Land the signals of JavaScript and TypeScript files, beside parsing them with tree-sitter."""
    endings = (b".js", b".jsx", b".mjs", b".cjs", b".ts", b".tsx", b".mts", b".cts")
    return _section(tree, "signals, scripts", "tree-sitter parse", _SCRIPTS, endings)


def unchanged_signals(tree: Tree) -> Section:
    """Land signals if every content has them already: the cost of every later refresh."""
    home = Home(tree.scratch / "signals-known")
    shutil.copytree(tree.home.folder, home.folder)
    measure(_command(), home.environment)
    return Section(
        "no-change signals",
        Side("signals", _command, home.environment),
        amounts={"files": tree.files},
    )


def _section(
    tree: Tree, name: str, yardstick: str, program: str, endings: tuple[bytes, ...]
) -> Section:
    folder = tree.scratch / name.replace(", ", "-")
    files = _copies(tree, folder / "tree", endings)
    listed = folder / "files.list"
    listed.write_bytes(b"".join(path + b"\0" for path in files))
    crawled, home = Home(folder / "crawled"), Home(folder / "home")
    measure([sys.executable, _LAND, "crawl", os.fsencode(folder / "tree")], crawled.environment)

    def command() -> list[str | bytes]:
        # From the same crawl each time, with no signals yet.
        shutil.rmtree(home.folder, ignore_errors=True)
        shutil.copytree(crawled.folder, home.folder)
        return _command()

    return Section(
        name,
        Side("signals, 2 processes", command, home.environment),
        Side(yardstick, lambda: [sys.executable, "-c", program], os.environ, listed),
        {"files": len(files), "bytes": sum(map(os.path.getsize, files))},
    )


def _command() -> list[str | bytes]:
    return [sys.executable, _LAND, "signals"]


def _copies(tree: Tree, folder: Path, endings: tuple[bytes, ...]) -> list[bytes]:
    """Copy the files with one of the *endings* into a folder, so that only they are read."""
    copies: list[bytes] = []
    for number, path in enumerate(tree.read_list.read_bytes().split(b"\0")[:-1]):
        if path.endswith(endings):
            target = os.fsencode(folder / str(number // 1000)) + b"/%d%s" % (
                number,
                os.path.splitext(path)[1],
            )
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copyfile(path, target)
            copies.append(target)
    folder.mkdir(parents=True, exist_ok=True)
    return copies
