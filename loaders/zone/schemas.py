"""The declared tables of the landing zone: their columns, texts and rules.

Each source declares its tables in its `tables.py`; `loaders.sources.registry` names all sources,
and so all tables. Only tables whose module was imported are known here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pyarrow as pa

from loaders.base.integrity import Rules
from loaders.base.masking import set_groups
from loaders.zone.column_texts import SHARED_TEXTS

_utc = pa.timestamp("us")

# A name and a type; a text if they do not say everything.
Column = tuple[str, pa.DataType] | tuple[str, pa.DataType, str]

RUN_ID: Column = ("run_id", pa.string())

# Declared so far: table → its schema, and the rules that every healthy row of it keeps.
TABLES: dict[str, pa.Schema] = {}
RULES: dict[str, Rules] = {}


@dataclass(frozen=True)
class Table:
    """One landed table. Its first column is always the run that landed the row."""

    name: str
    about: str  # what one row is
    columns: Sequence[Column]
    rules: Rules
    # Group of `loaders.base.masking` → columns of text that it does not know, or not as these.
    masked: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def schema(self) -> pa.Schema:
        return pa.schema([column[:2] for column in (RUN_ID, *self.columns)])

    @property
    def texts(self) -> dict[str, str]:
        """Column → its own text, or the shared one."""
        own = {column[0]: column[2] for column in self.columns if len(column) > 2}
        return {
            name: text
            for name in self.schema.names
            if (text := own.get(name) or SHARED_TEXTS.get(name))
        }


def declare(*tables: Table) -> dict[str, Table]:
    """Make *tables* known to the landing zone, and return them by name."""
    TABLES.update({table.name: table.schema for table in tables})
    RULES.update({table.name: table.rules for table in tables})
    for table in tables:
        set_groups(table.name, table.masked)
    return {table.name: table for table in tables}


# The log's own records, written out for the build; not a table that anybody lands.
RUNS = pa.schema(
    [
        ("run_id", pa.string()),
        ("run_seq", pa.int64()),
        ("action", pa.string()),
        ("status", pa.string()),
        ("started_at", _utc),
        ("ended_at", _utc),
        ("duration_seconds", pa.float64()),
        ("discovered", pa.int64()),
        ("landed", pa.int64()),
        ("unchanged", pa.int64()),
        ("skipped", pa.int64()),
        ("quarantined", pa.int64()),
        ("error_count", pa.int64()),
        ("error_message", pa.string()),
        ("argv", pa.string()),
        ("tool_version", pa.string()),
        ("code_ref", pa.string()),
        ("config_hash", pa.string()),
        ("parent_run_id", pa.string()),
        ("artifact_path", pa.string()),
        ("masked_count", pa.int64()),
        ("meta_now", pa.string()),
        (
            "tools",
            pa.list_(
                pa.struct([("name", pa.string()), ("path", pa.string()), ("version", pa.string())])
            ),
        ),
        ("believed_at", _utc),
    ]
)
# The columns that a build adds to every landed table.
OF_THE_RUN = pa.schema([("run_seq", pa.int64()), ("landed_at", _utc)])


def as_declared(table: str, rows: pa.Table) -> pa.Table:
    """Return *rows* of a landed file with the declared columns of *table*.

    Other code may have landed them: a column that is missing is NULL, an undeclared one is left
    out.
    """
    present = set(rows.schema.names)
    columns = [
        rows[item.name].cast(item.type) if item.name in present else pa.nulls(len(rows), item.type)
        for item in TABLES[table]
    ]
    return pa.table(columns, schema=TABLES[table])
