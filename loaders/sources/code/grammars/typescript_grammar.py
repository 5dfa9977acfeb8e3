"""Rows of TypeScript, with and without elements (TSX)."""

from __future__ import annotations

from loaders.sources.code.grammar import Grammar, Row
from loaders.sources.code.grammars.ecmascript_rows import (
    CALLS,
    DEFINITIONS,
    ELEMENTS,
    EXPORTS,
    FUNCTION_PARTS,
    IMPORTS,
    MEASURES,
    MEMBER_NAMES,
    OPERATORS,
    STRING,
    VARIABLES,
    WORDS,
    static_imports,
)

_OWN_DEFINITIONS = (
    Row("method", f"(public_field_definition name: {MEMBER_NAMES} value: {FUNCTION_PARTS})"),
    Row("class", "(abstract_class_declaration name: (_) @name) @it"),
    Row("interface", "(interface_declaration name: (_) @name) @it"),
    Row("enum", "(enum_declaration name: (_) @name) @it"),
    Row("type", "(type_alias_declaration name: (_) @name) @it"),
    Row("module", "(internal_module name: (_) @name) @it"),
    Row(
        "method",
        """
        (method_signature name: (_) @name parameters: (_) @parameters) @it
        (abstract_method_signature name: (_) @name parameters: (_) @parameters) @it
        """,
    ),
    Row("function", "(function_signature name: (_) @name parameters: (_) @parameters) @it"),
    Row(
        "private",
        """
        (method_definition (accessibility_modifier) @modifier (#eq? @modifier "private")) @it
        (public_field_definition
            (accessibility_modifier) @modifier value: (_) @it (#eq? @modifier "private"))
        """,
    ),
    Row(
        "public",
        """
        (export_statement declaration: [
            (abstract_class_declaration) (interface_declaration) (enum_declaration)
            (type_alias_declaration) (internal_module) (function_signature)
        ] @it)
        """,
    ),
)
_TYPE = (
    "(type_annotation [(type_identifier) (nested_type_identifier) (generic_type name: (_))] @type)"
)
_RETURNS = (
    Row(
        "returns",
        "".join(
            f"({function} return_type: {_TYPE}) @it\n"
            for function in (
                "function_declaration",
                "method_definition",
                "arrow_function",
                "function_expression",
                "function_signature",
                "method_signature",
            )
        ),
    ),
)
_OWN_MEASURES = (
    Row("branch", "(required_parameter value: (_)) @it (optional_parameter value: (_)) @it"),
)
_OWN_IMPORTS = (
    Row(
        "require",
        f"(import_statement (import_require_clause (identifier) @bound source: {STRING}))",
    ),
)
_OWN_VARIABLES = (
    Row(
        "variable",
        f"""
        (required_parameter pattern: (identifier) @name type: {_TYPE})
        (optional_parameter pattern: (identifier) @name type: {_TYPE})
        (variable_declarator name: (identifier) @name type: {_TYPE})
        """,
    ),
    Row(
        "field",
        f"""
        (public_field_definition name: (_) @name type: {_TYPE})
        (public_field_definition name: (_) @name
            value: (new_expression constructor: [(identifier) (member_expression)] @type))
        (required_parameter (accessibility_modifier)
            pattern: (identifier) @name type: {_TYPE})
        """,
    ),
)
_BASE = "[(identifier) (member_expression)] @base"
_BASES = (
    Row("extends", f"(extends_clause value: {_BASE})"),
    Row(
        "implements",
        """
        (implements_clause [
            (type_identifier) @base (nested_type_identifier) @base
            (generic_type name: (_) @base)
        ])
        """,
    ),
    Row(
        "extends",
        """
        (extends_type_clause type: [
            (type_identifier) @base (nested_type_identifier) @base
            (generic_type name: (_) @base)
        ])
        """,
    ),
)
_OWN_WORDS = (
    " abstract any boolean declare enum implements infer interface is keyof module namespace never"
    " number object override private protected public readonly satisfies string symbol type"
    " unique unknown"
)
_TYPESCRIPT = Grammar(
    rows=(
        *_OWN_DEFINITIONS, *DEFINITIONS, *EXPORTS, *MEASURES, *_OWN_MEASURES,
        *static_imports('"type"? @types'), *IMPORTS, *_OWN_IMPORTS, *CALLS, *VARIABLES,
        *_OWN_VARIABLES, *_BASES, *_RETURNS,
    ),
    operator_words=frozenset((WORDS + _OWN_WORDS).encode().split()),
    operators=OPERATORS,
    constructor="constructor",
    not_calls=frozenset({"require"}),
)  # fmt: skip
GRAMMARS = {
    "typescript": _TYPESCRIPT,
    "tsx": _TYPESCRIPT._replace(rows=(*_TYPESCRIPT.rows, *ELEMENTS)),
}
