"""Refreshes a scripted workspace on forty nights, and compares what `enrich changes` says each
time with what was done.

    python tests/drills/forty_nights.py [--nights N] [--home FOLDER]

Each night has its own META_NOW. The table NIGHTS has what happens. Changes of grades are compared
with the grades of the version before. The exit code is 1 if a night differs.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import on_path  # noqa: F401

# isort: split

from night_deeds import FIRST, World
from nights import NIGHTS, Night
from product import Product

from loaders.base.paths import Locations
from loaders.publishing.published_versions import kept_versions


def reported(product: Product) -> set[str]:
    """Return the changes of `enrich changes` as NIGHTS writes them, without grades."""
    answer = json.loads(product.enrich("changes", "--format", "json").stdout)
    found = set()
    for project in answer["projects"]:
        for change in project["changes"]:
            kind = change["change_kind"]
            if kind.startswith("grade_"):
                continue
            words = [kind, _below(project["project_path"])]
            if kind.startswith("finding_"):
                words.append(change["gap_type"])
            elif not kind.startswith("project_"):
                words.append(change["subject"])
            found.add(" ".join(words))
    return found


def _below(path: str | None) -> str:
    """Return the part of *path* below the root of the workspace."""
    return (path or "").rpartition("/code/")[2]


def reported_grades(product: Product) -> set[tuple[str, str, str]]:
    """Return (project, grade before, grade after) of the changes of grades."""
    answer = json.loads(product.enrich("changes", "--format", "json").stdout)
    return {
        (project["project_id"], change["value_before"], change["value_after"])
        for project in answer["projects"]
        for change in project["changes"]
        if change["change_kind"].startswith("grade_")
    }


def grades(product: Product) -> dict[str, str]:
    """Return project → grade, for the projects that have one."""
    rows = product.query("select project_id, health_grade from v_project_health")
    return {project: grade for project, grade in rows if grade is not None}


def version(product: Product) -> int:
    """Return the number of the published version, 0 if there is none."""
    return max(kept_versions(Locations(product.published, product.landing)), default=0)


def spend(world: World, number: int, night: Night) -> list[str]:
    """Let a night pass; return what differs from what NIGHTS says."""
    product = world.product
    world.day = FIRST + timedelta(days=number)
    product.now = (world.day + night.ahead).isoformat()
    before, old = version(product), grades(product) if product.published.exists() else {}
    night.done(world)
    if night.how:
        night.how(world)
    else:
        product.enrich("refresh-meta", str(world.root), check=False)
    wrong = []
    has_published = version(product) > before
    if has_published != night.publishes:
        wrong.append(f"published: {has_published}, expected {night.publishes}")
    if has_published and version(product) != before + 1:
        wrong.append(f"versions {before} to {version(product)}")
    if has_published and number:
        found = reported(product)
        wrong += [f"not reported: {change}" for change in set(night.changes) - found]
        wrong += [f"reported, but not done: {change}" for change in found - set(night.changes)]
        new = grades(product)
        right = {(one, old[one], new[one]) for one in old.keys() & new if old[one] != new[one]}
        if right != reported_grades(product):
            wrong.append(f"grades: {reported_grades(product)}, expected {right}")
    page = product.enrich("status", check=False).stdout
    wrong += [f"status does not name {words}" for words in night.says if words not in page]
    return wrong


def main() -> int:
    """Spend the nights; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=len(NIGHTS), help="only the first so many")
    parser.add_argument("--home", type=Path, help="keep everything in this folder")
    given = parser.parse_args()
    home = given.home or Path(tempfile.mkdtemp(prefix="nights-"))
    home.mkdir(parents=True, exist_ok=True)
    product = Product(home / "installation", environment={"META_CONFIG_DIR": str(home / "config")})
    product.home.mkdir()
    world = World(home, product)
    bad = 0
    for number, night in enumerate(NIGHTS[: given.nights]):
        began = time.monotonic()
        wrong = spend(world, number, night)
        bad += bool(wrong)
        mark = "DIFFERS" if wrong else "as written"
        print(
            f"{number + 1:2} {mark:10} {time.monotonic() - began:5.1f} s  {night.text}", flush=True
        )
        for line in wrong:
            print(f"     {line}", flush=True)
    print(f"{given.nights - bad} of {given.nights} nights are as written")
    if not given.home:
        shutil.rmtree(home, ignore_errors=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
