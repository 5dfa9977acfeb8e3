"""Rows of JavaScript."""

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
    VARIABLES,
    WORDS,
    static_imports,
)

_OWN_DEFINITIONS = (
    Row("method", f"(field_definition property: {MEMBER_NAMES} value: {FUNCTION_PARTS})"),
)
_FIELDS = (
    Row(
        "field",
        """
        (field_definition property: (_) @name
            value: (new_expression constructor: [(identifier) (member_expression)] @type))
        """,
    ),
)
_BASE = "[(identifier) (member_expression)] @base"
_BASES = (Row("extends", f"(class_heritage {_BASE})"),)
GRAMMARS = {
    "javascript": Grammar(
        rows=(
            *_OWN_DEFINITIONS, *DEFINITIONS, *EXPORTS, *MEASURES, *static_imports(""), *IMPORTS,
            *CALLS, *ELEMENTS, *VARIABLES, *_FIELDS, *_BASES,
        ),
        operator_words=frozenset(WORDS.encode().split()),
        operators=OPERATORS,
        constructor="constructor",
        not_calls=frozenset({"require"}),
    )
}  # fmt: skip
