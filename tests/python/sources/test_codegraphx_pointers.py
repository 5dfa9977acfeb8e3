"""Paths that artifacts point at, whether they exist, and since when, if that can be known."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from codegraphx_fixtures import DOCUMENTS, catalog, content, database, land, landed, write
from unprivileged import as_nobody

from loaders.sources.codegraphx.catalogue_columns import CATALOG_COLUMNS
from loaders.sources.codegraphx.existence import PathChecker, PathState, unmapped_prefixes
from loaders.zone.landing import LandingZone


def pointers(zone: LandingZone) -> set[tuple[str, str, bool]]:
    return {
        (row["pointer"], row["path"], row["is_promised"])
        for row in landed(zone, "artifact_pointers")
    }


def newest_checks(zone: LandingZone) -> dict[str, str]:
    return {row["path_key"]: row["state"] for row in landed(zone, "path_looks")}


def point(zone: LandingZone, world: Path, kind: str, **changes) -> set[tuple[str, str, bool]]:
    write(world / "x", json.dumps(DOCUMENTS[kind] | changes).encode())
    land(zone, world)
    return pointers(zone)


# -- what is pointed at ----------------------------------------------------------------------------


def test_pointers_of_documents(zone: LandingZone, world: Path):
    for kind in DOCUMENTS:
        write(world / kind, content(kind))
    land(zone, world)
    by_kind: dict[str, list[tuple]] = {}
    for row in landed(zone, "artifact_pointers"):
        reported = (row["pointer"], row["path_key"], row["owner"], row["is_promised"])
        by_kind.setdefault(os.path.basename(row["artifact_path"]), []).append(reported)
    data = "/srv/codegraphx/data"
    assert by_kind == {
        "pipeline_manifest": [
            ("output", "data/scan.jsonl", None, True),
            ("output", "data/load.jsonl", None, False),
        ],
        "chunk_scan_summary": [
            ("merged_scan_file", f"{data}/all_scan_complete/scan_merged_all.jsonl", "/srv", True),
            ("scan_file", f"{data}/all_chunks/chunk_01/scan.jsonl", "/srv", True),
            ("scan_file", f"{data}/all_chunks/chunk_02/scan.jsonl", "/srv", False),
        ],
        "campaign": [("path", "/srv/app", "/srv/app", True)],
        "repo_enrichment_report": [
            ("source_path", "/srv/app", "/srv/app", True),
            ("scan_file", f"{data}/batch/app/scan.jsonl", "/srv/app", True),
        ],
        "scan_summary": [
            ("source_path", "/srv/app", "/srv/app", True),
            ("scan_artifact", f"{data}/batch/app/scan.jsonl", "/srv/app", True),
        ],
        "collectors": [("scan_artifact", f"{data}/scan.jsonl", "/srv/app", True)],
        "intelligence": [("scan_artifact", f"{data}/scan.jsonl", "/srv/app", True)],
    }


def test_a_dry_run_promises_no_file(zone: LandingZone, world: Path):
    chunks = [
        one | {"status": "planned_existing"}
        for one in DOCUMENTS["chunk_scan_summary"]["chunk_results"]
    ]
    assert {
        promised for *_, promised in point(zone, world, "chunk_scan_summary", chunk_results=chunks)
    } == {False}


def test_a_summary_of_older_versions_promises_the_files_it_names(zone: LandingZone, world: Path):
    chunks = [{"chunk": "chunk_01", "scan_file": "/srv/a.jsonl", "rows": 1}]
    assert ("scan_file", "/srv/a.jsonl", True) in point(
        zone, world, "chunk_scan_summary", chunk_results=chunks
    )


def test_a_planned_campaign_promises_no_file(zone: LandingZone, world: Path):
    assert point(zone, world, "campaign", execute=False) == {("path", "/srv/app", False)}


@pytest.mark.parametrize(
    ("status", "is_promised"),
    [("completed", True), ("failed", True), ("planned", False), ("skipped_missing_path", False)],
)
def test_a_run_of_a_campaign_promises_the_files_it_touched(
    zone: LandingZone, world: Path, status: str, is_promised: bool
):
    runs = [DOCUMENTS["campaign"]["runs"][0] | {"status": status}]
    assert point(
        zone, world, "campaign", runs=[*runs, DOCUMENTS["campaign"]["runs"][0] | {"path": "/srv/b"}]
    ) == {
        ("path", "/srv/app", is_promised),
        ("path", "/srv/b", True),
    }


def test_candidates_have_the_key_of_their_path_here(zone: LandingZone, world: Path):
    here = world / "here"
    here.mkdir()
    for kind in ("backlog", "campaign"):
        write(world / kind, content(kind))
    _, summary = land(zone, world, prefixes={"/srv": here})
    items = landed(zone, "codegraphx_report_items")
    assert [(row["kind"], row["path_key"]) for row in items] == [
        ("backlog", f"{here}/app"),
        ("campaign", f"{here}/app"),
    ]
    # A candidate is not a promise.
    assert {row["pointer"] for row in landed(zone, "artifact_pointers")} == {"path"}
    assert len(landed(zone, "artifact_pointers")) == 1


def test_an_empty_path_points_nowhere(zone: LandingZone, world: Path):
    assert point(zone, world, "scan_summary", scan_artifact="") == {
        ("source_path", "/srv/app", True)
    }


def test_every_path_of_an_enrichment_row_points_somewhere(zone: LandingZone, world: Path):
    names = [name for name, _ in CATALOG_COLUMNS["codegraphx_enrichment"]]
    paths = {name: f"/srv/{name}" for name in names if name.endswith(("_artifact", "_path"))}
    path = database(
        world / "c.db",
        f"create table codegraphx_enrichment ({', '.join(names)})",
        f"insert into codegraphx_enrichment ({', '.join(paths)}) values"
        f" ({', '.join(map(repr, paths.values()))})",
    )
    land(zone, path)
    assert pointers(zone) == {(name, path, True) for name, path in paths.items()}
    assert {row["owner"] for row in landed(zone, "artifact_pointers")} == {"/srv/source_path"}


# -- whether the target exists ---------------------------------------------------------------------


def test_paths_are_checked_only_below_registered_folders(zone: LandingZone, world: Path):
    catalog(
        world / "c.db", f"insert into projects (path) values ('{world}/here'), ('{world}/gone')"
    )
    (world / "here").mkdir()
    _, summary = land(zone, world)
    assert newest_checks(zone)[f"{world}/here"] == newest_checks(zone)[f"{world}/gone"] == "unknown"
    assert any(f"--map-prefix {world}=FOLDER" in remark for remark in summary.remarks)
    _, summary = land(zone, world, roots=[os.fsencode(world)])
    looks = newest_checks(zone)
    assert (looks[f"{world}/here"], looks[f"{world}/gone"], looks["/srv/app"]) == (
        "there",
        "gone",
        "unknown",
    )
    assert summary.existence == {"there": 1, "gone": 1, "unknown": 2}


def test_below_the_place_of_a_mapped_prefix_and_in_the_checkout(zone: LandingZone, world: Path):
    here = world / "srv"
    (here / "app").mkdir(parents=True)
    cgx = world / "cgx"
    (cgx / "config").mkdir(parents=True)
    write(cgx / "data" / "scan.jsonl", content("scan"))
    write(cgx / "data" / "pipeline_run_manifest.json", content("pipeline_manifest"))
    write(cgx / "data" / "scan_summary.json", content("scan_summary"))
    land(zone, cgx, prefixes={"/srv": here})
    assert newest_checks(zone) == {
        f"{here}/app": "there",
        f"{here}/codegraphx/data/batch/app/scan.jsonl": "gone",
        f"{cgx}/data/scan.jsonl": "there",
        f"{cgx}/data/load.jsonl": "gone",
    }


def test_a_check_lands_if_its_result_changes(zone: LandingZone, world: Path):
    write(world / "x.json", content("scan_summary"))
    here = world / "srv"
    (here / "other").mkdir(parents=True)
    states = []
    for change in (None, (here / "app").mkdir, None, (here / "app").rmdir):
        if change:
            change()
        run, _ = land(zone, world / "x.json", prefixes={"/srv": here})
        states.append(
            [
                row["state"]
                for row in landed(zone, "path_looks", run)
                if row["path_key"] == f"{here}/app"
            ]
        )
    assert states == [["gone"], ["there"], [], ["gone"]]
    assert all(row["looked_at"] for row in landed(zone, "path_looks"))


def test_pointers_of_a_replaced_artifact_are_not_checked(zone: LandingZone, world: Path):
    path = write(world / "x.json", content("scan_summary"))
    land(zone, world)
    path.write_bytes(content("scan_summary").replace(b"/srv", b"/opt"))
    _, summary = land(zone, world)
    assert summary.existence == {"unknown": 2}
    # One that broke keeps pointing where it pointed when it was healthy.
    path.write_bytes(b"{")
    assert land(zone, world)[1].existence == {"unknown": 2}


@pytest.mark.parametrize("state", ["missing", "empty", "a file"])
def test_targets_below_an_unmounted_folder_are_unknown(world: Path, state: str):
    disk = world / "disk"
    if state == "empty":
        disk.mkdir()
    elif state == "a file":
        disk.write_text("")
    answer = PathChecker([os.fsencode(disk)]).check(f"{disk}/app")
    assert answer == PathState("unknown", f"{disk} is missing or empty")


def test_no_link_is_followed_out_of_the_registered_folders(world: Path):
    inside, outside = world / "inside", world / "outside"
    for folder in (inside / "real", outside):
        folder.mkdir(parents=True)
        (folder / "file").touch()
    (inside / "out").symlink_to(outside)
    (inside / "in").symlink_to(inside / "real")
    (inside / "dangling").symlink_to(inside / "nowhere")
    (inside / "loop").symlink_to(inside / "loop")
    os.mkfifo(inside / "pipe")
    checker = PathChecker([os.fsencode(inside)])
    states = {name: checker.check(f"{inside}/{name}").state for name in os.listdir(inside)}
    assert states == {
        "real": "there",
        "out": "unknown",
        "in": "there",
        "dangling": "gone",
        "loop": "unknown",
        "pipe": "there",
    }
    assert checker.check(f"{inside}/out/file").state == "unknown"
    assert checker.check(f"{inside}/in/file").state == "there"
    assert checker.check(f"{inside}/in/none").state == "gone"
    assert checker.check(f"{inside}/real/file/below").state == "gone"
    assert checker.check(f"{inside}/real/a\\x00b").state == "unknown"


def test_a_registered_folder_may_be_reached_through_a_link(world: Path):
    disk = world / "disk"
    (disk / "app" / "real").mkdir(parents=True)
    (disk / "app" / "in").symlink_to(disk / "app" / "real")
    (disk / "app" / "out").symlink_to(world)
    (world / "link").symlink_to(disk)
    checker = PathChecker([os.fsencode(world / "link" / "app")])
    below = f"{world}/link/app"
    states = {name: checker.check(f"{below}/{name}").state for name in ("real", "in", "out", "no")}
    assert states == {"real": "there", "in": "there", "out": "unknown", "no": "gone"}
    assert checker.check(f"{world}/link/other").state == "unknown"


def test_a_target_that_cannot_be_checked_is_unknown(open_folder: Path):
    (open_folder / "closed" / "in").mkdir(parents=True)
    (open_folder / "closed").chmod(0)
    assert (
        as_nobody(
            lambda: PathChecker([os.fsencode(open_folder)]).check(f"{open_folder}/closed/in").state
        )
        == "unknown"
    )


def test_paths_of_other_machines_and_relative_ones_are_unknown():
    checker = PathChecker([b"/"])
    assert {checker.check(key).state for key in ("c:/x", "//server/share/x", "data/x", "../x")} == {
        "unknown"
    }
    assert checker.check("/proc").state == "there" or not os.path.exists("/proc")


def test_one_prefix_is_suggested_for_the_paths_of_one_location():
    keys = [
        "/srv/work/a/x.json",
        "/srv/work/b",
        "/home/me/code/x/y.json",
        "c:/users/x/repo/a",
        "c:/users/x/b/c",
        "//server/share/x/y",
        "data/relative",
    ]
    assert unmapped_prefixes(keys) == {
        "/srv/work": 2,
        "/home/me/code/x": 1,
        "c:/users/x": 2,
        "//server/share/x": 1,
    }
