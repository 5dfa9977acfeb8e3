"""The configured rows as a build reads them: a Parquet file for each seed that may have any.

`moment` makes a view `landed.configured_<seed>` of each. As soon as dbt has loaded a seed, it
puts those rows over the rows of the seed (macros/with_configured_rows.sql). The
configured rows of a build are therefore files with digests, and a build reads the folder once.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import click
import pyarrow as pa
import pyarrow.parquet as pq

from loaders.base.engine_paths import path_list, plain_path, read_parquet
from loaders.configuration.configured import read_configuration
from loaders.configuration.forms import SEEDS, forms
from loaders.configuration.settings import Configuration
from loaders.sources.crawl.excludes import CHECKS

FOLDER = "configured"


def read_aloud() -> Configuration:
    """Return what is configured, and report on standard error that some of it does not count."""
    configuration = read_configuration(CHECKS)
    if configuration.problems:
        click.echo(f"{configuration.summary}; enrich config check names them", err=True)
    return configuration


def views_of(configuration: Configuration, work_folder: Path) -> dict[str, tuple[str, str]]:
    """Write the rows below *work_folder*; return the SQL and the digest of each view by its name.

    A seed without configured rows has a view of no rows.
    """
    views = {}
    for name, form in forms().items():
        configured = configuration.seeds.get(name)
        target = work_folder / FOLDER / f"{name}.parquet"
        target.parent.mkdir(exist_ok=True)
        schema = pa.schema([(column, pa.string()) for column in form.columns])
        rows = [*configured.rows.values()] if configured else []
        digest = configured.digest if configured else ""
        draft = target.with_suffix(".draft")
        table = pa.Table.from_pylist(rows, schema)
        pq.write_table(
            table.replace_schema_metadata({b"digest": digest.encode()}), plain_path(draft)
        )
        os.replace(draft, target)
        views[name] = (read_parquet(path_list([target])), digest)
    return views


def digests(configuration: Configuration) -> Iterator[tuple[str, str]]:
    """Yield each seed with a digest of its rows: of its file, and of what is configured over it."""
    for path in sorted(SEEDS.glob("*.csv")):
        # As dbt computes the checksum of a file.
        text = path.read_text(encoding="utf-8").strip()
        configured = configuration.seeds.get(path.stem)
        digest = hashlib.sha256(text.encode()).hexdigest()
        yield path.stem, digest + (configured.digest if configured else "")
