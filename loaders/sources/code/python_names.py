"""The statements and expressions that bind names in a Python module."""

from __future__ import annotations

import ast
from typing import Any

from loaders.sources.code.python_scopes import UNKNOWN, Binding, Kind
from loaders.sources.code.python_walk import Handlers, Walk


def _assign(walk: Walk, node: ast.Assign) -> bool:
    targets = [
        target
        for target in node.targets
        if not walk.bind(target, Binding(Kind.VALUE, node=node.value))
    ]
    walk.stack.append(node.value)
    walk.stack += targets[::-1]
    return True


def _annotated_assign(walk: Walk, node: ast.AnnAssign) -> bool:
    is_name = walk.bind(node.target, Binding(Kind.TYPE, node=node.annotation))
    walk.stack += [part for part in (node.value, node.annotation) if part is not None]
    if not is_name:
        walk.stack.append(node.target)
    return True


def _named(walk: Walk, node: ast.NamedExpr) -> bool:
    scope = walk.at.scope
    # A comprehension binds it in the scope around.
    while not (scope.is_class or scope.is_function or scope.parent is None):
        scope = scope.parent
    scope.bind(node.target.id, Binding(Kind.VALUE, node=node.value))
    walk.stack.append(node.value)
    return True


def _with_item(walk: Walk, node: ast.withitem) -> bool:
    walk.stack.append(node.context_expr)
    target = node.optional_vars
    if target is not None and not walk.bind(target, Binding(Kind.ENTERED, node=node.context_expr)):
        walk.stack.append(target)
    return True


def _handler(walk: Walk, node: ast.ExceptHandler) -> bool:
    if node.name:
        is_one = node.type is not None and not isinstance(node.type, ast.Tuple)
        binding = Binding(Kind.TYPE, node=node.type) if is_one else UNKNOWN
        walk.at.scope.bind(node.name, binding)
    return False


def _pattern(walk: Walk, node: Any) -> bool:
    name = getattr(node, "name", None) or getattr(node, "rest", None)
    if name:
        walk.at.scope.bind(name, UNKNOWN)
    return False


def _global(walk: Walk, node: ast.Global) -> bool:
    scope = walk.at.scope
    scope.elsewhere.update(dict.fromkeys(node.names, scope.module()))
    return True


def _nonlocal(walk: Walk, node: ast.Nonlocal) -> bool:
    scope = walk.at.scope
    if (outer := scope.enclosing_function()) is not None:
        scope.elsewhere.update(dict.fromkeys(node.names, outer))
    return True


NAMES: Handlers = {
    ast.Assign: _assign,
    ast.AnnAssign: _annotated_assign,
    ast.NamedExpr: _named,
    ast.withitem: _with_item,
    ast.ExceptHandler: _handler,
    ast.MatchAs: _pattern,
    ast.MatchStar: _pattern,
    ast.MatchMapping: _pattern,
    ast.Global: _global,
    ast.Nonlocal: _nonlocal,
}
