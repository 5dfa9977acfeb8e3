"""One pass over the events of a content, in order: symbols, their measures, scopes and calls.

Cognitive complexity is that of SonarSource (G. Ann Campbell, Cognitive Complexity, 1.7): a nested
function counts for those around it, one level deeper.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from loaders.sources.code.facts import Import
from loaders.sources.code.scopes import UNTYPED, Imported, Names, Scope, Symbolic
from loaders.sources.code.tree_matches import (
    BASE,
    BODY,
    CALL,
    DEFINITION,
    FIELD,
    FLAT,
    HOLDER,
    IMPORT,
    INNER,
    LESS_BRANCH,
    LOGICAL,
    MEMBERS,
    STRUCTURE,
    VARIABLE,
    Definition,
    Event,
    FoundBase,
    FoundImport,
    Matches,
    parameter_names,
)

if TYPE_CHECKING:
    from tree_sitter import Node

ANONYMOUS = "(anonymous)"
_TYPES = frozenset(("class", "struct", "interface", "trait", "enum", "type"))
_LONGEST_GAP = 100
_OPERATORS = {"and": "&&", "or": "||"}


class Frame:
    """The measures of a function, while it is passed."""

    __slots__ = ("cognitive", "cyclomatic", "deepest", "depth", "nesting", "structures")

    def __init__(self) -> None:
        self.cyclomatic = 1
        self.cognitive = 0
        self.structures = 0  # increments to which the nesting around it adds
        self.nesting = 0  # where the pass is
        self.depth = 0  # likewise, of statements only
        self.deepest = 0


class Sighting:
    """A definition that was passed."""

    __slots__ = (
        "definition", "frame", "is_local", "name", "owned", "parameters", "qualified_name",
        "scope", "start",
    )  # fmt: skip

    def __init__(self, definition: Definition, name: str, qualified_name: str) -> None:
        self.definition = definition
        self.name = name
        self.qualified_name = qualified_name
        self.is_local = False  # inside a function
        self.owned: str | None = None  # the type that it names as its own
        self.frame: Frame | None = None
        self.parameters: list[str] | None = None
        self.scope: Scope | None = None  # around it
        self.start = 0  # of the name


class _Logical:
    """A logical operation, and the operators of the sequence that it is part of."""

    __slots__ = ("end", "frame", "operators", "place", "start")

    def __init__(self, start: int, end: int, place: int, frame: Frame) -> None:
        self.start, self.end, self.place = start, end, place
        self.frame = frame
        self.operators: list[tuple[int, str]] = []


class Sweep:
    """The pass; afterwards its attributes have what it found."""

    def __init__(self, matches: Matches) -> None:
        self.matches = matches
        self.source = matches.source
        self.file_scope = Scope(None, None, False)
        self.names = Names(matches.grammar, self.file_scope)
        self.file_frame = Frame()
        self._branches = sorted(matches.branches)
        self.sightings: list[Sighting] = []
        self.imports: list[Import] = []
        self.calls: list[tuple[int, str, Scope]] = []  # place, callee, scope around it
        self.bases: list[tuple[FoundBase, Scope, str]] = []
        self._scope = self.file_scope
        self._frame = self.file_frame
        self._logicals: list[_Logical] = []

    def run(self, events: list[Event]) -> None:
        """Pass all *events*, which are sorted."""
        self.file_frame.cyclomatic = len(self._branches)
        # Everything that encloses the place of the pass, with its end.
        stack: list[tuple[int, int, object]] = []
        calls = self.calls
        scope = self._scope
        end = len(self.source) + 1  # of the innermost
        for start, negative_end, kind, _number, payload in events:
            while end <= start:
                self._leave(*stack.pop())
                end = stack[-1][0] if stack else len(self.source) + 1
                scope = self._scope
            if kind == CALL:
                calls.append((start, payload, scope))
            elif kind == VARIABLE:
                scope.bind_variable(payload[0], payload[1], start)
            else:
                saved = _HANDLERS[kind](self, start, -negative_end, payload)
                if kind <= LOGICAL:
                    end = -negative_end
                    stack.append((end, kind, saved))
                    scope = self._scope
        while stack:
            self._leave(*stack.pop())

    def _leave(self, _end: int, kind: int, saved: object) -> None:
        frame = self._frame
        if kind == BODY:
            frame.depth -= 1
            frame.nesting -= 1
        elif kind == INNER:
            frame.nesting -= 1
        elif kind == LOGICAL:
            self._leave_logical()
        else:
            assert isinstance(saved, tuple)
            self._scope = saved[0]
            if saved[1] is not None:
                self._frame = saved[1]
                self._add_to_outer(frame, saved[1])

    def _count_branches(self, start: int, end: int) -> int:
        branches = self._branches
        return bisect_left(branches, end) - bisect_left(branches, start)

    def _add_to_outer(self, inner: Frame, outer: Frame) -> None:
        outer.cognitive += inner.cognitive
        if outer is not self.file_frame:
            outer.cognitive += inner.structures * (outer.nesting + 1)
            outer.structures += inner.structures

    def _qualified(self, name: str) -> str:
        around = self._scope.qualified_name
        name = name.replace("::", ".")
        return f"{around}.{name}" if around else name

    def _holder(self, _start: int, _end: int, payload: object) -> object:
        outer = self._scope
        self._scope = Scope(outer, self._qualified(str(payload)), False)
        return (outer, None)

    def _members(self, _start: int, _end: int, payload: object) -> object:
        outer = self._scope
        self._scope = self._type_scope(self._qualified(str(payload)))
        return (outer, None)

    def _type_scope(self, qualified_name: str) -> Scope:
        """Return a scope of the members of a type, which shares the fields of its others."""
        scope = Scope(self._scope, qualified_name, True)
        known = self.names.types.setdefault(qualified_name, scope)
        scope.names, scope.places, scope.fields = known.names, known.places, known.fields
        return scope

    def _define(self, start: int, end: int, payload: object) -> object:
        assert isinstance(payload, Definition)
        outer, found = self._scope, payload.found
        text = self.matches.text
        name = "".join(text(found["name"][0]).strip("\"'").split()) if "name" in found else ""
        owner = text(found["owner"][0]) if "owner" in found else None
        qualified = self._qualified(f"{owner}.{name or ANONYMOUS}" if owner else name or ANONYMOUS)
        sighting = Sighting(payload, name or ANONYMOUS, qualified)
        sighting.owned = self._qualified(owner) if owner else None
        sighting.scope = outer
        sighting.start = found["name"][0].start_byte if name else start
        self.sightings.append(sighting)
        is_type = payload.kind in _TYPES or (
            payload.kind == "module" and self.matches.grammar.modules_are_types
        )
        sighting.is_local = self._frame is not self.file_frame
        if name:
            self.names.symbols.add(qualified)
            self._bind(found, name, Symbolic(qualified, is_type), sighting.start)
        if name and (returns := self.matches.returns.get((start, end))):
            self.names.returns[qualified] = (returns, outer)
        self._enter(sighting, is_type)
        return (outer, self._enter_frame(sighting) if "body" in found else None)

    def _bind(self, found: dict[str, list[Node]], name: str, symbol: Symbolic, place: int) -> None:
        """Bind the name of a definition in the scope around it, unless it is named otherwise."""
        if "alias" in found:
            alias = found["alias"][0]
            self._scope.bind_symbol(self.matches.text(alias), symbol, alias.start_byte)
        elif "owner" not in found and "member" not in found:
            self._scope.bind_symbol(name, symbol, place)

    def _enter(self, sighting: Sighting, is_type: bool) -> None:
        """Open the scope of a definition, and bind its parameters."""
        if is_type:
            self._scope = self._type_scope(sighting.qualified_name)
            return
        if sighting.owned is not None:
            self._scope = self._type_scope(sighting.owned)
        inner = sighting.qualified_name
        if sighting.name is ANONYMOUS:
            self._scope = Scope(self._scope, self._scope.qualified_name, False)
        else:
            self._scope = Scope(self._scope, inner, False)
        found = sighting.definition.found
        if "parameters" in found:
            grammar = self.matches.grammar
            node = found["parameters"][0]
            sighting.parameters = parameter_names(node, grammar, self.source)
            for parameter in sighting.parameters:
                self._scope.bind(parameter, UNTYPED)

    def _enter_frame(self, sighting: Sighting) -> Frame:
        outer = self._frame
        self._frame = sighting.frame = Frame()
        node = sighting.definition.node
        branches = self._count_branches(node.start_byte, node.end_byte)
        self._frame.cyclomatic += branches
        outer.cyclomatic -= branches
        return outer

    def _body(self, _start: int, _end: int, _payload: object) -> None:
        frame = self._frame
        frame.nesting += 1
        frame.depth += 1
        frame.deepest = max(frame.deepest, frame.depth)

    def _inner(self, _start: int, _end: int, _payload: object) -> None:
        self._frame.nesting += 1

    def _less_branch(self, _start: int, _end: int, _payload: object) -> None:
        self._frame.cyclomatic -= 1

    def _structure(self, start: int, _end: int, _payload: object) -> None:
        if start not in self.matches.else_ifs:
            frame = self._frame
            frame.cognitive += 1 + frame.nesting
            frame.structures += 1

    def _flat(self, _start: int, _end: int, _payload: object) -> None:
        self._frame.cognitive += 1

    def _logical(self, start: int, end: int, payload: object) -> None:
        assert isinstance(payload, tuple)
        place, operator = payload
        logical = _Logical(start, end, place, self._frame)
        if self._logicals and self._is_operand(start, end, self._logicals[-1]):
            logical.operators = self._logicals[-1].operators
        logical.operators.append((place, _OPERATORS.get(operator) or operator))
        self._logicals.append(logical)

    def _is_operand(self, start: int, end: int, outer: _Logical) -> bool:
        """Return whether nothing but parentheses is between an operation and the outer one."""
        if start < outer.place:
            before, after = (outer.start, start), (end, outer.place)
        else:
            before, after = (outer.place + 3, start), (end, outer.end)
        if before[1] - before[0] > _LONGEST_GAP or after[1] - after[0] > _LONGEST_GAP:
            return False
        gap = self.source[before[0] : before[1]] + self.source[after[0] : after[1]]
        return not gap.strip(b"() \t\r\n")

    def _leave_logical(self) -> None:
        logical = self._logicals.pop()
        if self._logicals and self._logicals[-1].operators is logical.operators:
            return
        previous = None
        for _place, operator in sorted(logical.operators):
            if operator != previous:
                logical.frame.cognitive += 1
            previous = operator

    def _field(self, _start: int, _end: int, payload: object) -> None:
        assert isinstance(payload, tuple)
        owner = self._scope.type_scope
        if owner is not None and owner.fields is not None:
            owner.fields[payload[0]] = payload[1]

    def _import(self, start: int, _end: int, payload: object) -> None:
        assert isinstance(payload, FoundImport)
        if payload.otherwise and payload.module in self.matches.modules:
            return
        fact = payload.fact._replace(scope=self._scope.qualified_name)
        if fact.bound_name and (fact.kind != "reexport" or self.matches.grammar.reexports_bind):
            imported = Imported(len(self.imports))
            self._scope.bind(fact.bound_name, imported, start)
        self.imports.append(fact)

    def _base(self, _start: int, _end: int, payload: object) -> None:
        assert isinstance(payload, FoundBase)
        owner = payload.of
        if owner is None:
            around = self._scope.type_scope
            owner = around.qualified_name if around is not None else None
        if owner:
            self.bases.append((payload, self._scope, owner))
            self.names.bases.setdefault(owner, []).append((payload.base, self._scope))


_HANDLERS = {
    HOLDER: Sweep._holder,
    MEMBERS: Sweep._members,
    DEFINITION: Sweep._define,
    BODY: Sweep._body,
    INNER: Sweep._inner,
    LOGICAL: Sweep._logical,
    LESS_BRANCH: Sweep._less_branch,
    STRUCTURE: Sweep._structure,
    FLAT: Sweep._flat,
    FIELD: Sweep._field,
    IMPORT: Sweep._import,
    BASE: Sweep._base,
}
