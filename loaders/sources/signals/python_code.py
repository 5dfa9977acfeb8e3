"""Signals of Python code, by one pass over its syntax tree."""

from __future__ import annotations

import ast
from typing import Any

from loaders.sources.contents.python_fields import NODE_FIELDS
from loaders.sources.signals.python_nodes import HANDLERS, Found, count_module
from loaders.sources.signals.tally import Signal

# Trees are passed with a stack of our own, so that their depth costs memory only.
_MAX_NODES = 2_000_000


def signals_of(tree: ast.Module) -> list[Signal]:
    """Return the signals of a parsed module."""
    found = Found()
    tally = found.tally
    count_module(tree, tally)
    handlers, fields = HANDLERS, NODE_FIELDS
    stack: list[Any] = tree.body[::-1]
    # Half of all nodes are names. They are counted here, because a call for each takes too long.
    names = tally.names["name"]
    budget = _MAX_NODES
    while stack:
        node = stack.pop()
        kind = type(node)
        if kind is ast.Name:
            met = names.get(node.id)
            if met is None:
                names[node.id] = [1, node.lineno]
            else:
                met[0] += 1
            continue
        if kind is ast.Attribute:
            met = names.get(node.attr)
            if met is None:
                names[node.attr] = [1, node.lineno]
            else:
                met[0] += 1
            stack.append(node.value)
            continue
        handler = handlers.get(kind)
        if handler is not None:
            handler(node, found)
        for field in fields[kind]:
            value = getattr(node, field, None)
            if type(value) is list:
                if value:
                    stack += value[::-1]
            elif value is not None and isinstance(value, ast.AST):
                stack.append(value)
        budget -= 1
        if budget < 0:
            break
    return tally.signals(found.aliases)
