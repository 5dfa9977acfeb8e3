"""The syntax tree of a Ruby program, and the values in it that are certain without running it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

# Imported on first use: the grammar is not needed without Ruby manifests.
if TYPE_CHECKING:
    from tree_sitter import Node, Parser

# In place of a value that only a run shows.
UNKNOWN: Any = object()
# Real manifests have at most 40 kB. The time of the parser can grow with the square of the size.
LARGEST_BYTES = 1 << 16
_PIECE = 1024
# A parser that reads each piece more often is looking for ends that do not exist.
_MOST_READS = 20
_FEW_PIECES = 50

# Nodes whose children are statements that run one after the other, whenever the node runs.
SEQUENCES = ("program", "body_statement", "block_body", "begin", "parenthesized_statements")
_NAMES = ("identifier", "constant")
_ARRAYS = ("array", "string_array", "symbol_array")
_TEXTS = ("string", "bare_string", "bare_symbol", "delimited_symbol")
_WORDS = {"nil": None, "true": True, "false": False}
# The methods that leave their receiver unchanged.
_PURE = ("freeze", "each", "each_pair", "empty?", "nil?", "include?", "to_s", "to_sym", "==")
# The methods that leave their arguments unchanged.
_READERS = (
    *("gem", "group", "path", "git", "github", "source", "ruby", "platforms", "puts", "require"),
    *("add_dependency", "add_runtime_dependency", "add_development_dependency", "new"),
)


class Program:
    """A parsed program. `is_whole` is false if a part of it is not Ruby that the grammar has."""

    def __init__(self, source: bytes) -> None:
        self._source = source
        self.root, self.is_whole = _parsed(source)
        self.parents: dict[int, Node] = {}
        self._assignments: dict[str, list[Node]] = {}
        # Names whose value another use than a plain reference may change.
        self._changed: set[str] = set()
        for node in nodes(self.root):
            for child in node.named_children:
                self.parents[child.id] = node
        for node in nodes(self.root):
            self._note(node)

    def value(self, node: Node | None, local: Mapping[str, Any]) -> Any:
        """Return the value of an expression of literals and names bound to them, else UNKNOWN.

        A symbol is its text. *local* has the variables of the loops around the expression.
        """
        if node is None:
            return UNKNOWN
        if node.type in _TEXTS or node.type == "chained_string":
            return _joined([self._part(part, local) for part in node.named_children])
        if node.type == "simple_symbol":
            return self.text(node)[1:]
        if node.type in _ARRAYS:
            return self.values(node, local)
        if node.type == "hash":
            return self.pairs(node, local)
        if node.type in _NAMES:
            return self._named(self.text(node), local)
        if node.type == "call" and self.method(node) == "freeze":
            return self.value(node.child_by_field_name("receiver"), local)
        return _WORDS.get(node.type, UNKNOWN)

    def values(self, node: Node | None, local: Mapping[str, Any]) -> list[Any]:
        """Return the values of an array, or of the positional arguments of a call."""
        found: list[Any] = []
        for child in node.named_children if node else ():
            if child.type == "splat_argument":
                inner = self.value(child.named_child(0), local)
                found += inner if isinstance(inner, list) else [UNKNOWN]
            elif child.type not in ("pair", "hash_splat_argument", "block_argument", "comment"):
                found.append(self.value(child, local))
        return found

    def pairs(self, node: Node | None, local: Mapping[str, Any]) -> dict[Any, Any]:
        """Return the pairs of a hash or of a call; UNKNOWN is a key if there may be others."""
        found: dict[Any, Any] = {}
        for child in node.named_children if node else ():
            if child.type == "pair":
                key = child.child_by_field_name("key")
                is_word = key is not None and key.type == "hash_key_symbol"
                name = self.text(key) if is_word else self.value(key, local)
                value = self.value(child.child_by_field_name("value"), local)
                found[name if isinstance(name, str) else UNKNOWN] = value
            elif child.type == "hash_splat_argument":
                inner = self.value(child.named_child(0), local)
                found |= inner if isinstance(inner, dict) else {UNKNOWN: UNKNOWN}
        return found

    def _part(self, node: Node, local: Mapping[str, Any]) -> Any:
        """Return the text of one part of a string."""
        if node.type == "string_content":
            return self.text(node)
        if node.type == "escape_sequence":
            return UNKNOWN
        return self.value(node.named_child(0) if node.type == "interpolation" else node, local)

    def _named(self, name: str, local: Mapping[str, Any]) -> Any:
        """Return the value of a name that one plain statement binds and nothing can change."""
        bound = self._assignments.get(name, [])
        if name in self._changed or len(bound) != (0 if name in local else 1):
            return UNKNOWN
        if name in local:
            return local[name]
        if not self._always_runs(bound[0]):
            return UNKNOWN
        # A name in its own value is unknown, which ends a circle of names.
        self._changed.add(name)
        value = self.value(bound[0].child_by_field_name("right"), {})
        self._changed.discard(name)
        return value

    def _always_runs(self, assignment: Node) -> bool:
        """Return whether *assignment* is a plain statement of the file or of a specification."""
        node = self.parents.get(assignment.id)
        while node is not None and node.type in (*SEQUENCES, "do_block", "block", "call"):
            if node.type == "call" and not self.text(node).startswith("Gem::Specification.new"):
                return False
            node = self.parents.get(node.id)
        return node is None and assignment.type == "assignment"

    def _note(self, node: Node) -> None:
        """Note that *node* binds a name, or uses one in a way that may change its value."""
        parent = self.parents.get(node.id)
        if node.type not in _NAMES or parent is None:
            return
        name = self.text(node)
        is_left = parent.child_by_field_name("left") == node
        if parent.type in ("assignment", "operator_assignment") and is_left:
            self._assignments.setdefault(name, []).append(parent)
        elif parent.type == "left_assignment_list" or self._may_change(node, parent, is_left):
            self._changed.add(name)

    def _may_change(self, name: Node, parent: Node, is_left: bool) -> bool:
        """Return whether a use of a name may change its value: a method, an item, an alias."""
        if parent.type == "call":
            is_receiver = parent.child_by_field_name("receiver") == name
            return is_receiver and self.method(parent) not in _PURE
        if parent.type == "argument_list":
            call = self.parents.get(parent.id)
            return call is None or self.method(call) not in _READERS
        if parent.type == "assignment":
            left = parent.child_by_field_name("left")
            return left is not None and left.type in _NAMES
        if parent.type == "binary":
            return is_left and any(child.type == "<<" for child in parent.children)
        return parent.type in ("element_reference", "for", "operator_assignment")

    def text(self, node: Node | None) -> str:
        """Return the source of *node*, empty for None."""
        raw = self._source[node.start_byte : node.end_byte] if node is not None else b""
        return raw.decode("utf-8", "replace")

    def method(self, call: Node) -> str:
        """Return the name of the method that *call* calls."""
        return self.text(call.child_by_field_name("method"))


def nodes(root: Node) -> Iterator[Node]:
    """Yield *root* and all named nodes below it, in the order of the source."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(node.named_children)


def _joined(parts: list[Any]) -> Any:
    return "".join(parts) if all(isinstance(part, str) for part in parts) else UNKNOWN


def _parsed(source: bytes) -> tuple[Node, bool]:
    """Return the tree of *source*, and whether it has all of it without errors."""
    reads = 0

    def piece(place: int, _: object) -> bytes:
        nonlocal reads
        reads += 1
        return b"" if reads > most_reads else source[place : place + _PIECE]

    most_reads = _MOST_READS * (len(source) // _PIECE + _FEW_PIECES)
    root = _parser().parse(piece).root_node
    return root, not root.has_error and reads <= most_reads


@cache
def _parser() -> Parser:
    import tree_sitter
    import tree_sitter_ruby

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_ruby.language()))
