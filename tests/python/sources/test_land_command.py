"""The command `land.py`: totals, exit codes, and dry runs that write nothing."""

from __future__ import annotations

import json
from pathlib import Path

from golden import commit_all, write
from product import Product

from loaders.zone.landing import LandingZone

COUNTS = ("discovered", "landed", "unchanged", "skipped", "quarantined", "errors")


def _world(root: Path) -> Path:
    write(root / "project/main.py", "print(1)\n")
    write(root / "project/node_modules/dep/index.js", "1\n")
    write(root / "notes.txt", "loose\n")
    commit_all(root / "project")
    return root


def _counts(totals: dict) -> list[int]:
    return [totals[name] for name in COUNTS]


def test_a_dry_run_predicts_the_real_one_and_writes_nothing(tmp_path):
    root, product = _world(tmp_path / "root"), Product(tmp_path / "home")
    product.home.mkdir()
    for change in (None, "print(2)\n"):
        if change:
            write(root / "project/main.py", change)
            (root / "notes.txt").unlink()
        before = product.landed_files() if product.landing.exists() else None
        predicted = product.crawl("--dry-run", root)
        assert (product.landed_files() if product.landing.exists() else None) == before
        real = product.crawl(root)
        assert predicted["dry_run"] and not real["dry_run"]
        assert _counts(predicted) == _counts(real)
        assert [one["gone"] for one in predicted["roots"]] == [one["gone"] for one in real["roots"]]


def test_a_dry_run_registers_no_source(tmp_path):
    root, product = _world(tmp_path / "root"), Product(tmp_path / "home")
    product.home.mkdir()
    product.crawl("--dry-run", root)
    assert not product.landing.exists()


def test_exit_codes(tmp_path):
    root, product = _world(tmp_path / "root"), Product(tmp_path / "home")
    product.home.mkdir()
    assert product.land("crawl", root, check=False).returncode == 0
    missing = product.land("crawl", tmp_path / "missing", check=False)
    assert missing.returncode == 1 and str(tmp_path / "missing") in missing.stderr
    assert product.land("crawl", root, tmp_path / "missing", check=False).returncode == 0
    assert (
        product.land("crawl", "--strict", root, tmp_path / "missing", check=False).returncode == 1
    )
    usage = product.land("crawl", "--profile", "none such", root, check=False)
    assert usage.returncode == 2 and "everything" in usage.stderr
    (product.landing / "zone.json").write_text("{}")
    damaged = product.land("crawl", root, check=False)
    assert (
        damaged.returncode == 4
        and "zone.json" in damaged.stderr
        and "Traceback" not in damaged.stderr
    )


def test_runs_are_listed_newest_first(tmp_path):
    root, product = _world(tmp_path / "root"), Product(tmp_path / "home")
    product.home.mkdir()
    product.crawl(root)
    rows = [json.loads(line) for line in product.land("runs", "--json").stdout.splitlines()]
    assert [row["seq"] for row in rows] == [2, 1]
    assert (
        rows[1]["discovered"]
        == rows[1]["landed"] + rows[1]["unchanged"] + rows[1]["skipped"] + rows[1]["quarantined"]
    )


def test_every_loader_prints_its_totals_as_json(tmp_path):
    root, product = _world(tmp_path / "root"), Product(tmp_path / "home")
    product.home.mkdir()
    write(root / "project/requirements.txt", "click\n")
    crawled = product.crawl(root)
    answers = {
        command: json.loads(product.land(command, "--json").stdout)
        for command in ("git", "signals", "manifests")
    }
    assert answers["git"]["commits"] == 1
    runs = [crawled, *answers["git"]["runs"], answers["signals"], answers["manifests"]]
    landed = {run["run_id"]: _counts(run) for run in runs}
    assert len(landed) == len(runs) >= 4
    for entry in LandingZone(product.landing).entries():
        counts = _counts(entry.manifest | {"errors": entry.manifest["error_count"]})
        assert landed.get(entry.run_id, counts) == counts
