"""Planted mirrors are found, each once at its highest directory.

Directories that only resemble a mirror are not found.
"""

from __future__ import annotations

import random
from pathlib import Path

import mirror_trial
import pytest
from mirror_trial import Score, World
from product import Product
from replayed_build import build

# By hand, on real repositories: python tests/drills/mirror_trial.py FOLDER


@pytest.fixture(scope="module")
def planted(tmp_path_factory) -> tuple[World, dict[Path, Path]]:
    """Synthetic repositories from one template, and the findings in them: mirror → original."""
    base = tmp_path_factory.mktemp("mirrors")
    world = World(base / "code", random.Random(7))
    for name in ("aurora", "birch", "comet", "delta"):
        world.repositories.append(mirror_trial.synthetic_repository(world.root / name, world.rng))
    mirror_trial.plant_all(world, world.root / "planted", each=1)
    product = Product(base / "home")
    product.crawl(world.root)
    build(product)
    return world, mirror_trial.findings_of(product)


@pytest.fixture(scope="module")
def scores(planted) -> dict[str, Score]:
    world, found = planted
    return mirror_trial.score(world, found, {})


def test_every_kind_of_mirror_is_planted_and_found(scores):
    assert {kind: one.missed for kind, one in scores.items() if one.missed} == {}
    assert sum(one.found for one in scores.values()) >= 20


def test_nothing_else_is_found(scores):
    assert {kind: one.wrong for kind, one in scores.items() if one.wrong} == {}
    assert sum(one.planted for one in scores.values() if not one.found) >= 15


def test_the_score_counts_missed_double_and_wrong_mirrors(planted):
    world, found = planted
    plant = next(plant for plant in world.plants if plant.kind == "exact")
    lower = {
        plant.path / "src": found[plant.path],
        **{path: found[path] for path in found if path != plant.path},
    }
    one = mirror_trial.score(world, lower, {})["exact"]
    assert (one.found, len(one.missed), len(one.wrong)) == (0, 1, 1)
    astray = mirror_trial.score(world, found | {plant.path: world.root / "nowhere"}, {})["exact"]
    assert (astray.found, len(astray.missed)) == (0, 1)
