"""Where the configuration folder is, and the files in it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from loaders.base.paths import CONFIG_VARIABLE, NoPlace, config_home

RULES = "rules"


def config_folder() -> Path | None:
    """Return the folder, which need not exist; None if no variable names it and the user has no
    home.

    Raises NoPlace if META_CONFIG_DIR names a user that this machine does not have.
    """
    given = os.environ.get(CONFIG_VARIABLE)
    if given:
        expanded = os.path.expanduser(given)
        if expanded.startswith("~"):
            raise NoPlace(
                f"{CONFIG_VARIABLE}={given}: no such user; for a folder of that name give ./~…"
            )
        return Path(os.path.abspath(expanded))
    try:
        return config_home()
    except NoPlace:
        return None


def entries_of(folder: Path | None) -> list[str]:
    """Return the names in *folder*, none if it is missing.

    Raises OSError if it is another kind of thing, or cannot be read.
    """
    if folder is None:
        return []
    try:
        return sorted(os.listdir(folder))
    except FileNotFoundError:
        return []


def is_missing(path: Path) -> bool:
    """Say whether there is nothing at *path*: no file, no folder, no link."""
    try:
        return not stat.S_IFMT(os.lstat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return True
