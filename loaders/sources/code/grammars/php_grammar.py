"""Rows of PHP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from loaders.sources.code.facts import Import
from loaders.sources.code.grammar import Grammar, Row, always, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_DEFINITIONS = (
    Row(
        "method",
        "(method_declaration name: (_) @name parameters: (_) @parameters body: (_) @body) @it",
    ),
    Row("method", "(method_declaration name: (_) @name parameters: (_) @parameters !body) @it"),
    Row(
        "function",
        "(function_definition name: (_) @name parameters: (_) @parameters body: (_) @body) @it",
    ),
    Row("class", "(class_declaration name: (_) @name) @it"),
    Row("interface", "(interface_declaration name: (_) @name) @it"),
    Row("trait", "(trait_declaration name: (_) @name) @it"),
    Row("enum", "(enum_declaration name: (_) @name) @it"),
    Row("package", "(namespace_definition name: (_) @name)"),
    Row("private", '((method_declaration (visibility_modifier) @v) @it (#eq? @v "private"))'),
    Row("docs_prefix", "(attribute_list) @it"),
)
_MEASURES = (
    Row("comment", "(comment) @it"),
    Row("literal", "(heredoc) @it (nowdoc) @it (text) @it"),
    Row(
        "branch structure",
        """
        (if_statement body: (_) @body) @it
        (for_statement body: (_) @body) @it
        (foreach_statement body: (_) @body) @it
        (while_statement body: (_) @body) @it
        (do_statement body: (_) @body) @it
        (catch_clause body: (_) @body) @it
        (conditional_expression body: (_) @inner alternative: (_) @inner) @it
        (match_expression body: (_) @body) @it
        """,
    ),
    Row("structure", "(switch_statement body: (_) @body) @it"),
    # Lizard does not count `a ?: b`.
    Row("structure", "(conditional_expression !body alternative: (_) @inner) @it"),
    Row("branch", "(case_statement) @it"),
    Row("branch flat", "(else_if_clause body: (_) @body) @it"),
    Row("alternative", "(else_clause body: (_) @it)"),
    Row(
        "flat",
        "(goto_statement) @it (break_statement (integer)) @it (continue_statement (integer)) @it",
    ),
    Row("branch logical", """(binary_expression operator: ["&&" "||"] @operator) @it"""),
    Row("logical", """(binary_expression operator: ["and" "or"] @operator) @it"""),
    # As lizard does: what may be null is one more way.
    Row(
        "branch",
        """
        (formal_parameters (_ type: (optional_type) @it))
        (_ return_type: (optional_type) @it)
        """,
    ),
    Row("nest", "(anonymous_function body: (_) @inner) (arrow_function body: (_) @inner)"),
)
_NAMES = "[(name) (qualified_name)] @base"
_BASES = (
    Row("extends", f"(base_clause {_NAMES})"),
    Row("implements", f"(class_interface_clause {_NAMES})"),
    Row("mixes_in", f"(declaration_list (use_declaration {_NAMES}))"),
)
_CALLS = (
    Row(
        "call",
        """
        (function_call_expression function: (name) @name)
        (function_call_expression function: (qualified_name) @callee)
        (member_call_expression name: (name) @name) @callee
        (nullsafe_member_call_expression name: (name) @name) @callee
        (scoped_call_expression name: (name) @name) @callee
        (object_creation_expression (name) @name)
        (object_creation_expression (qualified_name) @callee)
        """,
    ),
)
_TYPE = """[
    (named_type [(name) (qualified_name)] @type)
    (optional_type (named_type [(name) (qualified_name)] @type))
]"""
_MADE = "(object_creation_expression [(name) (qualified_name)] @type)"
_VARIABLES = (
    Row(
        "variable",
        f"""
        (assignment_expression left: (variable_name) @name right: {_MADE})
        (assignment_expression left: (variable_name) @name right: (function_call_expression
            function: [(name) (qualified_name)] @result_of))
        (simple_parameter type: {_TYPE} name: (variable_name) @name)
        (property_promotion_parameter type: {_TYPE} name: (variable_name) @name)
        """,
    ),
    Row(
        "field",
        f"""
        (property_declaration type: {_TYPE} (property_element name: (variable_name (name) @name)))
        (property_promotion_parameter type: {_TYPE} name: (variable_name (name) @name))
        (assignment_expression
            left: (member_access_expression object: (variable_name) name: (name) @name)
            right: {_MADE})
        """,
    ),
    Row(
        "returns",
        f"""
        (method_declaration return_type: {_TYPE}) @it
        (function_definition return_type: {_TYPE}) @it
        """,
    ),
)
_IMPORTS = (
    Row(
        "imports",
        """
        (namespace_use_declaration) @it
        (include_expression) @it (include_once_expression) @it
        (require_expression) @it (require_once_expression) @it
        """,
    ),
)
_WORDS = (
    "abstract and array as break callable case catch class clone const continue declare default do"
    " echo else elseif empty enddeclare endfor endforeach endif endswitch endwhile enum extends"
    " final finally fn for foreach function global goto if implements include include_once"
    " instanceof insteadof interface isset list match namespace new or print private protected"
    " public readonly require require_once return static switch throw trait try unset use var"
    " while xor yield"
)
_OPERATORS = re.compile(
    rb"<=>|===|!==|\*\*=|\?\?=|<<=|>>=|\.\.\.|\?->|=>|->|::|==|!=|<>|<=|>=|&&|\|\||\?\?|\?:"
    rb"|\+\+|--|\+=|-=|\*=|/=|%=|&=|\|=|\^=|\.=|<<|>>|\*\*|[-+*/%&|^~!?:=<>,.;({[@#\\]"
)
_FOLDER = re.compile(r"__DIR__|dirname\(__FILE__\)")
_TEXT = re.compile(r"""["']([^"']*)["']""")


def _imports_of(node: Node, source: bytes) -> Iterator[Import]:
    """Return the imports of a use declaration, or of an include or require."""
    if node.type == "namespace_use_declaration":
        yield from _uses(node, source)
        return
    written = text_of(node.named_children[-1], source) if node.named_children else ""
    folder, text = _FOLDER.search(written), _TEXT.search(written)
    module = text[1] if text else written
    if folder and text and folder.start() < text.start():
        module = f".{module}" if module.startswith("/") else f"./{module}"
    kind = "include" if node.type.startswith("include") else "require"
    yield Import(node.start_point[0] + 1, kind, module[:300], 0, None, None, None)


def _uses(node: Node, source: bytes) -> Iterator[Import]:
    prefix = ""
    clauses = []
    for child in node.named_children:
        if child.type == "namespace_name":
            prefix = text_of(child, source).strip("\\") + "\\"
        elif child.type == "namespace_use_group":
            clauses += child.named_children
        else:
            clauses.append(child)
    for clause in clauses:
        if clause.type != "namespace_use_clause":
            continue
        alias = clause.child_by_field_name("alias")
        names = [child for child in clause.named_children if child.type in _CLAUSE_NAMES]
        if not names:
            continue
        module = prefix + text_of(names[0], source).strip("\\")
        bound = text_of(alias, source) if alias else module.rpartition("\\")[2]
        yield Import(clause.start_point[0] + 1, "use", module, 0, None, bound, None)


_CLAUSE_NAMES = ("qualified_name", "name", "namespace_name")


GRAMMARS = {
    "php": Grammar(
        rows=(*_DEFINITIONS, *_MEASURES, *_IMPORTS, *_BASES, *_CALLS, *_VARIABLES),
        operator_words=frozenset(_WORDS.encode().split()),
        operators=_OPERATORS,
        self_names=frozenset({"$this", "self", "static"}),
        super_names=frozenset({"parent"}),
        constructor="__construct",
        is_public=always,
        imports_of=_imports_of,
    )
}
