"""Run every tool that checks the style, as `make lint` does: `python tests/python/support/lint.py`.

Prints the output of each tool that found something, then one line per tool, and exits with 1 if any
of them found something. Arguments limit the run to tools by their names, such as `mypy`. The tools
are installed from requirements/lint.txt; their settings are in pyproject.toml and .sqlfluff.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
BIN = PROJECT / ".venv" / "bin"

# Tool → its command, and the files that it checks.
TOOLS: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
    "ruff check": (("ruff", "check", "--quiet"), (".",)),
    "ruff format": (("ruff", "format", "--check", "--quiet"), (".",)),
    "mypy": (("mypy",), ()),
    # 0: a process per core.
    "sqlfluff": (
        ("sqlfluff", "lint", "--processes", "0", "--nocolor"),
        ("models", "loaders/sources", "tests/dbt"),
    ),
    "hadolint": (("hadolint",), ("Dockerfile",)),
}


# Tools without a package for every machine.
OPTIONAL = ("hadolint",)


@dataclass(frozen=True)
class Result:
    """How a tool ended; *output* is everything that it printed."""

    tool: str
    is_clean: bool
    output: str
    seconds: float

    def __str__(self) -> str:
        verdict = "clean" if self.is_clean else "failed"
        return f"{self.tool:12} {verdict:7} {self.seconds:5.1f} s"


def run(tool: str, files: Sequence[str] = (), text: str | None = None) -> Result:
    """Run one tool on its own files, or on other *files*, with *text* as its input."""
    (program, *words), own_files = TOOLS[tool]
    if tool in OPTIONAL and not (BIN / program).exists():
        return Result(tool, True, "not installed", 0.0)
    began = time.monotonic()
    done = subprocess.run(
        [BIN / program, *words, *(files or own_files)],
        cwd=PROJECT,
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    return Result(tool, done.returncode == 0, done.stdout, time.monotonic() - began)


def main(tools: Sequence[str]) -> int:
    """Run the tools side by side and print what they found."""
    unknown = sorted(set(tools) - TOOLS.keys())
    if unknown:
        print(f"unknown tool: {unknown[0]}; there are: {', '.join(TOOLS)}", file=sys.stderr)
        return 2
    with ThreadPoolExecutor() as pool:
        results = list(pool.map(run, tools or TOOLS))
    for result in results:
        if not result.is_clean:
            print(f"-- {result.tool}\n{result.output}")
    print(*results, sep="\n")
    return 0 if all(result.is_clean for result in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
