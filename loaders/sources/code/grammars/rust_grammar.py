"""Rows of Rust.

`use a::b::c;` takes the name c from the module a::b; `mod m;` imports the module self::m.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from loaders.sources.code.facts import Import
from loaders.sources.code.grammar import Grammar, Row

if TYPE_CHECKING:
    from tree_sitter import Node

_PLAIN = """
    (type_identifier) @type (scoped_type_identifier) @type
    (generic_type type: (type_identifier) @type)
    (generic_type type: (scoped_type_identifier) @type)
"""
# The value inside of what points to it counts.
_POINTER = """
    (generic_type type: (type_identifier) @pointer
        type_arguments: (type_arguments . [(type_identifier) (scoped_type_identifier)] @type .)
        (#any-of? @pointer "Arc" "Box" "Cow" "MutexGuard" "Pin" "Rc" "Ref" "RefMut"))
"""
_REFERENCE = "".join(
    f"(reference_type type: {kind})"
    for kind in (
        "(type_identifier) @type",
        "(scoped_type_identifier) @type",
        "(generic_type type: (_) @type)",
    )
)
_TYPE = f"[{_PLAIN} {_REFERENCE}]"
_BASE = f"[{_PLAIN.replace('@type', '@base')}]"
_ITEMS = (
    "function_item", "struct_item", "union_item", "enum_item", "trait_item", "type_item",
    "mod_item", "function_signature_item",
)  # fmt: skip
_FUNCTION = "(function_item name: (_) @name parameters: (_) @parameters body: (_) @body) @it"

_DEFINITIONS = (
    Row(
        "method",
        f"""
        (impl_item body: (declaration_list {_FUNCTION}))
        (trait_item body: (declaration_list {_FUNCTION}))
        """,
    ),
    Row("function", _FUNCTION),
    Row("method", "(function_signature_item name: (_) @name parameters: (_) @parameters) @it"),
    Row("function", "(macro_definition name: (_) @name) @it"),
    Row("struct", "(struct_item name: (_) @name) @it (union_item name: (_) @name) @it"),
    Row("enum", "(enum_item name: (_) @name) @it"),
    Row("trait", "(trait_item name: (_) @name) @it"),
    Row("type", "(type_item name: (_) @name) @it"),
    Row("module", "(mod_item name: (_) @name body: (_)) @it"),
    Row(
        "members",
        f"(impl_item type: [{_PLAIN.replace('@type', '@name')}]) @it",
    ),
    Row("public", "".join(f"({item} (visibility_modifier)) @it\n" for item in _ITEMS)),
    Row(
        "public",
        """
        (impl_item trait: (_) body: (declaration_list (function_item) @it))
        (trait_item (visibility_modifier)
            body: (declaration_list [(function_item) (function_signature_item)] @it))
        """,
    ),
    Row(
        "returns",
        f"""
        (function_item return_type: {_TYPE}) @it
        (function_signature_item return_type: {_TYPE}) @it
        """,
    ),
)
_IMPORTS = (
    Row("imports", "(use_declaration) @it"),
    Row("imports", "(mod_item !body) @it"),
    Row("use", "(extern_crate_declaration name: (_) @module alias: (_) @bound)"),
    Row("use", "(extern_crate_declaration name: (_) @module @bound !alias)"),
)
_BASES = (
    Row("implements", f"(impl_item trait: {_BASE})"),
    Row("extends", f"(trait_item bounds: (trait_bounds {_BASE}))"),
)
_MEASURES = (
    Row("comment", "(line_comment) @it (block_comment) @it"),
    Row("literal", "(raw_string_literal) @it"),
    Row("docs_prefix", "(attribute_item) @it"),
    Row(
        "branch structure",
        """
        (if_expression consequence: (_) @body) @it
        (for_expression body: (_) @body) @it
        (while_expression body: (_) @body) @it
        """,
    ),
    Row("structure", "(loop_expression body: (_) @body) @it"),
    # All arms but one are decisions.
    Row("structure less_branch", "(match_expression) @it"),
    Row("branch nest", "(match_arm) @it @body"),
    Row("branch", "(match_pattern condition: (_)) @it (try_expression) @it"),
    Row("branch flat", "(let_declaration alternative: (_) @it @body)"),
    Row("branch", """(let_chain "&&" @it)"""),
    Row("nest", "(closure_expression body: (_) @inner)"),
    Row("alternative", "(else_clause (_) @it)"),
    Row("flat", "(break_expression (label)) @it (continue_expression (label)) @it"),
    Row("branch logical", """(binary_expression operator: ["&&" "||"] @operator) @it"""),
)
_CALLS = (
    Row(
        "call",
        """
        (call_expression function: (identifier) @name)
        (call_expression function: (field_expression field: (_) @name) @callee)
        (call_expression function: (scoped_identifier name: (_) @name) @callee)
        (call_expression function: (generic_function function: (identifier) @name))
        (call_expression function: (generic_function
            function: (field_expression field: (_) @name) @callee))
        (call_expression function: (generic_function
            function: (scoped_identifier name: (_) @name) @callee))
        (macro_invocation macro: (identifier) @name)
        (macro_invocation macro: (scoped_identifier name: (_) @name) @callee)
        """,
    ),
    Row("tokens", "(macro_invocation (token_tree) @it)"),
)
_VARIABLES = (
    Row(
        "variable",
        f"""
        (parameter pattern: (identifier) @name type: {_TYPE})
        (parameter pattern: (identifier) @name type: {_POINTER})
        (let_declaration pattern: (identifier) @name type: {_TYPE})
        (let_declaration pattern: (identifier) @name type: {_POINTER})
        (let_declaration pattern: (identifier) @name
            value: (struct_expression name: [(type_identifier) (scoped_type_identifier)] @type))
        (let_declaration pattern: (identifier) @name !type
            value: (call_expression function: [(identifier) (scoped_identifier)] @result_of))
        (let_declaration pattern: (identifier) @name)
        """,
    ),
    Row(
        "field",
        f"""
        (field_declaration name: (_) @name type: {_TYPE})
        (field_declaration name: (_) @name type: {_POINTER})
        """,
    ),
)
_TOKEN = re.compile(r"\w+|::|[{},*]")
_LONGEST_USE = 20_000
_ALIAS = re.compile(r"\bas\s+(\w+)")


def _imports_of(node: Node, source: bytes) -> Iterator[Import]:
    """Yield what a `use` or a `mod` without a body imports."""
    end = min(node.end_byte, node.start_byte + _LONGEST_USE)
    text = _without_comments(source[node.start_byte : end].decode("utf-8", "replace"))
    line = node.start_point.row + 1
    if node.type == "mod_item":
        name = text.rstrip("; \t\r\n").rpartition(" ")[2]
        yield Import(line, "use", f"self::{name}", 0, None, name, None)
        return
    before, _use, tree = text.partition("use")
    kind = "reexport" if before.strip() else "use"
    for path, alias in _paths(tree):
        if path[-1] == "self" and len(path) > 1:
            path = path[:-1]
            yield Import(line, kind, "::".join(path), 0, None, _bound(alias or path[-1]), None)
        elif len(path) == 1:
            yield Import(line, kind, path[0], 0, None, _bound(alias or path[0]), None)
        else:
            bound = None if path[-1] == "*" else _bound(alias or path[-1])
            yield Import(line, kind, "::".join(path[:-1]), 0, path[-1], bound, None)


def _bound(name: str) -> str | None:
    return None if name == "_" else name


def _without_comments(text: str) -> str:
    if "/" not in text:
        return text
    return re.sub(r"//[^\n]*|/\*.*?\*/", " ", text, flags=re.DOTALL)


def _paths(tree: str) -> Iterator[tuple[list[str], str | None]]:
    """Yield path and alias of each name of a tree of uses, without recursion."""
    around: list[list[str]] = []
    path: list[str] = []
    prefix: list[str] = []
    alias: str | None = None
    expects_alias = False
    for token in _TOKEN.findall(tree):
        if token == "{":
            around.append(prefix)
            prefix, path = [*prefix, *path], []
        elif token in (",", "}"):
            if path:
                yield [*prefix, *path], alias
            path, alias = [], None
            if token == "}" and around:
                prefix = around.pop()
        elif token == "as":
            expects_alias = True
        elif token != "::":
            if expects_alias:
                alias, expects_alias = token, False
            else:
                path.append(token)
    if path:
        yield [*prefix, *path], alias


GRAMMARS = {
    "rust": Grammar(
        rows=(*_DEFINITIONS, *_IMPORTS, *_BASES, *_MEASURES, *_CALLS, *_VARIABLES),
        operator_words=frozenset(
            b"as async await break const continue crate dyn else enum extern fn for if impl in let"
            b" loop match mod move mut pub ref return static struct trait type union unsafe use"
            b" where while yield".split()
        ),
        operators=re.compile(
            rb"<<=|>>=|\.\.\.|\.\.=|&&|\|\||->|=>|::|\.\.|==|!=|<=|>=|\+=|-=|\*=|/=|%=|&=|\|=|\^="
            rb"|<<|>>|[-+*/%&|^!?:=<>,.;({[@#~$]"
        ),
        # Not lifetimes.
        literals=re.compile(
            rb"""("[^"\\]*(?:\\.[^"\\]*)*"|'(?:\\[^\n']+|[^\\'\n]|[\x80-\xff]+)'|\d+\.\d\w*)""",
            re.DOTALL,
        ),
        docs=re.compile(rb"///(?!/)|/\*\*(?!/)"),
        self_names=frozenset({"self", "Self"}),
        super_names=frozenset(),
        members_public=False,
        types_by_case=True,
        reexports_bind=True,
        else_ifs=frozenset({"if_expression"}),
        token_marks=re.compile(
            rb""""(?:[^"\\]|\\.)*"|//[^\n]*|/\*.*?\*/"""
            rb"|(?P<branch>&&|\|\||\?|\b(?:if|for|while)\b)"
            rb"|(?P<call>(?<![.\w])(?!(?:if|for|while|match|in|return)\b)\w+(?:(?:\.|::)\w+)*)!?\(",
            re.DOTALL,
        ),
        embedded_words=re.compile(rb"\bfn\s+\w"),
        makers=frozenset({"new", "default"}),
        not_parameters=frozenset({"line_comment", "block_comment", "attribute_item"}),
        imports_of=_imports_of,
    )
}
