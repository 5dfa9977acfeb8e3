"""Check whether the paths that artifacts point at exist.

A path is checked only below a registered folder that exists on this machine; all others are
unknown. Paths below a missing or empty folder, such as an unmounted disk, are also unknown. Links
are not followed out of the registered folders, and only folders are opened.
"""

from __future__ import annotations

import os
import shlex
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from typing import NamedTuple

from loaders.base import clock
from loaders.base.paths import bytes_of, is_beneath, text_of
from loaders.safe_git.safe_files import MISSING, SYMLINK, UNREADABLE, Roots
from loaders.sources.artifacts.path_keys import parse_path
from loaders.zone.runs import Run

THERE, GONE, UNKNOWN = "there", "gone", "unknown"


class PathState(NamedTuple):
    """The result of one check."""

    state: str  # there, gone, unknown
    reason: str | None = None


NOT_REGISTERED = PathState(UNKNOWN, "in no registered folder")


class PathChecker:
    """Checks whether paths below the registered *folders* exist."""

    def __init__(self, folders: Iterable[bytes]) -> None:
        self._folders = sorted(set(folders), key=len, reverse=True)
        self._in_use = {folder: _is_in_use(folder) for folder in self._folders}
        self._roots = Roots([folder for folder, in_use in self._in_use.items() if in_use])

    def check(self, key: str) -> PathState:
        """Check the path with the key *key*. Raises OSError if this process has no memory left."""
        path = bytes_of(key)
        if not key.startswith("/") or key.startswith("//") or b"\0" in path:
            return NOT_REGISTERED
        folder = next((folder for folder in self._folders if is_beneath(path, folder)), None)
        if folder is None:
            return NOT_REGISTERED
        if not self._in_use[folder]:
            return PathState(UNKNOWN, f"{text_of(folder)} is missing or empty")
        # The folder itself may be reached through a link.
        place = self._roots.canonical(path)
        if place is None:
            return NOT_REGISTERED
        kind = self._roots.kind(place)
        if kind == SYMLINK:
            return self._check_target(place)
        return _state_of(kind)

    def _check_target(self, link: bytes) -> PathState:
        target = self._roots.canonical(os.path.realpath(link))
        if target is None:
            return PathState(UNKNOWN, "a link leads out of the registered folders")
        return _state_of(self._roots.kind(target))


def _state_of(kind: str) -> PathState:
    if kind == MISSING:
        return PathState(GONE)
    if kind in (UNREADABLE, SYMLINK):
        return PathState(UNKNOWN, "cannot be checked")
    return PathState(THERE)


def _is_in_use(folder: bytes) -> bool:
    """Return whether *folder* exists and is not empty; the folder of an unmounted disk is empty."""
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is not None
    except OSError:
        return False


def unmapped_prefixes(keys: Iterable[str]) -> dict[str, int]:
    """Return common folder → number of paths, for absolute *keys* grouped by first folder."""
    groups: dict[str, list[str]] = {}
    for key in keys:
        path = parse_path(bytes_of(key).decode("utf-8", "replace"))
        if path.anchor:
            groups.setdefault("/".join([path.anchor.rstrip("/"), *path.parts[:1]]), []).append(key)
    return {_common_folder(group): len(group) for group in groups.values()}


def _common_folder(keys: Sequence[str]) -> str:
    folders = [key.split("/")[:-1] for key in keys]
    shared = takewhile(lambda parts: len(set(parts)) == 1, zip(*folders, strict=False))
    return "/".join(parts[0] for parts in shared) or "/"


def land_path_states(
    run: Run,
    keys: Iterable[str],
    folders: Iterable[bytes],
    known: Mapping[str, tuple[str, str | None]],
) -> tuple[Counter[str], list[str]]:
    """Check the paths of *keys* below *folders* and land the states that differ from *known*.

    Returns the number of paths in each state, and a remark for each folder that cannot be checked.
    """
    checker = PathChecker(folders)
    states = {key: checker.check(key) for key in sorted(set(keys))}
    looked_at = clock.as_naive_utc(clock.now())
    new = {key: state for key, state in states.items() if known.get(key) != tuple(state)}
    run.table("path_looks").append_rows(
        [{"path_key": key, **state._asdict(), "looked_at": looked_at} for key, state in new.items()]
    )
    unmapped = unmapped_prefixes(key for key, state in states.items() if state == NOT_REGISTERED)
    remarks = [
        f"cannot check {count} paths below {folder}; map them to this machine:"
        f" --map-prefix {shlex.quote(f'{folder}=FOLDER')}"
        for folder, count in sorted(unmapped.items())
    ]
    return Counter(state.state for state in states.values()), remarks
