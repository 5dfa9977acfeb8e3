"""The rows of reports in the small published file: of `jq`, and of a project with hostile names."""

from __future__ import annotations

import json
from typing import Any

Rows = dict[str, list[dict[str, Any]]]


def report_rows(jq: dict[str, Any], evil: dict[str, Any], hostile: str) -> Rows:
    """Return the rows of *jq* and *evil* (each `project_id` and `project_path`)."""
    names = json.dumps([hostile])
    of_file = {"scope": "file", "file_kind": "source", "line_basis": "lines", "tools": names}
    test = {"class_name": "Parser", "test_name": "adds", "attempts": 1, "duration_seconds": 0.25}
    package = {"package_name": "left-pad", "version": "1.0.0", "severity": "high"}
    package |= {"vulnerability": "CVE-2026-1", "is_suppressed": False, "tools": names}
    return {
        "v_coverage": [
            jq | of_file | {"scope": "project", "lines_found": 200, "lines_hit": 199,
                            "coverage_ratio": 0.995, "measured_files": 2, "uncovered_hotspots": 1},
            evil | {"scope": "project", "file_kind": "source"},
            jq | of_file | {"file_path": "src/core.py", "lines_found": 190, "coverage_ratio": 1.0,
                            "is_uncovered_hotspot": False},
            jq | of_file | {"file_path": hostile, "lines_found": 10, "coverage_ratio": 0.001,
                            "is_uncovered_hotspot": True, "missing_lines": hostile},
            jq | of_file | {"file_path": "tests/core.py", "file_kind": "test"},
        ],
        "v_test_health": [
            jq | test | {"test_id": "t1", "health": "passing"},
            jq | test | {"test_id": "t2", "health": "never run", "duration_seconds": None},
            jq | test | {"test_id": "t3", "health": "failing", "message": "no\nmore"},
            evil | {"test_id": "t4", "health": "failing", "class_name": hostile, "tool": hostile,
                    "test_name": hostile, "message": hostile},
        ],
        "v_vulnerable_dependencies": [
            jq | package | {"dependency_path": '["a@1", "left-pad@1.0.0"]', "is_dev": True,
                            "fixed_versions": '["1.0.1"]'},
            jq | package | {"is_suppressed": True, "suppression": "not reachable"},
            evil | {"package_name": hostile, "version": hostile, "vulnerability": hostile,
                    "dependency_path": json.dumps([hostile, hostile]), "fixed_versions": names,
                    "is_suppressed": False, "tools": names},
        ],
    }  # fmt: skip
