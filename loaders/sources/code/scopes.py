"""Names in scopes, and what a content itself tells about a call or a base type."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

from loaders.sources.code.grammar import Grammar

# Scopes of hostile nesting are not searched to the end.
_MAX_SCOPES = 60
_SEPARATOR = re.compile(r"\?\.|!?\.|::|->|\\")
_TYPE_NAME = re.compile(r"[\w$]+(?:(?:\.|::|\\)[\w$]+)*")
_NEW_THEN_CALL = re.compile(r"new ([A-Z][\w$.]*)\(\)\.([\w$]+)")

Resolved = tuple[str, str | None, int | None]  # via, target, import_index
UNKNOWN: Resolved = ("name", None, None)


class Symbolic(NamedTuple):
    """A name bound to a definition."""

    qualified_name: str
    is_type: bool


class Imported(NamedTuple):
    """A name bound by an import."""

    place: int  # its index


class Variable(NamedTuple):
    """A name bound to a value; the type as written, or what is called to make it."""

    type: str | None
    result_of: str | None


UNTYPED = Variable(None, None)
Binding = Symbolic | Imported | Variable


class Scope:
    """The names that are bound in a file, a type or a function."""

    __slots__ = ("_type_scope", "fields", "is_type", "names", "outer", "places", "qualified_name")

    def __init__(self, outer: Scope | None, qualified_name: str | None, is_type: bool) -> None:
        self.outer = outer
        self.qualified_name = qualified_name
        self.is_type = is_type
        # Not itself, which would be a cycle.
        self._type_scope = None if is_type or outer is None else outer.type_scope
        self.names: dict[str, list[Binding]] = {}
        self.places: dict[str, list[int]] = {}
        self.fields: dict[str, Variable] | None = {} if is_type else None

    @property
    def type_scope(self) -> Scope | None:
        """The innermost type, which may be this one."""
        return self if self.is_type else self._type_scope

    def bind(self, name: str, binding: Binding, place: int = 0) -> None:
        """Bind *name* at *place*."""
        self.names.setdefault(name, []).append(binding)
        self.places.setdefault(name, []).append(place)

    def bind_symbol(self, name: str, symbol: Symbolic, place: int) -> None:
        """Bind *name* in the whole scope; a variable at *place* is the symbol itself."""
        known, places = self.names.get(name), self.places.get(name)
        if known is None or places is None:
            self.bind(name, symbol)
        elif places[-1] == place:
            known[-1] = symbol
        elif isinstance(known[0], Symbolic):
            known[0] = symbol
        else:
            known.insert(0, symbol)
            places.insert(0, 0)

    def bind_variable(self, name: str, variable: Variable, place: int) -> None:
        """Bind *name* at *place*; of several bindings there, one with a type counts."""
        places = self.places.get(name)
        if places is None:
            self.names[name], self.places[name] = [variable], [place]
        elif places[-1] != place:
            self.names[name].append(variable)
            places.append(place)
        elif variable is not UNTYPED:
            self.names[name][-1] = variable

    def find(self, name: str, place: int) -> Binding | None:
        """Return the binding of *name* in this scope at *place*: the last one before it."""
        known = self.names.get(name)
        if known is None:
            return self.fields.get(name) if self.fields else None
        if len(known) == 1:
            return known[0]
        return known[max(bisect_right(self.places[name], place) - 1, 0)]


class Names:
    """The names of a content, for resolution."""

    def __init__(self, grammar: Grammar, file_scope: Scope) -> None:
        self.grammar = grammar
        self.file_scope = file_scope
        self.symbols: set[str] = set()
        self.types: dict[str, Scope] = {}  # by qualified name
        self.returns: dict[str, tuple[str, Scope]] = {}  # by qualified name
        self.bases: dict[str, list[tuple[str, Scope]]] = {}  # by qualified name

    def lookup(self, name: str, scope: Scope, place: int) -> Binding | None:
        """Return what *name* is bound to at *place* in *scope*."""
        members = self.grammar.members_in_scope
        inner: Scope | None = scope
        for _depth in range(_MAX_SCOPES):
            if inner is None:
                return None
            if (members or not inner.is_type) and (found := inner.find(name, place)) is not None:
                return found
            inner = inner.outer
        return self.file_scope.find(name, place)

    def resolve(self, callee: str, scope: Scope, place: int) -> Resolved:
        """Return what *callee*, called at *place* in *scope*, resolves to."""
        parts = callee.split(".")
        if not all(map(str.isidentifier, parts)):
            if "(" in callee or "[" in callee:
                return self._of_result(callee, scope, place)
            parts = _SEPARATOR.split(callee)
        first, rest = parts[0], parts[1:]
        if first in self.grammar.self_names or first in self.grammar.super_names:
            return self._of_self(first, rest, scope, place)
        binding = self.lookup(first, scope, place)
        if binding is None:
            return self._unbound(first, rest, scope)
        if isinstance(binding, Symbolic):
            return self._of_symbol(binding, rest)
        if isinstance(binding, Imported):
            return ("import", ".".join(rest) or None, binding.place)
        return self._of_variable(binding, rest, scope, place, first)

    def resolve_type(self, text: str, scope: Scope, place: int) -> Resolved:
        """Return what a type, as written, resolves to."""
        found = _TYPE_NAME.search(text)
        if not found:
            return UNKNOWN
        parts = _SEPARATOR.split(found[0])
        if parts[0] in self.grammar.self_names and scope.type_scope is not None:
            return ("local", scope.type_scope.qualified_name, None)
        binding = self.lookup(parts[0], scope, place)
        if isinstance(binding, Symbolic):
            name = ".".join([binding.qualified_name, *parts[1:]])
            return ("local", name, None) if name in self.symbols else UNKNOWN
        if isinstance(binding, Imported):
            return ("import", ".".join(parts[1:]) or None, binding.place)
        return UNKNOWN

    def _member(self, type_: Resolved, written: str, member: str) -> Resolved:
        """Return *member* of what *type_*, *written* so, resolved to."""
        via, target, index = type_
        if via == "local":
            return ("type", f"{target}.{member}", None)
        if via == "import":
            return ("type", f"{target}.{member}" if target else member, index)
        name = _TYPE_NAME.search(written)
        last = _SEPARATOR.split(name[0]) if name else []
        return ("type", f"{last[0]}.{member}", None) if len(last) == 1 else UNKNOWN

    def _of_self(self, first: str, rest: list[str], scope: Scope, place: int) -> Resolved:
        owner = scope.type_scope
        if owner is None or owner.qualified_name is None:
            return UNKNOWN
        name = owner.qualified_name
        if first in self.grammar.super_names:
            for base, where in self.bases.get(name, [])[:1]:
                constructor = self.grammar.constructor or _SEPARATOR.split(base)[-1]
                member = ".".join(rest) or constructor
                return self._member(self.resolve_type(base, where, place), base, member)
            return UNKNOWN
        if not rest:
            return ("self", name, None)
        if len(rest) == 1:
            return ("self", f"{name}.{rest[0]}", None)
        field = (owner.fields or {}).get(rest[0])
        return self._of_variable(field, rest[1:], owner, place) if field else UNKNOWN

    def _of_symbol(self, binding: Symbolic, rest: list[str]) -> Resolved:
        name = ".".join([binding.qualified_name, *rest])
        if name in self.symbols:
            return ("local", name, None)
        if binding.is_type and len(rest) == 1:
            return ("type", name, None)
        return UNKNOWN

    def _of_variable(
        self, variable: Variable, rest: list[str], scope: Scope, place: int, name: str = ""
    ) -> Resolved:
        """Return what *rest*, the names after a variable, resolves to."""
        while len(rest) > 1:
            if variable.type is None:
                return UNKNOWN
            owner = self.types.get(self.resolve_type(variable.type, scope, place)[1] or "")
            field = (owner.fields or {}).get(rest[0]) if owner is not None else None
            if owner is None or field is None:
                return UNKNOWN
            variable, scope, rest, name = field, owner, rest[1:], ""
        if not rest:
            return UNKNOWN
        if variable.type is not None:
            return self._member(
                self.resolve_type(variable.type, scope, place), variable.type, rest[0]
            )
        if variable.result_of is not None and name != _SEPARATOR.split(variable.result_of)[0]:
            return self._member_of_result(variable.result_of, rest[0], scope, place)
        return self._of_holder(name, rest[0])

    def _of_holder(self, name: str, member: str) -> Resolved:
        """Return the member of an object that is written in this content."""
        target = f"{name}.{member}"
        return ("local", target, None) if name and target in self.symbols else UNKNOWN

    def _member_of_result(self, callee: str, member: str, scope: Scope, place: int) -> Resolved:
        if "(" in callee:
            return UNKNOWN
        via, target, index = self.resolve(callee, scope, place)
        type_name, _separator, maker = callee.rpartition("::")
        if maker in self.grammar.makers and target not in self.returns:
            return self._member(self.resolve_type(type_name, scope, place), type_name, member)
        if index is not None or target is None or via == "name":
            return UNKNOWN
        if target in self.types:
            return ("type", f"{target}.{member}", None)
        if target not in self.returns:
            return UNKNOWN
        written, where = self.returns[target]
        return self._member(self.resolve_type(written, where, place), written, member)

    def _of_result(self, callee: str, scope: Scope, place: int) -> Resolved:
        """Resolve `f().member` and `new T().member`."""
        if made := _NEW_THEN_CALL.fullmatch(callee):
            return self._member(self.resolve_type(made[1], scope, place), made[1], made[2])
        function, _separator, member = callee.rpartition("().")
        if not function or not member.isidentifier():
            return UNKNOWN
        return self._member_of_result(function, member, scope, place)

    def _unbound(self, first: str, rest: list[str], scope: Scope) -> Resolved:
        if not rest:
            around = scope.type_scope
            if self.grammar.bare_calls_are_members and around and not first[:1].isupper():
                return ("self", f"{around.qualified_name}.{first}", None)
            return UNKNOWN
        if self.grammar.types_by_case and len(rest) == 1 and first[:1].isupper():
            return ("type", f"{first}.{rest[0]}", None)
        return self._of_holder(first, rest[0]) if len(rest) == 1 else UNKNOWN
