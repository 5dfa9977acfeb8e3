"""Read search.db: the nodes of the graph in a full-text index.

The content of the index is stored in a plain table, which is read directly, so that the full-text
engine never runs on an untrusted file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.codegraphx.lines import Reject, excerpt
from loaders.sources.codegraphx.sqlite import Database, Relation, is_text

WORDS = (b"nodes_fts",)
COLUMNS = ("name", "path", "uid", "label", "project", "rel_path")
_DECLARED = re.compile(
    r"create\s+virtual\s+table\b.*?\busing\s+fts5\s*\((.*)\)", re.IGNORECASE | re.DOTALL
)


def is_search_index(relations: Mapping[str, Relation]) -> bool:
    return "nodes_fts" in relations


def read_rows(
    database: Database, relations: Mapping[str, Relation]
) -> Iterator[tuple[dict[str, Sequence[Any]], list[Reject]]]:
    """Yield columns of the rows of the index, and the rejected rows. Raises Invalid."""
    content = relations.get("nodes_fts_content")
    if not content or not content.is_plain:
        raise Invalid("nodes_fts has no plain content table")
    stored = [f"c{_declared(relations['nodes_fts']).index(name)}" for name in COLUMNS]
    if not {"id", *stored} <= set(content.columns):
        raise Invalid("nodes_fts_content does not have the expected columns")
    for rows in database.batches(content, ["id", *stored]):
        valid = [row for row in rows if _is_valid(row)]
        columns = list(zip(*valid, strict=True)) or [()] * (len(stored) + 1)
        rejects = [
            Reject(
                row[0],
                "nodes_fts: a value that is not text",
                excerpt(repr(row)[:200].encode("utf-8", "replace")),
            )
            for row in rows
            if not _is_valid(row)
        ]
        yield dict(zip(("position", *COLUMNS), columns, strict=True)), rejects


def _is_valid(row: Sequence[Any]) -> bool:
    return all(cell is None or is_text(cell) for cell in row[1:])


def read_meta(database: Database, relations: Mapping[str, Relation]) -> dict[str, str]:
    """Return key → value of the table search_meta. Raises Invalid."""
    meta = relations.get("search_meta")
    if not meta or not meta.is_plain or not {"key", "value"} <= set(meta.columns):
        return {}
    found = (row for rows in database.batches(meta, ["key", "value"]) for row in rows)
    return {key: value for key, value in found if is_text(key) and is_text(value)}


def _declared(index: Relation) -> list[str]:
    """Return the declared columns of the index, in order. Raises Invalid."""
    declared = _DECLARED.match(index.sql)
    words = [part.split() for part in declared[1].split(",")] if declared else []
    names = [word[0].strip('"`[]').lower() for word in words if word and "=" not in "".join(word)]
    if not set(COLUMNS) <= set(names):
        raise Invalid("nodes_fts is not an index of graph nodes")
    return names
