"""CodeGraphX's own scripts, unmodified: they report the same on the exported catalogue.

They need the shared CodeGraphX set and a checkout of CodeGraphX
(https://github.com/MRJR0101/CodeGraphX) at META_CODEGRAPHX_ROOT; without them they are skipped.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from product import Product

SCRIPTS = (
    "enrichment_backlog",
    "enrichment_campaign",
    "sqlite_index_audit",
    "file_collector_signals",
)
# Parts of a campaign's report that differ from run to run.
OF_THE_RUN = ("campaign_id", "created_at", "db_path", "manifest_path")

pytestmark = pytest.mark.shared


class Twins:
    """The original catalogue, the exported one, and the scripts that read them."""

    def __init__(self, checkout: Path, original: Path, exported: Path) -> None:
        self.checkout = checkout
        self.databases = {"original": original, "exported": exported}

    def ask(self, script: str, *words: str | Path) -> dict[str, tuple[int, str, str]]:
        """Return the exit code and the output of the script on each."""
        both = {}
        for name, database in self.databases.items():
            path = self.checkout / "scripts" / f"{script}.py"
            command = [sys.executable, str(path), "--db", str(database), *map(str, words)]
            done = subprocess.run(command, cwd=self.checkout, capture_output=True, text=True)
            both[name] = done.returncode, done.stdout, done.stderr
        return both


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> tuple[Twins, Product, Path]:
    from codegraphx_world import OLD_PREFIX, rebuild, require_set

    require_set()
    home = tmp_path_factory.mktemp("scripts")
    scripts = Path(os.environ.get("META_CODEGRAPHX_ROOT", "")) / "scripts"
    if not all((scripts / f"{name}.py").is_file() for name in SCRIPTS):
        pytest.skip("needs a checkout of CodeGraphX (META_CODEGRAPHX_ROOT)")
    # The scripts write into their own folder.
    shutil.copytree(scripts, home / "checkout" / "scripts")

    world = home / "workspace"
    rebuild(world)
    original = world / "catalog" / "project_catalog.db"
    move(original, world / "codegraphx", OLD_PREFIX, str(world))
    product = Product(home / "product")
    product.crawl(world / "projects")
    product.land("codegraphx", world / "codegraphx", world / "catalog")
    product.dbt("build")
    product.enrich("export", "--sqlite", home / "exported.db")
    return Twins(home / "checkout", original, home / "exported.db"), product, world


def move(catalogue: Path, artifacts: Path, old: str, new: str) -> None:
    """Write the current path of the set into it, so that scripts find its files."""
    with sqlite3.connect(catalogue) as database:
        tables = "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'"
        for (table,) in database.execute(tables).fetchall():
            for _, column, kind, *_ in database.execute(f"pragma table_info({table})").fetchall():
                if kind == "TEXT":
                    database.execute(
                        f"update {table} set {column} = replace({column}, ?, ?)", [old, new]
                    )
    database.close()
    for path in (
        *artifacts.rglob("*.json"),
        *artifacts.rglob("*.jsonl"),
        *artifacts.rglob("*.yaml"),
    ):
        path.write_bytes(path.read_bytes().replace(old.encode(), new.encode()))


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--json"],
        ["--json", "--include-enriched", "--limit", "50"],
        ["--json", "--min-lines", "26000"],
    ],
    ids=" ".join,
)
def test_the_backlog_is_the_same(twins, words: list[str]) -> None:
    scripts, product, _ = twins
    both = scripts.ask("enrichment_backlog", *words)

    assert both["original"] == both["exported"]
    assert both["original"][0] == 0
    if "--json" in words:
        assert json.loads(product.enrich("backlog", *words).stdout) == json.loads(
            both["original"][1]
        )


def test_the_backlog_below_a_folder_is_the_same(twins) -> None:
    scripts, product, world = twins
    words = ["--json", "--include-enriched", "--root-prefix", world / "projects" / "vulture-2.14"]
    both = scripts.ask("enrichment_backlog", *words)

    assert both["original"] == both["exported"]
    assert json.loads(product.enrich("backlog", *words).stdout) == json.loads(both["original"][1])
    # If a prefix ends within a name, the script matches its siblings, and the command does not.
    words[-1] = world / "projects" / "vulture"
    of_script = json.loads(scripts.ask("enrichment_backlog", *words)["original"][1])
    of_command = json.loads(product.enrich("backlog", *words).stdout)
    assert [row["name"] for row in of_script] == ["vulture", "vulture-2.14"]
    assert of_command == of_script[:1]


@pytest.mark.parametrize(
    "words", [[], ["--include-enriched", "--limit", "20", "--min-lines", "1"]], ids=" ".join
)
def test_the_planned_campaign_is_the_same(twins, words: list[str]) -> None:
    scripts, product, _ = twins
    plans: dict[str, Any] = {}
    for name, database in scripts.databases.items():
        manifest = scripts.checkout / f"{name}.json"
        path = scripts.checkout / "scripts" / "enrichment_campaign.py"
        command = [
            sys.executable,
            str(path),
            "--db",
            str(database),
            "--output",
            str(manifest),
            *words,
        ]
        assert subprocess.run(command, capture_output=True).returncode == 0
        plans[name] = json.loads(manifest.read_text().replace(str(database), "DB"))
        for key in OF_THE_RUN:
            del plans[name][key]

    assert plans["original"] == plans["exported"]
    ours = json.loads(product.enrich("campaign", "--json", *words).stdout)
    same = (
        "candidate_index",
        "name",
        "path",
        "tag",
        "enrich_score",
        "already_enriched",
        "exists",
        "status",
    )
    assert [[run[key] for key in same] for run in ours["runs"]] == [
        [run[key] for key in same] for run in plans["original"]["runs"]
    ]


def test_the_index_audit_is_the_same(twins) -> None:
    both = {
        name: json.loads(said)
        for name, (_, said, _) in twins[0].ask("sqlite_index_audit", "--json").items()
    }

    assert both["original"] == both["exported"]
    assert both["original"]["recommended_missing"] == []


def test_the_collectors_are_the_same(twins) -> None:
    scripts, product, world = twins
    answers = {}
    for folder in (
        world / "projects",
        *sorted((world / "projects").iterdir()),
        world / "projects" / "express",
    ):
        both = scripts.ask("file_collector_signals", "--source-path", folder, "--dry-run", "--json")
        assert both["original"] == both["exported"]
        answers[folder.name] = both["original"][0]

    # The script refuses a folder that was never scanned, and one that is gone, alike.
    assert {name for name, code in answers.items() if code} == {"bandit", "sqlite-utils", "express"}


def test_the_rows_are_the_same_but_for_counters_that_codegraphx_never_fills(twins) -> None:
    """Return every column of every row, counters only if the original has them."""
    original, exported = (sqlite3.connect(database) for database in twins[0].databases.values())
    for (table,) in original.execute(
        "select name from sqlite_master where type = 'table' and name like 'c%'"
    ):
        described = [
            database.execute(f"pragma table_info({table})").fetchall()
            for database in (original, exported)
        ]
        assert described[0] == described[1]
        columns = [name for _, name, *_ in described[0] if name != "id"]
        rows = [
            database.execute(
                f"select {', '.join(columns)} from {table} order by {', '.join(columns[:4])}"
            ).fetchall()
            for database in (original, exported)
        ]
        if table == "codegraphx_enrichment":
            assert _without_zeros(rows[1], rows[0]) == _without_zeros(rows[0], rows[0])
        else:
            assert sorted(rows[0]) == sorted(rows[1])


def _without_zeros(
    rows: list[tuple[Any, ...]], original: list[tuple[Any, ...]]
) -> list[tuple[Any, ...]]:
    return [
        tuple(value for value, was in zip(row, before, strict=True) if was != 0)
        for row, before in zip(rows, original, strict=True)
    ]
