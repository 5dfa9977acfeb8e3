"""Rows of Java.

The module of an import is the class, `a.b.C`; of one of all classes, the package, `a.b`; of a
static one, the class whose member is the name.
"""

from __future__ import annotations

import re

from loaders.sources.code.grammar import Grammar, Row

_TYPE = """
    [(type_identifier) @type (scoped_type_identifier) @type
     (generic_type (type_identifier) @type) (generic_type (scoped_type_identifier) @type)]
"""
_BASE = _TYPE.replace("@type", "@base")
_NEW = f"(object_creation_expression type: {_TYPE})"
_LITERALS = re.compile(
    rb'''("""(?:[^"\\]|\\.|"{1,2}(?!"))*"""|"[^"\\\n]*(?:\\.[^"\\\n]*)*"'''
    rb"""|'[^'\\\n]*(?:\\.[^'\\\n]*)*'|\d+\.\d\w*)""",
    re.DOTALL,
)
_DEFINITIONS = (
    Row(
        "method",
        """
        (method_declaration name: (_) @name parameters: (_) @parameters body: (_) @body) @it
        (method_declaration name: (_) @name parameters: (_) @parameters !body) @it
        (constructor_declaration name: (_) @name parameters: (_) @parameters body: (_) @body) @it
        (compact_constructor_declaration name: (_) @name body: (_) @body) @it
        (annotation_type_element_declaration name: (_) @name) @it
        """,
    ),
    Row(
        "class",
        """
        (class_declaration name: (_) @name) @it
        (record_declaration name: (_) @name) @it
        (object_creation_expression (class_body) @it)
        """,
    ),
    Row(
        "interface",
        """
        (interface_declaration name: (_) @name) @it
        (annotation_type_declaration name: (_) @name) @it
        """,
    ),
    Row("enum", "(enum_declaration name: (_) @name) @it"),
    Row(
        "private",
        "".join(
            f'({kind} (modifiers "private")) @it\n'
            for kind in (
                "method_declaration", "constructor_declaration", "class_declaration",
                "record_declaration", "interface_declaration", "enum_declaration",
            )
        ),
    ),
    Row("returns", f"(method_declaration type: {_TYPE}) @it"),
)  # fmt: skip
_IMPORTS = (
    Row("package", "(package_declaration [(scoped_identifier) (identifier)] @name)"),
    Row(
        "from",
        """
        (import_declaration "static" . (scoped_identifier scope: (_) @module name: (_) @name) . ";")
        (import_declaration "static" . (scoped_identifier) @module . "." . (asterisk) @all)
        """,
    ),
    Row(
        "import otherwise",
        """
        (import_declaration "import" . (scoped_identifier name: (_) @bound) @module . ";")
        (import_declaration "import" . [(scoped_identifier) (identifier)] @module
            . "." . (asterisk) @all)
        """,
    ),
)
_BASES = (
    Row(
        "extends",
        f"""
        (superclass {_BASE})
        (extends_interfaces (type_list {_BASE}))
        (object_creation_expression type: {_BASE} (class_body) @inside)
        """,
    ),
    Row("implements", f"(super_interfaces (type_list {_BASE}))"),
)
_MEASURES = (
    Row("comment", "(line_comment) @it (block_comment) @it"),
    Row(
        "branch structure",
        """
        (if_statement consequence: (_) @body) @it
        (for_statement body: (_) @body) @it
        (enhanced_for_statement body: (_) @body) @it
        (while_statement body: (_) @body) @it
        (do_statement body: (_) @body) @it
        (catch_clause body: (_) @body) @it
        (ternary_expression consequence: (_) @inner alternative: (_) @inner) @it
        """,
    ),
    Row("structure", "(switch_expression) @it"),
    Row("nest", "(switch_block_statement_group) @body (switch_rule) @body"),
    Row("nest", "(lambda_expression body: (_) @inner)"),
    Row("branch", """(switch_label "case") @it"""),
    Row("alternative", "(if_statement alternative: (_) @it)"),
    Row("flat", "(break_statement (identifier)) @it (continue_statement (identifier)) @it"),
    Row("branch logical", """(binary_expression operator: ["&&" "||"] @operator) @it"""),
)
_CALLS = (
    Row(
        "call",
        """
        (method_invocation !object name: (_) @name)
        (method_invocation object: (_) name: (_) @name) @callee
        (object_creation_expression type: (type_identifier) @name)
        (object_creation_expression type: (generic_type (type_identifier) @name))
        (object_creation_expression type: (scoped_type_identifier) @callee)
        (explicit_constructor_invocation constructor: (_) @name)
        """,
    ),
)
_VARIABLES = (
    Row(
        "variable",
        f"""
        (local_variable_declaration type: {_TYPE} declarator: (variable_declarator name: (_) @name)
            (#not-eq? @type "var"))
        (local_variable_declaration type: (type_identifier) @var
            declarator: (variable_declarator name: (_) @name value: {_NEW})
            (#eq? @var "var"))
        (local_variable_declaration type: (type_identifier) @var
            declarator: (variable_declarator
                name: (_) @name value: (method_invocation !object name: (_) @result_of))
            (#eq? @var "var"))
        (local_variable_declaration declarator: (variable_declarator name: (_) @name))
        (formal_parameter type: {_TYPE} name: (_) @name)
        (resource type: {_TYPE} name: (_) @name)
        (enhanced_for_statement type: {_TYPE} name: (_) @name (#not-eq? @type "var"))
        (instanceof_expression right: {_TYPE} name: (_) @name)
        """,
    ),
    Row(
        "field",
        f"""
        (field_declaration type: {_TYPE} declarator: (variable_declarator name: (_) @name))
        (record_declaration parameters:
            (formal_parameters (formal_parameter type: {_TYPE} name: (_) @name)))
        """,
    ),
)


def _is_public(_name: str) -> bool:
    # Everything that is not private, at least for the files of its package.
    return True


GRAMMARS = {
    "java": Grammar(
        rows=(*_DEFINITIONS, *_IMPORTS, *_BASES, *_MEASURES, *_CALLS, *_VARIABLES),
        operator_words=frozenset(
            b"abstract assert boolean break byte case catch char class continue default do double"
            b" else enum extends final finally float for if implements import instanceof int"
            b" interface long native new package private protected public record return short"
            b" static strictfp switch synchronized throw throws transient try var void volatile"
            b" while yield".split()
        ),
        operators=re.compile(
            rb">>>=|<<=|>>=|\.\.\.|->|::|&&|\|\||\+\+|--|==|!=|<=|>=|\+=|-=|\*=|/=|%=|&=|\|=|\^="
            rb"|<<|[-+*/%&|^~!?:=<>,.;({[@]"
        ),
        literals=_LITERALS,
        is_public=_is_public,
        types_by_case=True,
        members_in_scope=True,
        bare_calls_are_members=True,
        not_parameters=frozenset({"line_comment", "block_comment", "receiver_parameter"}),
    )
}
