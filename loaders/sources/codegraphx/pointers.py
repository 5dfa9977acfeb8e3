"""The paths in artifacts and rows of a catalogue, their owners, and whether they were promised."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from loaders.sources.codegraphx.path_keys import PathKeys

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
# Kind of a document → its keys that point somewhere.
_OF_DOCUMENTS = {
    "chunk_scan_summary": ("merged_scan_file",),
    "scan_summary": ("source_path", "scan_artifact"),
    "collectors": ("scan_artifact",),
    "intelligence": ("scan_artifact",),
}
# Kind of a document → the keys of the elements of its lists that do.
_OF_ITEMS = {
    "chunk_scan_summary": ("scan_file",),
    "campaign": ("path",),
    "repo_enrichment_report": ("source_path", "scan_file", "scan_artifact"),
    "pipeline_manifest": ("output",),
}
# The field with the owner of the paths of an element or a document.
_OWNERS = ("source_path", "path", "root")
# States of an element with paths that the tool did not make or did not find.
_NO_PROMISE = ("planned", "skipped", "error", "scan_failed")


class Pointer(NamedTuple):
    """One path that is pointed at."""

    position: int
    owner: str | None
    pointer: str
    path: str
    path_key: str
    is_promised: bool


@dataclass
class Pointers:
    """Collects what one document points at: what it promises is known when all of it is read."""

    kind: str
    keys: PathKeys
    _elements: list[tuple[int, Mapping[str, Any]]] = field(default_factory=list)

    def take_items(self, items: Iterable[tuple[int, Mapping[str, Any]]]) -> None:
        """Note the elements of a list."""
        wanted = (*_OF_ITEMS.get(self.kind, ()), "status", *_OWNERS)
        if self.kind in _OF_ITEMS:
            self._elements += [(at, {key: item.get(key) for key in wanted}) for at, item in items]

    def of_document(self, document: Mapping[str, Any]) -> Iterator[Pointer]:
        """Yield everything that *document* and its elements point at."""
        is_rehearsal = self._is_rehearsal(document)
        for name in _OF_DOCUMENTS.get(self.kind, ()):
            yield from self._pointer(0, document, name, self._owner(document), not is_rehearsal)
        for position, item in self._elements:
            is_promised = not is_rehearsal and not str(item["status"] or "").startswith(_NO_PROMISE)
            for name in _OF_ITEMS[self.kind]:
                yield from self._pointer(
                    position, item, name, self._owner(item, document), is_promised
                )

    def _is_rehearsal(self, document: Mapping[str, Any]) -> bool:
        """Say whether nothing of it was done."""
        if self.kind == "campaign":
            return document.get("execute") is False
        states = [str(item["status"] or "") for _, item in self._elements]
        return bool(states) and all(state.startswith("planned") for state in states)

    def _owner(self, *said: Mapping[str, Any]) -> str | None:
        return next(
            (self.keys.of(one[key]) for one in said for key in _OWNERS if one.get(key)), None
        )

    def _pointer(
        self,
        position: int,
        said: Mapping[str, Any],
        name: str,
        owner: str | None,
        is_promised: bool,
    ) -> Iterator[Pointer]:
        path = said.get(name)
        if type(path) is str and path:
            yield Pointer(position, owner, name, path, self.keys.of(path), is_promised)


def pointers_of_rows(
    table: str, columns: Mapping[str, Sequence[Any]], keys: PathKeys
) -> Iterator[Pointer]:
    """Yield what rows of the landed catalogue table *table* point at."""
    owner_column = "path" if table == "catalog_projects" else "source_path"
    for name, pointer in CATALOG_POINTERS.get(table, {}).items():
        if name in columns:
            owners = columns.get(owner_column) or [None] * len(columns[name])
            for position, owner, path in zip(
                columns["position"], owners, columns[name], strict=True
            ):
                if path:
                    yield Pointer(position, keys.of(owner), pointer, path, keys.of(path), True)
