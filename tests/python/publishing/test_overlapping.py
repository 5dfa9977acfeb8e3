"""Refreshes and builds that overlap: one works, the other waits or is refused, and nothing is lost.

`tests/drills/overlapping.py` tries the same with real builds and kills.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from enrich_fixtures import PlayedDbt, PlayedProcess, Workspace
from product import PROJECT

from enrich.commands.operate.waiting import _with_values
from loaders.base.locks import Busy, FileLock, dead_holders, patience
from loaders.base.paths import Locations, locations
from loaders.publishing import builds, landed_plugin

# Holds a lock; a child that inherits the lock outlives it by the seconds given.
HOLDER = """
import subprocess, sys
from pathlib import Path
from loaders.base.locks import FileLock
lock = FileLock(Path(sys.argv[1]), sys.argv[2]).acquire()
command = [sys.executable, "-c", f"import time; time.sleep({sys.argv[3]})"]
subprocess.Popen(command, pass_fds=[lock.fileno()], stdout=subprocess.DEVNULL)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def where() -> Locations:
    found = locations()
    found.work_folder.mkdir(parents=True)
    return found


def killed_holder(path: Path, purpose: str, seconds: float) -> int:
    """Let a process take the lock, start a child that keeps it for *seconds*, and be killed."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path), purpose, str(seconds)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout.readline() == "held\n"
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    return holder.pid


def released_after(lock: FileLock, seconds: float) -> threading.Thread:
    thread = threading.Timer(seconds, lock.release)
    thread.start()
    return thread


# -- locks -----------------------------------------------------------------------------------------


def test_a_lock_is_waited_for_as_long_as_was_asked(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    thread = released_after(FileLock(path, "held").acquire(), 0.3)
    with pytest.raises(Busy):
        FileLock(path, "mine").acquire(wait=0.05)
    FileLock(path, "mine").acquire(wait=20).release()
    thread.join()


def test_patience_holds_for_every_lock_of_a_process_and_is_announced_once(tmp_path: Path) -> None:
    path, lines = tmp_path / "a.lock", []
    thread = released_after(FileLock(path, "held").acquire(), 0.3)
    with patience.lasting(20, lines.append):
        FileLock(path, "mine").acquire().release()
    thread.join()
    [line] = lines
    assert line.startswith(f"waiting: held, pid {os.getpid()} on ")
    with FileLock(path, "held"), pytest.raises(Busy):
        FileLock(path, "mine").acquire()


def test_what_a_killed_holder_left_running_is_named_and_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    pid = killed_holder(path, "a build", 3)
    with pytest.raises(Busy, match=f"by a process that outlived its parent: a build, pid {pid} on"):
        FileLock(path, "mine").acquire()
    FileLock(path, "mine").acquire(orphans=60).release()


def test_looking_whether_a_lock_is_held_leaves_the_note_of_a_dead_holder(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    pid = killed_holder(path, "refresh", 0)
    FileLock(path, "looking").refuse_if_held(orphans=60)
    assert [note["pid"] for note in dead_holders(path)] == [pid]


# -- a refresh and another -------------------------------------------------------------------------


def test_a_second_refresh_is_refused_with_the_holder_and_the_first_publishes(
    workspace: Workspace, code: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    met, build = [], PlayedProcess.communicate

    def overlapping(process: PlayedProcess, given: str | None = None) -> tuple[str, str]:
        if given is not None:
            met.append(workspace.ask("refresh-meta", str(code)))
        return build(process, given)

    PlayedDbt(monkeypatch)
    monkeypatch.setattr(PlayedProcess, "communicate", overlapping)
    first = workspace.ask("refresh-meta", str(code))

    assert first.exit_code == 0 and "published: version 7" in first.stdout
    [second] = met
    assert (second.exit_code, second.stdout, second.stderr.count("\n")) == (3, "", 1)
    assert f"already under way (refresh, pid {os.getpid()} on " in second.stderr


def test_a_second_refresh_that_waits_publishes_as_well(
    workspace: Workspace, code: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    PlayedDbt(monkeypatch)
    builds_lock = builds.refresh_lock(locations())
    thread = released_after(FileLock(builds_lock, "refresh").acquire(), 0.5)

    answer = workspace.ask("refresh-meta", "--wait", str(code))

    thread.join()
    assert answer.exit_code == 0 and "published: version 7" in answer.stdout
    assert answer.stderr.startswith("waiting: refresh, pid ")
    with FileLock(builds_lock, "refresh"):
        began = time.monotonic()
        assert workspace.ask("refresh-meta", "--wait", "0.2", str(code)).exit_code == 3
        assert time.monotonic() - began < 20


def test_a_refresh_after_a_killed_one_waits_for_its_publication(
    workspace: Workspace, code: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    PlayedDbt(monkeypatch)
    killed_holder(locations().build_lock, "dbt on the build database", 3)
    assert workspace.ask("refresh-meta", str(code)).exit_code == 0


# -- a refresh and dbt -----------------------------------------------------------------------------


def test_dbt_of_a_person_steps_back_for_a_refresh_that_has_not_built_yet(where: Locations) -> None:
    with builds.refreshing(where):
        with pytest.raises(Busy, match="already under way \\(refresh, pid "):
            builds.hold_build_lock(where, is_of_refresh=False)
        builds.hold_build_lock(where, is_of_refresh=True).release()
    builds.hold_build_lock(where, is_of_refresh=False).release()


def test_a_refresh_goes_on_if_dbt_of_a_person_steps_back(where: Locations) -> None:
    thread = released_after(FileLock(where.build_lock, "dbt").acquire(), 0.5)
    with builds.refreshing(where):
        pass
    thread.join()


@pytest.mark.parametrize("which", ["build", "test"])
def test_only_a_build_keeps_its_manifest_where_no_other_dbt_writes(
    where: Locations, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    flags = SimpleNamespace(WHICH=which, TARGET_PATH=str(tmp_path))
    monkeypatch.setattr(landed_plugin, "get_flags", lambda: flags)
    manifest = json.dumps({"metadata": {"invocation_id": "i1"}, "nodes": {}})
    (tmp_path / "manifest.json").write_text(manifest)
    kept = builds.manifest_of(where)
    kept.parent.mkdir(parents=True)

    landed_plugin._keep_manifest("i1")

    assert kept.exists() == (which == "build")
    (tmp_path / "manifest.json").write_text("another dbt")
    assert not kept.exists() or kept.read_text() == manifest


def test_a_manifest_that_another_dbt_replaced_is_written_from_memory(
    where: Locations, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Manifest:
        def write(self, path: str) -> None:
            Path(path).write_text("from memory")

    adapter = SimpleNamespace(get_macro_resolver=Manifest)
    flags = SimpleNamespace(WHICH="build", TARGET_PATH=str(tmp_path))
    monkeypatch.setattr(landed_plugin, "get_flags", lambda: flags)
    monkeypatch.setattr(landed_plugin, "Manifest", Manifest)
    monkeypatch.setattr(landed_plugin.FACTORY, "lookup_adapter", lambda name: adapter)
    (tmp_path / "manifest.json").write_text('{"metadata": {"invocation_id": "another"}}')
    kept = builds.manifest_of(where)
    kept.parent.mkdir(parents=True)

    landed_plugin._keep_manifest("i1")

    assert kept.read_text() == "from memory"


# -- the option ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (["--wait"], ["--wait=1000000000.0"]),
        (["--wait", "5"], ["--wait=5"]),
        (["--wait=5", "x"], ["--wait=5", "x"]),
        (["--wait", "/code"], ["--wait=1000000000.0", "/code"]),
        (["/code", "--wait", "--quiet"], ["/code", "--wait=1000000000.0", "--quiet"]),
        (["--wait", "--", "5"], ["--wait=1000000000.0", "--", "5"]),
        (["--", "--wait"], ["--", "--wait"]),
        (["--wait", "nan"], ["--wait=1000000000.0", "nan"]),
    ],
)
def test_the_seconds_to_wait_are_a_number_and_nothing_else(
    given: list[str], read: list[str]
) -> None:
    assert [*_with_values(given)] == read
