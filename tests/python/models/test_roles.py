"""Roles end to end: a tree is refreshed, and asked which job each of its files does, and why."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from product import Product
from replayed_build import refresh
from worlds import plant

from evaluation import weights
from evaluation.features import Bench
from evaluation.labels import Label
from evaluation.report import COLUMNS

CODE = {
    "pyproject.toml": b"",
    "repo_scanner.py": b'''"""Scan a tree of repositories and collect facts about each."""
import os
import subprocess


def collect_commits(root):
    """Gather the commits of every repository below a folder."""
    for folder, names, files in os.walk(root):
        if ".git" in names:
            yield folder, subprocess.check_output(["git", "log"], cwd=folder)
''',
    "reporters": {
        "json_reporter.py": b'''"""Write the findings as a JSON report."""
import json
import sys


class JsonReporter:
    """Render a report of all findings."""

    def render(self, findings):
        for finding in findings:
            print(finding)
        sys.stdout.write(json.dumps(findings))
'''
    },
    "tests": {"test_scanner.py": b"import pytest\n\n\ndef test_scan():\n    assert True\n"},
    "huge.py": b"x = 1\n" * (1 << 20),
    "noise.py": bytes(range(1, 256)) * 40,
    "lib": {"index.js": b"export * from './a'\n"},
    "docs": {"conf.py": b"import os\nos.walk('.')\n"},
}
CODE["examples"] = {"repo_scanner.py": CODE["repo_scanner.py"] + b"# an example\n"}


@pytest.fixture(scope="module")
def classified(tmp_path_factory) -> tuple[Product, Path]:
    """A refreshed installation, and the tree that it looked at."""
    folder = tmp_path_factory.mktemp("roles")
    plant(folder / "code" / "app", CODE)
    product = Product(folder / "home")
    refresh(product, folder / "code")
    return product, folder / "code" / "app"


def test_every_source_file_has_a_role_or_the_value_unknown(classified):
    product, _ = classified
    rows = product.query(
        "select file_path, primary_role, confidence, role_source from v_file_roles"
    )
    roles = {path: role for path, role, *_ in rows}
    assert (
        roles["repo_scanner.py"] == "collector"
        and roles["reporters/json_reporter.py"] == "reporter"
    )
    assert roles["tests/test_scanner.py"] == "none" and roles["lib/index.js"] == "none"
    source = {path: (confidence, origin) for path, _, confidence, origin in rows}
    assert roles["huge.py"] is None and source["huge.py"] == (None, "unknown")
    assert roles.get("noise.py", "none") == "none"


def test_probabilities_add_up_and_evidence_names_signals(classified):
    product, _ = classified
    names = [f"{role}_probability" for role in weights.ROLES]
    total, most = " + ".join(names), f"greatest({', '.join(names)})"
    rows = product.query(
        f"select {total}, confidence, {most} from file_roles where role_source = 'model'"
    )
    assert all(total == pytest.approx(1) and sure == most for total, sure, most in rows)
    [(evidence,)] = product.query(
        "select evidence from file_roles where file_path = 'repo_scanner.py'"
    )
    shown = json.loads(evidence)
    assert len(shown) == 3 and [signal["points"] for signal in shown] == sorted(
        (s["points"] for s in shown), reverse=True
    )
    assert set(shown[0]) == {"points", "part", "signal", "count", "line"}


def test_the_sql_agrees_with_the_evaluation(classified):
    product, tree = classified
    files = [
        path for path in sorted(tree.rglob("*.py")) if path.name not in ("huge.py", "noise.py")
    ]
    labels = [
        Label(
            "wheel",
            "app",
            "1",
            path.name,
            hashlib.sha256(path.read_bytes()).hexdigest(),
            "none",
            (),
            "easy",
            "here",
        )
        for path in files
    ]
    bench = Bench(product.home)
    features, models = bench.features(labels), weights.read()
    for prediction, column in COLUMNS.items():
        apart = np.abs(
            weights.predicted(models, features, prediction) - bench.probabilities(labels, column)
        )
        assert apart.max() < 1e-6, prediction


def test_the_review_lists_files_without_a_known_role(classified):
    product, _ = classified
    rows = product.query("select file_path, review_reason, review_rank from v_role_review")
    assert ("huge.py", "unknown") in {row[:2] for row in rows}
    assert sorted(row[2] for row in rows) == list(range(1, len(rows) + 1))


def test_roles_are_shown_with_the_deciding_evidence(classified):
    product, tree = classified
    shown = product.enrich("roles", tree, "--role", "collector").stdout
    assert "repo_scanner.py" in shown and "collector" in shown and "(line " in shown
    everything = json.loads(product.enrich("roles", "--format", "json").stdout)
    only = json.loads(product.enrich("roles", tree / "reporters", "--format", "json").stdout)
    assert len(everything) >= 5 and [row["file_path"] for row in only] == [
        "reporters/json_reporter.py"
    ]


def test_explain_shows_every_signal_with_its_line(classified):
    product, tree = classified
    shown = product.enrich("roles", "--explain", tree / "repo_scanner.py").stdout
    assert (
        shown.startswith("repo_scanner.py: collector")
        and "signals for and against collector" in shown
    )
    rows = json.loads(
        product.enrich("roles", "--explain", tree / "repo_scanner.py", "--format", "json").stdout
    )
    walks = next(row for row in rows if row["signal"] == "call: walks files")
    assert (walks["count"], walks["line"], walks["part"]) == (1, 8, "content") and walks[
        "points"
    ] > 0
    refused = product.enrich("roles", "--explain", tree / "pyproject.toml", check=False)
    assert refused.returncode == 2 and "not a crawled source file" in refused.stderr


def test_collectors_are_answered_from_roles(classified):
    product, tree = classified
    [listed] = json.loads(product.enrich("collectors", "--json").stdout)
    assert (listed["source_path"], listed["collector_files"], listed["answered_by"]) == (
        str(tree),
        1,
        "roles",
    )
    report = json.loads(product.enrich("collectors", "--source-path", tree, "--json").stdout)
    assert [Path(file["file_path"]).name for file in report["top_collectors"]] == [
        "repo_scanner.py"
    ]


def test_a_file_that_is_too_large_to_read_has_no_known_inline_tests(classified):
    product, _ = classified
    assert product.query("select inline_test_lines from v_project_health") == [(0,)]


def test_documentation_and_examples_have_no_role(classified):
    product, _ = classified
    paths = {path for (path,) in product.query("select file_path from v_file_roles")}
    assert paths & {"docs/conf.py", "examples/repo_scanner.py"} == set()
    assert product.query("select count(*) from files where file_path like 'examples/%'") == [(1,)]


def test_a_refresh_without_changes_lands_no_signals(classified):
    product, _ = classified
    assert "nothing new" in product.land("signals").stdout
