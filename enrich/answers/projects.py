"""The queries of the page of one project; each takes its id."""

from __future__ import annotations

QUESTIONS = {
    "health": "select * from v_project_health where project_id = $1",
    "coverage": "select * from v_index_coverage where project_id = $1 order by scan_source",
    "actions": "select * from v_next_actions where project_id = $1 order by rank",
    "conflicts": (
        "select dependency_name, specifier, provider_version, provider_project_path, manifest_path"
        " from project_dependencies where project_id = $1 and is_satisfied = false"
        " order by dependency_name, scope"
    ),
}
