"""The measures of files by lizard, radon, complexipy and pygount, one object of JSON a line.

`measures_against_tools.py` runs it by the interpreter of an environment that has the tools:

    python run_field_tools.py lizard|pygount|radon|complexipy < PATHS, each ended by a NUL
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import warnings
from collections.abc import Callable
from multiprocessing import Pool
from typing import Any


def lizard(path: str) -> dict[str, Any]:
    import lizard as tool

    found = tool.analyze_file(path)
    return {
        "functions": [
            (one.unqualified_name, one.start_line, one.end_line, one.cyclomatic_complexity)
            for one in found.function_list
        ]
    }


def radon(path: str) -> dict[str, Any]:
    from radon.complexity import cc_visit
    from radon.metrics import h_visit, mi_visit

    source = _text(path)
    functions = set()
    blocks = list(cc_visit(source))
    while blocks:
        block = blocks.pop()
        if hasattr(block, "closures"):
            functions.add((block.name, block.lineno, block.endline, block.complexity))
            blocks += block.closures
        else:
            blocks += [*block.methods, *block.inner_classes]
    return {
        "functions": sorted(functions),
        "volume": h_visit(source).total.volume,
        "index": mi_visit(source, multi=True),
    }


def complexipy(path: str) -> dict[str, Any]:
    from complexipy import code_complexity

    found = code_complexity(_text(path))
    return {
        "functions": [
            (one.name.rpartition("::")[2], one.line_start, one.line_end, one.complexity)
            for one in found.functions
        ]
    }


def pygount(path: str) -> dict[str, Any]:
    from pygount import SourceAnalysis

    found = SourceAnalysis.from_file(path, "drill")
    if found.state.name != "analyzed":
        raise ValueError(found.state.name)
    # Lines of nothing but a string, or of nothing but brackets, are code to every other tool.
    code = found.code_count + found.string_count
    return {"lines": (code, found.documentation_count, found.empty_count)}


def _text(path: str) -> str:
    with open(path, encoding="utf-8-sig", errors="replace") as file:
        return file.read()


TOOLS: dict[str, Callable[[str], dict[str, Any]]] = {
    "lizard": lizard,
    "radon": radon,
    "complexipy": complexipy,
    "pygount": pygount,
}


def _measured(task: tuple[str, str]) -> str:
    name, path = task
    warnings.simplefilter("ignore")
    try:
        # Some of the tools print about what they cannot read.
        with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
            found = TOOLS[name](path)
    except (Exception, RecursionError) as error:
        found = {"error": f"{type(error).__name__}: {error}"[:200]}
    return json.dumps({"path": path, **found})


def main() -> None:
    paths = sys.stdin.buffer.read().decode("utf-8", "surrogateescape").split("\0")[:-1]
    with Pool(2) as pool:
        for line in pool.imap(_measured, [(sys.argv[1], path) for path in paths], chunksize=20):
            print(line)


if __name__ == "__main__":
    main()
