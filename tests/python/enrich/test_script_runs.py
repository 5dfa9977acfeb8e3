"""Runs of outside programs: recorded by any process, shown immediately, and landed once."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from product import PROJECT

from enrich import runs
from enrich.wrapped_run import run_command
from loaders.base.processes import is_running, mark_of
from loaders.sources.script_runs.land import land_events
from loaders.zone.event_spool import LARGEST_BYTES, TooLarge, spool_event
from loaders.zone.landed_rows import rows_in_order
from loaders.zone.landing import LandingZone

SECRET = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" + "k1L2m3N4o5P6q7R8"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    zone = tmp_path / "landing"
    monkeypatch.setenv("META_LANDING_DIR", str(zone))
    monkeypatch.setenv("META_DB_PATH", str(tmp_path / "meta.duckdb"))
    for name in (runs.TRACEPARENT, runs.RUN_ID):
        monkeypatch.delenv(name, raising=False)
    return zone


def spooled(zone: Path) -> str:
    return "".join(path.read_text() for path in sorted((zone / "events").glob("*.json")))


def test_a_run_is_known_from_its_start_to_its_end(store):
    run_id = runs.start_run("embed", tenant_id="acme", config={"b": 1, "a": 2}, rows_in=7)
    state = runs.get_run(run_id)
    assert (state["status"], state["stage"], state["tenant_id"]) == ("running", "embed", "acme")
    assert state["config_hash"] == hashlib.sha256(b'{"a": 2, "b": 1}').hexdigest()
    assert state["ended_at"] is None
    runs.end_run(run_id, rows_out=6, llm_calls=2, tokens=900, attrs={"k": "v"}, outputs=["x.csv"])
    state = runs.get_run(run_id)
    assert (state["status"], state["rows_in"], state["rows_out"]) == ("completed", 7, 6)
    assert state["duration_seconds"] > 0 and state["ended_at"] >= state["started_at"]
    assert json.loads(state["outputs"]) == ["x.csv"] and json.loads(state["attrs"]) == {"k": "v"}


def test_a_failed_block_is_a_failed_run(store):
    with pytest.raises(ZeroDivisionError), runs.run("divide") as current:
        current.rows_out = 3
        _ = 1 / 0
    state = runs.get_run(current.run_id)
    assert (state["status"], state["error"], state["rows_out"]) == (
        "failed",
        "ZeroDivisionError: division by zero",
        3,
    )

    @runs.recorded("add", tenant_id="t")
    def add(left: int, right: int) -> int:
        return left + right

    assert add(2, right=3) == 5
    assert [run["stage"] for run in runs.list_runs(status="completed")] == ["add"]
    assert [run["stage"] for run in runs.list_runs(limit=1)] == ["add"]
    assert len(runs.list_runs()) == 2 and runs.list_runs(stage="other") == []


def test_an_unknown_run_and_wrong_values_are_refused(store):
    with pytest.raises(runs.NoSuchRun, match="no run 1"):
        runs.get_run("1")
    run_id = runs.start_run("x")
    for wrong in ({"rows_out": -1}, {"rows_out": True}, {"rows": 1}, {"outputs": "a.csv"}):
        with pytest.raises(ValueError, match="count|field|list"):
            runs.end_run(run_id, **wrong)
    with pytest.raises(ValueError, match="not the id of a run"):
        runs.end_run("../../etc")
    with pytest.raises(ValueError, match="stage"):
        runs.start_run(" ")
    with pytest.raises(TooLarge):
        runs.start_run("x", attrs={"text": "y" * LARGEST_BYTES})
    assert runs.get_run(run_id)["status"] == "running"


@pytest.mark.parametrize(
    ("header", "trace"),
    [
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", True),
        ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-later", True),
        ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", False),
        ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", False),
        ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00F067AA0BA902B7-01", False),
        ("nonsense", False),
    ],
)
def test_the_trace_of_the_caller_is_taken_and_passed_on(store, monkeypatch, header, trace):
    monkeypatch.setenv(runs.TRACEPARENT, header)
    run_id = runs.start_run("x")
    state = runs.get_run(run_id)
    assert (state["trace_id"] == "4bf92f3577b34da6a3ce929d0e0e4736") is trace
    assert (state.get("parent_span_id") == "00f067aa0ba902b7") is trace
    passed = runs.environment(run_id, {})
    assert passed[runs.TRACEPARENT] == f"00-{state['trace_id']}-{state['span_id']}-01"
    monkeypatch.setenv(runs.RUN_ID, passed[runs.RUN_ID])
    assert runs.get_run(runs.start_run("y"))["parent_run_id"] == run_id


def test_no_secret_is_stored(store):
    run_id = runs.start_run(
        "x",
        attrs={"note": f"with {SECRET}", "deep": [{"password": "hunter2hunter2"}]},
        argv=["curl", "--token", SECRET, f"https://u:{SECRET}@example.org/"],
        inputs=[f"https://u:{SECRET}@example.org/"],
    )
    runs.fail_run(run_id, f"refused {SECRET}")
    assert SECRET not in spooled(store) and "hunter2" not in spooled(store)
    assert "note" in spooled(store)


@pytest.mark.parametrize(
    ("command", "code", "status", "error"),
    [
        (["-c", "print('out')"], 0, "completed", None),
        (["-c", "import sys; print('out'); sys.exit(3)"], 3, "failed", "exit code 3"),
        (["-c", "import os; os.kill(os.getpid(), 15)"], 143, "failed", "signal 15 (SIGTERM)"),
        (["-c", "import sys; sys.stdout.write('x' * 3_000_000)"], 0, "completed", None),
    ],
)
def test_a_wrapped_command_is_recorded(store, capfdbinary, command, code, status, error):
    run_id, found = run_command([sys.executable, *command], "wrapped")
    state = runs.get_run(run_id)
    assert (found, state["status"], state["exit_code"]) == (code, status, code)
    assert (error is None) is ("error" not in state) and (error or "") in state.get("error", "")
    printed = capfdbinary.readouterr().out
    assert state["output_sha256"] == hashlib.sha256(printed).hexdigest()
    assert state["output_bytes"] == len(printed)
    assert state["max_rss_bytes"] > 1_000_000 and state["cpu_seconds"] >= 0


def test_a_command_that_cannot_start_has_the_code_of_a_shell(store, tmp_path):
    no_program = tmp_path / "text"
    no_program.write_text("words")
    assert run_command([str(tmp_path / "none")], "x")[1] == 127
    run_id, code = run_command([str(no_program)], "x")
    assert code == 126 and "Permission denied" in runs.get_run(run_id)["error"]


def test_a_child_that_stays_is_not_waited_for(store, capfdbinary):
    program = (
        "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time;"
        " time.sleep(20)']); print('left', flush=True)"
    )
    run_id, code = run_command([sys.executable, "-c", program], "fork")
    assert code == 0 and runs.get_run(run_id)["duration_seconds"] < 15
    assert capfdbinary.readouterr().out == b"left\n"


def test_events_land_once_and_leave(store):
    with runs.run("one"):
        pass
    zone = LandingZone(store)
    assert land_events(zone, []).counts.landed == 2
    assert land_events(zone, []) is None and not list((store / "events").glob("*.json"))
    assert [row["event"] for row in rows_in_order(zone, "run_events")] == ["started", "ended"]
    (state,) = runs.list_runs()
    assert state["status"] == "completed"


def test_a_damaged_event_costs_only_itself(store):
    run_id = runs.start_run("x")
    (path,) = (store / "events").glob("*.json")
    torn = path.with_name(f"{path.stem}0.json")
    torn.write_bytes(path.read_bytes()[:-20])
    path.with_name(f"{path.stem}1.json").write_text("[" * 100_000)
    os.mkfifo(path.with_name(f"{path.stem}2.json"))
    spool_event(
        store,
        "run_events",
        {
            "event": "started",
            "script_run_id": run_id,
            "tokens": "many",
            "happened_at": "2026-01-01T00:00:00",
        },
    )
    run = land_events(LandingZone(store), [])
    assert (run.counts.landed, run.counts.quarantined) == (1, 4)
    assert len(list((store / "events" / "damaged").iterdir())) == 4
    assert runs.get_run(run_id)["status"] == "running"


def test_a_run_whose_process_died_is_abandoned_until_its_end_comes(store):
    script = "from enrich.runs import start_run; print(start_run('dies'))"
    died = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=PROJECT
    ).stdout.strip()
    alive = runs.start_run("lives")
    zone = LandingZone(store)
    land_events(zone, [])
    assert runs.get_run(died)["status"] == "abandoned"
    assert runs.get_run(alive)["status"] == "running"
    assert land_events(zone, []) is None
    runs.end_run(died, rows_out=1)
    land_events(zone, [])
    assert runs.get_run(died)["status"] == "completed"


def test_a_process_is_known_by_its_start_and_not_by_its_number(monkeypatch):
    mark = mark_of(os.getpid())
    assert is_running(mark)
    number, start, boot = mark.split()
    assert not is_running(f"{number} {int(start) - 1} {boot}")
    assert not is_running(f"{number} {start} another-boot")
    with pytest.raises(ValueError, match="unpack|invalid"):
        is_running("words")


def test_many_processes_record_at_once_and_nothing_is_lost(store):
    script = (
        "from enrich.runs import run\n"
        "for number in range(20):\n"
        "    with run('many', attrs={'number': number}): pass\n"
    )
    LandingZone(store)

    def work(_: int) -> int:
        return subprocess.run([sys.executable, "-c", script], check=True, cwd=PROJECT).returncode

    zone = LandingZone(store)
    with ThreadPoolExecutor(4) as pool:
        ends = [pool.submit(work, number) for number in range(4)]
        while not all(end.done() for end in ends):
            land_events(zone, [])
    land_events(zone, [])
    assert [end.result() for end in ends] == [0] * 4
    rows = rows_in_order(zone, "run_events")
    assert len(rows) == len({row["event_id"] for row in rows}) == 160
    assert {run["status"] for run in runs.list_runs()} == {"completed"} and len(
        runs.list_runs()
    ) == 80
