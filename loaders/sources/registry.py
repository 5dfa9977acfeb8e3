"""All sources, in the order in which a refresh lands them: the only place that names them all."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from loaders.base.integrity import Rules
from loaders.sources.code.source import CODE
from loaders.sources.codegraphx.source import CODEGRAPHX
from loaders.sources.crawl.source import CRAWL
from loaders.sources.git_history.source import GIT
from loaders.sources.manifests.source import MANIFESTS
from loaders.sources.reports.source import REPORTS
from loaders.sources.script_runs.source import SCRIPT_RUNS
from loaders.sources.signals.source import SIGNALS
from loaders.zone.schemas import Table
from loaders.zone.source_form import Source
from loaders.zone.tables import TABLES as ZONE_TABLES

SOURCES: tuple[Source, ...] = (
    CRAWL,
    CODEGRAPHX,
    SIGNALS,
    CODE,
    MANIFESTS,
    GIT,
    REPORTS,
    SCRIPT_RUNS,
)

# Every landed table by name: those of the zone itself, then those of each source.
DECLARED: dict[str, Table] = {
    **ZONE_TABLES,
    **{name: table for source in SOURCES for name, table in source.tables.items()},
}

# Every landed table → its schema.
TABLES: dict[str, pa.Schema] = {name: table.schema for name, table in DECLARED.items()}

# Kind of registered source → its meaning.
KINDS: dict[str, str] = {
    kind: meaning for source in SOURCES for kind, meaning in source.kinds.items()
}


def _with_kinds(rules: Rules) -> Rules:
    return replace(rules, words={**rules.words, "kind": " ".join(KINDS)})


# Every landed table → the rules that every healthy row of it keeps.
RULES: dict[str, Rules] = {name: table.rules for name, table in DECLARED.items()}
RULES["source_events"] = _with_kinds(RULES["source_events"])


def remedy_of(table: str) -> str | None:
    """Return how to replace a damaged file of *table* other than from a backup; None: no way."""
    return next((source.remedy for source in SOURCES if table in source.tables), None)
