"""Code as a source."""

from __future__ import annotations

from loaders.sources.code.tables import TABLES
from loaders.zone.source_form import Source

CODE = Source("code", TABLES, [])
