"""Landing of CodeGraphX's known defects: nothing is lost, and nothing is judged."""

from __future__ import annotations

import json
from pathlib import Path

from codegraphx_fixtures import (
    A_PROJECT,
    AST_ROW,
    DOCUMENTS,
    EDGE,
    HASHES,
    NODES,
    PROJECTS,
    SCAN_ROW,
    SEARCH,
    SIGNALS,
    catalog,
    content,
    database,
    land,
    landed,
    lines,
    write,
)

from loaders.zone.landing import LandingZone

ENRICHMENT = (
    "create table codegraphx_enrichment (id integer primary key autoincrement, source_path text"
    " not null unique, source_project text not null, scan_file_count integer not null,"
    " event_count integer not null, scan_artifact text not null, config_path text not null,"
    " pipeline7_summary_artifact text not null default '')"
)


def enriched(path: str, config: str = "", summary: str = "") -> str:
    return (
        "insert into codegraphx_enrichment (source_path, source_project, scan_file_count,"
        " event_count, scan_artifact, config_path, pipeline7_summary_artifact) values"
        f" ('{path}', 'app', 3, 0, '', '{config}', '{summary}')"
    )


def test_a_catalogue_whose_enrichment_table_is_absent_lands(zone: LandingZone, world: Path):
    run, _ = land(zone, database(world / "c.db", PROJECTS, A_PROJECT))
    assert run.counts.landed == 1 and run.problem_count == 0


def test_one_project_under_two_cases_of_a_drive_has_one_key(zone: LandingZone, world: Path):
    """The tool joins paths as they are spelt.

    A rerun with another spelling leaves two rows permanently.
    """
    path = database(
        world / "c.db", ENRICHMENT, enriched("C:\\Repo\\App"), enriched("c:\\repo\\app")
    )
    land(zone, path)
    rows = landed(zone, "catalog_enrichment")
    assert len({row["source_path"] for row in rows}) == 2 and {
        row["source_path_key"] for row in rows
    } == {"c:/repo/app"}


def test_a_prefix_is_not_a_pattern_and_ends_at_a_component(zone: LandingZone, world: Path):
    """To the tool `00_Tool` also means `00xTool`, and `/srv/app` also `/srv/apple`."""
    here = world / "here"
    here.mkdir()
    paths = ["/srv/00_Tool/a", "/srv/00xTool/a", "/srv/00_Toolbelt/a"]
    write(world / "scan.jsonl", lines([SCAN_ROW | {"path": path} for path in paths]))
    land(zone, world / "scan.jsonl", prefixes={"/srv/00_Tool": here})
    assert [row["path_key"] for row in landed(zone, "codegraphx_scan_rows")] == [
        f"{here}/a",
        *paths[1:],
    ]


def test_a_reused_chunk_of_another_project_lands_unchanged(zone: LandingZone, world: Path):
    """--resume takes a chunk by its number: the summary names projects that are not in its scan."""
    summary = DOCUMENTS["chunk_scan_summary"]
    chunks = [
        summary["chunk_results"][0]
        | {"status": "reused", "projects": ["late"], "project_roots": ["/srv/late"]}
    ]
    write(world / "scan_summary_all.json", json.dumps(summary | {"chunk_results": chunks}).encode())
    write(world / "chunk_01" / "scan.jsonl", content("scan"))
    land(zone, world)
    [chunk] = landed(zone, "codegraphx_report_items")
    assert json.loads(chunk["item"])["projects"] == ["late"]
    assert [row["project"] for row in landed(zone, "codegraphx_scan_rows")] == ["app"]


def test_a_merged_scan_overwritten_by_a_dry_run_stays_in_history(zone: LandingZone, world: Path):
    merged = write(
        world / "scan_merged_all.jsonl", lines([SCAN_ROW, SCAN_ROW | {"path": "/srv/app/b.py"}])
    )
    before, _ = land(zone, world)
    merged.write_bytes(lines([SCAN_ROW]))
    chunks = [
        one | {"status": "planned_existing"}
        for one in DOCUMENTS["chunk_scan_summary"]["chunk_results"]
    ]
    planned = DOCUMENTS["chunk_scan_summary"] | {"chunk_results": chunks}
    write(world / "scan_summary_all.json", json.dumps(planned).encode())
    after, _ = land(zone, world)
    assert [len(landed(zone, "codegraphx_scan_rows", run)) for run in (before, after)] == [2, 1]
    assert not any(row["is_promised"] for row in landed(zone, "artifact_pointers"))


def test_a_label_that_is_older_in_one_artifact_than_in_another_is_joined_by_path(
    zone: LandingZone, world: Path
):
    """The parser's cache is keyed by path: after a rename, ast and events keep the old label."""
    write(world / "scan.jsonl", lines([SCAN_ROW | {"project": "renamed"}]))
    write(world / "ast.jsonl", lines([AST_ROW]))
    write(world / "events.jsonl", lines([NODES[1]]))
    land(zone, world)
    rows = [landed(zone, f"codegraphx_{table}")[0] for table in ("scan_rows", "ast_rows", "events")]
    assert [row["project"] for row in rows] == ["renamed", "app", "app"]
    assert {row["path_key"] for row in rows} == {"/srv/app/main.py"}


def test_a_snapshot_overwritten_in_the_same_second_stays_in_history(zone: LandingZone, world: Path):
    path = write(world / "20260101T000000Z.json", content("snapshot"))
    first, _ = land(zone, world)
    path.write_bytes(
        json.dumps(DOCUMENTS["snapshot"] | {"hashes": {"node:Project:b": "c" * 64}}).encode()
    )
    second, _ = land(zone, world)
    identities = [
        [row["identity"] for row in landed(zone, "codegraphx_snapshot_entries", run)]
        for run in (first, second)
    ]
    assert identities == [[*HASHES], ["node:Project:b"]]


def test_snapshots_with_different_kinds_of_hash_are_distinguished(zone: LandingZone, world: Path):
    old = DOCUMENTS["snapshot"] | {"hashes": {name: digest[:40] for name, digest in HASHES.items()}}
    write(world / "old.json", json.dumps(old).encode())
    write(world / "new.json", content("snapshot"))
    land(zone, world)
    assert {row["artifact_path"][-8:]: row["variant"] for row in landed(zone, "artifacts")} == {
        "old.json": "sha1",
        "new.json": None,
    }


def test_events_and_nodes_that_repeat_land_each_time(zone: LandingZone, world: Path):
    write(world / "events.jsonl", lines([NODES[0], EDGE, NODES[0], EDGE]))
    database(world / "search.db", *SEARCH, SEARCH[-1])
    land(zone, world)
    assert [row["position"] for row in landed(zone, "codegraphx_events")] == [1, 2, 3, 4]
    assert len(landed(zone, "codegraphx_search_rows")) == 3


def test_pointers_keep_their_names(zone: LandingZone, world: Path):
    """One writer keeps its summary in config_path, another its settings.

    Counters are 0 with both, and land as 0.
    """
    path = database(
        world / "c.db",
        ENRICHMENT,
        enriched(
            "/srv/a", config="/srv/scan_summary_all.json", summary="/srv/scan_summary_all.json"
        ),
        enriched(
            "/srv/b", config="/srv/config/projects_b.yaml", summary="/srv/data/b/scan_summary.json"
        ),
    )
    land(zone, path)
    reported = {
        (row["owner"], row["pointer"]): row["path"] for row in landed(zone, "artifact_pointers")
    }
    assert (
        reported["/srv/a", "config_path"]
        == reported["/srv/a", "pipeline7_summary_artifact"]
        == "/srv/scan_summary_all.json"
    )
    assert reported["/srv/b", "config_path"] == "/srv/config/projects_b.yaml"
    assert [row["event_count"] for row in landed(zone, "catalog_enrichment")] == [0, 0]


def test_a_relative_path_begins_in_the_checkout_or_is_unknown(zone: LandingZone, world: Path):
    """The working directory of the run that wrote it is not recorded."""
    for folder in ("cgx/config", "elsewhere"):
        (world / folder).mkdir(parents=True)
    for folder in ("cgx/data", "elsewhere/data"):
        write(world / folder / "pipeline_run_manifest.json", content("pipeline_manifest"))
    land(zone, world)
    assert {row["path_key"] for row in landed(zone, "artifact_pointers") if row["is_promised"]} == {
        f"{world}/cgx/data/scan.jsonl",
        "data/scan.jsonl",
    }
    states = {row["path_key"]: row["state"] for row in landed(zone, "path_looks")}
    assert (states[f"{world}/cgx/data/scan.jsonl"], states["data/scan.jsonl"]) == (
        "gone",
        "unknown",
    )


def test_churn_without_commits_lands_as_zero_with_its_time(zone: LandingZone, world: Path):
    """The tool also writes 0 if git failed; landing does not interpret it."""
    write(world / "churn_hotspots.json", content("churn"))
    land(zone, world)
    [item] = landed(zone, "codegraphx_report_items")
    assert json.loads(item["item"])["commits"] == 0 and landed(zone, "artifacts")[0]["mtime_ns"]


def test_a_pointer_to_a_removed_file_is_a_fact_with_a_date(zone: LandingZone, world: Path):
    here = world / "srv"
    (here / "app").mkdir(parents=True)
    land(zone, catalog(world / "c.db"), prefixes={"/srv": here})
    (here / "app").rmdir()
    write(here / "other", b"")
    land(zone, world / "c.db", prefixes={"/srv": here})
    looks = [
        (row["state"], row["looked_at"])
        for row in landed(zone, "path_looks")
        if row["path_key"] == f"{here}/app"
    ]
    assert [state for state, _ in looks] == ["there", "gone"] and looks[0][1] <= looks[1][1]


def test_a_failed_run_has_fewer_stages_and_lands_with_its_error(zone: LandingZone, world: Path):
    failed = DOCUMENTS["pipeline_manifest"] | {
        "status": "error",
        "error": "parse: no grammar\nTraceback …",
        "stages": [
            DOCUMENTS["pipeline_manifest"]["stages"][0]
            | {"status": "error", "output": "", "error": "no grammar"}
        ],
        "load": {},
    }
    write(world / "m.json", json.dumps(failed).encode())
    run, _ = land(zone, world)
    [report] = landed(zone, "codegraphx_reports")
    assert json.loads(report["document"])["status"] == "error"
    assert len(landed(zone, "codegraphx_report_items")) == 1 and not landed(
        zone, "artifact_pointers"
    )
    assert run.problem_count == 0


def test_tails_of_output_keep_their_glyphs_and_their_cut_json(zone: LandingZone, world: Path):
    tail = '┏━━┓\n\n\r\n\ufffd{"status": "comple'
    item = DOCUMENTS["repo_enrichment_report"]["items"][0] | {"collectors_stdout_tail": tail}
    report = DOCUMENTS["repo_enrichment_report"] | {"items": [item]}
    write(world / "r.json", b"\xef\xbb\xbf" + json.dumps(report).encode())
    land(zone, world)
    [row] = landed(zone, "codegraphx_report_items")
    assert json.loads(row["item"])["collectors_stdout_tail"] == tail
    assert landed(zone, "artifacts")[0]["variant"] == "bom"


def test_rows_under_a_root_that_was_renamed_stay_beside_the_new_ones(
    zone: LandingZone, world: Path
):
    """The tool replaces rows by their exact path, so the old ones are never removed."""
    move = (
        "insert into codegraphx_project_signals select '/new/app', 'app', 1, 1, 1.0, 4, '',"
        " '[]', '', ''"
    )
    land(
        zone,
        database(world / "c.db", PROJECTS, SIGNALS, A_PROJECT, move, move.replace("/new", "/srv")),
    )
    assert {row["source_path_key"] for row in landed(zone, "catalog_project_signals")} == {
        "/new/app",
        "/srv/app",
    }


def test_wrongly_decoded_text_lands_unchanged(zone: LandingZone, world: Path):
    wrong = "/srv/app/cafÃ©.py"
    write(world / "scan.jsonl", lines([SCAN_ROW | {"path": wrong}]))
    land(zone, world)
    [row] = landed(zone, "codegraphx_scan_rows")
    assert row["path"] == row["path_key"] == wrong
