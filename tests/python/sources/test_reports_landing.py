"""Reports land once per content, only what changed, and whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from worlds import plant

import loaders.sources.reports.land as land_module
from loaders.base.locks import Busy
from loaders.keeping.compact import compact
from loaders.sources.reports.land import Summary, land_reports
from loaders.sources.reports.source import reports
from loaders.zone.landing import LandingZone
from loaders.zone.registered import registered_sources
from loaders.zone.runs import Counts, Run


def _log(rule: str, *, path: str = "src/app.py", count: int = 1) -> bytes:
    place = {"physicalLocation": {"artifactLocation": {"uri": path}, "region": {"startLine": 3}}}
    result = {"ruleId": rule, "message": {"text": "wrong"}, "locations": [place]}
    driver = {"name": "Lint", "rules": [{"id": rule}]}
    run = {"tool": {"driver": driver}, "results": [result] * count}
    return json.dumps({"version": "2.1.0", "runs": [run]}).encode()


def _land(zone: LandingZone, *paths: Path, **options: Any) -> tuple[Run, Summary]:
    return land_reports(zone, map(os.fsencode, paths), ["test"], **options)


def _rows(zone: LandingZone, table: str) -> list[dict[str, Any]]:
    return [
        row
        for entry in zone.entries()
        for file in entry.files
        if file.table == table
        for row in pq.read_table(file.path).to_pylist()
    ]


def _states(summary: Summary) -> dict[str, str]:
    return {os.path.basename(one.path): one.state for one in summary.reports}


def test_reports_are_found_by_content_and_land_once_per_content(zone, world):
    log = _log("X1")
    plant(
        world,
        {
            "a.sarif": log,
            "deep": {"er": {"no-ending": log}},
            "package.json": b'{"name": "x"}',
            "b.txt": _log("X2", count=3),
        },
    )
    run, summary = _land(zone, world)
    assert run.counts == Counts(landed=3, skipped=1)
    assert _states(summary) == {"a.sarif": "landed", "no-ending": "landed", "b.txt": "landed"}
    assert [row["rule_id"] for row in _rows(zone, "report_findings")] == ["X1", *["X2"] * 3]
    assert len(_rows(zone, "report_contents")) == 2
    assert {row["format"] for row in _rows(zone, "reports")} == {"sarif", None}
    assert [one.path for one in registered_sources(zone, "reports")] == [str(world)]


def test_a_report_that_did_not_change_is_not_opened(zone, world, monkeypatch):
    plant(world, {"a.sarif": _log("X1"), "torn.sarif": _log("X2")[:-9], "other.json": b"{}"})
    assert _land(zone, world)[0].counts == Counts(landed=1, skipped=1, quarantined=1)
    monkeypatch.setattr(land_module, "opened", None)
    run, summary = _land(zone, world)
    assert run.counts == Counts(unchanged=1, skipped=1, quarantined=1)
    assert _states(summary) == {"a.sarif": "unchanged", "torn.sarif": "quarantined"}
    assert run.problems == [f"{world}/torn.sarif: it ends in the middle, as before"]
    assert len(_rows(zone, "reports")) == 3


def test_a_report_that_was_written_again_with_the_same_content_lands_no_rows(zone, world):
    plant(world, {"a.sarif": _log("X1")})
    _land(zone, world)
    (world / "a.sarif").unlink()
    plant(world, {"a.sarif": _log("X1")})
    assert _land(zone, world)[0].counts == Counts(unchanged=1)
    assert len(_rows(zone, "report_findings")) == 1
    plant(world, {"a.sarif": _log("X9")})
    assert _land(zone, world)[0].counts == Counts(landed=1)
    assert [row["rule_id"] for row in _rows(zone, "report_findings")] == ["X1", "X9"]


def test_a_better_reader_reads_known_contents_again(zone, world, monkeypatch):
    plant(world, {"a.sarif": _log("X1")})
    _land(zone, world)
    better = replace(land_module.BY_NAME["sarif"], version=99)
    monkeypatch.setitem(land_module.BY_NAME, "sarif", better)
    monkeypatch.setattr(land_module, "form_of", lambda _: better)
    _land(zone, world)
    assert {row["reader_version"] for row in _rows(zone, "report_findings")} == {1, 99}
    assert _land(zone, world)[0].counts == Counts(unchanged=1)


def test_neighbours_of_hostile_reports_land(zone, world):
    good = _log("X1")
    plant(
        world,
        {
            "a.sarif": good,
            "b.sarif": good[:-5],
            "c.sarif": good.replace(b'"wrong"', b"NaN"),
            "d.sarif": good.replace(b'"wrong"', b"[" * 9_000),
            "e.sarif": good.replace(b'"ruleId"', b'"message"'),
            "f.sarif": good.replace(b"wrong", b"\xff"),
            "g.sarif": good + b"}",
            "h.sarif": good.replace(b'"wrong"', b"3"),
            # Rows that were passed on before the fault are removed again.
            "i.sarif": _log("X2", count=6_000)[:-5],
            "j.sarif": _log("X3"),
        },
    )
    run, summary = _land(zone, world)
    assert run.counts == Counts(landed=2, quarantined=8) and len(run.problems) == 8
    assert all("\n" not in problem and ".sarif (sarif): " in problem for problem in run.problems)
    assert [row["rule_id"] for row in _rows(zone, "report_findings")] == ["X1", "X3"]
    quarantined = [row for row in _rows(zone, "reports") if row["state"] == "quarantined"]
    assert len(quarantined) == 8 and all(row["reason"] and row["sha256"] for row in quarantined)
    assert sum(one.state == "quarantined" for one in summary.reports) == 8


def test_what_is_gone_is_noted_but_an_empty_folder_is_unmounted(zone, world):
    plant(world, {"in": {"a.sarif": _log("X1"), "b.sarif": _log("X2"), "note": b"x"}})
    _land(zone, world / "in")
    (world / "in/a.sarif").unlink()
    _, summary = _land(zone, world / "in")
    assert _states(summary) == {"b.sarif": "unchanged", "a.sarif": "gone"}
    assert "gone" not in _states(_land(zone, world / "in")[1]).values()
    shutil.rmtree(world / "in")
    (world / "in").mkdir()
    run, summary = _land(zone, world / "in")
    assert not summary.reports and not run.problem_count
    (world / "in").rmdir()
    run, summary = _land(zone, world / "in")
    assert not summary.reports and "mount it, or forget it as a source" in run.problems[0]
    assert [row["state"] for row in _rows(zone, "reports")].count("gone") == 1


def test_a_folder_that_became_a_link_is_not_followed(zone, world, tmp_path):
    plant(world, {"ci": {"a.sarif": _log("X1")}, "b.sarif": _log("X2")})
    _land(zone, world)
    (world / "ci").rename(tmp_path / "elsewhere")
    (world / "ci").symlink_to(tmp_path / "elsewhere")
    (world / "c.sarif").symlink_to(tmp_path / "elsewhere/a.sarif")
    run, summary = _land(zone, world)
    assert run.counts.landed == 0 and _states(summary)["b.sarif"] == "unchanged"
    assert "c.sarif" not in _states(summary)


def test_rows_in_a_damaged_file_land_again(zone, world):
    plant(world, {"a.sarif": _log("X1")})
    _land(zone, world)
    [path] = [
        file.path
        for entry in zone.entries()
        for file in entry.files
        if file.table == "report_findings"
    ]
    path.write_bytes(path.read_bytes()[:-10])
    assert _land(zone, world)[0].counts.discovered == 1
    assert [row["rule_id"] for row in _rows(zone, "report_findings")] == ["X1"]
    assert _land(zone, world)[0].counts == Counts(unchanged=1)


def test_after_a_compaction_nothing_lands_again(zone, world):
    for number in range(3):
        plant(world, {f"{number}.sarif": _log(f"X{number}")})
        _land(zone, world)
    merged = compact(zone, ["test"])
    assert merged is not None and merged.counts.unchanged
    assert _land(zone, world)[0].counts == Counts(unchanged=3)
    assert [row["rule_id"] for row in _rows(zone, "report_findings")] == ["X0", "X1", "X2"]


def test_a_rehearsal_counts_and_lands_nothing(zone, world):
    plant(world, {"a.sarif": _log("X1"), "torn.sarif": _log("X2")[:-9]})
    run, summary = _land(zone, world, is_rehearsal=True)
    assert run.counts == Counts(landed=1, quarantined=1)
    assert _states(summary) == {"a.sarif": "landed", "torn.sarif": "quarantined"}
    assert not zone.entries()


def test_the_same_reports_cannot_land_twice_at_the_same_time(zone, world, monkeypatch):
    plant(world, {"a.sarif": _log("X1")})
    seen = []

    def again(head):
        with pytest.raises(Busy):
            _land(zone, world)
        seen.append(head)
        return

    monkeypatch.setattr(land_module, "form_of", again)
    _land(zone, world)
    assert seen


def test_secrets_in_messages_are_masked(zone, world):
    token = "ghp_" + "a1B2c3D4e5F6" * 3
    plant(world, {"a.sarif": _log("X1").replace(b"wrong", f"token {token} here".encode())})
    _land(zone, world)
    [row] = _rows(zone, "report_findings")
    assert token not in str(row) and row["message"].startswith("token [secret: ")


def _command(zone: LandingZone, *arguments: object) -> Result:
    environment = {"META_LANDING_DIR": str(zone.path)}
    return CliRunner().invoke(reports, list(map(str, arguments)), env=environment)


def test_the_command_prints_totals_and_what_became_of_each_report(zone, world):
    plant(world, {"a.sarif": _log("X1"), "torn.sarif": _log("X2")[:-9], "other.json": b"{}"})
    tried = _command(zone, world, "--json", "--dry-run")
    assert tried.exit_code == 0 and not zone.entries()
    said = _command(zone, world, "--json")
    totals = json.loads(said.stdout)
    assert said.exit_code == 0 and said.stderr.count("\n") == 1
    for name, count in json.loads(tried.stdout).items():
        assert name in ("dry_run", "run_id") or totals[name] == count
    assert totals["reports"][0] == {
        "path": f"{world}/a.sarif",
        "format": "sarif",
        "state": "landed",
        "rows": 4,
        "reason": None,
    }
    again = _command(zone, world)
    assert again.stdout.startswith("reports: ") and "1 sarif" in again.stdout


def test_the_exit_code_says_whether_a_report_was_found(zone, world):
    plant(world, {"a.sarif": _log("X1"), "b": {"torn.sarif": _log("X2")[:-9]}, "c": {"d": b"x"}})
    assert _command(zone, world).exit_code == 0
    assert _command(zone, world, "--strict").exit_code == 1
    assert _command(zone, world / "b").exit_code == 1
    nothing = _command(zone, world / "c")
    assert nothing.exit_code == 1
    assert f"{world}/c: no report in a format that is known here" in nothing.stderr
    assert _command(zone, world / "missing").exit_code == 1
    assert _command(zone).exit_code == 2
