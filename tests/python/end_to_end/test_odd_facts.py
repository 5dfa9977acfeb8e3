"""A small drill of odd facts, and what every landed table promises of its rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pytest
from odd_facts import KINDS, Drill, Fact, drill_with
from odd_world import build_odd_base
from product import Product

from loaders.sources import registry
from loaders.zone.landing import LandingZone


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the base of the drill."""
    home = tmp_path_factory.mktemp("odd")
    build_odd_base(home)
    return home


@pytest.fixture(scope="module")
def base(world: Path) -> Product:
    return Product(world / "base", now="2026-03-10T12:00:00")


@pytest.fixture(scope="module")
def driller(base: Product, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drill]:
    with closing(Drill(base, tmp_path_factory.mktemp("drill"))) as one:
        yield one


def test_each_odd_fact_leaves_the_other_rows_unchanged(driller):
    tally = drill_with(driller, 10, seed=1, replay_every=5)
    assert tally.broken == []
    assert tally.facts == 10
    assert tally.rejected and tally.kept
    assert set(tally.kinds) <= set(KINDS)


def test_no_healthy_row_of_any_loader_is_rejected(base):
    """The negative control: every landed table has rows here, and none of them breaks a rule."""
    landed = {file.table for entry in LandingZone(base.landing).entries() for file in entry.files}
    assert landed == set(registry.TABLES)
    assert base.query("from v_rejects") == []


# Rows like these once stopped a build, or could have.
REJECTED = {
    "crawl_files": [("name", ".."), ("name", "a/b"), ("size_bytes", -1), ("line_count", 2**63 - 1)],
    "crawl_directories": [("path", ""), ("path", "/a//b"), ("path", "a/b"), ("state", "open")],
    "crawl_tracked_files": [("path", "/a/../b"), ("path", None), ("repository_path", "/a/")],
    "crawl_roots": [("state", "half"), ("root_path", "."), ("file_count", -1)],
    "file_signals": [("sha256", None), ("signals", [{"signal": "x", "count": -1, "line": 1}])],
    "waiver_events": [("reason", None), ("subject_pattern", "")],
    "finding_events": [
        ("finding_id", ""),
        ("severity", "worst"),
        ("evidence", "{"),
        ("impact_score", float("nan")),
    ],
    "action_events": [
        ("finding_ids", "{}"),
        ("finding_ids", "[1]"),
        ("finding_ids", "nonsense"),
        ("status", "gone"),
    ],
    "metric_observations": [("value", float("inf")), ("metric", None), ("numerator", -1)],
    "git_changes": [
        ("path", "a//b"),
        ("path", "/a"),
        ("path", ""),
        ("change_type", "X"),
        ("parent_number", 0),
    ],
    "git_lines": [("files", [{"path": "a", "added": 1, "removed": 1}] * 2), ("commit_sha", "")],
    "git_members": [("chain_place", 0), ("commit_sha", None)],
    "codegraphx_scan_rows": [("path_key", None), ("path_key", ""), ("position", None)],
    "codegraphx_report_items": [("item", "{"), ("item", None), ("position", -1)],
    "catalog_file_signals": [("file_path_key", None), ("signal_walk", 2**63 - 1)],
    "catalog_similarity_pairs": [("similarity", float("inf")), ("pair_type", None)],
    "manifest_dependencies": [("scope", "sometimes"), ("scope", None), ("position", None)],
    "manifest_packages": [("state", "odd"), ("sha256", "")],
    "reports": [("state", "odd"), ("report_path", "a"), ("size_bytes", -1)],
    "report_runs": [("stated_totals", "{"), ("position", -1)],
    "report_findings": [("kind", "odd"), ("start_line", -1), ("fingerprints", "{")],
    "report_paths": [("place_kind", "odd"), ("bases", "[1]")],
    "report_coverage": [("lines_hit", -1), ("line_basis", "words")],
    "report_advisories": [("cvss_score", 11.0), ("aliases", "nonsense")],
}
KEPT = {
    "crawl_files": [
        ("mtime_ns", -(2**63)),
        ("size_bytes", 2**63 - 1),
        ("sha256", None),
        ("tags", []),
    ],
    "crawl_repositories": [
        ("worktree_pointers", ["not/absolute", "/a/../b"]),
        ("last_commit_at", None),
    ],
    "git_commits": [("subject", "\x1b[31m"), ("parents", []), ("committed_at", None)],
    "git_changes": [("path", "a/...b/.c"), ("similarity", None)],
    "manifest_packages": [("name", ""), ("version", None)],
    "catalog_projects": [("path_key", None), ("name", "x" * 100_000)],
    "finding_events": [("evidence", "{}"), ("subject", "")],
    "report_findings": [("message", "\x1b[31m"), ("path_index", 2**53), ("rule_position", -1)],
}


# Tables in which such a row was found in the world; the rules of the others have the same form.
MET = {
    "crawl_files",
    "git_changes",
    "finding_events",
    "action_events",
    "codegraphx_scan_rows",
    "catalog_projects",
}


@pytest.mark.parametrize(
    "table",
    [
        pytest.param(table, marks=[] if table in MET else [pytest.mark.long])
        for table in sorted({*REJECTED, *KEPT})
    ],
)
def test_a_rule_rejects_only_the_rows_that_break_it(driller, table):
    for rows, verdict in ((REJECTED, "rejected"), (KEPT, "kept")):
        for column, value in rows.get(table, []):
            original = driller.field.rows[table][0]
            fact = Fact(table, "word", "instead", column, {**original, column: value}, original)
            before = getattr(driller.tally, verdict)
            driller.take(fact, replays=False, builds=False)
            assert driller.tally.broken == []
            assert getattr(driller.tally, verdict) == before + 1, str(fact)


def test_text_that_no_engine_reads_does_not_land(tmp_path):
    zone = LandingZone(tmp_path / "zone")
    latin = pa.Array.from_buffers(pa.string(), 1, [None, _buffer(0, 4), pa.py_buffer(b"caf\xe9")])
    columns = {item.name: pa.nulls(1, item.type) for item in registry.TABLES["source_events"]}
    rows = pa.table(columns | {"path": latin}, schema=registry.TABLES["source_events"])
    with pytest.raises(pa.ArrowInvalid), zone.run("sources", ["test"]) as run:
        run.table("source_events").append_table(rows)
    assert [(entry.manifest["status"], entry.files) for entry in zone.entries()] == [("failed", ())]


def _buffer(*numbers: int) -> pa.Buffer:
    return pa.array(numbers, pa.int32()).buffers()[1]
