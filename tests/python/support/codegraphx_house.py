"""Builds a small workspace with CodeGraphX artifacts for the tests of its views.

A comment beside each corner gives its purpose.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from golden import commit_all, write

FAR = "C:\\Work\\Far"
_COUNTERS = (
    "parse_record_count event_count node_count edge_count project_nodes file_nodes"
    " function_nodes symbol_nodes module_nodes contains_edges defines_edges calls_edges"
    " imports_edges calls_function_edges"
).split()
_TABLES = {
    "projects": (
        "name path file_count line_count has_readme has_tests has_git has_ci_cd has_docs"
        " has_license"
    ),
    "codegraphx_enrichment": " ".join(
        [
            "source_path source_project scan_file_count",
            *_COUNTERS,
            "scan_artifact created_at updated_at",
        ]
    ),
    "codegraphx_file_signals": (
        "source_path source_project file_path language collector_score is_file_collector"
        " evidence_json created_at updated_at"
    ),
    "codegraphx_project_signals": (
        "source_path source_project files_analyzed collector_files collector_ratio min_score"
        " scan_artifact top_collectors_json created_at updated_at"
    ),
}


def write_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    write(path, "".join(json.dumps(row) + "\n" for row in rows))
    return path


def scan_rows(label: str, root: Path, names: Iterable[str]) -> list[dict[str, Any]]:
    """Return the rows of a scan of *root* for the files *names*, whether they exist or not."""
    return [
        {
            "project": label,
            "root": str(root),
            "path": str(root / name),
            "rel_path": name,
            "ext": Path(name).suffix,
            "size": 4,
        }
        for name in names
    ]


class House:
    """The workspace below *root*: `code` has the projects, `tool` the checkout and its data."""

    def __init__(self, root: Path) -> None:
        self.code = root / "code"
        self.checkout = root / "tool"
        self.data = self.checkout / "data"
        self.catalog = self.data / "project_catalog.db"

    def build(self) -> None:
        self._build_projects()
        self._build_scans()
        self._build_events()
        self._build_reports()
        write(self.checkout / "config" / "default.yaml", "run: {}\n")
        self.write_catalog()

    def _build_projects(self) -> None:
        # In no repository and without a manifest: a project because a catalogue lists it.
        for name in ("pkg/a.py", "pkg/b.py", "pkg/new.py", "top.py", "build/made.py", "README.md"):
            write(self.code / "plain" / name, name)
        (self.code / "plain" / "pkg" / "link.py").symlink_to("a.py")
        # Catalogued inside a repository: these files belong to the catalogued project, although the
        # repository tracks them.
        for name in ("outer/src/o.py", "outer/inner/i.py", "outer/inner/j.py"):
            write(self.code / name, name)
        commit_all(self.code / "outer")
        # Catalogued, there, and in no folder that is crawled.
        write(self.checkout / "embedded" / "e.py", "e")
        # Crawled, and in no catalogue.
        for name in ("crawled", "free", "parts"):
            write(self.code / name / "package.json", "{}")
        for name in (
            "crawled/lib/c.js",
            "free/a.py",
            "free/b.py",
            "free/c.py",
            "parts/x/a.py",
            "parts/y/b.py",
        ):
            write(self.code / name, name)

    def _build_scans(self) -> None:
        # A scan of everything, registered for the folder around the projects. That does not make
        # the folder a project.
        self.root_scan = write_lines(
            self.data / "all_scan_complete" / "scan_merged_all.jsonl",
            [
                *scan_rows("plain", self.code / "plain", ["pkg/a.py", "pkg/b.py", "pkg/gone.py"]),
                *scan_rows("outer", self.code / "outer", ["src/o.py", "inner/i.py"]),
            ],
        )
        # A scan of one project, under a label that is no longer its name.
        self.own_scan = write_lines(
            self.data / "plain" / "scan.jsonl",
            scan_rows("plain-of-old", self.code / "plain", ["pkg/a.py", "pkg/b.py"]),
        )
        # Registered nowhere, of a project that no registered scan holds.
        write_lines(
            self.data / "scan.jsonl", scan_rows("crawled", self.code / "crawled", ["lib/c.js"])
        )
        # If several contain a whole project, the narrowest counts, then the newest; if they are
        # parts of one, the merged one counts.
        free, parts = self.code / "free", self.code / "parts"
        x, y = scan_rows("x", parts / "x", ["a.py"]), scan_rows("y", parts / "y", ["b.py"])
        for name, day, rows in (
            (
                "wide/scan.jsonl",
                5,
                scan_rows("free", self.code, ["free/a.py", "free/b.py", "free/c.py"]),
            ),
            ("older/scan.jsonl", 1, scan_rows("free", free, ["a.py"])),
            ("newer/scan.jsonl", 2, scan_rows("free", free, ["a.py", "b.py"])),
            ("parts_chunks/chunk_01/scan.jsonl", 4, x),
            ("parts_scan_complete/scan_merged_parts.jsonl", 3, [*x, *y]),
        ):
            at = datetime(2026, 2, day, tzinfo=UTC).timestamp()
            os.utime(write_lines(self.data / name, rows), (at, at))

    def _build_events(self) -> None:
        def file(name: str) -> dict[str, Any]:
            uid = f"plain-of-old:{name}"
            props = {
                "uid": uid,
                "project": "plain-of-old",
                "path": str(self.code / "plain" / name),
                "rel_path": name,
            }
            return {
                "kind": "node",
                "label": "File",
                "uid": uid,
                "props": {**props, "language": "python"},
            }

        def edge(kind: str, src: tuple[str, str], dst: tuple[str, str]) -> dict[str, Any]:
            ends = {"src_label": src[0], "src_uid": src[1], "dst_label": dst[0], "dst_uid": dst[1]}
            return {"kind": "edge", "type": kind, **ends, "props": {}}

        project = {
            "kind": "node",
            "label": "Project",
            "uid": "plain-of-old",
            "props": {"name": "plain-of-old"},
        }
        a, b = "plain-of-old:pkg/a.py", "plain-of-old:pkg/b.py"
        run = f"{a}:run:1"
        function = {"uid": run, "name": "run", "line": 1, "project": "plain-of-old", "file_uid": a}
        write_lines(
            self.data / "events.jsonl",
            [
                project,
                file("pkg/a.py"),
                edge("CONTAINS", ("Project", "plain-of-old"), ("File", a)),
                {"kind": "node", "label": "Function", "uid": run, "props": function},
                edge("DEFINES", ("File", a), ("Function", run)),
                edge("CALLS", ("Function", run), ("Symbol", "symbol:print")),
                project,
                file("pkg/b.py"),
                edge("CONTAINS", ("Project", "plain-of-old"), ("File", b)),
                edge("CALLS", ("Function", run), ("Symbol", "symbol:print")),
            ],
        )

    def _build_reports(self) -> None:
        old, new, odd = "20260101T000000Z-old", "20260102T000000Z-new", "20260103T000000Z-odd"
        for name, hashes in (
            (old, {"node:File:a": "0" * 64, "node:File:b": "1" * 64}),
            (new, {"node:File:b": "2" * 64, "node:File:c": "3" * 64, "node:File:d": "4" * 64}),
            # Written by an old version: hashes of another kind.
            (odd, {"node:File:b": "2" * 40}),
        ):
            day = f"{name[:4]}-{name[4:6]}-{name[6:8]}T00:00:00+00:00"
            snapshot = {"snapshot_id": name, "created_at": day, "hashes": hashes, "meta": {}}
            write(self.data / "snapshots" / f"{name}.json", json.dumps(snapshot))
        # Counts one unchanged file too many.
        counts = {
            "added": 2,
            "removed": 1,
            "changed": 1,
            "unchanged": 1,
            "old_total": 2,
            "new_total": 3,
        }
        report = {"old": old, "new": new, "counts": counts, "categories": []}
        write(self.data / "snapshot_report.json", json.dumps(report))
        row = {"functions": 1, "edges": 1, "commits": 0, "churn_lines": 0, "score": 3.0}
        rows = [
            {"project": "plain", "rel_path": "pkg/a.py", **row},
            {"project": "plain", "rel_path": "pkg/b.py", **row},
        ]
        changed = {
            **row,
            "project": "crawled",
            "rel_path": "lib/c.js",
            "commits": 2,
            "churn_lines": 9,
        }
        unchanged = {**row, "project": "crawled", "rel_path": "lib/d.js"}
        churn = {"since": "2026-01-01", "project_filter": "", "rows": [*rows, changed, unchanged]}
        write(self.data / "churn_hotspots.json", json.dumps(churn))

    def write_catalog(self, rows: Mapping[str, list[Mapping[str, Any]]] | None = None) -> None:
        """Write the catalogue again, with its rows or others."""
        self.catalog.unlink(missing_ok=True)
        with sqlite3.connect(self.catalog) as db:
            for table, columns in _TABLES.items():
                db.execute(f"create table {table} ({columns.replace(' ', ', ')})")
                for row in (rows or self.catalog_rows()).get(table, []):
                    marks = ", ".join("?" for _ in row)
                    db.execute(
                        f"insert into {table} ({', '.join(row)}) values ({marks})",
                        list(row.values()),
                    )
        db.close()

    def catalog_rows(self) -> dict[str, list[Mapping[str, Any]]]:
        plain, outer = str(self.code / "plain"), str(self.code / "outer")
        paths = [
            plain,
            outer,
            f"{outer}/inner",
            str(self.code / "gone"),
            str(self.checkout / "embedded"),
            FAR,
            FAR.replace("C:", "c:").lower(),
            "",
            None,
        ]
        projects = [{"name": "p", "path": path, "has_docs": 0} for path in paths]
        counters = dict.fromkeys(_COUNTERS, 0)

        def enriched(path: str, scan: Path, at: str, files: int) -> dict[str, Any]:
            facts = {
                "source_path": path,
                "source_project": "label",
                "scan_file_count": files,
                "updated_at": at,
            }
            return {**facts, **counters, "scan_artifact": str(scan), "created_at": at}

        def signals(
            path: str, name: str, is_collector: int, evidence: str = '["walk"]'
        ) -> dict[str, Any]:
            return {
                "source_path": path,
                "source_project": "label",
                "file_path": f"{plain}/{name}",
                "language": "python",
                "collector_score": 4.0 * is_collector,
                "is_file_collector": is_collector,
                "evidence_json": evidence,
                "created_at": "2026-02-01 10:00:00",
                "updated_at": "2026-02-01 10:00:00",
            }

        return {
            "projects": projects,
            "codegraphx_enrichment": [
                enriched(str(self.code), self.root_scan, "2026-02-01 10:00:00", 5),
                enriched(plain, self.own_scan, "2026-02-02 10:00:00", 2),
                # Its scan is of a machine that is not here.
                enriched(FAR, Path("D:\\scans\\scan.jsonl"), "2026-02-03 10:00:00", 7),
                enriched(
                    str(self.code / "gone"),
                    self.data / "gone" / "scan.jsonl",
                    "2026-01-01 10:00:00",
                    1,
                ),
            ],
            "codegraphx_file_signals": [
                signals(str(self.code), "pkg/a.py", 0),
                signals(str(self.code), "pkg/b.py", 1),
                signals(plain, "pkg/a.py", 1),
                # No JSON: one bad cell, and nothing else.
                signals(plain, "pkg/b.py", 1, "[walk"),
            ],
            "codegraphx_project_signals": [
                {
                    "source_path": plain,
                    "source_project": "label",
                    "files_analyzed": 2,
                    "collector_files": 2,
                    "collector_ratio": 1.0,
                    "min_score": 4.0,
                    "scan_artifact": str(self.own_scan),
                    "top_collectors_json": "[]",
                    "updated_at": "2026-02-02 10:00:00",
                }
            ],
        }
