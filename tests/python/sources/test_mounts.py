"""A crawl leaves out file systems without files, with the reason, and refuses them as roots."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from enrich_fixtures import Workspace
from worlds import CrawlOnce

from loaders.land import main as land
from loaders.sources.crawl import mounts
from loaders.sources.crawl.excludes import load_excludes
from loaders.sources.crawl.mounts import (
    NotARoot,
    parse_mounts,
    refuse_as_root,
    why_no_root,
    without_files,
)
from loaders.zone.landing import LandingZone

LINUX = pytest.mark.skipif(
    not Path("/proc/self/mountinfo").exists(), reason="this system has no list of its mounts"
)
LIST = rb"""22 28 0:20 / /proc rw,nosuid shared:12 - proc proc rw
23 28 0:21 / /sys rw shared:2 - sysfs sysfs rw
24 28 0:22 / /run rw shared:5 - tmpfs tmpfs rw
25 28 0:23 / /home rw - autofs /etc/auto.home rw
26 25 0:24 / /home/me rw - nfs4 server:/me rw
27 28 0:25 / /net rw - autofs systemd-1 rw
28 1 8:1 / / rw - ext4 /dev/sda1 rw
29 27 0:26 / /net rw - nfs server:/all rw
30 28 0:27 / /odd\040name\134 rw - cgroup2 cgroup rw
31 28 0:28 / /sys/fs/x rw - fuse.sshfs me@host rw
broken line
"""


def test_a_list_of_mounts_is_read_as_the_kernel_writes_it() -> None:
    found = parse_mounts(LIST)
    assert found[b"/odd name\\"] == b"cgroup2"
    assert found[b"/net"] == b"nfs"  # what is mounted last on a point hides what is below
    assert len(found) == 9


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mounts, "_types", lambda: parse_mounts(LIST))


def test_mounts_with_files_are_entered(listed: None) -> None:
    assert sorted(without_files()) == [b"/home", b"/odd name\\", b"/proc", b"/sys"]
    assert without_files()[b"/proc"] == "file system without files (proc)"


@pytest.mark.parametrize(
    "path", [b"/proc", b"/proc/1/task", b"/sys", b"/sys/class", b"/odd name\\"]
)
def test_no_root_may_be_in_a_virtual_mount(listed: None, path: bytes) -> None:
    assert why_no_root(path).startswith("file system without files (")
    with pytest.raises(NotARoot, match="name a folder of files"):
        refuse_as_root([b"/srv", path])


@pytest.mark.parametrize(
    "path", [b"/", b"/run", b"/home", b"/home/me", b"/net/x", b"/sys/fs/x/code", b"/processes"]
)
def test_every_other_root_is_accepted(listed: None, path: bytes) -> None:
    assert why_no_root(path) is None


def test_without_a_list_of_mounts_the_known_ones_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mounts, "_MOUNTS", Path("/nonexistent"))
    mounts._types.cache_clear()
    try:
        assert list(without_files()) == [b"/dev"]
    finally:
        mounts._types.cache_clear()


@LINUX
def test_a_crawl_of_everything_leaves_virtual_mounts_out(
    zone: LandingZone, crawl_once: CrawlOnce
) -> None:
    """A crawl of `/` without the parts of this machine that do not matter here."""
    kept = {b"proc", b"sys"}
    others = {
        os.fsencode(name): "not meant" for name in os.listdir("/") if os.fsencode(name) not in kept
    }
    excludes = replace(load_excludes("default"), directory_names=others, file_names=others)
    run, summary = crawl_once(b"/", excludes=excludes)
    assert (summary.state, summary.directories, summary.files) == ("complete", 1, 0)
    rows = {row["path"]: row for row in _directories(zone)}
    assert (rows["/proc"]["state"], rows["/proc"]["reason"]) == (
        "excluded",
        "file system without files (proc)",
    )
    assert rows["/sys"]["state"] == "excluded"


def _directories(zone: LandingZone) -> list[dict]:
    from loaders.zone.landed_rows import rows_in_order

    return rows_in_order(zone, "crawl_directories")


@LINUX
@pytest.mark.parametrize("root", ["/proc", "/proc/self/fd", "/sys", "/sys/kernel"])
def test_a_virtual_mount_as_a_root_is_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: str
) -> None:
    from click.testing import CliRunner

    workspace = Workspace(tmp_path, monkeypatch)
    for answer in (
        CliRunner().invoke(land, ["crawl", root]),
        workspace.ask("refresh-meta", root),
        workspace.ask("sources", "add", root),
    ):
        assert (answer.exit_code, answer.stdout, answer.stderr.count("\n")) == (2, "", 1)
        assert "file system without files (" in answer.stderr
    assert not workspace.landing.exists() or not LandingZone(workspace.landing).entries()


@LINUX
def test_a_virtual_mount_registered_earlier_fails_alone(
    zone: LandingZone, crawl_once: CrawlOnce, world: Path
) -> None:
    run, summary = crawl_once(b"/proc")
    assert summary.state == "unreadable" and "forget it as a source" in summary.reason
    assert crawl_once()[1].state == "complete"


# -- what we write ourselves -----------------------------------------------------------------------


@pytest.fixture
def own(world: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The published file, its work folder and the landing zone, inside the crawled world."""
    monkeypatch.setenv("META_DB_PATH", str(world / "data" / "meta.duckdb"))
    monkeypatch.setenv("META_LANDING_DIR", str(world / "zone"))
    (world / "data" / "meta.duckdb.d").mkdir(parents=True)
    for name in ("meta.duckdb", "meta.duckdb.wal", "meta.duckdb.d/state.json", "notes.txt"):
        (world / "data" / name).write_text(name)
    return world


def test_a_crawl_does_not_land_files_of_the_product(own: Path, crawl_once: CrawlOnce) -> None:
    zone = LandingZone(own / "zone")
    run, summary = crawl_once(where=zone)
    assert summary.files == 1
    (own / "data" / "meta.duckdb").write_text("another version")
    run, summary = crawl_once(where=zone)
    assert (run.counts.landed, summary.files) == (0, 1)


def test_files_of_others_with_that_name_are_crawled(own: Path, crawl_once: CrawlOnce) -> None:
    (own / "meta.duckdb").write_text("of another")
    (own / "data" / "meta.duckdb.d.old").mkdir()
    (own / "data" / "meta.duckdb.d.old" / "x").write_text("x")
    assert crawl_once(where=LandingZone(own / "zone"))[1].files == 3


def test_files_crawled_before_they_became_the_products_own_are_gone(
    own: Path, crawl_once: CrawlOnce, monkeypatch
) -> None:
    zone = LandingZone(own / "zone")
    monkeypatch.setenv("META_DB_PATH", str(own / "elsewhere.duckdb"))
    assert crawl_once(where=zone)[1].files == 4
    monkeypatch.setenv("META_DB_PATH", str(own / "data" / "meta.duckdb"))
    run, summary = crawl_once(where=zone)
    assert (summary.files, summary.gone) == (1, 1)
