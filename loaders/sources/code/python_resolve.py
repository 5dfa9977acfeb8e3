"""Resolve the calls and base types of a Python module as far as the module itself goes."""

from __future__ import annotations

import ast
import builtins
import re
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from loaders.sources.code.python_scopes import Binding, Kind, Scope

# How a call or a base type is resolved: via, target, import_index.
Resolved = tuple[str, str | None, int | None]
UNRESOLVED: Resolved = ("name", None, None)

# The number of expressions and bindings that a value is followed through.
_DEEPEST = 12
_BUILTINS = frozenset(dir(builtins))
_LONGEST_ANNOTATION = 200
# Generic types that stand for their first argument.
_WRAPPERS = {"Optional", "Annotated", "Final", "ClassVar", "Required", "NotRequired", "ReadOnly"}
_LIKE_A_CLASS = re.compile(r"_*[A-Z]")


class What(Enum):
    """The kinds of values."""

    SYMBOL = "symbol"  # a definition of this module
    IMPORTED = "imported"  # an import, or a member of one
    INSTANCE = (
        "instance"  # of a class of this module, or of an imported one if *import_index* is set
    )
    MEMBER = "member"  # of an instance, or of a class that has no such definition


class Value(NamedTuple):
    """The value of an expression, as far as it is known."""

    what: What
    name: str = ""  # qualified name, or dotted name below the import
    import_index: int | None = None  # of the import
    via: str = "type"  # of a member or an instance: `self`, or `type`


@dataclass
class Resolver:
    """The findings of a pass over a module, to be asked for the values of its expressions."""

    # Qualified name → the scope of a class, the expressions of its bases, their scope.
    classes: dict[str, tuple[Scope, list[ast.expr], Scope]] = field(default_factory=dict)
    functions: set[str] = field(default_factory=set)
    # Qualified name of a function → its return annotation, and the scope of this.
    returns: dict[str, tuple[ast.expr, Scope]] = field(default_factory=dict)
    properties: set[str] = field(default_factory=set)
    # `Class.field` → what is assigned to it, and where.
    fields: dict[str, list[tuple[Binding, Scope]]] = field(default_factory=dict)
    # Index of an import → the module and name that it names; a plain `import a.b`: ("a.b", None).
    imports: list[tuple[str, str | None, str | None]] = field(default_factory=list)
    stars: list[int] = field(default_factory=list)  # indexes of imports of all names
    dynamic: dict[int, int] = field(default_factory=dict)  # id of a call that imports → index
    _known: dict[object, Value | None] = field(default_factory=dict)
    _lineages: dict[str, list[str]] = field(default_factory=dict)

    def call(self, function: ast.expr, scope: Scope) -> Resolved:
        """Return what a call of *function* calls."""
        if isinstance(function, ast.Name):
            return self._name(function.id, scope)
        return _resolved(self._value(function, scope, 0))

    def base(self, expression: ast.expr, scope: Scope) -> Resolved:
        """Return the class that a base of a class names."""
        while isinstance(expression, ast.Subscript):
            expression = expression.value
        return self.call(expression, scope)

    def _name(self, name: str, scope: Scope) -> Resolved:
        found = scope.find(name)
        if found is None:
            if len(self.stars) == 1 and name not in _BUILTINS:
                return "import", name, self.stars[0]
            return UNRESOLVED
        binding = _main(found[0])
        # A variable is what is called, whatever it holds.
        if binding is None or binding.kind in (Kind.VALUE, Kind.TYPE, Kind.ENTERED):
            return UNRESOLVED
        return _resolved(self._bound(name, scope, 0))

    # -- values ------------------------------------------------------------------------------------

    def _value(self, node: ast.expr | None, scope: Scope, depth: int) -> Value | None:
        """Return the value of an expression."""
        names: list[str] = []
        while isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        value = self._base(node, names, scope, depth)
        while names and value is not None:
            value = self._attribute(value, names.pop(), depth)
        return value

    def _base(
        self, node: ast.expr | None, names: list[str], scope: Scope, depth: int
    ) -> Value | None:
        """Return the value of an expression other than an attribute; takes from the *names* after
        it those that are part of an imported module.
        """
        if depth > _DEEPEST:
            return None
        if isinstance(node, ast.Name):
            value = self._bound(node.id, scope, depth)
            if value is not None and value.what is What.IMPORTED and value.name == "":
                return self._submodule(value, names, node.id, scope)
            return value
        if isinstance(node, ast.Call):
            return self._result(node, scope, depth + 1)
        if isinstance(node, ast.Await):
            return self._value(node.value, scope, depth + 1)
        if isinstance(node, ast.NamedExpr):
            return self._value(node.value, scope, depth + 1)
        if isinstance(node, ast.Subscript):
            value = self._value(node.value, scope, depth + 1)
            return value if value is not None and self._is_class(value) else None
        return None

    def _submodule(self, value: Value, names: list[str], bound: str, scope: Scope) -> Value:
        """Return the import of the longest module that `import a.b` statements name in `a.b.c`."""
        best, used = value, 0
        for binding in (scope.find(bound) or ([], scope))[0]:
            if binding.kind is not Kind.IMPORT:
                continue
            module, name, alias = self.imports[binding.import_index]
            parts = module.split(".")[1:] if name is None and alias is None else []
            is_better = len(parts) > used or binding.import_index == value.import_index
            if parts == names[::-1][: len(parts)] and len(parts) >= used and is_better:
                best, used = Value(What.IMPORTED, "", binding.import_index), len(parts)
        del names[len(names) - used :]
        return best

    def _bound(self, name: str, scope: Scope, depth: int) -> Value | None:
        found = scope.find(name)
        if found is None:
            return None
        bindings, where = found
        return self._once(id(bindings), [(binding, where) for binding in bindings], depth)

    def _once(self, key: object, bindings: list[tuple[Binding, Scope]], depth: int) -> Value | None:
        """Return the value of what has these bindings. Each is followed once, because a name may
        be bound many times to what is made of itself.
        """
        if key not in self._known:
            self._known[key] = None
            self._known[key] = self._of_bindings(bindings, depth)
        return self._known[key]

    def _of_bindings(self, bindings: list[tuple[Binding, Scope]], depth: int) -> Value | None:
        main = _main([binding for binding, _ in bindings])
        if main is None or depth > _DEEPEST:
            return None
        if main.kind is Kind.SYMBOL:
            return Value(What.SYMBOL, main.name)
        if main.kind is Kind.IMPORT:
            return Value(What.IMPORTED, "", main.import_index)
        if main.kind is Kind.SELF:
            return Value(What.INSTANCE, main.name, None, "self")
        if main.kind is Kind.CLASS:
            return Value(What.SYMBOL, main.name, None, "self")
        declared = main.kind is Kind.TYPE
        values = {
            value
            for binding, scope in bindings
            if (binding.kind is Kind.TYPE) is declared and not _is_none(binding.node)
            for value in [self._of_binding(binding, scope, depth + 1)]
        }
        return values.pop() if len(values) == 1 else None

    def _of_binding(self, binding: Binding, scope: Scope, depth: int) -> Value | None:
        if binding.kind is Kind.TYPE:
            return self._annotated(binding.node, scope, depth)
        if binding.kind in (Kind.VALUE, Kind.ENTERED):
            return self._value(binding.node, scope, depth)
        return None

    def _attribute(self, value: Value, name: str, depth: int) -> Value | None:
        if value.what is What.IMPORTED:
            return value._replace(name=f"{value.name}.{name}" if value.name else name)
        if value.what is What.SYMBOL:
            member = f"{value.name}.{name}"
            if value.name not in self.classes:
                return None
            if value.via == "type" and (member in self.functions or member in self.classes):
                return Value(What.SYMBOL, member)
            return Value(What.MEMBER, member, None, value.via)
        if value.what is What.INSTANCE:
            member = f"{value.name}.{name}" if value.name else name
            return Value(What.MEMBER, member, value.import_index, value.via)
        instance = self._of_member(value, depth + 1)
        return self._attribute(instance, name, depth + 1) if instance else None

    def _of_member(self, member: Value, depth: int) -> Value | None:
        """Return the value of a field, or of a property, of a class of this module."""
        if member.import_index is not None or depth > _DEEPEST:
            return None
        owner, _, name = member.name.rpartition(".")
        for found in self.lineage(owner):
            full = f"{found}.{name}"
            if full in self.properties and full in self.returns:
                return self._annotated(*self.returns[full], depth + 1)
            if full in self.functions:
                return None
            scope = self.classes[found][0]
            bindings = [
                *((binding, scope) for binding in scope.names.get(name, [])),
                *self.fields.get(full, []),
            ]
            if bindings:
                return self._once(full, bindings, depth + 1)
        return None

    def lineage(self, name: str) -> list[str]:
        """Return a class and the classes of this module that it inherits from, nearest first."""
        found = self._lineages.get(name)
        if found is not None:
            return found
        found = self._lineages[name] = [name] if name in self.classes else []
        for at in found:
            _, bases, scope = self.classes[at]
            for base in bases:
                value = self._value(base, scope, _DEEPEST - 1)
                is_own = value and value.what is What.SYMBOL and value.name in self.classes
                if value and is_own and value.name not in found and len(found) < _DEEPEST:
                    found.append(value.name)
        return found

    def _result(self, call: ast.Call, scope: Scope, depth: int) -> Value | None:
        """Return the value of a call."""
        if (index := self.dynamic.get(id(call))) is not None:
            return Value(What.IMPORTED, "", index)
        function = call.func
        if isinstance(function, ast.Name) and scope.find(function.id) is None:
            if function.id == "super":
                return self._super(scope, depth)
            if function.id == "type" and len(call.args) == 1:
                value = self._value(call.args[0], scope, depth + 1)
                is_own = value and value.what is What.INSTANCE and value.import_index is None
                return value._replace(what=What.SYMBOL) if value and is_own else None
        value = self._value(function, scope, depth)
        if value is None:
            return None
        if self._is_class(value):
            return value._replace(what=What.INSTANCE, via="type")
        if value.what in (What.SYMBOL, What.MEMBER) and value.import_index is None:
            return self._returned(value.name, depth)
        return None

    def _returned(self, function: str, depth: int) -> Value | None:
        owner, _, name = function.rpartition(".")
        for full in [function, *(f"{found}.{name}" for found in self.lineage(owner))]:
            if full in self.returns:
                return self._annotated(*self.returns[full], depth + 1)
        return None

    def _super(self, scope: Scope, depth: int) -> Value | None:
        """Return an instance of the first base class of the class of a method."""
        owner = _class_around(scope)
        if owner is None or owner not in self.classes:
            return None
        _, bases, where = self.classes[owner]
        for base in bases:
            value = self._value(base, where, depth + 1)
            if value is not None and value.what in (What.SYMBOL, What.IMPORTED):
                via = "self" if value.import_index is None else "type"
                return Value(What.INSTANCE, value.name, value.import_index, via)
        return None

    def _is_class(self, value: Value) -> bool:
        if value.what is What.SYMBOL:
            return value.name in self.classes
        if value.what is What.IMPORTED and value.import_index is not None:
            module, name, _ = self.imports[value.import_index]
            last = (value.name or name or module).rpartition(".")[2]
            return _LIKE_A_CLASS.match(last) is not None
        return False

    # -- annotations -------------------------------------------------------------------------------

    def _annotated(self, node: ast.expr | None, scope: Scope, depth: int) -> Value | None:
        """Return an instance of the type that an annotation names."""
        if node is None or depth > _DEEPEST:
            return None
        if isinstance(node, ast.Constant):
            return self._annotated(_parsed(node.value), scope, depth + 1)
        if isinstance(node, ast.BinOp):
            return self._one_of([node.left, node.right], scope, depth + 1)
        if isinstance(node, ast.Subscript):
            return self._generic(node, scope, depth)
        if isinstance(node, ast.Name) and node.id == "Self":
            owner = _class_around(scope)
            return Value(What.INSTANCE, owner, None, "self") if owner else None
        value = self._value(node, scope, depth + 1)
        # An imported name in an annotation is a class, however it is written.
        if value is None or not (value.what is What.IMPORTED or self._is_class(value)):
            return None
        return value._replace(what=What.INSTANCE, via="type")

    def _generic(self, node: ast.Subscript, scope: Scope, depth: int) -> Value | None:
        name = node.value
        last = name.attr if isinstance(name, ast.Attribute) else getattr(name, "id", "")
        arguments = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if last == "Union":
            return self._one_of(arguments, scope, depth + 1)
        if last in _WRAPPERS:
            return self._annotated(arguments[0], scope, depth + 1) if arguments else None
        if last in ("Type", "type"):
            value = self._annotated(arguments[0], scope, depth + 1) if arguments else None
            is_own = value is not None and value.import_index is None
            return value._replace(what=What.SYMBOL) if value and is_own else None
        return self._annotated(name, scope, depth + 1)

    def _one_of(self, nodes: list[ast.expr], scope: Scope, depth: int) -> Value | None:
        """Return the only type of a union that is not None."""
        types = [node for node in nodes if not _is_none(node)]
        return self._annotated(types[0], scope, depth + 1) if len(types) == 1 else None


def _resolved(value: Value | None) -> Resolved:
    if value is None or value.what is What.INSTANCE:
        return UNRESOLVED
    if value.what is What.SYMBOL:
        return "local" if value.via == "type" else "self", value.name, None
    if value.what is What.IMPORTED:
        return "import", value.name or None, value.import_index
    return value.via, value.name, value.import_index


def _main(bindings: list[Binding]) -> Binding | None:
    """Return the binding that decides what a name is: a definition or an import, by place, else an
    annotation, else a value.
    """
    for binding in bindings:
        if binding.kind in (Kind.SYMBOL, Kind.IMPORT):
            return binding
    for kinds in ((Kind.SELF, Kind.CLASS), (Kind.TYPE,), (Kind.VALUE, Kind.ENTERED)):
        for binding in bindings:
            if binding.kind in kinds:
                return binding
    return None


def _is_none(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _parsed(annotation: object) -> ast.expr | None:
    if not isinstance(annotation, str) or len(annotation) > _LONGEST_ANNOTATION:
        return None
    try:
        return ast.parse(annotation.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _class_around(scope: Scope) -> str | None:
    """Return the class of the method that *scope* is in."""
    at: Scope | None = scope
    while at is not None and not at.is_class:
        at = at.parent
    return at.symbol if at else None
