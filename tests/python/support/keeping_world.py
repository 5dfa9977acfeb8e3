"""Builds landing zones and published files for the tests of backups and of foreign files.

Zones, crafted entries, and comparisons of files that must not change.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from loaders.base.locks import FileLock
from loaders.base.paths import Locations, locations
from loaders.base.sealed import seal, unseal
from loaders.publishing.published_versions import swap_in
from loaders.zone.landing import LandingZone

EVENT = {"kind": "root", "path": "/a", "profile": "default", "event": "added"}
VIEWS = (
    "v_project_health",
    "v_index_coverage",
    "v_collector_projects",
    "v_gap_backlog",
    "v_next_actions",
)


def land_one(zone: LandingZone, **facts: Any) -> str:
    """Land one run of one row and return its id."""
    with zone.run("sources", ["test"], **facts) as run:
        run.table("source_events").append_rows([EVENT])
        run.counts.landed += 1
    return run.run_id


def publish_one(text: str, where: Locations | None = None) -> int:
    """Publish a file with the contract's views, and *text* in it, as the next version."""
    where = where or locations()
    with FileLock(where.build_lock, "test"):
        draft = where.work_folder / "next.duckdb"
        stub_database(draft, text)
        return swap_in(draft, where, {"as_of": text, "contract": {}})


def stub_database(path: Path, text: str = "") -> Path:
    """Make the smallest database that has what a published file is known by."""
    with duckdb.connect(str(path)) as db:
        db.execute(
            "create schema internal; create table internal.as_of as select timestamp"
            " '2026-03-01' as as_of"
        )
        db.execute("create table main.content as select $1 as text", [text])
        for view in VIEWS:
            db.execute(f"create view {view} as select text from content")
    return path


def text_of(path: Path) -> str:
    """Return the text of a stub that is published at *path*."""
    with duckdb.connect(str(path), read_only=True) as db:
        return db.execute("select text from v_next_actions").fetchone()[0]


def append_crafted(zone: Path, **changes: Any) -> Path:
    """Append a sealed, consecutive entry to the log in *zone*, with *changes* to its manifest."""
    newest = max((zone / "log").glob("*.json"))
    raw = newest.read_bytes()
    manifest = unseal(raw) | {
        "seq": int(newest.stem) + 1,
        "parent_sha256": hashlib.sha256(raw).hexdigest(),
    }
    manifest |= {"run_id": "20260301T120000Z-crawl-0badcafe", "files": [], "replaces": []} | changes
    entry = newest.with_name(f"{manifest['seq']:020}.json")
    entry.write_bytes(seal(manifest))
    return entry


def file_item(path: str, raw: bytes, **changes: Any) -> Mapping[str, Any]:
    """Return the description of a landed file as a manifest holds it."""
    item = {"path": path, "table": "source_events", "rows": 1, "bytes": len(raw)}
    return item | {"sha256": hashlib.sha256(raw).hexdigest()} | changes


def tree_of(*folders: Path) -> dict[str, tuple]:
    """Return path → kind, content or target, and mtime of all in *folders*; follow no links."""
    found = {}
    for top in folders:
        for path in [top, *top.rglob("*")]:
            status = path.lstat()
            kind = stat.S_IFMT(status.st_mode)
            content: Any = None
            if stat.S_ISREG(kind):
                content = hashlib.sha256(path.read_bytes()).hexdigest()
            elif stat.S_ISLNK(kind):
                content = os.readlink(path)
            # A folder's own time changes when a name comes and goes; the names are compared.
            found[str(path)] = (kind, content, None if stat.S_ISDIR(kind) else status.st_mtime_ns)
    return found
