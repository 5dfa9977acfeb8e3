"""The tags of crawled files that identify source text, and the names that identify a readme."""

from __future__ import annotations

import csv
from functools import cache

import pyarrow as pa

from loaders.base.paths import PROJECT_ROOT

# In place of a language, for a readme that is not source text.
README = "readme"


@cache
def readme_names() -> pa.Table:
    """Return the patterns of the names of readmes in `seeds/file_kind_rules.csv`, in lower case."""
    with open(PROJECT_ROOT / "seeds" / "file_kind_rules.csv", encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return pa.table({"pattern": [row["pattern"] for row in rows if row["part"] == "readme"]})


@cache
def source_languages() -> pa.Table:
    """Return tag, language and precedence of the source kinds in `seeds/file_languages.csv`."""
    with open(PROJECT_ROOT / "seeds" / "file_languages.csv", encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["file_kind"] == "source"]
    return pa.table(
        {
            "tag": [row["tag"] for row in rows],
            "language": [row["language"] for row in rows],
            "precedence": [int(row["precedence"]) for row in rows],
        }
    )
