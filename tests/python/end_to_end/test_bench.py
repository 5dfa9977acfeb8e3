"""The benchmark runs, measures the same files on both sides, and says when it would not.

No time is asserted.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bench import history
from bench.__main__ import SECTIONS
from bench.events import landed_events
from bench.measuring import measure
from bench.trees import Tree, Unequal, compare_lists, list_with_find, prepare, prune_arguments
from loaders.base.paths import PROJECT_ROOT
from loaders.zone.landing import LandingZone

CRAWL_SECTIONS = ("first-crawl", "no-change-crawl")


@pytest.fixture
def tree(world: Path, tmp_path: Path) -> Tree:
    """A crawled tree with names, links and folders on which two listings might differ."""
    for name in (
        "plain.txt",
        "new\nline",
        "sp ace",
        "back\\slash",
        "-n",
        "app/[x]/*.py",
        "sub/.git/config",
    ):
        (world / name).parent.mkdir(parents=True, exist_ok=True)
        (world / name).write_text(f"content of {name}")
    (world / os.fsdecode(b"not-utf8-\xff")).write_text("bytes")
    (world / "link").symlink_to("nowhere")
    (world / "linked folder").symlink_to("app")
    os.mkfifo(world / "pipe")
    subprocess.run(["git", "init", "--quiet", "--bare", str(world / "bare[1].git")], check=True)
    return prepare(os.fsencode(world), "everything", tmp_path / "scratch")


def test_both_sides_of_the_benchmark_read_the_same_files(tree: Tree):
    assert (tree.entries, tree.files) == (10, 7)
    read = tree.read_list.read_bytes().split(b"\0")[:-1]
    assert len(read) == len(set(read)) == 7
    assert tree.bytes == sum(os.path.getsize(path) for path in read)


def test_a_file_that_only_one_side_finds_is_reported(tree: Tree, world: Path):
    found = list_with_find(tree.root, tree.prunes)
    with pytest.raises(
        Unequal, match="1 files only the crawl found: .*plain.txt; 0 files only find found"
    ):
        compare_lists(found, found - {os.fsencode(world / "plain.txt")})
    (world / "late").write_text("written after the crawl")
    with pytest.raises(
        Unequal, match="0 files only the crawl found; 1 files only find found: .*late"
    ):
        compare_lists(found, list_with_find(tree.root, tree.prunes))


def test_without_its_path_a_bare_repository_is_not_pruned(tree: Tree):
    found = list_with_find(tree.root, prune_arguments("everything", iter(())))
    assert any(path.endswith(b"bare[1].git/HEAD") for path in found)


def test_the_command_reports_its_measurements(world: Path, tmp_path: Path):
    (world / "a").write_text("a")
    (world / "b").write_text("")
    chosen = [word for name in CRAWL_SECTIONS for word in ("--section", name)]
    command = [sys.executable, "-m", "bench", "--repeat", "2", "--json", *chosen, str(world)]
    answer = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=True)
    measured = json.loads(answer.stdout)
    assert (measured["files"], measured["bytes"], measured["lists_equal"]) == (2, 1, True)
    assert [(row["section"], row["side"], row["is_yardstick"]) for row in measured["results"]] == [
        ("first crawl", "sha256sum -P2", True),
        ("first crawl", "crawl", False),
        ("no-change crawl", "find -printf", True),
        ("no-change crawl", "crawl", False),
    ]
    for row in measured["results"]:
        assert len(row["runs"]) == 2
        assert len(row["paired_ratios"]) == (0 if row["is_yardstick"] else 2)
        assert set(row["per_second"]) == (
            {"files", "bytes"} if row["section"] == "first crawl" else {"files"}
        )
    assert not (tmp_path / "zone").exists(), (
        "the landing zone of the person who measures was touched"
    )


def test_every_section_names_its_commands(tree: Tree, monkeypatch: pytest.MonkeyPatch):
    """They are not run, nor is the refresh whose file one of them asks."""

    def measured(command: list[str], environment: dict[str, str]) -> None:
        if "refresh-meta" not in command:
            measure(command, environment)

    monkeypatch.setattr(history, "measure", measured)
    for make in SECTIONS.values():
        section = make(replace(tree, events=10))
        assert section.amounts
        assert all(side.name and side.command() for side in section.sides)


def test_a_tiny_file_of_events_lands_whole(tree: Tree):
    section = landed_events(replace(tree, events=1000))
    assert [side.name for side in section.sides] == ["json.loads", "land.py codegraphx"]
    for side in section.sides:
        side.measure()
    zone = LandingZone(tree.scratch / "events" / "landing")
    [entry] = [entry for entry in zone.entries() if entry.action == "codegraphx"]
    counts = [entry.manifest[name] for name in ("landed", "quarantined", "error_count")]
    assert counts == [1000, 0, 0]


def test_a_folder_around_the_scratch_folder_is_refused(tmp_path: Path):
    command = [sys.executable, "-m", "bench", str(tmp_path)]
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    answer = subprocess.run(
        command, cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True
    )
    assert answer.returncode == 2
    assert "set TMPDIR" in answer.stderr
