"""Only a whole, green, plain `dbt build` publishes; everything else changes nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest
import replayed_build
from golden import commit_all, write
from product import PROJECT, Product
from replayed_build import build, refresh
from small_project import small_project

from loaders.building.plan import Node, Plan
from loaders.publishing.publish import why_not

MANIFEST = {
    "metadata": {"invocation_id": "i"},
    "nodes": {
        "model.a": {"resource_type": "model", "config": {"materialized": "table"}},
        "model.e": {"resource_type": "model", "config": {"materialized": "ephemeral"}},
        "model.off": {
            "resource_type": "model",
            "config": {"materialized": "table", "enabled": False},
        },
        "test.t": {"resource_type": "test", "config": {}},
        "analysis.x": {"resource_type": "analysis", "config": {}},
    },
    "unit_tests": {"unit_test.u": {"resource_type": "unit_test", "config": {}}},
}
REQUEST = {
    "which": "build",
    "command": "dbt build",
    "has_vars": False,
    "is_empty": False,
    "is_sample": False,
    "target": "local",
    "default_target": "local",
    "invocation_id": "i",
    "left_out": [],
    "results": {"model.a": "success", "test.t": "warn", "unit_test.u": "pass"},
}


def test_a_whole_green_build_publishes():
    assert why_not(REQUEST, MANIFEST) is None


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"which": "run"}, "run"),
        ({"command": "dbt retry"}, "build"),
        ({"has_vars": True}, "--vars"),
        ({"is_empty": True}, "--empty"),
        ({"is_sample": True}, "--sample"),
        ({"target": "other"}, "target"),
        ({"invocation_id": "j"}, "manifest"),
        ({"left_out": ["/x.parquet"]}, "/x.parquet"),
        ({"results": {"model.a": "success", "test.t": "pass"}}, "2 of 3"),
        ({"results": {**REQUEST["results"], "test.t": "fail"}}, "2 of 3"),
        ({"results": {**REQUEST["results"], "model.a": "skipped"}}, "2 of 3"),
    ],
)
def test_a_partial_or_red_build_does_not_publish(change, word):
    assert word in why_not(REQUEST | change, MANIFEST)


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Product:
    """A workspace that a small project has published, and a further landed run that only a whole
    build publishes.
    """
    home = tmp_path_factory.mktemp("publishing")
    write(home / "root/project/main.py", "print(1)\n")
    commit_all(home / "root/project")
    product = Product(home / "home", project=small_project(home / "project"))
    product.home.mkdir()
    product.crawl(home / "root")
    assert "published: version 1" in product.dbt("build").stdout
    assert product.query("from small_total") == [(1,)]
    write(home / "root/project/more.py", "print(2)\n")
    product.crawl(home / "root")
    return product


def _state(product: Product) -> tuple:
    status = os.stat(product.published)
    return status.st_ino, status.st_mtime_ns, product.landed_files()


LOOKS = {
    "test": (["test"], 0),
    "run": (["run"], 0),
    "compile": (["compile"], 0),
    "docs generate": (["docs", "generate"], 0),
    "build --select": (["build", "--select", "small_files"], 0),
    "build --empty": (["build", "--empty"], None),
    "build without unit tests": (["build", "--exclude-resource-type", "unit_test"], 0),
    "build --vars": (["build", "--vars", '{"queue_size": 5, "as_of": "2020-01-01"}'], 0),
}


# The others build the whole project once more; `why_not` decides on all of them alike.
_QUICK = ("build --select", "build --empty", "build --vars", "test")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in _QUICK else pytest.mark.long) for name in LOOKS]
)
def test_dry_builds_change_nothing(installed, name):
    arguments, code = LOOKS[name]
    before = _state(installed)
    answer = installed.dbt(*arguments, check=False)
    assert code is None or answer.returncode == code, answer.stdout
    assert "published: version" not in answer.stdout
    assert _state(installed) == before


def test_a_red_build_and_its_retry_change_nothing_published(installed):
    """Changed data can fail a build: here, a threshold that is no longer a share."""
    before = _state(installed)
    installed.environment["META_TEST_BREAKS"] = "yes"
    red = installed.dbt("build", check=False)
    assert red.returncode == 1 and "not published" in red.stdout
    state = json.loads((installed.published.with_name("meta.duckdb.d") / "state.json").read_text())
    assert state["failures"] == ["test.meta_collector.can_be_broken"]
    del installed.environment["META_TEST_BREAKS"]
    retried = installed.dbt("retry", check=False)
    assert retried.returncode == 0 and "not published" in retried.stdout, retried.stdout
    assert _state(installed) == before


def test_damaged_landed_files_are_left_out_by_name_until_they_are_landed_again(installed, tmp_path):
    twin = installed.twin(tmp_path / "twin", with_database=False)
    whole = replace(twin, project=PROJECT)
    build(whole)
    first = min((twin.landing / "runs").glob("*-crawl-*"))
    for name in ("crawl_files", "crawl_tracked_files"):
        damaged = first / f"{name}.0000.parquet"
        damaged.write_bytes(damaged.read_bytes()[:-40])
    before = _state(twin)
    answer = twin.dbt("build")
    assert "not published: 2 landed files are damaged" in answer.stdout
    assert str(first / "crawl_files.0000.parquet") in answer.stdout
    assert _state(twin) == before
    assert f"$ enrich refresh-meta {installed.home.parent / 'root'}" in twin.enrich("status").stdout
    twin.crawl(installed.home.parent / "root")
    assert "published: version" in build(whole)
    tracked = twin.query("select file_path, is_tracked, sha256 is not null from files order by 1")
    assert tracked == [("main.py", True, True), ("more.py", False, True)]


def test_the_next_green_build_publishes(installed):
    """The control: the same installation, the same second run, a plain build."""
    before = _state(installed)
    assert "published: version 2" in installed.dbt("build").stdout
    assert _state(installed) != before
    assert installed.query("from small_total") == [(2,)]


def test_an_empty_landing_zone_builds_to_empty_views(tmp_path):
    product = Product(tmp_path)
    build(product)
    assert product.query("select count(*) from v_project_health") == [(0,)]
    assert product.query("select count(*) from v_next_actions") == [(0,)]


def test_two_builds_do_not_overlap(installed):
    from loaders.base.locks import FileLock

    with FileLock(Path(f"{installed.published}.d/build.lock"), "another build"):
        answer = installed.dbt("build", check=False)
    assert answer.returncode != 0
    assert f"pid {os.getpid()}" in answer.stdout + answer.stderr


# -- nodes that a refresh keeps --------------------------------------------------------------------


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Product:
    """A workspace that a refresh has published, so that the next one keeps most nodes."""
    home = tmp_path_factory.mktemp("kept")
    write(home / "root/project/main.py", "print(1)\n")
    commit_all(home / "root/project")
    product = Product(home / "home", now="2026-03-01T12:00:00+00:00")
    product.home.mkdir()
    assert _refreshed(product)["build"]["kept"] == 0
    return product


def _refreshed(product: Product, code: int = 0, plan: Plan | None = None) -> dict:
    """Refresh, by another *plan* if one is given; return the report."""
    given = plan or replayed_build.plan()
    with mock.patch.object(replayed_build, "plan", return_value=given):
        answer = refresh(product, "--json", product.home.parent / "root", code=code)
    return json.loads(answer.stdout)


def _changed(change: Callable[[Node], Node]) -> Plan:
    plan = replayed_build.plan()
    return replace(plan, nodes=tuple(map(change, plan.nodes)))


def test_a_red_test_of_kept_tables_stays_red(kept):
    published = os.stat(kept.published).st_ino
    kept.environment["META_TEST_BREAKS"] = "yes"
    for _ in range(2):
        report = _refreshed(kept, code=1)
        assert report["outcome"].startswith("not published: ")
        assert report["build"]["failures"] == ["test.meta_collector.can_be_broken"]
        assert report["build"]["kept"] > report["build"]["made"]
    assert os.stat(kept.published).st_ino == published
    del kept.environment["META_TEST_BREAKS"]
    assert _refreshed(kept)["outcome"].startswith(("published: version 2", "nothing to build: "))


def test_a_table_that_could_not_be_made_is_not_the_one_of_an_earlier_build(kept):
    """The table of an earlier build exists, and so do those that follow from it."""

    def broken(node: Node) -> Node:
        name = node.unique_id.rpartition(".")[2]
        return replace(node, statements=("select error('no')",)) if name == "projects" else node

    published = os.stat(kept.published).st_ino
    write(kept.home.parent / "root/project/more.py", "print(2)\n")
    for _ in range(2):
        report = _refreshed(kept, code=1, plan=_changed(broken))
        assert report["outcome"].startswith("not published: ")
        assert report["build"]["statuses"]["error"] == 1
        assert report["build"]["statuses"]["skipped"] > 10
        assert "model.meta_collector.projects" in report["build"]["failures"]
    assert os.stat(kept.published).st_ino == published
    assert "published: version " in _refreshed(kept)["outcome"]
    assert kept.query("select count(*) from files") == [(2,)]


def test_a_node_of_the_manifest_that_the_plan_does_not_have_is_missing(kept):
    plan = replayed_build.plan()
    write(kept.home.parent / "root/project/further.py", "print(3)\n")
    outcome = _refreshed(kept, code=1, plan=replace(plan, nodes=plan.nodes[:-1]))["outcome"]
    count = len(plan.nodes)
    assert f"not published: {count - 1} of {count} nodes" in outcome


def test_a_manifest_of_other_code_is_not_that_of_this_build(kept):
    plan = replayed_build.plan()
    other = replace(plan, manifest=plan.manifest.replace(plan.invocation_id, "of-other-code"))
    write(kept.home.parent / "root/project/other.py", "print(4)\n")
    assert "the manifest is not of this build" in _refreshed(kept, code=1, plan=other)["outcome"]


def test_a_damaged_landed_file_is_not_covered_by_what_was_kept(kept):
    """No source can land again what builds observed."""
    observed = min((kept.landing / "runs").glob("*-observe-*/rule_observations.*.parquet"))
    whole = observed.read_bytes()
    observed.write_bytes(whole[:-40])
    outcome = _refreshed(kept, code=1)["outcome"]
    assert "not published: 1 landed files are damaged" in outcome and str(observed) in outcome
    observed.write_bytes(whole)
    report = _refreshed(kept)
    assert report["is_published"]
