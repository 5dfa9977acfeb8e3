"""Rows of C++."""

from __future__ import annotations

from loaders.sources.code.grammar import Grammar, Row, always
from loaders.sources.code.grammars.c_family_rows import (
    DOCS,
    INCLUDES,
    MACRO_FUNCTIONS,
    MEASURES,
    NAMED_LAST,
    NOT_KEYWORD,
    OPERATORS,
    WORDS,
    declared,
    macro_functions,
)
from loaders.sources.code.grammars.c_macros import without_macros

_LEAF = """
    (identifier) @name (destructor_name) @name (operator_name) @name
    (template_function name: (_) @name) (operator_cast type: (_) @name)
"""
_OWNED = f"""(qualified_identifier
    scope: [(namespace_identifier) @owner (template_type name: (_) @owner)] name: [{_LEAF}])"""
_OWNED_DEEPER = f"(qualified_identifier name: {_OWNED})"
_OWNED_DEEPEST = f"(qualified_identifier name: {_OWNED_DEEPER})"
_QUALIFIED = f"[{_OWNED} {_OWNED_DEEPER} {_OWNED_DEEPEST}]"


def _definition(name: str) -> str:
    """Return the pattern of a function whose declarator has *name*."""
    function = f"(function_declarator declarator: {name} parameters: (_) @parameters)"
    reference = f"(reference_declarator {function})"
    references = f"{reference} (pointer_declarator declarator: {reference})"
    return f"(function_definition declarator: {declared(name, references)} body: (_) @body) @it"


_PLAIN = _definition(f"[{_LEAF}]")
_CAST = "(operator_cast type: (_) @name)"
_CAST_DEFINITION = f"(function_definition declarator: {_CAST} body: (_) @body) @it"
_DEFINITIONS = (
    Row("method", _definition("[(field_identifier) @name (destructor_name) @name]")),
    Row("method", _definition(_QUALIFIED)),
    Row(
        "method",
        f"""
        {_CAST_DEFINITION}
        (function_definition
            declarator: (qualified_identifier scope: (_) @owner name: {_CAST})
            body: (_) @body) @it
        """,
    ),
    Row(
        "method",
        f"""
        ((field_declaration_list {_PLAIN}) {NOT_KEYWORD})
        ((field_declaration_list (template_declaration {_PLAIN})) {NOT_KEYWORD})
        """,
    ),
    Row("function", f"({_PLAIN} {NOT_KEYWORD})"),
    # Without a body, but part of what its type is: a pure virtual method.
    Row(
        "method",
        """
        (field_declaration
            declarator: [
                (function_declarator
                    declarator: (field_identifier) @name parameters: (_) @parameters)
                (pointer_declarator declarator: (function_declarator
                    declarator: (field_identifier) @name parameters: (_) @parameters))
                (reference_declarator (function_declarator
                    declarator: (field_identifier) @name parameters: (_) @parameters))
            ]
            default_value: (number_literal)) @it
        """,
    ),
    MACRO_FUNCTIONS,
    macro_functions("declaration_list"),
    Row("enum", "(enum_specifier name: (_) @name body: (_)) @it"),
    Row("type", "(alias_declaration name: (_) @name) @it"),
    Row("type", "(type_definition declarator: (type_identifier) @name) @it"),
    Row("holder", "(namespace_definition name: (_) @name) @it"),
)
_TYPE_NAME = """[
    (type_identifier) @name (template_type name: (_) @name) (qualified_identifier name: (_) @name)
]"""
_TYPES = (
    Row("class", f"(class_specifier name: {_TYPE_NAME} body: (_)) @it"),
    Row("struct", f"(struct_specifier name: {_TYPE_NAME} body: (_)) @it"),
    Row("struct", f"(union_specifier name: {_TYPE_NAME} body: (_)) @it"),
)
_VISIBILITY = (
    Row(
        "private",
        """
        ((translation_unit (function_definition (storage_class_specifier) @s) @it)
            (#eq? @s "static"))
        ((declaration_list (function_definition (storage_class_specifier) @s) @it)
            (#eq? @s "static"))
        (namespace_definition !name body: (declaration_list
            [(function_definition) (class_specifier) (struct_specifier)] @it))
        """,
    ),
)
_MEASURES = (
    Row("literal", "(raw_string_literal) @it"),
    Row("docs_prefix", "(attribute_declaration) @it"),
    Row(
        "branch structure",
        """
        (for_range_loop body: (_) @body) @it
        (catch_clause body: (_) @body) @it
        """,
    ),
    Row("nest", "(lambda_expression body: (_) @inner)"),
)
_BASES = (
    Row(
        "extends",
        """
        (base_class_clause [
            (type_identifier) @base (qualified_identifier) @base (template_type name: (_) @base)
        ])
        """,
    ),
)
_CALLS = (
    Row(
        "call",
        """
        (call_expression function: (identifier) @name)
        (call_expression function: (field_expression field: (field_identifier) @name) @callee)
        (call_expression
            function: (qualified_identifier name: [(identifier) (qualified_identifier)]) @callee)
        (call_expression
            function: (qualified_identifier name: (template_function name: (_) @name)) @callee)
        (call_expression function: (template_function name: (_) @name))
        (new_expression type: [
            (type_identifier) @name (template_type name: (_) @name) (qualified_identifier) @callee
        ])
        """,
    ),
)
_TYPE = "[(type_identifier) (qualified_identifier)] @type"


def _variables(name: str) -> str:
    return f"""[
        {name} (pointer_declarator declarator: {name}) (reference_declarator {name})
        (init_declarator declarator: {name})
        (init_declarator declarator: (pointer_declarator declarator: {name}))
        (init_declarator declarator: (reference_declarator {name}))
    ]"""


_NAMED = _variables("(identifier) @name")
_FIELD = "(field_identifier) @name"
_MADE = """(init_declarator declarator: [
    (identifier) @name (pointer_declarator declarator: (identifier) @name)
    (reference_declarator (identifier) @name)]"""
_VARIABLES = (
    Row(
        "variable",
        f"""
        (declaration type: {_TYPE} declarator: {_NAMED})
        (declaration type: (placeholder_type_specifier)
            declarator: {_MADE} value: (new_expression type: (_) @type)))
        (declaration type: (placeholder_type_specifier)
            declarator: {_MADE} value: (call_expression
                function: [(identifier) (qualified_identifier)] @result_of)))
        (parameter_declaration type: {_TYPE} declarator: {_NAMED})
        """,
    ),
    Row(
        "field",
        f"""
        (field_declaration type: {_TYPE} declarator: [
            {_FIELD} (pointer_declarator declarator: {_FIELD}) (reference_declarator {_FIELD})
        ])
        """,
    ),
)
_WORDS = (
    WORDS + " alignas alignof bool catch class co_await co_return co_yield consteval constexpr"
    " constinit decltype delete explicit export final friend mutable namespace new noexcept"
    " operator override private protected public requires static_assert static_cast"
    " dynamic_cast const_cast reinterpret_cast template this throw try typeid typename using"
    " virtual"
)


GRAMMARS = {
    "cpp": Grammar(
        rows=(
            *_DEFINITIONS, *_TYPES, *_VISIBILITY, *MEASURES, *_MEASURES, *INCLUDES, *_BASES,
            *_CALLS, *_VARIABLES,
        ),
        operator_words=frozenset(_WORDS.encode().split()),
        operators=OPERATORS,
        docs=DOCS,
        docs_adjacent=True,
        super_names=frozenset(),
        is_public=always,
        types_by_case=True,
        members_in_scope=True,
        parameter_fields=("declarator", "name"),
        named_last=NAMED_LAST,
        unnamed_parameters=frozenset(
            {"parameter_declaration", "optional_parameter_declaration"}
        ),
        mended=without_macros,
    )
}  # fmt: skip
