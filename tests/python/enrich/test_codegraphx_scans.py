"""`enrich chunk-scan` and `campaign`: plans, runs, manifests and landed results."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from enrich_fixtures import HOSTILE, OBEYED, Workspace, make_file

from enrich.commands.codegraphx.chunks import plan_chunks, safe_tag
from loaders.base.locks import FileLock
from loaders.base.paths import PROJECT_ROOT
from loaders.zone.landing import LandingZone

# Replaces CodeGraphX: it scans, registers the scan in the catalogue, and reports its files.
TOOL = """#!{python}
import argparse, json, os, pathlib, sqlite3, subprocess, sys, time
parser = argparse.ArgumentParser()
parser.add_argument("words", nargs="*")
names = "target-root chunk-size tag update-db source-project exclude max-projects"
for name in names.split():
    parser.add_argument("--" + name)
parser.add_argument("--resume", action="store_true")
asked = parser.parse_args()
root = pathlib.Path(asked.target_root)
with open({calls!r}, "a") as calls:
    calls.write(json.dumps([sys.argv[1:], os.getcwd()]) + chr(10))
if (root / "src" / "hang").exists():
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    (root / "pid").write_text(str(os.getpid()))
    time.sleep(60)
if (root / "src" / "fail").exists():
    print("first line of trouble", file=sys.stderr)
    sys.exit("last line of trouble\\x1b[31m")
made = pathlib.Path({made!r}) / asked.tag
made.mkdir(parents=True, exist_ok=True)
merged = made / ("scan_merged_" + asked.tag + ".jsonl")
summary = made / ("scan_summary_" + asked.tag + ".json")
path = root / "src" / "a.py"
row = dict(
    project="src", root=str(root / "src"), path=str(path), rel_path="a.py", ext=".py", size=4)
merged.write_text(json.dumps(row) + chr(10))
scan = dict(
    chunk="chunk_01", status="scanned", projects=["src"], project_roots=[str(root / "src")], rows=1)
summary.write_text(json.dumps(dict(
    root=str(root), tag=asked.tag, chunk_size=6, total_projects_scanned=1, total_chunks=1,
    chunk_results=[scan | dict(scan_file=str(merged))],
    total_rows_raw=1, total_rows_merged_unique=1,
    merged_scan_file=str(merged))))
with sqlite3.connect(asked.update_db) as catalogue:
    columns = "source_path text unique, source_project text, scan_file_count integer"
    columns += ", scan_artifact text"
    create = "create table if not exists codegraphx_enrichment (" + columns + ")"
    catalogue.execute(create)
    scanned = [str(root), asked.source_project, 1, str(merged)]
    insert = "insert or replace into codegraphx_enrichment values (?, ?, ?, ?)"
    catalogue.execute(insert, scanned)
print(json.dumps(dict(status="completed", summary=str(summary), merged=str(merged)), indent=2))
"""
# Replaces land.py: it records its arguments, and ends as the test requires.
LANDER = """
import json, pathlib, sys
pathlib.Path(__file__).with_name("landed").open("a").write(json.dumps(sys.argv[1:]) + chr(10))
sys.exit(1 if pathlib.Path(__file__).with_name("broken").exists() else 0)
"""


class Bench(Workspace):
    """A workspace with projects, a tool on PATH, and a loader that only records its arguments."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(folder, monkeypatch)
        self.folder = folder
        self.calls = folder / "calls"
        tool = folder / "bin" / "codegraphx"
        tool.parent.mkdir()
        tool.write_text(
            TOOL.format(python=sys.executable, calls=str(self.calls), made=str(folder / "made"))
        )
        tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{tool.parent}{os.pathsep}{os.environ['PATH']}")
        monkeypatch.delenv("META_CODEGRAPHX_ROOT", raising=False)
        self.lander = folder / "clone" / "loaders" / "land.py"
        self.lander.parent.mkdir(parents=True)
        self.lander.write_text(LANDER)
        monkeypatch.setattr("enrich.commands.codegraphx.campaign.CODE_ROOT", folder / "clone")

    def project(self, name: str, *files: str) -> Path:
        """Make a project with one source file, and *files* that decide how the tool ends."""
        source = self.folder / "w" / name / "src"
        source.mkdir(parents=True)
        for file in ("a.py", *files):
            (source / file).write_text("x=1\n")
        return source.parent

    def publish(self, *projects: Path, lines: int = 1000) -> None:
        """Publish a catalogue with these projects, the largest first."""
        rows: dict[str, list[dict[str, Any]]] = {"codegraphx_projects": [], "projects": []}
        for number, path in enumerate(projects):
            known = {"project_id": f"{number:032x}", "path_key": str(path)}
            size = {"line_count": lines * (len(projects) - number)}
            rows["codegraphx_projects"].append(
                {**known, **size, "path": str(path), "name": path.name}
            )
            rows["projects"].append({**known, "project_path": str(path)})
        make_file(self.published, rows)

    def called(self) -> list[tuple[list[str], str]]:
        return (
            [tuple(json.loads(line)) for line in self.calls.read_text().splitlines()]
            if self.calls.exists()
            else []
        )

    def landed(self) -> list[list[str]]:
        notes = self.lander.with_name("landed")
        return (
            [json.loads(line) for line in notes.read_text().splitlines()] if notes.exists() else []
        )

    def made(self, *tags: str) -> list[str]:
        """Return the folders that are landed after these scans."""
        return [
            *(str(self.folder / "made" / tag) for tag in tags),
            f"{self.published}.d/codegraphx",
        ]

    def campaign(self, *words: str, code: int = 0) -> dict[str, Any]:
        result = self.ask("campaign", "--json", *words)
        assert result.exit_code == code, result.stderr
        return json.loads(result.stdout)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(tmp_path, monkeypatch)


def values(words: list[str]) -> dict[str, str]:
    return dict(word.removeprefix("--").split("=", 1) for word in words if "=" in word)


# -- planning --------------------------------------------------------------------------------------


def test_a_campaign_plans_what_codegraphx_would_and_touches_nothing(bench: Bench) -> None:
    there = bench.project("big one")
    bench.publish(there, bench.folder / "w" / "gone")
    before = sorted(bench.folder.rglob("*"))

    plan = bench.campaign("--tag-prefix", "weekly", "--chunk-size", "3", "--max-projects", "2")

    assert list(plan) == [
        *(
            "campaign_id",
            "created_at",
            "execute",
            "db_path",
            "codegraphx_root",
            "limit",
            "min_lines",
            "root_prefix",
        ),
        *(
            "include_enriched",
            "chunk_size",
            "max_projects",
            "tag_prefix",
            "resume",
            "runs_total",
            "runs_planned",
        ),
        *(
            "runs_completed",
            "runs_failed",
            "runs_skipped_missing_path",
            "failed",
            "manifest_path",
            "runs",
        ),
    ]
    first, second = plan["runs"]
    assert [run["status"] for run in plan["runs"]] == ["planned", "skipped_missing_path"]
    assert (first["tag"], first["exists"], first["enrich_score"]) == (
        "weekly_01_big_one",
        True,
        0.4,
    )
    assert values(first["command"]) == {
        "target-root": str(there),
        "chunk-size": "3",
        "tag": "weekly_01_big_one",
        "update-db": str(bench.folder / "meta.duckdb.d" / "codegraphx" / "project_catalog.db"),
        "source-project": "big one",
        "max-projects": "2",
    }
    assert sorted(bench.folder.rglob("*")) == before and not bench.called()


def test_a_plan_is_written_to_the_given_file(bench: Bench) -> None:
    bench.publish(bench.project("one"))

    plan = bench.campaign("--output", str(bench.folder / "plan.json"))

    assert json.loads((bench.folder / "plan.json").read_text())["runs"] == plan["runs"]
    assert plan["manifest_path"] == str(bench.folder / "plan.json")


def test_without_codegraphx_a_campaign_is_planned_and_not_executed(
    bench: Bench, monkeypatch
) -> None:
    bench.publish(bench.project("one"))
    # The current folder is not searched: it may be a repository with a codegraphx of its own.
    monkeypatch.chdir(bench.folder / "bin")
    monkeypatch.setenv("PATH", ".")

    assert bench.campaign()["runs"][0]["command"][:3] == ["codegraphx", "enrich", "chunk-scan"]
    result = bench.ask("campaign", "--execute")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert not bench.published.with_name("meta.duckdb.d").exists()


def test_a_chunk_scan_is_planned_chunk_by_chunk(bench: Bench) -> None:
    root = bench.folder / "root"
    for name in ("b", "A", "c", ".hidden", "node_modules", "build", "mine"):
        (root / name).mkdir(parents=True)
    (root / "top.py").write_text("")
    (root / "notes.md").write_text("")

    result = bench.ask(
        "chunk-scan", "--target-root", str(root), "--chunk-size", "2", "--exclude", "mine", "--json"
    )

    plan = json.loads(result.stdout)
    assert [chunk["projects"] for chunk in plan["chunk_results"]] == [["A", "b"], ["c"]]
    assert {chunk["status"] for chunk in plan["chunk_results"]} == {"planned_new"}
    assert (plan["total_projects_scanned"], plan["total_chunks"], plan["tag"]) == (3, 2, "root")
    assert values(plan["command"])["exclude"] == "mine"
    page = bench.ask("chunk-scan", "--target-root", str(root)).stdout
    assert "1 source files" in page and "$ " in page and not bench.called()


def test_tags_are_those_of_codegraphx() -> None:
    assert [safe_tag(text) for text in ("Py Toolbelt", "__x.y__", "...", "-a-B_")] == [
        *("py_toolbelt", "x_y", "scan", "-a-b"),
    ]


# -- running ---------------------------------------------------------------------------------------


def test_an_executed_campaign_survives_failures_and_lands_what_it_made(bench: Bench) -> None:
    names = ("one", "two", "three")
    bench.publish(*(bench.project(name, *(["fail"] if name == "two" else [])) for name in names))

    done = bench.campaign("--execute", code=1)

    assert [run["status"] for run in done["runs"]] == ["completed", "failed", "completed"]
    assert (done["runs_completed"], done["runs_failed"], done["failed"]) == (2, 1, True)
    failed = done["runs"][1]
    assert (failed["return_code"], failed["stdout_tail"]) == (1, "")
    assert failed["stderr_tail"].splitlines() == [
        "first line of trouble",
        "last line of trouble\x1b[31m",
    ]
    manifest = Path(done["manifest_path"])
    assert json.loads(manifest.read_text())["runs"] == done["runs"]
    [[command, *landed]] = bench.landed()
    assert (command, landed) == ("codegraphx", bench.made("campaign_01_one", "campaign_03_three"))
    assert manifest.parent == Path(landed[-1])
    # Never in the current folder, which may have files that the tool would read.
    assert {folder for _, folder in bench.called()} == {"/"}


def test_a_campaign_can_stop_at_the_first_failure_and_resume(bench: Bench) -> None:
    paths = [bench.project(name) for name in ("one", "two", "three")]
    (paths[1] / "src" / "fail").write_text("")
    bench.publish(*paths)

    first = bench.campaign("--execute", "--stop-on-error", code=1)
    (paths[1] / "src" / "fail").unlink()
    # The backlog has changed since; the campaign is finished as it was planned.
    bench.published.unlink()
    bench.publish(bench.project("other"))
    second = bench.campaign("--execute", "--resume")

    assert [run["status"] for run in first["runs"]] == ["completed", "failed", "planned"]
    assert [run["status"] for run in second["runs"]] == ["completed"] * 3
    assert second["manifest_path"] == first["manifest_path"]
    assert second["runs"][0] == first["runs"][0]
    assert [values(words)["tag"] for words, _ in bench.called()] == [
        *("campaign_01_one", "campaign_02_two", "campaign_02_two", "campaign_03_three"),
    ]
    assert bench.landed()[1][1:] == bench.made(
        "campaign_01_one", "campaign_02_two", "campaign_03_three"
    )
    # It is finished, so that the next campaign is a new one.
    assert [run["name"] for run in bench.campaign("--execute", "--resume")["runs"]] == ["other"]


def test_a_finished_campaign_is_not_resumed(bench: Bench) -> None:
    bench.publish(bench.project("bad", "fail"), bench.folder / "w" / "gone")
    first = bench.campaign("--execute", "--output", str(bench.folder / "m.json"), code=1)
    bench.published.unlink()
    bench.publish(bench.project("other"))

    second = bench.campaign("--execute", "--resume", "--output", str(bench.folder / "m.json"))

    assert [run["status"] for run in first["runs"]] == ["failed", "skipped_missing_path"]
    assert [run["name"] for run in second["runs"]] == ["other"]


def test_a_hanging_scan_is_killed_with_its_child_processes(bench: Bench) -> None:
    slow, fast = bench.project("slow", "hang"), bench.project("fast")
    bench.publish(slow, fast)
    began = time.monotonic()

    done = bench.campaign("--execute", "--timeout", "1", code=1)

    assert time.monotonic() - began < 30
    assert [run["status"] for run in done["runs"]] == ["failed", "completed"]
    assert (done["runs"][0]["return_code"], done["runs"][0]["stderr_tail"]) == (
        -9,
        "stopped: it ran for more than 1 seconds",
    )
    group = int((slow / "pid").read_text())
    # A killed grandchild is a zombie until its new parent has waited for it.
    _wait_for(lambda: not _lives(group))


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_ending_a_campaign_ends_its_scan_and_it_can_be_resumed(
    bench: Bench, ending: signal.Signals
) -> None:
    slow = bench.project("slow", "hang")
    bench.publish(slow)
    words = [sys.executable, "-m", "enrich", "campaign", "--execute"]
    # A program that a shell starts in the background ignores an interrupt.
    process = subprocess.Popen(
        words,
        cwd=PROJECT_ROOT,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    _wait_for(lambda: (slow / "pid").exists() and (slow / "pid").read_text())
    group = int((slow / "pid").read_text())

    process.send_signal(ending)

    assert process.wait(60) == 128 + ending
    _wait_for(lambda: not _lives(group))
    (slow / "src" / "hang").unlink()
    assert bench.campaign("--execute", "--resume")["runs_completed"] == 1


def _wait_for(happens: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 60
    while not happens():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _lives(group: int) -> bool:
    """Return whether a process of the group is running; a zombie is not."""
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, its_group, *_ = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(its_group) == group and state != "Z":
            return True
    return False


def test_a_failed_landing_is_reported_with_the_command_that_repeats_it(bench: Bench) -> None:
    bench.publish(bench.project("one"))
    bench.lander.with_name("broken").write_text("")

    result = bench.ask("campaign", "--execute")

    assert result.exit_code == 1
    assert f"{bench.lander} codegraphx " in result.stderr


def test_only_one_campaign_runs_at_a_time(bench: Bench) -> None:
    bench.publish(bench.project("one"))
    with FileLock(bench.published.with_name("meta.duckdb.d") / "codegraphx.lock", "another"):
        result = bench.ask("campaign", "--execute")

    assert (result.exit_code, bench.called()) == (3, [])


def test_a_chunk_scan_is_executed_as_a_campaign_of_one(bench: Bench) -> None:
    root = bench.project("one")

    result = bench.ask("chunk-scan", "--target-root", str(root), "--execute", "--json")

    done = json.loads(result.stdout)
    assert (result.exit_code, done["runs_completed"], done["runs"][0]["status"]) == (
        0,
        1,
        "completed",
    )
    assert len(bench.landed()) == 1
    assert (
        bench.ask("chunk-scan", "--target-root", str(root), "--execute", "--dry-run").exit_code == 2
    )
    assert bench.ask("chunk-scan", "--target-root", str(root / "src" / "a.py")).exit_code == 2


def test_a_name_never_becomes_an_option_or_a_line(bench: Bench) -> None:
    sly = bench.project("--update-db=stolen.db")
    for name in ("x\n    root: etc", "y: z", "k #"):
        bench.project(f"lines/{name}")
    bench.publish(sly, bench.folder / "w" / "lines")

    done = bench.campaign("--execute", code=1)

    first, second = done["runs"]
    assert values(first["command"])["source-project"] == "--update-db=stolen.db"
    assert (first["status"], second["status"], second["return_code"]) == (
        "completed",
        "failed",
        None,
    )
    assert second["stderr_tail"].startswith("not started: ") and "\n" not in second["stderr_tail"]
    assert len(bench.called()) == 1


def test_hostile_names_are_printed_harmlessly(bench: Bench) -> None:
    bench.publish(bench.project("one", "fail"), bench.folder / "w" / HOSTILE)

    result = bench.ask("campaign", "--execute")

    assert result.exit_code == 1 and not OBEYED.search(result.stdout + result.stderr)
    assert "first line of trouble … last line of trouble" in result.stdout


def test_a_manifest_decides_what_is_scanned_and_not_what_is_run(bench: Bench) -> None:
    path = bench.folder / "m.json"
    run = {
        "candidate_index": 1,
        "name": "one",
        "path": str(bench.project("one")),
        "tag": "t",
        "status": "planned",
    }
    run |= {
        "command": ["touch", str(bench.folder / "owned")],
        "enrich_score": 1,
        "already_enriched": 0,
    }
    path.write_text(json.dumps({"runs": [run]}))

    done = bench.campaign("--execute", "--resume", "--output", str(path))

    absurd = [
        json.dumps({"runs": [run | {"candidate_index": float("inf")}]}),
        json.dumps({"runs": [run | {"tag": 1}]}),
    ]
    assert done["runs_completed"] == 1 and not (bench.folder / "owned").exists()
    for junk in (
        "junk",
        "[]",
        "{}",
        '{"runs": [1]}',
        '{"runs": [{"name": 1}]}',
        "[" * 100_000,
        *absurd,
    ):
        path.write_text(junk)
        assert bench.ask("campaign", "--execute", "--resume", "--output", str(path)).exit_code == 2


def test_the_results_of_a_campaign_are_landed_with_its_manifest_and_catalogue(
    bench: Bench, monkeypatch
) -> None:
    monkeypatch.setattr("enrich.commands.codegraphx.campaign.CODE_ROOT", PROJECT_ROOT)
    path = bench.project("one")
    bench.project("lines/y: z")
    bench.publish(path, bench.folder / "w" / "lines")

    bench.campaign("--execute", code=1)

    def landed(table: str) -> list[dict[str, Any]]:
        zone = LandingZone(bench.landing)
        files = [file for entry in zone.entries() for file in entry.files if file.table == table]
        return [row for file in files for row in pq.read_table(file.path).to_pylist()]

    kinds = {row["kind"]: row["state"] for row in landed("artifacts")}
    assert kinds == dict.fromkeys(("scan", "chunk_scan_summary", "campaign", "catalog"), "landed")
    assert [row["path"] for row in landed("codegraphx_scan_rows")] == [str(path / "src" / "a.py")]
    [note] = landed("catalog_enrichment")
    assert (note["source_path"], note["source_project"], note["scan_file_count"]) == (
        str(path),
        "one",
        1,
    )


# -- a checkout ------------------------------------------------------------------------------------


@pytest.fixture
def checkout(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of the tool, and a program `uv` that starts its arguments."""
    root = bench.folder / "checkout"
    (root / "config").mkdir(parents=True)
    (root / "scripts").mkdir()
    (root / "scripts" / "chunked_scan_enrich.py").write_text(
        (bench.folder / "bin" / "codegraphx").read_text()
    )
    uv = bench.folder / "bin" / "uv"
    uv.write_text('#!/bin/sh\nshift 2\nexec "$UV_PYTHON" "$@"\n')
    uv.chmod(0o755)
    monkeypatch.setenv("UV_PYTHON", sys.executable)
    monkeypatch.setenv("META_CODEGRAPHX_ROOT", str(root))
    return root


def test_a_checkout_is_run_in_its_own_folder(bench: Bench, checkout: Path) -> None:
    bench.publish(bench.project("one"))

    done = bench.campaign("--execute")

    assert done["codegraphx_root"] == str(checkout)
    assert done["runs"][0]["command"][1:4] == [
        "run",
        "python",
        str(checkout / "scripts" / "chunked_scan_enrich.py"),
    ]
    assert [folder for _, folder in bench.called()] == [str(checkout)]
    assert bench.ask("campaign", "--codegraphx-root", str(bench.folder)).exit_code == 2


def scanned(checkout: Path, root: Path, *chunks: list[str], tag: str = "t") -> None:
    """Write the files that a chunk scan of CodeGraphX leaves for these chunks."""
    for number, names in enumerate(chunks, 1):
        config = checkout / "config" / f"{tag}_chunks" / f"projects_chunk_{number:02d}.yaml"
        scan = checkout / "data" / f"{tag}_chunks" / f"chunk_{number:02d}" / "scan.jsonl"
        for path in (config, scan):
            path.parent.mkdir(parents=True, exist_ok=True)
        lines = [
            f"  - name: {name}\n    root: {root / name}\n    exclude:\n      - .git\n"
            for name in names
        ]
        config.write_text("projects:\n" + "".join(lines))
        scan.write_text("{}\n")


def test_chunks_are_reused_only_if_they_still_match(bench: Bench, checkout: Path) -> None:
    root = bench.folder / "w"
    for name in ("a", "b", "c"):
        (root / name).mkdir(parents=True)
    scanned(checkout, root, ["a", "b"], ["c"])

    def may_resume() -> bool:
        result = bench.ask(
            "chunk-scan", "--target-root", str(root), "--tag", "t", *words, "--resume", "--json"
        )
        return "--resume" in json.loads(result.stdout)["command"]

    words = ["--chunk-size", "2"]
    assert may_resume()
    (root / "0").mkdir()  # It sorts first, so that the chunks have other folders.
    assert not may_resume()
    (root / "0").rmdir()
    assert may_resume()
    scan = checkout / "data" / "t_chunks" / "chunk_02" / "scan.jsonl"
    scan.write_text('{}\n{"path')  # Stopped while it was written.
    assert not may_resume()
    scan.unlink()
    assert may_resume()
    os.utime(scan.parents[1] / "chunk_01" / "scan.jsonl", (1, 1))  # Older than its configuration.
    assert not may_resume()
    scan.parents[1].rename(scan.parents[1].with_name("elsewhere"))
    assert not may_resume()


def test_a_plan_shows_existing_chunks(bench: Bench, checkout: Path) -> None:
    for name in ("a", "b"):
        (bench.folder / "w" / name).mkdir(parents=True)
    scanned(checkout, bench.folder / "w", ["a"])

    words = ["--target-root", str(bench.folder / "w"), "--tag", "t", "--chunk-size", "1", "--json"]
    chunks = json.loads(bench.ask("chunk-scan", *words).stdout)["chunk_results"]

    assert [(chunk["status"], chunk["rows"]) for chunk in chunks] == [
        ("planned_existing", 1),
        ("planned_new", 0),
    ]
    assert plan_chunks(str(bench.folder / "w"), "t", 1).folders == 2
