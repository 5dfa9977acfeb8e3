"""Definitions, imports and calls in a Python module."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable
from typing import Any

from loaders.sources.code.facts import Import
from loaders.sources.code.python_scopes import UNKNOWN, Binding, Kind, Scope
from loaders.sources.code.python_walk import NOT_COUNTED, FunctionNode, State, Walk

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_MODULE_NAME = re.compile(r"(\.*)([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)")
_PROPERTIES = {"property", "cached_property", "getter", "lazy_property"}


def _function(walk: Walk, node: FunctionNode) -> bool:
    found = walk.define(node, "function")
    at = walk.at
    scope = Scope(at.scope, found.qualified_name, is_function=True)
    names = [_last_name(decorator) for decorator in node.decorator_list]
    resolver = walk.resolver
    resolver.functions.add(found.qualified_name)
    if node.returns is not None:
        resolver.returns[found.qualified_name] = (node.returns, at.scope)
    if not _PROPERTIES.isdisjoint(names):
        resolver.properties.add(found.qualified_name)
    arguments = _arguments(node.args)
    first = arguments[0] if arguments else None
    for argument in arguments:
        binding = UNKNOWN
        if argument is first and found.kind == "method" and "staticmethod" not in names:
            is_class = "classmethod" in names or node.name in ("__new__", "__init_subclass__")
            binding = Binding(Kind.CLASS if is_class else Kind.SELF, found.parent or "")
        elif argument.annotation is not None and argument is not node.args.vararg:
            binding = Binding(Kind.TYPE, node=argument.annotation)
        if argument in (node.args.vararg, node.args.kwarg):
            binding = UNKNOWN
        scope.bind(argument.arg, binding)
    # Only the body counts for the complexity.
    state = State(scope, found, node.name, at.is_type_only, found)
    walk.inside(state, node.body)
    annotations = [argument.annotation for argument in arguments if argument.annotation]
    outside = [*node.args.defaults, *filter(None, node.args.kw_defaults), *annotations]
    outside += [node.returns] if node.returns else []
    unseen = at._replace(counted=NOT_COUNTED, context=None, definition=NOT_COUNTED)
    walk.inside(unseen, outside)
    _decorators(walk, node, unseen)
    return True


def _class(walk: Walk, node: ast.ClassDef) -> bool:
    found = walk.define(node, "class")
    at = walk.at
    scope = Scope(at.scope, found.qualified_name, is_class=True)
    walk.exported_classes[found.qualified_name] = found.is_exported
    if found.qualified_name not in walk.resolver.classes:
        walk.resolver.classes[found.qualified_name] = (scope, node.bases, at.scope)
    walk.inside(State(scope, found, at.context, at.is_type_only, found), node.body)
    outside = [*node.bases, *(keyword.value for keyword in node.keywords)]
    unseen = at._replace(counted=NOT_COUNTED, definition=NOT_COUNTED)
    walk.inside(unseen, outside)
    _decorators(walk, node, unseen)
    return True


def _decorators(walk: Walk, node: FunctionNode | ast.ClassDef, state: State) -> None:
    """A decorator is called, also one without arguments."""
    walk.inside(state, node.decorator_list)
    for decorator in node.decorator_list:
        if not isinstance(decorator, ast.Call):
            walk.add_call(decorator, decorator.lineno)


def _type_alias(walk: Walk, node: Any) -> bool:
    walk.define(node, "type")
    return False


def _lambda(walk: Walk, node: ast.Lambda) -> bool:
    at = walk.at
    scope = Scope(at.scope, at.scope.symbol, is_function=True)
    for argument in _arguments(node.args):
        scope.bind(argument.arg, UNKNOWN)
    walk.inside(at._replace(scope=scope, definition=NOT_COUNTED), [node.body])
    walk.stack += [*node.args.defaults, *filter(None, node.args.kw_defaults)][::-1]
    return True


def _comprehension(walk: Walk, node: Any) -> bool:
    at = walk.at
    elements = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
    walk.inside(at._replace(scope=Scope(at.scope, at.scope.symbol)), [*elements, *node.generators])
    return True


def _import(walk: Walk, node: ast.Import) -> bool:
    at = walk.at
    for alias in node.names:
        bound = alias.asname or alias.name.partition(".")[0]
        line = alias.lineno
        found = Import(line, "import", alias.name, 0, None, bound, at.scope.symbol, at.is_type_only)
        walk.add_import(found, alias.asname)
    return True


def _import_from(walk: Walk, node: ast.ImportFrom) -> bool:
    at = walk.at
    for alias in node.names:
        bound = None if alias.name == "*" else alias.asname or alias.name
        found = Import(
            node.lineno,
            "from",
            node.module or "",
            node.level,
            alias.name,
            bound,
            at.scope.symbol,
            at.is_type_only,
        )
        walk.add_import(found, alias.asname)
    return True


def _if(walk: Walk, node: ast.If) -> bool:
    walk.at.counted.cyclomatic += 1
    if _last_name(node.test) != "TYPE_CHECKING":
        return False
    walk.stack += node.orelse[::-1]
    walk.inside(walk.at._replace(is_type_only=True), node.body)
    return True


def _call(walk: Walk, node: ast.Call) -> bool:
    function = node.func
    walk.add_call(function, node.lineno)
    if _last_name(function) in ("import_module", "__import__") and node.args:
        first = node.args[0]
        text = first.value if isinstance(first, ast.Constant) else None
        match = _MODULE_NAME.fullmatch(text) if isinstance(text, str) else None
        if match:
            at = walk.at
            module, level = match[2], len(match[1])
            walk.resolver.dynamic[id(node)] = len(walk.imports)
            found = Import(node.lineno, "dynamic", module, level, None, None, at.scope.symbol)
            # The call gives the module itself, not the package that it is in.
            walk.add_import(found, module)
    return False


def _arguments(node: ast.arguments) -> list[ast.arg]:
    """Return the parameters in order."""
    some = [*node.posonlyargs, *node.args, node.vararg, *node.kwonlyargs, node.kwarg]
    return [argument for argument in some if argument is not None]


def _last_name(node: ast.expr) -> str:
    """Return the last name of a dotted name, also of one that is called."""
    if isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


DEFINITIONS: dict[type, Callable[[Walk, Any], bool]] = {
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Lambda: _lambda,
    **dict.fromkeys(_COMPREHENSIONS, _comprehension),
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.If: _if,
    ast.Call: _call,
}
if sys.version_info >= (3, 12):
    DEFINITIONS[ast.TypeAlias] = _type_alias
