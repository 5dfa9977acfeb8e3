"""`land.py codegraphx` and `catalog`: their output, the registered sources, and `enrich`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from codegraphx_fixtures import catalog, content, landed, write
from enrich_fixtures import PlayedDbt, Workspace
from product import Product

from loaders.base.paths import PROJECT_ROOT
from loaders.sources.codegraphx.land import land_codegraphx
from loaders.zone.landing import LandingZone
from loaders.zone.registered import Registered, registered_sources

# The name of a command, of a loader and of a kind of artifact.
CATALOG = "catalog"


@pytest.fixture
def product(tmp_path: Path) -> Product:
    (tmp_path / "home").mkdir()
    return Product(tmp_path / "home")


@pytest.fixture
def checkout(world: Path) -> Path:
    """A checkout with a scan, a summary of another machine and a catalogue."""
    (world / "cgx" / "config").mkdir(parents=True)
    write(world / "cgx" / "data" / "scan.jsonl", content("scan"))
    write(world / "cgx" / "data" / "scan_summary.json", content("scan_summary"))
    catalog(world / "cgx" / "data" / "project_catalog.db")
    return world / "cgx"


# -- the command -----------------------------------------------------------------------------------


def test_the_command_reports_landed_artifacts(product: Product, checkout: Path):
    answer = product.land("codegraphx", checkout)
    assert answer.stdout == (
        "codegraphx: 4 discovered, 4 landed, 0 unchanged, 0 skipped, 0 quarantined;"
        f" artifacts: 1 {CATALOG}, 1 scan, 1 scan_summary; paths they point at: 3 unknown; 0"
        " problems\n"
    )
    assert answer.stderr == (
        "warning: cannot check 3 paths below /srv;"
        " map them to this machine: --map-prefix /srv=FOLDER\n"
    )


def test_the_command_answers_in_json(product: Product, checkout: Path):
    write(checkout / "data" / "ast.jsonl", content("ast") + b"\x1b[31m odd\n")
    answer = product.land("codegraphx", "--json", checkout)
    summary = json.loads(answer.stdout)
    assert {
        name: summary[name] for name in ("discovered", "landed", "quarantined", "errors", "dry_run")
    } == {
        "discovered": 6,
        "landed": 5,
        "quarantined": 1,
        "errors": 1,
        "dry_run": False,
    }
    assert {(one["kind"], one["state"], one["rows"]) for one in summary["artifacts"]} == {
        ("scan", "landed", 1),
        ("ast", "landed", 1),
        ("scan_summary", "landed", 1),
        ("catalog", "landed", 2),
    }
    assert summary["looks"] == {"unknown": 3}
    assert (
        "one of its rows left out, the first at 2" in answer.stderr and "\x1b" not in answer.stderr
    )


def test_a_dry_run_predicts_and_writes_nothing(product: Product, checkout: Path):
    predicted = json.loads(product.land("codegraphx", "--dry-run", "--json", checkout).stdout)
    assert not product.landing.exists()
    real = json.loads(product.land("codegraphx", "--json", checkout).stdout)
    assert predicted | {"run_id": 0, "dry_run": 0} == real | {"run_id": 0, "dry_run": 0}


def test_exit_codes(product: Product, checkout: Path, world: Path):
    assert product.land("codegraphx", checkout, check=False).returncode == 0
    empty = world / "empty"
    empty.mkdir()
    nothing = product.land("codegraphx", empty, check=False)
    assert nothing.returncode == 1
    assert nothing.stderr.startswith(
        f"warning: {empty}: no artifact of CodeGraphX that is known here\n"
    )
    missing = product.land("codegraphx", world / "none", check=False)
    assert missing.returncode == 1 and str(world / "none") in missing.stderr
    assert product.land("codegraphx", world / "none", checkout, check=False).returncode == 0
    assert (
        product.land("codegraphx", "--strict", world / "none", checkout, check=False).returncode
        == 1
    )
    assert product.land("codegraphx", "--strict", checkout, check=False).returncode == 0
    write(checkout / "data" / "parse.meta.json", b"{")
    assert product.land("codegraphx", checkout, check=False).returncode == 0
    assert product.land("codegraphx", "--strict", checkout, check=False).returncode == 1
    usage = product.land("codegraphx", "--map-prefix", "nothing", checkout, check=False)
    assert usage.returncode == 2 and "OLD=NEW" in usage.stderr
    assert product.land("codegraphx", check=False).returncode == 2


def test_land_catalog(product: Product, checkout: Path):
    path = checkout / "data" / "project_catalog.db"
    assert product.land(CATALOG, path).stdout.startswith(f"{CATALOG}: 2 discovered, 2 landed")
    assert product.land(CATALOG, path).stdout.startswith(
        f"{CATALOG}: 2 discovered, 0 landed, 2 unchanged"
    )
    assert product.land(CATALOG, checkout / "data" / "scan.jsonl", check=False).returncode == 1


# -- what is registered ----------------------------------------------------------------------------


def test_paths_and_prefixes_are_registered_once_they_landed(
    zone: LandingZone, checkout: Path, world: Path
):
    from loaders.sources.artifacts.path_keys import MappedPrefix

    prefix = MappedPrefix("C:\\Srv", os.fsencode(world))
    land_codegraphx(
        zone, [os.fsencode(checkout), os.fsencode(world / "none")], [], prefixes=[prefix]
    )
    expected = [
        Registered("codegraphx", str(checkout), ""),
        Registered("map_prefix", "c:/srv", str(world)),
    ]
    assert registered_sources(zone) == expected
    before = len(zone.entries())
    land_codegraphx(zone, [os.fsencode(checkout)], [], prefixes=[prefix])
    assert registered_sources(zone) == expected and len(zone.entries()) == before + 1
    catalogue = os.fsencode(checkout / "data" / "project_catalog.db")
    land_codegraphx(zone, [catalogue], [], action="catalog", is_rehearsal=True)
    assert registered_sources(zone, "catalog") == []
    land_codegraphx(zone, [catalogue], [], action="catalog")
    assert [source.path_bytes for source in registered_sources(zone, "catalog")] == [catalogue]


def test_a_registered_prefix_maps_later_landings(zone: LandingZone, checkout: Path, world: Path):
    from loaders.sources.artifacts.path_keys import MappedPrefix

    data = os.fsencode(checkout / "data")
    land_codegraphx(zone, [data], [], prefixes=[MappedPrefix("/srv", os.fsencode(world))])
    run, _ = land_codegraphx(zone, [data], [])
    assert run.counts.landed == 0
    # A prefix that is given again with another place counts from now on.
    other = world / "other"
    other.mkdir()
    run, _ = land_codegraphx(zone, [data], [], prefixes=[MappedPrefix("/srv/", os.fsencode(other))])
    assert {row["root_key"] for row in landed(zone, "codegraphx_scan_rows", run)} == {
        f"{other}/app"
    }
    assert [source.profile for source in registered_sources(zone, "map_prefix")] == [str(other)]


# -- enrich ----------------------------------------------------------------------------------------


@pytest.fixture
def workspace(workspace: Workspace, dbt: PlayedDbt) -> Workspace:
    return workspace


def test_a_refresh_lands_every_source_again(workspace: Workspace, checkout: Path, world: Path):
    zone = LandingZone(workspace.landing)
    land_codegraphx(zone, [os.fsencode(checkout)], [])
    land_codegraphx(
        zone, [os.fsencode(checkout / "data" / "project_catalog.db")], [], action="catalog"
    )
    write(checkout / "data" / "scan.jsonl", content("scan") * 2)

    result = workspace.ask("refresh-meta")

    assert result.exit_code == 0
    assert (
        "landed: 3 artifacts, 2 rows new or changed\nlanded: 1 artifact, 0 rows new or changed\n"
        in result.stdout
    )
    actions = [entry.action for entry in LandingZone(workspace.landing).entries()]
    assert actions[:6] == ["codegraphx", "sources", "catalog", "sources", "codegraphx", "catalog"]


def test_a_refresh_checks_pointers_again(workspace: Workspace, checkout: Path, world: Path):
    from loaders.sources.artifacts.path_keys import MappedPrefix

    zone = LandingZone(workspace.landing)
    (world / "app").mkdir()
    land_codegraphx(
        zone, [os.fsencode(checkout)], [], prefixes=[MappedPrefix("/srv", os.fsencode(world))]
    )
    (world / "app").rmdir()
    workspace.ask("refresh-meta")
    looks = landed(LandingZone(workspace.landing), "path_looks")
    assert [row["state"] for row in looks if row["path_key"] == f"{world}/app"] == ["there", "gone"]


def test_a_missing_source_is_one_warning_and_nothing_is_lost(workspace: Workspace, checkout: Path):
    zone = LandingZone(workspace.landing)
    land_codegraphx(zone, [os.fsencode(checkout)], [])
    checkout.rename(checkout.with_name("away"))
    result = workspace.ask("refresh-meta")
    assert (
        result.exit_code == 0
        and result.stderr.count(f"warning: {checkout}: No such file or directory; mount it") == 1
    )
    assert len(registered_sources(LandingZone(workspace.landing), "codegraphx")) == 1
    checkout.with_name("away").rename(checkout)
    assert "0 rows new or changed" in workspace.ask("refresh-meta").stdout


def test_a_refresh_without_such_sources_makes_no_run_and_imports_nothing(
    workspace: Workspace, world: Path
):
    write(world / "a.py", b"print()\n")
    workspace.ask("refresh-meta", str(world))
    workspace.ask("refresh-meta")
    entries = LandingZone(workspace.landing).entries()
    assert {entry.action for entry in entries} == {
        "crawl",
        "sources",
        "signals",
        "code",
        "manifests",
    }
    probe = (
        "import sys; from pathlib import Path; from loaders.zone.landing import LandingZone;"
        "from loaders.sources.codegraphx.source import CODEGRAPHX, Refresh;"
        f"CODEGRAPHX.land_again(LandingZone(Path({str(workspace.landing)!r})), Refresh([]));"
        "print([name for name in sys.modules if name in ('ijson',"
        " 'loaders.sources.codegraphx.land')])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", probe], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True
    )
    assert answer.stdout == "[]\n"


def test_sources_are_listed_and_forgotten(workspace: Workspace, checkout: Path, world: Path):
    from loaders.sources.artifacts.path_keys import MappedPrefix

    zone = LandingZone(workspace.landing)
    land_codegraphx(
        zone, [os.fsencode(checkout)], [], prefixes=[MappedPrefix("C:\\Srv", os.fsencode(world))]
    )
    assert json.loads(workspace.ask("sources", "list", "--format", "json").stdout) == [
        {"kind": "codegraphx", "path": str(checkout), "profile": ""},
        {"kind": "map_prefix", "path": "c:/srv", "profile": str(world)},
    ]
    assert workspace.ask("sources", "forget", "C:\\SRV\\").stdout == "forgotten: c:/srv\n"
    assert workspace.ask("sources", "forget", str(checkout)).stdout == f"forgotten: {checkout}\n"
    assert workspace.ask("sources", "forget", str(checkout)).exit_code == 2
    assert workspace.ask("refresh-meta").exit_code == 2
