"""Predicts a chunk scan by CodeGraphX: its chunks, its output files, and what it leaves out.

It scans the folders directly below a root in chunks, chosen as by scripts/chunked_scan_enrich.py of
CodeGraphX 0.3. It does not scan the files in the root itself.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from enrich.lookup import seed
from loaders.base.paths import text_of

# CodeGraphX writes names into its YAML unquoted: these would end a line, a key or a text.
_UNSAFE_IN_YAML = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]|:(\\s|$)|\\s#")


def _scope(part: str) -> set[str]:
    """Return the names of one part of the scope of CodeGraphX's scans."""
    return {row["name"] for row in seed("codegraphx_scope") if row["part"] == part}


def safe_tag(text: str) -> str:
    """Return the tag that CodeGraphX makes of *text*."""
    kept = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in text)
    return kept.strip("_").lower() or "scan"


@dataclass(frozen=True)
class ChunkPlan:
    """The chunks of *root*: each a list of folder names, in the order of the scan."""

    root: str
    tag: str
    size: int
    chunks: tuple[tuple[str, ...], ...]
    # Source files in the root itself, which no chunk contains.
    files_beside: int

    @property
    def folders(self) -> int:
        return sum(map(len, self.chunks))

    def unsafe_name(self) -> str | None:
        """Return a name that CodeGraphX's configuration would misread, as text; else None."""
        paths = (os.path.join(self.root, name) for chunk in self.chunks for name in chunk)
        return next(
            (text_of(os.fsencode(path)) for path in paths if _UNSAFE_IN_YAML.search(path)), None
        )

    def scan_file(self, checkout: Path, number: int) -> Path:
        return checkout / "data" / f"{self.tag}_chunks" / _chunk(number) / "scan.jsonl"

    def merged_scan(self, checkout: Path) -> Path:
        return checkout / "data" / f"{self.tag}_scan_complete" / f"scan_merged_{self.tag}.jsonl"

    def results(self, checkout: Path | None) -> list[dict[str, Any]]:
        """Return the `chunk_results` of CodeGraphX's summary, as its dry run writes them."""
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
            "rows": _count_lines(scan) if scan and is_there else 0,
        }

    def may_resume(self, checkout: Path) -> bool:
        """Return whether the scans in *checkout* under this tag are of these chunks, and complete.

        CodeGraphX compares only the numbers of the chunks: if a folder was added or removed, it
        would use the scan of other folders. Its dry run also rewrites the configuration, so that a
        scan older than the configuration may be of other folders.
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
                # An interrupted scan ends within a line, or is empty.
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
    """Split the folders below *root*, at most *at_most* (0: all), into chunks. Raises OSError."""
    unwanted = {name.strip() for name in excludes.split(",")}
    unwanted |= _scope("excluded") | _scope("excluded_from_chunks")
    extensions = tuple(f".{ext}" for ext in _scope("ext"))
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
        files_beside=sum(entry.is_file() and entry.name.endswith(extensions) for entry in beside),
    )
