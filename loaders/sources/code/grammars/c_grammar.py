"""Rows of C."""

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
)
from loaders.sources.code.grammars.c_macros import without_macros

_NAME = "(identifier) @name"
_DEFINITIONS = (
    Row(
        "function",
        f"""((function_definition declarator: {declared(_NAME, "")} body: (_) @body) @it
            {NOT_KEYWORD})""",
    ),
    # A macro before parentheses with one word is taken for a type.
    Row(
        "function",
        """
        (function_definition type: (type_identifier) @name
            declarator: (parenthesized_declarator (identifier) @parameters) body: (_) @body) @it
        """,
    ),
    MACRO_FUNCTIONS,
    Row("struct", "(struct_specifier name: (_) @name body: (_)) @it"),
    Row("struct", "(union_specifier name: (_) @name body: (_)) @it"),
    Row("enum", "(enum_specifier name: (_) @name body: (_)) @it"),
    Row(
        "struct",
        """
        (type_definition type: [
            (struct_specifier !name body: (_)) (union_specifier !name body: (_))
        ] declarator: (type_identifier) @name) @it
        """,
    ),
    Row(
        "enum",
        """
        (type_definition type: (enum_specifier !name body: (_))
            declarator: (type_identifier) @name) @it
        """,
    ),
    Row("type", "(type_definition declarator: (type_identifier) @name) @it"),
)
_VISIBILITY = (
    Row("private", '((function_definition (storage_class_specifier) @s) @it (#eq? @s "static"))'),
)
_CALLS = (
    Row(
        "call",
        """
        (call_expression function: (identifier) @name)
        (call_expression function: (field_expression field: (_) @name) @callee)
        """,
    ),
)


GRAMMARS = {
    "c": Grammar(
        rows=(*_DEFINITIONS, *_VISIBILITY, *MEASURES, *INCLUDES, *_CALLS),
        operator_words=frozenset(WORDS.encode().split()),
        operators=OPERATORS,
        docs=DOCS,
        docs_adjacent=True,
        self_names=frozenset(),
        super_names=frozenset(),
        is_public=always,
        parameter_fields=("declarator",),
        named_last=NAMED_LAST,
        unnamed_parameters=frozenset({"parameter_declaration"}),
        mended=without_macros,
    )
}
