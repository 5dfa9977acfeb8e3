"""The format of a landing zone: its version, and how records of other versions are read.

`zone.json` and every manifest of the log hold `format_version`. Code reads zones of its own
version and of every older one, and refuses a newer one in one line before it writes anything.

Raise FORMAT_VERSION when code of an older version would misread what newer code lands. That is so
if a column changes its meaning, type or unit, if a column or a field of a manifest that older code
needs is no longer filled, or if files, digests or paths of the zone are laid out differently.

It does not change for a new table, a new column of a table and a new field of a manifest. Readers
look for columns by name: they ignore a column that they have not declared, and read a declared
column that a file does not have as NULL. A compaction leaves files with unknown columns or of
unknown tables alone.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from loaders.base.errors import LandingError
from loaders.base.sealed import unseal

FORMAT_VERSION = 1

# The first zones had no seals: the chain of parents alone protects their manifests.
_IDENTITY_BEFORE_SEALS = frozenset({"format_version", "zone_id", "host_label", "created_at"})
_MANIFEST_BEFORE_SEALS = frozenset(
    "format_version run_id action scope status started_at ended_at duration_seconds discovered "
    "landed unchanged skipped quarantined error_count error_message argv tool_version code_ref "
    "config_hash parent_run_id artifact_path meta_now tools files seq parent_sha256".split()
)
# Fields that the first manifests do not have.
_MANIFEST_DEFAULTS: Mapping[str, Any] = {"replaces": [], "safeguards": {}, "read_up_to": None}


class NewerFormat(LandingError):
    """The landing zone was written by a newer version, whose format this version does not know."""


def refuse_newer_record(raw: bytes, path: Path) -> None:
    """Raise NewerFormat if *raw*, found at *path*, is a JSON record of a newer format version.

    Everything else about the record may differ from what this version writes.
    """
    try:
        record = json.loads(raw)
        version = record["format_version"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return
    is_newer = isinstance(version, int) and version > FORMAT_VERSION
    if is_newer and not _is_ours_but_for_its_version(record):
        what = f"format {version}, this version reads up to {FORMAT_VERSION}"
        raise NewerFormat(f"{path}: {what}; use a newer version")


def _is_ours_but_for_its_version(record: dict[str, Any]) -> bool:
    """Say whether the seal of *record* holds with a known version: then its version is damaged."""
    for known in range(1, FORMAT_VERSION + 1):
        with contextlib.suppress(ValueError):
            unseal(json.dumps({**record, "format_version": known}).encode())
            return True
    return False


def identity_of(raw: bytes, path: Path) -> dict[str, Any]:
    """Return the identity that *raw*, the content of the zone.json at *path*, holds.

    Raises NewerFormat, and ValueError, KeyError, TypeError or RecursionError if it is damaged.
    """
    refuse_newer_record(raw, path)
    return _known_version(_unsealed(raw, _IDENTITY_BEFORE_SEALS, exactly=True))


def manifest_of(raw: bytes, path: Path, *, exactly: bool = False) -> dict[str, Any]:
    """Return the manifest, all fields set, that *raw*, the log entry at *path*, holds.

    Raises NewerFormat, and ValueError or RecursionError if it is damaged.
    """
    try:
        manifest = _known_version(_unsealed(raw, _MANIFEST_BEFORE_SEALS, exactly=exactly))
    except (ValueError, KeyError, TypeError, RecursionError):
        refuse_newer_record(raw, path)
        raise
    return {**_MANIFEST_DEFAULTS, **manifest}


def _unsealed(raw: bytes, before_seals: frozenset[str], *, exactly: bool) -> dict[str, Any]:
    try:
        return unseal(raw, exactly=exactly)
    except ValueError:
        record = json.loads(raw)
        if isinstance(record, dict) and record.keys() == before_seals:
            return record
        raise


def _known_version(record: dict[str, Any]) -> dict[str, Any]:
    version = record["format_version"]
    if type(version) is not int or not 1 <= version <= FORMAT_VERSION:
        raise ValueError(f"format {version!r}, this version reads up to {FORMAT_VERSION}")
    return record
