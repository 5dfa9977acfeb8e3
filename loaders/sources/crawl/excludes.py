"""Excludes: the rows of seeds/exclude_profiles.csv, which name what a crawl does not enter or read.

A row of kind `gitignore` is one pattern in gitignore syntax, relative to the crawl root: a pattern
with a slash before its end is anchored there, one that ends in a slash means directories only (a
link to a directory does not count). A row of kind `marker` excludes every directory that holds an
entry of that name (the root excepted). Each row excludes on its own, whatever the others say; so
`!`, which takes back what an earlier row excluded, is refused, and so are comments and empty
patterns. The first reason found is the one that lands: names before patterns, then in the order of
the rows.
"""

from __future__ import annotations

import csv
import hashlib
import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from loaders.base.paths import PROJECT_ROOT
from loaders.sources.crawl.brackets import with_plain_brackets

if TYPE_CHECKING:
    import pathspec

SEED = PROJECT_ROOT / "seeds" / "exclude_profiles.csv"
_PLAIN_NAME = re.compile(r"[^/*?\[\]!\\#]+/?")
_PLAIN_SUFFIX = re.compile(r"\*[^/*?\[\]!\\#]+/?")


@dataclass(frozen=True)
class Excludes:
    """One exclude profile, compiled.

    A name or a suffix is what most patterns are, and is answered without a regular expression.
    """

    profile: str
    digest: str
    directory_names: dict[bytes, str] = field(default_factory=dict)
    directory_suffixes: dict[bytes, str] = field(default_factory=dict)
    file_names: dict[bytes, str] = field(default_factory=dict)
    file_suffixes: dict[bytes, str] = field(default_factory=dict)
    markers: dict[bytes, str] = field(default_factory=dict)
    patterns: list[tuple[pathspec.PathSpec, str]] = field(default_factory=list)
    # Folder → name in it → reason, for single paths.
    places: dict[bytes, dict[bytes, str]] = field(default_factory=dict)

    def without(self, paths: dict[bytes, str]) -> Excludes:
        """Return the same profile that also leaves out *paths*, folders or files: absolute path →
        reason.
        """
        places: dict[bytes, dict[bytes, str]] = {}
        for path, reason in paths.items():
            above, _, name = path.rpartition(b"/")
            places.setdefault(above or b"/", {})[name] = reason
        return replace(self, places=places)

    def reason_for_directory(self, root: bytes, path: bytes, name: bytes) -> str | None:
        """Say why the directory *path* below *root*, whose last part is *name*, is not entered, or
        None.
        """
        return (
            self._place(path)
            or self.directory_names.get(name)
            or (self.directory_suffixes and _by_suffix(name, self.directory_suffixes))
            or (self.patterns and self._by_pattern(root, path + b"/"))
            or None
        )

    def reasons_for_files(
        self, root: bytes, directory: bytes, names: set[bytes]
    ) -> dict[bytes, str]:
        """Return name → reason of those files in *directory* that are not read."""
        reasons: dict[bytes, str] = {}
        if self.patterns:
            above = directory.rstrip(b"/") + b"/"
            reasons |= {
                name: reason for name in names if (reason := self._by_pattern(root, above + name))
            }
        if self.file_suffixes:
            suffixes = tuple(self.file_suffixes)
            reasons |= {
                name: _by_suffix(name, self.file_suffixes)
                for name in names
                if name.endswith(suffixes)
            }
        for name, reason in self.places.get(directory, {}).items():
            if name in names:
                reasons[name] = reason
        for name in self.file_names.keys() & names:
            reasons[name] = self.file_names[name]
        return reasons

    def reason_for_content(self, names: set[bytes]) -> str | None:
        """Return why a directory with these *names* in it is excluded, or None."""
        for marker, reason in self.markers.items():
            if marker in names:
                return reason
        return None

    def _place(self, path: bytes) -> str | None:
        above, _, name = path.rpartition(b"/")
        here = self.places.get(above or b"/")
        return here.get(name) if here else None

    def _by_pattern(self, root: bytes, path: bytes) -> str | None:
        # To a regular expression a newline is the end of a text; to a file system it is one more
        # character.
        relative = os.fsdecode(path[len(root.rstrip(b"/")) + 1 :]).replace("\n", "\r")
        for spec, reason in self.patterns:
            if spec.match_file(relative):
                return reason
        return None


def _by_suffix(name: bytes, suffixes: dict[bytes, str]) -> str | None:
    for suffix, reason in suffixes.items():
        if name.endswith(suffix):
            return reason
    return None


def load_excludes(profile: str, seed: Path = SEED) -> Excludes:
    """Return the profile named *profile*.

    Raises click.UsageError where the seed has no such profile, or a row that means nothing here.
    """
    with open(seed, newline="", encoding="utf-8") as file:
        every_row = list(csv.DictReader(file))
    rows = [row for row in every_row if row["profile"] == profile]
    if not rows:
        known = ", ".join(sorted({row["profile"] for row in every_row}))
        raise click.UsageError(f"no exclude profile {profile!r} in {seed}; it has: {known}")
    digest = hashlib.sha256(repr(sorted(tuple(row.items()) for row in rows)).encode()).hexdigest()
    excludes = Excludes(profile, digest)
    for row in rows:
        try:
            _add(excludes, row["kind"], row["pattern"], f"{row['reason']} ({row['pattern']})")
        except ValueError as error:
            raise click.UsageError(
                f"{seed}: profile {profile}, pattern {row['pattern']!r}: {error}"
            ) from None
    return excludes


def _add(excludes: Excludes, kind: str, pattern: str, reason: str) -> None:
    """Compile one row. Raises ValueError with what is wrong with it."""
    if kind == "marker":
        if not pattern or "/" in pattern:
            raise ValueError("a marker is the name of one entry of a directory")
        excludes.markers.setdefault(os.fsencode(pattern), reason)
        return
    if kind != "gitignore":
        raise ValueError(f"kind {kind!r}; it is gitignore or marker")
    if not pattern.strip(" /") or pattern.startswith(("!", "#")):
        raise ValueError(
            "negated, empty and comment patterns are not supported; each row excludes on its own"
        )
    if not pattern.endswith("\\ "):
        pattern = pattern.rstrip(" ")
    for shape, directories, files in (
        (_PLAIN_NAME, excludes.directory_names, excludes.file_names),
        (_PLAIN_SUFFIX, excludes.directory_suffixes, excludes.file_suffixes),
    ):
        if shape.fullmatch(pattern):
            plain = os.fsencode(pattern.removesuffix("/").removeprefix("*"))
            directories.setdefault(plain, reason)
            if not pattern.endswith("/"):
                files.setdefault(plain, reason)
            return
    import pathspec  # which takes long, and few profiles have a pattern that is more than a name

    # Both raise ValueError for text that is not a pattern.
    spec = pathspec.PathSpec.from_lines("gitignore", [with_plain_brackets(pattern)])
    excludes.patterns.append((spec, reason))
