"""Rows of Go."""

from __future__ import annotations

import re

from loaders.sources.code.grammar import Grammar, Row

_RECEIVER = """
    (parameter_list (parameter_declaration type: [
        (type_identifier) @owner
        (generic_type type: (type_identifier) @owner)
        (pointer_type (type_identifier) @owner)
        (pointer_type (generic_type type: (type_identifier) @owner))
    ]))
"""
_TYPE = """
    [(type_identifier) @type (qualified_type) @type (generic_type type: (_) @type)
     (pointer_type (type_identifier) @type) (pointer_type (qualified_type) @type)
     (pointer_type (generic_type type: (_) @type))]
"""
_BASE = _TYPE.replace("@type", "@base")
_MADE = """
    [(composite_literal type: (type_identifier) @type)
     (composite_literal type: (qualified_type) @type)
     (unary_expression operand: (composite_literal type: (type_identifier) @type))
     (unary_expression operand: (composite_literal type: (qualified_type) @type))]
"""
_PATH = "path: (_) @module"

_DEFINITIONS = (
    Row(
        "function",
        "(function_declaration name: (_) @name parameters: (_) @parameters body: (_) @body) @it",
    ),
    Row(
        "method",
        f"""
        (method_declaration receiver: {_RECEIVER}
            name: (_) @name parameters: (_) @parameters body: (_) @body) @it
        """,
    ),
    Row("function", "(function_declaration name: (_) @name parameters: (_) @parameters !body) @it"),
    Row(
        "method",
        f"""
        (method_declaration receiver: {_RECEIVER}
            name: (_) @name parameters: (_) @parameters !body) @it
        """,
    ),
    Row(
        "function",
        """
        (var_spec . name: (identifier) @name value: (expression_list .
            (func_literal parameters: (_) @parameters body: (_) @body) @it .))
        (func_literal parameters: (_) @parameters body: (_) @body) @it
        """,
    ),
    Row("struct", "(type_spec name: (_) @name type: (struct_type)) @it"),
    Row("interface", "(type_spec name: (_) @name type: (interface_type)) @it"),
    Row("type", "(type_spec name: (_) @name) @it (type_alias name: (_) @name) @it"),
    Row("method", "(method_elem name: (_) @name parameters: (_) @parameters) @it"),
    Row(
        "returns",
        "".join(
            f"""
            ({kind} result: {_TYPE}) @it
            ({kind} result: (parameter_list . (parameter_declaration type: {_TYPE}))) @it
            """
            for kind in ("function_declaration", "method_declaration", "method_elem")
        ),
    ),
)
_IMPORTS = (
    Row("package", "(package_clause (_) @name)"),
    Row(
        "import",
        f"""
        (import_spec name: (package_identifier) @bound {_PATH})
        (import_spec name: (dot) @all {_PATH})
        (import_spec name: (blank_identifier) @unbound {_PATH})
        (import_spec !name {_PATH})
        """,
    ),
)
_BASES = (
    Row(
        "embeds", f"(struct_type (field_declaration_list (field_declaration !name type: {_BASE})))"
    ),
    Row("embeds", f"(interface_type (type_elem . {_BASE} .))"),
)
_MEASURES = (
    Row("comment", "(comment) @it"),
    Row("literal", "(raw_string_literal) @it (rune_literal) @it"),
    Row(
        "branch structure",
        "(if_statement consequence: (_) @body) @it (for_statement body: (_) @body) @it",
    ),
    Row(
        "structure",
        """
        (expression_switch_statement) @it
        (type_switch_statement) @it
        (select_statement) @it
        """,
    ),
    Row(
        "branch",
        "(expression_case) @it (type_case) @it (communication_case) @it",
    ),
    Row(
        "nest",
        """
        (expression_case) @body (type_case) @body (communication_case) @body (default_case) @body
        """,
    ),
    Row("alternative", "(if_statement alternative: (_) @it)"),
    Row(
        "flat",
        """
        (goto_statement) @it
        (break_statement (label_name)) @it
        (continue_statement (label_name)) @it
        """,
    ),
    Row("branch logical", """(binary_expression operator: ["&&" "||"] @operator) @it"""),
)
_CALLS = (
    Row(
        "call",
        """
        (call_expression function: (identifier) @name)
        (call_expression function: (selector_expression field: (_) @name) @callee)
        (call_expression function: [(call_expression) (index_expression)] @callee)
        """,
    ),
)
_VARIABLES = (
    Row(
        "variable",
        f"""
        (parameter_declaration name: (identifier) @name type: {_TYPE})
        (var_spec name: (identifier) @name type: {_TYPE})
        (var_spec . name: (identifier) @name . value: (expression_list . {_MADE} .))
        (var_spec . name: (identifier) @name value: (expression_list .
            (call_expression function: [(identifier) (selector_expression)] @result_of) .))
        (short_var_declaration
            left: (expression_list . (identifier) @name .)
            right: (expression_list . {_MADE} .))
        (short_var_declaration
            left: (expression_list . (identifier) @name)
            right: (expression_list .
                (call_expression function: [(identifier) (selector_expression)] @result_of) .))
        (short_var_declaration left: (expression_list (identifier) @name))
        (range_clause left: (expression_list (identifier) @name))
        (var_spec name: (identifier) @name)
        """,
    ),
    Row("field", f"(field_declaration name: (_) @name type: {_TYPE})"),
)
_VERSION = re.compile(r"v\d+")


def _is_public(name: str) -> bool:
    return name[:1].isupper()


def _package_name(path: str) -> str | None:
    """Return the name by which a package is used, by convention: that of its folder."""
    parts = [part for part in path.split("/") if part]
    if len(parts) > 1 and _VERSION.fullmatch(parts[-1]):
        parts.pop()
    if not parts:
        return None
    name = re.sub(r"\.(?:v\d+|go)$|^go-|[-.]go$", "", parts[-1])
    return name.rpartition("-")[2].rpartition(".")[2] or None


GRAMMARS = {
    "go": Grammar(
        rows=(*_DEFINITIONS, *_IMPORTS, *_BASES, *_MEASURES, *_CALLS, *_VARIABLES),
        operator_words=frozenset(
            b"break case chan const continue default defer else fallthrough for func go goto if"
            b" import interface map package range return select struct switch type var".split()
        ),
        operators=re.compile(
            rb"<<=|>>=|&\^=|\.\.\.|&&|\|\||<-|\+\+|--|==|!=|<=|>=|:=|\+=|-=|\*=|/=|%=|&=|\|=|\^="
            rb"|<<|>>|&\^|[-+*/%&|^<>=!~:,.;({[]"
        ),
        docs=re.compile(rb"//|/\*"),
        docs_adjacent=True,
        self_names=frozenset(),
        super_names=frozenset(),
        is_public=_is_public,
        members_public=False,
        bound_by_module=_package_name,
    )
}
