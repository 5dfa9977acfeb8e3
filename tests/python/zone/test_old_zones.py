"""A refresh of today remembers and shows the same as the commit that made an old zone.

`make_old_zones.py` made them, and writes what the old code published into `shown.json` beside each.
The folder that was crawled is not there any more, which removes nothing.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from make_old_zones import COMMITS, ROOT, SHOWN, ZONES
from product import Product
from replayed_build import refresh
from worlds import small_workspace

from loaders.zone.landed_rows import rows_in_order
from loaders.zone.landing import LandingZone

NOW = "2026-09-10T02:00:00+00:00"
_JUDGED_BY_THEN = "2026-09-10 02:00:00"
# In the second week, beta gets a copy of alpha in its folder `vendored`.
_ABOUT_VENDORED_FILES = ("FILE_MISSING_FROM_SCAN", str(ROOT / "beta"))


@dataclass
class Upgraded:
    """A zone of an earlier commit, refreshed by today's code, and the answers of that commit."""

    commit: str
    product: Product
    shown: dict[str, list[dict[str, Any]]]
    output: str

    def now(self, name: str) -> list[dict[str, Any]]:
        with duckdb.connect(str(self.product.published), read_only=True) as db:
            rows = db.sql(SHOWN[name]).to_arrow_table().to_pylist()
        return json.loads(json.dumps(rows, default=str))


# The first format and the last; the others by META_TEST_LONG.
_FEW = ("0f62fd1", "1f16e96")


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=[] if name in _FEW else pytest.mark.long) for name in COMMITS],
)
def upgraded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Upgraded:
    assert not ROOT.exists(), "make_old_zones.py is under way, or was killed"
    home = tmp_path_factory.mktemp(f"zone-{request.param}")
    shutil.copytree(ZONES / request.param / "zone", home / "landing")
    product = Product(home, now=NOW)
    output = refresh(product)
    shown = json.loads((ZONES / request.param / "shown.json").read_text())
    return Upgraded(request.param, product, shown, output.stdout + output.stderr)


def test_a_refresh_publishes_and_the_missing_root_is_reported(upgraded: Upgraded) -> None:
    assert "published: version 1" in upgraded.output
    assert str(ROOT) in upgraded.output


def _as_judged_now(row: dict[str, Any]) -> dict[str, Any]:
    """Return *row* unless it is about vendored files, which no rule judges any longer."""
    if (row["gap_type"], row["project_path"]) == _ABOUT_VENDORED_FILES:
        return row | {"status": "resolved", "resolved_at": _JUDGED_BY_THEN}
    return row


def test_findings_are_remembered_as_they_were_shown(upgraded: Upgraded) -> None:
    now = {row["finding_id"]: row for row in upgraded.now("findings")}
    assert upgraded.shown["findings"]
    assert [now.get(row["finding_id"]) for row in upgraded.shown["findings"]] == [
        _as_judged_now(row) for row in upgraded.shown["findings"]
    ]
    statuses = {row["status"] for row in upgraded.shown["findings"]}
    assert {"open", "resolved", "waived"} <= statuses, "the zone tells every kind of memory"


def test_findings_not_shown_then_belong_to_later_rules(upgraded: Upgraded) -> None:
    shown = {row["finding_id"] for row in upgraded.shown["findings"]}
    new = [row for row in upgraded.now("findings") if row["finding_id"] not in shown]
    assert {row["first_seen"] for row in new} <= {_JUDGED_BY_THEN}
    then = {row["gap_type"] for row in upgraded.shown["rules"]}
    assert {row["gap_type"] for row in new} & then == set()


def test_projects_waivers_and_runs_are_unchanged(upgraded: Upgraded) -> None:
    for name in ("projects", "waivers"):
        assert upgraded.shown[name] and upgraded.now(name) == upgraded.shown[name]
    now = upgraded.now("runs")
    # The run that landed what the last build saw was not in that build.
    assert [row for row in now if row in upgraded.shown["runs"]] == upgraded.shown["runs"]
    assert (
        len({row["run_id"] for row in now})
        == len(LandingZone(upgraded.product.landing).entries()) - 1
    )


def test_files_are_unchanged(upgraded: Upgraded) -> None:
    # The kind of a file is judged again, because the rules for it have changed.
    kept = ("file_path", "sha256", "size_bytes", "first_seen")
    then, now = (
        [{name: row[name] for name in kept} for row in rows]
        for rows in (upgraded.shown["files"], upgraded.now("files"))
    )
    assert then and now == then


def test_history_is_unchanged(upgraded: Upgraded) -> None:
    assert bool(upgraded.shown["history"]) == (upgraded.commit == "1f16e96")
    assert upgraded.now("history") == upgraded.shown["history"]


def test_the_zone_is_verified_and_compacted(upgraded: Upgraded, tmp_path: Path) -> None:
    product = upgraded.product.twin(tmp_path / "twin", with_database=False)
    before = rows_in_order(LandingZone(product.landing), "finding_events")
    assert "all as landed" in product.land("verify").stdout
    assert "merged into" in product.land("compact").stdout
    assert "all as landed" in product.land("verify").stdout
    assert rows_in_order(LandingZone(product.landing), "finding_events") == before != []


def test_the_zone_is_backed_up_and_restored(upgraded: Upgraded, tmp_path: Path) -> None:
    backup, restored = tmp_path / "backup", Product(tmp_path / "restored", now=NOW)
    upgraded.product.enrich("backup", backup)
    assert "all as landed" in upgraded.product.land("verify", backup).stdout
    restored.enrich("restore", backup)
    assert "all as landed" in restored.land("verify").stdout
    entries = LandingZone(restored.landing).entries()
    assert len(entries) == len(LandingZone(upgraded.product.landing).entries())
    assert restored.query(SHOWN["findings"]) == upgraded.product.query(SHOWN["findings"])


def test_the_zone_is_crawled_into_again(upgraded: Upgraded, tmp_path: Path) -> None:
    product = upgraded.product.twin(tmp_path / "twin", with_database=False)
    code = small_workspace(tmp_path / "code")
    first = product.crawl(code)
    assert first["landed"] > 0 and first["errors"] == 0
    again = product.crawl(code)
    assert again["landed"] == 0 and again["unchanged"] > 0


def test_the_zones_are_small_and_do_not_name_the_machine_that_made_them() -> None:
    assert sorted(path.name for path in ZONES.iterdir()) == sorted(COMMITS)
    files = [path for path in ZONES.rglob("*") if path.is_file()]
    assert max(path.stat().st_size for path in files) < 50_000
    assert [
        path for path in files if path.suffix == ".json" and b"/tmp/" in path.read_bytes()
    ] == []
