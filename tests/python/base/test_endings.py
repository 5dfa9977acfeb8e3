"""How the programs end: closed and full outputs, readers that go away, signals, no home."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from enrich_fixtures import make_file
from product import BIN, PROJECT

from loaders.base.paths import Locations, NoPlace, data_home, locations

ENRICH = [str(BIN / "enrich")]
LAND = [sys.executable, str(PROJECT / "loaders" / "land.py")]
PROGRAMS = {
    "enrich": [*ENRICH, "status"],
    "land": [*LAND, "compact"],
    "json": [*ENRICH, "projects", "--format", "json"],
}


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    make_file(tmp_path / "meta.duckdb")
    return os.environ | {
        "META_DB_PATH": str(tmp_path / "meta.duckdb"),
        "META_LANDING_DIR": str(tmp_path / "zone"),
    }


def _shell(
    command: list[str], redirection: str, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/bash", "-c", f'set -o pipefail; "$@" {redirection}', "bash", *command],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize(
    "closed",
    [
        ">&-",
        pytest.param("2>&-", marks=pytest.mark.long),
        pytest.param("<&-", marks=pytest.mark.long),
        pytest.param(">&- 2>&-", marks=pytest.mark.long),
        "<&- >&- 2>&-",
    ],
)
def test_closed_streams_act_like_dev_null(environment, program: str, closed: str) -> None:
    open_answer = _shell(PROGRAMS[program], "", environment)
    answer = _shell(PROGRAMS[program], closed, environment)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout == ("" if closed.startswith((">", "<&- >")) else open_answer.stdout)


def test_a_closed_output_does_not_write_into_the_next_open_file(
    environment, tmp_path: Path
) -> None:
    root = tmp_path / "code"
    root.mkdir()
    (root / "a.py").write_text("print()\n")
    assert _shell([*LAND, "crawl", str(root)], ">&- 2>&- <&-", environment).returncode == 0
    answer = _shell([*LAND, "verify"], "", environment)
    assert (answer.returncode, "all as landed" in answer.stdout) == (0, True)


@pytest.mark.parametrize("program", [*PROGRAMS, "help", "land help"])
def test_a_full_output_is_reported_in_one_line(environment, program: str) -> None:
    command = {**PROGRAMS, "help": [*ENRICH, "--help"], "land help": [*LAND, "--help"]}[program]
    answer = _shell(command, "> /dev/full", environment)
    assert (answer.returncode, answer.stderr) == (1, "standard output: No space left on device\n")


def test_a_full_error_output_is_silent(environment) -> None:
    answer = _shell([*ENRICH, "show", "no such project"], "2> /dev/full", environment)
    assert (answer.returncode, answer.stdout, answer.stderr) == (1, "", "")


@pytest.mark.parametrize("form", ["csv", "json", "table"])
def test_a_reader_that_stops_early_ends_the_command_quietly(environment, form: str) -> None:
    query = [*ENRICH, "sql", "select range from range(50000)", "--limit", "0", "--format", form]
    answer = _shell(query, "| head -n 1", environment)
    assert (answer.returncode, answer.stderr, answer.stdout.count("\n")) == (141, "", 1)


def test_a_reader_that_reads_everything_gets_everything(environment) -> None:
    query = [*ENRICH, "sql", "select range from range(50000)", "--limit", "0", "--format", "csv"]
    answer = _shell(query, "| cat", environment)
    assert (answer.returncode, answer.stderr, answer.stdout.count("\n")) == (0, "", 50_001)


# -- signals ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [[*ENRICH, "status"], [*LAND, "runs"]], ids=["enrich", "land"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_during_imports_ends_the_command_with_its_exit_code(
    environment, command: list[str], number: int
) -> None:
    """In the middle of the imports; a slow module makes them long enough to hit."""
    slow = Path(environment["META_DB_PATH"]).with_name("slow")
    slow.mkdir()
    (slow / "difflib.py").write_text(
        "import sys, time\nprint('importing', flush=True)\ntime.sleep(60)\n"
    )
    (slow / "tempfile.py").write_text((slow / "difflib.py").read_text())
    process = subprocess.Popen(
        command,
        env=environment | {"PYTHONPATH": str(slow)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "importing\n"
    process.send_signal(number)
    assert process.communicate() == ("", "")
    assert process.returncode == 128 + number


def _crawl_that_waits(environment: dict[str, str], tmp_path: Path) -> subprocess.Popen[str]:
    """Start a crawl of many files and return it once it has begun to land."""
    for folder in range(60):
        (tmp_path / "code" / str(folder)).mkdir(parents=True)
        for name in range(100):
            (tmp_path / "code" / str(folder) / f"{name}.txt").write_text(f"{folder} {name}")
    process = subprocess.Popen(
        [*LAND, "crawl", str(tmp_path / "code")],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not list((tmp_path / "zone").glob("runs/[0-9]*-crawl-*/started.json")):
        assert process.poll() is None
        time.sleep(0.005)
    return process


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_terminated_crawl_records_its_end(
    environment, tmp_path: Path, number: int, code: int
) -> None:
    process = _crawl_that_waits(environment, tmp_path)
    process.send_signal(number)
    _, errors = process.communicate()
    assert (process.returncode, errors) == (code, "interrupted\n")
    listed = _shell([*LAND, "runs"], "", environment).stdout
    assert "failed" in listed and "Signalled" in listed
    assert _shell([*LAND, "crawl", str(tmp_path / "code")], "", environment).returncode == 0


def test_a_second_interrupt_ends_the_crawl_immediately(environment, tmp_path: Path) -> None:
    process = _crawl_that_waits(environment, tmp_path)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate()
    assert process.returncode == 130 and errors in ("", "interrupted\n")


def test_a_command_under_nohup_survives_a_hangup(environment, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [
            "/bin/sh",
            "-c",
            'trap "" INT HUP; exec "$@"',
            "sh",
            *ENRICH,
            "projects",
            "--format",
            "csv",
        ],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    for _ in range(10):
        time.sleep(0.05)
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGINT)
    out, errors = process.communicate()
    assert (process.returncode, errors, out.startswith("project_id")) == (0, "", True)


# -- no home ---------------------------------------------------------------------------------------

NO_HOME = {
    "relative": {"HOME": "somewhere"},
    "a tilde": {"HOME": "~"},
    "unknown user in META_DB_PATH": {"META_DB_PATH": "~unknown-to-this-machine/x.duckdb"},
    "unknown user in META_LANDING_DIR": {
        "META_LANDING_DIR": "~unknown-to-this-machine/zone",
        "META_DB_PATH": "/x/y",
    },
    "home in META_DB_PATH": {"HOME": "relative", "META_DB_PATH": "~/x.duckdb"},
    "relative XDG": {"HOME": "relative", "XDG_DATA_HOME": "relative"},
}


@pytest.mark.parametrize("case", NO_HOME)
@pytest.mark.parametrize(
    "command", [[*ENRICH, "status"], [*LAND, "runs"], [*ENRICH, "refresh-meta", "/etc"]]
)
def test_without_a_home_folder_one_line_names_the_variables_to_set(
    tmp_path: Path, case: str, command: list[str]
) -> None:
    environment = {"PATH": os.environ["PATH"], **NO_HOME[case]}
    answer = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True)
    assert (answer.returncode, answer.stdout, answer.stderr.count("\n")) == (2, "", 1)
    assert "HOME" in answer.stderr or "no user is called unknown-to-this-machine" in answer.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("home", [None, ""])
def test_a_user_without_an_entry_needs_the_variables(
    monkeypatch: pytest.MonkeyPatch, home: str | None
) -> None:
    def no_entry(number: int) -> None:
        raise KeyError(f"getpwuid(): uid not found: {number}")

    monkeypatch.setattr(pwd, "getpwuid", no_entry)
    for name in ("HOME", "XDG_DATA_HOME", "META_DB_PATH", "META_LANDING_DIR"):
        monkeypatch.delenv(name, raising=False)
    if home is not None:
        monkeypatch.setenv("HOME", home)
    with pytest.raises(NoPlace, match="set HOME, or both META_DB_PATH and META_LANDING_DIR"):
        locations()
    monkeypatch.setenv("META_DB_PATH", "/a/b.duckdb")
    with pytest.raises(NoPlace):
        locations()
    monkeypatch.setenv("META_LANDING_DIR", "/a/zone")
    assert locations() == Locations(Path("/a/b.duckdb"), Path("/a/zone"))


def test_an_empty_home_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "")
    monkeypatch.setenv("XDG_DATA_HOME", "")
    assert (
        data_home()
        == Path(pwd.getpwuid(os.getuid()).pw_dir) / ".local" / "share" / "meta-collector"
    )
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert data_home() == Path("/data/meta-collector")


# -- the end of the process ------------------------------------------------------------------------

_PROGRAM = """
import atexit, sys, threading, time
from loaders.base import ending
ending.prepare()
atexit.register(print, "handlers ran")
threading.Thread(target=time.sleep, args=(60,)).start()
ending.run(lambda: print("work done") or sys.exit({end}))
"""


@pytest.mark.parametrize(
    ("end", "code", "errors"), [("0", 0, ""), ("3", 3, ""), ("None", 0, ""), ("'why'", 1, "why\n")]
)
def test_a_program_ends_with_its_code_and_waits_for_no_thread(end, code, errors) -> None:
    """A thread of a library that still runs neither aborts the process nor delays its end."""
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM.format(end=end)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (done.returncode, done.stderr) == (code, errors)
    assert done.stdout == "work done\nhandlers ran\n"
