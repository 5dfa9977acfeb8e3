"""Landed CodeGraphX artifacts in the published views.

The shared set is compared with its oracle; a small workspace covers the corners.

Needs ../shared (or META_SHARED_DIR) for the oracle; the tests of the small house need nothing.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from codegraphx_house import House, scan_rows, write_lines
from codegraphx_world import land, rebuild, require_set
from golden import write
from product import Product
from replayed_build import build

NOW = "2026-11-21T12:00:00"


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    require_set()
    folder = tmp_path_factory.mktemp("workspace")
    rebuild(folder)
    return folder


@pytest.fixture(scope="module")
def shared_set(root, tmp_path_factory) -> Product:
    """The shared set, landed and built."""
    product = Product(tmp_path_factory.mktemp("product"), now=NOW)
    land(product, root)
    assert "published: version 1" in build(product)
    return product


FINDINGS = """
    select {columns} from v_gap_backlog left join v_project_health using (project_id)
    where gap_type = '{rule}' and {where} order by all
"""


def findings(
    rule: str, columns: str = "project_name", where: str = "subject = 'codegraphx'"
) -> str:
    return FINDINGS.format(rule=rule, columns=columns, where=where)


# Question → (query, answer). {root} is where the workspace was rebuilt.
ORACLE: dict[str, tuple[str, list[tuple]]] = {
    "projects": ("select count(*) from projects where kind <> 'loose_files'", [(12,)]),
    "projects of the catalogue": (
        "select count(*), count(distinct project_id) from codegraphx_projects",
        [(12, 12)],
    ),
    "gone from disk": (
        "select project_name from v_project_health where index_state = 'gone'",
        [("express",)],
    ),
    "unindexed": (findings("PROJECT_UNINDEXED", where="true"), [("bandit",), ("sqlite-utils",)]),
    "orphaned": (
        findings("ORPHANED_ARTIFACT_PATH", "project_name, replace(subject, '{root}/', '')", "true"),
        [
            ("express", "codegraphx/data/repo_enrichment_batch/express/scan.jsonl"),
            ("express", "codegraphx/data/repo_enrichment_batch/express/scan_summary.json"),
            ("express", "projects/express"),
        ],
    ),
    "planned paths were never promised": (
        (
            "select verdict, count(*) from internal.int_gaps__verdicts"
            " where gap_type = 'ORPHANED_ARTIFACT_PATH' and contains(subject,"
            " 'workspace_preview_chunks') group by 1"
        ),
        [("not_applicable", 2)],
    ),
    "code files on disk": (
        "select sum(files_eligible) from v_index_coverage where scan_source = 'codegraphx'",
        [(875,)],
    ),
    "missing from scan": (
        findings(
            "FILE_MISSING_FROM_SCAN", "project_name, cast(evidence->>'files_missing' as integer)"
        ),
        [("bandit", 196), ("click", 33), ("requests", 1), ("sqlite-utils", 64), ("vulture", 2)],
    ),
    "missing from scan, as counts": (
        (
            "select project_name, files_missing_from_scan from v_index_coverage"
            " where scan_source = 'codegraphx' and files_missing_from_scan > 0 order by 1"
        ),
        [("bandit", 196), ("click", 33), ("requests", 1), ("sqlite-utils", 64), ("vulture", 2)],
    ),
    "scanned and gone": (
        (
            "select project_name, scanned_not_on_disk from v_index_coverage"
            " where scan_source = 'codegraphx' and scanned_not_on_disk > 0 order by 1"
        ),
        [("click", 2), ("express", 7), ("vulture", 2)],
    ),
    "missing files of the collectors report": (
        "select sum(scanned_not_on_disk) from v_index_coverage where scan_source = 'codegraphx'",
        [(11,)],
    ),
    "size drift": (
        (
            "select project_name, count(*) from codegraphx_scan_files inner join projects"
            " using (project_id) where is_counted and size_bytes <> disk_size_bytes"
            " group by 1 order by 1"
        ),
        [("click", 38), ("requests", 23), ("vulture", 9)],
    ),
    "the mirror": (
        findings(
            "DUPLICATE_MIRROR_CONTENT",
            "project_name, replace(evidence->>'mirrors', '{root}/projects/', ''),"
            " cast(evidence->>'identical_files' as integer), cast(evidence->>'files_here' as"
            " integer)",
            "true",
        ),
        [("vulture-2.14", "vulture", 37, 62)],
    ),
    "identical non-empty files": (
        (
            "select count(*), sum(copies) from"
            " (select count(*) as copies from files where size_bytes > 0 group by sha256 having"
            " count(*) > 1)"
        ),
        [(54, 129)],
    ),
    "identical files": (
        (
            "select count(*), sum(copies) from (select count(*) as copies from files"
            " group by sha256 having count(*) > 1)"
        ),
        [(55, 155)],
    ),
    "merged scan": (
        (
            "select project, count(*) from codegraphx_scan_files"
            " inner join codegraphx_artifacts using (artifact_path) where kind = 'merged_scan'"
            " and ends_with(artifact_path, 'scan_merged_workspace.jsonl')"
            " group by rollup (project) order by all nulls last"
        ),
        [
            ("CodeGraphX", 116),
            ("click", 46),
            ("commander", 8),
            ("express", 7),
            ("flask", 83),
            ("pip-audit", 27),
            ("radon", 183),
            ("requests", 34),
            ("vulture", 43),
            ("vulture-2.14", 43),
            (None, 590),
        ],
    ),
    "merged scans": (
        "select count(*) from codegraphx_artifacts where kind = 'merged_scan'",
        [(5,)],
    ),
    "a file counts once": (
        "select count(*), count(distinct path_key) from codegraphx_scan_files where is_counted",
        [(590, 590)],
    ),
    "snapshots": (
        (
            "select old_total, new_total, added, removed, changed, unchanged, agrees"
            " from codegraphx_snapshot_deltas"
        ),
        [(10008, 10376, 4598, 4230, 25, 5753, True)],
    ),
    "events": (
        (
            "select count(*), sum(occurrences) from codegraphx_events"
            " where not contains(artifact_path, 'codegraphx_self')"
        ),
        [(10376, 20966)],
    ),
    "caches of the runs": (
        (
            "select parent, stage, item_count, cache_hits"
            " from (select *, split_part(artifact_path, '/', -2) as parent"
            " from codegraphx_stage_counts where cache_hits is not null)"
            " where parent <> 'codegraphx_self' order by all"
        ),
        [
            ("data", "extract", 20966, 93),
            ("data", "parse", 93, 93),
            ("meta_baseline", "extract", 20350, 0),
            ("meta_baseline", "parse", 92, 0),
            ("meta_upgrade", "extract", 20966, 62),
            ("meta_upgrade", "parse", 93, 53),
        ],
    ),
    "collectors": (
        (
            "select replace(source_path, '/srv/workspace/', ''), collector_files, files_analyzed,"
            " round(collector_ratio, 4) from codegraphx_project_signals"
            " where collector_files > 5 order by 1"
        ),
        [("projects", 13, 590, 0.022), ("projects/CodeGraphX", 9, 116, 0.0776)],
    ),
    "collectors by project": (
        (
            "select project_name, collector_files, classified_files, round(collector_density, 4)"
            " from v_collector_projects where collector_files > 1"
        ),
        [("CodeGraphX", 9, 116, 0.0776)],
    ),
    "without docs": (
        "select name from codegraphx_projects where has_docs = 0 order by 1",
        [
            ("commander",),
            ("express",),
            ("pip-audit",),
            ("requests",),
            ("vulture",),
            ("vulture-2.14",),
        ],
    ),
    # express is gone from the disk, so what it had is unknown.
    "without docs, on disk": (
        "select project_name from v_project_health where not has_docs order by 1",
        [
            ("commander",),
            ("pip-audit",),
            ("requests",),
            ("vulture",),
            ("vulture-2.14",),
        ],
    ),
    "without tests": (
        "select name from codegraphx_projects where has_tests = 0 order by 1",
        [("commander",), ("express",), ("pip-audit",)],
    ),
    "without tests, on disk": (
        "select project_name from v_project_health where not has_tests order by 1",
        [("commander",), ("pip-audit",)],
    ),
    "the failing run": (
        (
            "select stage, status, run_status, contains(run_error, 'Neo4j connection failed'),"
            " error is not null from codegraphx_stage_counts"
            " where ends_with(artifact_path, 'load_error.json') order by started_at"
        ),
        [
            ("scan", "ok", "error", True, False),
            ("parse", "ok", "error", True, False),
            ("extract", "ok", "error", True, False),
            ("load", "error", "error", True, True),
        ],
    ),
    "nothing unknown": (
        (
            "select count(*) from internal.int_gaps__verdicts"
            " where verdict = 'unknown' and gap_type = 'ORPHANED_ARTIFACT_PATH'"
        ),
        [(0,)],
    ),
} | {
    f"rows of {table}": (f"select count(*) from codegraphx_{table}", [(count,)])
    for table, count in {
        "enrichment": 11,
        "file_signals": 1180,
        "project_signals": 11,
        "project_intelligence": 11,
        "dependency_edges": 2339,
        "call_edges": 18525,
        "complexity_nodes": 5915,
        "similarity_pairs": 5096,
    }.items()
}


@pytest.mark.shared
@pytest.mark.parametrize("question", ORACLE)
def test_the_shared_set_gives_the_expected_answers(shared_set, root, question):
    query, answer = ORACLE[question]
    assert shared_set.query(query.replace("{root}", str(root))) == answer


@pytest.mark.shared
def test_old_scans_are_stale_at_a_later_moment(shared_set, tmp_path):
    later = shared_set.twin(tmp_path / "later", with_database=False)
    later.now = "2026-12-15T12:00:00"
    build(later)
    assert later.query(findings("PROJECT_STALE_SCAN")) == [
        (name,)
        for name in (
            "CodeGraphX",
            "click",
            "commander",
            "flask",
            "pip-audit",
            "radon",
            "requests",
            "vulture",
            "vulture-2.14",
        )
    ]


# -- a small house, which needs nothing shared -----------------------------------------------------


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> House:
    house = House(tmp_path_factory.mktemp("house"))
    house.build()
    return house


@pytest.fixture(scope="module")
def built(small, tmp_path_factory) -> Product:
    """The small house, landed and built where the tool is installed."""
    home = tmp_path_factory.mktemp("product")
    tool = home / "bin" / "codegraphx"
    write(tool, "#!/bin/sh\n")
    tool.chmod(0o755)
    product = Product(home, now="2026-02-10T12:00:00")
    product.environment["PATH"] = f"{tool.parent}{os.pathsep}{os.environ['PATH']}"
    product.crawl(small.code)
    product.land("codegraphx", small.checkout)
    build(product)
    return product


def test_catalogued_paths_are_projects_and_no_scan_root_is(built, small):
    rows = built.query(
        "select project_name, kind, is_gone, root_path is null, project_path = path_key"
        " from projects order by 1"
    )
    assert rows == [
        ("crawled", "manifest", False, False, True),
        ("embedded", "manifest", False, True, True),
        ("far", "manifest", False, True, True),
        ("free", "manifest", False, False, True),
        ("gone", "manifest", True, False, True),
        ("inner", "manifest", False, False, True),
        ("outer", "repository", False, False, True),
        ("parts", "manifest", False, False, True),
        ("plain", "manifest", False, False, True),
    ]
    inner = built.query(
        "select file_path, is_tracked from files where ends_with(project_path, '/inner') order by 1"
    )
    assert inner == [("i.py", True), ("j.py", True)]


def test_a_catalogued_project_that_was_not_crawled_is_reported_with_a_remedy(built, small):
    rows = built.query(
        "select title, command from v_next_actions where action_type = 'PROJECT_UNINDEXED'"
        " and subject = 'crawl' order by 1"
    )
    embedded = small.checkout / "embedded"
    # Before it was crawled there is nothing to scan: a missing scan waits for the same action.
    assert [title for title, _ in rows] == [
        f"Crawl {embedded} (2 findings)",
        "Find the projects of project_catalog.db",
    ]
    assert rows[0][1].endswith(f"enrich refresh-meta {embedded}") and rows[1][1] is None


def test_the_innermost_scan_counts_and_its_missing_files_are_counted(built, small):
    rows = built.query(
        "select project_name, files_eligible, files_scanned, files_missing_from_scan,"
        " scanned_not_on_disk, excluded_count, last_scanned_at::varchar"
        " from v_index_coverage where scan_source = 'codegraphx' order by 1"
    )
    assert rows == [
        # Only a scan without registration contains it; the time is that of the file.
        ("crawled", 1, 1, 0, 0, 0, "2026-02-10 12:00:00"),
        ("embedded", None, 0, None, 0, None, None),
        # Only the catalogue lists it: its files are unknown.
        ("far", None, 7, None, None, None, "2026-02-03 10:00:00"),
        ("free", 3, 2, 1, 0, 0, "2026-02-05 00:00:00"),
        ("gone", 0, 0, None, None, 0, "2026-01-01 10:00:00"),
        ("inner", 2, 1, 1, 0, 0, "2026-02-01 10:00:00"),
        ("outer", 1, 1, 0, 0, 0, "2026-02-01 10:00:00"),
        ("parts", 2, 2, 0, 0, 0, "2026-02-04 00:00:00"),
        # `build` is left out, a link counts by its target, and the newer, wider scan is not asked.
        ("plain", 4, 2, 2, 0, 1, "2026-02-02 10:00:00"),
    ]
    counted = built.query(
        "select count(*), count(distinct path_key) from codegraphx_scan_files where is_counted"
    )
    assert counted == [(9, 9)]


def test_a_missing_scan_is_one_action_with_a_command_that_codegraphx_takes(built, small):
    [(argv, cwd, effect, count)] = built.query(
        "select command_argv, command_cwd, command_effect, finding_count from v_next_actions"
        " where parse_filename(project_path) = 'plain' and command_effect = 'execute'"
    )
    words = json.loads(argv)
    assert Path(words[0]).name == "codegraphx" and words[1:3] == ["enrich", "chunk-scan"]
    assert words[words.index("--target-root") + 1] == str(small.code / "plain")
    assert words[words.index("--update-db") + 1] == str(small.catalog)
    assert words[words.index("--source-project") + 1] == "label"
    assert (cwd, effect, count) == (str(small.checkout), "execute", 1)


def test_a_project_without_a_known_folder_has_no_command(built):
    rows = built.query(
        "select project_name, argv is not null from internal.int_coverage__scan_work"
        " inner join internal.int_structure__projects using (project_id) where scan_source ="
        " 'codegraphx' and project_name in ('far', 'embedded', 'gone', 'plain') order by 1"
    )
    assert rows == [("embedded", False), ("far", False), ("gone", False), ("plain", True)]


def test_missing_counters_are_derived_from_events_by_path(built):
    [row] = built.query(
        "select project_nodes, file_nodes, function_nodes, symbol_nodes, module_nodes,"
        " contains_edges, calls_edges, node_count, edge_count, event_count"
        " from codegraphx_enrichment where ends_with(source_path, '/plain')"
    )
    assert row == (1, 2, 1, 1, 0, 2, 1, 5, 4, 9)
    others = built.query("select count(*) from codegraphx_enrichment where node_count is not null")
    assert others == [(1,)]


def test_a_file_of_two_scopes_has_one_innermost_row(built):
    rows = built.query(
        "select parse_filename(file_path), parse_filename(source_path), is_file_collector"
        " from codegraphx_file_signals where is_innermost order by 1"
    )
    assert rows == [("a.py", "plain", 1), ("b.py", "plain", 1)]
    [(collectors, density, top)] = built.query(
        "select collector_files, collector_density, top_collectors from v_collector_projects"
    )
    assert (collectors, density) == (2, 1.0)
    assert [(row["file_path"], row["evidence"]) for row in json.loads(top)] == [
        ("pkg/a.py", ["walk"]),
        ("pkg/b.py", None),
    ]
    assert built.query(
        "select project_path from v_gap_backlog where gap_type = 'HIGH_COLLECTOR_DENSITY_NO_DOCS'"
    )


def test_an_orphan_is_reported_once_and_only_if_its_folder_was_checked(built, small):
    orphans = built.query(
        "select replace(subject, ?, '') from v_gap_backlog"
        " where gap_type = 'ORPHANED_ARTIFACT_PATH' order by 1",
        f"{small.code.parent}/",
    )
    assert orphans == [("code/gone",), ("tool/data/gone/scan.jsonl",)]
    unknown = built.query(
        "select subject from internal.int_gaps__verdicts where gap_type = 'ORPHANED_ARTIFACT_PATH'"
        " and verdict = 'unknown' order by 1"
    )
    assert unknown == [("c:/work/far",), ("d:/scans/scan.jsonl",)]


def test_spellings_of_a_path_are_one_row_and_a_row_without_path_stays(built):
    rows = built.query(
        "select path_key, count(*) from codegraphx_projects where path_key like 'c:%' group by 1"
    )
    assert rows == [("c:/work/far", 1)]
    assert built.query("select count(*) from codegraphx_projects where path_key is null") == [(2,)]


def test_comparable_snapshots_are_compared(built):
    rows = built.query(
        "select old_snapshot, added, removed, changed, unchanged, is_comparable, agrees"
        " from codegraphx_snapshot_deltas order by old_snapshot"
    )
    assert rows == [
        ("20260101T000000Z-old", 2, 1, 1, 0, True, False),
        ("20260102T000000Z-new", 0, 2, None, None, False, None),
    ]


def test_churn_without_commits_is_unknown(built):
    rows = built.query(
        "select project, rel_path, commits, churn_lines from codegraphx_churn order by all"
    )
    assert rows == [
        ("crawled", "lib/c.js", 2, 9),
        ("crawled", "lib/d.js", 0, 0),
        ("plain", "pkg/a.py", None, None),
        ("plain", "pkg/b.py", None, None),
    ]


def test_newer_artifacts_replace_facts_and_damaged_ones_keep_them(built, small, tmp_path):
    later = built.twin(tmp_path / "later", with_database=False)
    later.now = "2026-03-10T12:00:00"
    kept = small.own_scan.read_bytes(), small.root_scan.read_bytes()
    try:
        write_lines(
            small.own_scan,
            scan_rows(
                "plain", small.code / "plain", ["pkg/a.py", "pkg/b.py", "pkg/new.py", "top.py"]
            ),
        )
        write(small.root_scan, "{" * 1000)
        later.land("codegraphx", small.checkout, check=False)
    finally:
        small.own_scan.write_bytes(kept[0])
        small.root_scan.write_bytes(kept[1])
    later.crawl(small.code)
    build(later)
    missing = later.query(
        "select project_name, files_missing_from_scan from v_index_coverage"
        " where scan_source = 'codegraphx' and project_name in ('plain', 'inner') order by 1"
    )
    assert missing == [("inner", 1), ("plain", 0)]
    states = later.query(
        "select state, count(*) from codegraphx_artifacts where kind like '%scan'"
        " group by 1 order by 1"
    )
    assert states == [("landed", 7), ("quarantined", 1)]
    stale = later.query(
        "select parse_filename(project_path) from v_gap_backlog"
        " where gap_type = 'PROJECT_STALE_SCAN'"
    )
    assert {name for (name,) in stale} == {
        "crawled",
        "far",
        "free",
        "inner",
        "outer",
        "parts",
        "plain",
    }


def test_a_workspace_without_artifacts_has_no_finding_about_codegraphx(small, tmp_path):
    product = Product(tmp_path / "home", now="2026-02-10T12:00:00")
    product.home.mkdir()
    product.crawl(small.code)
    build(product)
    assert product.query("select distinct scan_source from v_index_coverage") == [("crawl",)]
    assert product.query("select count(*) from v_gap_backlog") == [(0,)]
    verdicts = product.query(
        "select distinct verdict from internal.int_gaps__verdicts"
        " where gap_type in ('ORPHANED_ARTIFACT_PATH', 'HIGH_COLLECTOR_DENSITY_NO_DOCS')"
    )
    assert verdicts == [("not_applicable",)]
