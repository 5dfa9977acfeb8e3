"""Bad rows, end to end: trees that git would not write, odd artifacts, clocks that ran ahead."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from contextlib import closing
from datetime import datetime
from pathlib import Path
from unittest import mock

import codegraphx_fixtures
import pytest
from git_fixtures import git, make_repository, write_commit, write_object
from golden import commit_all, source, write
from product import Product
from replayed_build import build

from loaders.zone.landing import LandingZone

DAYS = [f"2026-03-{day:02}T12:00:00" for day in range(1, 20)]
AHEAD = "2027-03-01T12:00:00"
_AUTHOR = b"A <a@example.org> 1772323200 +0000"


def _tree(repository: Path, *entries: tuple[bytes, str, str]) -> str:
    """A tree of (name, mode, id), in this order, as git would not write it."""
    body = b"".join(
        f"{mode} ".encode() + name + b"\0" + bytes.fromhex(oid) for name, mode, oid in entries
    )
    return write_object(repository, "tree", body)


def _bad_repository(path: Path, kind: str) -> None:
    make_repository(path, commits=1)
    one, other = (write_object(path, "blob", text) for text in (b"one\n", b"other\n"))
    folder = _tree(path, (b"b", "100644", one))
    trees = {
        "a name twice": [(b"f", "100644", one), (b"f", "100644", other)],
        "a slash in a name": [(b"a", "40000", folder), (b"a/b", "100644", other)],
        "a name three times": [
            (b"f", "100644", one),
            (b"f", "100755", one),
            (b"f", "120000", other),
        ],
        "a file and a folder": [
            (b"a", "100644", one),
            (b"a", "40000", folder),
            (b"a/b", "100755", other),
        ],
        "dots": [(b".", "100644", one), (b"..", "100644", other), (b"g", "100644", one)],
    }
    write_commit(path, _tree(path, *trees[kind]), _AUTHOR)


TREES = ("a name twice", "a slash in a name", "a name three times", "a file and a folder", "dots")
SCAN = codegraphx_fixtures.SCAN_ROW


def _plant_artifacts(folder: Path) -> dict[str, int]:
    """Write artifacts of a good row and odd ones; return landed table → rejected rows."""
    good = {**SCAN, "path": "/srv/app/good.py", "rel_path": "good.py"}
    rows = [good, {**SCAN, "path": ""}, {**SCAN, "path": "", "root": "", "rel_path": ""}]
    write(folder / "scan.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    manifest = codegraphx_fixtures.DOCUMENTS["pipeline_manifest"]
    stages = [*manifest["stages"], {"status": "ok"}, {"stage": "", "status": "ok"}]
    write(folder / "pipeline_run_manifest.json", json.dumps(manifest | {"stages": stages}))
    codegraphx_fixtures.catalog(folder / "project_catalog.db")
    with closing(sqlite3.connect(folder / "project_catalog.db")) as db, db:
        db.execute(
            "insert into codegraphx_project_signals select '', source_project, files_analyzed,"
            " collector_files, collector_ratio, min_score, scan_artifact, top_collectors_json,"
            " created_at, updated_at from codegraphx_project_signals"
        )
        db.execute(
            "create table codegraphx_complexity_nodes (source_path, source_project, file_path,"
            " function_uid, function_name, cyclomatic, updated_at)"
        )
        for uid, complexity in (("good", 3), (None, 3), ("", 3), ("huge", 2**63 - 1), ("less", -1)):
            db.execute(
                "insert into codegraphx_complexity_nodes values ('/srv/app', 'app',"
                " '/srv/app/good.py', ?, 'f', ?, '')",
                [uid, complexity],
            )
    return {
        "codegraphx_scan_rows": 2,
        "codegraphx_report_items": 2,
        "catalog_project_signals": 1,
        "catalog_complexity_nodes": 3,
    }


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> tuple[Product, Path, dict[str, int]]:
    """Good and odd repositories and artifacts, landed and built; and what is to be rejected."""
    world = tmp_path_factory.mktemp("odd")
    write(world / "code/good/core.py", source(3000, "core"))
    commit_all(world / "code/good")
    for kind in TREES:
        _bad_repository(world / "code" / kind.replace(" ", "-"), kind)
    wanted = _plant_artifacts(world / "codegraphx")
    product = Product(world / "home", now=DAYS[9])
    product.crawl(world / "code")
    product.land("git")
    product.land("codegraphx", world / "codegraphx")
    build(product)
    return product, world, wanted


def test_trees_that_git_would_refuse_do_not_stop_a_build(odd):
    product, world, _ = odd
    found = {
        path.rpartition("/")[2]: set(names.split(","))
        for path, names in product.query(
            "select project_path, string_agg(file_path, ',') from git_commits group by project_path"
        )
    }
    # If a name is one that no file can have, the rest of the tree is kept.
    assert found == {
        "good": {"core.py"},
        "a-name-twice": {"f"},
        "a-name-three-times": {"f"},
        "a-slash-in-a-name": {"a/b"},
        "a-file-and-a-folder": {"a", "a/b"},
        "dots": {"g"},
    }
    copies = product.query(
        "select place, row_count from v_rejects where table_name = 'git_changes' and reason like"
        " '%twice%'"
    )
    assert sum(rows for _, rows in copies) == 5
    assert all("commit_sha " in place and ", path " in place for place, _ in copies)


def test_odd_rows_of_artifacts_are_reported_and_the_good_ones_published(odd):
    product, _, wanted = odd
    found = dict(
        product.query(
            "select table_name, cast(sum(row_count) as bigint) from v_rejects where source ="
            " 'codegraphx' group by 1"
        )
    )
    assert found == wanted
    assert product.query("select path_key from codegraphx_scan_files") == [("/srv/app/good.py",)]
    assert product.query(
        "select function_uid, cyclomatic from codegraphx_complexity_nodes order by 1"
    ) == [("", 3), ("good", 3)]
    assert product.query("select stage from codegraphx_stage_counts order by 1") == [
        ("load",),
        ("scan",),
    ]
    assert product.query("select source_path_key from codegraphx_project_signals") == [
        ("/srv/app",)
    ]
    places = [
        place
        for (place,) in product.query(
            "select place from v_rejects where table_name = 'codegraphx_scan_rows'"
        )
    ]
    assert all("scan.jsonl, position " in place for place in places)


def test_rejected_rows_are_counted_in_their_run_and_on_the_status_page(odd):
    product, *_ = odd
    assert product.query("from v_rejects where source_run_id is null or landed_at is null") == []
    counted = product.query(
        "select run_id, rejected_count from ingest_runs where rejected_count > 0 order by 1"
    )
    assert counted == product.query(
        "select source_run_id, cast(sum(row_count) as bigint) from v_rejects group by 1 order by 1"
    )
    assert {run_id.split("-")[1] for run_id, _ in counted} == {"crawl", "git", "codegraphx"}
    total = sum(count for _, count in counted)
    page = product.enrich("status").stdout
    assert f"rejected    {total} landed rows are set aside: " in page
    assert "2 of codegraphx_scan_rows" in " ".join(page.split())
    figures = json.loads(product.enrich("status", "--format", "json").stdout)
    assert {"section": "rejected", "name": "codegraphx_scan_rows", "value": 2} in figures


def test_rejects_and_healthy_rows_are_the_same_after_a_compaction(odd, tmp_path):
    product, *_ = odd
    twin = product.twin(tmp_path / "twin")
    tables = (
        "v_rejects",
        "git_commits",
        "file_versions",
        "codegraphx_churn",
        "codegraphx_scan_files",
    )
    before = {table: sorted(product.query(f"from {table}"), key=repr) for table in tables}
    twin.land(
        "crawl",
        *[
            path
            for (path,) in product.query(
                "select distinct root_path from projects where root_path is not null"
            )
        ],
    )
    twin.land("compact")
    assert "published: version 2" in build(twin, full=False)
    assert {table: sorted(twin.query(f"from {table}"), key=repr) for table in tables} == before


# -- clocks ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ahead(tmp_path_factory: pytest.TempPathFactory) -> tuple[Product, Path]:
    """Crawled and published under a clock that ran a year ahead, which then was set right."""
    world = tmp_path_factory.mktemp("ahead")
    write(world / "code/untested/core.py", source(3000, "core"))
    commit_all(world / "code/untested")
    product = Product(world / "home", now=AHEAD)
    product.crawl(world / "code")
    product.land("git")
    product.enrich(
        "waive",
        f"PROJECT_*:{world}/code/*",
        "--reason",
        "planned",
        "--until",
        "never",
        "--owner",
        "me",
    )
    assert "published: version 1" in build(product)
    product.now = DAYS[0]
    product.crawl(world / "code")
    assert "published: version 2" in build(product, full=False)
    return product, world


def test_a_finding_opened_under_a_clock_ahead_stays_open_and_publishes(ahead):
    product, _ = ahead
    [(status, first_seen, last_seen, reopened)] = product.query(
        "select status, first_seen, last_seen, reopened_count from gap_findings"
        " where gap_type = 'HIGH_SIZE_LOW_TEST_COVERAGE'"
    )
    assert (status, reopened) == ("open", 0)
    assert f"{first_seen:%Y-%m-%dT%H:%M:%S}" == f"{last_seen:%Y-%m-%dT%H:%M:%S}" == DAYS[0]
    # Neither closed nor opened again: it was remembered once.
    assert product.query(
        "select kind from v_gap_history where gap_type = 'HIGH_SIZE_LOW_TEST_COVERAGE'"
    ) == [("opened",)]


def test_no_age_is_negative_and_no_own_time_is_in_the_future(ahead):
    product, _ = ahead
    as_of = product.query("select as_of from internal.as_of")[0][0]
    for relation, column in (
        ("gap_findings", "first_seen"),
        ("gap_findings", "last_seen"),
        ("projects", "first_seen"),
        ("projects", "last_seen"),
        ("files", "first_seen"),
        ("files", "last_seen"),
        ("v_project_health", "last_crawled_at"),
        ("v_index_coverage", "last_scanned_at"),
        ("action_queue", "queued_at"),
        ("action_queue", "updated_at"),
        ("v_gap_history", "observed_at"),
        ("v_waivers", "given_at"),
        ("v_success_metrics", "week_start"),
    ):
        newest = product.query(f"select max({column}) from {relation}")[0][0]
        assert newest is not None, (relation, column)
        assert product.query(f"select max({column}) <= ? from {relation}", as_of) == [(True,)], (
            relation,
            column,
            newest,
        )
    assert product.query("select min(age_days), max(age_days) from gap_findings") == [(0, 0)]
    assert product.query("select scan_age_days, index_state from v_project_health") == [
        (0, "fresh")
    ]
    # The recorded counts of the log stay unchanged.
    assert product.query("select max(ended_at) from ingest_runs")[0][0].isoformat() == AHEAD
    assert "newest crawl less than a minute ago" in product.enrich("status").stdout


def test_a_later_build_keeps_open_findings_and_closes_resolved_ones(ahead, tmp_path):
    product, world = ahead
    twin = product.twin(tmp_path / "twin")
    twin.now = DAYS[4]
    write(world / "code/untested/tests/test_core.py", source(1500, "check"))
    twin.crawl(world / "code")
    assert "published: version 3" in build(twin, full=False)
    [(status, first_seen, resolved)] = twin.query(
        "select status, first_seen, resolved_at from gap_findings where gap_type ="
        " 'HIGH_SIZE_LOW_TEST_COVERAGE'"
    )
    assert (status, f"{first_seen:%Y-%m-%dT%H:%M:%S}", f"{resolved:%Y-%m-%dT%H:%M:%S}") == (
        "resolved",
        DAYS[0],
        DAYS[4],
    )


def test_a_clock_that_was_set_back_ends_no_open_period_before_its_start(tmp_path):
    write(tmp_path / "code/untested/core.py", source(3000, "core"))
    commit_all(tmp_path / "code/untested")
    product = Product(tmp_path / "home", now=DAYS[9])
    product.crawl(tmp_path / "code")
    build(product)
    # Closed by a clock that is late, and judged when both times have passed.
    product.now = DAYS[2]
    write(tmp_path / "code/untested/tests/test_core.py", source(1500, "check"))
    product.crawl(tmp_path / "code")
    assert "published: version 2" in build(product, full=False)
    product.now = DAYS[12]
    assert "published: version 3" in build(product, full=False)
    [(status, first_seen, resolved, last_seen)] = product.query(
        "select status, first_seen, resolved_at, last_seen from gap_findings"
        " where gap_type = 'HIGH_SIZE_LOW_TEST_COVERAGE'"
    )
    assert status == "resolved" and first_seen <= resolved == last_seen


def test_a_future_time_is_accepted_once_it_has_passed(tmp_path):
    """The negative control: a time that is not ahead is kept, and no row is rejected."""
    write(tmp_path / "code/untested/core.py", source(3000, "core"))
    commit_all(tmp_path / "code/untested")
    product = Product(tmp_path / "home", now=DAYS[0])
    product.crawl(tmp_path / "code")
    build(product)
    product.now = DAYS[3]
    build(product, full=False)
    [(first_seen, last_seen)] = product.query(
        "select first_seen, last_seen from gap_findings where gap_type ="
        " 'HIGH_SIZE_LOW_TEST_COVERAGE'"
    )
    assert [f"{when:%Y-%m-%dT%H:%M:%S}" for when in (first_seen, last_seen)] == [DAYS[0], DAYS[3]]
    assert product.query("from v_rejects") == []
    assert product.query("select sum(rejected_count) from ingest_runs") == [(0,)]
    assert "rejected" not in product.enrich("status").stdout


@pytest.mark.parametrize("kind", TREES)
def test_git_itself_refuses_such_a_tree(tmp_path, kind):
    _bad_repository(tmp_path / "repository", kind)
    with pytest.raises(subprocess.CalledProcessError):
        git(tmp_path / "repository", "fsck", "--strict")


# -- facts that contradict each other --------------------------------------------------------------


def _land(zone: LandingZone, action: str, scope: str, **tables: list[dict]) -> None:
    with zone.run(action, ["test"], [scope]) as run:
        for table, rows in tables.items():
            run.table(table).append_rows(rows)


@pytest.fixture(scope="module")
def contradicting(tmp_path_factory: pytest.TempPathFactory) -> Product:
    """Facts landed by hand, each well formed or nearly so, that cannot all be true."""
    product = Product(tmp_path_factory.mktemp("contradicting") / "home", now=DAYS[9])
    at = datetime.fromisoformat(DAYS[8])
    file = {"root_path": "/r", "state": "present", "kind": "file", "size_bytes": 1, "line_count": 1}
    folder = {"root_path": "/r", "state": "listed"}
    event = {
        "cause": "world",
        "gap_type": "NO_SUCH",
        "severity": "low",
        "scope": "file",
        "subject": "s",
    }
    with mock.patch.dict("os.environ", {"META_NOW": DAYS[8], "META_HOST_LABEL": "testhost"}):
        zone = LandingZone(product.landing)
        _land(
            zone,
            "crawl",
            "/r",
            crawl_roots=[
                {"root_path": root, "state": "complete", "crawled_at": at}
                for root in ("/r", "/loose")
            ],
            # The folder `a` is rejected, so its entries remain without the folder around them.
            crawl_directories=[
                folder | {"path": "/r"},
                folder | {"path": "/r/a", "tree_file_count": -1},
                folder | {"path": "/r/a/b"},
                folder | {"path": "/loose", "root_path": "/loose"},
            ],
            crawl_files=[
                file | {"directory_path": "/r/a/b", "name": "deep.py"},
                file | {"directory_path": "/r", "name": "top.py"},
                file | {"directory_path": "/loose", "name": "note.txt", "root_path": "/loose"},
            ],
            # A repository whose work tree is given as a crawled root; the root is not a repository.
            crawl_repositories=[
                {
                    "root_path": "/r",
                    "path": "/r",
                    "vcs": "git",
                    "kind": "directory",
                    "state": "read",
                    "has_history": True,
                    "worktree_pointers": ["/loose", "relative", "/r/../x", "//r"],
                    "read_at": at,
                }
            ],
        )
        shas = [f"{number:040x}" for number in range(1, 5)]
        change = {"parent_number": 1, "change_type": "A", "blob_after": "b" * 40}
        member = {"repository_path": "/r", "is_reachable": True, "is_in_default": True}
        _land(
            zone,
            "git",
            "/r",
            git_repositories=[
                {"path": "/r", "state": "read", "commit_count": 4, "unread_count": 0}
            ],
            # Two commits at one place of the chain, and one at none.
            git_members=[
                member | {"commit_sha": sha, "chain_place": place}
                for sha, place in zip(shas, (1, 2, 2, 0), strict=True)
            ],
            git_commits=[
                {
                    "commit_sha": sha,
                    "changes_state": "read",
                    "parents": [],
                    "author_name": "A",
                    "author_email": "a@example.org" if sha != shas[3] else None,
                    "committed_at": at,
                }
                for sha in shas
            ],
            git_changes=[
                change | {"commit_sha": shas[0], "path": "one"},
                change | {"commit_sha": shas[0], "path": "two"},
                # Two files that change their names with each other, one that becomes itself, and
                # twins.
                change
                | {"commit_sha": shas[1], "path": "one", "change_type": "R", "old_path": "two"},
                change
                | {"commit_sha": shas[1], "path": "two", "change_type": "R", "old_path": "one"},
                change
                | {"commit_sha": shas[2], "path": "one", "change_type": "R", "old_path": "one"},
                change
                | {"commit_sha": shas[2], "path": "x", "change_type": "R", "old_path": "two"},
                change
                | {"commit_sha": shas[2], "path": "y", "change_type": "R", "old_path": "two"},
            ],
        )
        waiver = {"reason": "planned", "happened_at": at}
        _land(
            zone,
            "decisions",
            "",
            waiver_events=[
                waiver | {"gap_type": "*", "subject_pattern": "NO_SUCH:/r"},
                waiver | {"gap_type": "NO_SUCH", "subject_pattern": "/r"},
                waiver
                | {"gap_type": "*", "subject_pattern": "[", "happened_at": datetime(1969, 1, 1)},
            ],
        )
        _land(
            zone,
            "observe",
            "",
            finding_events=[
                # Closed, and never opened.
                event | {"kind": "closed", "finding_id": "closed", "observed_at": at},
                # Seen by a clock a century ahead.
                event
                | {"kind": "opened", "finding_id": "ahead", "observed_at": at.replace(year=2126)},
            ],
            metric_observations=[
                {"week_start": at.date(), "metric": metric, "value": 1.0, "observed_at": at}
                for metric in ("high_gaps_opened", "scripts_with_helper")
            ],
        )
    assert "published: version 1" in build(product)
    return product


def test_entries_of_a_rejected_folder_belong_to_the_repository_around_it(contradicting):
    assert contradicting.query("select project_path, kind from projects order by 1") == [
        ("/loose", "loose_files"),
        ("/r", "repository"),
    ]
    assert contradicting.query("select project_path, file_path from files order by 2") == [
        ("/r", "a/b/deep.py"),
        ("/loose", "note.txt"),
        ("/r", "top.py"),
    ]


def test_contradictory_history_keeps_its_consistent_part(contradicting):
    assert contradicting.query(
        "select right(commit_sha, 1), chain_place from commits order by 1"
    ) == [
        ("1", 1),
        ("2", 2),
        ("3", None),
    ]
    assert contradicting.query("select file_path, chain_place from file_versions order by all") == [
        ("one", 1),
        ("two", 1),
    ]
    reasons = contradicting.query(
        "select reason, row_count from v_rejects where source = 'git' order by all"
    )
    assert [reason.partition(":")[0] for reason, _ in reasons] == [
        *("author_email", "chain_place", "old_path", "old_path", "old_path", "old_path")
    ]


def test_contradictory_waivers_measures_and_findings_are_reported_once(contradicting):
    targets = contradicting.query(
        "select subject from internal.int_gaps__verdicts where gap_type = 'WAIVER_NEEDS_REVIEW'"
    )
    assert targets == [("waiver NO_SUCH:/r",)]
    [(value,)] = contradicting.query(
        "select value from v_success_metrics where metric = 'scripts_with_helper'"
    )
    assert value == 1
    found = contradicting.query(
        "select finding_id, status, first_seen from gap_findings where gap_type = 'NO_SUCH'"
        " order by 1"
    )
    assert found == [
        ("ahead", "resolved", datetime.fromisoformat(DAYS[8])),
        ("closed", "resolved", None),
    ]
