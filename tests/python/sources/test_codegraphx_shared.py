"""Genuine CodeGraphX output lands in one command, to the last row.

Needs data/codegraphx of the shared folder beside the checkout, or where META_SHARED_DIR says.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from codegraphx_fixtures import SHARED, land, landed

from loaders.zone.landing import LandingZone

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not SHARED.exists(), reason=f"{SHARED}: not here"),
]
WORKSPACE = SHARED / "workspace"
DATA = WORKSPACE / "codegraphx" / "data"

KINDS = {
    "ast": 2,
    "backlog": 3,
    "campaign": 3,
    "catalog": 1,
    "chunk_scan_summary": 5,
    "churn": 3,
    "collectors": 2,
    "delta": 1,
    "events": 2,
    "extract_meta": 4,
    "index_audit": 2,
    "intelligence": 2,
    "parse_meta": 4,
    "pipeline_manifest": 4,
    "repo_enrichment_report": 2,
    "scan": 28,
    "scan_summary": 9,
    "search_db": 1,
    "snapshot": 2,
    "snapshot_report": 1,
}
CATALOG = {
    "catalog_projects": 12,
    "catalog_enrichment": 11,
    "catalog_file_signals": 1180,
    "catalog_project_signals": 11,
    "catalog_project_intelligence": 11,
    "catalog_dependency_edges": 2339,
    "catalog_call_edges": 18525,
    "catalog_complexity_nodes": 5915,
    "catalog_similarity_pairs": 5096,
    "catalog_other_rows": 0,
}
MERGED_BY_PROJECT = {
    "CodeGraphX": 116,
    "click": 46,
    "commander": 8,
    "express": 7,
    "flask": 83,
    "pip-audit": 27,
    "radon": 183,
    "requests": 34,
    "vulture": 43,
    "vulture-2.14": 43,
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> LandingZone:
    """All of it landed once, and again."""
    zone = LandingZone(tmp_path_factory.mktemp("shared") / "zone")
    run, _ = land(zone, WORKSPACE, prefixes={"/srv/workspace": WORKSPACE})
    assert (run.problem_count, run.counts.quarantined) == (0, 0)
    again, _ = land(zone, WORKSPACE, prefixes={"/srv/workspace": WORKSPACE})
    assert (again.counts.landed, again.counts.unchanged) == (0, run.counts.landed)
    return zone


def of(zone: LandingZone, table: str, path: Path) -> list[dict]:
    return [row for row in landed(zone, table) if row["artifact_path"] == str(path)]


def test_exactly_the_artifacts_are_recognised(whole: LandingZone):
    artifacts = landed(whole, "artifacts")
    assert Counter(row["kind"] for row in artifacts) == KINDS
    assert {row["variant"] for row in artifacts} == {None, "empty"}
    inside = {row["checkout_path"] for row in artifacts if row["kind"] != "catalog"}
    assert inside == {str(WORKSPACE / "codegraphx")}


def test_the_rows_are_those_of_the_files(whole: LandingZone):
    assert len(of(whole, "codegraphx_events", DATA / "events.jsonl")) == 20966
    assert len(of(whole, "codegraphx_events", DATA / "codegraphx_self" / "events.jsonl")) == 1801
    assert len(of(whole, "codegraphx_ast_rows", DATA / "ast.jsonl")) == 93
    assert len(landed(whole, "codegraphx_search_rows")) == 9811
    assert {table: len(landed(whole, table)) for table in CATALOG} == CATALOG
    for name, count in (("20261120T210346Z-baseline", 10008), ("20261120T210351Z-upgrade", 10376)):
        assert (
            len(of(whole, "codegraphx_snapshot_entries", DATA / "snapshots" / f"{name}.json"))
            == count
        )
    delta = [row for row in landed(whole, "codegraphx_report_items") if row["kind"] == "delta"]
    assert Counter(row["list"] for row in delta) == {
        "categories": 19,
        "changed_functions": 1442,
        "changed_files": 30,
    }


def test_every_event_equals_its_line(whole: LandingZone):
    """Every value of every event, against Python's own reading of the file."""
    for path in (DATA / "events.jsonl", DATA / "codegraphx_self" / "events.jsonl"):
        events = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        rows = of(whole, "codegraphx_events", path)
        assert [row["position"] for row in rows] == list(range(1, len(events) + 1))
        for event, row in zip(events, rows, strict=True):
            wanted = {
                name: value for name, value in event.items() if name not in ("props", "type")
            } | event["props"]
            wanted["label"] = event.get("label") or event["type"]
            assert {name: row[name] for name in wanted} == wanted
            assert not any(
                row[name]
                for name in row.keys()
                - wanted.keys()
                - {"run_id", "artifact_path", "position", "path_key"}
            )


def test_the_merged_scan_by_project(whole: LandingZone):
    rows = of(
        whole,
        "codegraphx_scan_rows",
        DATA / "workspace_scan_complete" / "scan_merged_workspace.jsonl",
    )
    assert Counter(row["project"] for row in rows) == MERGED_BY_PROJECT
    assert all(
        row["path_key"] == row["path"].replace("/srv/workspace", str(WORKSPACE)) for row in rows
    )


def test_promised_files_that_are_missing(whole: LandingZone):
    """The set contains only the artifacts, not the projects themselves."""
    gone = {row["path_key"] for row in landed(whole, "path_looks") if row["state"] == "gone"}
    promised = {row["path_key"] for row in landed(whole, "artifact_pointers") if row["is_promised"]}
    express = DATA / "repo_enrichment_batch" / "express"
    below_data = {path for path in gone & promised if path.startswith(f"{DATA}/")}
    assert below_data == {str(express / "scan.jsonl"), str(express / "scan_summary.json")}
    planned = {path for path in gone - promised if path.startswith(f"{DATA}/")}
    assert planned == {
        str(DATA / f"workspace_preview_chunks/chunk_0{number}/scan.jsonl") for number in (1, 2)
    }


def test_without_a_mapping_one_line_names_the_option(tmp_path: Path):
    zone = LandingZone(tmp_path / "other")
    _, summary = land(zone, WORKSPACE)
    assert len(summary.remarks) == 1 and "--map-prefix /srv/workspace=FOLDER" in summary.remarks[0]
