"""A build that cannot start prints one line with the reason.

The line gives the type of the error and never its text.
"""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
from enrich_fixtures import PlayedDbt, Workspace
from product import BIN, PROJECT, copy_of_project

from enrich.commands.operate import build_process
from enrich.db import connect
from loaders.base.engine_paths import path_list, read_parquet
from loaders.base.exits import EXIT_NO
from loaders.base.locks import Busy, FileLock
from loaders.base.paths import Locations, locations
from loaders.building.planning import COULD_NOT_START
from loaders.publishing.build_database import make_ready
from loaders.sources.crawl import source as crawl_source
from loaders.zone.asking import asking
from loaders.zone.landing import LandingError, LandingZone

# Words that the errors of DuckDB and of the system hold, and names that hold them.
WORDS = [
    "lock",
    "Could not set lock on file",
    "Permission denied",
    "Too many open files",
    "Input",
    "already under way",
]


@contextmanager
def held(database: Path, *, read_only: bool) -> Iterator[None]:
    """Let another process have *database* open."""
    script = (
        "import duckdb, sys; db = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == 'True');"
        " print(); input()"
    )
    command = [sys.executable, "-c", script, str(database), str(read_only)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        process.stdout.readline()
        yield
        process.communicate("\n")


def one_line(text: str) -> str:
    assert text.endswith("\n") and text.count("\n") == 1, text
    return text.rstrip("\n")


# -- refresh-meta ----------------------------------------------------------------------------------


def test_a_build_that_starts_meanwhile_exits_with_3(workspace, code, monkeypatch) -> None:
    crawl, lock = crawl_source._crawl_group, FileLock(locations().build_lock, "another build")
    monkeypatch.setattr(crawl_source, "_crawl_group", lambda *call: lock.acquire() and crawl(*call))

    result = workspace.ask("refresh-meta", str(code))

    assert result.exit_code == 3
    line = one_line(result.stderr)
    assert line.startswith("a build: already under way (another build, pid ")
    lock.release()


@pytest.mark.parametrize("read_only", [True, pytest.param(False, marks=pytest.mark.long)])
def test_a_build_database_that_another_program_has_open_exits_with_3(
    workspace, code, read_only
) -> None:
    database = locations().build_database
    database.parent.mkdir(parents=True)
    duckdb.connect(str(database)).close()
    with held(database, read_only=read_only):
        result = workspace.ask("refresh-meta", str(code))

    assert result.exit_code == 3
    assert one_line(result.stderr) == (
        f"{database}: another program has the build database open; wait, or end that program"
    )


@pytest.mark.parametrize(
    "dbt_says", ["Runtime Error\n  could not be done already under way", "lock held (PID 7)"]
)
def test_words_in_the_output_of_dbt_do_not_change_the_exit_code(
    workspace, dbt: PlayedDbt, code, dbt_says
) -> None:
    dbt.outcome, dbt.output = "", dbt_says

    assert workspace.ask("refresh-meta", str(code)).exit_code == 1


def _with_loaders(project: Path) -> Path:
    """Add the Python modules, which a child in that folder finds before those of the clone."""
    shutil.copytree(PROJECT / "loaders", project / "loaders", dirs_exist_ok=True)
    return project


@pytest.mark.parametrize(
    ("name", "broken", "reason"),
    [
        ("dbt_project.yml", "name: [", "Syntax error near line 2"),
        ("dbt_project.yml", "name: x\nprofile: other\n", "Could not find profile named 'other'"),
        (
            "profiles.yml",
            "meta_collector: {target: local, outputs: {local: {type: nothing}}}",
            "nothing",
        ),
        ("models/gaps/gap_project_unindexed.sql", "{{ no_such_macro( }}", "Compilation Error"),
        ("models/gaps/broken.yml", "models: [", "broken.yml"),
    ],
)
def test_a_damaged_project_is_reported_in_one_line_with_the_path_of_the_log(
    workspace, code, monkeypatch, tmp_path, name, broken, reason
) -> None:
    project = _with_loaders(copy_of_project(tmp_path / "project"))
    (project / name).write_text(broken)
    monkeypatch.setattr(build_process, "PROJECT_ROOT", project)
    before = workspace.published.read_bytes()

    result = workspace.ask("refresh-meta", str(code))

    line, log = one_line(result.stderr), locations().work_folder / "build.log"
    assert (
        result.exit_code == 1
        and line.startswith("not published: ")
        and line.endswith(f"; log: {log}")
    )
    assert reason in line and reason in log.read_text()
    assert workspace.published.read_bytes() == before


def test_an_error_is_reported_even_if_a_full_disk_stops_the_log(
    workspace, code, monkeypatch, tmp_path
) -> None:
    project = _with_loaders(copy_of_project(tmp_path / "project"))
    (project / "dbt_project.yml").write_text("name: [")
    monkeypatch.setattr(build_process, "PROJECT_ROOT", project)
    locations().work_folder.mkdir(parents=True)
    (locations().work_folder / "build.log").symlink_to("/dev/full")

    result = workspace.ask("refresh-meta", str(code))

    assert result.exit_code == 1 and "Syntax error near line 2" in one_line(result.stderr)


def test_a_missing_adapter_is_reported_in_one_line(tmp_path: Path) -> None:
    # A program of that name that cannot be imported is as good as none.
    (tmp_path / "duckdb.py").write_text("raise ImportError('none here')")
    done = subprocess.run(
        [sys.executable, "-m", "loaders.building.planning", tmp_path, "key"],
        cwd=PROJECT,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == COULD_NOT_START + EXIT_NO
    assert one_line(done.stderr) == "dbt cannot be imported: none here; run: make setup"


# -- places ----------------------------------------------------------------------------------------


def _unusable(tmp_path: Path) -> dict[str, tuple[str, str, str]]:
    """Return what is wrong → the variable, its value, and the line that refuses it."""
    file, fifo = tmp_path / "file", tmp_path / "fifo"
    file.touch()
    os.mkfifo(fifo)
    way = "move it away, or set META_DB_PATH to another path"
    long = tmp_path / ("n" * 252)
    return {
        "a folder": ("META_DB_PATH", f"{tmp_path}/", f"{tmp_path}: is not a file; {way}"),
        "a pipe": ("META_DB_PATH", str(fifo), f"{fifo}: is not a file; {way}"),
        "a device": ("META_DB_PATH", "/dev/null", f"/dev/null: is not a file; {way}"),
        "below a file": ("META_DB_PATH", f"{file}/x", f"{file}/x: Not a directory"),
        "too long": ("META_DB_PATH", str(long), f"{long}: File name too long"),
        "two lines": ("META_DB_PATH", f"{file}/a\nb", f"{file}/a\\x0ab: Not a directory"),
        "a file": (
            "META_LANDING_DIR",
            str(file),
            f"{file}: is not a folder; META_LANDING_DIR must name another",
        ),
        "zone below a file": ("META_LANDING_DIR", f"{file}/x", f"{file}/x: Not a directory"),
        "not a time": (
            "META_NOW",
            "soon",
            "META_NOW: 'soon' is not an ISO 8601 time: Invalid isoformat string: 'soon'",
        ),
    }


UNUSABLE = [
    "a folder",
    "a pipe",
    "a device",
    "below a file",
    "too long",
    "two lines",
    "a file",
    "zone below a file",
]
UNUSABLE += ["not a time"]


@pytest.mark.parametrize("wrong", UNUSABLE)
def test_an_impossible_path_is_refused_before_anything_is_done(
    workspace, dbt: PlayedDbt, code, tmp_path, monkeypatch, wrong
) -> None:
    variable, value, line = _unusable(tmp_path)[wrong]
    monkeypatch.setenv(variable, value)
    before = sorted(tmp_path.rglob("*"))

    result = workspace.ask("refresh-meta", str(code))

    assert one_line(result.stderr) == line
    # The system's words end with 1.
    by_system = line.endswith(("Not a directory", "File name too long"))
    assert (result.exit_code, result.stdout) == (1 if by_system else 2, "")
    assert sorted(tmp_path.rglob("*")) == before and dbt.calls == []


def test_the_longest_name_that_a_published_file_can_have_is_not_refused(tmp_path: Path) -> None:
    Locations(tmp_path / ("n" * 251), tmp_path / "zone").check()
    Locations(tmp_path / "new" / "new" / "meta.duckdb", tmp_path / "not yet" / "zone").check()


def test_a_plain_dbt_build_prints_the_same_line(workspace, tmp_path) -> None:
    unusable = _unusable(tmp_path)
    for variable, value, line in (
        unusable[wrong] for wrong in ("a folder", "a file", "not a time")
    ):
        done = subprocess.run(
            [BIN / "dbt", "build", "--no-use-colors", "--target-path", tmp_path / "target"],
            cwd=PROJECT,
            env=os.environ | {"DBT_LOG_PATH": str(tmp_path / "logs"), variable: value},
            capture_output=True,
            text=True,
        )
        assert (
            done.returncode == 2
            and f"\n  {line}\n" in done.stdout
            and "Traceback" not in done.stdout
        )


# -- errors of the engine --------------------------------------------------------------------------


@pytest.mark.parametrize("word", WORDS)
def test_a_damaged_build_database_is_dropped_under_any_folder_name(
    word: str, tmp_path: Path
) -> None:
    database = tmp_path / word / "meta.duckdb"
    database.parent.mkdir()
    database.write_bytes(b"damaged" * 1000)
    make_ready(database, is_whole=False)
    assert not database.exists()


@pytest.mark.parametrize("read_only", [True, False])
def test_a_build_database_in_use_or_sound_is_kept(tmp_path: Path, read_only: bool) -> None:
    database = tmp_path / "meta.duckdb"
    duckdb.connect(str(database)).close()
    make_ready(database, is_whole=False)
    with (
        held(database, read_only=read_only),
        pytest.raises(Busy, match="another program has the build database open"),
    ):
        make_ready(database, is_whole=False)
    assert database.exists()


@pytest.mark.parametrize("word", WORDS)
def test_a_damaged_published_file_is_not_busy_under_any_folder_name(
    word, tmp_path, monkeypatch
) -> None:
    workspace = Workspace(tmp_path / word, monkeypatch)
    workspace.published.parent.mkdir()
    workspace.published.write_bytes(b"damaged" * 1000)
    result = workspace.ask("sql", "select 1")
    assert result.exit_code == 2 and one_line(result.stderr).startswith(
        "the published file cannot answer: "
    )


def test_a_published_file_with_a_writer_is_busy(workspace) -> None:
    with held(workspace.published, read_only=False):
        result = workspace.ask("sql", "select 1")
        with pytest.raises(Busy):
            connect()
    assert result.exit_code == 3
    assert one_line(result.stderr).startswith(
        f"{workspace.published}: another program has it open for writing"
    )
    with held(workspace.published, read_only=True):
        assert workspace.ask("sql", "select 1").exit_code == 0


def zone_with_a_row(folder: Path) -> LandingZone:
    zone = LandingZone(folder)
    with zone.run("observe", ["test"]) as run:
        run.table("finding_events").append_rows(
            [{"subject": "here", "kind": "opened", "finding_id": "f1"}]
        )
    return zone


def ask(zone: LandingZone) -> list[tuple]:
    with asking(zone) as (db, entries):
        files = [file.path for entry in entries for file in entry.files]
        return db.execute(f"select subject from {read_parquet(path_list(files))}").fetchall()


@pytest.mark.parametrize(
    "word", [*WORDS, "x: Permission denied", 'x": Permission denied', "Input/output error"]
)
@pytest.mark.parametrize("is_lost", [True, False])
def test_damage_in_a_landing_zone_is_damage_under_any_folder_name(word, is_lost, tmp_path) -> None:
    zone = zone_with_a_row(tmp_path / word / "zone")
    assert ask(zone) == [("here",)]
    [part] = zone.runs.rglob("*.parquet")
    part.unlink() if is_lost else part.write_bytes(b"damaged" * 100)
    with pytest.raises(LandingError, match="what was landed cannot be read"):
        ask(zone)


def test_a_temporary_fault_of_the_machine_is_not_damage(tmp_path: Path) -> None:
    zone = zone_with_a_row(tmp_path / "zone")
    with pytest.raises(OSError) as caught, asking(zone) as (db, _):
        db.execute("set memory_limit = '1MB'")
        db.execute("create table t as select repeat('x', 100) || i as s from range(1000000) r(i)")
    assert (caught.value.errno, caught.value.filename) == (errno.ENOMEM, str(zone.path))


def test_too_many_open_files_are_not_damage(tmp_path: Path) -> None:
    script = """
import errno, os, resource, sys
from pathlib import Path
from loaders.zone.asking import asking
from loaders.base.engine_paths import path_list, read_parquet
from loaders.zone.landing import LandingZone
zone = LandingZone(Path(sys.argv[1]))
try:
    with asking(zone) as (db, entries):
        paths = (file.path for entry in entries for file in entry.files)
        query = f"from {read_parquet(path_list(paths))}"
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, most))
        db.execute(query).fetchall()
except OSError as error:
    assert error.errno == errno.EMFILE, error
else:
    raise AssertionError("read")
"""
    zone = zone_with_a_row(tmp_path / "a=b" / "zone")
    done = subprocess.run(
        [sys.executable, "-c", script, str(zone.path)], capture_output=True, text=True, cwd=PROJECT
    )
    assert done.returncode == 0, done.stderr
