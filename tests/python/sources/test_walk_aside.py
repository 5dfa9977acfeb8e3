"""Further processes walk a large tree, and send the same entries as one process."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from loaders.sources.crawl import walk_process
from loaders.sources.crawl.excludes import Excludes, load_excludes
from loaders.sources.crawl.walk import Listing

EXCLUDES = load_excludes("default")


@pytest.fixture
def varied(world: Path) -> Path:
    """A tree with links, old times, odd names, excluded files, folders and repositories."""
    for number in range(6):
        folder = world / f"p{number}" / "a" / "b"
        folder.mkdir(parents=True)
        (folder / "text").write_text("x" * number)
        (folder / os.fsdecode(b"odd\xff\n")).write_text("odd")
        (folder / "link").symlink_to("text")
        os.mkfifo(folder / "pipe")
        os.utime(folder / "text", ns=(0, -5_000_000_001))
    (world / "p1" / ".git").mkdir()
    (world / "p2" / ".git").write_text("gitdir: elsewhere")
    (world / "p3" / "node_modules").mkdir()
    (world / "p4" / "empty").mkdir()
    subprocess.run(["git", "init", "--quiet", "--bare", str(world / "bare.git")], check=True)
    return world


def _by_path(listings: list[Listing]) -> dict[bytes, tuple]:
    return {one.path: (one, one.files, one.file_count) for one in listings}


def _walked(root: Path, excludes: Excludes = EXCLUDES) -> list[Listing]:
    return list(walk_process.walk(os.fsencode(root), excludes))


def test_both_kinds_of_walk_find_the_same_entries(varied: Path, monkeypatch: pytest.MonkeyPatch):
    here = _walked(varied)
    monkeypatch.setattr(walk_process, "_WORTH_A_PROCESS", 1)
    monkeypatch.setattr(walk_process, "_FRAME_LISTINGS", 2)
    there = _walked(varied)
    assert len(there) == len(here)
    assert _by_path(there) == _by_path(here)
    met = set()
    for listing in there:
        assert listing.path == os.fsencode(varied) or os.path.dirname(listing.path) in met
        met.add(listing.path)


def test_a_listing_unpacks_to_the_packed_entries(varied: Path):
    for listing in _walked(varied):
        for name, status in listing.files:
            real = os.lstat(listing.path + b"/" + name)
            assert status == tuple(getattr(real, field) for field in status._fields)


def test_patterns_reach_the_processes(
    varied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    seed = tmp_path / "seed.csv"
    seed.write_text(
        "profile,kind,pattern,reason\nmine,gitignore,/p1/a/*/,a pattern\n"
        "mine,gitignore,*/a/b/text,another\n"
    )
    monkeypatch.setattr(walk_process, "_WORTH_A_PROCESS", 1)
    listings = _by_path(_walked(varied, load_excludes("mine", seed)))
    assert listings[os.fsencode(varied / "p1/a/b")][0].state == "excluded"
    assert [name for name, _, _ in listings[os.fsencode(varied / "p0/a/b")][0].excluded_files] == [
        b"text"
    ]
    monkeypatch.setattr(walk_process, "_WORTH_A_PROCESS", 1000)
    assert listings == _by_path(_walked(varied, load_excludes("mine", seed)))


def test_a_killed_process_does_not_end_the_tree(
    varied: Path, crawl_once, zone, monkeypatch: pytest.MonkeyPatch
):
    real = walk_process._send_task

    def give_and_kill(process: subprocess.Popen[bytes], task: tuple) -> None:
        real(process, task)
        process.send_signal(signal.SIGKILL)

    monkeypatch.setattr(walk_process, "_WORTH_A_PROCESS", 1)
    monkeypatch.setattr(walk_process, "_send_task", give_and_kill)
    with pytest.raises(ChildProcessError, match="ended before it was done"):
        crawl_once()
    assert [entry.manifest["status"] for entry in zone.entries()] == ["failed"]


def test_the_processes_end_with_the_walk(varied: Path, monkeypatch: pytest.MonkeyPatch):
    started: list[subprocess.Popen[bytes]] = []
    real = walk_process._send_task
    monkeypatch.setattr(walk_process, "_WORTH_A_PROCESS", 1)
    monkeypatch.setattr(
        walk_process,
        "_send_task",
        lambda process, task: (started.append(process), real(process, task)),
    )
    listings = walk_process.walk(os.fsencode(varied), EXCLUDES)
    for _ in range(3):
        next(listings)
    listings.close()
    assert started and all(process.returncode is not None for process in started)


def test_crawling_in_other_processes_lands_the_same(
    varied: Path, crawl_once, monkeypatch: pytest.MonkeyPatch
):
    _, first = crawl_once()
    monkeypatch.setattr(walk_process, "_WORTH_A_PROCESS", 1)
    run, second = crawl_once()
    assert run.counts.landed == 0
    assert (second.files, second.bytes, second.directories) == (
        first.files,
        first.bytes,
        first.directories,
    )
