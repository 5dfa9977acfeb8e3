"""The files that git ignores land with a crawl, and again only if names or rules changed."""

from __future__ import annotations

import os
from pathlib import Path

from git_fixtures import git, make_repository
from worlds import landed, plant, tables_of


def ignored(zone, world: Path, run_id: str | None = None) -> dict[str, set[str]]:
    """Name of a place → the folders and files that it ignores, by its newest rows."""
    found: dict[str, set[str]] = {}
    for row in landed(zone, "crawl_path_rules", run_id):
        place = os.path.relpath(row["top_path"], world)
        if row["kind"] == "top":
            found.pop(place, None)
            if row["state"] == "read":
                found[place] = set()
        elif row["is_ignored"]:
            found[place].add(os.path.relpath(row["path"], world))
    return found


def test_each_repository_has_its_rules_and_the_root_has_the_rest(zone, world, crawl_once) -> None:
    for name in ("repo", "repo/dist/inner"):
        make_repository(world / name)
    (world / "repo/.git/info/exclude").write_bytes(b"local.txt\n")
    files = {"local.txt": b"", "a.log": b"", "kept.txt": b""}
    plant(world / "repo", {".gitignore": b"dist/\n*.log\n", **files, "dist": {"b.js": b""}})
    plant(world / "repo/dist/inner", {"c.log": b""})
    plant(world / "unpacked", {".gitignore": b"out/\n", "out": {"d.o": b""}, "a.log": b""})
    crawl_once()
    assert ignored(zone, world) == {
        ".": {"unpacked/out"},
        "repo": {"repo/dist", "repo/local.txt", "repo/a.log"},
        "repo/dist/inner": set(),
    }


def test_rules_land_again_only_where_names_or_rules_changed(zone, world, crawl_once) -> None:
    for name in ("one", "two"):
        make_repository(world / name)
        plant(world / name, {".gitignore": b"*.log\n", "a.log": b"1\n", "b.tmp": b"1\n"})
    crawl_once()
    run, _ = crawl_once()
    assert tables_of(zone, run.run_id) == {"crawl_roots"}
    # Another content, or another file about which no rule states anything, changes no fact.
    (world / "one/b.tmp").write_bytes(b"2\n")
    (world / "two/c.txt").write_bytes(b"1\n")
    run, _ = crawl_once()
    assert "crawl_path_rules" not in tables_of(zone, run.run_id)
    (world / "one/.gitignore").write_bytes(b"*.tmp\n")
    run, _ = crawl_once()
    assert ignored(zone, world, run.run_id) == {"one": {"one/b.tmp"}}
    assert [row["name"] for row in landed(zone, "crawl_files", run.run_id)] == [".gitignore"]
    (world / "two/.git/info/exclude").write_bytes(b"b.*\n")
    run, _ = crawl_once()
    assert ignored(zone, world, run.run_id) == {"two": {"two/a.log", "two/b.tmp"}}
    os.unlink(world / "one/.gitignore")
    (world / "two/.git/info/attributes").write_bytes(b"c.* filter=strip\n")
    run, _ = crawl_once()
    assert ignored(zone, world, run.run_id) == {"one": set(), "two": {"two/a.log", "two/b.tmp"}}
    rows = landed(zone, "crawl_path_rules", run.run_id)
    assert [row["path"] for row in rows if row["is_filtered"]] == [str(world / "two/c.txt")]


def test_files_change_their_place_with_the_repository_around_them(zone, world, crawl_once) -> None:
    make_repository(world / "outer")
    plant(world / "outer", {".gitignore": b"*.log\n", "inner": {"a.log": b""}})
    crawl_once()
    assert ignored(zone, world) == {".": set(), "outer": {"outer/inner"}}
    git(world / "outer/inner", "init", "--quiet")
    crawl_once()
    assert ignored(zone, world) == {".": set(), "outer": set(), "outer/inner": set()}
    os.rename(world / "outer/inner/.git", world.parent / "elsewhere")
    crawl_once()
    assert ignored(zone, world) == {".": set(), "outer": {"outer/inner"}}


def test_rules_that_cannot_be_read_are_unknown(zone, world, crawl_once) -> None:
    make_repository(world / "repo")
    plant(world / "repo", {"in": {"a.log": b""}})
    os.mkfifo(world / "repo/.gitignore")
    crawl_once()
    states = {
        os.path.basename(row["path"]): (row["state"], row["reason"])
        for row in landed(zone, "crawl_path_rules")
        if row["kind"] == "top"
    }
    assert states["repo"] == ("incomplete", "gitignore_is_fifo")
    run, _ = crawl_once()
    assert tables_of(zone, run.run_id) == {"crawl_roots"}
