"""A crawl of a world that resists: closed, endless, deep, or changing under its hands."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import as_nobody
from worlds import SOCKET, SPARSE_TIB, Link, deep_tree, fold, landed, plant, tables_of

import loaders.crawl.pool as pool
import loaders.crawl.reading as reading
import loaders.crawl.walk as walk_module
from loaders.crawl.crawl import crawl
from loaders.crawl.excludes import load_excludes
from loaders.landing import LandingZone


@pytest.fixture
def opened(monkeypatch) -> list[bytes]:
    """The paths that the crawl opens, in order."""
    paths: list[bytes] = []
    real = walk_module.open_path

    def watched(path: bytes, flags: int) -> int:
        paths.append(path)
        return real(path, flags)

    for module in (reading, walk_module):
        monkeypatch.setattr(module, "open_path", watched)
    return paths


def before_reading(monkeypatch, act: Callable[[], None]) -> None:
    """Let *act* happen once, after the listing and before the first file is read."""
    real = pool.read_batch
    acts = [act]

    def interfered(files: list) -> list:
        while acts:
            acts.pop()()
        return real(files)

    monkeypatch.setattr(pool, "read_batch", interfered)


# -- what is no file -------------------------------------------------------------------------------


def test_what_is_no_file_is_never_opened(zone, world, look, opened) -> None:
    os.mkfifo(world / "fifo")
    plant(world, {"socket": SOCKET, "file": b"1"})
    if os.geteuid() == 0:
        os.mknod(world / "device", stat.S_IFCHR | 0o600, os.makedev(1, 3))
    look()
    rows = {row["name"]: row for row in landed(zone, "crawl_files")}
    assert rows.pop("file")["state"] == "present"
    assert {name: (row["state"], row["reason"]) for name, row in rows.items()} == {
        name: ("skipped", f"{name}: never opened") for name in rows
    }
    assert set(rows) >= {"fifo", "socket"}
    assert os.fsencode(world / "file") in opened and not {os.fsencode(world / name) for name in rows} & set(opened)
    run, _ = look()
    assert tables_of(zone, run.run_id) == {"crawl_roots"} and run.counts.skipped == len(rows)


def test_links_are_not_followed(zone, world, look, opened, tmp_path) -> None:
    plant(tmp_path / "outside", {"secret": b"1", "d": {"secret": b"2"}})
    plant(
        world,
        {
            "d": {"up": Link(b".."), "self": Link(b".")},
            "out": Link(os.fsencode(tmp_path / "outside")),
            "file": Link(os.fsencode(tmp_path / "outside" / "secret")),
            "node_modules": Link(b"d"),
        },
    )
    run, _ = look()
    assert {row["name"]: row["link_target"] for row in landed(zone, "crawl_files")} == {
        "up": "..",
        "self": ".",
        "out": str(tmp_path / "outside"),
        "file": str(tmp_path / "outside" / "secret"),
        "node_modules": "d",
    }
    assert set(opened) == {os.fsencode(world), os.fsencode(world / "d")} and run.counts.landed == 5


def test_a_sparse_file_of_a_tebibyte_is_not_read(zone, world, look) -> None:
    plant(world, {"sparse": SPARSE_TIB, "a": b"1"})
    with open(world / "small sparse", "wb") as file:
        file.truncate(1 << 20)
    run, summary = look()
    rows = {row["name"]: row for row in landed(zone, "crawl_files")}
    assert rows["sparse"]["state"] == "unreadable" and "1099511627776 bytes of which 0" in rows["sparse"]["reason"]
    assert rows["sparse"]["size_bytes"] == 1 << 40
    assert rows["small sparse"]["state"] == "present"
    assert run.counts.quarantined == summary.unreadable == 1
    again, _ = look()
    assert tables_of(zone, again.run_id) == {"crawl_roots"}
    assert again.counts.quarantined == 1 and again.problem_count == 1


# -- closed ----------------------------------------------------------------------------------------


def test_what_is_closed_is_landed_as_closed(open_folder: Path) -> None:
    root = open_folder / "root"

    def closed_world() -> None:
        plant(root, {"open": b"1", "file": b"2", "d": {"inside": b"3", "e": {"deep": b"4"}}, "listed": {"x": b"5"}})
        zone = LandingZone(open_folder / "zone")
        crawl(zone, [os.fsencode(root)], load_excludes("default"), [])
        before = fold(zone, root)
        digest = before.directories[os.fsencode(root)].tree_digest
        for name, mode in (("file", 0), ("d", 0), ("listed", 0o444)):
            os.chmod(root / name, mode)
        run, [summary] = crawl(zone, [os.fsencode(root)], load_excludes("default"), [])
        after = fold(zone, root)
        assert summary.state == "complete" and summary.unreadable == run.counts.quarantined == 3
        assert after.files[os.fsencode(root / "file")][:2] == ("unreadable", "Permission denied")
        for name in ("d/inside", "d/e/deep", "listed/x"):
            assert after.files[os.fsencode(root / name)] == before.files[os.fsencode(root / name)], name
        assert after.directories[os.fsencode(root / "d")].state == "unreadable"
        assert after.directories[os.fsencode(root / "d" / "e")].state == "listed"
        assert after.directories[os.fsencode(root)].tree_digest is None and digest
        manifest = zone.entries()[-1].manifest
        assert manifest["status"] == "completed_with_errors" and manifest["error_count"] == 3
        assert f"{root}/d: cannot be listed: Permission denied" in manifest["error_message"]
        assert manifest["discovered"] == 4  # open, file, and two directories not entered

        again, _ = crawl(zone, [os.fsencode(root)], load_excludes("default"), [])
        assert tables_of(zone, again.run_id) == {"crawl_roots"}
        for name, mode in (("file", 0o644), ("d", 0o755), ("listed", 0o755)):
            os.chmod(root / name, mode)
        crawl(zone, [os.fsencode(root)], load_excludes("default"), [])
        healed = fold(zone, root)
        assert healed.directories == before.directories and healed.files.keys() == before.files.keys()
        assert {file[0] for file in healed.files.values()} == {"present"}

    as_nobody(closed_world)


@pytest.mark.parametrize("mode", [0o000, 0o444, 0o111])
def test_a_closed_root_removes_nothing(open_folder: Path, mode: int) -> None:
    root = open_folder / "root"

    def closed_root() -> None:
        plant(root, {"a": b"1", "d": {"b": b"2"}})
        zone = LandingZone(open_folder / "zone")
        crawl(zone, [os.fsencode(root)], load_excludes("default"), [])
        before = fold(zone, root)
        os.chmod(root, mode)
        run, [summary] = crawl(zone, [os.fsencode(root)], load_excludes("default"), [])
        os.chmod(root, 0o755)
        assert summary.state == "unreadable" and run.counts.quarantined == run.problem_count == 1
        assert landed(zone, "crawl_roots")[-1]["state"] == "unreadable"
        assert fold(zone, root).files == before.files

    as_nobody(closed_root)


# -- changing under our hands ----------------------------------------------------------------------


def remove(path: Path) -> None:
    path.unlink()


def into_a_fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def into_a_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/passwd")


def into_a_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


def into_a_socket(path: Path) -> None:
    path.unlink()
    plant(path.parent, {path.name: SOCKET})


def into_another_file(path: Path) -> None:
    (path.parent / "new").write_bytes(b"another")
    os.rename(path.parent / "new", path)


@pytest.mark.parametrize("is_known", [True, False])
@pytest.mark.parametrize("act", [remove, into_a_fifo, into_a_link, into_a_directory, into_a_socket, into_another_file])
def test_a_file_that_is_swapped_before_it_is_read(zone, world, look, monkeypatch, act, is_known: bool) -> None:
    plant(world, {"d": {"victim": b"before", "other": b"1"}})
    if is_known:
        look()
        (world / "d" / "victim").write_bytes(b"edited")
        (world / "d" / "other").write_bytes(b"2")
    before_reading(monkeypatch, lambda: act(world / "d" / "victim"))
    run, summary = look()
    files = fold(zone, world).files
    victim = files.get(os.fsencode(world / "d" / "victim"))
    if act is remove:
        assert victim is None and (run.counts.skipped, run.counts.quarantined) == (1, 0)
        gone = [row["reason"] for row in landed(zone, "crawl_files", run.run_id) if row["state"] == "gone"]
        assert gone == (["vanished while it was being crawled"] if is_known else [])
        assert summary.files == 1
    else:
        assert victim[:2] == ("unreadable", "replaced while it was being crawled")
        assert (run.counts.skipped, run.counts.quarantined, run.problem_count) == (0, 1, 1)
    assert files[os.fsencode(world / "d" / "other")][0] == "present"
    assert run.counts.discovered == 2

    look()
    fresh = LandingZone(zone.path.with_name("fresh"))
    look(where=fresh)
    assert fold(zone, world) == fold(fresh, world), "the next look does not put it right"


def test_a_directory_swapped_for_a_link_leads_nowhere(zone, world, look, monkeypatch, tmp_path) -> None:
    plant(tmp_path / "outside", {"a": b"secret", "b": b"secret"})
    plant(world, {"d": {"a": b"1", "b": b"2"}})

    def swap() -> None:
        os.rename(world / "d", world / "moved")
        (world / "d").symlink_to(tmp_path / "outside")

    before_reading(monkeypatch, swap)
    run, _ = look()
    assert {row["state"] for row in landed(zone, "crawl_files")} == {"unreadable"} and run.counts.quarantined == 2


@pytest.mark.parametrize("act", ["removed", "link", "file", "another directory"])
def test_a_directory_that_is_swapped_before_it_is_listed(zone, world, look, monkeypatch, tmp_path, act: str) -> None:
    plant(tmp_path / "outside", {"secret": b"1"})
    plant(world, {"d": {"a": b"1", "e": {"b": b"2"}}, "z": b"3"})
    look()
    before = fold(zone, world)
    real = walk_module.open_path

    def swapped(path: bytes, flags: int) -> int:
        if path == os.fsencode(world / "d") and not (tmp_path / "aside").exists():
            os.rename(path, tmp_path / "aside")
            if act == "link":
                os.symlink(tmp_path / "outside", path)
            elif act == "file":
                (world / "d").write_bytes(b"")
            elif act == "another directory":
                plant(path, {"other": b"1"})
        return real(path, flags)

    monkeypatch.setattr(walk_module, "open_path", swapped)
    run, summary = look()
    after = fold(zone, world)
    assert summary.state == "complete" and run.counts.discovered == 2
    if act == "removed":
        assert after.files.keys() == {os.fsencode(world / "z")} and run.counts.skipped == 1
        assert after.directories.keys() == {os.fsencode(world)} and run.problem_count == 0
    else:
        assert after.files == before.files and run.counts.quarantined == 1 and run.problem_count == 1
        assert after.directories[os.fsencode(world / "d")].state == "unreadable"
    look()
    fresh = LandingZone(zone.path.with_name("fresh"))
    look(where=fresh)
    assert fold(zone, world) == fold(fresh, world)


def test_a_file_that_vanishes_while_its_directory_is_listed(zone, world, look, monkeypatch) -> None:
    plant(world, {"a": b"1", "b": b"2"})
    look()
    real = os.scandir

    class Vanishing:
        """An entry whose file is gone by the time that anybody looks."""

        def __init__(self, entry: os.DirEntry) -> None:
            self.name = entry.name
            self._entry = entry

        def stat(self, **options) -> os.stat_result:
            if self.name == "a":
                raise FileNotFoundError(errno.ENOENT, "gone")
            return self._entry.stat(**options)

    class Scan:
        def __init__(self, fd: int) -> None:
            self._scan = real(fd)

        def __enter__(self):
            return map(Vanishing, self._scan)

        def __exit__(self, *_: object) -> None:
            self._scan.close()

    monkeypatch.setattr(walk_module.os, "scandir", Scan)
    run, _ = look()
    monkeypatch.undo()
    assert fold(zone, world).files.keys() == {os.fsencode(world / "b")}
    assert (run.counts.skipped, run.counts.unchanged, run.counts.discovered) == (1, 1, 2)


def test_a_file_that_grows_while_it_is_read_is_read_again(world, monkeypatch) -> None:
    path = world / "log"
    path.write_bytes(b"one\n")
    real = reading._read_through
    appended = []

    def growing(fd: int, size: int):
        result = real(fd, size)
        if not appended:
            appended.append(path.open("ab").write(b"two\n"))
        return result

    monkeypatch.setattr(reading, "_read_through", growing)
    status = os.stat(path)
    content = reading.read_content(os.fsencode(path), (status.st_dev, status.st_ino), 0)
    assert (content.size_bytes, content.line_count) == (8, 2) and content.sha256 == _sha256(b"one\ntwo\n")


def test_a_file_that_never_stops_changing_is_unreadable(world, monkeypatch) -> None:
    path = world / "log"
    path.write_bytes(b"one\n")
    real = reading._read_through

    def growing(fd: int, size: int):
        path.open("ab").write(b"more\n")
        return real(fd, size)

    monkeypatch.setattr(reading, "_read_through", growing)
    status = os.stat(path)
    with pytest.raises(reading.Unreadable, match="kept changing"):
        reading.read_content(os.fsencode(path), (status.st_dev, status.st_ino), 0)


def _sha256(content: bytes) -> str:
    import hashlib

    return hashlib.sha256(content).hexdigest()


# -- deep ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [3000])
def test_a_tree_deeper_than_any_path_may_be_long(zone, world, look, depth: int) -> None:
    with deep_tree(world / "root", depth) as length:
        assert length > 4096
        run, summary = look(world / "root")
        assert (summary.directories, run.counts.landed, run.problem_count) == (depth + 1, 2, 0)
        files = {path[length + 1 :]: file for path, file in fold(zone, world / "root").files.items()}
        assert files[b"leaf.txt"][:4] == ("present", None, "file", _sha256(b"at the end\n"))
        assert files[b"link"][4] == "leaf.txt"
        again, _ = look(world / "root")
        assert tables_of(zone, again.run_id) == {"crawl_roots"}
    (world / "root" / "left").write_bytes(b"")
    look(world / "root")
    after = fold(zone, world / "root")
    assert after.files.keys() == {os.fsencode(world / "root" / "left")} and len(after.directories) == 1
