"""The parts of the dbt project: every file and folder of this clone that dbt reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

# Patterns below the clone. setup.py reads this file by its path, before anything is installed.
PARTS = (
    ".dbtignore",
    "dbt_project.yml",
    "profiles.yml",
    "models",
    "loaders/sources/*/staging",
    "macros",
    "seeds",
    "tests/dbt",
)


def files_below(project: Path, parts: tuple[str, ...] = PARTS) -> Iterator[Path]:
    """Yield the files of *parts* of *project*, part by part and each part in order."""
    for pattern in parts:
        for part in sorted(project.glob(pattern)):
            for path in sorted(part.rglob("*")) if part.is_dir() else [part]:
                if path.is_file():
                    yield path
