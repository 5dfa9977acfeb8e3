"""The parsers of tree-sitter, each loaded on first use from a wheel that holds all it needs."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

# Not needed if nothing is parsed.
if TYPE_CHECKING:
    from tree_sitter import Language, Parser

# Grammars whose function is not `language` of the module tree_sitter_<grammar>.
_ELSEWHERE = {
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "tsx": ("tree_sitter_typescript", "language_tsx"),
    "php": ("tree_sitter_php", "language_php"),
}


@cache
def grammar_language(grammar: str) -> Language:
    """Return a grammar: javascript, typescript, tsx, go, rust, java, c, cpp, c_sharp, ruby, php
    or bash.
    """
    import tree_sitter

    module, function = _ELSEWHERE.get(grammar, (f"tree_sitter_{grammar}", "language"))
    return tree_sitter.Language(getattr(import_module(module), function)())


@cache
def parser(grammar: str) -> Parser:
    import tree_sitter

    return tree_sitter.Parser(grammar_language(grammar))
