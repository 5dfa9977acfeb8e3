"""Rows of C#."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from loaders.sources.code.facts import Import
from loaders.sources.code.grammar import Grammar, Row, text_of
from loaders.sources.code.grammars.c_macros import simple_conditions

if TYPE_CHECKING:
    from tree_sitter import Node

_METHODS = "method_declaration constructor_declaration destructor_declaration"
_DEFINITIONS = (
    Row(
        "method",
        "\n".join(
            f"({kind} name: (_) @name parameters: (_) @parameters body: (_) @body) @it"
            for kind in _METHODS.split()
        ),
    ),
    Row(
        "method",
        """
        (operator_declaration
            operator: _ @name parameters: (_) @parameters body: (_) @body) @it
        (conversion_operator_declaration
            type: (_) @name parameters: (_) @parameters body: (_) @body) @it
        (method_declaration name: (_) @name parameters: (_) @parameters !body) @it
        """,
    ),
    # Its measures are part of those of the method around it, as in lizard.
    Row("function", "(local_function_statement name: (_) @name parameters: (_) @parameters) @it"),
    Row("class", "(class_declaration name: (_) @name) @it"),
    Row("class", "(record_declaration name: (_) @name) @it"),
    Row("struct", "(struct_declaration name: (_) @name) @it"),
    Row("interface", "(interface_declaration name: (_) @name) @it"),
    Row("enum", "(enum_declaration name: (_) @name) @it"),
    Row("type", "(delegate_declaration name: (_) @name parameters: (_) @parameters) @it"),
    Row(
        "package",
        """
        (namespace_declaration name: (_) @name)
        (file_scoped_namespace_declaration name: (_) @name)
        """,
    ),
)
_DECLARATIONS = (
    "method_declaration",
    "constructor_declaration",
    *(f"{kind}_declaration" for kind in "class record struct interface enum delegate".split()),
)
_VISIBILITY = (
    Row(
        "public",
        "\n".join(
            f'(({kind} (modifier) @m) @it (#any-of? @m "public" "internal" "protected"))'
            for kind in _DECLARATIONS
        ),
    ),
    Row("public", "(interface_declaration body: (_ (method_declaration) @it))"),
)
_MEASURES = (
    Row("comment", "(comment) @it"),
    Row("literal", "(verbatim_string_literal) @it (raw_string_literal) @it"),
    Row("docs_prefix", "(attribute_list) @it"),
    Row(
        "branch structure",
        """
        (if_statement consequence: (_) @body) @it
        (for_statement body: (_) @body) @it
        (while_statement body: (_) @body) @it
        (do_statement body: (_) @body) @it
        (catch_clause body: (_) @body) @it
        (conditional_expression consequence: (_) @inner alternative: (_) @inner) @it
        """,
    ),
    # Lizard does not count them.
    Row("structure", "(foreach_statement body: (_) @body) @it"),
    Row(
        "structure",
        "(switch_statement body: (_) @body) @it (switch_expression (switch_expression_arm)) @it",
    ),
    Row("branch", '(switch_section "case") @it'),
    Row("alternative", "(if_statement alternative: (_) @it)"),
    Row("flat", "(goto_statement) @it"),
    Row("branch logical", """(binary_expression operator: ["&&" "||"] @operator) @it"""),
    # As lizard does: whatever may be null is one more way.
    Row(
        "branch",
        """
        (binary_expression operator: "??") @it
        (assignment_expression operator: "??=") @it
        (conditional_access_expression) @it
        (variable_declaration type: [
            (nullable_type) @it (array_type type: (nullable_type) @it)
        ])
        (cast_expression type: (nullable_type) @it)
        (as_expression right: (nullable_type) @it)
        (declaration_expression type: (nullable_type) @it)
        (declaration_pattern type: (nullable_type) @it)
        (foreach_statement type: (nullable_type) @it)
        (lambda_expression parameters: (parameter_list (parameter type: (nullable_type) @it)))
        (preproc_if) @it (preproc_elif) @it
        """,
    ),
    Row(
        "nest",
        "(lambda_expression body: (_) @inner) (anonymous_method_expression (block) @inner)"
        " (local_function_statement body: (_) @inner)",
    ),
)
_NAMES = "(identifier) @base (qualified_name) @base (generic_name (identifier) @base)"
_BASES = (Row("extends", f"(base_list [{_NAMES}])"),)
_CALLS = (
    Row(
        "call",
        """
        (invocation_expression function: (identifier) @name)
        (invocation_expression function: (generic_name (identifier) @name))
        (invocation_expression
            function: (member_access_expression name: (identifier) @name) @callee)
        (invocation_expression function: (member_access_expression
            name: (generic_name (identifier) @name)) @callee)
        (conditional_access_expression
            (invocation_expression function: (member_binding_expression name: (_) @name))) @callee
        (object_creation_expression type: (identifier) @name)
        (object_creation_expression type: (qualified_name) @callee)
        (object_creation_expression type: (generic_name (identifier) @name))
        """,
    ),
)
_TYPE = "[(identifier) (qualified_name) (nullable_type) (generic_name)] @type"
_VARIABLES = (
    Row(
        "variable",
        f"""
        (local_declaration_statement (variable_declaration type: {_TYPE}
            (variable_declarator name: (_) @name)))
        (local_declaration_statement (variable_declaration type: (implicit_type)
            (variable_declarator name: (_) @name
                (object_creation_expression type: (_) @type))))
        (local_declaration_statement (variable_declaration type: (implicit_type)
            (variable_declarator name: (_) @name
                (invocation_expression
                    function: [(identifier) (member_access_expression)] @result_of))))
        (using_statement (variable_declaration type: {_TYPE} (variable_declarator name: (_) @name)))
        (parameter type: {_TYPE} name: (_) @name)
        (foreach_statement type: {_TYPE} left: (identifier) @name)
        """,
    ),
    Row(
        "field",
        f"""
        (field_declaration (variable_declaration type: {_TYPE}
            (variable_declarator name: (_) @name)))
        (property_declaration type: {_TYPE} name: (_) @name)
        """,
    ),
    Row("returns", f"(method_declaration returns: {_TYPE}) @it"),
)
_IMPORTS = (Row("imports", "(using_directive) @it"),)
_WORDS = (
    "abstract as async await base break case catch checked class const continue default delegate"
    " do else enum event explicit extern finally fixed for foreach from get goto group if implicit"
    " in init interface internal into is join let lock namespace new operator orderby out override"
    " params private protected public readonly record ref required return sealed select set sizeof"
    " stackalloc static struct switch this throw try typeof unchecked unsafe using var virtual"
    " volatile when where while with yield"
)
_OPERATORS = re.compile(
    rb">>>=|\?\?=|<<=|>>=|\.\.|=>|->|::|==|!=|<=|>=|&&|\|\||\?\?|\?\.|\+\+|--|\+=|-=|\*=|/=|%="
    rb"|&=|\|=|\^=|<<|>>|[-+*/%&|^~!?:=<>,.;({[@#]"
)
# Between the head and the body of a method: no parser can know which of them are compiled.
_BODY_IF = re.compile(
    rb"(?<=\))(\s*\n[ \t]*#if[^\n]*)(\n(?:[ \t]*[^#\s][^\n]*\n|[ \t]*\n)+?)"
    rb"([ \t]*#else[^\n]*\n(?:[ \t]*[^#\s][^\n]*\n|[ \t]*\n)*?)?([ \t]*#endif[^\n]*)"
)
_VISIBLE = re.compile(rb"[^\n]")


def _with_bodies(source: bytes) -> bytes:
    """Return *source* with the first of the bodies that `#if` chooses from."""
    return _BODY_IF.sub(_first_body, simple_conditions(source)) if b"#if" in source else source


def _first_body(found: re.Match[bytes]) -> bytes:
    blank = [_VISIBLE.sub(b" ", found[group] or b"") for group in (1, 3, 4)]
    # Text after a body in braces would otherwise be an end without a beginning.
    return blank[0] + found[2] + blank[1] + blank[2]


def _imports_of(node: Node, source: bytes) -> Iterator[Import]:
    """Return what a using directive imports: all names of a namespace, or an alias."""
    alias = node.child_by_field_name("name")
    named = [child for child in node.named_children if child != alias and child.type != "comment"]
    if not named:
        return
    module = "".join(text_of(named[-1], source).split())
    bound = text_of(alias, source) if alias else None
    line = node.start_point[0] + 1
    yield Import(line, "use", module, 0, None if bound else "*", bound, None)


GRAMMARS = {
    "c_sharp": Grammar(
        rows=(
            *_DEFINITIONS, *_VISIBILITY, *_MEASURES, *_IMPORTS, *_BASES, *_CALLS, *_VARIABLES,
        ),
        operator_words=frozenset(_WORDS.encode().split()),
        operators=_OPERATORS,
        docs=re.compile(rb"///|/\*\*(?!/)"),
        super_names=frozenset({"base"}),
        members_public=False,
        types_by_case=True,
        members_in_scope=True,
        # The type of a parameter array has no node of its own.
        not_parameters=frozenset(
            {"comment", "attribute_list", "array_type", "generic_name", "nullable_type"}
        ),
        mended=_with_bodies,
        imports_of=_imports_of,
    )
}  # fmt: skip
