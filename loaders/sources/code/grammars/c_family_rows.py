"""Rows that C and C++ share: definitions by declarators, measures, includes."""

from __future__ import annotations

import re

from loaders.sources.code.grammar import Row

# Words before `(` and `{` where the parser was misled: they are not names of functions.
NOT_KEYWORD = """(#not-any-of? @name
    "if" "for" "while" "switch" "else" "do" "return" "sizeof" "catch" "defined")"""


def declared(name: str, references: str) -> str:
    """Return the pattern of the declarators of functions whose name is *name*, and of pointers."""
    function = f"(function_declarator declarator: {name} parameters: (_) @parameters)"
    pointer = f"(pointer_declarator declarator: {function})"
    return f"""[
        {function}
        {pointer}
        (pointer_declarator declarator: {pointer})
        (parenthesized_declarator {function})
        (function_declarator declarator: (parenthesized_declarator {pointer}))
        {references}
    ]"""


STRUCTURES = """
    (if_statement consequence: (_) @body) @it
    (for_statement body: (_) @body) @it
    (while_statement body: (_) @body) @it
    (do_statement body: (_) @body) @it
    (conditional_expression consequence: (_) @inner alternative: (_) @inner) @it
"""
MEASURES = (
    Row("comment", "(comment) @it"),
    Row("branch structure", STRUCTURES),
    Row("structure", "(switch_statement body: (_) @body) @it"),
    Row("branch", "(case_statement value: (_)) @it"),
    Row("alternative", "(else_clause (_) @it)"),
    Row("flat", "(goto_statement) @it"),
    Row("branch logical", """(binary_expression operator: ["&&" "||"] @operator) @it"""),
    # As lizard does, because each is one more way through the function.
    Row("branch", '(preproc_if) @it (preproc_elif) @it (preproc_ifdef "#ifdef") @it'),
)
INCLUDES = (
    Row("include", "(preproc_include path: (string_literal) @module)"),
    Row("include_system", "(preproc_include path: (system_lib_string) @module)"),
)
# A function whose head is a macro: TEST("of something") { … }
_PARENTS = "translation_unit preproc_if preproc_ifdef preproc_else preproc_elif"


def macro_functions(parents: str) -> Row:
    """Return the row of functions whose head is a macro; *parents*: what they are directly in."""
    call = "(expression_statement (call_expression function: (identifier) @name))"
    return Row(
        "function",
        "\n".join(
            f'(({parent} {call} . (compound_statement) @it @body) (#match? @name "^[A-Z_0-9]+$"))'
            for parent in parents.split()
        ),
    )


MACRO_FUNCTIONS = macro_functions(_PARENTS)
OPERATORS = re.compile(
    rb"<=>|<<=|>>=|\.\.\.|->\*|->|::|==|!=|<=|>=|&&|\|\||\+\+|--|\+=|-=|\*=|/=|%=|&=|\|=|\^="
    rb"|<<|>>|##|[-+*/%&|^~!?:=<>,.;({[#@]"
)
WORDS = (
    "auto break case char const continue default do double else enum extern float for goto if"
    " inline int long register restrict return short signed sizeof static struct switch typedef"
    " union unsigned void volatile while"
)
# A comment directly above a function documents it.
DOCS = re.compile(rb"/[*/]")
# Declarators whose parts have no names in the grammar.
NAMED_LAST = frozenset({"parenthesized_declarator", "reference_declarator", "variadic_declarator"})
