"""Installs the field's tools in an environment of their own, and runs them on files."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PYTHON_TOOLS = ("lizard==1.24.3", "radon==6.0.1", "complexipy==8.3.0", "pygount==3.2.0")
# The release that this package of npm brings says 1.96 of itself.
CLOC = "cloc@2.11.0"
_RUNNER = Path(__file__).with_name("run_field_tools.py")


@dataclass
class Measured:
    """The measures that one tool, or the product, gives of one file."""

    # Name, first line, last line, complexity.
    functions: list[tuple[str, int, int, Any]] = field(default_factory=list)
    lines: tuple[int, int, int] | None = None  # code, comment, blank
    volume: float | None = None
    index: float | None = None
    error: str | None = None


class FieldTools:
    def __init__(self, home: Path) -> None:
        self._python = home / "tools" / "bin" / "python"
        self._cloc = home / "cloc" / "node_modules" / ".bin" / "cloc"
        if not self._python.exists():
            _run([sys.executable, "-m", "venv", home / "tools"])
            _run([self._python, "-m", "pip", "install", "-q", *PYTHON_TOOLS])
        if not self._cloc.exists() and shutil.which("perl") and shutil.which("npm"):
            (home / "cloc").mkdir(exist_ok=True)
            (home / "cloc" / "package.json").write_text("{}", encoding="utf-8")
            _run(["npm", "install", "--silent", "--ignore-scripts", CLOC], cwd=home / "cloc")

    @property
    def has_cloc(self) -> bool:
        return self._cloc.exists()

    def versions(self) -> str:
        cloc = _run([self._cloc, "--version"]).strip() if self.has_cloc else "not installed"
        return ", ".join([*PYTHON_TOOLS, f"{CLOC} ({cloc})"])

    def measure(self, tool: str, paths: Iterable[Path]) -> dict[Path, Measured]:
        """Run lizard, radon, complexipy or pygount."""
        listed = "".join(f"{path}\0" for path in paths)
        output = _run([self._python, _RUNNER, tool], input=listed)
        return dict(_measured(json.loads(line)) for line in output.splitlines())

    def count_lines(self, paths: Iterable[Path]) -> dict[Path, Measured]:
        """Run cloc. It leaves out files that it takes for another language, or for none."""
        with tempfile.NamedTemporaryFile("w", encoding="utf-8") as listed:
            listed.writelines(f"{path}\n" for path in paths)
            listed.flush()
            options = ["--by-file", "--csv", "--quiet", "--skip-uniqueness", "--timeout", "0"]
            output = _run([self._cloc, *options, f"--list-file={listed.name}"])
        found = {}
        for row in csv.reader(output.splitlines()):
            if len(row) == 5 and row[4].isdigit() and row[0] != "SUM":
                blank, comment, code = (int(cell) for cell in row[2:])
                found[Path(row[1])] = Measured(lines=(code, comment, blank))
        return found


def _measured(found: dict[str, Any]) -> tuple[Path, Measured]:
    path = Path(found.pop("path"))
    found["functions"] = [tuple(one) for one in found.get("functions", [])]
    if "lines" in found:
        found["lines"] = tuple(found["lines"])
    return path, Measured(**found)


def _run(command: list[str | Path], *, input: str | None = None, cwd: Path | None = None) -> str:
    done = subprocess.run(
        command, input=input, cwd=cwd, text=True, capture_output=True, check=False,
        encoding="utf-8", errors="surrogateescape",
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"{command[0]} failed:\n{done.stderr[-2000:]}")
    return done.stdout
