"""A small published file with landed CodeGraphX facts.

Five catalogued projects and two scanned folders.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from enrich_fixtures import HOSTILE

ALPHA, BETA, SPACED, EVIL, BARE, OURS, LOOSE, GONE = (f"{number:032x}" for number in range(1, 9))
WHEN = datetime(2026, 11, 20, 20, 58, 1)
# Names that are special in a path, a shell or a table of SQL.
ODD = 'it\'s "q" $(x) ; --\\%_'


def rows() -> dict[str, list[dict[str, Any]]]:
    """Return relation → rows."""
    return {
        "codegraphx_projects": [
            _catalogued(
                ALPHA, "alpha", "/w/00_Tools/alpha", files=40, lines=5000, has_tests=1, has_git=1
            ),
            # Its scan writes the drive and the folder in another way.
            _catalogued(
                BETA,
                "beta",
                "C:\\Dev\\Beta",
                key="c:/dev/beta",
                files=80,
                lines=10_000,
                has_ci_cd=1,
            ),
            _catalogued(SPACED, "odd", f"/w/00xTools/{ODD}", files=8, lines=100, has_readme=1),
            _catalogued(
                EVIL, HOSTILE, f"/w/{HOSTILE}", files=4, lines=100, has_docs=1, has_license=1
            ),
            _catalogued(BARE, None, None, key=None),
        ],
        "projects": [
            *(
                _project(key, path)
                for key, path in ((ALPHA, "/w/00_Tools/alpha"), (OURS, "/w/ours\\x09x"))
            ),
            *(_project(key, path) for key, path in ((LOOSE, "/w"), (GONE, "/w/gone"))),
        ],
        "v_project_health": [
            _healthy(ALPHA, "/w/00_Tools/alpha", file_count=1, line_count=1),
            _healthy(
                OURS,
                "/w/ours\\x09x",
                file_count=20,
                line_count=2500,
                vcs="git",
                has_ci=True,
                has_tests=None,
            ),
            _healthy(LOOSE, "/w", kind="loose_files", file_count=9, line_count=9999),
            _healthy(GONE, "/w/gone", index_state="gone", file_count=9, line_count=9999),
        ],
        "codegraphx_enrichment": [
            {
                "source_path": "c:\\dev\\BETA",
                "source_path_key": "c:/dev/beta",
                "source_project": "beta",
                "scan_file_count": 2,
                "scan_artifact": "data/beta/scan.jsonl",
                "phase7_performance_json": None,
                "created_at": WHEN,
                "updated_at": WHEN,
            }
        ],
        "codegraphx_project_signals": [
            _signals("c:\\dev\\BETA", "c:/dev/beta"),
            _signals(f"/w/{HOSTILE}", "/w/evil"),
        ],
        "codegraphx_file_signals": [
            _file("walker.py", 6.0, walk=1, read=1, filter=1, aggregate=1),
            _file("reader.py", 4.5, walk=0, read=1, metadata=1, aggregate=1),
            _file("vendor/Copy.py", 5.0, walk=1, read=1, aggregate=1),
            _file("plain.py", 0.5, name_hint=1),
            # A catalogue of before this column was.
            _file("scoreless.py", None, walk=1, read=1),
            _file(HOSTILE, 7.0, "/w/evil", walk=1, read=1),
        ],
        "codegraphx_project_intelligence": [
            {
                "source_path": "c:\\dev\\BETA",
                "source_path_key": "c:/dev/beta",
                "source_project": HOSTILE,
                "scan_artifact": "data/beta/scan.jsonl",
                "files_analyzed": 3,
                "functions_analyzed": 4,
                "dependency_edges": 2,
                "call_edges": 3,
                "internal_call_edges": 2,
                "avg_cyclomatic": 8.5,
                "max_cyclomatic": 20,
                "p95_cyclomatic": 11.0,
                "high_complexity_functions": 2,
                "file_similarity_pairs": 1,
                "function_similarity_pairs": 2,
                "max_call_chain_depth": 1,
                "created_at": WHEN,
                "updated_at": WHEN,
            }
        ],
        "codegraphx_complexity_nodes": [
            _function("walker.py", "walk", 20),
            _function("walker.py", "read", 11),
            _function("reader.py", "main", 2),
            _function("vendor/Copy.py", "copy", 1),
        ],
        "codegraphx_dependency_edges": [
            _beta(
                file_path="C:\\Dev\\Beta\\walker.py",
                import_name="os",
                is_internal=0,
                import_count=1,
            ),
            _beta(
                file_path="C:\\Dev\\Beta\\vendor\\Copy.py",
                import_name="os",
                is_internal=0,
                import_count=1,
            ),
        ],
        "codegraphx_call_edges": [
            _call("walker.py", "walk", "read", "walker.py::read"),
            _call("walker.py", "walk", "copy", "vendor/Copy.py::copy"),
            _call("walker.py", "read", "open", "", is_internal=0),
        ],
        "codegraphx_similarity_pairs": [
            _pair("file", "C:\\Dev\\Beta\\walker.py", "C:\\Dev\\Beta\\reader.py", 0.7),
            _pair("function", "walker.py::walk", "walker.py::read", 1.0),
            _pair("function", "walker.py::walk", "vendor/Copy.py::copy", 0.8),
        ],
    }


def _catalogued(
    project: str, name: str | None, path: str | None, *, key: str | None = "",
    files: int | None = None, lines: int | None = None, **flags: int,
) -> dict[str, Any]:  # fmt: skip
    known = {
        "project_id": project,
        "name": name,
        "path": path,
        "path_key": path if key == "" else key,
    }
    return {**known, "file_count": files, "line_count": lines, **flags}


def _project(key: str, path: str) -> dict[str, Any]:
    return {"project_id": key, "project_path": path, "path_key": path}


def _healthy(key: str, path: str, **facts: Any) -> dict[str, Any]:
    usual = {"kind": "repository", "index_state": "fresh", "vcs": "none"}
    return (
        {"project_id": key, "project_path": path, "project_name": path.rpartition("/")[2]}
        | usual
        | facts
    )


def _signals(path: str, key: str) -> dict[str, Any]:
    return {
        "source_path": path,
        "source_path_key": key,
        "source_project": HOSTILE,
        "files_analyzed": 4,
        "collector_files": 2,
        "collector_ratio": 0.5,
        "min_score": 4.0,
        "scan_artifact": "data/beta/scan.jsonl",
        "created_at": WHEN,
        "updated_at": WHEN,
    }


def _beta(**values: Any) -> dict[str, Any]:
    facts = {
        "source_path": "c:\\dev\\BETA",
        "source_path_key": "c:/dev/beta",
        "source_project": "beta",
    }
    return facts | {"created_at": WHEN, "updated_at": WHEN} | values


def _in_beta(file: str) -> str:
    return f"C:\\Dev\\Beta\\{file}".replace("/", "\\")


def _file(
    name: str, score: float | None, key: str = "c:/dev/beta", **signals: int
) -> dict[str, Any]:
    path = _in_beta(name) if key == "c:/dev/beta" else f"/w/{HOSTILE}/{name}"
    found = {f"signal_{signal}": value for signal, value in signals.items()}
    evidence = '["walk", "read"]' if signals.get("walk") else "no JSON"
    facts = {
        "file_path": path,
        "file_path_key": f"{key}/{name.lower()}" if key == "c:/dev/beta" else path,
        "collector_score": score,
        "language": "python",
        "evidence_json": evidence,
    }
    return _beta(source_path_key=key, **facts, **found)


def _function(file: str, name: str, cyclomatic: int) -> dict[str, Any]:
    return _beta(
        file_path=_in_beta(file),
        function_uid=f"{file}::{name}",
        function_name=name,
        cyclomatic=cyclomatic,
    )


def _call(file: str, caller: str, callee: str, uid: str, is_internal: int = 1) -> dict[str, Any]:
    facts = {
        "caller_uid": f"{file}::{caller}",
        "caller_file": _in_beta(file),
        "callee_name": callee,
    }
    return _beta(**facts, callee_uid=uid, is_internal=is_internal, call_count=1)


def _pair(kind: str, left: str, right: str, similarity: float) -> dict[str, Any]:
    return _beta(
        pair_type=kind, left_id=left, right_id=right, similarity=similarity, evidence_json="{}"
    )
