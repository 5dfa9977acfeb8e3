"""The marks of source text among crawled files: tags, names of readmes, kernels of notebooks."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from fnmatch import translate
from functools import cache

import pyarrow as pa

from loaders.base.paths import PROJECT_ROOT

# In place of a language, for a readme that is not source text.
README = "readme"


@cache
def readme_names() -> str:
    """Return what matches the names of readmes in `seeds/file_kind_rules.csv`, in lower case."""
    rows = _seed("file_kind_rules")
    patterns = [translate(row["pattern"]) for row in rows if row["part"] == "readme"]
    # The end is written differently in the expressions of the engine, which matches whole names.
    return "|".join(pattern.removesuffix(r"\Z").removesuffix(r"\z") for pattern in patterns)


@cache
def source_languages() -> pa.Table:
    """Return tag, language and precedence of the source kinds in `seeds/file_languages.csv`."""
    rows = [row for row in _seed("file_languages") if row["file_kind"] == "source"]
    return pa.table(
        {
            "tag": [row["tag"] for row in rows],
            "language": [row["language"] for row in rows],
            "precedence": [int(row["precedence"]) for row in rows],
        }
    )


@cache
def kernel_languages() -> pa.Table:
    """Return the languages of the code in notebooks, by the tags and names of languages."""
    names: dict[str, str] = {}
    for row in _seed("file_languages"):
        language = row["language"]
        for name in (row["tag"], language.lower()):
            names[name] = min(names.get(name, language), language)
    return pa.table({"code_language": list(names), "language": list(names.values())})


def _seed(name: str) -> Iterator[dict[str, str]]:
    with open(PROJECT_ROOT / "seeds" / f"{name}.csv", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
