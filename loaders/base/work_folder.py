"""The work folder beside a published file, recognised by its content."""

from __future__ import annotations

import os
import re
from pathlib import Path

from loaders.base.inside import is_real_folder, is_regular

_OWN_NAMES = {
    "build", "build.lock", "build.log", "codegraphx", "codegraphx.lock", "dbt.log",
    "durations.json", "generations", "logs", "next.duckdb", "next.duckdb.wal", "plan", "progress",
    "refresh.json", "refresh.lock", "refresh.log", "started.json", "state.json", "swap.duckdb",
    "target", "unit_tests_passed", "verdicts.duckdb", "warnings.json",
}  # fmt: skip
_DRAFT = re.compile(r"(refresh|state|started|warnings)\.json\.[0-9a-f]{8}\.draft|dbt\.log\.[0-9]+")


def is_work_folder(folder: Path) -> bool:
    """Return whether *folder* was made beside a published file.

    Other files may be among ours if there is also an entry that only a build leaves.
    """
    names = set(os.listdir(folder)) if folder.is_dir() else set()
    if names and all(name in _OWN_NAMES or _DRAFT.fullmatch(name) for name in names):
        return True
    return is_regular(folder / "build.lock") and any(
        is_real_folder(folder / name) for name in ("build", "generations", "target")
    )
