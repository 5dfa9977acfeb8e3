"""A workspace with what real disks hold: nothing of it runs, all is recorded, its neighbours are as without it."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from git_fixtures import git, make_repository, plant_traps
from product import Product
from worlds import hostile_tree, plant, small_workspace

NOW = "2026-03-01T12:00:00"
HEALTHY = ("one", "two", "tool")
RELATIONS = ("projects", "files", "packages", "v_project_health", "v_index_coverage", "v_gap_backlog")


@pytest.fixture(scope="module")
def planted(tmp_path_factory) -> tuple[Path, Product, Product, Path, dict]:
    """The root, the product before and after the planting, where traps leave their marks, the crawl's totals."""
    base = tmp_path_factory.mktemp("hostile")
    root, marks = base / "code", base / "marks"
    root.mkdir()
    small_workspace(root)
    before = Product(base / "before", now=NOW)
    before.crawl(root)
    before.dbt("build")
    _plant_what_is_hostile(root, marks)
    after = Product(base / "after", now=NOW)
    totals = after.crawl(root)
    after.dbt("build")
    return root, before, after, marks, totals


def _plant_what_is_hostile(root: Path, marks: Path) -> None:
    plant(root / "hostile", hostile_tree())
    plant_traps(make_repository(root / "trapped"), marks)
    git(root, "init", "--quiet", "empty")
    (make_repository(root / "broken") / ".git" / "HEAD").write_text("no such thing\n")
    waiting = make_repository(root / "waiting") / ".git" / "HEAD"
    waiting.unlink()
    os.mkfifo(waiting)
    plant(root / "elsewhere", {".git": b"gitdir: /etc\n", "file.txt": b"1\n"})
    os.symlink(root / "one", root / "link to one")


def _rows(product: Product, root: Path, relation: str) -> list[tuple]:
    paths = [str(root / name) for name in HEALTHY]
    return product.query(
        f"select columns(lambda name: name <> 'source_run_id') from {relation} where list_contains(?, project_path)"
        " order by all",
        paths,
    )


@pytest.mark.parametrize("relation", RELATIONS)
def test_healthy_projects_have_the_same_rows_as_without(planted, relation):
    root, before, after, *_ = planted
    rows = _rows(before, root, relation)
    assert rows == _rows(after, root, relation)
    assert rows or relation == "v_gap_backlog"


def test_nothing_planted_was_executed(planted):
    *_, marks, _ = planted
    assert list(marks.iterdir()) == []


def test_the_traps_do_work(planted, tmp_path):
    """The control: plain git in the same kind of repository springs them."""
    marks = tmp_path / "marks"
    repository = make_repository(tmp_path / "trapped")
    plant_traps(repository, marks)
    for command in (["status"], ["log"], ["diff"]):
        git(repository, *command, check=False)
    assert list(marks.iterdir())


def test_everything_is_accounted_for(planted):
    root, _, after, _, totals = planted
    assert totals["discovered"] == sum(totals[name] for name in ("landed", "unchanged", "skipped", "quarantined"))
    states = dict(after.query("select project_name, repository_state from projects where vcs = 'git'"))
    assert states["trapped"] == "truncated" and states["empty"] == "empty"
    assert states["broken"] == "broken" and states["waiting"] in ("refused", "broken")
    reasons = dict(after.query("select project_name, repository_reason from projects where vcs = 'git'"))
    assert reasons["trapped"].startswith("partial")
    assert "roots" in reasons["elsewhere"] and "fifo" in reasons["waiting"]
    status, message = after.query("select status, error_message from ingest_runs where action = 'crawl'")[0]
    assert status == "completed_with_errors"
    assert all(str(root / name) in message for name in ("broken", "waiting", "elsewhere"))


def test_every_name_comes_back_as_its_bytes(planted):
    root, _, after, *_ = planted
    rows = after.query("select project_path, file_path, path_bytes from files where contains(file_path, 'hostile/')")
    recorded = {
        os.fsencode(project) + b"/" + (raw if raw is not None else os.fsencode(path)) for project, path, raw in rows
    }
    here = os.fsencode(root / "hostile")
    real = {
        os.path.join(folder, name)
        for folder, _, names in os.walk(here)
        for name in names
        if os.path.islink(os.path.join(folder, name)) or os.path.isfile(os.path.join(folder, name))
    }
    links = {os.path.join(here, b"links", name) for name in (b"loop", b"up", b"out", b"file out", b"dangling", b"fine")}
    assert recorded == real | links


@pytest.mark.parametrize(
    "command", [["status"], ["gaps"], ["next-actions"], ["projects"], ["runs"], ["sql", "from files"]]
)
@pytest.mark.parametrize("form", ["table", "csv"])
def test_no_control_byte_reaches_the_reader(planted, command, form):
    _, _, after, *_ = planted
    printed = after.enrich(*command, "--format", form, check=False).stdout
    assert printed
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b]", printed)
