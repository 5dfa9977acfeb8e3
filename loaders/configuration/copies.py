"""Copies of the files of a configuration: of a team's into this one, to a backup and back.

A file is written in one step: a build that reads meanwhile sees the old one or the new one.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from loaders.base.sealed import read_file, replace_durably
from loaders.configuration.configured import Further, read_folder
from loaders.configuration.csv_rows import MOST_BYTES
from loaders.configuration.folder import RULES
from loaders.configuration.forms import forms
from loaders.configuration.settings import Problem


def names_in(folder: Path) -> list[str]:
    """Return the files of a configuration that *folder* has, as paths below it, readable or not.

    Raises OSError if it cannot be listed.
    """
    files = {form.file for form in forms().values()}
    found = sorted(files.intersection(os.listdir(folder)))
    rules = folder / RULES
    if rules.is_dir() and not rules.is_symlink():
        found += sorted(f"{RULES}/{name}" for name in os.listdir(rules) if name.endswith(".sql"))
    return found


def files_in(folder: Path) -> dict[str, bytes]:
    """Return name → content of the files of a configuration in *folder*.

    Raises OSError, as NotAFile for a symbolic link or anything else that has the name of one.
    """
    return {name: read_file(folder / name, at_most=MOST_BYTES) for name in names_in(folder)}


def write_files(files: Mapping[str, bytes], folder: Path) -> None:
    """Write *files* into the configuration folder, which is made if it is missing."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, raw in files.items():
        target = folder / name
        target.parent.mkdir(exist_ok=True, mode=0o700)
        replace_durably(target, raw)


def problems_after(
    files: Mapping[str, bytes], folder: Path | None, further: Further
) -> list[Problem]:
    """Return the problems that *files* would have beside the present ones in *folder*."""
    with tempfile.TemporaryDirectory(prefix="enrich-config-") as scratch:
        tried = Path(scratch)
        write_files({**_readable(folder), **files}, tried)
        found = read_folder(tried, further).problems
    return [problem for problem in found if problem.file in files]


def _readable(folder: Path | None) -> dict[str, bytes]:
    """Return the files in *folder*, without those that cannot be read."""
    if folder is None or not os.path.isdir(folder):
        return {}
    found = {}
    for name in names_in(folder):
        try:
            found[name] = read_file(folder / name, at_most=MOST_BYTES)
        except OSError:
            continue
    return found
