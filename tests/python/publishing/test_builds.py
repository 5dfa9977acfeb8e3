"""A build that died is reported: its start note remains until an end is recorded."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from enrich_fixtures import PlayedDbt, Workspace
from failpoints import PUBLISH, audit_orders, environment
from golden import commit_all, write
from product import BIN, Product
from replayed_build import build, refresh, unpublished
from small_project import small_project

from loaders.base.locks import FileLock
from loaders.base.paths import Locations, locations
from loaders.publishing import builds
from loaders.publishing.published_versions import swap_in

DIED = "killed, out of memory or disk, or lost with its machine"


@pytest.fixture
def where() -> Locations:
    found = locations()
    found.work_folder.mkdir(parents=True)
    return found


# -- the note --------------------------------------------------------------------------------------


def test_a_build_that_ends_leaves_its_outcome_and_no_note(where: Locations) -> None:
    builds.begin(where, "i1", "dbt build")
    builds.end(where, builds.outcome_of("published: version 1, x"))
    assert not where.start_note.exists()
    assert builds.last_build(where)["outcome"] == "published: version 1, x"


def test_a_build_under_way_is_not_dead(where: Locations) -> None:
    builds.end(where, builds.outcome_of("published: version 1, x"))
    with FileLock(where.build_lock, "dbt"):
        builds.begin(where, "i2", "dbt build")
        assert builds.dead_build(where) is None
        assert builds.last_build(where)["is_published"]


def test_a_start_note_without_a_process_belongs_to_a_dead_build(where: Locations) -> None:
    builds.end(where, builds.outcome_of("published: version 1, x"))
    builds.begin(where, "i2", "dbt build")
    found = builds.last_build(where)
    assert (found["is_published"], found["is_dead"], found["pid"]) == (False, True, os.getpid())
    assert DIED in found["outcome"] and "nothing was published" in found["outcome"]


def test_a_dry_build_that_holds_the_lock_does_not_revive_a_dead_build(where: Locations) -> None:
    builds.begin(where, "i2", "dbt build")
    note = json.loads(where.start_note.read_bytes())
    where.start_note.write_text(json.dumps(note | {"pid": 1}))
    with FileLock(where.build_lock, "dbt test"):
        assert builds.last_build(where)["is_dead"]


def test_a_completed_swap_is_reported_as_published(where: Locations) -> None:
    builds.begin(where, "i3", "dbt build")
    draft = where.work_folder / "next.duckdb"
    draft.write_text("x")
    swap_in(draft, where, {"invocation_id": "i3"})
    found = builds.last_build(where)
    assert found["is_published"] and "version 1" in found["outcome"]
    # A later build that dies has not published what an earlier one did.
    builds.begin(where, "i4", "dbt build")
    assert not builds.last_build(where)["is_published"]


def test_a_swap_killed_before_its_note_was_settled_is_also_published(where: Locations) -> None:
    builds.begin(where, "i3", "dbt build")
    draft = where.work_folder / "next.duckdb"
    draft.write_text("x")
    swap_in(draft, where, {"invocation_id": "i3"})
    kept = where.versions / "00000001.json"
    kept.rename(kept.with_suffix(".pending"))
    assert builds.last_build(where)["is_published"]


def test_a_build_that_could_not_record_its_end_keeps_its_note(where: Locations) -> None:
    builds.begin(where, "i2", "dbt build")
    where.build_state.mkdir()
    with pytest.raises(OSError):
        builds.end(where, builds.outcome_of("published: version 1, x"))
    assert where.start_note.exists()


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (
            "IO Error: Could not write: No space left on device",
            "the disk is full (IO Error: Could not write: No space",
        ),
        ("x\n  Out of Memory Error: failed to allocate\n", "out of memory (Out of Memory Error"),
        ("Traceback\nMemoryError", "out of memory (MemoryError)"),
        ("Conversion Error: no space in 'left on'", None),
    ],
)
def test_a_cause_is_named_if_the_machine_is_at_fault(text: str, cause: str | None) -> None:
    found = builds.known_cause(text)
    assert found is None if cause is None else found.startswith(cause)


# -- unreadable state files ------------------------------------------------------------------------

UNREADABLE = {
    "no JSON": lambda path: path.write_text("{"),
    "a list": lambda path: path.write_text("[1]"),
    "a number": lambda path: path.write_text("7"),
    "not UTF-8": lambda path: path.write_bytes(b'{"outcome": "\xff"}'),
    "deep": lambda path: path.write_text("[" * 200_000),
    "empty": lambda path: path.write_bytes(b""),
    "huge": lambda path: os.truncate(os.open(path, os.O_CREAT | os.O_WRONLY), 40 << 30),
    "a folder": lambda path: path.mkdir(),
    "a FIFO": lambda path: os.mkfifo(path),
    "a loop of links": lambda path: path.symlink_to(path),
}


@pytest.mark.parametrize("kind", UNREADABLE)
@pytest.mark.parametrize("name", ["state.json", "started.json"])
@pytest.mark.parametrize("form", ["table", "json"])
def test_an_unreadable_record_is_reported_in_one_line(
    workspace: Workspace, kind: str, name: str, form: str
) -> None:
    path = locations().work_folder / name
    path.parent.mkdir()
    UNREADABLE[kind](path)
    answer = workspace.ask("status", "--format", form)
    assert answer.exit_code == 0
    reported = " ".join(answer.stdout.split())
    assert f"{path.name} cannot be read" in reported and "projects" in reported


def test_a_record_with_values_of_other_types_is_shown_in_part(
    workspace: Workspace,
) -> None:
    path = locations().build_state
    path.parent.mkdir()
    path.write_text(
        '{"outcome": "not published: x", "ended_at": 7, "failures": {"a": 1}, "left_out": [3,'
        " null]}"
    )
    answer = workspace.ask("status")
    assert answer.exit_code == 0 and "The last build: not published: x" in answer.stdout


@pytest.fixture
def workspace(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("COLUMNS", "500")
    return workspace


# -- a refresh -------------------------------------------------------------------------------------


def test_a_refresh_reports_a_killed_dbt_in_one_line(workspace, code, monkeypatch) -> None:
    dbt = PlayedDbt(monkeypatch)
    dbt.outcome = ""
    monkeypatch.setattr("enrich_fixtures.PlayedProcess.communicate", _killed)
    answer = workspace.ask("refresh-meta", str(code))
    assert answer.exit_code == 1
    reason = "not published: the build was killed by signal 9, which the system does"
    assert answer.stderr.startswith(reason)
    assert "killed by signal 9" in " ".join(workspace.ask("status").stdout.split())


def _killed(self, reported: str | None = None) -> tuple[str, str]:
    self.returncode = -9
    return "", ""


def test_a_full_disk_is_named_in_the_first_line(workspace, code, monkeypatch) -> None:
    dbt = PlayedDbt(monkeypatch)
    dbt.outcome = "not published: 3 of 4 nodes"
    dbt.output = "[ERROR]: in model x\n  IO Error: No space left on device\n"
    answer = workspace.ask("refresh-meta", str(code))
    assert answer.exit_code == 1
    line, log = answer.stderr.splitlines()
    assert (
        line == "not published: 3 of 4 nodes; the disk is full (IO Error: No space left on device)"
    )
    assert log == f"  log: {locations().work_folder / 'build.log'}"


def test_a_build_that_could_not_start_is_on_the_status_page(workspace, code, monkeypatch) -> None:
    dbt = PlayedDbt(monkeypatch)
    assert workspace.ask("refresh-meta", str(code)).exit_code == 0
    dbt.outcome, dbt.output = "", "Runtime Error: no such profile"
    assert workspace.ask("refresh-meta", str(code)).exit_code == 1
    assert "not published: the build ended early" in workspace.ask("status").stdout


def test_an_error_before_the_build_is_on_the_status_page(workspace, code, monkeypatch) -> None:
    PlayedDbt(monkeypatch)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", str(workspace.landing))

    monkeypatch.setattr("loaders.sources.contents.land.land_contents", full)
    assert workspace.ask("refresh-meta", str(code)).exit_code == 1
    reported = " ".join(workspace.ask("status").stdout.split())
    assert "the refresh ended early" in reported and "No space left on device" in reported
    monkeypatch.undo()


def test_a_successful_refresh_leaves_no_note(workspace, code, monkeypatch) -> None:
    PlayedDbt(monkeypatch)
    assert workspace.ask("refresh-meta", str(code)).exit_code == 0
    assert "last build" not in workspace.ask("status").stdout


# -- the real thing --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Product:
    home = tmp_path_factory.mktemp("builds")
    write(home / "root/project/main.py", "print(1)\n")
    commit_all(home / "root/project")
    product = Product(home / "home")
    product.home.mkdir()
    product.crawl(home / "root")
    build(product)
    return product


@pytest.fixture
def twin(installed: Product, tmp_path: Path) -> Product:
    return installed.twin(tmp_path / "twin")


@pytest.fixture
def small(twin: Product, tmp_path: Path) -> Product:
    """The twin, with a small project: a build of dbt takes seconds."""
    shutil.rmtree(twin.target)
    return replace(twin, project=small_project(tmp_path / "project"))


def _status(product: Product) -> str:
    return " ".join(product.enrich("status").stdout.split())


def _started(product: Product) -> Path:
    return product.published.with_name("meta.duckdb.d") / "started.json"


def _wait_for(condition, process: subprocess.Popen) -> None:
    while not condition():
        assert process.poll() is None, "it ended before it could be killed"
        time.sleep(0.02)


def test_a_build_killed_at_any_node_is_reported_by_every_command(
    twin: Product, small: Product
) -> None:
    process = small.start(BIN / "dbt", "build", "--target-path", small.target)
    _wait_for(_started(twin).exists, process)
    process.send_signal(signal.SIGSTOP)
    assert DIED not in _status(twin)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert DIED in _status(twin) and "The last build (started 20" in _status(twin)
    rows = {row["name"]: row["value"] for row in _figures(twin) if row["section"] == "last_build"}
    assert rows["is_published"] is False and rows["pid"] == process.pid and DIED in rows["outcome"]
    assert DIED in twin.land("runs").stdout
    listed = [json.loads(line) for line in twin.land("runs", "--json").stdout.splitlines()]
    assert next(row["seq"] for row in listed) is None and DIED in listed[0]["status"]
    assert DIED in twin.enrich("runs").stderr
    # A dry build neither hides nor repeats it; the next build ends it.
    small.dbt("compile")
    assert DIED in _status(twin)
    assert "published: version 2" in build(twin)
    assert DIED not in _status(twin) and DIED not in twin.land("runs").stdout


def _figures(product: Product) -> list[dict]:
    return json.loads(product.enrich("status", "--format", "json").stdout)


@pytest.mark.parametrize(
    "command",
    [
        ("compile",),
        pytest.param(("test",), marks=pytest.mark.long),
        pytest.param(("docs", "generate"), marks=pytest.mark.long),
        ("run", "--select", "as_of"),
    ],
)
def test_a_dry_build_leaves_no_note(small: Product, command: tuple[str, ...]) -> None:
    before = (_started(small).parent / "state.json").read_bytes()
    small.dbt(*command)
    assert not _started(small).exists()
    assert (_started(small).parent / "state.json").read_bytes() == before


def test_builds_of_an_empty_and_of_a_broken_zone_record_their_end(small: Product) -> None:
    small.dbt("build", "--select", "tag:none_has_this", check=False)
    assert not _started(small).exists()
    [entry] = sorted((small.landing / "log").glob("*.json"))[:1]
    entry.write_text("{}")
    answer = small.dbt("build", check=False)
    assert answer.returncode != 0 and not _started(small).exists()
    assert "restore it from a backup" in _status(small)


@pytest.fixture(scope="module")
def built(installed: Product, tmp_path_factory: pytest.TempPathFactory) -> tuple[Product, str]:
    """A build that reached publishing, and its request."""
    product = installed.twin(tmp_path_factory.mktemp("built") / "twin")
    write(product.home.parent / "root/more.py", "print(2)\n")
    commit_all(product.home.parent / "root")
    product.crawl(product.home.parent / "root")
    # Every copy would have all of it, and publishing needs the manifest alone.
    shutil.rmtree(product.target, ignore_errors=True)
    return product, unpublished(product)


@contextlib.contextmanager
def _ordered(product: Product, orders: dict) -> Iterator[None]:
    product.environment |= environment(orders)
    yield
    for name in environment(orders):
        del product.environment[name]


def test_a_kill_at_any_step_of_publishing_is_reported_with_its_result(
    built, tmp_path: Path
) -> None:
    """Published if and only if the file is another one than before."""
    source, request = built
    seen = set()
    for kill_at in itertools.count(1):
        victim = source.twin(tmp_path / str(kill_at))
        before = os.stat(victim.published).st_ino
        note = {
            "invocation_id": json.loads(request)["invocation_id"],
            "started_at": "2026-01-01T00:00:00+00:00",
        }
        _started(victim).write_text(json.dumps(note))
        log = tmp_path / "changes.log"
        with _ordered(victim, audit_orders(PUBLISH, [victim.home], log, kill_at)):
            process = victim.start(
                sys.executable, "-m", "loaders.publishing.publish", stdin=subprocess.PIPE
            )
            output, errors = process.communicate(request)
        is_published = os.stat(victim.published).st_ino != before
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("META_DB_PATH", str(victim.published))
            found = builds.last_build(locations())
        assert found["is_published"] is is_published, (kill_at, found)
        seen.add((is_published, _started(victim).exists()))
        shutil.rmtree(victim.home)
        if process.returncode == 0:
            assert output.startswith("published: version 2"), errors
            break
        assert process.returncode == -signal.SIGKILL, errors
    assert seen == {(False, True), (True, True), (True, False)} and kill_at > 15


def test_two_published_files_over_one_zone_remember_a_change_once(built, tmp_path: Path) -> None:
    """One build is about to publish; another one of the same zone overtakes it."""
    source, request = built
    slow = source.twin(tmp_path / "slow")
    other = Product(tmp_path / "other", environment={"META_LANDING_DIR": str(slow.landing)})
    other.home.mkdir()
    assert "; remembered" in build(other)
    before = len(list((slow.landing / "log").iterdir()))
    process = slow.start(sys.executable, "-m", "loaders.publishing.publish", stdin=subprocess.PIPE)
    output, errors = process.communicate(request)
    assert output.startswith("published: version 2") and "remembered" not in output, errors
    assert len(list((slow.landing / "log").iterdir())) == before


def test_a_refresh_killed_in_its_crawl_is_reported(twin: Product, tmp_path: Path) -> None:
    root = twin.home.parent / "root"
    root.mkdir(exist_ok=True)
    (root / "a").write_text("x")
    orders = audit_orders("refresh-meta", [twin.landing], tmp_path / "log", 5)
    twin.environment |= environment(orders)
    assert twin.enrich("refresh-meta", root, check=False).returncode == -9
    for name in environment(orders):
        del twin.environment[name]
    reported = _status(twin)
    assert "the refresh was " + DIED in reported
    assert "the refresh was " + DIED in twin.land("runs").stdout
    assert "published: version 2" in refresh(twin, root).stdout
    assert DIED not in _status(twin)


def test_a_killed_refresh_leaves_no_running_dbt(twin: Product) -> None:
    root = twin.home.parent / "root"
    root.mkdir(exist_ok=True)
    process = twin.start(BIN / "enrich", "refresh-meta", root)
    _wait_for(_started(twin).exists, process)
    dbt = json.loads(_started(twin).read_bytes())["pid"]
    process.send_signal(signal.SIGKILL)
    process.wait()
    for _ in range(600):
        if not _lives(dbt):
            break
        time.sleep(0.1)
    assert not _lives(dbt)
    assert DIED in _status(twin)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_terminated_refresh_ends_dbt_and_reports_it(
    twin: Product, number: int, code: int
) -> None:
    root = twin.home.parent / "root"
    root.mkdir(exist_ok=True)
    process = twin.start(BIN / "enrich", "refresh-meta", root)
    _wait_for(_started(twin).exists, process)
    dbt = json.loads(_started(twin).read_bytes())["pid"]
    process.send_signal(number)
    out, errors = process.communicate()
    assert (process.returncode, errors) == (code, "interrupted\n")
    assert not _lives(dbt)
    assert "not published: the refresh ended early: interrupted" in _status(twin)
    assert "published: version 2" in build(twin)


def test_a_killed_dbt_ends_its_refresh_with_one_line(twin: Product) -> None:
    root = twin.home.parent / "root"
    root.mkdir(exist_ok=True)
    process = twin.start(BIN / "enrich", "refresh-meta", root)
    _wait_for(_started(twin).exists, process)
    os.kill(json.loads(_started(twin).read_bytes())["pid"], signal.SIGKILL)
    _, errors = process.communicate()
    assert process.returncode == 1
    assert errors.startswith("not published: the build was killed by signal 9")
    assert "the build was killed by signal 9" in _status(twin)
