"""Sort what the query of a grammar finds in a tree into definitions, events, comments, imports."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from loaders.sources.code.callees import callee_text
from loaders.sources.code.facts import Import
from loaders.sources.code.grammar import Compiled, Grammar, compiled, embedded_parser
from loaders.sources.code.tables import BASE_KINDS, IMPORT_KINDS, SYMBOL_KINDS

if TYPE_CHECKING:
    from tree_sitter import Node, Tree

Found = dict[str, list["Node"]]
# The number of matches that a query keeps in progress; above it, some are dropped.
_MATCH_LIMIT = 10_000
_BEFORE_NAME = re.compile(rb"(?:\w+(?:\.|::))+$")
# Texts that are parsed again, and how deep one may be inside another.
_MAX_EMBEDDED = 200
_MAX_EMBEDDED_DEPTH = 4
# Longer names are not names.
_MAX_NAME = 200
_MAX_PARAMETERS = 500

# Kinds of events. Those that enclose others come first, and have an end.
HOLDER, MEMBERS, DEFINITION, BODY, INNER, LOGICAL = range(6)
BRANCH, STRUCTURE, FLAT, CALL, VARIABLE, FIELD, IMPORT, BASE, LESS_BRANCH = range(6, 15)

# start, -end, kind, number, payload: sorted, each event follows those that enclose it.
Event = tuple[int, int, int, int, object]


class Definition(NamedTuple):
    """A match of a definition."""

    pattern: int
    kind: str
    node: Node
    found: Found


class FoundCall(NamedTuple):
    """A match of a call: its place is that of the last name."""

    place: int
    callee: str


class FoundVariable(NamedTuple):
    """A name that is bound, and its type as far as the content has it."""

    name: str
    type: str | None
    result_of: str | None


class FoundBase(NamedTuple):
    """A base type."""

    place: int
    kind: str
    base: str
    of: str | None


class FoundImport(NamedTuple):
    """An import; `otherwise`: only if no other row has the same module node."""

    fact: Import
    module: int
    otherwise: bool


class Matches:
    """Everything that the query finds in the tree of *source*."""

    def __init__(self, grammar: Grammar, source: bytes) -> None:
        self.grammar = grammar
        self.source = source
        self.line_starts = [0, *accumulate(len(line) + 1 for line in source.split(b"\n"))]
        self.events: list[Event] = []
        self._count = 0
        self.definitions: dict[tuple[int, int], Definition] = {}
        self.comments: list[tuple[int, int]] = []
        self.literals: list[tuple[int, int]] = []
        self.docs_prefixes: list[tuple[int, int]] = []
        self.errors: list[tuple[int, int]] = []
        self.public: set[tuple[int, int]] = set()
        self.private: set[tuple[int, int]] = set()
        self.exported: set[str] = set()
        self.returns: dict[tuple[int, int], str] = {}
        self.else_ifs: set[int] = set()
        self.package: str | None = None
        self.modules: set[int] = set()
        self.embedded: list[Node] = []
        self.trees: list[Tree] = []  # kept for their nodes

    def add(self, compiled: Compiled, root: Node) -> None:
        """Add what the query finds below *root*."""
        import tree_sitter

        handlers = _handlers(compiled.name)
        roots = [root]
        for _depth in range(_MAX_EMBEDDED_DEPTH):
            for root in roots:
                cursor = tree_sitter.QueryCursor(compiled.query, match_limit=_MATCH_LIMIT)
                for pattern, found in cursor.matches(root):
                    for handler in handlers[pattern]:
                        handler(self, found)
            if not self.embedded:
                break
            roots = self._embedded_roots(compiled.name)

    def _embedded_roots(self, grammar: str) -> list[Node]:
        """Parse the embedded texts, and forget the tokens that were found in them."""
        import tree_sitter

        parser = embedded_parser(grammar)
        roots, places = [], []
        for node in self.embedded[:_MAX_EMBEDDED]:
            start, end = node.start_byte + 1, node.end_byte - 1
            (row, column), last = node.start_point, node.end_point
            first, past = (row, column + 1), (last.row, max(last.column - 1, 0))
            parser.included_ranges = [tree_sitter.Range(first, past, start, end)]
            self.trees.append(parser.parse(self.source))
            roots.append(self.trees[-1].root_node)
            places.append((start, end))
        self.embedded = []
        places.sort()
        starts = [start for start, _end in places]

        def is_inside(place: int) -> bool:
            index = bisect_right(starts, place) - 1
            return index >= 0 and place < places[index][1]

        self.events = [event for event in self.events if not is_inside(event[0])]
        return roots

    def text(self, node: Node) -> str:
        start = node.start_byte
        return self.source[start : min(node.end_byte, start + _MAX_NAME)].decode("utf-8", "replace")

    def line(self, place: int) -> int:
        """Return the number of the line at *place*."""
        return bisect_right(self.line_starts, place)

    def _event(self, start: int, end: int, kind: int, payload: object = None) -> None:
        self._count += 1
        self.events.append((start, -end, kind, self._count, payload))

    def _holder(self, found: Found) -> None:
        node = found["it"][0]
        self._event(node.start_byte, node.end_byte, HOLDER, self.text(found["name"][0]))

    def _members(self, found: Found) -> None:
        node = found["it"][0]
        self._event(node.start_byte, node.end_byte, MEMBERS, self.text(found["name"][0]))

    def _public(self, found: Found) -> None:
        self.public.update((node.start_byte, node.end_byte) for node in found["it"])

    def _private(self, found: Found) -> None:
        self.private.update((node.start_byte, node.end_byte) for node in found["it"])

    def _exported(self, found: Found) -> None:
        self.exported.update(map(self.text, found["name"]))

    def _returns(self, found: Found) -> None:
        node = found["it"][0]
        self.returns[node.start_byte, node.end_byte] = self.text(found["type"][0])

    def _docs_prefix(self, found: Found) -> None:
        self.docs_prefixes.extend((node.start_byte, node.end_byte) for node in found["it"])

    def _comment(self, found: Found) -> None:
        node = found["it"][0]
        if not node.start_byte and self.source.startswith(b"#!"):
            return  # it names the interpreter
        self.comments.append((node.start_byte, node.end_byte))

    def _literal(self, found: Found) -> None:
        node = found["it"][0]
        self.literals.append((node.start_byte, node.end_byte))

    def _embedded(self, found: Found) -> None:
        node, words = found["it"][0], self.grammar.embedded_words
        if words is not None and words.search(self.source, node.start_byte, node.end_byte):
            self.embedded.append(node)

    def _error(self, found: Found) -> None:
        node = found["it"][0]
        self.errors.append((node.start_byte, node.end_byte))

    def _branch(self, found: Found) -> None:
        start = found["it"][0].start_byte
        self._event(start, start, BRANCH)

    def _less_branch(self, found: Found) -> None:
        start = found["it"][0].start_byte
        self._event(start, start, LESS_BRANCH)

    def _structure(self, found: Found) -> None:
        start = found["it"][0].start_byte
        self._event(start, start, STRUCTURE)
        self._nest(found)

    def _flat(self, found: Found) -> None:
        start = found["it"][0].start_byte
        self._event(start, start, FLAT)
        self._nest(found)

    def _else_if(self, found: Found) -> None:
        start = found["it"][0].start_byte
        self._event(start, start, FLAT)
        self.else_ifs.add(start)

    def _nest(self, found: Found) -> None:
        for node in found.get("body", ()):
            self._event(node.start_byte, node.end_byte, BODY)
        for node in found.get("inner", ()):
            self._event(node.start_byte, node.end_byte, INNER)

    def _logical(self, found: Found) -> None:
        node, operator = found["it"][0], found["operator"][0]
        place = operator.start_byte
        self._event(node.start_byte, node.end_byte, LOGICAL, (place, self.text(operator)))

    def _package(self, found: Found) -> None:
        if self.package is None:
            self.package = "".join(self.text(found["name"][0]).split())

    def _call(self, found: Found) -> None:
        name = found.get("name")
        callee = (found.get("callee") or name or [])[0]
        if name:
            place, end, last = name[0].start_byte, name[0].end_byte, self.text(name[0])
        else:
            place, end, last = callee.end_byte - 1, callee.end_byte, ""
        text = callee_text(self.source, callee.start_byte, end, last)
        if text in self.grammar.not_calls:
            return
        self._event(place, place, CALL, FoundCall(place, text))

    def _macro_call(self, found: Found) -> None:
        node = found["name"][0]
        place = node.start_byte
        before = _BEFORE_NAME.search(self.source, max(place - _MAX_NAME, 0), place)
        receiver = before[0].decode("utf-8", "replace") if before else ""
        self._event(place, place, CALL, FoundCall(place, receiver + self.text(node)))

    def _element(self, found: Found) -> None:
        node = found["callee"][0]
        name = self.text(node)
        if name[:1].isupper() or "." in name:
            self._event(node.start_byte, node.start_byte, CALL, FoundCall(node.start_byte, name))

    def add_base(self, found: Found, kind: str) -> None:
        of = self.text(found["of"][0]) if "of" in found else None
        for node in found["base"]:
            place = found["inside"][0].start_byte + 1 if "inside" in found else node.start_byte
            self._event(place, place, BASE, FoundBase(place, kind, self.text(node), of))

    def _bound(self, found: Found, kind: int) -> None:
        type_, result = found.get("type"), found.get("result_of")
        type_name = self.text(type_[0]) if type_ else None
        result_of = self.text(result[0]) if result else None
        for node in found["name"]:
            variable = FoundVariable(self.text(node), type_name, result_of)
            self._event(node.start_byte, node.start_byte, kind, variable)

    def _variable(self, found: Found) -> None:
        self._bound(found, VARIABLE)

    def _field(self, found: Found) -> None:
        self._bound(found, FIELD)

    def _imports(self, found: Found) -> None:
        node = found["it"][0]
        for fact in self.grammar.imports_of(node, self.source):
            place = node.start_byte
            self._event(place, place, IMPORT, FoundImport(fact, place, False))

    def add_definition(self, found: Found, kind: str, pattern: int) -> None:
        node = found["it"][0]
        key = (node.start_byte, node.end_byte)
        known = self.definitions.get(key)
        if known is None or known.pattern > pattern:
            self.definitions[key] = Definition(pattern, kind, node, found)

    def add_import(self, found: Found, kind: str, otherwise: bool) -> None:
        module = found["module"][0]
        place = module.start_byte
        if not otherwise:
            self.modules.add(place)
        text = self.text(module).strip("\"'`<>")
        for name, bound in self._names_of(found):
            if bound is None and name is None and "unbound" not in found:
                bound = self.grammar.bound_by_module(text)
            fact = Import(self.line(place), kind, text, 0, name, bound, None, "types" in found)
            self._event(place, place, IMPORT, FoundImport(fact, place, otherwise))

    def _names_of(self, found: Found) -> list[tuple[str | None, str | None]]:
        """Return name and bound name of each name that an import takes."""
        bound = self.text(found["bound"][0]) if "bound" in found else None
        if "all" in found:
            return [("*", bound)]
        if "default" in found:
            return [("default", self.text(found["default"][0]))]
        if "name" in found:
            name = self.text(found["name"][0])
            return [(name, bound or name)]
        return [(None, bound)]


_Handler = Callable[[Matches, Found], None]
_SYMBOLS = frozenset(SYMBOL_KINDS.split())
_IMPORTS = frozenset(IMPORT_KINDS.split())
_BASES = frozenset(BASE_KINDS.split())


@cache
def _handlers(grammar: str) -> list[list[_Handler]]:
    """Return for each pattern of a grammar what handles its matches."""
    return [
        [_handler(role, pattern, roles) for role in roles if role != "otherwise"]
        for pattern, roles in enumerate(compiled(grammar).roles)
    ]


def _handler(role: str, pattern: int, roles: tuple[str, ...]) -> _Handler:
    if role in _SYMBOLS:
        return lambda matches, found: matches.add_definition(found, role, pattern)
    if role in _IMPORTS:
        return lambda matches, found: matches.add_import(found, role, "otherwise" in roles)
    if role in _BASES:
        return lambda matches, found: matches.add_base(found, role)
    handler: _Handler = getattr(Matches, f"_{role}")
    return handler


def parameter_names(node: Node, grammar: Grammar, source: bytes) -> list[str]:
    """Return the names of the parameters in *node*, as written, without types and defaults."""
    if not node.named_child_count:
        return (
            [source[node.start_byte : node.end_byte].decode("utf-8", "replace")]
            if (source[node.start_byte : node.start_byte + 1] not in (b"(", b"|", b"[", b"{"))
            else []
        )
    names: list[str] = []
    for child in node.named_children[:_MAX_PARAMETERS]:
        if child.type in grammar.not_parameters:
            continue
        parts = _name_nodes(child, grammar)
        if parts == [child] and child.type in grammar.unnamed_parameters:
            continue
        for part in parts:
            text = source[part.start_byte : min(part.end_byte, part.start_byte + _MAX_NAME)]
            names.append("".join(text.decode("utf-8", "replace").split()).lstrip(".*&"))
    return names


def _name_nodes(node: Node, grammar: Grammar) -> list[Node]:
    for _depth in range(8):
        if node.type in grammar.named_last:
            node = node.named_children[-1]
        for field in grammar.parameter_fields:
            if inner := node.children_by_field_name(field):
                if len(inner) > 1:
                    return inner
                node = inner[0]
                break
        else:
            break
    return [node]
