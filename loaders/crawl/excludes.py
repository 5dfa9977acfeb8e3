"""What a crawl does not enter or read, and why: the rows of seeds/exclude_profiles.csv.

A row of kind `gitignore` is one pattern in gitignore syntax, relative to the crawl root. A row of
kind `marker` excludes every directory that holds an entry of that name (the root excepted).
"""

from __future__ import annotations

import csv
import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

import click
import pathspec

from loaders.paths import PROJECT_ROOT

SEED = PROJECT_ROOT / "seeds" / "exclude_profiles.csv"
_PLAIN_NAME = re.compile(r"[^/*?\[\]!\\#]+/?")


@dataclass(frozen=True)
class Excludes:
    """One exclude profile, compiled."""

    profile: str
    directory_names: dict[bytes, str]
    file_names: dict[bytes, str]
    markers: dict[bytes, str]
    patterns: tuple[tuple[pathspec.PathSpec, str], ...]
    digest: str

    def reason_for_directory(self, root: bytes, path: bytes) -> str | None:
        """Say why the directory *path* below *root* is not entered, or None."""
        name = path.rpartition(b"/")[2]
        return self.directory_names.get(name) or self._by_pattern(root, path + b"/")

    def reason_for_file(self, root: bytes, directory: bytes, name: bytes) -> str | None:
        """Say why the file *name* in *directory* is not read, or None."""
        reason = self.file_names.get(name)
        if reason or not self.patterns:
            return reason
        return self._by_pattern(root, directory + b"/" + name)

    def reason_for_content(self, names: set[bytes]) -> str | None:
        """Say why a directory that holds *names* is excluded after one look, or None."""
        for marker, reason in self.markers.items():
            if marker in names:
                return reason
        return None

    def _by_pattern(self, root: bytes, path: bytes) -> str | None:
        if not self.patterns:
            return None
        relative = os.fsdecode(path[len(root.rstrip(b"/")) + 1 :])
        for spec, reason in self.patterns:
            if spec.match_file(relative):
                return reason
        return None


def load_excludes(profile: str, seed: Path = SEED) -> Excludes:
    """Return the profile named *profile*.

    Raises click.UsageError where the seed has no such profile or a row of an unknown kind.
    """
    with open(seed, newline="", encoding="utf-8") as file:
        every_row = list(csv.DictReader(file))
    rows = [row for row in every_row if row["profile"] == profile]
    if not rows:
        known = ", ".join(sorted({row["profile"] for row in every_row}))
        raise click.UsageError(f"no exclude profile {profile!r} in {seed}; it has: {known}")
    directory_names, file_names, markers, patterns = {}, {}, {}, []
    for row in rows:
        kind, pattern, reason = row["kind"], row["pattern"], f"{row['reason']} ({row['pattern']})"
        if kind == "marker":
            markers[os.fsencode(pattern)] = reason
        elif kind != "gitignore":
            raise click.UsageError(f"{seed}: kind {kind!r} of pattern {pattern!r}; it is gitignore or marker")
        elif _PLAIN_NAME.fullmatch(pattern):
            # A bare name is what most patterns are; a dictionary answers it without a regular expression.
            name = os.fsencode(pattern.rstrip("/"))
            directory_names[name] = reason
            if not pattern.endswith("/"):
                file_names[name] = reason
        else:
            patterns.append((pathspec.PathSpec.from_lines("gitignore", [pattern]), reason))
    digest = hashlib.sha256(repr(sorted(tuple(row.items()) for row in rows)).encode()).hexdigest()
    return Excludes(profile, directory_names, file_names, markers, tuple(patterns), digest)
