"""The rows of code in the small published file: of `jq`, and of a project with hostile names."""

from __future__ import annotations

from typing import Any

# Ids of files and symbols.
CORE, PARSE, CHECKS, EVIL_FILE = ("f" * 31 + digit for digit in "1234")
RUN, RUN_OVERLOAD, RUN_IN_CHECKS, EVIL_SYMBOL = ("5" * 31 + digit for digit in "1234")

Rows = dict[str, list[dict[str, Any]]]


def code_rows(jq: dict[str, Any], evil: dict[str, Any], hostile: str) -> Rows:
    """Return the rows of *jq* and *evil* (each `project_id` and `project_path`)."""
    files = {
        CORE: (jq, "src/core.py"),
        PARSE: (jq, "src/parse.py"),
        CHECKS: (jq, "tests/core.py"),
        EVIL_FILE: (evil, hostile),
    }
    symbols = [
        _symbol(RUN, CORE, "Engine.run", "method", 9, 40),
        _symbol(RUN_OVERLOAD, CORE, "Engine.run", "method", 7, 8),
        _symbol(RUN_IN_CHECKS, CHECKS, "run", "function", 1, 4),
        _symbol(EVIL_SYMBOL, EVIL_FILE, f"{hostile}.{hostile}", "function", 1, 2)
        | {"parameters": None},
    ]
    return {
        "codebase_metadata": [
            _metadata(file, *files[file])
            for file in files
        ],
        "v_code_map": [
            {**project, "file_id": file, "file_path": path, "file_kind": "source",
             "pagerank_score": 0.25, "primary_role": hostile, "main_author_name": hostile,
             "recent_revisions": 1, "hotspot_score": 0.5, "quality_score": 61.2}
            for file, (project, path) in files.items()
        ],
        "code_symbols": [
            one | {"project_id": files[one["file_id"]][0]["project_id"],
                   "file_path": files[one["file_id"]][1]}
            for one in symbols
        ],
        "code_imports": [
            {**jq, "file_id": CORE, "file_path": "src/core.py", "line": 1, "kind": "import",
             "module": hostile, "level": 0, "name": hostile, "leads_to": "package",
             "resolved_package": hostile},
            {**jq, "file_id": CORE, "file_path": "src/core.py", "line": 2, "kind": "from",
             "module": "parse", "level": 1, "name": "Tree", "leads_to": "file",
             "resolved_file_id": PARSE, "resolved_file_path": "src/parse.py",
             "resolved_project_id": jq["project_id"],
             "resolved_project_path": jq["project_path"], "resolved_via": "relative",
             "confidence_ratio": 1.0},
            {**evil, "file_id": EVIL_FILE, "file_path": hostile, "line": 3, "kind": "import",
             "module": "core", "level": 0, "leads_to": "file", "resolved_file_id": CORE,
             "resolved_file_path": "src/core.py", "resolved_project_id": jq["project_id"],
             "resolved_project_path": jq["project_path"],
             "resolved_via": "package name", "confidence_ratio": 0.5},
        ],
        "code_calls": [
            {"project_id": jq["project_id"], "file_id": CHECKS, "file_path": "tests/core.py",
             "line": 3, "caller_name": "run", "caller_symbol_id": RUN_IN_CHECKS,
             "callee": "engine.run", "symbol_id": RUN_OVERLOAD, "resolved_via": "type",
             "confidence_ratio": 0.9},
            {"project_id": evil["project_id"], "file_id": EVIL_FILE, "file_path": hostile,
             "line": 2, "caller_symbol_id": EVIL_SYMBOL, "callee": hostile, "symbol_id": RUN,
             "resolved_via": "name", "confidence_ratio": 0.4},
        ],
        "graph_types": [{"graph_type": "ImportGraph"}, {"graph_type": "CallGraph"}],
        "graph_nodes": [
            {"codebase_id": project["project_id"], "node_id": file, "node_type": "file",
             "name": path, "file_path": path, "graph_type": "ImportGraph", "file_id": file,
             "pagerank_score": 0.25, "source_run_id": "r1"}
            for file, (project, path) in files.items()
        ],
        "graph_edges": [
            {"codebase_id": project["project_id"], "edge_id": f"{start}{end}",
             "from_node_id": start, "to_node_id": end, "edge_type": kind, "weight": 1.0,
             "graph_type": graph, "source_run_id": "r1"}
            for project, start, end, kind, graph in (
                (jq, CORE, PARSE, "imports", "ImportGraph"),
                (evil, EVIL_FILE, CORE, hostile, "ImportGraph"),
                (evil, EVIL_FILE, "0" * 32, "calls", "CallGraph"),
            )
        ],
    }  # fmt: skip


def _symbol(
    key: str, file: str, qualified_name: str, kind: str, first: int, last: int
) -> dict[str, Any]:
    return {
        "symbol_id": key,
        "file_id": file,
        "qualified_name": qualified_name,
        "name": qualified_name.rpartition(".")[2],
        "kind": kind,
        "start_line": first,
        "end_line": last,
        "parameters": '["self", "text"]',
        "has_docs": True,
        "is_exported": True,
        "code_lines": last - first,
        "cyclomatic_complexity": 7,
    }


def _metadata(file: str, project: dict[str, Any], path: str) -> dict[str, Any]:
    return {
        "id": file,
        "codebase_id": project["project_id"],
        "codebase_path": project["project_path"],
        "path": path,
        "language": "Python",
        "file_type": "source",
        "code_lines": 1234,
        "cyclomatic_complexity": 99,
        "quality_score": 61.2,
        "exported_count": 3,
        "documented_count": 1,
        "code_smells_count": 1,
        "dependency_count": 1,
        "dependent_count": 1,
        "pagerank_score": 0.25,
        "test_file_count": 0,
    }
