"""FIFOs, sockets, devices and folders that are named like our files.

They are never waited for, and always give one line.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from enrich_fixtures import Workspace, make_file

from loaders.base.locks import FileLock, is_held
from loaders.base.paths import locations
from loaders.base.sealed import NotAFile, read_file
from loaders.keeping.verify import verify
from loaders.publishing import builds
from loaders.zone.landed_rows import rows_in_order
from loaders.zone.landing import LandingError, LandingZone


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as bound:
        here = os.open(path.parent, os.O_RDONLY)
        try:
            bound.bind(f"/proc/self/fd/{here}/{path.name}")
        finally:
            os.close(here)


KINDS: dict[str, Callable[[Path], object]] = {
    "fifo": os.mkfifo,
    "socket": _socket,
    "folder": lambda path: path.mkdir(),
    "link to a device": lambda path: path.symlink_to("/dev/zero"),
}


@pytest.fixture(params=KINDS)
def make(request: pytest.FixtureRequest) -> Callable[[Path], object]:
    def replace(path: Path) -> None:
        path.unlink(missing_ok=True)
        KINDS[request.param](path)

    return replace


@pytest.fixture
def lived_in(zone: LandingZone) -> LandingZone:
    with zone.run("sources", ["test"]) as run:
        run.table("source_events").append_rows(
            [{"kind": "root", "path": "/x", "profile": "default", "event": "added"}]
        )
    return zone


def test_reading_is_refused_and_does_not_wait(tmp_path: Path, make) -> None:
    make(tmp_path / "x")
    with pytest.raises(OSError):
        read_file(tmp_path / "x")


def test_a_regular_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abc")
    assert read_file(tmp_path / "x", at_most=3) == b"abc"
    with pytest.raises(NotAFile, match="more than 2 bytes"):
        read_file(tmp_path / "x", at_most=2)
    # A link might lead anywhere.
    (tmp_path / "link").symlink_to("x")
    with pytest.raises(NotAFile):
        read_file(tmp_path / "link")


def test_the_identity_of_a_zone(lived_in: LandingZone, make) -> None:
    make(lived_in.path / "zone.json")
    with pytest.raises(LandingError, match="zone.json: not readable"):
        LandingZone(lived_in.path)


def test_an_entry_of_the_log(lived_in: LandingZone, make) -> None:
    make(lived_in.log.path_of(1))
    with pytest.raises(LandingError, match="00001.json: .*restore it from a backup"):
        LandingZone(lived_in.path).entries()


def test_a_landed_file(lived_in: LandingZone, make) -> None:
    [file] = lived_in.entries()[0].files
    make(file.path)
    assert not file.is_healthy()
    assert file.fault()
    with pytest.raises((OSError, LandingError)):
        rows_in_order(lived_in, "source_events")
    assert verify(lived_in.path).faults


def test_a_start_note_of_a_run(lived_in: LandingZone, make) -> None:
    run = lived_in.runs / "20260101T000000Z-crawl-00000000"
    run.mkdir()
    make(run / "started.json")
    [note] = lived_in.under_way()
    assert (note["action"], note["is_alive"]) == ("crawl", False)


def test_a_lock(tmp_path: Path, make) -> None:
    make(tmp_path / "x.lock")
    with pytest.raises(OSError):
        FileLock(tmp_path / "x.lock", "test").acquire()
    with pytest.raises(OSError):
        is_held(tmp_path / "x.lock")


@pytest.mark.parametrize("name", ["state.json", "started.json", "refresh.lock", "build.lock"])
def test_what_is_beside_the_build(make, name: str) -> None:
    where = locations()
    where.work_folder.mkdir(parents=True)
    make(where.work_folder / name)
    found = builds.last_build(where)
    assert found is None or "cannot be read" in found["outcome"]


@pytest.mark.parametrize(
    "words", [("status",), ("gaps",), ("verify",), ("sql", "select 1"), ("rollback",)]
)
def test_the_published_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make, words: tuple[str, ...]
) -> None:
    workspace = Workspace(tmp_path, monkeypatch)
    make(workspace.published)
    answer = workspace.ask(*words)
    assert answer.exit_code in (1, 2, 4)
    assert answer.stderr.count("\n") == 1 and str(workspace.published) in answer.stderr
    monkeypatch.undo()


def test_a_published_file_is_read_also_through_a_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace(tmp_path, monkeypatch)
    make_file(tmp_path / "real.duckdb")
    workspace.published.symlink_to("real.duckdb")
    assert workspace.ask("gaps").exit_code == 0
