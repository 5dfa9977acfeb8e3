"""Rows of Bash and other shells."""

from __future__ import annotations

import re

from loaders.sources.code.grammar import Grammar, Row, always

_DEFINITIONS = (Row("function", "(function_definition name: (word) @name body: (_) @body) @it"),)
_MEASURES = (
    Row("comment", "(comment) @it"),
    Row("literal", "(heredoc_body) @it (string) @it (raw_string) @it (ansi_c_string) @it"),
    Row(
        "branch structure",
        """
        (if_statement) @it
        (for_statement body: (_) @body) @it
        (c_style_for_statement body: (_) @body) @it
        (while_statement body: (_) @body) @it
        (ternary_expression consequence: (_) @inner alternative: (_) @inner) @it
        """,
    ),
    Row("nest", "(if_statement (_) @inner)"),
    Row("structure", "(case_statement) @it"),
    Row("nest", "(case_item (_) @inner)"),
    # All but the default.
    Row("branch", '((case_item . value: (_) @pattern) @it (#not-eq? @pattern "*"))'),
    Row("branch flat", "(elif_clause) @it"),
    Row("flat", "(else_clause) @it"),
    Row("branch logical", """(list ["&&" "||"] @operator) @it"""),
    Row("branch logical", """(binary_expression operator: ["&&" "||"] @operator) @it"""),
)
_CALLS = (Row("call", '((command_name (word) @name) (#match? @name "^[A-Za-z_]"))'),)
_IMPORTS = (
    Row(
        "include",
        """
        ((command name: (command_name (word) @c) . argument: (_) @module)
            (#any-of? @c "source" "."))
        """,
    ),
)
_WORDS = (
    "case coproc do done elif else esac fi for function if in select then time until while"
    " declare export local readonly return shift source typeset unset"
)
_OPERATORS = re.compile(
    rb"<<<|<<-|&>>|;;&|\$\(\(|\$\(|\$\{|&&|\|\||\|&|;;|;&|>>|<<|>&|<&|&>|==|!=|=~|<=|>=|\+=|-="
    rb"|[-+*/%&|^~!?:=<>,;({[$]"
)


GRAMMARS = {
    "bash": Grammar(
        rows=(*_DEFINITIONS, *_MEASURES, *_IMPORTS, *_CALLS),
        operator_words=frozenset(_WORDS.encode().split()),
        operators=_OPERATORS,
        docs=re.compile(rb"#(?!!)"),
        docs_adjacent=True,
        self_names=frozenset(),
        super_names=frozenset(),
        is_public=always,
        not_calls=frozenset({"source"}),
    )
}
