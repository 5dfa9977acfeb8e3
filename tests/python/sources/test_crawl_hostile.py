"""A crawl of a world that resists: closed, endless, deep, or changing under its hands."""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from product import PROJECT
from unprivileged import as_nobody
from worlds import SOCKET, SPARSE_TIB, Link, deep_tree, fold, landed, plant, tables_of

import loaders.sources.crawl.pool as pool
import loaders.sources.crawl.read as reading
import loaders.sources.crawl.walk as walk_module
from loaders.sources.crawl.crawling import crawl
from loaders.sources.crawl.excludes import load_excludes
from loaders.zone.landing import LandingZone


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


# -- entries that are not files --------------------------------------------------------------------


def test_entries_that_are_not_files_are_never_opened(zone, world, crawl_once, opened) -> None:
    os.mkfifo(world / "fifo")
    plant(world, {"socket": SOCKET, "file": b"1"})
    if os.geteuid() == 0:
        os.mknod(world / "device", stat.S_IFCHR | 0o600, os.makedev(1, 3))
    crawl_once()
    rows = {row["name"]: row for row in landed(zone, "crawl_files")}
    assert rows.pop("file")["state"] == "present"
    assert {name: (row["state"], row["reason"]) for name, row in rows.items()} == {
        name: ("skipped", f"{name}: never opened") for name in rows
    }
    assert set(rows) >= {"fifo", "socket"}
    assert os.fsencode(world / "file") in opened and not {
        os.fsencode(world / name) for name in rows
    } & set(opened)
    run, _ = crawl_once()
    assert tables_of(zone, run.run_id) == {"crawl_roots"} and run.counts.skipped == len(rows)


def test_links_are_not_followed(zone, world, crawl_once, opened, tmp_path) -> None:
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
    run, _ = crawl_once()
    assert {row["name"]: row["link_target"] for row in landed(zone, "crawl_files")} == {
        "up": "..",
        "self": ".",
        "out": str(tmp_path / "outside"),
        "file": str(tmp_path / "outside" / "secret"),
        "node_modules": "d",
    }
    assert set(opened) == {os.fsencode(world), os.fsencode(world / "d")} and run.counts.landed == 5


def test_a_sparse_file_of_a_tebibyte_is_not_read(zone, world, crawl_once) -> None:
    plant(world, {"sparse": SPARSE_TIB, "a": b"1"})
    with open(world / "small sparse", "wb") as file:
        file.truncate(1 << 20)
    run, summary = crawl_once()
    rows = {row["name"]: row for row in landed(zone, "crawl_files")}
    assert (
        rows["sparse"]["state"] == "unreadable"
        and "1099511627776 bytes of which 0" in rows["sparse"]["reason"]
    )
    assert rows["sparse"]["size_bytes"] == 1 << 40
    assert rows["small sparse"]["state"] == "present"
    assert run.counts.quarantined == summary.unreadable == 1
    again, _ = crawl_once()
    assert tables_of(zone, again.run_id) == {"crawl_roots"}
    assert again.counts.quarantined == 1 and again.problem_count == 1


@pytest.fixture
def memory_world() -> Iterator[Path]:
    """A folder on a file system that takes any size and any time."""
    shared = Path("/dev/shm")
    if not (shared.is_dir() and os.access(shared, os.W_OK)):
        pytest.skip("no file system in memory here")
    folder = Path(tempfile.mkdtemp(prefix="meta-test-", dir=shared))
    yield folder
    shutil.rmtree(folder)


def test_sums_beyond_64_bits_stop_at_the_maximum(zone, crawl_once, memory_world) -> None:
    plant(memory_world, {"d": {"one": b"", "two": b""}, "fine": b"1"})
    for name in ("one", "two"):
        os.truncate(memory_world / "d" / name, (1 << 63) - 1)
    _, summary = crawl_once(memory_world)
    assert summary.bytes == (1 << 64) - 1 and summary.unreadable == 2
    assert (
        fold(zone, memory_world).directories[os.fsencode(memory_world)].tree_size_bytes
        == (1 << 63) - 1
    )
    again, _ = crawl_once(memory_world)
    assert tables_of(zone, again.run_id) == {"crawl_roots"}


def test_times_beyond_64_bits_are_unknown(zone, crawl_once, memory_world) -> None:
    """Nanoseconds since 1970 end in 2262, and a file system counts on."""
    times = {
        "1900": -2_208_988_800,
        "2262": 9_223_372_036,
        "2263": 9_250_000_000,
        "end": (1 << 63) - 1,
        "start": -1 << 63,
    }
    plant(memory_world, dict.fromkeys(times, b"1") | {"link": Link(b"1900"), "d": {}})
    for name, seconds in times.items():
        os.utime(memory_world / name, (seconds, seconds))
    os.utime(memory_world / "link", (1 << 62, 1 << 62), follow_symlinks=False)
    os.utime(memory_world / "d", (1 << 62, 1 << 62))
    run, _ = crawl_once(memory_world)
    rows = {row["name"]: row for row in landed(zone, "crawl_files")}
    assert {row["state"] for row in rows.values()} == {"present"} and run.problem_count == 0
    assert {name for name, row in rows.items() if row["mtime_ns"] is None} == {
        "2263",
        "end",
        "start",
        "link",
    }
    assert rows["1900"]["mtime_ns"] == times["1900"] * 10**9
    again, _ = crawl_once(memory_world)
    assert (
        tables_of(zone, again.run_id) <= {"crawl_roots", "crawl_files"} and again.counts.landed == 0
    )
    (memory_world / "end").write_bytes(b"2")
    os.utime(memory_world / "end", (1 << 62, 1 << 62))
    again, _ = crawl_once(memory_world)
    assert again.counts.landed == 1, "that a time is not known hides a change"


def test_a_file_of_size_zero_is_not_read_further() -> None:
    """Files of /proc have no size, and some have no end."""
    path = b"/proc/self/status"
    if not os.path.exists(path):
        pytest.skip("no /proc here")
    status = os.stat(path)
    content = reading.read_content(path, (status.st_dev, status.st_ino), 0)
    assert (content.size_bytes, content.sha256) == (0, _sha256(b""))


def test_hard_links_are_files_like_any_other(zone, world, crawl_once) -> None:
    plant(world, {"d": {"0": b"1\n"}})
    for number in range(1, 500):
        os.link(world / "d" / "0", world / "d" / str(number))
    run, summary = crawl_once()
    assert run.counts.landed == summary.files == 500
    assert {row["sha256"] for row in landed(zone, "crawl_files")} == {_sha256(b"1\n")}


def test_a_directory_of_many_entries(zone, world, crawl_once) -> None:
    count = int(os.environ.get("META_TEST_ENTRIES", "3000"))
    (world / "d").mkdir()
    for number in range(count):
        os.mknod(world / "d" / str(number))
    run, summary = crawl_once()
    assert (run.counts.landed, summary.files, summary.directories, run.problem_count) == (
        count,
        count,
        2,
        0,
    )


# -- mounted ---------------------------------------------------------------------------------------


@contextmanager
def mounted(folder: Path, *arguments: str) -> Iterator[None]:
    """Mount something on *folder*, by mount(8); skips where that is not permitted."""
    folder.mkdir(exist_ok=True)
    done = subprocess.run(["mount", *arguments, str(folder)], capture_output=True)
    if done.returncode:
        pytest.skip("mounts are not permitted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], capture_output=True)


@contextmanager
def dead_mount(folder: Path) -> Iterator[None]:
    """A FUSE mount whose server has gone: the kernel answers ENOTCONN to everything."""
    folder.mkdir()
    try:
        server = os.open("/dev/fuse", os.O_RDWR)
    except OSError:
        pytest.skip("no FUSE here")
    options = f"fd={server},rootmode=40000,user_id=0,group_id=0".encode()
    failed = ctypes.CDLL(None).mount(b"fuse", os.fsencode(folder), b"fuse", 0, options)
    os.close(server)
    if failed:
        pytest.skip("mounts are not permitted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_mount_in_the_root_is_crawled_like_a_folder(zone, world, crawl_once) -> None:
    with mounted(world / "mnt", "-t", "tmpfs", "tmpfs"):
        plant(world / "mnt", {"a": b"1", "d": {"b": b"2"}})
        run, _ = crawl_once()
        assert {row["name"] for row in landed(zone, "crawl_files")} == {
            "a",
            "b",
        } and run.problem_count == 0


def test_a_root_mounted_in_itself_ends(zone, world, crawl_once) -> None:
    plant(world, {"a": b"1", "d": {"b": b"2"}})
    (world / "mnt").mkdir()
    with mounted(world / "mnt", "--bind", str(world)):
        run, summary = crawl_once()
        assert (summary.files, summary.directories, run.problem_count) == (4, 5, 0)


def test_a_mount_that_is_gone_by_the_next_crawl_removes_nothing(zone, world, crawl_once) -> None:
    plant(world, {"mnt": {}, "emptied": {"a.txt": b"a"}})
    with mounted(world / "mnt", "-t", "tmpfs", "tmpfs"):
        plant(world / "mnt", {"inner": {"kept.txt": b"kept"}})
        crawl_once()
    (world / "emptied" / "a.txt").unlink()
    run, summary = crawl_once()
    assert summary.gone == 1, "an ordinary folder that was emptied"
    assert run.counts.quarantined == 1 and "another device" in run.problems[0]


def test_a_mount_that_disappears_before_it_is_listed_removes_nothing(
    zone, world, crawl_once, monkeypatch
) -> None:
    with mounted(world / "mnt", "-t", "tmpfs", "tmpfs"):
        plant(world, {"before": b"1"})
        plant(world / "mnt", {"a": b"1", "d": {"b": b"2"}})
        crawl_once()
        before = fold(zone, world)
        real = walk_module.open_path

        def unmounting(path: bytes, flags: int) -> int:
            if path == os.fsencode(world / "mnt") and os.path.ismount(path):
                subprocess.run(["umount", "--lazy", path], check=True)
            return real(path, flags)

        monkeypatch.setattr(walk_module, "open_path", unmounting)
        run, _ = crawl_once()
        after = fold(zone, world)
        assert after.files == before.files and run.counts.quarantined == 1
        assert after.directories[os.fsencode(world / "mnt")].reason.startswith(
            "replaced by another directory"
        )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts without a helper")
def test_a_dead_mount_hides_only_itself(zone, world, crawl_once) -> None:
    plant(world, {"a": b"1", "z": {"b": b"2"}})
    with dead_mount(world / "mnt"):
        with pytest.raises(OSError, match="Transport endpoint"):
            os.lstat(world / "mnt")
        run, summary = crawl_once()
        assert {row["name"]: row["state"] for row in landed(zone, "crawl_files")} == {
            "a": "present",
            "b": "present",
        }
        gate = fold(zone, world).directories[os.fsencode(world / "mnt")]
        assert (gate.state, gate.reason) == ("unreadable", "Transport endpoint is not connected")
        assert summary.state == "complete" and run.counts.quarantined == run.problem_count == 1
        again, _ = crawl_once()
        assert tables_of(zone, again.run_id) == {"crawl_roots"}
    (world / "mnt" / "c").write_bytes(b"3")
    run, _ = crawl_once()
    assert run.problem_count == 0 and os.fsencode(world / "mnt" / "c") in fold(zone, world).files


@pytest.mark.parametrize(
    "bad", [{"bad"}, {"bad", "bad folder"}, {"bad", "bad folder", "good", "good folder"}]
)
def test_an_entry_that_cannot_be_examined(
    zone, world, crawl_once, monkeypatch, bad: set[str]
) -> None:
    """A damaged inode.

    If none of its entries can be examined, the directory itself is closed.
    """
    plant(
        world,
        {"d": {"bad": b"1", "bad folder": {"a": b"1"}, "good": b"2", "good folder": {"b": b"3"}}},
    )
    crawl_once()
    before = fold(zone, world)
    real = os.scandir

    class Damaged:
        def __init__(self, entry: os.DirEntry) -> None:
            self.name, self.is_dir, self._entry = entry.name, entry.is_dir, entry

        def stat(self, **options) -> os.stat_result:
            if self.name in bad:
                raise OSError(errno.EIO, "Input/output error")
            return self._entry.stat(**options)

    class Scan:
        def __init__(self, fd: int) -> None:
            self._scan = real(fd)

        def __enter__(self):
            return map(Damaged, self._scan)

        def __exit__(self, *_: object) -> None:
            self._scan.close()

    with monkeypatch.context() as patch:
        patch.setattr(walk_module.os, "scandir", Scan)
        run, _ = crawl_once()
    after = fold(zone, world)
    here = os.fsencode(world / "d")
    if len(bad) == 4:
        assert (
            after.directories[here].reason == "Input/output error" and after.files == before.files
        )
    else:
        assert after.files[here + b"/bad"][0] == "unreadable"
        good = {path: state for path, state in before.files.items() if path != here + b"/bad"}
        assert good.items() <= after.files.items()
    assert run.counts.quarantined == run.problem_count == 1
    crawl_once()
    assert fold(zone, world).files == before.files


# -- nothing left ----------------------------------------------------------------------------------


def crawl_with_limit(world: Path, limit: int, value: int) -> subprocess.CompletedProcess[str]:
    """Crawl by the command, in a process that may not have more than *value* of something."""
    return subprocess.run(
        [sys.executable, str(PROJECT / "loaders" / "land.py"), "crawl", str(world)],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(limit, (value, value)),
    )


@pytest.mark.parametrize("files", [24, 40])
def test_few_open_files_suffice_or_are_reported(zone, world, files: int) -> None:
    plant(world, {"a": b"1", "d": {"b": b"2"}})
    done = crawl_with_limit(world, resource.RLIMIT_NOFILE, files)
    assert done.returncode == 0, done.stderr
    assert {row["state"] for row in landed(zone, "crawl_files")} == {"present"}


@pytest.mark.parametrize("size", [2_000, 6_000, 9_000])
def test_a_limit_of_file_size_fails_the_run_and_the_next_one_recovers(
    zone, world, crawl_once, size: int
) -> None:
    """Each step writes more than the one before: rows, then directories, then the manifest."""
    plant(world, {f"d{number}": {"a": os.urandom(8)} for number in range(200)})
    done = crawl_with_limit(world, resource.RLIMIT_FSIZE, size)
    assert (
        done.returncode == 1 and "File too large" in done.stderr and "Traceback" not in done.stderr
    )
    assert landed(zone, "crawl_files") == []
    run, _ = crawl_once()
    assert run.counts.landed == 200


# -- closed ----------------------------------------------------------------------------------------


def test_closed_entries_are_landed_as_closed(open_folder: Path) -> None:
    root = open_folder / "root"

    def closed_world() -> None:
        plant(
            root,
            {
                "open": b"1",
                "file": b"2",
                "d": {"inside": b"3", "e": {"deep": b"4"}},
                "listed": {"x": b"5"},
            },
        )
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
            assert (
                after.files[os.fsencode(root / name)] == before.files[os.fsencode(root / name)]
            ), name
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
        assert (
            healed.directories == before.directories and healed.files.keys() == before.files.keys()
        )
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
@pytest.mark.parametrize(
    "act", [remove, into_a_fifo, into_a_link, into_a_directory, into_a_socket, into_another_file]
)
def test_a_file_that_is_swapped_before_it_is_read(
    zone, world, crawl_once, monkeypatch, act, is_known: bool
) -> None:
    plant(world, {"d": {"victim": b"before", "other": b"1"}})
    if is_known:
        crawl_once()
        (world / "d" / "victim").write_bytes(b"edited")
        (world / "d" / "other").write_bytes(b"2")
    before_reading(monkeypatch, lambda: act(world / "d" / "victim"))
    run, summary = crawl_once()
    files = fold(zone, world).files
    victim = files.get(os.fsencode(world / "d" / "victim"))
    if act is remove:
        assert victim is None and (run.counts.skipped, run.counts.quarantined) == (1, 0)
        gone = [
            row["reason"]
            for row in landed(zone, "crawl_files", run.run_id)
            if row["state"] == "gone"
        ]
        assert gone == (["vanished while it was being crawled"] if is_known else [])
        assert summary.files == 1
    else:
        assert victim[:2] == ("unreadable", "replaced while it was being crawled")
        assert (run.counts.skipped, run.counts.quarantined, run.problem_count) == (0, 1, 1)
    assert files[os.fsencode(world / "d" / "other")][0] == "present"
    assert run.counts.discovered == 2

    crawl_once()
    fresh = LandingZone(zone.path.with_name("fresh"))
    crawl_once(where=fresh)
    assert fold(zone, world) == fold(fresh, world), "the next crawl does not correct it"


def test_a_directory_swapped_for_a_link_leads_nowhere(
    zone, world, crawl_once, monkeypatch, tmp_path
) -> None:
    plant(tmp_path / "outside", {"a": b"secret", "b": b"secret"})
    plant(world, {"d": {"a": b"1", "b": b"2"}})

    def swap() -> None:
        os.rename(world / "d", world / "moved")
        (world / "d").symlink_to(tmp_path / "outside")

    before_reading(monkeypatch, swap)
    run, _ = crawl_once()
    assert {row["state"] for row in landed(zone, "crawl_files")} == {
        "unreadable"
    } and run.counts.quarantined == 2


@pytest.mark.parametrize("act", ["removed", "link", "file", "another directory"])
def test_a_directory_that_is_swapped_before_it_is_listed(
    zone, world, crawl_once, monkeypatch, tmp_path, act: str
) -> None:
    plant(tmp_path / "outside", {"secret": b"1"})
    plant(world, {"d": {"a": b"1", "e": {"b": b"2"}}, "z": b"3"})
    crawl_once()
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
    run, summary = crawl_once()
    after = fold(zone, world)
    assert summary.state == "complete" and run.counts.discovered == 2
    if act == "removed":
        assert after.files.keys() == {os.fsencode(world / "z")} and run.counts.skipped == 1
        assert after.directories.keys() == {os.fsencode(world)} and run.problem_count == 0
    else:
        assert (
            after.files == before.files and run.counts.quarantined == 1 and run.problem_count == 1
        )
        assert after.directories[os.fsencode(world / "d")].state == "unreadable"
    crawl_once()
    fresh = LandingZone(zone.path.with_name("fresh"))
    crawl_once(where=fresh)
    assert fold(zone, world) == fold(fresh, world)


def test_a_file_that_vanishes_while_its_directory_is_listed(
    zone, world, crawl_once, monkeypatch
) -> None:
    plant(world, {"a": b"1", "b": b"2"})
    crawl_once()
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
    run, _ = crawl_once()
    monkeypatch.undo()
    assert fold(zone, world).files.keys() == {os.fsencode(world / "b")}
    assert (run.counts.skipped, run.counts.unchanged, run.counts.discovered) == (1, 1, 2)


def test_a_file_that_grows_while_it_is_read_is_read_again(world, monkeypatch) -> None:
    path = world / "log"
    path.write_bytes(b"one\n")
    real = reading._read_through
    appended = []

    def growing(fd: int, size: int, name: str):
        result = real(fd, size, name)
        if not appended:
            appended.append(path.open("ab").write(b"two\n"))
        return result

    monkeypatch.setattr(reading, "_read_through", growing)
    status = os.stat(path)
    content = reading.read_content(os.fsencode(path), (status.st_dev, status.st_ino), 0)
    assert (content.size_bytes, content.line_count) == (8, 2) and content.sha256 == _sha256(
        b"one\ntwo\n"
    )


@pytest.mark.parametrize("after", [b"", b"on", b"other"])
def test_a_file_that_shrinks_or_is_rewritten_while_it_is_read(
    world, monkeypatch, after: bytes
) -> None:
    path = world / "log"
    path.write_bytes(b"first")
    real = reading._read_through
    acts = [lambda: path.write_bytes(after)]

    def shrinking(fd: int, size: int, name: str):
        while acts:
            acts.pop()()
        return real(fd, size, name)

    monkeypatch.setattr(reading, "_read_through", shrinking)
    status = os.stat(path)
    content = reading.read_content(os.fsencode(path), (status.st_dev, status.st_ino), 0)
    assert (content.size_bytes, content.sha256) == (len(after), _sha256(after))


def test_a_file_that_never_stops_changing_is_unreadable(world, monkeypatch) -> None:
    path = world / "log"
    path.write_bytes(b"one\n")
    real = reading._read_through

    def growing(fd: int, size: int, name: str):
        path.open("ab").write(b"more\n")
        return real(fd, size, name)

    monkeypatch.setattr(reading, "_read_through", growing)
    status = os.stat(path)
    with pytest.raises(reading.Unreadable, match="kept changing"):
        reading.read_content(os.fsencode(path), (status.st_dev, status.st_ino), 0)


def _sha256(content: bytes) -> str:
    import hashlib

    return hashlib.sha256(content).hexdigest()


# -- deep ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [3000])
def test_a_tree_deeper_than_the_longest_path(zone, world, crawl_once, depth: int) -> None:
    with deep_tree(world / "root", depth) as length:
        assert length > 4096
        run, summary = crawl_once(world / "root")
        assert (summary.directories, run.counts.landed, run.problem_count) == (depth + 1, 2, 0)
        files = {
            path[length + 1 :]: file for path, file in fold(zone, world / "root").files.items()
        }
        assert files[b"leaf.txt"][:4] == ("present", None, "file", _sha256(b"at the end\n"))
        assert files[b"link"][4] == "leaf.txt"
        again, _ = crawl_once(world / "root")
        assert tables_of(zone, again.run_id) == {"crawl_roots"}
    (world / "root" / "left").write_bytes(b"")
    crawl_once(world / "root")
    after = fold(zone, world / "root")
    assert (
        after.files.keys() == {os.fsencode(world / "root" / "left")} and len(after.directories) == 1
    )


def test_a_chain_of_long_names_ends_where_paths_become_too_long(
    zone, world, crawl_once, monkeypatch
) -> None:
    """Each directory lands its whole path.

    Two thousand nested names of 255 bytes took four gigabytes of memory.
    """
    monkeypatch.setattr(walk_module, "_LONGEST_PATH", 2_000)
    with deep_tree(world / "root", 500):
        plant(world, {"root": {"fine": b"1"}})
        run, summary = crawl_once(world / "root")
        assert summary.state == "complete" and summary.unreadable == run.problem_count == 1
        assert (world / "root" / "fine").exists() and run.counts.landed == 1
        closed = [row for row in landed(zone, "crawl_directories") if row["state"] == "unreadable"]
        assert [row["reason"] for row in closed] == [
            "a path of more than 2000 bytes is not entered"
        ]
        assert max(len(row["path"]) for row in landed(zone, "crawl_directories")) <= 2_010
