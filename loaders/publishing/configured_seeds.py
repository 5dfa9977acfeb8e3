"""The configured rows as a build reads them: a Parquet file for each seed that has any.

The plugin makes a view `landed.configured_<seed>` of each. As soon as dbt has loaded a seed, it
puts those rows over the rows of the seed (macros/with_configured_rows.sql). The
configured rows of a build are therefore files with digests, and a build reads the folder once.
"""

from __future__ import annotations

import os
from pathlib import Path

import click
import pyarrow as pa
import pyarrow.parquet as pq

from loaders.base.engine_paths import path_list, plain_path, read_parquet
from loaders.configuration.configured import read_configuration
from loaders.configuration.settings import Configuration
from loaders.sources.crawl.excludes import CHECKS

FOLDER = "configured"


def read_aloud() -> Configuration:
    """Return what is configured, and report on standard error that some of it does not count."""
    configuration = read_configuration(CHECKS)
    if configuration.problems:
        click.echo(f"{configuration.summary}; enrich config check names them", err=True)
    return configuration


def views_of(configuration: Configuration, work_folder: Path) -> dict[str, str]:
    """Write the rows below *work_folder*, and return the name of each view and its SQL."""
    views = {}
    for name, configured in configuration.seeds.items():
        target = work_folder / FOLDER / f"{name}.parquet"
        target.parent.mkdir(exist_ok=True)
        schema = pa.schema([(column, pa.string()) for column in configured.form.columns])
        rows = pa.Table.from_pylist([*configured.rows.values()], schema)
        draft = target.with_suffix(".draft")
        digest = {b"digest": configured.digest.encode()}
        pq.write_table(rows.replace_schema_metadata(digest), plain_path(draft))
        os.replace(draft, target)
        views[f"configured_{name}"] = read_parquet(path_list([target]))
    return views


def settings_of(configuration: Configuration) -> dict[str, dict[str, str]]:
    """Return the settings that macros read: the digests of the configured rows of each seed, and of
    the query of each own rule.
    """
    return {
        "configured": {name: one.digest for name, one in configuration.seeds.items()},
        "own_rules": {name: rule.digest for name, rule in configuration.own_rules.items()},
    }
