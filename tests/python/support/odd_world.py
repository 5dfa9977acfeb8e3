"""Builds a world in which every landed table gets rows.

It is crawled, its history is read, artifacts of CodeGraphX about it are landed, and it is judged
twice.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import codegraphx_fixtures
from golden import commit_all, git, source, write
from product import Product
from replayed_build import build

from loaders.sources.codegraphx.catalogue_columns import CATALOG_COLUMNS, INT, REAL

BEGINNING, LATER, NOW = "2026-03-01T12:00:00", "2026-03-08T12:00:00", "2026-03-10T12:00:00"


def build_odd_base(home: Path) -> Product:
    """Make the world below *home*, and an installation that landed it and published twice."""
    world = home / "world"
    _plant(world)
    product = Product(home / "base", now=BEGINNING)
    product.home.mkdir(parents=True)
    product.crawl(world / "code")
    product.land("git")
    build(product)
    product.now = LATER
    _change(world)
    product.crawl(world / "code")
    for what in ("git", "signals", "code", "manifests"):
        product.land(what)
    product.land("codegraphx", world / "codegraphx")
    product.land("reports", world / "reports")
    product.enrich("adoption", world / "code")
    product.enrich(
        "waive",
        f"HIGH_*:{world}/code/large",
        "--reason",
        "planned",
        "--until",
        "2027-01-31",
        "--owner",
        "me",
    )
    product.enrich("sources", "add", world / "code")
    product.enrich("run", "exec", "--", "true")
    product.land("events")
    product.now = NOW
    assert "published: version 2" in build(product, full=False)
    return product


def _plant(world: Path) -> None:
    code = world / "code"
    write(code / "large/large/core.py", source(3000, "core"))
    write(
        code / "large/pyproject.toml",
        "[project]\nname = 'large'\ndependencies = ['small', 'click>=8']\n"
        "[project.scripts]\nlarge = 'large.core:main'\n",
    )
    write(code / "small/small.py", source(20, "small"))
    write(code / "small/pyproject.toml", "[project]\nname = 'small'\n")
    write(code / "small/Makefile", "test:\n\tpytest -q\n")
    write(code / "small/tests/test_small.py", source(20, "check"))
    write(
        code / "collect/repo_collector.py",
        "import os\n\n\ndef collect(root):\n    return list(os.walk(root))\n",
    )
    write(code / "loose.txt", "loose\n")
    write(code / "small/.mailmap", "Ann <ann@example.org> <ann@example.net>\n")
    write(code / "small/.git-blame-ignore-revs", f"{'1' * 40}  # reformatted\n")
    for name in ("large", "small", "collect"):
        commit_all(code / name)
    _plant_codegraphx(world)
    _plant_reports(world / "reports", code / "small/small.py")


def _change(world: Path) -> None:
    code = world / "code"
    git(code / "small", "mv", "small.py", "renamed.py")
    commit_all(code / "small")
    git(code / "small", "checkout", "--quiet", "-b", "side")
    write(code / "small/side.py", source(5, "side"))
    commit_all(code / "small")
    git(code / "small", "checkout", "--quiet", "main")
    git(code / "small", "tag", "v1")
    git(code / "small", "worktree", "add", "--quiet", str(code / "small-side"), "side")
    (code / "collect/repo_collector.py").write_text(
        "import os\n\n\nclass Found(dict):\n    pass\n\n\n"
        "def collect(root):\n    return os.walk(root)\n"
    )
    for number in range(6):
        write(code / "large/large/core.py", source(3000 + number, "core"))
        commit_all(code / "large")
    # Work that no commit has: a stash and a staged file.
    for name in ("stashed", "staged"):
        write(code / f"large/{name}.py", source(5, name))
        git(code / "large", "add", "--all")
        if name == "stashed":
            git(code / "large", "stash", "push", "--quiet")


def _plant_codegraphx(world: Path) -> None:
    folder, code = world / "codegraphx", world / "code"
    for kind, name in codegraphx_fixtures.NAMES.items():
        raw = codegraphx_fixtures.content(kind).replace(
            b"/srv/app/main.py", f"{code}/small/small.py".encode()
        )
        codegraphx_fixtures.write(folder / name, raw.replace(b"/srv/app", f"{code}/small".encode()))
    other = codegraphx_fixtures.DOCUMENTS["snapshot"] | {
        "snapshot_id": "b",
        "created_at": "2026-01-02T00:00:00+00:00",
    }
    write(folder / "snapshots/20260102T000000Z-two.json", json.dumps(other))
    write(folder / "snapshots/20260101T000000Z-one.json", json.dumps(other | {"snapshot_id": "a"}))
    write(
        folder / "cut/scan.jsonl", json.dumps(codegraphx_fixtures.SCAN_ROW) + '\n{"project": 1}\n'
    )
    codegraphx_fixtures.database(folder / "search.db", *codegraphx_fixtures.SEARCH)
    with closing(sqlite3.connect(folder / "project_catalog.db")) as db, db:
        for table, columns in CATALOG_COLUMNS.items():
            db.execute(
                f"create table {table} ({', '.join(name for name, _ in columns)}, more_of_it)"
            )
            for number in range(3):
                row = [_cell(name, kind, number, code) for name, kind in columns]
                db.execute(
                    f"insert into {table} values ({', '.join('?' * (len(row) + 1))})",
                    [*row, "more"],
                )
        db.execute("create table notes (note)")
        db.execute("insert into notes values ('a note')")


def _plant_reports(folder: Path, file: Path) -> None:
    """Write a small report of each kind about *file*."""
    place = {
        "physicalLocation": {"artifactLocation": {"uri": str(file)}, "region": {"startLine": 3}}
    }
    result = {
        "ruleId": "X1",
        "message": {"text": "too long"},
        "locations": [place],
        "relatedLocations": [place],
        "partialFingerprints": {"line/v1": "00"},
    }
    driver = {"name": "Lint", "rules": [{"id": "X1", "properties": {"tags": ["cwe-79"]}}]}
    run = {"tool": {"driver": driver}, "results": [result]}
    write(folder / "lint.sarif", json.dumps({"version": "2.1.0", "runs": [run]}))
    write(
        folder / "junit.xml",
        '<testsuites><testsuite name="small" tests="1" failures="1" errors="0">'
        '<testcase classname="tests.test_small" name="test_x" time="0.1">'
        '<failure message="wrong">wrong</failure></testcase></testsuite></testsuites>',
    )
    write(folder / "lcov.info", f"TN:\nSF:{file}\nDA:1,1\nDA:2,0\nLF:2\nLH:1\nend_of_record\n")
    reference = "pkg:pypi/click@8.1.7"
    bom = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": "small", "name": "small"}},
        "components": [
            {"type": "library", "bom-ref": reference, "name": "click", "version": "8.1.7"}
            | {"purl": reference}
        ],
        "dependencies": [{"ref": "small", "dependsOn": [reference]}],
    }
    write(folder / "bom.json", json.dumps(bom))
    found = {"id": "PYSEC-2026-1", "fix_versions": ["8.2"], "aliases": ["CVE-2026-1"]}
    audited = {"name": "click", "version": "8.1.7", "vulns": [found | {"description": "x"}]}
    write(folder / "audit.json", json.dumps({"dependencies": [audited], "fixes": []}))
    write(folder / "torn.sarif", json.dumps({"version": "2.1.0", "runs": [run]})[:-5])


def _cell(name: str, kind: object, number: int, code: Path) -> object:
    project = code / ("small", "large", "collect")[number]
    if name in ("path", "source_path"):
        return str(project)
    if name in ("file_path", "caller_file"):
        return str(project / ("renamed.py", "large/core.py", "repo_collector.py")[number])
    if name in ("created_at", "updated_at"):
        return "2026-03-02 12:00:00"
    if name.endswith("_json"):
        return "[]"
    if kind == INT:
        return number + 1
    return (number + 1) / 4 if kind == REAL else f"{name} {number}"
