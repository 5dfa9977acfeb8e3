"""What CodeGraphX's chunk scan will do to a folder: its chunks, the files it makes, what it leaves out.

It scans the folders directly below a root, some at a time, as scripts/chunked_scan_enrich.py of
CodeGraphX 0.3 chooses them. It does not see the files in the root itself.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loaders.base.paths import text_of

EXCLUDED = frozenset(
    ".git .venv venv __pycache__ .pytest_cache .mypy_cache .ruff_cache .idea .vscode node_modules dist build .tox "
    ".eggs eggs site-packages 99_Archive _analysis_reports _logs _planning".split()
)
SCANNED_EXTENSIONS = (".py", ".js", ".ts")
# The names go into its YAML as they are: these would end a line, a key or the text before a comment.
_MEANS_MORE_IN_YAML = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]|:(\\s|$)|\\s#")


def safe_tag(text: str) -> str:
    """Return *text* as CodeGraphX makes a tag of it."""
    kept = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in text)
    return kept.strip("_").lower() or "scan"


@dataclass(frozen=True)
class ChunkPlan:
    """The chunks of *root*: each a list of folder names, in the order in which they are scanned."""

    root: str
    tag: str
    size: int
    chunks: tuple[tuple[str, ...], ...]
    # Source files in the root itself, which no chunk holds.
    files_beside: int

    @property
    def folders(self) -> int:
        return sum(map(len, self.chunks))

    def unsafe_name(self) -> str | None:
        """Return a name that would say something else in CodeGraphX's configuration, as text; else None."""
        paths = (os.path.join(self.root, name) for chunk in self.chunks for name in chunk)
        return next(
            (text_of(os.fsencode(path)) for path in paths if _MEANS_MORE_IN_YAML.search(path)), None
        )

    def scan_file(self, checkout: Path, number: int) -> Path:
        return checkout / "data" / f"{self.tag}_chunks" / _chunk(number) / "scan.jsonl"

    def merged_scan(self, checkout: Path) -> Path:
        return checkout / "data" / f"{self.tag}_scan_complete" / f"scan_merged_{self.tag}.jsonl"

    def results(self, checkout: Path | None) -> list[dict[str, Any]]:
        """Return the `chunk_results` of CodeGraphX's summary, as its dry run would have them."""
        return [
            self._result(checkout, number, names) for number, names in enumerate(self.chunks, 1)
        ]

    def _result(self, checkout: Path | None, number: int, names: Sequence[str]) -> dict[str, Any]:
        scan = self.scan_file(checkout, number) if checkout else None
        is_there = scan is not None and scan.is_file()
        return {
            "chunk": _chunk(number),
            "status": "planned_existing" if is_there else "planned_new",
            "projects": [text_of(os.fsencode(name)) for name in names],
            "project_roots": [
                text_of(os.fsencode(os.path.join(self.root, name))) for name in names
            ],
            "scan_file": str(scan) if scan else None,
            "rows": _count_lines(scan) if is_there else 0,
        }

    def may_resume(self, checkout: Path) -> bool:
        """Say whether what lies in *checkout* under this tag is of these very chunks, each scan whole.

        CodeGraphX goes by the numbers of chunks alone: where a folder came or went, it would take the
        scan of other folders for theirs. Its dry run, too, writes the configuration anew: a scan that is
        older than that may be of others.
        """
        there = {
            number
            for number in range(1, len(self.chunks) + 1)
            if self.scan_file(checkout, number).is_file()
        }
        return bool(there) and all(self._is_of_this_chunk(checkout, number) for number in there)

    def _is_of_this_chunk(self, checkout: Path, number: int) -> bool:
        roots = [
            f"    root: {Path(self.root, name).as_posix()}" for name in self.chunks[number - 1]
        ]
        config = checkout / "config" / f"{self.tag}_chunks" / f"projects_{_chunk(number)}.yaml"
        scan = self.scan_file(checkout, number)
        try:
            lines = config.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
            is_newer = scan.stat().st_mtime_ns >= config.stat().st_mtime_ns
            with open(scan, "rb") as file:
                # A scan that was stopped ends within a line, or has none.
                file.seek(-1, os.SEEK_END)
                is_whole = file.read() == b"\n"
        except OSError:
            return False
        return (
            is_newer
            and is_whole
            and [line for line in lines if line.startswith("    root: ")] == roots
        )


def _chunk(number: int) -> str:
    return f"chunk_{number:02d}"


def _count_lines(path: Path) -> int:
    with open(path, "rb") as file:
        return sum(1 for _ in file)


def plan_chunks(root: str, tag: str, size: int, excludes: str = "", at_most: int = 0) -> ChunkPlan:
    """Look which folders lie below *root*, at most so many (0: all), and deal them into chunks. Raises OSError."""
    unwanted = EXCLUDED | {name.strip() for name in excludes.split(",")}
    with os.scandir(root) as entries:
        beside = list(entries)
    folders = [
        entry.name
        for entry in beside
        if entry.is_dir() and entry.name not in unwanted and not entry.name.startswith(".")
    ]
    folders.sort(key=lambda name: (name.lower(), name))
    folders = folders[: at_most or None]
    return ChunkPlan(
        root=root,
        tag=safe_tag(tag),
        size=size,
        chunks=tuple(
            tuple(folders[start : start + size]) for start in range(0, len(folders), size)
        ),
        files_beside=sum(
            entry.is_file() and entry.name.endswith(SCANNED_EXTENSIONS) for entry in beside
        ),
    )
