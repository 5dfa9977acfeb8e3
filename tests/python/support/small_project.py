"""A dbt project of a few models that publishes as the product's does, for tests of dbt's commands.

dbt takes half a minute of CPU for all models of the product. Its commands publish, record and
leave the same things, however many models there are; test_golden builds all of them.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml
from product import PROJECT

from loaders.publishing.observe import _MODELS

_OWN = (
    "profiles.yml",
    "macros/generate_schema_name.sql",
    "macros/publish.sql",
    "models/as_of/as_of.sql",
    "tests/dbt/singular/can_be_broken.sql",
)
_LAYERS = {
    "as_of": {"+materialized": "table", "+schema": "internal"},
    "intermediate": {"+materialized": "table", "+schema": "internal"},
    "core": {"+materialized": "table", "+contract": {"enforced": True}},
}
_FILES = "select distinct name from landed.crawl_files\n"
_TOTAL = "select cast(count(*) as integer) as total from {{ ref('small_files') }}\n"
_CORE = """
models:
  - name: small_files
    columns: [{name: name, data_type: varchar}]
  - name: small_total
    columns: [{name: total, data_type: integer}]
unit_tests:
  - name: files_are_counted
    model: small_total
    given: [{input: ref('small_files'), rows: [{name: a}, {name: b}]}]
    expect: {rows: [{total: 2}]}
"""


def small_project(folder: Path) -> Path:
    """Make the project in *folder*: the names of landed files, and how many there are."""
    for name in _OWN:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / name, folder / name)
    settings = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    del settings["seeds"]
    settings |= {"model-paths": ["models"], "docs-paths": ["models"]}
    settings["models"] = {settings["name"]: _LAYERS}
    texts = {
        "dbt_project.yml": yaml.safe_dump(settings),
        "models/core/small_files.sql": _FILES,
        "models/core/small_total.sql": _TOTAL,
        "models/core/small.yml": _CORE,
        # A build lands what these have found: nothing.
        **{
            f"models/intermediate/{model}.sql": f"from landed.{table} where false\n"
            for table, model in _MODELS.items()
        },
    }
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder
