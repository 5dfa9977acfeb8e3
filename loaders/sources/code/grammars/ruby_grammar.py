"""Rows of Ruby."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from loaders.sources.code.facts import Import
from loaders.sources.code.grammar import Grammar, Row, always, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_NAME = "[(constant) @name (scope_resolution !scope name: (_) @name)]"
_IN_SCOPE = "(scope_resolution scope: (_) @owner name: (_) @name)"
_DEFINITIONS = (
    Row(
        "method",
        """
        (method name: (_) @name parameters: (_) @parameters) @it @body
        (singleton_method name: (_) @name parameters: (_) @parameters) @it @body
        """,
    ),
    Row(
        "method",
        """
        (method name: (_) @name !parameters) @it @body
        (singleton_method name: (_) @name !parameters) @it @body
        """,
    ),
    # An example of a specification, as lizard has it.
    Row(
        "function",
        """
        ((call method: (identifier) @m arguments: (argument_list . (_) @name) block: (_) @body) @it
            (#eq? @m "it"))
        ((call method: (identifier) @name !arguments block: (_) @body) @it (#eq? @name "it"))
        """,
    ),
    Row("class", f"(class name: {_NAME}) @it (class name: {_IN_SCOPE}) @it"),
    Row("module", f"(module name: {_NAME}) @it (module name: {_IN_SCOPE}) @it"),
    Row(
        "class",
        """
        ((assignment left: (constant) @name
            right: (call receiver: (constant) @r method: (identifier) @m block: (_))) @it
            (#any-of? @r "Struct" "Class" "Data") (#any-of? @m "new" "define"))
        """,
    ),
)
_VISIBILITY = (
    Row(
        "private",
        """
        ((call method: (identifier) @m
            arguments: (argument_list [(method) (singleton_method)] @it))
            (#any-of? @m "private" "protected" "private_class_method"))
        ((body_statement (identifier) @m (method) @it) (#any-of? @m "private" "protected"))
        """,
    ),
)
_MEASURES = (
    Row("comment", "(comment) @it"),
    Row("literal", "(string_content) @it (heredoc_content) @it (regex) @it (uninterpreted) @it"),
    Row(
        "branch structure",
        """
        (if consequence: (_)? @body) @it
        (while body: (_) @body) @it
        (until body: (_) @body) @it
        (for body: (_) @body) @it
        (rescue body: (_)? @body) @it
        (if_modifier) @it
        (while_modifier) @it
        (until_modifier) @it
        (rescue_modifier) @it
        (conditional consequence: (_) @inner alternative: (_) @inner) @it
        """,
    ),
    # Lizard does not count them.
    Row(
        "structure",
        """
        (unless consequence: (_)? @body) @it
        (unless_modifier) @it
        (case_match) @it
        """,
    ),
    Row("structure", "(case) @it"),
    Row("branch", "(when) @it (ensure) @it (if_guard) @it"),
    Row("nest", "(when body: (_) @inner) (in_clause body: (_) @inner)"),
    Row("branch flat", "(elsif consequence: (_)? @body) @it"),
    Row("flat", "(if alternative: (else) @it @body) (unless alternative: (else) @it @body)"),
    Row("flat", "(elsif alternative: (else) @it @body)"),
    Row("branch logical", """(binary operator: ["&&" "||" "and" "or"] @operator) @it"""),
    Row("branch", """(operator_assignment operator: ["&&=" "||="]) @it"""),
    Row("nest", "(block body: (_) @inner) (do_block body: (_) @inner)"),
)
_BASES = (
    Row("extends", "(superclass [(constant) (scope_resolution)] @base)"),
    Row(
        "mixes_in",
        """
        ((body_statement (call !receiver method: (identifier) @m
            arguments: (argument_list [(constant) (scope_resolution)] @base)))
            (#any-of? @m "include" "extend" "prepend"))
        """,
    ),
)
_CALLS = (
    Row(
        "call",
        """
        (call !receiver method: (identifier) @name)
        ((call receiver: (_) method: (_) @name) @callee (#not-eq? @name "new"))
        ((call receiver: (constant) @name method: (identifier) @m) (#eq? @m "new"))
        ((call receiver: (scope_resolution) @callee method: (identifier) @m) (#eq? @m "new"))
        (super) @name
        """,
    ),
)
_VARIABLES = (
    Row(
        "variable",
        """
        ((assignment left: (identifier) @name
            right: (call receiver: [(constant) (scope_resolution)] @type method: (identifier) @m))
            (#eq? @m "new"))
        (assignment left: (identifier) @name right: (call
            !receiver method: (identifier) @result_of))
        """,
    ),
    Row(
        "field",
        """
        ((assignment left: (instance_variable) @name
            right: (call receiver: [(constant) (scope_resolution)] @type method: (identifier) @m))
            (#eq? @m "new"))
        """,
    ),
)
_IMPORTS = (
    Row(
        "imports",
        """
        ((call !receiver method: (identifier) @m arguments: (argument_list (string))) @it
            (#any-of? @m "require" "require_relative" "load" "autoload"))
        """,
    ),
)
_WORDS = (
    "BEGIN END alias and begin break case class def defined do else elsif end ensure for if in"
    " module next not or redo rescue retry return super then undef unless until when while yield"
)
_OPERATORS = re.compile(
    rb"<=>|===|\*\*=|&&=|\|\|=|<<=|>>=|\.\.\.|\.\.|=~|!~|=>|->|::|&\.|==|!=|<=|>=|&&|\|\||\+=|-="
    rb"|\*=|/=|%=|&=|\|=|\^=|<<|>>|\*\*|[-+*/%&|^~!?:=<>,.;({[@#]"
)


def _imports_of(node: Node, source: bytes) -> Iterator[Import]:
    """Return the import of a require, require_relative, load or autoload."""
    arguments = node.child_by_field_name("arguments")
    method = node.child_by_field_name("method")
    if arguments is None or method is None:
        return
    strings = [child for child in arguments.named_children if child.type == "string"]
    word = text_of(method, source)
    module = text_of(strings[0], source).strip("\"'")
    if word == "require_relative" and not module.startswith("."):
        module = f"./{module}"
    bound = None
    first = arguments.named_children[0]
    if word == "autoload" and first.type == "simple_symbol":
        bound = text_of(first, source).lstrip(":")
    kind = "include" if word in ("require_relative", "load") else "require"
    yield Import(node.start_point[0] + 1, kind, module, 0, None, bound, None)


GRAMMARS = {
    "ruby": Grammar(
        rows=(
            *_DEFINITIONS, *_VISIBILITY, *_MEASURES, *_IMPORTS, *_BASES, *_CALLS, *_VARIABLES,
        ),
        operator_words=frozenset(_WORDS.encode().split()),
        operators=_OPERATORS,
        docs=re.compile(rb"#(?!!)|=begin"),
        docs_adjacent=True,
        self_names=frozenset({"self"}),
        constructor="initialize",
        is_public=always,
        types_by_case=True,
        members_in_scope=True,
        modules_are_types=True,
        not_calls=frozenset(
            "require require_relative load autoload include extend prepend private protected"
            " public attr_reader attr_writer attr_accessor".split()
        ),
        imports_of=_imports_of,
    )
}  # fmt: skip
