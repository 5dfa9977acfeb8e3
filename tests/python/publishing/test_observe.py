"""Several published files over one landing zone share one memory.

No change is recorded twice, and the fold stays whole.
"""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from loaders.keeping.compact import compact
from loaders.publishing.observe import observe
from loaders.sources import registry
from loaders.zone.landed_rows import rows_in_order
from loaders.zone.landing import LandingError, LandingZone

_TYPES = {
    "string": "varchar",
    "double": "double",
    "int64": "bigint",
    "date32[day]": "date",
    "bool": "boolean",
}
_KINDS = {
    "finding_events": "int_gaps__finding_changes",
    "action_events": "int_actions__changes",
    "rule_observations": "int_memory__rule_changes",
    "metric_observations": "int_memory__metric_changes",
    "project_observations": "int_health__project_changes",
    "technology_snapshots": "int_technologies__snapshot_changes",
}


@dataclass
class Build:
    """A build that has read the log and judged, and has yet to publish.

    Its pending changes of the memory are in *draft*.
    """

    zone: LandingZone
    draft: Path
    landed_up_to: int
    landed_last: str | None

    def remember(self) -> int:
        return observe(self.draft, self.zone, ["test"], self.landed_up_to, self.landed_last).changes


def _sql_type(kind: object) -> str:
    text = str(kind)
    return _TYPES.get(text) or ("timestamp" if text.startswith("timestamp") else "decimal(7, 3)")


def _draft(path: Path, rows: dict[str, list[dict]]) -> Path:
    with duckdb.connect(str(path)) as db:
        db.execute("create schema internal")
        for table, model in _KINDS.items():
            columns = [item for item in registry.TABLES[table] if item.name != "run_id"]
            name = f"internal.{model}"
            db.execute(
                f"create table {name}"
                f" ({', '.join(f'{one.name} {_sql_type(one.type)}' for one in columns)})"
            )
            for row in rows.get(table, []):
                marks = ", ".join("?" for _ in row)
                db.execute(
                    f"insert into {name} ({', '.join(row)}) values ({marks})", list(row.values())
                )
    return path


def _open_now(zone: LandingZone) -> tuple[set[str], set[str]]:
    """Return the findings that are open by the fold, and all that ever were.

    An impossible event fails the test.
    """
    is_open: set[str] = set()
    ever: set[str] = set()
    for row in rows_in_order(zone, "finding_events"):
        finding, kind = row["finding_id"], row["kind"]
        assert (kind == "closed") is (finding in is_open), (kind, finding)
        assert (kind == "reopened") is (finding in ever and finding not in is_open), (kind, finding)
        (is_open.discard if kind == "closed" else is_open.add)(finding)
        ever.add(finding)
    return is_open, ever


class Site:
    """Builds over one zone, each of which sees a set of findings."""

    def __init__(self, zone: LandingZone, folder: Path) -> None:
        self.zone, self.folder, self.count = zone, folder, 0

    def build(self, seen: Iterable[str], **others: list[dict]) -> Build:
        """Do everything that a build does before it publishes.

        It reads the log, folds, and compares with the findings that it has *seen* now.
        """
        entries = self.zone.entries()
        is_open, ever = _open_now(self.zone)
        now = datetime(2026, 1, 1)
        kinds = {
            finding: "reopened" if finding in ever else "opened" for finding in set(seen) - is_open
        }
        kinds |= dict.fromkeys(is_open - set(seen), "closed")
        rows = [
            {"kind": kind, "cause": "world", "finding_id": finding, "observed_at": now}
            for finding, kind in kinds.items()
        ]
        self.count += 1
        draft = _draft(self.folder / f"{self.count}.duckdb", {"finding_events": rows, **others})
        return Build(self.zone, draft, len(entries), entries[-1].run_id if entries else None)


@pytest.fixture
def site(zone: LandingZone, tmp_path: Path) -> Site:
    return Site(zone, tmp_path)


def _events(zone: LandingZone) -> list[tuple[str, str]]:
    return [(row["kind"], row["finding_id"]) for row in rows_in_order(zone, "finding_events")]


def test_builds_in_sequence_record_a_change_once(site: Site) -> None:
    assert site.build({"a", "b"}).remember() == 2
    assert site.build({"a", "b"}).remember() == 0
    assert site.build({"a"}).remember() == 1
    assert sorted(_events(site.zone)) == [("closed", "b"), ("opened", "a"), ("opened", "b")]


def test_two_concurrent_builds_record_a_change_once(site: Site) -> None:
    first, second = site.build({"a", "b"}), site.build({"a", "b"})
    assert (first.remember(), second.remember()) == (2, 0)
    assert sorted(_events(site.zone)) == [("opened", "a"), ("opened", "b")]
    # A run without a row would be a run for nothing.
    assert len(site.zone.entries()) == 1


def test_a_change_seen_only_by_the_second_build_is_recorded(site: Site) -> None:
    first, second = site.build({"a"}), site.build({"a", "c"})
    assert (first.remember(), second.remember()) == (1, 1)
    assert _events(site.zone) == [("opened", "a"), ("opened", "c")]


def test_a_finding_opened_and_closed_meanwhile_is_left_to_the_next_build(site: Site) -> None:
    slow = site.build({"a"})
    site.build({"a"}).remember()
    site.build(()).remember()
    assert slow.remember() == 0
    assert _events(site.zone) == [("opened", "a"), ("closed", "a")]
    # Should it be open after all, the next build sees that, and the fold stays whole.
    assert site.build({"a"}).remember() == 1
    assert _open_now(site.zone)[0] == {"a"}


def test_two_builds_close_a_finding_and_one_reopens_it(site: Site) -> None:
    site.build({"a"}).remember()
    slow, quick = site.build(()), site.build(())
    assert quick.remember() == 1
    site.build({"a"}).remember()
    assert slow.remember() == 0
    assert _open_now(site.zone)[0] == {"a"}


def test_rules_actions_measures_and_projects_follow_the_same_rule(site: Site) -> None:
    day = datetime(2026, 1, 5)
    others = {
        "rule_observations": [{"gap_type": "R", "rule_version": "1", "observed_at": day}],
        "metric_observations": [
            {"week_start": day.date(), "metric": "m", "value": 1.0, "observed_at": day}
        ],
        "action_events": [
            {"kind": "entered", "action_id": "x", "priority": 1.5, "observed_at": day}
        ],
    }
    others["project_observations"] = [
        {"project_id": "p", "project_path": "/p", "is_gone": False, "observed_at": day}
    ]
    first, second = site.build((), **others), site.build((), **others)
    more = others | {
        "metric_observations": [{"week_start": day.date(), "metric": "n", "observed_at": day}]
    }
    third = site.build((), **more)
    assert (first.remember(), second.remember(), third.remember()) == (4, 0, 1)
    assert [row["metric"] for row in rows_in_order(site.zone, "metric_observations")] == ["m", "n"]


def test_runs_of_another_kind_in_between_change_nothing(site: Site) -> None:
    build = site.build({"a"})
    with site.zone.run("adoption", ["test"]) as run:
        run.table("metric_observations").append_rows([{"metric": "scripts_with_helper"}])
    assert build.remember() == 1


def test_a_compaction_in_between_changes_nothing(site: Site) -> None:
    for number in range(3):
        site.build({str(count) for count in range(number + 1)}).remember()
    closing = site.build({"1", "2"})
    assert compact(site.zone, ["test"]) is not None
    assert closing.remember() == 1
    twin = site.build({"1"})
    site.build({"1"}).remember()
    compact(site.zone, ["test"])
    assert twin.remember() == 0
    assert _open_now(site.zone)[0] == {"1"}


def test_a_zone_that_was_replaced_meanwhile_is_refused(site: Site, tmp_path: Path) -> None:
    site.build({"a"}).remember()
    build = site.build({"a", "b"})
    other = Site(LandingZone(tmp_path / "other"), tmp_path / "drafts")
    other.folder.mkdir()
    other.build({"x"}).remember()
    build.zone = other.zone
    with pytest.raises(LandingError, match="is not the landing zone that this build read"):
        build.remember()
    build.landed_up_to, build.zone = 7, site.zone
    with pytest.raises(LandingError):
        build.remember()
    assert _events(other.zone) == [("opened", "x")]


def test_a_restored_zone_continues_its_memory(site: Site, tmp_path: Path) -> None:
    from loaders.base.paths import Locations
    from loaders.keeping.backups import back_up, restore

    here = Locations(tmp_path / "meta.duckdb", site.zone.path)
    site.build({"a"}).remember()
    back_up(here, tmp_path / "backup")
    there = Locations(tmp_path / "there" / "meta.duckdb", tmp_path / "there" / "zone")
    restore(tmp_path / "backup", there)
    restored = Site(LandingZone(there.landing), tmp_path / "there")
    first, second = restored.build({"a", "b"}), restored.build({"b"})
    assert (first.remember(), second.remember()) == (1, 1)
    assert _events(restored.zone) == [("opened", "a"), ("opened", "b"), ("closed", "a")]


def test_a_build_killed_after_it_remembered_is_the_newest_memory(site: Site) -> None:
    first, second = site.build({"a"}), site.build({"a"})
    first.remember()  # and never swaps in
    assert second.remember() == 0
    assert site.build({"a"}).remember() == 0


def test_any_order_of_any_builds_keeps_the_fold_whole(site: Site) -> None:
    choice = random.Random(14)
    waiting: list[Build] = []
    for _ in range(120):
        if waiting and choice.random() < 0.5:
            waiting.pop(choice.randrange(len(waiting))).remember()
        else:
            waiting.append(site.build({letter for letter in "abcd" if choice.random() < 0.5}))
        _open_now(site.zone)
    site.build({"a", "c"}).remember()
    assert _open_now(site.zone)[0] == {"a", "c"}


_REMEMBER = """
import sys
from pathlib import Path
from loaders.zone.landing import LandingZone
from loaders.publishing.observe import observe
draft, zone = sys.argv[1:]
sys.stdin.readline()
print(observe(Path(draft), LandingZone(Path(zone)), ["test"], 0, None).changes)
"""


def test_processes_that_publish_at_the_same_moment_record_a_change_once(site: Site) -> None:
    drafts = [site.build({"a", "b", str(number % 3)}).draft for number in range(6)]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _REMEMBER, draft, site.zone.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for draft in drafts
    ]
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    assert sum(int(process.communicate()[0]) for process in processes) == 5
    assert _open_now(site.zone)[0] == {"a", "b", "0", "1", "2"}
