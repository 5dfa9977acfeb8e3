"""Where models are and how long they are; test_golden reads their references from the manifest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from model_layout import (
    cycles,
    long_models,
    median_lines,
    misplaced,
    models_in,
    upward_references,
)
from product import PROJECT

MODELS = models_in(PROJECT)


def _manifest(**references: list[str]) -> dict[str, Any]:
    """A manifest of models by their path below models/, each with the paths that it reads."""
    name = {path: f"model.meta.{path.rpartition('/')[2]}" for path in references}
    return {
        "nodes": {
            name[path]: {
                "resource_type": "model",
                "name": path.rpartition("/")[2],
                "original_file_path": f"models/{path}.sql",
                "depends_on": {"nodes": [name.get(parent, parent) for parent in parents]},
            }
            for path, parents in references.items()
        }
    }


def test_the_name_of_every_model_fits_its_folder() -> None:
    assert misplaced(str(path.relative_to(PROJECT)) for path in MODELS) == []
    assert {path.stem.partition("_")[0] for path in MODELS} >= {"stg", "int", "gap", "v"}


@pytest.mark.parametrize("folder", ["models", "loaders/sources", "macros", "tests/dbt"])
def test_no_model_is_long_and_no_line_is_wide(folder: str) -> None:
    assert list(long_models((PROJECT / folder).rglob("*.sql"))) == []


def test_every_model_is_described() -> None:
    files = [*(PROJECT / "models").rglob("*.yml"), *(PROJECT / "loaders/sources").rglob("*.yml")]
    described = {
        model["name"]
        for file in files
        for model in yaml.safe_load(file.read_text(encoding="utf-8")).get("models", [])
        if model.get("description")
    }
    assert {path.stem for path in MODELS} - described == set()


def test_half_of_the_models_have_forty_lines_or_fewer() -> None:
    assert median_lines(MODELS) <= 40


def test_an_upward_reference_is_named() -> None:
    manifest = _manifest(
        **{
            "core/files": ["views/v_files", "seed.meta.kinds"],
            "views/v_files": ["intermediate/files/int_files__all"],
            "intermediate/files/int_files__all": [],
        }
    )
    assert upward_references(manifest) == ["files (core) reads v_files (views)"]


def test_a_cycle_is_named() -> None:
    manifest = _manifest(**{"core/a": ["core/b"], "core/b": ["core/a"], "core/c": ["core/a"]})
    [line] = cycles(manifest)
    assert sorted(line.split(" -> ")[:2]) == ["a", "b"]


@pytest.mark.parametrize(
    "path",
    [
        "views/files.sql",
        "views/v_files/v_files.sql",
        "views/int_files__all.sql",
        "core/v_files.sql",
        "core/stg_crawl__files.sql",
        "core/gap_no_license.sql",
        "core/int_files__all.sql",
        "staging/git/stg_crawl__files.sql",
        "staging/crawl/int_crawl__files.sql",
        "intermediate/roles/int_files__all.sql",
        "intermediate/files/int_files.sql",
        "intermediate/files/files.sql",
        "gaps/findings.sql",
    ],
)
def test_a_model_that_does_not_fit_its_folder_is_named(path: str) -> None:
    assert misplaced([f"models/{path}"]) == [f"models/{path}"]


@pytest.mark.parametrize(
    "path",
    [
        "loaders/sources/crawl/staging/stg_git__commits.sql",
        "loaders/sources/crawl/staging/int_crawl__files.sql",
        "loaders/sources/git_history/staging/stg_gi__commits.sql",
        "loaders/sources/crawl/stg_crawl__files.sql",
        "loaders/zone/stg_zone__runs.sql",
    ],
)
def test_a_staging_model_outside_the_folder_of_its_source_is_named(path: str) -> None:
    assert misplaced([path]) == [path]


def test_long_models_and_wide_lines_are_named(tmp_path: Path) -> None:
    (tmp_path / "long.sql").write_text("select 1\n" * 101)
    (tmp_path / "short.sql").write_text("select 1\n" * 100)
    (tmp_path / "wide.sql").write_text(f"select 1\nselect {'1' * 94}\nselect {'1' * 93}\n")
    assert list(long_models(sorted(tmp_path.iterdir()))) == [
        "long.sql: 101 lines",
        "wide.sql:2: 101 columns",
    ]
