"""Check the events of events.jsonl, nodes and edges of the graph, and convert them to columns."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from loaders.sources.codegraphx.artifact_formats import EVENTS
from loaders.sources.codegraphx.lines import Row, RowCheck

_NODE_FIELDS = ("label", "uid")
_ENDS = ("src_label", "src_uid", "dst_label", "dst_uid")
_EDGE_FIELDS = ("type", *_ENDS)
_PROPERTIES = [item.name for item in EVENTS.schema.field("props").type]


def _are_valid(events: pa.Table) -> bool:
    kinds = events["kind"]
    is_node, is_edge = pc.equal(kinds, "node"), pc.equal(kinds, "edge")
    if (
        kinds.null_count
        or events["props"].null_count
        or not pc.all(pc.or_(is_node, is_edge)).as_py()
    ):
        return False
    return all(
        pc.all(pc.equal(pc.is_valid(events[name]), wanted)).as_py()
        for names, wanted in ((_NODE_FIELDS, is_node), (_EDGE_FIELDS, is_edge))
        for name in names
    )


def _fault_of(event: Row) -> str | None:
    if event.get("props") is None:
        return "no props"
    wanted = {"node": _NODE_FIELDS, "edge": _EDGE_FIELDS}.get(event.get("kind", ""))
    if wanted is None:
        return "kind is neither node nor edge"
    if missing := next((name for name in wanted if event.get(name) is None), None):
        return f"no {missing}"
    others = _EDGE_FIELDS if wanted is _NODE_FIELDS else _NODE_FIELDS
    return next(
        (f"{event['kind']} with a {name}" for name in others if event.get(name) is not None), None
    )


CHECK = RowCheck(_are_valid, _fault_of)


def columns_of(events: pa.Table) -> dict[str, pa.ChunkedArray]:
    """Return the landed columns of *events*, without the keys of their paths."""
    columns = {name: events[name] for name in ("kind", "uid", *_ENDS)}
    columns["label"] = pc.coalesce(events["label"], events["type"])
    return columns | {
        name: pc.struct_field(events["props"], name) for name in _PROPERTIES if name != "uid"
    }
