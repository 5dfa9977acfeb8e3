"""Find the paths that artifacts and rows of a catalogue point at.

A pointer has an owner, the project or scope that it is about. It is promised unless the tool
reported that it did not create or find the path.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from loaders.sources.artifacts.path_keys import PathKeys

# Column of a catalogue table → name of the pointer. The owner is the row's project or scope.
CATALOG_POINTERS: dict[str, dict[str, str]] = {
    "catalog_projects": {"path": "project_path"},
    "catalog_enrichment": {
        name: name
        for name in (
            "source_path",
            "scan_artifact",
            "ast_artifact",
            "events_artifact",
            "settings_path",
            "config_path",
            "pipeline7_summary_artifact",
        )
    },
    "catalog_project_signals": {"scan_artifact": "scan_artifact"},
    "catalog_project_intelligence": {"scan_artifact": "scan_artifact"},
}
# Kind of a document → its keys with a path.
_DOCUMENT_KEYS = {
    "chunk_scan_summary": ("merged_scan_file",),
    "scan_summary": ("source_path", "scan_artifact"),
    "collectors": ("scan_artifact",),
    "intelligence": ("scan_artifact",),
}
# Kind of a document → keys with a path in the elements of its lists.
_ITEM_KEYS = {
    "chunk_scan_summary": ("scan_file",),
    "campaign": ("path",),
    "repo_enrichment_report": ("source_path", "scan_file", "scan_artifact"),
    "pipeline_manifest": ("output",),
}
# Keys for the owner of the pointers of an element or a document, in order of preference.
_OWNERS = ("source_path", "path", "root")
# Beginnings of the status of elements whose paths the tool did not create or find.
_NOT_PROMISED = ("planned", "skipped", "error", "scan_failed")


class Pointer(NamedTuple):
    """One path that an artifact points at."""

    position: int
    owner: str | None
    pointer: str
    path: str
    path_key: str | None
    is_promised: bool


@dataclass
class Pointers:
    """Collects the pointers of one document; `is_promised` depends on the whole document."""

    kind: str
    keys: PathKeys
    _elements: list[tuple[int, Mapping[str, Any]]] = field(default_factory=list)

    def add_items(self, items: Iterable[tuple[int, Mapping[str, Any]]]) -> None:
        """Add elements of a list."""
        wanted = (*_ITEM_KEYS.get(self.kind, ()), "status", *_OWNERS)
        if self.kind in _ITEM_KEYS:
            self._elements += [(at, {key: item.get(key) for key in wanted}) for at, item in items]

    def of_document(self, document: Mapping[str, Any]) -> Iterator[Pointer]:
        """Yield all pointers of *document* and its elements."""
        is_dry_run = self._is_dry_run(document)
        for name in _DOCUMENT_KEYS.get(self.kind, ()):
            yield from self._pointer(0, document, name, self._owner(document), not is_dry_run)
        for position, item in self._elements:
            status = str(item["status"] or "")
            is_promised = not is_dry_run and not status.startswith(_NOT_PROMISED)
            for name in _ITEM_KEYS[self.kind]:
                yield from self._pointer(
                    position, item, name, self._owner(item, document), is_promised
                )

    def _is_dry_run(self, document: Mapping[str, Any]) -> bool:
        """Return whether the document only describes planned work."""
        if self.kind == "campaign":
            return document.get("execute") is False
        states = [str(item["status"] or "") for _, item in self._elements]
        return bool(states) and all(state.startswith("planned") for state in states)

    def _owner(self, *places: Mapping[str, Any]) -> str | None:
        return next(
            (self.keys.of(one[key]) for one in places for key in _OWNERS if one.get(key)), None
        )

    def _pointer(
        self,
        position: int,
        item: Mapping[str, Any],
        name: str,
        owner: str | None,
        is_promised: bool,
    ) -> Iterator[Pointer]:
        path = item.get(name)
        if type(path) is str and path:
            yield Pointer(position, owner, name, path, self.keys.of(path), is_promised)


def pointers_of_rows(
    table: str, columns: Mapping[str, Sequence[Any]], keys: PathKeys
) -> Iterator[Pointer]:
    """Yield the pointers of rows of the landed catalogue table *table*."""
    owner_column = "path" if table == "catalog_projects" else "source_path"
    for name, pointer in CATALOG_POINTERS.get(table, {}).items():
        if name in columns:
            owners = columns.get(owner_column) or [None] * len(columns[name])
            for position, owner, path in zip(
                columns["position"], owners, columns[name], strict=True
            ):
                if path:
                    yield Pointer(position, keys.of(owner), pointer, path, keys.of(path), True)
