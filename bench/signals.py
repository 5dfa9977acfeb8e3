"""The sections about signals and code: extraction, beside parsing the same files and walking their
trees, and beside lizard, if it is installed.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from bench.comparing import Section, Side
from bench.measuring import measure
from bench.trees import Home, Tree
from loaders.base.paths import PROJECT_ROOT
from loaders.sources.contents.parsed import Parsed

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

# Endings of the languages that have a parser.
_ENDINGS = tuple(
    b"." + ending
    for ending in (
        b"py js jsx mjs cjs ts tsx mts cts go rs java c h cc cpp hpp cs rb php sh bash".split()
    )
)


def python_signals(tree: Tree) -> Section:
    """Land the signals of Python files by two processes, beside ast.parse and ast.walk by one."""
    yardstick = ("ast.parse + ast.walk", [sys.executable, "-c", _PYTHON])
    return _section(tree, "signals, Python", (b".py",), yardstick)


def script_signals(tree: Tree) -> Section:
    """Land the signals of JavaScript and TypeScript files, beside parsing them with tree-sitter."""
    endings = (b".js", b".jsx", b".mjs", b".cjs", b".ts", b".tsx", b".mts", b".cts")
    yardstick = ("tree-sitter parse", [sys.executable, "-c", _SCRIPTS])
    return _section(tree, "signals, scripts", endings, yardstick)


def code(tree: Tree) -> Section:
    """Land the code of source files by two processes, beside lizard by as many."""
    lizard = shutil.which("lizard")
    yardstick = ("lizard -t 2", [lizard, "-t", "2", "-i", "-1", "-f"]) if lizard else None
    return _section(tree, "code", _ENDINGS, yardstick, "code")


def unchanged_signals(tree: Tree) -> Section:
    """Land signals if every content has them already: the cost of every later refresh."""
    return _unchanged(tree, "signals")


def unchanged_code(tree: Tree) -> Section:
    """Land code if every content has it already."""
    return _unchanged(tree, "code")


def _unchanged(tree: Tree, what: str) -> Section:
    home = Home(tree.scratch / f"{what}-known")
    shutil.copytree(tree.home.folder, home.folder)
    measure(_command(what), home.environment)
    return Section(
        f"no-change {what}",
        Side(what, lambda: _command(what), home.environment),
        amounts={"files": tree.files},
    )


def _section(
    tree: Tree,
    name: str,
    endings: tuple[bytes, ...],
    yardstick: tuple[str, list[str]] | None,
    what: str = "signals",
) -> Section:
    """Land signals or code of the files with *endings*, beside a *yardstick* that reads their list:
    from standard input, or from the file that ends its command.
    """
    folder = tree.scratch / name.replace(", ", "-")
    files = _copies(tree, folder / "tree", endings)
    listed, lines = folder / "files.list", folder / "files.lines"
    listed.write_bytes(b"".join(path + b"\0" for path in files))
    lines.write_bytes(b"".join(path + b"\n" for path in files))
    crawled, home = Home(folder / "crawled"), Home(folder / "home")
    measure([sys.executable, _LAND, "crawl", os.fsencode(folder / "tree")], crawled.environment)

    def command() -> list[str | bytes]:
        # From the same crawl each time, with nothing extracted yet.
        shutil.rmtree(home.folder, ignore_errors=True)
        shutil.copytree(crawled.folder, home.folder)
        return _command(what)

    def beside() -> list[str | bytes]:
        assert yardstick, "else there is no such side"
        return [*yardstick[1], *([os.fsencode(lines)] if yardstick[1][-1] == "-f" else [])]

    return Section(
        name,
        Side(f"{what}, 2 processes", command, home.environment),
        Side(yardstick[0], beside, os.environ, listed) if yardstick else None,
        {"files": len(files), "bytes": sum(map(os.path.getsize, files))},
    )


def _command(what: str) -> list[str | bytes]:
    return [sys.executable, _LAND, what]


def _copies(tree: Tree, folder: Path, endings: tuple[bytes, ...]) -> list[bytes]:
    """Copy the files with one of the *endings* into a folder, so that only they are read."""
    copies: list[bytes] = []
    for number, path in enumerate(tree.read_list.read_bytes().split(b"\0")[:-1]):
        if path.endswith(endings) and _has_tree(path):
            target = os.fsencode(folder / str(number // 1000)) + b"/%d%s" % (
                number,
                os.path.splitext(path)[1],
            )
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copyfile(path, target)
            copies.append(target)
    folder.mkdir(parents=True, exist_ok=True)
    return copies


def _has_tree(path: bytes) -> bool:
    """Say whether a file is parsed: lizard ends with an error over minified ones."""
    with open(path, "rb") as file:
        return Parsed(file.read(), None).has_tree
