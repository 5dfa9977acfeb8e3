"""Check whether the paths in artifacts exist.

Only paths below a folder that is registered and exists here are checked; for every other path, the
answer is unknown. It is also unknown below a missing or empty folder, such as an unmounted disk. No
link is followed out of the registered folders, and only folders are opened.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from typing import NamedTuple

from loaders.base import clock
from loaders.base.paths import bytes_of, is_beneath, text_of
from loaders.safe_git.safe_files import MISSING, SYMLINK, UNREADABLE, Roots
from loaders.sources.codegraphx.path_keys import take_apart
from loaders.zone.runs import Run

THERE, GONE, UNKNOWN = "there", "gone", "unknown"


class Look(NamedTuple):
    """The answer for one path."""

    state: str
    reason: str | None = None


NOT_REGISTERED = Look(UNKNOWN, "in no registered folder")


class Looker:
    """Checks whether paths below the registered *folders* exist."""

    def __init__(self, folders: Iterable[bytes]) -> None:
        self._folders = sorted(set(folders), key=len, reverse=True)
        self._knows = {folder: _is_in_use(folder) for folder in self._folders}
        self._roots = Roots([folder for folder, knows in self._knows.items() if knows])

    def look(self, key: str) -> Look:
        """Look at the path whose key is *key*."""
        path = bytes_of(key)
        if not key.startswith("/") or key.startswith("//") or b"\0" in path:
            return NOT_REGISTERED
        folder = next((folder for folder in self._folders if is_beneath(path, folder)), None)
        if folder is None:
            return NOT_REGISTERED
        if not self._knows[folder]:
            return Look(UNKNOWN, f"{text_of(folder)} is missing or empty")
        kind = self._roots.kind(path)
        if kind == SYMLINK:
            return self._look_through(path)
        return _verdict(kind)

    def _look_through(self, path: bytes) -> Look:
        target = os.path.realpath(path)
        if not any(knows and is_beneath(target, folder) for folder, knows in self._knows.items()):
            return Look(UNKNOWN, "a link leads out of the registered folders")
        return _verdict(self._roots.kind(target))


def _verdict(kind: str) -> Look:
    if kind == MISSING:
        return Look(GONE)
    return Look(UNKNOWN, "cannot be looked at") if kind in (UNREADABLE, SYMLINK) else Look(THERE)


def _is_in_use(folder: bytes) -> bool:
    """Return whether *folder* exists and is not empty: an unmounted disk is empty."""
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is not None
    except OSError:
        return False


def unmapped_prefixes(keys: Iterable[str]) -> dict[str, int]:
    """Return the folders of *keys* of absolute paths, one for each place where they begin, with
    their number.
    """
    groups: dict[str, list[str]] = {}
    for key in keys:
        path = take_apart(bytes_of(key).decode("utf-8", "replace"))
        if path.anchor:
            groups.setdefault("/".join([path.anchor.rstrip("/"), *path.parts[:1]]), []).append(key)
    return {_common_folder(group): len(group) for group in groups.values()}


def _common_folder(keys: Sequence[str]) -> str:
    apart = [key.split("/")[:-1] for key in keys]
    shared = takewhile(lambda parts: len(set(parts)) == 1, zip(*apart, strict=False))
    return "/".join(parts[0] for parts in shared) or "/"


def land_looks(
    run: Run,
    keys: Iterable[str],
    folders: Iterable[bytes],
    known: Mapping[str, tuple[str, str | None]],
) -> tuple[Counter[str], list[str]]:
    """Look at the paths of *keys* below *folders* and land the answers that are not *known*.

    Returns how many paths have which state, and a remark for each place of which nothing can be
    known.
    """
    looker = Looker(folders)
    looks = {key: looker.look(key) for key in sorted(set(keys))}
    looked_at = clock.as_naive_utc(clock.now())
    new = {key: look for key, look in looks.items() if known.get(key) != tuple(look)}
    run.table("path_looks").append_rows(
        [{"path_key": key, **look._asdict(), "looked_at": looked_at} for key, look in new.items()]
    )
    elsewhere = unmapped_prefixes(key for key, look in looks.items() if look == NOT_REGISTERED)
    remarks = [
        f"cannot check {count} paths below {folder}; map them to this machine:"
        f" --map-prefix {folder}=FOLDER"
        for folder, count in sorted(elsewhere.items())
    ]
    return Counter(look.state for look in looks.values()), remarks
