"""Sort what the query of a grammar finds in a tree into definitions, events, comments, imports."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

from loaders.sources.code.callees import callee_text
from loaders.sources.code.facts import Import
from loaders.sources.code.grammar import Compiled, Grammar, compiled, embedded_parser
from loaders.sources.code.scopes import UNTYPED, Variable
from loaders.sources.code.tables import BASE_KINDS, IMPORT_KINDS, SYMBOL_KINDS

if TYPE_CHECKING:
    from tree_sitter import Node, Tree

Found = dict[str, list["Node"]]
# The number of matches that a query keeps in progress; above it, some are dropped.
_MATCH_LIMIT = 2_000
# Deeper nodes are not looked at: a query counts depth in 16 bits, and does not end beyond.
_MAX_DEPTH = 5_000
# Texts that are parsed again, and how deep one may be inside another.
_MAX_EMBEDDED = 200
_MAX_EMBEDDED_DEPTH = 4
# Longer names are not names.
_MAX_NAME = 200
_MAX_PARAMETERS = 500

# Kinds of events. Those that enclose others come first, and have an end.
HOLDER, MEMBERS, DEFINITION, BODY, INNER, LOGICAL = range(6)
CALL, VARIABLE, STRUCTURE, FLAT, FIELD, IMPORT, BASE, LESS_BRANCH = range(6, 14)

# start, -end, kind, number, payload: sorted, each event follows those that enclose it.
Event = tuple[int, int, int, int, Any]


class Definition(NamedTuple):
    """A match of a definition."""

    pattern: int
    kind: str
    node: Node
    found: Found


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
        self.branches: list[int] = []
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
        self.is_cut = False  # not everything was found
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
                cursor.set_max_start_depth(_MAX_DEPTH)
                for pattern, found in cursor.matches(root):
                    handlers[pattern](self, found)
                self.is_cut = self.is_cut or bool(cursor.did_exceed_match_limit)
            if not self.embedded:
                break
            roots = self._embedded_roots(compiled.name)

    def _embedded_roots(self, grammar: str) -> list[Node]:
        """Parse the embedded texts."""
        import tree_sitter

        parser = embedded_parser(grammar)
        roots = []
        for node in self.embedded[:_MAX_EMBEDDED]:
            start, end = node.start_byte + 1, node.end_byte - 1
            (row, column), last = node.start_point, node.end_point
            first, past = (row, column + 1), (last.row, max(last.column - 1, 0))
            parser.included_ranges = [tree_sitter.Range(first, past, start, end)]
            self.trees.append(parser.parse(self.source))
            roots.append(self.trees[-1].root_node)
        self.embedded = []
        return roots

    def text(self, node: Node) -> str:
        start = node.start_byte
        return self.source[start : min(node.end_byte, start + _MAX_NAME)].decode("utf-8", "replace")

    def line(self, place: int) -> int:
        """Return the number of the line at *place*."""
        return bisect_right(self.line_starts, place)

    def _event(self, start: int, end: int, kind: int, payload: object = None) -> None:
        events = self.events
        events.append((start, -end, kind, len(events), payload))

    def _add(self, place: int, kind: int, payload: object = None) -> None:
        events = self.events
        events.append((place, -place, kind, len(events), payload))

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

    def _tokens(self, found: Found) -> None:
        node, words = found["it"][0], self.grammar.embedded_words
        start, end = node.start_byte, node.end_byte
        if words is not None and words.search(self.source, start, end):
            self.embedded.append(node)
        elif (marks := self.grammar.token_marks) is not None:
            for mark in marks.finditer(self.source, start, end):
                kind = mark.lastgroup
                if kind == "branch":
                    self.branches.append(mark.start())
                elif kind == "call":
                    callee = mark["call"].decode("utf-8", "replace")
                    self._add(mark.end("call") - 1, CALL, callee)

    def _error(self, found: Found) -> None:
        node = found["it"][0]
        self.errors.append((node.start_byte, node.end_byte))

    def _branch(self, found: Found) -> None:
        start = found["it"][0].start_byte
        self.branches.append(start)

    def _less_branch(self, found: Found) -> None:
        start = found["it"][0].start_byte
        self._add(start, LESS_BRANCH)

    def _structure(self, found: Found) -> None:
        start = found["it"][0].start_byte
        self._add(start, STRUCTURE)
        self._nest(found)

    def _flat(self, found: Found) -> None:
        start = found["it"][0].start_byte
        self._add(start, FLAT)
        self._nest(found)

    def _alternative(self, found: Found) -> None:
        node = found["it"][0]
        start = node.start_byte
        kind = node.type
        if kind in self.grammar.else_ifs:
            self.else_ifs.add(start)
        elif kind in self.grammar.not_parameters:  # a comment
            return
        else:
            self._event(start, node.end_byte, BODY)
        self._add(start, FLAT)

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
        callee, name = found.get("callee"), found.get("name")
        if callee is None:
            node = found["name"][0]
            place = node.start_byte
            text = self.source[place : node.end_byte].decode("utf-8", "replace")
        elif name is None:
            end = callee[0].end_byte
            place, text = end - 1, callee_text(self.source, callee[0].start_byte, end, "")
        else:
            node = name[0]
            place, end = node.start_byte, node.end_byte
            last = self.source[place:end].decode("utf-8", "replace")
            text = callee_text(self.source, callee[0].start_byte, end, last)
        if text not in self.grammar.not_calls:
            self._add(place, CALL, text)

    def _element(self, found: Found) -> None:
        node = found["callee"][0]
        name = self.text(node)
        if name[:1].isupper() or "." in name:
            self._add(node.start_byte, CALL, name)

    def add_base(self, found: Found, kind: str) -> None:
        of = self.text(found["of"][0]) if "of" in found else None
        for node in found["base"]:
            place = found["inside"][0].start_byte + 1 if "inside" in found else node.start_byte
            self._add(place, BASE, FoundBase(place, kind, self.text(node), of))

    def _bound(self, found: Found, kind: int) -> None:
        if (nodes := found.get("type")) is not None:
            variable = Variable(self.text(nodes[0]), None)
        elif (nodes := found.get("result_of")) is not None:
            variable = Variable(None, self.text(nodes[0]))
        else:
            variable = UNTYPED
        for node in found["name"]:
            self._add(node.start_byte, kind, (self.text(node), variable))

    def _variable(self, found: Found) -> None:
        self._bound(found, VARIABLE)

    def _field(self, found: Found) -> None:
        self._bound(found, FIELD)

    def _imports(self, found: Found) -> None:
        node = found["it"][0]
        for fact in self.grammar.imports_of(node, self.source):
            place = node.start_byte
            self._add(place, IMPORT, FoundImport(fact, place, False))

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
            self._add(place, IMPORT, FoundImport(fact, place, otherwise))

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
def _handlers(grammar: str) -> list[_Handler]:
    """Return for each pattern of a grammar what handles its matches."""
    return [
        _together([_handler(role, pattern, roles) for role in roles if role != "otherwise"])
        for pattern, roles in enumerate(compiled(grammar).roles)
    ]


def _together(handlers: list[_Handler]) -> _Handler:
    if len(handlers) == 1:
        return handlers[0]

    def handler(matches: Matches, found: Found) -> None:
        for each in handlers:
            each(matches, found)

    return handler


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
