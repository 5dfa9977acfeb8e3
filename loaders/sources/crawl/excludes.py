"""Directories and files that a crawl excludes, and the reasons: seeds/exclude_profiles.csv with the
configured rows over it.

A row of kind `gitignore` is one pattern in gitignore syntax, relative to the crawl root. A pattern
with a slash before its end is anchored at the root; a pattern that ends in a slash matches only
directories (a link to a directory is not one). A row of kind `marker` excludes every directory that
contains an entry of that name, except the root. A row of kind `folder_with`, such as `CVS/Entries`,
excludes every directory of that name that contains that entry: the name alone is not certain. Each
row excludes independently of the others.
Negation (`!`), comments and empty patterns are therefore errors. The first matching reason lands:
names before patterns, then in the order of the rows.
"""

from __future__ import annotations

import csv
import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import click

from loaders.base.paths import PROJECT_ROOT
from loaders.configuration.configured import effective_rows, read_configuration
from loaders.sources.crawl.git_patterns import GitPattern, compiled, without_blanks_at_end

SEED = PROJECT_ROOT / "seeds" / "exclude_profiles.csv"
_PLAIN_NAME = re.compile(rb"[^/*?\[\]!\\#]+/?")
_PLAIN_SUFFIX = re.compile(rb"\*[^/*?\[\]!\\#]+/?")


@dataclass(frozen=True)
class Excludes:
    """One compiled exclude profile.

    Most patterns are a plain name or suffix and are matched without a regular expression.
    """

    profile: str
    digest: str
    directory_names: dict[bytes, str] = field(default_factory=dict)
    directory_suffixes: dict[bytes, str] = field(default_factory=dict)
    file_names: dict[bytes, str] = field(default_factory=dict)
    file_suffixes: dict[bytes, str] = field(default_factory=dict)
    markers: dict[bytes, str] = field(default_factory=dict)
    # Name of a directory → name of an entry in it → reason.
    folders_with: dict[bytes, dict[bytes, str]] = field(default_factory=dict)
    patterns: list[tuple[GitPattern, str]] = field(default_factory=list)
    # Folder → name in it → reason, for single paths.
    places: dict[bytes, dict[bytes, str]] = field(default_factory=dict)

    def without(self, paths: dict[bytes, str]) -> Excludes:
        """Return this profile with additional excluded *paths*: absolute path → reason."""
        places: dict[bytes, dict[bytes, str]] = {}
        for path, reason in paths.items():
            above, _, name = path.rpartition(b"/")
            places.setdefault(above or b"/", {})[name] = reason
        return replace(self, places=places)

    def reason_for_directory(self, root: bytes, path: bytes, name: bytes) -> str | None:
        """Return why the directory *path* below *root* is not entered, or None.

        *name* is the last part of the path.
        """
        return (
            self._place(path)
            or self.directory_names.get(name)
            or (self.directory_suffixes and _by_suffix(name, self.directory_suffixes))
            or (self.patterns and self._by_pattern(root, path, is_directory=True))
            or None
        )

    def reasons_for_files(
        self, root: bytes, directory: bytes, names: set[bytes]
    ) -> dict[bytes, str]:
        """Return name → reason for the files in *directory* that are not read."""
        reasons: dict[bytes, str] = {}
        if self.patterns:
            above = directory.rstrip(b"/") + b"/"
            reasons |= {
                name: reason
                for name in names
                if (reason := self._by_pattern(root, above + name, is_directory=False))
            }
        if self.file_suffixes:
            suffixes = tuple(self.file_suffixes)
            reasons |= {
                name: reason
                for name in names
                if name.endswith(suffixes) and (reason := _by_suffix(name, self.file_suffixes))
            }
        for name, reason in self.places.get(directory, {}).items():
            if name in names:
                reasons[name] = reason
        for name in self.file_names.keys() & names:
            reasons[name] = self.file_names[name]
        return reasons

    def reason_for_content(self, folder: bytes, names: set[bytes]) -> str | None:
        """Return why the directory *folder*, with the entries *names*, is excluded, or None.

        *folder* is the last part of its path.
        """
        for entry, reason in self.folders_with.get(folder, {}).items():
            if entry in names:
                return reason
        for marker, reason in self.markers.items():
            if marker in names:
                return reason
        return None

    def _place(self, path: bytes) -> str | None:
        above, _, name = path.rpartition(b"/")
        here = self.places.get(above or b"/")
        return here.get(name) if here else None

    def _by_pattern(self, root: bytes, path: bytes, is_directory: bool) -> str | None:
        relative = path[len(root.rstrip(b"/")) + 1 :]
        for pattern, reason in self.patterns:
            if pattern.matches(relative, is_directory):
                return reason
        return None


def _by_suffix(name: bytes, suffixes: dict[bytes, str]) -> str | None:
    for suffix, reason in suffixes.items():
        if name.endswith(suffix):
            return reason
    return None


def problem_of(row: Mapping[str, str | None]) -> str | None:
    """Return why a configured row is not a pattern, or None."""
    try:
        _add(Excludes("", ""), row["kind"] or "", row["pattern"] or "", "")
    except ValueError as error:
        return str(error)
    return None


CHECKS = {SEED.stem: problem_of}


def load_excludes(profile: str, seed: Path | None = None) -> Excludes:
    """Return the profile named *profile*: of the seed with the configured rows, or of *seed* alone.

    A configured row that is invalid is left out. Raises click.UsageError if no row is of the
    profile, or for an invalid row of the seed.
    """
    if seed is None:
        every_row = effective_rows(SEED.stem, read_configuration(CHECKS))
        seed = SEED
    else:
        with open(seed, newline="", encoding="utf-8") as file:
            every_row = [{**row} for row in csv.DictReader(file)]
    rows = [
        {name: cell or "" for name, cell in row.items()}
        for row in every_row
        if row["profile"] == profile
    ]
    if not rows:
        known = ", ".join(sorted({row["profile"] or "" for row in every_row}))
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
    """Compile one row. Raises ValueError with the problem."""
    if kind == "marker":
        if not pattern or "/" in pattern:
            raise ValueError("a marker is the name of one entry of a directory")
        excludes.markers.setdefault(os.fsencode(pattern), reason)
        return
    if kind == "folder_with":
        folder, _, entry = os.fsencode(pattern).partition(b"/")
        if not folder or not entry or b"/" in entry:
            raise ValueError("it is the name of a directory, a slash and the name of an entry")
        excludes.folders_with.setdefault(folder, {}).setdefault(entry, reason)
        return
    if kind != "gitignore":
        raise ValueError(f"kind {kind!r}; it is gitignore, marker or folder_with")
    if not pattern.strip(" /") or pattern.startswith(("!", "#")):
        raise ValueError(
            "negated, empty and comment patterns are not supported; each row excludes on its own"
        )
    stripped = without_blanks_at_end(pattern.encode())
    for shape, directories, files in (
        (_PLAIN_NAME, excludes.directory_names, excludes.file_names),
        (_PLAIN_SUFFIX, excludes.directory_suffixes, excludes.file_suffixes),
    ):
        if shape.fullmatch(stripped):
            plain = stripped.removesuffix(b"/").removeprefix(b"*")
            directories.setdefault(plain, reason)
            if not stripped.endswith(b"/"):
                files.setdefault(plain, reason)
            return
    excludes.patterns.append((compiled(stripped), reason))
