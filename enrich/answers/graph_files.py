"""A graph of code as a file: JSON, GraphML, DOT or HTML.

Names come from repositories that are not trusted: each format escapes them by its own rules, after
`clean_text` has made control characters visible.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from enrich.answers.graph_page import page_parts
from enrich.values import plain
from loaders.base.paths import clean_text

# XML has no place for these, not even as references.
_NOT_OF_XML = re.compile("[\ufffe\uffff]")
_XML_TYPES = {bool: "boolean", int: "long", float: "double", str: "string"}


@dataclass(frozen=True)
class Graph:
    """Nodes and edges with their attributes, and facts about the whole: ids of run and project.

    A node has `id`; an edge has `id`, `source` and `target`, which are ids of nodes. Values are
    those of JSON; None is left out where a format has no word for it.
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    nodes: Sequence[Mapping[str, Any]] = ()
    edges: Sequence[Mapping[str, Any]] = ()


def _as_json(graph: Graph) -> Iterator[str]:
    """Yield the node-link form that networkx reads and writes."""
    head = {"directed": True, "multigraph": True, "graph": _clean(graph.facts)}
    yield json.dumps(head, allow_nan=False)[:-1]
    for name, items in (("nodes", graph.nodes), ("edges", graph.edges)):
        yield f', "{name}": ['
        for number, item in enumerate(items):
            yield (",\n" if number else "\n") + json.dumps(_keyed(name, item), allow_nan=False)
        yield "\n]"
    yield "}\n"


def _keyed(name: str, item: Mapping[str, Any]) -> dict[str, Any]:
    cleaned = _clean(item)
    if name == "edges":
        cleaned["key"] = cleaned.pop("id")
    return cleaned


def _as_graphml(graph: Graph) -> Iterator[str]:
    """Yield GraphML 1.0 with typed attributes."""
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
    )
    parts = {"graph": [graph.facts], "node": graph.nodes, "edge": graph.edges}
    keys: dict[tuple[str, str], str] = {}
    for part, items in parts.items():
        for name, kind in _types(items).items():
            keys[part, name] = key = f"{part[0]}{len(keys)}"
            yield (
                f'<key id="{key}" for="{part}" attr.name={_quoted(name)}'
                f' attr.type="{_XML_TYPES[kind]}"/>\n'
            )
    yield '<graph edgedefault="directed">\n' + _data(keys, "graph", graph.facts)
    for node in graph.nodes:
        yield f"<node id={_quoted(node['id'])}>{_data(keys, 'node', node)}</node>\n"
    for edge in graph.edges:
        ends = f"source={_quoted(edge['source'])} target={_quoted(edge['target'])}"
        yield f"<edge id={_quoted(edge['id'])} {ends}>{_data(keys, 'edge', edge)}</edge>\n"
    yield "</graph>\n</graphml>\n"


def _types(items: Sequence[Mapping[str, Any]]) -> dict[str, type]:
    """Return name → type of the attributes of *items*; whole numbers become fractions if mixed."""
    found: dict[str, type] = {}
    for item in items:
        for name, value in item.items():
            if value is None or name in ("id", "source", "target"):
                continue
            kind = type(value) if type(value) in _XML_TYPES else str
            before = found.setdefault(name, kind)
            if before is not kind:
                found[name] = float if {before, kind} == {int, float} else str
    return found


def _data(keys: Mapping[tuple[str, str], str], part: str, item: Mapping[str, Any]) -> str:
    return "".join(
        f'<data key="{keys[part, name]}">{_xml(value)}</data>'
        for name, value in item.items()
        if (part, name) in keys and value is not None
    )


def _xml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(_xml_text(value))


def _xml_text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(plain(value), allow_nan=False)
    return _NOT_OF_XML.sub(lambda match: f"\\u{ord(match.group()):04x}", clean_text(text))


def _quoted(value: Any) -> str:
    return quoteattr(_xml_text(value))


def _as_dot(graph: Graph) -> Iterator[str]:
    """Yield a directed graph in the language of Graphviz."""
    yield "digraph {\n"
    for name, value in graph.facts.items():
        if value is not None:
            yield f"  {_dot(name)}={_dot(value)};\n"
    for node in graph.nodes:
        label = {"label": node.get("name") or node["id"]}
        yield f"  {_dot(node['id'])} [{_dot_attributes(label | dict(node))}];\n"
    for edge in graph.edges:
        ends = f"{_dot(edge['source'])} -> {_dot(edge['target'])}"
        yield f"  {ends} [{_dot_attributes(edge)}];\n"
    yield "}\n"


def _dot_attributes(item: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{_dot(name)}={_dot(value)}"
        for name, value in item.items()
        if value is not None and name not in ("id", "source", "target", "name")
    )


def _dot(value: Any) -> str:
    """Return *value* as a quoted string; a backslash would begin an escape in a label."""
    text = value if isinstance(value, str) else json.dumps(plain(value), allow_nan=False)
    return '"' + clean_text(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _as_html(graph: Graph) -> Iterator[str]:
    """Yield a page that opens without a network: a table of the nodes, and a picture."""
    before, after = page_parts()
    data = {
        "facts": _clean(graph.facts),
        "nodes": [_clean(node) for node in graph.nodes],
        "edges": [_clean(edge) for edge in graph.edges],
    }
    # No `<`, `>` or `&` is left that could end the element or begin another.
    text = json.dumps(data, allow_nan=False)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    yield before + text + after


def _clean(item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: clean_text(value) if isinstance(value, str) else plain(value)
        for name, value in item.items()
        if value is not None
    }


WRITERS: dict[str, Callable[[Graph], Iterator[str]]] = {
    "json": _as_json,
    "graphml": _as_graphml,
    "dot": _as_dot,
    "html": _as_html,
}
