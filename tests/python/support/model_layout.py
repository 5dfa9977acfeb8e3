"""The layout of the models: their floors, and what does not keep to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path, PurePosixPath
from statistics import median
from typing import Any

# A model may read models of its own floor and of the floors before it.
FLOORS = (
    "as_of",
    "staging",
    "intermediate",
    "core",
    "measures",
    "gaps",
    "actions",
    "health",
    "views",
)
# Names of the contract that have no prefix. Those that rest on measures, rules or actions are
# not in core.
_ABOVE_CORE = (
    "measures/code/codebase_metadata.sql",
    "measures/technologies/codebase_snapshots.sql",
    "measures/technologies/technology_detections.sql",
    "measures/technologies/technology_patterns.sql",
    "measures/technologies/technology_templates.sql",
    "gaps/gap_findings.sql",
    "actions/action_queue.sql",
    "as_of/as_of.sql",
    "as_of/as_of_day.sql",
)
# A source has its staging models in its own folder; the other floors are below models/.
_STAGING_OF_SOURCES = "loaders/sources/*/staging/*.sql"
MAX_LINES = 100
MAX_COLUMNS = 100


def upward_references(manifest: Mapping[str, Any]) -> list[str]:
    """Name every reference of a model to a model of a later floor; seeds are below all floors."""
    models = _models(manifest)
    return sorted(
        f"{node['name']} ({_floor(node)}) reads {models[parent]['name']} ({_floor(models[parent])})"
        for node in models.values()
        for parent in node["depends_on"]["nodes"]
        if parent in models and FLOORS.index(_floor(models[parent])) > FLOORS.index(_floor(node))
    )


def cycles(manifest: Mapping[str, Any]) -> list[str]:
    """Return one cycle of references as a line, or nothing."""
    models = _models(manifest)
    graph = {
        name: models.keys() & set(node["depends_on"]["nodes"]) for name, node in models.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return [" -> ".join(name.rpartition(".")[2] for name in error.args[1])]
    return []


def misplaced(paths: Iterable[str]) -> list[str]:
    """Name every model (its path below the project) whose name does not fit its folder."""
    return sorted(path for path in paths if not _fits(PurePosixPath(path)))


def models_in(project: Path) -> list[Path]:
    """Return the files of all models."""
    return sorted([*(project / "models").rglob("*.sql"), *project.glob(_STAGING_OF_SOURCES)])


def _fits(path: PurePosixPath) -> bool:
    if path.match(_STAGING_OF_SOURCES):
        # loaders/sources/git_history/staging has the models stg_git__<things>.
        source = path.parts[2]
        prefix, _, rest = path.stem.partition("_")
        return prefix == "stg" and f"{source}_".startswith(f"{rest.partition('__')[0]}_")
    if path.parts[0] != "models":
        return False
    path = path.relative_to("models")
    floor, folders, name = path.parts[0], path.parts[:-1], path.stem
    prefix, _, rest = name.partition("_")
    area = rest.partition("__")[0]
    if floor == "views" or prefix == "v":
        return floor == "views" and prefix == "v" and len(folders) == 1
    if floor == "staging" or prefix == "stg":
        return floor == "staging" and prefix == "stg" and folders[-1] == area
    if prefix == "int":
        return "__" in name and area in folders
    if prefix == "gap" and name != "gap_findings":
        return floor == "gaps"
    return str(path.parent) == "core" or str(path) in _ABOVE_CORE


def long_models(paths: Iterable[Path]) -> Iterator[str]:
    """Yield each model of more than MAX_LINES lines, and each line of more than MAX_COLUMNS."""
    for path in paths:
        lines = path.read_text(encoding="utf-8").splitlines()
        if len(lines) > MAX_LINES:
            yield f"{path.name}: {len(lines)} lines"
        for number, line in enumerate(lines, 1):
            if len(line) > MAX_COLUMNS:
                yield f"{path.name}:{number}: {len(line)} columns"


def median_lines(paths: Iterable[Path]) -> float:
    """Return the median number of lines of the models."""
    return median(len(path.read_text(encoding="utf-8").splitlines()) for path in paths)


def _models(manifest: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {
        name: node for name, node in manifest["nodes"].items() if node["resource_type"] == "model"
    }


def _floor(node: Mapping[str, Any]) -> str:
    path = PurePosixPath(node["original_file_path"])
    return "staging" if path.match(_STAGING_OF_SOURCES) else path.parts[1]
