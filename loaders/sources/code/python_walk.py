"""One pass over the syntax tree of a Python module, and what it finds."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from loaders.sources.code.facts import Import
from loaders.sources.code.python_exports import exported_names
from loaders.sources.code.python_resolve import Resolver
from loaders.sources.code.python_scopes import UNKNOWN, Binding, Kind, Scope
from loaders.sources.contents.python_fields import NODE_FIELDS

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
# Kind of node → a function of the pass and the node, which says whether it has taken care of what
# is in the node.
Handlers = Mapping[type, "Callable[[Walk, Any], bool]"]


@dataclass(eq=False)
class Definition:
    """A function, a class or a type alias, as it is found."""

    node: Any
    qualified_name: str
    kind: str
    parent: str | None
    outer: Definition | None  # the definition whose statement it is
    is_exported: bool
    scope: Scope  # that it is bound in
    cyclomatic: int = 1
    calls_itself: bool = False

    def __post_init__(self) -> None:
        self.name = self.qualified_name.rpartition(".")[2]


# A call before it is resolved: line, caller, what is called, scope.
RawCall = tuple[int, str | None, ast.expr, Scope]


class State(NamedTuple):
    """Where in the module the pass is."""

    scope: Scope
    counted: Definition  # whose complexity grows
    context: object  # in which operands are equal; None: they are not counted
    is_type_only: bool
    definition: Definition  # the function whose own statements these are


NOT_COUNTED = Definition(None, "", "", None, None, False, Scope(None, None))


@dataclass
class Walk:
    """A pass over a module, and what it found."""

    tree: ast.Module
    resolver: Resolver = field(default_factory=Resolver)
    definitions: list[Definition] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)
    calls: list[RawCall] = field(default_factory=list)
    operators: int = 0
    operands: int = 0
    distinct_operators: set[type] = field(default_factory=set)
    operand_keys: set[tuple[object, object]] = field(default_factory=set)
    unnamed_operands: int = 0

    def __post_init__(self) -> None:
        top = Scope(None, None)
        self.module = Definition(self.tree, "", "", None, None, True, top)
        self.exported = exported_names(self.tree)
        self.exported_classes: dict[str, bool] = {}
        self.stack: list[Any] = []
        self.at = State(top, self.module, "", False, self.module)

    @property
    def total_cyclomatic(self) -> int:
        """The complexity of the module, with its functions and classes."""
        return self.module.cyclomatic + sum(
            found.cyclomatic - 1
            for found in self.definitions
            if found.outer is self.module and found.kind != "type"
        )

    def run(self, handlers: Handlers) -> None:
        """Visit every node, in the order of the source."""
        stack, fields = self.stack, NODE_FIELDS
        stack += self.tree.body[::-1]
        while stack:
            node = stack.pop()
            kind = type(node)
            # Half of all nodes are names and constants.
            if kind is ast.Name:
                if type(node.ctx) is ast.Store:
                    self.at.scope.bind(node.id, UNKNOWN)
                continue
            if kind is ast.Attribute:
                stack.append(node.value)
                continue
            if kind is ast.Constant:
                continue
            if kind is State:
                self.at = node
                continue
            handler = handlers.get(kind)
            if handler is not None and handler(self, node):
                continue
            for name in fields[kind]:
                value = getattr(node, name, None)
                if type(value) is list:
                    if value:
                        stack += value[::-1]
                elif value is not None:
                    stack.append(value)
        self._add_up()

    def inside(self, state: State, nodes: Sequence[Any]) -> None:
        """Visit *nodes*, first to last, in another state; the rest follows in the state of now."""
        if nodes:
            self.stack.append(self.at)
            self.stack += nodes[::-1]
            self.stack.append(state)

    def _add_up(self) -> None:
        """Add the complexity of methods to that of their class."""
        for found in self.definitions:
            outer = found.outer
            if outer is not None and outer.kind == "class" and found.kind in ("function", "method"):
                outer.cyclomatic += found.cyclomatic

    def define(self, node: Any, kind: str) -> Definition:
        """Note the definition of *node* in the scope of now."""
        at = self.at
        scope = at.scope
        parent = scope.symbol
        name = node.name.id if isinstance(node.name, ast.Name) else node.name
        if kind == "function" and scope.is_class:
            kind = "method"
        found = Definition(
            node,
            f"{parent}.{name}" if parent else name,
            kind,
            parent,
            at.counted,
            self._is_exported(name, scope),
            scope,
        )
        self.definitions.append(found)
        scope.bind(name, Binding(Kind.SYMBOL, found.qualified_name))
        return found

    def _is_exported(self, name: str, scope: Scope) -> bool:
        if scope.is_function:
            return False
        is_public = not name.startswith("_") or (name.startswith("__") and name.endswith("__"))
        if not scope.is_class:
            return name in self.exported if self.exported is not None else is_public
        return is_public and self.exported_classes.get(scope.symbol or "", True)

    def add_import(self, found: Import, alias: str | None) -> None:
        """Note an import, and the name that it binds."""
        index = len(self.imports)
        self.imports.append(found)
        self.resolver.imports.append((found.module, found.name, alias))
        if found.bound_name:
            self.at.scope.bind(found.bound_name, Binding(Kind.IMPORT, import_index=index))
        if found.name == "*":
            self.resolver.stars.append(index)

    def add_call(self, function: ast.expr, line: int) -> None:
        """Note a call of *function*."""
        scope, *_, definition = self.at
        self.calls.append((line, scope.symbol, function, scope))
        if type(function) is ast.Name and function.id == definition.name:
            definition.calls_itself = True

    def bind(self, target: ast.expr, binding: Binding) -> bool:
        """Bind a name, or a field of the object of a method; say whether it is one of them."""
        scope = self.at.scope
        if isinstance(target, ast.Name):
            scope.bind(target.id, binding)
            return True
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
            found = scope.find(target.value.id)
            first = found[0][0] if found else UNKNOWN
            if first.kind in (Kind.SELF, Kind.CLASS):
                name = f"{first.name}.{target.attr}"
                self.resolver.fields.setdefault(name, []).append((binding, scope))
        return False
