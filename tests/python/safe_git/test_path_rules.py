"""The rules for paths are those of git, and nothing of a crawled folder is in force or executed."""

from __future__ import annotations

import os
import random
import subprocess
from pathlib import Path

import pytest
from git_fixtures import make_repository, plant_traps
from worlds import FIFO, Link, plant

from loaders.safe_git import path_rules
from loaders.safe_git.path_rules import OwnRules, WorkTree
from loaders.safe_git.reader import RepositoryReader

_PARTS = [b"a", b"b", b"ab", b"*", b"**", b"?", b"[ab]", b"[!a]", b"[[:alpha:]]", rb"\*", rb"\!"]
_PARTS += [b".log", b"x y", b"\xff", b"\xc3\xa9", b"#", b" ", rb"\ ", b"[", b"]", b"A", b"\\"]
_NAMES = [b"a", b"b", b"ab", b"a.log", b".log", b"x y", b"\xff", b"\xc3\xa9", b"A", b"#", b"!a"]
_NAMES += [b"*", b"[", b"]", b"a ", b"a\nb", b":a", b"-x", b"\\", b"\t"]


def rules_of(
    path: Path,
    exclude: bytes | None = b"",
    ignores_case: bool = False,
    attributes: bytes | None = b"",
):
    """Return the answer about a folder, with paths relative to it."""
    names = {
        folder: [*files, *(name for name in folders if os.path.islink(folder + b"/" + name))]
        for folder, folders, files in os.walk(os.fsencode(path))
        if b"/.git" not in folder
    }
    with RepositoryReader([os.fsencode(path)]) as reader:
        tree = WorkTree(os.fsencode(path), names, OwnRules(exclude, attributes), ignores_case)
        [answer] = reader.path_rules([tree])
    return answer, names


def ignored(path: Path, **how) -> set[str]:
    answer, _ = rules_of(path, **how)
    assert answer.reason is None
    return {os.path.relpath(os.fsdecode(name), path) for name in answer.ignored}


def ignored_by_git(path: Path, names: dict[bytes, list[bytes]]) -> set[bytes]:
    files = [folder + b"/" + name for folder, names_in in names.items() for name in names_in]
    command = ["git", "-C", path, "-c", "core.excludesFile=", "check-ignore"]
    answer = subprocess.run(
        [*command, "--no-index", "--stdin", "-z"],
        input=b"".join(name + b"\0" for name in files),
        capture_output=True,
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1"},
    )
    assert answer.returncode in (0, 1), answer.stderr
    return set(answer.stdout.split(b"\0")[:-1])


def _lines(chance: random.Random) -> bytes:
    lines = []
    for _ in range(chance.randint(1, 5)):
        line = b"".join(chance.choices(_PARTS, k=chance.randint(1, 3)))
        if chance.random() < 0.4:
            line = chance.choice([b"/%s", b"%s/", b"**/%s", b"%s/**", b"a/%s", b"%s  "]) % line
        lines.append(b"!" + line if chance.random() < 0.25 else line)
    text = chance.choice([b"\n", b"\n", b"\r\n"]).join(lines)
    return chance.choice([b"", b"\xef\xbb\xbf"]) + text + chance.choice([b"", b"\n"])


@pytest.mark.parametrize("seed", range(8))
def test_random_rules_match_as_in_git(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    folders = [os.fsencode(tmp_path)]
    for _ in range(15):
        folder = chance.choice(folders) + b"/" + chance.choice(_NAMES)
        if not os.path.lexists(folder):
            os.mkdir(folder)
            folders.append(folder)
    for folder in folders:
        for name in chance.sample(_NAMES, 6):
            if not os.path.lexists(folder + b"/" + name):
                Path(os.fsdecode(folder + b"/" + name)).touch()
        if chance.random() < 0.4:
            Path(os.fsdecode(folder), ".gitignore").write_bytes(_lines(chance))
    exclude = chance.choice([b"", _lines(chance)])
    (tmp_path / ".git/info/exclude").write_bytes(exclude)
    answer, names = rules_of(tmp_path, exclude)
    assert answer.reason is None
    assert answer.ignored == ignored_by_git(tmp_path, names)


def test_a_file_in_an_ignored_folder_cannot_be_included_again(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            ".gitignore": b"dist/\n!dist/kept.js\n*.log\n!kept.log\n",
            "dist": {"kept.js": b"", ".gitignore": b"!*\n"},
            "a.log": b"",
            "kept.log": b"",
        },
    )
    assert ignored(tmp_path) == {"dist/kept.js", "dist/.gitignore", "a.log"}


def test_case_counts_unless_the_file_system_ignores_it(tmp_path: Path) -> None:
    plant(tmp_path, {".gitignore": b"Build/\n", "build": {"a": b""}})
    assert ignored(tmp_path) == set()
    assert ignored(tmp_path, ignores_case=True) == {"build/a"}


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        (Link(b"../rules"), None),
        (FIFO, "gitignore_is_fifo"),
        (b"*" * (1 << 20) + b"*", "too_large"),
    ],
)
def test_rules_that_git_would_not_or_should_not_read_are_not_read(
    tmp_path: Path, rules, reason: str | None
) -> None:
    plant(tmp_path, {"rules": b"*\n", "in": {".gitignore": rules, "a": b""}, ".gitignore": b"b\n"})
    answer, _ = rules_of(tmp_path)
    assert answer.ignored == set()
    assert (reason or "None") in str(answer.reason)


def test_nothing_of_the_repository_is_in_force(tmp_path: Path) -> None:
    repository, markers = tmp_path / "repository", tmp_path / "markers"
    make_repository(repository)
    plant(repository, {".gitignore": b"*.o\n", "a.o": b"", "B.O": b"", "others": b"*\n"})
    plant_traps(repository, markers)
    for setting in ("excludesFile=../others", "attributesFile=../others", "ignoreCase=true"):
        name, _, value = setting.partition("=")
        config = ["git", "config", "--file", repository / ".git/config", f"core.{name}", value]
        subprocess.run(config, check=True)
    assert ignored(repository) == {"a.o"}
    assert os.listdir(markers) == []


def test_attributes_state_what_github_reads(tmp_path: Path) -> None:
    attributes = b"""[attr]machine linguist-generated
*.pb.x machine
kept.pb.x -linguist-generated
lib/** linguist-vendored=true
lib/own.x linguist-vendored=false
docs/*.x linguist-documentation
docs/b.x !linguist-documentation
*.x text
"""
    names = ("a.pb.x", "kept.pb.x", "lib/c.x", "lib/own.x", "docs/a.x", "docs/b.x", "plain.x")
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / ".gitattributes").write_bytes(attributes)
    answer, _ = rules_of(tmp_path)
    assert {
        os.path.relpath(os.fsdecode(path), tmp_path): stated
        for path, stated in answer.attributes.items()
    } == {
        "a.pb.x": {"linguist-generated": True},
        "kept.pb.x": {"linguist-generated": False},
        "lib/c.x": {"linguist-vendored": True},
        "lib/own.x": {"linguist-vendored": False},
        "docs/a.x": {"linguist-documentation": True},
    }


@pytest.mark.parametrize("in_tree", [b"", b"*.csv -filter\n"])
def test_attributes_in_the_git_directory_count_first(tmp_path: Path, in_tree: bytes) -> None:
    plant(tmp_path, {"a.csv": b"", "in": {"b.csv": b"", "c.txt": b""}, ".gitattributes": in_tree})
    answer, _ = rules_of(tmp_path, attributes=b"*.csv filter=strip\n")
    place = os.fsencode(tmp_path)
    assert answer.reason is None
    assert answer.attributes == {
        place + name: {"filter": True} for name in (b"/a.csv", b"/in/b.csv")
    }
    unread, _ = rules_of(tmp_path, attributes=None)
    assert unread.reason == "attributes_unreadable"


def test_patterns_that_take_too_long_leave_the_others_answered(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(path_rules, "_SECONDS_TOGETHER", 1.0)
    monkeypatch.setattr(path_rules, "_SECONDS_ALONE", 1.0)
    plant(tmp_path, {"slow": {".gitignore": b"a/" + b"**/" * 12 + b"x\n"}, "b.log": b""})
    plant(tmp_path, {"quick": {".gitignore": b"*.log\n", "b.log": b""}})
    slow, quick = (os.fsencode(tmp_path / name) for name in ("slow", "quick"))
    trees = [
        WorkTree(slow, {slow: [b".gitignore"], slow + b"/a" + b"/b" * 60: [b"c"]}),
        WorkTree(quick, {quick: [b".gitignore", b"b.log"]}),
    ]
    with RepositoryReader([os.fsencode(tmp_path)]) as reader:
        answers = reader.path_rules(trees)
    assert [answer.reason for answer in answers] == ["timeout", None]
    assert answers[1].ignored == {quick + b"/b.log"}
