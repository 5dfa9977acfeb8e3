"""The benchmark runs, measures the same files on both sides, and says when it would not.

No time is asserted.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from git_fixtures import git, make_repository
from read_reports import read_report

from bench import history, refreshing
from bench.__main__ import SECTIONS
from bench.checkouts import Checkout, Pair
from bench.comparing import Result, Section, run_section
from bench.events import landed_events
from bench.large_zone import land_large_zone
from bench.measuring import Measurement, measure
from bench.refreshing import refreshes
from bench.report import as_object, write_table
from bench.reports import KINDS, write_report
from bench.trees import Home, Tree, Unequal, compare_lists, list_with_find, prepare, prune_arguments
from loaders.base.paths import PROJECT_ROOT
from loaders.sources import registry
from loaders.sources.reports.known_formats import BY_NAME
from loaders.zone.landing import LandingZone

CRAWL_SECTIONS = ("first-crawl", "no-change-crawl")


@pytest.fixture
def tree(world: Path, tmp_path: Path) -> Tree:
    """A crawled tree with names, links and folders on which two listings might differ."""
    for name in (
        "plain.txt",
        "new\nline",
        "sp ace",
        "back\\slash",
        "-n",
        "app/[x]/*.py",
        "sub/.git/config",
    ):
        (world / name).parent.mkdir(parents=True, exist_ok=True)
        (world / name).write_text(f"content of {name}")
    (world / os.fsdecode(b"not-utf8-\xff")).write_text("bytes")
    (world / "link").symlink_to("nowhere")
    (world / "linked folder").symlink_to("app")
    os.mkfifo(world / "pipe")
    subprocess.run(["git", "init", "--quiet", "--bare", str(world / "bare[1].git")], check=True)
    return prepare(os.fsencode(world), "everything", tmp_path / "scratch")


def test_both_sides_of_the_benchmark_read_the_same_files(tree: Tree):
    assert (tree.entries, tree.files) == (10, 7)
    read = tree.read_list.read_bytes().split(b"\0")[:-1]
    assert len(read) == len(set(read)) == 7
    assert tree.bytes == sum(os.path.getsize(path) for path in read)


def test_a_file_that_only_one_side_finds_is_reported(tree: Tree, world: Path):
    found = list_with_find(tree.root, tree.prunes)
    with pytest.raises(
        Unequal, match="1 files only the crawl found: .*plain.txt; 0 files only find found"
    ):
        compare_lists(found, found - {os.fsencode(world / "plain.txt")})
    (world / "late").write_text("written after the crawl")
    with pytest.raises(
        Unequal, match="0 files only the crawl found; 1 files only find found: .*late"
    ):
        compare_lists(found, list_with_find(tree.root, tree.prunes))


def test_without_its_path_a_bare_repository_is_not_pruned(tree: Tree):
    found = list_with_find(tree.root, prune_arguments("everything", iter(())))
    assert any(path.endswith(b"bare[1].git/HEAD") for path in found)


def test_the_command_reports_its_measurements(world: Path, tmp_path: Path):
    (world / "a").write_text("a")
    (world / "b").write_text("")
    chosen = [word for name in CRAWL_SECTIONS for word in ("--section", name)]
    command = [sys.executable, "-m", "bench", "--repeat", "2", "--json", *chosen, str(world)]
    answer = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=True)
    measured = json.loads(answer.stdout)
    assert (measured["files"], measured["bytes"], measured["lists_equal"]) == (2, 1, True)
    assert [(row["section"], row["side"], row["is_yardstick"]) for row in measured["results"]] == [
        ("first crawl", "sha256sum -P2", True),
        ("first crawl", "crawl", False),
        ("no-change crawl", "find -printf", True),
        ("no-change crawl", "crawl", False),
    ]
    for row in measured["results"]:
        assert len(row["runs"]) == 2
        assert len(row["paired_ratios"]) == (0 if row["is_yardstick"] else 2)
        assert set(row["per_second"]) == (
            {"files", "bytes"} if row["section"] == "first crawl" else {"files"}
        )
    assert not (tmp_path / "zone").exists(), (
        "the landing zone of the person who measures was touched"
    )


def test_every_section_names_its_commands(tree: Tree, monkeypatch: pytest.MonkeyPatch):
    """They are not run, nor is the refresh whose file one of them asks."""

    def measured(command: list[str], environment: dict[str, str]) -> None:
        if "refresh-meta" not in command:
            measure(command, environment)

    monkeypatch.setattr(history, "measure", measured)
    for name, make in SECTIONS.items():
        if name == "refresh":
            continue
        made = make(replace(tree, events=10))
        for section in [made] if isinstance(made, Section) else made:
            assert section.amounts
            assert all(side.name and side.command() for side in section.sides)


def test_the_generated_reports_are_read_whole(tmp_path: Path):
    for kind in KINDS:
        report = tmp_path / kind.form
        write_report(report, kind.pieces(random.Random(1)), kind.end, 0)
        if kind.form in BY_NAME:
            facts = read_report(report)
            assert facts.format == kind.form
            assert facts.findings or facts.tests or facts.coverage


def test_a_tiny_file_of_events_lands_whole(tree: Tree):
    section = landed_events(replace(tree, events=1000))
    assert [side.name for side in section.sides] == ["json.loads", "land.py codegraphx"]
    for side in section.sides:
        side.measure()
    zone = LandingZone(tree.scratch / "events" / "landing")
    [entry] = [entry for entry in zone.entries() if entry.action == "codegraphx"]
    counts = [entry.manifest[name] for name in ("landed", "quarantined", "error_count")]
    assert counts == [1000, 0, 0]


def test_a_folder_around_the_scratch_folder_is_refused(tmp_path: Path):
    command = [sys.executable, "-m", "bench", str(tmp_path)]
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    answer = subprocess.run(
        command, cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True
    )
    assert answer.returncode == 2
    assert "set TMPDIR" in answer.stderr


def _checkout(folder: Path) -> Path:
    """A folder with the programs of a checkout, which do nothing."""
    for name in ("enrich", "dbt"):
        program = folder / ".venv/bin" / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    return folder


def _publish(home: Home, size: int) -> None:
    home.folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(home.where.published)) as db:
        db.execute(
            f"create or replace table files as select 'a' as file_path, {size} as size_bytes"
        )
        db.execute("create or replace table git_commits as select 'c' as commit_sha")


def test_refreshes_of_two_checkouts_are_changed_measured_and_compared_alike(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    make_repository(world / "one", commits=2)
    (world / "one/main.py").write_text("print(1)\n")
    git(world / "one", "add", "-A")
    git(world / "one", "commit", "-q", "-m", "main")
    against = _checkout(tmp_path / "earlier")
    commands: list[tuple[str, str]] = []

    def measured(command: Sequence[str], environment: dict[str, str], **_: object) -> Measurement:
        words = [Path(word).name for word in map(str, command) if "META_NOW" not in word]
        commands.append((Path(environment["META_DB_PATH"]).parent.name, " ".join(words[:3])))
        return Measurement(1.0, 1.0, 0.0, 100, 70 if "ours" in commands[-1][0] else 100)

    for module in ("checkouts", "comparing"):
        monkeypatch.setattr(f"bench.{module}.measure", measured)
    monkeypatch.setattr(Checkout, "facts", lambda self: ())
    monkeypatch.setattr(refreshing, "land_large_zone", lambda *_: commands.append(("zone", "")))
    tree = replace(prepare(os.fsencode(world), "everything", tmp_path / "s"), against=against)
    results: list[Result] = []
    for section in refreshes(tree):
        before = len(commands)
        results += run_section(section, 2, lambda line: None)
        sides = [side for side, _ in commands[before:]]
        assert sides == ["other", "ours"] * (section.most_runs or 2), section.name
    measured_all = as_object(tree, 2, results)
    limits = {row["section"]: row["limits"] for row in measured_all["results"] if row["limits"]}
    assert {name: next(iter(of.values()))["limit"] for name, of in limits.items()} == {
        "refresh: nothing changed": 0.15,
        "refresh: one file edited": 0.5,
        "refresh: one commit": 0.5,
        "refresh: whole dbt build": 1.0,
        "refresh: next day": 0.4,
        "refresh, large: first": 0.7,
        "refresh, large: nothing changed": 0.1,
        "refresh, large: one repository changed": 0.35,
    }
    assert limits["refresh, large: first"]["memory"] == {"ratio": 0.7, "limit": 0.7}
    clone = tree.scratch / "refresh/clones/0"
    # Two edits without a commit, of which the first of two commits takes the text.
    assert (clone / "main.py").read_text() == "print(1)\n" + "\n" * 4
    assert git(clone, "rev-list", "--count", "HEAD") == b"5"
    write_table(measured_all)
    page = capsys.readouterr().out
    assert "refresh, large: first: memory 0.70 of at most 0.70" in page
    assert "the median counts" in page


def test_two_checkouts_that_publish_other_facts_are_not_compared(tmp_path: Path):
    homes = Home(tmp_path / "ours"), Home(tmp_path / "other")
    sides = [Checkout(home.folder.name, tmp_path, tmp_path, home) for home in homes]
    for home in homes:
        _publish(home, 7)
    Pair(*sides).compare()
    _publish(homes[1], 8)
    with pytest.raises(Unequal, match="published other facts"):
        Pair(*sides).compare()


def test_the_generated_zone_has_the_columns_and_versions_of_the_zone_that_it_is_added_to(
    zone: LandingZone,
):
    for table in registry.TABLES:
        zone.empty_table(table)
    with zone.run("signals") as run:
        run.table("file_signals").append_rows(
            [{"sha256": "0" * 64, "extractor_version": "of older code", "parse_state": "tree"}]
        )
    landed = land_large_zone(zone.path, 1_000, datetime(2026, 9, 1, tzinfo=UTC))
    assert (landed["crawl_files"], landed["file_signals"]) == (1_000, 500)
    assert (landed["git_commits"], landed["git_changes"]) == (500, 5_000)
    files = [file for entry in zone.entries() for file in entry.files]
    read = ", ".join(f"'{file.path}'" for file in files if file.table == "file_signals")
    with duckdb.connect() as db:
        [(versions,)] = db.execute(
            f"select count(distinct extractor_version) from read_parquet([{read}])"
        ).fetchall()
    assert versions == 1
    assert all(entry.is_whole() for entry in zone.entries())


def test_a_refresh_is_measured_against_another_checkout_only(world: Path):
    command = [sys.executable, "-m", "bench", "--section", "refresh", str(world)]
    answer = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True)
    assert answer.returncode == 2
    assert "needs --against CHECKOUT" in answer.stderr
