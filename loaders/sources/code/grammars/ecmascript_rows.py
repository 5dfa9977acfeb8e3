"""Rows that JavaScript and TypeScript share."""

from __future__ import annotations

import re

from loaders.sources.code.grammar import Row

_FUNCTION = "[(arrow_function) (function_expression) (generator_function)]"
FUNCTION_PARTS = """
    [(arrow_function parameters: (_) @parameters body: (_) @body)
     (arrow_function parameter: (_) @parameters body: (_) @body)
     (function_expression parameters: (_) @parameters body: (_) @body)
     (generator_function parameters: (_) @parameters body: (_) @body)] @it
"""
_NAMED_FUNCTION = """
    [(function_expression name: (_) @name parameters: (_) @parameters body: (_) @body)
     (generator_function name: (_) @name parameters: (_) @parameters body: (_) @body)] @it
"""
MEMBER_NAMES = "[(property_identifier) (private_property_identifier) (string) (number)] @name"
STRING = "(string (string_fragment) @module)"
_REQUIRE = f"""
    (call_expression function: (identifier) @require arguments: (arguments . {STRING} .)
        (#eq? @require "require"))
"""
DEFINITIONS = (
    Row(
        "function",
        """
        (function_declaration name: (_) @name parameters: (_) @parameters body: (_) @body) @it
        (generator_function_declaration
            name: (_) @name parameters: (_) @parameters body: (_) @body) @it
        """,
    ),
    Row(
        "function",
        f"""
        (variable_declarator name: (identifier) @alias value: {_NAMED_FUNCTION})
        (assignment_expression left: (identifier) @alias right: {_NAMED_FUNCTION})
        {_NAMED_FUNCTION}
        """,
    ),
    Row("function", f"(variable_declarator name: (identifier) @name value: {FUNCTION_PARTS})"),
    Row(
        "method",
        f"""
        (assignment_expression
            left: (member_expression
                object: (member_expression object: (identifier) @owner property: (_) @prototype)
                property: (property_identifier) @name)
            right: {FUNCTION_PARTS}
            (#eq? @prototype "prototype"))
        """,
    ),
    Row(
        "function",
        f"""
        (assignment_expression
            left: (member_expression object: (identifier) @owner property: (_) @name)
            right: {FUNCTION_PARTS}
            (#not-eq? @owner "exports") (#not-eq? @owner "module"))
        (assignment_expression
            left: [(identifier) @name (member_expression property: (_) @name) @member]
            right: {FUNCTION_PARTS})
        """,
    ),
    Row(
        "method",
        """
        (method_definition name: (_) @name parameters: (_) @parameters body: (_) @body) @it
        """,
    ),
    Row("method", f"(pair key: {MEMBER_NAMES} value: {FUNCTION_PARTS})"),
    Row("class", "(class_declaration name: (_) @name) @it"),
    Row("class", "(variable_declarator name: (identifier) @name value: (class) @it)"),
    Row("class", "(class name: (_) @name) @it"),
    Row("class", "(class) @it"),
    Row("function", f"{FUNCTION_PARTS}"),
    Row("holder", "(variable_declarator name: (identifier) @name value: (object) @it)"),
)
EXPORTS = (
    Row(
        "public",
        """
        (export_statement declaration: [
            (function_declaration) (generator_function_declaration) (class_declaration)
        ] @it)
        (export_statement declaration:
            (lexical_declaration (variable_declarator value: (_) @it)))
        (export_statement value: (_) @it)
        (assignment_expression
            left: (member_expression object: (identifier) @exports) right: (_) @it
            (#eq? @exports "exports"))
        (assignment_expression
            left: (member_expression object: (identifier) @module property: (_) @exports)
            right: (_) @it
            (#eq? @module "module") (#eq? @exports "exports"))
        (assignment_expression
            left: (member_expression
                object: (member_expression object: (identifier) @module property: (_) @exports))
            right: (_) @it
            (#eq? @module "module") (#eq? @exports "exports"))
        """,
    ),
    Row("private", "(method_definition name: (private_property_identifier)) @it"),
    Row(
        "exported",
        """
        (export_statement !source (export_clause (export_specifier name: (_) @name)))
        (export_statement value: (identifier) @name)
        """,
    ),
    Row(
        "exported",
        """
        (assignment_expression
            left: (member_expression object: (identifier) @module property: (_) @exports)
            right: [
                (identifier) @name
                (object (shorthand_property_identifier) @name)
                (object (pair value: (identifier) @name))
            ]
            (#eq? @module "module") (#eq? @exports "exports"))
        (assignment_expression
            left: (member_expression object: (identifier) @exports)
            right: (identifier) @name
            (#eq? @exports "exports"))
        """,
    ),
)
MEASURES = (
    Row("comment", "(comment) @it (html_comment) @it"),
    Row("literal", "(string_fragment) @it (regex) @it"),
    Row("docs_prefix", "(decorator) @it"),
    Row(
        "branch structure",
        """
        (if_statement consequence: (_) @body) @it
        (for_statement body: (_) @body) @it
        (for_in_statement body: (_) @body) @it
        (while_statement body: (_) @body) @it
        (do_statement body: (_) @body) @it
        (catch_clause body: (_) @body) @it
        (ternary_expression consequence: (_) @inner alternative: (_) @inner) @it
        """,
    ),
    Row("structure", "(switch_statement body: (_) @body) @it"),
    Row("branch", "(switch_case) @it (assignment_pattern) @it (object_assignment_pattern) @it"),
    Row("alternative", "(else_clause (_) @it)"),
    Row("flat", "(break_statement label: (_)) @it (continue_statement label: (_)) @it"),
    Row("branch logical", """(binary_expression operator: ["&&" "||"] @operator) @it"""),
    Row("branch", """(binary_expression operator: "??") @it"""),
    Row("branch", """(augmented_assignment_expression operator: ["&&=" "||=" "??="]) @it"""),
)


def static_imports(types: str) -> tuple[Row, ...]:
    """Return the rows of imports; *types*: what marks an import of types."""
    return (
        Row(
            "from",
            f"""
            (import_statement {types}
                (import_clause (named_imports
                    (import_specifier {types} name: (_) @name alias: (_)? @bound)))
                source: {STRING})
            """,
        ),
        Row(
            "from",
            f"""
            (import_statement {types}
                (import_clause (identifier) @default) source: {STRING})
            """,
        ),
        Row(
            "import",
            f"""
            (import_statement {types}
                (import_clause (namespace_import (identifier) @bound)) source: {STRING})
            (import_statement . "import" . source: {STRING})
            """,
        ),
        Row(
            "reexport",
            f"""
            (export_statement {types}
                (export_clause (export_specifier name: _ @name)) source: {STRING})
            (export_statement "*" @all source: {STRING})
            (export_statement (namespace_export (_) @bound) source: {STRING})
            """,
        ),
    )


IMPORTS = (
    Row(
        "require",
        f"""
        (variable_declarator name: (identifier) @bound value: {_REQUIRE})
        (variable_declarator name: (object_pattern [
            (shorthand_property_identifier_pattern) @name
            (pair_pattern key: (_) @name value: (identifier) @bound)
        ]) value: {_REQUIRE})
        (variable_declarator
            name: (identifier) @bound
            value: (member_expression object: {_REQUIRE} property: (_) @name))
        """,
    ),
    Row("require otherwise", _REQUIRE),
    Row(
        "dynamic",
        f"""
        (variable_declarator name: (identifier) @bound value: (await_expression
            (call_expression function: (import) arguments: (arguments . {STRING}))))
        (variable_declarator
            name: (object_pattern [
                (shorthand_property_identifier_pattern) @name
                (pair_pattern key: (_) @name value: (identifier) @bound)
            ])
            value: (await_expression
                (call_expression function: (import) arguments: (arguments . {STRING}))))
        """,
    ),
    Row(
        "dynamic otherwise",
        f"(call_expression function: (import) arguments: (arguments . {STRING}))",
    ),
)
CALLS = (
    Row(
        "call",
        """
        (call_expression function: (identifier) @name)
        (call_expression function: (super) @name)
        (call_expression function: (member_expression property: (_) @name) @callee)
        (call_expression function: [(call_expression) (subscript_expression)] @callee)
        (new_expression constructor: (identifier) @name)
        (new_expression constructor: (member_expression property: (_) @name) @callee)
        """,
    ),
)
ELEMENTS = (
    Row(
        "element",
        """
        (jsx_opening_element name: (_) @callee)
        (jsx_self_closing_element name: (_) @callee)
        """,
    ),
    Row("literal", "(jsx_text) @it"),
)
VARIABLES = (
    Row(
        "variable",
        """
        (variable_declarator name: (identifier) @name
            value: (new_expression constructor: [(identifier) (member_expression)] @type))
        (variable_declarator name: (identifier) @name
            value: (call_expression function: [(identifier) (member_expression)] @result_of))
        (variable_declarator name: (identifier) @name
            value: [
                (array) (await_expression) (binary_expression) (identifier) (member_expression)
                (number) (object) (string) (template_string) (ternary_expression)
            ])
        (variable_declarator name: (identifier) @name !value)
        (variable_declarator name: (object_pattern
            [(shorthand_property_identifier_pattern) @name (pair_pattern value: (identifier) @name)]
        ))
        (catch_clause parameter: (identifier) @name)
        """,
    ),
    Row(
        "field",
        """
        (assignment_expression
            left: (member_expression object: (this) property: (_) @name)
            right: (new_expression constructor: [(identifier) (member_expression)] @type))
        """,
    ),
)
WORDS = (
    "as async await break case catch class const continue debugger default delete do else export"
    " extends finally for from function get if import in instanceof let new of return set static"
    " switch throw try typeof var void while with yield"
)
OPERATORS = re.compile(
    rb">>>=|===|!==|\*\*=|<<=|>>=|>>>|&&=|\|\|=|\?\?=|\.\.\."
    rb"|=>|==|!=|<=|>=|&&|\|\||\?\?|\?\.|\+\+|--|\+=|-=|\*=|/=|%=|&=|\|=|\^=|<<|>>|\*\*"
    rb"|[-+*/%&|^~!?:=<>,.;({[@#]"
)
