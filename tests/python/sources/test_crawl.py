"""A crawl lands exactly what is on disk, and a second one exactly what changed."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from worlds import (
    FIFO,
    Link,
    fold,
    hostile_tree,
    is_regular,
    landed,
    on_disk,
    plant,
    small_workspace,
    tables_of,
)

from loaders.base.locks import Busy
from loaders.base.paths import text_of
from loaders.sources.crawl.crawling import crawl
from loaders.sources.crawl.excludes import load_excludes
from loaders.sources.crawl.known_files import load_known
from loaders.sources.crawl.roots import distinct_roots, lock_roots
from loaders.zone.landing import LandingError, LandingZone

ACCOUNTED = ("landed", "unchanged", "skipped", "quarantined")


def path_of(row: dict) -> bytes:
    """The bytes of a landed path; `path_bytes` is set exactly if the text hides something."""
    text = row["path"] if "path" in row else row["directory_path"].rstrip("/") + "/" + row["name"]
    if row["path_bytes"] is None:
        return text.encode()
    assert row["path_bytes"] != text.encode() and text_of(row["path_bytes"]) == text
    return row["path_bytes"]


def states(zone: LandingZone, root: Path) -> dict[str, str]:
    """Relative path → state of every file of the fold."""
    return {
        os.fsdecode(path)[len(str(root)) + 1 :]: file[0]
        for path, file in fold(zone, root).files.items()
    }


# -- one crawl -------------------------------------------------------------------------------------


def test_every_file_is_landed_with_its_facts(zone, world, crawl_once) -> None:
    plant(world, hostile_tree())
    run, summary = crawl_once()
    rows = {path_of(row): row for row in landed(zone, "crawl_files")}
    disk = on_disk(world)
    assert rows.keys() == disk.keys() and len(rows) == run.counts.discovered
    for path, status in disk.items():
        row = rows[path]
        assert (row["size_bytes"], row["mtime_ns"], row["ctime_ns"]) == (
            status.st_size,
            status.st_mtime_ns,
            status.st_ctime_ns,
        )
        assert (row["inode"], row["device"]) == (status.st_ino, status.st_dev)
        assert row["root_path"] == text_of(os.fsencode(world))
        if os.path.islink(path):
            assert (row["state"], row["kind"]) == ("present", "symlink")
            assert row["link_target"] == text_of(os.readlink(path)) and row["sha256"] is None
        elif is_regular(status):
            content = open(path, "rb").read()
            assert (row["state"], row["kind"], row["link_target"]) == ("present", "file", None)
            assert row["sha256"] == hashlib.sha256(content).hexdigest()
            assert row["is_binary"] == (b"\0" in content[:8000])
            wc = int(
                subprocess.run(["wc", "-l"], stdin=open(path, "rb"), capture_output=True).stdout
            )
            # git and editors count a last line that has no line ending; `wc -l` does not.
            open_line = content[-1:] not in (b"", b"\n")
            assert row["line_count"] == (None if row["is_binary"] else wc + open_line)
        else:
            assert (row["state"], row["sha256"]) == ("skipped", None)
            assert row["reason"] == f"{row['kind']}: never opened"
    assert run.counts.skipped == 2 and run.problem_count == 0
    assert summary.state == "complete" and summary.files == len(disk) - 2
    assert summary.bytes == sum(status.st_size for status in disk.values() if is_regular(status))


def test_every_directory_is_landed_once(zone, world, crawl_once) -> None:
    plant(world, hostile_tree())
    crawl_once()
    rows = {path_of(row): row for row in landed(zone, "crawl_directories")}
    directories = {os.fsencode(world)} | {
        os.path.join(folder, name)
        for folder, names, _ in os.walk(os.fsencode(world))
        for name in names
        if not os.path.islink(os.path.join(folder, name))
    }
    assert rows.keys() == directories and len(landed(zone, "crawl_directories")) == len(directories)
    assert {row["state"] for row in rows.values()} == {"listed"}
    files = on_disk(world)
    whole = rows[os.fsencode(world)]
    regular = [status.st_size for status in files.values() if is_regular(status)]
    assert whole["tree_size_bytes"] == sum(regular)
    assert whole["tree_nonempty_count"] == sum(size > 0 for size in regular)


def test_a_second_crawl_of_an_unchanged_world_lands_only_its_record(
    zone, world, crawl_once
) -> None:
    plant(world, hostile_tree())
    small_workspace(world / "workspace")
    first, _ = crawl_once()
    assert tables_of(zone, first.run_id) > {
        "crawl_files",
        "crawl_directories",
        "crawl_repositories",
    }
    second, summary = crawl_once()
    assert tables_of(zone, second.run_id) == {"crawl_roots"}
    assert second.counts.landed == 0 and second.counts.discovered == first.counts.discovered
    assert second.counts.unchanged == first.counts.landed and summary.changed == summary.gone == 0
    [row] = [row for row in landed(zone, "crawl_roots") if row["run_id"] == second.run_id]
    assert (row["state"], row["file_count"], row["profile"]) == (
        "complete",
        summary.files,
        "default",
    )


def test_the_run_counts_discovered_entries(zone, world, crawl_once) -> None:
    plant(
        world, {"a": b"1", "b.pipe": FIFO, "node_modules": {"x": b"3", "y": b"4"}, "d": {"c": b"5"}}
    )
    run, summary = crawl_once()
    manifest = zone.entries()[-1].manifest
    # a and d/c; b.pipe; node_modules as one entry. A directory that was entered is not an entry.
    assert (manifest["landed"], manifest["skipped"], manifest["discovered"]) == (2, 2, 4)
    assert manifest["discovered"] == sum(manifest[name] for name in ACCOUNTED)
    assert summary.excluded == 1 and manifest["scope"] == [text_of(os.fsencode(world))]
    assert manifest["config_hash"] == load_excludes("default").digest
    assert states(zone, world) == {"a": "present", "b.pipe": "skipped", "d/c": "present"}


@pytest.mark.parametrize(
    "name", ["with space", "quote'and\"", "new\nline", "-rf", "*", "back\\slash", "\udcff"]
)
def test_a_root_may_have_any_name(zone, world, crawl_once, name: str) -> None:
    plant(world / name, {"a": b"1\n", "d": {"b": b"2\n"}})
    plant(world / (name + " sibling"), {"c": b"3\n"})
    crawl_once(world / name)
    crawl_once(world / (name + " sibling"))
    assert (
        fold(zone, os.fsencode(world / name)).files.keys()
        == on_disk(os.fsencode(world / name)).keys()
    )
    second, _ = crawl_once(world / name)
    assert tables_of(zone, second.run_id) == {"crawl_roots"}


def test_hard_links_are_files_of_their_own(zone, world, crawl_once) -> None:
    plant(world, {"one": b"same\n"})
    os.link(world / "one", world / "two")
    crawl_once()
    one, two = landed(zone, "crawl_files")
    assert (
        one["sha256"] == two["sha256"]
        and one["inode"] == two["inode"]
        and one["name"] != two["name"]
    )


def test_tags_give_languages_interpreters_and_generated_code(zone, world, crawl_once) -> None:
    plant(
        world,
        {
            "a.py": b"pass\n",
            "script": b"#!/usr/bin/env python3\n",
            "made.go": b"// Code generated by protoc. DO NOT EDIT.\n",
            "made.js": b"/* @generated */\n",
            "talks.md": b"This code was generated in haste.\n",
        },
    )
    crawl_once()
    tags = {row["name"]: row["tags"] for row in landed(zone, "crawl_files")}
    assert "python" in tags["a.py"] and "python3" in tags["script"]
    assert {name for name, found in tags.items() if "generated" in found} == {"made.go", "made.js"}


# -- changes ---------------------------------------------------------------------------------------


def test_only_what_changed_is_landed(zone, world, crawl_once) -> None:
    plant(
        world,
        {"same": b"1", "edited": b"2", "removed": b"3", "touched": b"4", "d": {"moved": b"5"}},
    )
    crawl_once()
    (world / "edited").write_bytes(b"changed")
    (world / "removed").unlink()
    os.utime(world / "touched", ns=(1, 1))
    (world / "new").write_bytes(b"6")
    os.rename(world / "d" / "moved", world / "arrived")
    run, summary = crawl_once()
    rows = {row["name"]: row for row in landed(zone, "crawl_files", run.run_id)}
    assert {name: row["state"] for name, row in rows.items()} == {
        "edited": "present",
        "removed": "gone",
        "touched": "present",
        "new": "present",
        "moved": "gone",
        "arrived": "present",
    }
    assert rows["touched"]["mtime_ns"] == 1
    assert (summary.gone, summary.changed, run.counts.unchanged) == (2, 4, 1)
    changed = {row["path"] for row in landed(zone, "crawl_directories", run.run_id)}
    assert changed == {str(world), str(world / "d")}


def test_a_touch_changes_no_directory(zone, world, crawl_once) -> None:
    plant(world, {"d": {"a": b"1"}})
    crawl_once()
    os.utime(world / "d" / "a", ns=(1, 1))
    run, _ = crawl_once()
    assert tables_of(zone, run.run_id) == {"crawl_roots", "crawl_files"}


def test_a_change_that_keeps_size_and_mtime_is_noticed(zone, world, crawl_once) -> None:
    plant(world, {"a": b"before"})
    status = os.stat(world / "a")
    crawl_once()
    with open(world / "a", "r+b") as file:
        file.write(b"after!")
    os.utime(world / "a", ns=(status.st_atime_ns, status.st_mtime_ns))
    crawl_once()
    last = landed(zone, "crawl_files")[-1]
    assert (
        last["sha256"] == hashlib.sha256(b"after!").hexdigest()
        and last["mtime_ns"] == status.st_mtime_ns
    )


def test_a_file_too_young_to_trust_is_read_again(zone, world, crawl_once, monkeypatch) -> None:
    """A write in the same tick of the clock as the one before it shows in no time stamp."""
    import loaders.sources.crawl.read as reading

    plant(world, {"a": b"before"})
    read: list[bytes] = []
    real = reading.read_content

    def watched(path: bytes, *rest):
        read.append(path)
        content = real(path, *rest)
        return (
            content._replace(sha256=hashlib.sha256(b"after!").hexdigest())
            if len(read) == 2
            else content
        )

    monkeypatch.setattr(reading, "read_content", watched)
    monkeypatch.setattr(reading, "is_settled", lambda status, now_ns: False)
    crawl_once()
    assert [row["is_settled"] for row in landed(zone, "crawl_files")] == [False]
    run, _ = crawl_once()
    assert len(read) == 2 and tables_of(zone, run.run_id) > {"crawl_files"}, (
        "same stamp, other content: not noticed"
    )
    monkeypatch.setattr(reading, "is_settled", lambda status, now_ns: True)
    crawl_once()
    assert len(read) == 3
    crawl_once()
    assert len(read) == 3, "settled and the same, and read all the same"


@pytest.mark.parametrize(("age_ns", "ctime_ns", "settled"), [
    (60_000_000, 1_000_000_000_123_456_789, True),
    (40_000_000, 1_000_000_000_123_456_789, False),
    (-5, 1_000_000_000_123_456_789, False),
    (1_500_000_000, 1_000_000_000_000_000_000, False),
    (2_500_000_000, 1_000_000_000_000_000_000, True),
])  # fmt: skip
def test_when_a_file_is_settled(age_ns: int, ctime_ns: int, settled: bool) -> None:
    from types import SimpleNamespace

    from loaders.sources.crawl.read import is_settled

    assert is_settled(SimpleNamespace(st_ctime_ns=ctime_ns), ctime_ns + age_ns) is settled


def test_a_file_becomes_a_directory_and_back(zone, world, crawl_once) -> None:
    plant(world, {"a": b"file", "b": {"c": {"d": b"deep"}}})
    crawl_once()
    (world / "a").unlink()
    plant(world, {"a": {"inside": b"1"}})
    (world / "b" / "c" / "d").unlink()
    (world / "b" / "c").rmdir()
    (world / "b").rmdir()
    plant(world, {"b": b"now a file"})
    crawl_once()
    assert states(zone, world) == {"a/inside": "present", "b": "present"}
    assert fold(zone, world).directories.keys() == {os.fsencode(world), os.fsencode(world / "a")}


def test_a_link_with_another_target_is_landed(zone, world, crawl_once) -> None:
    plant(world, {"a": Link(b"one"), "b": Link(b"same"), "c": b"file"})
    crawl_once()
    for name, content in (("a", Link(b"two")), ("c", Link(b"file"))):
        (world / name).unlink()
        plant(world, {name: content})
    run, _ = crawl_once()
    assert {row["name"]: row["link_target"] for row in landed(zone, "crawl_files", run.run_id)} == {
        "a": "two",
        "c": "file",
    }


# -- excludes --------------------------------------------------------------------------------------


def test_a_directory_becomes_excluded_and_comes_back(zone, world, crawl_once) -> None:
    plant(world, {"a": b"1", "venv": {"b": b"2", "lib": {"c": b"3"}}})
    crawl_once()
    before = fold(zone, world)
    plant(world / "venv", {"pyvenv.cfg": b""})
    run, _ = crawl_once()
    gone = {
        row["name"]: (row["state"], row["reason"])
        for row in landed(zone, "crawl_files", run.run_id)
    }
    assert gone == {"b": ("gone", "excluded"), "c": ("gone", "excluded")}
    assert fold(zone, world).directories[os.fsencode(world / "venv")].state == "excluded"
    assert os.fsencode(world / "venv" / "lib") not in fold(zone, world).directories
    assert run.counts.skipped == 1
    (world / "venv" / "pyvenv.cfg").unlink()
    crawl_once()
    assert fold(zone, world) == before


def test_the_everything_profile_enters_everything_except_version_control(
    zone, world, crawl_once
) -> None:
    small_workspace(world)
    plant(world, {".venv": {"pyvenv.cfg": b"", "x.pyc": b""}, ".hg": {"store": b""}})
    crawl_once(profile="everything")
    assert fold(zone, world).files.keys() >= {
        os.fsencode(world / name)
        for name in (".venv/x.pyc", "one/node_modules/dep/index.js", ".venv/pyvenv.cfg")
    }
    assert not [path for path in fold(zone, world).files if b"/.git/" in path or b"/.hg/" in path]
    crawl_once(profile="default")
    assert not [
        path for path in fold(zone, world).files if b".venv" in path or b"node_modules" in path
    ]


PATTERNS = """profile,kind,pattern,reason
mine,gitignore,/top.txt,anchored
mine,gitignore,docs/*.html,below docs only
mine,gitignore,**/tmp/**,any depth
mine,gitignore,file[0-9].?og,class
mine,gitignore,*.egg-info/,directories only
mine,gitignore,*.o,suffix
mine,gitignore,plain ,name with a trailing space in the seed
mine,gitignore,\\!bang,escaped
mine,marker,.nobackup,marked
other,gitignore,a.txt,another profile
"""


def test_patterns_match_as_in_git(zone, world, crawl_once, tmp_path) -> None:
    seed = tmp_path / "seed.csv"
    seed.write_text(PATTERNS)
    files = [
        *("a.txt", "top.txt", "sub/top.txt", "docs/a.html", "docs/deep/a.html", "sub/docs/a.html"),
        *("tmp/x", "a/tmp/y/z"),
        *(
            "file1.log",
            "filex.log",
            "sub/file2.dog",
            "p.egg-info",
            "q.egg-info/x",
            "m.o",
            "a/m.o",
            "dir.o/x",
            "plain",
        ),
        *(
            "sub/plain/x",
            "plain2",
            "!bang",
            "new\nline/m.o",
            "m.o\n",
            "marked/.nobackup",
            "marked/x",
            ".nobackup",
        ),
    ]
    for name in files:
        plant(world / os.path.dirname(name), {os.path.basename(name): b""})
    crawl_once(excludes=load_excludes("mine", seed))
    kept = {name for name, state in states(zone, world).items() if state == "present"}

    # git is the judge: all rows but the marker, as one .gitignore.
    lines = [
        line.split(",")[2] for line in PATTERNS.splitlines() if line.startswith("mine,gitignore")
    ]
    subprocess.run(["git", "init", "-q", tmp_path / "judge"], check=True)
    (tmp_path / "judge" / ".git" / "info" / "exclude").write_text("\n".join(lines))
    for name in files:
        plant(tmp_path / "judge" / os.path.dirname(name), {os.path.basename(name): b""})
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--others", "--exclude-standard"],
        cwd=tmp_path / "judge",
        capture_output=True,
    ).stdout
    expected = {name.decode() for name in listed.split(b"\0") if name}
    assert kept == expected - {"marked/.nobackup", "marked/x"}
    assert {"a.txt", "sub/top.txt", "m.o\n", ".nobackup"} <= kept, "the judge slept"


@pytest.mark.parametrize(
    "row",
    [
        "gitignore,!kept,r",
        "gitignore,,r",
        "gitignore,# note,r",
        "gitignore,/,r",
        "regex,x,r",
        "marker,a/b,r",
        "marker,,r",
    ],
)
def test_a_row_without_a_valid_pattern_is_refused(tmp_path, row: str) -> None:
    seed = tmp_path / "seed.csv"
    seed.write_text(f"profile,kind,pattern,reason\nmine,{row}\n")
    with pytest.raises(Exception, match=r"seed.csv: profile mine, pattern"):
        load_excludes("mine", seed)
    with pytest.raises(Exception, match="no exclude profile 'never'.*it has: mine"):
        load_excludes("never", seed)


def test_a_changed_profile_changes_the_digest(tmp_path) -> None:
    seed = tmp_path / "seed.csv"
    seed.write_text(PATTERNS)
    before = load_excludes("mine", seed).digest
    seed.write_text(PATTERNS.replace("other,gitignore,a.txt", "other,gitignore,b.txt"))
    assert load_excludes("mine", seed).digest == before
    seed.write_text(PATTERNS.replace("/top.txt", "/top"))
    assert load_excludes("mine", seed).digest != before


def test_data_of_the_product_is_not_crawled(zone, world, crawl_once, tmp_path) -> None:
    plant(world, {"a": b"1"})
    crawl_once(tmp_path)
    second, _ = crawl_once(tmp_path)
    assert tables_of(zone, second.run_id) == {"crawl_roots"}
    assert (
        fold(zone, tmp_path).directories[os.fsencode(zone.path)].reason
        == "the collector's own data"
    )
    # As the root itself it is crawled like anything else.
    crawl_once(zone.path)
    assert fold(zone, zone.path).files


# -- roots -----------------------------------------------------------------------------------------


def test_the_outermost_roots_are_crawled_once(zone, world) -> None:
    plant(world, {"a": {"x": b"1"}, "ab": {"y": b"2"}})
    given = [
        os.fsencode(world / "a"),
        os.fsencode(world),
        os.fsencode(world),
        os.fsencode(world / "ab"),
    ]
    kept, remarks = distinct_roots(given)
    assert kept == [os.fsencode(world)] and len(remarks) == 2
    assert distinct_roots([b"/ab", b"/a"]) == ([b"/a", b"/ab"], [])
    run, summaries = crawl(zone, kept, load_excludes("default"), [])
    assert run.counts.landed == 2 and [summary.files for summary in summaries] == [2]


def test_several_roots_are_one_run(zone, world) -> None:
    plant(world, {"a": {"x": b"1"}, "b": {"y": b"2"}})
    roots = [os.fsencode(world / name) for name in ("a", "b", "missing")]
    run, summaries = crawl(zone, roots, load_excludes("default"), [])
    assert [summary.state for summary in summaries] == ["complete", "complete", "missing"]
    assert (run.counts.landed, run.counts.quarantined, run.problem_count) == (2, 1, 1)
    assert [row["root_path"] for row in landed(zone, "crawl_roots")] == [
        os.fsdecode(root) for root in roots
    ]


def test_a_nested_root_reuses_the_rows_of_its_outer_root(zone, world, crawl_once) -> None:
    plant(world, {"in": {"a": b"1", "d": {"b": b"2"}}, "out": b"3"})
    crawl_once()
    inner, _ = crawl_once(world / "in")
    # Outside of repositories, the rules for paths are those of the root.
    own = {"crawl_roots", "crawl_path_rules"}
    assert tables_of(zone, inner.run_id) == own and inner.counts.unchanged == 2
    (world / "in" / "d" / "b").write_bytes(b"changed")
    crawl_once(world / "in")
    outer, _ = crawl_once()
    assert tables_of(zone, outer.run_id) == own | {"crawl_directories"}
    fresh = LandingZone(zone.path.with_name("fresh"))
    crawl_once(where=fresh)
    assert fold(zone, world) == fold(fresh, world)


@pytest.mark.parametrize("end", ["missing", "a file", "emptied", "unmounted"])
def test_a_root_that_is_suddenly_missing_removes_nothing(zone, world, crawl_once, end: str) -> None:
    root = world / "root"
    plant(root, {"a": b"1", "d": {"b": b"2"}})
    crawl_once(root)
    before = fold(zone, root)
    os.rename(root, world / "aside")
    if end == "a file":
        root.write_bytes(b"")
    elif end != "missing":
        root.mkdir()
    run, summary = crawl_once(root)
    assert summary.state == ("missing" if end in ("missing", "a file") else "emptied")
    assert fold(zone, root) == before
    assert tables_of(zone, run.run_id) == {"crawl_roots"}
    manifest = zone.entries()[-1].manifest
    assert manifest["status"] == "completed_with_errors" and str(root) in manifest["error_message"]
    assert (manifest["quarantined"], manifest["discovered"]) == (1, 1)
    if root.is_dir():
        root.rmdir()
    else:
        root.unlink(missing_ok=True)
    os.rename(world / "aside", root)
    again, _ = crawl_once(root)
    assert tables_of(zone, again.run_id) == {"crawl_roots"} and again.problem_count == 0


def test_an_empty_root_that_never_held_files_is_complete(zone, world, crawl_once) -> None:
    for _ in range(2):
        run, summary = crawl_once()
        assert summary.state == "complete" and run.counts.discovered == 0 and run.problem_count == 0
    plant(world, {"d": {"e": {}}})
    crawl_once()
    (world / "d" / "e").rmdir()
    (world / "d").rmdir()
    _, summary = crawl_once()
    assert summary.state == "complete" and fold(zone, world).directories.keys() == {
        os.fsencode(world)
    }


# -- at the same time ------------------------------------------------------------------------------


def test_overlapping_crawls_keep_each_other_out_and_siblings_do_not(zone, world) -> None:
    plant(world, {"a": {"b": {"x": b"1"}}, "c": {"y": b"2"}, "ab": {"z": b"3"}})
    excludes = load_excludes("default")
    with ExitStack() as stack:
        lock_roots(zone, [os.fsencode(world / "a")], stack)
        for name in ("a", "a/b", "."):
            with pytest.raises(Busy, match=f"crawl of {world}/a, pid {os.getpid()}"):
                crawl(zone, [os.fsencode((world / name).resolve())], excludes, [])
        for name in ("c", "ab"):
            crawl(zone, [os.fsencode(world / name)], excludes, [])
        with pytest.raises(Busy):
            crawl(zone, [b"/"], excludes, [])
    run, _ = crawl(zone, [os.fsencode(world)], excludes, [])
    assert run.counts.unchanged == 2 and run.counts.landed == 1
    assert len(zone.entries()) == 3, "a refused crawl left a run"


# -- what is known, damaged ------------------------------------------------------------------------


@pytest.mark.parametrize("damage", ["lost", "cut"])
def test_rows_of_a_lost_file_are_landed_again(zone, world, crawl_once, damage: str) -> None:
    plant(world, {"a": b"1", "d": {"b": b"2"}})
    crawl_once()
    before = fold(zone, world)
    for file in zone.entries()[-1].files:
        if file.table == "crawl_files":
            file.path.unlink() if damage == "lost" else os.truncate(file.path, 100)
    run, _ = crawl_once()
    assert run.counts.landed == 2 and fold(zone, world) == before


def test_a_landed_file_with_other_content_is_damage(zone, world, crawl_once) -> None:
    plant(world, {"a": b"1"})
    crawl_once()
    [file] = [file for file in zone.entries()[-1].files if file.table == "crawl_files"]
    raw = bytearray(file.path.read_bytes())
    raw[4 : len(raw) // 3] = b"\xff" * (len(raw) // 3 - 4)
    file.path.write_bytes(raw)
    with pytest.raises(LandingError):
        load_known(zone, os.fsencode(world))


# -- many files ------------------------------------------------------------------------------------


def test_reading_in_other_processes_gives_the_same(zone, world, crawl_once, monkeypatch) -> None:
    import loaders.sources.crawl.pool as pool

    plant(world, {f"d{d}": {f"f{f}": b"%d %d\n" % (d, f) for f in range(40)} for d in range(10)})
    plant(world, {"many": {f"m{f}": b"%d\n" % f for f in range(300)}})
    monkeypatch.setattr(pool, "_BATCH_FILES", 16)
    crawl_once()
    monkeypatch.setattr(pool, "_WORTH_A_PROCESS", 30)
    other = LandingZone(zone.path.with_name("other"))
    crawl_once(where=other)
    assert fold(zone, world) == fold(other, world) and len(fold(zone, world).files) == 700


def test_a_reading_process_that_dies_fails_the_run(zone, world, crawl_once, monkeypatch) -> None:
    import loaders.sources.crawl.pool as pool

    plant(world, {f"f{f}": b"%d\n" % f for f in range(100)})
    monkeypatch.setattr(pool, "_WORTH_A_PROCESS", 0)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(ChildProcessError, match="code 1"):
        crawl_once()
    assert zone.entries()[-1].manifest["status"] == "failed" and not fold(zone, world).files


CRAWLS_WITHOUT_A_MAIN_GUARD = """
import os, sys
from pathlib import Path
import loaders.sources.crawl.pool as pool
import loaders.base.workers as workers
from loaders.sources.crawl.crawling import crawl
from loaders.sources.crawl.excludes import load_excludes
from loaders.zone.landing import LandingZone
pool._WORTH_A_PROCESS = 0
real = workers._start
def start(module):
    process = real(module)
    print(process.pid, flush=True)
    return process
workers._start = start
if sys.argv[3] == "hang":
    pool.ReadPool.drain = lambda self: (print("hanging", flush=True), sys.stdin.read())
zone, root = LandingZone(Path(sys.argv[1])), os.fsencode(sys.argv[2])
run, _ = crawl(zone, [root], load_excludes("default"), [])
print(run.counts.landed)
"""


def test_a_script_without_a_main_guard_may_crawl(zone, world, tmp_path) -> None:
    plant(world, {f"f{f}": b"1" for f in range(300)})
    script = tmp_path / "script.py"
    script.write_text(CRAWLS_WITHOUT_A_MAIN_GUARD)
    done = subprocess.run(
        [sys.executable, script, zone.path, world, "run"], capture_output=True, text=True
    )
    assert done.stdout.splitlines()[-1] == "300" and done.stderr == ""


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs /proc to see processes")
def test_reading_processes_end_with_a_killed_crawl(zone, world, tmp_path) -> None:
    plant(world, {f"f{f}": b"1" for f in range(300)})
    program = [sys.executable, "-c", CRAWLS_WITHOUT_A_MAIN_GUARD, zone.path, world, "hang"]
    with subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as crawler:
        workers = [int(crawler.stdout.readline()), int(crawler.stdout.readline())]
        assert crawler.stdout.readline() == "hanging\n"
        assert all(_is_running(pid) for pid in workers)
        crawler.kill()
    deadline = os.times().elapsed + 5
    while any(_is_running(pid) for pid in workers) and os.times().elapsed < deadline:
        pass
    assert not any(_is_running(pid) for pid in workers)
    run, _ = crawl(zone, [os.fsencode(world)], load_excludes("default"), [])
    assert [entry.manifest["status"] for entry in zone.entries()] == ["failed", "completed"]
    assert run.counts.landed == 300


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
