"""Exclude patterns match what `git check-ignore` says."""

from __future__ import annotations

import csv
import itertools
import random
import subprocess
from collections.abc import Sequence
from pathlib import Path

import click
import pytest

from loaders.sources.crawl.excludes import load_excludes

BYTES = [bytes([byte]) for byte in range(1, 256) if byte != ord("/")]
PATHS = [
    *(b"x" + byte + b"y" for byte in BYTES),
    *(b"x/y", b"xy", b"v1/readme", b"va/readme", b"v/x", "äb".encode(), "ä".encode()),
    *(b"foo", b"foo ", b"foo  ", b"foo\t", b"foo\\", b"sub/foo", b"sub/foo "),
    *(
        b"a",
        b"b",
        b"ab",
        b"aab",
        b"a/b",
        b"a/a/b",
        b"b/a",
        b"a/c/d/b",
        b"c/a/b",
        b"b/c/a/c",
        b"cab",
    ),
    *(b"a\n", b"a\nb", b"a/\n/b", b"ac/b", b"a]b", b"[a]", b"a-b", b"-", b"]", b"*", b"!", b"^"),
]

PATTERNS = [
    # brackets
    "x[ab]y", "x[a-c]y", "x[!a]y", "x[^a]y", "x[!/a]y", "x[+-9]y", "x[a/]y", "x[[:digit:]]y",
    "x[![:digit:]]y", "x[[:alpha:][:digit:]_]y", "x[[:upper:]-]y", r"x[\]]y",
    r"x[a\-z]y", r"x[\\]y", "x[]a]y", "x[!]a]y", "x[]-a]y", "x[^-]y", "x[-^]y", "x[!-]y", "x[z-a]y",
    "x[&&]y", "x[~~|]y", "x[[]y", r"x\[a]y", "v[![:alpha:]]/", "v[!a]*x", "[[:alpha:]]b",
    "x[a-[:digit:]]y", "x[[:-a]y", "x[a-c-e]y", "x[a-c--e]y", "x[é]y",
    *(f"x[[:{name}:]]y" for name in (
        "alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
        "upper", "xdigit",
    )),
    # a question mark is one byte
    "?", "??", "x?y", "ä", "?b",
    # blanks at the end
    "foo ", r"foo\ ", r"foo\  ", r"foo\ \ ", r"foo\\", r"foo\\ ", r"\foo ", "foo\t", "sub/foo ",
    r"/foo\ ",
    # slashes and stars
    "/a", "a/", "/a/", "a/b", "a/*", "*/b", "**/b", "a/**", "a/**/b", "a**/b", "a**b", "**b",
    "a***/b", r"a/**\/b", r"a\/b", "**", "**/", "*/", "/*", "/**", "/**/b", "***", "a//b",
    "a/**/**/b", "a*", "*b", "*a*", r"\!", r"\^", "a#",
]  # fmt: skip
INVALID = ["x[a", "x[[:number:]]y", "x[/]y", "x[[:alpha:]y", "foo\\", "x[a\\", "x[[:alpha:]"]


def ignored_by_git(folder: Path, patterns: Sequence[str]) -> list[set[bytes]]:
    """Return which of PATHS git ignores for each pattern: one process for one folder a pattern."""
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    for number, pattern in enumerate(patterns):
        (folder / str(number)).mkdir()
        (folder / str(number) / ".gitignore").write_bytes(pattern.encode() + b"\n")
    paths = [b"%d/%s" % pair for pair in itertools.product(range(len(patterns)), PATHS)]
    answer = subprocess.run(
        ["git", "-C", folder, "check-ignore", "--no-index", "--stdin", "-z"],
        input=b"\0".join(paths) + b"\0",
        capture_output=True,
    )
    ignored: list[set[bytes]] = [set() for _ in patterns]
    for path in filter(None, answer.stdout.split(b"\0")):
        number, _, inner = path.partition(b"/")
        ignored[int(number)].add(inner)
    return ignored


def excluded_by_us(folder: Path, pattern: str) -> set[bytes]:
    seed = folder / "profiles.csv"
    with seed.open("w", encoding="utf-8", newline="") as file:
        rows = [["profile", "kind", "pattern", "reason"], ["mine", "gitignore", pattern, "test"]]
        csv.writer(file).writerows(rows)
    excludes = load_excludes("mine", seed)
    root = b"/root"

    def is_excluded(path: bytes) -> bool:
        *above, name = path.split(b"/")
        entered = [b"/".join(above[: depth + 1]) for depth in range(len(above))]
        return any(
            excludes.reason_for_directory(root, root + b"/" + each, each.rpartition(b"/")[2])
            for each in entered
        ) or bool(excludes.reasons_for_files(root, b"/".join([root, *entered[-1:]]), {name}))

    return {path for path in PATHS if is_excluded(path)}


def some_patterns(count: int, start: int) -> list[str]:
    """Return random patterns of the parts that have a meaning in a pattern."""
    chance = random.Random(start)
    parts = [*"ab/*?" * 3, "**", "[a-c]", "[!b]", "**/", "/**", *"[]!^-\\ "]
    made = {"".join(chance.choices(parts, k=chance.randint(1, 6))) for _ in range(3 * count)}
    valid = sorted(pattern for pattern in made if pattern.strip(" /") and pattern[0] != "!")
    return chance.sample(valid, count)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("patterns")


def test_patterns_match_as_in_git(folder: Path) -> None:
    patterns = PATTERNS + some_patterns(200, start=16)
    truth = ignored_by_git(folder / "git", patterns)
    wrong = []
    for pattern, ignored in zip(patterns, truth, strict=True):
        try:
            ours = excluded_by_us(folder, pattern)
        except click.UsageError:
            ours = set()
        if ours != ignored:
            wrong.append((pattern, sorted(ours - ignored)[:5], sorted(ignored - ours)[:5]))
    assert not wrong
    assert sum(map(bool, truth)) > 130, "the judge slept"


@pytest.mark.parametrize("pattern", [r"foo\  ", "?", "x[[:alpha:]]y", r"a\/b", "**"])
def test_a_valid_pattern_is_not_refused(folder: Path, pattern: str) -> None:
    assert excluded_by_us(folder, pattern)


def test_a_pattern_that_matches_nothing_is_refused(folder: Path) -> None:
    assert not any(ignored_by_git(folder / "refused", INVALID))
    for pattern in INVALID:
        with pytest.raises(click.UsageError, match="profile mine, pattern"):
            excluded_by_us(folder, pattern)
