"""Bracket expressions in exclude patterns match what `git check-ignore` says."""

from __future__ import annotations

import os
import string
import subprocess
import warnings
from pathlib import Path

import click
import pytest

from loaders.sources.crawl.excludes import load_excludes

SIGNS = sorted(set(string.printable) - set("/\t\n\r\x0b\x0c"))
PATHS = [f"x{sign}y" for sign in SIGNS] + ["x/y", "xy"]
ALWAYS_IN_A_FOLDER = ["v1/readme", "va/readme", "v/x"]

PATTERNS = [
    "x[ab]y", "x[a-c]y", "x[!a]y", "x[^a]y", "x[!/a]y", "x[+-9]y", "x[a/]y", "x[[:digit:]]y",
    "x[![:digit:]]y", "x[[:alpha:][:digit:]_]y", "x[[:punct:]]y", "x[[:upper:]-]y", r"x[\]]y",
    r"x[a\-z]y", r"x[\\]y", "x[]a]y", "x[!]a]y", "x[]-a]y", "x[^-]y", "x[-^]y", "x[!-]y", "x[z-a]y",
    "x[&&]y", "x[~~|]y", "x[[]y", r"x\[a]y", "v[![:alpha:]]/", "v[!a]*x",
]  # fmt: skip


def ignored_by_git(folder: Path, pattern: str, paths: list[str]) -> set[str]:
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    (folder / ".gitignore").write_text(pattern + "\n")
    command = ["git", "-C", folder, "check-ignore", "--no-index", "--stdin", "-z"]
    answer = subprocess.run(command, input="\0".join(paths) + "\0", capture_output=True, text=True)
    return set(filter(None, answer.stdout.split("\0")))


def excluded_by_us(folder: Path, pattern: str, paths: list[str]) -> set[str]:
    seed = folder / "profiles.csv"
    seed.write_text(f'profile,kind,pattern,reason\nmine,gitignore,"{pattern}",test\n')
    excludes = load_excludes("mine", seed)
    root = b"/root"

    def is_excluded(path: str) -> bool:
        *above, name = path.split("/")
        folders = ["/".join(above[: depth + 1]) for depth in range(len(above))]
        entered = [os.fsencode(each) for each in folders]
        return any(
            excludes.reason_for_directory(root, root + b"/" + each, each.rpartition(b"/")[2])
            for each in entered
        ) or bool(
            excludes.reasons_for_files(root, b"/".join([root, *entered[-1:]]), {os.fsencode(name)})
        )

    return {path for path in paths if is_excluded(path)}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_bracket_expression_matches_as_in_git(tmp_path: Path, pattern: str) -> None:
    paths = PATHS + ALWAYS_IN_A_FOLDER
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert excluded_by_us(tmp_path, pattern, paths) == ignored_by_git(
            tmp_path / "git", pattern, paths
        )


@pytest.mark.parametrize("pattern", ["x[a", "x[[:number:]]y", "x[/]y"])
def test_an_expression_that_matches_nothing_is_refused(tmp_path: Path, pattern: str) -> None:
    assert not ignored_by_git(tmp_path / "git", pattern, PATHS)
    with pytest.raises(click.UsageError, match="profile mine, pattern"):
        excluded_by_us(tmp_path, pattern, PATHS)
