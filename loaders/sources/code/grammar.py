"""A language: rows of tree-sitter patterns, each with its roles.

To add a language, write a module in `grammars/` with a `GRAMMAR`, and name it in `_MODULES`.
Everything else is shared. All rows are one query, which runs once over the tree of a content.
A pattern of a row names its nodes by captures. Never write a list of alternatives inside of
another: the inner one does not always match. The roles of a row, which may have several, are:

- Definitions: the words of `tables.SYMBOL_KINDS`. `@it` is the whole definition, `@name` its name.
  Without a name it is an anonymous function. Optional: `@parameters`; `@body`, if it is code, so
  that it has measures; `@owner`, a type to which it belongs without being inside of it; `@member`,
  if its name alone does not name it; `@alias`, a name by which it is known instead. If several
  rows match one node, the first counts.
- `returns`: `@type` is the type of the result of the definition `@it`.
- `holder`: `@it` is not a symbol, but `@name` is part of the qualified names of those inside.
  `members`: likewise, and `@name` is the type of which they are members.
- Visibility: `public` and `private`: the definition `@it` is so. `exported`: `@name` is.
- `docs_prefix`: `@it` may be between a definition and its documentation: a decorator.
- Measures: `branch` adds 1 to cyclomatic complexity, `less_branch` takes 1. `structure` adds 1
  and the nesting to cognitive complexity, and each `@body` (of statements) or `@inner` (of
  expressions) nests. `flat` adds 1. `alternative`: so does `@it`, which is after an else. If its
  type is one of `Grammar.else_ifs`, it is not a structure itself, else it nests. `logical`: `@it`
  is a logical operation with `@operator`. `nest`: `@inner` only nests, as the body of a lambda
  does.
- `tokens`: `@it` is a text between brackets that the grammar leaves as tokens. If it has a word
  of `Grammar.embedded_words`, it is parsed like a file, else `Grammar.token_marks` finds the groups
  `branch` and `call` in it.
- `comment` and `literal`: `@it` is a comment; or text that counts as one operand.
- Imports: the words of `tables.IMPORT_KINDS`. `@module`, quoted or not; `@name`, the name taken;
  `@bound`, the name that the content uses; `@default` binds the default of the module; `@all`:
  takes all names; `@types`: only for type checkers; `@unbound`: binds none. Without a name,
  `Grammar.bound_by_module` says what is bound. `otherwise`: only if no other row matches the same
  `@module`. `imports`: `Grammar.imports_of` reads `@it`, whose syntax nests.
- `package`: `@name` is the package.
- `call`: `@callee` begins with what is called, `@name` is its last name (default: the callee).
  `element`: a call if the name begins with an upper case letter or has a dot.
- Base types: the words of `tables.BASE_KINDS`. `@base`; `@of`, the type that inherits, unless it
  is around `@base`, or around `@inside`.
- Variables: `variable`: each `@name` is bound in the scope around it; `field`: in the type around
  it. Optional: `@type`, as declared or constructed; `@result_of`, a function that is called.
"""

from __future__ import annotations

import importlib
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from loaders.sources.contents.grammars import grammar_language

# Imported on first use: the parsers are not needed without files of a language.
if TYPE_CHECKING:
    from tree_sitter import Language, Node, Parser, Query

    from loaders.sources.code.facts import Import

# Grammars, and the modules of their rows.
_MODULES = {
    "bash": "bash_grammar",
    "c": "c_grammar",
    "c_sharp": "csharp_grammar",
    "cpp": "cpp_grammar",
    "go": "go_grammar",
    "java": "java_grammar",
    "javascript": "javascript_grammar",
    "php": "php_grammar",
    "ruby": "ruby_grammar",
    "rust": "rust_grammar",
    "tsx": "typescript_grammar",
    "typescript": "typescript_grammar",
}
GRAMMARS = frozenset(_MODULES)

# Quoted texts and numbers with a point: each is one operand. One group, for splitting.
LITERALS = re.compile(
    rb"""("[^"\\\n]*(?:\\.[^"\\\n]*)*"|'[^'\\\n]*(?:\\.[^'\\\n]*)*'|\d+\.\d\w*)""", re.DOTALL
)
NUMBERS = re.compile(rb"(\d+\.\d\w*)")
_LONGEST_TEXT = 300


class Row(NamedTuple):
    """A pattern of the query, and the roles of what it matches, separated by blanks."""

    roles: str
    pattern: str


def _binds_none(_module: str) -> str | None:
    return None


def _never(_name: str) -> bool:
    return False


def _as_it_is(source: bytes) -> bytes:
    return source


def _no_imports(_node: Node, _source: bytes) -> Iterator[Import]:
    return iter(())


class Grammar(NamedTuple):
    """A language: its rows, and what no pattern can say."""

    rows: tuple[Row, ...]
    # Words that are operators of Halstead's; other words are operands.
    operator_words: frozenset[bytes]
    # Operators that are not words, the longest first; closing brackets are not operators
    # (as in rust-code-analysis, each pair counts once).
    operators: re.Pattern[bytes]
    # Operands besides words and the role `literal`; NUMBERS, if that role has all texts.
    literals: re.Pattern[bytes] = LITERALS
    # The text of a comment that documents what follows.
    docs: re.Pattern[bytes] = re.compile(rb"/\*\*(?!/)")
    # Whether a blank line separates a comment from what follows.
    docs_adjacent: bool = False
    # Names of the object itself, or its class, in calls; and of what it inherits from.
    self_names: frozenset[str] = frozenset({"this"})
    super_names: frozenset[str] = frozenset({"super"})
    # The name of constructors; None: that of the type.
    constructor: str | None = None
    # Whether a name is public if none of the roles public, private and exported decides.
    is_public: Callable[[str], bool] = _never
    # Whether members of a public type are public unless they say otherwise.
    members_public: bool = True
    # Whether a name with an upper case letter that is bound nowhere is a type.
    types_by_case: bool = False
    # Calls that are imports.
    not_calls: frozenset[str] = frozenset()
    # Whether the name of a member is in scope in the members of its type.
    members_in_scope: bool = False
    # Whether an import that other files can use binds its name here as well.
    reexports_bind: bool = False
    # Names of members that, by convention, make a value of their type.
    makers: frozenset[str] = frozenset()
    # Whether a name alone, if it is bound nowhere, calls a member of the type around it.
    bare_calls_are_members: bool = False
    # Nodes among the parameters that are not parameters.
    not_parameters: frozenset[str] = frozenset({"comment"})
    # Parameters whose name is their last part.
    named_last: frozenset[str] = frozenset({"spread_parameter", "rest_pattern", "self_parameter"})
    # Field names that lead from a parameter to its name.
    parameter_fields: tuple[str, ...] = ("pattern", "left", "name")
    else_ifs: frozenset[str] = frozenset({"if_statement"})
    # See the role `tokens`.
    embedded_words: re.Pattern[bytes] | None = None
    token_marks: re.Pattern[bytes] | None = None
    # Whether modules have members as types have.
    modules_are_types: bool = False
    # Nodes among the parameters that are not parameters unless they have a name.
    unnamed_parameters: frozenset[str] = frozenset()
    # The text that the parser sees: of the same length, with the same places.
    mended: Callable[[bytes], bytes] = _as_it_is
    bound_by_module: Callable[[str], str | None] = _binds_none
    imports_of: Callable[[Node, bytes], Iterator[Import]] = _no_imports


def always(_name: str) -> bool:
    """Return that a name is public: for languages in which all are, unless they say otherwise."""
    return True


def text_of(node: Node, source: bytes) -> str:
    """Return the text of *node*, or its beginning."""
    end = min(node.end_byte, node.start_byte + _LONGEST_TEXT)
    return source[node.start_byte : end].decode("utf-8", "replace")


class Compiled(NamedTuple):
    """A grammar with its query, and the roles of each pattern of the query."""

    name: str
    grammar: Grammar
    query: Query
    roles: list[tuple[str, ...]]


@cache
def compiled(name: str) -> Compiled:
    """Return the grammar *name*, ready for use."""
    module = importlib.import_module(f"loaders.sources.code.grammars.{_MODULES[name]}")
    grammar = module.GRAMMARS[name]
    query, roles = _compile_rows(grammar_language(name), grammar.rows)
    return Compiled(name, grammar, query, roles)


@cache
def embedded_parser(name: str) -> Parser:
    """Return a parser of a grammar for parts of a content."""
    import tree_sitter

    return tree_sitter.Parser(grammar_language(name))


def _compile_rows(language: Language, rows: tuple[Row, ...]) -> tuple[Query, list[tuple[str, ...]]]:
    import tree_sitter

    rows = (*rows, Row("error", "(ERROR) @it (MISSING) @it"))
    texts = [f"{row.pattern}\n" for row in rows]
    query = tree_sitter.Query(language, "".join(texts))
    starts = [0]
    for text in texts:
        starts.append(starts[-1] + len(text.encode()))
    roles = [tuple(row.roles.split()) for row in rows]
    return query, [
        roles[bisect_right(starts, query.start_byte_for_pattern(index)) - 1]
        for index in range(query.pattern_count)
    ]
